"""The classic module: what its steps say, and what takes an answer of theirs back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from probes.model import Outcome, Reading, Slot, Step
from probes.platforms.classic.answer import ALL_TAKEN
from probes.platforms.classic.platform import Classic
from tests.cast.saved_pages import NOON, PAGES, Case, load, received, target
from tests.cast.source import SOURCE
from tests.platforms.scripted import saved, visit

ONE_DESK = load(PAGES / "classic/no_slots-one_desk")
THREE_DESKS = load(PAGES / "classic/no_slots-three_desks")
BLOCKED = load(PAGES / "classic/blocked-haproxy_status_200")


def read(case: Case, steps: Sequence[Step]) -> Reading:
    return Classic().read(case.target, replace(case.capture, steps=tuple(steps)))


@pytest.mark.parametrize("step", ["", "/", "/0", "/1", "/3", "/4", "/5", "/2/1"])
def test_the_sentence_counts_on_the_second_step_alone(step: str) -> None:
    *before, last = ONE_DESK.capture.steps
    moved = last.final_url.removesuffix("/2") + step
    elsewhere = replace(last, final_url=moved)
    assert read(ONE_DESK, [*before, last]).outcome is Outcome.NO_SLOTS
    assert read(ONE_DESK, [*before, elsewhere]).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize("place", [0, 1, 3, 5])
def test_a_page_of_the_round_that_is_none_of_the_module_leaves_no_zero(place: int) -> None:
    steps = list(THREE_DESKS.capture.steps)
    assert read(THREE_DESKS, steps).outcome is Outcome.NO_SLOTS
    refused = BLOCKED.capture.steps[-1]
    steps[place] = replace(steps[place], body=refused.body, rendered=None)
    assert not read(THREE_DESKS, steps).outcome.conclusive


PROCEDURE = "https://www.hauts-de-seine.gouv.fr/booking/create/12083"
CALL = "https://www.hauts-de-seine.gouv.fr/ezjscore/call/bookingserver::planning::assign::12083::4418"
WATCHED = target("classic", PROCEDURE)
TAKEN = (
    "Il n'existe plus de plage horaire libre pour votre demande de rendez-vous. "
    "Veuillez recommencer ultérieurement."
)
UNPUBLISHED = (
    "Il n'y a pas calendrier disponible pour effectuer une demande de rendez-vous. "
    "Veuillez réessayer ultérieurement."
)
TITLE = "Remise d'un titre de séjour étranger"
TRAIL = "<div id=path><a href='/'>Accueil</a> &gt; <span>{}</span></div>"
NEXT = "<input type=submit name=nextButton value='Etape suivante'>"
FIRST = "<input type=button value='Première plage horaire libre'>"
DESCRIPTION = "<h2>Description de la nature du rendez-vous</h2>"
CHOICE = "<h2>Choix d'une plage horaire</h2>"


def page(step: int, form: str, *, title: str = "", outside: str = "", heading: str = TITLE) -> Step:
    """The page of a step, whose form holds `form`."""
    title = title or {2: "<h2>Vérification de disponibilité</h2>", 3: DESCRIPTION, 4: CHOICE}[step]
    body = (
        f"<html><body><h1>{heading}</h1>{outside}<div id=inner_Booking>{title}"
        f"<form id=FormBookingCreate>{form}</form></div></body></html>"
    )
    return received(body, url=f"{PROCEDURE}/{step}", method="POST")


def week(cells: str, offset: int = 0) -> Step:
    """The answer of a call for one week."""
    table = f"<table><tr><th colspan=7>Semaine du 22/12/2025 au 28/12/2025</th></tr><tr>{cells}</tr></table>"
    return received(table, url=f"{CALL}::{offset}")


PARIS = ZoneInfo("Europe/Paris")


def cell(at: datetime, *, link: str = "<a href='{}'>libre</a>", classes: str = "status-1 free") -> str:
    href = f"/booking/create/12083/5/{int(at.timestamp())}"
    return f"<td class='{classes}'>{at.astimezone(PARIS):%H:%M} {link.format(href)}</td>"


def seen(*steps: Step) -> Reading:
    return Classic().read(WATCHED, replace(ONE_DESK.capture, steps=steps))


SOON = datetime(2025, 12, 23, 9, tzinfo=UTC)
FULL = "<td class='status-2'>complet</td>"
FREE = cell(SOON)


# C. The sentence counts only where the product answers, and alone.

QUOTED = [
    f"<blockquote>{TAKEN}</blockquote><p>Ce message s'affichait à tort.</p>",
    f"<blockquote>{TAKEN}</blockquote>",
    f"<p><del>{TAKEN}</del></p><p>Corrigé : des plages sont ouvertes.</p>",
    f"<s>{TAKEN}</s>",
    f"<textarea>{TAKEN}</textarea>",
    f"<table><tr><td>12/11/2025</td><td>{TAKEN}</td></tr></table>",
    f"<p>Que faire si l'on me dit :</p><p>{TAKEN}</p>",
    f"<p>{TAKEN}</p><p>Cela concerne le guichet 4.</p>",
    f"<p>{TAKEN}</p><p>Sauf pour les étudiants.</p>",
    f"<p>{TAKEN} Des rendez-vous sont disponibles à Nogent.</p>",
    f"<p>{TAKEN}</p><p>Prochain créneau : lundi 1er mars 2027</p>",
    f"<p>{TAKEN}</p><p>Le calendrier n'a pas pu être chargé.</p>",
    f"<p>{TAKEN}</p><ul class=error><li>Votre session a expiré.</li></ul>",
    f"<p>Exemples de réponses :</p><ul><li>{TAKEN}</li></ul>",
    f"<p>{TAKEN}</p><p>Message du 3 novembre.</p>",
    f"<table><tr><td>Semaine du 3 novembre</td><td>{TAKEN}</td></tr></table>",
    f"<p>lundi 05/01</p><p>{TAKEN}</p>",
    f"<p>{TAKEN}</p><p>10:00</p>",
    f"<p>{TAKEN}</p><p>libre</p>",
    f"<ul><li>{UNPUBLISHED}</li></ul>",
    f"<ul class=error><li>{UNPUBLISHED[:-1]} avant le 15 janvier.</li></ul>",
    "<ul class=error><li>Il n'y a pas calendrier disponible pour effectuer une demande de rendez-vous avant "
    "le 15 janvier. Veuillez réessayer ultérieurement.</li></ul>",
]


@pytest.mark.parametrize("form", QUOTED)
def test_a_sentence_that_is_not_the_whole_answer_is_none(form: str) -> None:
    assert seen(page(2, f"<p>{TAKEN}</p>")).outcome is Outcome.NO_SLOTS
    assert seen(page(2, form)).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    "unseen",
    [
        f"<select><option selected>Besoin d'aide ?</option><option>{TAKEN}</option></select>",
        f"<div popover id=p1><p>{TAKEN}</p></div>",
        f"<svg width=20 height=20><title>{TAKEN}</title><circle r=5 cx=9 cy=9 /></svg>",
        f"<progress max=10 value=3>{TAKEN}</progress>",
    ],
)
def test_a_sentence_that_no_browser_shows_beside_a_page_that_waits(unseen: str) -> None:
    waits = "<p>Vérification en cours, merci de patienter.</p>"
    assert seen(page(2, f"{unseen}{waits}")).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    "outside",
    [
        "<p>Prochain créneau : lundi 1er mars 2027</p>",
        "<p>Le calendrier n'a pas pu être chargé.</p>",
        "<div class=alert>Une erreur s'est produite.</div>",
        "<p>D'autres rendez-vous restent disponibles à Antony.</p>",
        "<p>Vérification en cours, merci de patienter.</p>",
        "<aside>Il reste 4 plages horaires au guichet 2.</aside>",
        "<h2>Créneaux de la semaine du 30 novembre au 4 décembre</h2>",
    ],
)
def test_what_stands_outside_the_form_can_take_the_sentence_back(outside: str) -> None:
    assert seen(page(2, f"<p>{TAKEN}</p>", outside=outside)).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    "outside",
    [
        "<p>Toutes les prises de rendez-vous proposées sur ce site sont gratuites.</p>",
        "<p>La préfecture est fermée le mardi 5 janvier.</p>",
        "<p>Pour un premier rendez-vous, apportez 2 photos.</p>",
        "<ul><li>Prise de rendez-vous</li><li>Contrôle de sécurité</li></ul>",
        "<p>Aucun rendez-vous ne peut être acheté.</p>",
    ],
)
def test_a_notice_of_the_prefecture_changes_nothing(outside: str) -> None:
    assert seen(page(2, f"<p>{TAKEN}</p>", outside=outside)).outcome is Outcome.NO_SLOTS


RELEASES = [
    "De nouveaux créneaux sont mis en ligne chaque lundi à 9h.",
    "Les prochaines plages seront mises en ligne le lundi 30 novembre à 9h.",
    "Les nouveaux rendez-vous seront ouverts à la réservation le 4 janvier.",
    "Ouverture de nouvelles plages : lundi 30 novembre à 9 h.",
]


@pytest.mark.parametrize("release", RELEASES)
def test_when_more_hours_come_says_nothing_about_those_of_now(release: str) -> None:
    assert seen(page(2, f"<p>{TAKEN}</p><p>{release}</p>")).outcome is Outcome.NO_SLOTS
    assert seen(page(2, f"<p>{TAKEN}</p><p>{release} Il en reste deux.</p>")).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize("said", ["div class=g-recaptcha", "input name=captcha", "img id=captchaFR_1"])
def test_a_step_that_asks_for_a_captcha_offers_nothing(said: str) -> None:
    assert seen(page(3, f"<{said}>{NEXT}")).outcome is not Outcome.SLOTS_OFFERED


@pytest.mark.parametrize(
    ("beside", "rule"),
    [
        ("", "all_taken"),
        ("<p>Veuillez choisir un guichet</p>", "all_taken"),
        ("<p>Soyez les bienvenus</p>", "all_taken"),
        ("<p class=error>Certains guichets n'ont pas pu être chargés.</p>", "contradiction"),
        ("<p>Chargement des autres guichets…</p>", "contradiction"),
        ("<button type=button>Afficher les autres guichets</button>", "other_desks"),
        ("<p>Le guichet B est ouvert par courriel</p>", "other_desks"),
        ("<p>Semaine du 30 novembre</p>", "other_desks"),
    ],
)
def test_zero_slots_of_every_desk_needs_a_list_that_is_wholly_known(beside: str, rule: str) -> None:
    answer = replace(page(2, f"<p>{TAKEN}</p>"), method="POST")
    first = page(1, f"{CHOSEN}{beside}{NEXT}", title="<h2>Choix de la nature du rendez-vous</h2>")
    reading = Classic().read(WATCHED, replace(ONE_DESK.capture, steps=(first, answer)))
    assert reading.rule == rule


def test_a_link_to_more_desks_may_stand_anywhere_on_the_page() -> None:
    answer = replace(page(2, f"<p>{TAKEN}</p>"), method="POST")
    title = "<h2>Choix de la nature du rendez-vous</h2>"
    for link, outcome in (("Contact", Outcome.NO_SLOTS), ("Guichets suivants", Outcome.UNRECOGNISED)):
        first = page(1, f"{CHOSEN}{NEXT}", title=title, outside=f"<a href='/x'>{link}</a>")
        capture = replace(ONE_DESK.capture, steps=(first, answer))
        assert Classic().read(WATCHED, capture).outcome is outcome


@pytest.mark.parametrize(
    ("status", "body", "rule"),
    [
        (404, "<p>Page introuvable</p>", "calendar_failed"),
        (200, "<h1>Connexion</h1><input type=password>", "calendar_failed"),
        (502, "<p>Bad Gateway</p>", "calendar_step"),
        (200, "<p>Votre session a expiré.</p>", "contradiction"),
    ],
)
def test_a_button_that_leads_to_no_calendar_offers_nothing(status: int, body: str, rule: str) -> None:
    asked = received(f"<html><body>{body}</body></html>", url=f"{PROCEDURE}/4", status=status)
    assert seen(page(3, NEXT), asked).rule == rule


def test_a_description_that_says_that_all_is_taken_takes_the_button_back() -> None:
    assert seen(page(3, NEXT)).rule == "calendar_step"
    gone = "<p>Tous les rendez-vous de décembre et de janvier ont été pris.</p>"
    assert seen(page(3, f"{gone}{NEXT}")).outcome is Outcome.UNRECOGNISED


def test_desks_that_a_script_draws_are_not_all_known_over_http() -> None:
    script = "<p id=more></p><script>document.getElementById('more').innerHTML = '<b>Guichet B</b>'</script>"
    answer = replace(page(2, f"<p>{TAKEN}</p>"), method="POST")
    for more, outcome in (("", Outcome.NO_SLOTS), (script, Outcome.UNRECOGNISED)):
        first = page(1, f"{CHOSEN}{NEXT}", title="<h2>Choix de la nature du rendez-vous</h2>", outside=more)
        capture = replace(ONE_DESK.capture, steps=(first, answer))
        assert Classic().read(WATCHED, capture).outcome is outcome


@pytest.mark.parametrize(
    "line",
    [
        "Du 22 décembre 2025 au 28 décembre 2025",
        "Semaine 52 (2025)",
        "Semaine précédente | Semaine suivante",
    ],
)
def test_the_heads_of_weeks_and_the_ways_between_them_are_known(line: str) -> None:
    assert seen(page(4, f"<p>{line}</p><table><tr>{FREE}</tr></table>")).outcome is Outcome.SLOTS_OFFERED


@pytest.mark.parametrize(
    "beside", ["<p>Terminer</p>", "<button>Terminer</button>", "<ul><li>Descriptif</li></ul>", "<p></p>"]
)
def test_what_the_product_shows_beside_the_sentence_is_known(beside: str) -> None:
    assert seen(page(2, f"<p>{TAKEN}</p>{beside}")).outcome is Outcome.NO_SLOTS


# D. No slot lies in the past, or in a future that nobody plans.

IMPOSSIBLE = [
    NOON - timedelta(days=1),
    datetime(2020, 3, 2, 9, tzinfo=UTC),
    datetime(2099, 12, 31, 9, tzinfo=UTC),
    NOON + timedelta(days=3 * 366),
    datetime(2000, 1, 1, 9, tzinfo=UTC),
]


@pytest.mark.parametrize("at", IMPOSSIBLE)
@pytest.mark.parametrize("beside", ["", FREE, FREE + cell(SOON + timedelta(days=1))])
def test_one_hour_out_of_time_leaves_no_date(at: datetime, beside: str) -> None:
    calendar = f"{FIRST}<table><tr>{beside}{cell(at)}</tr></table>"
    assert seen(page(4, calendar)).rule == "out_of_time"
    assert seen(page(3, NEXT), week(beside), week(cell(at), 7)).rule == "out_of_time"


@pytest.mark.parametrize("time", ["4102444800", "0", "99999999999", "abc", "-5", ""])
def test_an_hour_without_a_readable_time_leaves_no_date(time: str) -> None:
    unreadable = FREE.replace(str(int(SOON.timestamp())), time)
    assert seen(page(4, f"<table><tr>{unreadable}</tr></table>")).rule == "unreadable_date"
    assert seen(page(4, f"<table><tr>{FREE}{unreadable}</tr></table>")).rule == "unreadable_date"


@pytest.mark.parametrize("at", [NOON, NOON + timedelta(hours=1), NOON + timedelta(days=3 * 365)])
def test_an_hour_of_today_or_of_the_next_three_years_is_one(at: datetime) -> None:
    reading = seen(page(4, f"<table><tr>{cell(at)}</tr></table>"))
    assert (reading.outcome, reading.earliest and reading.earliest.starts_at) == (Outcome.SLOTS_OFFERED, at)


# E. An hour that cannot be taken is none.

UNUSABLE = [
    cell(SOON, link="<a href='{}' aria-disabled=true>libre</a>"),
    cell(SOON, link="<s><a href='{}'>libre</a></s>"),
    cell(SOON, link="<del><a href='{}'>libre</a></del>"),
    cell(SOON, link="<a href='{}'>libre</a> (complet)"),
    cell(SOON, link="<a href='{}'>libre</a> <span class=badge>Complet</span>"),
    cell(SOON, link="<a href='{}' class=disabled>libre</a>"),
    cell(SOON, link="<a href='{}'>complet</a>"),
    *(cell(SOON, classes=f"status-1 free {state}") for state in ("complet", "taken", "status-0", "status-2")),
    cell(SOON, link="<a>libre</a>"),
    cell(SOON, link="<span>libre</span>"),
]


@pytest.mark.parametrize("unusable", UNUSABLE)
def test_an_hour_that_cannot_be_taken_is_none(unusable: str) -> None:
    assert seen(page(4, f"<table><tr>{FREE}</tr></table>")).outcome is Outcome.SLOTS_OFFERED
    assert seen(page(4, f"<table><tr>{unusable}</tr></table>")).outcome is Outcome.UNRECOGNISED
    assert seen(page(4, f"{FIRST}<table><tr>{unusable}</tr></table>")).outcome is Outcome.UNRECOGNISED
    assert seen(page(3, NEXT), week(unusable)).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    "button",
    [
        "<input type=submit name=nextButton value='Etape suivante' disabled>",
        "<input type=submit name=nextButton value='Etape suivante' aria-disabled=true>",
        "<fieldset disabled><input type=submit name=nextButton value='Etape suivante'></fieldset>",
        "<button name=nextButton disabled>Étape suivante</button>",
        "<s><button name=nextButton>Étape suivante</button></s>",
        "<p>Etape suivante</p>",
        "</form><input type=submit name=nextButton value='Etape suivante'><form>",
    ],
)
def test_only_a_button_of_the_form_that_can_be_pressed_means_slots(button: str) -> None:
    assert seen(page(3, NEXT)).outcome is Outcome.SLOTS_OFFERED
    assert seen(page(3, button)).outcome is Outcome.UNRECOGNISED


# F. Steps that disagree, and what else speaks against slots.

AGAINST = [
    [page(3, NEXT), page(2, f"<p>{TAKEN}</p>")],
    [page(3, NEXT), page(4, f"<p>{TAKEN}</p>")],
    [page(4, FIRST), page(2, f"<ul class=error><li>{UNPUBLISHED}</li></ul>")],
    [page(3, f"<ul class=error><li>{UNPUBLISHED}</li></ul>{NEXT}")],
    [page(4, f"{FIRST}<table><tr>{FREE}</tr></table><ul class=error><li>{UNPUBLISHED}</li></ul>")],
    [page(4, f"<table><tr>{FREE}</tr></table>"), page(2, f"<p>{TAKEN}</p>")],
    [page(3, NEXT), page(4, FIRST), week(FULL), page(2, f"<p>{TAKEN}</p>", outside="<p>Bonjour</p>")],
    [page(3, f"<ul class=error><li>Votre session a expiré.</li></ul>{NEXT}")],
    [page(3, f"<div class=message-error>Le serveur est occupé (EZ-418).</div>{NEXT}")],
    [page(3, f"<p class=messageErreur>Agenda bloqué (12).</p>{NEXT}")],
    [page(3, f"<div role=alert>Réservations suspendues.</div>{NEXT}")],
    [page(4, f"{FIRST}<p>Une erreur s'est produite lors de la lecture du calendrier.</p>")],
    [page(4, FIRST, outside="<p>Le calendrier n'a pas pu être lu.</p>"), week(FREE)],
]


@pytest.mark.parametrize("steps", AGAINST)
def test_steps_that_disagree_are_a_contradiction(steps: list[Step]) -> None:
    assert seen(*steps).rule == "contradiction"


@pytest.mark.parametrize(
    "steps",
    [
        [page(3, NEXT), page(4, f"{FIRST}<table><tr>{FULL * 7}</tr></table>")],
        [page(3, NEXT), page(4, FIRST), week(FULL * 7), week(FULL * 7, 7)],
        [page(4, "<input type=button value='Première plage horaire libre' disabled>"), week(FULL * 7)],
        [page(3, NEXT), week(""), week("", 7)],
        [page(4, f"<table><tr>{FULL * 7}</tr></table>")],
    ],
)
def test_a_calendar_without_a_free_hour_is_neither_some_nor_none(steps: list[Step]) -> None:
    reading = seen(*steps)
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "no_free_hour")


@pytest.mark.parametrize(
    ("weeks", "last"),
    [
        ([week(FULL), week(FULL, 7)], date(2026, 1, 2)),
        ([week(FULL, 7), week(FULL)], date(2026, 1, 2)),
        ([week(FULL), week(FULL, 14)], date(2025, 12, 26)),
        ([week(FULL), replace(week(FULL, 7), status=404)], date(2025, 12, 26)),
        ([page(4, FIRST)], None),
    ],
)
def test_the_horizon_ends_where_a_week_was_not_read(weeks: list[Step], last: date | None) -> None:
    assert seen(page(3, NEXT), page(4, FIRST), *weeks).horizon == last


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Durée : 20 minutes.", True),
        ("Merci de vous présenter dix minutes avant l'heure, muni de votre passeport.", True),
        ("Un rendez-vous par personne.", True),
        ("Aucune plage n'est libre.", False),
        ("Les réservations sont suspendues jusqu'au 15 janvier.", False),
        ("Ce calendrier est complet.", False),
        ("Le guichet est fermé.", False),
        ("Merci de réessayer demain.", False),
        ("Lecture du calendrier impossible", False),
    ],
)
def test_a_description_may_say_anything_but_that_there_is_none(line: str, kept: bool) -> None:
    assert (seen(page(3, f"<p>{line}</p>{NEXT}")).outcome is Outcome.SLOTS_OFFERED) is kept


DOUBTFUL = """
    plage plages créneau créneaux disponible disponibilités indisponible indisponibilité libre libres complet
    complète aucun aucune plus erreur erreurs publié publiés suspendu suspension fermé fermeture annulé
    ultérieurement ultérieure impossible impossibilité échoué échec momentané momentanément provisoire
    provisoirement problème problèmes incident incidents maintenance attente ouvert ouverture ouvrira
    patienter patientez réessayer réessayez recommencer recommencez
    """.split()


@pytest.mark.parametrize("word", DOUBTFUL)
def test_one_word_about_slots_or_a_failure_makes_a_description_doubtful(word: str) -> None:
    reading = seen(page(3, f"<p>Guichet {word} le mardi.</p>{NEXT}"))
    assert reading.outcome is Outcome.UNRECOGNISED


def test_an_alert_of_the_whole_site_is_no_error_of_the_answer() -> None:
    site = "<div role=alert>La prise de rendez-vous est gratuite.</div>"
    assert seen(page(4, f"<table><tr>{FREE}</tr></table>", outside=site)).outcome is Outcome.SLOTS_OFFERED


def test_an_error_in_place_of_the_description_is_no_slot() -> None:
    assert seen(page(3, NEXT, title="<h2>Erreur</h2>")).outcome is Outcome.UNRECOGNISED


# A desk that cannot be chosen.

CONDITIONS = saved("classic/no_slots-three_desks/0.html")
DESKS = saved("classic/no_slots-three_desks/1.html")
SAYS_NONE = saved("classic/no_slots-three_desks/2.html")
SAYS_SOME = saved("classic/slots_offered-straight_to_calendar/1.html")


def shut(*numbers: int) -> str:
    """The list of three desks, of which these cannot be chosen."""
    page = DESKS
    for number in numbers:
        page = page.replace(f'value="{number}"', f'value="{number}" disabled')
    return page


def walked(desks: str, *somes: int, desk: str | None = None) -> tuple[list[str], Reading]:
    """A walk over three desks; those in `somes` have slots."""
    answers = {
        PROCEDURE: (PROCEDURE, CONDITIONS),
        "condition=on": (f"{PROCEDURE}/1", desks),
        f"{PROCEDURE}/1": (f"{PROCEDURE}/1", desks),
        **{f"planning={n}": (f"{PROCEDURE}/2", SAYS_NONE) for n in (4419, 4420, 4421)},
        **{f"planning={n}": (f"{PROCEDURE}/4", SAYS_SOME) for n in somes},
    }
    return visit(Classic(), target("classic", PROCEDURE, desk=desk), answers)


@pytest.mark.parametrize("closed", [4419, 4420, 4421])
def test_a_desk_that_cannot_be_chosen_does_not_end_the_visit(closed: int) -> None:
    asked, reading = walked(shut(closed))
    tried = [int(each.removeprefix("planning=")) for each in asked if each.startswith("planning=")]
    assert tried == [number for number in (4419, 4420, 4421) if number != closed]
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "desk_closed")
    outcomes = {part.label: part.outcome for part in reading.parts}
    assert outcomes.pop(reading.words) is Outcome.UNRECOGNISED
    assert set(outcomes.values()) == {Outcome.NO_SLOTS}


RADIO = '<input class="radio" type="radio" name="planning" id="planning4420" value="4420">'


@pytest.mark.parametrize(
    ("was", "shut"),
    [
        ('<label for="planning4420">', '<label for="planning4420" aria-disabled=true>'),
        (RADIO, f"<fieldset disabled>{RADIO}</fieldset>"),
        (RADIO, f"<div hidden>{RADIO.replace('value', 'disabled value')}</div><span class=radio></span>"),
    ],
)
def test_a_desk_can_be_shut_in_several_ways(was: str, shut: str) -> None:
    assert was in DESKS
    asked, reading = walked(DESKS.replace(was, shut))
    assert "planning=4420" not in asked
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "desk_closed")


@pytest.mark.parametrize("desk", ["guichets", "Calendrier guichets 5, 6, 7", "4420"])
def test_a_desk_is_chosen_by_its_whole_name(desk: str) -> None:
    asked, reading = walked(DESKS, desk=desk)
    assert asked == [PROCEDURE, "condition=on"]
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "other_desks")


def test_the_slots_of_another_procedure_are_not_this_ones() -> None:
    elsewhere = replace(page(3, NEXT), final_url=f"{PROCEDURE.replace('12083', '12084')}/3")
    assert seen(elsewhere).outcome is Outcome.UNRECOGNISED


def test_a_week_of_another_desk_is_no_slot_of_this_one() -> None:
    step = received(DESKS, url=f"{PROCEDURE}/1")
    asked = [step, page(2, f"<p>{TAKEN}</p>"), week(FREE)]
    watched = replace(WATCHED, desk="Calendrier guichets 5, 6, 7 et 8")
    reading = Classic().read(watched, replace(ONE_DESK.capture, steps=tuple(asked)))
    assert reading.outcome is Outcome.UNRECOGNISED
    own = replace(asked[2], final_url=asked[2].final_url.replace("4418", "4420"))
    reading = Classic().read(watched, replace(ONE_DESK.capture, steps=(step, page(3, NEXT), own)))
    assert reading.outcome is Outcome.SLOTS_OFFERED


def test_slots_at_another_desk_are_told_all_the_same() -> None:
    _asked, reading = walked(shut(4420), 4421)
    assert reading.outcome is Outcome.SLOTS_OFFERED
    assert [part.outcome for part in reading.parts] == [
        Outcome.NO_SLOTS,
        Outcome.UNRECOGNISED,
        Outcome.SLOTS_OFFERED,
    ]


def test_a_closed_desk_that_nobody_watches_does_not_matter() -> None:
    desk = "Calendrier guichets 9, 10, 11 et 12"
    assert walked(shut(4419, 4420), desk=desk)[1].outcome is Outcome.NO_SLOTS
    assert walked(shut(4421), desk=desk)[1].rule == "desk_closed"


def test_where_no_desk_can_be_chosen_none_is_asked() -> None:
    asked, reading = walked(shut(4419, 4420, 4421))
    assert asked == [PROCEDURE, "condition=on"]
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "desk_closed")


def test_what_the_other_hours_of_a_row_say_is_said_of_themselves() -> None:
    full = "<td class='status-0 full'>complet</td>"
    row = f"<table><tr>{full}{cell(SOON)}{full}</tr></table>"
    assert seen(page(4, row)).outcome is Outcome.SLOTS_OFFERED


CHOSEN = "<input type=radio name=planning id=planning7 value=7><label for=planning7>Guichet A</label>"


@pytest.mark.parametrize(
    "more",
    [
        "<label><input type=radio name=planning value=8> Guichet B</label>",
        "<input type=radio name=planning id=planning_8 value=8><label for=planning_8>Guichet B</label>",
        "<input type=radio name=planning value=8> Guichet B",
        "<details><input type=radio name=planning value=8><label for=planning8>B</label></details>",
        "<input type=radio name=nationalite value=1><label>Algérienne</label>",
        "<select name=autre><option>A</option><option>B</option></select>",
        "<button type=submit name=guichet value=8>Guichet B</button>",
        "<a href='/booking/create/2002/1'>Guichet B</a>",
        "<p>Page 1 sur 2</p>",
    ],
)
def test_what_else_can_be_chosen_beside_the_desks_was_not_asked(more: str) -> None:
    answer = replace(page(2, f"<p>{TAKEN}</p>"), method="POST")

    def outcome(chosen: str) -> Outcome:
        steps = [page(1, f"{chosen}{NEXT}", title="<h2>Choix de la nature du rendez-vous</h2>"), answer]
        return Classic().read(WATCHED, replace(ONE_DESK.capture, steps=tuple(steps))).outcome

    assert outcome(CHOSEN) is Outcome.NO_SLOTS
    assert outcome(CHOSEN + more) is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    ("titles", "wanted", "outcome"),
    [
        ((TITLE, TITLE), "", Outcome.NO_SLOTS),
        (("", TITLE), "", Outcome.NO_SLOTS),
        ((TITLE, ""), "", Outcome.NO_SLOTS),
        ((TITLE, TITLE.upper()), "", Outcome.NO_SLOTS),
        ((TITLE, "Permis de conduire"), "", Outcome.UNRECOGNISED),
        ((TITLE, f"{TITLE} (étape 2)"), TITLE, Outcome.NO_SLOTS),
        ((TITLE, ""), TITLE, Outcome.NO_SLOTS),
        ((TITLE, "Permis de conduire"), TITLE, Outcome.UNRECOGNISED),
        (("Permis de conduire", TITLE), TITLE, Outcome.UNRECOGNISED),
    ],
)
def test_every_step_is_one_of_the_same_procedure(
    titles: tuple[str, str], wanted: str, outcome: Outcome
) -> None:
    first, last = titles
    steps = (page(0, "", title="<h2>x</h2>", heading=first), page(2, f"<p>{TAKEN}</p>", heading=last))
    watched = replace(WATCHED, options={"title": wanted} if wanted else {})
    assert Classic().read(watched, replace(ONE_DESK.capture, steps=steps)).outcome is outcome


@pytest.mark.parametrize(
    ("first", "last", "outcome"),
    [
        ("<p>Préfecture du Var</p>", "<p>Préfecture du Var</p>", Outcome.NO_SLOTS),
        ("", "<p>Préfecture du Var</p>", Outcome.NO_SLOTS),
        ("<p>Préfecture du Var</p>", "", Outcome.NO_SLOTS),
        ("<p>Préfecture du Var</p>", "<p>Préfecture du Nord</p>", Outcome.UNRECOGNISED),
        ("<p>Sous-préfecture de Brest</p>", "<p>Préfecture du Nord</p>", Outcome.UNRECOGNISED),
        (TRAIL.format("Titres"), TRAIL.format("Titres"), Outcome.NO_SLOTS),
        (TRAIL.format("Titres"), TRAIL.format("Naturalisation"), Outcome.UNRECOGNISED),
        (f"<h3>Visas</h3>{TRAIL.format('Titres')}", TRAIL.format("Visas"), Outcome.NO_SLOTS),
    ],
)
def test_every_step_stands_in_the_same_place_of_the_same_site(
    first: str, last: str, outcome: Outcome
) -> None:
    steps = (page(0, "", title="<h2>x</h2>", outside=first), page(2, f"<p>{TAKEN}</p>", outside=last))
    assert Classic().read(WATCHED, replace(ONE_DESK.capture, steps=steps)).outcome is outcome


@pytest.mark.parametrize(
    ("head", "rule"),
    [
        ("Semaine du 22/12/2025 au 28/12/2025", "free_links"),
        ("Semaine du 22 au 28 décembre 2025", "free_links"),
        ("mardi", "free_links"),
        ("Semaine du 9 au 15 juin 2025", "unreadable_date"),
        ("Semaine du 29/12/2025 au 04/01/2026", "unreadable_date"),
    ],
)
def test_a_free_hour_lies_in_the_week_above_it(head: str, rule: str) -> None:
    shown = week(FREE)
    said = shown.body.decode().replace("Semaine du 22/12/2025 au 28/12/2025", head)
    assert seen(replace(shown, body=said.encode())).rule == rule


def test_a_link_back_to_the_start_of_the_module_says_nothing() -> None:
    back = "<p><a href='/booking/create/12083'>Retour à l'accueil de la prise de rendez-vous</a></p>"
    assert seen(page(2, f"<p>{TAKEN}</p>{back}")).outcome is Outcome.NO_SLOTS


NINTH = datetime(2025, 12, 24, 9, tzinfo=UTC)
HEADED = "<table><tr><th>Mardi 23 décembre</th><th>Mercredi 24 décembre</th></tr><tr>{}</tr></table>"
NOTHING = "<td></td>"


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (NOTHING + cell(NINTH), "free_links"),
        (cell(NINTH).replace("10:00", "14:20") + NOTHING, "unreadable_date"),
        (NOTHING + cell(NINTH).replace("10:00", "14:20"), "unreadable_date"),
        # The site may write local hours as UTC.
        (NOTHING + cell(NINTH).replace("10:00", "09:00"), "free_links"),
        (NOTHING + cell(NINTH).replace("10:00", "10:00 10:20"), "unreadable_date"),
        (cell(NINTH + timedelta(days=2)) + NOTHING, "unreadable_date"),
        (f"<td colspan=2></td>{cell(NINTH)}", "free_links"),
    ],
)
def test_a_free_hour_is_that_of_its_cell_and_its_column(row: str, rule: str) -> None:
    assert seen(page(4, HEADED.format(row))).rule == rule


ZONES = ("Europe/Paris", "Indian/Reunion", "America/Cayenne", "Pacific/Noumea", "Pacific/Gambier")


def seen_in(zone: str, *cells: str, heads: str = "") -> Reading:
    """The reading of a calendar in `zone`; each of `cells` is one of its days."""
    step = page(4, f"<table>{heads}<tr>{''.join(cells)}</tr></table>")
    watched = replace(WATCHED, zone=zone)
    return Classic().read(watched, replace(ONE_DESK.capture, steps=(step,)))


def free(at: datetime, said: str) -> str:
    return f"<td class='status-1 free'>{said} <a href='{PROCEDURE}/5/{int(at.timestamp())}'>libre</a></td>"


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [0, 9, 15, 23])
@pytest.mark.parametrize("head", ["", "<tr><th>Mercredi 7 janvier</th></tr>"])
def test_an_hour_is_the_local_one_in_its_cell_however_its_link_is_written(
    zone: str, hour: int, head: str
) -> None:
    local = datetime(2026, 1, 7, hour, 30, tzinfo=ZoneInfo(zone))
    for written in (local, local.replace(tzinfo=UTC)):
        reading = seen_in(zone, free(written, f"{hour:02}:30"), heads=head)
        slot = Slot(starts_at=local.astimezone(UTC))
        assert (reading.earliest, reading.slots, reading.rule) == (slot, 1, "free_links")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("head", ["Mardi 6 janvier", "Jeudi 8 janvier"])
def test_the_column_names_the_local_day_whatever_the_day_in_utc(zone: str, head: str) -> None:
    local = datetime(2026, 1, 7, 23, 30, tzinfo=ZoneInfo(zone))
    for written in (local, local.replace(tzinfo=UTC)):
        assert (
            seen_in(zone, free(written, "23:30"), heads=f"<tr><th>{head}</th></tr>").rule == "unreadable_date"
        )


@pytest.mark.parametrize("zone", ZONES)
def test_without_an_hour_in_its_cell_the_link_is_believed(zone: str) -> None:
    at = datetime(2026, 1, 7, 9, 20, tzinfo=UTC)
    assert seen_in(zone, free(at, "")).earliest == Slot(starts_at=at)


def test_an_hour_written_as_utc_that_is_over_here_cannot_be_booked() -> None:
    over = NOON.astimezone(UTC).replace(hour=13, minute=0)
    assert seen_in("Pacific/Noumea", free(over, "13:00")).rule == "out_of_time"
    assert seen_in("Europe/Paris", free(over - timedelta(hours=6), "")).rule == "out_of_time"


@pytest.mark.parametrize(("head", "hour"), [("10:30", 10), ("09:30", 9), ("14:00", None), ("", 10)])
def test_the_head_of_a_row_names_the_hour_of_its_cells(head: str, hour: int | None) -> None:
    row = f"<th>{head}</th>{free(datetime(2026, 1, 7, 9, 30, tzinfo=UTC), '')}"
    earliest = seen_in("Europe/Paris", row).earliest
    assert earliest == (hour and Slot(starts_at=datetime(2026, 1, 7, hour, 30, tzinfo=PARIS)))


@pytest.mark.parametrize(
    "line",
    [
        "Mardi 1er décembre",
        "Mercredi 07/01/2026",
        "Veuillez choisir une plage horaire libre dans le calendrier ci-dessous.",
        "Sélectionnez un créneau :",
    ],
)
def test_what_stands_around_a_calendar_is_known(line: str) -> None:
    shown = f"<p>{line}</p><table><tr>{FREE}</tr></table>"
    assert seen(page(4, shown)).outcome is Outcome.SLOTS_OFFERED


def test_an_hour_may_stand_beside_the_element_of_its_link() -> None:
    local = datetime(2026, 1, 7, 9, tzinfo=PARIS)
    around = free(local, "09:00").replace("<a", "<span><a").replace("</a>", "</a></span>")
    assert seen_in("Europe/Paris", around).earliest == Slot(starts_at=local)


@pytest.mark.parametrize("tag", SOURCE)
def test_source_shown_as_text_is_no_answer(tag: str) -> None:
    assert seen(page(2, f"<{tag}><p>{TAKEN}</p></{tag}>")).outcome is Outcome.UNRECOGNISED
    assert seen(page(2, f"<p><{tag}>{TAKEN}</{tag}></p>")).outcome is Outcome.UNRECOGNISED
    calendar = f"<table><tr>{FREE}</tr></table>"
    assert seen(page(4, f"<{tag}>{calendar}</{tag}>")).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        (f"Votre demande : {TITLE}", Outcome.NO_SLOTS),
        ("Votre demande : Naturalisation", Outcome.UNRECOGNISED),
    ],
)
def test_the_procedure_may_be_named_again(line: str, outcome: Outcome) -> None:
    assert seen(page(2, f"<p>{ALL_TAKEN}</p>", outside=f"<p>{line}</p>")).outcome is outcome


def test_every_step_is_of_the_same_prefet() -> None:
    first = page(2, f"<p>{ALL_TAKEN}</p>", outside="<p>PRÉFET DU VAL-D'OISE</p>")
    other = page(2, f"<p>{ALL_TAKEN}</p>", outside="<p>PRÉFET DE L'ESSONNE</p>")
    assert seen(first, other).rule == "identity_changed"


def test_a_free_hour_without_a_word_cannot_be_quoted() -> None:
    wordless = (
        f"<td class='status-1 free'><a href='/booking/create/12083/5/{int(SOON.timestamp())}'></a></td>"
    )
    assert not seen(page(4, f"<table><tr>{wordless}</tr></table>")).outcome.conclusive
    assert seen(page(3, NEXT), week(wordless)).rule == "wordless_slot"


@pytest.mark.parametrize(
    "line", ["Ce résultat ne concerne que le samedi", "Rendez-vous possibles au guichet B"]
)
def test_all_that_the_form_says_must_be_known(line: str) -> None:
    shown = page(2, f"<p>{TAKEN}</p>").body.decode()
    for before, after in ((">", f"><p>{line}</p>"), ("</form>", f"<p>{line}</p></form>")):
        at = shown.index("<form") if before == ">" else 0
        put = shown[:at] + shown[at:].replace(before, after, 1)
        assert seen(replace(page(2, ""), body=put.encode())).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize("tag", ["strong", "em", "b", "span"])
def test_words_of_the_sentence_in_bold_letters_are_no_remark(tag: str) -> None:
    first, _, last = TAKEN.partition("Veuillez")
    stressed = first.replace("plage horaire libre", f"<{tag}>plage horaire libre</{tag}>")
    assert stressed != first
    assert seen(page(2, f"<p>{stressed}<br>Veuillez{last}</p>")).outcome is Outcome.NO_SLOTS
    beside = f"<p>Guichet 2 <{tag}>plage horaire libre</{tag}></p>"
    assert seen(page(2, f"<p>{TAKEN}</p>{beside}")).outcome is Outcome.UNRECOGNISED
