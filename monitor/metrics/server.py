"""The web server for Prometheus: `/metrics`, and `/healthz` for a supervisor that restarts a stuck service.

It may serve other pages of the service too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from probes.model import Clock
from probes.serving import serving

STILL = timedelta(minutes=2)
"""A service whose last sweep for missed instants was longer ago than this is stuck."""


@dataclass
class Pulse:
    """Remembers when the service last did its sweep for missed instants (UTC); `None` before the first."""

    clock: Clock
    at: datetime | None = None

    def beat(self, at: datetime) -> None:
        """The service calls this at each sweep, with the time."""
        self.at = at

    @property
    def alive(self) -> bool:
        """Whether the last sweep was recent; false before the first one."""
        return self.at is not None and self.clock.now() - self.at <= STILL


def build(collectors: Iterable[Collector], pulse: Pulse, beside: Sequence[BaseRoute] = ()) -> Starlette:
    """The web application. Its handlers are plain functions, which Starlette runs in threads: they block."""
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)

    def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    def healthz(_: Request) -> Response:
        words, status = ("ok\n", 200) if pulse.alive else ("no sweep for two minutes\n", 503)
        return PlainTextResponse(words, status_code=status)

    def index(_: Request) -> Response:
        return PlainTextResponse(
            "Vigie. Metrics for Prometheus: /metrics. A row of the record: /releves/<number>\n"
        )

    own = [Route("/", index), Route("/metrics", metrics), Route("/healthz", healthz)]
    return Starlette(routes=[*own, *beside])


def exporter(
    collectors: Iterable[Collector],
    pulse: Pulse,
    beside: Sequence[BaseRoute] = (),
    *,
    host: str,
    port: int,
) -> AbstractAsyncContextManager[int]:
    """Serve until the block ends; gives the port. Raises `CannotListen`."""
    return serving(
        build(collectors, pulse, beside), host=host, port=port, log_level="warning", access_log=False
    )
