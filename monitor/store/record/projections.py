"""The projections: counts and latest observations of each target, derived from the rows.

They are updated in the transaction of each new row, and can be rebuilt from all rows. They use the readings
in force: after a later reading its target is counted again.

`note_observation` and `note_gap` update for one row; `rebuild` computes the same from all rows. A property
test compares the two. The order in which rows are recorded does not matter: « latest » means the highest
`at`, then the highest entry number.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from monitor.store.database.dialects import count_up, lock, upsert
from monitor.store.record.in_force import ReadingInForce
from monitor.store.tables.record import (
    EntryKind,
    day_counts,
    entries,
    entry_counts,
    gaps,
    latest,
    observations,
    target_versions,
    targets,
)
from probes.model import Outcome

CONCLUSIVE = [outcome for outcome in Outcome if outcome.conclusive]


def note_observation(conn: Connection, entry: int, at: datetime, day: date, seen: Observation) -> None:
    """Count an observation that has just been inserted, and update its row of `latest`.

    `at` is the instant of the entry in UTC, `day` the same in the target's zone.
    """
    _count(conn, seen.target, day, EntryKind.OBSERVATION, seen.origin, seen.reading.outcome)
    _remember(conn, entry, at, seen)


def note_gap(conn: Connection, day: date, gap: Gap) -> None:
    """Count a gap that has just been inserted. It counts as scheduled: only scheduled instants have gaps."""
    _count(conn, gap.target, day, EntryKind.GAP, Origin.SCHEDULED, gap.reason)


def rebuild(conn: Connection) -> None:
    """Compute all projections again from the rows. No row can be appended until the transaction ends."""
    lock(conn, targets)
    versions = select(target_versions.c.target, func.max(target_versions.c.id))
    conn.execute(delete(targets))
    conn.execute(insert(targets).from_select(targets.c.keys(), versions.group_by(target_versions.c.target)))
    for table, definition in _counts().items():
        conn.execute(delete(table))
        conn.execute(insert(table).from_select(table.c.keys(), definition))


def recount(conn: Connection, target: str) -> None:
    """Compute the counts and the row of `latest` of one target again, after later readings of its rows.

    The caller must hold the target's lock (see `target_versions.in_force`).
    """
    for table, definition in _counts(entries.c.target == target).items():
        conn.execute(delete(table).where(table.c.target == target))
        conn.execute(insert(table).from_select(table.c.keys(), definition))


def _count(conn: Connection, target: str, day: date, kind: EntryKind, origin: Origin, result: str) -> None:
    one = {"target": target, "kind": kind, "origin": origin, "result": str(result), "n": 1}
    conn.execute(count_up(conn, entry_counts), one)
    conn.execute(count_up(conn, day_counts), {**one, "day": day})


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
    """The row of `latest` after one more outcome.

    When that outcome is the latest with slots, the caller must count the zeros after it again: observations
    may be recorded out of order.
    """
    applies = {"last": True, "conclusive": outcome.conclusive, "slots": outcome is Outcome.SLOTS_OFFERED}
    for name in (name for name, applied in applies.items() if applied):
        if row[f"{name}_id"] is None or (row[f"{name}_at"], row[f"{name}_id"]) < (at, entry):
            row |= {f"{name}_id": entry, f"{name}_at": at}
    if outcome is Outcome.NO_SLOTS and (row["slots_at"] is None or row["slots_at"] < at):
        row["zeros"] += 1
        row["zero_start_at"] = min(at, row["zero_start_at"] or at)
        row["zero_last_at"] = max(at, row["zero_last_at"] or at)
    return row


_FORCE = ReadingInForce()


def _seen(*which: ColumnElement[bool]) -> Subquery:
    """The observations that fulfil the conditions `which`, with the outcome in force."""
    columns = (entries.c.id, entries.c.target, entries.c.at, observations.c.origin, _FORCE["outcome"])
    joined = _FORCE.joined(entries.join(observations))
    return select(*columns).select_from(joined).where(*which).subquery("seen")


def _run(seen: Subquery) -> list[ColumnElement[Any]]:
    return [
        func.min(seen.c.at).label("zero_start_at"),
        func.max(seen.c.at).label("zero_last_at"),
        func.count().label("zeros"),
    ]


def _zeros_after() -> Select[Any]:
    recent = (entries.c.target == bindparam("target"), entries.c.at > bindparam("after"))
    seen = _seen(*recent, observations.c.origin == bindparam("origin"))
    return select(*_run(seen)).where(seen.c.outcome == Outcome.NO_SLOTS)


_ZEROS_AFTER = _zeros_after()


def _counts(*which: ColumnElement[bool]) -> dict[Table, Select[Any]]:
    return {
        entry_counts: _counted(which, entries.c.target),
        day_counts: _counted(which, entries.c.target, entries.c.day),
        latest: _latest(_seen(*which)),
    }


def _counted(which: Sequence[ColumnElement[bool]], *key: Column[Any]) -> Select[Any]:
    scheduled = literal(Origin.SCHEDULED, observations.c.origin.type)
    origin = case((entries.c.kind == EntryKind.GAP, scheduled), else_=observations.c.origin)
    result = func.coalesce(cast(_FORCE["outcome"], String), cast(gaps.c.reason, String))
    groups = (*key, entries.c.kind, origin, result)
    joined = _FORCE.joined(entries.outerjoin(observations).outerjoin(gaps, gaps.c.id == entries.c.id))
    return select(*groups, func.count()).select_from(joined).where(*which).group_by(*groups)


def _latest(seen: Subquery) -> Select[Any]:
    last = _newest(seen, true(), "last")
    conclusive = _newest(seen, seen.c.outcome.in_(CONCLUSIVE), "conclusive")
    slots = _newest(seen, seen.c.outcome == Outcome.SLOTS_OFFERED, "slots")
    zeros = _zeros(seen, slots)
    joined: FromClause = last
    for other in (conclusive, slots, zeros):
        joined = joined.outerjoin(other, _same_series(last, other))
    return select(
        *(last.c.target, last.c.origin, last.c.id, last.c.at),
        *(conclusive.c.id, conclusive.c.at, slots.c.id, slots.c.at),
        *(zeros.c.zero_start_at, zeros.c.zero_last_at, func.coalesce(zeros.c.zeros, 0)),
    ).select_from(joined)


def _newest(seen: Subquery, condition: ColumnElement[bool], name: str) -> Subquery:
    newest_first = (seen.c.at.desc(), seen.c.id.desc())
    place = func.row_number().over(partition_by=(seen.c.target, seen.c.origin), order_by=newest_first)
    ranked = select(seen, place.label("place")).where(condition).subquery()
    return select(ranked).where(ranked.c.place == 1).subquery(name)


def _zeros(seen: Subquery, slots: Subquery) -> Subquery:
    after = or_(slots.c.at.is_(None), seen.c.at > slots.c.at)
    return (
        select(seen.c.target, seen.c.origin, *_run(seen))
        .select_from(seen.outerjoin(slots, _same_series(seen, slots)))
        .where(seen.c.outcome == Outcome.NO_SLOTS, after)
        .group_by(seen.c.target, seen.c.origin)
        .subquery("zeros")
    )


def _same_series(left: Subquery, right: Subquery) -> ColumnElement[bool]:
    return and_(left.c.target == right.c.target, left.c.origin == right.c.origin)
