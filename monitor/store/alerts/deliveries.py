"""Deliveries: one mail to one recipient, from its making to its sending, under leases that expire."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, func, or_, select, update

from monitor.store.database.dialects import insert_new, lock
from monitor.store.tables.alerts import Status, deliveries, outbox

_RETRIES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720))
MOST_ATTEMPTS = len(_RETRIES) + 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One mail. `key` makes it one for ever (and its Message-ID); `end_at` ends the week of a digest."""

    id: int
    key: str
    recipient: str
    form: str
    end_at: datetime | None
    created_at: datetime
    due_at: datetime
    status: Status
    attempts: int
    error: str | None
    lease: str | None


def create(
    conn: Connection,
    *,
    key: str,
    recipient: str,
    form: str,
    now: datetime,
    end_at: datetime | None = None,
    held: bool = False,
) -> int | None:
    """A new delivery, due at once; its number, or `None` when there is one of this key already."""
    row = {
        "key": key,
        "recipient": recipient,
        "form": form,
        "end_at": end_at,
        "created_at": now,
        "due_at": now,
        "status": Status.HELD if held else Status.PENDING,
        "attempts": 0,
    }
    return conn.execute(insert_new(conn, deliveries), row).scalar()


def alone(conn: Connection) -> None:
    """Let no other mailer make deliveries until this transaction ends."""
    lock(conn, deliveries)


def made(conn: Connection, keys: Collection[str]) -> set[str]:
    """Those of these keys of which there is a delivery."""
    return set(conn.execute(select(deliveries.c.key).where(deliveries.c.key.in_(keys))).scalars())


def claim(conn: Connection, forms: Collection[str], now: datetime, lease: timedelta) -> Delivery | None:
    """Lease the next delivery that is due, counting the attempt: whoever dies with it has tried once."""
    free = or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= now)
    due = and_(deliveries.c.status == Status.PENDING, deliveries.c.due_at <= now, free)
    ready = and_(deliveries.c.form.in_(forms), due)
    first = select(deliveries.c.id).where(ready).order_by(deliveries.c.due_at, deliveries.c.id).limit(1)
    taken = {
        "lease": secrets.token_hex(16),
        "leased_until": now + lease,
        "attempts": deliveries.c.attempts + 1,
    }
    number = conn.execute(first.with_for_update(skip_locked=True)).scalar()
    if number is None:
        return None
    conn.execute(update(deliveries).where(deliveries.c.id == number).values(taken))
    return one(conn, number)


def one(conn: Connection, number: int) -> Delivery:
    """One delivery by its number."""
    row = conn.execute(select(*_COLUMNS).where(deliveries.c.id == number)).mappings().one()
    return _delivery(row)


def settle(
    conn: Connection, taken: Delivery, status: Status, now: datetime, error: str | None = None
) -> None:
    """The end of a leased delivery: sent, parked or dropped. Does nothing when the lease went to another."""
    _give_back(conn, taken, status=status, settled_at=now, error=error)


def retry(conn: Connection, taken: Delivery, now: datetime, error: str) -> Status:
    """Try again later, or park it after too many attempts; what was decided."""
    if taken.attempts >= MOST_ATTEMPTS:
        settle(conn, taken, Status.PARKED, now, error)
        return Status.PARKED
    _give_back(conn, taken, due_at=now + _RETRIES[taken.attempts - 1], error=error)
    return Status.PENDING


def postpone(conn: Connection, taken: Delivery, until: datetime, error: str) -> None:
    """The server takes nothing for now: come back at `until`; it is not counted against the mail."""
    _give_back(conn, taken, due_at=until, attempts=taken.attempts - 1, error=error)


def _give_back(conn: Connection, taken: Delivery, **values: Any) -> None:
    mine = and_(deliveries.c.id == taken.id, deliveries.c.lease == taken.lease)
    conn.execute(update(deliveries).where(mine).values(lease=None, leased_until=None, **values))


def release(conn: Connection, statuses: tuple[Status, ...], now: datetime) -> int:
    """Parked or held deliveries become due again, with fresh attempts; how many."""
    again = {"status": Status.PENDING, "due_at": now, "attempts": 0, "error": None, "settled_at": None}
    return conn.execute(update(deliveries).where(deliveries.c.status.in_(statuses)).values(again)).rowcount


def last_created(conn: Connection, recipient: str, forms: Collection[str]) -> datetime | None:
    """When the latest mail of these forms to `recipient` was made."""
    made = and_(deliveries.c.recipient == recipient, deliveries.c.form.in_(forms))
    latest = select(deliveries.c.created_at).where(made, deliveries.c.status != Status.DROPPED)
    return conn.execute(latest.order_by(deliveries.c.created_at.desc()).limit(1)).scalar()


def created_since(conn: Connection, since: datetime, forms: Collection[str]) -> int:
    """How many mails of these forms were made since then, the held ones not counted."""
    made = and_(
        deliveries.c.created_at >= since, deliveries.c.form.in_(forms), deliveries.c.status != Status.HELD
    )
    return conn.execute(select(func.count()).select_from(deliveries).where(made)).scalar_one()


def with_status(
    conn: Connection, *statuses: Status, since: datetime | None = None, limit: int = 100
) -> list[Delivery]:
    """The latest deliveries of these statuses, or those made `since` then."""
    wanted = select(*_COLUMNS).where(deliveries.c.status.in_(statuses))
    if since is not None:
        wanted = wanted.where(deliveries.c.created_at >= since)
    rows = conn.execute(wanted.order_by(deliveries.c.id.desc()).limit(limit)).mappings()
    return [_delivery(row) for row in rows]


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """What still has to go out. `oldest_due_at` is that of the delivery that has waited longest."""

    by_status: dict[Status, int]
    oldest_due_at: datetime | None
    waiting: int


def backlog(conn: Connection) -> Backlog:
    """Deliveries by status, the oldest one pending, and outbox rows not in a mail yet."""
    grouped = conn.execute(select(deliveries.c.status, func.count()).group_by(deliveries.c.status))
    oldest = select(func.min(deliveries.c.due_at)).where(deliveries.c.status == Status.PENDING)
    unsent = and_(outbox.c.delivery_id.is_(None), outbox.c.dropped.is_(None))
    return Backlog(
        by_status={row[0]: row[1] for row in grouped},
        oldest_due_at=conn.execute(oldest).scalar(),
        waiting=conn.execute(select(func.count()).select_from(outbox).where(unsent)).scalar_one(),
    )


_COLUMNS = [deliveries.c[name] for name in Delivery.__slots__]


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(**row)
