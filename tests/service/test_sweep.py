"""What the service does at every half minute, and that an error there does not stay unseen."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobEvent,
    JobExecutionEvent,
    JobSubmissionEvent,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler

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


def run_through(watched: Service, *beats: Callable[[], object], cancelled: int = 0) -> int:
    """Run the service with one of `beats` at each sweep, then stop it: how many visits are left behind."""
    stop, left = asyncio.Event(), list(beats)

    async def to_the_end() -> int:
        running = asyncio.create_task(watched.run(stop))
        await stop.wait()
        for _ in range(cancelled):
            running.cancel()
            await asyncio.sleep(0.01)
        with suppress(asyncio.CancelledError):
            await running
        return len(watched._flying) + len(watched._controls)

    def beat(_: datetime) -> None:
        if left:
            left.pop(0)()
        if not left:
            stop.set()

    watched.beat = beat
    return asyncio.run(asyncio.wait_for(to_the_end(), 30))


def test_what_went_by_before_the_start_is_downtime_and_days_nobody_drew_too(store: Store) -> None:
    before, _ = at_noon(store)
    before.timetable.commit(FAR.date() - 3 * DAY)
    watched, _ = at_noon(store)
    run_through(watched, lambda: None)
    gaps = list(store.gaps("a"))
    assert {gap.reason for gap in gaps} == {GapReason.DOWNTIME}
    days = Counter(gap.scheduled_at.date() for gap in gaps)
    assert [days[FAR.date() - n * DAY] for n in (4, 3, 2, 1)] == [0, 24, 24, 24]
    assert max(gap.scheduled_at for gap in gaps) > FAR - 2 * HOUR


def test_what_goes_by_during_a_slow_start_is_no_downtime(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, clock = at_noon(store)
    watched.timetable.commit(FAR.date())
    ahead = watched.timetable.commit_ahead

    def slowly() -> None:
        clock.advance_to(FAR + 2 * HOUR)
        ahead()

    monkeypatch.setattr(watched.timetable, "commit_ahead", slowly)
    run_through(watched, lambda: None)
    assert {gap.reason for gap in store.gaps("a")} == {GapReason.MISFIRE}


@pytest.mark.parametrize(
    ("after", "reason"),
    [(-SECOND, GapReason.DOWNTIME), (0 * SECOND, GapReason.MISFIRE), (SECOND, GapReason.MISFIRE)],
)
def test_an_instant_from_before_the_start_was_missed_because_nobody_watched(
    store: Store, after: timedelta, reason: GapReason
) -> None:
    watched, _ = at_noon(store)
    assert watched._why_missed(FAR + after) is reason


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (JobExecutionEvent(EVENT_JOB_MISSED, "a", "default", FAR), GapReason.MISFIRE),
        (JobExecutionEvent(EVENT_JOB_ERROR, "a", "default", FAR), GapReason.COULD_NOT_TRY),
        (JobSubmissionEvent(EVENT_JOB_MAX_INSTANCES, "a", "default", [FAR]), GapReason.OVERLAP),
    ],
)
def test_an_instant_that_apscheduler_did_not_run_says_why(
    store: Store, event: JobEvent, reason: GapReason
) -> None:
    watched, _ = at_noon(store)

    async def told() -> None:
        scheduler = watched._scheduler()
        scheduler.start(paused=True)
        scheduler._dispatch_event(event)
        scheduler.shutdown(wait=False)
        await asyncio.gather(*watched._telling)

    asyncio.run(told())
    assert [(gap.target, gap.scheduled_at, gap.reason) for gap in store.gaps()] == [("a", FAR, reason)]


@pytest.mark.parametrize(("grace", "seconds"), [(SECOND / 10, 1), (5 * MINUTE, 300)])
def test_a_visit_begins_late_by_the_grace_at_most_and_never_beside_the_one_before(
    store: Store, grace: timedelta, seconds: int
) -> None:
    watched, _ = at_noon(store, grace=grace)
    watched.timetable.commit_ahead()

    async def ask_apscheduler() -> None:
        scheduler = watched._scheduler()
        scheduler.start(paused=True)
        jobs = {one.id: (one.misfire_grace_time, one.max_instances) for one in scheduler.get_jobs()}
        assert jobs == {"a": (seconds, 1), "b": (seconds, 1)}
        assert all(one.coalesce for one in scheduler.get_jobs())  # a visit for each late instant is a crowd
        assert scheduler.get_job("a").next_run_time == watched.timetable.next_after("a", FAR - DAY)
        scheduler.shutdown(wait=False)

    asyncio.run(ask_apscheduler())


def test_a_job_that_apscheduler_dropped_is_back_at_the_next_half_minute(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, clock = at_noon(store)
    made, there = watched._scheduler, []
    schedulers: list[AsyncIOScheduler] = []

    def kept() -> AsyncIOScheduler:
        schedulers.append(made())
        return schedulers[0]

    monkeypatch.setattr(watched, "_scheduler", kept)
    run_through(
        watched,
        lambda: schedulers[0].remove_job("a"),
        lambda: there.append((clock.now(), schedulers[0].get_job("a") is not None)),
    )
    assert there == [(FAR + 30 * SECOND, True)]


def test_a_target_without_an_instant_gets_its_job_once_one_is_drawn(store: Store) -> None:
    watched, _ = at_noon(store)

    async def ask_apscheduler() -> list[datetime | None]:
        scheduler = watched._scheduler()
        scheduler.start(paused=True)
        due = [scheduler.get_job("a").next_run_time]
        await asyncio.to_thread(watched.timetable.commit_ahead)
        watched._add_jobs(scheduler)
        due.append(scheduler.get_job("a").next_run_time)
        scheduler.shutdown(wait=False)
        return due

    assert asyncio.run(ask_apscheduler()) == [None, watched.timetable.next_after("a", FAR - DAY)]


def hang_in(watched: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Visits go on for ever."""

    async def drawn(*_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(watched.visits, "drawn", drawn)
    watched.last_chance = SECOND / 20


@pytest.mark.parametrize("cancelled", [0, 1, 3])
def test_a_visit_cut_by_the_end_has_its_gap_and_one_to_a_control_has_none(
    store: Store, monkeypatch: pytest.MonkeyPatch, cancelled: int
) -> None:
    watched, clock = at_noon(store)
    hang_in(watched, monkeypatch)
    known, tasks = watched.timetable.entries["a"], []

    def begin() -> None:
        clock.advance_to(FAR + 2 * HOUR)
        tasks.append(asyncio.create_task(watched._wake(known)))
        watched._controls["b"] = asyncio.create_task(asyncio.sleep(60))
        watched._controls["b"].add_done_callback(lambda _: watched._controls.pop("b"))
        tasks.append(watched._controls["b"])

    assert run_through(watched, begin, cancelled=cancelled) == 0
    (cut,) = [gap for gap in store.gaps("a") if gap.reason is GapReason.SHUTDOWN]
    assert cut.scheduled_at == watched.timetable.due("a")
    assert cut.detail == "the service was stopped during the visit"
    assert [task.cancelled() for task in tasks] == [False, True]


def test_what_apscheduler_told_at_the_very_end_is_written(store: Store) -> None:
    watched, _ = at_noon(store, missed=[lambda *_: time.sleep(0.05)])
    late = [FAR + n * MINUTE for n in range(3)]

    def tell() -> None:
        for at in late:
            watched._not_run(JobExecutionEvent(EVENT_JOB_MISSED, "a", "default", at))

    run_through(watched, tell)
    assert [gap.scheduled_at for gap in store.gaps("a") if gap.reason is GapReason.MISFIRE] == late


def test_a_sweep_under_way_is_over_when_the_service_has_ended(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, _ = at_noon(store)
    stop, over = asyncio.Event(), []

    def slowly(*_: object, **__: object) -> int:
        time.sleep(0.2)
        over.append("closed")
        return 0

    async def closed_at_the_end() -> int:
        watched.beat = lambda _: stop.set()
        await watched.run(stop)
        return len(over)

    monkeypatch.setattr(watched.timetable, "close", slowly)
    assert asyncio.run(closed_at_the_end()) == 2  # what went by before the start, and the first sweep
