"""The journal's tree as static files (C2SP tlog-tiles): 256 hashes a tile. A full tile never changes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from pathlib import Path

from monitor.evidence.journal import tree
from monitor.files import write_whole

WIDTH = 256
HASH_BYTES = 32
HEIGHT = 8


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """The path of a tile below the journal's address. With `width` below 256 it is that of a partial tile."""
    digits = f"{index:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    name = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{name}" + (f".p/{width}" if width < WIDTH else "")


def subtree(chunk: bytes) -> bytes:
    """The root of a complete subtree. `chunk` is its hashes, one after the other: a power of two of them."""
    hashes = [chunk[i : i + HASH_BYTES] for i in range(0, len(chunk), HASH_BYTES)]
    while len(hashes) > 1:
        hashes = [tree.node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


class Tiles:
    """The tiles of a tree of `size` leaves below `directory`."""

    def __init__(self, directory: Path, size: int) -> None:
        self._directory = directory
        self.size = size

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes and write the tiles that they need. Repeating it writes the same bytes."""
        level, count, new = 0, self.size, list(leaves)
        self.size += len(new)
        while new:
            roots = self._write_level(level, count, new)
            level, count, new = level + 1, count // WIDTH, roots

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree, for `tree.root` and the proofs. Raises `FileNotFoundError`."""
        tile_level, height = divmod(level, HEIGHT)
        tile, first = divmod(index << height, WIDTH)
        chunk = self._read(tile_level, tile)
        return subtree(chunk[first * HASH_BYTES : (first + (1 << height)) * HASH_BYTES])

    def root(self) -> bytes:
        """The root of the whole tree."""
        return tree.root(self.node, self.size)

    def _write_level(self, level: int, count: int, new: list[bytes]) -> list[bytes]:
        index, width = divmod(count, WIDTH)
        held = (self._directory / tile_path(level, index, width)).read_bytes() if width else b""
        data, roots = held + b"".join(new), []
        for start in range(0, len(data), WIDTH * HASH_BYTES):
            chunk = data[start : start + WIDTH * HASH_BYTES]
            width = len(chunk) // HASH_BYTES
            write_whole(
                self._directory / tile_path(level, index + start // (WIDTH * HASH_BYTES), width), chunk
            )
            if width == WIDTH:
                roots.append(subtree(chunk))
        return roots

    def _read(self, level: int, index: int) -> bytes:
        last, width = divmod(reduce(lambda size, _: size // WIDTH, range(level), self.size), WIDTH)
        return (self._directory / tile_path(level, index, width if index == last else WIDTH)).read_bytes()
