"""A process that appends to a store and can be killed at any moment, for the crash tests.

It is forked from a clean server process: thirty interpreters take longer to start than to kill.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from multiprocessing.connection import Connection as Pipe
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import event

from monitor.store import InstantTaken, Store, open_store
from tests.cast.forked import forked
from tests.cast.observations import HOUR, NOON, capture, gap, observation


def page(n: int) -> bytes:
    """A page that differs a little from the one before."""
    return f"<p>{n}</p>".encode() + b"<li>un guichet, aucune plage</li>" * 200


def append_one(store: Store, n: int) -> None:
    """Append the `n`th thing of a history: two observations with a picture, then a gap."""
    at = NOON + n * HOUR
    if n % 3 == 2:
        store.append_gap(gap(at))
    else:
        store.append_observation(observation(at, capture=capture(page(n), page(-n), screenshot=page(n))))


def append_for_ever(url: str, media: Path, start: int, done: Pipe) -> None:
    """Append one thing after the other from the `start`th on, sending the number of each once it is there."""
    store = open_store(url, media=media)
    for n in count(start):
        try_one(store, n)
        done.send(n)


def append_twenty(url: str, media: Path, done: Pipe) -> None:
    """Append twenty things, and send how many of them nobody else had appended."""
    store = open_store(url, media=media)
    done.send(sum(try_one(store, n) for n in range(20)))


def try_one(store: Store, n: int) -> bool:
    """Append the `n`th thing unless it is there already, perhaps by a commit that outlived its writer."""
    try:
        append_one(store, n)
    except InstantTaken:
        return False
    return True


def append_until_statement(url: str, media: Path, n: int, fatal: int) -> None:
    """Append the `n`th thing, and die by SIGKILL right after the `fatal`th statement reached the database."""
    store = open_store(url, media=media)
    statements = iter(range(1, fatal + 1))

    def die(*_: object) -> None:
        if next(statements) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(store._engine, "after_cursor_execute", die)
    append_one(store, n)


@contextmanager
def running(act: Callable[..., None], *args: object) -> Iterator[BaseProcess]:
    """The process doing `act`, killed at the end of the block if it still runs."""
    process = forked.Process(target=act, args=args, daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()
        process.close()


def pipe() -> tuple[Pipe, Pipe]:
    """The receiving and the sending end."""
    return forked.Pipe(duplex=False)
