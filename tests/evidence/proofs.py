"""The other side of the log's proofs: read and checked as RFC 6962 and C2SP tell whoever doubts the log."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence

from monitor.evidence.journal.checkpoint import Checkpoint, NoteError
from monitor.evidence.journal.tree import leaf_hash, node_hash

HEADER = "c2sp.org/tlog-proof@v1"


def read_proof(text: str) -> tuple[int, list[bytes], str]:
    """The index, the audit path and the checkpoint note of a proof. Raises `NoteError`."""
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != HEADER or len(lines) < 2 or not re.fullmatch(r"index (0|[1-9]\d{0,18})", lines[1]):
        raise NoteError("not a tlog-proof: it begins with neither its header nor an index")
    return int(lines[1].removeprefix("index ")), [_node(line) for line in lines[2:]], note


def _node(line: str) -> bytes:
    data = base64.b64decode(line, validate=True)
    if len(data) != 32:
        raise NoteError(f"not a SHA-256 hash in base64: {line!r}")
    return data


def tree_includes(record: bytes, index: int, path: Sequence[bytes], head: Checkpoint) -> bool:
    """Whether a proof's audit path puts `record` at `index` of the tree of `head`."""
    return includes(leaf_hash(record), index, head.size, path, head.root)


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes) -> bool:
    """Whether `path` proves that `leaf` is number `index` of the `size` leaves under the root `expected`."""
    if not 0 <= index < size:
        return False
    turns = list(_turns(index, size))
    current = leaf
    for sibling, on_the_left in zip(path, turns, strict=False):
        current = node_hash(sibling, current) if on_the_left else node_hash(current, sibling)
    return len(path) == len(turns) and current == expected


def extends(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the tree of `new` leaves begins with the tree of `old` leaves."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    turns = list(_turns(here, last + 1))
    # When the old tree is one complete subtree, its root is not sent: the verifier holds it.
    first, *siblings = [*([] if here else [old_root]), *path] or [b""]
    before = after = first
    for sibling, on_the_left in zip(siblings, turns, strict=False):
        after = node_hash(sibling, after) if on_the_left else node_hash(after, sibling)
        before = node_hash(sibling, before) if on_the_left else before
    return len(siblings) == len(turns) and before == old_root and after == new_root


def _turns(index: int, size: int) -> Iterator[bool]:
    """For each hash of the path from a leaf to the root: whether it stands on the left."""
    here, last = index, size - 1
    while last:
        on_the_left = bool(here & 1) or here == last
        yield on_the_left
        # At the right edge a subtree without a sibling climbs until it has one.
        while on_the_left and here and not here & 1:
            here, last = here >> 1, last >> 1
        here, last = here >> 1, last >> 1
