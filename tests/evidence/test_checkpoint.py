"""Signed notes: C2SP's own example, round trips, and everything a forger could try."""

from __future__ import annotations

import base64
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from monitor.evidence.journal import checkpoint
from monitor.evidence.journal.checkpoint import LOG, WITNESS, Checkpoint, CheckpointSigner, NoteError
from monitor.evidence.journal.tree import Tree, inclusion, leaf_hash
from tests.evidence.proofs import read_proof, tree_includes

ORIGIN = "vigie.example/journal"
AT = datetime(2026, 11, 2, 0, 5, tzinfo=UTC)
RECORDS = [f"record {n}\n".encode() for n in range(20)]
TREE = Tree(map(leaf_hash, RECORDS))
HEAD = Checkpoint(origin=ORIGIN, size=TREE.size, root=TREE.root())

# The example of Go's note package, which defined the format.
PUBLISHED_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


@pytest.fixture
def log(tmp_path: Path) -> CheckpointSigner:
    return checkpoint.keygen(tmp_path / "log.key", name=ORIGIN)


@pytest.fixture
def witness(tmp_path: Path) -> CheckpointSigner:
    return checkpoint.keygen(tmp_path / "witness.key", name="temoin.example", role=WITNESS)


def test_a_signed_checkpoint_opens_with_the_published_key(log: CheckpointSigner) -> None:
    note = checkpoint.sign(HEAD, log)
    assert note.startswith(f"{ORIGIN}\n20\n{base64.b64encode(TREE.root()).decode()}\n\n— {ORIGIN} ")
    assert checkpoint.opened(note, checkpoint.verifier(log.verifier.vkey)) == (HEAD, None)


def test_it_verifies_the_signature_published_with_the_format() -> None:
    published = checkpoint.verifier(PUBLISHED_VKEY)
    # Past the signature, it stops at the text, which is no checkpoint.
    with pytest.raises(NoteError, match="has no size"):
        checkpoint.opened(PUBLISHED_NOTE, published)
    with pytest.raises(NoteError, match="is false"):
        checkpoint.opened(PUBLISHED_NOTE.replace("your problem is", "my problem is"), published)


def test_a_note_of_somebody_else_is_refused(log: CheckpointSigner) -> None:
    with pytest.raises(NoteError, match="bears no signature of"):
        checkpoint.opened(PUBLISHED_NOTE, log.verifier)


def test_a_key_of_an_unknown_kind_is_refused(log: CheckpointSigner) -> None:
    unknown = replace(log.verifier, role=2)
    with pytest.raises(NoteError, match="does not match"):
        checkpoint.verifier(unknown.vkey)


def test_a_signature_of_an_older_key_of_that_name_is_passed_over(
    log: CheckpointSigner, tmp_path: Path
) -> None:
    older = checkpoint.keygen(tmp_path / "older.key", name=ORIGIN)
    note = checkpoint.sign(HEAD, older) + log.line(log.key.sign(HEAD.text.encode()))
    assert checkpoint.opened(note, log.verifier) == (HEAD, None)


def test_a_signature_under_another_name_is_nobodys(log: CheckpointSigner) -> None:
    renamed = checkpoint.sign(HEAD, log).replace(f"— {ORIGIN} ", "— other.example ")
    with pytest.raises(NoteError, match="bears no signature of"):
        checkpoint.opened(renamed, log.verifier)


def generate_ed25519() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def test_a_cosignature_says_when_the_witness_saw_it(log: CheckpointSigner, witness: CheckpointSigner) -> None:
    note = checkpoint.cosign(checkpoint.sign(HEAD, log), witness, AT)
    assert checkpoint.opened(note, witness.verifier) == (HEAD, AT)
    assert checkpoint.opened(note, log.verifier) == (HEAD, None)


@pytest.mark.parametrize("role", [LOG, WITNESS])
def test_any_changed_character_of_the_signed_text_is_refused(
    role: int, log: CheckpointSigner, witness: CheckpointSigner
) -> None:
    note = checkpoint.cosign(checkpoint.sign(HEAD, log), witness, AT)
    trusted = (log if role == LOG else witness).verifier
    for place in range(len(HEAD.text) - 1):
        changed = note[:place] + chr(ord(note[place]) ^ 1) + note[place + 1 :]
        with pytest.raises(NoteError):
            checkpoint.opened(changed, trusted)


def test_a_false_signature_is_named(log: CheckpointSigner) -> None:
    impostor = CheckpointSigner(name=ORIGIN, role=LOG, key=generate_ed25519())
    genuine = base64.b64encode(log.verifier.key_id + impostor.key.sign(HEAD.text.encode())).decode()
    with pytest.raises(NoteError, match=f"the signature of {ORIGIN} on the checkpoint is false"):
        checkpoint.opened(f"{HEAD.text}\n— {ORIGIN} {genuine}\n", log.verifier)


def test_a_truncated_cosignature_is_false(witness: CheckpointSigner) -> None:
    short = base64.b64encode(witness.verifier.key_id + b"\0").decode()
    with pytest.raises(NoteError, match="is false"):
        checkpoint.opened(f"{HEAD.text}\n— {witness.name} {short}\n", witness.verifier)


@pytest.mark.parametrize(
    "note", ["", "text\n", "text\n\n", "text\n\nnot a signature\n", "a\n\n— b c$\n", "a\n\n— b YQ=="]
)
def test_what_is_not_a_note_is_refused(note: str, log: CheckpointSigner) -> None:
    with pytest.raises(NoteError):
        checkpoint.opened(note, log.verifier)


@pytest.mark.parametrize("text", ["o\n007\nAAAA\n", "o\n1\nAAAA\n", "o\n1\n====\n", "o\n"])
def test_a_signed_text_that_is_no_tree_head_is_refused(text: str, log: CheckpointSigner) -> None:
    note = f"{text}\n{log.line(log.key.sign(text.encode()))}"
    with pytest.raises(NoteError):
        checkpoint.opened(note, log.verifier)


@pytest.mark.parametrize("vkey", ["", "name", "name+00+", "name+00+AQ==", "name+zz+%%", "a b+00+AA=="])
def test_what_is_not_a_verifier_key_is_refused(vkey: str) -> None:
    with pytest.raises(NoteError):
        checkpoint.verifier(vkey)


def test_a_verifier_key_whose_hash_is_another_is_refused(log: CheckpointSigner) -> None:
    name, _, material = log.verifier.vkey.split("+", 2)
    with pytest.raises(NoteError, match="does not match its own hash"):
        checkpoint.verifier(f"{name}+00000000+{material}")


def test_a_new_key_is_private_and_never_overwrites(tmp_path: Path, log: CheckpointSigner) -> None:
    path = tmp_path / "log.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert checkpoint.signer(path.read_bytes(), name=ORIGIN).verifier.vkey == log.verifier.vkey
    with pytest.raises(FileExistsError):
        checkpoint.keygen(path, name=ORIGIN)


def test_a_name_that_no_signature_can_carry_leaves_no_key(tmp_path: Path) -> None:
    with pytest.raises(NoteError, match="no spaces"):
        checkpoint.keygen(tmp_path / "witness.key", name="a b", role=WITNESS)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_key_file_is_explained(log: CheckpointSigner) -> None:
    with pytest.raises(NoteError, match="not an unencrypted PEM private key: make one with keygen"):
        checkpoint.signer(b"nonsense", name=ORIGIN)
    elliptic = generate_private_key(SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(NoteError, match="not an Ed25519 key"):
        checkpoint.signer(elliptic, name=ORIGIN)


def test_a_key_name_has_no_spaces(tmp_path: Path) -> None:
    with pytest.raises(NoteError, match="no spaces"):
        checkpoint.keygen(tmp_path / "k", name="deux mots")


def test_a_proof_carries_everything_but_the_record(log: CheckpointSigner) -> None:
    text = checkpoint.proof(13, inclusion(TREE.node, 13, TREE.size), checkpoint.sign(HEAD, log))
    index, path, note = read_proof(text)
    head, _ = checkpoint.opened(note, log.verifier)
    assert tree_includes(RECORDS[13], index, path, head)
    assert not tree_includes(RECORDS[12], index, path, head)
    assert not tree_includes(RECORDS[13], 12, path, head)


@pytest.mark.parametrize(
    "text", ["", "c2sp.org/tlog-proof@v1\n\nnote", "c2sp.org/tlog-proof@v1\nindex 01\n\nnote"]
)
def test_what_is_not_a_proof_is_refused(text: str) -> None:
    with pytest.raises(NoteError, match="not a tlog-proof"):
        read_proof(text)


def test_a_proof_with_a_short_hash_is_refused() -> None:
    with pytest.raises(NoteError, match="not a SHA-256 hash"):
        read_proof("c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nnote")


def test_of_two_cosignatures_of_a_witness_the_first_tells_the_time_and_none_may_be_false(
    log: CheckpointSigner, witness: CheckpointSigner
) -> None:
    first = checkpoint.cosign(checkpoint.sign(HEAD, log), witness, AT)
    twice = checkpoint.cosign(first, witness, AT.replace(hour=3))
    assert checkpoint.opened(twice, witness.verifier) == (HEAD, AT)
    with pytest.raises(NoteError, match="is false"):
        checkpoint.opened(first + witness.line(bytes(72)), witness.verifier)


@pytest.mark.parametrize("place", range(8))
def test_every_digit_of_a_published_keys_hash_counts(place: int) -> None:
    name, claimed, key = PUBLISHED_VKEY.split("+", 2)
    other = claimed[:place] + ("0" if claimed[place] != "0" else "1") + claimed[place + 1 :]
    with pytest.raises(NoteError, match="does not match its own hash"):
        checkpoint.verifier(f"{name}+{other}+{key}")


@pytest.mark.parametrize("name", ["a+b", "a b", "a\tb", ""])
def test_a_name_that_no_signature_can_carry_is_refused_and_no_key_is_written(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(NoteError, match="has no spaces and no"):
        checkpoint.keygen(tmp_path / "key", name=name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", ["020", "-1", "+20", "٢", "1" * 20, "", " 20"])
def test_a_size_has_one_spelling(log: CheckpointSigner, size: str) -> None:
    signed = HEAD.text.replace("\n20\n", f"\n{size}\n")
    note = f"{signed}\n{log.line(log.key.sign(signed.encode()))}"
    with pytest.raises(NoteError, match="has no size"):
        checkpoint.opened(note, log.verifier)


@pytest.mark.parametrize("line", ["not a signature\n", "\n", "— name\n", "— a b not-base64!\n"])
def test_every_line_after_the_blank_one_is_a_signature(log: CheckpointSigner, line: str) -> None:
    with pytest.raises(NoteError, match=r"not a signed note"):
        checkpoint.opened(checkpoint.sign(HEAD, log) + line, log.verifier)


def test_a_key_behind_a_password_is_refused() -> None:
    locked = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"password"),
    )
    with pytest.raises(NoteError, match="is not an unencrypted PEM private key"):
        checkpoint.signer(locked, name=ORIGIN)
