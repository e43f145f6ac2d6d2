"""« Et si j'essaie chaque jour ? »: the chance that someone who looks once a day sees a slot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from monitor.figures.period import Counts, Insufficient, Period
from monitor.figures.shares import CONFIDENCE, upper

DAYS_LEAST = 21
BLOCK = 7  # days kept together when resampling, so that a weekly release stays weekly


@dataclass(frozen=True, kw_only=True, slots=True)
class Chances:
    """`values[k − 1]`: chance of *seeing* a slot in k looks on k successive days, each at a random hour.

    It is the mean over all starting days of the period. `low`–`high`: 95 % block bootstrap by day; when no
    slot was ever seen, 0 and k times the bound of an all-zero period. It is not the chance to *get* a slot:
    other people look too.
    """

    counts: Counts
    days: int
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def looks_for(self, chance: float) -> int | None:
        """The fewest daily looks with a chance of at least `chance` (0 to 1); `None` beyond the curve."""
        return next((k for k, value in enumerate(self.values, start=1) if value >= chance), None)


def chances(period: Period, *, looks: int = 28, trials: int = 1000, seed: int = 0) -> Chances | Insufficient:
    """The curve for 1 to `looks` daily looks, but at most three quarters of the days observed.

    `trials` and `seed` are of the bootstrap: the same seed gives the same digits. Needs 21 days.
    """
    if refused := period.refused():
        return refused
    daily = period.seen.group_by("day").agg(slots=(~pl.col("zero")).mean()).sort("day")["slots"].to_numpy()
    if len(daily) < DAYS_LEAST:
        return Insufficient(counts=period.counts, reason=f"moins de {DAYS_LEAST} jours observés")
    ks = np.arange(1, min(looks, 3 * len(daily) // 4) + 1)
    values = _curve(daily[None, :], ks)[0]
    low, high = _band(daily, ks, trials, seed) if daily.any() else _bounds(period, ks)
    return Chances(
        counts=period.counts,
        days=len(daily),
        values=tuple(values.tolist()),
        low=tuple(np.minimum(low, values).tolist()),
        high=tuple(np.maximum(high, values).tolist()),
    )


def _curve(daily: NDArray[np.float64], ks: NDArray[np.intp]) -> NDArray[np.float64]:
    """Mean over starting days of 1 − Π(1 − p). `daily`: shape (samples, days); the result: (samples, ks)."""
    missed = np.ones_like(daily)
    curve = []
    for k in ks:
        missed = missed[:, : daily.shape[1] - k + 1] * (1 - daily[:, k - 1 :])
        curve.append(1 - missed.mean(axis=1))
    return np.stack(curve, axis=1)


def _band(
    daily: NDArray[np.float64], ks: NDArray[np.intp], trials: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    days = len(daily)
    starts = np.random.default_rng(seed).integers(0, days - BLOCK + 1, (trials, -(-days // BLOCK)))
    index = (starts[:, :, None] + np.arange(BLOCK)).reshape(trials, -1)[:, :days]
    low, high = np.quantile(_curve(daily[index], ks), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    return low, high


def _bounds(period: Period, ks: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """0, and k times the bound of an all-zero period.

    When intervals differ, the bound supposes that slots were there in the longest ones only: the worst case.
    """
    lengths = period.seen["interval"].dt.total_seconds().to_numpy()
    most = upper(period.counts.conclusive) * lengths.max() / lengths.mean()
    return np.zeros(len(ks)), np.minimum(1.0, ks * most)
