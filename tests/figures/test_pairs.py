"""A target and its control at the same minutes, and before/after."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.figures.controls import PairTable, before_after, corroborated, pair_table, pairs
from monitor.figures.period import Insufficient, Period, VisitAttempt, period_of
from monitor.figures.shares import Share
from probes.model import Outcome

START = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ZERO, SLOTS, CAPTCHA = Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED, Outcome.CAPTCHA


def seen_at(*looks: tuple[int, Outcome], name: str = "etrangers", days: int = 30) -> Period:
    rows = [VisitAttempt(scheduled_at=START + minute * MINUTE, outcome=outcome) for minute, outcome in looks]
    last = START.date() + timedelta(days=days)
    return period_of(
        rows, target=name, zone="UTC", interval=timedelta(hours=1), first=START.date(), last=last
    )


def test_only_attempts_at_most_ten_minutes_apart_are_paired() -> None:
    found = pairs(seen_at((0, ZERO), (60, ZERO)), seen_at((10, SLOTS), (71, SLOTS)))
    assert [(p.at, p.target_zero, p.control_zero) for p in found] == [(START, True, False)]


def test_each_attempt_is_used_once_and_with_its_nearest() -> None:
    found = pairs(seen_at((0, ZERO), (8, SLOTS)), seen_at((9, SLOTS)))
    assert [(p.at, p.target_zero) for p in found] == [(START + 8 * MINUTE, False)]


def test_of_two_equally_near_the_later_one_is_taken() -> None:
    (found,) = pairs(seen_at((10, ZERO)), seen_at((5, ZERO), (15, SLOTS)))
    assert not found.control_zero


def test_an_attempt_between_two_of_the_target_goes_to_the_first() -> None:
    (found,) = pairs(seen_at((0, ZERO), (10, SLOTS)), seen_at((5, SLOTS)))
    assert (found.at, found.target_zero) == (START, True)


def test_pairs_come_in_order_of_time_however_near_they_are() -> None:
    found = pairs(seen_at((60, ZERO), (0, ZERO)), seen_at((61, ZERO), (9, SLOTS)))
    assert [p.at for p in found] == [START, START + 60 * MINUTE]


def test_attempts_without_a_conclusion_are_never_paired() -> None:
    assert pairs(seen_at((0, CAPTCHA), (60, ZERO)), seen_at((1, SLOTS), (61, CAPTCHA))) == []


def test_the_table_counts_discordant_pairs_both_ways() -> None:
    looks = [(ZERO, ZERO)] * 3 + [(ZERO, SLOTS)] * 90 + [(SLOTS, ZERO)] * 2 + [(SLOTS, SLOTS)] * 5
    target = seen_at(*[(60 * i, t) for i, (t, _) in enumerate(looks)])
    control = seen_at(*[(60 * i + 5, c) for i, (_, c) in enumerate(looks)], name="permis")
    found = pair_table(target, control)
    assert isinstance(found, PairTable)
    assert (found.n, found.both_zero, found.target_alone_zero) == (100, 3, 90)
    assert (found.control_alone_zero, found.both_slots) == (2, 5)
    # exact: P(≤ 2 or ≥ 90 of 92 fair coins) = 2·(1 + 92 + 4186)/2^92
    assert found.p == pytest.approx(2 * (1 + 92 + 92 * 91 / 2) / 2**92)


def test_pairs_that_never_disagree_differ_by_nothing() -> None:
    same = [(60 * i, ZERO) for i in range(100)]
    found = pair_table(seen_at(*same), seen_at(*same))
    assert isinstance(found, PairTable)
    assert (found.both_zero, found.p) == (100, 1.0)


def test_less_than_a_hundred_pairs_are_insufficient() -> None:
    same = [(60 * i, ZERO) for i in range(99)]
    refused = pair_table(seen_at(*same), seen_at(*same[:50]))
    assert isinstance(refused, Insufficient)
    assert (refused.counts.scheduled, refused.reason) == (99, "50 couples de sondes, il en faut 100")
    assert isinstance(pair_table(seen_at(*same), seen_at(*same)), Insufficient)


def test_a_zero_is_corroborated_by_slots_at_the_control_only() -> None:
    target = seen_at((0, ZERO), (60, ZERO), (120, ZERO), (180, SLOTS))
    control = seen_at((1, SLOTS), (61, ZERO), (121, CAPTCHA), (181, SLOTS))
    assert corroborated(target, control) == frozenset({START})


def test_a_corroborated_zero_is_named_by_its_drawn_instant() -> None:
    late = VisitAttempt(scheduled_at=START, began=START + 3 * MINUTE, outcome=ZERO)
    day = START.date()
    target = period_of([late], target="t", zone="UTC", interval=60 * MINUTE, first=day, last=day)
    assert corroborated(target, seen_at((12, SLOTS))) == frozenset({START})


def hourly(first: Outcome, then: Outcome, *, change: date, days: int = 56, name: str = "t") -> Period:
    rows = []
    for hour in range(24 * days):
        at = START + timedelta(hours=hour)
        rows.append(VisitAttempt(scheduled_at=at, outcome=first if at.date() < change else then))
    last = START.date() + timedelta(days=days - 1)
    return period_of(
        rows, target=name, zone="UTC", interval=timedelta(hours=1), first=START.date(), last=last
    )


CHANGE = date(2026, 3, 30)


def test_before_and_after_have_the_same_length_and_their_own_counts() -> None:
    found = before_after(hourly(ZERO, SLOTS, change=CHANGE), [], notified=CHANGE)
    before, after = found.target.before, found.target.after
    assert isinstance(before, Share)
    assert isinstance(after, Share)
    assert (before.value, after.value) == (1, 0)
    assert before.counts.scheduled == after.counts.scheduled == 28 * 24


def test_the_time_between_notification_and_compliance_is_in_neither_window() -> None:
    found = before_after(
        hourly(ZERO, SLOTS, change=CHANGE, days=70), [], notified=CHANGE, complied=date(2026, 4, 6)
    )
    before, after = found.target.before, found.target.after
    assert isinstance(before, Share)
    assert isinstance(after, Share)
    assert (before.value, before.counts.scheduled) == (1, 28 * 24)
    assert (after.value, after.counts.scheduled) == (0, 28 * 24)
    assert (found.notified, found.complied, found.weeks) == (CHANGE, date(2026, 4, 6), 4)
    assert found.target.weeks[0].monday == date(2026, 3, 2)
    assert found.target.weeks[-1].monday == date(2026, 4, 27)


def test_only_the_weeks_of_the_windows_are_shown() -> None:
    found = before_after(
        hourly(ZERO, SLOTS, change=CHANGE, days=100),
        [],
        notified=date(2026, 4, 6),
        complied=date(2026, 4, 20),
    )
    weeks = found.target.weeks
    assert (weeks[0].monday, weeks[-1].monday) == (date(2026, 3, 9), date(2026, 5, 11))
    assert isinstance(found.target.before, Share)
    assert found.target.before.value == 0.75  # three weeks of zeros, then one of slots


def test_controls_get_the_same_windows() -> None:
    control = hourly(ZERO, ZERO, change=CHANGE, name="c")
    found = before_after(hourly(ZERO, SLOTS, change=CHANGE), [control], notified=CHANGE)
    (window,) = found.controls
    assert isinstance(window.before, Share)
    assert isinstance(window.after, Share)
    assert (window.target, window.before.value, window.after.value) == ("c", 1, 1)


def test_a_window_half_of_which_was_not_watched_is_insufficient() -> None:
    found = before_after(hourly(ZERO, SLOTS, change=CHANGE, days=40), [], notified=CHANGE)
    assert isinstance(found.target.before, Share)
    assert isinstance(found.target.after, Insufficient)


@pytest.mark.parametrize(("days", "enough"), [(23, True), (22, False), (20, False)])
def test_a_window_needs_four_days_of_five(days: int, enough: bool) -> None:
    found = before_after(hourly(ZERO, SLOTS, change=CHANGE, days=28 + days), [], notified=CHANGE)
    assert isinstance(found.target.after, Share) == enough


def test_the_day_of_the_notification_is_after_and_the_last_day_is_the_28th() -> None:
    eight_weeks = hourly(ZERO, SLOTS, change=CHANGE, days=70)
    found = before_after(eight_weeks, [], notified=CHANGE, complied=CHANGE)
    assert isinstance(found.target.before, Share)
    assert isinstance(found.target.after, Share)
    assert found.target.before.counts.scheduled == found.target.after.counts.scheduled == 28 * 24


def test_short_windows_and_impossible_dates_are_refused() -> None:
    series = hourly(ZERO, SLOTS, change=CHANGE)
    with pytest.raises(ValueError, match="au moins 4 semaines"):
        before_after(series, [], notified=CHANGE, weeks=3)
    with pytest.raises(ValueError, match="précède la notification"):
        before_after(series, [], notified=CHANGE, complied=CHANGE - timedelta(days=1))
