"""A booking site of the tests' own on loopback, with every fault a remote has; it notes what it is asked.

A path is a page of `pages/`, one of `_ANSWERS`, or anything else, which is answered in two words.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.sessions.bombs import bomb

PAGES = Path(__file__).parent / "pages"


@dataclass(frozen=True)
class Part:
    """What a test put on the site; `after` is in milliseconds."""

    body: str
    kind: str
    after: int
    status: int


class Site:
    """The site's address, and what it was asked. `scheme` is the one it is served over."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.bodies: list[bytes] = []
        self.heads: list[dict[str, str]] = []
        self.parts: dict[str, Part] = {}
        self.scheme = "http"
        self.port = 0
        self.raw_port = 0

    def url(self, path: str) -> str:
        return f"{self.scheme}://site.localhost:{self.port}{path}"

    def raw(self, path: str) -> str:
        """A URL answered by hand, beyond what a web framework lets one do."""
        return f"http://site.localhost:{self.raw_port}{path}"

    def put(self, path: str, body: str, kind: str = "text/html", *, after: int = 0, status: int = 200) -> str:
        """Answer `path` with `body`, `after` milliseconds late, until the next `forget`; returns its URL."""
        self.parts[path] = Part(body, kind, after, status)
        return self.url(path)

    def forget(self) -> None:
        self.parts.clear()
        self.asked.clear()
        self.bodies.clear()
        self.heads.clear()

    async def answer(self, request: Request) -> Response:
        path = request.url.path
        self.asked.append(f"{request.method} {path}")
        self.heads.append(dict(request.headers))
        body = await request.body()
        self.bodies.append(body)
        if part := self.parts.get(path):
            await asyncio.sleep(part.after / 1000)
            return Response(part.body, part.status, media_type=part.kind)
        if path == "/echo":
            said = body.decode("utf-8", "replace")
            return JSONResponse({"method": request.method, "body": said, "query": request.url.query})
        if path == "/insecure-form":
            return HTMLResponse(_INSECURE_FORM.format(port=self.port))
        return answer(request)

    async def by_hand(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split()[1].decode()
            writer.write(_RAW.get(path, b""))
            await writer.drain()
            if path.startswith("/hang"):
                await reader.read()
        writer.close()


def answer(request: Request) -> Response:
    path = request.url.path
    page = PAGES / f"{path.strip('/')}.html"
    if page.is_file():
        headers = {"set-cookie": "visit=1; Path=/", "x-secret": "s", "server": "essai"}
        return HTMLResponse(page.read_text(encoding="utf-8"), headers=headers)
    return _ANSWERS.get(path, _any)(request)


_INSECURE_FORM = (
    "<form id=create method=post action='http://site.localhost:{port}/echo'>"
    "<input type=hidden name=a value=1></form>"
)


def _any(request: Request) -> Response:
    return HTMLResponse("<p>une page</p>")


def _to(request: Request) -> Response:
    code = int(request.query_params.get("code", "302"))
    return RedirectResponse(request.query_params["to"], code)


def _after(request: Request) -> Response:
    return HTMLResponse(f"<title>Réponse</title><p id=ok>visite {request.cookies.get('visit', 'aucune')}</p>")


def _bomb(request: Request) -> Response:
    layers = int(request.query_params["layers"])
    coding = {"content-encoding": ", ".join(["gzip"] * layers)}
    return Response(bomb(layers), headers=coding, media_type="text/html")


_ANSWERS: dict[str, Callable[[Request], Response]] = {
    "/step/0": lambda _: RedirectResponse("/answer", 302),
    "/answer": _after,
    "/to": _to,
    "/bomb": _bomb,
    "/loop": lambda _: RedirectResponse("/loop", 302),
    "/latin": lambda _: Response(
        "<p>Étape déjà".encode("latin-1"), media_type="text/html; charset=iso-8859-1"
    ),
    "/json": lambda _: JSONResponse({"daySlots": []}),
    "/429": lambda _: Response("doucement", 429, headers={"retry-after": "120"}),
    "/502": lambda _: Response(b"", 502),
    "/503": lambda _: HTMLResponse("<p>Service surchargé", 503),
    "/204": lambda _: Response(None, 204),
    "/empty": lambda _: HTMLResponse(b""),
    "/blank": lambda _: HTMLResponse(" \n"),
    "/file": lambda _: Response(b"x", headers={"content-disposition": "attachment; filename=x.txt"}),
    "/pdf": lambda _: Response(b"%PDF-1.7", media_type="application/pdf"),
    "/huge": lambda _: HTMLResponse(b"<p>" + b"x" * 6_000_000),
}

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_RAW = {
    "/truncated": _OK + b"Content-Length: 900\r\n\r\n<p>cou",
    "/chunked-short": _OK + b"Transfer-Encoding: chunked\r\n\r\n6\r\n<p>cou\r\n",
    "/huge-chunked": _OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"100000\r\n" + b"x" * 0x100000 + b"\r\n",
    "/bad-gzip": _OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
    "/hang-in-body": _OK + b"Content-Length: 900\r\n\r\n<p>cou",
    "/garbage": b"\x00\x01 this is not HTTP\r\n\r\n",
}
_RAW["/huge-chunked"] += (b"100000\r\n" + b"x" * 0x100000 + b"\r\n") * 5 + b"0\r\n\r\n"


@contextlib.contextmanager
def served(site: Site, certificate: Path | None = None, key: Path | None = None) -> Iterator[Site]:
    """Serve `site` from a thread of its own, over TLS when given a certificate."""
    app = Starlette(routes=[Route("/{path:path}", site.answer, methods=["GET", "POST"])])
    listener = socket.create_server(("127.0.0.1", 0))
    site.port = listener.getsockname()[1]
    site.scheme = "https" if certificate else "http"
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="critical",
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
    )
    ready = threading.Event()

    async def main() -> None:
        raw = await asyncio.start_server(site.by_hand, "127.0.0.1", 0)
        site.raw_port = raw.sockets[0].getsockname()[1]
        ready.set()
        await server.serve(sockets=[listener])
        raw.close()

    thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield site
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
