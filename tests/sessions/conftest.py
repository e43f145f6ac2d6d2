"""The site every session test visits, the two transports, and a turn that never waits."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from monitor.clock import SystemClock
from probes.model import Capture, Session, Step, VisitOver
from probes.sessions.browser.session import BrowserSessions
from probes.sessions.guard import Allowance
from probes.sessions.http.session import HttpSessions
from probes.sessions.visit import Limits
from probes.stop_line import Call, Field, Form, StopLine
from tests.sessions.site import Site, served

USER_AGENT = "Vigie/0.0 (+https://vigie.example/contact)"
LIMITS = Limits(connect=timedelta(seconds=3), read=timedelta(seconds=3), visit=timedelta(seconds=60))
HERE = Allowance(frozenset(), local=True)

STOP_LINE = StopLine(
    paths=(r"/(?!off/).*",),
    forms=(
        Form(
            selector="form#create",
            fields=(
                Field(name="condition", values="on"),
                Field(name="planning", values=r"\d+"),
                Field(name="lang", values="fr|en"),
            ),
            buttons=("nextButton", "absent"),
        ),
        Form(selector="form[id='create']", on="/elsewhere"),
        Form(selector="form#motif", fields=(Field(name="motif", values=r"\d+"),), buttons=("Continuer",)),
    ),
    calls=(Call(path="/echo", fields=(Field(name="days", values="[0-9]+"),)),),
    controls=("#day", "#away"),
)

Sessions = HttpSessions | BrowserSessions
Walk = Callable[[Session], Awaitable[object]]


class FreeTurn:
    """Counts pages; never waits."""

    def __init__(self) -> None:
        self.pages = 0

    async def page(self) -> None:
        self.pages += 1


@dataclass
class Visitor:
    """Makes visits with one transport, all in one event loop, so that one browser serves many tests."""

    runner: asyncio.Runner
    sessions: Sessions

    def __call__(self, walk: Walk, turn: FreeTurn | None = None) -> Capture:
        return self.runner.run(visit(self.sessions, walk, turn))

    def open(self, url: str, *, until: tuple[str, ...] = ()) -> Step:
        """The one step of a visit that opens `url`."""
        capture = self(lambda session: session.open(url, until=until))
        assert capture.last is not None
        return capture.last


async def visit(sessions: Sessions, walk: Walk, turn: FreeTurn | None = None) -> Capture:
    """What `walk` received, whether or not it came to its end."""
    async with sessions.visit(stop_line=STOP_LINE, turn=turn or FreeTurn()) as session:
        with suppress(VisitOver):
            await walk(session)
    return session.capture()


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
        settle=timedelta(seconds=2),
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


@dataclass
class Secure:
    """A certificate for `*.localhost` that only those trust who are told to."""

    certificate: Path
    key: Path
    sha256: str
    spki: str

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))


@pytest.fixture(scope="session")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Secure:
    return _certified(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure_site(secure: Secure) -> Iterator[Site]:
    with served(Site(), secure.certificate, secure.key) as site:
        yield site


def _certified(folder: Path) -> Secure:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "site.localhost")])
    names = [x509.DNSName("site.localhost"), x509.DNSName("www.prefecture.example")]
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    secure = Secure(
        folder / "certificate.pem",
        folder / "key.pem",
        certificate.fingerprint(hashes.SHA256()).hex(),
        base64.b64encode(hashlib.sha256(spki).digest()).decode(),
    )
    secure.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secure.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return secure


@pytest.fixture
def untrusted_site(tmp_path: Path) -> Iterator[Site]:
    other = _certified(tmp_path)
    with served(Site(), other.certificate, other.key) as site:
        yield site


@pytest.fixture
def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
