"""A real PostgreSQL with eight weeks of a guichet for each pattern of supply: panels run against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg.rows import dict_row
from sqlalchemy import insert

from monitor.clock import SystemClock
from monitor.figures import loading
from monitor.figures.period import Period, VisitAttempt
from monitor.model import Origin, Vantage
from monitor.store import Rereading, Review, Store, open_store, replace_events
from monitor.store.tables.alerts import incidents, outbox
from monitor.store.tables.journal import log, log_days
from probes.model import Outcome, Transport
from tests.figures.seeding import seed
from tests.figures.supply import HOUR, PATTERNS, month, watch
from tests.grafana.expanding import Values, expanded
from tests.plugins.postgresql import fresh_database
from tests.store.builders import draw, observation, reading, target

FIRST, DAYS = date(2026, 3, 23), 56  # over the change of the clocks on 29 March
LAST = FIRST + timedelta(days=DAYS - 1)
SINCE, UNTIL = datetime(2026, 3, 22, 22, tzinfo=UTC), datetime(2026, 5, 18, tzinfo=UTC)
VALUES: Values = {
    "embargo": "24 hours",
    "nature": "false",
    "target": "vienne-sejour",
    "departement": "86",
    "prefecture": ["Vienne"],
    "porte1": "vienne-sejour",
    "porte2": "vienne-permis",
    "decision": "ta-poitiers",
    "semaines": "4",
    "temoins": ["cher-sejour"],
}
EVENT = {
    "id": "ta-poitiers",
    "kind": "decision",
    "day": date(2026, 4, 20),
    "title": "TA Poitiers, n° 1",
    "source": "https://example.org",
}
INCIDENT: dict[str, Any] = {
    "kind": "blocked",
    "key": "vienne.localhost",
    "since": datetime(2026, 4, 1, tzinfo=UTC),
    "opened_at": datetime(2026, 4, 1, 1, tzinfo=UTC),
    "detail": "accès refusé",
    "targets": ["vienne-sejour"],
}
BROWSER = [("no_slots", 4.0), ("no_slots", 5.0), ("probe_error", 9.0)]
"""The visits of `paris-sejour`, by browser: outcome and seconds."""
DOWN, UP, OURS = ["site_down"], ["no_slots"], ["probe_error"]
SILENCES = {
    "lyon": [DOWN, DOWN, [*DOWN, *UP], ["overloaded"], OURS, DOWN],
    "brest": [DOWN, UP, UP, DOWN, UP, DOWN],
    "lille": [DOWN, UP, UP, OURS, UP, DOWN],
}
"""By hour: everybody silent, lyon alone, lyon half of the hour, two of three, our fault, lyon read again."""
LOGGED = {date(2026, 3, 23): 3, date(2026, 3, 24): 2, date(2026, 3, 26): 1}
"""Records of the evidence log by day."""
Rows = list[dict[str, Any]]
Query = Callable[..., Rows]


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
            Rereading(
                observation=row.id,
                platform="classic",
                reader_version="2",
                reading=reading(outcome),
                read_at=row.recorded_at,
                cause="essai",
            )
            for row in rows
        ]
        Review(store, SystemClock()).read_again(name, made, {})


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
    again = Rereading(
        observation=last.id,
        platform="classic",
        reader_version="2",
        reading=reading(Outcome.UNRECOGNISED),
        read_at=last.recorded_at,
        cause="essai",
    )
    Review(store, SystemClock()).read_again("lyon", [again], {})


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


def dated(attempt: VisitAttempt, rng: np.random.Generator) -> VisitAttempt:
    if attempt.outcome is not Outcome.SLOTS_OFFERED or rng.random() < 0.1:
        return VisitAttempt(**_fields(attempt) | {"earliest": None})
    earliest = attempt.scheduled_at + timedelta(days=float(rng.integers(1, 100)), hours=float(rng.random()))
    second = earliest + timedelta(days=3) if rng.random() < 0.6 else None
    return VisitAttempt(**_fields(attempt) | {"earliest": earliest, "second": second})


def _fields(attempt: VisitAttempt) -> dict[str, Any]:
    return {name: getattr(attempt, name) for name in VisitAttempt.__slots__}


MARQUISES = "Pacific/Marquesas"  # nine hours and a half behind UTC
GUICHETS = {
    "vienne-sejour": ("blocks", target("vienne-sejour")),
    "vienne-permis": ("long_openings", target("vienne-permis", demarche="permis de conduire")),
    "cher-sejour": ("scarcity", target("cher-sejour", prefecture="Cher", departement="18")),
    "ain-sejour": ("weekly_release", target("ain-sejour", prefecture="Ain", departement="01")),
    "gard-sejour": ("sunday_midnight", target("gard-sejour", prefecture="Gard", departement="30")),
    "nord-sejour": ("drizzle", target("nord-sejour", prefecture="Nord", departement="59")),
    "marne-sejour": ("hidden", target("marne-sejour", prefecture="Marne", departement="51")),
    "marquises": (
        "cancellations",
        target("marquises", prefecture="Marquises", departement="987", zone=MARQUISES),
    ),
}
"""Together every pattern of the simulated supply."""
UNWATCHED = target("orne-sejour", prefecture="Orne", departement="61")
"""Two weeks without a slot, five weeks in which nobody watched, one week without a slot."""
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
    store.commit_draws(draw(name, at, interval=SLOWER if at > middle else HOUR) for at in days)


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
            replace_events(conn, [EVENT])
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


@contextmanager
def asking(url: str, zone: str = "UTC") -> Iterator[Query]:
    """What runs queries in a session of this zone."""
    with psycopg.connect(url, row_factory=dict_row, options=f"-c TimeZone={zone} -c jit=off") as conn:

        def run(
            text: str, since: datetime = SINCE, until: datetime = UNTIL, **values: Any
        ) -> list[dict[str, Any]]:
            return conn.execute(expanded(text, {**VALUES, **values}, since, until)).fetchall()

        yield run


@pytest.fixture(params=GUICHETS)
def name(request: pytest.FixtureRequest) -> str:
    """Each of the guichets that have a pattern of supply."""
    return str(request.param)


def load(seeded: tuple[str, Store], name: str) -> Period:
    """The record of one of them over the seeded weeks, as Python loads it."""
    return loading.load(seeded[1], name, FIRST, LAST)
