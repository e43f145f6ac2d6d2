"""eSirius eAppointment without a browser: the saved pages and the alerts put up over them, read purely.

`test_pages.py` reads every folder of `tests/pages/esirius` too; `test_esirius_in_chromium.py` runs scripts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from probes.model import Capture, NoSlotsKind, Outcome, Reading, Transport
from probes.platforms.esirius import SCRIPTS, Esirius
from tests.cast.saved_pages import PAGES, load, received, target
from tests.platforms.scripted import Answer, saved, visit

SITE = "https://rdv-etrangers-94.interieur.gouv.fr/eAppointmentpref94"
START = f"{SITE}/element/jsp/specific/pref94.jsp"
MOTIVES = f"{SITE}/appointment.do?sitekey=P941"
APPOINTMENT = f"{SITE}/appointment.do"
OPTIONS = {"postcode": "94000", "motive": "20"}
NONE = "Aucun rendez-vous n'est possible pour les motifs selectionnnés ou le créneau horaire séléctionné."

CALENDAR: dict[str, tuple[str, ...]] = {
    START: (START, saved("esirius/slots_offered-calendar/0.html")),
    "CP=94000": (MOTIVES, saved("esirius/slots_offered-calendar/1.html")),
    "selectedMotiveKeyList=20": (APPOINTMENT, saved("esirius/slots_offered-calendar/2.html")),
    # The saved calendar is of 2020; a scripted visit takes place on 20 December 2025.
    "#dayValueId": (APPOINTMENT, saved("esirius/slots_offered-calendar/3.html").replace("2020", "2026")),
}


def walked(
    answers: Mapping[str, Answer] = CALENDAR, url: str = START, options: Mapping[str, str] | None = None
) -> tuple[list[str], Reading]:
    """A whole walk: what was asked for, and what it was read as."""
    return visit(Esirius(), target("esirius", url, options={**OPTIONS, **(options or {})}), answers)


def alerted(*dialogs: str, page: str = "no_slots-alert/2.html", method: str = "POST") -> Reading:
    """What the page on which alerts were put up is read as."""
    shown = received(saved(f"esirius/{page}"), url=MOTIVES, method=method, dialogs=dialogs)
    capture = Capture(transport=Transport.BROWSER, steps=(shown,))
    return Esirius().read(target("esirius", START, options=OPTIONS), capture)


def test_the_calendar_takes_four_steps_and_no_hour_is_chosen() -> None:
    asked, reading = walked()
    assert asked == [START, "CP=94000", "selectedMotiveKeyList=20", "#dayValueId"]
    assert (reading.outcome, reading.rule, reading.words) == (
        Outcome.SLOTS_OFFERED,
        "calendar",
        "23 Janvier 2026",
    )


def test_an_alert_ends_the_walk_and_is_the_answer() -> None:
    asked, reading = walked(CALENDAR | {"selectedMotiveKeyList=20": (*CALENDAR["CP=94000"], NONE)})
    assert asked[-1] == "selectedMotiveKeyList=20"
    assert (reading.outcome, reading.words) == (Outcome.NO_SLOTS, NONE)


def test_an_application_without_postcode_begins_with_the_motives() -> None:
    answers: dict[str, Answer] = {
        APPOINTMENT: (APPOINTMENT, CALENDAR["CP=94000"][1]),
        "selectedMotiveKeyList=20": 502,
    }
    asked, reading = walked(answers, APPOINTMENT)
    assert asked == [APPOINTMENT, "selectedMotiveKeyList=20"]
    assert reading.outcome is Outcome.SITE_DOWN


@pytest.mark.parametrize(
    ("options", "rule", "steps"),
    [
        ({"postcode": ""}, "step_postcode", 1),
        ({"postcode": "92 rue"}, "step_postcode", 1),
        ({"postcode": "920000"}, "step_postcode", 1),
        ({"motive": ""}, "step_motive", 2),
        ({"motive": "20 or 21"}, "step_motive", 2),
    ],
)
def test_a_walk_stops_where_it_does_not_know_what_to_say(
    options: dict[str, str], rule: str, steps: int
) -> None:
    asked, reading = walked(options=options)
    assert (len(asked), reading.outcome, reading.rule) == (steps, Outcome.UNRECOGNISED, rule)


@pytest.mark.parametrize(
    "said",
    [
        NONE,
        "Aucun rendez-vous n'est disponible actuellement pour le motif sélectionné.",
        "Aucun rendez-vous n’est possible\npour les motifs sélectionnés",
        "Il n'y a pas de rendez-vous disponible pour ce service.",
        "Il n'y a pas de rendez-vous disponible pour ce service",
    ],
)
def test_these_alerts_say_that_there_is_none(said: str) -> None:
    reading = alerted(said)
    assert (reading.outcome, reading.rule) == (Outcome.NO_SLOTS, "alert")
    assert reading.kind is NoSlotsKind.UNSPECIFIED
    assert reading.words == " ".join(said.split())


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Veuillez saisir un code postal valide.",
        "Vous devez autoriser les cookies.",
        "callback is null",
        "Aucun rendez-vous n'est possible.",
        "Aucun rendez-vous n'est possible pour les motifs " + 30 * "a b c ",
        f"Erreur : {NONE}",
        "Il n'y a pas de rendez-vous disponible pour ce service avant lundi. Revenez alors.",
        "Il n'y a pas de rendez-vous disponible pour ce service : service indisponible",
        "Aucun rendez-vous n'est possible pour les motifs sélectionnés avant le 15 janvier 2027.",
        "Aucun rendez-vous n'est possible pour les motifs sélectionnés jusqu'au 15 janvier.",
        "Aucun rendez-vous n'est possible pour les motifs sélectionnés à Créteil. Des rendez-vous sont "
        "disponibles à Nogent.",
        "Aucun rendez-vous n'est possible pour les motifs sélectionnés ; essayez un seul motif.",
        "Aucun rendez-vous n'est possible pour les motifs sélectionnés sans code postal.",
        "Aucun rendez-vous n'est possible pour le motif sélectionné. Un autre motif a des places.",
        "Aucun rendez-vous n'est disponible actuellement pour le motif sélectionné le lundi.",
        "« Aucun rendez-vous n'est possible pour le motif sélectionné. »",
    ],
)
def test_any_other_alert_proves_nothing(said: str) -> None:
    reading = alerted(said)
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "other_alert")


def test_an_alert_counts_only_as_the_one_answer_to_a_motive() -> None:
    assert alerted(NONE).outcome is Outcome.NO_SLOTS
    on_arrival = alerted(NONE, method="GET")
    twice = alerted(NONE, NONE)
    elsewhere = alerted(NONE, page="no_slots-alert/0.html")
    assert {each.rule for each in (on_arrival, twice, elsewhere)} == {"other_alert"}


def test_an_alert_over_a_calendar_is_a_contradiction() -> None:
    reading = alerted(NONE, page="slots_offered-calendar/3.html")
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "contradiction")


def test_without_its_alert_the_same_page_is_no_absence() -> None:
    case = load(PAGES / "esirius/no_slots-alert")
    silent = replace(case.capture, steps=tuple(replace(step, dialogs=()) for step in case.capture.steps))
    reading = Esirius().read(case.target, silent)
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "step_motive")


@pytest.mark.parametrize(
    ("path", "accepted"),
    [
        ("/eAppointmentpref94/element/jsp/specific/pref94.jsp", True),
        ("/eAppointment/appointment.do", True),
        ("/eAppointmentpref94/appointment.do?sitekey=P941&mobile=false", True),
        ("/eAppointment_PREF69_NAT_DEMANDE/appointment.do?preselectservice=DEPOT", True),
        ("/eAppointment/appointment.do?preselectservice=CNI#haut", True),
        ("/eAppointment/appointment.do?preselectservice=CNI&utm_source=lettre", False),
        ("/eAppointmentpref94/element/jsp/appointment.jsp", False),
        ("/eAppointmentpref94/step1ScenarioTwo.do", False),
        ("/eAppointmentpref94/identity.do", False),
        ("/booking/create/1", False),
    ],
)
def test_it_accepts_pages_of_the_application(path: str, accepted: bool) -> None:
    assert Esirius().accepts(f"https://rdv-etrangers-94.interieur.gouv.fr{path}") is accepted


def test_a_day_that_cannot_be_chosen_is_no_slot() -> None:
    body = CALENDAR["#dayValueId"][1]
    greyed = body.replace("<td", '<td class="ui-state-disabled" data-was').replace(
        'data-was class="', 'data-was="'
    )
    _asked, reading = walked({**CALENDAR, "#dayValueId": (APPOINTMENT, greyed)})
    assert reading.rule == "empty_calendar"


@pytest.mark.parametrize(
    "cell",
    [
        '<td class="ui-datepicker-other-month" data-handler="selectDay" data-month="0" data-year="2000">',
        '<td class="ui-datepicker-other-month" data-handler="selectDay">',
        '<td class=" " data-handler="selectDay" data-month="0" data-year="2000">',
    ],
)
def test_a_day_of_a_month_beside_that_can_be_chosen_leaves_no_date(cell: str) -> None:
    body = CALENDAR["#dayValueId"][1]
    link = '<a class="ui-state-default" href="#">'
    beside = body.replace(f'<td class=" " data-handler="selectDay">{link}', f"{cell}{link}", 1)
    assert beside != body
    _asked, reading = walked({**CALENDAR, "#dayValueId": (APPOINTMENT, beside)})
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "unreadable_date")


# The product's own flow.

STEP = f"{SITE}/element/jsp/appointment.jsp;jsessionid=0A1B.node1"
SERVICE = "https://rdv.vaux.gouv.fr/eAppointment/appointment.do?preselectservice=CNI"
FIRST = saved("esirius/slots_offered-soonest/0.html")


def test_every_step_may_come_under_one_address() -> None:
    flow = {name: (STEP if name != START else START, body) for name, (_url, body) in CALENDAR.items()}
    asked, reading = walked(flow)
    assert asked == [START, "CP=94000", "selectedMotiveKeyList=20", "#dayValueId"]
    assert reading.outcome is Outcome.SLOTS_OFFERED


def test_a_first_page_with_nothing_but_a_button_is_passed() -> None:
    step = SERVICE.partition("appointment.do")[0] + "element/jsp/appointment.jsp"
    flow: dict[str, Answer] = {
        SERVICE: (step, FIRST),
        "": (step, CALENDAR["CP=94000"][1]),
        "selectedMotiveKeyList=20": (step, saved("esirius/slots_offered-soonest/2.html")),
    }
    asked, reading = walked(flow, SERVICE)
    assert asked == [SERVICE, "", "selectedMotiveKeyList=20"]
    assert (reading.outcome, reading.rule) == (Outcome.SLOTS_OFFERED, "soonest")


@pytest.mark.parametrize(
    "field",
    [
        "<input name=nom>",
        "<input type=text name=nom>",
        "<input type=email name=courriel>",
        "<input type=checkbox name=accord>",
        "<input type=radio name=heure value=0945>",
        "<input type=password name=x>",
        "<textarea name=message></textarea>",
        "<select name=heure><option>9h45</option></select>",
    ],
)
def test_a_form_in_which_something_can_be_said_is_no_first_page(field: str) -> None:
    page = FIRST.replace("</form>", f"{field}</form>")
    asked, reading = walked({SERVICE: (SERVICE, page)}, SERVICE)
    assert asked == [SERVICE]
    assert reading.rule == "unknown_page"


@pytest.mark.parametrize(
    ("call", "listed"),
    [
        ("dwr/call/plaincall/AjaxMotive.motiveMultiSiteSubmit.dwr", True),
        ("dwr/call/plaincall/AjaxSelectionFormFeeder.getClosedDaysList.dwr", True),
        ("dwr/call/plaincall/__System.generateId.dwr", True),
        ("dwr/interface/AjaxMotive.js", True),
        ("dwr/call/plaincall/AjaxSelectionFormFeeder.confirmAppointment.dwr", False),
        ("dwr/call/plaincall/AjaxSelectionFormFeeder.confirmdeleteAppointmentDuplicated.dwr", False),
        ("dwr/call/plaincall/AjaxSelectionFormFeeder.checkSelectionValidity.dwr", False),
        ("dwr/call/plaincall/AjaxSelectionFormFeeder.initTimeAreaBeanListForDayAndHour.dwr", False),
        ("dwr/call/plaincall/Other.getClosedDaysList.dwr", False),
        ("identity.do", False),
    ],
)
def test_its_scripts_may_ask_up_to_the_calendar(call: str, listed: bool) -> None:
    asked = f"/eAppointmentpref94/{call}"
    assert any(re.fullmatch(path, asked) for path in SCRIPTS) is listed


# Calendars.

TITLE = "<h2>3/4 : Lieu, date et heure</h2>"


def month(*days: str, title: str = "Janvier 2026", group: bool = False) -> str:
    shown = f"<div class=ui-datepicker-title>{title}</div><table><tr>{''.join(days)}</tr></table>"
    return f"<div class=ui-datepicker-group>{shown}</div>" if group else shown


def day(number: int, *, link: str = "<a class=ui-state-default href='#'>{}</a>", classes: str = "") -> str:
    return f"<td class='{classes}'>{link.format(number)}</td>"


def calendar(*months: str, beside: str = "", dialogs: tuple[str, ...] = ()) -> Reading:
    """What the step of the calendar reads as on 20 December 2025."""
    drawn = f"<div class=ui-datepicker>{''.join(months)}</div>" if months else ""
    body = f"<html><body>{TITLE}<form name=form3>{drawn}</form>{beside}</body></html>"
    shown = received(body, url=APPOINTMENT, dialogs=dialogs)
    capture = Capture(transport=Transport.BROWSER, steps=(shown,))
    return Esirius().read(target("esirius", START, options=OPTIONS), capture)


@pytest.mark.parametrize("group", [True, False])
def test_open_days_are_slots_with_or_without_groups(group: bool) -> None:
    reading = calendar(month(day(9), day(12), group=group))
    assert (reading.outcome, reading.words) == (Outcome.SLOTS_OFFERED, "9 Janvier 2026")
    assert reading.earliest is not None
    assert reading.earliest.day(target("x", "").tz).isoformat() == "2026-01-09"


@pytest.mark.parametrize(
    "taken",
    [
        day(9, classes="ui-state-disabled"),
        day(9, classes="ui-datepicker-unselectable"),
        *(day(9, classes=state) for state in ("complet", "full", "disabled")),
        day(9, link="<a class='ui-state-default ui-state-disabled'>{}</a>"),
        day(9, link="<a class=ui-state-default aria-disabled=true>{}</a>"),
        day(9, link="<s><a class=ui-state-default>{}</a></s>"),
        day(9, link="<a class=ui-state-default>{}</a> complet"),
        day(9, link="<span class=ui-state-default>{}</span>"),
    ],
)
def test_a_day_that_cannot_be_chosen_is_none(taken: str) -> None:
    assert calendar(month(taken)).outcome is Outcome.UNRECOGNISED
    beside = calendar(month(taken, day(12)))
    assert beside.outcome is Outcome.UNRECOGNISED or beside.words == "12 Janvier 2026"


@pytest.mark.parametrize("title", ["Novembre 2025", "Mars 2020", "Décembre 2099", "Janvier 2029"])
def test_one_month_out_of_time_leaves_no_date(title: str) -> None:
    assert calendar(month(day(9), title=title)).rule == "out_of_time"
    both = month(day(9), group=True) + month(day(9), title=title, group=True)
    assert calendar(both).rule == "out_of_time"


@pytest.mark.parametrize("said", [NONE, "Il n'y a pas de rendez-vous disponible pour ce service."])
def test_open_days_beside_none_are_a_contradiction(said: str) -> None:
    assert calendar(month(day(9)), beside=f"<p>{said}</p>").rule == "contradiction"
    assert calendar(month(day(9)), dialogs=(said,)).rule == "contradiction"


@pytest.mark.parametrize(
    "beside",
    [
        "<div class=error>Votre session a expiré.</div>",
        "<p class=messageErreur>Une erreur est survenue.</p>",
        "<p id=timeareaempty>Plus aucune heure.</p>",
        "<p>Les disponibilités n'ont pas pu être chargées.</p>",
        "<p>Chargement du calendrier en cours</p>",
    ],
)
def test_an_error_beside_open_days_takes_them_back(beside: str) -> None:
    assert calendar(month(day(9)), beside=beside).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    ("said", "day_read"),
    [
        ("Prochain rendez-vous : mardi 13 janvier 2026, 9h30", "2026-01-13"),
        ("mardi 13 janvier", "2026-01-13"),
        ("Au plus tôt le 13/01/2026", "2026-01-13"),
        ("Aucun rendez-vous avant le mardi 13 janvier", None),
        ("Pas de rendez-vous avant le 13/01/2026", None),
        ("Complet jusqu'au 13 janvier", None),
        ("Disponibilités jusqu'au 13 janvier", None),
        ("Plus de place le 13/01/2026", None),
        ("Plus d'heure le mardi 13 janvier", None),
        ("Rendez-vous après le mardi 13 janvier", None),
        ("mardi 13 janvier (complet)", None),
        ("Le premier rendez-vous disponible est le mardi 13 janvier 2026 à 9h30", "2026-01-13"),
        ("Par exemple : mardi 13 janvier 2026 à 9h45", None),
        ("Ouverture des prochains rendez-vous : mardi 13 janvier", None),
        ("Prochaine mise en ligne de rendez-vous : mardi 13 janvier", None),
        ("Dernier rendez-vous attribué : mardi 13 janvier", None),
        ("Fermeture du service le mardi 13 janvier", None),
        ("Vous avez déjà un rendez-vous : mardi 13 janvier", None),
        ("Bientôt", None),
        ("mardi 3 mars 2020", None),
    ],
)
def test_a_text_that_names_the_soonest_hour_is_a_slot(said: str, day_read: str | None) -> None:
    reading = calendar(beside=f"<div><p class=soonestText>{said}</p></div>")
    assert (reading.outcome is Outcome.SLOTS_OFFERED) is (day_read is not None)
    found = reading.earliest and reading.earliest.day(target("x", "").tz).isoformat()
    assert found == day_read


def test_a_soonest_hour_that_cannot_be_true_makes_the_open_days_doubtful() -> None:
    soonest = "<div><p class=soonestText>{}</p></div>"
    assert calendar(month(day(9)), beside=soonest.format("mardi 13 janvier")).outcome is Outcome.SLOTS_OFFERED
    assert calendar(month(day(9)), beside=soonest.format("mardi 3 mars 2020")).rule == "out_of_time"


def test_the_words_are_those_of_the_first_day_and_no_day_is_guessed() -> None:
    two = calendar(month(day(12), title="Février 2026", group=True), month(day(9), group=True))
    assert (two.words, two.second is None) == ("9 Janvier 2026", False)
    unread = calendar(month(day(9), group=True), month(day(12), title="?", group=True))
    assert (unread.earliest, unread.second) == (None, None)


def test_an_open_day_that_does_not_exist_makes_the_calendar_doubtful() -> None:
    february = month(day(30), title="Février 2026", group=True)
    assert calendar(february).rule == "unreadable_date"
    assert calendar(month(day(9), group=True), february).rule == "unreadable_date"


def test_a_calendar_that_is_shown_is_not_unfolded_again() -> None:
    shown = CALENDAR["#dayValueId"]
    asked, reading = walked(CALENDAR | {"selectedMotiveKeyList=20": shown})
    assert asked == [START, "CP=94000", "selectedMotiveKeyList=20"]
    assert reading.outcome is Outcome.SLOTS_OFFERED


@pytest.mark.parametrize("beside", ["<p>Sous réserve.</p>", "<p id=timeareaempty>Rien.</p>"])
def test_what_stands_beside_the_soonest_hour_is_known_or_doubtful(beside: str) -> None:
    soonest = "<div><p class=soonestText>mardi 13 janvier</p>{}</div>"
    assert calendar(beside=soonest.format("")).outcome is Outcome.SLOTS_OFFERED
    assert calendar(beside=soonest.format(beside)).outcome is Outcome.UNRECOGNISED


def test_an_alert_before_a_calendar_contradicts_it() -> None:
    alert = received(saved("esirius/no_slots-alert/2.html"), url=MOTIVES, method="POST", dialogs=(NONE,))
    body = f"{TITLE}<div class=ui-datepicker>{month(day(9))}</div>"
    shown = replace(received(body, url=APPOINTMENT), n=1)
    for steps, rule in (((shown,), "calendar"), ((alert, shown), "contradiction")):
        capture = Capture(transport=Transport.BROWSER, steps=steps)
        assert Esirius().read(target("esirius", START, options=OPTIONS), capture).rule == rule


SENT, TITLES = "selectedMotiveKeyList=20", "Retrait de titres ( Après réception du SMS)"
SUMMARY = "<p>Résumé : Rendez-vous au Préfecture de Créteil — Motif du rendez-vous : "


@pytest.mark.parametrize(
    ("step", "old", "new", "rule"),
    [
        (SENT, "Après réception du SMS", "Après réception du SMS", "calendar"),
        (SENT, "SMS) : 1", "SMS)", "calendar"),
        (
            "selectedMotiveKeyList=20",
            "Retrait de titres ( Après réception du SMS)",
            "Changement d'adresse",
            "other_motive",
        ),
        (
            "selectedMotiveKeyList=20",
            "SMS) : 1</p>",
            "SMS) : 1</p><p>Motif du rendez-vous : Duplicata : 1</p>",
            "other_motive",
        ),
        (SENT, "SMS) : 1", "SMS) : 1, Naturalisation : 1", "other_motive"),
        (SENT, "<p>Motif du rendez-vous : Retrait de titres (", f"{SUMMARY}Retrait de titres (", "calendar"),
        (SENT, f"<p>Motif du rendez-vous : {TITLES}", f"{SUMMARY}Naturalisation", "other_motive"),
        (SENT, f" : {TITLES} : 1", f" :</p><p>{TITLES} : 1", "calendar"),
        (SENT, f" : {TITLES} : 1", " :</p><p>Naturalisation : 1", "other_motive"),
        ("CP=94000", 'value="21"', 'value="21" checked', "other_motive"),
    ],
)
def test_the_answer_is_for_the_one_motive_that_was_asked_for(
    step: str, old: str, new: str, rule: str
) -> None:
    answers = dict(CALENDAR)
    changed = [step, "#dayValueId"] if step.startswith("selected") else [step]
    for each in changed:
        url, page = CALENDAR[each]
        assert old in page
        answers[each] = (url, page.replace(old, new))
    assert walked(answers)[1].rule == rule


@pytest.mark.parametrize(
    "line",
    ["Choisir une date", "Veuillez sélectionner la date puis l'heure souhaitée.", "Merci de choisir la date"],
)
def test_what_asks_for_a_choice_may_stand_beside_the_soonest_hour(line: str) -> None:
    soonest = f"<p>{line}</p><p class=soonestText>Mardi 23 Décembre 2025 à 9h00</p>"
    shown = received(f"<h3>2/3 : Lieu, date et heure</h3><div>{soonest}</div>", url=APPOINTMENT, rendered="")
    shown = replace(shown, rendered=shown.body.decode())
    capture = Capture(transport=Transport.BROWSER, steps=(shown,))
    assert Esirius().read(target("esirius", START, options=OPTIONS), capture).rule == "soonest"


@pytest.mark.parametrize(
    ("place", "rule"),
    [
        ("", "calendar"),
        ("Créteil", "calendar"),
        ("préfecture de créteil", "calendar"),
        ("Nogent", "other_place"),
        ("Retrait", "other_place"),
    ],
)
def test_the_place_beside_the_calendar_is_the_one_that_the_target_names(place: str, rule: str) -> None:
    url, page = CALENDAR["#dayValueId"]
    summary = "<p>Rendez-vous au Préfecture de Créteil</p>"
    assert summary in page
    one_line = page.replace(summary, f"{SUMMARY}{TITLES} : 1</p>")
    for shown in (page, one_line):
        answers = CALENDAR | {"#dayValueId": (url, shown)}
        assert walked(answers, options={"place": place})[1].rule == rule


@pytest.mark.parametrize(
    "said",
    [
        "<p>Rendez-vous au<br/><b>{}</b></p>",
        "<p>Rendez-vous au</p><p>{}</p>",
        "<p>Lieu du rendez-vous :<br/><b>{}</b></p>",
        "<p>Site : {}</p>",
        "<p>Rendez-vous au :<br/>{}</p>",
    ],
)
def test_the_place_may_stand_after_its_label(said: str) -> None:
    url, page = CALENDAR["#dayValueId"]
    summary = "<p>Rendez-vous au Préfecture de Créteil</p>"
    for place, rule in (("Préfecture de Créteil", "calendar"), ("Nogent-sur-Marne", "other_place")):
        shown = page.replace(summary, said.format(place))
        answers = CALENDAR | {"#dayValueId": (url, shown)}
        assert walked(answers, options={"place": "Créteil"})[1].rule == rule


def test_a_place_asked_for_must_be_named_beside_the_calendar() -> None:
    url, page = CALENDAR["#dayValueId"]
    unnamed = page.replace("<p>Rendez-vous au Préfecture de Créteil</p>", "")
    assert (
        walked(CALENDAR | {"#dayValueId": (url, unnamed)}, options={"place": "Créteil"})[1].rule
        == "other_place"
    )
    assert walked(CALENDAR | {"#dayValueId": (url, unnamed)})[1].rule == "calendar"


@pytest.mark.parametrize("title", ["Erreur", "Erreur 12", "Une erreur est survenue"])
def test_a_calendar_under_the_title_of_an_error_is_no_answer(title: str) -> None:
    url, page = CALENDAR["#dayValueId"]
    assert "<title>Prise de rendez-vous</title>" in page
    failed = page.replace("<title>Prise de rendez-vous</title>", f"<title>{title}</title>")
    assert walked(CALENDAR | {"#dayValueId": (url, failed)})[1].rule == "contradiction"


@pytest.mark.parametrize(
    "line",
    ["Tous les rendez-vous sont pris.", "Plus aucune place", "Inscription sur liste d'attente seulement"],
)
def test_a_line_that_says_that_no_day_is_left_takes_the_calendar_back(line: str) -> None:
    assert calendar(month(day(9)), beside="<p>Apportez votre passeport.</p>").rule == "calendar"
    assert calendar(month(day(9)), beside=f"<p>{line}</p>").rule == "contradiction"


@pytest.mark.parametrize(
    ("beside", "rule"),
    [
        ("<select id=hourValueSelect disabled><option>Choisissez...</option></select>", "calendar"),
        ("<select id=hourValueSelect disabled><option>Aucune</option></select>", "no_free_hour"),
        ("<p>A 09:00 (complet)</p><p>A 09:15 (complet)</p>", "no_free_hour"),
        ("<p>A 09:00 (complet)</p><p>A 09:15</p>", "calendar"),
        ("<p>Plus aucune heure libre</p>", "contradiction"),
        ("<p>Les jours grisés ne sont pas disponibles.</p>", "calendar"),
        ("<p>Motif : Échange de permis de conduire</p>", "unknown_line"),
    ],
)
def test_a_day_without_a_free_hour_is_no_slot(beside: str, rule: str) -> None:
    assert calendar(month(day(9)), beside=beside).rule == rule


def test_two_calendars_on_one_page_are_no_answer() -> None:
    closing = f"<h3>Jours de fermeture</h3><div class=ui-datepicker>{month(day(24))}</div>"
    assert calendar(month(day(9)), beside=closing).rule == "other_calendar"


def _alert_beside(ticked: str) -> Reading:
    body = saved("esirius/no_slots-alert/2.html").replace("<form", f"{ticked}<form", 1)
    shown = received(body, url=MOTIVES, method="POST", dialogs=(NONE,))
    capture = Capture(transport=Transport.BROWSER, steps=(shown,))
    return Esirius().read(target("esirius", START, options={**OPTIONS, "motive": "132"}), capture)


def test_the_motive_stays_ticked_beside_its_answer_and_a_filter_does_not() -> None:
    own = "<input type=radio name=selectedMotiveKeyList value=132 checked>"
    assert _alert_beside(own).outcome is Outcome.NO_SLOTS
    # « 20 » alone could be a day of the calendar, which is known.
    assert _alert_beside("<input type=checkbox name=jour value=20 checked>").rule == "unknown_line"
