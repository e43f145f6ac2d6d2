"""Reads from the record all that a mail says, and makes the mail. Writes nothing to the record.

Everything is read just before the mail is sent, so that news overtaken by later news is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.alerts.decide.audience import Subscription
from monitor.alerts.decide.mondays import WEEK
from monitor.alerts.write import alertmanager, digests, links, mails, pictures
from monitor.alerts.write.alertmanager import Alert
from monitor.alerts.write.digests import DigestTarget
from monitor.alerts.write.mails import Mail
from monitor.alerts.write.stories import ControlAnswer, Footer, Opening, Story, WeekCounts
from monitor.model import Change, Language, Origin, RunningDrought, Transition
from monitor.rules.controls import PAIRED_WITHIN
from monitor.rules.transitions import State
from monitor.settings.alerts import Alerts
from monitor.store import Store, Transaction
from monitor.store.alerts import incidents as stored_incidents
from monitor.store.alerts import outbox, transitions
from monitor.store.alerts.deliveries import Delivery
from monitor.store.alerts.transitions import OutcomeCount, StoredTransition
from monitor.store.record import entries, standings, target_versions
from probes.model import Outcome, Target


@dataclass(frozen=True, kw_only=True)
class MailGatherer:
    """Makes mails from the record. `controls` maps a target's id to that of its control.

    `checkpoint` gives the line about the log that stands under each mail, `None` while there is none.
    """

    store: Store
    alerts: Alerts
    controls: Mapping[str, str] = field(default_factory=dict)
    checkpoint: Callable[[], str | None] = lambda: None

    def changes(
        self, delivery: Delivery, to: Subscription, unsubscribe: str | None, now: datetime
    ) -> Mail | None:
        """The mail about transitions, or `None` when all of them were overtaken by later ones.

        `unsubscribe` is the signed address to leave, if any.
        """
        told = self.news(delivery)
        if not told:
            return None
        targets = self.targets()
        stories = [self.story(one, targets, now, to.embargo) for one in told]
        if len(stories) <= mails.FULL_STORIES:
            stories = [self._pictured(story, to.language) for story in stories]
        return mails.changes(stories, to.language, self._footer(unsubscribe))

    def digest(self, delivery: Delivery, to: Subscription, unsubscribe: str | None) -> Mail | None:
        """The Monday mail, or `None` when no target is in the subscriber's scope."""
        end = delivery.end_at or delivery.created_at
        followed = [one for one in self._week(end) if to.scope.covers(one.target)]
        if not followed:
            return None
        week = digests.assemble(followed, end=end, tz=to.tz, embargo=to.embargo)
        return mails.digest(week, to.tz, to.language, self._footer(unsubscribe))

    def operator(self, delivery: Delivery) -> Mail | None:
        """The mail about the delivery's incidents, over or not; `None` when it carries none."""
        with self.store.read() as conn:
            numbers = [row.incident for row in outbox.of_delivery(conn, delivery.id) if row.incident]
            incidents = stored_incidents.by_number(conn, numbers)
        if not incidents:
            return None
        return mails.operator(incidents, self.alerts.tz, self.alerts.language, self._footer(None))

    def webhook(self, delivery: Delivery, now: datetime) -> list[Alert]:
        """The delivery's transitions and incidents as Alertmanager alerts, overtaken ones too."""
        with self.store.read() as conn:
            rows = outbox.of_delivery(conn, delivery.id)
            incidents = stored_incidents.by_number(conn, [row.incident for row in rows if row.incident])
        targets = self.targets()
        embargo = self.alerts.embargo
        told = [
            alertmanager.of_story(self.story(row.told, targets, now, embargo)) for row in rows if row.told
        ]
        return [*told, *(alertmanager.of_incident(one) for one in incidents)]

    def news(self, delivery: Delivery) -> list[StoredTransition]:
        """The transitions of a delivery that no later transition has overtaken."""
        with self.store.read() as conn:
            told = [row.told for row in outbox.of_delivery(conn, delivery.id) if row.told]
            overtaken = outbox.overtaken(conn, delivery.recipient, [one.id for one in told])
        return [one for one in told if one.id not in overtaken]

    def story(
        self, told: StoredTransition, targets: Mapping[str, Target], now: datetime, embargo: timedelta
    ) -> Story:
        """One transition with all that a mail says about it at `now` (UTC).

        No sighting of slots within the `embargo` before `now` is told while the slots may still be there.
        """
        made = told.transition
        zero = made.change in (Change.ZERO, Change.MILESTONE)
        with self.store.read() as conn:
            row = entries.observation(conn, made.row) if made.row else None
            suspected = zero and transitions.suspected(conn, made.target, made.since, made.at)
            drought = _as_known(conn, made)
        return Story(
            transition=replace(made, drought=drought),
            target=targets[made.target],
            words=row.reading.words if row and zero else "",
            control=self._control(made.target, made.at, targets) if zero else None,
            opening=None if zero else self._opening(made.target, made.at, now, embargo),
            suspected=suspected,
            links=links.of_transition(self.alerts.pages_url, made, targets[made.target].tz),
        )

    def _pictured(self, story: Story, language: Language) -> Story:
        """The story of a zero with the picture of its last visit. Pictures of slots could help resellers."""
        row = story.transition.row
        if row is None or not story.tells_zero:
            return story
        return replace(story, picture=pictures.of_row(self.store, row, story.target, language))

    def targets(self) -> dict[str, Target]:
        """Every target ever recorded, by id, in its newest version."""
        with self.store.read() as conn:
            return target_versions.current(conn)

    def _footer(self, unsubscribe: str | None) -> Footer:
        with self.store.read() as conn:
            simulated = transitions.simulated(conn)
        return Footer(checkpoint=self.checkpoint(), unsubscribe=unsubscribe, simulated=simulated)

    def _control(self, target: str, at: datetime, targets: Mapping[str, Target]) -> ControlAnswer | None:
        """The control's answer within ten minutes of `at`: a conclusive one if possible, then the nearest.

        `None` when the target has no control in the record.
        """
        name = self.controls.get(target)
        if name is None or name not in targets:
            return None
        beside = list(self.store.observations(name, since=at - PAIRED_WITHIN, until=at + PAIRED_WITHIN))
        beside.sort(key=lambda row: (not row.reading.outcome.conclusive, abs(row.finished_at - at)))
        demarche = targets[name].demarche
        if not beside:
            return ControlAnswer(demarche=demarche)
        return ControlAnswer(demarche=demarche, outcome=beside[0].reading.outcome, at=beside[0].finished_at)

    def _opening(self, target: str, at: datetime, now: datetime, embargo: timedelta) -> Opening:
        """When the slots first seen at `at` were last seen, and when a zero was seen after them.

        While there is no zero yet, no sighting within the embargo is told: it would help resellers.
        """
        seen = [at]
        for row in self.store.observations(target, since=at - PAIRED_WITHIN, until=now):
            if row.finished_at <= at or not row.reading.outcome.conclusive:
                continue
            if row.reading.outcome is Outcome.NO_SLOTS:
                return Opening(first=at, last=seen[-1], gone=row.finished_at)
            seen.append(row.finished_at)
        return Opening(first=at, last=max((one for one in seen if one <= now - embargo), default=at))

    def _week(self, end: datetime) -> list[DigestTarget]:
        """Every target's seven days before `end` (UTC)."""
        with self.store.read() as conn:
            states = transitions.states(conn)
            told = transitions.told(conn, since=end - WEEK, until=end)
            seen = transitions.counts(conn, end - WEEK, end)
            suspected = {state.target for state in states if _suspected(conn, state)}
            targets = target_versions.current(conn)
            stands = [one for one in standings.every(conn) if one.origin is Origin.SCHEDULED]
        last = {one.target: one.last_id for one in stands}
        return [
            DigestTarget(
                target=targets[state.target],
                state=state,
                week=_numbers(one for one in seen if one.target == state.target),
                transitions=[one.transition for one in told if one.transition.target == state.target],
                suspected=state.target in suspected,
                links=links.of_target(self.alerts.pages_url, state.target, last.get(state.target)),
            )
            for state in states
        ]


def _as_known(conn: Transaction, made: Transition) -> RunningDrought | None:
    """The drought with all its gaps: some were recorded only after the transition was made."""
    run = made.drought
    if run is None:
        return None
    return replace(run, gaps=max(run.gaps, transitions.missed(conn, made.target, run.since, run.last)))


def _numbers(seen: Iterable[OutcomeCount]) -> WeekCounts:
    by_outcome = {one.outcome: one.n for one in seen}
    scheduled = sum(by_outcome.values())
    return WeekCounts(
        scheduled=scheduled,
        made=scheduled - by_outcome.get(None, 0),
        zeros=by_outcome.get(Outcome.NO_SLOTS, 0),
        slots=by_outcome.get(Outcome.SLOTS_OFFERED, 0),
    )


def _suspected(conn: Transaction, state: State) -> bool:
    run = state.drought
    return run is not None and transitions.suspected(conn, state.target, run.since, run.last)
