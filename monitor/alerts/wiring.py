"""Builds the parts of the alerts from the settings of an installation."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from starlette.applications import Starlette

from monitor.alerts.decide.audience import from_settings
from monitor.alerts.decide.fold import EntryFold
from monitor.alerts.decide.incidents import TargetPlace
from monitor.alerts.decide.planner import Planner, Source
from monitor.alerts.send.mailer import Mailer
from monitor.alerts.subscribe.pages import app
from monitor.alerts.subscribe.requests import SubscriptionRequests
from monitor.alerts.write.gather import MailGatherer
from monitor.alerts.write.messages import MessageWriter
from monitor.model import Incident, IncidentKind
from monitor.places.hosts import host_of
from monitor.problems import BadInput, Problem
from monitor.rules.transitions import TransitionRules
from monitor.settings.alerts import Alerts, Smtp
from monitor.store import Store
from probes.model import Clock, Target
from probes.serving import CannotListen, serving

LAST_CHANCE = 10.0
"""Seconds to wait at the end for a mail under way: one cut off is sent again at the next start."""


@dataclass(frozen=True, kw_only=True)
class AlertTargets:
    """What alerts must know of the catalogue. `controls` maps a target's id to the id of its control."""

    targets: Sequence[Target]
    controls: Mapping[str, str] = field(default_factory=dict)

    @property
    def places(self) -> dict[str, TargetPlace]:
        """Host and platform of each target, by target id."""
        return {one.id: TargetPlace(host=host_of(one.url), platform=one.platform) for one in self.targets}


def rules(alerts: Alerts) -> TransitionRules:
    """The rules of the fold, with the patience that the settings ask for before a zero is confirmed."""
    return TransitionRules(zeros=alerts.zeros, spread=alerts.spread, days=alerts.days)


def entry_fold(alerts: Alerts, clock: Clock) -> EntryFold:
    """The fold to run in the transaction that records an entry."""
    return EntryFold(clock=clock, rules=rules(alerts), listed=from_settings(alerts), embargo=alerts.embargo)


def mailer(
    store: Store,
    alerts: Alerts,
    server: Smtp,
    watched: AlertTargets,
    clock: Clock,
    *,
    checkpoint: Callable[[], str | None] = lambda: None,
    sources: Sequence[Source] = (),
) -> Mailer:
    """What plans and sends mails. `checkpoint` gives the line about the log that stands under each mail.

    `sources` are functions that give further incidents at a time (UTC), such as a full disk.
    """
    listed = from_settings(alerts)
    planner = Planner(
        store=store,
        alerts=alerts,
        listed=listed,
        places=watched.places,
        started=clock.now(),
        fold=entry_fold(alerts, clock),
        sources=sources,
    )
    messages = MessageWriter(
        gatherer=MailGatherer(store=store, alerts=alerts, controls=watched.controls, checkpoint=checkpoint),
        alerts=alerts,
        server=server,
        listed=listed,
        operators=planner.operators,
    )
    return Mailer(store=store, planner=planner, messages=messages, alerts=alerts, server=server, clock=clock)


@asynccontextmanager
async def alerting(
    store: Store,
    alerts: Alerts,
    server: Smtp,
    watched: AlertTargets,
    clock: Clock,
    *,
    checkpoint: Path | None = None,
) -> AsyncIterator[EntryFold]:
    """Send mails, and serve the pages to subscribe, until the block ends; gives the fold for new entries.

    The pages are served only with a public address and a secret in the settings. `checkpoint` is the file
    with the log's signed checkpoint. Raises `BadInput` when the port of the pages is taken.
    """
    sources = [disk([store.media.folder], alerts.disk_free)]
    sender = mailer(
        store,
        alerts,
        server,
        watched,
        clock,
        sources=sources,
        checkpoint=partial(checkpoint_line, checkpoint),
    )
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        if sender.messages.signer:
            await stack.enter_async_context(_served(pages(sender), alerts))
        sending = asyncio.create_task(sender.run(stop), name="alerts")
        try:
            yield sender.planner.fold
        finally:
            stop.set()
            await asyncio.wait([sending], timeout=LAST_CHANCE)
            sending.cancel()


@asynccontextmanager
async def _served(application: Starlette, alerts: Alerts) -> AsyncIterator[None]:
    try:
        async with serving(application, host=alerts.host, port=alerts.port, access_log=False):
            yield
    except CannotListen as error:
        raise BadInput(Problem("[alerts] port", str(error))) from error


def pages(sender: Mailer) -> Starlette:
    """The web application to subscribe. Raises `ValueError` without `public_url` and `secret`."""
    signer = sender.messages.signer
    if signer is None:
        raise ValueError("pages to subscribe need public_url and secret under [alerts]")
    gatherer = sender.messages.gatherer
    return app(
        SubscriptionRequests(
            store=sender.store,
            signer=signer,
            targets=lambda: list(gatherer.targets().values()),
            clock=sender.clock,
        )
    )


def checkpoint_line(path: Path | None) -> str | None:
    """Origin, size and root of the checkpoint (C2SP) in file `path`, on one line; `None` without a file."""
    if path is None or not path.exists():
        return None
    return " ".join(path.read_text(encoding="utf-8").splitlines()[:3])


def disk(folders: Iterable[Path], least_free: float) -> Source:
    """A source of one incident for each folder whose disk has too little room left.

    `least_free` is a share of the disk, 0 to 1. A folder that does not exist yet is judged by its nearest
    parent that does.
    """

    def watch(now: datetime) -> Iterator[Incident]:
        for folder in folders:
            existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
            usage = shutil.disk_usage(existing)
            if usage.free < least_free * usage.total:
                free = f"{usage.free / usage.total:.0%}"
                yield Incident(kind=IncidentKind.DISK, key=str(folder), since=now, detail=f"{free} free")

    return watch
