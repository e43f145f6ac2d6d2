"""Turns dates and times as French booking pages write them into slots. No I/O, no clock.

Times without an offset are in the page's time zone; results are UTC. A date that does not exist, or whose
weekday is wrong, gives `None`, never an exception or a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from probes.model import Precision, Slot
from probes.pages.page import normalise

# Calendars show a few months. A date without a year that would be further away than this was misread.
REACH = timedelta(days=730)
_SANE_YEARS = range(2000, 2100)

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_SHORT_MONTHS = ("janv", "févr", "mars", "avr", "mai", "juin", "juil", "août", "sept", "oct", "nov", "déc")
_PLAIN = str.maketrans("éèêûôà", "eeeuoa")
_MONTH_NUMBERS = {
    spelling: number
    for names in (MONTHS, _SHORT_MONTHS)
    for number, name in enumerate(names, start=1)
    for spelling in (name, name.translate(_PLAIN))
}

_DAY_NAME = rf"(?:(?P<weekday>{'|'.join(WEEKDAYS)})\s*,?\s+(?:le\s+)?)?"
_MONTH_NAME = rf"(?P<month>{'|'.join(sorted(_MONTH_NUMBERS, key=len, reverse=True))})\b\.?"
_CLOCK = r"(?:\s*(?:,|-|à|a|de|\s)\s*(?P<hour>\d{1,2})\s*(?:h|:|heures?)\s*(?P<minute>\d{2})?(?!\d))?"
_FORMS = (
    re.compile(
        r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
        r"(?:[t +]+(?P<hour>\d{2}):(?P<minute>\d{2})(?::\d{2}(?:[.,]\d+)?)?"
        r"\s*(?P<offset>z\b|utc\b|[+-]\d{2}:?\d{2})?)?(?!\d)"
    ),
    re.compile(
        rf"{_DAY_NAME}(?<!\d)(?P<day>\d{{1,2}})(?:er)?\s+{_MONTH_NAME}(?:\s+(?P<year>\d{{4}})\b)?{_CLOCK}"
    ),
    re.compile(
        rf"{_DAY_NAME}(?<![\d/])(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})(?:/(?P<year>\d{{4}}))?(?![\d/]){_CLOCK}"
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class When:
    """A date found in a text: the local day; the local time `at` and UTC `offset` if the text has them."""

    day: date
    at: time | None = None
    offset: timedelta | None = None

    def slot(self, tz: ZoneInfo, *, place: str | None = None) -> Slot | None:
        """The slot at this date in the zone `tz`; `None` for a time skipped there when clocks go forward."""
        starts_at = self._instant(tz)
        if starts_at is None:
            return None
        precision = Precision.MINUTE if self.at else Precision.DAY
        return Slot(starts_at=starts_at, precision=precision, place=place)

    def _instant(self, tz: ZoneInfo) -> datetime | None:
        if self.at is not None and self.offset is not None:
            return datetime.combine(self.day, self.at, UTC) - self.offset
        return instant(self.day, self.at or time(), tz)


def instant(day: date, at: time, tz: ZoneInfo) -> datetime | None:
    """The UTC instant of a local time in `tz`.

    A time that comes twice when clocks go back means the first one; a time skipped in spring is `None`.
    """
    local = datetime.combine(day, at, tz)
    back = local.astimezone(UTC).astimezone(tz)
    return local.astimezone(UTC) if back.replace(tzinfo=None) == local.replace(tzinfo=None) else None


def find(text: str, *, reference: date) -> When | None:
    """The first date in `text`. A date without a year is the next such day on or after `reference`."""
    plain = normalise(text)
    found = sorted((match for form in _FORMS if (match := form.search(plain))), key=re.Match.start)
    return _when(found[0], reference) if found else None


def slot(text: str, *, tz: ZoneInfo, reference: date, place: str | None = None) -> Slot | None:
    """The slot at the first date in `text`; `None` if there is no real date. `reference` as for `find`."""
    when = find(text, reference=reference)
    return when.slot(tz, place=place) if when else None


def from_unix(seconds: str | int) -> datetime | None:
    """The UTC instant of a Unix time in seconds; `None` if it is no number or outside the years 2000–2099."""
    try:
        value = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return value if value.year in _SANE_YEARS else None


def first_two(slots: Iterable[Slot], tz: ZoneInfo) -> tuple[Slot | None, Slot | None]:
    """The earliest slot, and the earliest on a later local day."""
    ordered = sorted(slots, key=lambda each: each.starts_at)
    if not ordered:
        return None, None
    day = ordered[0].day(tz)
    return ordered[0], next((each for each in ordered if each.day(tz) > day), None)


def _when(match: re.Match[str], reference: date) -> When | None:
    parts = match.groupdict()
    at = _time(parts["hour"], parts["minute"]) if parts["hour"] else None
    if parts["hour"] and at is None:
        return None
    month = _MONTH_NUMBERS.get(parts["month"]) or int(parts["month"])
    day = _day(parts["year"], month, int(parts["day"]), parts.get("weekday"), reference)
    return When(day=day, at=at, offset=_offset(parts.get("offset"))) if day else None


def _day(year: str | None, month: int, day: int, weekday: str | None, reference: date) -> date | None:
    years = [int(year)] if year else range(reference.year, reference.year + 3)
    for candidate in years:
        found = _date(candidate, month, day)
        if (
            found
            and (weekday is None or WEEKDAYS[found.weekday()] == weekday)
            and (year or reference <= found <= reference + REACH)
        ):
            return found
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in _SANE_YEARS else None
    except ValueError:
        return None


def _time(hour: str, minute: str | None) -> time | None:
    try:
        return time(int(hour), int(minute or 0))
    except ValueError:
        return None


def _offset(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if text in ("z", "utc"):
        return timedelta()
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return -size if text[0] == "-" else size
