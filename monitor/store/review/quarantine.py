"""Quarantine: unrecognised pages, grouped by structure, until a person has made a fixture of the group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, insert, select

from monitor.store.record.in_force import ReadingInForce
from monitor.store.tables.record import entries, observations
from monitor.store.tables.review import fixtures, sightings
from probes.model import Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Unrecognised pages of one structure.

    `count` is the number of visits, of every origin, whose reading in force is still `unrecognised`. `newest`
    is the number of the one whose instant is the latest. `rules` are the rules of the readings. `fixture` is
    the name of the case made from this group, `None` when there is none yet.
    """

    fingerprint: str
    platform: str
    count: int
    first_at: datetime
    last_at: datetime
    newest: int
    targets: tuple[str, ...]
    rules: tuple[str, ...]
    fixture: str | None


def groups(conn: Connection, fingerprint: str | None = None) -> list[Group]:
    """Every group, or only the group with this fingerprint; the largest group first."""
    which = () if fingerprint is None else (sightings.c.fingerprint == fingerprint,)
    names, newest, cases = _names(conn, which), _newest(conn, which), _cases(conn)
    return [
        Group(
            **row,
            newest=newest[row["fingerprint"]],
            targets=tuple(sorted({target for target, _ in names[row["fingerprint"]]})),
            rules=tuple(sorted({rule for _, rule in names[row["fingerprint"]]})),
            fixture=cases.get(row["fingerprint"]),
        )
        for row in conn.execute(_GROUPS.where(*which)).mappings()
    ]


def count_waiting(conn: Connection) -> int:
    """How many unrecognised pages are in groups of which nobody has made a fixture."""
    decided = exists().where(fixtures.c.fingerprint == sightings.c.fingerprint)
    count = select(func.count()).select_from(_JOINED).where(_UNKNOWN, ~decided)
    return int(conn.execute(count).scalar_one())


def structures(conn: Connection, targets: Iterable[str]) -> dict[str, str]:
    """By target: the fingerprint of its latest unrecognised page. Targets without such a page are missing."""
    newest = select(sightings.c.fingerprint).select_from(_JOINED).where(_UNKNOWN)
    newest = newest.order_by(entries.c.at.desc(), entries.c.id.desc()).limit(1)
    found = {target: conn.scalar(newest.where(entries.c.target == target)) for target in targets}
    return {target: fingerprint for target, fingerprint in found.items() if fingerprint}


def decide(conn: Connection, fingerprint: str, observation: int, name: str, at: datetime) -> None:
    """Record that the fixture `name` was made from this observation of the group `fingerprint`."""
    row = {"fingerprint": fingerprint, "observation_id": observation, "name": name, "decided_at": at}
    conn.execute(insert(fixtures), row)


_FORCE = ReadingInForce()
_JOINED = _FORCE.joined(
    sightings.join(observations, observations.c.id == sightings.c.observation_id).join(
        entries, entries.c.id == observations.c.id
    )
)
_UNKNOWN = _FORCE.is_in("outcome", [Outcome.UNRECOGNISED])
_COLUMNS: tuple[Any, ...] = (
    sightings.c.fingerprint,
    func.min(observations.c.platform).label("platform"),
    func.count().label("count"),
    func.min(entries.c.at).label("first_at"),
    func.max(entries.c.at).label("last_at"),
)


def _groups() -> Select[Any]:
    grouped = select(*_COLUMNS).select_from(_JOINED).where(_UNKNOWN).group_by(sightings.c.fingerprint)
    return grouped.order_by(func.count().desc(), sightings.c.fingerprint)


_GROUPS = _groups()


def _names(conn: Connection, which: tuple[ColumnElement[bool], ...]) -> dict[str, list[tuple[str, str]]]:
    """By fingerprint: the pairs of target and rule in the group."""
    wanted = select(sightings.c.fingerprint, entries.c.target, _FORCE["rule"]).distinct()
    found: dict[str, list[tuple[str, str]]] = {}
    for fingerprint, target, rule in conn.execute(wanted.select_from(_JOINED).where(_UNKNOWN, *which)):
        found.setdefault(fingerprint, []).append((target, rule))
    return found


def _newest(conn: Connection, which: tuple[ColumnElement[bool], ...]) -> dict[str, int]:
    """By fingerprint: the observation whose instant is the latest. It need not have the greatest number."""
    latest = (entries.c.at.desc(), entries.c.id.desc())
    place = func.row_number().over(partition_by=sightings.c.fingerprint, order_by=latest).label("place")
    ranked = select(sightings.c.fingerprint, entries.c.id, place).select_from(_JOINED)
    first = ranked.where(_UNKNOWN, *which).subquery()
    found = conn.execute(select(first.c.fingerprint, first.c.id).where(first.c.place == 1))
    return {row.fingerprint: row.id for row in found}


def _cases(conn: Connection) -> dict[str, str]:
    rows = conn.execute(select(fixtures.c.fingerprint, fixtures.c.name).order_by(fixtures.c.id))
    return {row.fingerprint: row.name for row in rows}
