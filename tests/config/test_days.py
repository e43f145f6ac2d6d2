"""Days and instants at one door: what is one, what is none, and in which sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.commands.options import moment, period
from monitor.days import parse_day, parse_moment
from monitor.durations import parse_duration
from monitor.problems import BadInput

NONE = [
    "20261102",
    "2026-W45",
    "2026-W45-1",
    "2026-2-3",
    "2026-02-30",
    "hier",
    "",
    " 2026-03-01",
    "２０２６-03-01",
]


@pytest.mark.parametrize("text", [*NONE, "2026-03-01T09:00Z"])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match="is not a day; write it like 2026-03-01"):
        parse_day(text)


@pytest.mark.parametrize("value", [0, 86400, 1.5, True, None, [], datetime(2026, 3, 1, tzinfo=UTC)])
def test_only_text_and_dates_are_days(value: object) -> None:
    with pytest.raises(ValueError, match="is not a day; write it like 2026-03-01"):
        parse_day(value)


def test_a_day_is_a_day() -> None:
    assert parse_day("2026-03-01") == parse_day(date(2026, 3, 1)) == parse_moment("2026-03-01")


@pytest.mark.parametrize("text", [*NONE, "2026-03-01T25:00Z", "20260301T0900Z", "2026-03-01T09Z"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a (date; write 2026-03-01 or 2026-03-01T09:00Z|day)"):
        parse_moment(text)


@pytest.mark.parametrize("text", ["2026-03-01T09:00+01:00", "2026-03-01 08:00Z", "2026-03-01T08:00:00.000Z"])
def test_an_instant_is_given_in_utc(text: str) -> None:
    assert parse_moment(text) == moment(text) == datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize("text", [
    "0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31", "0001-01-01T00:00+14:00",
    "9999-12-31T23:59-14:00",
])  # fmt: skip
def test_years_that_are_none_of_ours(text: str) -> None:
    with pytest.raises(ValueError, match="lies outside the years 2000 to 2100"):
        parse_moment(text)


def test_an_instant_needs_its_zone() -> None:
    with pytest.raises(BadInput, match="has no time zone; end it with Z"):
        moment("2026-03-01T09:00")


@pytest.mark.parametrize("until", ["2026-03-01", "2026-03-02"])
def test_a_period_ends_after_it_begins(until: str) -> None:
    with pytest.raises(BadInput, match=f"--until {until}: is not after --since 2026-03-02; swap them"):
        period("2026-03-02", until)


def test_a_period_may_be_open() -> None:
    assert period(None, None) == (None, None)
    assert period(None, "2026-03-01") == (None, datetime(2026, 3, 1, tzinfo=UTC))


def test_no_duration_is_longer_than_ten_years() -> None:
    assert parse_duration("3650d").days == 3650
    with pytest.raises(ValueError, match=r"\"999999d\" is longer than ten years"):
        parse_duration("999999d")


def test_an_instant_is_told_in_utc_wherever_it_was_written() -> None:
    assert str(parse_moment("2026-03-01T00:30+01:00")) == "2026-02-28 23:30:00+00:00"


def test_a_duration_may_last_ten_years_and_no_longer() -> None:
    assert parse_duration("3660d") == timedelta(days=3660)
    with pytest.raises(ValueError, match="is longer than ten years"):
        parse_duration("3661d")
