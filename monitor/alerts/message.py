"""A mail as it goes on the wire: headers, plain text first, HTML second, pictures last."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from monitor.alerts.write.mails import Mail


def message_id(key: str, sender: str) -> str:
    """The `Message-ID` of the alert known by `key`: the same at every attempt, on every machine."""
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
    """The message to one recipient. `unsubscribe` is the one-click address of RFC 8058.

    Raises `ValueError` when a header would hold a line break: nothing can be injected.
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
