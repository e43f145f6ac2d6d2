"""A visitor to simulated préfectures, and what the pages it gets hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode
from starlette.applications import Starlette

from probes.simulator.world import Simulator


class Visitor:
    """A visitor with an empty jar who follows redirects, in process."""

    def __init__(self, app: Starlette, host: str) -> None:
        self.app = app
        self.world: Simulator = app.state.simulator
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url=f"http://{host}:9810", follow_redirects=True
        )

    def get(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self.client.get(path, **options))

    def post(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self.client.post(path, **options))


Visit = Callable[..., Visitor]
"""`visit(site)`: a visitor to a simulation of that one site."""


def first(page: LexborHTMLParser, selector: str) -> LexborNode:
    """The first element that the selector finds; there must be one."""
    found = page.css_first(selector)
    assert found is not None, selector
    return found


def text_of(page: LexborHTMLParser) -> str:
    """All that the page says."""
    return first(page, "body").text()


def attribute(node: LexborNode, name: str) -> str:
    """An attribute that must be there, with a value."""
    value = node.attributes[name]
    assert value is not None, name
    return value
