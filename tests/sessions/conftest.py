"""The site every session test visits, the two transports, and a turn that never waits."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from probes.sessions.browser.session import BrowserSessions
from probes.sessions.http.session import HttpSessions
from tests.sessions.site import Site, served
from tests.sessions.visiting import HERE, LIMITS, USER_AGENT, Secure, Visitor, certified


@pytest.fixture(autouse=True)
def _guard(no_sql_on_the_loop: list[str]) -> None:
    """No session, and no pace, waits for SQL on the event loop."""


@pytest.fixture(scope="session")
def _served_site() -> Iterator[Site]:
    with served(Site()) as site:
        yield site


@pytest.fixture
def site(_served_site: Site) -> Site:
    _served_site.forget()
    return _served_site


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def over_http(runner: asyncio.Runner) -> Visitor:
    clock = SystemClock()
    return Visitor(runner, HttpSessions(allowance=HERE, user_agent=USER_AGENT, clock=clock, limits=LIMITS))


@pytest.fixture(scope="session")
def in_browser(runner: asyncio.Runner, secure: Secure) -> Iterator[Visitor]:
    sessions = BrowserSessions(
        allowance=HERE,
        user_agent=USER_AGENT,
        clock=SystemClock(),
        limits=LIMITS,
        settle=timedelta(seconds=4),
        arguments=(f"--ignore-certificate-errors-spki-list={secure.spki}",),
    )
    runner.run(sessions.start())
    yield Visitor(runner, sessions)
    runner.run(sessions.close())


@pytest.fixture(params=["over_http", pytest.param("in_browser", marks=pytest.mark.browser)])
def visitor(request: pytest.FixtureRequest) -> Visitor:
    """Each of the two transports in turn."""
    found: Visitor = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Secure:
    return certified(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure_site(secure: Secure) -> Iterator[Site]:
    with served(Site(), secure.certificate, secure.key) as site:
        yield site


@pytest.fixture
def untrusted_site(tmp_path: Path) -> Iterator[Site]:
    other = certified(tmp_path)
    with served(Site(), other.certificate, other.key) as site:
        yield site


@pytest.fixture
def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
