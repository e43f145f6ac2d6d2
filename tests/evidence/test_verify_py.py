"""`verify.py`'s own cryptography against the library's, and against what only looks like a signature."""

from __future__ import annotations

import hashlib
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.evidence.bundle import pieces
from tests.cast.authority import Fault, TestAuthority
from tests.evidence.world import load

AT = datetime(2026, 11, 3, 0, 5, tzinfo=UTC)
SEAL = b"0" * 64 + b"  CHECKPOINT-2026-11-02.txt\n"


@pytest.fixture(scope="module")
def verify() -> ModuleType:
    return load(Path(pieces.__file__).parent / "verifiers" / "verify.py")


def spki(verify: ModuleType, key: Any) -> Any:
    pem = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return verify.Der(pem)


@pytest.mark.parametrize("sha", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_ecdsa_signatures_hold_for_their_message_alone(verify: ModuleType, curve: Any, sha: Any) -> None:
    key = ec.generate_private_key(curve)
    signature = key.sign(b"message", ec.ECDSA(sha))
    assert verify.signed_by(spki(verify, key), signature, sha.name, b"message")
    assert not verify.signed_by(spki(verify, key), signature, sha.name, b"massage")


@pytest.mark.parametrize("sha", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
@pytest.mark.parametrize("bits", [2048, 3072])
def test_rsa_signatures_hold_for_their_message_alone(verify: ModuleType, bits: int, sha: Any) -> None:
    key = rsa.generate_private_key(65537, bits)
    signature = key.sign(b"message", padding.PKCS1v15(), sha)
    assert verify.signed_by(spki(verify, key), signature, sha.name, b"message")
    assert not verify.signed_by(spki(verify, key), signature, sha.name, b"massage")
    assert not verify.signed_by(spki(verify, key), b"\0" + signature, sha.name, b"message")


def test_a_zero_signature_is_no_signature(verify: ModuleType) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    assert not verify.signed_by(spki(verify, key), bytes.fromhex("3006020100020100"), "sha256", b"message")


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=200))
def test_ed25519_agrees_with_the_library(verify: ModuleType, message: bytes) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verify.ed25519(public, signature, message)
    assert not verify.ed25519(public, signature, message + b"\0")
    place = len(message) % 64
    forged = signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
    assert not verify.ed25519(public, forged, message)


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(65), b"\xff" * 64])
def test_what_is_no_ed25519_signature_is_refused(verify: ModuleType, signature: bytes) -> None:
    public = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert not verify.ed25519(public, signature, b"message")


def test_an_ed25519_signature_with_a_too_large_number_is_refused(verify: ModuleType) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    signature = key.sign(b"message")
    larger = int.from_bytes(signature[32:], "little") + verify.ORDER
    forged = signature[:32] + larger.to_bytes(32, "little")
    assert not verify.ed25519(key.public_key().public_bytes_raw(), forged, b"message")


@pytest.fixture(scope="module", params=[False, True], ids=["rsa", "ecdsa"])
def authority(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority(tmp_path_factory.mktemp("tsa"), "tsa1", AT, elliptic=request.param)


def known(verify: ModuleType, authority: TestAuthority) -> list[Any]:
    paths = (authority.root_path, authority.chain_path)
    return [verify.certificate(ssl.PEM_cert_to_DER_cert(path.read_text())) for path in paths]


@pytest.mark.parametrize("fault", [Fault(), Fault(unsorted=True)])
def test_a_stamp_is_read_with_its_instant(verify: ModuleType, authority: TestAuthority, fault: Fault) -> None:
    held = known(verify, authority)
    reply = authority.stamp(SEAL, AT, nonce=7, fault=fault)
    assert verify.stamped_at(reply, SEAL, held[0], held) == AT


@pytest.mark.parametrize("fault", [Fault(imprint=True), Fault(rejects=True)])
def test_a_wrong_stamp_proves_nothing(verify: ModuleType, authority: TestAuthority, fault: Fault) -> None:
    held = known(verify, authority)
    with pytest.raises(Exception):  # noqa: B017, PT011  anything at all is a refusal
        verify.stamped_at(authority.stamp(SEAL, AT, fault=fault), SEAL, held[0], held)


def test_a_stamp_of_another_authority_proves_nothing(
    verify: ModuleType, authority: TestAuthority, tmp_path: Path
) -> None:
    foreign = TestAuthority(tmp_path, "tsa1", AT)
    held = known(verify, authority)
    with pytest.raises(ValueError, match="jeton"):
        verify.stamped_at(foreign.stamp(SEAL, AT), SEAL, held[0], [*held, *known(verify, foreign)])


def test_a_stamp_made_after_its_certificate_expired_proves_nothing(
    verify: ModuleType, tmp_path: Path
) -> None:
    expired = TestAuthority(tmp_path, "tsa1", AT - timedelta(days=100), days=50)
    held = known(verify, expired)
    with pytest.raises(ValueError, match="jeton"):
        verify.stamped_at(expired.stamp(SEAL, AT), SEAL, held[0], held)


def test_a_stamp_by_a_certificate_for_another_purpose_proves_nothing(
    verify: ModuleType, tmp_path: Path
) -> None:
    signs_code = TestAuthority(tmp_path, "tsa1", AT, purpose=ExtendedKeyUsageOID.CODE_SIGNING)
    held = known(verify, signs_code)
    with pytest.raises(ValueError, match="jeton"):
        verify.stamped_at(signs_code.stamp(SEAL, AT), SEAL, held[0], held)


def test_a_certificate_that_may_not_stamp_does_not(verify: ModuleType, authority: TestAuthority) -> None:
    held = known(verify, authority)
    assert [one.stamps for one in held] == [False, False]
    assert [one.certifies for one in held] == [True, True]


@given(st.binary(max_size=60))
def test_random_bytes_are_no_stamp(verify: ModuleType, authority: TestAuthority, reply: bytes) -> None:
    held = known(verify, authority)
    with pytest.raises(Exception):  # noqa: B017, PT011  anything at all is a refusal
        verify.stamped_at(reply, SEAL, held[0], held)


def test_digests_are_sha_256(verify: ModuleType) -> None:
    assert verify.digest(b"x") == hashlib.sha256(b"x").hexdigest()


def test_a_root_that_signed_itself_in_an_old_way_still_anchors(verify: ModuleType, tmp_path: Path) -> None:
    """Nobody checks a root's signature on itself: its fingerprint is pinned. Old ones are in SHA-1."""
    authority = TestAuthority(tmp_path, "tsa1", AT)
    sha256_rsa, sha1_rsa = (bytes.fromhex(f"2a864886f70d0101{last}") for last in ("0b", "05"))
    der = authority.root.public_bytes(serialization.Encoding.DER)
    old = verify.certificate(der.replace(sha256_rsa, sha1_rsa))
    below = verify.certificate(authority.chain.public_bytes(serialization.Encoding.DER))
    assert verify.leads_to(old, below, AT, [old, below])
    assert not verify.signs(old, old)
