"""The service: wakes at each drawn instant, visits, records; turns every instant it missed into a gap.

Owns the scheduler, the places for visits, and shutdown. Knows nothing of pages or SQL.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobEvent,
    JobSubmissionEvent,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.model import GapReason, Observation, Origin
from monitor.rules.controls import WITHIN
from monitor.store import InstantTaken, Review, Store, StoreError, Within
from monitor.targets.catalogue import CatalogueEntry
from monitor.watch.controls import ControlVisits
from monitor.watch.observe import REFUSALS, Observer
from monitor.watch.timetable import Timetable
from monitor.watch.trigger import DrawnTrigger
from probes.model import Clock, Platform, utc
from probes.sessions.browser.chrome import BrowserUnavailable
from probes.sessions.pace import NotNow

log = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(seconds=30)

NOT_RUN = {
    EVENT_JOB_MISSED: GapReason.MISFIRE,
    EVENT_JOB_MAX_INSTANCES: GapReason.OVERLAP,
    EVENT_JOB_ERROR: GapReason.COULD_NOT_TRY,
}
"""What APScheduler says of an instant it did not run. It merges late ones silently: the sweep finds those."""


@dataclass
class Service:
    """Runs until told to stop.

    `grace` is how late a wake-up may come, `wait` how long a visit may then wait for its host or for a place;
    later than that the instant becomes a gap. `last_chance` is what visits under way get at the end.
    `within` joins the transaction of each observation.
    """

    store: Store
    timetable: Timetable
    observer: Observer
    platforms: Callable[[str], Platform]
    clock: Clock
    places: int
    grace: timedelta
    wait: timedelta
    last_chance: timedelta = timedelta(seconds=5)
    within: Sequence[Within] = ()
    seen: Callable[[Observation], None] = lambda _: None
    beat: Callable[[datetime], None] = lambda _: None
    _flying: dict[tuple[str, datetime], asyncio.Task[None]] = field(default_factory=dict)
    _controls: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        timetable = self.timetable
        review = Review(self.store, self.clock)
        self._beside = ControlVisits(review, timetable.entries, timetable.next_after, self.clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until `stop` is set, then end the visits under way; their instants become gaps."""
        self._started_at = self.clock.now()
        self._free = asyncio.Semaphore(self.places)
        self.timetable.commit_missed()
        self.timetable.commit_ahead()
        log.info("watching %d targets", len(self.timetable.entries))
        scheduler = self._scheduler()
        scheduler.start()
        house = asyncio.create_task(self._keep_house(), name="keep house")
        try:
            await _first(stop.wait(), house)
        finally:
            scheduler.pause()
            await self._end_visits()
            scheduler.shutdown(wait=False)
            house.cancel()

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
        closed = await asyncio.to_thread(self.timetable.close, self._started_at, lambda _: GapReason.DOWNTIME)
        log.info("%d instants went by while nobody watched", closed)
        while True:
            await asyncio.to_thread(self._sweep)
            self.timetable.commit_ahead()
            await self.clock.sleep(SWEEP_EVERY.total_seconds())

    async def _wake(self, entry: CatalogueEntry) -> None:
        """APScheduler calls this at a drawn instant of `entry`."""
        instant = self.timetable.due(entry.target.id)
        if instant is None:
            return
        key = (entry.target.id, instant)
        task = asyncio.create_task(self._look(entry, instant), name=f"visit {entry.target.id}")
        self._flying[key] = task
        try:
            await task
        finally:
            del self._flying[key]

    async def _look(self, entry: CatalogueEntry, instant: datetime) -> None:
        """One drawn instant, to its entry: an observation, or the gap that says why there is none."""
        target = entry.target.id
        try:
            observation = await self._visit(entry, instant, self.grace + self.wait)
        except NotNow as refusal:
            await self._gap(target, instant, GapReason(refusal.reason), refusal.detail)
        except asyncio.CancelledError:
            self.timetable.gap(
                target, instant, GapReason.SHUTDOWN, "the service was stopped during the visit"
            )
            raise
        except BrowserUnavailable as reason:
            log.error("%s: %s", target, reason)
            await self._gap(target, instant, GapReason.COULD_NOT_TRY, str(reason))
        else:
            if await self._record(observation):
                await self._see_control(observation)

    async def _see_control(self, seen: Observation) -> None:
        """Have the control visited beside `seen` if it needs it; a host that refuses us is left alone."""
        if seen.reading.outcome in REFUSALS:
            return
        control = await asyncio.to_thread(self._beside.control_due, seen)
        if control and control.target.id not in self._controls:
            name = control.target.id
            task = asyncio.create_task(self._look_beside(control), name=f"control {name}")
            self._controls[name] = task
            task.add_done_callback(lambda _: self._controls.pop(name))

    async def _look_beside(self, control: CatalogueEntry) -> None:
        """A visit that nobody drew: what cannot be made leaves no gap."""
        now = self.clock.now()
        try:
            observation = await self._visit(control, now, WITHIN, scheduled=False)
            await self._record(replace(observation, origin=Origin.CONTROL))
        except (NotNow, BrowserUnavailable, StoreError) as reason:
            log.info("%s: not seen as a control: %s", control.target.id, reason)

    async def _visit(
        self, entry: CatalogueEntry, instant: datetime, late: timedelta, *, scheduled: bool = True
    ) -> Observation:
        """Visit once a place and the host are free, both at most `late` after `instant`."""
        patience = partial(self._patience, instant + late)
        try:
            async with asyncio.timeout(patience()):
                await self._free.acquire()
        except TimeoutError:
            raise NotNow("host_busy", "every place for a visit was taken") from None
        try:
            return await self.observer.observe(
                entry.target,
                self.platforms(entry.target.platform),
                entry.transport,
                scheduled_at=instant if scheduled else None,
                wait=patience(),
            )
        finally:
            self._free.release()

    def _patience(self, until: datetime) -> float:
        return max(0.0, (until - self.clock.now()).total_seconds())

    async def _record(self, observation: Observation) -> bool:
        try:
            await asyncio.to_thread(self.store.append_observation, observation, within=self.within)
        except InstantTaken:
            log.warning(
                "%s: another writer already answered for %s", observation.target, observation.scheduled_at
            )
            return False
        self.seen(observation)
        return True

    async def _gap(self, target: str, instant: datetime, reason: GapReason, detail: str = "") -> None:
        await asyncio.to_thread(self.timetable.gap, target, instant, reason, detail)
        log.info("%s: nobody looked at %s: %s %s", target, instant, reason, detail)

    def _not_run(self, event: JobEvent) -> None:
        """A wake-up that APScheduler dropped: say so at once, for each instant it names."""
        for instant in _instants(event):
            self.timetable.gap(event.job_id, utc(instant), NOT_RUN[event.code])

    def _sweep(self) -> None:
        """Account for every instant that can no longer be visited."""
        now = self.clock.now()
        self.beat(now)
        self.timetable.close(
            now - self.grace - self.wait - SWEEP_EVERY, self._why_missed, in_flight=self._flying
        )
        self._beside.settle()

    def _why_missed(self, instant: datetime) -> GapReason:
        return GapReason.MISFIRE if instant >= self._started_at else GapReason.DOWNTIME

    async def _end_visits(self) -> None:
        """Give visits under way a last chance, then cancel them; each drawn one ends with its entry."""
        flying = [*self._flying.values(), *self._controls.values()]
        if not flying:
            return
        _, late = await asyncio.wait(flying, timeout=self.last_chance.total_seconds())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def _first(stop: Coroutine[object, object, object], house: asyncio.Task[None]) -> None:
    """Wait for either; a failure of the housekeeping ends the service rather than leave holes unseen."""
    waiting = asyncio.ensure_future(stop)
    await asyncio.wait({waiting, house}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if house.done():
        house.result()


def _instants(event: JobEvent) -> list[datetime]:
    if isinstance(event, JobSubmissionEvent):
        return list(event.scheduled_run_times)
    return [event.scheduled_run_time]
