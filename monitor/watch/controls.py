"""Controls: which one to visit beside a target, and what the two visits together say.

Nothing here changes an outcome: a suspicion is stored as a flag beside it. The methods call the store and
block: call them in a thread.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from monitor.model import Observation, Origin, Suspicion
from monitor.places.hosts import host_of
from monitor.rules.controls import (
    PAIRED_WITHIN,
    ControlVisit,
    all_at_once,
    contradicts_control,
    contradicts_person,
    must_visit,
    nearest,
    turned_at_once,
)
from monitor.store import Store
from monitor.store.review import controls, suspicions
from monitor.store.review.suspicions import SuspectedObservation
from monitor.targets.catalogue import CatalogueEntry
from probes.model import Clock

log = logging.getLogger(__name__)

DAY = timedelta(days=1)
RECORDED = timedelta(minutes=5)
"""How long to wait after the ten minutes: by then a visit that began within them is in the record."""
LONGEST_ABSENCE = timedelta(days=31)
MEMORY = 4
"""How many intervals to look back for a turn to zero: the zeros, and a visit before them that was none."""

SeenByTarget = Mapping[str, Sequence[ControlVisit]]


@dataclass
class ControlVisits:
    """`next_after(target, moment)` gives the first drawn instant of a target after `moment` (UTC), or `None`.

    Any number of threads may call `control_due` at once. Only one thread at a time may call `settle`: it
    moves `_settled`, the time up to which visits have been compared, without a lock.
    """

    store: Store
    entries: Mapping[str, CatalogueEntry]
    next_after: Callable[[str, datetime], datetime | None]
    clock: Clock

    def __post_init__(self) -> None:
        self._controls = {
            name: control
            for name, entry in self.entries.items()
            if (control := entry.control) and control in self.entries
        }
        self._hosts: defaultdict[str, list[str]] = defaultdict(list)
        for name, entry in self.entries.items():
            self._hosts[host_of(entry.target.url)].append(name)
        self._settled = self.clock.now() - LONGEST_ABSENCE

    def control_due(self, seen: Observation) -> CatalogueEntry | None:
        """The control to visit now beside `seen`.

        `None` when the target has no control, or when the control is visited within ten minutes anyway.
        """
        name = self._controls.get(seen.target)
        if name is None:
            return None
        at = seen.started_at
        with self.store.read() as conn:
            made = controls.visits(conn, [name], at - PAIRED_WITHIN, at + PAIRED_WITHIN)[name]
        drawn = self.next_after(name, at - PAIRED_WITHIN)
        return self.entries[name] if must_visit(at, made, drawn) else None

    def settle(self) -> None:
        """Compare the visits whose ten minutes are over with their controls, and flag possible soft blocks.

        Each new flag is logged as a warning.
        """
        now = self.clock.now()
        until = now - PAIRED_WITHIN - RECORDED
        while self._controls and self._settled < until:
            end = min(self._settled + DAY, until)
            since = self._settled - controls.LATE  # a visit may be recorded that long after its instant
            with self.store.write() as conn:
                controls.judge(conn, self._controls, since, end, now)
            self._settled = end
        suspected = list(self._suspects(now))
        with self.store.write() as conn:
            flagged = suspicions.flag(conn, suspected, now)
        for raised in flagged:
            log.warning("%s: soft block suspected: %s", raised.host, raised.reason)

    def _suspects(self, now: datetime) -> Iterator[SuspectedObservation]:
        since = now - MEMORY * max(entry.interval for entry in self.entries.values())
        with self.store.read() as conn:
            robots = controls.visits(conn, self.entries, since, now, (Origin.SCHEDULED, Origin.CONTROL))
            people = controls.visits(conn, self.entries, since, now, (Origin.ATTENDED,))
        for host, names in self._hosts.items():
            for reason, seen in chain(self._turn(names, robots), _disbelieved(names, robots, people)):
                yield SuspectedObservation(observation=seen.id, host=host, reason=reason)

    def _turn(self, names: Sequence[str], robots: SeenByTarget) -> Iterator[tuple[Suspicion, ControlVisit]]:
        """The visits with which a host turned to zero, each with the reason, when the turn is suspicious."""
        interval = max(self.entries[name].interval for name in names)
        turned = turned_at_once({name: robots[name] for name in names}, interval)
        if all_at_once(turned):
            yield from ((Suspicion.ALL_AT_ONCE, seen) for seen in turned)
        elsewhere = {seen.id: near.outcome for seen in turned if (near := self._elsewhere(seen, robots))}
        if contradicts_control(turned, elsewhere):
            yield from ((Suspicion.CONTRADICTS_CONTROL, seen) for seen in turned)

    def _elsewhere(self, seen: ControlVisit, robots: SeenByTarget) -> ControlVisit | None:
        """The control's visit beside `seen`; `None` when the control is on the same host."""
        control = self._controls.get(seen.target)
        if control is None or control in self._hosts[host_of(self.entries[seen.target].target.url)]:
            return None
        return nearest(seen, robots[control])


def _disbelieved(
    names: Sequence[str], robots: SeenByTarget, people: SeenByTarget
) -> Iterator[tuple[Suspicion, ControlVisit]]:
    for seen in chain.from_iterable(robots[name] for name in names):
        if contradicts_person(seen, people[seen.target]):
            yield Suspicion.CONTRADICTS_PERSON, seen
