"""The recount of the roll-ups when the service starts and every night, and the metrics of what it found.

A difference is never mended in silence: it is logged and exported; `vigie db rebuild` makes roll-ups anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.metrics.rollups import differences
from monitor.store import Store, StoreError
from probes.model import Clock

log = logging.getLogger(__name__)

AT = time(2, 40, tzinfo=UTC)
"""When nothing else of ours is due; a hundred weeks take about a second, whatever the record's size."""


class Recount(Collector):
    """What the last recount found, as metrics; nothing before the first one."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._found: tuple[int, datetime] | None = None

    def make(self) -> None:
        """Recount now. Whatever goes wrong is logged and leaves the last result as it was."""
        try:
            wrong = differences(self._store)
        except StoreError as error:
            log.warning("the roll-ups could not be recounted: %s", error)
            return
        except Exception:  # a fault of ours must neither end the recounts nor stay unseen
            log.exception("the roll-ups could not be recounted; the next night tries again")
            return
        self._found = len(wrong), self._clock.now()
        for kept, recounted in wrong:
            log.error("a roll-up differs from its rows: kept %s, recounted %s", kept, recounted)

    def describe(self) -> Iterable[Metric]:
        """Nothing is counted when the collector is registered."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """How many differ, and when that was found."""
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
