"""A real server for the simulator: one socket on 127.0.0.1 for all hosts, in clear or with untrusted TLS."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette

from probes.serving import serving
from probes.simulator.world import Simulator


@asynccontextmanager
async def serve(app: Starlette, *, port: int = 0, tls: bool = False) -> AsyncIterator[int]:
    """Serve `app` on 127.0.0.1 inside the `async with` block, which is given the port (a free one for 0).

    With `tls`, the certificate is self-signed, so that clients refuse it. Raises `CannotListen`.
    """
    world: Simulator = app.state.simulator
    with TemporaryDirectory() as folder:
        certificate = _self_signed(Path(folder), world) if tls else None
        async with serving(
            app,
            host="127.0.0.1",
            port=port,
            http="h11",
            log_level="critical",
            date_header=False,
            ssl_certfile=certificate,
            ssl_keyfile=certificate,
        ) as served:
            yield served


def _self_signed(folder: Path, world: Simulator) -> Path:
    """One file in `folder` with a private key and a certificate for all simulated hosts."""
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
