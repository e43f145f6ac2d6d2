"""The outbox: who is to be told of which transition or incident, until a delivery carries it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, func, insert, select, update

from monitor.store.alert_tables import outbox, transitions
from monitor.store.folding import Told, told_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """One outbox row that may go out: news of a transition, or an incident, to one recipient."""

    id: int
    recipient: str
    due_at: datetime
    told: Told | None = None
    incident: int | None = None


def queue(conn: Connection, transition: int, recipients: Iterable[tuple[str, datetime]]) -> None:
    """One outbox row for each recipient, due when it may be told."""
    rows = [{"transition_id": transition, "recipient": who, "due_at": at} for who, at in recipients]
    if rows:
        conn.execute(insert(outbox), rows)


def due(conn: Connection, now: datetime) -> list[Due]:
    """Outbox rows that wait for nothing but a mail, by recipient and number."""
    wanted = _waiting().where(outbox.c.due_at <= now).order_by(outbox.c.recipient, outbox.c.id)
    return [_due(row) for row in conn.execute(wanted).mappings()]


def of_delivery(conn: Connection, delivery: int) -> list[Due]:
    """The outbox rows that one delivery carries."""
    wanted = select(*_OUTBOX).select_from(_WITH_TRANSITION).where(outbox.c.delivery_id == delivery)
    return [_due(row) for row in conn.execute(wanted.order_by(outbox.c.id)).mappings()]


def waiting(conn: Connection, recipient: str | None = None) -> int:
    """How many outbox rows are not in a mail yet."""
    wanted = select(func.count()).select_from(_waiting().subquery())
    if recipient is not None:
        wanted = select(func.count()).select_from(
            _waiting().where(outbox.c.recipient == recipient).subquery()
        )
    return conn.execute(wanted).scalar_one()


def drop(conn: Connection, rows: Collection[int], reason: str) -> None:
    """These outbox rows will not be told."""
    conn.execute(update(outbox).where(outbox.c.id.in_(rows)).values(dropped=reason))


def carry(conn: Connection, rows: Collection[int], delivery: int) -> None:
    """These outbox rows go out with that delivery."""
    conn.execute(update(outbox).where(outbox.c.id.in_(rows)).values(delivery_id=delivery))


def _waiting() -> Select[Any]:
    open_rows = and_(outbox.c.delivery_id.is_(None), outbox.c.dropped.is_(None))
    return select(*_OUTBOX).select_from(_WITH_TRANSITION).where(open_rows)


_WITH_TRANSITION = outbox.outerjoin(transitions)
_OUTBOX: Sequence[Any] = [
    outbox.c.id.label("outbox_id"),
    outbox.c.recipient,
    outbox.c.due_at,
    outbox.c.incident_id,
    *transitions.c,
]


def _due(row: RowMapping) -> Due:
    return Due(
        id=row["outbox_id"],
        recipient=row["recipient"],
        due_at=row["due_at"],
        told=told_of(row) if row["id"] is not None else None,
        incident=row["incident_id"],
    )
