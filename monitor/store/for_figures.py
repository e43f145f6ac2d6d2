"""The queries behind the figures: instants by local day, their drawn intervals, and recounts.

Most of them scan the rows of one target or of one period and use the readings in force. Nothing is written.
A « local day » is a day in the target's own time zone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Date,
    DateTime,
    Integer,
    String,
    case,
    cast,
    func,
    select,
    type_coerce,
)
from sqlalchemy.sql import ColumnElement

from monitor.model import GapReason, Origin
from monitor.store.record import counts
from monitor.store.record.counts import Count
from monitor.store.record.in_force import ReadingInForce
from monitor.store.tables.record import (
    EntryKind,
    day_counts,
    draws,
    entries,
    entry_counts,
    gaps,
    observations,
    targets,
)
from monitor.store.tables.review import later_readings
from probes.model import Outcome

_FORCE = ReadingInForce()
_HOUR = timedelta(hours=1)
_MOST_AHEAD = timedelta(days=1)  # a local day starts at most fourteen hours before, or twelve after, UTC's


@dataclass(frozen=True, slots=True)
class InstantRow:
    """What became of one instant: only the columns that the figures need. All instants are UTC.

    For a gap `outcome` is `None`; for an observation `reason` is `None`. `day` is the local day of `at`.
    """

    target: str
    at: datetime
    day: date
    simulated: bool
    outcome: Outcome | None
    reason: GapReason | None
    origin: Origin | None
    started_at: datetime | None
    finished_at: datetime | None
    earliest_at: datetime | None
    second_at: datetime | None
    slots: int | None
    horizon: date | None
    clock_offset_ms: float | None


def instants(conn: Connection, target: str, first: date, last: date) -> list[InstantRow]:
    """Every instant, drawn or not, of the local days `first` to `last` (both included), in any order."""
    columns: tuple[Any, ...] = (
        *(entries.c.target, entries.c.at, entries.c.day, entries.c.simulated),
        *(_FORCE["outcome"], gaps.c.reason, observations.c.origin),
        *(observations.c.started_at, observations.c.finished_at),
        *(_FORCE["earliest_at"], _FORCE["second_at"]),
        *(_FORCE["slots"], _FORCE["horizon"], observations.c.clock_offset_ms),
    )
    joined = _FORCE.joined(entries.outerjoin(observations).outerjoin(gaps, gaps.c.id == entries.c.id))
    mine = (entries.c.target == target, *_within(first, last))
    wanted = select(*columns).select_from(joined).where(*mine)
    return [InstantRow(*row) for row in conn.execute(wanted)]


def intervals(conn: Connection, target: str, first: date, last: date) -> dict[date, timedelta]:
    """By UTC day from `first` to `last` (both included): the length of the intervals the target was drawn in.

    Days without a draw are missing from the result.
    """
    mine = (draws.c.target == target, draws.c.day.between(first, last))
    drawn = conn.execute(select(draws.c.day, draws.c.interval_s).where(*mine))
    return {day: timedelta(seconds=seconds) for day, seconds in drawn}


def days(conn: Connection, target: str | None = None) -> tuple[date, date] | None:
    """The first and last local day with an entry, of one target or of all; `None` when there is no entry."""
    wanted = select(func.min(day_counts.c.day), func.max(day_counts.c.day))
    if target is not None:
        wanted = wanted.where(day_counts.c.target == target)
    first, last = conn.execute(wanted).one()
    return None if first is None else (first, last)


def kinds(conn: Connection, until: datetime) -> dict[str, bool]:
    """For each target with an entry before `until`: whether it is simulated.

    One row of each target is enough: the store refuses to mix simulated and real rows under one target.
    """
    newest = select(entries.c.simulated).where(entries.c.target == targets.c.target, entries.c.at < until)
    newest = newest.order_by(entries.c.at.desc()).limit(1)
    found = conn.execute(select(targets.c.target, newest.scalar_subquery()))
    return {name: simulated for name, simulated in found if simulated is not None}


def newest(conn: Connection, before: datetime) -> tuple[int, int]:
    """The highest number of an entry and of a later reading recorded before an instant; 0 for none."""
    made = ((entries, entries.c.recorded_at), (later_readings, later_readings.c.read_at))
    wanted = (select(t.c.id).where(at < before).order_by(t.c.id.desc()).limit(1) for t, at in made)
    entry, reading = (conn.scalar(one) or 0 for one in wanted)
    return entry, reading


def days_since(conn: Connection, entry: int, reading: int) -> set[date]:
    """The UTC days of the entries with a number above `entry`, and of the entries that have a later reading
    with a number above `reading`.
    """
    late = select(entries.c.at).where(entries.c.id > entry)
    again = select(entries.c.at).join(later_readings, later_readings.c.observation_id == entries.c.id)
    again = again.where(later_readings.c.id > reading)
    return {at.astimezone(UTC).date() for wanted in (late, again) for at in conn.scalars(wanted)}


def answered(
    conn: Connection, first: date, last: date, targets: Collection[str], hours: Collection[datetime] = ()
) -> list[tuple[str, datetime, bool]]:
    """For each target and UTC hour with drawn attempts: whether the site answered at least one of them.

    Each item is (target, start of the hour, answered). With `hours` (starts of UTC hours), only those hours
    are looked at. Attempts that ended as `probe_error` are left out: they say nothing about the site.
    """
    hour = _hour(conn, entries.c.at)
    silent = _FORCE.is_in("outcome", [Outcome.SITE_DOWN, Outcome.OVERLOADED])
    tried = (
        *(entries.c.target.in_(targets), *_within(first, last)),
        *(observations.c.origin == Origin.SCHEDULED, ~_FORCE.is_in("outcome", [Outcome.PROBE_ERROR])),
    )
    wanted = select(entries.c.target, hour, func.max(case((silent, 0), else_=1)))
    wanted = wanted.select_from(_FORCE.joined(entries.join(observations))).where(*tried)
    if hours:
        named = [f"{at.astimezone(UTC):%Y-%m-%d %H}" for at in hours]
        wanted = wanted.where(hour.in_(named), entries.c.at.between(min(hours), max(hours) + _HOUR))
    grouped = conn.execute(wanted.group_by(entries.c.target, hour))
    return [(name, datetime.fromisoformat(f"{at}:00+00:00"), bool(any_)) for name, at, any_ in grouped]


@dataclass(frozen=True, slots=True)
class WeekCount:
    """A target's drawn instants in the week that starts on `monday` (a local day), from the day counts."""

    target: str
    monday: date
    scheduled: int
    executed: int
    conclusive: int
    zeros: int


def weeks(conn: Connection, targets: Collection[str], first: date, last: date) -> list[WeekCount]:
    """The day counts of these targets' drawn instants, added up by week; weeks without instants are missing.

    `first` and `last` are local days, both included. The targets must be named: the index begins with the
    target, and the day counts of all targets are too many to scan.
    """
    t, monday = day_counts.c, _monday(conn, day_counts.c.day)
    seen = t.kind == EntryKind.OBSERVATION
    conclusive = [outcome.value for outcome in Outcome if outcome.conclusive]
    wanted = select(
        *(t.target, monday, cast(func.sum(t.n), Integer)),
        *(_part(seen), _part(t.result.in_(conclusive)), _part(t.result == Outcome.NO_SLOTS)),
    ).where(t.target.in_(targets), t.day.between(first, last), t.origin == Origin.SCHEDULED)
    return [WeekCount(*row) for row in conn.execute(wanted.group_by(t.target, monday))]


def _part(which: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.sum(case((which, day_counts.c.n), else_=0)), Integer)


def _monday(conn: Connection, day: ColumnElement[date]) -> ColumnElement[date]:
    if conn.dialect.name == "postgresql":
        return cast(func.date_trunc("week", cast(day, DateTime)), Date)
    return type_coerce(func.date(day, "-6 days", "weekday 1"), Date)


def recounted(conn: Connection, target: str, first: date, last: date) -> list[Count]:
    """The day counts of a target, counted again from its rows; in no particular order."""
    day, place = entries.c.day, (entries.c.target == target, *_within(first, last))
    seen = select(day, observations.c.origin, _FORCE["outcome"], func.count())
    missed = select(day, gaps.c.reason, func.count())
    seen = seen.select_from(_FORCE.joined(entries.join(observations))).where(*place)
    seen = seen.group_by(*seen.selected_columns[:3])
    missed = missed.join_from(entries, gaps).where(*place).group_by(*missed.selected_columns[:2])
    return [
        Count(target=target, kind=EntryKind.OBSERVATION, origin=origin, result=outcome, n=n, day=day)
        for day, origin, outcome, n in conn.execute(seen)
    ] + [
        Count(target=target, kind=EntryKind.GAP, origin=Origin.SCHEDULED, result=reason, n=n, day=day)
        for day, reason, n in conn.execute(missed)
    ]


def unequal(
    conn: Connection, target: str, first: date, last: date
) -> list[tuple[Count | None, Count | None]]:
    """Day counts that differ from their recount: pairs (kept, recounted), `None` where one is missing."""
    kept = {
        _key(c): c for c in counts.by_day(conn, target=target, since=first, until=last + timedelta(days=1))
    }
    anew = {_key(c): c for c in recounted(conn, target, first, last)}
    keys = sorted(kept.keys() | anew.keys())
    return [(kept.get(key), anew.get(key)) for key in keys if kept.get(key) != anew.get(key)]


def unequal_totals(conn: Connection) -> list[tuple[Count | None, Count | None]]:
    """Counts over all time that differ from the sum of the day counts: pairs (kept, added up), `None` where
    one is missing.
    """
    columns = [day_counts.c[column.name] for column in entry_counts.primary_key.columns]
    n = cast(func.sum(day_counts.c.n), Integer).label("n")
    summed = conn.execute(select(*columns, n).group_by(*columns)).mappings()
    anew = {_key(c): c for c in (Count(**row) for row in summed)}
    kept = {_key(c): c for c in counts.totals(conn)}
    keys = sorted(kept.keys() | anew.keys(), key=str)
    return [
        (kept.get(k), anew.get(k)) for k in keys if k not in kept or k not in anew or kept[k].n != anew[k].n
    ]


def _hour(conn: Connection, at: ColumnElement[datetime]) -> ColumnElement[str]:
    """The UTC hour of an instant as text, `2026-03-01 09`."""
    if conn.dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", at), "YYYY-MM-DD HH24")
    return func.substr(cast(at, String), 1, len("2026-03-01 09"))


def _within(first: date, last: date) -> Sequence[ColumnElement[bool]]:
    """Conditions for these local days; the wider one on `at` is there for the index, which `day` lacks."""
    start = datetime.combine(first, time.min, tzinfo=UTC) - _MOST_AHEAD
    end = datetime.combine(last, time.max, tzinfo=UTC) + _MOST_AHEAD
    return (entries.c.at.between(start, end), entries.c.day.between(first, last))


def _key(count: Count) -> tuple[Any, ...]:
    return (count.target, count.day, str(count.kind), str(count.origin), str(count.result))
