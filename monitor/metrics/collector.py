"""The store as Prometheus metrics: base units, timestamps instead of ages, no series for unknown values.

Label values come from the catalogue and from closed vocabularies, never from a page. A target whose last
observation is older than `STALE_AFTER` intervals has no outcome: its series are absent, not zero.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from importlib.metadata import version

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.metrics.reviews import STALE_AFTER, reviews
from monitor.metrics.snapshot import Snapshot
from monitor.model import GapReason, Origin
from monitor.store import Store, StoreError
from monitor.store.record.counts import Count
from monitor.store.record.standings import Standing
from probes.model import Clock, Outcome
from probes.proof import PageOrigin
from probes.sessions.pace import pages_today

log = logging.getLogger(__name__)


class StoreCollector(Collector):
    """Reads the store at each scrape. When it cannot be read, only the version and `vigie_up 0` are given.

    `intervals` are those of the watched targets, by id; `origins` are the best pages that each
    platform's reader was tested with: one that is not there is as unproven as can be.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        intervals: Mapping[str, timedelta],
        origins: Mapping[str, PageOrigin],
    ) -> None:
        self._store = store
        self._clock = clock
        self._intervals = intervals
        self._origins = origins

    def describe(self) -> Iterable[Metric]:
        """Empty, so that registering the collector does not read the store."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """All metrics of the store, read anew at each call. Never raises `StoreError`."""
        yield build_info()
        try:
            with self._store.read() as conn:
                snapshot = Snapshot.read(conn, self._intervals, self._clock.now())
        except StoreError as error:
            log.error("the exporter cannot read the record: %s", error)
            yield GaugeMetricFamily("vigie_up", UP, value=0)
            return
        yield GaugeMetricFamily("vigie_up", UP, value=1)
        yield self._info(snapshot)
        yield from totals(snapshot.counts, list(snapshot.targets))
        yield from self._outcomes(snapshot)
        yield from histories(snapshot.standings.values())
        yield from politeness(snapshot)
        yield from reviews(snapshot.reviewed)

    def _info(self, snapshot: Snapshot) -> Metric:
        labels = [
            "target",
            "departement",
            "prefecture",
            "demarche",
            "platform",
            "zone",
            "unproven",
            "page_origin",
            "simulated",
        ]
        family = GaugeMetricFamily(
            "vigie_target_info", "What a target is; the value is always 1.", labels=labels
        )
        for target in snapshot.targets.values():
            standing = snapshot.standings.get(target.id)
            simulated = "" if standing is None else _flag(standing.simulated)
            tested = self._origins.get(target.platform, PageOrigin.RECONSTRUCTED)
            unproven = _flag(tested is not PageOrigin.RECORDED)
            names = [target.departement, target.prefecture, target.demarche, target.platform, target.zone]
            family.add_metric([target.id, *names, unproven, tested, simulated], 1)
        return family

    def _outcomes(self, snapshot: Snapshot) -> Iterator[Metric]:
        """The present outcomes of the targets whose last observation is fresh enough."""
        fresh = [s for s in snapshot.standings.values() if self._fresh(s, s.last_at, snapshot.now)]
        conclusive = [s for s in fresh if s.conclusive_at and self._fresh(s, s.conclusive_at, snapshot.now)]
        stale = self._intervals.keys() - {s.target for s in fresh}
        intervals = _gauge("vigie_target_interval_seconds", "The interval in which an instant is drawn.")
        for target, interval in self._intervals.items():
            intervals.add_metric([target], interval.total_seconds())
        yield intervals
        yield GaugeMetricFamily("vigie_stale_targets", STALE, value=len(stale))
        yield one_hot(fresh)
        yield from offers(conclusive)

    def _fresh(self, standing: Standing, at: datetime, now: datetime) -> bool:
        interval = self._intervals.get(standing.target)
        return interval is not None and now - at <= STALE_AFTER * interval


UP = "Whether the record could be read."
STALE = "Watched targets whose last observation is older than three intervals."


def build_info() -> Metric:
    """The running version, as the label of a series that is always 1."""
    family = GaugeMetricFamily("vigie_build_info", "The running version; always 1.", labels=["version"])
    family.add_metric([version("vigie")], 1)
    return family


def totals(counts: Iterable[Count], targets: Sequence[str]) -> Iterator[Metric]:
    """Counters since the record began. Every outcome of every target has a series, which starts at 0."""
    seen: Counter[tuple[str, Outcome]] = Counter()
    gaps: Counter[GapReason] = Counter()
    scheduled: Counter[str] = Counter()
    for count in counts:
        if count.origin is not Origin.SCHEDULED:
            continue
        scheduled[count.target] += count.n
        if isinstance(count.result, GapReason):
            gaps[count.result] += count.n
        else:
            seen[count.target, count.result] += count.n
    observations = CounterMetricFamily(
        "vigie_observations", "Scheduled observations, by outcome.", labels=["target", "outcome"]
    )
    instants = CounterMetricFamily(
        "vigie_scheduled", "Drawn instants that ended as an observation or a gap.", labels=["target"]
    )
    for target in targets:
        instants.add_metric([target], scheduled[target])
        for outcome in Outcome:
            observations.add_metric([target, outcome.value], seen[target, outcome])
    missed = CounterMetricFamily("vigie_gaps", "Drawn instants nobody looked at.", labels=["reason"])
    for reason in GapReason:
        missed.add_metric([reason.value], gaps[reason])
    yield from (observations, instants, missed)


def one_hot(standings: Iterable[Standing]) -> Metric:
    """For each target one series per outcome: 1 for the last observation's, 0 for the others."""
    family = GaugeMetricFamily(
        "vigie_target_outcome",
        "Outcome of the last observation: 1 for it, else 0.",
        labels=["target", "outcome"],
    )
    for standing in standings:
        for outcome in Outcome:
            family.add_metric([standing.target, outcome.value], float(standing.outcome is outcome))
    return family


def offers(standings: Iterable[Standing]) -> Iterator[Metric]:
    """Slots, first and second date and horizon of each target's last conclusive observation."""
    slots = _gauge("vigie_slots_displayed", "Slots displayed, where the page lets them be counted.")
    earliest = _gauge("vigie_earliest_slot_timestamp_seconds", "Start of the earliest slot displayed.")
    second = _gauge(
        "vigie_second_slot_timestamp_seconds", "Start of the first slot displayed on a later day."
    )
    gap = _gauge("vigie_earliest_slot_gap_seconds", "From the observation to the earliest slot it displayed.")
    for standing in standings:
        name = [standing.target]
        if standing.conclusive_outcome is Outcome.NO_SLOTS:
            slots.add_metric(name, 0)
        elif standing.slots is not None:
            slots.add_metric(name, standing.slots)
        if standing.second_at:
            second.add_metric(name, standing.second_at.timestamp())
        if standing.earliest_at and standing.conclusive_at:
            earliest.add_metric(name, standing.earliest_at.timestamp())
            gap.add_metric(name, (standing.earliest_at - standing.conclusive_at).total_seconds())
    yield from (slots, earliest, second, gap)


def histories(standings: Iterable[Standing]) -> Iterator[Metric]:
    """Times of each target's last observations (Unix seconds), and its present run of zeros."""
    families = {
        "last_at": _gauge("vigie_last_observation_timestamp_seconds", "The last observation."),
        "conclusive_at": _gauge("vigie_last_conclusive_timestamp_seconds", "The last conclusive one."),
        "slots_at": _gauge("vigie_last_slots_timestamp_seconds", "The last one that saw a slot."),
        "zero_start_at": _gauge("vigie_zero_run_start_timestamp_seconds", "First zero of the present run."),
    }
    zeros = _gauge("vigie_zero_run_observations", "Zeros seen since the last slot.")
    for standing in standings:
        for name, family in families.items():
            at = getattr(standing, name)
            if at is not None:
                family.add_metric([standing.target], at.timestamp())
        zeros.add_metric([standing.target], standing.zeros)
    yield from (*families.values(), zeros)


def politeness(snapshot: Snapshot) -> Iterator[Metric]:
    """Pages asked of each host on this UTC day, and whether its breaker is open."""
    pages = _gauge("vigie_host_pages_today", "Page requests to the host on this UTC day.", "host")
    open_ = _gauge("vigie_host_breaker_open", "Whether the host's breaker is open.", "host")
    for host, state in snapshot.hosts.items():
        pages.add_metric([host], pages_today(state, snapshot.now))
        paused = state.open_until is not None and snapshot.now < state.open_until
        open_.add_metric([host], float(paused))
    off = GaugeMetricFamily("vigie_switched_off", "Kill switches that are off.", labels=["scope", "value"])
    for switch in snapshot.switches:
        off.add_metric([switch.scope.value, switch.value], 1)
    yield from (pages, open_, off)


def _gauge(name: str, help_: str, label: str = "target") -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_, labels=[label])


def _flag(value: bool) -> str:
    return "true" if value else "false"
