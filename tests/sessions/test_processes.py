"""No process, descriptor or context outlives its visit, however it ends."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from probes.sessions.browser.session import BrowserSessions
from tests.sessions.site import Site
from tests.sessions.visiting import STOP_LINE, FreeTurn, Visitor, visit

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]


def marked(mark: str) -> list[int]:
    """The processes whose command line holds `mark`, but for our own children that were given it."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                command = (process / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if mark in command and "lookout" not in command:
                found.append(int(process.name))
    return found


def gone(mark: str, within: float = 20) -> bool:
    """Whether every such process ends in time."""
    deadline = time.monotonic() + within
    while marked(mark):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def lookout(url: str, mark: str) -> Iterator[subprocess.Popen[str]]:
    """A service of ours with a page open, in a terminal of its own."""
    command = [sys.executable, "-m", "tests.sessions.lookout", url, mark]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def mark() -> str:
    return f"--vigie-test-{uuid.uuid4().hex}"


def test_ctrl_c_leaves_the_browser_to_end_its_visit(site: Site, mark: str) -> None:
    with lookout(site.url("/answer"), mark) as process:
        assert marked(mark)
        # As a terminal does: to every process of the group, driver included.
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    assert said == "drained 200\nclosed\n"
    assert gone(mark)


def test_no_browser_survives_a_kill(site: Site, mark: str) -> None:
    with lookout(site.url("/answer"), mark) as process:
        assert marked(mark)
        process.kill()
        process.wait(10)
        assert gone(mark)


def test_a_driver_that_ends_before_us_leaves_no_forgotten_error(in_browser: Visitor) -> None:
    assert isinstance(in_browser.sessions, BrowserSessions)
    sessions = replace(in_browser.sessions)
    heard: list[object] = []

    async def end_it() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, said: heard.append(said))
        await sessions.start()
        assert sessions._chrome
        os.kill(sessions._chrome.driver, signal.SIGTERM)
        await asyncio.sleep(1)
        await sessions.close()
        gc.collect()
        await asyncio.sleep(0)
        loop.set_exception_handler(None)

    in_browser.runner.run(end_it())
    assert heard == []


@pytest.mark.slow
def test_thirty_visits_leave_processes_and_descriptors_flat(
    in_browser: Visitor, site: Site, mark: str
) -> None:
    assert isinstance(in_browser.sessions, BrowserSessions)
    sessions = replace(in_browser.sessions, arguments=(mark,), recycle_after=8)
    counts: list[tuple[int, int]] = []

    async def soak() -> None:
        await sessions.start()
        for n in range(1, 31):
            await visit(sessions, lambda session: session.open(site.url("/conditions")))
            if n % 8 in (4, 6):
                counts.append((await settled_count(mark), descriptors()))
        await sessions.close()

    in_browser.runner.run(soak())
    # What an earlier test of this process left behind may still end meanwhile; nothing may be added.
    assert all(later[0] <= earlier[0] and later[1] <= earlier[1] for earlier, later in pairwise(counts))
    assert gone(mark)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def settled_count(mark: str) -> int:
    """How many processes stay: the page's own ends a moment after its visit."""
    count = len(marked(mark))
    while True:
        await asyncio.sleep(0.2)
        if (now := len(marked(mark))) == count:
            return count
        count = now


def test_a_browser_is_replaced_after_its_visits_without_cutting_one_off(
    in_browser: Visitor, site: Site
) -> None:
    assert isinstance(in_browser.sessions, BrowserSessions)
    sessions = replace(in_browser.sessions, recycle_after=1)

    async def overlapping() -> None:
        try:
            async with sessions.visit(stop_line=STOP_LINE, turn=FreeTurn()) as session:
                other = await visit(sessions, lambda session: session.open(site.url("/answer")))
                assert other.steps[0].failure is None
                assert (await session.open(site.url("/answer"))).failure is None
        finally:
            await sessions.close()

    in_browser.runner.run(overlapping())
