"""The roll-ups against the rows they count.

Those of days against their rows, in random target-weeks; those over all time, which Prometheus shows, against
the sum of their days.
"""

from __future__ import annotations

import random
from datetime import timedelta

from monitor.store import Store
from monitor.store import for_figures as rows
from monitor.store.record import target_versions
from monitor.store.record.counts import Count

SAMPLE = 100

Difference = tuple[Count | None, Count | None]
"""The stored count and the recounted one; `None` where one of them is missing."""


def unequal_weeks(store: Store, sample: int = SAMPLE, seed: int | None = None) -> list[Difference]:
    """The wrong day roll-ups of `sample` random target-weeks; the same `seed` draws the same weeks."""
    choose = random.Random(seed)
    wrong = []
    with store.read() as conn:
        names = list(target_versions.current(conn))
        if known := rows.days(conn):
            weeks = 1 + (known[1] - known[0]).days // 7
            for _ in range(sample):
                first = known[0] + timedelta(weeks=choose.randrange(weeks))
                wrong += rows.unequal(conn, choose.choice(names), first, first + timedelta(days=6))
    return wrong


def differences(store: Store, sample: int = SAMPLE) -> list[Difference]:
    """The wrong roll-ups: by day, of `sample` random target-weeks; and of all totals."""
    with store.read() as conn:
        totals = rows.unequal_totals(conn)
    return unequal_weeks(store, sample) + totals
