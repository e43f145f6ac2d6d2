"""After an outage every hour that would have been watched is drawn; before a first day none is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from time import sleep

import pytest

from monitor.clock import SimulatedClock
from monitor.model import GapReason
from monitor.rules.schedule import draw
from monitor.store import Store
from monitor.store.record import draws
from monitor.targets.catalogue import CatalogueEntry
from monitor.watch.timetable import DAY, Timetable
from probes.model import Target, Transport
from tests.cast.observations import target
from tests.cast.transactions import ask

SEED = b"0" * 32
HOUR = timedelta(hours=1)
FIRST = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def entry(one: Target) -> CatalogueEntry:
    return CatalogueEntry(target=one, interval=HOUR, transport=Transport.HTTP)


def started(store: Store, clock: SimulatedClock, *targets: Target) -> Timetable:
    """A timetable as the service makes it when it starts."""
    store.record_targets(targets)
    made = Timetable(store, [entry(one) for one in targets], seed=SEED, clock=clock)
    made.commit_missed()
    made.commit_ahead()
    return made


def drawn(store: Store, name: str, day: date) -> list[datetime]:
    return [at for one in ask(store, draws.of_day, day) if one.target == name for at in one.instants]


def test_a_first_day_begins_when_the_service_does(store: Store) -> None:
    started(store, SimulatedClock(FIRST), target("vienne-titre"))
    assert all(at >= FIRST for at in drawn(store, "vienne-titre", FIRST.date()))
    assert len(drawn(store, "vienne-titre", FIRST.date() + DAY)) == 24


def test_a_day_gone_by_of_an_empty_record_is_drawn_whole(store: Store) -> None:
    """As for a history that is made afterwards: nothing says that nobody watched then."""
    one = target("vienne-titre")
    store.record_targets([one])
    made = Timetable(store, [entry(one)], seed=SEED, clock=SimulatedClock(FIRST))
    made.commit(FIRST.date() - DAY)
    assert len(drawn(store, "vienne-titre", FIRST.date() - DAY)) == 24


@pytest.mark.parametrize("days", [2, 5])
def test_the_morning_before_a_late_restart_is_a_hole_that_shows(store: Store, days: int) -> None:
    clock = SimulatedClock(FIRST)
    one = target("vienne-titre")
    started(store, clock, one)
    clock.advance_to(datetime.combine(FIRST.date() + days * DAY, time(15), UTC))
    again = started(store, clock, one, target("vienne-permis"))
    for n in range(1, days + 1):
        assert len(drawn(store, "vienne-titre", FIRST.date() + n * DAY)) == 24, n
    rest = drawn(store, "vienne-permis", clock.now().date())
    assert len(rest) in (8, 9, 10)
    assert all(at >= clock.now() for at in rest)
    assert len(drawn(store, "vienne-permis", clock.now().date() + DAY)) == 24
    new = [drawn(store, "vienne-permis", FIRST.date() + n * DAY) for n in range(days)]
    assert not any(new), "nobody was asked to watch it yet"
    again.close(clock.now(), lambda _: GapReason.DOWNTIME)
    missed = [
        gap.scheduled_at
        for gap in store.gaps("vienne-titre")
        if gap.scheduled_at.date() == clock.now().date()
    ]
    assert len(missed) in (15, 16)


def test_an_instant_that_is_being_visited_is_no_gap(store: Store) -> None:
    clock = SimulatedClock(FIRST)
    made = started(store, clock, target("vienne-titre"))
    first, second = drawn(store, "vienne-titre", FIRST.date())[:2]
    clock.advance_to(second + HOUR / 60)
    made.close(clock.now(), lambda _: GapReason.MISFIRE, in_flight={("vienne-titre", first)})
    assert [gap.scheduled_at for gap in store.gaps()] == [second]


def test_instants_before_its_origin_are_another_writer_s_to_account_for(store: Store) -> None:
    clock = SimulatedClock(FIRST)
    started(store, clock, target("vienne-titre"))
    _, second = drawn(store, "vienne-titre", FIRST.date())[:2]
    ours = Timetable(store, [entry(target("vienne-titre"))], seed=SEED, clock=clock, origin=second)
    assert ours.close(second + HOUR / 60, lambda _: GapReason.DOWNTIME) == 1
    assert [gap.scheduled_at for gap in store.gaps()] == [second]


def test_after_more_than_a_month_nobody_was_watching(store: Store) -> None:
    clock = SimulatedClock(FIRST)
    started(store, clock, target("vienne-titre"))
    clock.advance_to(FIRST + 40 * DAY)
    started(store, clock, target("vienne-titre"))
    assert all(at >= clock.now() for at in drawn(store, "vienne-titre", clock.now().date()))


def test_threads_that_commit_a_day_together_double_no_instant(store: Store) -> None:
    made = started(store, SimulatedClock(FIRST), target("vienne-titre"))
    day = FIRST.date() + 3 * DAY
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(made.commit, [day] * 4))
    found: list[datetime] = []
    while later := made.next_after(
        "vienne-titre", found[-1] if found else datetime.combine(day, time(), UTC)
    ):
        found.append(later)
    assert found == drawn(store, "vienne-titre", day)


def test_it_answers_while_a_draw_waits_for_the_database(store: Store) -> None:
    made = started(store, SimulatedClock(FIRST), target("vienne-titre"))
    with ThreadPoolExecutor(1) as threads:
        with store.write():
            waiting = threads.submit(made.commit, FIRST.date() + 3 * DAY)
            sleep(0.2)
            assert made.next_after("vienne-titre", FIRST)
            assert made.due("vienne-titre") is None
            on_sqlite = store.url.get_backend_name() == "sqlite"
            assert waiting.done() is not on_sqlite
        waiting.result()


def test_days_over_which_a_machine_slept_are_drawn_when_it_wakes(store: Store) -> None:
    clock = SimulatedClock(datetime(2026, 3, 2, 12, tzinfo=UTC))
    timetable = started(store, clock, target())
    clock.advance_to(datetime(2026, 3, 6, 12, tzinfo=UTC))
    timetable.commit_ahead()
    days = [date(2026, 3, 2) + n * DAY for n in range(6)]
    assert all(drawn(store, target().id, day) for day in days)
    assert timetable.next_after(target().id, clock.now()) is not None


class PutRight(SimulatedClock):
    """A clock that was wrong: it can be set back."""

    def put_right(self, instant: datetime) -> None:
        self._now = instant


def test_days_over_which_the_clock_was_ahead_are_drawn_once_it_is_put_right(store: Store) -> None:
    clock = PutRight(FIRST)
    made = started(store, clock, target())
    clock.advance_to(FIRST + 40 * DAY)
    made.commit_ahead()
    clock.put_right(FIRST + 5 * DAY)
    made.commit_ahead()
    days = [FIRST.date() + n * DAY for n in range(2, 6)]
    assert [len(drawn(store, target().id, day)) for day in days] == [24] * 4


def test_instants_of_a_target_that_left_the_catalogue_say_so(store: Store) -> None:
    clock = SimulatedClock(FIRST)
    started(store, clock, target("vienne-titre"))
    clock.advance_to(FIRST + DAY)
    without = Timetable(store, [], seed=SEED, clock=clock)
    without.commit_missed()
    without.commit_ahead()
    assert without.close(clock.now(), lambda _: GapReason.DOWNTIME) > 0
    assert {gap.reason for gap in store.gaps()} == {GapReason.WITHDRAWN}


def test_a_day_committed_after_a_later_one_keeps_its_place(store: Store) -> None:
    made = started(store, SimulatedClock(FIRST), target("vienne-titre"))
    day = FIRST.date() + 3 * DAY
    made.commit(day + DAY)
    made.commit(day)
    midnight = datetime.combine(day, time(), UTC)
    assert made.next_after("vienne-titre", midnight - HOUR / 60) == drawn(store, "vienne-titre", day)[0]


@pytest.mark.parametrize("watched", [True, False])
@pytest.mark.parametrize(("host", "simulated"), [("http://vienne.localhost", True), ("https://a.fr", False)])
def test_a_gap_says_whether_its_target_is_simulated_even_once_it_is_withdrawn(
    store: Store, host: str, simulated: bool, watched: bool
) -> None:
    clock = SimulatedClock(FIRST)
    one = target(url=f"{host}/booking/create/1")
    made = started(store, clock, one)
    clock.advance_to(FIRST + DAY)
    made = made if watched else Timetable(store, [], seed=SEED, clock=clock)
    assert made.close(clock.now(), lambda _: GapReason.DOWNTIME) == len(list(store.gaps())) > 0
    assert {gap.simulated for gap in store.gaps()} == {simulated}


@pytest.mark.parametrize(("days", "whole"), [(1, True), (31, True), (32, False)])
def test_who_was_watched_within_a_month_has_the_morning_too(store: Store, days: int, whole: bool) -> None:
    store.record_targets([target()])
    clock = SimulatedClock(FIRST)
    for day in (FIRST.date() - days * DAY, FIRST.date()):
        Timetable(store, [entry(target())], seed=SEED, clock=clock).commit(day)
    assert (len(drawn(store, target().id, FIRST.date())) == 24) is whole


def test_a_day_that_is_known_is_not_asked_of_the_database_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = started(store, SimulatedClock(FIRST), target())
    for name in ("read", "write"):
        monkeypatch.setattr(store, name, lambda: pytest.fail("every half minute would be too often"))
    made.commit_ahead()


def test_an_instant_is_due_from_the_very_second_it_was_drawn_for(store: Store) -> None:
    clock = SimulatedClock(FIRST)
    made = started(store, clock, target())
    first, second = drawn(store, target().id, FIRST.date())[:2]
    clock.advance_to(first)
    assert made.due(target().id) == first
    assert made.next_after(target().id, first) == second


def test_a_draw_is_that_of_its_seed_and_says_when_it_was_made(store: Store) -> None:
    started(store, SimulatedClock(FIRST), target())
    day = FIRST.date() + DAY
    (committed,) = ask(store, draws.of_day, day)
    assert committed == draw(SEED, target().id, day=day, interval=HOUR, drawn_at=FIRST)


def test_what_joins_the_transaction_of_a_gap_sees_each_one(store: Store) -> None:
    told: list[datetime] = []
    started(store, SimulatedClock(FIRST), target())
    clock = SimulatedClock(FIRST + DAY)
    joined = Timetable(
        store,
        [entry(target())],
        seed=SEED,
        clock=clock,
        within=[lambda _conn, _entry, gap: told.append(gap.scheduled_at)],
    )
    joined.close(clock.now(), lambda _: GapReason.DOWNTIME)
    assert sorted(told) == [gap.scheduled_at for gap in store.gaps()]


def test_an_instant_stays_due_while_days_ahead_are_drawn(store: Store) -> None:
    clock = SimulatedClock(FIRST)
    made = started(store, clock, target())
    first = drawn(store, target().id, FIRST.date())[0]
    clock.advance_to(first + HOUR / 60)
    made.commit_ahead()
    assert made.due(target().id) == first


def test_what_is_drawn_stays_whatever_the_settings_say_later(store: Store) -> None:
    """A changed interval takes effect with the draw of the next day."""
    clock = SimulatedClock(FIRST)
    started(store, clock, target())
    committed = drawn(store, target().id, FIRST.date() + DAY)
    changed = CatalogueEntry(target=target(), interval=HOUR / 2, transport=Transport.HTTP)
    made = Timetable(store, [changed], seed=SEED, clock=clock)
    made.commit_ahead()
    found = [at for at in committed if made.next_after(target().id, at - HOUR / 3600) == at]
    between = [made.next_after(target().id, at) for at in committed[:-1]]
    assert found == committed
    assert between == committed[1:]


@pytest.mark.parametrize(("days", "missed"), [(31, 30), (32, 0)])
def test_an_absence_of_a_month_is_an_outage_and_a_longer_one_is_not(
    store: Store, days: int, missed: int
) -> None:
    clock = SimulatedClock(FIRST)
    started(store, clock, target())
    last = FIRST.date() + DAY  # of which the draw was made ahead
    clock.advance_to(FIRST + DAY + days * DAY)
    started(store, clock, target())
    drawn_late = [n for n in range(1, days) if drawn(store, target().id, last + n * DAY)]
    assert len(drawn_late) == missed


def test_of_a_sleep_of_months_only_the_last_month_is_drawn(store: Store) -> None:
    clock = SimulatedClock(FIRST)
    made = started(store, clock, target())
    clock.advance_to(FIRST + 40 * DAY)
    made.commit_ahead()
    today = clock.now().date()
    assert len(drawn(store, target().id, today - 31 * DAY)) == 24
    assert drawn(store, target().id, today - 32 * DAY) == []


def test_an_instant_has_one_gap_with_the_detail_of_whoever_came_first(store: Store) -> None:
    made = started(store, SimulatedClock(FIRST), target())
    at = drawn(store, target().id, FIRST.date())[0]
    assert made.gap(target().id, at, GapReason.HOST_BUSY, "every place was taken")
    assert not made.gap(target().id, at, GapReason.MISFIRE, "too late")
    (only,) = store.gaps()
    assert (only.reason, only.detail) == (GapReason.HOST_BUSY, "every place was taken")


def test_an_instant_that_another_writer_closed_meanwhile_is_not_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = started(store, SimulatedClock(FIRST), target())
    one, two = drawn(store, target().id, FIRST.date())[:2]
    monkeypatch.setattr(store, "uncovered", lambda _: [(target().id, at) for at in (one, one, two)])
    assert made.close(two, lambda _: GapReason.MISFIRE) == 2
    assert [gap.scheduled_at for gap in store.gaps()] == [one, two]
