"""Checks the roll-ups (stored counts) against the rows they count, at the service's start and every night.

The roll-ups by day are compared with the rows of random target-weeks; the totals over all time, which
Prometheus shows, with the sum of their days. A difference is logged and exported but not mended:
`vigie db rebuild` makes the roll-ups anew.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.store import Store, StoreError
from monitor.store import for_figures as rows
from monitor.store.record import target_versions
from monitor.store.record.counts import Count
from probes.model import Clock

log = logging.getLogger(__name__)

SAMPLE = 100
AT = time(2, 40, tzinfo=UTC)
"""A time of day at which no other task of ours runs. Recounting takes about a second for 100 weeks."""

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


class Recount(Collector):
    """The result of the last recount, as metrics; no metric before the first one."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._found: tuple[int, datetime] | None = None

    def make(self) -> None:
        """Recount now. A database that cannot be read leaves the last result as it was."""
        try:
            wrong = differences(self._store)
        except StoreError as error:
            log.warning("the roll-ups could not be recounted: %s", error)
            return
        self._found = len(wrong), self._clock.now()
        for kept, recounted in wrong:
            log.error("a roll-up differs from its rows: kept %s, recounted %s", kept, recounted)

    def describe(self) -> Iterable[Metric]:
        """Empty, so that registering the collector counts nothing."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """How many roll-ups were wrong, and when they were recounted."""
        if self._found:
            wrong, at = self._found
            yield GaugeMetricFamily("vigie_rollup_differences", DIFFERENCES, value=wrong)
            yield GaugeMetricFamily("vigie_rollup_recount_timestamp_seconds", WHEN, value=at.timestamp())


DIFFERENCES = "Roll-ups that differ from what they count: 100 random target-weeks, and the totals."
WHEN = "When they were last recounted."


@asynccontextmanager
async def recounting(store: Store, clock: Clock) -> AsyncIterator[Recount]:
    """Recounts at once and then every night, until the block ends."""
    recount = Recount(store, clock)
    nights = asyncio.create_task(_nights(recount, clock), name="recount")
    try:
        yield recount
    finally:
        nights.cancel()
        await asyncio.gather(nights, return_exceptions=True)


async def _nights(recount: Recount, clock: Clock) -> None:
    while True:
        await asyncio.to_thread(recount.make)
        await clock.sleep(until_night(clock.now()))


def until_night(now: datetime) -> float:
    """Seconds from `now` to the next recount, at least one."""
    tonight = datetime.combine(now.astimezone(UTC).date(), AT)
    return ((tonight if now < tonight else tonight + timedelta(days=1)) - now).total_seconds()
