"""The tables of the evidence log: its lines, numbered from 0 and never changed, and where each day begins.

What a line says is not known here, only its place: in the whole log, in its chain, after which line. Lines
are kept in zstd against a fixed dictionary of what lines look like; `DICTIONARY` may never change, only be
joined by another under the next version byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import zstandard
from sqlalchemy import (
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    func,
    insert,
    select,
)

from monitor.store.dialects import lock, upsert
from monitor.store.review_tables import rereadings
from monitor.store.rows import GapRow, Rereading, gap_row, reading_of
from monitor.store.tables import draws, entries, gaps, metadata, target_versions, targets
from monitor.store.types import Id, Sha256
from probes.model import Target

Transaction: TypeAlias = Connection
"""What every function here runs in; others need not know more of it."""

FIRST_LINK = "0" * 64
MARGIN = 100_000
"""Entries this much older than the last logged one are logged: no transaction stays open so long."""

log = Table(
    "log",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("target", String, nullable=False),
    # One of the two says what the line is about, so that nothing is logged twice.
    Column("entry", Id, ForeignKey("entries.id")),
    Column("reference", String),
    Column("data", LargeBinary, nullable=False),
    Index("uq_log_entry", "entry", unique=True),
    Index("uq_log_reference", "reference", unique=True),
    info={"append_only": True},
)

log_days = Table(
    "log_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("first_seq", Id, nullable=False),
    info={"append_only": True},
)

log_chains = Table(
    "log_chains",
    metadata,
    Column("target", String, primary_key=True),
    Column("length", Integer, nullable=False),
    Column("digest", Sha256, nullable=False),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a new line goes; `prev` is the digest of its chain's last line."""

    seq: int
    target_seq: int
    prev: str


Make = Callable[[Place], bytes]


def append(
    conn: Connection,
    target: str,
    make: Make,
    *,
    day: date,
    entry: int | None = None,
    reference: str | None = None,
) -> int | None:
    """Append the line that `make` gives for its place, under `day` or the last day begun if that is later.

    Its number, or `None` when the entry or reference is in the log already. One writer at a time.
    """
    lock(conn, log)
    about = log.c.entry == entry if reference is None else log.c.reference == reference
    if conn.execute(select(log.c.seq).where(about)).first() is not None:
        return None
    place = _next(conn, target)
    line = make(place)
    _begin_day(conn, day, place.seq)
    row = {"seq": place.seq, "target": target, "entry": entry, "reference": reference}
    conn.execute(insert(log), {**row, "data": compress(line)})
    chain = {"target": target, "length": place.target_seq + 1, "digest": hashlib.sha256(line).hexdigest()}
    conn.execute(upsert(conn, log_chains), chain)
    return place.seq


def size(conn: Connection) -> int:
    """How many lines there are."""
    return int(conn.execute(select(func.coalesce(func.max(log.c.seq) + 1, 0))).scalar_one())


def last_day(conn: Connection) -> date | None:
    """The last day that was begun."""
    return conn.execute(select(func.max(log_days.c.day))).scalar()


def first_day(conn: Connection) -> date | None:
    """The day of the first line."""
    return conn.execute(select(func.min(log_days.c.day))).scalar()


def size_before(conn: Connection, day: date) -> int:
    """How many lines belong to days before `day`."""
    begun = select(func.min(log_days.c.first_seq)).where(log_days.c.day >= day)
    first = conn.execute(begun).scalar()
    return size(conn) if first is None else first


def lines(conn: Connection, start: int, end: int) -> Iterator[tuple[str, bytes]]:
    """The lines from number `start` to `end`, exclusive, each with its chain."""
    wanted = select(log.c.target, log.c.data).where(log.c.seq >= start, log.c.seq < end).order_by(log.c.seq)
    for row in conn.execute(wanted):
        yield row.target, decompress(row.data)


def target_of(conn: Connection, seq: int) -> str:
    """The chain of a line."""
    return str(conn.execute(select(log.c.target).where(log.c.seq == seq)).scalar_one())


def number_of(conn: Connection, entry: int) -> int | None:
    """The line of an entry."""
    return conn.execute(select(log.c.seq).where(log.c.entry == entry)).scalar()


def unlogged_entries(conn: Connection, most: int) -> list[int]:
    """The first entries, at most `most`, without a line; in the order they were recorded."""
    last = conn.execute(select(func.coalesce(func.max(log.c.entry), 0))).scalar_one()
    missing = log.c.seq.is_(None)
    wanted = select(entries.c.id).outerjoin(log, log.c.entry == entries.c.id)
    wanted = wanted.where(missing, entries.c.id > last - MARGIN).order_by(entries.c.id).limit(most)
    return list(conn.execute(wanted).scalars())


def unlogged_draws(conn: Connection, since: date) -> list[tuple[date, str]]:
    """Draws of `since` and later days without a line: day and target."""
    drawn = conn.execute(select(draws.c.day, draws.c.target).where(draws.c.day >= since)).all()
    known = _references(conn, "draw ")
    return sorted((row.day, row.target) for row in drawn if draw_reference(row.day, row.target) not in known)


def unlogged_versions(conn: Connection) -> list[int]:
    """Versions of targets without a line."""
    known = _references(conn, "version ")
    numbers = conn.execute(select(target_versions.c.id).order_by(target_versions.c.id)).scalars()
    return [number for number in numbers if version_reference(number) not in known]


def unlogged_rereadings(conn: Connection) -> list[int]:
    """Later readings without a line."""
    known = _references(conn, "rereading ")
    numbers = conn.execute(select(rereadings.c.id).order_by(rereadings.c.id)).scalars()
    return [number for number in numbers if rereading_reference(number) not in known]


def rereading(conn: Connection, number: int) -> Rereading:
    """A later reading by its number."""
    row = conn.execute(select(rereadings).where(rereadings.c.id == number)).mappings().one()
    own = {name: row[name] for name in ("platform", "reader_version", "read_at", "cause")}
    return Rereading(observation=row["observation_id"], reading=reading_of(row), **own)


def gap(conn: Connection, number: int) -> GapRow:
    """A gap by the number of its entry."""
    columns = [column for column in gaps.c if column.name != "id"]
    wanted = select(entries, *columns).join_from(entries, gaps).where(entries.c.id == number)
    return gap_row(conn.execute(wanted).mappings().one())


def target_in_force(conn: Connection, name: str) -> tuple[int, Target]:
    """A recorded target and the number of its version; waits for nobody. Raises `LookupError`."""
    joined = select(target_versions.c.id, target_versions.c.content).join_from(targets, target_versions)
    row = conn.execute(joined.where(targets.c.target == name)).first()
    if row is None:
        raise LookupError(f"the target {name} was never recorded")
    return row.id, Target(**row.content)


def version(conn: Connection, number: int) -> Target:
    """A version of a target."""
    content = select(target_versions.c.content).where(target_versions.c.id == number)
    return Target(**conn.execute(content).scalar_one())


def draw_reference(day: date, target: str) -> str:
    """What the line of a draw is about."""
    return f"draw {day} {target}"


def rereading_reference(number: int) -> str:
    """What the line of a later reading is about."""
    return f"rereading {number}"


def version_reference(number: int) -> str:
    """What the line of a target's version is about."""
    return f"version {number}"


def compress(line: bytes) -> bytes:
    """A line as it is kept. Raises `ValueError` if it did not survive."""
    data = b"\1" + zstandard.ZstdCompressor(level=3, dict_data=_DICTIONARY_1).compress(line)
    if decompress(data) != line:
        raise ValueError("a line of the log did not survive its own compression")
    return data


def decompress(data: bytes) -> bytes:
    """The line that was kept as `data`."""
    return zstandard.ZstdDecompressor(dict_data=_DICTIONARY_1).decompress(data[1:])


def _next(conn: Connection, target: str) -> Place:
    chain = conn.execute(select(log_chains).where(log_chains.c.target == target)).first()
    length, prev = (chain.length, chain.digest) if chain else (0, FIRST_LINK)
    return Place(seq=size(conn), target_seq=length, prev=prev)


def _begin_day(conn: Connection, day: date, seq: int) -> None:
    last = last_day(conn)
    if last is None or day > last:
        conn.execute(insert(log_days), {"day": day, "first_seq": seq})


def _references(conn: Connection, prefix: str) -> set[str]:
    wanted = select(log.c.reference).where(log.c.reference >= prefix, log.c.reference < prefix + "~")
    return {reference for reference in conn.execute(wanted).scalars() if reference}


DICTIONARY = b"""\
{"at":"2026-11-02T08:15:00.000Z","precision":"minute"},"entry":1,"finished_at":"2026-11-02T08:15:00.000Z",
"horizon":"2026-12-31","kind":"no_calendar","kind":"all_taken","origin":"scheduled","outcome":"slots_offered",
"outcome":"no_slots","platform":"rdv_service_public","platform":"classic","prev":"0123456789abcdef","quote":"
Il n'existe plus de plage horaire libre pour votre demande de rendez-vous. Veuillez recommencer
","reader_version":"1","reason":"misfire","recorded_at":"2026-11-02T08:15:00.000Z","rule":"classic.no_slots",
"scheduled_at":"2026-11-02T08:15:00.000Z","seq":1,"shot_sha256":"0123456789abcdef","simulated":false,"started_at":
"2026-11-02T08:15:00.000Z","steps":[{"action":"submit","body_bytes":1,"body_sha256":"0123456789abcdef",
"final_url":"https://www.gouv.fr/booking/create/1/2","headers":{"content-type":"text/html; charset=utf-8",
"date":"Mon, 02 Nov 2026 08:15:00 GMT","server":"Apache"},"method":"POST","ms":1,"n":1,"rendered_sha256":
"0123456789abcdef","server_address":"127.0.0.1","started_at":"2026-11-02T08:15:00.000Z","status":200,
"tls_sha256":"0123456789abcdef","url":"https://www.gouv.fr/booking/create/1"},{"action":"open","body_bytes":1,
"body_sha256":"0123456789abcdef","headers":{"content-type":"text/html; charset=utf-8","date":"Mon, 02 Nov 2026
08:15:00 GMT","server":"Apache"},"method":"GET","ms":1,"n":2,"started_at":"2026-11-02T08:15:00.000Z","status":
200,"url":"https://www.gouv.fr/booking/create/1"}],"target":"prefecture-titre","target_seq":1,"transport":"browser",
"type":"gap","v":1}"transport":"http","type":"observation","v":1,"vantage":{"clock_offset_ms":1,"name":"main",
"software":"0.1.0","user_agent":"Vigie/0.1.0 (+https://)"}}
"""
_DICTIONARY_1 = zstandard.ZstdCompressionDict(DICTIONARY, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
