"""Our own probes visit the simulated préfectures: they read the truth, politely, and stop at the line."""

from __future__ import annotations

import asyncio
import tomllib
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest

from monitor.clock import SimulatedClock
from monitor.places.hosts import host_of
from probes.model import Outcome, Reading, Target, Transport, VisitOver
from probes.registry import platform
from probes.sessions.guard import Allowance
from probes.sessions.http.session import HttpSessions
from probes.sessions.pace import InMemoryHostStates, NoSwitches, Pace, PacePolicy
from probes.simulator.app import build
from probes.simulator.faults import Fault
from probes.simulator.request_log import RequestLog
from probes.simulator.sites import Product
from probes.simulator.supply import Scenario
from probes.simulator.truth import Truth, truth
from probes.simulator.world import Simulator
from tests.cast.breaches import BreachKind, breaches
from tests.cast.simulated import simple

CATALOGUE = tomllib.loads(files("probes.simulator").joinpath("targets.toml").read_text("utf-8"))["target"]
KNOWN = {field.name for field in fields(Target)}
EVERY_TARGET = [Target(**{key: row[key] for key in row.keys() & KNOWN}) for row in CATALOGUE]
TARGETS = [target for target in EVERY_TARGET if Transport.HTTP in platform(target.platform).transports]
SATURDAY_EVENING = datetime.fromisoformat("2026-11-07T23:00:00+01:00")
WEDNESDAY_MORNING = datetime.fromisoformat("2026-11-04T10:00:00+01:00")


class Prober:
    """Probes over plain HTTP, in process, at our usual pace, in simulated time."""

    def __init__(self, at: datetime, **sites: Any) -> None:
        self.clock = SimulatedClock(at)
        self.app = build(self.clock, **sites)
        self.world: Simulator = self.app.state.simulator
        self.pace = Pace(PacePolicy(), self.clock, InMemoryHostStates(), NoSwitches())
        self.sessions = HttpSessions(
            allowance=Allowance(hosts=frozenset(self.world.sites), local=True),
            user_agent="Vigie/tests (+mailto:essais@example.org)",
            clock=self.clock,
            app=self.app,
        )

    async def probe(self, target: Target) -> tuple[Reading, tuple[Truth, Truth]]:
        """One visit: what it read, and what was true before and after it."""
        before = truth(self.world, target.url, desk=target.desk)
        product = platform(target.platform)
        async with self.pace.visit(host=host_of(target.url), platform=target.platform, wait=3600) as turn:
            async with self.sessions.visit(stop_line=product.stop_line, turn=turn) as session:
                with suppress(VisitOver):
                    await product.walk(target, session)
            await turn.settle(False)
        return product.read(target, session.capture()), (
            before,
            truth(self.world, target.url, desk=target.desk),
        )


def agrees(reading: Reading, true: Truth) -> bool:
    earliest = reading.earliest and reading.earliest.starts_at
    second = reading.second and reading.second.starts_at
    return (
        reading.outcome is true.outcome
        and reading.kind is true.kind
        and (earliest, second or true.second) == (true.earliest, true.second)
    )


@pytest.mark.slow
def test_a_day_and_a_night_of_probes_read_the_truth_and_breach_nothing() -> None:
    async def run() -> RequestLog:
        prober = Prober(SATURDAY_EVENING)
        for hour in range(26):
            prober.clock.advance_to(SATURDAY_EVENING + timedelta(hours=hour))
            for target in sorted(TARGETS, key=lambda target: "rivehaute" not in target.id):
                reading, truths = await prober.probe(target)
                assert any(agrees(reading, true) for true in truths), (target.id, prober.clock.now(), reading)
        return prober.world.request_log

    request_log = asyncio.run(run())
    assert len(request_log.pages()) > 1000
    assert breaches(request_log) == []


@pytest.mark.parametrize(
    ("target", "at", "outcome"),
    [
        ("rivehaute-naturalisation", SATURDAY_EVENING, "no_slots"),
        ("rivehaute-naturalisation", SATURDAY_EVENING + timedelta(hours=1), "slots_offered"),
        ("rivehaute-naturalisation", SATURDAY_EVENING + timedelta(hours=1, minutes=9), "no_slots"),
        ("grandval-carte-resident", WEDNESDAY_MORNING - timedelta(minutes=2), "no_slots"),
        ("grandval-carte-resident", WEDNESDAY_MORNING, "slots_offered"),
        ("grandval-carte-resident", WEDNESDAY_MORNING + timedelta(minutes=10), "no_slots"),
    ],
)
def test_an_opening_of_minutes_is_seen_by_who_looks_in_time(target: str, at: datetime, outcome: str) -> None:
    looked_at = next(row for row in TARGETS if row.id == target)
    reading, _truths = asyncio.run(Prober(at).probe(looked_at))
    assert reading.outcome == outcome


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize(
    "target", {target.platform: target for target in TARGETS}.values(), ids=lambda target: target.platform
)
def test_no_fault_is_ever_read_as_an_absence_of_slots(fault: Fault, target: Target) -> None:
    prober = Prober(datetime(2026, 11, 2, 8, tzinfo=UTC))
    prober.world.faults.set(host_of(target.url), fault)
    reading, (true, _later) = asyncio.run(prober.probe(target))
    # A page that tries everything may be left unread.
    unread = {Outcome.UNRECOGNISED} if fault is Fault.HOSTILE else set()
    assert reading.outcome in {true.outcome} | unread, (reading, true)
    # The log takes the style sheets of that page, which are read with it, for pages asked for too soon.
    soon = {BreachKind.SPACING} if fault is Fault.HOSTILE else set()
    assert [one for one in breaches(prober.world.request_log) if one.kind not in soon] == []


def test_a_probe_stops_at_the_captcha_of_a_site_full_of_slots() -> None:
    site = simple("rdvpref", Product.RDV_PREFECTURE, Scenario.PLENTY)
    prober = Prober(datetime(2026, 11, 2, 8, tzinfo=UTC), sites=(site,))
    procedure = site.procedures[0]
    target = Target(
        id="t",
        platform=site.product,
        url=site.url(procedure, 9810),
        prefecture=procedure.prefecture,
        departement=procedure.departement,
        demarche=procedure.title,
    )
    reading, _truths = asyncio.run(prober.probe(target))
    assert reading.outcome == "captcha"
    assert breaches(prober.world.request_log) == []
