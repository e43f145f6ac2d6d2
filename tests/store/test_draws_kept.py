"""Draws as they were committed, and the instants that still have no entry."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event

from monitor.store import Store
from monitor.store.record import draws
from monitor.store.tables.record import marks
from tests.cast.observations import HOUR, NOON, draw, gap, observation, rows_of
from tests.cast.transactions import ask, tell

DAY = NOON.date()
MIDNIGHT = NOON.replace(hour=0)
TOMORROW = MIDNIGHT + timedelta(days=1)


def instants(*hours: float, day: datetime = MIDNIGHT) -> tuple[datetime, ...]:
    return tuple(day + hour * HOUR for hour in hours)


def test_a_draw_comes_back(known: Store) -> None:
    drawn = draw("vienne-titre", *instants(0.123456, 5, 23.99), interval=timedelta(seconds=2.5))
    tell(known, draws.commit, [drawn])
    assert ask(known, draws.of_day, DAY) == (drawn,)
    assert ask(known, draws.of_day, DAY + timedelta(days=1)) == ()


def test_the_first_draw_of_a_day_stands(known: Store) -> None:
    first, second = draw("vienne-titre", *instants(1, 2)), draw("vienne-titre", *instants(3, 4))
    other = draw("reunion-titre", *instants(3, 4))
    tell(known, draws.commit, [first])
    tell(known, draws.commit, [second, other])
    tell(known, draws.commit, [first])
    assert ask(known, draws.of_day, DAY) == (other, first)


def test_committing_nothing_is_nothing(known: Store) -> None:
    tell(known, draws.commit, [])
    assert ask(known, draws.of_day, DAY) == ()


def test_every_instant_without_an_entry_is_uncovered(known: Store) -> None:
    tell(
        known,
        draws.commit,
        [draw("vienne-titre", *instants(1, 2, 3, 4)), draw("reunion-titre", *instants(2.5))],
    )
    known.append_observation(observation(instants(2)[0]))
    known.append_gap(gap(instants(3)[0]))
    one, four, between = instants(1, 4, 2.5)
    found = list(known.uncovered(TOMORROW))
    assert found == [("vienne-titre", one), ("reunion-titre", between), ("vienne-titre", four)]


def test_the_entry_of_another_target_covers_nothing(known: Store) -> None:
    tell(known, draws.commit, [draw("vienne-titre", *instants(1))])
    known.append_gap(gap(instants(1)[0], name="reunion-titre"))
    assert [name for name, _ in known.uncovered(TOMORROW)] == ["vienne-titre"]


def test_instants_still_to_come_are_not_uncovered(known: Store) -> None:
    tell(known, draws.commit, [draw("vienne-titre", *instants(1, 12, 13))])
    assert [at for _, at in known.uncovered(NOON)] == list(instants(1))


def test_it_may_be_asked_about_some_targets_only(known: Store) -> None:
    tell(known, draws.commit, [draw("vienne-titre", *instants(1)), draw("reunion-titre", *instants(1))])
    assert [name for name, _ in known.uncovered(TOMORROW, ["reunion-titre"])] == ["reunion-titre"]


def test_gaps_may_be_appended_while_reading(known: Store) -> None:
    days = [MIDNIGHT + timedelta(days=n) for n in range(3)]
    tell(known, draws.commit, [draw("vienne-titre", *instants(1, 2, day=day)) for day in days])
    for name, at in known.uncovered(days[-1] + timedelta(days=1)):
        known.append_gap(gap(at, name=name))
    assert len(list(known.gaps())) == 6
    assert list(known.uncovered(days[-1] + timedelta(days=1))) == []


def days_read(store: Store, until: datetime) -> int:
    """How many days of entries one look at what is uncovered reads."""
    asked: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    list(store.uncovered(until))
    return sum("FROM entries" in statement for statement in asked)


def test_a_day_that_is_over_and_covered_is_never_read_again(known: Store) -> None:
    for n in range(5):
        at = MIDNIGHT + timedelta(days=n)
        tell(known, draws.commit, [draw("vienne-titre", at)])
        known.append_gap(gap(at))
    until = MIDNIGHT + timedelta(days=4, hours=1)
    assert days_read(known, until) > 5
    assert days_read(known, until) == 1


def test_a_day_with_an_uncovered_instant_is_read_again(known: Store) -> None:
    tell(known, draws.commit, [draw("vienne-titre", MIDNIGHT), draw("vienne-titre", TOMORROW)])
    known.append_gap(gap(TOMORROW))
    until = TOMORROW + timedelta(days=2)
    assert list(known.uncovered(until)) == list(known.uncovered(until)) == [("vienne-titre", MIDNIGHT)]


def test_a_day_that_is_not_over_stays_open(known: Store) -> None:
    tell(known, draws.commit, [draw("vienne-titre", *instants(1))])
    known.append_gap(gap(instants(1)[0]))
    assert list(known.uncovered(MIDNIGHT + 23 * HOUR)) == []
    tell(known, draws.commit, [draw("reunion-titre", *instants(22))])
    assert [name for name, _ in known.uncovered(TOMORROW)] == ["reunion-titre"]


def test_a_draw_committed_for_a_closed_day_opens_it_again(known: Store) -> None:
    tell(known, draws.commit, [draw("vienne-titre", TOMORROW)])
    known.append_gap(gap(TOMORROW))
    list(known.uncovered(TOMORROW + timedelta(days=1)))
    assert rows_of(known, marks) != [["('covered', None)"]]
    tell(known, draws.commit, [draw("reunion-titre", MIDNIGHT)])
    assert list(known.uncovered(TOMORROW + timedelta(days=1))) == [("reunion-titre", MIDNIGHT)]


def test_until_needs_a_zone(known: Store) -> None:
    with pytest.raises(ValueError, match="until has no time zone"):
        list(known.uncovered(datetime(2026, 11, 23)))  # noqa: DTZ001


def test_days_are_utc_days(known: Store) -> None:
    late = draw("reunion-titre", *instants(23.5))
    tell(known, draws.commit, [late])
    assert ask(known, draws.of_day, date(2026, 11, 23)) == (late,)


def test_draws_for_several_closed_days_open_all_of_them(known: Store) -> None:
    days = [MIDNIGHT + n * timedelta(days=1) for n in range(3)]
    for day in days:
        tell(known, draws.commit, [draw("vienne-titre", day)])
        known.append_gap(gap(day))
    assert list(known.uncovered(days[-1] + timedelta(days=2))) == []
    tell(known, draws.commit, [draw("reunion-titre", day) for day in reversed(days)])
    late = [("reunion-titre", day) for day in days]
    assert list(known.uncovered(days[-1] + timedelta(days=2))) == late


def test_instants_at_one_time_come_by_target(known: Store) -> None:
    tell(known, draws.commit, [draw(name, *instants(1)) for name in ("vienne-titre", "reunion-titre")])
    assert [name for name, _ in known.uncovered(TOMORROW)] == ["reunion-titre", "vienne-titre"]
