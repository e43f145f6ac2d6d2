"""The drawn trigger under a real scheduler: which instants run, and which events tell of the others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    EVENT_JOB_SUBMITTED,
    JobEvent,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.rules.schedule import instants
from monitor.watch.trigger import DrawnTrigger
from tests.schedule.drawing import next_instant

SEED = b"a seed of thirty-two characters!"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

Visit = Callable[[], Awaitable[None]]


class Watch:
    """A scheduler with one job on the given instants; keeps the events until the job has no instant left."""

    def __init__(self, drawn: list[datetime], visit: Visit, *, coalesce: bool = False) -> None:
        self.events: list[JobEvent] = []
        self._drawn = drawn
        self._visit = visit
        self._coalesce = coalesce

    async def run(self, enough: Callable[[list[JobEvent]], bool]) -> list[JobEvent]:
        """Run until the events are `enough`."""
        done = asyncio.Event()
        scheduler = AsyncIOScheduler(timezone=UTC)

        def keep(event: JobEvent) -> None:
            self.events.append(event)
            if enough(self.events):
                done.set()

        scheduler.add_listener(
            keep,
            EVENT_JOB_EXECUTED
            | EVENT_JOB_MISSED
            | EVENT_JOB_MAX_INSTANCES
            | EVENT_JOB_ERROR
            | EVENT_JOB_SUBMITTED,
        )
        trigger = DrawnTrigger(lambda after: next((i for i in self._drawn if i > after), None))
        scheduler.add_job(
            self._visit, trigger, misfire_grace_time=1, coalesce=self._coalesce, max_instances=1
        )
        scheduler.start()
        try:
            await asyncio.wait_for(done.wait(), timeout=20)
        finally:
            scheduler.shutdown(wait=False)
        return self.events


def block_the_loop() -> None:
    """Later than the grace of one second, as a heavy computation would."""
    time.sleep(1.6)


def soon(*seconds: float) -> list[datetime]:
    now = datetime.now(UTC)
    return [now + timedelta(seconds=s) for s in seconds]


def times(events: list[JobEvent], code: int) -> list[datetime]:
    """The instants that events of one kind are about."""
    if code in (EVENT_JOB_SUBMITTED, EVENT_JOB_MAX_INSTANCES):
        return [instant for e in events if e.code == code for instant in e.scheduled_run_times]
    return [e.scheduled_run_time for e in events if e.code == code]


def count(code: int, n: int) -> Callable[[list[JobEvent]], bool]:
    return lambda events: len(times(events, code)) >= n


async def visit() -> None:
    """Nothing to do."""


def test_it_runs_exactly_at_the_drawn_instants() -> None:
    drawn = soon(0.1, 0.15, 0.4)
    events = asyncio.run(Watch(drawn, visit).run(count(EVENT_JOB_EXECUTED, 3)))
    assert times(events, EVENT_JOB_SUBMITTED) == times(events, EVENT_JOB_EXECUTED) == drawn


@pytest.mark.slow
def test_instants_that_a_stuck_loop_let_go_by_are_each_missed() -> None:
    drawn = soon(0.1, 0.2, 0.3, 2.0)

    async def stuck_once() -> None:
        if datetime.now(UTC) < drawn[1]:
            block_the_loop()

    events = asyncio.run(Watch(drawn, stuck_once).run(count(EVENT_JOB_EXECUTED, 2)))
    assert times(events, EVENT_JOB_MISSED) == drawn[1:3]
    assert times(events, EVENT_JOB_EXECUTED) == [drawn[0], drawn[3]]


@pytest.mark.slow
def test_with_coalescing_only_the_last_late_instant_has_an_event() -> None:
    drawn = soon(0.1, 0.2, 0.3, 2.0)

    async def stuck_once() -> None:
        if datetime.now(UTC) < drawn[1]:
            block_the_loop()

    events = asyncio.run(Watch(drawn, stuck_once, coalesce=True).run(count(EVENT_JOB_EXECUTED, 2)))
    assert times(events, EVENT_JOB_MISSED) == [drawn[2]]


def test_an_instant_during_the_previous_visit_is_told_as_max_instances() -> None:
    drawn = soon(0.1, 0.2)

    async def main() -> list[JobEvent]:
        over = asyncio.Event()
        return await Watch(drawn, _until(over)).run(count(EVENT_JOB_MAX_INSTANCES, 1))

    assert times(asyncio.run(main()), EVENT_JOB_MAX_INSTANCES) == [drawn[1]]


def _until(over: asyncio.Event) -> Visit:
    async def long_visit() -> None:
        await over.wait()

    return long_visit


def test_a_visit_that_raises_is_told_as_error_and_the_next_still_runs() -> None:
    drawn = soon(0.1, 0.3)

    async def fails_first() -> None:
        if datetime.now(UTC) < drawn[1]:
            raise OSError("no browser")

    events = asyncio.run(Watch(drawn, fails_first).run(count(EVENT_JOB_EXECUTED, 1)))
    assert times(events, EVENT_JOB_ERROR) == [drawn[0]]
    assert times(events, EVENT_JOB_EXECUTED) == [drawn[1]]


def test_it_begins_with_the_first_instant_to_come() -> None:
    trigger = DrawnTrigger(partial(next_instant, SEED, "poitiers", HOUR))
    assert trigger.get_next_fire_time(None, NOON) == next_instant(SEED, "poitiers", HOUR, NOON)


def test_it_walks_through_every_instant_of_a_week_whatever_the_time_is() -> None:
    trigger = DrawnTrigger(partial(next_instant, SEED, "poitiers", HOUR))
    end = NOON + timedelta(days=7)
    fired, previous = [], trigger.get_next_fire_time(None, NOON)
    while previous is not None and previous < end:
        fired.append(previous)
        previous = trigger.get_next_fire_time(previous, end)
    assert fired == list(instants(SEED, "poitiers", HOUR, NOON, end))


def test_a_local_now_is_understood() -> None:
    trigger = DrawnTrigger(partial(next_instant, SEED, "poitiers", HOUR))
    paris = NOON.astimezone()
    assert trigger.get_next_fire_time(None, paris) == trigger.get_next_fire_time(None, NOON)


def test_it_ends_when_nothing_more_is_drawn() -> None:
    assert DrawnTrigger(lambda _: None).get_next_fire_time(None, NOON) is None
