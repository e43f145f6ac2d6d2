"""Attended rows in the record: their own n, and never in the robot's denominators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from monitor.clock import SimulatedClock
from monitor.figures.loading import load, weeks
from monitor.metrics.collector import StoreCollector
from monitor.model import Observation, Origin, Vantage
from monitor.store import Store
from monitor.store.record import counts, projections, standings
from monitor.store.review import quarantine
from monitor.watch.attendant import Attendant
from probes.attendance import ATTENDED
from probes.model import AcceptedLine, Capture, NoSlotsKind, Outcome, Reading, Step, Target, Transport
from probes.pages.fingerprint import fingerprint
from probes.platforms.rdv_prefecture import RdvPrefecture
from probes.registry import platform
from probes.sessions.browser.attended_visit import AttendedVisit
from probes.sessions.pace import InMemoryHostStates, NoSwitches, Pace, PacePolicy, Turn
from probes.sessions.visit import Deciding
from probes.stop_line import StopLine
from tests.cast.transactions import ask, tell

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
MONDAY = date(2026, 11, 2)
TARGET = Target(
    id="belcastel",
    platform="rdv_prefecture",
    url="https://www.rdv-prefecture.interieur.gouv.fr/rdvpref/reservation/demarche/2381/",
    prefecture="Belcastel",
    departement="75",
    demarche="Renouvellement",
)
ZERO = Reading(outcome=Outcome.NO_SLOTS, rule="all_taken", words="Aucun créneau", kind=NoSlotsKind.ALL_TAKEN)
CAPTCHA = Reading(outcome=Outcome.CAPTCHA, rule="captcha", words="Code de sécurité")


def page(at: datetime, body: bytes) -> Step:
    url = TARGET.url
    return Step(
        n=0,
        action="open",
        method="GET",
        url=url,
        final_url=url,
        status=200,
        started_at=at,
        finished_at=at,
        body=body,
    )


def seen(at: datetime, reading: Reading, origin: Origin) -> Observation:
    return Observation(
        target=TARGET.id,
        platform=TARGET.platform,
        reader_version="1",
        transport=Transport.BROWSER,
        origin=origin,
        scheduled_at=at if origin is Origin.SCHEDULED else None,
        started_at=at,
        finished_at=at + timedelta(seconds=5),
        reading=reading,
        capture=Capture(transport=Transport.BROWSER, steps=(page(at, b"<p>x</p>"),)),
        vantage=Vantage(name="main", software="vigie"),
    )


class Window:
    """A window in which a person came to one page."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    @asynccontextmanager
    async def lend(
        self, kind: type[AttendedVisit], *, stop_line: StopLine, turn: Turn, deciding: Deciding, zone: str
    ) -> AsyncIterator[Window]:
        yield self

    async def witness(self, opened: str, answered: str, *, patience: timedelta) -> None:
        pass

    def capture(self) -> Capture:
        return Capture(transport=Transport.BROWSER, steps=(page(NOON, self.body),))


def test_a_page_that_nobody_knows_goes_to_quarantine(store: Store) -> None:
    store.record_targets([TARGET])
    clock = SimulatedClock(NOON)
    pace = Pace(PacePolicy(), clock, InMemoryHostStates(), NoSwitches())
    vantage = Vantage(name="main", software="vigie")
    window: Any = Window(b"<p>Autre chose</p>")
    attendant = Attendant(clock=clock, pace=pace, sessions=window, vantage=vantage)
    known, attendance = platform(TARGET.platform), ATTENDED[TARGET.platform]
    seen = asyncio.run(attendant.attend(TARGET, known, attendance, patience=timedelta(minutes=1)))
    number = store.append_observation(seen)
    assert seen.reading.outcome is Outcome.UNRECOGNISED
    assert [group.newest for group in ask(store, quarantine.groups)] == [number]


LINE = AcceptedLine(line="bienvenue", at=NOON, reason="a greeting")


def test_an_attended_page_is_read_with_the_lines_accepted_on_such_a_page() -> None:
    handed: list[Sequence[AcceptedLine]] = []

    class Noting(RdvPrefecture):
        def read(self, target: Target, capture: Capture, accepted: Sequence[AcceptedLine] = ()) -> Reading:
            handed.append(accepted)
            return super().read(target, capture, accepted)

    window: Any = Window(b"<p>Autre chose</p>")
    clock = SimulatedClock(NOON)
    attendant = Attendant(
        clock=clock,
        pace=Pace(PacePolicy(), clock, InMemoryHostStates(), NoSwitches()),
        sessions=window,
        vantage=Vantage(name="main", software="vigie"),
        accepted=lambda name: {fingerprint(name, window.capture()): (LINE,)},
    )
    attendance = ATTENDED[TARGET.platform]
    asyncio.run(attendant.attend(TARGET, Noting(), attendance, patience=timedelta(minutes=1)))
    assert handed == [(LINE,)]


@pytest.fixture
def mixed(store: Store) -> Store:
    """Four scheduled visits stopped by a CAPTCHA, and three attended zeros between them."""
    store.record_targets([TARGET])
    for hour in range(4):
        store.append_observation(seen(NOON + timedelta(hours=hour), CAPTCHA, Origin.SCHEDULED))
    for hour in range(3):
        store.append_observation(seen(NOON + timedelta(hours=hour, minutes=20), ZERO, Origin.ATTENDED))
    return store


def test_tallies_keep_them_apart(mixed: Store) -> None:
    counted = {(count.origin, count.result): count.n for count in ask(mixed, counts.totals)}
    assert counted == {(Origin.SCHEDULED, "captcha"): 4, (Origin.ATTENDED, "no_slots"): 3}


def test_rebuilt_tallies_keep_them_apart(mixed: Store) -> None:
    before = ask(mixed, counts.totals)
    tell(mixed, projections.rebuild)
    assert ask(mixed, counts.totals) == before


def test_standings_keep_them_apart(mixed: Store) -> None:
    stands = {standing.origin: standing for standing in ask(mixed, standings.every)}
    assert set(stands) == {Origin.SCHEDULED, Origin.ATTENDED}


def test_the_robot_s_record_has_none_of_them(mixed: Store) -> None:
    robot = load(mixed, TARGET.id, MONDAY, MONDAY)
    theirs = load(mixed, TARGET.id, MONDAY, MONDAY, origins=frozenset({Origin.ATTENDED}))
    assert robot.rows["outcome"].drop_nulls().to_list() == ["captcha"] * 4
    assert theirs.rows["outcome"].drop_nulls().to_list() == ["no_slots"] * 3


def test_no_week_counts_them(mixed: Store) -> None:
    (week,) = weeks(mixed, {TARGET.id}, MONDAY, MONDAY)[TARGET.id]
    assert (week.counts.executed, week.counts.conclusive, week.counts.zeros) == (4, 0, 0)


def test_no_metric_counts_them_as_scheduled(mixed: Store) -> None:
    registry = CollectorRegistry()
    clock = SimulatedClock(NOON + timedelta(hours=5))
    registry.register(StoreCollector(mixed, clock, {TARGET.id: timedelta(hours=1)}, {}))
    lines = [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]
    zeros = [line for line in lines if 'outcome="no_slots"' in line and not line.endswith(" 0.0")]
    assert not [line for line in zeros if 'origin="scheduled"' in line or "origin=" not in line]
