"""kill −9 at any moment: no entry without its record, no record without its entry, no chain broken."""

from __future__ import annotations

import json
import os
import random
import signal
from itertools import count
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import pytest
from sqlalchemy import event

from monitor.clock import SystemClock
from monitor.evidence.journal import records
from monitor.evidence.journal.keeper import service
from monitor.evidence.journal.writer import JournalWriter
from monitor.store import InstantTaken, Store, open_store
from monitor.store.journal import lines
from monitor.store.journal.lines import FIRST_LINK
from tests.cast.appender import pipe, running
from tests.cast.observations import HOUR, NOON, gap, observation, target

KILLS = 20


def append_one(store: Store, log: JournalWriter, n: int) -> None:
    """The `n`th thing of a history with its record; now and then what has no entry of its own."""
    at = NOON + n * HOUR
    if n % 3 == 2:
        store.append_gap(gap(at), within=[log.missed])
    else:
        store.append_observation(observation(at), within=[log.observed])
    if n % 5 == 4:
        log.catch_up()


def append_for_ever(url: str, media: Path, start: int, done: Pipe) -> None:
    store = open_store(url, media=media)
    log = JournalWriter(store, SystemClock(), service)
    for n in count(start):
        try:
            append_one(store, log, n)
        except InstantTaken:
            continue
        done.send(n)


def append_until_statement(url: str, media: Path, n: int, fatal: int) -> None:
    """Append the `n`th thing, and die by SIGKILL right after the `fatal`th statement reached the database."""
    store = open_store(url, media=media)
    log = JournalWriter(store, SystemClock(), service)
    statements = iter(range(1, fatal + 1))

    def die(*_: object) -> None:
        if next(statements) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(store._engine, "after_cursor_execute", die)
    append_one(store, log, n)


def sound(store: Store) -> None:
    """Every entry has exactly one record; numbers and links are unbroken."""
    with store.read() as conn:
        kept = list(lines.between(conn, 0, lines.size(conn)))
        assert lines.unlogged_entries(conn, 10) == []
    facts = [json.loads(line) for _, line in kept]
    assert [fact["seq"] for fact in facts] == list(range(len(facts)))
    logged = sorted(fact["entry"] for fact in facts if "entry" in fact)
    assert logged == sorted(row.id for row in store.entries())
    prev = FIRST_LINK
    for place, (fact, (_, line)) in enumerate(zip(facts, kept, strict=True)):
        assert (fact["target_seq"], fact["prev"]) == (place, prev)
        prev = records.digest(line)


@pytest.mark.slow
def test_kills_at_random_moments_leave_log_and_entries_equal(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    store.record_targets([target()])
    moments = random.Random(9)
    for _ in range(KILLS):
        start = len(list(store.entries()))
        store.close()
        receiving, sending = pipe()
        with running(append_for_ever, database_url, tmp_path / "media", start, sending):
            for _ in range(moments.randint(1, 6)):
                receiving.recv()
            receiving.poll(moments.uniform(0, 0.01))
            # killed here, by the end of the block
        sound(store)
    assert len(list(store.entries())) > KILLS


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 2], ids=["observation", "gap"])
def test_a_kill_after_any_statement_leaves_both_or_neither(
    store: Store, database_url: str, tmp_path: Path, n: int
) -> None:
    store.record_targets([target()])
    log = JournalWriter(store, SystemClock(), service)
    append_one(store, log, 0)
    log.catch_up()
    store.close()
    for fatal in range(1, 60, 3):
        with running(append_until_statement, database_url, tmp_path / "media", n, fatal) as process:
            process.join()
        sound(store)
        if len(list(store.entries())) == 2:
            return
        store.close()
    pytest.fail("the append never came to its end")
