"""Weeks of history for the demo: the service's own visits over plain HTTP, under a simulated clock.

Drawn instants are visited by the same code as in the service (`RecordedVisits`); only the scheduler differs.
Runs in a process of its own beside the live service. After an interruption it goes on where it stopped: it
visits the committed instants that have no entry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from importlib.metadata import version
from operator import itemgetter

from monitor.clock import SimulatedClock
from monitor.model import Vantage
from monitor.places.hosts import host_of
from monitor.settings.load import Settings, schedule_seed
from monitor.store import open_store
from monitor.targets.catalogue import CatalogueEntry
from monitor.watch.observe import Observer
from monitor.watch.timetable import DAY, Timetable
from monitor.watch.visits import RecordedVisits
from monitor.watch.wiring import allowance, pace, recorded_visits
from probes.model import Transport
from probes.registry import platform
from probes.sessions.http.session import HttpSessions
from probes.simulator.app import build

DAYS = 63
INTERVAL = timedelta(hours=3)
"""Nine weeks of history give four on each side of a decision. Eight instants a day are enough for the figures
of a week, and are visited quickly."""

Instant = tuple[str, datetime]
"""A target and one of its drawn instants."""

Report = Callable[[int, int], None]
"""Called with the number of instants done and the number of all."""


def days_before(first: date) -> list[date]:
    """The days of history that end just before `first`."""
    return [first - n * DAY for n in range(DAYS, 0, -1)]


def fill(settings: Settings, entries: Sequence[CatalogueEntry], until: date, report: Report) -> None:
    """Visit every drawn instant of the days before `until` that has no entry yet, in order of time."""
    spaced = [
        replace(entry, interval=INTERVAL, transport=Transport.HTTP)
        for entry in entries
        if Transport.HTTP in platform(entry.target.platform).transports
    ]
    start = datetime.combine(days_before(until)[0], time.min, tzinfo=UTC)
    clock = SimulatedClock(start)
    store = open_store(settings.database.address, media=settings.storage.media, clock=clock)
    timetable = Timetable(store, spaced, seed=schedule_seed(settings), clock=clock)
    for day in days_before(until):
        timetable.commit(day)
    observer = _observer(settings, [entry.target.url for entry in spaced], clock)
    midnight = datetime.combine(until, time.min, tzinfo=UTC)
    missing = sorted(store.uncovered(midnight), key=itemgetter(1))
    # No browser keeps up with a simulated clock, so the history has no double readings.
    visits = recorded_visits(settings, store, timetable, observer, doubles=False)
    asyncio.run(_visit_all(visits, clock, missing, report))


async def _visit_all(
    visits: RecordedVisits, clock: SimulatedClock, missing: Sequence[Instant], report: Report
) -> None:
    """Visit the instants as the service would, but one visit at a time: each control's before the next."""
    for done, (target, instant) in enumerate(missing, start=1):
        clock.advance_to(instant)
        control = await visits.drawn(visits.timetable.entries[target], instant)
        if control:
            await visits.control(control)
        report(done, len(missing))


def _observer(settings: Settings, urls: Iterable[str], clock: SimulatedClock) -> Observer:
    """An observer like the service's, but with a simulator in this process that uses the simulated clock."""
    hosts = {host_of(url) for url in urls}
    user_agent = settings.user_agent(local=True)
    sessions = HttpSessions(allowance=allowance(urls), user_agent=user_agent, clock=clock, app=build(clock))
    return Observer(
        clock=clock,
        pace=pace(settings, clock, hosts, None),
        sessions={Transport.HTTP: sessions},
        vantage=Vantage(name="demo-history", software=version("vigie"), user_agent=user_agent),
    )
