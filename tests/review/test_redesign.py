"""Rehearsal of a redesign, from the first unknown page to a mended series: on both databases."""

from __future__ import annotations

from pathlib import Path

from monitor.clock import SimulatedClock
from monitor.figures import loading
from monitor.review import quarantine
from monitor.review.reclassify import Reclassifier
from monitor.store import Store
from monitor.store.record import draws
from monitor.store.review.quarantine import groups
from probes.model import Outcome, Platform
from tests.cast.observations import HOUR, NOON, capture, draw, observation, reading, target
from tests.cast.saved_pages import load
from tests.cast.transactions import ask, tell
from tests.review.readers import FIRST, Reader

OLD, NEW = b"none", b"<main id='neuf'><p>Complet</p></main>"
BEFORE = Reader(FIRST, version="1")
AFTER = Reader({**FIRST, NEW: reading(Outcome.NO_SLOTS, rule="full", words="Complet")}, version="2")
TARGETS = [f"t{n}" for n in range(3)]


def watch(store: Store, reader: Platform, hours: range, body: bytes) -> None:
    """Visit every target each hour."""
    for hour in hours:
        for name in TARGETS:
            received = capture(body)
            seen = reader.read(target(name), received)
            store.append_observation(
                observation(NOON + hour * HOUR, name=name, reading=seen, capture=received)
            )


def shares(store: Store) -> list[tuple[int, int]]:
    """Zeros and conclusive attempts of each target."""
    counts = [loading.load(store, name, NOON.date(), NOON.date()).counts for name in TARGETS]
    return [(one.zeros, one.conclusive) for one in counts]


def test_a_redesign_costs_no_row(store: Store, clock: SimulatedClock, tmp_path: Path) -> None:
    store.record_targets(map(target, TARGETS))
    tell(store, draws.commit, [draw(name, *(NOON + n * HOUR for n in range(8))) for name in TARGETS])
    watch(store, BEFORE, range(4), OLD)
    watch(store, BEFORE, range(4, 8), NEW)
    assert shares(store) == [(4, 4)] * 3

    (group,) = ask(store, groups)
    assert (group.count, len(group.targets)) == (12, 3)
    made = quarantine.make_case(store, BEFORE, group, group.newest, "no_slots-new", tmp_path, NOON)
    case = load(made.folder)
    assert AFTER.read(case.target, case.capture).outcome is Outcome.NO_SLOTS

    reclassifier = Reclassifier(
        store=store, platforms=lambda _: AFTER, clock=clock, write=True, cause="redesign"
    )
    assert reclassifier.run().changed == {(Outcome.UNRECOGNISED, Outcome.NO_SLOTS): 12}
    assert shares(store) == [(8, 8)] * 3
    assert ask(store, groups) == []
    assert [row.reading.outcome for row in store.observations("t0")] == [Outcome.NO_SLOTS] * 4 + [
        Outcome.UNRECOGNISED
    ] * 4
