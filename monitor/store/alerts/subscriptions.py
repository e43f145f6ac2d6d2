"""Self-service subscriptions: an address and what it wants, from request to complete erasure."""

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
    """One row; `monitor.alerts.decide.audience` reads `wants`. Unconfirmed until its owner says so."""

    id: str
    address: str
    wants: Mapping[str, Any]
    created_at: datetime
    confirmed_at: datetime | None = None


def subscribe(conn: Connection, who: Subscriber) -> None:
    """Keep a request; nothing is sent to it until it is confirmed."""
    row = {name: getattr(who, name) for name in Subscriber.__slots__}
    conn.execute(insert(subscriptions), {**row, "wants": dict(who.wants)})


def confirm(conn: Connection, number: str, now: datetime) -> bool:
    """The owner of the address agreed. False when there is no such request any more; twice does no harm."""
    mine = subscriptions.c.id == number
    agreed = (
        update(subscriptions)
        .where(mine)
        .values(confirmed_at=func.coalesce(subscriptions.c.confirmed_at, now))
    )
    return conn.execute(agreed).rowcount == 1


def subscriber(conn: Connection, number: str) -> Subscriber | None:
    """One subscription, confirmed or not."""
    row = conn.execute(select(subscriptions).where(subscriptions.c.id == number)).mappings().first()
    return Subscriber(**row) if row else None


def confirmed(conn: Connection) -> list[Subscriber]:
    """Everyone who agreed."""
    wanted = select(subscriptions).where(subscriptions.c.confirmed_at.is_not(None))
    return [Subscriber(**row) for row in conn.execute(wanted.order_by(subscriptions.c.id)).mappings()]


def unanswered(conn: Connection, since: datetime) -> list[str]:
    """The addresses with a request made since then that nobody has confirmed."""
    waiting = and_(subscriptions.c.confirmed_at.is_(None), subscriptions.c.created_at > since)
    return list(conn.execute(select(subscriptions.c.address).where(waiting)).scalars())


def requested_since(conn: Connection, since: datetime) -> int:
    """How many requests came in since then."""
    recent = subscriptions.c.created_at >= since
    return conn.execute(select(func.count()).select_from(subscriptions).where(recent)).scalar_one()


def erase(conn: Connection, numbers: Collection[str]) -> None:
    """Remove subscriptions and all that names them; `Store.forget` then does away with what is left of it."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("PRAGMA secure_delete=ON")
    conn.execute(delete(outbox).where(outbox.c.recipient.in_(numbers)))
    conn.execute(delete(deliveries).where(deliveries.c.recipient.in_(numbers)))
    _write_anew(conn, subscriptions.c.id.not_in(numbers))


def erase_unconfirmed(conn: Connection, before: datetime) -> int:
    """Remove the requests made before then that nobody confirmed; how many."""
    old = and_(subscriptions.c.confirmed_at.is_(None), subscriptions.c.created_at < before)
    numbers = conn.execute(select(subscriptions.c.id).where(old)).scalars().all()
    if numbers:
        erase(conn, numbers)
    return len(numbers)


def opt_out(conn: Connection, recipient: str, now: datetime) -> None:
    """An address of an organisation's own list wants no more mail."""
    conn.execute(upsert(conn, optouts), {"recipient": recipient, "at": now})


def opted_out(conn: Connection) -> set[str]:
    """The recipients that must be left alone whatever the settings say."""
    return set(conn.execute(select(optouts.c.recipient)).scalars())


def _write_anew(conn: Connection, kept: ColumnElement[bool]) -> None:
    """Delete all rows and put back those to keep.

    SQLite moves rows between pages and leaves copies behind in what is free of them; it overwrites with zeros
    only the pages of a table that was emptied.
    """
    rows = [dict(row) for row in conn.execute(select(subscriptions).where(kept)).mappings()]
    conn.execute(delete(subscriptions))
    if rows:
        conn.execute(insert(subscriptions), rows)
