"""Turns dates and times as French booking pages write them into slots. No I/O, no clock.

Times without an offset are in the page's time zone; results are UTC. A date that does not exist, or whose
weekday is wrong, gives `None`, never an exception or a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from probes.model import Precision, Slot
from probes.pages.page import normalise

# A date without a year is the next such day: with a weekday that fits a later year alone, it was misread.
REACH = timedelta(days=366)
# A page that still shows a day of the last weeks means that day, not the same one a year later.
JUST_PASSED = timedelta(days=31)
# A page that was loaded a moment ago may still show the slot that begins now.
JUST_BEGUN = timedelta(minutes=15)
YEARS_AHEAD = 3
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
_MONTH_NAME = rf"(?P<month>{'|'.join(sorted(_MONTH_NUMBERS, key=len, reverse=True))})\b\.?"
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
    re.compile(rf"{_SINCE}{_DAY_NAME}(?<!\d)(?P<day>\d{{1,2}}){_FIRST}\s+{_MONTH_NAME}{_YEAR}{_CLOCK}"),
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
    rf"(?:\s+{_MONTH_NAME}\s+|/(?P<number>\d{{1,2}})/)(?P<year>\d{{4}})\b"
)

# What limits a day, moves it, or tells the day of something else than the slot; it stands right before it.
_LIMITS = (
    r"avant|après|passé|sauf|excepté|pas|depuis|jusqu'(?:au?|en)|jusque|d'ici|plus tard"
    r"|[àa] (?:partir|compter)|vers|courant|environs?|limites?|délai|échéance|expir\w+|valables?|valides?"
    r"|clos\w*|clôtur\w+"
)
_OTHER_EVENTS = (
    r"publi\w+|mis\w* (?:à jour|en ligne)|màj|maj|modifi\w+|actualis\w+|édité\w*|imprimé\w*|créé\w*|ouverture"
    r"|ouvr\w+|fermeture|fermée?s?|attribuée?s?|exemple|née?s?"
)
_REFERENCES = r"(?:n[°o]|num|numéro|réf|ref|référence|dossier|code|ticket)\.?"
_NO_DAY_OF_A_SLOT = re.compile(
    rf"\b(?:{_LIMITS}|{_OTHER_EVENTS}|{_REFERENCES})"
    r"(?:[\s:(,.]|\b(?:le|la|les|l'|du|de|des|au|à|en|au plus|date|jour|jours|service)\b)*$"
)
_NEAR = 80
# « Guichet 3/4 »: a number of something, where a day and a month alone are written.
_NUMBERED = re.compile(
    r"\b(?:guichets?|bureau|salle|box|poste|étape|page|lot|hall|porte|étage|bât(?:iment|\.)?|file)\W*$"
)
_LIMITED_AFTER = re.compile(
    r"\W*(?:au plus tard|dernier délai|maximum|minimum|exclu\b|et (?:après|au[- ]delà)"
    r"|ou (?:après|avant|plus))"
)
_MOVED = re.compile(
    r"\b(?:report(?:ée?s?)?|décal(?:ée?s?|age)|déplacée?s?|repoussée?s?|remplacée?s?|annulée?s?|supprimée?s?"
    r"|avancée?s? au|au lieu d[eu]|initialement|sauf)\b"
)
# « 12 juin ou juil. », « 12 janvier (2028) »: the rest of a second day, right beside the first.
_OTHER_MONTH = re.compile(rf"\s*(?:ou|et|,|/|[-–(])\s*(?:en\s+)?{_MONTH_NAME}")
_MONTH_BEFORE = re.compile(rf"\b{_MONTH_NAME}\s*(?:ou|et|,|/|[-–])\s*(?:le\s+)?$")
_OTHER_YEAR = re.compile(r"\s*(?:ou|et|,|/|[-–(])\s*(?:en\s+)?(?P<year>20\d{2})\b(?![-/]\d)")
_NAME_BEFORE = re.compile(rf"\b(?P<weekday>{'|'.join(WEEKDAYS)})\b\s*[^\w\s.]\s*(?:le\s+)?$")
_TO = re.compile(r"\s*(?:[-–—→/]|(?:jusqu')?au|et|ou)\s*(?:le\s*)?")
_TO_HOUR = re.compile(r"\s*(?:[-–—→/]|(?:jusqu')?(?:à|au?)|et)\s*(?:le\s+)?(?:à\s*)?")
_ANY_HOUR = re.compile(r"(?<![\w:])(?P<hour>\d{1,2}) ?(?:heures?\b|h(?![a-z])|:) ?(?P<minute>\d{2})?(?!\d)")
_LENGTH = re.compile(
    r"\b(?:durée|dure|pendant)\W{0,3}(?:est\s+)?(?:d'|de\s+)?(?:environ\s+|une?\s+)?"
    r"\d{1,2} ?(?:heures?\b|h) ?(?:\d{2}\b)?"
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
    return _when(found[0], reference) if found else None


def only(text: str, *, reference: date) -> When | None:
    """The date in `text` if it can be that of one slot, as written there; `reference` as for `find`.

    `None` for more than one day, several hours, or a day that a word limits, moves or gives to something
    else. Of a period or list (« du 3 au 7 mars ») the first day counts, of a period the first hour.
    """
    plain = normalise(text)
    found = _matches(plain)
    whens = [_when(match, reference) for match in found]
    read = [when for when in whens if when]
    if not read or len(read) < len(whens) or not _are_one_day(found, read) or _MOVED.search(plain):
        return None
    if any(map(_is_limited, found)) or any(map(_is_contradicted, found, read)):
        return None
    return read[0] if _are_one_start(_hours_of(plain, found), plain, found) else None


def begin(text: str, at: time) -> bool:
    """Whether the hours that `text` names are `at`, or a period that begins then; true if it names none."""
    plain = normalise(text)
    found = _matches(plain)
    named = _hours_of(plain, found)
    return not named or (named[0].at == at and _are_one_start(named, plain, found))


def contradicts(text: str, slot: Slot, *, tz: ZoneInfo, reference: date) -> bool:
    """Whether `text` names another day than that of `slot` in the zone `tz`, or another hour."""
    if not agree(slot.day(tz), days(text, reference=reference)):
        return True
    return slot.precision is Precision.MINUTE and not begin(text, slot.starts_at.astimezone(tz).time())


def days(text: str, *, reference: date) -> list[date | None]:
    """The day of every date in `text`, of a period its first and its last; `None` for one that cannot be."""
    plain = normalise(text)
    found = [match for form in _FORMS for match in form.finditer(plain)]
    return [day for match in found for day in _days_of(match, reference)]


def hours(text: str) -> list[time]:
    """The times of day in `text`, such as « 9h », « 09:30 » and « 9 heures 30 », in order."""
    found = (_time(match["hour"], match["minute"]) for match in _HOUR.finditer(normalise(text)))
    return [each for each in found if each]


def agree(day: date, named: Sequence[date | None]) -> bool:
    """Whether `day` is the one that `days` named, or lies within those named; true when it named none."""
    known = [each for each in named if each is not None]
    if not named or len(known) < len(named):
        return not named
    return min(known) <= day <= max(known)


def slot(text: str, *, tz: ZoneInfo, reference: date, place: str | None = None) -> Slot | None:
    """The slot at the date in `text`; `None` if there is no real date, or not just one: see `only`."""
    when = only(text, reference=reference)
    return when.slot(tz, place=place) if when else None


def bookable(slot: Slot, now: datetime, tz: ZoneInfo) -> bool:
    """Whether a page can offer `slot` at the instant `now`.

    Not when its day is past, or its hour for more than `JUST_BEGUN`, nor more than `YEARS_AHEAD` years ahead.
    """
    if slot.precision is Precision.MINUTE and slot.starts_at < now - JUST_BEGUN:
        return False
    day, today = slot.day(tz), now.astimezone(tz).date()
    try:
        last = today.replace(year=today.year + YEARS_AHEAD)
    except ValueError:  # 29 February
        last = today.replace(year=today.year + YEARS_AHEAD, day=28)
    return today <= day <= last


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


@dataclass(frozen=True, slots=True)
class _Hour:
    """A time of day in a text, and where it stands there."""

    at: time
    start: int
    end: int


def _matches(plain: str) -> list[re.Match[str]]:
    """All that looks like a date in a normalised text, in order."""
    return sorted((match for form in _FORMS for match in form.finditer(plain)), key=re.Match.start)


def _beside(match: re.Match[str]) -> tuple[str, str]:
    """What stands right before and after a date."""
    start, end = match.span()
    return match.string[max(0, start - _NEAR) : start], match.string[end : end + _NEAR]


def _is_limited(match: re.Match[str]) -> bool:
    """Whether the words around a date limit it, or make it that of something else, or a mere number."""
    before, after = _beside(match)
    if not match["year"] and not match.groupdict().get("weekday") and _NUMBERED.search(before):
        return True
    return bool(_NO_DAY_OF_A_SLOT.search(before) or _LIMITED_AFTER.match(after))


def _is_contradicted(match: re.Match[str], when: When) -> bool:
    """Whether another month, year or weekday stands right beside a date."""
    before, after = _beside(match)
    year, name = _OTHER_YEAR.match(after), _NAME_BEFORE.search(before)
    if _OTHER_MONTH.match(after) or _MONTH_BEFORE.search(before):
        return True
    if year and int(year["year"]) != when.day.year:
        return True
    return bool(name and name["weekday"] != WEEKDAYS[when.day.weekday()])


def _are_one_day(found: Sequence[re.Match[str]], whens: Sequence[When]) -> bool:
    """Whether these dates are all of one day, or the two ends of a period in their order."""
    if len({when.day for when in whens}) == 1:
        return True
    between = found[0].string[found[0].end() : found[1].start()]
    return len(found) == 2 and bool(_TO.fullmatch(between)) and whens[0].day < whens[1].day


def _hours_of(plain: str, found: Sequence[re.Match[str]]) -> list[_Hour]:
    """The different hours in a normalised text, with its dates `found`, but not lengths of time."""
    rest = _LENGTH.sub(lambda length: " " * len(length[0]), _without(plain, found))
    dated = [(match, match.start("hour"), match.end()) for match in found if match["hour"]]
    loose = [(match, match.start(), match.end()) for match in _ANY_HOUR.finditer(rest)]
    told = sorted((*dated, *loose), key=lambda each: each[1])
    read = ((_time(match["hour"], match["minute"]), start, end) for match, start, end in told)
    hours: dict[time, _Hour] = {}
    for at, start, end in read:
        if at is not None:
            hours.setdefault(at, _Hour(at, start, end))
    return list(hours.values())


def _without(plain: str, found: Sequence[re.Match[str]]) -> str:
    """`plain` with blanks for the dates `found`; what follows stays where it is."""
    for match in found:
        plain = plain[: match.start()] + " " * len(match[0]) + plain[match.end() :]
    return plain


def _are_one_start(hours: Sequence[_Hour], plain: str, found: Sequence[re.Match[str]]) -> bool:
    """Whether there is one hour at most, or two that are a period."""
    if len(hours) < 2:
        return True
    first, last = hours[0], hours[-1]
    between = _without(plain, found)[first.end : last.start]
    return len(hours) == 2 and first.at < last.at and bool(_TO_HOUR.fullmatch(between))


def _when(match: re.Match[str], reference: date) -> When | None:
    parts = match.groupdict()
    at = _time(parts["hour"], parts["minute"]) if parts["hour"] else None
    if (parts["hour"] and at is None) or parts.get("vague") or _VAGUE_OFFSET.match(match[0]):
        return None
    month = _MONTH_NUMBERS.get(parts["month"]) or int(parts["month"])
    year = int(parts["year"]) if parts["year"] else _year_of_the_end(match, month)
    day = _day(year, month, int(parts["day"]), parts.get("weekday"), reference)
    if day and parts.get("from"):
        first = _day(day.year, month, int(parts["from"]), parts["from_weekday"], reference)
        day, at = (first, None) if first and first < day else (None, None)
    return When(day=day, at=at, offset=_offset(parts.get("offset"))) if day else None


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
    size = timedelta(hours=int(text[1:3]), minutes=int(text[3:].removeprefix(":") or 0))
    return -size if text[0] == "-" else size
