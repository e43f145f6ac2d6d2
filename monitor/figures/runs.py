"""Figures from the order of attempts: droughts, openings and their lifetimes, when slots appear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from statistics import median_high, median_low
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from monitor.figures.period import UTC_COLUMN, Counts, Insufficient, Period, counts_of

OPENINGS_LEAST = 10
RHYTHM_LEAST = 8
_GRID = timedelta(minutes=30)  # the offset of every zone with a préfecture is a multiple of it


class _Look(NamedTuple):
    at: datetime
    began: datetime
    ended: datetime
    zero: bool
    hole: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Drought:
    """A run of conclusive attempts none of which saw a slot.

    `first` and `last` are the times of its first and last zero (UTC), with their local days. `at_least`: the
    longest stretch in it without a hole of more than three intervals. `at_most`: from the last slot seen
    before it to the first seen after it; `None` when the run reaches the start or the end of the period
    (`open_start`, `open_end`). `holes`: total time of the holes in it, in which slots may have been there.
    """

    first: datetime
    last: datetime
    first_day: date
    last_day: date
    at_least: timedelta
    at_most: timedelta | None
    holes: timedelta
    counts: Counts
    open_start: bool
    open_end: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class OpeningRun:
    """A run of attempts that all saw slots, without a hole of more than three intervals. Times are UTC.

    From its first to its last moment with slots, at least `at_least` passed and at most `at_most`. `at_most`
    is the time between the zeros before and after; `None` when one of the two is missing. Slots may have
    been gone between two attempts without being noticed: so `at_least` holds for the run as a whole,
    `at_most` for each opening in it.
    """

    first_seen: datetime
    last_seen: datetime
    at_least: timedelta
    at_most: timedelta | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lifetimes:
    """All openings, and the band in which their median length lies.

    `median_at_most` is `None` when so many openings have no upper bound that the median has none.
    """

    counts: Counts
    openings: Sequence[OpeningRun]
    median_at_least: timedelta
    median_at_most: timedelta | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Appearances:
    """Changes from zero to slots, by local weekday (0 = Monday) × hour: arrays of shape (7, 24).

    `events` spreads each appearance evenly over the time between the two attempts. `hours` are those in which
    one could have been seen: between a zero and a next attempt that is not too late. `p` is a permutation
    test against appearances spread evenly over these hours. `top_hours` is the share of the appearances in
    the three richest hours of the week. Both need eight appearances.
    """

    counts: Counts
    n: int
    events: NDArray[np.float64]
    hours: NDArray[np.float64]
    p: float | Insufficient
    top_hours: float | Insufficient


def droughts(period: Period) -> list[Drought]:
    """Every drought of the period, the one with the longest `at_least` first."""
    runs = [list(run) for _, run in groupby(_looks(period), key=lambda look: look.zero)]
    found = [_drought(period, runs, i) for i, run in enumerate(runs) if run[0].zero]
    return sorted(found, key=lambda d: d.at_least, reverse=True)


def openings(period: Period) -> list[OpeningRun]:
    """Every opening of the period, in order of time."""
    looks = _looks(period)
    starts = [i for i, look in enumerate(looks) if not look.zero and not _continues(looks, i)]
    return [_opening(looks, i) for i in starts]


def lifetimes(period: Period, *, least: int = OPENINGS_LEAST) -> Lifetimes | Insufficient:
    """How long slots stay, if at least `least` openings were seen.

    Attempts miss short openings, so the sample has too many long ones.
    """
    if refused := period.refused():
        return refused
    found = openings(period)
    if len(found) < least:
        return Insufficient(counts=period.counts, reason=f"moins de {least} ouvertures observées")
    unbounded = timedelta.max
    longest = median_high(o.at_most if o.at_most is not None else unbounded for o in found)
    return Lifetimes(
        counts=period.counts,
        openings=found,
        median_at_least=median_low(o.at_least for o in found),
        median_at_most=None if longest == unbounded else longest,
    )


def appearances(period: Period, *, trials: int = 999, seed: int = 0) -> Appearances | Insufficient:
    """When slots appear: from each zero to the next conclusive attempt, if within three intervals.

    `trials` and `seed` are of the permutation test: the same seed gives the same digits.
    """
    if refused := period.refused():
        return refused
    looks = _looks(period)
    watched = [(a, b) for a, b in pairwise(looks) if a.zero and b.ended - a.ended <= min(a.hole, b.hole)]
    if not watched:
        return Insufficient(counts=period.counts, reason="aucun intervalle observé après un zéro")
    appeared = np.array([not b.zero for _, b in watched])
    parts = _parts(period.zone, [(a.ended, b.ended) for a, b in watched])
    events, hours = _rhythm(parts, appeared)
    n = int(appeared.sum())
    few = Insufficient(counts=period.counts, reason=f"moins de {RHYTHM_LEAST} apparitions")
    return Appearances(
        counts=period.counts,
        n=n,
        events=events.reshape(7, 24),
        hours=hours.reshape(7, 24),
        p=_concentration(parts, appeared, trials, seed) if n >= RHYTHM_LEAST else few,
        top_hours=float(np.sort(events)[-3:].sum() / n) if n >= RHYTHM_LEAST else few,
    )


def _looks(period: Period) -> list[_Look]:
    return [_Look(*row) for row in period.seen.select(_Look._fields).iter_rows()]


def _silence(a: _Look, b: _Look) -> bool:
    """Whether the time between two attempts is a hole: more than three of the shorter of their intervals."""
    return b.began - a.ended > min(a.hole, b.hole)


def _drought(period: Period, runs: list[list[_Look]], i: int) -> Drought:
    run = runs[i]
    before = runs[i - 1][-1] if i > 0 else None
    after = runs[i + 1][0] if i + 1 < len(runs) else None
    holes = [b.began - a.ended for a, b in pairwise(run) if _silence(a, b)]
    rows = period.rows.filter(pl.col("at").is_between(run[0].at, run[-1].at))
    return Drought(
        first=run[0].began,
        last=run[-1].ended,
        first_day=rows["day"][0],
        last_day=rows["day"][-1],
        at_least=max(_length(stretch) for stretch in _stretches(run)),
        at_most=after.ended - before.began if before and after else None,
        holes=sum(holes, timedelta()),
        counts=counts_of(rows),
        open_start=before is None,
        open_end=after is None,
    )


def _length(stretch: list[_Look]) -> timedelta:
    """Time from the end of the first visit to the start of the last one, 0 at least."""
    return max(timedelta(), stretch[-1].began - stretch[0].ended)


def _stretches(run: list[_Look]) -> list[list[_Look]]:
    cuts = [i for i in range(1, len(run)) if _silence(run[i - 1], run[i])]
    return [run[a:b] for a, b in pairwise([0, *cuts, len(run)])]


def _continues(looks: list[_Look], i: int) -> bool:
    """Whether the slots seen at `i` belong to the same opening as the look before."""
    return i > 0 and not looks[i - 1].zero and not _silence(looks[i - 1], looks[i])


def _opening(looks: list[_Look], start: int) -> OpeningRun:
    end = start
    while end + 1 < len(looks) and not looks[end + 1].zero and _continues(looks, end + 1):
        end += 1
    before = looks[start - 1] if start > 0 and looks[start - 1].zero else None
    after = looks[end + 1] if end + 1 < len(looks) and looks[end + 1].zero else None
    return OpeningRun(
        first_seen=looks[start].ended,
        last_seen=looks[end].ended,
        at_least=_length(looks[start : end + 1]),
        at_most=after.ended - before.began if before and after else None,
    )


class _Parts(NamedTuple):
    """Spans of time cut at every half hour; one element for each part in all three arrays.

    `span` is the number of the span, `cell` the local hour of the week (0 to 167).
    """

    span: NDArray[np.int64]
    cell: NDArray[np.int64]
    microseconds: NDArray[np.int64]


def _parts(zone: str, spans: list[tuple[datetime, datetime]]) -> _Parts:
    parts = [
        (n, max(start, edge), min(end, edge + _GRID))
        for n, (start, end) in enumerate(spans)
        for edge in _edges(start, end)
    ]
    frame = pl.DataFrame(parts, schema={"n": pl.Int64, "a": UTC_COLUMN, "b": UTC_COLUMN}, orient="row")
    local = pl.col("a").dt.convert_time_zone(zone)
    cell = (local.dt.weekday().cast(pl.Int64) - 1) * 24 + local.dt.hour().cast(pl.Int64)
    lasting = (pl.col("b") - pl.col("a")).dt.total_microseconds()
    return _Parts(*(column.to_numpy() for column in frame.select("n", cell, lasting.alias("us"))))


def _rhythm(parts: _Parts, appeared: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Appearances and hours watched in each of the 168 cells.

    They are added up in order of time, as the SQL of the dashboards does, so that the digits are the same.
    """
    events, watched, wholes = np.zeros(168), np.zeros(168, np.int64), np.zeros(len(appeared), np.int64)
    np.add.at(wholes, parts.span, parts.microseconds)
    np.add.at(watched, parts.cell, parts.microseconds)
    shares = (parts.microseconds / 1e6) / (wholes[parts.span] / 1e6)
    seen = appeared[parts.span]
    np.add.at(events, parts.cell[seen], shares[seen])
    return events, watched / 1e6 / 3600


def _edges(start: datetime, end: datetime) -> list[datetime]:
    seconds = int(_GRID.total_seconds())
    first = start - timedelta(seconds=start.timestamp() % seconds)
    return [first + i * _GRID for i in range(int((end - first) / _GRID) + 1) if first + i * _GRID < end]


def _concentration(parts: _Parts, appeared: NDArray[np.bool_], trials: int, seed: int) -> float:
    """The share of random placements at least as concentrated as what was seen (Pearson's distance)."""
    cells = np.zeros((len(appeared), 168))
    np.add.at(cells, (parts.span, parts.cell), parts.microseconds / 3.6e9)
    lengths, hours, size = cells.sum(axis=1), cells.sum(axis=0), int(appeared.sum())
    weights, expected = cells / lengths[:, None], size * hours / hours.sum()
    rng = np.random.default_rng(seed)

    def distance(chosen: NDArray[np.float64] | NDArray[np.intp]) -> float:
        gap = weights[chosen].sum(axis=0) - expected
        return float((gap**2)[expected > 0] @ (1 / expected[expected > 0]))

    seen = distance(np.flatnonzero(appeared))
    draws = (rng.choice(len(lengths), size, replace=False, p=lengths / lengths.sum()) for _ in range(trials))
    return float(1 + sum(distance(chosen) >= seen for chosen in draws)) / (1 + trials)
