"""Each walk against a scripted session: what it asks for, in which order, and where it stops."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from probes.failures import Failure
from probes.model import Outcome, Platform, Reading
from probes.platforms.classic.platform import Classic
from probes.platforms.demarche_numerique import DemarcheNumerique
from probes.platforms.example import Example
from probes.platforms.rdv_prefecture import RdvPrefecture
from probes.platforms.rdv_service_public.platform import RdvServicePublic
from probes.sessions.guard import StopLineCrossed
from tests.cast.saved_pages import target
from tests.platforms.scripted import ScriptedSession, saved, visit

SITE = "https://www.hauts-de-seine.gouv.fr"
PROCEDURE = f"{SITE}/booking/create/12083"
CALL = f"{SITE}/ezjscore/call/bookingserver::planning::assign::12083"
RDV = "https://rdv.anct.gouv.fr"
FORM = "https://demarche.numerique.gouv.fr/commencer/demande-rdv-sejour-pref86"
PREFECTURE = "https://www.rdv-prefecture.interieur.gouv.fr/rdvpref/reservation/demarche/9040"


CONDITIONS = saved("classic/no_slots-three_desks/0.html")
DESKS = saved("classic/no_slots-three_desks/1.html")
NONE = saved("classic/no_slots-three_desks/2.html")
DESCRIPTION = saved("classic/slots_offered-calendar/1.html")
CALENDAR = saved("classic/slots_offered-calendar/2.html")
EMPTY_CALENDAR = saved("classic/unrecognised-no_free_hour_in_the_weeks_read/2.html")
WEEK = saved("classic/slots_offered-fragment/5.html")
EMPTY_WEEK = saved("classic/slots_offered-fragment/3.html")


def classic(answers: dict[str, Any], **more: Any) -> tuple[list[str], Reading]:
    return visit(
        Classic(), target("classic", PROCEDURE, **more), {PROCEDURE: (PROCEDURE, CONDITIONS), **answers}
    )


def test_one_desk_takes_two_requests() -> None:
    asked, reading = classic({"condition=on": (f"{PROCEDURE}/2", NONE)})
    assert asked == [PROCEDURE, "condition=on"]
    assert reading.outcome is Outcome.NO_SLOTS


def test_every_desk_is_tried_from_a_fresh_list() -> None:
    asked, reading = classic(
        {
            "condition=on": (f"{PROCEDURE}/1", DESKS),
            f"{PROCEDURE}/1": (f"{PROCEDURE}/1", DESKS),
            **{f"planning={n}": (f"{PROCEDURE}/2", NONE) for n in (4419, 4420, 4421)},
        }
    )
    again = f"{PROCEDURE}/1"
    assert asked == [
        PROCEDURE, "condition=on", "planning=4419", again, "planning=4420", again, "planning=4421",
    ]  # fmt: skip
    assert [part.outcome for part in reading.parts] == [Outcome.NO_SLOTS] * 3


def test_a_target_with_a_desk_tries_that_desk_alone() -> None:
    answers = {"condition=on": (f"{PROCEDURE}/1", DESKS), "planning=4420": (f"{PROCEDURE}/2", NONE)}
    asked, reading = classic(answers, desk="Calendrier guichets 5, 6, 7 et 8")
    assert asked[-1] == "planning=4420"
    assert len(asked) == 3
    assert reading.outcome is Outcome.NO_SLOTS


def test_a_target_whose_desk_is_gone_submits_nothing() -> None:
    asked, reading = classic({"condition=on": (f"{PROCEDURE}/1", DESKS)}, desk="Guichet 99")
    assert asked == [PROCEDURE, "condition=on"]
    assert reading.rule == "other_desks"


def test_a_calendar_with_two_days_is_not_read_further() -> None:
    asked, reading = classic(
        {
            "condition=on": (f"{PROCEDURE}/3", DESCRIPTION),
            f"{PROCEDURE}/4": (f"{PROCEDURE}/4", CALENDAR),
        }
    )
    assert asked == [PROCEDURE, "condition=on", f"{PROCEDURE}/4"]
    assert (reading.slots, reading.earliest is None) == (3, False)


def weeks(*filled: int, count: int = 60) -> dict[str, tuple[str, str]]:
    return {
        f"{CALL}::4418::{7 * n}": (f"{CALL}::4418::{7 * n}", WEEK if n in filled else EMPTY_WEEK)
        for n in range(count)
    }


def test_weeks_are_read_one_by_one_until_slots_are_found() -> None:
    answers = {"condition=on": (f"{PROCEDURE}/4", EMPTY_CALENDAR), **weeks(2)}
    asked, reading = classic(answers)
    assert asked[2:] == [f"{CALL}::4418::{offset}" for offset in (0, 7, 14)]
    assert reading.earliest is not None
    assert reading.earliest.starts_at == datetime(2026, 1, 5, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("option", "pages"), [({}, 8), ({"weeks": "3"}, 3), ({"weeks": "999"}, 60), ({"weeks": "x"}, 8)]
)
def test_no_more_weeks_are_read_than_the_target_allows(option: dict[str, str], pages: int) -> None:
    asked, reading = classic({"condition=on": (f"{PROCEDURE}/4", EMPTY_CALENDAR), **weeks()}, options=option)
    assert len(asked) - 2 == pages
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "no_free_hour")
    assert reading.horizon == date(2025, 12, 20) + timedelta(days=7 * pages - 1)


def test_a_failure_while_weeks_are_read_loses_no_slot() -> None:
    answers = {"condition=on": (f"{PROCEDURE}/3", DESCRIPTION), f"{PROCEDURE}/4": 502}
    asked, reading = classic(answers)
    assert asked[-1] == f"{PROCEDURE}/4"
    assert reading.outcome is Outcome.SLOTS_OFFERED


@pytest.mark.parametrize("week", [502, (f"{CALL}::4420::0", WEEK)])
def test_the_weeks_of_a_desk_are_read_when_every_desk_was_asked(week: Any) -> None:
    again, calendar = f"{PROCEDURE}/1", (f"{PROCEDURE}/4", EMPTY_CALENDAR.replace("::4418::", "::4420::"))
    asked, reading = classic(
        {
            "condition=on": (again, DESKS),
            again: (again, DESKS),
            "planning=4419": (f"{PROCEDURE}/3", DESCRIPTION),
            f"{PROCEDURE}/4": (f"{PROCEDURE}/4", CALENDAR),
            "planning=4420": calendar,
            "planning=4421": (f"{PROCEDURE}/2", NONE),
            f"{CALL}::4420::0": week,
        }
    )
    chosen = [each for each in asked if each.startswith("planning=")]
    assert chosen == ["planning=4419", "planning=4420", "planning=4421"]
    assert asked[-1] == f"{CALL}::4420::0"
    offered = Outcome.SLOTS_OFFERED
    assert [part.outcome for part in reading.parts] == [offered, offered, Outcome.NO_SLOTS]
    # By the button alone, or by the hours of its own weeks.
    assert (reading.parts[1].words == "08:30 libre") is (week != 502)


def test_the_round_stops_at_the_first_failure() -> None:
    answers = {
        "condition=on": (f"{PROCEDURE}/1", DESKS),
        "planning=4419": (f"{PROCEDURE}/2", NONE),
        f"{PROCEDURE}/1": 502,
    }
    asked, reading = classic(answers)
    assert asked[-1] == f"{PROCEDURE}/1"
    assert (reading.outcome, reading.failure) == (Outcome.SITE_DOWN, Failure.HTTP_502)


def test_a_page_without_conditions_is_left_at_once() -> None:
    asked, reading = visit(
        Classic(), target("classic", PROCEDURE), {PROCEDURE: (f"{SITE}/", "<h1>Accueil</h1>")}
    )
    assert asked == [PROCEDURE]
    assert reading.outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize("url", [f"{PROCEDURE}/", f"{PROCEDURE}/0", f"{PROCEDURE}/1"])
def test_a_visit_begins_at_the_conditions_whatever_step_the_target_names(url: str) -> None:
    asked, _reading = visit(Classic(), target("classic", url), {PROCEDURE: 502})
    assert asked == [PROCEDURE]


def rdv(name: str, n: int = 0) -> str:
    return saved(f"rdv_service_public/{name}/{n}.html")


MOTIF = "renouvellement_de_recepisse-public_office"
SEARCH = (
    f"{RDV}/prendre_rdv?departement=92&motif_name_with_location_type={MOTIF}&public_link_organisation_id=2458"
)


def service_public(
    answers: dict[str, tuple[str, str]], url: str = SEARCH, **more: Any
) -> tuple[list[str], Reading]:
    return visit(RdvServicePublic(), target("rdv_service_public", url, **more), answers)


def test_none_at_the_place_step_takes_one_request() -> None:
    asked, reading = service_public({SEARCH: (SEARCH, rdv("no_slots-lieu_step"))})
    assert asked == [SEARCH]
    assert reading.outcome is Outcome.NO_SLOTS


def test_an_empty_week_leads_to_the_place_step() -> None:
    week = f"{SEARCH}&lieu_id=1&date=2025-12-22"
    answers = {week: (week, rdv("unrecognised-empty_week")), SEARCH: (SEARCH, rdv("no_slots-lieu_step"))}
    asked, reading = service_public(answers, week)
    assert asked == [week, SEARCH]
    assert reading.outcome is Outcome.NO_SLOTS


def test_the_week_of_the_first_slot_is_opened_and_no_slot_followed() -> None:
    week = f"{SEARCH}&lieu_id=1&date=2026-01-05"
    answers = {
        SEARCH: (SEARCH, rdv("slots_offered-place_then_week")),
        week: (week, rdv("slots_offered-place_then_week", 1)),
    }
    asked, reading = service_public(answers)
    assert asked == [SEARCH, week]
    assert (reading.slots, reading.second is None) == (3, False)


def test_the_earliest_of_several_places_is_the_one_opened() -> None:
    asked, _reading = service_public({SEARCH: (SEARCH, rdv("slots_offered-several_places"))})
    assert asked == [SEARCH, f"{SEARCH}&lieu_id=2&date=2026-01-05"]


def test_a_week_already_on_display_is_not_opened_again() -> None:
    asked, _reading = service_public({SEARCH: (SEARCH, rdv("slots_offered-week"))})
    assert asked == [SEARCH]


def test_an_open_form_is_described_and_a_closed_one_is_not() -> None:
    schema = FORM.replace("/commencer/", "/preremplir/") + "/schema"
    watched = target("demarche_numerique", FORM)
    opened = saved("demarche_numerique/requests_open-published/0.html")
    asked, reading = visit(DemarcheNumerique(), watched, {FORM: (FORM, opened)})
    assert asked == [FORM, schema]
    assert reading.outcome is Outcome.REQUESTS_OPEN
    closed = saved("demarche_numerique/closed-since/0.html")
    answers = {FORM: (FORM.replace("/commencer/", "/fermeture/"), closed)}
    asked, reading = visit(DemarcheNumerique(), watched, answers)
    assert asked == [FORM]
    assert reading.outcome is Outcome.CLOSED


def test_the_prefectures_captcha_is_reached_and_left_alone() -> None:
    page = "rdv_prefecture/captcha-2025_image"
    answers = {
        f"{PREFECTURE}/": (f"{PREFECTURE}/", saved(f"{page}/0.html")),
        f"{PREFECTURE}/cgu/": (f"{PREFECTURE}/cgu/", saved(f"{page}/1.html")),
    }
    asked, reading = visit(RdvPrefecture(), target("rdv_prefecture", f"{PREFECTURE}/cgu/"), answers)
    assert asked == [f"{PREFECTURE}/", f"{PREFECTURE}/cgu/"]
    assert reading.outcome is Outcome.CAPTCHA


def test_a_landing_page_without_a_way_on_is_left_at_once() -> None:
    answers = {f"{PREFECTURE}/": (f"{PREFECTURE}/", "<h1>Démarche retirée</h1>")}
    asked, reading = visit(RdvPrefecture(), target("rdv_prefecture", f"{PREFECTURE}/"), answers)
    assert asked == [f"{PREFECTURE}/"]
    assert reading.outcome is Outcome.UNRECOGNISED


def test_the_platform_to_copy_walks_too() -> None:
    url = "https://rdv.exemple.fr/guichet/remise-de-titre"
    answers = {
        url: (url, saved("example/no_slots-sentence/0.html")),
        "accord=oui": (f"{url}/rendez-vous", saved("example/no_slots-sentence/1.html")),
    }
    asked, reading = visit(Example(), target("example", url), answers)
    assert asked == [url, "accord=oui"]
    assert reading.outcome is Outcome.NO_SLOTS


@pytest.mark.parametrize(
    ("platform", "url"),
    [
        (Classic(), f"{PROCEDURE}/5/1767598200"),
        (Classic(), f"{PROCEDURE}/6"),
        (Classic(), f"{PROCEDURE}/4/../6"),
        (Classic(), f"{PROCEDURE}/2?next=6"),
        (RdvServicePublic(), f"{RDV}/users/rdv_wizard_step/new?starts_at=2026-01-05"),
        (RdvServicePublic(), f"{RDV}/prendre_rdv_prescripteur"),
        (RdvServicePublic(), f"{RDV}/prendre_rdv?prescripteur=1"),
        (DemarcheNumerique(), "https://demarche.numerique.gouv.fr/users/sign_in"),
        (DemarcheNumerique(), "https://demarche.numerique.gouv.fr/commencer/a/sign_in"),
        (RdvPrefecture(), f"{PREFECTURE}/creneau/"),
        (RdvPrefecture(), f"{PREFECTURE}/cgu/_validerCaptcha"),
    ],
)
def test_the_stop_line_refuses_every_step_beyond_the_answer(platform: Platform, url: str) -> None:
    with pytest.raises(StopLineCrossed):
        asyncio.run(ScriptedSession(platform.stop_line, {}).open(url))


@pytest.mark.parametrize(
    "values",
    [{"nom": "Dupont"}, {"planning": "4419; drop"}, {"condition": "off"}, {"captchaUsercode": "1234"}],
)
def test_the_stop_line_refuses_every_field_that_is_not_declared(values: dict[str, str]) -> None:
    session = ScriptedSession(Classic().stop_line, {})
    with pytest.raises(StopLineCrossed):
        asyncio.run(session.submit("form#FormBookingCreate", values, button="nextButton"))


def test_after_a_week_with_one_day_the_next_week_is_read() -> None:
    one_day = "\n".join(line for line in CALENDAR.splitlines() if "1767877200" not in line)
    asked, _reading = classic({"condition=on": (f"{PROCEDURE}/4", one_day), **weeks(3)})
    assert asked[2:] == [f"{CALL}::4418::21"]  # its day is sixteen days away, in the week of days 14 to 20


def test_slots_of_a_page_without_desks_are_no_desks_slots() -> None:
    answers = {
        "condition=on": (f"{PROCEDURE}/3", DESCRIPTION),
        f"{PROCEDURE}/4": (f"{PROCEDURE}/4", CALENDAR),
    }
    _asked, reading = classic(answers, desk="Guichet 1")
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "other_desks")
