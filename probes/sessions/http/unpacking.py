"""Compressed answers, unpacked piece by piece, so that a small answer cannot become a large body."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from probes.failures import Failed, Failure

OFFERED = "gzip"
PIECE = 64_000
"""Most bytes unpacked at once: well under a millisecond of work."""
MOST_LAYERS = 3

_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_KNOWN = frozenset((*_WINDOWS, "br", "zstd", "compress", "x-compress", "dcb", "dcz"))
_WITHOUT_HEADER = -15


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
        self._may_lack_header = coding == "deflate"
        self._limit = limit
        self._given = 0

    @property
    def ended(self) -> bool:
        return self._engine.eof

    def unpacked(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            rest = piece
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
