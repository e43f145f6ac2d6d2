"""What a conclusive reading stands on: each check by itself, then all of them on every platform's pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from probes.answer import Answer
from probes.model import Ink, NoSlotsKind, Outcome, Part, Platform, Reading, Slot, Step
from probes.pages import marks
from probes.pages.contract import contradiction, deciding, held
from probes.pages.page import Page, normalise, parse
from probes.pages.received.encoding import decode
from probes.registry import PLATFORMS
from tests.cast.saved_pages import PAGES, Case, folders, load, received, target

NONE = "Aucun créneau libre pour cette demande."
FREE = "lundi 5 janvier 2026 à 9h30"
ANSWER = Answer(
    place="#reponse",
    none=(re.compile(re.escape(normalise(NONE))),),
    some=(re.compile(r"il reste \d+ créneaux"),),
    dialogs=(re.compile("tout est pris"),),
    offers="a.creneau, button.creneau",
    taken=".pris",
    furniture=(re.compile("votre demande|retour"),),
)
WATCHED = target("example", "https://www.ain.gouv.fr/page")
ZERO = Reading(outcome=Outcome.NO_SLOTS, rule="none", words=NONE, kind=NoSlotsKind.UNSPECIFIED)
FIFTH = Slot(starts_at=datetime(2026, 1, 5, 8, 30, tzinfo=UTC))
SOME = Reading(outcome=Outcome.SLOTS_OFFERED, rule="some", words=FREE, earliest=FIFTH)
LINK = f"<a class=creneau>{FREE}</a>"


def page(inside: str, outside: str = "", **more: Any) -> Page:
    """A page whose answer's place shows `inside`."""
    return parse(received(f"<h1>Titre</h1>{outside}<div id=reponse>{inside}</div>", **more))


def rule(reading: Reading, *pages: Page, **more: Any) -> str:
    """The rule of what is left of `reading`: its own if it holds."""
    found = held(reading, WATCHED, pages, ANSWER, **more)
    assert found.outcome is (reading.outcome if found.rule == reading.rule else Outcome.UNRECOGNISED)
    return found.rule


def test_a_reading_that_keeps_the_contract_is_left_as_it_is() -> None:
    for reading, shown in ((ZERO, f"<h2>Votre demande</h2><p>{NONE}</p>"), (SOME, f"{LINK}<p>Retour</p>")):
        assert held(reading, WATCHED, [page(shown)], ANSWER) == reading


def test_that_requests_are_taken_is_a_claim_too() -> None:
    requests = Reading(outcome=Outcome.REQUESTS_OPEN, rule="open", words="Il reste 3 créneaux")
    assert rule(requests, page("<p>Il reste 3 créneaux</p>")) == "open"
    assert rule(requests, page("<p>Il reste 3 créneaux</p>", settled=False)) == "restless"
    assert rule(requests, page("<p>Il reste 3 créneaux</p>", ink=())) == "not_seen"
    assert rule(requests, page("", outside="<p>Il reste 3 créneaux</p>")) == "out_of_place"


def test_a_reading_that_claims_nothing_is_left_as_it_is() -> None:
    reading = Reading(outcome=Outcome.CAPTCHA, rule="captcha", words="nowhere on the page")
    assert held(reading, WATCHED, [page("", settled=False)], ANSWER) is reading


# Settled.


@pytest.mark.parametrize("reading", [ZERO, SOME])
def test_one_page_that_did_not_stand_still_is_enough(reading: Reading) -> None:
    shown = page(NONE if reading is ZERO else LINK, settled=True)
    before = page("", url="https://www.ain.gouv.fr/avant", settled=False)
    assert rule(reading, shown) == reading.rule
    assert rule(reading, before, shown) == "restless"


# Quoted.


@given(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=40))
def test_words_that_no_page_wrote_are_no_quotation(said: str) -> None:
    shown = page(f"<p>{NONE}</p>")
    written = normalise(said) in normalise(shown.text)
    assert (rule(replace(ZERO, words=said), shown) == "not_quoted") is (not written)


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("09h30", True),
        ("lundi 5 janvier 09h30", True),
        ("mardi 6 janvier 09h30", True),
        ("lundi 09h30", False),
        ("mercredi 7 janvier 09h30", False),
        ("lundi 5 janvier 10h00", False),
    ],
)
def test_whole_lines_may_be_quoted_together(said: str, quoted: bool) -> None:
    column = "<div><h3>{}</h3><a class=creneau>09h30</a></div>"
    shown = page(column.format("lundi 5 janvier") + column.format("mardi 6 janvier"))
    assert (rule(replace(SOME, words=said), shown) == "not_quoted") is (not quoted)


def test_the_words_of_every_desk_are_quotations_too() -> None:
    parts = (
        Part(label="1", outcome=Outcome.NO_SLOTS, words=NONE),
        Part(label="2", outcome=Outcome.NO_SLOTS, words="Complet."),
    )
    assert rule(replace(ZERO, parts=parts), page(NONE)) == "not_quoted"


# Seen.


def inked(*said: str) -> tuple[Ink, ...]:
    return tuple(Ink(words=each, left=0, top=0, width=9, height=9) for each in said)


@pytest.mark.parametrize(
    ("ink", "kept"),
    [(None, True), ((NONE,), True), ((), False), (("Votre demande",), False), (("Aucun créneau",), False)],
)
def test_words_count_where_they_have_ink(ink: tuple[str, ...] | None, kept: bool) -> None:
    shown = page(NONE, ink=None if ink is None else inked(*ink))
    assert rule(ZERO, shown) == ("none" if kept else "not_seen")


def test_all_that_decided_has_ink() -> None:
    two = replace(ANSWER, none=(*ANSWER.none, re.compile("revenez plus tard.")))
    reading = replace(ZERO, words=f"{NONE} Revenez plus tard.")
    for ink, kept in (((NONE,), False), ((NONE, "Revenez plus tard."), True)):
        shown = page(f"<p>{NONE}</p><p>Revenez plus tard.</p>", ink=inked(*ink))
        assert (held(reading, WATCHED, [shown], two) == reading) is kept


def test_an_alert_was_seen_without_ink() -> None:
    shown = page("", ink=(), dialogs=("Tout est pris",))
    assert rule(replace(ZERO, words="Tout est pris"), shown) == "none"


# Uncontradicted.


@pytest.mark.parametrize(
    "pages",
    [
        [page(f"<p>{NONE}</p>{LINK}")],
        [page(NONE), page(LINK)],
        [page(LINK), page(NONE)],
        [page(NONE, outside=LINK)],
        [page(f"<p>{NONE}</p><p>Il reste 3 créneaux</p>")],
        [page(NONE), page(LINK, dialogs=("Tout est pris",))],
        [page(f"<p>{NONE}</p><button class=creneau>9h30</button>")],
    ],
)
def test_marks_of_none_and_of_some_in_one_visit_are_a_contradiction(pages: list[Page]) -> None:
    assert contradiction(pages, ANSWER) is not None
    assert rule(ZERO, *pages) == "contradiction"


def test_the_contradiction_quotes_both() -> None:
    found = contradiction([page(NONE), page(LINK)], ANSWER)
    assert found is not None
    assert (found.rule, found.words) == ("contradiction", f"{NONE} · {FREE}")


def test_desks_may_differ() -> None:
    parts = (
        Part(label="1", outcome=Outcome.NO_SLOTS, words=NONE),
        Part(label="2", outcome=Outcome.SLOTS_OFFERED, words=FREE),
    )
    assert rule(replace(SOME, parts=parts), page(NONE), page(LINK)) == "some"


TAKEN = [
    f"<a class='creneau' aria-disabled=true>{FREE}</a>",
    f"<button class='creneau' disabled>{FREE}</button>",
    f"<fieldset disabled><button class=creneau>{FREE}</button></fieldset>",
    f"<a class='creneau pris'>{FREE}</a>",
    f"<li class=pris><a class=creneau>{FREE}</a></li>",
    f"<s><a class=creneau>{FREE}</a></s>",
    f"<del><a class=creneau>{FREE}</a></del>",
    f"<a class=creneau><s>{FREE}</s></a>",
    f"<a class=creneau><del>{FREE}</del> sur demande</a>",
    f"<a class=creneau style='text-decoration: line-through'>{FREE}</a>",
    f"<div inert><a class=creneau>{FREE}</a></div>",
    f"<a class=creneau>{FREE} (complet)</a>",
    f"<a class=creneau>{FREE} – COMPLET</a>",
    f"<a class=creneau>{FREE} : indisponible</a>",
    f"<li><a class=creneau>{FREE}</a> <span class=badge>Complet</span></li>",
    f"<td><a class=creneau>{FREE}</a><br>plus disponible</td>",
    f"<div><span>Réservée</span><p><a class=creneau>{FREE}</a></p></div>",
    f"<li><label><a class=creneau>{FREE}</a></label><small>occupé</small></li>",
    f"<li><section><div><p><b><a class=creneau>{FREE}</a></b></p></div></section><i>Épuisé</i></li>",
]


@pytest.mark.parametrize("css", ["text-decoration: line-through", "pointer-events: none"])
def test_what_a_rule_strikes_out_or_shuts_off_is_no_slot(css: str) -> None:
    for selector in ("a", "#reponse", "div > .creneau:not(.libre)"):
        shown = page(f"<style>{selector} {{ {css} }}</style>{LINK}")
        assert marks.offers(shown, ANSWER) == []
        assert marks.offers(shown.unconcealed, ANSWER) != []


def test_a_sentence_that_a_rule_strikes_out_is_taken_back() -> None:
    struck = "<style>.vieux { text-decoration: line-through }</style>"
    assert rule(ZERO, page(f"{struck}<p class=vieux>{NONE}</p>")) == "unknown_line"
    assert rule(ZERO, page(f"{struck}<p>{NONE}</p>")) == "none"


def test_full_ones_beside_a_slot_say_nothing_new() -> None:
    full = "<p><a class=creneau>mardi 6 janvier à 9h (complet)</a></p><p><s><a class=creneau>10h</a></s></p>"
    assert rule(SOME, page(f"<p>{LINK}</p>{full}")) == "some"
    assert rule(ZERO, page(f"<p>{NONE}</p>{full}")) == "unknown_line"


@pytest.mark.parametrize("taken", TAKEN)
def test_what_is_taken_is_no_slot(taken: str) -> None:
    cell = f"<table><tr>{taken}</tr></table>" if taken.startswith("<td") else taken
    assert marks.offers(page(cell), ANSWER) == []
    assert contradiction([page(f"<p>{NONE}</p>{cell}")], ANSWER) is None


@pytest.mark.parametrize(
    "free",
    [
        LINK,
        f"<ul><li>{LINK}</li><li><a class=creneau>10h00</a> complet</li></ul>",
        f"<section><p>Les guichets 1 et 2 sont complets.</p><ul><li>{LINK}</li></ul></section>",
        f"<form><p>Dossier complet exigé</p><div>{LINK}</div></form>",
        f"<li>{LINK} prise de rendez-vous</li>",
        f"<div aria-disabled=false>{LINK}</div>",
    ],
)
def test_what_stands_beside_taken_ones_is_a_slot(free: str) -> None:
    assert FREE in marks.offered_words(page(free), ANSWER)


FAILED = [
    "Une erreur s'est produite lors de la lecture du calendrier (EZ-418).",
    "Une erreur technique est survenue, veuillez réessayer.",
    "Erreur : le calendrier est vide.",
    "Le calendrier n'a pas pu être chargé.",
    "Les créneaux n'ont pas pu être récupérés.",
    "Nous n'avons pas pu consulter les disponibilités.",
    "Impossible de charger les plages horaires.",
    "Le chargement des disponibilités a échoué.",
    "Vérification en cours, merci de patienter.",
    "Veuillez patienter…",
    "Recherche de créneaux en cours",
    "La connexion au serveur de rendez-vous est interrompue.",
    "Suite à un incident technique, ces informations peuvent être fausses.",
]
ELSEWHERE = [
    "Prochain créneau : lundi 1er mars 2027",
    "Votre prochaine disponibilité : 01/03/2027 à 9h",
    "3 plages horaires libres",
    "Il reste 2 rendez-vous",
    "Des rendez-vous sont disponibles à Nogent.",
    "Plus de place ici. D'autres créneaux restent disponibles à Melun.",
    "Quelques créneaux sont encore disponibles pour le motif « duplicata ».",
    "Premier rendez-vous disponible le 12/01/2026",
]
HARMLESS = [
    "Le service est indisponible le samedi 12 décembre de 8h à 12h.",
    "En cas d'erreur, une erreur s'est produite s'affiche : réessayez.",
    "Si des rendez-vous sont disponibles, la page suivante les montre.",
    "Lorsque la connexion est interrompue, recommencez.",
    "Prochaine mise en ligne de nouveaux rendez-vous : le 05/01/2026 à 09:00",
    "Il est possible que vous ne trouviez pas de place.",
    "Aucun rendez-vous ne peut être acheté.",
    "Lors de votre prochain rendez-vous, apportez 2 photos.",
    "Plages horaires d'ouverture des guichets : du lundi au vendredi.",
    "Dossier n° 502-503-504, bureau 403",
    "Il n'y a plus de rendez-vous disponible.",
]


@pytest.mark.parametrize("line", FAILED)
@pytest.mark.parametrize("reading", [ZERO, SOME])
def test_an_error_anywhere_on_the_page_takes_the_answer_back(line: str, reading: Reading) -> None:
    shown = NONE if reading is ZERO else LINK
    assert rule(reading, page(f"<p>{shown}</p>", outside=f"<p>{line}</p>")) == "contradiction"


@pytest.mark.parametrize("line", ELSEWHERE)
def test_slots_elsewhere_take_an_absence_back(line: str) -> None:
    assert rule(ZERO, page(f"<p>{NONE}</p>", outside=f"<p>{line}</p>")) == "contradiction"


@pytest.mark.parametrize("line", HARMLESS)
@pytest.mark.parametrize("reading", [ZERO, SOME])
def test_a_notice_outside_the_answers_place_changes_nothing(line: str, reading: Reading) -> None:
    shown = NONE if reading is ZERO else LINK
    assert rule(reading, page(f"<p>{shown}</p>", outside=f"<p>{line}</p>")) == reading.rule


# Whole.


BESIDE = [
    "Voici les messages que cette page peut afficher :",
    "Ceci est un exemple.",
    "Sauf pour les étudiants.",
    "(avant le 15 janvier)",
    "Message archivé le 3 novembre.",
    "Guichet 4",
    "Cette information concerne un autre motif.",
]


@pytest.mark.parametrize("line", BESIDE)
@pytest.mark.parametrize("frame", ["<p>{0}</p><p>{1}</p>", "<p>{1}</p><p>{0}</p>", "{0} {1}", "{1} {0}"])
def test_a_line_that_nobody_listed_leaves_no_answer(line: str, frame: str) -> None:
    shown = page(frame.format(NONE, line))
    assert rule(ZERO, shown) == "unknown_line"


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40))
def test_whatever_else_it_says_leaves_no_answer(line: str) -> None:
    known = normalise(line) in ("", "votre demande", "retour", normalise(NONE))
    assert (rule(ZERO, page(f"<p>{NONE}</p><p>{line}</p>")) == "none") is known


@pytest.mark.parametrize(
    "frame",
    [
        "<blockquote>{}</blockquote>",
        "<p>« <q>{}</q> »</p>",
        "<q>{}</q>",
        "<p><del>{}</del></p>",
        "<s>{}</s>",
        "<textarea>{}</textarea>",
        "<pre>{}</pre>",
        "<select><option>{}</option></select>",
        "<p>« {} »</p>",
        "<table><tr><td>12/11/2025</td><td>{}</td></tr></table>",
        "<p>On vous dit : {}</p>",
    ],
)
def test_a_sentence_that_is_quoted_or_struck_is_not_said(frame: str) -> None:
    assert rule(ZERO, page(frame.format(NONE))) in ("unknown_line", "not_quoted")


def test_a_place_within_a_quotation_is_quoted() -> None:
    shown = parse(received(f"<blockquote><div id=reponse>{NONE}</div></blockquote>"))
    assert rule(ZERO, shown) == "unknown_line"


def test_furniture_may_be_quoted() -> None:
    assert rule(ZERO, page(f"<p>{NONE}</p><select><option>Retour</option></select>")) == "none"


def test_words_outside_the_answers_place_are_no_answer() -> None:
    assert rule(ZERO, page("<p>Votre demande</p>", outside=f"<p>{NONE}</p>")) == "out_of_place"
    assert rule(SOME, page("", outside=LINK)) == "out_of_place"


def test_a_person_can_accept_a_line() -> None:
    shown = page(f"<p>{NONE}</p><p>Bienvenue à l’accueil</p>")
    assert rule(ZERO, shown) == "unknown_line"
    assert rule(ZERO, shown, accepted=frozenset({"bienvenue à l'accueil"})) == "none"


def test_the_place_may_be_several_elements() -> None:
    spread = replace(ANSWER, place="h2, h2 ~ *", none=(re.compile("rien de libre. revenez demain."),))
    shown = parse(received("<h2>Votre demande</h2><p>Rien de libre.</p><div><p>Revenez demain.</p></div>"))
    reading = replace(ZERO, words="Rien de libre. Revenez demain.")
    assert held(reading, WATCHED, [shown], spread) == reading


# In time.


def offering(day: date) -> Reading:
    return replace(SOME, earliest=Slot(starts_at=datetime(day.year, day.month, day.day, 9, tzinfo=UTC)))


@given(st.integers(-4_000, 4_000))
def test_a_slot_lies_between_today_and_three_years_from_now(days: int) -> None:
    seen = date(2025, 12, 20)
    day = seen + timedelta(days=days)
    kept = seen <= day <= date(2028, 12, 20)
    assert (rule(offering(day), page(LINK)) == "some") is kept


@pytest.mark.parametrize(
    "wrong", [date(2025, 12, 19), date(2020, 3, 2), date(2029, 1, 1), date(2099, 12, 31)]
)
def test_one_date_that_cannot_be_true_makes_all_doubtful(wrong: date) -> None:
    instant = datetime(wrong.year, wrong.month, wrong.day, 9, tzinfo=UTC)
    assert rule(replace(SOME, second=Slot(starts_at=instant)), page(LINK)) == "out_of_time"
    assert rule(SOME, page(LINK), dates=[FIFTH, Slot(starts_at=instant)]) == "out_of_time"
    assert rule(SOME, page(LINK), dates=[FIFTH]) == "some"


def test_three_years_after_a_leap_day_end_with_february() -> None:
    leap = received(f"<div id=reponse>{LINK}</div>")
    shown = parse(replace(leap, started_at=datetime(2028, 2, 29, 12, tzinfo=UTC)))
    assert rule(offering(date(2031, 2, 28)), shown) == "some"
    assert rule(offering(date(2031, 3, 1)), shown) == "out_of_time"


# Every platform.


CASES = [case for case in map(load, folders(PAGES)) if case.platform in {each.name for each in PLATFORMS}]
BY_NAME = {each.name: each for each in PLATFORMS}


def read(case: Case, steps: Sequence[Step]) -> Reading:
    return BY_NAME[case.platform].read(case.target, replace(case.capture, steps=tuple(steps)))


def conclusive(platform: Platform) -> list[Case]:
    """The saved visits in which `platform` finds slots or none."""
    if platform.answer == Answer(place="body"):
        pytest.skip("this platform names no place of its answer")
    return [
        case
        for case in CASES
        if case.platform == platform.name and read(case, case.capture.steps).outcome.conclusive
    ]


def every_step(case: Case, **changes: Any) -> Iterator[tuple[Step, ...]]:
    """The visit with each of its steps changed in turn."""
    steps = case.capture.steps
    for n, step in enumerate(steps):
        yield (*steps[:n], replace(step, **changes), *steps[n + 1 :])


each_platform = pytest.mark.parametrize("platform", PLATFORMS, ids=lambda each: each.name)


@pytest.mark.slow
@each_platform
def test_a_page_that_moved_is_never_conclusive(platform: Platform) -> None:
    for case in conclusive(platform):
        for steps in every_step(case, settled=False):
            assert not read(case, steps).outcome.conclusive, case.name


@pytest.mark.slow
@each_platform
def test_words_without_ink_are_never_conclusive(platform: Platform) -> None:
    for case in conclusive(platform):
        unseen = [replace(step, ink=(), dialogs=()) for step in case.capture.steps]
        assert not read(case, unseen).outcome.conclusive, case.name


@pytest.mark.slow
@each_platform
def test_the_words_that_a_session_looks_for_are_all_that_a_reading_needs(platform: Platform) -> None:
    for case in conclusive(platform):
        steps = [
            step
            if parse(step).is_data
            else replace(step, settled=True, ink=inked(*deciding(platform.answer, step)))
            for step in case.capture.steps
        ]
        assert read(case, steps) == read(case, case.capture.steps), case.name


def with_line(platform: Platform, step: Step, line: str) -> Step:
    """`step` with one more line in the answer's place; as it is if it has no such place."""
    places = marks.placed(parse(step), platform.answer)
    if not places:
        return step
    tree = LexborHTMLParser(step.rendered or decode(step))
    # A heading holds no further line: one of the place's other elements does.
    holding = next((one for one in places if one.tag not in ("h2", "table", "p")), places[0])
    place = next((node for node in tree.css(platform.answer.place) if node.html == holding.html), None)
    into = place or tree.css_first(platform.answer.place)
    assert into is not None
    (added,) = LexborHTMLParser(f"<p>{line}</p>").css("p")
    into.insert_child(added) if into.tag not in ("h2", "table", "p") else into.insert_after(added)
    markup = tree.html or ""
    return replace(step, body=markup.encode(), rendered=step.rendered and markup, headers=())


@pytest.mark.slow
@each_platform
@pytest.mark.parametrize("line", BESIDE)
def test_a_line_that_no_platform_listed_is_never_conclusive(platform: Platform, line: str) -> None:
    tried = 0
    for case in conclusive(platform):
        before = read(case, case.capture.steps)
        steps = [with_line(platform, step, line) for step in case.capture.steps]
        # An alert or data decided; or a page on which the préfecture writes freely.
        if steps == list(case.capture.steps) or before.rule == "calendar_step":
            continue
        if any(before.words in each for step in steps for each in step.dialogs):
            continue
        tried += 1
        assert not read(case, steps).outcome.conclusive, case.name
    if not tried:
        pytest.skip("this platform's answers are alerts or data, or it never names slots")
