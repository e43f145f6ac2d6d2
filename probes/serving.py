"""A web application of ours served inside an event loop that belongs to somebody else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette


class _Guest(uvicorn.Server):
    """uvicorn as a guest: signals stay with the host, and it says when it listens."""

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
    """Serve `app` and give the port (a free one for 0); stop on leaving. Raises `OSError` if it is taken."""
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
