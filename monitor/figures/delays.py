"""Figures about the offered dates: La Cimade's five classes, days to the earliest date, « la règle »."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
import polars as pl

from monitor.figures.period import Counts, Insufficient, Period
from probes.model import Outcome

GAP_LEAST = 50
QUANTILES = (0.5, 0.9)


class Delay(StrEnum):
    """La Cimade's five classes, and the slots whose date the page does not show.

    « Un mois » is a calendar month: from 12 March, a date is within a month up to 11 April and within two
    up to 11 May; from 31 January, up to 27 February (the last day stands for one the month does not have).
    """

    TWO_WITHIN_A_MONTH = "two_within_a_month"
    ONE_WITHIN_A_MONTH = "one_within_a_month"
    WITHIN_TWO_MONTHS = "within_two_months"
    BEYOND_TWO_MONTHS = "beyond_two_months"
    NO_DATE = "no_date"
    DATE_UNREAD = "date_unread"


@dataclass(frozen=True, kw_only=True, slots=True)
class Classes:
    """The number of conclusive attempts in each class; they add up to `counts.conclusive`."""

    counts: Counts
    attempts: Mapping[Delay, int]

    def share(self, delay: Delay) -> float:
        """The share of the class among all conclusive attempts, 0 to 1."""
        return self.attempts[delay] / self.counts.conclusive


@dataclass(frozen=True, kw_only=True, slots=True)
class Gaps:
    """Days from the day of an attempt to the earliest date: quantile → days, over zeros and dated attempts.

    A zero counts as infinitely far; a quantile of `None` is such a zero. `with_dates` are the same quantiles
    among the `dated` attempts alone: never show them without the first. Quantiles are observed values
    (inverse of the distribution). `unread` attempts offered slots without a readable date and enter neither.
    """

    counts: Counts
    quantiles: Mapping[float, int | None]
    with_dates: Mapping[float, int] | None
    dated: int
    unread: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruler:
    """The points of « la règle », one for each attempt. Days are local.

    `dated`: (day of the attempt, days to the earliest date). `zeros` and `silent` (no answer): the day alone.
    `unread` counts attempts that offered slots without a readable date, `isolated` those with one date only.
    """

    counts: Counts
    dated: Sequence[tuple[date, int]]
    zeros: Sequence[date]
    silent: Sequence[date]
    unread: int
    isolated: int


def classes(period: Period) -> Classes | Insufficient:
    """The period's conclusive attempts by class, if its guards allow."""
    if refused := period.refused():
        return refused
    found = dict(period.seen.group_by(_delay()).len().iter_rows())
    return Classes(counts=period.counts, attempts={delay: found.get(delay, 0) for delay in Delay})


def gaps(period: Period, *, least: int = GAP_LEAST) -> Gaps | Insufficient:
    """Median and ninth decile of the days to the earliest date; a zero counts as infinitely far.

    Needs at least `least` attempts that are zeros or have a readable date.
    """
    if refused := period.refused(least=least):
        return refused
    days = period.seen.select("zero", days=_days())
    dated = days["days"].drop_nulls().to_numpy()
    zeros = int(days["zero"].sum())
    if zeros + dated.size < least:
        few = f"moins de {least} sondes dont la date se lit" if zeros + dated.size else "aucune date lisible"
        return Insufficient(counts=period.counts, reason=few)
    everything = np.concatenate([dated.astype(float), np.full(zeros, np.inf)])
    return Gaps(
        counts=period.counts,
        quantiles={q: _finite(v) for q, v in _quantiles(everything).items()},
        with_dates={q: int(v) for q, v in _quantiles(dated).items()} if dated.size else None,
        dated=dated.size,
        unread=len(days) - zeros - dated.size,
    )


def ruler(period: Period) -> Ruler:
    """The points of « la règle ». Every attempt is a point or is counted in `unread`; no guard applies."""
    seen = period.seen.with_columns(days=_days())
    dated = seen.filter(pl.col("days").is_not_null())
    silent = period.rows.filter(~pl.col("at").is_in(seen["at"].implode()))
    return Ruler(
        counts=period.counts,
        dated=list(dated.select("day", "days").iter_rows()),
        zeros=seen.filter(pl.col("zero"))["day"].to_list(),
        silent=silent["day"].to_list(),
        unread=len(seen) - len(dated) - int(seen["zero"].sum()),
        isolated=int(dated["second"].is_null().sum()),
    )


def _days() -> pl.Expr:
    return (pl.col("earliest_day") - pl.col("day")).dt.total_days()


def _delay() -> pl.Expr:
    month, two = pl.col("day").dt.offset_by("1mo"), pl.col("day").dt.offset_by("2mo")
    first, second = pl.col("earliest_day"), pl.col("second_day")
    name = (
        pl.when(pl.col("outcome") == Outcome.NO_SLOTS)
        .then(pl.lit(Delay.NO_DATE))
        .when(first.is_null())
        .then(pl.lit(Delay.DATE_UNREAD))
        .when((first < month) & (second < month))
        .then(pl.lit(Delay.TWO_WITHIN_A_MONTH))
        .when(first < month)
        .then(pl.lit(Delay.ONE_WITHIN_A_MONTH))
        .when(first < two)
        .then(pl.lit(Delay.WITHIN_TWO_MONTHS))
        .otherwise(pl.lit(Delay.BEYOND_TWO_MONTHS))
    )
    return name.alias("delay")


def _quantiles(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> dict[float, float]:
    if not values.size:
        return {}
    return {q: float(np.quantile(values, q, method="inverted_cdf")) for q in QUANTILES}


def _finite(value: float) -> int | None:
    return None if np.isinf(value) else int(value)
