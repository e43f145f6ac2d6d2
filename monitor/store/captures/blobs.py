"""Bodies: stored under their SHA-256, compressed with an earlier body, checked when written and when read.

A *series* is the bodies of one step of one target. Its *keyframe* is a body that is stored whole and serves
as the raw zstd dictionary of the bodies after it; the dictionary of a body is always a whole body. A
keyframe is replaced when the bodies compressed with it take more than `PATIENCE` times its own stored size.
So pages that change slowly, that are redesigned, or that alternate between two forms all take little space.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import zstandard
from sqlalchemy import Connection, bindparam, select

from monitor.store.database.dialects import insert_new, upsert
from monitor.store.database.errors import Damaged, StoreError
from monitor.store.tables.record import blobs, keyframes

LEVEL = 3
PATIENCE = 4
MIN_DICTIONARY = 64
"""Bodies shorter than this (in bytes) never become a keyframe.

zstd ignores a dictionary of a few bytes, and the Python binding refuses an empty one.
"""


class Body(NamedTuple):
    """One body to store: the name of its series (unique within a target), its address and its bytes."""

    series: str
    sha256: str
    content: bytes

    @classmethod
    def of(cls, series: str, content: bytes) -> Body:
        """A body for `content`, with the address computed."""
        return cls(series, digest(content), content)


@dataclass(slots=True)
class Keyframe:
    """The current keyframe of a series.

    `weight` is its stored size in bytes, `spent` the stored bytes of the bodies compressed with it.
    """

    sha256: str
    body: bytes
    weight: int
    spent: int


def digest(body: bytes) -> str:
    """The address of a body: its SHA-256 in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def compress(body: bytes, dictionary: bytes | None = None) -> bytes:
    """`body` compressed with zstd. Raises `StoreError` when decompressing does not give `body` back."""
    data = zstandard.ZstdCompressor(level=LEVEL, dict_data=_raw(dictionary)).compress(body)
    if decompress(data, len(body), dictionary) != body:
        raise StoreError("A body did not survive its own compression: it was not recorded.")
    return data


def decompress(data: bytes, size: int, dictionary: bytes | None = None) -> bytes:
    """The `size` bytes that `compress` was given. Raises `zstandard.ZstdError` for any other `data`."""
    # Checked first: a damaged header could ask for all the memory of the machine.
    if zstandard.frame_content_size(data) != size:
        raise zstandard.ZstdError("not the size that was recorded")
    return zstandard.ZstdDecompressor(dict_data=_raw(dictionary)).decompress(data, max_output_size=size)


def keep(conn: Connection, target: str, bodies: Collection[Body]) -> None:
    """Store the bodies of one visit to `target`; a body that is stored already is not stored again.

    The caller must hold the target's lock: two writers of one series would each start their own keyframe.
    """
    known = _known(conn, bodies)
    new = {body.sha256: body for body in bodies if body.sha256 not in known}
    if not new:
        return
    frames = _frames(conn, target)
    # All writers use the same order, so that two writers of the same bodies cannot deadlock.
    rows = [_encode(frames, new[sha256]) for sha256 in sorted(new)]
    # Another writer may just have stored the same body, but not as a keyframe: count only what we wrote.
    written = set(conn.scalars(insert_new(conn, blobs), rows))
    _remember(conn, target, {body.series for body in new.values() if body.sha256 in written}, frames)


def fetch(conn: Connection, addresses: Iterable[str]) -> dict[str, bytes]:
    """The bodies by address. Raises `Damaged` when a body is missing or does not have its SHA-256."""
    whole = blobs.alias("whole")
    stored = select(blobs, whole.c.data.label("whole"), whole.c.size.label("whole_size"))
    stored = stored.outerjoin_from(blobs, whole, blobs.c.keyframe == whole.c.sha256)
    wanted = set(addresses)
    found: dict[str, bytes] = {}
    dictionaries: dict[str | None, bytes | None] = {None: None}
    if not wanted:
        return found
    for row in conn.execute(stored.where(blobs.c.sha256.in_(wanted))):
        if row.keyframe not in dictionaries:
            dictionaries[row.keyframe] = _body(row.keyframe, row.whole, row.whole_size)
        found[row.sha256] = _body(row.sha256, row.data, row.size, dictionaries[row.keyframe])
    for sha256 in wanted - found.keys():
        raise Damaged(f"The body {sha256} is missing from the store: restore a backup.")
    return found


def _raw(dictionary: bytes | None) -> zstandard.ZstdCompressionDict | None:
    if dictionary is None:
        return None
    return zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def _known(conn: Connection, bodies: Collection[Body]) -> set[str]:
    return set(conn.scalars(_KNOWN, {"addresses": [body.sha256 for body in bodies]}))


_KNOWN = select(blobs.c.sha256).where(blobs.c.sha256.in_(bindparam("addresses", expanding=True)))


def _frames(conn: Connection, target: str) -> dict[str, Keyframe]:
    return {
        row.series: Keyframe(
            row.sha256, _body(row.sha256, row.data, row.size), weight=len(row.data), spent=row.spent
        )
        for row in conn.execute(_FRAMES, {"target": target})
    }


_FRAMES = (
    select(keyframes.c.series, keyframes.c.spent, blobs.c.sha256, blobs.c.data, blobs.c.size)
    .join_from(keyframes, blobs)
    .where(keyframes.c.target == bindparam("target"))
)


def _encode(frames: dict[str, Keyframe], body: Body) -> dict[str, object]:
    """The row of a new body. Also updates `frames`: the bytes spent by the series, or its new keyframe."""
    frame = frames.get(body.series)
    if frame and frame.spent <= PATIENCE * frame.weight:
        data = compress(body.content, frame.body)
        frame.spent += len(data)
        return {"sha256": body.sha256, "size": len(body.content), "keyframe": frame.sha256, "data": data}
    data = compress(body.content)
    if len(body.content) >= MIN_DICTIONARY:
        frames[body.series] = Keyframe(body.sha256, body.content, weight=len(data), spent=0)
    return {"sha256": body.sha256, "size": len(body.content), "keyframe": None, "data": data}


def _remember(conn: Connection, target: str, series: Iterable[str], frames: Mapping[str, Keyframe]) -> None:
    rows = [
        {"target": target, "series": name, "sha256": frames[name].sha256, "spent": frames[name].spent}
        for name in series
        if name in frames
    ]
    if rows:
        conn.execute(upsert(conn, keyframes), rows)


def _body(sha256: str, data: bytes, size: int, dictionary: bytes | None = None) -> bytes:
    try:
        body = decompress(data, size, dictionary)
    except zstandard.ZstdError:
        body = b""
    if digest(body) != sha256:
        raise Damaged(f"The stored body {sha256} is not what was recorded: restore a backup.")
    return body
