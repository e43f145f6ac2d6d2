"""The stand-in site: one host a case, on loopback, so that no case can disturb another."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.cast.lie import Lie, Served

MISSING = Served(body=b"not here", kind="text/plain", status=404)


def host(n: int) -> str:
    """The host name of case `n`."""
    return f"k{n}.localhost"


def build(lies: Sequence[Lie]) -> Starlette:
    """The application that serves `lies`. `app.state.asked` counts (host, method, path) of every request."""
    asked: Counter[tuple[str, str, str]] = Counter()

    async def answer(request: Request) -> Response:
        name = request.url.hostname or ""
        asked[name, request.method, request.url.path] += 1
        pages = lies[int(name.partition(".")[0][1:])].pages
        path = request.url.path
        found = pages.get((request.method, path), MISSING)
        await asyncio.sleep(found.late)
        said = (await request.body()).decode("utf-8", "replace")
        sends = next((to for part, to in found.when.items() if part in said), found.sends)
        if sends:
            return Response(status_code=302, headers={"location": sends})
        headers = ({"content-type": found.kind} if found.kind else {}) | dict(found.headers)
        return Response(found.body, status_code=found.status, headers=headers)

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    app.state.asked = asked
    return app
