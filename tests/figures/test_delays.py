"""La Cimade's classes, gaps with zeros as infinite, and the points of « la règle »."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.figures.delays import Classes, Delay, Gaps, classes, gaps, ruler
from monitor.figures.period import Insufficient, Period, VisitAttempt, period_of
from monitor.model import GapReason
from probes.model import Outcome

HOUR = timedelta(hours=1)


def day(year: int, month: int, number: int) -> datetime:
    return datetime(year, month, number, 12, tzinfo=UTC)


def offered(at: datetime, first: datetime | None = None, second: datetime | None = None) -> VisitAttempt:
    return VisitAttempt(scheduled_at=at, outcome=Outcome.SLOTS_OFFERED, earliest=first, second=second)


def of(*attempts: VisitAttempt, zone: str = "UTC") -> Period:
    days = [a.scheduled_at.date() for a in attempts]
    return period_of(
        attempts, target="t", zone=zone, interval=HOUR, first=min(days), last=max(days) + timedelta(days=1)
    )


def only_class(attempt: VisitAttempt) -> Delay:
    found = classes(of(attempt))
    assert isinstance(found, Classes)
    (name,) = [d for d, n in found.attempts.items() if n]
    return name


@pytest.mark.parametrize(
    ("at", "first", "second", "expected"),
    [
        (day(2026, 3, 12), day(2026, 3, 13), day(2026, 4, 11), Delay.TWO_WITHIN_A_MONTH),
        (day(2026, 3, 12), day(2026, 3, 13), day(2026, 4, 12), Delay.ONE_WITHIN_A_MONTH),
        (day(2026, 3, 12), day(2026, 4, 11), None, Delay.ONE_WITHIN_A_MONTH),
        (day(2026, 3, 12), day(2026, 4, 12), None, Delay.WITHIN_TWO_MONTHS),
        (day(2026, 3, 12), day(2026, 5, 11), None, Delay.WITHIN_TWO_MONTHS),
        (day(2026, 3, 12), day(2026, 5, 12), None, Delay.BEYOND_TWO_MONTHS),
        (day(2026, 1, 31), day(2026, 2, 27), None, Delay.ONE_WITHIN_A_MONTH),
        (day(2026, 1, 31), day(2026, 2, 28), None, Delay.WITHIN_TWO_MONTHS),
        (day(2026, 12, 31), day(2027, 1, 30), None, Delay.ONE_WITHIN_A_MONTH),
        (day(2026, 3, 12), None, None, Delay.DATE_UNREAD),
    ],
)
def test_a_month_is_a_calendar_month(
    at: datetime, first: datetime | None, second: datetime | None, expected: Delay
) -> None:
    assert only_class(offered(at, first, second)) is expected


def test_dates_are_those_of_the_target_and_not_of_utc() -> None:
    """23:30 UTC on 11 April is 12 April in Paris: no longer within a month of 12 March."""
    attempt = offered(day(2026, 3, 12), datetime(2026, 4, 11, 23, 30, tzinfo=UTC))
    found = classes(of(attempt, zone="Europe/Paris"))
    assert isinstance(found, Classes)
    assert found.attempts[Delay.WITHIN_TWO_MONTHS] == 1


def test_the_classes_add_up_to_the_conclusive_attempts() -> None:
    at = day(2026, 3, 12)
    found = classes(
        of(
            VisitAttempt(scheduled_at=at, outcome=Outcome.NO_SLOTS),
            VisitAttempt(scheduled_at=at, outcome=Outcome.NO_SLOTS),
            offered(at, day(2026, 9, 1)),
            VisitAttempt(scheduled_at=at, outcome=Outcome.CAPTCHA),
        )
    )
    assert isinstance(found, Classes)
    assert found.share(Delay.NO_DATE) == 2 / 3
    assert found.counts.executed == 4
    assert sum(found.attempts.values()) == found.counts.conclusive == 3


def test_quantiles_count_a_zero_as_infinitely_far() -> None:
    at = day(2026, 3, 12)
    rows = [offered(at, at + timedelta(days=d)) for d in (158, 170, 182)]
    rows += [VisitAttempt(scheduled_at=at, outcome=Outcome.NO_SLOTS)] * 2
    found = gaps(of(*rows), least=5)
    assert isinstance(found, Gaps)
    assert found.quantiles == {0.5: 182, 0.9: None}
    assert found.with_dates == {0.5: 170, 0.9: 182}
    assert found.dated == 3


def test_all_zeros_have_no_date_at_any_quantile_and_no_second_line() -> None:
    found = gaps(of(*[VisitAttempt(scheduled_at=day(2026, 3, 12), outcome=Outcome.NO_SLOTS)] * 50))
    assert isinstance(found, Gaps)
    assert found.quantiles == {0.5: None, 0.9: None}
    assert found.with_dates is None


def test_slots_without_a_readable_date_enter_no_quantile_and_are_counted() -> None:
    at = day(2026, 3, 12)
    found = gaps(of(offered(at), offered(at, at + timedelta(days=3))), least=1)
    assert isinstance(found, Gaps)
    assert (found.unread, found.quantiles[0.5]) == (1, 3)


def test_only_unreadable_dates_give_no_quantile() -> None:
    found = gaps(of(offered(day(2026, 3, 12))), least=1)
    assert isinstance(found, Insufficient)
    assert found.reason == "aucune date lisible"


def test_quantiles_of_a_few_legible_dates_among_many_illegible_ones_are_refused() -> None:
    at = day(2026, 3, 12)
    found = gaps(of(*[offered(at)] * 60, *[offered(at, at + timedelta(days=3))] * 49))
    assert isinstance(found, Insufficient)
    assert found.reason == "moins de 50 sondes dont la date se lit"


def test_quantiles_need_fifty_attempts() -> None:
    zero = VisitAttempt(scheduled_at=day(2026, 3, 12), outcome=Outcome.NO_SLOTS)
    assert isinstance(gaps(of(*[zero] * 50)), Gaps)
    assert isinstance(gaps(of(*[zero] * 49)), Insufficient)


def test_days_are_counted_between_local_days_and_not_in_spans_of_24_hours() -> None:
    """Seen at 23:30 in Paris, a slot of the next evening is one day away; one of the morning after is two."""
    at = datetime(2026, 3, 12, 22, 30, tzinfo=UTC)
    for hours, days in ((22, 1), (36, 2)):
        found = gaps(of(offered(at, at + timedelta(hours=hours)), zone="Europe/Paris"), least=1)
        assert isinstance(found, Gaps)
        assert found.quantiles[0.5] == days


def test_a_second_date_before_the_first_is_not_enough_for_two_within_a_month() -> None:
    at = day(2026, 3, 12)
    found = classes(of(offered(at, at + timedelta(days=70), at + timedelta(days=3))))
    assert isinstance(found, Classes)
    assert found.attempts[Delay.BEYOND_TWO_MONTHS] == 1


@given(st.lists(st.one_of(st.none(), st.integers(0, 400)), min_size=1, max_size=120))
def test_quantiles_equal_a_brute_force_recomputation(days: list[int | None]) -> None:
    at = day(2026, 3, 12)
    rows = [
        VisitAttempt(scheduled_at=at, outcome=Outcome.NO_SLOTS)
        if d is None
        else offered(at, at + timedelta(days=d))
        for d in days
    ]
    found = gaps(of(*rows), least=1)
    assert isinstance(found, Gaps)
    ordered = sorted(math.inf if d is None else d for d in days)
    for q, value in found.quantiles.items():
        expected = next(v for i, v in enumerate(ordered, start=1) if i / len(ordered) >= q)
        assert value == (None if expected == math.inf else expected)


def test_the_ruler_keeps_zeros_and_silence_apart_from_dates() -> None:
    at = day(2026, 3, 12)
    found = ruler(
        of(
            offered(at, at + timedelta(days=160)),
            VisitAttempt(scheduled_at=at + HOUR, outcome=Outcome.NO_SLOTS),
            VisitAttempt(scheduled_at=at + 2 * HOUR, outcome=Outcome.SITE_DOWN),
            VisitAttempt(scheduled_at=at + 3 * HOUR, gap=GapReason.DOWNTIME),
            offered(at + 4 * HOUR),
        )
    )
    assert list(found.dated) == [(date(2026, 3, 12), 160)]
    later = ruler(
        of(
            offered(at, at + HOUR, at + 72 * HOUR),
            VisitAttempt(scheduled_at=at + 24 * HOUR, outcome=Outcome.NO_SLOTS),
            VisitAttempt(scheduled_at=at + 48 * HOUR, outcome=Outcome.CAPTCHA),
        )
    )
    assert (later.zeros, later.silent, later.isolated) == ([date(2026, 3, 13)], [date(2026, 3, 14)], 0)
    assert (len(found.zeros), len(found.silent), found.isolated, found.unread) == (1, 2, 1, 1)
    points = len(found.dated) + len(found.zeros) + len(found.silent) + found.unread
    assert points == found.counts.scheduled
