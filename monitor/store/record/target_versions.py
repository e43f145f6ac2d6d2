"""All targets, with every version of their data. Each entry names the version that was current for it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, insert, select

from monitor.store.captures.blobs import digest
from monitor.store.database.dialects import lock, upsert
from monitor.store.database.errors import StoreError
from monitor.store.tables.record import entries, target_versions, targets
from probes.model import Target


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetVersion:
    """The data of a target from `recorded_at` (UTC) on; `sha256` is that of its canonical JSON."""

    id: int
    target: Target
    sha256: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class VersionInForce:
    """What a new entry takes from its target: the number of its current version, and its time zone.

    `simulated` says whether its entries are simulated; `None` when it has none yet.
    """

    version_id: int
    zone: ZoneInfo
    simulated: bool | None


def record(conn: Connection, known: Iterable[Target], recorded_at: datetime) -> None:
    """Append a version of each target that is new or whose content changed; skip all others."""
    lock(conn, targets)
    current = {version.target.id: version.sha256 for version in recorded(conn)}
    for target in known:
        content = _content(target)
        sha256 = digest(
            json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
        )
        if current.get(target.id) != sha256:
            _append(conn, target, content, sha256, recorded_at)


def recorded(conn: Connection) -> tuple[TargetVersion, ...]:
    """The current version of every target ever recorded, sorted by target."""
    versions = select(target_versions).join_from(targets, target_versions).order_by(targets.c.target)
    return tuple(
        TargetVersion(id=row.id, target=Target(**row.content), sha256=row.sha256, recorded_at=row.recorded_at)
        for row in conn.execute(versions)
    )


def current(conn: Connection) -> dict[str, Target]:
    """By id: the current data of every target ever recorded."""
    return {version.target.id: version.target for version in recorded(conn)}


def newest(conn: Connection, target: str) -> tuple[int, Target]:
    """The number of a target's current version, and its data. Takes no lock, so it never waits.

    Raises `LookupError` for a target that was never recorded.
    """
    wanted = select(target_versions.c.id, target_versions.c.content).join_from(targets, target_versions)
    row = conn.execute(wanted.where(targets.c.target == target)).first()
    if row is None:
        raise LookupError(f"the target {target} was never recorded")
    return row.id, Target(**row.content)


def every(conn: Connection) -> dict[int, Target]:
    """By number: every version of every target. Entries refer to these numbers."""
    rows = conn.execute(select(target_versions.c.id, target_versions.c.content))
    return {row.id: Target(**row.content) for row in rows}


def of(conn: Connection, number: int) -> Target:
    """The version with this number. Raises `StoreError` when there is none."""
    content = conn.scalar(select(target_versions.c.content).where(target_versions.c.id == number))
    if content is None:
        raise StoreError(f"There is no version {number} of any target.")
    return Target(**content)


def in_force(conn: Connection, target: str) -> VersionInForce:
    """The version to which new entries of `target` refer.

    The target's row stays locked until the transaction ends, so that a target has one writer at a time.
    Raises `StoreError` for a target that was never recorded.
    """
    row = conn.execute(_IN_FORCE, {"target": target}).first()
    if row is None:
        raise StoreError(f"The target {target} is unknown to the store: record the target before its visits.")
    return VersionInForce(row.version_id, ZoneInfo(row.zone), row.simulated)


_newest_entry = (
    select(entries.c.simulated)
    .where(entries.c.target == bindparam("target"))
    .order_by(entries.c.at.desc())
    .limit(1)
    .scalar_subquery()
)
_IN_FORCE = (
    select(targets.c.version_id, target_versions.c.zone, _newest_entry.label("simulated"))
    .join_from(targets, target_versions)
    .where(targets.c.target == bindparam("target"))
    .with_for_update(of=targets)
)


def _content(target: Target) -> dict[str, Any]:
    named = {field.name: getattr(target, field.name) for field in fields(target)}
    return {**named, "options": dict(target.options)}


def _append(
    conn: Connection, target: Target, content: dict[str, Any], sha256: str, recorded_at: datetime
) -> None:
    row = {"target": target.id, "zone": target.zone, "content": content, "sha256": sha256}
    version = insert(target_versions).returning(target_versions.c.id)
    number = conn.scalar(version, {**row, "recorded_at": recorded_at})
    conn.execute(upsert(conn, targets), {"target": target.id, "version_id": number})
