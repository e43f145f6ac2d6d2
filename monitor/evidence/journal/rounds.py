"""The journal in a running service: the writer for its transactions, and the keeper's regular rounds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.evidence.journal import keeper as journal_keeper
from monitor.evidence.journal.keeper import Keeper, Round
from monitor.evidence.journal.writer import JournalWriter
from monitor.problems import BadInput
from monitor.settings.load import Settings
from monitor.store import Store, StoreError
from probes.model import Clock

logger = logging.getLogger(__name__)

EVERY = 600.0
"""Seconds between two rounds: the highest age of the published tree, and the pause before a missing time
stamp is asked for again."""


class Rounds(Collector):
    """When the last good round ended, as a metric; nothing before the first one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._good_at: datetime | None = None
        self._strays: set[str] = set()

    def one(self, keeper: Keeper) -> None:
        """Do one round. Whatever goes wrong is logged, and the next round tries again."""
        try:
            done = keeper.keep()
            tell(done)
        except BadInput as error:
            logger.warning("nothing is sealed: %s", error)
        except StoreError as error:
            logger.warning("the evidence log waits for the database: %s", error)
        except OSError as error:
            logger.warning("the evidence log cannot be written, make room or mend the folder: %s", error)
        except Exception:  # a fault of ours must neither end the sealing nor stay unseen
            logger.exception("this round of the evidence log failed; the next one tries again")
        else:
            self._good_at = self._clock.now()
            self._tell_strays(map(str, done.strays))

    def _tell_strays(self, found: Iterable[str]) -> None:
        """Each of them once, not at every round."""
        for stray in set(found) - self._strays:
            self._strays.add(stray)
            logger.warning("%s", stray)

    def describe(self) -> Iterable[Metric]:
        """Nothing is read when the collector is registered."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The time of the last good round."""
        if self._good_at:
            yield GaugeMetricFamily(
                "vigie_evidence_round_timestamp_seconds", WHEN, value=self._good_at.timestamp()
            )


WHEN = "When the evidence log was last kept without a fault: days sealed, tree published."


@asynccontextmanager
async def logging_evidence(
    settings: Settings, store: Store, clock: Clock, rounds: Rounds | None = None
) -> AsyncIterator[JournalWriter]:
    """Give a `JournalWriter` for the service, and do rounds until the `async with` block ends.

    The service passes the writer's `observed` and `missed` to the store as `within`, and shows `rounds`.
    """
    going = asyncio.create_task(_go(settings, store, clock, rounds or Rounds(clock)), name="evidence rounds")
    try:
        yield JournalWriter(store, clock, journal_keeper.service)
    finally:
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)


async def _go(settings: Settings, store: Store, clock: Clock, rounds: Rounds) -> None:
    """Rounds without end. What the settings lack is looked for again each time: a key may come back."""
    while True:
        try:
            with journal_keeper.keeper(settings, store, clock) as keeper:
                while True:
                    await asyncio.to_thread(rounds.one, keeper)
                    await clock.sleep(EVERY)
        except BadInput as error:
            logger.warning("nothing is sealed: %s", error)
        except Exception:  # as in `Rounds.one`
            logger.exception("the evidence log could not be opened; it is tried again")
        await clock.sleep(EVERY)


def tell(done: Round) -> None:
    """Write to the operator's log what a round did."""
    for day in done.sealed:
        logger.info("sealed %s", day)
    for attempt in done.attempts:
        if attempt.anchor is None:
            logger.warning("no stamp for the seal of %s: %s", attempt.day, attempt.reason)
        elif not attempt.anchor.checkers_agree:
            logger.warning("only openssl accepts the stamp of %s on %s", attempt.authority, attempt.day)
