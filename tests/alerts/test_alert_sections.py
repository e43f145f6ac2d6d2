"""The tables `[smtp]` and `[alerts]`: what it accepts, and one clear sentence for what it does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from monitor.alerts.wiring import rules
from monitor.places.regions import NAMES, REGIONS
from monitor.rules.transitions import TransitionRules
from monitor.settings.alerts import Alerts, Smtp, mail_address

SMTP = {"host": "smtp.example.org", "sender": "vigie@example.org"}


def smtp(**more: Any) -> Smtp:
    return Smtp.model_validate(SMTP | more)


def test_it_needs_nothing_at_all() -> None:
    assert Smtp().host == ""
    assert Alerts().lists == ()
    assert Alerts().embargo == timedelta(hours=24)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465)])
def test_it_knows_the_usual_ports(security: str, port: int) -> None:
    assert smtp(security=security).port_used == port
    assert smtp(security=security, port=2525).port_used == 2525


def test_it_allows_mail_in_the_clear_on_this_machine_only() -> None:
    assert smtp(host="127.0.0.1", security="none")
    assert smtp(host="localhost", security="none")
    with pytest.raises(ValidationError, match='write "starttls" or "tls"'):
        smtp(security="none")


@pytest.mark.parametrize("given", [{"username": "vigie"}, {"password": "x"}])
def test_it_refuses_half_a_login(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="give username and password together"):
        smtp(**given)


def test_it_asks_for_a_sender() -> None:
    with pytest.raises(ValidationError, match="has a host and no sender; write"):
        Smtp(host="smtp.example.org")


def test_it_never_shows_the_password() -> None:
    assert "hunter2" not in repr(smtp(username="vigie", password="hunter2"))


@pytest.mark.parametrize(
    ("listed", "sentence"),
    [
        ({"to": ["nobody"]}, "is not a mail address; write it like contact@example.org"),
        ({"departements": ["1"]}, "is not a département; write its code as text"),
        ({"regions": ["poitou"]}, "is not a région; known here: auvergne-rhone-alpes"),
        ({"zone": "Paris"}, "is not a time zone; write it like"),
        ({"zone": "../Europe/Paris"}, "is not a time zone; write it like"),
    ],
)
def test_it_says_what_is_wrong_with_a_list(listed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Alerts.model_validate({"lists": [{"name": "x", "to": ["a@example.org"]} | listed]})


def test_it_refuses_two_lists_of_one_name() -> None:
    with pytest.raises(ValidationError, match='two lists named "x"'):
        Alerts.model_validate({"lists": [{"name": "x", "to": ["a@example.org"]}] * 2})


def test_it_writes_a_foreign_domain_as_the_mail_server_wants_it() -> None:
    assert mail_address("Contact@Préfecture.example") == "Contact@xn--prfecture-c4a.example"
    assert mail_address("Contact@EXAMPLE.org") == "Contact@example.org"


def test_it_wants_a_secret_to_sign_public_links() -> None:
    with pytest.raises(ValidationError, match="openssl rand -hex 32"):
        Alerts(public_url="https://vigie.example.org")
    assert Alerts.model_validate({"public_url": "https://vigie.example.org", "secret": "s" * 32})


def test_it_wants_public_links_to_be_https_but_on_this_machine() -> None:
    secret = {"secret": "s" * 32}
    with pytest.raises(ValidationError, match="write https://"):
        Alerts.model_validate({"public_url": "http://vigie.example.org", **secret})
    assert Alerts.model_validate({"public_url": "http://localhost:9809", **secret})


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "a",
        "a@",
        "@b",
        "a@b\r\nBcc: c@d",
        "a b@c",
        "a@b c",
        "<a@b>",
        "a@b, c@d",
        "é@example.org",
        "x@[",
        "x@[1",
        "a@" + "b" * 300,
        "a@" + ".".join(["b" * 60] * 5),
    ],
)
def test_it_refuses_what_is_no_address(bad: str) -> None:
    with pytest.raises(ValueError, match="is not a mail address"):
        mail_address(bad)


@given(st.text(max_size=60))
def test_no_accepted_address_can_break_a_header(text: str) -> None:
    try:
        address = mail_address(text)
    except ValueError:
        return
    assert address.isascii()
    assert address.isprintable()
    assert address.count("@") == 1


def test_every_departement_lies_in_one_region() -> None:
    codes = [code for members in REGIONS.values() for code in members]
    assert set(NAMES) == set(REGIONS)
    assert len(codes) == len(set(codes)) == 101


def test_the_patience_of_the_settings_is_that_of_the_fold() -> None:
    asked = Alerts.model_validate({"zeros": 9, "spread": "36h", "days": 3})
    assert rules(asked) == TransitionRules(zeros=9, spread=timedelta(hours=36), days=3)
