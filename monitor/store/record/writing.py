"""Appending an observation or a gap in one transaction: its entry, its row, the bodies and the counts.

The functions `within` of the caller run in the same transaction, after all of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from monitor.model import Gap, Observation
from monitor.store.captures import captures
from monitor.store.database.errors import InstantTaken, StoreError
from monitor.store.record import projections, sightings, target_versions
from monitor.store.record.rows import observation_columns
from monitor.store.tables.record import EntryKind, entries, gaps, observations

Within = Callable[[Connection, int, Observation], object]
WithinGap = Callable[[Connection, int, Gap], object]


def append_observation(
    conn: Connection,
    seen: Observation,
    *,
    screenshot: str | None,
    recorded_at: datetime,
    within: Iterable[Within] = (),
) -> int:
    """Append an observation; its picture must already be stored under the address `screenshot`.

    Returns the number of its entry. Raises `InstantTaken` when the scheduled instant already has an entry;
    `StoreError` for an unknown target, or one that would mix simulated and real rows; `ValueError` for an
    unrecognised page, or one that is read by accepted lines, without its structure (it would be missing from
    quarantine, or be forgotten when a line is taken back), or another page with one.
    """
    if seen.reading.keeps_structure != (seen.structure is not None):
        raise ValueError("a page that needs a person, and no other, is recorded with its structure")
    at = seen.scheduled_at or seen.started_at
    entry, day = _enter(conn, EntryKind.OBSERVATION, seen, at, recorded_at)
    manifest = captures.keep(conn, seen.target, seen.capture, screenshot)
    conn.execute(insert(observations), {"id": entry, **observation_columns(seen, manifest, screenshot)})
    if seen.structure is not None:
        sightings.note(conn, {entry: seen.structure})
    sightings.note_double_reading(conn, entry, seen)
    projections.note_observation(conn, entry, at, day, seen)
    for follow in within:
        follow(conn, entry, seen)
    return entry


def append_gap(
    conn: Connection, missed: Gap, *, recorded_at: datetime, within: Iterable[WithinGap] = ()
) -> int:
    """Append a gap. Returns the number of its entry. Raises `InstantTaken` and `StoreError` as above."""
    entry, day = _enter(conn, EntryKind.GAP, missed, missed.scheduled_at, recorded_at)
    conn.execute(insert(gaps), {"id": entry, "reason": missed.reason, "detail": missed.detail})
    projections.note_gap(conn, day, missed)
    for follow in within:
        follow(conn, entry, missed)
    return entry


def _enter(
    conn: Connection, kind: EntryKind, thing: Observation | Gap, at: datetime, recorded_at: datetime
) -> tuple[int, date]:
    """Insert the entry. Returns its number and the day of `at` in the target's time zone."""
    target = target_versions.in_force(conn, thing.target)
    _unmixed(thing, target.simulated)
    day = at.astimezone(target.zone).date()
    entry = {
        "kind": kind,
        "target": thing.target,
        "target_version_id": target.version_id,
        "scheduled_at": thing.scheduled_at,
        "at": at,
        "day": day,
        "simulated": thing.simulated,
        "recorded_at": recorded_at,
    }
    try:
        return conn.execute(_ENTRY, entry).scalar_one(), day
    except IntegrityError as error:
        raise InstantTaken(f"{thing.target} already has its entry for {thing.scheduled_at}.") from error


_ENTRY = insert(entries).returning(entries.c.id)


def _unmixed(thing: Observation | Gap, simulated: bool | None) -> None:
    if simulated not in (None, thing.simulated):
        kinds = ("simulated", "real") if simulated else ("real", "simulated")
        raise StoreError(
            f"The target {thing.target} has {kinds[0]} rows and may not mix them with {kinds[1]} ones: "
            "give the other one its own id or its own database."
        )
