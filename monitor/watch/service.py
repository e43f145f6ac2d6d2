"""The service: starts a visit at each drawn instant, and records a gap for each instant that was missed.

Owns the scheduler and the shutdown. Knows nothing of pages or SQL.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobEvent,
    JobSubmissionEvent,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.model import GapReason
from monitor.store import StoreError
from monitor.targets.catalogue import CatalogueEntry
from monitor.watch.threads import in_thread, to_its_end
from monitor.watch.timetable import Timetable
from monitor.watch.trigger import DrawnTrigger
from monitor.watch.visits import RecordedVisits
from probes.model import Clock, utc

log = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(seconds=30)

NOT_RUN = {
    EVENT_JOB_MISSED: GapReason.MISFIRE,
    EVENT_JOB_MAX_INSTANCES: GapReason.OVERLAP,
    EVENT_JOB_ERROR: GapReason.COULD_NOT_TRY,
}
"""The gap for each event with which APScheduler reports an instant it did not run.

APScheduler merges late instants without an event: the sweep (`_sweep`) finds those.
"""


@dataclass(kw_only=True)
class Service:
    """Runs until told to stop.

    `grace` is how late APScheduler may start a job. The visit itself may then wait for its host:
    `visits.late` is the sum of both. `last_chance` is how long visits under way may go on at the end. `beat`
    is called with the time (UTC) of each sweep.

    Only the event loop may touch this object's state; threads are given copies of it.
    """

    visits: RecordedVisits
    clock: Clock
    grace: timedelta
    last_chance: timedelta = timedelta(seconds=5)
    beat: Callable[[datetime], None] = lambda _: None
    _flying: dict[tuple[str, datetime], asyncio.Task[Any]] = field(default_factory=dict)
    _controls: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _telling: set[asyncio.Task[None]] = field(default_factory=set)
    _one_teller: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def timetable(self) -> Timetable:
        """The committed instants of all watched targets."""
        return self.visits.timetable

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until `stop` is set or this is cancelled, then end the visits under way.

        A visit that does not end within `last_chance` becomes a gap. On return all is written to the record.
        """
        self._started_at = self.clock.now()
        await in_thread(self.timetable.commit_missed)
        await in_thread(self.timetable.commit_ahead)
        log.info("watching %d targets", len(self.timetable.entries))
        scheduler = self._scheduler()
        scheduler.start()
        housekeeping = asyncio.create_task(self._housekeeping(scheduler), name="housekeeping")
        try:
            await _first(stop.wait(), housekeeping)
        finally:
            await to_its_end(asyncio.create_task(self._end(scheduler, housekeeping)))

    def _scheduler(self) -> AsyncIOScheduler:
        grace = max(1, round(self.grace.total_seconds()))  # APScheduler takes whole seconds only
        defaults = {"misfire_grace_time": grace, "coalesce": True, "max_instances": 1}
        scheduler = AsyncIOScheduler(timezone="UTC", job_defaults=defaults)
        scheduler.add_listener(self._not_run, sum(NOT_RUN))
        self._add_jobs(scheduler)
        return scheduler

    def _add_jobs(self, scheduler: AsyncIOScheduler) -> None:
        """Add a job for each target that has none.

        APScheduler removes a job whose trigger has no instant left: so it does when the clock jumps beyond
        the last day drawn, as on a machine that slept.
        """
        for name, entry in self.timetable.entries.items():
            job = scheduler.get_job(name)
            # A job added while there was no instant has no next run; one not started, no such attribute.
            if job is None or getattr(job, "next_run_time", True) is None:
                trigger = DrawnTrigger(partial(self.timetable.next_after, name))
                scheduler.add_job(self._wake, trigger, args=[entry], id=name, replace_existing=True)

    async def _housekeeping(self, scheduler: AsyncIOScheduler) -> None:
        """Record gaps for missed instants and draw the next day in time, for as long as the service runs."""
        closed = await in_thread(self.timetable.close, self._started_at, lambda _: GapReason.DOWNTIME)
        log.info("%d instants went by while nobody watched", closed)
        while True:
            await self._sweep()
            await in_thread(self.timetable.commit_ahead)
            self._add_jobs(scheduler)
            await self.clock.sleep(SWEEP_EVERY.total_seconds())

    async def _sweep(self) -> None:
        """Record a gap for every instant without an entry that can no longer be visited."""
        now = self.clock.now()
        self.beat(now)
        # A visit for an instant before `before` can only have begun long ago: the copy of `_flying` has it.
        before = now - self.visits.late - SWEEP_EVERY
        await in_thread(self.timetable.close, before, self._why_missed, in_flight=frozenset(self._flying))
        await in_thread(self.visits.controls.settle)

    def _why_missed(self, instant: datetime) -> GapReason:
        return GapReason.MISFIRE if instant >= self._started_at else GapReason.DOWNTIME

    async def _wake(self, entry: CatalogueEntry) -> None:
        """APScheduler calls this at a drawn instant of `entry`, in a task of its own."""
        instant = self.timetable.due(entry.target.id)
        if instant is None:
            return
        key = (entry.target.id, instant)
        self._flying[key] = _this_task()
        try:
            await self._look(entry, instant)
        except asyncio.CancelledError:
            pass  # by `_end_visits`: the instant has its gap, and APScheduler would log this as an error
        finally:
            del self._flying[key]

    async def _look(self, entry: CatalogueEntry, instant: datetime) -> None:
        """Visit, so that the instant has its entry even when cancelled; then start the control's visit."""
        try:
            control = await self.visits.drawn(entry, instant)
        except asyncio.CancelledError:
            detail = "the service was stopped during the visit"
            await self.visits.gap(entry.target.id, instant, GapReason.SHUTDOWN, detail)
            raise
        if control and control.target.id not in self._controls:
            name = control.target.id
            task = asyncio.create_task(self.visits.control(control), name=f"control {name}")
            self._controls[name] = task
            task.add_done_callback(lambda _: self._controls.pop(name))

    def _not_run(self, event: JobEvent) -> None:
        """APScheduler calls this, on the event loop, when it drops a run: have the gap written at once."""
        task = asyncio.create_task(self._tell(event), name=f"not run {event.job_id}")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, event: JobEvent) -> None:
        """Write a gap for each instant that `event` names.

        One event at a time: thousands may come at once, and would take all threads that other records need.
        """
        async with self._one_teller:
            for instant in _instants(event):
                try:
                    await self.visits.gap(event.job_id, utc(instant), NOT_RUN[event.code])
                except StoreError as error:
                    log.error("%s: %s is left for the sweep: %s", event.job_id, instant, error)

    async def _end(self, scheduler: AsyncIOScheduler, housekeeping: asyncio.Task[None]) -> None:
        """Start no more visits, and write everything that is still to be recorded."""
        scheduler.pause()
        await self._end_visits()
        scheduler.shutdown(wait=False)
        housekeeping.cancel()
        await asyncio.gather(housekeeping, return_exceptions=True)
        while self._telling:
            await asyncio.wait(self._telling)

    async def _end_visits(self) -> None:
        """Wait `last_chance` for visits under way, then cancel the rest. Each drawn one gets its entry."""
        await asyncio.sleep(0)  # a job that APScheduler has just started must run once to be in `_flying`
        loop = asyncio.get_running_loop()
        end = loop.time() + self.last_chance.total_seconds()
        while (under_way := self._under_way()) and (left := end - loop.time()) > 0:
            await asyncio.wait(under_way, timeout=left)
        while under_way := self._under_way():
            for task in under_way:
                task.cancel()
            await asyncio.wait(under_way)

    def _under_way(self) -> list[asyncio.Task[Any]]:
        return [*self._flying.values(), *self._controls.values()]


async def _first(stop: Coroutine[object, object, object], housekeeping: asyncio.Task[None]) -> None:
    """Wait for `stop` or the end of `housekeeping`. Raises the error of `housekeeping`.

    That error ends the service: without housekeeping, missed instants would get no gap and nobody would know.
    """
    waiting = asyncio.ensure_future(stop)
    try:
        await asyncio.wait({waiting, housekeeping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if housekeeping.done():
        housekeeping.result()


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("not called in a task")
    return task


def _instants(event: JobEvent) -> list[datetime]:
    if isinstance(event, JobSubmissionEvent):
        return list(event.scheduled_run_times)
    return [event.scheduled_run_time]
