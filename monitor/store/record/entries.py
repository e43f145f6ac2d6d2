"""Observations and gaps as rows: one row by its number, or the rows of a period as a stream.

A stream keeps one batch in memory. Each batch is read in a short transaction of its own, so that a slow
reader does not hold up a writer. A stream misses rows that are appended at a place it has already passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, TypeVar

from sqlalchemy import Connection, RowMapping, Select, func, select, tuple_

from monitor.store.database.errors import StoreError
from monitor.store.record.in_force import ReadingInForce
from monitor.store.record.rows import EntryRow, GapRow, ObservationRow, entry_row, gap_row, observation_row
from monitor.store.tables.record import entries, gaps, observations
from monitor.store.tables.review import sightings
from probes.model import utc

BATCH = 1000

Row = TypeVar("Row", ObservationRow, GapRow, EntryRow)


@dataclass(frozen=True, kw_only=True, slots=True)
class RowSelection:
    """Which rows, and in which order. `since` (included) and `until` (excluded) are limits for `at`.

    `structure` is the fingerprint of the pages that are wanted.
    """

    target: str | None = None
    structure: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    newest_first: bool = False

    def __post_init__(self) -> None:
        for name in ("since", "until"):
            value = getattr(self, name)
            object.__setattr__(self, name, value and utc(value, name))


class Bounds(TypedDict, total=False):
    """The fields of `RowSelection` but `target`, as keyword arguments."""

    structure: str | None
    since: datetime | None
    until: datetime | None
    limit: int | None
    newest_first: bool


Fetch = Callable[[Select[Any]], Sequence[RowMapping]]
"""Runs one query in a transaction of its own."""

_FORCE = ReadingInForce()
_SEEN = [*(column for column in observations.c if column.name != "id"), *_FORCE.later]
_OBSERVED = _FORCE.joined(entries.join(observations))
_MISSED = [column for column in gaps.c if column.name != "id"]
_MERGED = select(entries, *_SEEN, *_MISSED).select_from(
    _FORCE.joined(entries.outerjoin(observations).outerjoin(gaps, gaps.c.id == entries.c.id))
)


def stream_observations(fetch: Fetch, chosen: RowSelection) -> Iterator[ObservationRow]:
    """The chosen observations, as a stream."""
    return _stream(fetch, select(entries, *_SEEN).select_from(_OBSERVED), observation_row, chosen)


def stream_gaps(fetch: Fetch, chosen: RowSelection) -> Iterator[GapRow]:
    """The chosen gaps, as a stream."""
    return _stream(fetch, select(entries, *_MISSED).join_from(entries, gaps), gap_row, chosen)


def stream_entries(fetch: Fetch, chosen: RowSelection) -> Iterator[EntryRow]:
    """The chosen observations and gaps, merged into one stream."""
    return _stream(fetch, _MERGED, entry_row, chosen)


def find(conn: Connection, number: int) -> EntryRow | None:
    """The observation or gap with this number; `None` when there is none."""
    row = conn.execute(_MERGED.where(entries.c.id == number)).mappings().first()
    return None if row is None else entry_row(row)


def one(conn: Connection, number: int) -> EntryRow:
    """The observation or gap with this number. Raises `StoreError` when there is none."""
    row = find(conn, number)
    if row is None:
        raise StoreError(f"There is no entry number {number}.")
    return row


def observation(conn: Connection, number: int) -> ObservationRow:
    """The observation with this number. Raises `StoreError` when there is none."""
    wanted = select(entries, *_SEEN).select_from(_OBSERVED).where(entries.c.id == number)
    row = conn.execute(wanted).mappings().first()
    if row is None:
        raise StoreError(f"There is no observation number {number}.")
    return observation_row(row)


def count_observations(
    conn: Connection,
    target: str | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """How many observations have their `at` in the period: `since` is included, `until` is not."""
    counted = select(func.count()).select_from(entries.join(observations))
    chosen = RowSelection(target=target, since=since, until=until)
    return int(conn.execute(_bounded(counted, chosen)).scalar_one())


def _stream(
    fetch: Fetch, rows: Select[Any], made: Callable[[RowMapping], Row], chosen: RowSelection
) -> Iterator[Row]:
    rows = _ordered(_bounded(rows, chosen), chosen)
    left = chosen.limit
    after = None
    while left is None or left > 0:
        size = BATCH if left is None else min(BATCH, left)
        batch = fetch(_beyond(rows, after, chosen).limit(size))
        yield from map(made, batch)
        if len(batch) < size:
            return
        left = None if left is None else left - size
        after = (batch[-1]["at"], batch[-1]["id"])


def _bounded(rows: Select[Any], chosen: RowSelection) -> Select[Any]:
    if chosen.target is not None:
        rows = rows.where(entries.c.target == chosen.target)
    if chosen.structure is not None:
        sighted = select(sightings.c.observation_id).where(sightings.c.fingerprint == chosen.structure)
        rows = rows.where(entries.c.id.in_(sighted))
    if chosen.since is not None:
        rows = rows.where(entries.c.at >= chosen.since)
    if chosen.until is not None:
        rows = rows.where(entries.c.at < chosen.until)
    return rows


def _ordered(rows: Select[Any], chosen: RowSelection) -> Select[Any]:
    if chosen.newest_first:
        return rows.order_by(entries.c.at.desc(), entries.c.id.desc())
    return rows.order_by(entries.c.at, entries.c.id)


def _beyond(rows: Select[Any], after: tuple[datetime, int] | None, chosen: RowSelection) -> Select[Any]:
    if after is None:
        return rows
    place = tuple_(entries.c.at, entries.c.id)
    return rows.where(place < after if chosen.newest_first else place > after)
