"""Judges whether a text names the start of one slot, and which slots a page can offer. No I/O, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from probes.model import Precision, Slot
from probes.pages.dates import MONTH_NAME, WEEKDAYS, When, days, matches, read, time_of_day
from probes.pages.page import normalise

# A page that was loaded a moment ago may still show the slot that begins now.
JUST_BEGUN = timedelta(minutes=15)
YEARS_AHEAD = 3

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
_OTHER_MONTH = re.compile(rf"\s*(?:ou|et|,|/|[-–(])\s*(?:en\s+)?{MONTH_NAME}")
_MONTH_BEFORE = re.compile(rf"\b{MONTH_NAME}\s*(?:ou|et|,|/|[-–])\s*(?:le\s+)?$")
_OTHER_YEAR = re.compile(r"\s*(?:ou|et|,|/|[-–(])\s*(?:en\s+)?(?P<year>20\d{2})\b(?![-/]\d)")
_NAME_BEFORE = re.compile(rf"\b(?P<weekday>{'|'.join(WEEKDAYS)})\b\s*[^\w\s.]\s*(?:le\s+)?$")
_TO = re.compile(r"\s*(?:[-–—→/]|(?:jusqu')?au|et|ou)\s*(?:le\s*)?")
_TO_HOUR = re.compile(r"\s*(?:[-–—→/]|(?:jusqu')?(?:à|au?)|et)\s*(?:le\s+)?(?:à\s*)?")
_ANY_HOUR = re.compile(r"(?<![\w:])(?P<hour>\d{1,2}) ?(?:heures?\b|h(?![a-z])|:) ?(?P<minute>\d{2})?(?!\d)")
_LENGTH = re.compile(
    r"\b(?:durée|dure|pendant)\W{0,3}(?:est\s+)?(?:d'|de\s+)?(?:environ\s+|une?\s+)?"
    r"\d{1,2} ?(?:heures?\b|h) ?(?:\d{2}\b)?"
)


def only(text: str, *, reference: date) -> When | None:
    """The date in `text` if it can be that of one slot, as written there; `reference` as for `find`.

    `None` for more than one day, several hours, or a day that a word limits, moves or gives to something
    else. Of a period or list (« du 3 au 7 mars ») the first day counts, of a period the first hour.
    """
    plain = normalise(text)
    found = matches(plain)
    whens = [read(match, reference) for match in found]
    known = [when for when in whens if when]
    if not known or len(known) < len(whens) or not _are_one_day(found, known) or _MOVED.search(plain):
        return None
    if any(map(_is_limited, found)) or any(map(_is_contradicted, found, known)):
        return None
    return known[0] if _are_one_start(_hours_of(plain, found), plain, found) else None


def begin(text: str, at: time) -> bool:
    """Whether the hours that `text` names are `at`, or a period that begins then; true if it names none."""
    plain = normalise(text)
    found = matches(plain)
    named = _hours_of(plain, found)
    return not named or (named[0].at == at and _are_one_start(named, plain, found))


def contradicts(text: str, slot: Slot, *, tz: ZoneInfo, reference: date) -> bool:
    """Whether `text` names another day than that of `slot` in the zone `tz`, or another hour."""
    if not agree(slot.day(tz), days(text, reference=reference)):
        return True
    return slot.precision is Precision.MINUTE and not begin(text, slot.starts_at.astimezone(tz).time())


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
    read = ((time_of_day(match["hour"], match["minute"]), start, end) for match, start, end in told)
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
