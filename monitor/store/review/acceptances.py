"""Acceptances: lines that a person found harmless on the pages of one structure, and what was taken back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, select

from monitor.store.database.dialects import lock
from monitor.store.database.errors import StoreError
from monitor.store.tables.review import acceptances
from probes.model import AcceptedLine


@dataclass(frozen=True, kw_only=True, slots=True)
class Acceptance:
    """A line that `author` accepted on pages of the structure `fingerprint`, seen on page `observation`.

    `at` is UTC. `withdrawn_at`, `withdrawn_by` and `withdrawn_because` are `None` while it is in force.
    """

    number: int
    platform: str
    fingerprint: str
    line: str
    observation: int
    reason: str
    author: str
    at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_because: str | None = None


def every(conn: Connection) -> list[Acceptance]:
    """All acceptances, also those that were taken back, oldest first."""
    return [Acceptance(**row) for row in conn.execute(_EVERY).mappings()]


def in_force(conn: Connection, platform: str) -> dict[str, tuple[AcceptedLine, ...]]:
    """By structure: the lines that are accepted on pages of this platform now, oldest first."""
    found: dict[str, tuple[AcceptedLine, ...]] = defaultdict(tuple)
    for row in conn.execute(_IN_FORCE.where(_MADE.c.platform == platform)).mappings():
        found[row["fingerprint"]] += (_line(row),)
    return dict(found)


def accept(
    conn: Connection,
    accepted: AcceptedLine,
    *,
    platform: str,
    fingerprint: str,
    observation: int,
    author: str,
) -> int:
    """Accept a line on pages of this structure; its number. Raises `StoreError` when it is accepted already.

    `accepted.line` is normalised; `observation` is the number of the page on which the author saw it.
    """
    lock(conn, acceptances)
    same = _IN_FORCE.where(_MADE.c.fingerprint == fingerprint, _MADE.c.line == accepted.line)
    if known := conn.execute(same).mappings().first():
        raise StoreError(
            f"« {accepted.line} » is accepted on these pages already, as number {known['number']}."
        )
    row = {
        "platform": platform,
        "fingerprint": fingerprint,
        "line": accepted.line,
        "observation_id": observation,
        "reason": accepted.reason,
        "author": author,
        "at": accepted.at,
    }
    return int(conn.execute(insert(acceptances).returning(acceptances.c.id), row).scalar_one())


def withdraw(conn: Connection, number: int, *, reason: str, author: str, at: datetime) -> Acceptance:
    """Take an acceptance back; the acceptance as it was. Raises `StoreError` when it is not in force."""
    lock(conn, acceptances)
    known = {one.number: one for one in every(conn)}
    if number not in known:
        raise StoreError(
            f"There is no accepted line number {number}; `vigie quarantine accepted` lists them."
        )
    taken = known[number]
    if taken.withdrawn_at:
        raise StoreError(
            f"The accepted line number {number} was taken back on {taken.withdrawn_at:%Y-%m-%d}."
        )
    row = {
        "platform": taken.platform,
        "fingerprint": taken.fingerprint,
        "line": taken.line,
        "observation_id": taken.observation,
        "reason": reason,
        "author": author,
        "at": at,
        "withdraws": number,
    }
    conn.execute(insert(acceptances), row)
    return taken


def _line(row: RowMapping) -> AcceptedLine:
    return AcceptedLine(line=row["line"], at=row["at"], reason=row["reason"])


_MADE, _TAKEN = acceptances.alias(), acceptances.alias()


def _every() -> Select[Any]:
    columns = (
        *(_MADE.c.id.label("number"), _MADE.c.platform, _MADE.c.fingerprint, _MADE.c.line),
        *(_MADE.c.observation_id.label("observation"), _MADE.c.reason, _MADE.c.author, _MADE.c.at),
        _TAKEN.c.at.label("withdrawn_at"),
        _TAKEN.c.author.label("withdrawn_by"),
        _TAKEN.c.reason.label("withdrawn_because"),
    )
    joined = _MADE.outerjoin(_TAKEN, _TAKEN.c.withdraws == _MADE.c.id)
    return select(*columns).select_from(joined).where(_MADE.c.withdraws.is_(None)).order_by(_MADE.c.id)


_EVERY = _every()
_IN_FORCE = _EVERY.where(_TAKEN.c.id.is_(None))
