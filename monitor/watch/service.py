"""The service: wakes at each drawn instant and has it visited; turns every instant it missed into a gap.

Owns the scheduler and shutdown. Knows nothing of pages or SQL.
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
"""What APScheduler says of an instant it did not run. It merges late ones silently: the sweep finds those."""


@dataclass(kw_only=True)
class Service:
    """Runs until told to stop.

    `grace` is how late a wake-up may come; what `visits` allows after that is the visit's own wait.
    `last_chance` is what visits under way get at the end. `beat` is told of each sweep.

    Its own state belongs to the event loop; threads are given copies of it.
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
        """The instants that are visited."""
        return self.visits.timetable

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until `stop` is set or this is cancelled, then end the visits under way.

        Their instants become gaps, and whatever was to be written is in the record on return.
        """
        self._started_at = self.clock.now()
        await in_thread(self.timetable.commit_missed)
        await in_thread(self.timetable.commit_ahead)
        log.info("watching %d targets", len(self.timetable.entries))
        scheduler = self._scheduler()
        scheduler.start()
        house = asyncio.create_task(self._keep_house(), name="keep house")
        try:
            await _first(stop.wait(), house)
        finally:
            await to_its_end(asyncio.create_task(self._end(scheduler, house)))

    def _scheduler(self) -> AsyncIOScheduler:
        grace = max(1, round(self.grace.total_seconds()))  # APScheduler takes whole seconds only
        defaults = {"misfire_grace_time": grace, "coalesce": True, "max_instances": 1}
        scheduler = AsyncIOScheduler(timezone="UTC", job_defaults=defaults)
        scheduler.add_listener(self._not_run, sum(NOT_RUN))
        for name, entry in self.timetable.entries.items():
            trigger = DrawnTrigger(partial(self.timetable.next_after, name))
            scheduler.add_job(self._wake, trigger, args=[entry], id=name)
        return scheduler

    async def _keep_house(self) -> None:
        """Account for instants gone by, and draw tomorrow in time, for as long as the service runs."""
        closed = await in_thread(self.timetable.close, self._started_at, lambda _: GapReason.DOWNTIME)
        log.info("%d instants went by while nobody watched", closed)
        while True:
            await self._sweep()
            await in_thread(self.timetable.commit_ahead)
            await self.clock.sleep(SWEEP_EVERY.total_seconds())

    async def _sweep(self) -> None:
        """Account for every instant that can no longer be visited."""
        now = self.clock.now()
        self.beat(now)
        # Whoever visits an instant before this one has begun long ago: the copy holds all of them.
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
        finally:
            del self._flying[key]

    async def _look(self, entry: CatalogueEntry, instant: datetime) -> None:
        """One drawn instant, to its entry, whatever happens to us."""
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
        """A wake-up that APScheduler dropped: have it said at once. It calls this on the event loop."""
        task = asyncio.create_task(self._tell(event), name=f"not run {event.job_id}")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, event: JobEvent) -> None:
        """Write a gap for each instant that `event` names. One event at a time: thousands may come at once,
        and threads are needed for what else is recorded."""
        async with self._one_teller:
            for instant in _instants(event):
                try:
                    await self.visits.gap(event.job_id, utc(instant), NOT_RUN[event.code])
                except StoreError as error:
                    log.error("%s: %s is left for the sweep: %s", event.job_id, instant, error)

    async def _end(self, scheduler: AsyncIOScheduler, house: asyncio.Task[None]) -> None:
        """Wake no more, and finish what is owed to the record."""
        scheduler.pause()
        await self._end_visits()
        scheduler.shutdown(wait=False)
        house.cancel()
        await asyncio.gather(house, return_exceptions=True)
        while self._telling:
            await asyncio.wait(self._telling)

    async def _end_visits(self) -> None:
        """Give visits under way a last chance, then cancel them; each drawn one ends with its entry."""
        await asyncio.sleep(0)  # one that APScheduler has just started must have its turn to be known here
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


async def _first(stop: Coroutine[object, object, object], house: asyncio.Task[None]) -> None:
    """Wait for either; a failure of the housekeeping ends the service rather than leave holes unseen."""
    waiting = asyncio.ensure_future(stop)
    try:
        await asyncio.wait({waiting, house}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if house.done():
        house.result()


def _this_task() -> asyncio.Task[Any]:
    """The task this is called in. Raises `RuntimeError` outside of one."""
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("not called in a task")
    return task


def _instants(event: JobEvent) -> list[datetime]:
    if isinstance(event, JobSubmissionEvent):
        return list(event.scheduled_run_times)
    return [event.scheduled_run_time]
