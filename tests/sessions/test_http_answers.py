"""Answers that only a remote can invent: stray lines in heads, odd types, small bodies that unpack huge."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import ssl
import time
import zlib
from functools import reduce

import httpcore
import pytest

from monitor.clock import SystemClock
from probes.failures import Failed, Failure
from probes.model import Step
from probes.pages.page import parse
from probes.sessions.http.heads import MAX_HEAD, ForgivingStream, mended
from probes.sessions.http.session import HttpSessions
from probes.sessions.http.unpacking import PIECE, Unpacker
from tests.sessions.bombs import bomb
from tests.sessions.visiting import HERE, LIMITS, USER_AGENT, visit

PAGE = b"<html><body><p>Bonjour</p></body></html>"


def answered(answer: bytes, *, beside: list[float] | None = None) -> Step:
    """What a visit receives from a server that answers every request with these bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
        writer.close()

    async def beat(gaps: list[float]) -> None:
        before = time.monotonic()
        while True:
            await asyncio.sleep(0)
            gaps.append(time.monotonic() - before)
            before = time.monotonic()

    async def run() -> Step:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        made = HttpSessions(allowance=HERE, user_agent=USER_AGENT, clock=SystemClock(), limits=LIMITS)
        beating = asyncio.ensure_future(beat(beside)) if beside is not None else None
        capture = await visit(made, lambda session: session.open(f"http://site.localhost:{port}/x"))
        if beating:
            beating.cancel()
        server.close()
        return capture.steps[0]

    return asyncio.run(run())


def headed(*, flags: int) -> bytes:
    """The page packed with gzip under a header that has these parts; its own check is wrong."""
    plain = gzip.compress(PAGE, mtime=0)
    parts = ((4, b"\x03\x00abc"), (8, b"page.html\x00"), (16, b"a remark\x00"), (2, b"??"))
    return plain[:3] + bytes((flags,)) + plain[4:10] + b"".join(p for f, p in parts if flags & f) + plain[10:]


def packed(body: bytes, *codings: str, kind: bytes = b"text/html") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n" % (kind, len(body))
    said = b"Content-Encoding: %b\r\n" % ", ".join(codings).encode() if codings else b""
    return head + said + b"\r\n" + body


@pytest.mark.parametrize(
    "line",
    [
        b"X-Debug tool: on",
        b"Server : Apache",
        b"PHP Warning:  Module 'intl' already loaded in Unknown on line 0",
        b"<b>Notice</b>: Undefined index in <b>/var/www/index.php</b> on line <b>3</b><br />",
        b"no colon at all",
        b": no name",
        b"X-Long: a\r\n  folded",
        b"no colon\r\n  folded below it",
        b"X-Null: a\x00b",
        b"X-\xe9: accent",
    ],
)
def test_a_line_that_browsers_pass_over_costs_no_page(line: bytes) -> None:
    step = answered(packed(PAGE).replace(b"\r\n", b"\r\n" + line + b"\r\n", 1))
    assert (step.failure, step.body) == (None, PAGE)


@pytest.mark.parametrize("before", [b"\r\n", b"\r\n\r\n", b"\n", b"  ", b"\xef\xbb\xbf", b"abcd"])
def test_four_bytes_before_the_status_line_cost_no_page(before: bytes) -> None:
    step = answered(before + packed(PAGE))
    assert (step.failure, step.status, step.body) == (None, 200, PAGE)


@pytest.mark.parametrize("before", [b"\r\n\r\n\r\n", b"abcde"])
def test_more_than_browsers_pass_over_is_no_head(before: bytes) -> None:
    assert answered(before + packed(PAGE)).failure is Failure.INVALID_RESPONSE


def test_a_space_before_the_colon_hides_no_length() -> None:
    assert (
        mended(b"HTTP/1.1 200 OK\nContent-Length : 5\nX y: z")
        == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    )
    assert answered(b"HTTP/1.1 200 OK\r\nContent-Length : 900\r\n\r\n<p>cou").failure is Failure.TRUNCATED


def test_an_interim_answer_is_followed_by_the_real_one() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink to: x\r\n\r\n"
    assert answered(early + packed(PAGE)).body == PAGE


@pytest.mark.parametrize(
    "answer", [b"\x00\x01\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 60_000, b"HTTP/1.1 20"]
)
def test_what_is_no_head_is_no_answer(answer: bytes) -> None:
    assert answered(answer).failure in (Failure.INVALID_RESPONSE, Failure.CONNECTION_LOST)


@pytest.mark.parametrize("kind", [b"", b"html", b"*/*", b"unknown/unknown", b"application/unknown"])
def test_a_type_that_says_nothing_is_told_by_the_first_bytes(kind: bytes) -> None:
    step = answered(packed(PAGE, kind=kind))
    assert step.failure is None
    assert parse(step).text == "Bonjour"
    assert answered(packed(b"\x00\x01\x02\x03", kind=kind)).failure is Failure.INVALID_RESPONSE
    assert parse(answered(packed(b"un texte <p>Bonjour</p>", kind=kind))).says("Bonjour") == ""


@pytest.mark.parametrize(
    ("body", "codings"),
    [
        (gzip.compress(PAGE, mtime=0), ("gzip",)),
        (gzip.compress(PAGE, mtime=0), ("x-gzip",)),
        (zlib.compress(PAGE), ("deflate",)),
        (zlib.compress(PAGE)[2:-4], ("deflate",)),
        (gzip.compress(gzip.compress(PAGE, mtime=0), mtime=0), ("gzip", "gzip")),
        (PAGE, ("identity",)),
        (PAGE, ("utf-8",)),
        (PAGE, ("none",)),
        (gzip.compress(PAGE, mtime=0), ("GZip",)),
        (zlib.compress(gzip.compress(PAGE, mtime=0)), ("gzip", "deflate")),
        (gzip.compress(zlib.compress(PAGE), mtime=0), ("deflate", "gzip")),
        (gzip.compress(gzip.compress(gzip.compress(PAGE, mtime=0), mtime=0), mtime=0), ("gzip",) * 3),
        (gzip.compress(PAGE, mtime=0) + b"rest", ("gzip",)),
        (gzip.compress(PAGE, mtime=0)[:-8] + b"sum?size", ("gzip",)),
        (gzip.compress(PAGE, mtime=0)[:-4] + b"size", ("x-gzip",)),
        (gzip.compress(PAGE, mtime=0)[:-8], ("gzip",)),
        (gzip.compress(PAGE, mtime=0)[:-3], ("gzip",)),
        (gzip.compress(gzip.compress(PAGE, mtime=0)[:-8], mtime=0)[:-8], ("gzip", "gzip")),
        (headed(flags=2), ("gzip",)),
        (headed(flags=4), ("gzip",)),
        (headed(flags=8), ("gzip",)),
        (headed(flags=16), ("gzip",)),
        (headed(flags=30), ("gzip",)),
    ],
)
def test_a_packed_page_is_unpacked(body: bytes, codings: tuple[str, ...]) -> None:
    assert answered(packed(body, *codings)).body == PAGE


@pytest.mark.parametrize(
    ("body", "codings", "failure"),
    [
        (b"abcd", ("gzip",), Failure.INVALID_RESPONSE),
        (b"", ("gzip",), Failure.EMPTY_BODY),
        (b"\x1f\x8b\x07" + gzip.compress(PAGE, mtime=0)[3:], ("gzip",), Failure.INVALID_RESPONSE),
        (headed(flags=8)[:15], ("gzip",), Failure.TRUNCATED),
        (headed(flags=4)[:12], ("gzip",), Failure.TRUNCATED),
        (gzip.compress(PAGE, mtime=0)[:5], ("gzip",), Failure.TRUNCATED),
        (gzip.compress(PAGE, mtime=0)[:10] + b"\xff" * 40, ("gzip",), Failure.INVALID_RESPONSE),
        (PAGE, ("br",), Failure.INVALID_RESPONSE),
        (
            reduce(lambda body, _: gzip.compress(body, mtime=0), range(4), PAGE),
            ("gzip",) * 4,
            Failure.INVALID_RESPONSE,
        ),
        (gzip.compress(PAGE, mtime=0)[:-9], ("gzip",), Failure.TRUNCATED),
        (gzip.compress(gzip.compress(PAGE, mtime=0)[:-9], mtime=0), ("gzip", "gzip"), Failure.TRUNCATED),
    ],
)
def test_a_page_that_cannot_be_unpacked_whole_is_none(
    body: bytes, codings: tuple[str, ...], failure: Failure
) -> None:
    assert answered(packed(body, *codings)).failure is failure


@pytest.mark.slow
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_bomb_costs_its_own_visit_and_nothing_else(layers: int) -> None:
    gaps: list[float] = []
    step = answered(packed(bomb(layers), *["gzip"] * layers), beside=gaps)
    assert (step.failure, step.body) == (Failure.BODY_TOO_LARGE, b"")
    assert max(gaps) < 1


@pytest.mark.parametrize("flags", [0, 2, 4, 8, 16, 30])
def test_a_gzip_header_may_come_byte_by_byte(flags: int) -> None:
    unpacker = Unpacker("gzip", LIMITS.body)
    body = headed(flags=flags)
    found = b"".join(piece for at in range(len(body)) for piece in unpacker.feed(body[at : at + 1]))
    unpacker.end()
    assert found == PAGE


def test_a_bomb_is_never_unpacked_in_one_go() -> None:
    unpacker = Unpacker("gzip, gzip", LIMITS.body)
    sizes: list[int] = []
    with pytest.raises(Failed, match="more than"):
        sizes.extend(len(piece) for piece in unpacker.feed(bomb(2)))
    assert max(sizes) <= PIECE
    assert sum(sizes) <= LIMITS.body


def test_a_packed_body_may_be_as_long_as_the_limit_and_no_longer() -> None:
    def unpacked(size: int) -> int:
        return sum(map(len, Unpacker("gzip", 1_000).feed(gzip.compress(b"x" * size, mtime=0))))

    assert unpacked(1_000) == 1_000
    with pytest.raises(Failed, match="more than 1000 bytes"):
        unpacked(1_001)


def test_packed_bytes_that_never_unpack_to_anything_are_bounded_too() -> None:
    unpacker = Unpacker("gzip", 10_000)
    nothing = gzip.compress(b"", mtime=0)[:10] + b"\x00\x00\x00\xff\xff" * 1_000
    assert list(unpacker.feed(nothing)) == []
    with pytest.raises(Failed, match="more than"):
        list(unpacker.feed(nothing))


HEAD = b"HTTP/1.1 200 OK\r\nX y: z\r\nA: b\r\n\r\n"
MENDED = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n"


class Scripted(httpcore.AsyncNetworkStream):
    """A connection on which these pieces come, one at each reading."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        return self._pieces.pop(0) if self._pieces else b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Nothing is sent anywhere."""

    async def start_tls(self, *context: object, **more: object) -> httpcore.AsyncNetworkStream:
        return self


def read_after(*pieces: bytes | None) -> list[bytes]:
    """What is read of a connection on which these pieces come; a request is sent where `None` stands."""
    stream = ForgivingStream(Scripted(*filter(None, pieces)))

    async def run() -> list[bytes]:
        found = []
        for piece in (*pieces, b""):
            if piece is None:
                await stream.write(b"GET / HTTP/1.1")
            else:
                found.append(await stream.read(10))
        return [each for each in found if each]

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("pieces", "found"),
    [
        ([HEAD + b"X y: z"], [MENDED + b"X y: z"]),
        ([HEAD[:9], HEAD[9:]], [MENDED]),
        ([HEAD.replace(b"\r", b"")], [MENDED]),
        ([HEAD, b"X y: z\r\n\r\n"], [MENDED, b"X y: z\r\n\r\n"]),
        ([HEAD, None, HEAD], [MENDED, MENDED]),
        ([HEAD.replace(b"200 OK", b"100 x"), HEAD], [MENDED.replace(b"200 OK", b"100 x"), MENDED]),
        ([HEAD.replace(b"200 OK", b"101 x"), HEAD], [MENDED.replace(b"200 OK", b"101 x"), HEAD]),
        ([b"HTTP/1.1 200 OK\r\nX y: z"], [b"HTTP/1.1 200 OK\r\nX y: z"]),
        ([b"x" * MAX_HEAD, b"y", HEAD], [b"x" * MAX_HEAD + b"y", HEAD]),
    ],
)
def test_the_head_of_each_answer_is_mended_and_nothing_else(
    pieces: list[bytes | None], found: list[bytes]
) -> None:
    assert read_after(*pieces) == found
    assert MAX_HEAD == 256_000


def test_heads_are_mended_on_an_encrypted_connection_too() -> None:
    async def run() -> bytes:
        stream = await ForgivingStream(Scripted(HEAD)).start_tls(ssl.create_default_context())
        return await stream.read(10)

    assert asyncio.run(run()) == MENDED
