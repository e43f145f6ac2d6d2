"""Compressed answers, unpacked piece by piece, so that a small answer cannot become a large body."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from probes.failures import Failed, Failure

OFFERED = "gzip"
PIECE = 64_000
"""Most bytes unpacked at once: well under a millisecond of work."""
MOST_LAYERS = 3

_WINDOWS = {"gzip": -15, "x-gzip": -15, "deflate": 15}
_KNOWN = frozenset((*_WINDOWS, "br", "zstd", "compress", "x-compress", "dcb", "dcz"))
_WITHOUT_HEADER = -15
_EXTRA, _NAME, _COMMENT, _CHECK = 4, 8, 16, 2


class Unpacker:
    """Unpacks one body whose header `Content-Encoding` is `codings`; at most `limit` bytes in any layer."""

    def __init__(self, codings: str, limit: int) -> None:
        # A name that no browser knows, such as « utf-8 », changes nothing.
        named = [name for each in codings.lower().split(",") if (name := each.strip()) in _KNOWN]
        if unknown := [coding for coding in named if coding not in _WINDOWS]:
            raise Failed(Failure.INVALID_RESPONSE, f"packed as {unknown[0]}, which was not offered")
        if len(named) > MOST_LAYERS:
            raise Failed(Failure.INVALID_RESPONSE, f"packed {len(named)} times")
        self._layers = [_Layer(coding, limit) for coding in reversed(named)]
        self._limit = limit
        self._received = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces of the body that `data` completes. Raises `Failed`."""
        self._received += len(data)
        if self._received > self._limit:
            raise Failed(Failure.BODY_TOO_LARGE, f"more than {self._limit} bytes")
        pieces: Iterable[bytes] = (data,)
        for layer in self._layers:
            pieces = layer.unpacked(pieces)
        yield from pieces

    def end(self) -> None:
        """Raise `Failed` when the data ended before its packing did."""
        if self._received and not all(layer.ended for layer in self._layers):
            raise Failed(Failure.TRUNCATED, "the packed body has no end")


class _Layer:
    def __init__(self, coding: str, limit: int) -> None:
        self._engine = zlib.decompressobj(_WINDOWS[coding])
        self._header = None if coding == "deflate" else _GzipHeader()
        self._may_lack_header = coding == "deflate"
        self._limit = limit
        self._given = 0

    @property
    def ended(self) -> bool:
        return self._engine.eof

    def unpacked(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            rest = self._header.after(piece) if self._header else piece
            while rest and not self._engine.eof:
                found = self._next(rest)
                rest = self._engine.unconsumed_tail
                self._given += len(found)
                if self._given > self._limit:
                    raise Failed(Failure.BODY_TOO_LARGE, f"more than {self._limit} bytes")
                if found:
                    yield found

    def _next(self, data: bytes) -> bytes:
        try:
            found = self._engine.decompress(data, PIECE)
        except zlib.error as exc:
            if not self._may_lack_header:
                raise Failed(Failure.INVALID_RESPONSE, str(exc)) from exc
            # Some servers leave out the header of « deflate ».
            self._may_lack_header = False
            self._engine = zlib.decompressobj(_WITHOUT_HEADER)
            return self._next(data)
        self._may_lack_header = False
        return found


class _GzipHeader:
    """Takes the header off a gzip body, so that zlib does not check the sums in it and after the data.

    Browsers do not, and show such a page.
    """

    def __init__(self) -> None:
        self._held: bytes | None = b""

    def after(self, piece: bytes) -> bytes:
        """What of `piece` belongs to the data; empty as long as the header goes on. Raises `Failed`."""
        if self._held is None:
            return piece
        self._held += piece
        end = _header_end(self._held)
        if end is None:
            return b""
        data, self._held = self._held[end:], None
        return data


def _header_end(head: bytes) -> int | None:
    """Where the header ends that `head` begins with; `None` while it goes on. Raises `Failed`."""
    if head[:3] != b"\x1f\x8b\x08"[: len(head)]:
        raise Failed(Failure.INVALID_RESPONSE, "the packed body does not begin as one")
    if len(head) < 12:
        return None
    flags, end = head[3], 10
    if flags & _EXTRA:
        end += 2 + int.from_bytes(head[10:12], "little")
    for text in (_NAME, _COMMENT):
        if flags & text:
            end = head.find(b"\0", end) + 1
            if not end:
                return None
    end += 2 if flags & _CHECK else 0
    return end if end <= len(head) else None
