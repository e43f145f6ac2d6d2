"""Incidents: problems that the operator must look at. Each is opened once and closed when it is over."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from monitor.model import Incident, IncidentKind
from monitor.store.database.dialects import lock
from monitor.store.tables.alerts import incidents, outbox
from monitor.store.tables.journal import log

_LASTS = incidents.c.closed_at.is_(None)


def reconcile(
    conn: Connection,
    found: Iterable[Incident],
    *,
    operators: Collection[str],
    now: datetime,
    settle: timedelta,
    quiet: timedelta,
) -> None:
    """Bring the stored incidents in line with `found`, the incidents that exist now.

    A new incident is opened, with an outbox row for each of `operators` (recipients). An open incident that
    is not in `found` is closed. The mail of a new incident is due after `settle`, and is dropped when the
    incident closes before it is sent. An incident that comes back within `quiet` of its end is opened
    without a new mail.
    """
    lock(conn, incidents)
    current = {(one.kind, one.key): one for one in found}
    known = {(one.kind, one.key): number for number, one in _numbered(conn, _LASTS)}
    for key, number in known.items():
        if key not in current:
            _close(conn, number, now)
    for key, one in current.items():
        if key in known:
            _refresh(conn, known[key], one)
        else:
            _open(conn, one, () if _told_since(conn, one, now - quiet) else operators, now, settle)


def open_now(conn: Connection) -> list[Incident]:
    """The incidents that are open."""
    return [one for _, one in _numbered(conn, _LASTS)]


def by_number(conn: Connection, numbers: Collection[int]) -> list[Incident]:
    """The incidents with these numbers, open or closed."""
    return [one for _, one in _numbered(conn, incidents.c.id.in_(numbers))]


def last_closed(conn: Connection, kind: str) -> datetime | None:
    """When an incident of this kind was last closed, in UTC; `None` when none ever was."""
    wanted = select(incidents.c.closed_at).where(incidents.c.kind == kind, incidents.c.closed_at.is_not(None))
    return conn.execute(wanted.order_by(incidents.c.closed_at.desc()).limit(1)).scalar()


def late_authorities(conn: Connection) -> list[tuple[str, str]]:
    """The late time stamps: pairs of authority and sealed UTC day (ISO).

    The journal has a line that says the stamp is late, and no line of the stamp itself.
    """
    received = set(_references(conn, "anchor "))
    late = (reference.split(" ", 2)[2] for reference in _references(conn, "incident authority_late "))
    named = ((about, day) for about, _, day in (rest.rpartition(" ") for rest in late))
    return [(authority, day) for authority, day in named if f"anchor {day} {authority}" not in received]


def _references(conn: Connection, prefix: str) -> list[str]:
    wanted = select(log.c.reference).where(log.c.reference >= prefix, log.c.reference < prefix + "~")
    return list(conn.execute(wanted.order_by(log.c.seq)).scalars())


def _open(
    conn: Connection, found: Incident, operators: Collection[str], now: datetime, settle: timedelta
) -> None:
    row = {
        "kind": found.kind.value,
        "key": found.key,
        "since": found.since,
        "opened_at": now,
        "detail": found.detail,
        "targets": list(found.targets),
    }
    number = conn.execute(insert(incidents).returning(incidents.c.id), row).scalar_one()
    rows = [{"incident_id": number, "recipient": who, "due_at": now + settle} for who in operators]
    if rows:
        conn.execute(insert(outbox), rows)


def _refresh(conn: Connection, number: int, found: Incident) -> None:
    values = {"detail": found.detail, "targets": list(found.targets)}
    conn.execute(update(incidents).where(incidents.c.id == number).values(values))


def _close(conn: Connection, number: int, now: datetime) -> None:
    conn.execute(update(incidents).where(incidents.c.id == number).values(closed_at=now))
    untold = and_(outbox.c.incident_id == number, outbox.c.delivery_id.is_(None))
    conn.execute(update(outbox).where(untold).values(dropped="passed"))


def _told_since(conn: Connection, found: Incident, since: datetime) -> bool:
    """Whether an incident of this kind and key was closed at or after `since` and had been mailed."""
    same = and_(incidents.c.kind == found.kind, incidents.c.key == found.key, incidents.c.closed_at >= since)
    mailed = select(outbox.c.id).join_from(outbox, incidents).where(same, outbox.c.delivery_id.is_not(None))
    return conn.execute(mailed.limit(1)).first() is not None


def _numbered(conn: Connection, which: ColumnElement[bool]) -> Iterator[tuple[int, Incident]]:
    rows = conn.execute(select(incidents).where(which).order_by(incidents.c.id))
    for row in rows.all():
        yield (
            row.id,
            Incident(
                kind=IncidentKind(row.kind),
                key=row.key,
                since=row.since,
                until=row.closed_at,
                detail=row.detail,
                targets=tuple(row.targets),
            ),
        )
