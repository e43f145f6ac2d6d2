"""Several writers at once: every instant ends once, and every count is right."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest

from monitor.store import InstantTaken, Store
from monitor.store.record import counts, draws, projections
from monitor.store.tables.record import blobs, day_counts, entry_counts, latest, target_versions, targets
from probes.model import Outcome
from tests.cast.appender import append_twenty, pipe, running
from tests.cast.observations import HOUR, NOON, capture, draw, gap, observation, rows_of, target
from tests.cast.transactions import ask, tell

WRITERS = 6
T = TypeVar("T")


def together(act: Callable[[int], T]) -> list[T]:
    """The results of `act(0)`, `act(1)`… begun at the same moment in threads of their own."""
    barrier = Barrier(WRITERS)

    def begin(n: int) -> T:
        barrier.wait()
        return act(n)

    with ThreadPoolExecutor(WRITERS) as threads:
        return list(threads.map(begin, range(WRITERS)))


def attempt(store: Store, n: int) -> bool:
    try:
        if n % 2:
            store.append_gap(gap())
        else:
            store.append_observation(observation())
    except InstantTaken:
        return False
    return True


def test_of_several_writers_one_takes_the_instant(known: Store) -> None:
    assert sorted(together(lambda n: attempt(known, n))) == [False] * (WRITERS - 1) + [True]
    assert len(list(known.entries())) == 1


@pytest.mark.slow
def test_of_two_processes_one_takes_each_instant(known: Store, database_url: str, tmp_path: Path) -> None:
    known.close()
    (mine, one), (yours, two) = pipe(), pipe()
    with (
        running(append_twenty, database_url, tmp_path / "media", one),
        running(append_twenty, database_url, tmp_path / "media", two),
    ):
        assert mine.recv() + yours.recv() == 20
    assert [row.at for row in known.entries()] == [NOON + n * HOUR for n in range(20)]
    equal_to_their_rebuild(known)


def equal_to_their_rebuild(store: Store) -> None:
    kept = rows_of(store, entry_counts, day_counts, latest, targets)
    tell(store, projections.rebuild)
    assert rows_of(store, entry_counts, day_counts, latest, targets) == kept


def test_writers_of_one_target_count_each_other(known: Store) -> None:
    outcomes = [Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED, Outcome.CAPTCHA]

    def act(n: int) -> None:
        for round_ in range(5):
            at = NOON + (n + WRITERS * round_) * HOUR
            known.append_observation(observation(at, outcomes[(n + round_) % 3]))

    together(act)
    assert sum(count.n for count in ask(known, counts.totals)) == 5 * WRITERS
    equal_to_their_rebuild(known)


def test_writers_of_the_same_pages_store_them_once(known: Store) -> None:
    known.record_targets(target(f"t{n}") for n in range(WRITERS))
    pages = [b"<p>page %d</p>" % n * 100 for n in range(8)]

    def act(n: int) -> list[int]:
        shown = capture(*(pages[n:] + pages[:n]))
        return [
            known.append_observation(observation(NOON + h * HOUR, name=f"t{n}", capture=shown))
            for h in range(3)
        ]

    for numbers in together(act):
        assert len({known.load_capture(number) for number in numbers}) == 1
    assert len(rows_of(known, blobs)[0]) == len(pages) + WRITERS


def test_a_rebuild_may_run_beside_writers(known: Store) -> None:
    def act(n: int) -> None:
        for hours in range(4):
            if n == 0:
                tell(known, projections.rebuild)
            else:
                known.append_observation(observation(NOON + (n + WRITERS * hours) * HOUR))

    together(act)
    equal_to_their_rebuild(known)


def test_two_services_may_record_the_same_targets(store: Store) -> None:
    together(lambda _: store.record_targets(target(f"t{n}") for n in range(5)))
    assert len(rows_of(store, target_versions)[0]) == 5


def test_two_services_may_commit_the_same_draws(known: Store) -> None:
    drawn = [draw("vienne-titre"), draw("reunion-titre")]
    together(lambda n: tell(known, draws.commit, drawn[:: 1 if n % 2 else -1]))
    assert list(ask(known, draws.of_day, NOON.date())) == sorted(drawn, key=lambda draw: draw.target)
