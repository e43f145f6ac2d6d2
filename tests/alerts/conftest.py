"""A cast for the mails: one préfecture, its zeros, a week of it; and a mail server to send them to."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from monitor.alerts.write.stories import (
    ControlAnswer,
    Digest,
    DigestLine,
    Footer,
    Links,
    Opening,
    Story,
    WeekCounts,
)
from monitor.model import Change, Incident, IncidentKind, Phase, Trouble
from probes.model import Outcome, Target
from tests.alerts.postman import Postman
from tests.alerts.stories import MONDAY, PAGE, make_drought, make_target, make_transition


@pytest.fixture
def target() -> Target:
    return make_target()


@pytest.fixture
def story() -> Callable[..., Story]:
    def make(change: Change = Change.ZERO, *, milestone: int | None = None, **more: Any) -> Story:
        transition = make_transition(change, milestone=milestone)
        opening = Opening(
            first=transition.at,
            last=transition.at + timedelta(minutes=55),
            gone=transition.at + timedelta(hours=2),
        )
        given: dict[str, Any] = {
            "transition": transition,
            "target": make_target(),
            "words": "Il n'existe plus de plage horaire libre pour votre demande de rendez-vous.",
            "control": ControlAnswer(
                demarche="Remise de titre",
                outcome=Outcome.SLOTS_OFFERED,
                at=transition.at - timedelta(minutes=4),
            ),
            "opening": opening if change in (Change.SLOTS, Change.UNSTABLE) else None,
            "links": Links(
                page=PAGE,
                capture=f"{PAGE}/releves/4211/capture",
                period=f"{PAGE}?du=2026-01-01&au=2026-03-01",
            ),
        }
        return Story(**(given | more))

    return make


@pytest.fixture
def footer() -> Footer:
    return Footer(
        checkpoint="vigie.example.org/log 18211 Zk9tW3Q5rM0eXyVxJY2vJkYqT3m8cN1bq0h6s8vXr3w=",
        unsubscribe="https://vigie.example.org/alertes/desabonnement/b2xk.3f9a1c",
    )


@pytest.fixture
def week() -> Digest:
    full = WeekCounts(scheduled=168, made=166, zeros=160, slots=0)

    def line(demarche: str, phase: Phase, **more: Any) -> DigestLine:
        given: dict[str, Any] = {
            "week": full,
            "links": Links(page=PAGE, capture=f"{PAGE}/releves/4211/capture"),
        }
        return DigestLine(target=make_target(demarche=demarche), phase=phase, **(given | more))

    return Digest(
        start=MONDAY,
        end=MONDAY + timedelta(days=7),
        new=(line("Changement de statut", Phase.ZERO, drought=make_drought(3)),),
        ended=(
            line("Duplicata", Phase.OFFERED, week=WeekCounts(scheduled=168, made=168, zeros=120, slots=40)),
        ),
        records=(line("Première demande", Phase.ZERO, drought=make_drought(62), milestone=60),),
        ongoing=(line("Renouvellement", Phase.ZERO, drought=make_drought(35)),),
        unstable=(line("Remise de titre", Phase.UNSTABLE),),
        unavailable=(
            line(
                "Naturalisation", Phase.ZERO, week=WeekCounts(scheduled=168, made=160), trouble=Trouble.DOWN
            ),
        ),
        insufficient=(
            line("Document de circulation", Phase.UNKNOWN, week=WeekCounts(scheduled=168, made=90, zeros=80)),
        ),
        offered=4,
    )


@pytest.fixture
def incidents() -> tuple[Incident, ...]:
    return (
        Incident(
            kind=IncidentKind.REDESIGNED, key="booking", since=MONDAY, targets=("86-sejour", "86-duplicata")
        ),
        Incident(
            kind=IncidentKind.BLIND,
            key="monitor",
            since=MONDAY,
            detail="30/30, 24 hosts",
            targets=tuple(f"{n:02}-sejour" for n in range(1, 31)),
        ),
    )


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = (data.login, data.password) == (b"vigie", "s3cret-é".encode())
    return AuthResult(success=good, handled=False) if not good else AuthResult(success=True)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for localhost and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = serialization.Encoding.PEM, serialization.NoEncryption()
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, secret) + made.public_bytes(pem)
    )
    return path


@pytest.fixture
def open_postman(certificate: Path) -> Iterator[Callable[..., Postman]]:
    """Starts servers: `open_postman(tls=…, login=…)`, STARTTLS by default."""
    running: list[Controller] = []

    def start(*, tls: str = "starttls", login: bool = True) -> Postman:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        postman = Postman(certificate=certificate)
        more: dict[str, Any] = {"tls_context": context, "require_starttls": True} if tls == "starttls" else {}
        more["auth_exclude_mechanism"] = ["LOGIN"] if login else ["LOGIN", "PLAIN"]
        if login:
            more |= {"authenticator": _authenticate, "auth_require_tls": tls == "starttls"}
            more["auth_required"] = tls == "starttls"
        controller = Controller(
            postman,
            hostname="127.0.0.1",
            port=_free_port(),
            ssl_context=context if tls == "tls" else None,
            **more,
        )
        controller.start()
        running.append(controller)
        postman.port = controller.port
        return postman

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture
def postman(open_postman: Callable[..., Postman]) -> Postman:
    return open_postman()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
