"""A real server for the simulator: one socket on 127.0.0.1 for every name, in clear or over untrusted TLS."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette

from probes.simulator.world import Simulator


class _Server(uvicorn.Server):
    """uvicorn inside somebody else's event loop: signals stay theirs, and it says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@asynccontextmanager
async def serve(app: Starlette, *, port: int = 0, tls: bool = False) -> AsyncIterator[int]:
    """Serve `app` on 127.0.0.1 and give the port (a free one unless told); stop on leaving.

    With `tls`, the certificate is self-signed: every careful client refuses it. Raises `OSError` when the
    port is taken.
    """
    world: Simulator = app.state.simulator
    with socket.create_server(("127.0.0.1", port)) as listening, TemporaryDirectory() as folder:
        certificate = _self_signed(Path(folder), world) if tls else None
        server = _Server(_config(app, certificate))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        await server.listening.wait()
        port = listening.getsockname()[1]
        try:
            yield port
        finally:
            server.should_exit = True
            await running


def _config(app: Starlette, certificate: Path | None) -> uvicorn.Config:
    """Loaded, so that what is wrong with it shows at once. Dates in headers are the simulation's own."""
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        date_header=False,
        timeout_graceful_shutdown=1,
        ssl_certfile=certificate,
        ssl_keyfile=certificate,
    )
    config.load()
    return config


def _self_signed(folder: Path, world: Simulator) -> Path:
    """A key and a certificate for every simulated host, in one file under `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Vigie simulateur")])
    now = world.clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host) for host in world.sites]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
