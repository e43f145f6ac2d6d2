"""A witness: a second organisation that cosigns a journal's tree head only when nothing was rewritten.

A witness stores the peaks of the tree that it cosigned last. It adds the leaf hashes published since then and
must get the root of the new head; a journal that was forked, shortened or rewritten cannot give such hashes.
Only static files are read, from a folder or over HTTP.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from monitor.evidence.journal import checkpoint, tree
from monitor.evidence.journal.checkpoint import Checkpoint, CheckpointSigner, Verifier
from monitor.evidence.journal.tiles import HASH_BYTES, WIDTH, tile_path
from monitor.files import write_whole
from probes.model import Clock

Read = Callable[[str], bytes]

CHECKPOINT_FILE = "checkpoint"

LARGEST = 2**63
"""No log holds so many records."""


class Diverged(Exception):
    """The published journal does not continue the one seen before; the message says how."""


class Unreadable(Exception):
    """A published file, or the witness's own memory file, cannot be read. It proves nothing."""


@dataclass(slots=True)
class Peaks:
    """The roots of the complete subtrees of a tree, largest first. They suffice to add leaves to the tree."""

    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Add a leaf by its hash."""
        count, current = self.size, leaf
        while count & 1:
            current, count = tree.node_hash(self.hashes.pop(), current), count >> 1
        self.hashes.append(current)
        self.size += 1

    def root(self) -> bytes:
        """The root of the whole tree."""
        if not self.hashes:
            return tree.EMPTY_ROOT
        *rest, current = self.hashes
        for peak in reversed(rest):
            current = tree.node_hash(peak, current)
        return current


class Witness:
    """One witness of one journal. It stores the peaks of the last cosigned tree in the file `memory`."""

    def __init__(
        self, *, key: CheckpointSigner, log: Verifier, read: Read, memory: Path, clock: Clock
    ) -> None:
        self._key = key
        self._log = log
        self._read = read
        self._memory = memory
        self._clock = clock

    def look(self) -> str:
        """Check the published journal, and return its checkpoint with our cosignature.

        Raises `Diverged`, `Unreadable`, or `NoteError` when the journal's own signature is false.
        """
        note = self._read(CHECKPOINT_FILE).decode("utf-8", "replace")
        head, _ = checkpoint.opened(note, self._log)
        peaks = self._remembered(head.origin)
        if head.size < peaks.size:
            raise Diverged(
                f"{head.origin} shows {head.size} records after it showed {peaks.size}: it was shortened"
            )
        for leaf in self._leaves(peaks.size, head.size):
            peaks.append(leaf)
        if peaks.root() != head.root:
            raise Diverged(
                f"{head.origin} at {head.size} records does not continue what it showed before: it was forked"
            )
        self._remember(peaks, head)
        return checkpoint.cosign(note, self._key, self._clock.now())

    def _leaves(self, start: int, end: int) -> Iterator[bytes]:
        for index in range(start // WIDTH, -(-end // WIDTH)):
            chunk = self._tile(index, min(WIDTH, end - index * WIDTH))
            for place in range(max(0, start - index * WIDTH) * HASH_BYTES, len(chunk), HASH_BYTES):
                yield chunk[place : place + HASH_BYTES]

    def _tile(self, index: int, width: int) -> bytes:
        try:
            chunk = self._read(tile_path(0, index, width))
        except Unreadable:
            # A partial tile may be deleted once the full one exists.
            chunk = self._read(tile_path(0, index))[: width * HASH_BYTES]
        if len(chunk) != width * HASH_BYTES:
            raise Diverged(f"tile {index} does not hold the {width} records its checkpoint promises")
        return chunk

    def _remembered(self, origin: str) -> Peaks:
        if not self._memory.exists():
            return Peaks()
        try:
            remembered, peaks = _remembered(self._memory.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise Unreadable(f"{self._memory} is not what a witness wrote: put its copy back") from error
        if remembered != origin:
            raise Unreadable(f"{self._memory} remembers {remembered}, not {origin}: name another file for it")
        return peaks

    def _remember(self, peaks: Peaks, head: Checkpoint) -> None:
        hashes = [base64.b64encode(peak).decode() for peak in peaks.hashes]
        kept = {"origin": head.origin, "size": peaks.size, "peaks": hashes}
        write_whole(self._memory, (json.dumps(kept, indent=1) + "\n").encode())


def _remembered(text: str) -> tuple[str, Peaks]:
    """The log's name and the peaks that a witness wrote. Raises `ValueError` and `RecursionError`.

    Damage must never pass for a tree: the new head would not continue it, and the log would stand accused.
    """
    kept = json.loads(text)
    if not isinstance(kept, dict) or kept.keys() != {"origin", "size", "peaks"}:
        raise ValueError("not the three keys")
    origin, size, peaks = kept["origin"], kept["size"], kept["peaks"]
    if type(size) is not int or not 0 <= size < LARGEST or not isinstance(origin, str):
        raise ValueError("no number of records, or no name")
    if not isinstance(peaks, list) or not all(isinstance(peak, str) for peak in peaks):
        raise ValueError("no list of peaks")
    hashes = [base64.b64decode(peak, validate=True) for peak in peaks]
    # One peak for each complete subtree: for each one in the binary form of the size.
    if len(hashes) != size.bit_count() or any(len(peak) != HASH_BYTES for peak in hashes):
        raise ValueError("not the peaks of a tree of this size")
    return origin, Peaks(size=size, hashes=hashes)


def from_folder(folder: Path) -> Read:
    """A function that reads a file of a journal published in a folder. It raises `Unreadable`."""

    def read(name: str) -> bytes:
        try:
            return (folder / name).read_bytes()
        except OSError as error:
            raise Unreadable(f"{folder / name} cannot be read") from error

    return read


def from_url(address: str, client: httpx.Client) -> Read:
    """A function that reads a file of a journal published by a web server. It raises `Unreadable`."""

    def read(name: str) -> bytes:
        where = f"{address.rstrip('/')}/{name}"
        try:
            return client.get(where).raise_for_status().content
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreadable(f"{where} cannot be fetched ({type(error).__name__})") from error

    return read
