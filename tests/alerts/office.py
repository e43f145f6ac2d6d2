"""A whole installation of alerts over one store, at a simulated time, to follow a mail to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from monitor.alerts.decide.fold import EntryFold
from monitor.alerts.send.mailer import Mailer
from monitor.alerts.wiring import AlertTargets, entry_fold, mailer
from monitor.clock import SimulatedClock
from monitor.model import GapReason
from monitor.settings.alerts import Alerts, Smtp
from monitor.store import Store
from probes.model import Outcome, Target
from tests.cast.observations import gap, observation, target

START = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)  # a Tuesday: far from any digest
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ONE_LIST = {"name": "ldh-vienne", "to": ["permanence@example.org"], "topics": ["zero", "slots", "milestone"]}
OPERATOR = "astreinte@example.org"
PUBLIC = {"public_url": "https://vigie.example.org", "secret": "s" * 32}


@dataclass
class Office:
    """Records facts, ticks the mailer, and reads what arrived. `postman` is a running mail server."""

    store: Store
    postman: Any
    clock: SimulatedClock
    alerts: Alerts
    watched: AlertTargets
    mailer: Mailer
    fold: EntryFold
    sources: list[Any] = field(default_factory=list)

    def see(self, outcome: Outcome, name: str = "vienne-titre", **more: Any) -> None:
        """An observation now."""
        seen = observation(self.clock.now(), outcome, name, **more)
        self.store.append_observation(seen, within=[self.fold.observed])

    def miss(self, reason: GapReason = GapReason.DOWNTIME, name: str = "vienne-titre") -> None:
        """A gap now."""
        self.store.append_gap(gap(self.clock.now(), reason, name), within=[self.fold.missed])

    def see_hourly(self, outcome: Outcome, hours: int, name: str = "vienne-titre") -> None:
        """One observation an hour."""
        for _ in range(hours):
            self.see(outcome, name)
            self.wait(HOUR)

    def wait(self, time: timedelta) -> None:
        self.clock.advance_to(self.clock.now() + time)

    def tick(self, wait: timedelta = timedelta(0)) -> None:
        self.wait(wait)
        asyncio.run(self.mailer.tick())

    def tick_through(self, time: timedelta, every: timedelta = 10 * MINUTE) -> None:
        """Tick for a while."""
        end = self.clock.now() + time
        while self.clock.now() < end:
            self.tick(every)

    @property
    def all_mails(self) -> list[EmailMessage]:
        return [received.message for received in self.postman.received]

    @property
    def mails(self) -> list[EmailMessage]:
        """Those to subscribers."""
        return [mail for mail in self.all_mails if mail["To"] != OPERATOR]

    @property
    def to_operator(self) -> list[EmailMessage]:
        return [mail for mail in self.all_mails if mail["To"] == OPERATOR]


def open_office(
    store: Store, postman: Any, targets: Sequence[Target] = (), *, lists: Any = (ONE_LIST,), **alerts: Any
) -> Office:
    """An office over `store`, at `START`, with one target unless told otherwise."""
    clock = SimulatedClock(START)
    settings = Alerts.model_validate({"operators": [OPERATOR], "lists": list(lists), **PUBLIC, **alerts})
    watched = AlertTargets(targets=targets or [target()])
    store.record_targets(watched.targets)
    server: Smtp = postman.settings() if postman else Smtp()
    sources: list[Any] = []
    return Office(
        store=store,
        postman=postman,
        clock=clock,
        alerts=settings,
        watched=watched,
        mailer=mailer(store, settings, server, watched, clock, sources=sources),
        fold=entry_fold(settings, clock),
        sources=sources,
    )


def subjects(mails: Sequence[EmailMessage]) -> list[str]:
    return [mail["Subject"] for mail in mails]


def text_of(mail: EmailMessage) -> str:
    """The plain text, its spaces made ordinary."""
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return " ".join(str(body.get_content()).split())
