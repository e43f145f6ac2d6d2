"""Heads of answers mended as browsers mend them, before the strict parser of httpcore sees them."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore

MAX_HEAD = 256_000
"""Bytes after which a head without an end goes to the parser as it is; the parser then refuses it."""

LEADING = 4
"""Bytes that browsers pass over before the status line: a line break or two, a mark of UTF-8."""

_START = re.compile(rb"[\s\S]{0,4}?(?=HTTP/)")
_END = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.[01] 1(?!01)\d\d\b")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROLS = bytes.maketrans(b"\x00\x0b\x0c\r", b"    ")


def mended(head: bytes) -> bytes:
    """`head` without the lines that are no header, and without spaces before a colon. Its length may change.

    Browsers pass over such lines: a name with a space in it, or a warning that a program wrote there.
    """
    status, *lines = [line.removesuffix(b"\r") for line in head.split(b"\n")]
    return b"\r\n".join([status, *_headers(lines), b"", b""])


def _headers(lines: Iterable[bytes]) -> Iterator[bytes]:
    kept = False
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            if kept and line.strip():
                yield b" " + line.translate(_CONTROLS).strip()
            continue
        name, colon, value = line.partition(b":")
        name = name.rstrip(b" \t")
        kept = bool(colon and _NAME.fullmatch(name))
        if kept:
            yield name + b": " + value.translate(_CONTROLS).strip()


class ForgivingStream(httpcore.AsyncNetworkStream):
    """A connection on which the head of each answer is mended. After a request, an answer begins."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner
        self._in_head = True
        self._held = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """The next bytes, empty at the end. A head comes whole, even if it is longer than `max_bytes`."""
        if not self._in_head:
            return await self._inner.read(max_bytes, timeout)
        while not (end := self._end()):
            more = await self._inner.read(max_bytes, timeout)
            self._held += more
            if not more or len(self._held) > MAX_HEAD:
                self._in_head = False
                held, self._held = self._held, b""
                return held
        head, self._held = self._held[: end.start()], self._held[end.end() :]
        if _INTERIM.match(head):
            return mended(head)
        self._in_head = False
        rest, self._held = self._held, b""
        return mended(head) + rest

    def _end(self) -> re.Match[bytes] | None:
        """Where the head ends in what is held, without what stands before its beginning."""
        if start := _START.match(self._held):
            self._held = self._held[start.end() :]
        elif len(self._held) < LEADING + len("HTTP/"):
            return None
        return _END.search(self._held)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Send `buffer`, a request or a part of it."""
        self._in_head = True
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        """The same connection, encrypted."""
        return ForgivingStream(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """What httpcore knows of the connection under the name `info`."""
        return self._inner.get_extra_info(info)
