"""The guard: the event loop never waits for SQL.

A test that takes `no_sql_on_the_loop` fails when a connection is taken, a statement is executed or a
transaction begins or ends in a thread whose event loop is running, whatever became of the error in between.
A program that a test starts prints the same on its standard error: see `guarded`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.pool import Pool

ON_THE_LOOP = "SQL on the event loop"
_ROOT = Path(__file__).parents[2]
_OURS = tuple(f"{_ROOT / folder}/" for folder in ("monitor", "probes", "tests"))

Tell = Callable[[str], object]

_listening: list[Tell] = []


def _look(*_: object) -> None:
    if _listening and _on_a_loop():
        ours = [one for one in traceback.extract_stack()[:-1] if one.filename.startswith(_OURS)]
        for tell in _listening:
            tell(f"{ON_THE_LOOP}:\n{''.join(traceback.format_list(ours))}")


def _on_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


# For ever, and before any engine is made: one made earlier would not tell.
for name in ("before_cursor_execute", "begin", "commit", "rollback"):
    event.listen(Engine, name, _look)
for name in ("connect", "checkout"):
    event.listen(Pool, name, _look)


@pytest.fixture
def no_sql_on_the_loop() -> Iterator[list[str]]:
    """What was executed on an event loop so far, with the stack: nothing, at the end."""
    found: list[str] = []
    _listening.append(found.append)
    yield found
    _listening.remove(found.append)
    if found:
        pytest.fail(f"{len(found)} times. {found[0]}")


def guarded(program: str) -> tuple[list[str], dict[str, str]]:
    """A command line that runs `program`, which is Python, under the guard; and its environment."""
    watch = f"from tests.plugins import loop_guard; loop_guard.tell_on_stderr(); {program}"
    return [sys.executable, "-c", watch], {**os.environ, "PYTHONPATH": str(_ROOT)}


def tell_on_stderr() -> None:
    """For a program under the guard."""
    _listening.append(lambda said: print(said, file=sys.stderr))
