"""Decides which mails are to be sent: incidents, Monday digests, news grouped into one mail per recipient.

Each mail is decided in one transaction and has a unique key, so planning again makes no mail twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter

from monitor.alerts.decide import incidents
from monitor.alerts.decide.audience import WEBHOOK, Subscription
from monitor.alerts.decide.fold import EntryFold
from monitor.alerts.decide.incidents import TargetPlace
from monitor.alerts.decide.mondays import latest_due
from monitor.alerts.decide.subscribers import everyone
from monitor.model import Change, Incident, IncidentKind
from monitor.settings.alerts import Alerts, Topic
from monitor.store import Status, Store, Transaction
from monitor.store.alerts import deliveries, outbox, subscriptions, transitions
from monitor.store.alerts import incidents as stored_incidents
from monitor.store.alerts.outbox import DueRow
from monitor.store.alerts.transitions import StoredTransition
from monitor.store.review import double_readings, quarantine, suspicions
from monitor.store.review.double_readings import Disagreement

CHANGES, DIGEST, OPERATOR, CONFIRM = "changes", "digest", "operator", "confirm"
MASS = (CHANGES, DIGEST)
SETTLING = timedelta(minutes=10)
"""An incident that is over within this time is never mailed."""
QUIET = timedelta(hours=6)
"""An incident that comes back within this time is recorded without another mail."""
OPERATOR_PAUSE = timedelta(hours=1)
SUSPICION = timedelta(hours=24)
"""How long a suspicion of a soft block stays an incident after it was last raised."""
MOST_NAMED = 10
"""How many rows of one incident are named in its mail."""
STUCK = timedelta(days=7)
"""Mails set aside or held that are older than this are no incident any more: the operator was told."""
UNCONFIRMED = timedelta(hours=48)
"""How long a request for a subscription waits for its confirmation before it is erased."""
LATEST_DIGEST = timedelta(days=3)
"""A digest that could not be made by Thursday is left out: the next one comes on Monday."""

Source = Callable[[datetime], Iterable[Incident]]


@dataclass(frozen=True, kw_only=True)
class Planner:
    """Plans mails; sends none. `places` are those of the watched targets; `started` is UTC.

    `sources` give incidents that the record does not show, such as a full disk.
    """

    store: Store
    alerts: Alerts
    listed: Sequence[Subscription]
    places: Mapping[str, TargetPlace]
    started: datetime
    fold: EntryFold
    sources: Sequence[Source] = field(default=())

    @property
    def operators(self) -> dict[str, str]:
        """The operators' addresses by recipient id, which does not show the address."""
        return {f"operator-{_short(address)}": address for address in self.alerts.operators}

    def plan(self, now: datetime) -> None:
        """Fold what is not folded, bring incidents up to date, and make all mails due at `now` (UTC)."""
        self._catch_up()
        self._watch(now)
        with self.store.read() as conn:
            subscribed = everyone(conn, self.listed, self.alerts.embargo)
            begun = transitions.first_entry_at(conn)
        if begun:
            self._digests(subscribed, begun, now)
        self._bundle({one.id for one in subscribed}, now)

    def _catch_up(self) -> None:
        """Fold the entries recorded by a process that does not fold, such as a command."""
        with self.store.read() as conn:
            behind = transitions.behind(conn)
        for target in behind:
            with self.store.write() as conn:
                self.fold.catch_up(conn, target)

    def _watch(self, now: datetime) -> None:
        with self.store.read() as conn:
            states = transitions.states(conn)
            blind_until = stored_incidents.last_closed(conn, IncidentKind.BLIND)
            structures = quarantine.structures(conn, incidents.redesigned(states))
            noted = [*_stuck(conn, now), *_suspicions(conn, now), *_late(conn), *_disagreements(conn)]
        found = incidents.lasting(
            states,
            self.places,
            now=now,
            started=self.started,
            blind_until=blind_until,
            structures=structures,
        )
        told = [one for source in self.sources for one in source(now)]
        with self.store.write() as conn:
            stored_incidents.reconcile(
                conn,
                [*found, *told, *noted],
                operators=(*self.operators, *([WEBHOOK] if self.alerts.webhook else [])),
                now=now,
                settle=SETTLING,
                quiet=QUIET,
            )
            erased = subscriptions.erase_unconfirmed(conn, now - UNCONFIRMED)
        if erased:
            self.store.forget()

    def _digests(self, subscribed: Iterable[Subscription], begun: datetime, now: datetime) -> None:
        wanted: dict[str, tuple[str, datetime]] = {}
        for one in subscribed:
            due = latest_due(now, one.tz)
            new = max(begun, one.since or begun) >= due
            if Topic.DIGEST in one.topics and not new and now - due <= LATEST_DIGEST:
                wanted[f"{DIGEST}-{one.id}-{due.astimezone(one.tz):%G-W%V}"] = one.id, due
        with self.store.read() as conn:
            made = deliveries.made(conn, wanted)
        for key, (recipient, due) in wanted.items():
            if key not in made:
                self._digest(key, recipient, due, now)

    def _digest(self, key: str, recipient: str, due: datetime, now: datetime) -> None:
        with self.store.write() as conn:
            held = self._too_many(conn, now)
            deliveries.create(conn, key=key, recipient=recipient, form=DIGEST, now=now, end_at=due, held=held)

    def _bundle(self, subscribed: Collection[str], now: datetime) -> None:
        """Make one mail for each recipient of all the news that is due for it."""
        with self.store.read() as conn:
            waiting = outbox.recipients(conn, now)
        for recipient in waiting:
            with self.store.write() as conn:
                deliveries.alone(conn)
                rows = outbox.due(conn, recipient, now)
                self._carry(conn, recipient, rows, now, known=recipient in subscribed)

    def _carry(
        self, conn: Transaction, recipient: str, rows: Sequence[DueRow], now: datetime, *, known: bool
    ) -> None:
        form = OPERATOR if recipient in self.operators else WEBHOOK if recipient == WEBHOOK else CHANGES
        if form == CHANGES and not known:
            outbox.drop(conn, [row.id for row in rows], "gone")
            return
        overtaken = outbox.overtaken(conn, recipient, [row.told.id for row in rows if row.told])
        stale = [row for row in rows if form == CHANGES and row.told and row.told.id in overtaken]
        outbox.drop(conn, [row.id for row in stale], "overtaken")
        fresh = [row for row in rows if row not in stale]
        doubtful = [row for row in fresh if row.told and _doubtful(conn, row.told)]
        self._make(conn, form, recipient, [row for row in fresh if row not in doubtful], now)
        self._make(conn, form, recipient, doubtful, now, held=True)

    def _make(
        self,
        conn: Transaction,
        form: str,
        recipient: str,
        rows: Sequence[DueRow],
        now: datetime,
        *,
        held: bool = False,
    ) -> None:
        """Make one mail of these rows, unless the recipient got one too recently and these can wait."""
        if not rows or (not held and self._too_soon(conn, recipient, form, now)):
            return
        held = held or (form == CHANGES and self._too_many(conn, now))
        key = f"{form}-{recipient}-{rows[0].id}"
        delivery = deliveries.create(conn, key=key, recipient=recipient, form=form, now=now, held=held)
        if delivery is not None:
            outbox.carry(conn, [row.id for row in rows], delivery)

    def _too_soon(self, conn: Transaction, recipient: str, form: str, now: datetime) -> bool:
        """Whether the last mail to the recipient is so recent that it waits. The webhook gets no mails."""
        pause, forms = (OPERATOR_PAUSE, (OPERATOR,)) if form == OPERATOR else (self.alerts.pause, MASS)
        last = deliveries.last_created(conn, recipient, forms)
        return last is not None and now - last < pause

    def _too_many(self, conn: Transaction, now: datetime) -> bool:
        """Whether so many mails were made within the last hour that a person must look at more of them."""
        return deliveries.created_since(conn, now - timedelta(hours=1), MASS) >= self.alerts.recipient_cap


def _doubtful(conn: Transaction, told: StoredTransition) -> bool:
    """Whether this is a zero that may be shown to robots only: an operator must release its mail."""
    made = told.transition
    return made.change in (Change.ZERO, Change.MILESTONE) and transitions.suspected(
        conn, made.target, made.since, made.at
    )


def _suspicions(conn: Transaction, now: datetime) -> Iterable[Incident]:
    for host, at in suspicions.last_raised(conn).items():
        if now - at < SUSPICION:
            yield Incident(kind=IncidentKind.SUSPECTED, key=host, since=at)


def _disagreements(conn: Transaction) -> Iterable[Incident]:
    """One incident for each platform of which plain HTTP is in doubt, until a person resumes it."""
    found: dict[str, list[Disagreement]] = {}
    for one in double_readings.disagreements(conn):
        found.setdefault(one.platform, []).append(one)
    for platform, ones in found.items():
        yield Incident(
            kind=IncidentKind.DISAGREEMENT,
            key=platform,
            since=ones[0].at,
            detail=", ".join(f"n° {one.observation} ({one.target})" for one in ones[:MOST_NAMED]),
        )


def _late(conn: Transaction) -> Iterable[Incident]:
    """One incident for each time-stamp authority whose stamps are late, with all the days concerned."""
    for authority, late in groupby(sorted(stored_incidents.late_authorities(conn)), key=itemgetter(0)):
        days = [day for _, day in late]
        since = datetime.combine(date.fromisoformat(days[0]), time.min, UTC)
        yield Incident(kind=IncidentKind.AUTHORITY, key=authority, since=since, detail=", ".join(days))


def _stuck(conn: Transaction, now: datetime) -> Iterable[Incident]:
    """Incidents about mails set aside or held back lately, which a person must look at."""
    for status, kind in ((Status.PARKED, IncidentKind.MAIL), (Status.HELD, IncidentKind.HELD)):
        stuck = deliveries.with_status(conn, status, since=now - STUCK)
        if stuck:
            oldest = stuck[-1]
            yield Incident(
                kind=kind, key="alerts", since=oldest.created_at, detail=oldest.error or oldest.form
            )


def _short(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:16]
