"""Makes a delivery into the e-mail message to send: recipient, headers, signed links, content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from monitor.alerts.decide.audience import Subscription
from monitor.alerts.decide.planner import CONFIRM, DIGEST, OPERATOR
from monitor.alerts.decide.subscribers import everyone, read
from monitor.alerts.write import mails
from monitor.alerts.write.gather import MailGatherer
from monitor.alerts.write.links import LinkSigner, Purpose
from monitor.alerts.write.mails import Mail
from monitor.settings.alerts import Alerts, Smtp
from monitor.store.alerts import subscriptions
from monitor.store.alerts.deliveries import Delivery


@dataclass(frozen=True, kw_only=True, slots=True)
class OutgoingMessage:
    """One message and the address it goes to. `mail` is its content, without the headers."""

    address: str
    mail: Mail
    message: EmailMessage


@dataclass(frozen=True, kw_only=True)
class MessageWriter:
    """Writes messages. `listed` are the settings' subscriptions, `operators` addresses by recipient id."""

    gatherer: MailGatherer
    alerts: Alerts
    server: Smtp
    listed: Sequence[Subscription]
    operators: Mapping[str, str]

    def write(self, delivery: Delivery, now: datetime) -> OutgoingMessage | None:
        """The message of a delivery; `None` when its recipient has left or all its news was overtaken."""
        if delivery.form == OPERATOR:
            address, unsubscribe = self.operators.get(delivery.recipient), None
            mail = self.gatherer.operator(delivery)
        else:
            to = self._subscription(delivery)
            address = to.address if to else None
            unsubscribe = self._unsubscribe(delivery, to)
            mail = self._mail(delivery, to, unsubscribe, now) if to else None
        if mail is None or address is None:
            return None
        message = compose(
            mail,
            sender=self.server.sender,
            recipient=address,
            key=delivery.key,
            at=delivery.created_at,
            reply_to=self.server.reply_to,
            unsubscribe=unsubscribe,
        )
        return OutgoingMessage(address=address, mail=mail, message=message)

    @property
    def signer(self) -> LinkSigner | None:
        """Signs the links in mails; `None` without `public_url` and `secret`: then no page opens them."""
        if not self.alerts.public_url or self.alerts.secret is None:
            return None
        return LinkSigner(self.alerts.public_url, self.alerts.secret.get_secret_value())

    def _mail(
        self, delivery: Delivery, to: Subscription, unsubscribe: str | None, now: datetime
    ) -> Mail | None:
        if delivery.form == CONFIRM:
            link = self.signer.url(Purpose.CONFIRM, to.id, to.language) if self.signer else ""
            return mails.confirmation(link, to.scope.names, to.language)
        if delivery.form == DIGEST:
            return self.gatherer.digest(delivery, to, unsubscribe)
        return self.gatherer.changes(delivery, to, unsubscribe, now)

    def _unsubscribe(self, delivery: Delivery, to: Subscription | None) -> str | None:
        if to is None or self.signer is None or delivery.form == CONFIRM:
            return None
        return self.signer.url(Purpose.UNSUBSCRIBE, to.id, to.language)

    def _subscription(self, delivery: Delivery) -> Subscription | None:
        """The recipient's subscription if it is still in force, else `None`.

        A request to confirm goes to a subscription that is not confirmed yet, and to no other.
        """
        embargo = self.alerts.embargo
        with self.gatherer.store.read() as conn:
            if delivery.form == CONFIRM:
                asked = subscriptions.subscriber(conn, delivery.recipient)
                return read(asked, embargo) if asked and asked.confirmed_at is None else None
            known = everyone(conn, self.listed, embargo)
        return next((one for one in known if one.id == delivery.recipient), None)


def message_id(key: str, sender: str) -> str:
    """The `Message-ID` of the delivery with this `key`: the same at every attempt, on every machine."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:40]
    return f"<{digest}@{sender.partition('@')[2]}>"


def compose(
    mail: Mail,
    *,
    sender: str,
    recipient: str,
    key: str,
    at: datetime,
    reply_to: str | None = None,
    unsubscribe: str | None = None,
) -> EmailMessage:
    """The message to one recipient. `at` is its date; `unsubscribe` is the one-click link of RFC 8058.

    Raises `ValueError` when a header would hold a line break, so that no header can be injected.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Vigie", addr_spec=sender)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(key, sender)
    message["Auto-Submitted"] = "auto-generated"
    if reply_to:
        message["Reply-To"] = Address(addr_spec=reply_to)
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    for picture in mail.pictures:
        message.add_attachment(picture.jpeg, maintype="image", subtype="jpeg", filename=picture.name)
    return message
