"""What goes on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from monitor.alerts.write.mails import Mail
from monitor.alerts.write.messages import compose, message_id

MAIL = Mail(
    subject="Zéro créneau : Vienne", text="Aucun créneau n'a été observé.\n", html="<p>Aucun créneau</p>"
)
ONE_CLICK = "https://vigie.example.org/alertes/desabonnement/abc"


def sent(mail: Mail = MAIL, **more: Any) -> EmailMessage:
    given: dict[str, Any] = {
        "sender": "vigie@example.org",
        "recipient": "a@example.org",
        "key": "delivery-1",
        "at": datetime(2026, 3, 2, 8, tzinfo=UTC),
        "unsubscribe": ONE_CLICK,
    }
    read = message_from_bytes(compose(mail, **(given | more)).as_bytes(), policy=default)
    assert isinstance(read, EmailMessage)
    return read


def test_plain_text_comes_first_and_html_second() -> None:
    parts = [part.get_content_type() for part in sent().iter_parts()]
    assert parts == ["text/plain", "text/html"]


def test_what_was_written_is_what_is_read() -> None:
    message = sent()
    body = message.get_body(("plain",))
    assert body
    assert body.get_content().splitlines() == MAIL.text.splitlines()
    assert message["Subject"] == MAIL.subject


def test_the_message_id_is_the_same_at_every_attempt_and_differs_between_alerts() -> None:
    assert sent()["Message-ID"] == sent()["Message-ID"] == message_id("delivery-1", "vigie@example.org")
    assert sent()["Message-ID"] != sent(key="delivery-2")["Message-ID"]


def test_one_click_unsubscribe_has_both_headers_of_rfc_8058() -> None:
    message = sent()
    assert message["List-Unsubscribe"] == f"<{ONE_CLICK}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_answers_by_machines_are_not_invited() -> None:
    assert sent()["Auto-Submitted"] == "auto-generated"


def test_every_line_is_short_enough_and_plain_ascii_on_the_wire() -> None:
    raw = compose(
        Mail(subject="é" * 150, text="x" * 5000, html="é" * 5000),
        sender="vigie@example.org",
        recipient="a@example.org",
        key="k",
        at=datetime(2026, 3, 2, tzinfo=UTC),
        unsubscribe=ONE_CLICK * 3,
    ).as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "more",
    [
        {"mail": Mail(subject="a\r\nBcc: c@example.org", text="", html="")},
        {"recipient": "a@example.org\r\nBcc: c@example.org"},
        {"unsubscribe": "https://x/\r\nBcc: c@example.org"},
    ],
)
def test_no_header_can_be_injected(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"(?i)linefeed|carriage return|invalid"):
        sent(**more)


def test_answers_go_to_the_address_of_the_settings_if_any() -> None:
    assert sent()["Reply-To"] is None
    assert sent(reply_to="contact@example.org")["Reply-To"] == "contact@example.org"


def test_a_mail_without_a_link_to_leave_has_no_such_header() -> None:
    message = sent(unsubscribe=None)
    assert message["List-Unsubscribe"] is None
    assert message["List-Unsubscribe-Post"] is None


def test_the_message_id_depends_on_the_key_alone_and_names_our_domain() -> None:
    one, other = message_id("k", "vigie@example.org"), message_id("k", "alertes@example.org")
    assert one == other
    assert one.endswith("@example.org>")
