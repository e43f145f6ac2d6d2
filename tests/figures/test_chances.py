"""« Et si j'essaie chaque jour ? »"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from monitor.figures.chances import Chances, chances
from monitor.figures.period import Insufficient, Period
from monitor.figures.shares import upper
from tests.cast.supply import PATTERNS, Supply, look_back, month, simulate, watch

FIRST = date(2026, 4, 6)  # no clock change in the weeks that follow


def days(slot_hours: dict[int, int], total: int = 42) -> Period:
    """Slots during the first `hours` of each given day, none elsewhere."""
    start, end = month(FIRST, total)
    spans = [month(date.fromordinal(FIRST.toordinal() + d), 1)[0] for d in slot_hours]
    offered = [(a, a + timedelta(hours=h)) for a, h in zip(spans, slot_hours.values(), strict=True)]
    supply = Supply(offered=offered, blocked=[], down=[])
    return look_back(watch(supply, start, end, np.random.default_rng(0)), FIRST, total)


def test_the_chance_of_one_look_is_the_mean_of_the_days() -> None:
    found = chances(days(dict.fromkeys(range(42), 6)))
    assert isinstance(found, Chances)
    assert found.values[0] == pytest.approx(0.25)
    assert found.values[1] == pytest.approx(1 - 0.75**2)


def test_the_curve_averages_over_every_day_one_can_start_on() -> None:
    """One sure day in 42: of the 41 pairs of successive days, two contain it."""
    found = chances(days({20: 24}))
    assert isinstance(found, Chances)
    assert found.values[0] == pytest.approx(1 / 42)
    assert found.values[1] == pytest.approx(2 / 41)


def test_the_band_holds_the_curve() -> None:
    _, series = simulate("cancellations", FIRST, 56, seed=3)
    found = chances(series)
    assert isinstance(found, Chances)
    assert all(
        0 <= low <= v <= high <= 1 for low, v, high in zip(found.low, found.values, found.high, strict=True)
    )


def test_without_any_slot_the_band_is_the_bound_and_not_zero() -> None:
    found = chances(days({}))
    assert isinstance(found, Chances)
    assert set(found.values) == {0.0}
    n = found.counts.conclusive
    assert found.high[0] == upper(n)
    assert found.high[20] == pytest.approx(21 * upper(n))


def test_without_any_slot_unequal_intervals_widen_the_band() -> None:
    """As many hours in intervals of one as of six: slots could all be in the longer ones."""
    series = days({})
    slow = pl.col("at") >= pl.lit(series.rows["at"][0] + timedelta(days=21))
    rows = series.rows.with_columns(interval=pl.when(slow).then(timedelta(hours=6)).otherwise("interval"))
    found = chances(replace(series, rows=rows))
    assert isinstance(found, Chances)
    assert found.high[0] == pytest.approx(upper(found.counts.conclusive) * 6 / 3.5, rel=0.01)


def test_it_says_how_many_looks_half_a_chance_takes() -> None:
    found = chances(days(dict.fromkeys(range(42), 6)))
    assert isinstance(found, Chances)
    assert (found.looks_for(0.5), found.looks_for(0.9)) == (3, 9)
    none = chances(days({}))
    assert isinstance(none, Chances)
    assert none.looks_for(0.5) is None


def test_a_look_that_reaches_the_chance_exactly_is_enough() -> None:
    found = chances(days(dict.fromkeys(range(42), 12)))
    assert isinstance(found, Chances)
    assert (found.values[0], found.looks_for(0.5)) == (0.5, 1)


def test_the_curve_ends_where_few_starting_days_are_left() -> None:
    found = chances(days({3: 6}, total=24))
    assert isinstance(found, Chances)
    assert (found.days, len(found.values)) == (24, 18)


def test_a_month_of_few_visits_has_no_curve() -> None:
    series = days({3: 6})
    found = chances(replace(series, rows=series.rows.with_columns(outcome=pl.lit(None, pl.String))))
    assert isinstance(found, Insufficient)
    assert "couverture" in found.reason


def test_it_needs_three_weeks_of_days() -> None:
    assert isinstance(chances(days({}, total=20)), Insufficient)
    assert isinstance(chances(days({}, total=21)), Chances)


def test_the_same_rows_give_the_same_band() -> None:
    _, series = simulate("cancellations", FIRST, 42, seed=5)
    assert chances(series) == chances(series)


def test_the_band_covers_the_true_chance_of_a_supply_seen_at_random() -> None:
    """Cancellations: about 1 % of each day. The true chance of k looks lies in the band in most runs."""
    hits, runs = 0, 40
    for seed in range(runs):
        supply, series = simulate("cancellations", FIRST, 56, seed=seed)
        found = chances(series, trials=300)
        assert isinstance(found, Chances)
        start, end = month(FIRST, 56)
        share = sum((b - a).total_seconds() for a, b in supply.offered) / (end - start).total_seconds()
        truth = 1 - (1 - share) ** 14
        hits += found.low[13] <= truth <= found.high[13]
    assert hits >= 0.8 * runs


def test_every_pattern_has_a_curve() -> None:
    for pattern in PATTERNS:
        assert isinstance(chances(simulate(pattern, FIRST, 42, seed=1)[1], trials=50), Chances | Insufficient)
