"""Double readings: one instant in 24, drawn from the seed like the instants, known before the day begins."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from monitor.clock import SimulatedClock
from monitor.rules.schedule import DOUBLED, EPOCH, instant, interval_number, is_doubled
from monitor.store import Store
from monitor.targets.catalogue import CatalogueEntry
from monitor.watch.timetable import DAY, Timetable
from probes.model import Transport
from tests.cast.observations import target

SEED = b"a seed of thirty-two characters!"
HOUR = timedelta(hours=1)
FIRST = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)

intervals = st.sampled_from([timedelta(seconds=s) for s in (2, 900, 1800, 3600, 7200, 86400)])
runs = st.integers(min_value=1, max_value=40_000)
targets = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


def doubled(seed: bytes, name: str, interval: timedelta, run: int) -> list[int]:
    """The places in the run of those intervals whose instant is drawn for a double reading."""
    numbers = range(run * DOUBLED, (run + 1) * DOUBLED)
    return [
        number % DOUBLED
        for number in numbers
        if is_doubled(seed, name, interval, instant(seed, name, interval, number))
    ]


@given(st.binary(min_size=32, max_size=32), targets, intervals, runs)
def test_of_each_24_instants_exactly_one_is_drawn(
    seed: bytes, name: str, interval: timedelta, run: int
) -> None:
    assert len(doubled(seed, name, interval, run)) == 1


@given(targets, intervals, runs)
def test_an_expert_recomputes_it_from_the_seed_alone(name: str, interval: timedelta, run: int) -> None:
    message = f"{name}\n{interval // timedelta(seconds=1)}\n{run}\nbrowser".encode()
    first = int.from_bytes(hmac.new(SEED, message, hashlib.sha256).digest()[:16], "big")
    assert doubled(SEED, name, interval, run) == [first * 24 // 2**128]


def test_every_place_in_the_run_is_as_likely() -> None:
    places = [place for run in range(2400) for place in doubled(SEED, "vienne", HOUR, run)]
    seen = [places.count(place) for place in range(DOUBLED)]
    assert stats.chisquare(seen).pvalue > 0.001


def test_two_targets_and_two_seeds_are_drawn_apart() -> None:
    vienne, ain = ([doubled(SEED, name, HOUR, run) for run in range(200)] for name in ("vienne", "ain"))
    other = [doubled(b"b" * 32, "vienne", HOUR, run) for run in range(200)]
    assert sum(a == b for a, b in zip(vienne, ain, strict=True)) < 40
    assert sum(a == b for a, b in zip(vienne, other, strict=True)) < 40


@given(targets, intervals, runs, st.integers(0, DOUBLED - 1), st.floats(0, 0.999))
def test_it_hangs_on_the_interval_and_not_on_the_second_within_it(
    name: str, interval: timedelta, run: int, place: int, part: float
) -> None:
    start = EPOCH + (run * DOUBLED + place) * interval
    anywhere = start + timedelta(seconds=int(part * interval.total_seconds()))
    assert is_doubled(SEED, name, interval, anywhere) == is_doubled(SEED, name, interval, start)


def timetable(
    store: Store, clock: SimulatedClock, seed: bytes = SEED, interval: timedelta = HOUR
) -> Timetable:
    watched = target("vienne-titre")
    store.record_targets([watched])
    entry = CatalogueEntry(target=watched, interval=interval, transport=Transport.HTTP)
    made = Timetable(store, [entry], seed=seed, clock=clock)
    made.commit_ahead()
    return made


def of_day(made: Timetable, day: date) -> list[datetime]:
    """The instants of the UTC day that the timetable says are drawn for a double reading."""
    at = datetime.combine(day, time.min, UTC) - timedelta(seconds=1)
    found = []
    while (drawn := made.next_after("vienne-titre", at)) and drawn.date() == day:
        found += [drawn] if made.doubled("vienne-titre", drawn) else []
        at = drawn
    return found


def test_the_timetable_knows_the_day_before_which_instant_it_is(store: Store) -> None:
    made = timetable(store, SimulatedClock(FIRST))
    tomorrow = FIRST.date() + DAY
    (chosen,) = of_day(made, tomorrow)
    number = interval_number(chosen, HOUR)
    assert doubled(SEED, "vienne-titre", HOUR, number // DOUBLED) == [number % DOUBLED]


def test_a_restart_knows_the_same_one(store: Store) -> None:
    clock = SimulatedClock(FIRST)
    before = of_day(timetable(store, clock), FIRST.date() + DAY)
    assert of_day(timetable(store, clock), FIRST.date() + DAY) == before


def test_a_day_drawn_with_another_interval_keeps_its_own(store: Store) -> None:
    clock = SimulatedClock(FIRST)
    before = of_day(timetable(store, clock), FIRST.date() + DAY)
    assert of_day(timetable(store, clock, interval=HOUR / 2), FIRST.date() + DAY) == before


def test_days_drawn_with_another_seed_have_none_that_could_not_be_recomputed(store: Store) -> None:
    clock = SimulatedClock(FIRST)
    timetable(store, clock)
    later = timetable(store, clock, b"b" * 32)
    assert of_day(later, FIRST.date() + DAY) == []
    clock.advance_to(FIRST + DAY)
    later.commit_ahead()
    assert len(of_day(later, FIRST.date() + 2 * DAY)) == 1


def test_days_gone_by_are_forgotten(store: Store) -> None:
    clock = SimulatedClock(FIRST)
    made = timetable(store, clock)
    (chosen,) = of_day(made, FIRST.date() + DAY)
    clock.advance_to(FIRST + 3 * DAY)
    made.commit_ahead()
    assert not made.doubled("vienne-titre", chosen)


def test_a_moment_nobody_drew_is_none_of_them(store: Store) -> None:
    assert not timetable(store, SimulatedClock(FIRST)).doubled("vienne-titre", FIRST)
