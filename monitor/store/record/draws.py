"""Committed draws, and which of their instants still have no entry.

The mark `covered` (in the table `marks`) is the first UTC day that may still have such instants. Older days
are not looked at again, unless a draw is committed for one of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from monitor.model import Draw
from monitor.store.tables.record import draws, entries, marks

DrawnInstant = tuple[str, datetime]
"""A target and one of its drawn instants."""


def commit(conn: Connection, drawn: Iterable[Draw]) -> None:
    """Append draws. A second draw of the same target and UTC day is ignored; the first one stays."""
    mark = _mark(conn)
    wanted = {(draw.day, draw.target): _columns(draw) for draw in drawn}
    days = {day for day, _ in wanted}
    standing = conn.execute(select(draws.c.day, draws.c.target).where(draws.c.day.in_(days)))
    for key in standing:
        wanted.pop(key, None)
    if wanted:
        conn.execute(insert(draws), list(wanted.values()))
        first = min(day for day, _ in wanted)
        if mark is not None and first < mark:
            _move_mark(conn, first)


def of_day(conn: Connection, day: date) -> tuple[Draw, ...]:
    """The draws of one UTC day, by target."""
    rows = conn.execute(select(draws).where(draws.c.day == day).order_by(draws.c.target))
    return tuple(
        Draw(
            target=row.target,
            day=row.day,
            interval=timedelta(seconds=row.interval_s),
            instants=tuple(map(datetime.fromisoformat, row.instants)),
            seed_sha256=row.seed_sha256,
            drawn_at=row.drawn_at,
        )
        for row in rows
    )


def open_days(conn: Connection, until: date) -> list[date]:
    """The UTC days up to `until` (included) with draws that may lack an entry, oldest first."""
    days = select(draws.c.day).distinct().where(draws.c.day <= until).order_by(draws.c.day)
    mark = conn.scalar(select(marks.c.day).where(_COVERED))
    return list(conn.scalars(days if mark is None else days.where(draws.c.day >= mark)))


def missing(conn: Connection, day: date) -> list[DrawnInstant]:
    """The drawn instants of a UTC day that have no entry, in time order."""
    drawn = conn.execute(select(draws.c.target, draws.c.instants).where(draws.c.day == day)).all()
    instants = {(target, datetime.fromisoformat(text)) for target, texts in drawn for text in texts}
    if not instants:
        return []
    first, last = min(at for _, at in instants), max(at for _, at in instants)
    between = (entries.c.at >= first, entries.c.at <= last, entries.c.scheduled_at.is_not(None))
    taken = conn.execute(select(entries.c.target, entries.c.scheduled_at).where(*between))
    return sorted(instants.difference(taken), key=lambda instant: (instant[1], instant[0]))


def close(conn: Connection, day: date) -> bool:
    """Move the mark past `day` if all its instants have an entry. Returns whether it was moved.

    The mark stays locked until the transaction ends, so that no draw is committed meanwhile.
    """
    _mark(conn)
    if missing(conn, day):
        return False
    _move_mark(conn, day + timedelta(days=1))
    return True


_COVERED = marks.c.name == "covered"


def _mark(conn: Connection) -> date | None:
    """The mark; its row stays locked until the transaction ends."""
    mark: date | None = conn.execute(select(marks.c.day).where(_COVERED).with_for_update()).scalar_one()
    return mark


def _move_mark(conn: Connection, day: date) -> None:
    conn.execute(update(marks).where(_COVERED).values(day=day))


def _columns(draw: Draw) -> dict[str, Any]:
    return {
        "day": draw.day,
        "target": draw.target,
        "interval_s": draw.interval.total_seconds(),
        "instants": [instant.isoformat() for instant in draw.instants],
        "seed_sha256": draw.seed_sha256,
        "drawn_at": draw.drawn_at,
    }
