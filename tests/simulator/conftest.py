"""A simulation under a clock of our own, and visitors to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from monitor.clock import SimulatedClock
from probes.simulator.app import build
from probes.simulator.world import Simulator

MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)
"""A Monday, 09:00 in Paris."""


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


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(MONDAY)


@pytest.fixture
def visit(clock: SimulatedClock) -> Callable[..., Visitor]:
    """`visit(site)`: a visitor to a simulation of that one site."""
    return lambda site, **options: Visitor(build(clock, (site,), **options), site.host)
