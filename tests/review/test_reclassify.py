"""Newer readers add readings, replace none, and every count follows: on both databases."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.clock import SimulatedClock
from monitor.model import Origin
from monitor.review.reclassify import Reclassifier, Shift, Summary
from monitor.rules.agreement import IN_DOUBT
from monitor.store import LaterReading, Store
from monitor.store import for_figures as rows
from monitor.store.record import counts, projections, standings
from monitor.store.review import double_readings, later_readings, quarantine
from monitor.store.review.double_readings import Resumption
from monitor.store.tables.record import day_counts, entry_counts, latest, targets
from probes.failures import Failure
from probes.model import Outcome, Platform, Reading, Transport
from probes.platforms.classic.platform import Classic
from probes.registry import PLATFORMS, platform
from tests.cast.observations import HOUR, NOON, capture, observation, reading, rows_of, target
from tests.cast.saved_pages import folders, load
from tests.cast.transactions import ask, read_row, tell
from tests.review.readers import FIRST, UNKNOWN, Reader, spoil

NONE, FULL = b"none", b"<p>Complet</p>"
SLOTS = reading(Outcome.SLOTS_OFFERED, rule="said", words="none")
ZERO = reading(Outcome.NO_SLOTS, rule="full", words="Complet")
NEWER = Reader({**FIRST, FULL: ZERO})

Run = Callable[..., Summary]


@pytest.fixture
def again(known: Store, clock: SimulatedClock) -> Run:
    """Reads again with a reader."""

    def run(reader: Platform = NEWER, *, write: bool = True, target: str | None = None) -> Summary:
        return reclassify(known, clock, reader, write=write, target=target)

    return run


def reclassify(
    store: Store, clock: SimulatedClock, reader: Platform, *, write: bool = True, target: str | None = None
) -> Summary:
    return Reclassifier(store=store, platforms=lambda _: reader, clock=clock, write=write, cause="test").run(
        target
    )


def seen(store: Store, body: bytes, first: Reading, hour: float = 0, **known: Any) -> int:
    """An observation of this body, first read so."""
    name = str(known.pop("name", "titre"))
    made = observation(NOON + hour * HOUR, name=name, reading=first, capture=capture(body), **known)
    return store.append_observation(made)


def test_a_page_that_is_not_recognised_any_more_is_noted_with_its_structure(known: Store, again: Run) -> None:
    number = seen(known, FULL, ZERO)
    later = LaterReading(
        observation=number,
        platform="classic",
        reader_version="2",
        reading=UNKNOWN,
        read_at=NOON,
        cause="test",
    )
    with pytest.raises(ValueError, match="with its structure"):
        tell(known, later_readings.append, "titre", [later], {}, NOON)
    assert read_row(known, number).later_reading is None
    again(Reader(FIRST))
    assert [group.newest for group in ask(known, quarantine.groups)] == [number]


def test_a_reading_that_differs_is_appended_and_the_first_one_stays(known: Store, again: Run) -> None:
    number = seen(known, FULL, UNKNOWN)
    summary = again()
    row = read_row(known, number)
    assert (row.reading, row.in_force) == (UNKNOWN, ZERO)
    assert (row.reader_version, row.reader_in_force) == ("1", "2")
    assert row.later_reading is not None
    assert (row.later_reading.read_at, row.later_reading.cause) == (NOON, "test")
    assert summary.changed == {(Outcome.UNRECOGNISED, Outcome.NO_SLOTS): 1}


def test_a_reading_that_agrees_adds_nothing(known: Store, again: Run) -> None:
    number = seen(known, NONE, FIRST[NONE])
    assert again().changed.total() == 0
    assert read_row(known, number).later_reading is None


def in_doubt(store: Store) -> Resumption:
    """Put plain HTTP in doubt for the platform; what a person would write to end it."""
    contrary = observation(
        NOON + 9 * HOUR, name="permis", transport=Transport.BROWSER, over_http=SLOTS, reading=FIRST[NONE]
    )
    number = store.append_observation(replace(contrary, capture=capture(NONE)))
    return Resumption(platform="classic", observation=number, reason="x", author="Ada", at=NOON)


def test_in_doubt_no_reading_over_http_changes_to_a_conclusion(known: Store, again: Run) -> None:
    new, old = seen(known, FULL, UNKNOWN), seen(known, FULL, ZERO, 1)
    changed = seen(known, FULL, SLOTS, 2)
    shown = seen(known, FULL, UNKNOWN, 3, transport=Transport.BROWSER)
    looked = in_doubt(known)
    again()
    assert [read_row(known, number).in_force.rule for number in (new, changed)] == [IN_DOUBT, IN_DOUBT]
    assert read_row(known, old).later_reading is None
    assert read_row(known, shown).in_force == ZERO
    tell(known, double_readings.resume, looked)
    again()
    assert [read_row(known, number).in_force for number in (new, changed)] == [ZERO, ZERO]


def test_reading_twice_adds_nothing(known: Store, again: Run) -> None:
    seen(known, FULL, UNKNOWN)
    assert again().changed.total() == 1
    assert again().changed.total() == 0


def test_the_newest_of_several_readings_is_in_force(known: Store, again: Run) -> None:
    number = seen(known, FULL, UNKNOWN)
    again()
    again(Reader({FULL: SLOTS}, version="3"))
    row = read_row(known, number)
    assert (row.in_force, row.reader_in_force) == (SLOTS, "3")


def test_a_dry_run_says_the_same_and_writes_nothing(known: Store, again: Run) -> None:
    number = seen(known, FULL, UNKNOWN)
    assert again(write=False).changed == {(Outcome.UNRECOGNISED, Outcome.NO_SLOTS): 1}
    assert read_row(known, number).later_reading is None
    assert again().changed.total() == 1


def test_every_stream_and_figure_follows_the_reading_in_force(known: Store, again: Run) -> None:
    seen(known, FULL, UNKNOWN)
    again()
    (row,) = known.observations()
    (entry,) = known.entries()
    (standing,) = ask(known, standings.every)
    (counted,) = ask(known, counts.totals)
    with known.read() as conn:
        (instant,) = rows.instants(conn, "titre", NOON.date(), NOON.date())
        assert rows.unequal(conn, "titre", NOON.date(), NOON.date()) == []
    assert row == entry
    assert row.in_force == ZERO
    assert instant.outcome is counted.result is standing.conclusive_outcome is Outcome.NO_SLOTS
    assert standing.zeros == 1


def test_reading_one_target_again_leaves_the_counts_of_the_others(known: Store, again: Run) -> None:
    seen(known, FULL, UNKNOWN)
    seen(known, FULL, UNKNOWN, name="permis")
    seen(known, FULL, ZERO, hour=1, name="permis")
    tables = (targets, entry_counts, day_counts, latest)
    before = [one for one in ask(known, counts.totals) if one.target == "permis"]
    again(target="titre")
    assert [one for one in ask(known, counts.totals) if one.target == "permis"] == before != []
    kept = rows_of(known, *tables)
    tell(known, projections.rebuild)
    assert rows_of(known, *tables) == kept


def test_it_says_by_how_much_a_week_shifts(known: Store, again: Run) -> None:
    seen(known, FULL, UNKNOWN)
    seen(known, NONE, FIRST[NONE], hour=1)
    seen(known, FULL, SLOTS, hour=2)
    seen(known, FULL, UNKNOWN, origin=Origin.MANUAL)
    monday = NOON.date() - timedelta(days=NOON.weekday())
    assert again(write=False).shifts == {("titre", monday): Shift(conclusive=1, zeros=2)}


def test_only_the_rows_asked_for_are_read(known: Store, again: Run) -> None:
    seen(known, FULL, UNKNOWN)
    other = seen(known, FULL, UNKNOWN, name="permis")
    assert again(target="titre").read == 1
    assert read_row(known, other).later_reading is None


def test_a_visit_that_our_own_fault_broke_stays_ours(known: Store, again: Run) -> None:
    fault = Reading(outcome=Outcome.PROBE_ERROR, rule="walk_failed:KeyError", failure=Failure.OUR_FAULT)
    seen(known, NONE, fault)
    summary = again()
    assert (summary.ours, summary.read, summary.changed.total()) == (1, 0, 0)


def test_a_visit_whose_reader_failed_is_read_again(known: Store, again: Run) -> None:
    fault = Reading(outcome=Outcome.PROBE_ERROR, rule="read_failed:KeyError", failure=Failure.OUR_FAULT)
    number = seen(known, NONE, fault)
    assert again().read == 1
    assert read_row(known, number).in_force.outcome is Outcome.NO_SLOTS


def test_a_reader_that_fails_again_changes_nothing(
    known: Store, clock: SimulatedClock, caplog: pytest.LogCaptureFixture
) -> None:
    number = seen(known, NONE, FIRST[NONE])

    class Broken(Classic):
        def read(self, *_: object) -> Reading:
            raise KeyError("x")

    summary = Reclassifier(
        store=known, platforms=lambda _: Broken(), clock=clock, write=True, cause="test"
    ).run()
    assert (summary.unreadable, summary.read) == (1, 0)
    assert read_row(known, number).later_reading is None
    assert "the classic reader failed on titre" in caplog.messages


def test_a_page_without_a_reader_is_reported(
    known: Store, clock: SimulatedClock, caplog: pytest.LogCaptureFixture
) -> None:
    number = seen(known, NONE, FIRST[NONE])

    def gone(name: str) -> Platform:
        raise LookupError(f"there is no platform {name!r}")

    summary = Reclassifier(store=known, platforms=gone, clock=clock, write=True, cause="test").run()
    assert (summary.unreadable, summary.read) == (1, 0)
    assert caplog.messages == [f"observation {number}: there is no platform 'classic'"]


def test_a_damaged_capture_is_reported_and_the_others_are_read(
    known: Store, again: Run, caplog: pytest.LogCaptureFixture
) -> None:
    lost = seen(known, FULL, UNKNOWN)
    seen(known, b"something else", FIRST[NONE], hour=1)
    spoil(known, FULL)
    summary = again()
    assert (summary.read, summary.unreadable) == (1, 1)
    assert read_row(known, lost).later_reading is None
    (message,) = caplog.messages
    assert message.startswith(f"observation {lost}: The stored body")


def test_the_old_target_is_read_as_it_was_then(known: Store, clock: SimulatedClock) -> None:
    class Desk(Reader):
        def read(self, target: object, capture: object, accepted: object = ()) -> Reading:
            return reading(words=str(getattr(target, "desk", "")))

    seen(known, NONE, FIRST[NONE])
    known.record_targets([target("titre", desk="Guichet 2")])
    reclassify(known, clock, Desk({}))
    (row,) = known.observations()
    assert row.in_force.words == "None"


def test_a_page_no_longer_recognised_goes_into_quarantine(known: Store, again: Run) -> None:
    seen(known, NONE, FIRST[NONE])
    again(Reader({}))
    with known.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM sightings").scalar() == 1


names = count()
words = [b"none", FULL, b"other"]
histories = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(words), st.sampled_from([UNKNOWN, ZERO, SLOTS])),
    max_size=12,
    unique_by=lambda one: one[0],
)


@given(history=histories, reads=st.dictionaries(st.sampled_from(words), st.sampled_from([ZERO, SLOTS])))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.slow
def test_after_any_reclassification_every_count_equals_its_rebuild(
    history: list[tuple[int, bytes, Reading]], reads: dict[bytes, Reading], busy: Store
) -> None:
    name = f"t{next(names)}"
    busy.record_targets([target(name)])
    for hour, body, first in history:
        seen(busy, body, first, hour, name=name)
    reclassify(busy, SimulatedClock(NOON), Reader(reads), target=name)
    tables = (targets, entry_counts, day_counts, latest)
    kept = rows_of(busy, *tables)
    tell(busy, projections.rebuild)
    assert rows_of(busy, *tables) == kept


@pytest.mark.slow
def test_memory_does_not_grow_with_the_record(busy: Store) -> None:
    busy.record_targets([target("long")])
    fill(busy, range(100))
    tracemalloc.start()
    try:
        peak(busy)
        small = peak(busy)
        fill(busy, range(100, 1200))
        assert peak(busy) < 1.5 * small
    finally:
        tracemalloc.stop()


def fill(store: Store, hours: range) -> None:
    """Pages of 20 kB, no two alike."""
    for hour in hours:
        seen(store, b"<p>" + b"x" * 20_000 + str(hour).encode(), FIRST[NONE], hour, name="long")


def peak(store: Store) -> int:
    """The most memory held while every row of `long` changes."""
    tracemalloc.reset_peak()
    summary = reclassify(store, SimulatedClock(NOON), Reader({}), write=False, target="long")
    assert summary.changed.total() == summary.read
    return tracemalloc.get_traced_memory()[1]


@pytest.mark.slow
def test_reading_the_whole_corpus_again_changes_nothing(busy: Store) -> None:
    cases = [load(folder) for folder in folders() if folder.parent.name in {p.name for p in PLATFORMS}]
    busy.record_targets(replace(case.target, id=f"corpus-{n}") for n, case in enumerate(cases))
    for n, case in enumerate(cases):
        read = platform(case.platform).read(case.target, case.capture)
        made = observation(name=f"corpus-{n}", platform=case.platform, reading=read, capture=case.capture)
        busy.append_observation(made)
    again = Reclassifier(
        store=busy, platforms=platform, clock=SimulatedClock(NOON), write=False, cause="test"
    )
    summaries = [again.run(f"corpus-{n}") for n in range(len(cases))]
    assert (summaries[-1].changed, summaries[-1].unreadable) == ({}, 0)
    assert summaries[-1].read + summaries[-1].ours == len(cases) > 200


def test_only_a_page_that_is_not_recognised_is_noted_with_a_structure(known: Store) -> None:
    with pytest.raises(ValueError, match="no other"):
        tell(known, later_readings.append, "titre", [], {1: "9f3a"}, NOON)
