"""A time-stamping authority for tests: real CMS over a chosen instant, and every way to get it wrong."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from rfc3161_client import _rust

from monitor.evidence.journal.stamps import Authority

POLICY = "1.3.6.1.4.1.99999.1"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
SHA256 = "2.16.840.1.101.3.4.2.1"


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 | len(length)]) + length + body


def integer(value: int) -> bytes:
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    body = b""
    for arc in (first * 40 + second, *rest):
        septets = [arc & 127]
        while arc := arc >> 7:
            septets.append(128 | arc & 127)
        body += bytes(reversed(septets))
    return der(6, body)


def sequence(*parts: bytes) -> bytes:
    return der(0x30, *parts)


def algorithm(dotted: str, *, null: bool = True) -> bytes:
    return sequence(oid(dotted), *([der(5)] if null else []))


def ordered(tag: int, parts: list[bytes]) -> bytes:
    return der(tag, *sorted(parts))


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What a hostile authority gets wrong."""

    imprint: bool = False
    nonce: bool = False
    unsorted: bool = False
    rejects: bool = False
    policy: str = POLICY
    remark: str = ""


HONEST = Fault()


class TestAuthority:
    """A root, an intermediate and a stamping certificate, valid around `at`; stamps any instant."""

    __test__ = False

    def __init__(
        self,
        folder: Path,
        name: str,
        at: datetime,
        *,
        days: int = 3650,
        elliptic: bool = False,
        purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING,
    ) -> None:
        self.name = name
        self._elliptic, self._purpose = elliptic, purpose
        self._at, self._until = at - timedelta(days=400), at + timedelta(days=days)
        root_key, chain_key, self._key = self._new_key(), self._new_key(), self._new_key()
        self.root = self._certificate(f"{name} root", root_key, None, root_key)
        self.chain = self._certificate(f"{name} intermediate", chain_key, self.root, root_key)
        self.signer = self._certificate(f"{name} stamps", self._key, self.chain, chain_key, stamping=True)
        self.root_path, self.chain_path = folder / f"{name}-root.pem", folder / f"{name}-chain.pem"
        self.root_path.write_bytes(self.root.public_bytes(serialization.Encoding.PEM))
        self.chain_path.write_bytes(self.chain.public_bytes(serialization.Encoding.PEM))

    @property
    def signer_key(self) -> bytes:
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def fingerprint(self) -> str:
        return self.root.fingerprint(hashes.SHA256()).hex()

    def described(self, url: str = "http://127.0.0.1:9/", **changes: object) -> Authority:
        facts = {"name": self.name, "url": url, "root": self.root_path, "chain": self.chain_path} | changes
        return Authority(**facts)  # type: ignore[arg-type]

    def stamp(self, data: bytes, at: datetime, *, nonce: int | None = None, fault: Fault = HONEST) -> bytes:
        """A whole reply for `data`, dated `at`."""
        return self.reply(hashlib.sha256(data).digest(), at, nonce=nonce, fault=fault)

    def answer(self, query: bytes, at: datetime, fault: Fault = HONEST) -> bytes:
        """The reply to a query."""
        asked = _rust.parse_timestamp_request(query)
        return self.reply(asked.message_imprint.message, at, nonce=asked.nonce, fault=fault)

    def reply(self, imprint: bytes, at: datetime, *, nonce: int | None, fault: Fault) -> bytes:
        if fault.rejects:
            return sequence(sequence(integer(2)))
        info = self._info(
            bytes(32) if fault.imprint else imprint, at, nonce and nonce + fault.nonce, fault.policy
        )
        remark = [sequence(der(0x0C, fault.remark.encode()))] if fault.remark else []
        return sequence(sequence(integer(0), *remark), self._token(info, at, fault))

    @staticmethod
    def _info(imprint: bytes, at: datetime, nonce: int | None, policy: str) -> bytes:
        return sequence(
            integer(1),
            oid(policy),
            sequence(algorithm(SHA256), der(4, imprint)),
            integer(int(at.timestamp())),
            der(0x18, at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode()),
            *([integer(nonce)] if nonce else []),
        )

    def _token(self, info: bytes, at: datetime, fault: Fault) -> bytes:
        issuer_and_serial = sequence(self.signer.issuer.public_bytes(), integer(self.signer.serial_number))
        certificate = self.signer.public_bytes(serialization.Encoding.DER)
        signing_certificate = sequence(sequence(sequence(der(4, hashlib.sha256(certificate).digest()))))
        attributes = [
            sequence(oid("1.2.840.113549.1.9.3"), der(0x31, oid("1.2.840.113549.1.9.16.1.4"))),
            sequence(oid("1.2.840.113549.1.9.4"), der(0x31, der(4, hashlib.sha256(info).digest()))),
            sequence(oid("1.2.840.113549.1.9.16.2.47"), der(0x31, signing_certificate)),
        ]
        signature = self._sign(ordered(0x31, attributes))
        signature_algorithm = (
            algorithm("1.2.840.10045.4.3.2", null=False)
            if self._elliptic
            else algorithm("1.2.840.113549.1.1.1")
        )
        signer_info = sequence(
            integer(1),
            issuer_and_serial,
            algorithm(SHA256),
            ordered(0xA0, attributes),
            signature_algorithm,
            der(4, signature),
        )
        chain = self.chain.public_bytes(serialization.Encoding.DER)
        certificates = sorted([certificate, chain], reverse=fault.unsorted)
        signed = sequence(
            integer(3),
            der(0x31, algorithm(SHA256)),
            sequence(oid("1.2.840.113549.1.9.16.1.4"), der(0xA0, der(4, info))),
            der(0xA0, *certificates),
            der(0x31, signer_info),
        )
        return sequence(oid("1.2.840.113549.1.7.2"), der(0xA0, signed))

    def _sign(self, data: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))

    def _new_key(self) -> Key:
        return (
            ec.generate_private_key(ec.SECP256R1())
            if self._elliptic
            else rsa.generate_private_key(65537, 2048)
        )

    def _certificate(
        self,
        subject: str,
        key: Key,
        issuer: x509.Certificate | None,
        signed_by: Key,
        *,
        stamping: bool = False,
    ) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer.subject if issuer else name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._at)
            .not_valid_after(self._until if stamping else self._at + timedelta(days=36500))
            .add_extension(x509.BasicConstraints(ca=not stamping, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_by.public_key()), critical=False
            )
        )
        if stamping:
            usage = x509.ExtendedKeyUsage([self._purpose])
            builder = builder.add_extension(usage, critical=True)
        return builder.sign(signed_by, hashes.SHA256())


@contextmanager
def served(answer: Callable[[bytes], bytes | None]) -> Iterator[str]:
    """A server on loopback that answers every POST with `answer(body)`; with HTTP 503 when that is `None`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            reply = answer(self.rfile.read(int(self.headers["Content-Length"])))
            with suppress(ConnectionError):  # who asked may have given up
                self.send_response(200 if reply is not None else 503)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
                self.wfile.write(reply or b"")

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
