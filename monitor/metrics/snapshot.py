"""All that one scrape reads from the record, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.metrics.reviews import ReviewFigures
from monitor.model import Origin
from monitor.store import Transaction
from monitor.store.record import counts, host_states, standings, switches, target_versions
from monitor.store.record.counts import Count
from monitor.store.record.standings import Standing
from monitor.store.record.switches import Switch
from probes.model import Target
from probes.sessions.pace import HostState


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The values of one scrape. `standings` are of drawn visits, `targets` the watched ones; both by id."""

    now: datetime
    standings: Mapping[str, Standing]
    counts: Sequence[Count]
    targets: Mapping[str, Target]
    switches: Sequence[Switch]
    hosts: Mapping[str, HostState]
    reviewed: ReviewFigures

    @classmethod
    def read(cls, conn: Transaction, intervals: Mapping[str, timedelta], now: datetime) -> Snapshot:
        """Read all values from the record. `intervals`: of the watched targets, by id. `now` is UTC."""
        return cls(
            now=now,
            standings={s.target: s for s in standings.every(conn) if s.origin is Origin.SCHEDULED},
            counts=counts.totals(conn),
            targets={n: target for n, target in target_versions.current(conn).items() if n in intervals},
            switches=switches.thrown(conn),
            hosts=host_states.every(conn),
            reviewed=ReviewFigures.read(conn, intervals, now),
        )
