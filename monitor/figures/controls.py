"""Comparisons: a target with its control within ten minutes, and the weeks before and after a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from scipy.stats import binomtest

from monitor.figures.period import Insufficient, Period, guard_days
from monitor.figures.shares import IsoWeek, Share, share, weekly
from monitor.rules.controls import PAIRED_WITHIN

PAIRS_LEAST = 100
WEEKS_LEAST = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """One attempt at the target and one at its control, near in time; `True` means a zero.

    `at` is the start of the target's attempt (UTC).
    """

    at: datetime
    target_zero: bool
    control_zero: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PairTable:
    """McNemar's table of `n` pairs. `p`: exact two-sided test that both discordant cases are as likely."""

    target: str
    control: str
    n: int
    both_zero: int
    target_alone_zero: int
    control_alone_zero: int
    both_slots: int
    p: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """One target's shares of attempts without a slot before and after, and by week."""

    target: str
    before: Share | Insufficient
    after: Share | Insufficient
    weeks: Sequence[IsoWeek]


@dataclass(frozen=True, kw_only=True, slots=True)
class BeforeAfter:
    """A target and its controls over `weeks` weeks before `notified` and from `complied` on (local days)."""

    notified: date
    complied: date
    weeks: int
    target: Window
    controls: Sequence[Window]


def pairs(target: Period, control: Period, *, apart: timedelta = PAIRED_WITHIN) -> list[Pair]:
    """Pairs of conclusive attempts of both, nearest in time and at most `apart` from each other.

    Each attempt is used once. Of two attempts equally near, the later one is taken.
    """
    looks = [r.seen.select("began", "zero").sort("began") for r in (target, control)]
    left, right = looks[0], looks[1].with_columns(other=pl.col("began"))
    joined = left.join_asof(right, on="began", strategy="nearest", tolerance=apart, suffix="_control")
    near = joined.drop_nulls("other").with_columns(apart=(pl.col("began") - pl.col("other")).abs())
    once = near.sort("apart", "began").unique("other", keep="first", maintain_order=True).sort("began")
    return [Pair(at=at, target_zero=t, control_zero=c) for at, t, c, *_ in once.iter_rows()]


def pair_table(target: Period, control: Period, *, least: int = PAIRS_LEAST) -> PairTable | Insufficient:
    """How often only one of the two had slots, which one, and how often both or none had.

    `Insufficient` with fewer than `least` pairs.
    """
    found = pairs(target, control)
    if len(found) < least:
        reason = f"{len(found)} couples de sondes, il en faut {least}"
        return Insufficient(counts=target.counts, reason=reason)
    alone = sum(p.target_zero and not p.control_zero for p in found)
    control_alone = sum(p.control_zero and not p.target_zero for p in found)
    both = sum(p.target_zero and p.control_zero for p in found)
    return PairTable(
        target=target.target,
        control=control.target,
        n=len(found),
        both_zero=both,
        target_alone_zero=alone,
        control_alone_zero=control_alone,
        both_slots=len(found) - alone - control_alone - both,
        p=float(binomtest(alone, alone + control_alone).pvalue) if alone + control_alone else 1.0,
    )


def corroborated(target: Period, control: Period) -> frozenset[datetime]:
    """The drawn instants (UTC) of those zeros of the target beside which the control offered slots."""
    began = {p.at for p in pairs(target, control) if p.target_zero and not p.control_zero}
    return frozenset(at for at, b in target.seen.select("at", "began").iter_rows() if b in began)


def before_after(
    target: Period,
    controls: Sequence[Period],
    *,
    notified: date,
    complied: date | None = None,
    weeks: int = WEEKS_LEAST,
) -> BeforeAfter:
    """Compare `weeks` weeks before the notification with as many from the compliance on.

    Without `complied` the second window starts at `notified`. The result is what was observed; it says
    nothing about causes. Raises `ValueError` (in French) for fewer than four weeks or a compliance before the
    notification.
    """
    complied = complied or notified
    if weeks < WEEKS_LEAST:
        raise ValueError(f"avant/après demande au moins {WEEKS_LEAST} semaines de chaque côté, pas {weeks}")
    if complied < notified:
        raise ValueError(f"l'exécution ({complied}) précède la notification ({notified})")
    return BeforeAfter(
        notified=notified,
        complied=complied,
        weeks=weeks,
        target=_window(target, notified, complied, weeks),
        controls=[_window(control, notified, complied, weeks) for control in controls],
    )


def _window(period: Period, notified: date, complied: date, weeks: int) -> Window:
    before = period.between(notified - timedelta(weeks=weeks), notified - timedelta(days=1))
    after = period.between(complied, complied + timedelta(weeks=weeks, days=-1))
    return Window(
        target=period.target,
        before=_share(before),
        after=_share(after),
        weeks=weekly(period.between(before.first, after.last)),
    )


def _share(period: Period) -> Share | Insufficient:
    return guard_days(period.rows, (period.last - period.first).days + 1) or share(period.counts)
