"""What the service asks of controls as time passes, without a site or a scheduler: when one is due, what two
visits say together, and which turns to zero are suspected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from monitor.clock import SimulatedClock
from monitor.model import Corroboration, Origin, Suspicion
from monitor.store import Store
from monitor.store.review import controls, suspicions
from monitor.targets.catalogue import CatalogueEntry
from monitor.watch.controls import ControlVisits
from probes.model import Outcome, Transport
from tests.cast.observations import HOUR, NOON, observation, target
from tests.cast.transactions import ask

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
ZERO, SLOTS = Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED

Make = Callable[..., ControlVisits]


def entry(
    name: str, host: str = "vienne", *, control: str | None = None, interval: timedelta = HOUR
) -> CatalogueEntry:
    known = target(name, url=f"http://{host}.localhost/booking/create/{ord(name)}")
    return CatalogueEntry(target=known, transport=Transport.HTTP, control=control, interval=interval)


PAIR = (entry("a", control="b"), entry("b"))


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOON)


@pytest.fixture
def watching(store: Store, clock: SimulatedClock) -> Make:
    """Makes `ControlVisits` of these entries; every control has these drawn instants."""

    def make(entries: tuple[CatalogueEntry, ...] = PAIR, drawn: tuple[datetime, ...] = ()) -> ControlVisits:
        store.record_targets([one.target for one in entries])
        watched = {one.target.id: one for one in entries}
        return ControlVisits(
            store, watched, lambda _, after: next((at for at in drawn if at > after), None), clock
        )

    return make


def see(
    store: Store, name: str, minutes: float, outcome: Outcome = ZERO, origin: Origin = Origin.SCHEDULED
) -> int:
    return store.append_observation(observation(NOON + minutes * MINUTE, outcome, name, origin=origin))


def words(store: Store, *numbers: int) -> list[Corroboration | None]:
    found = ask(store, controls.corroborations_of, numbers)
    return [found.get(number) for number in numbers]


def suspected(store: Store) -> dict[int, set[Suspicion]]:
    numbers = [row.id for row in store.observations()]
    return {number: set(why) for number, why in ask(store, suspicions.of, numbers).items() if why}


@pytest.mark.parametrize("minutes", [1, 59])
def test_a_visit_recorded_up_to_an_hour_after_its_instant_is_still_compared(
    store: Store, clock: SimulatedClock, watching: Make, minutes: int
) -> None:
    settling = watching()
    clock.advance_to(NOON + HOUR + 15 * MINUTE)
    settling.settle()  # up to one o'clock
    late = see(store, "a", 60 - minutes)
    see(store, "b", 61 - minutes, SLOTS)
    clock.advance_to(clock.now() + MINUTE)
    settling.settle()
    assert words(store, late) == [Corroboration.CORROBORATED]


def test_a_month_is_looked_back_at_after_a_start_and_no_more(store: Store, watching: Make) -> None:
    settling = watching()
    numbers = [see(store, "a", -day * 24 * 60) for day in (32, 30, 3, 1)]
    settling.settle()
    assert words(store, *numbers) == [None, *[Corroboration.NOT_CORROBORATED] * 3]


def test_a_pair_is_compared_a_quarter_of_an_hour_after_its_instant(
    store: Store, clock: SimulatedClock, watching: Make
) -> None:
    settling, number = watching(), see(store, "a", 0)
    for minutes, word in ((14, None), (15, Corroboration.NOT_CORROBORATED)):
        clock.advance_to(NOON + minutes * MINUTE)
        settling.settle()
        assert words(store, number) == [word]


@pytest.mark.parametrize(("minutes", "due"), [(-11, True), (-10, False), (10, False), (11, True)])
def test_a_control_is_due_unless_it_was_seen_within_ten_minutes(
    store: Store, watching: Make, minutes: int, due: bool
) -> None:
    settling = watching()
    see(store, "b", minutes, SLOTS)
    asked = settling.control_due(observation(NOON, ZERO, "a"))
    assert (asked and asked.target.id) == ("b" if due else None)


@pytest.mark.parametrize(("minutes", "due"), [(-9, False), (9, False), (11, True)])
def test_a_control_is_not_due_when_it_is_drawn_within_ten_minutes(
    watching: Make, minutes: int, due: bool
) -> None:
    settling = watching(drawn=(NOON + minutes * MINUTE,))
    assert bool(settling.control_due(observation(NOON, ZERO, "a"))) is due


def test_a_target_without_a_watched_control_has_none_to_visit(watching: Make) -> None:
    settling = watching((entry("a", control="elsewhere"), entry("b")))
    assert [settling.control_due(observation(NOON, ZERO, name)) for name in "ab"] == [None, None]


HOST = tuple(entry(name) for name in "abc")


def turn(store: Store, names: str) -> list[int]:
    """These had slots an hour ago and have none since a few minutes. Returns the numbers of the zeros."""
    for name in names:
        see(store, name, -60, SLOTS)
    return [see(store, name, -5) for name in names]


def test_three_targets_of_a_host_that_turn_at_once_are_suspected_with_the_reason(
    store: Store, watching: Make, caplog: pytest.LogCaptureFixture
) -> None:
    settling = watching(HOST)
    zeros = turn(store, "abc")
    settling.settle()
    assert suspected(store) == {number: {Suspicion.ALL_AT_ONCE} for number in zeros}
    assert "vienne.localhost: soft block suspected" in caplog.text


def test_targets_of_several_hosts_are_not_taken_for_one(store: Store, watching: Make) -> None:
    settling = watching((entry("a"), entry("b"), entry("c", "poitiers")))
    turn(store, "abc")
    settling.settle()
    assert suspected(store) == {}


@pytest.mark.parametrize("origin", [Origin.MANUAL, Origin.ATTENDED])
def test_a_zero_that_a_person_saw_is_no_turn_of_the_robot(
    store: Store, watching: Make, origin: Origin
) -> None:
    settling = watching(HOST)
    turn(store, "ab")
    see(store, "c", -60, SLOTS)
    see(store, "c", -5, ZERO, origin)
    settling.settle()
    assert suspected(store) == {}


@pytest.mark.parametrize("origin", [Origin.SCHEDULED, Origin.CONTROL])
@pytest.mark.parametrize(("host", "flagged"), [("poitiers", True), ("vienne", False)])
def test_only_a_control_on_another_host_contradicts_a_turn(
    store: Store, watching: Make, host: str, flagged: bool, origin: Origin
) -> None:
    settling = watching((entry("a", control="d"), entry("b", control="d"), entry("d", host)))
    zeros = turn(store, "ab")
    see(store, "d", -4, SLOTS, origin)
    settling.settle()
    expected = {number: {Suspicion.CONTRADICTS_CONTROL} for number in zeros}
    assert suspected(store) == (expected if flagged else {})


@pytest.mark.parametrize(
    ("origin", "name", "flagged"),
    [(Origin.ATTENDED, "a", True), (Origin.MANUAL, "a", False), (Origin.ATTENDED, "b", False)],
)
def test_a_person_who_saw_slots_makes_the_zero_suspected(
    store: Store, watching: Make, origin: Origin, name: str, flagged: bool
) -> None:
    settling = watching()
    zero = see(store, "a", -20)
    see(store, name, -15, SLOTS, origin)
    settling.settle()
    assert suspected(store) == ({zero: {Suspicion.CONTRADICTS_PERSON}} if flagged else {})


def test_a_turn_is_looked_for_over_four_of_the_longest_intervals(store: Store, watching: Make) -> None:
    settling = watching((entry("a"), *(entry(name, interval=6 * HOUR) for name in "bc")))
    for name in "abc":
        see(store, name, -23 * 60, SLOTS)
    zeros = [see(store, name, -60 * (1 + 2 * n)) for n, name in enumerate("abc")]
    settling.settle()
    assert set(suspected(store)) == set(zeros)
