"""The input of every figure: one target's scheduled instants over whole local days, with counts and guards.

`VisitAttempt` is one scheduled instant and its outcome or gap; `Period` holds the attempts of its days as a
polars frame. Instants are UTC; days and every displayed date are local to the target's zone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

from monitor.model import GapReason, Origin
from monitor.rules import guards
from probes.model import Outcome, utc

DRAWN = frozenset({Origin.SCHEDULED})
"""The only visits that may enter a share of time: their instants were drawn."""
HOLE = 3  # after more intervals than this without a conclusive attempt, a run counts as interrupted

UTC_COLUMN = pl.Datetime("us", "UTC")
_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "at": UTC_COLUMN,
    "began": UTC_COLUMN,
    "ended": UTC_COLUMN,
    "outcome": pl.String,
    "gap": pl.String,
    "earliest": UTC_COLUMN,
    "second": UTC_COLUMN,
    "slots": pl.Int64,
    "horizon": pl.Date,
    "day": pl.Date,
    "interval": pl.Duration("us"),
}
_SEEN = [outcome.value for outcome in Outcome if outcome.conclusive]


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitAttempt:
    """One instant with its `outcome`, or with the reason of its `gap`; exactly one of the two. Times are UTC.

    `scheduled_at` is the drawn instant; for visits that were not drawn, their start. The page was seen
    between `began` and `ended`; both default to `scheduled_at`. `day` (local) and `interval` are those of the
    record; without them, `day` is that of `scheduled_at` in the target's zone, `interval` the period's.
    Raises `ValueError` with both or neither of `outcome` and `gap`, and for a time without zone.
    """

    scheduled_at: datetime
    outcome: Outcome | None = None
    gap: GapReason | None = None
    began: datetime | None = None
    ended: datetime | None = None
    earliest: datetime | None = None
    second: datetime | None = None
    slots: int | None = None
    horizon: date | None = None
    day: date | None = None
    interval: timedelta | None = None
    origin: Origin = Origin.SCHEDULED
    simulated: bool = False

    def __post_init__(self) -> None:
        if (self.outcome is None) == (self.gap is None):
            raise ValueError(f"the instant {self.scheduled_at} needs an outcome or a gap, and not both")
        for name in ("scheduled_at", "began", "ended", "earliest", "second"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, utc(value, name))


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """Numerators and denominators of a period; counts of days, weeks or targets may be added.

    Of the instants `scheduled`, `executed` had a visit. Of these, `conclusive` had an answer, and `zeros` of
    the answers were that there is no slot.
    """

    scheduled: int = 0
    executed: int = 0
    conclusive: int = 0
    zeros: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            scheduled=self.scheduled + other.scheduled,
            executed=self.executed + other.executed,
            conclusive=self.conclusive + other.conclusive,
            zeros=self.zeros + other.zeros,
        )

    @property
    def coverage(self) -> float | None:
        """Executed over scheduled; `None` when nothing was scheduled."""
        return self.executed / self.scheduled if self.scheduled else None

    @property
    def usable(self) -> float | None:
        """Conclusive over executed; `None` when nothing was executed."""
        return self.conclusive / self.executed if self.executed else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Insufficient:
    """« Données insuffisantes »: stands for a figure whose guard failed. `reason` is French, for readers."""

    counts: Counts
    reason: str

    def __str__(self) -> str:
        return f"données insuffisantes ({self.reason})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaningless(Insufficient):
    """Stands for a figure that has no meaning for this period, even if enough was seen."""

    def __str__(self) -> str:
        return f"sans objet ({self.reason})"


def guard(counts: Counts, *, least: int = 1) -> Insufficient | None:
    """`None` when a figure may be shown, else the reason why not.

    Needs coverage, a share of answers (`monitor.rules.guards`), and at least `least` conclusive attempts.
    """
    if not counts.scheduled:
        return Insufficient(counts=counts, reason="aucune sonde programmée")
    if not guards.covered(counts.executed, counts.scheduled):
        reason = f"couverture inférieure à {guards.percent(guards.COVERAGE)}"
    elif not guards.answered(counts.conclusive, counts.executed):
        reason = f"moins de {guards.percent(guards.CONCLUSIVE)} de sondes exploitables"
    elif counts.conclusive < least:
        reason = f"moins de {least} sondes exploitables"
    else:
        return None
    return Insufficient(counts=counts, reason=reason)


def guard_days(rows: pl.DataFrame, lasted: int) -> Insufficient | None:
    """`None` when instants were drawn on enough of the `lasted` local days, else the reason why not.

    The target was not watched on the other days: no figure may be about them.
    """
    if guards.drawn_days(rows["day"].n_unique(), lasted):
        return None
    reason = f"moins de {guards.percent(guards.DRAWN_DAYS)} des jours sondés"
    return Insufficient(counts=counts_of(rows), reason=reason)


@dataclass(frozen=True, kw_only=True)
class Period:
    """One target's instants from `first` to `last`, both local days included, in order of time.

    Columns of `rows`: `at`, `began`, `ended`, `earliest`, `second` (UTC), `outcome`, `gap`, `slots`,
    `horizon`, the `interval` each was drawn in, and the local `day`, `earliest_day`, `second_day`. All rows
    are simulated or all are real.
    """

    target: str
    zone: str
    interval: timedelta
    first: date
    last: date
    rows: pl.DataFrame
    origins: frozenset[Origin] = DRAWN
    simulated: bool = False

    @property
    def counts(self) -> Counts:
        """The counts of all rows."""
        return counts_of(self.rows)

    @property
    def seen(self) -> pl.DataFrame:
        """The conclusive rows with two more columns.

        `zero`: no slot was offered. `hole`: three intervals, the longest silence that interrupts no run.
        """
        rows = self.rows.filter(pl.col("outcome").is_in(_SEEN))
        return rows.with_columns(zero=pl.col("outcome") == Outcome.NO_SLOTS, hole=HOLE * pl.col("interval"))

    def refused(self, *, least: int = 1) -> Insufficient | None:
        """The reason why no figure may be shown, or `None`.

        Applies `guard_days` from the day of the first row to that of the last, and `guard` to all rows.
        """
        days = self.rows["day"].unique().sort()
        lasted = (days[-1] - days[0]).days + 1 if len(days) else 0
        return guard_days(self.rows, lasted) or guard(self.counts, least=least)

    def between(self, first: date, last: date) -> Period:
        """The part of this period from `first` to `last`, both local days included."""
        rows = self.rows.filter(pl.col("day").is_between(first, last))
        return Period(
            target=self.target,
            zone=self.zone,
            interval=self.interval,
            first=first,
            last=last,
            rows=rows,
            origins=self.origins,
            simulated=self.simulated,
        )


def period_of(
    attempts: Iterable[VisitAttempt],
    *,
    target: str,
    zone: str,
    interval: timedelta,
    first: date,
    last: date,
    origins: frozenset[Origin] = DRAWN,
    simulated: bool = False,
) -> Period:
    """The period of those attempts that have one of `origins` and a local day from `first` to `last`.

    Only simulated ones, or only real ones, are kept. So attended and simulated rows never enter a share of
    drawn ones. `interval` is used for attempts without their own.
    """
    kept = [_row(a) for a in attempts if a.origin in origins and a.simulated == simulated]
    frame = pl.DataFrame(kept, schema=_SCHEMA, orient="row").sort("at")
    frame = frame.with_columns(*_local_days(zone), interval=pl.col("interval").fill_null(interval))
    whole = Period(
        target=target,
        zone=zone,
        interval=interval,
        first=first,
        last=last,
        rows=frame,
        origins=origins,
        simulated=simulated,
    )
    return whole.between(first, last)


def counts_of(rows: pl.DataFrame) -> Counts:
    """The counts of a frame with a column `outcome`, which is null for a gap."""
    outcome = rows["outcome"]
    return Counts(
        scheduled=len(outcome),
        executed=len(outcome) - outcome.null_count(),
        conclusive=int(outcome.is_in(_SEEN).sum()),
        zeros=int((outcome == Outcome.NO_SLOTS).sum()),
    )


def _row(a: VisitAttempt) -> tuple[object, ...]:
    began, ended = a.began or a.scheduled_at, a.ended or a.began or a.scheduled_at
    seen = (a.earliest, a.second, a.slots, a.horizon)
    return (a.scheduled_at, began, ended, a.outcome, a.gap, *seen, a.day, a.interval)


def _local_days(zone: str) -> list[pl.Expr]:
    at, *dates = (pl.col(c).dt.convert_time_zone(zone).dt.date() for c in ("at", "earliest", "second"))
    return [pl.coalesce("day", at), dates[0].alias("earliest_day"), dates[1].alias("second_day")]
