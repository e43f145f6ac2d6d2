"""Suspicions of a soft block: flags on rows, raised once and never taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from monitor.model import Suspicion
from monitor.store.database.dialects import insert_new
from monitor.store.tables.review import suspicions


@dataclass(frozen=True, kw_only=True, slots=True)
class SuspectedObservation:
    """One observation of a host whose zero may be given to robots only, and why it is suspected."""

    observation: int
    host: str
    reason: Suspicion


def flag(
    conn: Connection, found: Iterable[SuspectedObservation], now: datetime
) -> list[SuspectedObservation]:
    """Flag observations. Returns only those that were not flagged for that reason before."""
    wanted = {(one.observation, one.reason): one for one in found}
    numbers = {number for number, _ in wanted}
    known = select(suspicions.c.observation_id, suspicions.c.reason)
    for row in conn.execute(known.where(suspicions.c.observation_id.in_(numbers))):
        wanted.pop((row.observation_id, row.reason), None)
    rows = [
        {"observation_id": one.observation, "host": one.host, "reason": one.reason, "raised_at": now}
        for one in wanted.values()
    ]
    if rows:
        conn.execute(insert_new(conn, suspicions), rows)
    return list(wanted.values())


def of(conn: Connection, numbers: Collection[int]) -> dict[int, tuple[Suspicion, ...]]:
    """By observation number: why it is suspected. Observations without a suspicion are missing."""
    rows = select(suspicions.c.observation_id, suspicions.c.reason).order_by(suspicions.c.id)
    found: dict[int, tuple[Suspicion, ...]] = {}
    for number, reason in conn.execute(rows.where(suspicions.c.observation_id.in_(numbers))):
        found[number] = (*found.get(number, ()), reason)
    return found


def last_raised(conn: Connection) -> dict[str, datetime]:
    """By host: the UTC instant at which a suspicion was last raised."""
    newest = func.max(suspicions.c.raised_at).label("raised_at")
    rows = conn.execute(select(suspicions.c.host, newest).group_by(suspicions.c.host))
    return {row.host: row.raised_at for row in rows}
