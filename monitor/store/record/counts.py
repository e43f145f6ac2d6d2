"""Counts of entries by outcome or gap reason, read from the projections without scanning the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from monitor.model import GapReason, Origin
from monitor.store.tables.record import EntryKind, day_counts, entry_counts
from probes.model import Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """The number `n` of entries of a target that ended as `result`.

    `day` is a day in the target's time zone; `None` in a count over all time.
    """

    target: str
    kind: EntryKind
    origin: Origin
    result: Outcome | GapReason
    n: int
    day: date | None = None


def totals(conn: Connection) -> list[Count]:
    """The counts over all time, by target, kind, origin and result."""
    rows = conn.execute(select(entry_counts).order_by(*entry_counts.primary_key.columns))
    return [_count(row) for row in rows]


def by_day(
    conn: Connection, *, target: str | None = None, since: date | None = None, until: date | None = None
) -> list[Count]:
    """The counts by local day, of one target or of all. `since` is included, `until` is not."""
    wanted = select(day_counts).order_by(*day_counts.primary_key.columns)
    if target is not None:
        wanted = wanted.where(day_counts.c.target == target)
    if since is not None:
        wanted = wanted.where(day_counts.c.day >= since)
    if until is not None:
        wanted = wanted.where(day_counts.c.day < until)
    return [_count(row, row.day) for row in conn.execute(wanted)]


def _count(row: Row[Any], day: date | None = None) -> Count:
    result = GapReason(row.result) if row.kind is EntryKind.GAP else Outcome(row.result)
    return Count(target=row.target, kind=row.kind, origin=row.origin, result=result, n=row.n, day=day)
