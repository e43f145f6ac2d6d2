"""eSirius eAppointment without a browser: the saved pages and the alerts put up over them, read purely.

`test_pages.py` reads every folder of `tests/pages/esirius` too; `test_esirius_in_chromium.py` runs scripts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from probes.model import Capture, NoSlotsKind, Outcome, Reading, Transport
from probes.platforms.esirius import Esirius
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
        ("/eAppointmentpref94/identity.do", False),
        ("/booking/create/1", False),
    ],
)
def test_it_accepts_pages_of_the_application(path: str, accepted: bool) -> None:
    assert Esirius().accepts(f"https://rdv-etrangers-94.interieur.gouv.fr{path}") is accepted
