"""The two transports and the visits they make: a turn that never waits, a line that may not be crossed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from probes.model import Capture, Session, Step, VisitOver
from probes.sessions.browser.session import BrowserSessions
from probes.sessions.guard import Allowance
from probes.sessions.http.session import HttpSessions
from probes.sessions.visit import FRANCE, Deciding, Limits
from probes.stop_line import Call, Field, Form, StopLine

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
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

    def visit(self, walk: Walk, deciding: Deciding) -> Capture:
        """As when called, with the words that `deciding` names tested for ink."""
        return self.runner.run(visit(self.sessions, walk, deciding=deciding))

    def open(self, url: str) -> Step:
        """The one step of a visit that opens `url`."""
        capture = self(lambda session: session.open(url))
        assert capture.last is not None
        return capture.last


async def visit(
    sessions: Sessions,
    walk: Walk,
    turn: FreeTurn | None = None,
    deciding: Deciding | None = None,
    zone: str = FRANCE,
) -> Capture:
    """What `walk` received, whether or not it came to its end."""
    async with sessions.visit(
        stop_line=STOP_LINE, turn=turn or FreeTurn(), deciding=deciding, zone=zone
    ) as session:
        with suppress(VisitOver):
            await walk(session)
    return session.capture()


@dataclass
class Secure:
    """A certificate for `*.localhost` that only those trust who are told to."""

    certificate: Path
    key: Path
    sha256: str
    spki: str

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))


def certified(folder: Path) -> Secure:
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
