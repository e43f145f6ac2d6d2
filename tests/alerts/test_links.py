"""The addresses in mails: public pages, and signed links."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from monitor.alerts.write.links import LinkSigner, Purpose, of_target, of_transition
from monitor.alerts.write.stories import Links
from monitor.model import Change, Language
from tests.alerts.stories import make_transition

BASE = "https://vigie.example.org"


@pytest.mark.parametrize("base", [BASE, f"{BASE}/"])
def test_one_slash_joins_the_public_address_and_the_page(base: str) -> None:
    signer = LinkSigner(base, "s" * 32)
    token = signer.token(Purpose.UNSUBSCRIBE, "abc")
    assert signer.url(Purpose.UNSUBSCRIBE, "abc") == f"{BASE}/alertes/desabonnement/{token}"
    assert of_target(base, "86-sejour", 7).page == f"{BASE}/guichets/86-sejour"
    assert of_target(base, "86-sejour", 7).capture == f"{BASE}/releves/7/capture"


def test_only_a_link_to_an_english_page_names_its_language() -> None:
    signer = LinkSigner(BASE, "s" * 32)
    assert "?" not in signer.url(Purpose.CONFIRM, "abc", Language.FRENCH)
    assert signer.url(Purpose.CONFIRM, "abc", Language.ENGLISH).endswith("?lang=en")


@pytest.mark.parametrize("name", ["abc", "ldh.vienne-0a1b"])
def test_a_token_is_good_for_its_purpose_its_name_and_its_secret_alone(name: str) -> None:
    signer = LinkSigner(BASE, "s" * 32)
    token = signer.token(Purpose.CONFIRM, name)
    assert signer.subscription(Purpose.CONFIRM, token) == name
    assert signer.subscription(Purpose.UNSUBSCRIBE, token) is None
    assert LinkSigner(BASE, "t" * 32).subscription(Purpose.CONFIRM, token) is None
    signature = token.removeprefix(f"{name}.")
    assert len(signature) == 32  # of 128 bits
    for forged in (f"other.{signature}", f"{name}.{signature[:-1]}", f"{name}.", signature, ""):
        assert signer.subscription(Purpose.CONFIRM, forged) is None


def test_a_name_with_a_slash_stays_one_part_of_the_address() -> None:
    assert of_target(BASE, "86/titre é", None) == Links(page=f"{BASE}/guichets/86%2Ftitre%20%C3%A9")


def test_a_period_is_told_in_the_days_of_the_target() -> None:
    begun, told = datetime(2026, 3, 1, 23, 30, tzinfo=UTC), datetime(2026, 3, 8, 23, 30, tzinfo=UTC)
    made = replace(make_transition(Change.ZERO), since=begun, at=told)
    links = of_transition(BASE, made, ZoneInfo("Europe/Paris"))
    assert links.period == f"{BASE}/guichets/86-sejour?du=2026-03-02&au=2026-03-09"
    assert links.capture == f"{BASE}/releves/{made.row}/capture"


def test_without_a_public_address_there_is_no_link() -> None:
    made = make_transition(Change.ZERO)
    assert of_transition("", made, ZoneInfo("Europe/Paris")) == of_target("", "86-sejour", 7) == Links()
