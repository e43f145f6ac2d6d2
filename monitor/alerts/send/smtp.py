"""The mail server: one connection for many mails, and its errors sorted by what to do next.

A `DeliveryError` that is `permanent`: this message will never be accepted. `ServerError`: no message is
accepted for now.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage

import aiosmtplib
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from monitor.settings.alerts import Smtp


class DeliveryError(Exception):
    """One message was not accepted. `str()` is one sentence for the operator, without the address."""

    def __init__(self, sentence: str, *, permanent: bool) -> None:
        super().__init__(sentence)
        self.permanent = permanent


class ConnectionLost(DeliveryError):
    """The connection broke before the answer came: the server may have taken the message or not."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"the connection was lost: {str(error) or type(error).__name__}", permanent=False)


class ServerError(Exception):
    """The server takes no message: unreachable, wrongly set up, refusing us. `str()` says how to mend it."""


class MailSession:
    """One open connection, its certificate checked and its login done, if the settings ask for them."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self._client = client

    async def send(self, message: EmailMessage, *, sender: str, recipient: str) -> None:
        """Hand one message over. Returns once the server has accepted it.

        Raises `DeliveryError` when it does not accept this message, `ConnectionLost` when no answer came,
        `ServerError` when it refuses our sender.
        """
        try:
            await self._client.sendmail(sender, [recipient], message.as_bytes())
        except SMTPRecipientsRefused as error:
            raise _refused(error.recipients[0], recipient) from error
        except SMTPSenderRefused as error:
            raise ServerError(
                f"the mail server refuses the sender {sender}: {_reply(error)};"
                " set sender to an address it accepts under [smtp]"
            ) from error
        except SMTPResponseException as error:
            raise _refused(error, recipient) from error
        except (SMTPException, OSError) as error:
            raise ConnectionLost(error) from error


@asynccontextmanager
async def connect(settings: Smtp) -> AsyncIterator[MailSession]:
    """An open session, closed when the block ends. With TLS, certificates are always verified.

    Raises `ServerError` with a sentence to print.
    """
    client = aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port_used,
        use_tls=settings.security == "tls",
        start_tls=settings.security == "starttls",
        tls_context=_context(settings) if settings.security != "none" else None,
        timeout=settings.timeout.total_seconds(),
    )
    where = f"{settings.host}:{settings.port_used}"
    try:
        await client.connect()
        await _log_in(client, settings)
    except (SMTPException, OSError) as error:
        await _hang_up(client, client.transport)
        raise ServerError(_sentence(error, where, settings)) from error
    transport = client.transport
    try:
        yield MailSession(client)
    finally:
        with suppress(SMTPException, OSError):
            await client.quit()
        await _hang_up(client, transport)


async def _hang_up(client: aiosmtplib.SMTP, transport: asyncio.BaseTransport | None) -> None:
    client.close()
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()  # a mere close would wait for the other side to end TLS
        await asyncio.sleep(0)


async def _log_in(client: aiosmtplib.SMTP, settings: Smtp) -> None:
    if settings.username and settings.password:
        # As bytes, because the library would encode a password in ASCII.
        await client.login(settings.username.encode(), settings.password.get_secret_value().encode())


def _context(settings: Smtp) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ServerError(f"ca_file {settings.ca_file} of [smtp] cannot be read: {error}") from error


def _refused(error: SMTPResponseException, recipient: str) -> DeliveryError:
    # For its only recipient the library raises the same error on a 451 as on a 550: go by the number.
    permanent = 500 <= error.code < 600
    verdict = "refuses the message for good" if permanent else "cannot take the message now"
    reply = _anonymous(_reply(error), recipient)
    return DeliveryError(f"the mail server {verdict}: {reply}", permanent=permanent)


def _anonymous(reply: str, recipient: str) -> str:
    """`reply` with « … » for mail addresses: servers repeat the refused one, and we must not keep it."""
    name = re.escape(recipient.partition("@")[0])
    return re.sub(
        rf"[^\s<>\"'(),;:]+@[^\s<>\"'(),;]+|(?<![\w.]){name}(?![\w.])", "…", reply, flags=re.IGNORECASE
    )


def _reply(error: SMTPResponseException) -> str:
    return " ".join(f"{error.code} {error.message}".split())[:300]


def _sentence(error: Exception, where: str, settings: Smtp) -> str:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        what = f"shows a certificate that is not trusted ({cause.verify_message})"
        mend = "set ca_file to the authority that signed it, or host to the name in it"
    elif isinstance(cause, ssl.SSLError):
        what = f"does not speak TLS this way ({cause.reason})"
        mend = 'port 587 wants security = "starttls", port 465 "tls"'
    elif isinstance(error, SMTPAuthenticationError):
        what = f"refuses the login of {settings.username}: {_reply(error)}"
        mend = "check username and password"
    else:
        what = f"cannot be used: {str(error) or type(error).__name__}"
        mend = "check host, port and security"
    return f"the mail server {where} {what}; {mend} under [smtp]"
