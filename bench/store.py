"""The record at size: millions of rows, then appends and reads through the real API (`-h` tells the options).

Rows are made inside the database, one an hour for each of 300 targets; what is measured goes through `Store`.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    String,
    case,
    cast,
    func,
    insert,
    literal,
    select,
)

from monitor.model import Observation
from monitor.store import EntryKind, Store, open_store, upgrade
from monitor.store.record import counts, projections, standings
from monitor.store.record.counts import Count
from monitor.store.record.rows import observation_columns
from monitor.store.tables.record import entries, observations
from probes.model import Outcome
from tests.cast.heavy_pages import visit
from tests.cast.observations import observation, target
from tests.cast.transactions import ask, read_row, tell
from tests.plugins.postgresql import running_postgresql

START = datetime(2023, 1, 1, tzinfo=UTC)
TARGETS = 300
CHUNK = 500_000
APPENDS = 300
READS = 100
BYTES_A_ROW = 1_200
"""Bytes of disk for one row, with indexes and the database's own files, rounded up."""


def room_for(rows: int, databases: int) -> None:
    """Raise `SystemExit` unless the disk has room for `rows` in each of so many databases."""
    needed, free = rows * databases * BYTES_A_ROW, shutil.disk_usage(tempfile.gettempdir()).free
    if free < needed:
        raise SystemExit(
            f"{rows:,} rows in {databases} database(s) take up to {needed / 1e9:.0f} GB for their time, and "
            f"{tempfile.gettempdir()} has {free / 1e9:.0f} GB free: make room, or ask for fewer with --rows"
        )


@contextmanager
def addresses(kinds: list[str]) -> Iterator[dict[str, str]]:
    """The URLs of empty databases, by kind (`sqlite`, `postgresql`); removed after the `with` block."""
    with (
        tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder,
        running_postgresql(fsync=True) as server,
    ):
        yield {kind: f"sqlite:///{folder}/vigie.db" if kind == "sqlite" else server for kind in kinds}


def measure(url: str, rows: int) -> Iterator[tuple[str, dict[str, float]]]:
    """Fill the database at `url` with `rows` observations; (name, figures in ms) of each measure."""
    upgrade(url)
    with tempfile.TemporaryDirectory() as media:
        store = open_store(url, media=Path(media))
        store.record_targets(target(f"t{n}") for n in range(TARGETS))
        yield "fill", timed_once(lambda: fill(store, rows))
        yield "rebuild", timed_once(lambda: tell(store, projections.rebuild))
        analyse(store)
        yield from _measures(store, START + timedelta(hours=rows // TARGETS + 1))
        store.close()


def _measures(store: Store, now: datetime) -> Iterator[tuple[str, dict[str, float]]]:
    rng = random.Random(1)
    names = [f"t{rng.randrange(TARGETS)}" for _ in range(READS)]
    month = now - timedelta(days=30)
    yield "append_row", timed(lambda n: store.append_observation(small(now, n)), range(APPENDS))
    walks = [walk(now, n, rng) for n in range(APPENDS)]
    yield "append_walk_of_3_pages", timed(store.append_observation, walks)
    yield "last_30_days_rows", timed(lambda name: list(store.observations(name, since=month)), names)
    yield "last_30_days_counts", timed(lambda name: _days_since(store, name, month.date()), names)
    yield "standings", timed(lambda _: ask(store, standings.every), range(20))
    yield "counts", timed(lambda _: ask(store, counts.totals), range(20))


def _days_since(store: Store, name: str, since: date) -> list[Count]:
    return ask(store, counts.by_day, target=name, since=since)


def small(now: datetime, n: int) -> Observation:
    """An observation of one short page; each `n` gives another instant."""
    return observation(now + timedelta(seconds=n), name=f"t{n % TARGETS}")


def walk(now: datetime, n: int, rng: random.Random) -> Observation:
    """An observation of three pages of 60 kB.

    All have the same target, so that each page but the first ones is compressed against its predecessor.
    """
    return observation(now + timedelta(hours=1 + n), name="t0", capture=visit(n, rng))


def fill(store: Store, rows: int) -> None:
    """Append `rows` observations in bulk. They share one capture; the projections are not updated."""
    first = store.append_observation(observation(START, name="t0"))
    manifest = read_row(store, first).manifest_sha256
    for begin in range(1, rows, CHUNK):
        with store.write() as conn:
            _fill_chunk(conn, begin, min(begin + CHUNK, rows), manifest)


def _fill_chunk(conn: Connection, begin: int, end: int, manifest: str) -> None:
    numbers = select(literal(begin, BigInteger).label("i")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.i + 1).where(numbers.c.i < end - 1))
    entry = _entry(conn, numbers.c.i)
    conn.execute(insert(entries).from_select(list(entry), select(*entry.values())))
    seen = _seen(manifest)
    bare = select(entries.c.id, *seen.values()).outerjoin(observations).where(observations.c.id.is_(None))
    conn.execute(insert(observations).from_select(["id", *seen], bare.where(entries.c.id > begin)))


def _entry(conn: Connection, i: ColumnElement[int]) -> dict[str, ColumnElement[Any]]:
    seconds = literal(int(START.timestamp())) + i // TARGETS * 3600 + i * 7919 % 3600
    at = _instant(conn, seconds)
    return {
        "kind": literal(EntryKind.OBSERVATION, entries.c.kind.type),
        "target": literal("t") + cast(i % TARGETS, String),
        "target_version_id": i % TARGETS + 1,
        "scheduled_at": at,
        "at": at,
        "day": func.date(at),
        "simulated": literal(False),
        "recorded_at": at,
    }


def _instant(conn: Connection, seconds: ColumnElement[int]) -> ColumnElement[Any]:
    if conn.dialect.name == "postgresql":
        return func.to_timestamp(seconds)
    return func.strftime("%Y-%m-%d %H:%M:%f000", seconds, "unixepoch")


def _seen(manifest: str) -> dict[str, Any]:
    """The columns of an observation: a tenth are `captcha`, one in 100 `slots_offered`, others `no_slots`."""
    place = entries.c.id + entries.c.id // TARGETS
    captcha, zero, slots = (
        observation_columns(observation(START, outcome), manifest, None)
        for outcome in (Outcome.CAPTCHA, Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED)
    )

    def told(name: str) -> ColumnElement[Any]:
        of_type = observations.c[name].type
        if captcha[name] == zero[name] == slots[name]:
            return literal(zero[name], of_type)
        rare = (place % 10 == 0, literal(captcha[name], of_type))
        rarer = (place % 100 == 77, literal(slots[name], of_type))
        return case(rare, rarer, else_=literal(zero[name], of_type))

    return {name: told(name) for name in zero} | {
        "started_at": entries.c.at,
        "finished_at": entries.c.at,
    }


def analyse(store: Store) -> None:
    """Run `ANALYZE`. In service, PostgreSQL's autovacuum does so within minutes."""
    with store.write() as conn:
        conn.exec_driver_sql("ANALYZE")


def timed_once(act: Callable[[], object]) -> dict[str, float]:
    """Run `act` once; its time as `{"ms": …}`."""
    began = time.perf_counter()
    act()
    return {"ms": round((time.perf_counter() - began) * 1000, 3)}


def timed(act: Callable[[Any], object], arguments: Iterable[Any]) -> dict[str, float]:
    """Run `act` on each argument; median and 95th percentile in ms, and the number of runs."""
    each = [timed_once(partial(act, argument))["ms"] for argument in arguments]
    return {
        "median_ms": round(median(each), 3),
        "p95_ms": round(quantiles(each, n=20)[-1], 3),
        "n": len(each),
    }


def main() -> None:
    """Print one JSON object per measure and database."""
    parser = argparse.ArgumentParser(prog="python -m bench.store", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    asked = parser.parse_args()
    kinds = asked.database or ["sqlite", "postgresql"]
    room_for(asked.rows, len(kinds))
    with addresses(kinds) as urls:
        for kind, url in urls.items():
            for name, figures in measure(url, asked.rows):
                shown = {key: round(value, 3) for key, value in figures.items()}
                print(
                    json.dumps({"database": kind, "rows": asked.rows, "measure": name, **shown}), flush=True
                )


if __name__ == "__main__":
    main()
