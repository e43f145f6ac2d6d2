"""A site in this process, with style sheets, that remembers what it was asked."""

from __future__ import annotations

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.clock import SimulatedClock
from probes.model import Capture, Session
from probes.pages.page import Page, parse
from probes.sessions.http.session import HttpSessions
from tests.sessions.visiting import HERE, LIMITS, NOON, USER_AGENT, FreeTurn, visit

HERE_URL = "http://vienne.localhost"
SAID = "Aucun créneau."
Sheets = dict[str, tuple[str | bytes, dict[str, str]]]
HIDE = ".x { display: none }"


class Web:
    """A site in this process: what each path answers, and what it was asked."""

    def __init__(self, page: str, served: Sheets | None = None) -> None:
        self.page, self.sheets = page, served or {}
        self.asked: list[str] = []
        self.status = self.page_status = 200
        self.clock = SimulatedClock(NOON)
        app = Starlette(routes=[Route("/{path:path}", self.answer)])
        self.sessions = HttpSessions(
            allowance=HERE, user_agent=USER_AGENT, clock=self.clock, limits=LIMITS, app=app
        )

    async def answer(self, request: Request) -> Response:
        path = request.url.path
        self.asked.append(path)
        if not path.endswith(".css"):
            return Response(self.page, self.page_status, media_type="text/html")
        if path == "/slow.css":
            await asyncio.Event().wait()
        if path not in self.sheets:
            return Response("", 404)
        text, headers = self.sheets[path]
        asked, known = (("if-none-match", "if-modified-since"), ("etag", "last-modified"))
        if any(
            headers.get(b) and request.headers.get(a) == headers[b] for a, b in zip(asked, known, strict=True)
        ):
            self.asked[-1] += " again"
            return Response(None, 304, headers=headers)
        status = 302 if "location" in headers else self.status
        return Response(text, status, headers=headers, media_type="text/css")

    def visit(self, turn: FreeTurn | None = None) -> Capture:
        async def walk(session: Session) -> None:
            await session.open(f"{HERE_URL}/page")

        return asyncio.run(visit(self.sessions, walk, turn))

    def shown(self) -> Page:
        return parse(self.visit().steps[0])


def page(*links: str, style: str = "") -> str:
    head = "".join(f"<link rel=stylesheet href='{link}'>" for link in links)
    return f"<html><head>{head}<style>{style}</style></head><body><p class=x>{SAID}</p><p>b</p></body></html>"


def css(*pairs: tuple[str, str], **headers: str) -> Sheets:
    return {path: (text, headers) for path, text in pairs}
