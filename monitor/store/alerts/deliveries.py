"""Deliveries: a delivery is one mail to one recipient, from its creation until it is sent.

A mailer takes a lease on a delivery before it sends it. When the mailer dies, the lease expires and another
mailer may take the delivery.
"""

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
    """One mail. All instants are UTC.

    No two deliveries have the same `key`, and the Message-ID is made from it. `end_at` is the end of the week
    of a digest, `None` for other forms. `lease` is the random token of the mailer that is sending it.
    """

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
    """Create a delivery that is due at once. Returns its number, or `None` when the key exists already."""
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
    """Until this transaction ends, no other mailer can create or claim deliveries."""
    lock(conn, deliveries)


def made(conn: Connection, keys: Collection[str]) -> set[str]:
    """Which of these keys already have a delivery."""
    return set(conn.execute(select(deliveries.c.key).where(deliveries.c.key.in_(keys))).scalars())


def claim(conn: Connection, forms: Collection[str], now: datetime, lease: timedelta) -> Delivery | None:
    """Take a lease of length `lease` on the next delivery of these forms that is due; `None` for none.

    The attempt is counted now, so that it also counts when the mailer dies before the end.
    """
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
    """The delivery with this number. Raises `sqlalchemy.exc.NoResultFound` when there is none."""
    row = conn.execute(select(*_COLUMNS).where(deliveries.c.id == number)).mappings().one()
    return _delivery(row)


def settle(
    conn: Connection, taken: Delivery, status: Status, now: datetime, error: str | None = None
) -> None:
    """End a leased delivery as sent, parked or dropped. Does nothing when another mailer has the lease."""
    _give_back(conn, taken, status=status, settled_at=now, error=error)


def retry(conn: Connection, taken: Delivery, now: datetime, error: str) -> Status:
    """Make the delivery due again later, or park it after `MOST_ATTEMPTS`. Returns the new status."""
    if taken.attempts >= MOST_ATTEMPTS:
        settle(conn, taken, Status.PARKED, now, error)
        return Status.PARKED
    _give_back(conn, taken, due_at=now + _RETRIES[taken.attempts - 1], error=error)
    return Status.PENDING


def postpone(conn: Connection, taken: Delivery, until: datetime, error: str) -> None:
    """Make the delivery due at `until`, because the mail server accepts no mail now.

    The attempt is not counted, since the mail is not to blame.
    """
    _give_back(conn, taken, due_at=until, attempts=taken.attempts - 1, error=error)


def _give_back(conn: Connection, taken: Delivery, **values: Any) -> None:
    mine = and_(deliveries.c.id == taken.id, deliveries.c.lease == taken.lease)
    conn.execute(update(deliveries).where(mine).values(lease=None, leased_until=None, **values))


def release(conn: Connection, statuses: tuple[Status, ...], now: datetime) -> int:
    """Make all deliveries with these statuses due now, with no attempt counted. Returns how many."""
    again = {"status": Status.PENDING, "due_at": now, "attempts": 0, "error": None, "settled_at": None}
    return conn.execute(update(deliveries).where(deliveries.c.status.in_(statuses)).values(again)).rowcount


def last_created(conn: Connection, recipient: str, forms: Collection[str]) -> datetime | None:
    """When the latest mail of these forms to `recipient` was created, in UTC; dropped ones do not count."""
    made = and_(deliveries.c.recipient == recipient, deliveries.c.form.in_(forms))
    latest = select(deliveries.c.created_at).where(made, deliveries.c.status != Status.DROPPED)
    return conn.execute(latest.order_by(deliveries.c.created_at.desc()).limit(1)).scalar()


def created_since(conn: Connection, since: datetime, forms: Collection[str]) -> int:
    """How many mails of these forms were created at or after `since`; held ones do not count."""
    made = and_(
        deliveries.c.created_at >= since, deliveries.c.form.in_(forms), deliveries.c.status != Status.HELD
    )
    return conn.execute(select(func.count()).select_from(deliveries).where(made)).scalar_one()


def with_status(
    conn: Connection, *statuses: Status, since: datetime | None = None, limit: int = 100
) -> list[Delivery]:
    """The newest deliveries with these statuses, at most `limit`; with `since`, only those created since."""
    wanted = select(*_COLUMNS).where(deliveries.c.status.in_(statuses))
    if since is not None:
        wanted = wanted.where(deliveries.c.created_at >= since)
    rows = conn.execute(wanted.order_by(deliveries.c.id.desc()).limit(limit)).mappings()
    return [_delivery(row) for row in rows]


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """How much mail there is by status, and how much is waiting.

    `oldest_due_at` (UTC) is the earliest due instant of a pending delivery, `None` without one. `waiting` is
    the number of outbox rows that are in no mail yet.
    """

    by_status: dict[Status, int]
    oldest_due_at: datetime | None
    waiting: int


def backlog(conn: Connection) -> Backlog:
    """Count the backlog of the whole database."""
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
