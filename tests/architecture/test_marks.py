"""What needs a browser or a server is marked, or fails: `make test-fast` needs neither."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from tests.plugins.marks import FIXTURES, PROGRAMS, lacking

CHROMIUM = ["sh", "-c", "exit", "/usr/bin/chromium"]


@pytest.mark.parametrize(("program", "mark"), PROGRAMS.items())
def test_each_program_needs_its_mark(program: str, mark: str) -> None:
    command = ["setpriv", "--reuid=nobody", Path("/opt/bin") / program, "--flag"]
    assert lacking(command, {"timeout"}) == mark
    assert lacking(command, {"timeout", mark}) is None


@pytest.mark.parametrize(
    "command", [["sh", "verify.sh"], "true", ["chromiums"], [Path("notes/prometheus.yml")]]
)
def test_what_is_neither_browser_nor_server_needs_none(command: object) -> None:
    assert lacking(command, ()) is None


def test_a_browser_started_without_the_mark_fails_the_test() -> None:
    with pytest.raises(RuntimeError, match="mark this test 'browser'"):
        subprocess.run(CHROMIUM, check=False)
    with pytest.raises(RuntimeError, match="mark this test 'browser'"):
        asyncio.run(asyncio.create_subprocess_exec(*CHROMIUM))


@pytest.mark.browser
def test_with_the_mark_it_starts() -> None:
    assert subprocess.run(CHROMIUM, check=False).returncode == 0


def test_a_test_that_takes_the_server_is_marked_by_itself(
    request: pytest.FixtureRequest, postgresql_url: str
) -> None:
    assert postgresql_url.startswith("postgresql://")
    assert request.node.get_closest_marker(FIXTURES["postgresql_server"])
