"""The Merkle tree of RFC 6962 (and 9162) with SHA-256: roots and proofs. Pure.

Proofs are computed with a function for complete subtrees: `node(level, index)` returns the hash over the
leaves from `index * 2**level` up to but without `(index + 1) * 2**level`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

Node = Callable[[int, int], bytes]

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf holding `entry`."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """A tree in memory, about 130 bytes a leaf."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Add a leaf by its hash, and compute every subtree that is complete now."""
        level, count = 0, len(self._levels[0])
        self._levels[0].append(leaf)
        while count & 1:
            pair = self._levels[level][-2:]
            level, count = level + 1, count >> 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(hashlib.sha256(b"\1" + pair[0] + pair[1]).digest())

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree. Raises `IndexError` when it is not complete."""
        return self._levels[level][index]

    def root(self, size: int | None = None) -> bytes:
        """The root of the first `size` leaves, all by default."""
        return root(self.node, self.size if size is None else size)


def root(node: Node, size: int) -> bytes:
    """The Merkle tree hash of the first `size` leaves."""
    return _range_hash(node, 0, size) if size else EMPTY_ROOT


def inclusion(node: Node, index: int, size: int) -> list[bytes]:
    """The inclusion proof of leaf `index` in the tree of `size` leaves: hashes from its sibling upwards."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_hash(node, middle, end))
            end = middle
        else:
            path.append(_range_hash(node, start, middle))
            start = middle
    return path[::-1]


def consistency(node: Node, old: int, new: int) -> list[bytes]:
    """The proof that the tree of `old` leaves is the beginning of the tree of `new` leaves."""
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof leads from {old} to {new} leaves")
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_hash(node, middle, end))
            end = middle
        else:
            path.append(_range_hash(node, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(_range_hash(node, start, end))
    return path[::-1]


def _split(width: int) -> int:
    """The largest power of two smaller than `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def _range_hash(node: Node, start: int, end: int) -> bytes:
    width = end - start
    if width & (width - 1) == 0:
        return node(width.bit_length() - 1, start // width)
    middle = start + _split(width)
    return node_hash(_range_hash(node, start, middle), _range_hash(node, middle, end))
