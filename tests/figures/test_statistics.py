"""The statistics themselves, against a supply whose truth is known.

The bound's arithmetic on ten thousand months of hourly shares chosen to defeat it; then every pattern of
supply, watched instant by instant over both clock changes and ISO week 53: a few months here, ten thousand in
the soak.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from monitor.figures.runs import openings
from monitor.figures.shares import MISS, Bound, bound, upper, weekly
from tests.cast.supply import HOUR, PARIS, PATTERNS, month, simulate
from tests.figures.truth import check_droughts, check_lifetimes

pytestmark = pytest.mark.slow

MONTHS = 10_000
Array = NDArray[np.float64]
SPRING, AUTUMN, ORDINARY, WEEK_53 = date(2026, 3, 1), date(2026, 10, 1), date(2026, 6, 1), date(2026, 12, 14)


SIMULATED = int(os.environ.get("SIMULATED_MONTHS", "40"))
"""`make soak` takes the whole ten thousand."""
MONTHS_OF_THE_YEAR = [(ORDINARY, 30), (SPRING, 31), (AUTUMN, 31), (WEEK_53, 42)]


def hours_of(first: date) -> tuple[int, Array]:
    """How many hours the local month has, and each one's local weekday × 24 + hour."""
    start, end = month(first, 31 if first.month in (3, 10) else 30)
    count = int((end - start) / HOUR)
    local = [(start + i * HOUR).astimezone(PARIS) for i in range(count)]
    return count, np.array([at.weekday() * 24 + at.hour for at in local])


def at_local(cells: Array, cell: int, minutes: float) -> Array:
    """Each hour's open share: `minutes` in the hours of that weekday and hour, nothing elsewhere."""
    return np.where(cells == cell, minutes / 60, 0.0)


def release(cells: Array, rng: np.random.Generator) -> Array:
    return np.tile(at_local(cells, 24 + 9, 10), (MONTHS, 1))


def midnight(cells: Array, rng: np.random.Generator) -> Array:
    return np.tile(at_local(cells, 0, 60), (MONTHS, 1))


def scarce(cells: Array, rng: np.random.Generator) -> Array:
    """The hardest steady supply: in every hour a little more than the bound allows."""
    return np.full((MONTHS, len(cells)), 1.02 * upper(len(cells)))


def cancelled(cells: Array, rng: np.random.Generator) -> Array:
    """A slot comes back in one hour of twelve and is gone within ten minutes."""
    size = (MONTHS, len(cells))
    return np.where(rng.random(size) < 1 / 12, rng.random(size) * 10 / 60, 0.0)


def blocked(cells: Array, rng: np.random.Generator) -> Array:
    """Cancellations, of which only those outside the blocked part of the day can be seen."""
    return cancelled(cells, rng) * ((cells % 24) >= 8)


def burst(cells: Array, rng: np.random.Generator) -> Array:
    """Everything in one day of the month: a whole day open, or a part of it."""
    day = np.arange(len(cells)) // 24 == 12
    return np.where(day, rng.random((MONTHS, 1)) * 0.3, 0.0)


SUPPLIES: list[Callable[[Array, np.random.Generator], Array]] = [
    release,
    midnight,
    scarce,
    cancelled,
    blocked,
    burst,
]


@pytest.mark.parametrize("first", [ORDINARY, SPRING, AUTUMN], ids=["june", "march", "october"])
@pytest.mark.parametrize("supply", SUPPLIES)
def test_the_bound_covers_the_true_share_in_95_months_of_100(
    supply: Callable[[Array, np.random.Generator], Array], first: date
) -> None:
    hours, cells = hours_of(first)
    assert hours == {ORDINARY: 720, SPRING: 743, AUTUMN: 745}[first]
    rng = np.random.default_rng(20261123)
    truth = supply(cells, rng)
    empty = ~(rng.random(truth.shape) < truth).any(axis=1)
    wrong = empty & (truth.mean(axis=1) > upper(hours))
    assert 1 - wrong.mean() >= 0.95


@pytest.mark.timeout(60 + SIMULATED)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_whole_months_of_a_supply_whose_truth_is_known(pattern: str) -> None:
    """The bound, every lifetime and every drought of each simulated month against what was really offered."""
    wrong = 0
    for seed in range(SIMULATED):
        first, days = MONTHS_OF_THE_YEAR[seed % len(MONTHS_OF_THE_YEAR)]
        supply, series = simulate(pattern, first, days, seed)
        found = bound(series)
        wrong += isinstance(found, Bound) and supply.share(*month(first, days)) > found.worst
        check_lifetimes(supply, series)
        check_droughts(supply, series, *month(first, days))
    assert wrong <= (MISS * SIMULATED if SIMULATED >= MONTHS else binom.ppf(0.999, SIMULATED, MISS))


def test_the_simulated_months_have_slots_to_be_seen_and_months_without() -> None:
    """Or the tests above could not fail."""
    seen = {pattern: [simulate(pattern, ORDINARY, 30, n)[1] for n in range(8)] for pattern in PATTERNS}
    unseen = ("scarcity", "hidden")
    assert all(any(openings(one) for one in made) for name, made in seen.items() if name not in unseen)
    assert all(isinstance(bound(one), Bound) for one in seen["hidden"])
    assert any(isinstance(bound(one), Bound) for one in seen["weekly_release"])


@pytest.mark.parametrize(("first", "hours"), [(date(2026, 3, 23), 167), (date(2026, 10, 19), 169)])
def test_a_whole_clock_change_week_is_one_bound(first: date, hours: int) -> None:
    _, series = simulate("scarcity", first, 7, seed=0)
    found = bound(series)
    assert isinstance(found, Bound)
    assert (found.n, found.share) == (hours, upper(hours))


def test_week_53_is_a_week_of_its_own() -> None:
    _, series = simulate("scarcity", date(2026, 12, 21), 21, seed=0)
    assert [w.name for w in weekly(series)] == ["2026-W52", "2026-W53", "2027-W01"]
    assert [w.counts.scheduled for w in weekly(series)] == [168, 168, 168]
