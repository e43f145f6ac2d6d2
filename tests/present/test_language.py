"""Numbers, lengths and dates as people read them, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.model import Language
from monitor.present.language import (
    FIXED,
    ceiling,
    counted,
    day,
    lasting,
    length,
    local_time,
    long_day,
    moment,
    number,
    percent,
    percents,
    share,
)

FRENCH, ENGLISH = Language.FRENCH, Language.ENGLISH
PARIS = ZoneInfo("Europe/Paris")
NEW_YEAR = datetime(2026, 12, 31, 23, 5, tzinfo=UTC)
"""In Paris the first minutes of 2027."""


def plain(text: str) -> str:
    """With ordinary spaces, to compare."""
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace(FIXED, " ")


def test_two_whole_days_are_told_in_days() -> None:
    assert lasting(timedelta(days=2), FRENCH) == f"2{FIXED}jours"
    assert lasting(timedelta(days=2, seconds=-1), FRENCH) == f"47{FIXED}heures"


def test_one_whole_hour_is_told_in_hours_and_nothing_is_rounded_up() -> None:
    assert plain(lasting(timedelta(hours=1), FRENCH)) == "1 heure"
    assert plain(lasting(timedelta(hours=1, seconds=-1), ENGLISH)) == "59 minutes"


def test_french_counts_nothing_in_the_singular_and_english_does_not() -> None:
    assert [plain(counted(n, "jour", "jours", FRENCH)) for n in (0, 1, 2)] == ["0 jour", "1 jour", "2 jours"]
    assert [plain(counted(n, "day", "days", ENGLISH)) for n in (0, 1, 2)] == ["0 days", "1 day", "2 days"]


def test_numbers_are_grouped_and_pointed_as_each_language_does() -> None:
    assert plain(number(1398.5, 1)) == "1 398,5"
    assert number(1398.5, 1, ENGLISH) == "1,398.5"


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [(0.9999, "99,9 %", "99.9%"), (0.29, "29 %", "29%"), (1, "100 %", "100%"), (0.1239, "12,3 %", "12.3%")],
)
def test_a_share_is_rounded_down_so_that_it_never_claims_too_much(
    value: float, french: str, english: str
) -> None:
    assert (plain(share(value, FRENCH)), share(value, ENGLISH)) == (french, english)


@pytest.mark.parametrize(("value", "told"), [(0.0041, "0,41 %"), (0.00411, "0,42 %"), (0.29, "29,00 %")])
def test_a_bound_is_rounded_up_and_an_exact_one_stays(value: float, told: str) -> None:
    assert plain(ceiling(value)) == told


def test_a_part_that_is_not_nothing_is_never_printed_as_nothing() -> None:
    assert [plain(text) for text in percents([9999, 1])] == ["99,9 %", "0,1 %"]


def test_the_first_of_a_month_is_written_as_each_language_does() -> None:
    assert long_day(NEW_YEAR, PARIS, FRENCH) == "vendredi 1er janvier 2027"
    assert long_day(NEW_YEAR, PARIS, ENGLISH) == "Friday 1 January 2027"


def test_an_hour_has_two_digits_for_its_minutes() -> None:
    assert (
        plain(moment(NEW_YEAR, PARIS, FRENCH)) == "vendredi 1er janvier 2027 à 0 h 05 (Europe/Paris, UTC+1)"
    )
    assert moment(NEW_YEAR, PARIS, ENGLISH) == "Friday 1 January 2027 at 00:05 (Europe/Paris, UTC+1)"


def test_a_local_time_says_its_offset_to_the_half_hour() -> None:
    assert local_time(NEW_YEAR.astimezone(PARIS)) == "01/01/2027 00:05:00 (UTC+1)"
    marquesas = NEW_YEAR.astimezone(ZoneInfo("Pacific/Marquesas"))
    assert local_time(marquesas) == "31/12/2026 13:35:00 (UTC-9.5)"


@pytest.mark.parametrize(
    ("value", "told", "at_most"),
    [
        (timedelta(days=2), "2 jours", "2 jours"),
        (timedelta(hours=47, minutes=59), "47 h", "48 h"),
        (timedelta(minutes=119, seconds=1), "119 min", "120 min"),
        (timedelta(minutes=120), "2 h", "2 h"),
        (timedelta(minutes=121), "2 h", "3 h"),
        (timedelta(days=2, seconds=1), "2 jours", "3 jours"),
        (timedelta(seconds=59), "0 min", "1 min"),
    ],
)
def test_a_length_changes_its_unit_at_two(value: timedelta, told: str, at_most: str) -> None:
    assert (plain(length(value)), plain(length(value, up=True))) == (told, at_most)


@pytest.mark.parametrize(
    ("value", "told"),
    [(0, "0 %"), (1e-9, "0,1 %"), (0.985, "98,5 %"), (0.12345, "12,3 %"), (1 - 1e-9, "99,9 %"), (1, "100 %")],
)
def test_only_nothing_is_nothing_and_only_all_is_all(value: float, told: str) -> None:
    assert plain(percent(value)) == told


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([1, 1, 1], ["33,4 %", "33,3 %", "33,3 %"]),
        ([2, 1], ["66,7 %", "33,3 %"]),
        ([0, 0], ["0 %", "0 %"]),
        ([5, 0], ["100 %", "0 %"]),
        ([100_000, 1, 1], ["99,8 %", "0,1 %", "0,1 %"]),
    ],
)
def test_parts_add_up_to_a_hundred(parts: list[int], told: list[str]) -> None:
    assert [plain(text) for text in percents(parts)] == told


@pytest.mark.parametrize(
    ("zone", "offset"),
    [("Pacific/Marquesas", "UTC−9:30"), ("America/Cayenne", "UTC−3"), ("Indian/Reunion", "UTC+4")],
)
def test_a_moment_says_its_offset_from_utc(zone: str, offset: str) -> None:
    assert moment(NEW_YEAR, ZoneInfo(zone), FRENCH).endswith(f"({zone}, {offset})")


def test_a_day_is_written_day_first() -> None:
    assert day(NEW_YEAR.date()) == "31/12/2026"


def test_more_than_two_days_are_whole_days_and_minutes_are_minutes() -> None:
    assert plain(lasting(timedelta(days=3, hours=23), FRENCH)) == "3 jours"
    assert plain(lasting(timedelta(hours=2), ENGLISH)) == "2 hours"
    assert plain(lasting(timedelta(minutes=1), FRENCH)) == "1 minute"
