"""Weekly share, the bound, the honesty bar, reachability and trust."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from monitor.figures.period import (
    UTC_COLUMN,
    Counts,
    Insufficient,
    Period,
    VisitAttempt,
    period_of,
)
from monitor.figures.shares import (
    Bound,
    HonestyPart,
    Share,
    availability,
    bound,
    bound_of,
    honesty,
    rate_bound,
    share,
    trust,
    upper,
    weekly,
)
from monitor.model import GapReason, Origin
from probes.model import Outcome
from tests.cast.supply import HOUR, look_back, month

START = datetime(2026, 3, 2, tzinfo=UTC)


def hourly(outcomes: Sequence[Outcome | GapReason], start: datetime = START) -> list[VisitAttempt]:
    return [
        VisitAttempt(scheduled_at=start + i * HOUR, outcome=o)
        if isinstance(o, Outcome)
        else VisitAttempt(scheduled_at=start + i * HOUR, gap=o)
        for i, o in enumerate(outcomes)
    ]


def utc_days(outcomes: Sequence[Outcome | GapReason], days: int, **more: Any) -> Period:
    last = START.date() + timedelta(days=days - 1)
    return period_of(
        hourly(outcomes), target="t", zone="UTC", interval=HOUR, first=START.date(), last=last, **more
    )


def counts(scheduled: int, executed: int, conclusive: int, zeros: int) -> Counts:
    return Counts(scheduled=scheduled, executed=executed, conclusive=conclusive, zeros=zeros)


def test_the_share_of_zeros_comes_with_its_exact_interval() -> None:
    found = share(counts(100, 100, 100, 90))
    assert isinstance(found, Share)
    assert found.value == 0.9
    # Clopper–Pearson for 90 of 100, as tabulated
    assert (round(found.low, 4), round(found.high, 4)) == (0.8238, 0.9510)


def test_the_worst_case_supposes_each_missing_attempt_either_way() -> None:
    found = share(counts(110, 105, 100, 90))
    assert isinstance(found, Share)
    assert found.worst == (90 / 110, 100 / 110)


@given(st.integers(1, 400), st.data())
def test_the_interval_is_clopper_and_pearsons(n: int, data: st.DataObject) -> None:
    zeros = data.draw(st.integers(0, n))
    found = share(counts(n, n, n, zeros))
    assert isinstance(found, Share)
    expected = binomtest(zeros, n).proportion_ci(0.95, method="exact")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


@given(st.integers(1, 400), st.data())
def test_the_interval_always_holds_the_share(n: int, data: st.DataObject) -> None:
    zeros = data.draw(st.integers(0, n))
    found = share(counts(n, n, n, zeros))
    assert isinstance(found, Share)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_weeks_are_iso_weeks_of_the_local_date() -> None:
    """Sunday 23:30 UTC is already Monday in Paris; 31 December 2026 lies in week 53."""
    first, last = date(2026, 12, 21), date(2027, 1, 10)
    attempts = hourly([Outcome.NO_SLOTS], datetime(2026, 12, 27, 23, 30, tzinfo=UTC))
    attempts += hourly([Outcome.NO_SLOTS], datetime(2026, 12, 31, 12, tzinfo=UTC))
    found = weekly(
        period_of(attempts, target="t", zone="Europe/Paris", interval=HOUR, first=first, last=last)
    )
    assert [(w.name, w.counts.zeros) for w in found] == [("2026-W52", 0), ("2026-W53", 2), ("2027-W01", 0)]


@pytest.mark.parametrize(("monday", "hours"), [(date(2026, 3, 23), 167), (date(2026, 10, 19), 169)])
def test_the_weeks_of_the_clock_change_have_167_and_169_hours(monday: date, hours: int) -> None:
    start, end = month(monday, 7)
    attempts = hourly([Outcome.NO_SLOTS] * int((end - start) / HOUR), start)
    (week,) = weekly(look_back(attempts, monday, 7))
    assert week.counts.scheduled == hours
    assert isinstance(week.share, Share)


def test_a_week_with_few_attempts_or_none_is_insufficient_and_not_zero() -> None:
    few, none = weekly(utc_days([Outcome.NO_SLOTS] * 49, 14))
    assert str(few.share) == "données insuffisantes (moins de 50 sondes exploitables)"
    assert str(none.share) == "données insuffisantes (aucune sonde programmée)"


@pytest.mark.parametrize(
    ("n", "percent"),
    [(24, 11.7), (168, 1.8), (336, 0.89), (504, 0.59), (720, 0.42), (2253, 0.13), (8760, 0.034)],
)
def test_the_bound_has_the_published_values(n: int, percent: float) -> None:
    assert float(f"{100 * upper(n):.2g}" if percent < 10 else f"{100 * upper(n):.3g}") == percent


@given(st.lists(st.floats(0, 1), min_size=1, max_size=300))
def test_no_pattern_of_openings_escapes_the_bound(open_share: list[float]) -> None:
    """Whatever part of each interval is open: above the bound, at most 5 % of series are empty."""
    shares = np.array(open_share)
    if shares.mean() > upper(len(shares)):
        assert np.prod(1 - shares) <= 0.05 + 1e-12


def test_an_all_zero_month_is_a_bound_in_minutes_a_day() -> None:
    found = bound(utc_days([Outcome.NO_SLOTS] * 720, 30))
    assert isinstance(found, Bound)
    assert (found.n, found.share, found.minutes_a_day) == (720, upper(720), 1440 * upper(720))
    assert found.worst == pytest.approx(found.share, abs=2e-9)


@given(st.integers(1, 100_000))
def test_a_bound_is_rounded_up_to_the_billionth_and_never_down(n: int) -> None:
    exact = 1 - 0.05 ** (1 / n)
    assert 0 <= upper(n) - exact <= 1.001e-9
    assert upper(n) == round(upper(n), 9)
    worst = bound_of(counts(n + 1, n, n, n)).worst
    assert worst == round(worst, 9)


def test_gaps_weigh_in_the_worst_case_as_refusals_do() -> None:
    refused, gone = counts(100, 100, 90, 90), counts(100, 90, 90, 90)
    assert bound_of(refused).worst == bound_of(gone).worst
    worst = [found.worst for found in (share(refused), share(gone)) if isinstance(found, Share)]
    assert worst == [(0.9, 1.0)] * 2


def test_missing_instants_widen_the_worst_case_only() -> None:
    found = bound_of(counts(100, 90, 90, 90))
    assert found.share == upper(90)
    # Ten of a hundred instants with slots: as tabulated, one-sided at 95 % (Clopper–Pearson)
    assert found.worst == pytest.approx(0.1637, abs=1e-4)
    assert found.worst > (upper(90) * 90 + 10) / 100


def test_the_worst_case_holds_when_the_site_is_silent_exactly_while_it_has_slots() -> None:
    """Slots a tenth of the time, at whose instants we get no answer: `worst` is above that at 95 %."""
    for n in (24, 168, 720, 2253):
        worst = [bound_of(counts(n, n, n - silent, n - silent)).worst for silent in range(n)]
        wrong = sum(binom.pmf(silent, n, 0.1) for silent, most in enumerate(worst) if most < 0.1)
        assert wrong <= 0.05


def test_a_bound_over_intervals_of_two_lengths_is_refused() -> None:
    """Four weeks hourly, four every six hours: slots a hundredth of the latter go unseen one time in three.

    They are then there for longer than the bound of 784 equal intervals allows.
    """
    assert upper(784) < 0.5 * 0.01
    assert (1 - 0.01) ** 112 > 0.3
    at = [(n, HOUR) for n in range(24)] + [(24 + 6 * n, 6 * HOUR) for n in range(4)]
    rows = [VisitAttempt(scheduled_at=START + n * HOUR, outcome=Outcome.NO_SLOTS, interval=i) for n, i in at]
    last = START.date() + timedelta(days=1)
    mixed = period_of(rows, target="t", zone="UTC", interval=HOUR, first=START.date(), last=last)
    assert str(bound(mixed)) == "sans objet (l'intervalle des sondes a changé sur la période)"
    assert isinstance(bound(mixed.between(START.date(), START.date())), Bound)


def test_one_slot_seen_ends_the_bound() -> None:
    refused = bound(utc_days([Outcome.NO_SLOTS] * 23 + [Outcome.SLOTS_OFFERED], 1))
    assert isinstance(refused, Insufficient)
    assert "des créneaux ont été proposés" in refused.reason


def test_visits_nobody_drew_have_no_bound() -> None:
    attempts = [VisitAttempt(scheduled_at=START, outcome=Outcome.NO_SLOTS, origin=Origin.ATTENDED)]
    attended = period_of(
        attempts,
        target="t",
        zone="UTC",
        interval=HOUR,
        first=START.date(),
        last=START.date(),
        origins=frozenset({Origin.ATTENDED}),
    )
    refused = bound(attended)
    assert isinstance(refused, Insufficient)
    assert "tirés au sort" in refused.reason


def test_the_honesty_bar_accounts_for_every_scheduled_instant() -> None:
    outcomes = [*Outcome, GapReason.BREAKER_OPEN, GapReason.BREAKER_OPEN, GapReason.DOWNTIME]
    bar = honesty(utc_days(outcomes, 1))
    assert sum(bar.parts.values()) == bar.counts.scheduled == len(Outcome) + 3
    assert sum(bar.share(part) for part in HonestyPart) == pytest.approx(1)
    assert bar.parts[HonestyPart.BLOCKED] == 1
    assert bar.gaps == {"breaker_open": 2, "downtime": 1}


def test_a_corroborated_zero_is_told_apart() -> None:
    series = utc_days([Outcome.NO_SLOTS, Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED], 1)
    bar = honesty(series, corroborated=frozenset({START, START + 2 * HOUR}))
    assert (bar.parts[HonestyPart.ZERO_CORROBORATED], bar.parts[HonestyPart.ZERO_ALONE]) == (1, 1)
    assert bar.parts[HonestyPart.SLOTS_OFFERED] == 1


def tried(*answered: bool) -> pl.DataFrame:
    """One target's hours."""
    hours = [START + i * HOUR for i in range(len(answered))]
    return pl.DataFrame({"hour": hours, "answered": answered}, schema=HOURS)


HOURS: dict[str, Any] = {"hour": UTC_COLUMN, "answered": pl.Boolean}


def test_a_site_is_down_in_the_hours_in_which_no_attempt_got_an_answer() -> None:
    (found,) = availability({"a.example": pl.concat([tried(True, False, False), tried(True, True, False)])})
    assert (found.hours, found.down, found.value) == (3, 1, 2 / 3)


def test_an_hour_in_which_three_hosts_are_silent_is_our_own_trouble() -> None:
    hosts = {"a": tried(False, True), "b": tried(False, True), "c": tried(False, False)}
    found = {a.host: a for a in availability(hosts)}
    assert (found["a"].hours, found["a"].down, found["a"].excluded) == (1, 0, 1)
    assert found["c"].value == 0


def test_two_silent_hosts_are_two_sites_that_are_down() -> None:
    hosts = {"a": tried(False), "b": tried(False), "c": tried(True)}
    assert [(a.host, a.down, a.excluded) for a in availability(hosts)] == [
        ("a", 1, 0),
        ("b", 1, 0),
        ("c", 0, 0),
    ]


def test_a_host_nobody_asked_has_no_availability() -> None:
    (found,) = availability({"a": tried()})
    assert isinstance(found.value, Insufficient)


def test_trust_says_coverage_unknown_share_and_the_audited_bound() -> None:
    series = utc_days([Outcome.NO_SLOTS] * 9 + [Outcome.UNRECOGNISED] + [GapReason.MISFIRE] * 10, 1)
    found = trust(series, audited=300, false_zeros=0, worst_clock_offset=timedelta(seconds=2))
    assert (found.coverage, found.unrecognised) == (0.5, 0.1)
    assert (found.audited, found.false_zeros, found.counts) == (300, 0, series.counts)
    assert found.worst_clock_offset == timedelta(seconds=2)
    wrong = trust(series, audited=300, false_zeros=1, worst_clock_offset=None)
    assert (wrong.audited, wrong.false_zeros) == (300, 1)
    assert wrong.false_zero_bound == rate_bound(1, 300, Counts())
    assert found.false_zero_bound == pytest.approx(1 - 0.05 ** (1 / 300), rel=1e-12)


def test_trust_of_a_monitor_that_did_nothing_is_insufficient() -> None:
    found = trust(utc_days([], 1), audited=0, false_zeros=0, worst_clock_offset=None)
    assert isinstance(found.coverage, Insufficient)
    assert isinstance(found.unrecognised, Insufficient)
    assert isinstance(found.false_zero_bound, Insufficient)


def test_an_audit_that_finds_only_errors_bounds_nothing() -> None:
    assert rate_bound(5, 5, Counts()) == 1
    assert rate_bound(1, 300, Counts()) == pytest.approx(0.0157, abs=1e-4)
