"""What is counted and remembered per target, beside the rows: kept in the row's own transaction, or rebuilt.

`note_*` and `rebuild` say the same thing twice, once per row and once over all rows; a property test compares
them. Order of arrival does not matter: what counts is when an entry stands in time, then its number.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    String,
    Subquery,
    Table,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
)

from monitor.model import Gap, Observation, Origin
from monitor.store.dialects import count_up, lock, upsert
from monitor.store.tables import (
    Kind,
    day_tallies,
    entries,
    gaps,
    latest,
    observations,
    tallies,
    target_versions,
    targets,
)
from probes.model import Outcome

CONCLUSIVE = [outcome for outcome in Outcome if outcome.conclusive]


def note_observation(conn: Connection, entry: int, at: datetime, day: date, seen: Observation) -> None:
    """Count an observation that has just been inserted, and remember it if it is the latest of its kind."""
    _count(conn, seen.target, day, Kind.OBSERVATION, seen.origin, seen.reading.outcome)
    _remember(conn, entry, at, seen)


def note_gap(conn: Connection, day: date, gap: Gap) -> None:
    """Count a gap that has just been inserted; only scheduled instants have gaps."""
    _count(conn, gap.target, day, Kind.GAP, Origin.SCHEDULED, gap.reason)


def rebuild(conn: Connection) -> None:
    """Make all projections again from the rows, letting nobody append meanwhile."""
    lock(conn, targets)
    for table, definition in _definitions().items():
        conn.execute(delete(table))
        conn.execute(insert(table).from_select(table.c.keys(), definition))


def _count(conn: Connection, target: str, day: date, kind: Kind, origin: Origin, result: str) -> None:
    one = {"target": target, "kind": kind, "origin": origin, "result": str(result), "n": 1}
    conn.execute(count_up(conn, tallies), one)
    conn.execute(count_up(conn, day_tallies), {**one, "day": day})


def _remember(conn: Connection, entry: int, at: datetime, seen: Observation) -> None:
    outcome = seen.reading.outcome
    key = {"target": seen.target, "origin": seen.origin}
    before = conn.execute(_MINE, key).mappings().first()
    after = _advanced(dict(before or _BLANK), entry, at, outcome)
    if outcome is Outcome.SLOTS_OFFERED and after["slots_id"] == entry:
        after |= dict(conn.execute(_ZEROS_AFTER, {**key, "after": at}).mappings().one())
    conn.execute(upsert(conn, latest), after | key)


_MINE = select(latest).where(latest.c.target == bindparam("target"), latest.c.origin == bindparam("origin"))


_BLANK = dict.fromkeys([column.name for column in latest.c]) | {"zeros": 0}


def _advanced(row: dict[str, Any], entry: int, at: datetime, outcome: Outcome) -> dict[str, Any]:
    """The row of `latest` after one more outcome, but for the zeros that a slot leaves behind it."""
    applies = {"last": True, "conclusive": outcome.conclusive, "slots": outcome is Outcome.SLOTS_OFFERED}
    for name in (name for name, applied in applies.items() if applied):
        if row[f"{name}_id"] is None or (row[f"{name}_at"], row[f"{name}_id"]) < (at, entry):
            row |= {f"{name}_id": entry, f"{name}_at": at}
    if outcome is Outcome.NO_SLOTS and (row["slots_at"] is None or row["slots_at"] < at):
        row["zeros"] += 1
        row["zero_start_at"] = min(at, row["zero_start_at"] or at)
        row["zero_last_at"] = max(at, row["zero_last_at"] or at)
    return row


_seen = (
    select(entries.c.id, entries.c.target, entries.c.at, observations.c.origin, observations.c.outcome)
    .join_from(entries, observations)
    .subquery("seen")
)


def _run(seen: Subquery) -> list[ColumnElement[Any]]:
    return [
        func.min(seen.c.at).label("zero_start_at"),
        func.max(seen.c.at).label("zero_last_at"),
        func.count().label("zeros"),
    ]


_ZEROS_AFTER = select(*_run(_seen)).where(
    _seen.c.target == bindparam("target"),
    _seen.c.origin == bindparam("origin"),
    _seen.c.outcome == Outcome.NO_SLOTS,
    _seen.c.at > bindparam("after"),
)


def _definitions() -> dict[Table, Select[Any]]:
    return {
        targets: select(target_versions.c.target, func.max(target_versions.c.id)).group_by(
            target_versions.c.target
        ),
        tallies: _counted(entries.c.target),
        day_tallies: _counted(entries.c.target, entries.c.day),
        latest: _latest(),
    }


def _counted(*key: Column[Any]) -> Select[Any]:
    scheduled = literal(Origin.SCHEDULED, observations.c.origin.type)
    origin = case((entries.c.kind == Kind.GAP, scheduled), else_=observations.c.origin)
    result = func.coalesce(cast(observations.c.outcome, String), cast(gaps.c.reason, String))
    groups = (*key, entries.c.kind, origin, result)
    joined = entries.outerjoin(observations).outerjoin(gaps, gaps.c.id == entries.c.id)
    return select(*groups, func.count()).select_from(joined).group_by(*groups)


def _latest() -> Select[Any]:
    last, conclusive = _newest(true(), "last"), _newest(_seen.c.outcome.in_(CONCLUSIVE), "conclusive")
    slots = _newest(_seen.c.outcome == Outcome.SLOTS_OFFERED, "slots")
    zeros = _zeros(slots)
    joined: FromClause = last
    for other in (conclusive, slots, zeros):
        joined = joined.outerjoin(other, _same_series(last, other))
    return select(
        *(last.c.target, last.c.origin, last.c.id, last.c.at),
        *(conclusive.c.id, conclusive.c.at, slots.c.id, slots.c.at),
        *(zeros.c.zero_start_at, zeros.c.zero_last_at, func.coalesce(zeros.c.zeros, 0)),
    ).select_from(joined)


def _newest(condition: ColumnElement[bool], name: str) -> Subquery:
    newest_first = (_seen.c.at.desc(), _seen.c.id.desc())
    place = func.row_number().over(partition_by=(_seen.c.target, _seen.c.origin), order_by=newest_first)
    ranked = select(_seen, place.label("place")).where(condition).subquery()
    return select(ranked).where(ranked.c.place == 1).subquery(name)


def _zeros(slots: Subquery) -> Subquery:
    after = or_(slots.c.at.is_(None), _seen.c.at > slots.c.at)
    return (
        select(_seen.c.target, _seen.c.origin, *_run(_seen))
        .select_from(_seen.outerjoin(slots, _same_series(_seen, slots)))
        .where(_seen.c.outcome == Outcome.NO_SLOTS, after)
        .group_by(_seen.c.target, _seen.c.origin)
        .subquery("zeros")
    )


def _same_series(left: Subquery, right: Subquery) -> ColumnElement[bool]:
    return and_(left.c.target == right.c.target, left.c.origin == right.c.origin)
