"""The classic module as the field guide describes it: conditions, then a sentence or a calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from probes.model import Outcome
from tests.adversary.hiding import HIDDEN, LATE, SAID_WITHOUT_MEANING, answered_late, replaced
from tests.cast.lie import NONE, NOTHING, SOME, Lie, Scene, Served

NO_PLACE = (
    "<p>Il n'existe plus de plage horaire libre pour votre demande de rendez-vous. "
    "Veuillez recommencer ultérieurement.</p>"
)
NO_CALENDAR = (
    "<ul class='error'><li>Il n'y a pas calendrier disponible pour effectuer une demande de rendez-vous. "
    "Veuillez réessayer ultérieurement.</li></ul>"
)
END = "<div id='submit_Booking'><input type='submit' class='Bbutton' name='finishButton' value='Terminer'></div>"
NEXT = "<div id='submit_Booking'><input type='submit' class='Bbutton' name='nextButton' value='Etape suivante'></div>"
START = (
    "<div id='condition_Booking'><p>Compte tenu de la demande, il est possible que vous ne trouviez pas de place.</p>"
    "<input type='checkbox' id='condition' name='condition'><label for='condition'>Veuillez cocher la case pour "
    "accepter les conditions d'utilisation avant de continuer le processus de prise de rendez-vous.</label></div>"
    "<div id='submit_Booking'><input type='submit' class='Bbutton' name='nextButton' "
    "value='Effectuer une demande de rendez-vous'></div>"
)
FREE_DAY = datetime(2027, 1, 11, 9, 30, tzinfo=UTC)
NUMBER = "5143"
BASE = f"/booking/create/{NUMBER}"


def page(inner: str, step: str, scene: Scene | None = None, *, head: str = "", outside: str = "") -> bytes:
    """A page of the module around a form."""
    extra = scene.head if scene else ""
    return (
        f"<!DOCTYPE html><html lang='fr'><head><meta charset='utf-8'><title>Titre de séjour - Les services de "
        f"l'État en Vaux</title>{head}{extra}</head><body><header><p>Préfecture de Vaux</p></header>{outside}"
        f"<ul><li>Prise de rendez-vous</li><li>Descriptif</li><li>Choix d'une plage</li></ul>"
        f"<div id='inner_Booking'><h2>{step}</h2><form id='FormBookingCreate' name='create' method='post' "
        f"action='{BASE}/0'>{inner}</form></div><footer><p>Du lundi au vendredi</p></footer></body></html>"
    ).encode()


def visit(
    answer: Served, *, at: int, more: Mapping[str, Served] | None = None
) -> dict[tuple[str, str], Served]:
    """Conditions first; then step `at`, which is `answer`, also for the calendar's weeks."""
    start = Served(body=page(START, "Conditions"))
    pages = {
        ("GET", BASE): start,
        ("GET", f"{BASE}/0"): start,
        ("POST", f"{BASE}/0"): Served(sends=f"{BASE}/{at}"),
        ("GET", f"{BASE}/{at}"): answer,
    }
    return pages | {("GET", path): served for path, served in (more or {}).items()}


def calendar(*days: datetime, full: bool = False) -> str:
    """A week with these free hours, or with none but full ones, and the legend that always says « libre »."""
    cells = "".join(
        f"<td class='status-1 free'><a href='{BASE}/5/{int(day.timestamp())}'>libre</a></td>" for day in days
    )
    cells += "<td class='status-0 full'>complet</td>" if full or days else ""
    return (
        "<table><tr><th colspan='7'>Semaine du 11 janvier 2027</th></tr>"
        f"<tr>{cells}</tr></table><p>Légende</p><ul><li>libre</li><li>complet</li></ul>"
    )


def lie(
    name: str,
    why: str,
    accept: frozenset[Outcome],
    scene: Scene,
    *,
    at: int = 2,
    button: str | None = None,
    **more: Any,
) -> Lie:
    """A case whose step `at` shows `scene` in its form."""
    if button is None:
        button = NEXT if at > 2 else END
    step = "Choix d'une plage horaire" if at > 2 else "Vérification de disponibilité"
    answer = Served(body=page(scene.html + button, step, scene))
    return Lie(
        name=f"classic: {name}",
        platform="classic",
        why=why,
        accept=accept,
        start=BASE,
        pages=visit(answer, at=at, more=scene.more),
        **more,
    )


def lies() -> Iterator[Lie]:
    """Every lie of the module."""
    for what, html in (("none", NO_PLACE), ("no calendar", NO_CALENDAR)):
        yield lie(what, "the sentence stands in its place", NONE, Scene(html=html))
        for name, trick in HIDDEN.items():
            yield lie(f"{what}, {name}", "nobody sees the sentence", NOTHING, trick(html))
        for name, trick in SAID_WITHOUT_MEANING.items():
            yield lie(f"{what}, {name}", "the sentence is no answer here", NOTHING, trick(html))
        yield from _late(what, html)
    yield from _contradictions()
    yield from _calendars()
    yield from _desks()
    yield from _encodings()


def _late(what: str, html: str) -> Iterator[Lie]:
    three = "<p>3 plages horaires libres</p>"
    for ms in (50, 300, 1200, 3000):
        yield lie(
            f"{what}, replaced after {ms} ms",
            "the sentence is a placeholder",
            NOTHING,
            replaced(ms, html, three),
        )
        yield lie(
            f"{what}, said after {ms} ms",
            "the page waits before it answers",
            NONE | NOTHING,
            replaced(ms, "<p>Chargement…</p>", html),
        )
    for late in LATE:
        yield lie(
            f"{what}, replaced by a request {late} s late",
            "a placeholder",
            NOTHING,
            answered_late(late, html, three),
        )


def _contradictions() -> Iterator[Lie]:
    week = calendar(FREE_DAY)
    yield lie("both, one after the other", "the page says both", NOTHING, Scene(html=NO_PLACE + week))
    yield lie("both, on the calendar", "the page says both", NOTHING, Scene(html=NO_PLACE + week), at=4)
    yield lie(
        "no calendar on step 3",
        "« Etape suivante » beside « il n'y a pas »",
        NONE | NOTHING,
        Scene(html=NO_CALENDAR),
        at=3,
    )
    yield lie(
        "no calendar on step 4", "nothing free, and said so", NONE | NOTHING, Scene(html=NO_CALENDAR), at=4
    )
    yield lie(
        "an error on step 3",
        "an error tells nothing",
        NOTHING,
        Scene(html="<ul class='error'><li>Une erreur est survenue.</li></ul>"),
        at=3,
    )


def _calendars() -> Iterator[Lie]:
    later = FREE_DAY + timedelta(days=2)
    yield lie(
        "a free hour", "one hour is free", SOME, Scene(html=calendar(FREE_DAY)), at=4, earliest=FREE_DAY
    )
    yield lie(
        "two free hours",
        "two hours are free",
        SOME,
        Scene(html=calendar(later, FREE_DAY)),
        at=4,
        earliest=FREE_DAY,
    )
    yield lie(
        "a full week",
        "no hour is free, more weeks unknown",
        NONE | NOTHING,
        Scene(html=calendar(full=True)),
        at=4,
    )
    past = datetime(2020, 3, 2, 9, tzinfo=UTC)
    yield lie("an hour long ago", "that day is over", NOTHING, Scene(html=calendar(past)), at=4)
    far = datetime(2099, 12, 31, 9, tzinfo=UTC)
    yield lie("an hour in 2099", "nobody books so far ahead", NOTHING, Scene(html=calendar(far)), at=4)
    for name, trick in HIDDEN.items():
        yield lie(
            f"a free hour, {name}",
            "nobody sees the calendar",
            NOTHING,
            trick(calendar(FREE_DAY)),
            at=4,
            button="",
        )
    for change, why in (
        (
            (
                "class='status-1 free'><a",
                "class='status-1 free' aria-disabled='true'><a aria-disabled='true'",
            ),
            "disabled",
        ),
        ((">libre</a>", "><s>libre</s> complet</a>"), "struck"),
        ((">libre</a>", ">complet</a>"), "full"),
    ):
        html = calendar(FREE_DAY).replace(*change)
        yield lie(
            f"a free hour that is {why}",
            f"the hour is {why}",
            NOTHING | NONE,
            Scene(html=html),
            at=4,
            button="",
        )


DESKS = {"4101": "Guichet A", "4102": "Guichet B", "4103": "Guichet C"}


def _choice(*, disabled: str = "") -> bytes:
    rows = "".join(
        f"<p class='Bligne'><input type='radio' class='radio' name='planning' id='planning{number}' value='{number}'"
        f"{' disabled' if number == disabled else ''}><label for='planning{number}'>{label}</label></p>"
        for number, label in DESKS.items()
    )
    fields = f"<fieldset id='fchoix_Booking'><legend>Que souhaitez-vous effectuer ?</legend>{rows}</fieldset>{NEXT}"
    return page(fields, "Choix de la nature du rendez-vous").replace(
        f"{BASE}/0".encode(), f"{BASE}/1".encode()
    )


def _desks() -> Iterator[Lie]:
    """Three desks that all lead to one answer: the stand-in site does not tell them apart."""
    for name, html, at, accept in (
        ("none at all", NO_PLACE, 2, NONE),
        ("a free hour at each", calendar(FREE_DAY), 4, SOME),
        ("an error at each", "<ul class='error'><li>Erreur</li></ul>", 2, NOTHING),
    ):
        one = lie(f"three desks, {name}", "every desk says the same", accept, Scene(html=html), at=at)
        choice = Served(body=_choice())
        desks = {
            ("POST", f"{BASE}/0"): Served(sends=f"{BASE}/1"),
            ("GET", f"{BASE}/1"): choice,
            ("POST", f"{BASE}/1"): Served(sends=f"{BASE}/{at}"),
        }
        yield replace(one, pages={**one.pages, **desks})
    shut = lie(
        "three desks, one cannot be chosen",
        "the others say none; that one was not asked",
        NONE | NOTHING,
        Scene(html=NO_PLACE),
    )
    desks = {
        ("POST", f"{BASE}/0"): Served(sends=f"{BASE}/1"),
        ("GET", f"{BASE}/1"): Served(body=_choice(disabled="4102")),
        ("POST", f"{BASE}/1"): Served(sends=f"{BASE}/2"),
    }
    yield replace(shut, pages={**shut.pages, **desks})


def _encodings() -> Iterator[Lie]:
    """One page in the encodings that servers send, rightly and wrongly declared."""
    html = page(NO_PLACE + END, "Vérification de disponibilité").decode()
    for name, body, kind in (
        ("UTF-8 with a BOM, declared as Latin 1", html.encode("utf-8-sig"), "text/html; charset=iso-8859-1"),
        (
            "Windows-1252",
            html.replace("utf-8", "windows-1252").encode("cp1252"),
            "text/html; charset=windows-1252",
        ),
        ("UTF-16 with a BOM", html.encode("utf-16"), "text/html"),
        ("no content type", html.encode(), ""),
        (
            "a long comment at the end",
            html.encode() + b"<!-- " + b"x" * 6000 + b" -->",
            "text/html; charset=utf-8",
        ),
        (
            "invisible signs inside",
            html.replace("plus de", "plus\u200e de").encode(),
            "text/html; charset=utf-8",
        ),
        ("no-break spaces", html.replace("plus de", "plus\u00a0de").encode(), "text/html; charset=utf-8"),
    ):
        one = lie(f"none in {name}", "browsers show the sentence", NONE, Scene(html=NO_PLACE))
        yield replace(one, pages={**one.pages, ("GET", f"{BASE}/2"): Served(body=body, kind=kind)})
    for name, cut in (("half", 2), ("a third", 3)):
        one = lie(f"none, cut after {name}", "the page is not whole", NOTHING, Scene(html=NO_PLACE))
        body = html.encode()[: len(html) * (cut - 1) // cut]
        yield replace(
            one, pages={**one.pages, ("GET", f"{BASE}/2"): Served(body=body)}, accept=NOTHING | NONE
        )
