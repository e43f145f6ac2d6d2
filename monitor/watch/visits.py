"""Brings a drawn instant to its entry: makes and records the visit, or records a gap that says why not.

The service uses this as time passes, the demo's history under a simulated clock. `monitor.watch.controls`
compares a visit with that of its control.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.model import GapReason, Observation, Origin
from monitor.rules.agreement import withheld
from monitor.rules.controls import PAIRED_WITHIN
from monitor.store import InstantTaken, Store, StoreError, Within
from monitor.store.review import double_readings
from monitor.targets.catalogue import CatalogueEntry, may_be_doubled
from monitor.watch.controls import ControlVisits
from monitor.watch.observe import REFUSALS, Observer
from monitor.watch.threads import in_thread
from monitor.watch.timetable import Timetable
from probes.model import Platform, Transport
from probes.pages.fingerprint import kept_structure
from probes.sessions.browser.chrome import BrowserUnavailable
from probes.sessions.pace import NotNow

log = logging.getLogger(__name__)

NO_CHROMIUM = "this instant was drawn for a double reading, and there is no Chromium here"


@dataclass(kw_only=True)
class RecordedVisits:
    """Makes visits and records them, at most `places` of them at once.

    A drawn visit may begin until `late` after its instant. Each function of `within` is called in the
    transaction that writes an observation; `seen` is called with it once it is recorded. With `doubles`, the
    instants drawn for a double reading are visited with Chromium, or are gaps without one. Belongs to one
    event loop, which must not wait for SQL: the store, the timetable and the controls are called in threads.
    """

    store: Store
    timetable: Timetable
    observer: Observer
    platforms: Callable[[str], Platform]
    places: int
    late: timedelta
    within: Sequence[Within] = ()
    seen: Callable[[Observation], None] = lambda _: None
    doubles: bool = True
    controls: ControlVisits = field(init=False)

    def __post_init__(self) -> None:
        clock, timetable = self.observer.clock, self.timetable
        self.controls = ControlVisits(self.store, timetable.entries, timetable.next_after, clock)
        self._free = asyncio.Semaphore(self.places)

    async def drawn(self, entry: CatalogueEntry, instant: datetime) -> CatalogueEntry | None:
        """Visit at a drawn instant. Returns the control to visit now beside it, or `None` if none is needed.

        On return the instant has its entry. When this raises, it may have none, and the caller must write the
        gap. Raises `CancelledError`, and `StoreError` when the database failed.
        """
        target = entry.target.id
        twice = self._read_twice(entry) and self.timetable.doubled(target, instant)
        if twice and not self.observer.reads_twice:
            await self.gap(target, instant, GapReason.COULD_NOT_TRY, NO_CHROMIUM)
            return None
        try:
            observation = await self._visit(entry, instant + self.late, drawn_at=instant, twice=twice)
        except NotNow as refusal:
            await self.gap(target, instant, GapReason(refusal.reason), refusal.detail)
        except BrowserUnavailable as reason:
            log.error("%s: %s", target, reason)
            await self.gap(target, instant, GapReason.COULD_NOT_TRY, str(reason))
        else:
            if await self._record(observation):
                return await self._control_due(observation)
        return None

    async def control(self, control: CatalogueEntry) -> None:
        """Visit a control now. It has no drawn instant: a visit that cannot be made is logged, and no gap."""
        try:
            observation = await self._visit(control, self.observer.clock.now() + PAIRED_WITHIN)
            await self._record(replace(observation, origin=Origin.CONTROL))
        except (NotNow, BrowserUnavailable, StoreError) as reason:
            log.info("%s: not seen as a control: %s", control.target.id, reason)

    async def gap(self, target: str, instant: datetime, reason: GapReason, detail: str = "") -> None:
        """Record a gap at `instant` and log it, unless that instant already has its entry."""
        if await in_thread(self.timetable.gap, target, instant, reason, detail):
            log.info("%s: nobody looked at %s: %s %s", target, instant, reason, detail)

    def _read_twice(self, entry: CatalogueEntry) -> bool:
        """Whether some instants of `entry` are for Chromium although it is read over plain HTTP."""
        return self.doubles and may_be_doubled(entry, self.platforms(entry.target.platform))

    async def _visit(
        self,
        entry: CatalogueEntry,
        until: datetime,
        *,
        drawn_at: datetime | None = None,
        twice: bool = False,
    ) -> Observation:
        """Visit as soon as a place and the host are free. Raises `NotNow` if not so by `until` (UTC).

        With `twice` it is made in Chromium, and read a second time as plain HTTP would have received it.
        """
        try:
            async with asyncio.timeout(self._left(until)):
                await self._free.acquire()
        except TimeoutError:
            raise NotNow("host_busy", "every place for a visit was taken") from None
        try:
            observation = await self.observer.observe(
                entry.target,
                self.platforms(entry.target.platform),
                Transport.BROWSER if twice else entry.transport,
                scheduled_at=drawn_at,
                wait=self._left(until),
                twice=twice,
            )
        finally:
            self._free.release()
        return await self._believed(observation)

    async def _believed(self, observation: Observation) -> Observation:
        """`observation`, its conclusion withheld when it was drawn over plain HTTP and that is in doubt."""
        if observation.transport is not Transport.HTTP or not observation.reading.outcome.conclusive:
            return observation
        if not await in_thread(self._in_doubt, observation.platform):
            return observation
        reading = withheld(observation.reading)
        structure = kept_structure(observation.platform, reading, observation.capture)
        return replace(observation, reading=reading, structure=structure)

    def _in_doubt(self, platform: str) -> bool:
        """Whether plain HTTP is in doubt for `platform`; also while the database does not say.

        A page that was received is not lost for that: what is withheld now, a later reading may conclude.
        """
        try:
            with self.store.read() as conn:
                return platform in double_readings.in_doubt(conn)
        except StoreError as reason:
            log.warning("%s: nothing is concluded over HTTP, the database is away: %s", platform, reason)
            return True

    def _left(self, until: datetime) -> float:
        """Seconds left until `until`; 0 when it is past."""
        return max(0.0, (until - self.observer.clock.now()).total_seconds())

    async def _record(self, observation: Observation) -> bool:
        try:
            await in_thread(self.store.append_observation, observation, within=self.within)
        except InstantTaken:
            log.warning(
                "%s: another writer already answered for %s", observation.target, observation.scheduled_at
            )
            return False
        self.seen(observation)
        return True

    async def _control_due(self, seen: Observation) -> CatalogueEntry | None:
        """The control to visit beside `seen`. `None` too when the host refused us: it is to be left alone."""
        if seen.reading.outcome in REFUSALS:
            return None
        return await in_thread(self.controls.control_due, seen)
