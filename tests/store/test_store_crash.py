"""kill −9 at any moment: no half row, no lost row, and projections that equal the rows."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from monitor.store import ObservationRow, Store
from monitor.store.record import projections
from monitor.store.tables.record import day_counts, entries, entry_counts, gaps, latest, observations
from tests.cast.appender import append_for_ever, append_one, append_until_statement, pipe, running
from tests.cast.observations import rows_of
from tests.cast.transactions import tell

pytestmark = pytest.mark.slow

KILLS = 30


def sound(store: Store) -> list[int]:
    """Check everything the store promises; the numbers of its entries."""
    rows = list(store.entries())
    counted = [len(found) for found in rows_of(store, entries, observations, gaps)]
    assert counted[0] == len(rows) == counted[1] + counted[2]
    for row in rows:
        if isinstance(row, ObservationRow):
            assert store.load_capture(row.id).screenshot is not None
    kept = rows_of(store, entry_counts, day_counts, latest)
    tell(store, projections.rebuild)
    assert rows_of(store, entry_counts, day_counts, latest) == kept
    return [row.id for row in rows]


def test_thirty_kills_at_random_moments_lose_nothing(known: Store, database_url: str, tmp_path: Path) -> None:
    moments, media = random.Random(5), tmp_path / "media"
    known.close()
    committed = -1
    for _ in range(KILLS):
        start = len(list(known.entries()))
        known.close()
        assert start in (
            committed + 1,
            committed + 2,
        )  # the last one may have been committed and not yet told
        receiving, sending = pipe()
        with running(append_for_ever, database_url, media, start, sending):
            for _ in range(moments.randint(1, 6)):
                committed = receiving.recv()
            receiving.poll(moments.uniform(0, 0.01))
            # killed here, by the end of the block
        while receiving.poll():
            committed = receiving.recv()
    numbers = sound(known)
    assert len(numbers) in (committed + 1, committed + 2)


@pytest.mark.parametrize("n", [1, 2], ids=["observation", "gap"])
def test_a_kill_after_any_statement_leaves_nothing(
    known: Store, database_url: str, tmp_path: Path, n: int
) -> None:
    append_one(known, 0)
    known.close()
    statements = 0
    while True:
        statements += 1
        with running(append_until_statement, database_url, tmp_path / "media", n, statements) as process:
            process.join(timeout=30)
            ended = process.exitcode
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        assert len(list(known.entries())) == 1
        known.close()
    assert statements > 5
    assert len(sound(known)) == 2
