"""Weeks of history for the demo: the real pipeline over plain HTTP, in process, under a simulated clock.

Runs in a process of its own beside the live service. Interrupted, it goes on where it stopped: what is
missing is what the committed draws have no entry for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from importlib.metadata import version

from monitor.clock import SimulatedClock
from monitor.model import GapReason, Observation, Origin, Vantage
from monitor.places.hosts import host_of
from monitor.rules.controls import WITHIN
from monitor.settings.load import Settings, schedule_seed
from monitor.store import Review, Store, open_store
from monitor.targets.catalogue import CatalogueEntry
from monitor.watch.controls import ControlVisits
from monitor.watch.observe import Observer
from monitor.watch.timetable import DAY, Timetable
from monitor.watch.wiring import allowance, pace
from probes.model import Transport
from probes.registry import platform
from probes.sessions.http.session import HttpSessions
from probes.sessions.pace import NotNow
from probes.simulator.app import build

DAYS = 63
INTERVAL = timedelta(hours=3)
"""Nine weeks: four on each side of a decision. Eight instants a day: enough for a week, and soon there."""

Report = Callable[[int, int], None]
"""Told how many instants are done, of how many."""


def days_before(first: date) -> list[date]:
    """The days of history that end just before `first`."""
    return [first - n * DAY for n in range(DAYS, 0, -1)]


def fill(settings: Settings, entries: Sequence[CatalogueEntry], until: date, report: Report) -> None:
    """Visit every drawn instant of the days before `until` that has no entry yet, in order of time."""
    hourly = [
        replace(entry, interval=INTERVAL, transport=Transport.HTTP)
        for entry in entries
        if Transport.HTTP in platform(entry.target.platform).transports
    ]
    start = datetime.combine(days_before(until)[0], time.min, tzinfo=UTC)
    clock = SimulatedClock(start)
    store = open_store(settings.database.address, media=settings.storage.media, clock=clock)
    timetable = Timetable(store, hourly, seed=schedule_seed(settings), clock=clock)
    for day in days_before(until):
        timetable.commit(day)
    midnight = datetime.combine(until, time.min, tzinfo=UTC)
    asyncio.run(_visit_all(settings, store, timetable, clock, midnight, report))


async def _visit_all(
    settings: Settings,
    store: Store,
    timetable: Timetable,
    clock: SimulatedClock,
    until: datetime,
    report: Report,
) -> None:
    observer = _observer(settings, [entry.target.url for entry in timetable.entries.values()], clock)
    beside = ControlVisits(Review(store, clock), timetable.entries, timetable.next_after, clock)
    missing = sorted(store.uncovered(until), key=lambda pair: pair[1])
    for done, (target, instant) in enumerate(missing, start=1):
        clock.advance_to(instant)
        seen = await _look(observer, store, timetable, target, instant)
        control = beside.control_due(seen) if seen else None
        if control:
            await _look_beside(observer, store, control)
        report(done, len(missing))


async def _look(
    observer: Observer, store: Store, timetable: Timetable, target: str, instant: datetime
) -> Observation | None:
    entry = timetable.entries[target]
    try:
        seen = await observer.observe(
            entry.target, platform(entry.target.platform), entry.transport, scheduled_at=instant
        )
    except NotNow as refusal:
        timetable.gap(target, instant, GapReason(refusal.reason), refusal.detail)
        return None
    store.append_observation(seen)
    return seen


async def _look_beside(observer: Observer, store: Store, entry: CatalogueEntry) -> None:
    """The control of a zero, at once, as the live service sees it."""
    try:
        seen = await observer.observe(
            entry.target, platform(entry.target.platform), entry.transport, wait=WITHIN.total_seconds()
        )
    except NotNow:
        return
    store.append_observation(replace(seen, origin=Origin.CONTROL))


def _observer(settings: Settings, urls: Iterable[str], clock: SimulatedClock) -> Observer:
    """As the live one, but over an in-process simulator that lives in simulated time."""
    hosts = {host_of(url) for url in urls}
    user_agent = settings.user_agent(local=True)
    sessions = HttpSessions(allowance=allowance(urls), user_agent=user_agent, clock=clock, app=build(clock))
    return Observer(
        clock=clock,
        pace=pace(settings, clock, hosts, None),
        sessions={Transport.HTTP: sessions},
        vantage=Vantage(name="demo-history", software=version("vigie"), user_agent=user_agent),
    )
