"""The witness: follows an honest log, refuses a forked or shortened one."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.clock import SimulatedClock
from monitor.evidence.journal import checkpoint, witness
from monitor.evidence.journal.checkpoint import WITNESS, Checkpoint, CheckpointSigner, NoteError
from monitor.evidence.journal.tiles import Tiles, tile_path
from monitor.evidence.journal.tree import Tree
from monitor.evidence.journal.witness import Diverged, Peaks, Unreadable, Witness, from_folder, from_url

AT = datetime(2026, 11, 2, tzinfo=UTC)
LEAVES = [hashlib.sha256(str(n).encode()).digest() for n in range(1000)]


class Log:
    """A published log whose keeper may cheat."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.key = checkpoint.keygen(folder / "key", name="vigie.example/journal")

    def publish(self, leaves: list[bytes], start: int = 0) -> None:
        Tiles(self.folder, start).extend(leaves[start:])
        self.sign(Tree(leaves).root(), len(leaves))

    def sign(self, root: bytes, size: int) -> None:
        head = Checkpoint(origin=self.key.name, size=size, root=root)
        (self.folder / "checkpoint").write_text(checkpoint.sign(head, self.key), "utf-8")


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "log")


@pytest.fixture
def key(tmp_path: Path) -> CheckpointSigner:
    return checkpoint.keygen(tmp_path / "witness.key", name="temoin.example", role=WITNESS)


@pytest.fixture
def observer(tmp_path: Path, log: Log, key: CheckpointSigner) -> Witness:
    return a_witness(tmp_path, log, key, from_folder(log.folder))


def a_witness(tmp_path: Path, log: Log, key: CheckpointSigner, read: witness.Read) -> Witness:
    return Witness(
        key=key, log=log.key.verifier, read=read, memory=tmp_path / "memory.json", clock=SimulatedClock(AT)
    )


def test_it_cosigns_a_log_that_only_grows(log: Log, key: CheckpointSigner, observer: Witness) -> None:
    for start, end in ((0, 3), (3, 3), (3, 300), (300, 1000)):
        log.publish(LEAVES[:end], start)
        head, seen_at = checkpoint.opened(observer.look(), key.verifier)
        assert (head.size, seen_at) == (end, AT)


def test_it_refuses_a_shortened_log(log: Log, observer: Witness) -> None:
    log.publish(LEAVES[:300])
    observer.look()
    log.publish(LEAVES[:299])
    with pytest.raises(Diverged, match="shows 299 records after it showed 300"):
        observer.look()


@pytest.mark.parametrize("size", [300, 301, 900])
def test_it_refuses_a_log_whose_past_changed(log: Log, observer: Witness, size: int) -> None:
    log.publish(LEAVES[:300])
    observer.look()
    rewritten = [b"\0" * 32, *LEAVES[1:size]]
    log.publish(rewritten)
    with pytest.raises(Diverged, match="forked"):
        observer.look()


def test_it_refuses_a_head_that_its_tiles_do_not_give(log: Log, observer: Witness) -> None:
    log.publish(LEAVES[:10])
    log.sign(LEAVES[0], 10)
    with pytest.raises(Diverged):
        observer.look()


def test_after_a_refusal_it_still_remembers_the_honest_log(log: Log, observer: Witness) -> None:
    log.publish(LEAVES[:300])
    observer.look()
    log.publish([b"\0" * 32, *LEAVES[1:400]])
    with pytest.raises(Diverged):
        observer.look()
    log.publish(LEAVES[:400])
    assert observer.look().startswith("vigie.example/journal\n400\n")


def test_it_refuses_a_head_signed_by_somebody_else(tmp_path: Path, log: Log, observer: Witness) -> None:
    log.publish(LEAVES[:3])
    impostor = checkpoint.keygen(tmp_path / "other.key", name=log.key.name)
    head = Checkpoint(origin=log.key.name, size=3, root=Tree(LEAVES[:3]).root())
    (log.folder / "checkpoint").write_text(checkpoint.sign(head, impostor), "utf-8")
    with pytest.raises(NoteError):
        observer.look()


def test_it_reads_the_full_tile_when_the_partial_one_is_gone(log: Log, observer: Witness) -> None:
    log.publish(LEAVES[:256])
    log.sign(Tree(LEAVES[:100]).root(), 100)
    assert observer.look().startswith("vigie.example/journal\n100\n")


def test_a_tile_cut_short_is_refused(log: Log, observer: Witness) -> None:
    log.publish(LEAVES[:10])
    (log.folder / tile_path(0, 0, 10)).write_bytes(LEAVES[0])
    with pytest.raises(Diverged, match="the 10 records"):
        observer.look()


def test_a_missing_log_is_unreadable_not_diverged(observer: Witness) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        observer.look()


def test_it_follows_a_log_over_http(tmp_path: Path, log: Log, key: CheckpointSigner) -> None:
    class Silent(SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=log.folder)  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            """Silent."""

    log.publish(LEAVES[:300])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        with httpx.Client() as client:
            address = f"http://127.0.0.1:{server.server_port}"
            observer = a_witness(tmp_path, log, key, from_url(address, client))
            assert checkpoint.opened(observer.look(), key.verifier)[0].size == 300
            with pytest.raises(Unreadable, match="HTTPStatusError"):
                from_url(address, client)("nothing")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@given(st.integers(0, 1000))
def test_peaks_give_the_root_of_the_tree(size: int) -> None:
    peaks = Peaks()
    for leaf in LEAVES[:size]:
        peaks.append(leaf)
    assert peaks.root() == Tree(LEAVES[:size]).root()


def test_another_logs_memory_accuses_nobody(
    tmp_path: Path, log: Log, key: CheckpointSigner, observer: Witness
) -> None:
    """A witness of two logs who keeps one file would else call the second one forked."""
    log.publish(LEAVES[:10])
    observer.look()
    log.key = replace(log.key, name="autre.example/journal")
    log.sign(Tree(LEAVES[:300]).root(), 300)
    with pytest.raises(Unreadable, match=r"remembers vigie\.example/journal.*name another file"):
        a_witness(tmp_path, log, key, from_folder(log.folder)).look()


PEAK = base64.b64encode(LEAVES[0]).decode()


def memory(size: str, *peaks: object, origin: object = "vigie.example/journal") -> str:
    """A memory of this size, as JSON writes it."""
    return f'{{"origin": {json.dumps(origin)}, "size": {size}, "peaks": {json.dumps(peaks)}}}'


@pytest.mark.parametrize("content", [
    "", "{", "[]", '{"size": 1}', '{"size": 1, "peaks": ["*"], "origin": "x"}', "[" * 100_000, "9" * 5_000,
    *(memory(size, PEAK) for size in ("0", "3", "3.9", "1.0", "1e0", "1e400", "NaN", "-1", "true", '"1"')),
    memory("null", PEAK),
    *(memory(str(size), PEAK) for size in (2**63, 2**64)), memory("9" * 5_000, PEAK),
    memory("1"), memory("1", PEAK, PEAK), memory("3", PEAK), memory("1", PEAK[4:]), memory("1", PEAK + PEAK),
    memory("1", 1), memory("1", None), memory("1", [PEAK]), memory("1", "é" * 44), memory("1", PEAK[:-1]),
    memory("1", PEAK, origin=None), memory("1", PEAK, origin=["x"]), memory("1", PEAK)[:-1] + ', "more": 1}',
    '{"origin": "x", "size": 1, "peaks": "' + PEAK + '"}', '{"origin": "x", "size": 1, "peaks": null}',
])  # fmt: skip
def test_a_spoilt_memory_is_one_sentence(tmp_path: Path, log: Log, observer: Witness, content: str) -> None:
    log.publish(LEAVES[:10])
    (tmp_path / "memory.json").write_text(content)
    with pytest.raises(Unreadable, match=r"memory\.json is not what a witness wrote"):
        observer.look()


def test_an_address_that_is_none_is_one_sentence() -> None:
    with httpx.Client() as client, pytest.raises(Unreadable, match="cannot be fetched"):
        from_url("http://[vigie.example/journal", client)("checkpoint")
