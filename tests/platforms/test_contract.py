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

from probes.answer import Answer, InHtml
from probes.model import (
    AcceptedLine,
    Capture,
    Ink,
    LinkedSheet,
    NoSlotsKind,
    Outcome,
    Part,
    Platform,
    Precision,
    Reading,
    Slot,
    Step,
    Transport,
)
from probes.pages import marks
from probes.pages import seen as seen_words
from probes.pages.contract import contradiction, held
from probes.pages.page import Page, normalise, parse
from probes.pages.received.encoding import decode
from probes.pages.seen import certain, decided, deciding
from probes.registry import PLATFORMS
from tests.cast.saved_pages import PAGES, Case, folders, load, received, target

NONE = "Aucun créneau libre pour cette demande."
FREE = "lundi 5 janvier 2026 à 9h30"
ANSWER = Answer(
    in_html=InHtml(stands=True, reason="The server writes it."),
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


def rule(reading: Reading, *pages: Page, transport: Transport = Transport.HTTP, **more: Any) -> str:
    """The rule of what is left of `reading`: its own if it holds."""
    found = held(reading, WATCHED, pages, ANSWER, transport=transport, **more)
    assert found.outcome is (reading.outcome if found.rule == reading.rule else Outcome.UNRECOGNISED)
    return found.rule


UNDECLARED = replace(ANSWER, in_html=None)
DRAWN_BY_SCRIPT = replace(ANSWER, in_html=InHtml(stands=False, reason="A script draws it."))


@pytest.mark.parametrize("answer", [UNDECLARED, DRAWN_BY_SCRIPT], ids=["undeclared", "elsewhere"])
@pytest.mark.parametrize(("said", "shown"), [(ZERO, f"<p>{NONE}</p>"), (SOME, LINK)], ids=["none", "some"])
def test_over_http_nothing_is_concluded_unless_the_answer_is_declared_to_stand_in_the_html(
    answer: Answer, said: Reading, shown: str
) -> None:
    over_http = held(said, WATCHED, [page(shown)], answer, transport=Transport.HTTP)
    assert (over_http.outcome, over_http.rule) == (Outcome.UNRECOGNISED, "not_in_html")
    assert over_http.words == said.words
    assert held(said, WATCHED, [page(shown)], answer, transport=Transport.BROWSER) == said


def test_a_reading_that_keeps_the_contract_is_left_as_it_is() -> None:
    for reading, shown in ((ZERO, f"<h2>Votre demande</h2><p>{NONE}</p>"), (SOME, f"{LINK}<p>Retour</p>")):
        assert held(reading, WATCHED, [page(shown)], ANSWER, transport=Transport.HTTP) == reading


def test_that_requests_are_taken_is_a_claim_too() -> None:
    requests = Reading(outcome=Outcome.REQUESTS_OPEN, rule="open", words="Il reste 3 créneaux")
    assert rule(requests, page("<p>Il reste 3 créneaux</p>")) == "open"
    assert rule(requests, page("<p>Il reste 3 créneaux</p>", settled=False)) == "restless"
    assert rule(requests, page("<p>Il reste 3 créneaux</p>", ink=())) == "not_seen"
    assert rule(requests, page("", outside="<p>Il reste 3 créneaux</p>")) == "out_of_place"


def test_a_reading_that_claims_nothing_is_left_as_it_is() -> None:
    reading = Reading(outcome=Outcome.CAPTCHA, rule="captcha", words="nowhere on the page")
    assert held(reading, WATCHED, [page("", settled=False)], ANSWER, transport=Transport.HTTP) is reading


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


def test_a_button_or_a_label_may_be_quoted_and_the_rest_of_a_cut_line_may_not_be_guessed() -> None:
    button = page("<input type=submit class=creneau value='Choisir 9h30'>")
    labelled = page("<a class=creneau aria-label='Choisir 9h30'></a>")
    offers = replace(ANSWER, offers=f"{ANSWER.offers}, input.creneau")
    for shown in (button, labelled):
        assert (
            held(replace(SOME, words="Choisir 9h30"), WATCHED, [shown], offers, transport=Transport.HTTP).rule
            == "some"
        )
    assert rule(replace(ZERO, words=f"{NONE[:-1]}…"), page(NONE)) == "not_quoted"


@pytest.mark.parametrize(("said", "kept"), [('{"days": []}', True), ('"days": [1]', False)])
def test_of_data_its_own_text_is_quoted(said: str, *, kept: bool) -> None:
    data = parse(received('{"days": []}'))
    assert (rule(replace(ZERO, words=said), data) == "none") is kept


def test_the_words_of_a_desk_that_did_not_answer_are_no_claim() -> None:
    parts = (
        Part(label="1", outcome=Outcome.SITE_DOWN, words="connection reset by peer"),
        Part(label="2", outcome=Outcome.SLOTS_OFFERED, words=FREE),
    )
    assert rule(replace(SOME, parts=parts), page(LINK)) == "some"


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
        assert (held(reading, WATCHED, [shown], two, transport=Transport.HTTP) == reading) is kept


def test_a_part_of_an_inked_element_has_ink() -> None:
    shown = page("<a class=creneau>lundi 9h30 libre</a>", ink=inked("lundi 9h30 libre"))
    assert rule(replace(SOME, words="9h30"), shown) == "some"
    assert rule(replace(SOME, words="9h30"), page(LINK, ink=())) != "some"


def test_a_session_looks_for_the_first_sixty_words() -> None:
    links = [f"<a class=creneau>{n // 60}h{n % 60:02}</a>" for n in range(600, 700)]
    found = deciding(ANSWER, page("".join(links)).step)
    assert (len(found), found[0], found[-1]) == (60, "10h00", "10h59")


def test_words_inside_other_words_do_not_count() -> None:
    hours = replace(ANSWER, offers="b")
    reading = replace(SOME, words="19 h")
    shown = page("<p><b>9 h</b></p><p><b>19 h</b></p>", ink=inked("19 h"))
    assert held(reading, WATCHED, [shown], hours, transport=Transport.HTTP) == reading


# Where they were seen.


def at(words: str, top: int = 0, places: int = 1) -> Ink:
    return Ink(words=words, left=0, top=top, width=9, height=9, places=places)


def seen(*ink: Ink, **known: Any) -> Capture:
    """A visit of two pages; its picture is of the second, where `ink` was measured."""
    first = replace(received("<p>Accueil</p>"), n=0, ink=(at(NONE, top=500),))
    second = replace(received(NONE), n=1, ink=ink)
    said: dict[str, Any] = {
        "transport": Transport.BROWSER,
        "steps": (first, second),
        "screenshot": b"-",
        "pictured": 1,
    }
    return Capture(**said | known)


def test_the_words_that_decided_are_where_their_ink_is_on_the_page_of_the_picture() -> None:
    assert decided(ZERO, seen(at("Retour"), at(NONE, top=90))) == (at(NONE, top=90),)
    assert decided(ZERO, seen(at("AUCUN  créneau libre\u00a0pour cette demande."))) != ()
    assert decided(replace(ZERO, words=f"Titre {NONE}"), seen(at(NONE))) == (at(NONE),)
    assert decided(replace(ZERO, words="Aucun créneau"), seen(at(NONE))) == (at(NONE),)


@pytest.mark.parametrize("known", [{"pictured": None}, {"pictured": 2}, {"steps": ()}])
def test_nobody_knows_where_words_stand_on_a_picture_of_another_page(known: dict[str, Any]) -> None:
    assert decided(ZERO, seen(at(NONE), **known)) == ()


def test_where_no_ink_was_measured_no_place_is_known() -> None:
    unmeasured = replace(seen().steps[1], ink=None)
    assert decided(ZERO, seen(steps=(unmeasured,))) == ()


def test_what_concludes_nothing_has_no_deciding_words() -> None:
    assert decided(Reading(outcome=Outcome.CLOSED, rule="closed", words=NONE), seen(at(NONE))) == ()


def test_the_place_of_an_hour_that_stands_in_several_is_not_known() -> None:
    assert decided(SOME, seen(at(FREE))) == (at(FREE),)
    assert decided(SOME, seen(at(FREE, places=2))) == ()
    # Any place of a sentence that says « none » says the same.
    assert decided(ZERO, seen(at(NONE, places=2))) == (at(NONE, places=2),)


def test_a_part_of_a_word_is_no_place_of_it() -> None:
    assert decided(replace(SOME, words="19 h"), seen(at("9 h"), at("19 h", top=5))) == (at("19 h", top=5),)


def test_the_words_of_each_desk_with_the_same_answer_are_places_too() -> None:
    parts = (
        Part(label="1", outcome=Outcome.NO_SLOTS, words="Complet"),
        Part(label="2", outcome=Outcome.SLOTS_OFFERED, words=FREE),
    )
    ink = (at("Complet"), at(FREE, top=9))
    assert decided(replace(ZERO, parts=parts), seen(*ink)) == ink[:1]
    assert decided(replace(SOME, parts=parts), seen(*ink)) == ink[1:]


def test_an_alert_was_seen_without_ink() -> None:
    shown = page("", ink=(), dialogs=("Tout est pris",))
    assert rule(replace(ZERO, words="Tout est pris"), shown) == "none"


def test_one_page_with_a_part_that_was_not_read_is_enough() -> None:
    unread = page(NONE, sheets=(LinkedSheet(url="https://www.ain.gouv.fr/a.css", text=None),))
    for pages, kept in (([page(NONE)], True), ([unread], False), ([page(NONE), unread], False)):
        assert rule(ZERO, *pages) == ("none" if kept else "unread_parts")
    beside = page("<p>Retour</p>", sheets=unread.step.sheets, url="https://www.ain.gouv.fr/avant")
    assert rule(ZERO, beside, page(NONE)) == "none"


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


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Guichet B (14 plages libres)", "contradiction"),
        ("Créneaux disponibles (3)", "contradiction"),
        ("Créneaux disponibles : 12", "contradiction"),
        ("Il reste 2 rendez-vous", "contradiction"),
        ("Guichet A (0 plage libre)", "none"),
        ("Créneaux disponibles (0)", "none"),
        ("Les prochaines plages seront mises en ligne le 7 décembre", "none"),
    ],
)
def test_what_a_page_before_none_promises_contradicts_it(said: str, expected: str) -> None:
    before = parse(received(f"<h1>Titre</h1><label>{said}</label>"))
    assert rule(ZERO, before, page(NONE)) == expected


def test_what_a_page_before_none_says_of_slots_must_be_known() -> None:
    said = "Ce module n'est pas encore relié aux agendas des guichets."
    before = parse(received(f"<h1>Titre</h1><p>{said}</p>"))
    assert rule(ZERO, before, page(NONE)) != "none"


@pytest.mark.parametrize(
    "badge", ["Démo", "démonstration", "Recette", "Bac à sable", "Préproduction", "PREPROD"]
)
@pytest.mark.parametrize("tag", ["span", "sup", "small", "b"])
def test_a_badge_beside_the_name_of_a_site_may_say_that_it_is_a_test(badge: str, tag: str) -> None:
    said = f"<p>Préfecture de Vaux <{tag}>{{}}</{tag}></p>"
    assert rule(ZERO, page(NONE, outside=said.format(badge))) == "contradiction"
    assert rule(ZERO, page(NONE, outside=said.format("Nouveau"))) == "none"


@pytest.mark.parametrize(
    "said", ["Fatal error: Uncaught exception in planning.php", "Query error: lost connection", "Erreur 7"]
)
def test_what_a_server_writes_when_it_fails_takes_the_answer_back(said: str) -> None:
    assert rule(ZERO, page(NONE, outside=f"<b>{said}</b>")) == "contradiction"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (("age", "345600"), "out_of_date"),
        (("age", "600"), "none"),
        (("age", "soon"), "none"),
        (("date", "Mon, 01 Jan 2024 00:00:00 GMT"), "out_of_date"),
        (("date", "yesterday"), "none"),
    ],
)
def test_a_page_from_a_cache_is_no_answer_of_today(header: tuple[str, str], expected: str) -> None:
    shown = f"<h1>Titre</h1><div id=reponse><p>{NONE}</p></div>"
    assert rule(ZERO, parse(replace(received(shown), headers=(header,)))) == expected


TOLD_ELSEWHERE = [
    "Votre session a expiré.",
    "NE PLUS UTILISER - ancien formulaire fermé le 1er octobre 2026",
    "Le module de rendez-vous ne répond plus depuis ce matin.",
    "Le module est en panne depuis lundi.",
    "Le service est interrompu ; retour prévu le lundi 30 novembre.",
    "La prise de rendez-vous est suspendue jusqu'au lundi 7 décembre 2026.",
    "Un créneau vient d'être libéré pour le 9 décembre à 10h15.",
    "De nouveaux créneaux sont disponibles dès maintenant, d'autres seront ajoutés chaque lundi.",
    "Les créneaux mis en ligne chaque lundi sont encore nombreux aujourd'hui.",
    "Prochaine date disponible : mardi 15 décembre 2026.",
    "Le code de sécurité saisi est incorrect.",
    "De nouveaux créneaux sont disponibles depuis 9h.",
    "De nouveaux créneaux viennent d'être mis en ligne : actualisez la page.",
    "200 créneaux supplémentaires ouverts aujourd'hui à 9h.",
    "Recherche limitée à la semaine du 30/11/2026.",
    "Date recherchée : 15/03/2027",
    "Votre demande n'a pas pu être envoyée.",
    "Créneaux du guichet n° 2 uniquement.",
    "Ces créneaux sont réservés aux dossiers prioritaires.",
    "Vous ne remplissez pas les conditions pour réserver un rendez-vous.",
    "Les horaires ci-dessous sont ceux de la démarche Naturalisation.",
    "Connectez-vous pour voir les créneaux qui vous sont réservés.",
    "Les rendez-vous de décembre sont proposés sur une page dédiée.",
    "Vous consultez une copie de sauvegarde de cette page.",
    "Connexion perdue. Vous consultez cette page hors ligne.",
    "Pour voir tous les horaires, activez JavaScript dans votre navigateur.",
    "La prise de rendez-vous se fait désormais sur une autre page.",
    "Dernière synchronisation des agendas : 3 mars 2026 à 09h00",
    "Dernière mise à jour des disponibilités : 3 mars 2026",
    "Vous êtes en mode prévisualisation.",
    "Cette démarche n'est plus gérée par ce module depuis le 2 novembre.",
    "Vous avez été déconnecté.",
    "Vous avez atteint le nombre maximum de consultations pour aujourd'hui.",
    "Votre accès est limité en raison d'une activité inhabituelle.",
    "Les visiteurs suspects ne voient aucun créneau.",
    "Certaines disponibilités peuvent ne pas apparaître.",
    "Le service de planning n'a pas répondu à temps.",
    "Délai dépassé.",
    "Mode dégradé.",
    "Vous êtes hors ligne.",
    "Vous consultez une version de secours du site.",
    "Cette page a été archivée et n'est plus mise à jour.",
    "Affichage limité aux 7 prochains jours.",
    "Seul le site de Créteil est interrogé.",
    "Plages disponibles au guichet B : 14",
    "De nouvelles plages viennent d'être ouvertes !",
    "Premier rendez-vous : 07/12/2026 09:00",
    "Plateforme d'intégration - ne pas utiliser",
    "Code erreur : BK-204",
    "ORA-01017: invalid username/password",
    "could not connect to database",
    "Chargement des autres guichets…",
    "Tous les rendez-vous de décembre et de janvier ont été pris.",
]
NO_NEWS = [
    "Les plages horaires sont ouvertes trois semaines à l'avance.",
    "Les agendas sont rechargés chaque jour à midi.",
    "Plages horaires d'ouverture des guichets : du lundi au vendredi.",
    "Le planning est mis à jour chaque matin.",
    "De nouveaux créneaux seront ouverts en janvier.",
    "Choisissez un créneau",
    "Choix d'une plage horaire",
    "Aucun créneau n'est réservable par téléphone.",
    "Si des créneaux se libèrent, ils apparaissent ici.",
    "Arrivez dix minutes avant votre créneau.",
    "Le module est fermé la nuit.",
    "Compte tenu du nombre de demandes, il est possible que vous ne trouviez pas de place.",
    "Des plages sont ajoutées chaque jour.",
    "Un créneau affiché peut ne plus être libre au clic suivant.",
    "Une demande par courrier n'est plus assurée.",
]


@pytest.mark.parametrize("said", TOLD_ELSEWHERE)
@pytest.mark.parametrize("where", ["<div class=alert><p>{}</p></div>", "<footer>{}</footer>"])
def test_what_is_said_of_slots_elsewhere_leaves_no_answer(said: str, where: str) -> None:
    assert rule(ZERO, page(NONE, outside=where.format(said))) in ("contradiction", "unknown_line")


@pytest.mark.parametrize("said", NO_NEWS)
def test_what_pages_always_say_of_slots_is_known(said: str) -> None:
    assert rule(ZERO, page(NONE, outside=f"<p>{said}</p>")) == "none"


@pytest.mark.parametrize("tag", ["a href='/x'", "button", "h1", "label"])
def test_a_name_or_a_way_elsewhere_says_nothing_of_slots(tag: str) -> None:
    news = f"<{tag}>De nouvelles plages sont disponibles, cliquez ici</{tag.split()[0]}>"
    assert rule(ZERO, page(NONE, outside=news)) != "none"
    said = "Créneaux pour les étudiants"
    assert rule(ZERO, page(NONE, outside=f"<{tag}>{said}</{tag.split()[0]}>")) == "none"
    assert rule(ZERO, page(NONE, outside=f"<p>{said}</p>")) == "unknown_line"


def test_the_contradiction_quotes_both() -> None:
    found = contradiction([page(NONE), page(LINK)], ANSWER)
    assert found is not None
    assert (found.rule, found.words) == ("contradiction", f"{NONE} · {FREE}")


def test_a_slot_that_only_a_style_rule_hides_contradicts_an_absence() -> None:
    hidden = f"<style>.creneau {{ display: none }}</style><p>{NONE}</p>{LINK}"
    assert contradiction([page(hidden)], ANSWER) is None
    assert rule(ZERO, page(hidden)) == "contradiction"


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
    f"<a class=creneau title=Complet>{FREE}</a>",
    f"<button class=creneau value=1 aria-label='Déjà réservé'>{FREE}</button>",
    f"<li title='Plus de places'><a class=creneau>{FREE}</a></li>",
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
    "Un problème technique ? Contactez l'assistance de la plateforme.",
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


@pytest.mark.parametrize(
    "shown",
    [
        "<input value='{}'>",
        "<input placeholder='{}'>",
        "<input type=button value='{}'>",
        "<input type=image alt='{}' src=x>",
        "<textarea placeholder='{}'></textarea>",
        "<select><option label='{}'></select>",
        "<img alt='{}'>",
    ],
)
@pytest.mark.parametrize("reading", [ZERO, SOME])
def test_what_a_field_shows_in_the_answers_place_must_be_known(shown: str, reading: Reading) -> None:
    answer = f"<p>{NONE if reading is ZERO else LINK}</p>"
    said = shown.format("Fleurs de saison")
    assert rule(reading, page(answer + said)) == "unknown_line"
    assert rule(reading, page(answer, outside=said)) == reading.rule
    assert (
        rule(reading, page(answer + "<input type=hidden value=x><input type=radio value=x>")) == reading.rule
    )


@pytest.mark.parametrize(
    "shown", ["<img alt='{}' src=x>", "<input value='{}'>", "<input type=submit value='{}'>"]
)
def test_what_a_picture_or_a_field_says_anywhere_may_take_the_answer_back(shown: str) -> None:
    said = shown.format("Plannings vides à tort")
    assert rule(ZERO, page(f"<p>{NONE}</p>", outside=said)) == "contradiction"


@pytest.mark.parametrize(
    ("received_too", "expected"),
    [
        ("<div><template shadowrootmode='closed'>Fermé</template></div>", "unread_parts"),
        ("<script>box.attachShadow({ mode: 'closed' }).append(said)</script>", "unread_parts"),
        ("<script>box.attachShadow({ mode: 'open' }).append(said)</script>", "none"),
    ],
)
def test_what_stands_in_a_closed_shadow_can_be_read_by_nobody(received_too: str, expected: str) -> None:
    shown = f"<h1>Titre</h1><div id=reponse><p>{NONE}</p></div>"
    step = replace(received(f"{shown}{received_too}"), rendered=shown)
    assert rule(ZERO, parse(step), transport=Transport.BROWSER) == expected


@pytest.mark.parametrize(("canvas", "expected"), [("canvas", "unread_parts"), ("canvas hidden", "none")])
def test_what_is_drawn_is_not_read(canvas: str, expected: str) -> None:
    html = f"<div id=reponse><p>{NONE}</p></div><{canvas}></canvas>"
    for step in (received(html), received(html, rendered=html)):
        assert rule(ZERO, parse(step)) == expected


def test_an_answer_that_reads_like_an_error_is_no_denial_of_itself() -> None:
    said = "Erreur : plus rien de libre."
    shown = page(f"<p>{said}</p>")
    own = replace(ANSWER, none=(re.compile(re.escape(normalise(said))),))
    assert (
        held(replace(ZERO, words=said), WATCHED, [shown], own, transport=Transport.HTTP).outcome
        is Outcome.NO_SLOTS
    )


def test_a_line_that_a_person_accepted_still_denies() -> None:
    said = "Une erreur technique est survenue, veuillez réessayer."
    shown = page(f"<p>{NONE}</p>", outside=f"<p>{said}</p>")
    assert rule(ZERO, shown) == "contradiction"
    assert rule(ZERO, shown, accepted=[replace(WELCOME, line=normalise(said))]) == "contradiction"


# Whole.


BESIDE = [
    "Voici les messages que cette page peut afficher :",
    "Ceci est une phrase de plus.",
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


WELCOME = AcceptedLine(
    line="bienvenue à l'accueil", at=datetime(2025, 12, 1, tzinfo=UTC), reason="a greeting"
)


def test_a_person_can_accept_a_line() -> None:
    shown = page(f"<p>{NONE}</p><p>Bienvenue à l’accueil</p>")
    assert rule(ZERO, shown) == "unknown_line"
    assert rule(ZERO, shown, accepted=[WELCOME]) == "none"


def test_a_reading_names_the_accepted_lines_that_it_needs_and_no_others() -> None:
    other = replace(WELCOME, line="mentions légales")
    for inside, needed in (
        (f"<p>{NONE}</p><p>Bienvenue à l’accueil</p><p>BIENVENUE À L'ACCUEIL</p>", (WELCOME,)),
        (f"<p>{NONE}</p><blockquote>Bienvenue à l'accueil</blockquote>", (WELCOME,)),
        (f"<p>Mentions légales</p><p>Bienvenue à l'accueil</p><p>{NONE}</p>", (other, WELCOME)),
        (f"<p>{NONE}</p><p>Retour</p>", ()),
    ):
        assert (
            held(
                ZERO, WATCHED, [page(inside)], ANSWER, accepted=[WELCOME, other], transport=Transport.HTTP
            ).accepted
            == needed
        )


def test_what_the_platform_knows_needs_no_acceptance() -> None:
    shown = page(f"<p>{NONE}</p><p>Bienvenue à l'accueil</p>")
    known = frozenset({WELCOME.line})
    assert (
        held(
            ZERO, WATCHED, [shown], ANSWER, accepted=[WELCOME], known=known, transport=Transport.HTTP
        ).accepted
        == ()
    )


def test_one_accepted_line_is_not_enough_where_two_are_unknown() -> None:
    shown = page(f"<p>{NONE}</p><p>Bienvenue à l'accueil</p><p>Mentions légales</p>")
    found = held(ZERO, WATCHED, [shown], ANSWER, accepted=[WELCOME], transport=Transport.HTTP)
    assert (found.rule, found.words, found.accepted) == ("unknown_line", "Mentions légales", ())


@pytest.mark.parametrize(
    "line", ["il reste des places", "complet", "tout est pris", "erreur", "guichet étrangers"]
)
def test_a_line_that_nobody_may_accept_stays_unknown_whoever_accepted_it(line: str) -> None:
    shown = page(f"<p>{NONE}</p><p>{line}</p>")
    assert rule(ZERO, shown, accepted=[replace(WELCOME, line=line)]) in ("unknown_line", "contradiction")


def test_that_requests_are_taken_may_stand_on_an_accepted_line_too() -> None:
    taken = replace(ANSWER, some=(re.compile("commencer"),))
    requests = Reading(outcome=Outcome.REQUESTS_OPEN, rule="open", words="Commencer")
    shown = page("<p>Commencer</p><p>Bienvenue à l'accueil</p>")
    found = held(requests, WATCHED, [shown], taken, accepted=[WELCOME], transport=Transport.HTTP)
    assert (found.outcome, found.accepted) == (Outcome.REQUESTS_OPEN, (WELCOME,))


def test_the_name_of_a_desk_stays_unknown_whoever_accepted_it() -> None:
    named = replace(WELCOME, line="salon bleu")
    shown = page(f"<p>{NONE}</p><p>Salon bleu</p>")
    assert rule(ZERO, shown, accepted=[named]) == "none"
    desk = replace(WATCHED, desk="Salon bleu")
    assert (
        held(ZERO, desk, [shown], ANSWER, accepted=[named], transport=Transport.HTTP).rule == "unknown_line"
    )
    parts = (Part(label="Salon bleu", outcome=Outcome.NO_SLOTS, words=NONE),)
    assert rule(replace(ZERO, parts=parts), shown, accepted=[named]) == "unknown_line"


def test_an_accepted_line_mends_nothing_but_an_unknown_line() -> None:
    inside = f"<p>{NONE}</p><p>Bienvenue à l'accueil</p>"
    assert rule(ZERO, page(inside, settled=False), accepted=[WELCOME]) == "restless"
    assert rule(ZERO, page(inside, ink=()), accepted=[WELCOME]) == "not_seen"
    assert rule(ZERO, page(inside + LINK), accepted=[WELCOME]) == "contradiction"


def test_only_a_conclusive_reading_stands_on_accepted_lines() -> None:
    with pytest.raises(ValueError, match="stands on accepted lines"):
        Reading(outcome=Outcome.CLOSED, rule="closed", accepted=(WELCOME,))


def test_the_place_may_be_several_elements() -> None:
    spread = replace(ANSWER, place="h2, h2 ~ *", none=(re.compile("rien de libre. revenez demain."),))
    shown = parse(received("<h2>Votre demande</h2><p>Rien de libre.</p><div><p>Revenez demain.</p></div>"))
    reading = replace(ZERO, words="Rien de libre. Revenez demain.")
    assert held(reading, WATCHED, [shown], spread, transport=Transport.HTTP) == reading


# In time.


def offering(day: date) -> Reading:
    return replace(SOME, earliest=Slot(starts_at=datetime(day.year, day.month, day.day, 9, tzinfo=UTC)))


@given(st.integers(-4_000, 4_000))
def test_a_slot_lies_between_today_and_three_years_from_now(days: int) -> None:
    seen = date(2025, 12, 20)
    day = seen + timedelta(days=days)
    # The page came at noon: the hour that is offered on its own day is over.
    kept = seen < day <= date(2028, 12, 20)
    assert (rule(offering(day), page(LINK)) == "some") is kept


@pytest.mark.parametrize(
    "wrong", [date(2025, 12, 19), date(2020, 3, 2), date(2029, 1, 1), date(2099, 12, 31)]
)
def test_one_date_that_cannot_be_true_makes_all_doubtful(wrong: date) -> None:
    instant = datetime(wrong.year, wrong.month, wrong.day, 9, tzinfo=UTC)
    assert rule(replace(SOME, second=Slot(starts_at=instant)), page(LINK)) == "out_of_time"
    assert rule(SOME, page(LINK), dates=[FIFTH, Slot(starts_at=instant)]) == "out_of_time"
    assert rule(SOME, page(LINK), dates=[FIFTH]) == "some"


@pytest.mark.parametrize(
    ("minutes", "precision", "expected"),
    [
        (-180, Precision.MINUTE, "out_of_time"),
        (-16, Precision.MINUTE, "out_of_time"),
        (-15, Precision.MINUTE, "some"),
        (0, Precision.MINUTE, "some"),
        (180, Precision.MINUTE, "some"),
        (-180, Precision.DAY, "some"),
    ],
)
def test_an_hour_that_is_over_cannot_be_offered(minutes: int, precision: Precision, expected: str) -> None:
    noon = page(LINK).step.started_at
    slot = Slot(starts_at=noon + timedelta(minutes=minutes), precision=precision)
    assert rule(replace(SOME, earliest=slot), page(LINK)) == expected
    assert rule(SOME, page(LINK), dates=[FIFTH, slot]) == expected


def test_today_is_the_local_day_on_which_the_visit_began() -> None:
    def at(hour: int, *, day: int = 20) -> Page:
        step = received(f"<div id=reponse>{LINK}</div>")
        return parse(replace(step, started_at=datetime(2025, 12, day, hour, 30, tzinfo=UTC)))

    def some(hour: int) -> Reading:
        return replace(SOME, earliest=Slot(starts_at=datetime(2025, 12, 20, hour, 45, tzinfo=UTC)))

    assert rule(some(22), at(22)) == "some"
    assert rule(some(22), at(23)) == "out_of_time"
    assert rule(some(23), at(23)) == "some"
    assert rule(some(22), at(22), at(23)) == "some"
    assert rule(some(22), at(23), at(22)) == "out_of_time"


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


@pytest.mark.slow
@each_platform
def test_every_platform_takes_what_a_person_accepted(platform: Platform) -> None:
    """A platform that does not hand it on would keep such pages in quarantine for ever."""
    tried = 0
    for case in conclusive(platform):
        steps = [with_line(platform, step, WELCOME.line) for step in case.capture.steps]
        if read(case, steps).rule != "unknown_line":
            continue
        tried += 1
        found = platform.read(case.target, replace(case.capture, steps=tuple(steps)), [WELCOME])
        before = read(case, case.capture.steps)
        assert (found.outcome, found.words) == (before.outcome, before.words), case.name
        assert found.accepted == (WELCOME,), case.name
    if not tried:
        pytest.skip("this platform's answers are alerts or data, or it never names slots")


# Each condition of a check by itself.


def test_words_of_some_are_looked_for_on_the_picture_too() -> None:
    assert deciding(ANSWER, page("<p>Il reste 3 créneaux</p>").step) == ("Il reste 3 créneaux",)


def test_words_that_stand_in_several_places_frame_no_slot() -> None:
    once = Ink(words=FREE, left=0, top=0, width=9, height=9)
    twice = replace(once, places=2)
    for outcome, words in ((Outcome.NO_SLOTS, (once, twice)), (Outcome.SLOTS_OFFERED, ())):
        assert certain(outcome, [once, twice]) == words
    assert certain(Outcome.SLOTS_OFFERED, [once]) == (once,)


def test_only_what_concluded_is_seen_on_the_picture() -> None:
    words = "Il reste 3 créneaux"
    ink = Ink(words=words, left=0, top=0, width=9, height=9)
    capture = Capture(transport=Transport.BROWSER, steps=(page(f"<p>{words}</p>", ink=(ink,)).step,))
    offered = Reading(outcome=Outcome.SLOTS_OFFERED, rule="some", words=words)
    assert seen_words.seen(offered, capture) == [(0, ink)]
    assert seen_words.seen(Reading(outcome=Outcome.REQUESTS_OPEN, rule="open", words=words), capture) == []


def test_data_of_a_server_hides_nothing_and_doubts_nothing() -> None:
    raw = f'{{"dit": "{NONE}", "note": "<iframe src=/x></iframe> Le planning est vide à tort."}}'
    assert rule(ZERO, parse(received(raw))) == "none"


def test_the_answer_of_one_desk_is_compared_with_its_page_too() -> None:
    one = replace(ZERO, parts=(Part(label="A", outcome=Outcome.NO_SLOTS, words=NONE),))
    assert rule(one, page(f"<p>{NONE}</p>")) == "none"
    assert rule(one, page(f"<p>{NONE}</p>{LINK}")) == "contradiction"


def test_an_error_on_a_later_page_that_says_the_same_denies_it() -> None:
    failed = page(f"<p>{NONE}</p>", outside="<p>Une erreur est survenue</p>")
    assert rule(ZERO, page(f"<p>{NONE}</p>"), failed) == "contradiction"
    # Not even a name may say so: a notice could stand where names do.
    known = frozenset({"une erreur est survenue"})
    assert rule(ZERO, page(f"<p>{NONE}</p>"), failed, known=known) == "contradiction"


def test_dates_are_judged_beside_slots_alone() -> None:
    past = [replace(FIFTH, starts_at=datetime(2020, 1, 5, tzinfo=UTC))]
    assert rule(ZERO, page(f"<p>{NONE}</p>"), dates=past) == "none"
    assert rule(SOME, page(LINK), dates=past) == "out_of_time"


def test_the_words_of_a_desk_with_slots_are_a_quotation_too() -> None:
    parts = tuple(Part(label=each, outcome=Outcome.SLOTS_OFFERED, words=each) for each in (FREE, "mardi 10h"))
    assert rule(replace(SOME, parts=parts), page(LINK)) == "not_quoted"
    assert rule(replace(SOME, parts=parts[:1]), page(LINK)) == "some"


def test_words_that_decide_nothing_have_no_ink() -> None:
    ink = (Ink(words="Votre demande", left=0, top=0, width=9, height=9),)
    shown = page("<p>Votre demande</p>", ink=ink)
    assert rule(replace(ZERO, words="Votre demande"), shown, transport=Transport.BROWSER) == "not_seen"
