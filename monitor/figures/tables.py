"""Every figure of one target as flat rows, in one layout for CSV, Parquet and JSON.

A figure that its guards refuse has no value; its `status` gives the reason in French. Numbers are those of
the plots, not rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from monitor.figures.chances import Chances, chances
from monitor.figures.controls import PairTable, corroborated, pair_table
from monitor.figures.delays import Classes, Gaps, classes, gaps
from monitor.figures.period import Counts, Insufficient, Period
from monitor.figures.runs import Appearances, Lifetimes, appearances, droughts, lifetimes
from monitor.figures.shares import (
    Availability,
    Bound,
    Honesty,
    IsoWeek,
    Share,
    Trust,
    bound,
    honesty,
    share_of,
    weekly,
)
from monitor.model import Agreement

OK = "ok"


@dataclass(frozen=True, kw_only=True, slots=True)
class FigureRow:
    """One number of one figure, named by `figure` and `key`; `docs/data-dictionary.md` lists names and units.

    `low`–`high` is its interval in the same `unit`: exact, a bound or a band, as the dictionary says.
    `first_day` and `last_day` are local days in `zone`.
    """

    target: str
    figure: str
    key: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = "ratio"
    status: str = OK
    scheduled: int
    executed: int
    conclusive: int
    zeros: int
    first_day: date
    last_day: date
    zone: str
    simulated: bool


COLUMNS = tuple(FigureRow.__slots__)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Makes rows of one period, with the columns that all of them share."""

    period: Period

    def row(self, figure: str, key: str, counts: Counts, **numbers: Any) -> FigureRow:
        r = self.period
        common: dict[str, Any] = {
            "target": r.target,
            "first_day": r.first,
            "last_day": r.last,
            "zone": r.zone,
        }
        return FigureRow(figure=figure, key=key, simulated=r.simulated, **asdict(counts), **common | numbers)

    def refused(self, figure: str, value: Insufficient) -> FigureRow:
        return self.row(figure, "", value.counts, status=value.reason)


def rows(
    period: Period,
    control: Period | None = None,
    *,
    site: Availability | None = None,
    trust: Trust | None = None,
) -> Iterator[FigureRow]:
    """Every figure of `period`, and those for which the other arguments are given.

    `control` adds the pairs, `site` the reachability of the host, `trust` how reliable the monitor was.
    """
    sheet = _Sheet(period)
    whole = share_of(period)
    yield _share(sheet, "share_without_slot", "period", whole)
    if isinstance(whole, Share):
        low, high = whole.worst
        yield sheet.row("share_without_slot_if_all_had_answered", "period", whole.counts, low=low, high=high)
    for one in weekly(period):
        yield week_row(sheet.period, one)
    yield _bound(sheet, bound(period))
    yield from _classes(sheet, classes(period))
    yield from _gaps(sheet, gaps(period))
    yield from _honesty(sheet, honesty(period, corroborated(period, control) if control else frozenset()))
    yield from _droughts_and_openings(sheet)
    yield from _rhythm(sheet, appearances(period))
    yield from _chances(sheet, chances(period))
    if control is not None:
        yield from _pairs(sheet, pair_table(period, control))
    if site is not None:
        yield from _site(sheet, site)
    if trust is not None:
        yield from _trust(sheet, trust)


def week_row(period: Period, one: IsoWeek) -> FigureRow:
    """The share of one ISO week: `key` is its name, the days are those of the week within the period."""
    first, last = max(one.monday, period.first), min(one.monday + timedelta(days=6), period.last)
    made = _share(_Sheet(period), "weekly_share_without_slot", one.name, one.share)
    return _between(made, first, last)


def frame(made: Iterable[FigureRow]) -> pl.DataFrame:
    """The rows as a typed frame, for CSV and Parquet."""
    floats = dict.fromkeys(("value", "low", "high"), pl.Float64)
    texts = dict.fromkeys(("target", "figure", "key", "unit", "status", "zone"), pl.String)
    whole = dict.fromkeys(("scheduled", "executed", "conclusive", "zeros"), pl.Int64)
    types: dict[str, Any] = {**texts, **floats, **whole, "first_day": pl.Date, "last_day": pl.Date}
    schema = {name: types.get(name, pl.Boolean) for name in COLUMNS}
    return pl.DataFrame([[getattr(row, name) for name in COLUMNS] for row in made], schema, orient="row")


def _between(row: FigureRow, first: date, last: date) -> FigureRow:
    return FigureRow(
        **{name: getattr(row, name) for name in COLUMNS} | {"first_day": first, "last_day": last}
    )


def _share(sheet: _Sheet, figure: str, key: str, value: Share | Insufficient) -> FigureRow:
    if isinstance(value, Insufficient):
        return sheet.row(figure, key, value.counts, status=value.reason)
    return sheet.row(figure, key, value.counts, value=value.value, low=value.low, high=value.high)


def _bound(sheet: _Sheet, value: Bound | Insufficient) -> FigureRow:
    if isinstance(value, Insufficient):
        return sheet.refused("time_with_slots_at_most", value)
    return sheet.row("time_with_slots_at_most", "95%", value.counts, value=value.share, high=value.worst)


def _classes(sheet: _Sheet, value: Classes | Insufficient) -> Iterator[FigureRow]:
    if isinstance(value, Insufficient):
        yield sheet.refused("delay_class", value)
        return
    for delay in value.attempts:
        yield sheet.row("delay_class", delay, value.counts, value=value.share(delay))


def _gaps(sheet: _Sheet, value: Gaps | Insufficient) -> Iterator[FigureRow]:
    if isinstance(value, Insufficient):
        yield sheet.refused("days_to_earliest_date", value)
        return
    for q, days in value.quantiles.items():
        status = OK if days is not None else "aucune date"
        yield sheet.row(
            "days_to_earliest_date", f"p{q * 100:.0f}", value.counts, value=days, unit="days", status=status
        )
    for q, dated in (value.with_dates or {}).items():
        yield sheet.row(
            "days_to_earliest_date_if_any", f"p{q * 100:.0f}", value.counts, value=dated, unit="days"
        )


def _honesty(sheet: _Sheet, bar: Honesty) -> Iterator[FigureRow]:
    for part, n in bar.parts.items():
        yield sheet.row("scheduled_instants", part, bar.counts, value=n, unit="count")


def _droughts_and_openings(sheet: _Sheet) -> Iterator[FigureRow]:
    for n, drought in enumerate(droughts(sheet.period), start=1):
        most = None if drought.at_most is None else drought.at_most.total_seconds()
        key, least = f"{n} {drought.first.isoformat()}", drought.at_least.total_seconds()
        yield sheet.row("drought", key, drought.counts, value=least, low=least, high=most, unit="seconds")
    found = lifetimes(sheet.period)
    if isinstance(found, Lifetimes):
        least = found.median_at_least.total_seconds()
        most = None if found.median_at_most is None else found.median_at_most.total_seconds()
        yield sheet.row("opening_lifetime", "median", found.counts, low=least, high=most, unit="seconds")
    else:
        yield sheet.refused("opening_lifetime", found)


def _rhythm(sheet: _Sheet, value: Appearances | Insufficient) -> Iterator[FigureRow]:
    if isinstance(value, Insufficient):
        yield sheet.refused("appearances_per_hour", value)
        return
    for weekday, hour in np.argwhere(value.hours > 0):
        rate = float(value.events[weekday, hour] / value.hours[weekday, hour])
        key = f"{weekday + 1}-{hour:02d}"
        yield sheet.row("appearances_per_hour", key, value.counts, value=rate, unit="per hour watched")
    for figure, ratio in (("appearances_in_top_3_hours", value.top_hours), ("appearances_evenly_p", value.p)):
        if isinstance(ratio, Insufficient):
            yield sheet.refused(figure, ratio)
        else:
            yield sheet.row(figure, "period", value.counts, value=ratio)


def _chances(sheet: _Sheet, value: Chances | Insufficient) -> Iterator[FigureRow]:
    if isinstance(value, Insufficient):
        yield sheet.refused("chance_of_seeing_a_slot", value)
        return
    for k, (at, low, high) in enumerate(zip(value.values, value.low, value.high, strict=True), start=1):
        yield sheet.row("chance_of_seeing_a_slot", f"{k}", value.counts, value=at, low=low, high=high)


def _pairs(sheet: _Sheet, value: PairTable | Insufficient) -> Iterator[FigureRow]:
    if isinstance(value, Insufficient):
        yield sheet.refused("pairs", value)
        return
    for key in ("both_zero", "target_alone_zero", "control_alone_zero", "both_slots"):
        n = getattr(value, key)
        yield sheet.row(f"pairs with {value.control}", key, sheet.period.counts, value=n, unit="count")
    yield sheet.row(f"pairs with {value.control}", "p", sheet.period.counts, value=value.p)


def _site(sheet: _Sheet, value: Availability) -> Iterator[FigureRow]:
    counts, up = sheet.period.counts, value.value
    if isinstance(up, Insufficient):
        yield sheet.row("site_availability", value.host, counts, status=up.reason)
    else:
        yield sheet.row("site_availability", value.host, counts, value=up)
    for key, n in (("tried", value.hours), ("down", value.down), ("left_out", value.excluded)):
        yield sheet.row("site_hours", key, counts, value=n, unit="count")


def _trust(sheet: _Sheet, value: Trust) -> Iterator[FigureRow]:
    found = {
        "coverage": value.coverage,
        "unrecognised_pages": value.unrecognised,
        "false_zeros_at_most": value.false_zero_bound,
    }
    for figure, ratio in found.items():
        if isinstance(ratio, Insufficient):
            yield sheet.refused(figure, ratio)
        else:
            yield sheet.row(figure, "period", value.counts, value=ratio)
    for key, n in (("audited", value.audited), ("false", value.false_zeros)):
        yield sheet.row("zeros_checked_on_pictures", key, value.counts, value=n, unit="count")
    for agreement in Agreement if value.doubles else ():
        n = value.doubles.get(agreement, 0)
        yield sheet.row("double_readings", agreement, value.counts, value=n, unit="count")
    if value.worst_clock_offset is not None:
        seconds = value.worst_clock_offset.total_seconds()
        yield sheet.row("clock_offset", "largest", value.counts, value=seconds, unit="seconds")
