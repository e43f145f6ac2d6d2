"""Signed tree heads, cosignatures of witnesses, and inclusion proofs, in the formats of C2SP.

See c2sp.org: signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof. Keys are Ed25519. The journal's
private key comes from a PEM file or the environment and is never stored in the database.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from monitor.files import write_once

LOG = 1
WITNESS = 4
_PROOF_HEADER = "c2sp.org/tlog-proof@v1"
_NAME = re.compile(r"[^\s+]+")
_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


class NoteError(ValueError):
    """A note, key or proof that is malformed or has a false signature; the message says which and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verifier:
    """A public key and its name. `role` is `LOG` for a journal's own key, `WITNESS` for a witness's key."""

    name: str
    role: int
    key: Ed25519PublicKey

    @property
    def raw(self) -> bytes:
        """The 32 bytes of the key."""
        return self.key.public_bytes_raw()

    @property
    def key_id(self) -> bytes:
        """The four bytes with which each signature of this key begins."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.role]) + self.raw).digest()[:4]

    @property
    def vkey(self) -> str:
        """The key as one line of text, as it is published: `name+hash+key`."""
        return f"{self.name}+{self.key_id.hex()}+{_b64(bytes([self.role]) + self.raw)}"

    @property
    def pem(self) -> bytes:
        """The key in PEM, for openssl."""
        return self.key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointSigner:
    """A private key and its name; `role` as in `Verifier`."""

    name: str
    role: int
    key: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(name=self.name, role=self.role, key=self.key.public_key())

    def line(self, signature: bytes) -> str:
        """The line of a note for one signature (raw bytes), newline included."""
        return f"— {self.name} {_b64(self.verifier.key_id + signature)}\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A tree head: the journal's name, its number of records, and the root hash (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed: three lines, the root in base64."""
        return f"{self.origin}\n{self.size}\n{_b64(self.root)}\n"


def keygen(path: Path, *, name: str, role: int = LOG) -> CheckpointSigner:
    """Write a new private key to `path`, readable by its owner alone.

    Raises `FileExistsError`, and `NoteError` for a name that no signature can carry.
    """
    key = Ed25519PrivateKey.generate()
    made = CheckpointSigner(name=_checked(name), role=role, key=key)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_once(path, pem)
    return made


def signer(pem: bytes, *, name: str, role: int = LOG) -> CheckpointSigner:
    """The signer of a PEM private key. Raises `NoteError` unless it is an unencrypted Ed25519 key."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NoteError(
            f"the key of {name} is not an unencrypted PEM private key: make one with keygen"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NoteError(f"the key of {name} is not an Ed25519 key: make one with keygen")
    return CheckpointSigner(name=_checked(name), role=role, key=key)


def verifier(vkey: str) -> Verifier:
    """The public key of a published line, as `Verifier.vkey` writes it. Raises `NoteError`."""
    name, _, rest = vkey.strip().partition("+")
    claimed, _, material = rest.partition("+")
    try:
        data = base64.b64decode(material, validate=True)
        found = Verifier(name=_checked(name), role=data[0], key=Ed25519PublicKey.from_public_bytes(data[1:]))
    except (binascii.Error, ValueError, IndexError) as error:
        raise NoteError(f"not a verifier key: {vkey.strip()!r} (expected name+hash+key)") from error
    if found.key_id.hex() != claimed or found.role not in (LOG, WITNESS):
        raise NoteError(f"the verifier key of {name} does not match its own hash")
    return found


def sign(head: Checkpoint, log: CheckpointSigner) -> str:
    """The checkpoint as a note, signed with the journal's key."""
    return f"{head.text}\n{log.line(log.key.sign(head.text.encode()))}"


def cosign(note: str, witness: CheckpointSigner, at: datetime) -> str:
    """The note with a witness's cosignature added: the witness found it consistent at `at`."""
    text, _ = _split(note)
    seconds = int(at.astimezone(UTC).timestamp())
    signature = witness.key.sign(_cosigned(text, seconds))
    return note + witness.line(struct.pack(">Q", seconds) + signature)


def opened(note: str, trusted: Verifier) -> tuple[Checkpoint, datetime | None]:
    """The checkpoint in a note, and when it was cosigned (UTC) if `trusted` is a witness, else `None`.

    Raises `NoteError` unless the note has a valid signature of `trusted`.
    """
    text, signatures = _split(note)
    mine = [data[4:] for name, data in signatures if name == trusted.name and data[:4] == trusted.key_id]
    if not mine:
        raise NoteError(f"the checkpoint bears no signature of {trusted.name}")
    when = [_verified(text, signature, trusted) for signature in mine]
    return _checkpoint(text), when[0]


def _verified(text: str, signature: bytes, trusted: Verifier) -> datetime | None:
    seconds = None
    message = text.encode()
    if trusted.role == WITNESS:
        (seconds,) = struct.unpack(">Q", signature[:8].rjust(8, b"\0"))
        signature, message = signature[8:], _cosigned(text, seconds)
    try:
        trusted.key.verify(signature, message)
    except InvalidSignature as error:
        raise NoteError(f"the signature of {trusted.name} on the checkpoint is false") from error
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def proof(index: int, path: Sequence[bytes], note: str) -> str:
    """A `tlog-proof`: the text with which anybody can check offline that a record is in the journal."""
    lines = [_PROOF_HEADER, f"index {index}", *map(_b64, path)]
    return "\n".join(lines) + f"\n\n{note}"


def _split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    text, gap, lines = note.rpartition("\n\n")
    matches = [_SIGNATURE.fullmatch(line) for line in lines.split("\n")[:-1]]
    if not gap or not matches or None in matches or not lines.endswith("\n"):
        raise NoteError("not a signed note: text, blank line and signature lines are expected")
    return text + "\n", [(match[1], _decoded(match[2])) for match in matches if match]


def _checkpoint(text: str) -> Checkpoint:
    origin, size, root, *_ = [*text.split("\n"), "", ""]
    if not re.fullmatch(r"0|[1-9]\d{0,18}", size):
        raise NoteError(f"the checkpoint of {origin} has no size")
    return Checkpoint(origin=origin, size=int(size), root=_hash(root))


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise NoteError(f"a key's name has no spaces and no +: {name!r}; use an address without its scheme")
    return name


def _hash(text: str) -> bytes:
    data = _decoded(text)
    if len(data) != 32:
        raise NoteError(f"not a SHA-256 hash in base64: {text!r}")
    return data


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise NoteError(f"not base64: {text!r}") from error


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
