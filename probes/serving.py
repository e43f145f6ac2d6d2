"""Serves a web application inside an event loop that is already running."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette


class _Guest(uvicorn.Server):
    """uvicorn, but it installs no signal handlers, and `listening` is set once it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@asynccontextmanager
async def serving(app: Starlette, *, host: str, port: int, **options: Any) -> AsyncIterator[int]:
    """Serve `app` inside the `async with` block, which is given the port (a free one for 0).

    `options` are further settings of uvicorn. Raises `OSError` if the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listening:
        config = uvicorn.Config(
            app, ws="none", lifespan="off", log_config=None, timeout_graceful_shutdown=1, **options
        )
        config.load()
        server = _Guest(config)
        running = asyncio.create_task(server.serve(sockets=[listening]), name="server")
        await server.listening.wait()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await running
