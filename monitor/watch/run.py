"""Runs an installation: the service and its exporter, from the first visit to a clean end."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from prometheus_client.registry import Collector
from starlette.routing import BaseRoute

from monitor.alerts.metrics import AlertCollector
from monitor.alerts.wiring import AlertTargets, alerting
from monitor.evidence.journal.rounds import Rounds, logging_evidence
from monitor.evidence.journal.witness import CHECKPOINT_FILE
from monitor.metrics.collector import StoreCollector
from monitor.metrics.recount import recounting
from monitor.metrics.server import Pulse, exporter
from monitor.model import Observation
from monitor.problems import BadInput, Problem
from monitor.settings.load import Settings, schedule_seed
from monitor.store import Store
from monitor.targets.catalogue import CatalogueEntry, may_be_doubled
from monitor.watch.service import Service
from monitor.watch.threads import in_thread
from monitor.watch.timetable import Timetable
from monitor.watch.wiring import observing, recorded_visits
from monitor.web.routes import Records, routes
from probes.proof import best_origin
from probes.registry import known, platform
from probes.serving import CannotListen

log = logging.getLogger(__name__)


async def watch(
    settings: Settings,
    entries: Sequence[CatalogueEntry],
    store: Store,
    *,
    origin: datetime | None = None,
    seen: Callable[[Observation], None] = lambda _: None,
) -> None:
    """Watch the enabled `entries` until SIGINT or SIGTERM; `seen` is called with each recorded observation.

    Instants before `origin` (UTC) belong to another writer, such as the demo's history, and get no gap here.
    Raises `BadInput` when no entry is enabled, when a real site is enabled without a contact, or when a port
    is taken; `BrowserUnavailable` without a Chromium.
    """
    enabled = [entry for entry in entries if entry.enabled]
    if not enabled:
        raise BadInput(Problem(str(settings.targets.path), "enables no target; set enabled = true on one"))
    await in_thread(store.record_targets, [entry.target for entry in enabled])
    transports = {entry.transport for entry in enabled}
    doubles = any(may_be_doubled(entry, platform(entry.target.platform)) for entry in enabled)
    urls = [entry.target.url for entry in enabled]
    async with (
        observing(settings, urls, transports, store=store, doubles=doubles) as observer,
        alerting(
            store,
            settings.alerts,
            settings.smtp,
            _watched(enabled),
            observer.clock,
            checkpoint=settings.evidence.folder / CHECKPOINT_FILE,
        ) as fold,
        logging_evidence(settings, store, observer.clock, rounds := Rounds(observer.clock)) as evidence,
        recounting(store, observer.clock) as recount,
    ):
        pulse = Pulse(observer.clock)
        timetable = Timetable(
            store,
            enabled,
            seed=schedule_seed(settings),
            clock=observer.clock,
            origin=origin,
            within=[fold.missed, evidence.missed],
        )
        within = [fold.observed, evidence.observed]
        service = Service(
            visits=recorded_visits(settings, store, timetable, observer, within=within, seen=seen),
            clock=observer.clock,
            grace=settings.schedule.misfire_grace,
            beat=pulse.beat,
        )
        origins = {each.name: best_origin(each) for each in known()}
        collector = StoreCollector(
            store, observer.clock, {entry.target.id: entry.interval for entry in enabled}, origins
        )
        rows = Records(store=store, clock=observer.clock, embargo=settings.alerts.embargo, origins=origins)
        await _serve(
            settings, [collector, AlertCollector(store), recount, rounds], pulse, routes(rows), service
        )


def _watched(enabled: Sequence[CatalogueEntry]) -> AlertTargets:
    return AlertTargets(
        targets=[entry.target for entry in enabled],
        controls={entry.target.id: entry.control for entry in enabled if entry.control},
    )


async def _serve(
    settings: Settings,
    collectors: Sequence[Collector],
    pulse: Pulse,
    pages: Sequence[BaseRoute],
    service: Service,
) -> None:
    where = settings.metrics
    try:
        async with exporter(collectors, pulse, pages, host=where.host, port=where.port) as port:
            log.info("metrics at http://%s:%d/metrics", where.host, port)
            with _stopping() as stop:
                await service.run(stop)
    except CannotListen as error:
        raise BadInput(Problem("[metrics] port", str(error))) from error


@contextmanager
def _stopping() -> Iterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set; a second signal ends the process at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def once() -> None:
        stop.set()
        for number in signals:  # the next one, whichever it is, ends the process
            loop.remove_signal_handler(number)

    for number in signals:
        loop.add_signal_handler(number, once)
    try:
        yield stop
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
