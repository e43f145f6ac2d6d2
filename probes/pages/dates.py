"""Turns dates and times as French booking pages write them into slots. No I/O, no clock.

Times without an offset are in the page's time zone; results are UTC. A date that does not exist, or whose
weekday is wrong, gives `None`, never an exception or a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from probes.model import Precision, Slot
from probes.pages.page import normalise

# A date without a year is the next such day: with a weekday that fits a later year alone, it was misread.
REACH = timedelta(days=366)
# A page that still shows a day of the last weeks means that day, not the same one a year later.
JUST_PASSED = timedelta(days=31)
_SANE_YEARS = range(2000, 2100)

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_SHORT_MONTHS = (
    *("janv", "févr", "mars", "avr", "mai", "juin", "juil", "août", "sept", "oct", "nov", "déc"),
    *("jan", "fév", "mars", "avr", "mai", "juin", "juill", "août", "sept", "oct", "nov", "déc"),
)
_PLAIN = str.maketrans("éèêûôà", "eeeuoa")
_MONTH_NUMBERS = {
    spelling: number % 12 + 1
    for number, name in enumerate((*MONTHS, *_SHORT_MONTHS))
    for spelling in (name, name.translate(_PLAIN))
}

_NAME = "|".join(f"{name}|{name[:3]}\\b\\.?" for name in WEEKDAYS)
_DAY_NAME = rf"(?:(?<!\w)(?P<weekday>{_NAME})\s*,?\s+(?:le\s+)?)?"
_FIRST = r"(?:\s?er\b|ᵉʳ)?"
# « du 3 au 7 mars », « les 3 et 7 mars »: the first of the days is the earliest.
_SINCE = (
    rf"(?:(?:(?<!\w)(?P<from_weekday>{_NAME})\s*,?\s+(?:le\s+)?)?(?<![\dh:/])(?P<from>\d{{1,2}}){_FIRST}"
    r"(?:\s*,\s*\d{1,2}){0,6}(?:\s+(?:au|et|ou)\s+(?:le\s+)?|[-–](?=\d)))?"
)
MONTH_NAME = rf"(?P<month>{'|'.join(sorted(_MONTH_NUMBERS, key=len, reverse=True))})\b\.?"
# « 3 mars 28 »: nobody can tell whether this is a year.
_YEAR = r"(?:\s+(?P<year>\d{4})\b|(?!\s+['/]?\d{2}(?!\s*(?:h|:|\d))))"
_CLOCK = (
    r"(?:\s*(?:,|[-–—]|à|a\b|de\b|\s)\s*(?P<hour>\d{1,2})\s*(?:heures?\b|h(?![a-z])|:)\s*(?P<minute>\d{2})?(?!\d)"
    r"(?P<vague>\s*(?:(?:et|moins)\s+(?:demie?|(?:le\s+|un\s+)?quart|\d)|[ap]\.?m\b|(?:du|ce)\s+(?:soir|matin)\b"
    r"|de\s+(?:l'après-midi|la nuit)\b|\(?(?:utc|gmt|heures? (?:de|d'|du)\b)))?)?"
)
_FORMS = (
    re.compile(
        r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
        r"(?:[t +]+(?P<hour>\d{2}):(?P<minute>\d{2})(?::\d{2}(?:[.,]\d+)?)?"
        r"\s*(?P<offset>z\b|utc\b|[+-]\d{2}(?::?\d{2})?)?)?(?!\d)"
    ),
    re.compile(rf"{_SINCE}{_DAY_NAME}(?<!\d)(?P<day>\d{{1,2}}){_FIRST}\s+{MONTH_NAME}{_YEAR}{_CLOCK}"),
    re.compile(
        rf"{_SINCE}{_DAY_NAME}(?<![\d/])(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})(?:/(?P<year>\d{{4}}))?(?![\d/])"
        rf"(?!\s*(?:places?|personnes?|inscri\w+|participants?)\b){_CLOCK}"
    ),
)
# « 2027-01-12 08:00-10:00 »: nobody can tell whether this is a period or an offset.
_VAGUE_OFFSET = re.compile(r"[\d-]{10}[ +]+\d{2}:\d{2}-")
_HOUR = re.compile(r"(?<![\w:/-])(?P<hour>\d{1,2}) ?(?:heures?\b|h(?![a-z])|:) ?(?P<minute>\d{2})?(?!\d)")
# After a date without a year: the end of a period, which has the year of both.
_UNTIL = re.compile(
    rf"\s+(?:au|et)\s+(?:le\s+)?(?:(?:{_NAME})\s*,?\s+(?:le\s+)?)?(?P<day>\d{{1,2}}){_FIRST}"
    rf"(?:\s+{MONTH_NAME}\s+|/(?P<number>\d{{1,2}})/)(?P<year>\d{{4}})\b"
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
    """The first date in `text`; of a period or a list of days, its first day.

    A date without a year is the next such day on or after `reference`; but the last one if that was less than
    `JUST_PASSED` ago, or if only then the weekday is right.
    """
    plain = normalise(text)
    found = sorted((match for form in _FORMS if (match := form.search(plain))), key=re.Match.start)
    return read(found[0], reference) if found else None


def matches(plain: str) -> list[re.Match[str]]:
    """All that looks like a date in a normalised text, in order."""
    return sorted((match for form in _FORMS for match in form.finditer(plain)), key=re.Match.start)


def read(match: re.Match[str], reference: date) -> When | None:
    """The date that one of the `matches` tells; `None` if there is no such day or time."""
    parts = match.groupdict()
    at = time_of_day(parts["hour"], parts["minute"]) if parts["hour"] else None
    if (parts["hour"] and at is None) or parts.get("vague") or _VAGUE_OFFSET.match(match[0]):
        return None
    month = _MONTH_NUMBERS.get(parts["month"]) or int(parts["month"])
    year = int(parts["year"]) if parts["year"] else _year_of_the_end(match, month)
    day = _day(year, month, int(parts["day"]), parts.get("weekday"), reference)
    if day and parts.get("from"):
        first = _day(day.year, month, int(parts["from"]), parts["from_weekday"], reference)
        day, at = (first, None) if first and first < day else (None, None)
    return When(day=day, at=at, offset=_offset(parts.get("offset"))) if day else None


def days(text: str, *, reference: date) -> list[date | None]:
    """The day of every date in `text`, of a period its first and its last; `None` for one that cannot be."""
    plain = normalise(text)
    found = [match for form in _FORMS for match in form.finditer(plain)]
    return [day for match in found for day in _days_of(match, reference)]


def hours(text: str) -> list[time]:
    """The times of day in `text`, such as « 9h », « 09:30 » and « 9 heures 30 », in order."""
    found = (time_of_day(match["hour"], match["minute"]) for match in _HOUR.finditer(normalise(text)))
    return [each for each in found if each]


def time_of_day(hour: str, minute: str | None) -> time | None:
    """The time of these digits; `None` if there is no such time of day."""
    try:
        return time(int(hour), int(minute or 0))
    except ValueError:
        return None


def from_unix(seconds: str | int) -> datetime | None:
    """The UTC instant of a Unix time in seconds; `None` if it is no number or outside the years 2000–2099."""
    try:
        value = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return value if value.year in _SANE_YEARS else None


def _days_of(match: re.Match[str], reference: date) -> list[date | None]:
    parts = match.groupdict()
    month = _MONTH_NUMBERS.get(parts["month"]) or int(parts["month"])
    year = int(parts["year"]) if parts["year"] else _year_of_the_end(match, month)
    last = _day(year, month, int(parts["day"]), parts.get("weekday"), reference)
    if last is None or not parts.get("from"):
        return [last]
    return [_day(last.year, month, int(parts["from"]), parts["from_weekday"], reference), last]


def _year_of_the_end(match: re.Match[str], month: int) -> int | None:
    """The year of a period's first day, when only its last day has one."""
    end = _UNTIL.match(match.string, match.end())
    if end is None:
        return None
    last = int(end["number"] or _MONTH_NUMBERS[end["month"]])
    return int(end["year"]) - (month > last)


def _day(year: int | None, month: int, day: int, weekday: str | None, reference: date) -> date | None:
    years = [year] if year else range(reference.year - 1, reference.year + 3)
    for candidate in years:
        found = _date(candidate, month, day)
        if (
            found
            and (weekday is None or WEEKDAYS[found.weekday()][:3] == weekday[:3])
            and (year or reference - JUST_PASSED <= found <= reference + REACH)
        ):
            return found
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in _SANE_YEARS else None
    except ValueError:
        return None


def _offset(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if text in ("z", "utc"):
        return timedelta()
    size = timedelta(hours=int(text[1:3]), minutes=int(text[3:].removeprefix(":") or 0))
    return -size if text[0] == "-" else size
