"""A real PostgreSQL with eight weeks of a guichet for each pattern of supply: panels run against it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert

from monitor.clock import SystemClock
from monitor.figures.period import VisitAttempt
from monitor.model import Origin, Vantage
from monitor.store import LaterReading, Store, open_store
from monitor.store.record import draws, events
from monitor.store.review import later_readings
from monitor.store.tables.alerts import incidents, outbox
from monitor.store.tables.journal import log, log_days
from probes.model import Outcome, Transport
from tests.cast.observations import draw, observation, reading, target
from tests.cast.seeding import seed
from tests.cast.supply import HOUR, PATTERNS, month, watch
from tests.cast.transactions import tell
from tests.grafana.weeks import (
    BROWSER,
    DAYS,
    EVENT,
    FIRST,
    GUICHETS,
    INCIDENT,
    LOGGED,
    SILENCES,
    SINCE,
    UNWATCHED,
    Query,
    asking,
    dated,
)
from tests.plugins.postgresql import fresh_database

STRUCTURE = "0" * 16
"""Of every page that a newer reader does not recognise."""


def attempts(pattern: str, number: int) -> list[VisitAttempt]:
    """Eight weeks; slots of some patterns come with a second date, and some without any readable date."""
    rng = np.random.default_rng(number)
    start, end = month(FIRST, DAYS)
    return [dated(a, rng) for a in watch(PATTERNS[pattern](start, end, rng), start, end, rng)]


def beside() -> list[VisitAttempt]:
    """Undrawn visits to the control: a minute before and after every tenth visit to the target."""
    drawn = [a for a in attempts("blocks", 0) if a.outcome is Outcome.NO_SLOTS][::10]
    found = ((-1, Outcome.NO_SLOTS), (1, Outcome.SLOTS_OFFERED))
    return [
        VisitAttempt(scheduled_at=a.began + minutes * MINUTE, outcome=outcome, origin=Origin.CONTROL)
        for a in drawn
        if a.began
        for minutes, outcome in found
    ]


def read_again(store: Store, name: str) -> None:
    """A newer reader finds that some zeros were none: twice, so that only the newest reading holds."""
    rows = [row for row in store.observations(name) if row.reading.outcome is Outcome.NO_SLOTS][:40]
    for outcome in (Outcome.CAPTCHA, Outcome.UNRECOGNISED):
        made = [
            LaterReading(
                observation=row.id,
                platform="classic",
                reader_version="2",
                reading=reading(outcome),
                read_at=row.recorded_at,
                cause="essai",
            )
            for row in rows
        ]
        unknown = {row.id: STRUCTURE for row in rows} if outcome is Outcome.UNRECOGNISED else {}
        tell(store, later_readings.append, name, made, unknown, SystemClock().now())


def by_browser(store: Store) -> None:
    """Three visits of a target of its own, whose twin has the same words and was never visited."""
    twins = ("paris-sejour", "paris-sejour-2")
    store.record_targets(target(name, prefecture="Paris", departement="75") for name in twins)
    for hour, (outcome, seconds) in enumerate(BROWSER, start=9):
        began = datetime(2026, 4, 1, hour, tzinfo=UTC)
        store.append_observation(
            observation(
                began,
                Outcome(outcome),
                "paris-sejour",
                transport=Transport.BROWSER,
                started_at=began,
                finished_at=began + timedelta(seconds=seconds),
                vantage=Vantage(name="essai", software="vigie/0", user_agent="vigie", browser="Chromium 156"),
            )
        )


def silences(store: Store) -> None:
    """Three guichets on hosts of their own, hour by hour; one silence is read again as an answer."""
    for number, (name, outcomes) in enumerate(SILENCES.items()):
        place = target(
            name,
            url=f"http://{name}.localhost/booking/create/1",
            prefecture=name.title(),
            departement="69",
        )
        store.record_targets([place])
        for hour, said in enumerate(outcomes):
            at = datetime(2026, 4, 2, 9 + hour, 10 + number, tzinfo=UTC)
            for minutes, outcome in enumerate(said):
                seen = observation(at + timedelta(minutes=20 * minutes), Outcome(outcome), name)
                store.append_observation(seen)
    last = list(store.observations("lyon"))[-1]
    again = LaterReading(
        observation=last.id,
        platform="classic",
        reader_version="2",
        reading=reading(Outcome.UNRECOGNISED),
        read_at=last.recorded_at,
        cause="essai",
    )
    tell(store, later_readings.append, "lyon", [again], {last.id: STRUCTURE}, SystemClock().now())


def log_of(store: Store) -> None:
    """Lines of the evidence log, without anything a panel may read."""
    numbers = iter(range(1, 1 + sum(LOGGED.values())))
    with store.write() as conn:
        for day, n in LOGGED.items():
            lines = [next(numbers) for _ in range(n)]
            conn.execute(insert(log_days), {"day": day, "first_seq": lines[0]})
            conn.execute(
                insert(log),
                [{"seq": seq, "target": "t", "reference": f"r{seq}", "data": b"x"} for seq in lines],
            )


MINUTE = timedelta(minutes=1)
SLOWER = timedelta(hours=6)


def rows_of(number: int, pattern: str, zone: str) -> list[VisitAttempt]:
    """What is put into the database: of another zone, only what lies on the same days in both."""
    made = attempts(pattern, number)
    return made if zone == "Europe/Paris" else made[24:-24]


def slower(store: Store, name: str) -> None:
    """From the fifth Wednesday on the draws say six hours instead of one: a hole is longer there."""
    days = [SINCE + timedelta(days=n) for n in range(DAYS + 1)]
    middle = SINCE + timedelta(days=DAYS // 2 + 2)
    tell(store, draws.commit, [draw(name, at, interval=SLOWER if at > middle else HOUR) for at in days])


@contextmanager
def seeded_store(server: str, template: str, folder: Path) -> Iterator[tuple[str, Store]]:
    with fresh_database(server, template=template) as url:
        store = open_store(url, media=folder)
        store.record_targets([known for _, known in GUICHETS.values()])
        for name in ("vienne-sejour", "marne-sejour"):
            slower(store, name)
        for number, (name, (pattern, known)) in enumerate(GUICHETS.items()):
            seed(store, name, rows_of(number, pattern, known.zone))
        seed(store, "vienne-permis", beside())
        read_again(store, "vienne-permis")
        store.record_targets([UNWATCHED])
        zeros = [a for a in attempts("scarcity", 1) if a.outcome is Outcome.NO_SLOTS]
        seed(store, UNWATCHED.id, zeros[: 24 * 14] + zeros[-24 * 7 :])
        by_browser(store)
        silences(store)
        log_of(store)
        with store.write() as conn:
            events.replace(conn, [EVENT])
            opened = conn.execute(insert(incidents).returning(incidents.c.id), INCIDENT).scalar_one()
            waiting = {"incident_id": opened, "recipient": "operateur", "due_at": INCIDENT["opened_at"]}
            conn.execute(insert(outbox), waiting)
        yield url, store
        store.close()


@pytest.fixture(scope="session")
def seeded(
    postgresql_server: str, migrated_postgresql: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Store]]:
    """The address of the database, and its store."""
    with seeded_store(postgresql_server, migrated_postgresql, tmp_path_factory.mktemp("media")) as made:
        yield made


@pytest.fixture(scope="session")
def sql(seeded: tuple[str, Store]) -> Iterator[Query]:
    """Run a query as Grafana would, over the seeded period; rows as dictionaries."""
    with asking(seeded[0]) as run:
        yield run


@pytest.fixture(params=GUICHETS)
def name(request: pytest.FixtureRequest) -> str:
    """Each of the guichets that have a pattern of supply."""
    return str(request.param)
