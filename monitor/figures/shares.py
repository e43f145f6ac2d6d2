"""Shares of attempts: without a slot by ISO week, the bound of an all-zero period, honesty, reachability."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import polars as pl
from scipy.special import betaincinv

from monitor.figures.period import DRAWN, Counts, Insufficient, Meaningless, Period, counts_of, guard
from probes.model import Outcome

CONFIDENCE = 0.95
MISS = 0.05  # 1 − CONFIDENCE, written out: 1.0 − 0.95 is another double than the 0.05 of SQL and PromQL
GRAIN = 1_000_000_000
WEEKLY_LEAST = 50
OURS = 3
"""So many hosts silent in the same hour, and the fault is likelier our own network."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """Zeros over conclusive attempts. `low`–`high`: exact (Clopper–Pearson) 95 % interval.

    `worst` is the band in which the share lies whatever the attempts without an answer would have found.
    """

    counts: Counts
    value: float
    low: float
    high: float
    worst: tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """With `n` random instants and not one slot: slots were visible at most `share` of the time, at 95 %.

    `minutes_a_day` is the same share. `worst` supposes slots at every instant that gave no answer: at 95 %
    too, even if those are silent exactly while slots are there.
    """

    counts: Counts
    n: int
    share: float
    minutes_a_day: float
    worst: float


@dataclass(frozen=True, kw_only=True, slots=True)
class IsoWeek:
    """One ISO week, by its number and its Monday; local days."""

    year: int
    number: int
    monday: date
    counts: Counts
    share: Share | Insufficient

    @property
    def name(self) -> str:
        """As ISO 8601 writes it: `2026-W53`."""
        return f"{self.year}-W{self.number:02d}"


class HonestyPart(StrEnum):
    """What can have become of a scheduled instant, in the honesty bar's order."""

    SLOTS_OFFERED = "slots_offered"
    ZERO_CORROBORATED = "zero_corroborated"
    ZERO_ALONE = "zero_alone"
    REQUESTS_OPEN = "requests_open"
    CLOSED = "closed"
    LOGIN_REQUIRED = "login_required"
    CAPTCHA = "captcha"
    BLOCKED = "blocked"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    SITE_DOWN = "site_down"
    UNRECOGNISED = "unrecognised"
    PROBE_ERROR = "probe_error"
    NOT_EXECUTED = "not_executed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Honesty:
    """All scheduled instants split by what became of them; the parts add up to `counts.scheduled`."""

    counts: Counts
    parts: Mapping[HonestyPart, int]
    gaps: Mapping[str, int]

    def share(self, part: HonestyPart) -> float:
        """The part over all scheduled instants. Raises `ZeroDivisionError` when nothing was scheduled."""
        return self.parts[part] / self.counts.scheduled


@dataclass(frozen=True, kw_only=True, slots=True)
class Availability:
    """Host-hours with at least one answer over host-hours tried; hours of our own trouble are left out."""

    host: str
    hours: int
    down: int
    excluded: int

    @property
    def value(self) -> float | Insufficient:
        """The share of hours in which the site answered."""
        if not self.hours:
            return Insufficient(counts=Counts(), reason="aucune heure observée")
        return (self.hours - self.down) / self.hours


@dataclass(frozen=True, kw_only=True, slots=True)
class Trust:
    """What can be said of the monitor itself; `false_zero_bound`: 95 % upper bound on the audited rate."""

    counts: Counts
    coverage: float | Insufficient
    unrecognised: float | Insufficient
    audited: int
    false_zeros: int
    false_zero_bound: float | Insufficient
    worst_clock_offset: timedelta | None


def share(counts: Counts, *, least: int = 1) -> Share | Insufficient:
    """The share of attempts without a slot, if its guard allows."""
    if refused := guard(counts, least=least):
        return refused
    z, n, missing = counts.zeros, counts.conclusive, counts.scheduled - counts.conclusive
    return Share(
        counts=counts,
        value=z / n,
        low=float(betaincinv(z, n - z + 1, MISS / 2)) if z else 0.0,
        high=float(betaincinv(z + 1, n - z, 1 - MISS / 2)) if z < n else 1.0,
        worst=(z / (n + missing), (z + missing) / (n + missing)),
    )


def share_of(period: Period, *, least: int = 1) -> Share | Insufficient:
    """The share of a whole period."""
    return period.refused() or share(period.counts, least=least)


def weekly(period: Period, *, least: int = WEEKLY_LEAST) -> list[IsoWeek]:
    """Each ISO week that the period touches, also those nobody looked in."""
    days = period.rows.select("outcome", monday=pl.col("day").dt.truncate("1w"))
    found = {monday[0]: counts_of(rows) for monday, rows in days.group_by("monday")}
    mondays = pl.date_range(_monday(period.first), _monday(period.last), "1w", eager=True)
    return [week(monday, found.get(monday, Counts()), least=least) for monday in mondays]


def week(monday: date, counts: Counts, *, least: int = WEEKLY_LEAST) -> IsoWeek:
    """The week that starts on `monday`, from its counts (rows or roll-ups alike)."""
    year, number, _ = monday.isocalendar()
    return IsoWeek(year=year, number=number, monday=monday, counts=counts, share=share(counts, least=least))


def upper(n: int) -> float:
    """The largest share of time compatible at 95 % with `n` random instants, all empty: 1 − 0.05^(1/n).

    Rounded up to the billionth: the last bits of a power belong to the library that computes it, and SQL,
    PromQL and this must give the same digits.
    """
    return _up(1.0 - float(MISS ** (1.0 / n)))


def bound(period: Period) -> Bound | Insufficient:
    """How often slots can have been visible in a period in which none was seen.

    Holds for any pattern of openings because instants are drawn at random, one in each of equal intervals; so
    it is refused for visits nobody drew, when the interval changed, and when a slot was seen.
    """
    counts = period.counts
    if period.origins != DRAWN:
        return Meaningless(counts=counts, reason="la borne ne vaut que pour des instants tirés au sort")
    if refused := period.refused():
        return refused
    if period.rows["interval"].n_unique() > 1:
        return Meaningless(counts=counts, reason="l'intervalle des sondes a changé sur la période")
    if counts.zeros < counts.conclusive:
        return Meaningless(counts=counts, reason="des créneaux ont été proposés sur la période")
    return bound_of(counts)


def bound_of(counts: Counts) -> Bound:
    """The bound of an all-zero period, from its counts."""
    n, missing = counts.conclusive, counts.scheduled - counts.conclusive
    at_most, worst = upper(n), _rate_bound(missing, n + missing)
    return Bound(counts=counts, n=n, share=at_most, minutes_a_day=at_most * 1440, worst=_up(worst))


def honesty(period: Period, corroborated: frozenset[datetime] = frozenset()) -> Honesty:
    """The honesty bar. `corroborated`: instants of zeros at which the control target offered slots."""
    parts = dict.fromkeys(HonestyPart, 0)
    for at, outcome in period.rows.select("at", "outcome").iter_rows():
        parts[_part(outcome, at in corroborated)] += 1
    gaps = period.rows["gap"].drop_nulls().value_counts(sort=True)
    return Honesty(counts=period.counts, parts=parts, gaps=dict(gaps.iter_rows()))


def availability(hosts: Mapping[str, pl.DataFrame], *, ours: int = OURS) -> list[Availability]:
    """Each booking host's reachability: a row a target and hour tried, `hour` (UTC) and `answered`.

    An hour is down when every attempt of it found the site down or overloaded. When `ours` or more hosts are
    down in the same hour the fault is likelier our own network: that hour counts for none of them.
    """
    hours = pl.concat([_host_hours(host, rows) for host, rows in hosts.items()])
    hours = hours.with_columns(excluded=pl.col("down").sum().over("hour") >= ours)
    return [_available(host, hours.filter(pl.col("host") == host)) for host in hosts]


def trust(
    period: Period,
    *,
    audited: int,
    false_zeros: int,
    worst_clock_offset: timedelta | None,
) -> Trust:
    """The monitor's own trustworthiness: to be printed before any finding."""
    counts = period.counts
    nothing = Insufficient(counts=counts, reason="aucune sonde exécutée")
    unknown = int((period.rows["outcome"] == Outcome.UNRECOGNISED).sum())
    return Trust(
        counts=counts,
        coverage=nothing if counts.coverage is None else counts.coverage,
        unrecognised=unknown / counts.executed if counts.executed else nothing,
        audited=audited,
        false_zeros=false_zeros,
        false_zero_bound=rate_bound(false_zeros, audited, counts),
        worst_clock_offset=worst_clock_offset,
    )


def rate_bound(wrong: int, audited: int, counts: Counts) -> float | Insufficient:
    """The exact one-sided 95 % upper bound on an audited error rate."""
    if not audited:
        return Insufficient(counts=counts, reason="aucun zéro audité")
    return _rate_bound(wrong, audited)


def _rate_bound(wrong: int, n: int) -> float:
    return 1.0 if wrong == n else float(betaincinv(wrong + 1, n - wrong, 1 - MISS))


def _up(share: float) -> float:
    return math.ceil(share * GRAIN) / GRAIN


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _part(outcome: str | None, corroborated: bool) -> HonestyPart:
    if outcome is None:
        return HonestyPart.NOT_EXECUTED
    if outcome == Outcome.NO_SLOTS:
        return HonestyPart.ZERO_CORROBORATED if corroborated else HonestyPart.ZERO_ALONE
    return HonestyPart(outcome)


def _host_hours(host: str, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("hour").agg(host=pl.lit(host), down=~pl.col("answered").any())


def _available(host: str, hours: pl.DataFrame) -> Availability:
    kept = hours.filter(~pl.col("excluded"))
    return Availability(
        host=host, hours=len(kept), down=int(kept["down"].sum()), excluded=len(hours) - len(kept)
    )
