"""The journal in the database: numbered lines that never change, and queries for what has no line yet.

This module does not know what a line says. It knows its place: its number in the whole journal, its number in
its chain (one chain a target, and one for what belongs to no target), and the line before it in the chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, func, insert, select

from monitor.store.database.dialects import lock, upsert
from monitor.store.journal.compression import compress, decompress
from monitor.store.tables.journal import log, log_chains, log_days
from monitor.store.tables.record import draws, entries, target_versions
from monitor.store.tables.review import later_readings

FIRST_LINK = "0" * 64
PAYS = 0.7
"""A line is compressed with its chain's frame when the result is smaller than this share of its size without.

The frame of a chain is a line that serves as the compression dictionary of the lines after it.
"""
MARGIN = 100_000
"""How many entry numbers below the last one in the journal are searched for entries without a line.

Entries get their number before their transaction commits, so a lower number can appear later. No transaction
stays open while this many other entries are made.
"""

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class LinePlace:
    """Where a new line goes.

    `seq` is its number in the journal, `target_seq` its number in its chain, both from 0. `prev` is the
    SHA-256 (hexadecimal) of the chain's last line, `FIRST_LINK` when there is none.
    """

    seq: int
    target_seq: int
    prev: str


Make = Callable[[LinePlace], bytes]


def append(
    conn: Connection,
    target: str,
    make: Make,
    *,
    day: date,
    entry: int | None = None,
    reference: str | None = None,
) -> int | None:
    """Append the line that `make` gives for its place. Returns its number, or `None` when the entry or the
    reference has a line already.

    The line belongs to the UTC day `day`, or to the last day begun when that is later. The function locks the
    table, so that there is one writer at a time.
    """
    lock(conn, log)
    about = log.c.entry == entry if reference is None else log.c.reference == reference
    if conn.execute(select(log.c.seq).where(about)).first() is not None:
        return None
    place, frame = _next(conn, target)
    text = make(place)
    _begin_day(conn, day, place.seq)
    base, data = _packed(conn, text, frame)
    row = {"seq": place.seq, "target": target, "entry": entry, "reference": reference}
    conn.execute(insert(log), {**row, "base": base, "data": data})
    # Only the line of an entry becomes the frame: entries resemble each other, other kinds of lines do not.
    frame = place.seq if base is None and entry is not None else frame
    chain = {"target": target, "length": place.target_seq + 1, "digest": hashlib.sha256(text).hexdigest()}
    conn.execute(upsert(conn, log_chains), {**chain, "frame": frame})
    return place.seq


def size(conn: Connection) -> int:
    """How many lines the journal has; also the number of the next line."""
    return int(conn.execute(select(func.coalesce(func.max(log.c.seq) + 1, 0))).scalar_one())


def days(conn: Connection) -> tuple[date | None, date | None]:
    """The UTC day of the first line, and the last UTC day that was begun; both `None` without lines."""
    row = conn.execute(select(func.min(log_days.c.day), func.max(log_days.c.day))).one()
    return row[0], row[1]


def size_before(conn: Connection, day: date) -> int:
    """How many lines belong to UTC days before `day`."""
    begun = select(func.min(log_days.c.first_seq)).where(log_days.c.day >= day)
    first = conn.execute(begun).scalar()
    return size(conn) if first is None else first


def between(conn: Connection, start: int, end: int) -> Iterator[tuple[str, bytes]]:
    """The lines from number `start` up to but without `end`, in order: pairs of chain and line."""
    wanted = select(log).where(log.c.seq >= start, log.c.seq < end).order_by(log.c.seq)
    frames: dict[int | None, bytes] = {None: b""}
    for row in conn.execute(wanted):
        if row.base not in frames:
            frames[row.base] = one(conn, row.base)
        yield row.target, decompress(row.data, frames[row.base])


def one(conn: Connection, seq: int) -> bytes:
    """The line with this number. Raises `sqlalchemy.exc.NoResultFound` when there is none."""
    row = conn.execute(select(log.c.base, log.c.data).where(log.c.seq == seq)).one()
    return decompress(row.data, b"" if row.base is None else one(conn, row.base))


def about(conn: Connection, prefix: str) -> Iterator[bytes]:
    """The lines whose reference begins with `prefix`, by number."""
    wanted = select(log.c.seq).where(log.c.reference >= prefix, log.c.reference < prefix + "~")
    for seq in conn.execute(wanted.order_by(log.c.seq)).scalars().all():
        yield one(conn, seq)


def days_about(
    conn: Connection, names: Sequence[str], begin: datetime, end: datetime
) -> tuple[date, date] | None:
    """The first and last UTC day of the journal with a line about these targets and instants, or `None`.

    Lines about entries and later readings count by the instant of the entry (`end` excluded), lines about
    draws by the UTC day they draw.
    """
    within = entries.c.target.in_(names), entries.c.at >= begin, entries.c.at < end
    seqs = list(
        conn.execute(select(log.c.seq).join(entries, entries.c.id == log.c.entry).where(*within)).scalars()
    )
    later = (
        select(later_readings.c.id)
        .join(entries, entries.c.id == later_readings.c.observation_id)
        .where(*within)
    )
    references = [later_reading_reference(number) for number in conn.execute(later).scalars()]
    drawn = range(
        begin.astimezone(UTC).date().toordinal(), (end - _TICK).astimezone(UTC).date().toordinal() + 1
    )
    references += [draw_reference(date.fromordinal(day), name) for day in drawn for name in names]
    seqs += conn.execute(select(log.c.seq).where(log.c.reference.in_(references))).scalars()
    return (_day_of(conn, min(seqs)), _day_of(conn, max(seqs))) if seqs else None


def _day_of(conn: Connection, seq: int) -> date:
    begun = select(func.max(log_days.c.day)).where(log_days.c.first_seq <= seq)
    return date.fromisoformat(str(conn.execute(begun).scalar_one()))


def target_of(conn: Connection, seq: int) -> str:
    """The chain of the line with this number. Raises `sqlalchemy.exc.NoResultFound` when there is none."""
    return str(conn.execute(select(log.c.target).where(log.c.seq == seq)).scalar_one())


def number_of(conn: Connection, entry: int) -> int | None:
    """The number of the line about this entry; `None` when the entry has no line yet."""
    return conn.execute(select(log.c.seq).where(log.c.entry == entry)).scalar()


def refers(conn: Connection, reference: str) -> bool:
    """Whether there is a line about `reference`."""
    return conn.execute(select(log.c.seq).where(log.c.reference == reference)).first() is not None


def unlogged_entries(conn: Connection, most: int) -> list[int]:
    """The numbers of the first entries without a line, at most `most`, lowest first. See `MARGIN`."""
    last = conn.execute(select(func.coalesce(func.max(log.c.entry), 0))).scalar_one()
    missing = log.c.seq.is_(None)
    wanted = select(entries.c.id).outerjoin(log, log.c.entry == entries.c.id)
    wanted = wanted.where(missing, entries.c.id > last - MARGIN).order_by(entries.c.id).limit(most)
    return list(conn.execute(wanted).scalars())


def unlogged_draws(conn: Connection, since: date) -> list[tuple[date, str]]:
    """The draws without a line, for `since` and later UTC days: pairs of day and target, sorted."""
    drawn = conn.execute(select(draws.c.day, draws.c.target).where(draws.c.day >= since)).all()
    known = _references(conn, "draw ", f"draw {since}")
    return sorted((row.day, row.target) for row in drawn if draw_reference(row.day, row.target) not in known)


def unlogged_versions(conn: Connection) -> list[int]:
    """The numbers of the target versions without a line, lowest first."""
    known = _references(conn, "version ")
    numbers = conn.execute(select(target_versions.c.id).order_by(target_versions.c.id)).scalars()
    return [number for number in numbers if version_reference(number) not in known]


def unlogged_later_readings(conn: Connection) -> list[int]:
    """The numbers of the later readings without a line, lowest first."""
    known = _references(conn, "rereading ")
    numbers = conn.execute(select(later_readings.c.id).order_by(later_readings.c.id)).scalars()
    return [number for number in numbers if later_reading_reference(number) not in known]


def draw_reference(day: date, target: str) -> str:
    """The reference of the line about a draw. Stored in the database: its form must stay."""
    return f"draw {day} {target}"


def later_reading_reference(number: int) -> str:
    """The reference of the line about a later reading. Stored in the database: the word `rereading` stays."""
    return f"rereading {number}"


def version_reference(number: int) -> str:
    """The reference of the line about a target's version. Stored in the database: its form must stay."""
    return f"version {number}"


def _next(conn: Connection, target: str) -> tuple[LinePlace, int | None]:
    """The place of the next line of a chain, and the number of the chain's frame (`None` without one)."""
    chain = conn.execute(select(log_chains).where(log_chains.c.target == target)).first()
    length, prev, frame = (chain.length, chain.digest, chain.frame) if chain else (0, FIRST_LINK, None)
    return LinePlace(seq=size(conn), target_seq=length, prev=prev), frame


def _packed(conn: Connection, text: bytes, frame: int | None) -> tuple[int | None, bytes]:
    """The number of the dictionary line (`None`: `DICTIONARY`), and the compressed line. See `PAYS`."""
    alone = compress(text)
    if frame is None:
        return None, alone
    beside = compress(text, one(conn, frame))
    return (frame, beside) if len(beside) < PAYS * len(alone) else (None, alone)


def _begin_day(conn: Connection, day: date, seq: int) -> None:
    _, last = days(conn)
    if last is None or day > last:
        conn.execute(insert(log_days), {"day": day, "first_seq": seq})


def _references(conn: Connection, prefix: str, start: str = "") -> set[str]:
    """The references that begin with `prefix` and are not before `start` in text order."""
    first, end = start or prefix, f"{prefix}~"
    wanted = select(log.c.reference).where(log.c.reference >= first, log.c.reference < end)
    return {reference for reference in conn.execute(wanted).scalars() if reference}
