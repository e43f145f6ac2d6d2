"""The alerts as Prometheus metrics: confirmed states, mails, incidents, room on the disk."""

from __future__ import annotations

import logging
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.model import IncidentKind, Phase
from monitor.rules.transitions import State
from monitor.store import Status, Store, StoreError
from monitor.store.alerts import deliveries, transitions
from monitor.store.alerts import incidents as stored_incidents
from monitor.store.alerts.deliveries import Backlog

log = logging.getLogger(__name__)


class AlertCollector(Collector):
    """Gives no metric of the alerts when the record cannot be read: a 0 would be wrong."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def describe(self) -> Iterable[Metric]:
        """Empty, so that registering the collector does not read the record."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """All metrics of the alerts, read from the record anew at each call. Never raises `StoreError`."""
        try:
            with self._store.read() as conn:
                states = transitions.states(conn)
                backlog = deliveries.backlog(conn)
                kinds = Counter(one.kind for one in stored_incidents.open_now(conn))
        except StoreError as error:
            log.error("the exporter cannot read the alerts: %s", error)
            return
        yield phases(states)
        yield from mails(backlog)
        yield incidents(kinds)
        yield from disk(self._store.media.folder)


def phases(states: Iterable[State]) -> Metric:
    """For each target one series per phase: 1 for its confirmed phase, 0 for the others."""
    family = GaugeMetricFamily(
        "vigie_target_phase", "Confirmed state of the target: 1 for it, else 0.", labels=["target", "phase"]
    )
    for state in states:
        for phase in Phase:
            family.add_metric([state.target, phase.value], float(state.phase is phase))
    return family


def mails(backlog: Backlog) -> Iterator[Metric]:
    """Mails by status, how many changes and mails wait, and when the oldest one was due (Unix seconds)."""
    family = GaugeMetricFamily(
        "vigie_mails", "Mails in the record, by what became of them.", labels=["status"]
    )
    for status in Status:
        family.add_metric([status.value], backlog.by_status.get(status, 0))
    yield family
    waiting = backlog.by_status.get(Status.PENDING, 0) + backlog.waiting
    yield GaugeMetricFamily("vigie_outbox_pending", "Changes and mails not sent yet.", value=waiting)
    if backlog.oldest_due_at:
        since = backlog.oldest_due_at.timestamp()
        yield GaugeMetricFamily(
            "vigie_outbox_oldest_timestamp_seconds", "Due time of the oldest mail.", value=since
        )


def incidents(kinds: Counter[IncidentKind]) -> Metric:
    """How many incidents of each kind are not over."""
    family = GaugeMetricFamily("vigie_incidents", "Incidents that last, by kind.", labels=["kind"])
    for kind in IncidentKind:
        family.add_metric([kind.value], kinds[kind])
    return family


def disk(folder: Path) -> Iterator[Metric]:
    """Size and free bytes of the disk with the pictures' folder; nothing while there is no such folder."""
    if folder.exists():
        usage = shutil.disk_usage(folder)
        yield GaugeMetricFamily(
            "vigie_media_disk_size_bytes", "Size of the disk of the pictures.", value=usage.total
        )
        yield GaugeMetricFamily("vigie_media_disk_free_bytes", "What is free of it.", value=usage.free)
