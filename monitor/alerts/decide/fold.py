"""Folds an entry in the transaction that records it: entry, transitions and outbox are written together."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.alerts.decide.audience import Subscription
from monitor.alerts.decide.subscribers import everyone
from monitor.model import Gap, Observation, Transition
from monitor.rules.transitions import TransitionRules, VisitFact, of_gap, of_observation, step
from monitor.store import Transaction
from monitor.store.alerts import outbox, transitions
from monitor.store.record import target_versions
from probes.model import Clock

GROUPING = timedelta(minutes=15)
"""News waits this long for more news, so that changes at about the same time make one mail."""
OLD = timedelta(hours=24)
"""A transition that is recorded later than this after it happened is told to nobody."""


@dataclass(frozen=True, kw_only=True)
class EntryFold:
    """Folds entries as they are recorded: its `observed` and `missed` are given to the store as `within`.

    `listed` are the settings' subscriptions.
    """

    clock: Clock
    rules: TransitionRules = field(default_factory=TransitionRules)
    listed: Sequence[Subscription] = ()
    embargo: timedelta = timedelta(hours=24)

    def observed(self, conn: Transaction, entry: int, observation: Observation) -> None:
        """Fold an observation just recorded as row `entry`, after older entries not folded yet."""
        fact = of_observation(observation, entry)
        self._fold(conn, observation.target, [(entry, fact)], simulated=observation.simulated)

    def missed(self, conn: Transaction, entry: int, gap: Gap) -> None:
        """Fold a gap just recorded as row `entry`, after older entries not folded yet."""
        self._fold(conn, gap.target, [(entry, of_gap(gap))], simulated=gap.simulated)

    def catch_up(self, conn: Transaction, target: str) -> None:
        """Fold the entries of `target` that were recorded by a process without this fold."""
        known = target_versions.in_force(conn, target)
        self._fold(conn, target, [], simulated=bool(known.simulated))

    def _fold(
        self, conn: Transaction, target: str, fresh: Sequence[tuple[int, VisitFact]], *, simulated: bool
    ) -> None:
        zone = target_versions.in_force(conn, target).zone.key
        state, folded = transitions.state_of(conn, target, zone)
        before = fresh[0][0] if fresh else sys.maxsize
        missed = [(entry, fact) for entry, _, fact in transitions.unfolded(conn, target, folded, before)]
        for entry, fact in (*missed, *fresh):
            state, made = step(state, fact, self.rules)
            transitions.keep_state(conn, state, entry, simulated=simulated)
            for transition in made:
                self._record(conn, transition, entry, simulated=simulated)

    def _record(self, conn: Transaction, made: Transition, entry: int, *, simulated: bool) -> None:
        now = self.clock.now()
        number = transitions.append_transition(conn, made, entry, simulated=simulated, recorded_at=now)
        if made.news and now - made.at <= OLD:
            outbox.queue(conn, number, self._recipients(conn, made))

    def _recipients(self, conn: Transaction, made: Transition) -> list[tuple[str, datetime]]:
        _, target = target_versions.newest(conn, made.target)
        return [
            (one.id, made.at + max(one.delay(made), GROUPING))
            for one in everyone(conn, self.listed, self.embargo)
            if one.wants(made, target)
        ]
