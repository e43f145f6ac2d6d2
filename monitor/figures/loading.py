"""Reads from the store what figures need: periods, weeks from the roll-ups, reachability, audits, clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from monitor.figures.period import DRAWN, UTC_COLUMN, Counts, Period, VisitAttempt, period_of
from monitor.figures.shares import WEEKLY_LEAST, Availability, IsoWeek, availability, week
from monitor.model import Agreement, Origin
from monitor.places.hosts import host_of
from monitor.problems import BadInput, Problem, nearest
from monitor.store import Store
from monitor.store import for_figures as rows
from monitor.store.record import target_versions
from monitor.store.review import double_readings, verdicts
from monitor.store.review.verdicts import Result
from probes.model import Outcome

DAY = timedelta(days=1)
WEEKS = 12
BESIDE = DRAWN | {Origin.CONTROL}
"""The origins of a control's visits: at its own drawn instants, and beside another target's visit."""


def default_period(store: Store, yesterday: date, target: str | None = None) -> tuple[date, date]:
    """First and last local day of the period that is shown unless a user asks for another.

    It is twelve ISO weeks, the last one up to `yesterday`, and starts no earlier than the rows of `target`
    or, without a target, than the record.
    """
    with store.read() as conn:
        known = rows.days(conn, target)
    start = yesterday - timedelta(days=yesterday.weekday(), weeks=WEEKS - 1)
    return (max(start, min(known[0], yesterday)) if known else start), yesterday


def simulated(store: Store, now: datetime) -> Mapping[str, bool]:
    """For each target with rows at `now` (UTC), by id: whether it is of a simulated préfecture."""
    with store.read() as conn:
        return rows.kinds(conn, now)


def recorded(store: Store, target: str, first: date, last: date) -> tuple[date, date]:
    """`first` and `last` (local days), cut to the days on which `target` was recorded.

    Unchanged when it was recorded on none of them. So no period is shown whose start or end was not watched.
    """
    with store.read() as conn:
        known = rows.days(conn, target)
    if known is None or known[1] < first or last < known[0]:
        return first, last
    return max(first, known[0]), min(last, known[1])


def load(store: Store, target: str, first: date, last: date, *, origins: frozenset[Origin] = DRAWN) -> Period:
    """One target from `first` to `last`, both local days included. Raises `BadInput` for an unknown target.

    Each instant has the interval of its day's draw, and the period the longest of them; it is one hour for a
    target without any draw.
    """
    with store.read() as conn:
        known = target_versions.current(conn)
        if target not in known:
            raise BadInput(Problem(f'target "{target}"', f"is not in the record; {nearest(target, known)}"))
        found = rows.instants(conn, target, first, last)
        drawn = rows.intervals(conn, target, first - DAY, last + DAY)
    within = [interval for day, interval in drawn.items() if first <= day <= last]
    return period_of(
        (_attempt(row, drawn) for row in found),
        target=target,
        zone=known[target].zone,
        interval=max(within, default=timedelta(hours=1)),
        first=first,
        last=last,
        origins=origins,
        simulated=any(row.simulated for row in found),
    )


def weeks(
    store: Store, targets: Collection[str], first: date, last: date, *, least: int = WEEKLY_LEAST
) -> Mapping[str, list[IsoWeek]]:
    """The ISO weeks of each target, by id, from the roll-ups by day: the same digits as from the rows."""
    with store.read() as conn:
        summed = rows.weeks(conn, targets, first, last)
    found = {(row.target, row.monday): _counts(row) for row in summed}
    mondays = pl.date_range(first - timedelta(days=first.weekday()), last, "1w", eager=True).to_list()
    return {
        name: [week(monday, found.get((name, monday), Counts()), least=least) for monday in mondays]
        for name in targets
    }


def _counts(row: rows.WeekCount) -> Counts:
    return Counts(scheduled=row.scheduled, executed=row.executed, conclusive=row.conclusive, zeros=row.zeros)


def site(store: Store, target: str, first: date, last: date) -> Availability:
    """Reachability of the host of `target`, from the drawn attempts of all targets on that host.

    Rows of other hosts are read only for the hours in which this one was silent, to tell whether the fault
    was ours. Raises `KeyError` for an unknown target.
    """
    with store.read() as conn:
        of = {name: host_of(known.url) for name, known in target_versions.current(conn).items()}
        mine = [name for name, host in of.items() if host == of[target]]
        others = [name for name, host in of.items() if host != of[target]]
        seen = rows.answered(conn, first, last, mine)
        silent = {hour for _, hour, _ in seen} - {hour for _, hour, heard in seen if heard}
        seen += rows.answered(conn, first, last, others, silent) if silent else []
    columns: dict[str, Any] = {"host": pl.String, "hour": UTC_COLUMN, "answered": pl.Boolean}
    told = [(of[name], hour, heard) for name, hour, heard in seen]
    frame = pl.DataFrame(told, schema=columns, orient="row")
    parts = {str(host): part for (host,), part in frame.group_by("host")}
    found = availability({of[target]: frame.clear(), **parts})
    return next(one for one in found if one.host == of[target])


def audited(store: Store, *, simulated: bool) -> tuple[int, int]:
    """How many zeros were checked by a person on their pictures, and how many of them were false."""
    with store.read() as conn:
        judged = verdicts.judgements(conn, simulated=simulated)
    zeros = [j for j in judged if j.outcome is Outcome.NO_SLOTS and j.result is not Result.UNDECIDED]
    return sum(j.n for j in zeros), sum(j.n for j in zeros if j.result is Result.FALSE_ZERO)


def worst_clock_offset(store: Store, target: str, first: date, last: date) -> timedelta | None:
    """The largest offset of our clock at a visit, as an absolute value; `None` when none was measured."""
    with store.read() as conn:
        found = rows.instants(conn, target, first, last)
    measured = [abs(row.clock_offset_ms) for row in found if row.clock_offset_ms is not None]
    return timedelta(milliseconds=max(measured)) if measured else None


def doubles(store: Store, target: str, first: date, last: date) -> Mapping[Agreement, int]:
    """How many double readings of `target` there are of each agreement; empty without any."""
    with store.read() as conn:
        return double_readings.counts_of(conn, target, first, last)


def _attempt(row: rows.InstantRow, drawn: Mapping[date, timedelta]) -> VisitAttempt:
    return VisitAttempt(
        scheduled_at=row.at,
        outcome=row.outcome,
        gap=row.reason,
        began=row.started_at,
        ended=row.finished_at,
        earliest=row.earliest_at,
        second=row.second_at,
        slots=row.slots,
        horizon=row.horizon,
        day=row.day,
        interval=drawn.get(row.at.astimezone(UTC).date()),
        origin=row.origin or Origin.SCHEDULED,
        simulated=row.simulated,
    )
