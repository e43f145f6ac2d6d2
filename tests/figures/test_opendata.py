"""Which days of the open data may be published, and what a published row holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import polars as pl
import pytest

from monitor.clock import SystemClock
from monitor.figures import opendata
from monitor.model import GapReason, Origin, Vantage
from monitor.store import LaterReading, Store
from monitor.store.record import target_versions
from monitor.store.review import later_readings
from probes.failures import Failure
from probes.model import NoSlotsKind, Outcome, Precision, Reading, Slot
from tests.cast.observations import HOUR, NOON, gap, observation, reading, target
from tests.cast.transactions import ask, tell

NAME = "mayotte"


def test_a_day_is_published_once_its_last_hour_is_out_of_embargo() -> None:
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    free = datetime(2026, 3, 4, tzinfo=UTC)  # a day after the end of 2 March
    assert opendata.published_days(first, free) == [first, second]
    assert opendata.published_days(first, free - timedelta(seconds=1)) == [first]


def test_the_zone_of_the_clock_that_is_asked_makes_no_day_public_earlier() -> None:
    free = datetime(2026, 3, 4, tzinfo=UTC)
    tokyo = timezone(timedelta(hours=9))
    early = (free - timedelta(seconds=1)).astimezone(tokyo)
    assert opendata.published_days(date(2026, 3, 1), early) == [date(2026, 3, 1)]


@pytest.mark.parametrize("first", "=+-@\t\r")
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(first: str) -> None:
    texts = [f"{first}1+1", f"a{first}1", "", None]
    assert opendata.harmless(pl.DataFrame({"a": texts}))["a"].to_list() == [f"'{first}1+1", *texts[1:]]


def published(store: Store) -> list[dict[str, Any]]:
    known = ask(store, target_versions.current)
    return opendata.rows_frame(store.entries(), known, simulated=False).to_dicts()


def test_a_published_row_holds_what_the_record_holds(store: Store) -> None:
    store.record_targets([target(NAME, zone="Indian/Mayotte")])
    evening = NOON.replace(hour=22)  # the next day in Mayotte
    offered = Reading(
        outcome=Outcome.SLOTS_OFFERED,
        rule="classic.calendar",
        words="Créneaux",
        earliest=Slot(starts_at=evening, precision=Precision.DAY),
        second=Slot(starts_at=evening + 72 * HOUR),
        slots=7,
        horizon=date(2027, 1, 4),
    )
    vantage = Vantage(name="lyon", software="vigie/2", user_agent="v")
    number = store.append_observation(observation(evening, name=NAME, reading=offered, vantage=vantage))
    store.append_gap(gap(evening + HOUR, GapReason.BUDGET_SPENT, name=NAME))
    row, missed = published(store)
    kept = next(store.observations())
    assert row == {
        "id": number,
        "target": NAME,
        "at": evening,
        "day": date(2026, 11, 24),
        "origin": "scheduled",
        "outcome": "slots_offered",
        "no_slots_kind": None,
        "gap_reason": None,
        "failure": None,
        "rule": "classic.calendar",
        "earliest": "2026-11-24",
        "second": "2026-11-26T22:00:00Z",
        "slots": 7,
        "horizon": date(2027, 1, 4),
        "started_at": evening + timedelta(seconds=1),
        "finished_at": evening + timedelta(seconds=4),
        "recorded_at": kept.recorded_at,
        "platform": "classic",
        "reader_version": "1",
        "transport": "http",
        "vantage": "lyon",
        "manifest_sha256": kept.manifest_sha256,
        "simulated": False,
    }
    told = {name: value for name, value in missed.items() if value is not None}
    assert (told.pop("id"), told.pop("recorded_at")) > (number, kept.recorded_at)
    assert told == {
        "target": NAME,
        "at": evening + HOUR,
        "day": date(2026, 11, 24),
        "origin": Origin.SCHEDULED,
        "gap_reason": "budget_spent",
        "simulated": False,
    }


def test_a_published_row_has_the_reading_in_force_and_its_reader(store: Store) -> None:
    store.record_targets([target(NAME)])
    down = Reading(outcome=Outcome.SITE_DOWN, rule="signals.status", failure=Failure.HTTP_502)
    number = store.append_observation(observation(name=NAME, reading=down))
    (row,) = published(store)
    assert (row["outcome"], row["failure"], row["reader_version"]) == ("site_down", "http_502", "1")
    again = LaterReading(
        observation=number,
        platform="classic",
        reader_version="2",
        reading=reading(kind=NoSlotsKind.NO_CALENDAR),
        read_at=NOON + HOUR,
        cause="essai",
    )
    tell(store, later_readings.append, NAME, [again], {}, SystemClock().now())
    (row,) = published(store)
    assert (row["outcome"], row["failure"], row["reader_version"]) == ("no_slots", None, "2")
    assert row["no_slots_kind"] == "no_calendar"
