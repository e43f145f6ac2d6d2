"""What an observation weighs with its record in the log, on the simulator's own pages, all in."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from monitor.clock import SimulatedClock
from monitor.demo.settings import demo_settings
from monitor.evidence.journal.keeper import service
from monitor.evidence.journal.writer import JournalWriter
from monitor.model import Vantage
from monitor.places.hosts import host_of
from monitor.store import Store
from monitor.watch.observe import Observer
from monitor.watch.wiring import allowance, catalogue, pace
from probes.model import Transport
from probes.registry import platform
from probes.sessions.http.session import HttpSessions
from probes.simulator.app import build
from tests.cast.observations import NOON
from tests.cast.weight import weight

TARGET = "valmont-titre-sejour"
FIRST, VISITS = 60, 240
GOAL = 2000


@pytest.mark.slow
def test_an_hourly_visit_and_its_record_weigh_less_than_two_kilobytes(store: Store) -> None:
    settings, clock = demo_settings(), SimulatedClock(NOON)
    (entry,) = [one for one in catalogue(settings) if one.target.id == TARGET]
    store.record_targets([entry.target])
    log = JournalWriter(store, clock, service)
    observer = Observer(
        clock=clock,
        pace=pace(settings, clock, {host_of(entry.target.url)}, None),
        sessions={
            Transport.HTTP: HttpSessions(
                allowance=allowance([entry.target.url]), user_agent="Vigie/0.1", clock=clock, app=build(clock)
            )
        },
        vantage=Vantage(name="main", software="0.1.0", user_agent="Vigie/0.1.0 (+https://vigie.example)"),
    )

    async def look(hours: range) -> None:
        for hour in hours:
            at = NOON + hour * timedelta(hours=1)
            clock.advance_to(at)
            seen = await observer.observe(entry.target, platform("classic"), Transport.HTTP, scheduled_at=at)
            store.append_observation(seen, within=[log.observed])

    asyncio.run(look(range(FIRST)))
    before = weight(store)
    asyncio.run(look(range(FIRST, FIRST + VISITS)))
    each = (weight(store) - before) / VISITS
    assert each <= GOAL, f"{each:.0f} bytes"
