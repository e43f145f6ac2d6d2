"""The Merkle tree of RFC 6962 (and 9162) over SHA-256: roots, proofs, and their verification. Pure.

Proofs are computed from any source of complete subtrees: `node(level, index)` is the hash of the leaves
`index * 2**level` to `(index + 1) * 2**level`, exclusive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

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
        """Add a leaf by its hash and complete every subtree it completes."""
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
    """The audit path of leaf `index` in the tree of `size` leaves, from the leaf's sibling up."""
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
