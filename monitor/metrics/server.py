"""Where Prometheus asks: `/metrics`, and `/healthz` for whoever restarts a service that no longer moves.

Other pages of the service may stand beside them.
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
"""A service that has not swept its instants for so long is stuck."""


@dataclass
class Pulse:
    """When the service last showed that it moves."""

    clock: Clock
    at: datetime | None = None

    def beat(self, at: datetime) -> None:
        """The service moves."""
        self.at = at

    @property
    def alive(self) -> bool:
        """Whether the last sign is recent."""
        return self.at is not None and self.clock.now() - self.at <= STILL


def build(collectors: Iterable[Collector], pulse: Pulse, beside: Sequence[BaseRoute] = ()) -> Starlette:
    """The application. Its functions are plain ones: Starlette runs them beside the event loop."""
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
    """Serve for as long as the block lasts; gives the port."""
    return serving(
        build(collectors, pulse, beside), host=host, port=port, log_level="warning", access_log=False
    )
