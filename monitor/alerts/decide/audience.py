"""Who is told about which target: scopes and subscriptions. Pure.

A target is in a scope when it matches at least one entry of every list that is not empty. An empty scope is
all targets.
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
        """What was chosen, as people read it (« 86 Vienne »); empty when the scope is all targets."""
        places = [regions.NAMES.get(one, one) for one in sorted(self.regions)]
        places += [f"{one} {departements.NAMES.get(one, '')}".strip() for one in sorted(self.departements)]
        return (*places, *sorted(self.prefectures | self.demarches | self.targets))

    def covers(self, target: Target) -> bool:
        """Whether `target` is in this scope."""
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
    """One address and what it asked for. `id` never changes and does not show the address.

    `embargo` delays news about slots. `patience` is how long a drought must last before it is told; a
    shorter one is not told at all. `since` is when the subscription was confirmed (UTC), `None` for one of
    the settings: no digest is made for a Monday before it.
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
        """The time zone in which the Monday digest is due and written."""
        return ZoneInfo(self.zone)

    def wants(self, transition: Transition, target: Target) -> bool:
        """Whether this subscriber is to be told of `transition`, which is one of `target`."""
        topic = TOPIC_OF.get(transition.change)
        told = transition.news and topic in self.topics and self.scope.covers(target)
        return told and not (topic is Topic.SLOTS and self._short(transition))

    def _short(self, transition: Transition) -> bool:
        """Whether the drought that ends was too short to be told, so that its end is no news either."""
        return transition.drought is not None and transition.drought.lasted < self.patience

    def delay(self, transition: Transition) -> timedelta:
        """How long after `transition.at` this subscriber may be told of it."""
        if TOPIC_OF.get(transition.change) is Topic.SLOTS:
            return self.embargo
        return max(timedelta(0), self.patience - (transition.at - transition.since))


WEBHOOK = "webhook"
"""The id of the webhook's subscription: told of all public transitions, after the embargo."""


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
