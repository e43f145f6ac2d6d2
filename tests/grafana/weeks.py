"""Eight weeks of a guichet for each pattern of supply, and a few targets for what none of them shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
from psycopg.rows import dict_row

from monitor.figures import loading
from monitor.figures.period import Period, VisitAttempt
from monitor.store import Store
from probes.model import Outcome
from tests.cast.dashboards import VALUES
from tests.cast.grafana_queries import expanded
from tests.cast.observations import target

FIRST, DAYS = date(2026, 3, 23), 56  # over the change of the clocks on 29 March
LAST = FIRST + timedelta(days=DAYS - 1)
SINCE, UNTIL = datetime(2026, 3, 22, 22, tzinfo=UTC), datetime(2026, 5, 18, tzinfo=UTC)
EVENT: dict[str, Any] = {
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


@contextmanager
def asking(url: str, zone: str = "UTC") -> Iterator[Query]:
    """What runs queries in a session of this zone."""
    with psycopg.connect(url, row_factory=dict_row, options=f"-c TimeZone={zone} -c jit=off") as conn:

        def run(
            text: str, since: datetime = SINCE, until: datetime = UNTIL, **values: Any
        ) -> list[dict[str, Any]]:
            return conn.execute(expanded(text, {**VALUES, **values}, since, until)).fetchall()

        yield run


def load(seeded: tuple[str, Store], name: str) -> Period:
    """The record of one of them over the seeded weeks, as Python loads it."""
    return loading.load(seeded[1], name, FIRST, LAST)
