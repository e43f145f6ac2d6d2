"""The limits of the settings: the last value that is accepted, and the first that is not."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.problems import BadInput
from monitor.settings.load import Settings, make_settings

LAST_AND_FIRST = [
    ("pace", "spacing", "10s", "9s"),
    ("pace", "pages_per_day", 1, 0),
    ("pace", "pages_per_day", 1_000_000, 1_000_001),
    ("pace", "wait", "1h", "61m"),
    ("pace", "breaker_after", 1, 0),
    ("pace", "breaker_after", 100, 101),
    ("pace", "breaker_pause", "30m", "29m"),
    ("pace", "breaker_max", "30m", "29m"),
    ("pace", "hosts", {"www.ain.gouv.fr": {"spacing": "10s"}}, {"www.ain.gouv.fr": {"spacing": "9s"}}),
    ("pace", "hosts", {"localhost": {"spacing": "0s"}}, {"localhost.fr": {"spacing": "0s"}}),
    ("pace", "hosts", {"www.ain.gouv.fr": {"pages_per_day": 1}}, {"www.ain.gouv.fr": {"pages_per_day": 0}}),
    ("pace", "hosts", {"localhost": {"pages_per_day": 10**6}}, {"localhost": {"pages_per_day": 10**6 + 1}}),
    ("schedule", "interval", "15m", "12m"),
    ("schedule", "interval", "24h", "48h"),
    ("schedule", "workers", 1, 0),
    ("schedule", "workers", 64, 65),
    ("schedule", "misfire_grace", "1s", "0s"),
    ("schedule", "misfire_grace", "10m", "11m"),
    ("schedule", "seed", "s" * 32, "s" * 31),
    ("browser", "recycle_after", 1, 0),
    ("browser", "recycle_after", 100_000, 100_001),
    ("metrics", "port", 0, -1),
    ("metrics", "port", 65535, 65536),
    ("evidence", "pictures_days", 1, 0),
    ("evidence", "pictures_days", 36500, 36501),
    (
        "evidence",
        "holds",
        [{"first": "2026-03-02", "last": "2026-03-02"}],
        [{"first": "2026-03-02", "last": "2026-03-01"}],
    ),
    ("smtp", "port", 1, 0),
    ("smtp", "port", 65535, 65536),
    ("smtp", "timeout", "5m", "6m"),
    ("alerts", "zeros", 2, 1),
    ("alerts", "zeros", 1000, 1001),
    ("alerts", "days", 1, 0),
    ("alerts", "days", 366, 367),
    ("alerts", "recipient_cap", 1, 0),
    ("alerts", "recipient_cap", 1_000_000, 1_000_001),
    ("alerts", "port", 0, -1),
    ("alerts", "port", 65535, 65536),
    ("alerts", "disk_free", 0, -0.01),
    ("alerts", "disk_free", 1, 1.01),
]


def given(**tables: Any) -> Settings:
    return make_settings(tables, "vigie.toml")


@pytest.mark.parametrize(("section", "key", "last", "first"), LAST_AND_FIRST)
def test_a_limit_is_the_last_value_that_is_accepted(section: str, key: str, last: Any, first: Any) -> None:
    assert given(**{section: {key: last}})
    with pytest.raises(BadInput):
        given(**{section: {key: first}})


@pytest.mark.parametrize(("longest", "accepted"), [("2h", True), ("90m", False)])
def test_the_longest_pause_is_no_shorter_than_the_first(longest: str, accepted: bool) -> None:
    pace = {"breaker_pause": "2h", "breaker_max": longest}
    if accepted:
        assert given(pace=pace)
    else:
        with pytest.raises(BadInput, match='breaker_max = "2h" or more'):
            given(pace=pace)


@pytest.mark.parametrize(("length", "accepted"), [(32, True), (31, False)])
def test_links_are_signed_with_32_characters(length: int, accepted: bool) -> None:
    alerts = {"public_url": "https://vigie.example.org", "secret": "s" * length}
    if accepted:
        assert given(alerts=alerts)
    else:
        with pytest.raises(BadInput, match="no secret of 32 characters"):
            given(alerts=alerts)


def test_a_mail_address_is_254_characters_at_most() -> None:
    def sender(length: int) -> Settings:
        domain = ".".join(["b" * 60] * 4)
        return given(smtp={"host": "a.fr", "sender": "a" * (length - 1 - len(domain)) + f"@{domain}"})

    assert len(sender(254).smtp.sender) == 254
    with pytest.raises(BadInput, match="is not a mail address"):
        sender(255)
