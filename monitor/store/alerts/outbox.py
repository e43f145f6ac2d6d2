"""The outbox: one row for each recipient who must be told of a transition or an incident.

A row waits until it is put into a delivery, or dropped with a reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, insert, or_, select, update

from monitor.model import Phase
from monitor.store.alerts.transitions import StoredTransition, told_of
from monitor.store.tables.alerts import outbox, transitions


@dataclass(frozen=True, kw_only=True, slots=True)
class DueRow:
    """One outbox row for one recipient, about a transition (`told`) or an incident (its number).

    `due_at` (UTC) is the first instant at which it may be sent.
    """

    id: int
    recipient: str
    due_at: datetime
    told: StoredTransition | None = None
    incident: int | None = None


def queue(conn: Connection, transition: int, recipients: Iterable[tuple[str, datetime]]) -> None:
    """Add an outbox row for each pair of recipient and instant from which it may be sent (UTC)."""
    rows = [{"transition_id": transition, "recipient": who, "due_at": at} for who, at in recipients]
    if rows:
        conn.execute(insert(outbox), rows)


def recipients(conn: Connection, now: datetime) -> list[str]:
    """The recipients with outbox rows that are due and are in no delivery yet, sorted."""
    wanted = select(outbox.c.recipient).distinct().where(_WAITING, outbox.c.due_at <= now)
    return list(conn.execute(wanted.order_by(outbox.c.recipient)).scalars())


def due(conn: Connection, recipient: str, now: datetime) -> list[DueRow]:
    """The outbox rows of one recipient that are due and are in no delivery yet, by number."""
    mine = and_(_WAITING, outbox.c.recipient == recipient, outbox.c.due_at <= now)
    return _read(conn, mine)


def of_delivery(conn: Connection, delivery: int) -> list[DueRow]:
    """The outbox rows in one delivery, by number."""
    return _read(conn, outbox.c.delivery_id == delivery)


def overtaken(conn: Connection, recipient: str, numbers: Collection[int]) -> set[int]:
    """Which of these transitions (by number) are no longer news for `recipient`.

    A transition to a drought is no news once a later transition ended the drought. Any other transition is no
    news once `recipient` has an outbox row for a later transition of the same target.
    """
    later, theirs = transitions.alias(), outbox.alias()
    after = and_(later.c.target == transitions.c.target, later.c.id > transitions.c.id, later.c.news)
    ended = and_(transitions.c.after == Phase.ZERO, later.c.after != Phase.ZERO)
    heard = exists().where(theirs.c.transition_id == later.c.id, theirs.c.recipient == recipient)
    wanted = select(transitions.c.id).join(later, and_(after, or_(ended, heard)))
    return set(conn.execute(wanted.where(transitions.c.id.in_(numbers))).scalars())


def drop(conn: Connection, rows: Collection[int], reason: str) -> None:
    """Mark these outbox rows as dropped: they will never be sent. `reason` is stored."""
    conn.execute(update(outbox).where(outbox.c.id.in_(rows)).values(dropped=reason))


def carry(conn: Connection, rows: Collection[int], delivery: int) -> None:
    """Put these outbox rows into a delivery."""
    conn.execute(update(outbox).where(outbox.c.id.in_(rows)).values(delivery_id=delivery))


_WAITING = and_(outbox.c.delivery_id.is_(None), outbox.c.dropped.is_(None))
_OUTBOX: Sequence[Any] = [
    outbox.c.id.label("outbox_id"),
    outbox.c.recipient,
    outbox.c.due_at,
    outbox.c.incident_id,
    *transitions.c,
]


def _read(conn: Connection, which: ColumnElement[bool]) -> list[DueRow]:
    wanted = select(*_OUTBOX).select_from(outbox.outerjoin(transitions)).where(which).order_by(outbox.c.id)
    return [_due(row) for row in conn.execute(wanted).mappings()]


def _due(row: RowMapping) -> DueRow:
    return DueRow(
        id=row["outbox_id"],
        recipient=row["recipient"],
        due_at=row["due_at"],
        told=told_of(row) if row["id"] is not None else None,
        incident=row["incident_id"],
    )
