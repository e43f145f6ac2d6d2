"""Who hears of which target: scopes and subscriptions. Pure.

Within one list of a scope any entry will do; between lists all must agree; an empty scope is everything.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.model import Change, Language, Transition
from monitor.places import departements, regions
from monitor.places.regions import REGION_OF
from monitor.settings.alerts import Alerts, MailingList, Topic
from probes.model import Target

TOPIC_OF = {
    Change.ZERO: Topic.ZERO,
    Change.SLOTS: Topic.SLOTS,
    Change.UNSTABLE: Topic.SLOTS,
    Change.MILESTONE: Topic.MILESTONE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SubscriptionScope:
    """Which targets: région slugs, département codes, préfecture and démarche names, target ids."""

    regions: frozenset[str] = frozenset()
    departements: frozenset[str] = frozenset()
    prefectures: frozenset[str] = frozenset()
    demarches: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """What was chosen, for people; empty when it is everything."""
        places = [regions.NAMES.get(one, one) for one in sorted(self.regions)]
        places += [f"{one} {departements.NAMES.get(one, '')}".strip() for one in sorted(self.departements)]
        return (*places, *sorted(self.prefectures | self.demarches | self.targets))

    def covers(self, target: Target) -> bool:
        """Whether `target` is one of them."""
        return all(
            not wanted or value in wanted
            for wanted, value in (
                (self.regions, REGION_OF.get(target.departement)),
                (self.departements, target.departement),
                (self.prefectures, target.prefecture),
                (self.demarches, target.demarche),
                (self.targets, target.id),
            )
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """One address and what it asked for. `id` never changes; the address is shown to nobody else.

    `embargo` delays whatever speaks of slots; `patience` delays a drought, so that short ones stay untold.
    `since` is when they joined (UTC): an older digest is not for them.
    """

    id: str
    address: str
    scope: SubscriptionScope = SubscriptionScope()
    topics: frozenset[Topic] = frozenset(Topic)
    language: Language = Language.FRENCH
    zone: str = "Europe/Paris"
    embargo: timedelta = timedelta(hours=24)
    patience: timedelta = timedelta(0)
    since: datetime | None = None

    @property
    def tz(self) -> ZoneInfo:
        """The zone of the Monday digest."""
        return ZoneInfo(self.zone)

    def wants(self, transition: Transition, target: Target) -> bool:
        """Whether this transition of `target` is news to this subscriber."""
        topic = TOPIC_OF.get(transition.change)
        told = transition.news and topic in self.topics and self.scope.covers(target)
        return told and not (topic is Topic.SLOTS and self._short(transition))

    def _short(self, transition: Transition) -> bool:
        """Whether the drought that ends was too short to be told: what was not told does not end."""
        return transition.drought is not None and transition.drought.lasted < self.patience

    def delay(self, transition: Transition) -> timedelta:
        """How long after `transition.at` this subscriber may hear of it."""
        if TOPIC_OF.get(transition.change) is Topic.SLOTS:
            return self.embargo
        return max(timedelta(0), self.patience - (transition.at - transition.since))


WEBHOOK = "webhook"
"""The recipient that is no person: it hears of everything public, after the embargo."""


def from_settings(alerts: Alerts) -> tuple[Subscription, ...]:
    """One subscription for each address of each list, and one for the webhook."""
    topics = frozenset(Topic) - {Topic.DIGEST}
    room = Subscription(id=WEBHOOK, address=alerts.webhook, topics=topics, embargo=alerts.embargo)
    return (*_of_lists(alerts), *([room] if alerts.webhook else []))


def _of_lists(alerts: Alerts) -> tuple[Subscription, ...]:
    return tuple(
        _listed(listed, address, alerts.embargo if listed.public else timedelta(0))
        for listed in alerts.lists
        for address in listed.to
    )


def _listed(listed: MailingList, address: str, embargo: timedelta) -> Subscription:
    return Subscription(
        id=f"{listed.name}-{hashlib.sha256(address.encode()).hexdigest()[:16]}",  # does not show the address
        address=address,
        scope=SubscriptionScope(
            regions=listed.regions,
            departements=listed.departements,
            prefectures=listed.prefectures,
            demarches=listed.demarches,
            targets=listed.targets,
        ),
        topics=listed.topics,
        language=listed.language,
        zone=listed.zone,
        embargo=embargo,
        patience=listed.patience,
    )
