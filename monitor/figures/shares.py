"""Shares of attempts: without a slot, by ISO week, bound of an all-zero period, honesty bar, reachability."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

import polars as pl
from scipy.special import betaincinv

from monitor.figures.period import DRAWN, Counts, Insufficient, Meaningless, Period, counts_of, guard
from monitor.model import Agreement
from probes.model import Outcome

CONFIDENCE = 0.95
MISS = 0.05  # 1 − CONFIDENCE, written out: 1.0 − 0.95 is another double than the 0.05 of SQL and PromQL
GRAIN = 1_000_000_000
WEEKLY_LEAST = 50
OURS = 3
"""When so many hosts are silent in the same hour, the fault is more likely our own network."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """Zeros over conclusive attempts, 0 to 1. `low`–`high`: exact (Clopper–Pearson) 95 % interval.

    `worst` is the lowest and the highest share possible, if every instant without an answer had offered slots
    or had been a zero.
    """

    counts: Counts
    value: float
    low: float
    high: float
    worst: tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """With `n` random instants and not one slot: slots were visible at most `share` of the time, at 95 %.

    `minutes_a_day` is the same share of a day. `worst` is the bound, also at 95 %, if slots were visible at
    every instant that gave no answer.
    """

    counts: Counts
    n: int
    share: float
    minutes_a_day: float
    worst: float


@dataclass(frozen=True, kw_only=True, slots=True)
class IsoWeek:
    """One ISO week of local days, with its counts and its share of attempts without a slot."""

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
    """What a scheduled instant can end as: an outcome, or no visit. In the order of the honesty bar."""

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
    """The number of scheduled instants in each part; they add up to `counts.scheduled`.

    `gaps` splits the part without a visit by reason.
    """

    counts: Counts
    parts: Mapping[HonestyPart, int]
    gaps: Mapping[str, int]

    def share(self, part: HonestyPart) -> float:
        """The share of the part, 0 to 1. Raises `ZeroDivisionError` when nothing was scheduled."""
        return self.parts[part] / self.counts.scheduled


@dataclass(frozen=True, kw_only=True, slots=True)
class Availability:
    """In how many hours a host was visited (`hours`), and in how many of them it did not answer (`down`).

    `excluded` hours are in neither: the fault was likely ours.
    """

    host: str
    hours: int
    down: int
    excluded: int

    @property
    def value(self) -> float | Insufficient:
        """The share of the hours in which the host answered at least once, 0 to 1."""
        if not self.hours:
            return Insufficient(counts=Counts(), reason="aucune heure observée")
        return (self.hours - self.down) / self.hours


@dataclass(frozen=True, kw_only=True, slots=True)
class Trust:
    """How reliable the monitor itself was. Shares are 0 to 1.

    `audited` zeros were checked by a person on their pictures, `false_zeros` of them were wrong;
    `false_zero_bound` is the 95 % upper bound on their share. `doubles` counts the double readings.
    """

    counts: Counts
    coverage: float | Insufficient
    unrecognised: float | Insufficient
    audited: int
    false_zeros: int
    false_zero_bound: float | Insufficient
    worst_clock_offset: timedelta | None
    doubles: Mapping[Agreement, int] = field(default_factory=dict)


def share(counts: Counts, *, least: int = 1) -> Share | Insufficient:
    """The share of attempts without a slot, if `guard` allows with at least `least` conclusive attempts."""
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
    """The share of attempts without a slot in a whole period, if its guards allow."""
    return period.refused() or share(period.counts, least=least)


def weekly(period: Period, *, least: int = WEEKLY_LEAST) -> list[IsoWeek]:
    """Each ISO week that the period touches, in order, also those without any instant."""
    days = period.rows.select("outcome", monday=pl.col("day").dt.truncate("1w"))
    found = {monday[0]: counts_of(rows) for monday, rows in days.group_by("monday")}
    mondays = pl.date_range(_monday(period.first), _monday(period.last), "1w", eager=True)
    return [week(monday, found.get(monday, Counts()), least=least) for monday in mondays]


def week(monday: date, counts: Counts, *, least: int = WEEKLY_LEAST) -> IsoWeek:
    """The week that starts on `monday`, from its counts, which may come from rows or from roll-ups."""
    year, number, _ = monday.isocalendar()
    return IsoWeek(year=year, number=number, monday=monday, counts=counts, share=share(counts, least=least))


def upper(n: int) -> float:
    """The largest share of time compatible at 95 % with `n` random instants, all empty: 1 − 0.05^(1/n).

    Rounded up to the billionth, so that SQL, PromQL and this function give the same digits: the last bits of
    a power differ between libraries.
    """
    return _up(1.0 - float(MISS ** (1.0 / n)))


def bound(period: Period) -> Bound | Insufficient:
    """At most how often slots were visible in a period in which none was seen.

    It holds for any pattern of openings, because instants are drawn at random, one in each of equal
    intervals. So it is `Meaningless` for visits that were not drawn, when the interval changed, and when a
    slot was seen.
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
    """The bound of an all-zero period, from its counts. Checks neither guards nor that all are zeros."""
    n, missing = counts.conclusive, counts.scheduled - counts.conclusive
    at_most, worst = upper(n), _rate_bound(missing, n + missing)
    return Bound(counts=counts, n=n, share=at_most, minutes_a_day=at_most * 1440, worst=_up(worst))


def honesty(period: Period, corroborated: frozenset[datetime] = frozenset()) -> Honesty:
    """The honesty bar. `corroborated`: drawn instants (UTC) of zeros beside which the control had slots."""
    parts = dict.fromkeys(HonestyPart, 0)
    for at, outcome in period.rows.select("at", "outcome").iter_rows():
        parts[_part(outcome, at in corroborated)] += 1
    gaps = period.rows["gap"].drop_nulls().value_counts(sort=True)
    return Honesty(counts=period.counts, parts=parts, gaps=dict(gaps.iter_rows()))


def availability(hosts: Mapping[str, pl.DataFrame], *, ours: int = OURS) -> list[Availability]:
    """The reachability of each booking host of `hosts`, in the same order.

    Each frame has one row for each target and hour with a visit: `hour` (UTC) and `answered`. An hour is down
    when no visit to the host got an answer in it. When `ours` or more hosts are down in the same hour, the
    fault is more likely our own network: that hour counts for none of them.
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
    doubles: Mapping[Agreement, int] | None = None,
) -> Trust:
    """How reliable the monitor itself was in the period: to be printed before any finding."""
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
        doubles=doubles or {},
    )


def rate_bound(wrong: int, audited: int, counts: Counts) -> float | Insufficient:
    """The exact one-sided 95 % upper bound on the share `wrong` of `audited`.

    `Insufficient`, with `counts`, when nothing was audited.
    """
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
