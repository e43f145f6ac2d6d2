"""What the service does at every half minute, and that an error there does not stay unseen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobSubmissionEvent

from monitor.clock import SimulatedClock
from monitor.model import Corroboration, GapReason, Origin
from monitor.store import Store, StoreError
from monitor.store.record import draws
from monitor.store.review import controls
from monitor.watch.service import Service
from probes.model import Outcome
from tests.cast.observations import observation
from tests.cast.transactions import ask
from tests.service.one_page import Site, entry, service

FAR = datetime(2090, 1, 1, 12, tzinfo=UTC)  # so that no instant is due while the test runs
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def at_noon(store: Store, *, control: str | None = None, **how: Any) -> tuple[Service, SimulatedClock]:
    """A service of two targets at a simulated noon."""
    clock = SimulatedClock(FAR)
    watched = service(store, [replace(entry("a", HOUR), control=control), entry("b", HOUR)], Site(), **how)
    watched.clock = watched.timetable._clock = watched.visits.controls.clock = clock
    watched.visits.controls.__post_init__()
    watched._started_at = FAR
    return watched, clock


def test_an_instant_is_swept_once_no_visit_can_begin_any_more(store: Store) -> None:
    watched, clock = at_noon(store, grace=5 * MINUTE, wait=5 * MINUTE)
    watched.timetable.commit_ahead()
    at = watched.timetable.next_after("a", FAR)
    assert at

    def swept(after: timedelta) -> list[GapReason]:
        clock.advance_to(at + after)
        asyncio.run(watched._sweep())
        return [gap.reason for gap in store.gaps("a") if gap.scheduled_at == at]

    assert swept(10 * MINUTE + 29 * SECOND) == []
    flying: Any = watched._flying
    flying["a", at] = None
    assert swept(20 * MINUTE) == []
    del flying["a", at]
    assert swept(21 * MINUTE) == [GapReason.MISFIRE]


def test_a_sweep_compares_what_was_seen_with_its_control(store: Store) -> None:
    watched, clock = at_noon(store, control="b")
    number = store.append_observation(observation(FAR, Outcome.NO_SLOTS, "a"))
    store.append_observation(observation(FAR, Outcome.SLOTS_OFFERED, "b", origin=Origin.CONTROL))
    clock.advance_to(FAR + HOUR)
    asyncio.run(watched._sweep())
    assert ask(store, controls.corroborations_of, [number]) == {number: Corroboration.CORROBORATED}


def test_days_are_drawn_as_time_passes_and_an_error_ends_the_service(store: Store) -> None:
    watched, clock = at_noon(store)
    beats: list[datetime] = []

    def beat(now: datetime) -> None:
        beats.append(now)
        clock.advance_to(now + DAY)
        if len(beats) == 3:
            raise ZeroDivisionError

    watched.beat = beat
    with pytest.raises(ZeroDivisionError):
        asyncio.run(asyncio.wait_for(watched.run(asyncio.Event()), 30))
    drawn = [bool(ask(store, draws.of_day, FAR.date() + n * DAY)) for n in range(5)]
    assert drawn == [True, True, True, True, False]


def test_an_instant_whose_gap_cannot_be_written_does_not_keep_the_others(store: Store) -> None:
    failed: list[object] = []

    def fail_once(*_: object) -> None:
        if not failed:
            failed.append("disk")
            raise StoreError("the disk is full")

    watched, _ = at_noon(store, missed=[fail_once])
    two = [FAR - HOUR, FAR]
    asyncio.run(watched._tell(JobSubmissionEvent(EVENT_JOB_MAX_INSTANCES, "a", "default", two)))
    assert [(gap.scheduled_at, gap.reason) for gap in store.gaps()] == [(FAR, GapReason.OVERLAP)]
