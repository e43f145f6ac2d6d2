"""Requests to subscribe, to confirm and to leave, with the guards against abuse.

Answers never show whether an address is known. Nobody can have us fill a stranger's mailbox with
confirmation mails.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from threading import Lock

from monitor.alerts.decide.audience import Subscription, SubscriptionScope
from monitor.alerts.decide.planner import CONFIRM, UNCONFIRMED
from monitor.alerts.decide.subscribers import wants
from monitor.alerts.write.links import LinkSigner, Purpose
from monitor.alerts.write.sentences import place, plain
from monitor.model import Language
from monitor.places import departements, regions
from monitor.places.regions import REGION_OF
from monitor.settings.alerts import Topic, mail_address
from monitor.store import Store
from monitor.store.alerts import deliveries, subscriptions
from monitor.store.alerts.subscriptions import Subscriber
from probes.model import Clock, Target

HOUR = timedelta(hours=1)
REQUESTS_OF_ONE = 5
"""Requests an hour from one machine."""
REQUESTS_OF_ALL = 100
"""Requests an hour from all machines, so that nobody can have us send confirmation mails in masses."""


class TooManyRequests(Exception):
    """More requests than one machine, or all of them together, may make in an hour."""


class UnclearRequest(ValueError):
    """A request that cannot be taken; `str()` is the part that is wrong: `address`, `choice` or `form`."""


@contextmanager
def _unclear(what: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise UnclearRequest(what) from error


@dataclass(frozen=True, kw_only=True)
class SubscriptionRequests:
    """Takes requests. `targets` gives the targets to choose from. The methods block: use a thread."""

    store: Store
    signer: LinkSigner
    targets: Callable[[], list[Target]]
    clock: Clock
    _recent: dict[str, list[datetime]] = field(default_factory=dict)
    _counting: Lock = field(default_factory=Lock)

    def request(self, form: Mapping[str, list[str]], machine: str) -> None:
        """Store a request and queue its confirmation mail. `machine` is the sender's IP address.

        Does nothing more while an earlier request for the same mailbox waits for its confirmation.
        Raises `UnclearRequest`, `TooManyRequests`.
        """
        now = self.clock.now()
        with self._counting:  # requests come in several threads
            self._limit(machine, now)
        asked = self._read(form)
        row = Subscriber(id=asked.id, address=asked.address, wants=wants(asked), created_at=now)
        with self.store.write() as conn:
            if subscriptions.requested_since(conn, now - HOUR) >= REQUESTS_OF_ALL:
                raise TooManyRequests
            # One unanswered request per mailbox: else strangers could have us fill somebody's mailbox.
            if mailbox(asked.address) in map(mailbox, subscriptions.unanswered(conn, now - UNCONFIRMED)):
                return
            subscriptions.subscribe(conn, row)
            deliveries.create(conn, key=f"{CONFIRM}-{asked.id}", recipient=asked.id, form=CONFIRM, now=now)

    def confirm(self, token: str) -> bool:
        """Confirm a subscription; false for a token we did not sign, or a request that was erased."""
        subscription = self.signer.subscription(Purpose.CONFIRM, token)
        if subscription is None:
            return False
        with self.store.write() as conn:
            return subscriptions.confirm(conn, subscription, self.clock.now())

    def leave(self, token: str) -> bool:
        """End a subscription; false for a token we did not sign. May be done twice.

        A self-service row is erased. An address of the settings' lists is marked as opted out.
        """
        subscription = self.signer.subscription(Purpose.UNSUBSCRIBE, token)
        if subscription is None:
            return False
        with self.store.write() as conn:
            own = subscriptions.subscriber(conn, subscription) is not None
            if own:
                subscriptions.erase(conn, [subscription])
            else:
                subscriptions.opt_out(conn, subscription, self.clock.now())  # of the settings' lists
        if own:
            self.store.forget()
        return True

    def _read(self, form: Mapping[str, list[str]]) -> Subscription:
        with _unclear("address"):
            address = mail_address(form.get("adresse", [""])[0].strip())
        with _unclear("choice"):
            return Subscription(
                id=secrets.token_hex(16),
                address=address,
                scope=self._scope(form),
                topics=frozenset(Topic(one) for one in form.get("sujet", ())) or frozenset(Topic),
                language=Language(form.get("langue", [Language.FRENCH])[0]),
            )

    def _scope(self, form: Mapping[str, list[str]]) -> SubscriptionScope:
        offered = choices(self.targets())
        chosen = {name: frozenset(form.get(name, ())) for name in offered}
        if any(not values <= set(offered[name]) for name, values in chosen.items()):
            raise ValueError("not among the choices")
        return SubscriptionScope(
            regions=chosen["region"],
            departements=chosen["departement"],
            prefectures=chosen["prefecture"],
            demarches=chosen["demarche"],
            targets=chosen["guichet"],
        )

    def _limit(self, machine: str, now: datetime) -> None:
        """Count this request; forget those of more than an hour ago."""
        for known in list(self._recent):
            self._recent[known] = [at for at in self._recent[known] if now - at < HOUR]
            if not self._recent[known]:
                del self._recent[known]
        mine = self._recent.setdefault(_network(machine), [])
        if len(mine) >= REQUESTS_OF_ONE:
            raise TooManyRequests
        mine.append(now)


def _network(machine: str) -> str:
    """The network to count requests by: one machine may use all the addresses of an IPv6 /64."""
    try:
        address = ip_address(machine)
    except ValueError:
        return machine
    return machine if address.version == 4 else str(ip_network((address, 64), strict=False))


def mailbox(address: str) -> str:
    """`address` in lower case and without `+…`: most servers deliver all its variants to one mailbox."""
    name, _, domain = address.lower().partition("@")
    return f"{name.partition('+')[0]}@{domain}"


def choices(targets: list[Target]) -> dict[str, dict[str, str]]:
    """The choices of the form, field → value → text, from the régions down to each guichet.

    Only places and démarches that have a target are offered.
    """
    codes = sorted({one.departement for one in targets})
    found = sorted({REGION_OF[code] for code in codes if code in REGION_OF})
    return {
        "region": {region: regions.NAMES[region] for region in found},
        "departement": {code: f"{code} {departements.NAMES.get(code, '')}".strip() for code in codes},
        "prefecture": {name: plain(name) for name in sorted({one.prefecture for one in targets})},
        "demarche": {name: plain(name) for name in sorted({one.demarche for one in targets})},
        "guichet": {one.id: place(one) for one in sorted(targets, key=place)},
    }
