"""Nine days up to now, as figures count them and as the exporter would have shown them.

Four targets of chosen composition, and one of each pattern of the simulated supply.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any

import numpy as np

from monitor.figures.period import Counts, VisitAttempt, counts_of, period_of
from monitor.model import GapReason
from probes.model import Outcome
from tests.cast.supply import PATTERNS, look
from tests.grafana.prometheus import Series

HOUR = timedelta(hours=1)
DAYS = 9
FATES: list[dict[str, Any]] = [
    {"outcome": Outcome.NO_SLOTS},
    {"outcome": Outcome.SLOTS_OFFERED},
    {"outcome": Outcome.BLOCKED},
    {"gap": GapReason.DOWNTIME},
]
WEIGHTS = {
    "vide": (1, 0, 0, 0),
    "mixte": (20, 6, 2, 2),
    "bloque": (4, 1, 5, 0),
    "troue": (5, 2, 0, 3),
}
NAMES = [*WEIGHTS, *PATTERNS]


@dataclass(frozen=True)
class History:
    """Hourly attempts that stay twelve minutes clear of the edges of every window that ends at `now`."""

    now: datetime
    attempts: dict[str, list[VisitAttempt]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "attempts", {name: self._attempts(name) for name in NAMES})

    def _attempts(self, name: str) -> list[VisitAttempt]:
        choose, start = Random(name), self.now - timedelta(days=DAYS)
        instants = [start + (i + choose.uniform(0.2, 0.8)) * HOUR for i in range(DAYS * 24)]
        if name in PATTERNS:
            supply = PATTERNS[name](start, self.now, np.random.default_rng(1))
            return [look(supply, at) for at in instants]
        chosen = choose.choices(FATES, WEIGHTS[name], k=len(instants))
        return [VisitAttempt(scheduled_at=at, **fate) for at, fate in zip(instants, chosen, strict=True)]

    def counts(self, name: str, length: timedelta) -> Counts:
        """The counts of the last hours, as the figures count them."""
        inside = [a for a in self.attempts[name] if self.now - length < a.scheduled_at <= self.now]
        first, last = (self.now - length).date(), self.now.date()
        asked = period_of(inside, target=name, zone="UTC", interval=HOUR, first=first, last=last)
        return counts_of(asked.rows)

    @cached_property
    def scrapes(self) -> list[int]:
        """Every minute around the instants that rules look at, in seconds since 1970.

        None lies ahead of now: Prometheus records no rule at an instant older than its newest block.
        """
        ends = (timedelta(days=7), timedelta(days=1), HOUR, timedelta())
        seconds = (
            int((self.now - ago).timestamp()) + 60 * minute
            for ago in ends
            for minute in range(-10, 11 if ago else 1)
        )
        return sorted(seconds)

    def exported(self) -> Series:
        """Every series that panels and rules ask for."""
        series: dict[str, list[tuple[int, float]]] = {}
        for name, made in self.attempts.items():
            series[f'vigie_scheduled_total{{target="{name}"}}'] = self._counter(made)
            for outcome in Outcome:
                chosen = [a for a in made if a.outcome is outcome]
                labels = f'target="{name}",outcome="{outcome}"'
                series[f"vigie_observations_total{{{labels}}}"] = self._counter(chosen)
        missed = [a for made in self.attempts.values() for a in made if a.gap]
        series['vigie_gaps_total{reason="downtime"}'] = self._counter(missed)
        for name in NAMES:
            series[f'vigie_target_interval_seconds{{target="{name}"}}'] = [
                (at, 3600.0) for at in self.scrapes
            ]
        return series | {name: [(at, value) for at in self.scrapes] for name, value in self._gauges.items()}

    @property
    def _gauges(self) -> dict[str, float]:
        return {
            "vigie_up{}": 1.0,
            "vigie_stale_targets{}": 2.0,
            "vigie_rollup_differences{}": 3.0,
            'vigie_host_breaker_open{host="vienne.localhost"}': 1.0,
            'vigie_host_pages_today{host="vienne.localhost"}': 96.0,
            'vigie_last_observation_timestamp_seconds{target="vide"}': self.now.timestamp() - 600,
            'vigie_target_info{target="vide",platform="anef",page_origin="reconstructed"}': 1.0,
        }

    def _counter(self, chosen: list[VisitAttempt]) -> list[tuple[int, float]]:
        at = [a.scheduled_at.timestamp() for a in chosen]
        return [(second, float(sum(instant <= second for instant in at))) for second in self.scrapes]
