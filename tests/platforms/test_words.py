"""The words and lines that several platforms know: of slots that are none, of calendars, of notices."""

from __future__ import annotations

import re

import pytest

from probes.answer import Answer
from probes.model import Outcome
from probes.pages import calendars, dates, furniture, marks
from probes.pages.page import Page, label, normalise, parse
from tests.cast.saved_pages import received

FULL = """
    complet complets complète complètes Complet COMPLET COMPLÈTE épuisé épuisée épuisés épuisées Épuisé ÉPUISÉ
    indisponible indisponibles annulé annulée annulés annulées réservé réservée réservés réservées
    Réservé RÉSERVÉ
    """.split()
TAKEN = [
    "<{0} class=slot disabled>9h30</{0}>",
    "<{0} class=slot aria-disabled=True>9h30</{0}>",
    "<{0} class='slot disabled'>9h30</{0}>",
    "<{0} class='slot complet'>9h30</{0}>",
    "<{0} class=slot inert>9h30</{0}>",
    "<{0} class=slot style='TEXT-decoration: Line-Through'>9h30</{0}>",
    *(f"<{struck}><{{0}} class=slot>9h30</{{0}}></{struck}>" for struck in ("s", "del", "strike")),
    *(f"<{{0}} class=slot><{struck}>9h30</{struck}></{{0}}>" for struck in ("s", "del", "strike")),
    "<div inert><p><{0} class=slot>9h30</{0}></p></div>",
]


def page(body: str) -> Page:
    return parse(received(f"<main>{body}</main>"))


def free(body: str) -> int:
    return len(marks.free(page(body), ".slot"))


@pytest.mark.parametrize("taken", TAKEN)
@pytest.mark.parametrize("tag", ["a", "button"])
def test_a_slot_that_is_disabled_or_struck_is_not_free(taken: str, tag: str) -> None:
    assert free(f"<{tag} class=slot>9h30</{tag}>") == 1
    assert free(taken.format(tag)) == 0


@pytest.mark.parametrize("word", FULL)
def test_a_slot_whose_link_or_item_says_that_it_is_full_is_not_free(word: str) -> None:
    for tag in ("a", "button"):
        assert free(f"<{tag} class=slot>9h30 {word}</{tag}>") == 0
        assert free(f"<ul><li><{tag} class=slot>9h30</{tag}> {word}</li></ul>") == 0
        assert free(f"<table><tr><td><{tag} class=slot>9h30</{tag}> {word}</td></tr></table>") == 0
        assert free(f"<div><{tag} class=slot>9h30</{tag}></div><p>{word}</p>") == 1
        assert free(f"<{tag} class=slot title='{word}'>9h30</{tag}>") == 0
    assert free(f"<input type=button class=slot value='9h30 {word}'>") == 0


@pytest.mark.parametrize("said", ["plus de place", "plus de places", "plus disponible", "plus disponibles"])
def test_what_has_no_place_left_is_full(said: str) -> None:
    assert free(f"<a class=slot>9h30 {said}</a>") == 0
    assert free("<a class=slot>9h30 complétez votre dossier, plus de détails</a>") == 1


ANSWER = Answer(place="main", offers=".slot", taken=".pris")
BADGES = [
    *FULL,
    *("occupé", "occupée", "occupés", "fermé", "fermée", "fermées", "déjà pris", "déjà prise", "déjà prises"),
    *("non disponible", "plus disponible", "non disponibles", "plus disponibles"),
]


@pytest.mark.parametrize("word", BADGES)
def test_an_element_is_full_if_it_or_its_cell_says_so(word: str) -> None:
    def offers(body: str) -> int:
        return len(marks.offers(page(body), ANSWER))

    assert offers("<a class=slot>9h30</a>") == 1
    assert offers(f"<a class=slot>9h30 ({word})</a>") == 0
    assert offers(f"<button class=slot aria-label='9h30, {word}'></button>") == 0
    for tag in ("p", "span", "div", "label", "article"):
        assert offers(f"<{tag}><a class=slot>9h30</a> <b>{word}</b></{tag}>") == 0
    assert offers(f"<li><div><a class=slot>9h30</a></div> {word}</li>") == 0
    assert offers(f"<table><tr><th><a class=slot>9h30</a> {word}</th><td>{word}</td></tr></table>") == 0
    assert offers(f"<table><tr><td><a class=slot>9h30</a></td><td>{word}</td></tr></table>") == 1
    assert offers(f"<li><a class=slot>9h30</a><a class=slot>10h</a> {word}</li>") == 2
    assert offers(f"<section>{word}<div><a class=slot>9h30</a></div></section>") == 1


@pytest.mark.parametrize(
    "how", ["inert", "disabled", "style='POINTER-EVENTS: none'", "style='pointer-events:none'"]
)
def test_what_cannot_be_clicked_is_no_slot(how: str) -> None:
    shown = page(f"<div {how}><a class=slot>9h30</a></div><a class='slot pris'>10h</a><a class=slot>11h</a>")
    assert marks.offered_words(shown, ANSWER) == ["11h"]


def known(line: str) -> bool:
    return marks.matches(normalise(line), calendars.LINES)


@pytest.mark.parametrize(
    "line",
    [
        *dates.WEEKDAYS,
        *dates.MONTHS,
        *(day[:3] for day in dates.WEEKDAYS),
        *(f"{day[:3]}. 5" for day in dates.WEEKDAYS),
        *(day[:2] for day in dates.WEEKDAYS),
        *"LMMJVSD",
        *(
            "lundi 5",
            "lundi 05/01",
            "5 janvier 2026",
            "lundi 5 janvier 2026",
            "12",
            "janvier 2026",
            "2026",
            "sem.",
        ),
        *("9h30", "09:30", "9 h 30", "10 : 00"),
        *(
            "Semaine du 22/12/2025 au 28/12/2025",
            "Semaine suivante",
            "Semaine précédente",
            "Voir plus de créneaux",
        ),
        *("<Préc", "Suiv>", "Précédent", "Suivant", "Aujourd'hui", "Fermer", "«", "»", "<<", ">"),
        *("Légende", "Légende : libre, complet – occupé / fermée ; indisponible réservé"),
        *("libre", "libres", "complets", "occupée", "fermés", "indisponible", "réservée"),
    ],
)
def test_a_line_of_a_calendar_is_known(line: str) -> None:
    assert known(line)


@pytest.mark.parametrize(
    "line",
    [
        *("lundi prochain il y en a", "sauf le lundi", "9h30 sauf", "Semaine du", "semaine", "créneaux"),
        *("Légende de", "5 janvier 26", "20261", "9h", "aujourd'hui complet", "non libre", "lundi complet"),
    ],
)
def test_any_other_line_of_a_calendar_is_not(line: str) -> None:
    assert not known(line)


TELLS = """
    créneau créneaux disponible indisponible disponibilités plage plages calendrier calendriers
    prochain prochaine erreur erreurs message messages échec impossible chargé charge chargement suspendu
    suspension annulé exemple exemples épuisé reste restent complet complets complète fermé fermée
    """.split()
TOLD = [
    "n'a pas",
    "n'ont plus",
    "ne sont",
    "avant le 3",
    "après le 3",
    "jusqu'au 3",
    "à partir du 3",
    "9h30",
    "9 h 30",
]


@pytest.mark.parametrize("said", [*TELLS, *TOLD, "a ?", "« a »", '"a"'])
def test_a_line_that_tells_something_is_no_name(said: str) -> None:
    assert furniture.TELLS.search(f"guichet {said} a")
    assert not furniture.TELLS.search("préfecture de melun, service des étrangers, guichet 4")


OTHER_TIMES = [
    *("le 5 janvier", "le lundi", "tous les mardis", "chaque nuit", "du 5 au 7", "du lundi au mardi"),
    *("entre 6h et 7h", "de 6h à 7h", "la nuit", "ce soir", "prévue", "prévu"),
    *(
        "pour l'envoi des sms",
        "pour la réception",
        "pour les sms",
        "pour les notifications",
        "pour les courriels",
    ),
]


@pytest.mark.parametrize("when", OTHER_TIMES)
@pytest.mark.parametrize(
    "state", ["indisponible", "en maintenance", "fermée", "surchargé", "ralenti", "interrompu"]
)
def test_an_outage_at_another_time_is_an_announcement(when: str, state: str) -> None:
    for what in ("le service", "notre site", "attention : la plateforme"):
        assert furniture.ANNOUNCEMENT.fullmatch(f"{what} sera {state} {when}.")
        assert not furniture.ANNOUNCEMENT.fullmatch(f"{what} est {state}.")


@pytest.mark.parametrize(
    "why", ["en raison du lancement d'un logiciel", "en raison de 3 incidents", "du fait du gel"]
)
def test_the_reason_of_an_outage_is_no_other_time(why: str) -> None:
    assert not furniture.ANNOUNCEMENT.fullmatch(f"le service est indisponible {why}")


@pytest.mark.parametrize(
    "about", ["créneau", "rendez-vous", "rdv", "calendrier", "plage", "agenda", "disponibilité", "réessayez"]
)
def test_an_announcement_that_speaks_of_slots_is_none(about: str) -> None:
    said = "le service{} est indisponible{} le lundi{}"
    assert furniture.ANNOUNCEMENT.fullmatch(said.format("", "", ""))
    for n in range(3):
        beside = [""] * 3
        beside[n] = f" {about}"
        assert not furniture.ANNOUNCEMENT.fullmatch(said.format(*beside))


SUPPOSED = ["Si", "En cas d'incident,", "Lorsque", "Lorsqu'", "Quand", "Dès que", "Dès qu'"]


@pytest.mark.parametrize("when", SUPPOSED)
def test_what_may_come_is_no_news(when: str) -> None:
    line = "une erreur est survenue"
    assert marks.denial(page(f"<p>{line}</p>"), Outcome.NO_SLOTS) == line
    assert marks.denial(page(f"<p>{when} {line}</p>"), Outcome.NO_SLOTS) == ""


@pytest.mark.parametrize(
    "tag", ["blockquote", "q", "del", "s", "strike", "textarea", "pre", "code", "samp", "option"]
)
def test_what_stands_in_such_an_element_is_quoted(tag: str) -> None:
    inner = f"<{tag}>9h30</{tag}>" if tag != "option" else "<select><option>9h30</option></select>"
    shown = page(inner)
    assert len(marks.quoted(shown, shown.nodes("main"))) == 1


BLOCKS = """
    address article aside blockquote button dd div dl dt fieldset figcaption footer form h1 h2 h3 h4 h5 h6
    header label legend li main nav ol p pre section summary ul
    """.split()


@pytest.mark.parametrize("tag", BLOCKS)
def test_a_block_begins_a_line_and_ends_one(tag: str) -> None:
    assert page(f"avant<{tag}>dedans</{tag}>après").lines == ["avant", "dedans", "après"]
    assert page("avant<b>dedans</b>après").lines == ["avantdedansaprès"]


@pytest.mark.parametrize("sign", "’‘ʼ´′")
def test_apostrophes_that_look_alike_are_alike(sign: str) -> None:
    assert normalise(f"n{sign}est") == "n'est"


@pytest.mark.parametrize(("parts", "said"), [(1, True), (4, True), (5, False)])
def test_a_sentence_may_be_broken_over_four_lines(parts: int, *, said: bool) -> None:
    broken = "<br>".join("abcde"[:parts])
    assert bool(page(broken).says(" ".join("abcde"[:parts]))) is said


SLOT = "<span class=slot>9h30</span>"


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (f"<a><em><em><em><em>{SLOT}</em></em></em></em> complet</a>", 0),
        (f"<button><em><em><em><em>{SLOT}</em></em></em></em> complet</button>", 0),
        (f"<em><em><em><em><em>{SLOT}</em></em></em></em> complet</em>", 1),
        (f"<ul><li>complet <ul><li>{SLOT}</li></ul></li></ul>", 1),
        (f"<div>complet <div>{SLOT}</div></div>", 0),
        (f"<div>complet <div><div>{SLOT}</div></div></div>", 1),
        (f"<div>{SLOT}<br>complet</div>", 0),
        (f"<div>{SLOT}<br>complet<br>sauf sur place</div>", 1),
    ],
)
def test_a_badge_stands_in_the_link_around_a_slot_or_close_to_it(body: str, count: int) -> None:
    assert free(body) == count


def test_an_answer_of_a_server_is_no_page_for_people() -> None:
    assert [parse(received(body)).is_data for body in ("[1]", '{"a": 1}', " \n[]", "<p>[1]", "1")] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_what_has_an_empty_type_and_begins_like_no_page_is_shown_as_it_is() -> None:
    for kind, lines in (("", ["un <b>mot</b>"]), ("text/html", ["un mot"])):
        assert parse(received("un <b>mot</b>", headers=(("content-type", kind),))).lines == lines


def test_each_kind_of_button_is_known_by_its_label() -> None:
    shown = page("<button>a</button><input type=submit value=b><input type=BUTTON value=c><input value=d>")
    assert shown.buttons == ["a", "b", "c"]


@pytest.mark.parametrize("address", ["http://[", "/x", "https://ain.gouv.fr/x"])
def test_a_frame_whose_address_cannot_be_read_may_be_the_site_s_own(address: str) -> None:
    assert page(f"<iframe src='{address}'></iframe>").unread
    assert not page("<iframe src='https://www.youtube.com/embed/1'></iframe>").unread


def test_a_button_says_its_value_before_its_label() -> None:
    shown = page("<input value=a aria-label=b><input aria-label=c><input>")
    assert [label(node) for node in shown.nodes("input")] == ["a", "c", ""]


def test_an_alert_says_none_and_a_slot_without_words_is_some() -> None:
    by_alert = Answer(place="main", dialogs=(re.compile("complet"),), offers="a.slot")
    alerted = parse(received("<p>x</p>", dialogs=("Complet",)))
    assert marks.of_none([page(""), alerted], by_alert) == "Complet"
    assert marks.of_none([parse(received("<p>x</p>", dialogs=("Bonjour",)))], by_alert) == ""
    assert marks.of_some([page(""), page("<a class=slot></a>")], by_alert) == "a.slot"
    assert marks.of_some([page("<a>9h30</a>")], by_alert) == ""


def test_that_there_are_slots_denies_none_and_no_slots() -> None:
    line = "Il reste des créneaux"
    assert marks.denial(page(f"<p>{line}</p>"), Outcome.NO_SLOTS) == line
    assert marks.denial(page(f"<p>{line}</p>"), Outcome.SLOTS_OFFERED) == ""
    for said in ("il reste 3 créneaux", "tout est complet", "une erreur est survenue"):
        assert marks.denies(said)
    assert not marks.denies("bienvenue")


def test_a_place_within_a_place_is_looked_at_once() -> None:
    shown = page("<div class=place>a<div class=place>b</div></div><div class=place>c</div>")
    assert marks.shown(marks.placed(shown, Answer(place=".place"))) == ["a", "b", "c"]
