"""Sending to a real server: what passes, what to try again, and one sentence for each bad setting."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest

from monitor.alerts.send.smtp import DeliveryError, ServerError, connect
from monitor.alerts.write.mails import Mail
from monitor.alerts.write.messages import compose
from monitor.settings.alerts import Smtp

HERE = {"sender": "vigie@example.org", "recipient": "a@example.org"}


def letter(key: str = "k") -> EmailMessage:
    return compose(
        Mail(subject="Zéro créneau", text="Aucun créneau\n.\n.. n'a été observé", html="<p>Aucun</p>"),
        key=key,
        at=datetime(2026, 3, 2, tzinfo=UTC),
        **HERE,
    )


def send(settings: Smtp, *messages: EmailMessage) -> None:
    async def run() -> None:
        async with connect(settings) as session:
            for message in messages or [letter()]:
                await session.send(message, **HERE)

    asyncio.run(run())


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_it_delivers_over_verified_tls_with_a_login(open_postman: Callable[..., Any], security: str) -> None:
    postman = open_postman(tls=security)
    send(postman.settings(security=security))
    (received,) = postman.received
    assert received.recipients == ["a@example.org"]
    body = received.message.get_body(("plain",))
    assert body.get_content().splitlines() == ["Aucun créneau", ".", ".. n'a été observé"]


def test_it_delivers_without_login_to_a_server_on_this_machine(open_postman: Callable[..., Any]) -> None:
    postman = open_postman(tls="none", login=False)
    send(postman.settings(security="none", username="", password=None))
    assert len(postman.received) == 1


def test_it_sends_many_messages_over_one_connection(postman: Any) -> None:
    send(postman.settings(), *(letter(str(n)) for n in range(50)))
    assert len({received.id for received in postman.received}) == 50


@pytest.mark.parametrize(
    ("verb", "reply", "permanent"),
    [
        ("RCPT", "451 greylisted, come back", False),
        ("RCPT", "550 no such user", True),
        ("DATA", "452 disk full", False),
        ("DATA", "554 looks like spam", True),
    ],
)
def test_it_tells_for_good_from_for_now(postman: Any, verb: str, reply: str, permanent: bool) -> None:
    postman.answers[verb] = lambda _: reply
    with pytest.raises(DeliveryError, match=reply[:3]) as caught:
        send(postman.settings())
    assert caught.value.permanent is permanent


def test_it_goes_on_after_one_refused_recipient(postman: Any) -> None:
    postman.answers["RCPT"] = lambda address: "550 no" if address.startswith("bad") else None

    async def run() -> None:
        async with connect(postman.settings()) as session:
            with pytest.raises(DeliveryError):
                await session.send(letter(), sender="vigie@example.org", recipient="bad@example.org")
            await session.send(letter(), **HERE)

    asyncio.run(run())
    assert len(postman.received) == 1


def test_it_tries_again_later_when_the_connection_drops_after_the_data(postman: Any) -> None:
    postman.after_data = lambda server: server.transport.abort()
    with pytest.raises(DeliveryError, match="connection was lost") as caught:
        send(postman.settings())
    assert not caught.value.permanent


def test_it_gives_up_waiting_for_a_server_that_hangs() -> None:
    async def reach(settings: Smtp) -> None:
        async with asyncio.timeout(10), connect(settings):
            pass

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings = Smtp(
            host="localhost", port=port, sender="vigie@example.org", timeout=timedelta(seconds=0.2)
        )
        with pytest.raises(ServerError, match=r"cannot be used.*check host, port and security"):
            asyncio.run(reach(settings))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ca_file": None}, "shows a certificate that is not trusted .*set ca_file"),
        ({"host": "127.0.0.1"}, "shows a certificate that is not trusted .*host to the name in it"),
        ({"password": "mauvais"}, r"refuses the login of vigie: 535 .*check username and password"),
        ({"password": "mot de passe à accents"}, "refuses the login of vigie"),
        ({"username": "", "password": None}, "refuses the sender vigie@example.org: 530"),
        ({"security": "tls"}, "does not speak TLS this way .*starttls"),
        ({"port": 1}, "cannot be used: .*check host, port and security"),
    ],
)
def test_each_bad_setting_gets_its_sentence(postman: Any, wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ServerError, match=sentence):
        send(postman.settings(**wrong))
    assert postman.received == []


def test_it_never_falls_back_to_a_connection_in_the_clear(open_postman: Callable[..., Any]) -> None:
    postman = open_postman(tls="none", login=False)
    with pytest.raises(ServerError, match="STARTTLS extension not supported"):
        send(postman.settings(username="", password=None))
    assert postman.received == []


def test_it_says_when_the_server_offers_no_login(open_postman: Callable[..., Any]) -> None:
    postman = open_postman(login=False)
    with pytest.raises(ServerError, match="No suitable authentication method"):
        send(postman.settings())


def test_it_names_an_authority_file_it_cannot_read(postman: Any, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"nowhere\.pem of \[smtp\] cannot be read"):
        send(postman.settings(ca_file=tmp_path / "nowhere.pem"))


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        (
            "550 5.1.1 <a@example.org>: Recipient address rejected",
            "550 5.1.1 <…>: Recipient address rejected",
        ),
        ("550 A@Example.org... User unknown", "550 … User unknown"),
        ('550 no mailbox "a" here, ask abuse@example.net', '550 no mailbox "…" here, ask …'),
        ("550 mailbox A is full", "550 mailbox … is full"),
        ("451 4.7.1 greylisted (mx.a.example)", "451 4.7.1 greylisted (mx.a.example)"),
    ],
)
def test_the_address_is_in_no_sentence(postman: Any, reply: str, kept: str) -> None:
    postman.answers["RCPT"] = lambda _: reply
    with pytest.raises(DeliveryError) as caught:
        send(postman.settings())
    assert str(caught.value).endswith(kept)


@pytest.mark.parametrize(("step", "expected"), [("connect", ServerError), ("sendmail", DeliveryError)])
def test_an_error_without_words_is_named(
    postman: Any, monkeypatch: pytest.MonkeyPatch, step: str, expected: type[Exception]
) -> None:
    async def broken(*_: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(aiosmtplib.SMTP, step, broken)
    with pytest.raises(expected, match=": ConnectionResetError"):
        send(postman.settings())


def test_the_password_is_in_no_sentence(postman: Any) -> None:
    with pytest.raises(ServerError) as caught:
        send(postman.settings(password="hunter2"))
    assert "hunter2" not in str(caught.value)
