"""Sends planned mails: leases one mail at a time, hands it to the mail server, and records the result.

A mail is leased before it is tried and settled after, each in its own transaction. When the process dies in
between, the lease expires and the mail is sent again with the same Message-ID. So no mail is lost, and only
the mail under way can arrive twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Collection
from dataclasses import dataclass
from datetime import timedelta

from jinja2 import TemplateError

from monitor.alerts.decide.audience import WEBHOOK
from monitor.alerts.decide.planner import CHANGES, CONFIRM, DIGEST, OPERATOR, Planner
from monitor.alerts.send import smtp, webhook
from monitor.alerts.send.smtp import ConnectionLost, DeliveryError, ServerError
from monitor.alerts.write import alertmanager
from monitor.alerts.write.messages import MessageWriter
from monitor.settings.alerts import Alerts, Smtp
from monitor.store import Status, Store, StoreError
from monitor.store.alerts import deliveries
from monitor.store.alerts.deliveries import Delivery
from probes.model import Clock

log = logging.getLogger(__name__)

MAILS = (CHANGES, DIGEST, OPERATOR, CONFIRM)
EVERY = timedelta(seconds=30)
LEASE = timedelta(minutes=10)
"""Longer than the slowest hand-over at the usual timeout. `Mailer.lease` is longer for a longer timeout."""
ANSWERS = 20
"""More answers than a mail server gives from the greeting to the end of one message."""
SERVER_PAUSE = timedelta(minutes=5)
"""How long the mail under way waits when the mail server takes none."""
CONNECTIONS = 5
"""How many connections one round opens at most; the rest of the mails then waits for the next round."""
FAULTS = (ArithmeticError, LookupError, TemplateError, TypeError, ValueError)
"""Errors of our own while writing a mail. It is retried, then set aside, so that it does not block others."""


@dataclass(frozen=True, kw_only=True)
class Mailer:
    """Plans and sends until told to stop.

    Several may run on one database: each mail is leased to one of them at a time.
    """

    store: Store
    planner: Planner
    messages: MessageWriter
    alerts: Alerts
    server: Smtp
    clock: Clock

    async def run(self, stop: asyncio.Event) -> None:
        """Plan and send every half minute until `stop` is set; a mail under way then is finished.

        Raises nothing: errors are logged and the next round tries again.
        """
        while not stop.is_set():
            try:
                await self.tick()
            except StoreError as error:
                log.error("no alerts for now: %s", error)
            except Exception:  # a fault in the alerts must neither end the watch nor stay unseen
                log.exception("no alerts for now")
            await _first(stop.wait(), self.clock.sleep(EVERY.total_seconds()))

    async def tick(self) -> None:
        """Plan, then send all that is due. Raises `StoreError`."""
        await asyncio.to_thread(self.planner.plan, self.clock.now())
        if self.server.host:
            await self._mail()
        if self.alerts.webhook:
            await self._post()

    async def _mail(self) -> None:
        for _ in range(CONNECTIONS):
            taken = await self._claim(MAILS)
            if taken is None or not await self._over_one_connection(taken):
                return

    async def _over_one_connection(self, taken: Delivery | None) -> bool:
        """Send until nothing is due; true when the connection was lost before that."""
        try:
            async with smtp.connect(self.server) as session:
                while taken:
                    await self._mail_one(session, taken)
                    taken = await self._claim(MAILS)
        except ConnectionLost:
            return True
        except ServerError as error:
            log.error("%s", error)
            if taken:
                await asyncio.to_thread(self._postpone, taken, str(error))
        return False

    async def _mail_one(self, session: smtp.MailSession, taken: Delivery) -> None:
        """Send one mail and record the result. Raises `ServerError`, `ConnectionLost`."""
        try:
            message = await asyncio.to_thread(self.messages.write, taken, self.clock.now())
            if message:
                await session.send(message.message, sender=self.server.sender, recipient=message.address)
        except (DeliveryError, *FAULTS) as error:
            await asyncio.to_thread(self._failed, taken, error)
            if isinstance(error, ConnectionLost):
                raise
        else:
            await asyncio.to_thread(self._settle, taken, Status.SENT if message else Status.DROPPED)

    async def _post(self) -> None:
        while taken := await self._claim((WEBHOOK,)):
            try:
                alerts = await asyncio.to_thread(self.messages.gatherer.webhook, taken, self.clock.now())
                message = alertmanager.payload(alerts, "vigie", self.alerts.pages_url)
                await webhook.post(self.alerts.webhook, message)
            except (DeliveryError, *FAULTS) as error:
                await asyncio.to_thread(self._failed, taken, error)
            else:
                await asyncio.to_thread(self._settle, taken, Status.SENT)

    @property
    def lease(self) -> timedelta:
        """How long a delivery is ours. No other process may take it while its hand-over can still succeed."""
        return max(LEASE, ANSWERS * self.server.timeout)

    async def _claim(self, forms: Collection[str]) -> Delivery | None:
        def claim() -> Delivery | None:
            with self.store.write() as conn:
                return deliveries.claim(conn, forms, self.clock.now(), self.lease)

        return await asyncio.to_thread(claim)

    def _settle(self, taken: Delivery, status: Status) -> None:
        with self.store.write() as conn:
            deliveries.settle(conn, taken, status, self.clock.now())

    def _postpone(self, taken: Delivery, reason: str) -> None:
        now = self.clock.now()
        with self.store.write() as conn:
            deliveries.postpone(conn, taken, now + SERVER_PAUSE, reason)

    def _failed(self, taken: Delivery, error: Exception) -> None:
        now = self.clock.now()
        with self.store.write() as conn:
            if isinstance(error, DeliveryError) and error.permanent:
                deliveries.settle(conn, taken, Status.PARKED, now, str(error))
                status = Status.PARKED
            else:
                status = deliveries.retry(conn, taken, now, str(error) or type(error).__name__)
        log.warning("the delivery %s is %s after attempt %d: %s", taken.key, status, taken.attempts, error)


async def _first(*waits: Awaitable[object]) -> None:
    """Wait for the first of `waits` to end, and cancel the others."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
