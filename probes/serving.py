"""Serves a web application inside an event loop that is already running."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette

from probes.failures import Mendable


class CannotListen(Mendable):
    """A port is taken, may not be used or is none, or the host is not of this machine."""

    def __init__(self, host: str, port: int, why: str) -> None:
        self.why = why
        super().__init__(f"cannot listen on {host}:{port} ({why}); choose another port")


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

    `options` are further settings of uvicorn. Raises `CannotListen`.
    """
    with _listening(host, port) as listening:
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


def _listening(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:  # Python raises another error then, and leaves a socket open
        raise CannotListen(host, port, "a port is a number from 0 to 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        # Python repeats the address behind the system's words, in brackets.
        raise CannotListen(host, port, str(error.strerror).partition(" (while")[0]) from error
