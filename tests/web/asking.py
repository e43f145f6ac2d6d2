"""Pages over HTTP, asked for as a browser would, and words that no page may run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import httpx
from starlette.applications import Starlette

from monitor.clock import SimulatedClock
from monitor.metrics.server import Pulse, build
from monitor.store import Store
from monitor.web.routes import Records, routes
from probes.proof import PageOrigin
from probes.registry import PLATFORMS

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7*7 }}\u202e\ud800"
Get = Callable[..., httpx.Response]
ORIGINS = {each.name: PageOrigin.RECORDED for each in PLATFORMS} | {"rdv_prefecture": PageOrigin.RENDERED}


def application(store: Store, clock: SimulatedClock) -> Starlette:
    records = Records(store=store, clock=clock, embargo=timedelta(hours=24), origins=ORIGINS)
    return build([], Pulse(clock), routes(records))


def asking(app: Starlette) -> Get:
    """Ask as a browser would, without following redirects."""

    def get(path: str, method: str = "GET") -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, path)

        return asyncio.run(ask())

    return get


def words(answer: httpx.Response) -> str:
    return unescape(answer.text)
