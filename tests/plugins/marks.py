"""Marks say what a test needs, so that `make test-fast` can leave it out: none is forgotten.

A test that takes one of the fixtures below is marked by itself. Any other test that starts one of the
programs without its mark fails and is told so.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

FIXTURES = {
    "postgresql_server": "postgresql",
    "in_browser": "browser",
    "screen": "browser",
    "prometheus": "slow",
}
PROGRAMS = {
    "chromium": "browser",
    "chromium-headless-shell": "browser",
    "node": "browser",  # through which Playwright drives Chromium
    "initdb": "postgresql",
    "prometheus": "slow",  # a server whose rules take their time, as do the timers of the next
    "prometheus-alertmanager": "slow",
}

_running: list[pytest.Item] = []
_start = subprocess.Popen.__init__


def pytest_itemcollected(item: pytest.Item) -> None:
    for fixture in FIXTURES.keys() & set(getattr(item, "fixturenames", ())):
        item.add_marker(FIXTURES[fixture])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[Any]:
    _running[:] = [item]
    try:
        return (yield)
    finally:
        _running.clear()


def lacking(command: object, marks: Collection[str]) -> str | None:
    """The mark that a test needs to start this command and does not have."""
    words = command if isinstance(command, list | tuple) else [command]
    names = {Path(os.fsdecode(word)).name for word in words if isinstance(word, str | bytes | os.PathLike)}
    return next((PROGRAMS[name] for name in PROGRAMS.keys() & names if PROGRAMS[name] not in marks), None)


def _start_when_marked(process: Any, args: Any, *more: Any, **named: Any) -> None:
    for item in _running:
        mark = lacking(args, {mark.name for mark in item.iter_markers()})
        if mark:
            raise RuntimeError(f"mark this test {mark!r}, which make test-fast leaves out: it starts {args}")
    _start(process, args, *more, **named)


subprocess.Popen.__init__ = _start_when_marked  # type: ignore[assignment, method-assign]
