"""Droughts, openings with their lifetimes, and when slots appear."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from monitor.figures.period import Insufficient, Period, VisitAttempt
from monitor.figures.runs import Appearances, Lifetimes, appearances, droughts, lifetimes, openings
from monitor.model import GapReason
from probes.model import Outcome
from tests.cast.supply import HOUR, instant, look_back

MONDAY = date(2026, 3, 2)
SIGNS: dict[str, dict[str, Any]] = {
    "z": {"outcome": Outcome.NO_SLOTS},
    "S": {"outcome": Outcome.SLOTS_OFFERED},
    "?": {"outcome": Outcome.CAPTCHA},
    " ": {"gap": GapReason.DOWNTIME},
}


def hours(signs: str, days: int = 60, start: str = "2026-03-02T00:30") -> Period:
    """One attempt an hour: z zero, S slots, ? not conclusive, blank a gap."""
    first = instant(start)
    rows = [VisitAttempt(scheduled_at=first + i * HOUR, **SIGNS[sign]) for i, sign in enumerate(signs)]
    return look_back(rows, MONDAY, days)


def test_a_drought_is_certain_between_its_zeros_and_possible_between_the_slots_around_it() -> None:
    (found,) = droughts(hours("SzzzzS"))
    assert (found.at_least, found.at_most) == (3 * HOUR, 5 * HOUR)
    assert found.holes == timedelta()


def test_a_short_silence_does_not_break_a_drought_and_is_counted_in_its_coverage() -> None:
    (found,) = droughts(hours("Szz? zzS"))
    assert found.at_least == 5 * HOUR
    assert (found.counts.scheduled, found.counts.executed, found.counts.conclusive) == (6, 5, 4)


def test_a_hole_never_extends_the_certain_part() -> None:
    (found,) = droughts(hours("Szzz    zzzzS"))
    assert found.at_least == 3 * HOUR
    assert found.at_most == 12 * HOUR
    assert found.holes == 5 * HOUR


def test_a_hole_is_as_long_as_three_of_the_intervals_it_lies_in() -> None:
    """Ten hours of silence among hourly visits are vouched for by no later, slower schedule."""
    start = instant("2026-03-02T00:30")
    hourly = [*range(5), *range(15, 20)]
    looks = [(n, HOUR) for n in hourly] + [(n, 6 * HOUR) for n in range(20, 80, 6)]
    rows = [VisitAttempt(scheduled_at=start + n * HOUR, interval=i, **SIGNS["z"]) for n, i in looks]
    (found,) = droughts(look_back(rows, MONDAY, 7))
    assert (found.at_least, found.holes) == ((74 - 15) * HOUR, 10 * HOUR + HOUR)


def test_a_hole_does_not_end_a_drought_either() -> None:
    assert len(droughts(hours("Szzz??????zzzzS"))) == 1


def test_a_drought_at_the_edge_of_the_record_has_no_upper_length() -> None:
    (found,) = droughts(hours("zzz"))
    assert (found.open_start, found.open_end, found.at_most) == (True, True, None)
    assert found.at_least == 2 * HOUR


def test_droughts_come_longest_first() -> None:
    assert [d.at_least for d in droughts(hours("SzzSzzzzSzS"))] == [3 * HOUR, HOUR, timedelta()]


def test_without_zeros_there_is_no_drought() -> None:
    assert droughts(hours("SS??")) == []


def test_an_opening_lasts_between_what_was_seen_and_what_the_zeros_allow() -> None:
    (found,) = openings(hours("zSSSz"))
    assert (found.at_least, found.at_most) == (2 * HOUR, 4 * HOUR)


def test_an_opening_without_a_zero_on_one_side_has_no_upper_bound() -> None:
    first, last = openings(hours("SSzS"))
    assert (first.at_most, last.at_most) == (None, None)


def test_a_hole_breaks_an_opening_and_leaves_both_parts_unbounded() -> None:
    first, second = openings(hours("zSS    SSz"))
    assert (first.at_least, second.at_least) == (HOUR, HOUR)
    assert (first.at_most, second.at_most) == (None, None)


def test_a_hole_before_the_next_zero_widens_the_upper_bound() -> None:
    (found,) = openings(hours("zS      z"))
    assert (found.at_least, found.at_most) == (timedelta(), 8 * HOUR)


def test_the_median_lifetime_is_a_band_and_needs_ten_openings() -> None:
    found = lifetimes(hours("zSS" * 10 + "z"))
    assert isinstance(found, Lifetimes)
    assert (found.median_at_least, found.median_at_most) == (HOUR, 3 * HOUR)
    few = lifetimes(hours("zSS" * 9 + "z"))
    assert isinstance(few, Insufficient)


def test_a_median_with_half_the_openings_unbounded_has_no_upper_end() -> None:
    found = lifetimes(hours("SSzS"), least=2)
    assert isinstance(found, Lifetimes)
    assert found.median_at_most is None


def test_an_appearance_is_spread_over_the_interval_in_which_it_can_lie() -> None:
    """Last zero at 8:30, slots at 9:30 on a Monday: half of it in each hour."""
    found = appearances(hours("z" * 9 + "S"))
    assert isinstance(found, Appearances)
    assert found.n == 1
    assert (found.events[0, 8], found.events[0, 9]) == (pytest.approx(0.5), pytest.approx(0.5))
    assert found.events.sum() == pytest.approx(1)


def test_exposure_is_the_time_after_a_zero_that_was_watched() -> None:
    found = appearances(hours("S" * 20 + "zzSSzz     zS"))
    assert isinstance(found, Appearances)
    assert found.hours.sum() == pytest.approx(4)


def test_the_hour_of_an_appearance_is_local_on_both_sides_of_the_clock_change() -> None:
    """Sunday 29 March 2026: 2:00 does not exist; an interval over it holds one hour, not two."""
    found = appearances(hours("zS", start="2026-03-29T01:30"))
    assert isinstance(found, Appearances)
    assert found.events[6, 2] == 0
    assert (found.events[6, 1], found.events[6, 3]) == (pytest.approx(0.5), pytest.approx(0.5))


def test_a_weekly_release_is_concentrated_and_a_regular_one_is_not() -> None:
    tuesday = ("z" * 32 + "S" + "z" * 135) * 8
    found = appearances(hours(tuesday), trials=199)
    assert isinstance(found, Appearances)
    assert found.p == pytest.approx(1 / 200)
    assert found.top_hours == pytest.approx(1)
    spread = appearances(hours(("z" * 36 + "S") * 30), trials=199)
    assert isinstance(spread, Appearances)
    assert isinstance(spread.p, float)
    assert spread.p > 0.05


def test_few_appearances_are_not_tested() -> None:
    found = appearances(hours("zzSzz"))
    assert isinstance(found, Appearances)
    assert isinstance(found.p, Insufficient)
    assert isinstance(found.top_hours, Insufficient)


def test_nothing_watched_after_a_zero_is_insufficient() -> None:
    assert isinstance(appearances(hours("SSSz")), Insufficient)
    assert isinstance(appearances(hours("z?????z", days=1)), Insufficient)


def test_mass_and_exposure_are_kept_whatever_the_pattern() -> None:
    rng = np.random.default_rng(1)
    signs = "".join(rng.choice(list("zzzzzS"), 600))
    found = appearances(hours(signs), trials=9)
    assert isinstance(found, Appearances)
    assert found.events.sum() == pytest.approx(signs.count("zS"))
    assert found.hours.sum() == pytest.approx(signs[:-1].count("z"))


def test_the_certain_part_leaves_out_the_visits_at_its_edges() -> None:
    first, lasting = instant("2026-03-02T00:30"), timedelta(minutes=10)
    at = [first + n * HOUR for n in range(6)]
    rows = [
        VisitAttempt(scheduled_at=a, began=a, ended=a + lasting, **SIGNS[s])
        for a, s in zip(at, "SzzzzS", strict=True)
    ]
    (found,) = droughts(look_back(rows, MONDAY, 60))
    assert (found.at_least, found.at_most) == (3 * HOUR - lasting, 5 * HOUR + lasting)


@pytest.mark.parametrize(("before", "after"), [(HOUR, 6 * HOUR), (6 * HOUR, HOUR)])
def test_a_silence_is_watched_only_if_both_intervals_vouch_for_it(
    before: timedelta, after: timedelta
) -> None:
    """Where the interval changes, five hours are too long for the hourly side."""
    start = instant("2026-03-02T00:30")
    rows = [
        VisitAttempt(scheduled_at=start, outcome=Outcome.NO_SLOTS, interval=before),
        VisitAttempt(scheduled_at=start + HOUR, outcome=Outcome.NO_SLOTS, interval=before),
        VisitAttempt(scheduled_at=start + 6 * HOUR, outcome=Outcome.SLOTS_OFFERED, interval=after),
    ]
    found = appearances(look_back(rows, date(2026, 3, 2), 7))
    assert isinstance(found, Appearances)
    assert (found.n, found.hours.sum()) == (0, 1.0)


@pytest.mark.parametrize(("before", "after"), [(HOUR, 6 * HOUR), (6 * HOUR, HOUR)])
def test_a_silence_is_a_hole_by_the_shorter_of_the_two_intervals_beside_it(
    before: timedelta, after: timedelta
) -> None:
    """Five hours where the interval changes: the hourly side does not vouch for them."""
    start = instant("2026-03-02T00:30")

    def seen(sign: str) -> Period:
        times = ((start, before), (start + 5 * HOUR, after))
        rows = [VisitAttempt(scheduled_at=at, interval=interval, **SIGNS[sign]) for at, interval in times]
        return look_back(rows, MONDAY, 7)

    (dry,) = droughts(seen("z"))
    assert (dry.at_least, dry.holes) == (timedelta(), 5 * HOUR)
    assert [one.at_least for one in openings(seen("S"))] == [timedelta()] * 2


def looks(*times: tuple[float, str], lasting: timedelta = HOUR / 6) -> Period:
    """Visits of ten minutes at these hours of Monday 2 March, in the order given."""
    start = instant("2026-03-02T00:30")
    rows = [
        VisitAttempt(
            scheduled_at=start + n * HOUR,
            began=start + n * HOUR,
            ended=start + n * HOUR + lasting,
            **SIGNS[sign],
        )
        for n, sign in times
    ]
    return look_back(rows, MONDAY, 60)


def test_a_drought_and_an_opening_say_when_they_were_seen_first_and_last() -> None:
    start, lasting = instant("2026-03-02T00:30"), HOUR / 6
    (dry,) = droughts(looks((22, "S"), (23, "z"), (24, "z"), (25, "S")))
    assert (dry.first, dry.last) == (start + 23 * HOUR, start + 24 * HOUR + lasting)
    assert (dry.first_day, dry.last_day) == (MONDAY, MONDAY + timedelta(days=1))
    (found,) = openings(looks((0, "z"), (1, "S"), (2, "S"), (3, "z")))
    assert (found.first_seen, found.last_seen) == (start + HOUR + lasting, start + 2 * HOUR + lasting)
    assert (found.at_least, found.at_most) == (HOUR - lasting, 3 * HOUR + lasting)


def test_one_visit_alone_has_seen_no_length_of_time_and_no_negative_one() -> None:
    (dry,) = droughts(looks((0, "S"), (1, "z"), (2, "S")))
    (found,) = openings(looks((0, "z"), (1, "S"), (2, "z")))
    assert dry.at_least == found.at_least == timedelta()


@pytest.mark.parametrize(("signs", "start", "end"), [("zzS", True, False), ("Szz", False, True)])
def test_a_drought_says_on_which_side_the_period_cut_it(signs: str, start: bool, end: bool) -> None:
    (dry,) = droughts(hours(signs))
    assert (dry.open_start, dry.open_end, dry.at_most) == (start, end, None)


def test_three_intervals_between_two_visits_are_no_hole_and_a_second_more_is_one() -> None:
    second = timedelta(seconds=1) / HOUR
    (whole,) = droughts(looks((0, "z"), (3 + 1 / 6, "z")))
    (broken,) = droughts(looks((0, "z"), (3 + 1 / 6 + second, "z")))
    assert (whole.holes, broken.holes) == (timedelta(), 3 * HOUR + timedelta(seconds=1))


def test_an_appearance_counts_when_the_visit_that_saw_it_ended_within_three_intervals() -> None:
    second = timedelta(seconds=1) / HOUR
    found = appearances(looks((0, "z"), (3, "S")))
    assert isinstance(found, Appearances)
    assert (found.n, found.hours.sum()) == (1, pytest.approx(3))
    assert isinstance(appearances(looks((0, "z"), (3 + second, "S"))), Insufficient)


def test_the_order_in_which_visits_are_given_does_not_matter() -> None:
    there = [(0, "S"), (1, "z"), (2, "z"), (3, "S")]
    assert droughts(looks(*reversed(there))) == droughts(looks(*there)) != []


def test_eight_appearances_are_tested_and_always_with_the_same_digits() -> None:
    eight, again = appearances(hours("zzzS" * 8)), appearances(hours("zzzS" * 8))
    seven = appearances(hours("zzzS" * 7))
    assert isinstance(eight, Appearances)
    assert isinstance(again, Appearances)
    assert isinstance(seven, Appearances)
    assert eight.p == again.p
    assert isinstance(eight.p, float)
    assert isinstance(seven.p, Insufficient)
    ordered = sorted(eight.events.flat)
    assert eight.top_hours == pytest.approx(sum(ordered[-3:]) / 8)
    assert ordered[-4] > 0


def test_hours_are_cut_at_half_hours_where_the_clocks_are_half_an_hour_off() -> None:
    """In the Marquesas: the last zero at 8:00, slots at 9:00."""
    zone = ZoneInfo("Pacific/Marquesas")
    start = instant("2026-03-02T08:00", zone)
    rows = [VisitAttempt(scheduled_at=start + n * HOUR, **SIGNS[sign]) for n, sign in enumerate("zS")]
    found = appearances(look_back(rows, MONDAY, 7, zone=str(zone)))
    assert isinstance(found, Appearances)
    assert found.events[0, 8] == pytest.approx(1)
