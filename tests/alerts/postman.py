"""A real SMTP server on loopback, TLS and login included, that can be told to misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from monitor.settings.alerts import Smtp


@dataclass
class Received:
    """One message a server took charge of."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])


def _take(to: str) -> str | None:
    """What a server that behaves answers."""
    return None


@dataclass
class Postman:
    """A real SMTP server on loopback, TLS and login included, that can be told to misbehave.

    `answers` maps a verb (RCPT, DATA) to a function of the recipient: the reply instead of 250, or `None`
    for 250; `after_data` runs once the message is taken, before the client hears of it.
    """

    port: int = 0
    certificate: Path = Path()
    received: list[Received] = field(default_factory=list)
    answers: dict[str, Callable[[str], str | None]] = field(default_factory=dict)
    after_data: Callable[[Any], None] = lambda server: None
    hang: Callable[[str], bool] = lambda to: False

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if reply := self.answers.get("RCPT", _take)(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.hang(envelope.rcpt_tos[0]):
            await asyncio.sleep(30)  # longer than anybody waits: the client is gone by then
            return "451 gave up"
        if reply := self.answers.get("DATA", _take)(envelope.rcpt_tos[0]):
            return reply
        read = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(read, EmailMessage)
        self.received.append(Received(envelope.mail_from, envelope.rcpt_tos, read))
        self.after_data(server)
        return "250 taken"

    def behave(self) -> None:
        """Take everything again."""
        self.answers.clear()
        self.after_data, self.hang = lambda server: None, lambda to: False

    def settings(self, **more: Any) -> Smtp:
        given = {
            "host": "localhost",
            "port": self.port,
            "username": "vigie",
            "password": "s3cret-é",
            "ca_file": self.certificate,
            "sender": "vigie@example.org",
            "timeout": "30s",
        }
        return Smtp.model_validate(given | more)
