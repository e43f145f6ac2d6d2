"""Self-service subscriptions: an address and what it wants to hear of, from the request to the erasure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from monitor.store.database.dialects import upsert
from monitor.store.tables.alerts import deliveries, optouts, outbox, subscriptions


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscriber:
    """One subscription. All instants are UTC; `confirmed_at` is `None` until the owner of the address agreed.

    `wants` is what the subscription asks for; `monitor.alerts.decide.audience` says what it holds.
    """

    id: str
    address: str
    wants: Mapping[str, Any]
    created_at: datetime
    confirmed_at: datetime | None = None


def subscribe(conn: Connection, who: Subscriber) -> None:
    """Store a request. No news is sent to its address until it is confirmed."""
    row = {name: getattr(who, name) for name in Subscriber.__slots__}
    conn.execute(insert(subscriptions), {**row, "wants": dict(who.wants)})


def confirm(conn: Connection, number: str, now: datetime) -> bool:
    """Record that the owner of the address agreed. Returns `False` when the request no longer exists.

    Confirming again changes nothing.
    """
    mine = subscriptions.c.id == number
    agreed = (
        update(subscriptions)
        .where(mine)
        .values(confirmed_at=func.coalesce(subscriptions.c.confirmed_at, now))
    )
    return conn.execute(agreed).rowcount == 1


def subscriber(conn: Connection, number: str) -> Subscriber | None:
    """The subscription with this number, confirmed or not; `None` when there is none."""
    row = conn.execute(select(subscriptions).where(subscriptions.c.id == number)).mappings().first()
    return Subscriber(**row) if row else None


def confirmed(conn: Connection) -> list[Subscriber]:
    """The confirmed subscriptions, by number."""
    wanted = select(subscriptions).where(subscriptions.c.confirmed_at.is_not(None))
    return [Subscriber(**row) for row in conn.execute(wanted.order_by(subscriptions.c.id)).mappings()]


def unanswered(conn: Connection, since: datetime) -> list[str]:
    """The addresses of unconfirmed requests made after `since`; an address comes once for each request."""
    waiting = and_(subscriptions.c.confirmed_at.is_(None), subscriptions.c.created_at > since)
    return list(conn.execute(select(subscriptions.c.address).where(waiting)).scalars())


def requested_since(conn: Connection, since: datetime) -> int:
    """How many requests were made at or after `since` and still exist."""
    recent = subscriptions.c.created_at >= since
    return conn.execute(select(func.count()).select_from(subscriptions).where(recent)).scalar_one()


def erase(conn: Connection, numbers: Collection[str]) -> None:
    """Delete subscriptions, their outbox rows and their deliveries.

    Call `Store.forget` after the transaction: only then is nothing of them left on the disk.
    """
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("PRAGMA secure_delete=ON")
    conn.execute(delete(outbox).where(outbox.c.recipient.in_(numbers)))
    conn.execute(delete(deliveries).where(deliveries.c.recipient.in_(numbers)))
    _write_anew(conn, subscriptions.c.id.not_in(numbers))


def erase_unconfirmed(conn: Connection, before: datetime) -> int:
    """Erase the unconfirmed requests made before `before`. Returns how many."""
    old = and_(subscriptions.c.confirmed_at.is_(None), subscriptions.c.created_at < before)
    numbers = conn.execute(select(subscriptions.c.id).where(old)).scalars().all()
    if numbers:
        erase(conn, numbers)
    return len(numbers)


def opt_out(conn: Connection, recipient: str, now: datetime) -> None:
    """Record that a recipient from an organisation's settings wants no more mail."""
    conn.execute(upsert(conn, optouts), {"recipient": recipient, "at": now})


def opted_out(conn: Connection) -> set[str]:
    """The recipients that must get no mail even if the settings name them."""
    return set(conn.execute(select(optouts.c.recipient)).scalars())


def _write_anew(conn: Connection, kept: ColumnElement[bool]) -> None:
    """Delete all rows of `subscriptions` and insert again those to keep.

    SQLite moves rows between pages, and copies of them stay in the free parts of the pages. Only when a table
    is emptied does SQLite overwrite its pages with zeros.
    """
    rows = [dict(row) for row in conn.execute(select(subscriptions).where(kept)).mappings()]
    conn.execute(delete(subscriptions))
    if rows:
        conn.execute(insert(subscriptions), rows)
