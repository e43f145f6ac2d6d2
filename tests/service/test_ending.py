"""However the service ends, what it owed the record is in it when `run` returns: nothing waits for a restart.

The database is slow here: a row takes longer to write than visits under way get at the end.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from apscheduler.events import (
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobExecutionEvent,
    JobSubmissionEvent,
)

from monitor.clock import SystemClock
from monitor.model import GapReason, Observation
from monitor.store import EntryRow, GapRow, ObservationRow, Store
from monitor.watch.service import Service
from tests.service.one_page import Site, entry, service

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)
SOON = timedelta(seconds=2)

End = Callable[[asyncio.Task[None], asyncio.Event], Awaitable[None]]


def slowly(*_: object) -> None:
    """Joins a transaction, and holds it open."""
    time.sleep(0.5)


async def stopped(_: asyncio.Task[None], stop: asyncio.Event) -> None:
    stop.set()


async def cancelled(running: asyncio.Task[None], _: asyncio.Event) -> None:
    running.cancel()


async def cancelled_again_and_again(running: asyncio.Task[None], _stop: asyncio.Event) -> None:
    for _ in range(5):
        running.cancel()
        await asyncio.sleep(0.1)


async def entries_at_the_end(
    store: Store, watched: Service, begun: Callable[[], bool], end: End
) -> list[EntryRow]:
    """Run until `begun`, `end` it: what is in the record the moment that `run` has returned."""
    stop = asyncio.Event()
    running = asyncio.create_task(watched.run(stop))
    async with asyncio.timeout(30):
        while not begun():  # noqa: ASYNC110 - the site has no event to wait for
            await asyncio.sleep(0.02)
        await end(running, stop)
        with suppress(asyncio.CancelledError):
            await running
    return await asyncio.to_thread(lambda: list(store.entries()))


def reasons(rows: list[EntryRow]) -> Counter[GapReason]:
    return Counter(row.reason for row in rows if isinstance(row, GapRow))


@pytest.mark.parametrize("end", [stopped, cancelled, cancelled_again_and_again])
def test_a_visit_cut_short_has_its_gap(store: Store, end: End) -> None:
    site = Site(delay=60)
    watched = service(store, [entry("a", SOON), entry("b", SOON)], site, missed=[slowly])
    rows = asyncio.run(entries_at_the_end(store, watched, lambda: site.asked == 2, end))
    found = reasons(rows)
    assert found.pop(GapReason.SHUTDOWN) == 2
    assert set(found) <= {GapReason.OVERLAP}  # an instant that came while the other target was waited for
    assert found.total() + 2 == len(rows)


@pytest.mark.parametrize("end", [stopped, cancelled, cancelled_again_and_again])
def test_a_visit_already_made_is_recorded_and_is_no_gap(store: Store, end: End) -> None:
    recording: list[Observation] = []

    def slow_row(_: object, __: int, seen: Observation) -> None:
        recording.append(seen)
        slowly()

    watched = service(store, [entry("a", SOON)], Site(), within=[slow_row])
    rows = asyncio.run(entries_at_the_end(store, watched, lambda: bool(recording), end))
    instant = recording[0].scheduled_at
    assert [type(row) for row in rows if row.scheduled_at == instant] == [ObservationRow]


def told(watched: Service) -> list[datetime]:
    """Have APScheduler tell, as it does, of five instants that it did not run; which ones."""
    now = SystemClock().now()
    instants: list[datetime] = []
    while len(instants) < 5:
        following = watched.timetable.next_after("a", instants[-1] if instants else now)
        assert following
        instants.append(following)
    for instant in instants[:3]:
        watched._not_run(JobExecutionEvent(EVENT_JOB_MISSED, "a", "default", instant))
    watched._not_run(JobSubmissionEvent(EVENT_JOB_MAX_INSTANCES, "a", "default", instants[3:]))
    return instants


@pytest.mark.parametrize("end", [stopped, cancelled])
def test_what_apscheduler_told_before_the_end_is_written(store: Store, end: End) -> None:
    watched = service(store, [entry("a", HOUR)], Site(), missed=[slowly])
    instants: list[datetime] = []
    watched.beat = lambda _: instants.extend(() if instants else told(watched))
    rows = asyncio.run(entries_at_the_end(store, watched, lambda: bool(instants), end))
    assert reasons(rows) == {GapReason.MISFIRE: 3, GapReason.OVERLAP: 2}
    assert [row.at for row in rows] == instants


def test_a_job_that_apscheduler_dropped_is_added_again(store: Store) -> None:
    """It drops a job without a next instant: after a clock that jumped beyond the last day drawn."""

    watched = service(store, [entry("a")], Site())
    watched.timetable.commit_ahead()

    async def dropped_and_back() -> datetime:
        scheduler = watched._scheduler()
        scheduler.start(paused=True)
        scheduler.remove_job("a")
        watched._add_jobs(scheduler)
        due: datetime = scheduler.get_job("a").next_run_time
        scheduler.shutdown(wait=False)
        return due

    due = asyncio.run(dropped_and_back())
    assert due == watched.timetable.next_after("a", due - timedelta(milliseconds=1))
