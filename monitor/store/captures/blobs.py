"""Bodies: content-addressed, compressed against their predecessor, checked when written and when read.

A *series* is one step of one target. Its *keyframe* is a body stored whole, the raw zstd dictionary of those
that follow; a chain is never deeper. A keyframe is replaced once what was written against it weighs
`PATIENCE` times as much as it does, so that a slow drift, a redesign and a page that flips all stay cheap.
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
"""zstd ignores a dictionary of a few bytes, and its binding refuses an empty one."""


class Body(NamedTuple):
    """One body to keep: its series within the target, its address, its bytes."""

    series: str
    sha256: str
    content: bytes

    @classmethod
    def of(cls, series: str, content: bytes) -> Body:
        """The body with its address."""
        return cls(series, digest(content), content)


@dataclass(slots=True)
class Keyframe:
    """The current keyframe of a series. `weight` is its stored size, `spent` the bytes written against it."""

    sha256: str
    body: bytes
    weight: int
    spent: int


def digest(body: bytes) -> str:
    """The address of a body: SHA-256 in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def compress(body: bytes, dictionary: bytes | None = None) -> bytes:
    """`body` in zstd. Raises `StoreError` unless decompressing gives `body` back."""
    data = zstandard.ZstdCompressor(level=LEVEL, dict_data=_raw(dictionary)).compress(body)
    if decompress(data, len(body), dictionary) != body:
        raise StoreError("A body did not survive its own compression: it was not recorded.")
    return data


def decompress(data: bytes, size: int, dictionary: bytes | None = None) -> bytes:
    """The `size` bytes that `compress` was given. Raises `zstandard.ZstdError` for what it did not make."""
    if zstandard.frame_content_size(data) != size:  # a damaged header may ask for all the memory there is
        raise zstandard.ZstdError("not the size that was recorded")
    return zstandard.ZstdDecompressor(dict_data=_raw(dictionary)).decompress(data, max_output_size=size)


def keep(conn: Connection, target: str, bodies: Collection[Body]) -> None:
    """Store the bodies of one visit to `target`, each content once.

    The caller holds the target's lock: two writers of one series would each start their own keyframe.
    """
    known = _known(conn, bodies)
    new = {body.sha256: body for body in bodies if body.sha256 not in known}
    if not new:
        return
    frames = _frames(conn, target)
    # In one order for everybody: two writers of the same bodies must not wait for each other crosswise.
    rows = [_encode(frames, new[sha256]) for sha256 in sorted(new)]
    # Another writer may have just stored the same body, and not as a keyframe.
    written = set(conn.scalars(insert_new(conn, blobs), rows))
    _remember(conn, target, {body.series for body in new.values() if body.sha256 in written}, frames)


def fetch(conn: Connection, addresses: Iterable[str]) -> dict[str, bytes]:
    """The bodies at these addresses, each checked. Raises `Damaged`, also for one that is missing."""
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
    """The row of a new body; `frames` then says what its series has spent, or its new keyframe."""
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
