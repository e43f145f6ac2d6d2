"""The journal in a running service: the writer for its transactions, and the keeper's regular rounds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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


@asynccontextmanager
async def logging_evidence(settings: Settings, store: Store, clock: Clock) -> AsyncIterator[JournalWriter]:
    """Give a `JournalWriter` for the service, and do rounds until the `async with` block ends.

    The service passes the writer's `observed` and `missed` to the store as `within`.
    """
    rounds = asyncio.create_task(_rounds(settings, store, clock), name="evidence rounds")
    rounds.add_done_callback(_tell_failure)
    try:
        yield JournalWriter(store, clock, journal_keeper.service)
    finally:
        rounds.cancel()
        await asyncio.gather(rounds, return_exceptions=True)


async def _rounds(settings: Settings, store: Store, clock: Clock) -> None:
    try:
        with journal_keeper.keeper(settings, store, clock) as keeper:
            while True:
                await asyncio.to_thread(_round, keeper)
                await clock.sleep(EVERY)
    except BadInput as error:
        logger.warning("nothing is sealed: %s", error)


def _tell_failure(rounds: asyncio.Task[None]) -> None:
    """Log an error when the rounds ended by an exception. Visits go on, so nothing else would show it."""
    if not rounds.cancelled() and (error := rounds.exception()):
        logger.error("the evidence log is no longer sealed", exc_info=error)


def _round(keeper: Keeper) -> None:
    """Do one round. After a `StoreError` or `OSError` the next round tries again; others end the rounds."""
    try:
        tell(keeper.keep())
    except StoreError as error:
        logger.warning("the evidence log waits for the database: %s", error)
    except OSError as error:
        logger.warning("the evidence log cannot be written, make room or mend the folder: %s", error)


def tell(done: Round) -> None:
    """Write to the operator's log what a round did."""
    for day in done.sealed:
        logger.info("sealed %s", day)
    for attempt in done.attempts:
        if attempt.anchor is None:
            logger.warning("no stamp for the seal of %s: %s", attempt.day, attempt.reason)
        elif not attempt.anchor.checkers_agree:
            logger.warning("only openssl accepts the stamp of %s on %s", attempt.authority, attempt.day)
