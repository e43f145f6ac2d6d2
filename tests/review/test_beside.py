"""Controls are visited in time and compared once; what may be a soft block is flagged: on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from monitor.clock import SimulatedClock
from monitor.model import Corroboration, Observation, Origin, Suspicion
from monitor.rules.controls import PAIRED_WITHIN
from monitor.store import LaterReading, Store
from monitor.store.review import controls, later_readings, suspicions
from monitor.store.review.suspicions import SuspectedObservation
from monitor.targets.catalogue import CatalogueEntry
from monitor.watch.controls import RECORDED, ControlVisits
from probes.model import Outcome, Transport
from tests.cast.observations import HOUR, NOON, observation, reading, target
from tests.cast.transactions import ask, tell
from tests.review.demarches import PERMIS, TITRE

MINUTE = timedelta(minutes=1)
ZERO, SLOTS, DOWN = Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED, Outcome.SITE_DOWN
LATER = PAIRED_WITHIN + RECORDED

Make = Callable[..., ControlVisits]


def entry(name: str, url: str = TITRE.url, control: str | None = None) -> CatalogueEntry:
    return CatalogueEntry(
        target=target(name, url=url), interval=HOUR, transport=Transport.HTTP, control=control
    )


BOTH = (entry("titre", control="permis"), entry("permis", PERMIS.url))


@pytest.fixture
def beside(known: Store, clock: SimulatedClock) -> Make:
    """Makes `ControlVisits` over entries whose controls have these drawn instants."""

    def make(
        entries: tuple[CatalogueEntry, ...] = BOTH, drawn: dict[str, datetime | None] | None = None
    ) -> ControlVisits:
        watched = {one.target.id: one for one in entries}
        return ControlVisits(known, watched, lambda name, _: (drawn or {}).get(name), clock)

    return make


def seen(
    store: Store, minute: float, outcome: Outcome = ZERO, name: str = "titre", **known: Origin
) -> Observation:
    """An observation just recorded."""
    made = observation(NOON + minute * MINUTE, outcome, name, **known)
    store.append_observation(made)
    return made


def word(store: Store, name: str = "titre") -> Corroboration | None:
    """What the control said of the last observation of a target."""
    (row,) = store.observations(name, limit=1, newest_first=True)
    return ask(store, controls.corroborations_of, [row.id]).get(row.id)


def flags(store: Store) -> dict[str, set[Suspicion]]:
    """Why the rows of each target are suspected."""
    rows = list(store.observations())
    found = ask(store, suspicions.of, [row.id for row in rows])
    return {row.target: set(found[row.id]) for row in rows if row.id in found}


def test_a_control_nobody_has_seen_is_due(known: Store, beside: Make) -> None:
    due = beside().control_due(seen(known, 0))
    assert due is not None
    assert due.target.id == "permis"


def test_a_control_seen_a_few_minutes_ago_is_not(known: Store, beside: Make) -> None:
    seen(known, -9, SLOTS, "permis")
    assert beside().control_due(seen(known, 0)) is None


def test_a_control_about_to_be_visited_by_itself_is_not(known: Store, beside: Make) -> None:
    drawn = beside(drawn={"permis": NOON + 8 * MINUTE})
    assert drawn.control_due(seen(known, 0)) is None


def test_a_target_without_control_has_none_to_visit(known: Store, beside: Make) -> None:
    assert beside().control_due(seen(known, 0, name="permis")) is None


def test_a_control_that_is_not_watched_is_never_visited(known: Store, beside: Make) -> None:
    assert beside((BOTH[0],)).control_due(seen(known, 0)) is None


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        (ZERO, SLOTS, Corroboration.CORROBORATED),
        (ZERO, ZERO, Corroboration.NOT_CORROBORATED),
        (DOWN, DOWN, Corroboration.WHOLE_SITE),
        (SLOTS, ZERO, None),
    ],
)
def test_a_pair_is_compared_once_it_is_complete(
    known: Store,
    clock: SimulatedClock,
    beside: Make,
    here: Outcome,
    there: Outcome,
    expected: Corroboration | None,
) -> None:
    seen(known, 0, here)
    seen(known, 4, there, "permis", origin=Origin.CONTROL)
    settling = beside()
    settling.settle()
    assert word(known) is None
    clock.advance_to(NOON + LATER + MINUTE)
    settling.settle()
    assert word(known) is expected
    assert word(known, "permis") is None


def test_a_control_seen_too_late_corroborates_nothing(
    known: Store, clock: SimulatedClock, beside: Make
) -> None:
    seen(known, 0)
    seen(known, 11, SLOTS, "permis")
    clock.advance_to(NOON + HOUR)
    beside().settle()
    assert word(known) is Corroboration.NOT_CORROBORATED


def test_a_restart_compares_what_the_last_run_left(known: Store, clock: SimulatedClock, beside: Make) -> None:
    for day in range(3):
        seen(known, day * 24 * 60)
        seen(known, day * 24 * 60 + 1, SLOTS, "permis")
    clock.advance_to(NOON + 5 * 24 * HOUR)
    beside().settle()
    numbers = [row.id for row in known.observations("titre")]
    assert ask(known, controls.corroborations_of, numbers) == dict.fromkeys(
        numbers, Corroboration.CORROBORATED
    )


def test_settling_again_adds_nothing(known: Store, clock: SimulatedClock, beside: Make) -> None:
    seen(known, 0)
    clock.advance_to(NOON + HOUR)
    beside().settle()
    again = tell(known, controls.judge, {"titre": "permis"}, NOON - HOUR, NOON + HOUR, clock.now())
    assert again == []


def test_visits_that_nobody_drew_are_not_compared(known: Store, clock: SimulatedClock, beside: Make) -> None:
    seen(known, 0, origin=Origin.MANUAL)
    clock.advance_to(NOON + HOUR)
    beside().settle()
    assert word(known) is None


def test_a_later_reading_of_the_control_changes_the_word_and_keeps_the_old_one(
    known: Store, clock: SimulatedClock, beside: Make
) -> None:
    seen(known, 0)
    seen(known, 1, Outcome.UNRECOGNISED, "permis")
    clock.advance_to(NOON + HOUR)
    beside().settle()
    (control,) = known.observations("permis")
    later = LaterReading(
        observation=control.id,
        platform="classic",
        reader_version="2",
        reading=reading(SLOTS),
        read_at=clock.now(),
        cause="test",
    )
    tell(known, later_readings.append, "permis", [later], {}, clock.now())
    assert word(known) is Corroboration.CORROBORATED
    assert ask(known, controls.latest) == {"titre": (Corroboration.CORROBORATED, NOON)}


names = (f"http://one.localhost/booking/create/{n}" for n in count())
HOST = tuple(entry(name, next(names)) for name in ("a", "b", "c"))


@pytest.fixture
def host(known: Store) -> Store:
    """A store that knows three targets of one host."""
    known.record_targets(one.target for one in HOST)
    return known


def turn(store: Store, *hosted: str) -> None:
    """These targets had slots an hour ago and have none now."""
    for n, name in enumerate(hosted):
        seen(store, -60 + n, SLOTS, name)
        seen(store, -1 - n, ZERO, name)


def test_a_host_that_turns_to_zero_at_once_is_suspected(
    host: Store, clock: SimulatedClock, beside: Make
) -> None:
    turn(host, "a", "b", "c")
    beside(HOST).settle()
    assert flags(host) == {key: {Suspicion.ALL_AT_ONCE} for key in "abc"}
    assert ask(host, suspicions.last_raised) == {"one.localhost": clock.now()}


def test_a_suspicion_is_raised_once(host: Store, beside: Make) -> None:
    turn(host, "a", "b", "c")
    first = beside(HOST)
    first.settle()
    first.settle()
    beside(HOST).settle()
    assert flags(host) == {key: {Suspicion.ALL_AT_ONCE} for key in "abc"}


def test_the_outcomes_of_suspected_rows_stay(host: Store, beside: Make) -> None:
    turn(host, "a", "b", "c")
    beside(HOST).settle()
    assert {row.reading.outcome for row in host.observations(since=NOON - 5 * MINUTE)} == {ZERO}


def test_a_host_with_one_target_still_offering_is_not_suspected(host: Store, beside: Make) -> None:
    turn(host, "a", "b", "c")
    seen(host, -0.5, SLOTS, "c")
    beside(HOST).settle()
    assert flags(host) == {}


def test_a_host_at_zero_whose_control_on_another_host_offers_is_suspected(host: Store, beside: Make) -> None:
    elsewhere = entry("permis", "http://two.localhost/booking/create/1")
    pair = tuple(entry(name, next(names), control="permis") for name in "ab")
    turn(host, "a", "b")
    seen(host, -2, SLOTS, "permis")
    beside((*pair, elsewhere)).settle()
    assert flags(host) == {key: {Suspicion.CONTRADICTS_CONTROL} for key in "ab"}


def test_a_control_on_the_same_host_clears_it(host: Store, beside: Make) -> None:
    turn(host, "a", "b")
    seen(host, -2, SLOTS, "c")
    beside((*(entry(name, next(names), control="c") for name in "ab"), HOST[2])).settle()
    assert flags(host) == {}


def test_slots_that_a_person_saw_on_the_page_make_its_zero_suspected(known: Store, beside: Make) -> None:
    seen(known, -3)
    seen(known, -1, SLOTS, origin=Origin.ATTENDED)
    beside().settle()
    assert flags(known) == {"titre": {Suspicion.CONTRADICTS_PERSON}}


def test_a_turn_is_still_seen_a_few_intervals_later(host: Store, beside: Make) -> None:
    """The service may have been down, or the last of the visits may have come late."""
    for n, name in enumerate("abc"):
        seen(host, -150 + n, SLOTS, name)
        seen(host, -100 + n, ZERO, name)
        seen(host, -40 + n, ZERO, name)
    beside(HOST).settle()
    assert flags(host) == {key: {Suspicion.ALL_AT_ONCE} for key in "abc"}


def test_a_turn_may_take_the_longest_interval_of_its_host(host: Store, beside: Make) -> None:
    turn(host, "a", "b")
    seen(host, -200, SLOTS, "c")
    seen(host, -90, ZERO, "c")
    seen(host, -80, ZERO, "c")
    beside(
        tuple(
            replace(one, interval=interval)
            for one, interval in zip(HOST, (HOUR, HOUR, 2 * HOUR), strict=True)
        )
    ).settle()
    assert flags(host) == {key: {Suspicion.ALL_AT_ONCE} for key in "abc"}


def test_a_visit_recorded_after_its_time_was_settled_is_compared_all_the_same(
    known: Store, clock: SimulatedClock, beside: Make
) -> None:
    """A visit may take longer than the wait for the record allows."""
    watcher = beside()
    watcher.settle()
    seen(known, -20)
    seen(known, -19, SLOTS, "permis")
    clock.advance_to(NOON + 5 * MINUTE)
    watcher.settle()
    assert word(known) is Corroboration.CORROBORATED


def test_a_control_is_held_beside_a_visit_by_when_it_began_and_not_by_when_it_was_due(known: Store) -> None:
    """Its turn at the host came half an hour after its instant."""
    seen(known, 0)
    late = observation(NOON - 30 * MINUTE, SLOTS, "permis", started_at=NOON, finished_at=NOON + MINUTE)
    known.append_observation(late)
    (made,) = tell(known, controls.judge, {"titre": "permis"}, NOON, NOON, NOON + HOUR)
    assert made.corroboration is Corroboration.CORROBORATED
    ((began,), none) = (
        ask(known, controls.visits, ["permis"], since, NOON + HOUR)["permis"]
        for since in (NOON, NOON + MINUTE)
    )
    assert (began.at, none) == (NOON, [])
    assert ask(known, controls.visits, ["permis"], NOON - HOUR, NOON - MINUTE) == {"permis": []}


def test_only_visits_of_the_period_are_compared_with_controls_on_both_sides_of_it(known: Store) -> None:
    for minute in (0, 30, 60):
        seen(known, minute)
    for minute in (-9, 69):
        seen(known, minute, SLOTS, "permis")
    made = tell(known, controls.judge, {"titre": "permis"}, NOON, NOON + 30 * MINUTE, NOON + 2 * HOUR)
    assert [(one.control is None, one.corroboration) for one in made] == [
        (False, Corroboration.CORROBORATED),
        (True, Corroboration.NOT_CORROBORATED),
    ]
    (last,) = tell(known, controls.judge, {"titre": "permis"}, NOON, NOON + HOUR, NOON + 2 * HOUR)
    assert last.corroboration is Corroboration.CORROBORATED


def test_the_last_word_is_that_of_the_newest_visit(known: Store) -> None:
    for hour, outcome in ((1, SLOTS), (2, ZERO)):
        seen(known, hour * 60)
        seen(known, hour * 60 + 1, outcome, "permis")
    tell(known, controls.judge, {"titre": "permis"}, NOON, NOON + 3 * HOUR, NOON + 4 * HOUR)
    said = (Corroboration.NOT_CORROBORATED, NOON + 2 * HOUR)
    assert ask(known, controls.latest) == {"titre": said}


def test_the_suspicions_of_a_row_are_kept_in_order_and_the_last_one_of_a_host_counts(known: Store) -> None:
    numbers = [known.append_observation(observation(NOON + n * HOUR, name="titre")) for n in range(2)]
    first, second = Suspicion.CONTRADICTS_PERSON, Suspicion.ALL_AT_ONCE
    for n, reason in enumerate((first, second)):
        found = [SuspectedObservation(observation=one, host="h", reason=reason) for one in numbers[: 2 - n]]
        assert tell(known, suspicions.flag, found, NOON + n * HOUR) == found
        assert tell(known, suspicions.flag, found, NOON + 5 * HOUR) == []
    assert ask(known, suspicions.of, numbers) == {numbers[0]: (first, second), numbers[1]: (first,)}
    assert ask(known, suspicions.last_raised) == {"h": NOON + HOUR}
