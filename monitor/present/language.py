"""Numbers, shares, lengths and dates as people read them, in French and in English. Pure.

Numbers are rounded in the direction in which the printed statement stays true. Instants are shown in the
zone that is given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.model import Language

FIXED = "\N{NO-BREAK SPACE}"
DAYS = {
    Language.FRENCH: ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    Language.ENGLISH: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
FRENCH_DAYS = DAYS[Language.FRENCH]
MONTHS = {
    Language.FRENCH: (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    Language.ENGLISH: (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


def number(value: float, digits: int = 0, language: Language = Language.FRENCH) -> str:
    """`1 398` or `12,5` in French, with a narrow no-break space; `1,398` or `12.5` in English."""
    written = f"{value:,.{digits}f}"
    if language is Language.ENGLISH:
        return written
    return written.replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",")


def counted(value: int, one: str, many: str, language: Language) -> str:
    """`1 jour`, `2 jours`, `0 jour` in French; `0 days` in English."""
    singular = value < 2 if language is Language.FRENCH else value == 1
    return f"{number(value, language=language)}{FIXED}{one if singular else many}"


def percent(value: float, digits: int = 1) -> str:
    """`value` (0 to 1) in French: `98,5 %`, rounded to the nearest. Only exact 0 and 1 give 0 % and 100 %."""
    least = 10.0**-digits
    shown = round(100 * value, digits)
    if value > 0:
        shown = max(shown, least)
    if value < 1:
        shown = min(shown, 100 - least)
    return f"{number(shown, 0 if value in (0, 1) else digits)}{FIXED}%"


def percents(parts: Sequence[int], digits: int = 1) -> list[str]:
    """Each part as a percentage of the sum. The printed numbers add up to 100; no part above 0 is 0 %."""
    if not any(parts):
        return [percent(0, digits) for _ in parts]
    total, whole = sum(parts), 100 * 10**digits
    shown = [max(n * whole // total, n > 0) for n in parts]
    left = [n * whole % total for n in parts]
    for _ in range(whole - sum(shown)):
        most = left.index(max(left))
        shown[most], left[most] = shown[most] + 1, -1
    shown[shown.index(max(shown))] += whole - sum(shown)
    return [percent(n / whole, digits) for n in shown]


def ceiling(value: float, digits: int = 2) -> str:
    """An upper bound (0 to 1) as a percentage, rounded up so that the printed bound is still true."""
    return f"{number(math.ceil(value * 10 ** (digits + 2) - 1e-9) / 10**digits, digits)}{FIXED}%"


def share(value: float, language: Language) -> str:
    """`value` (0 to 1) as `98,5 %` or `98.5%`, rounded down to a tenth, so that 100 is never too much."""
    tenths = int(value * 1000 + 1e-9)
    digits = number(tenths / 10, 0 if tenths % 10 == 0 else 1, language)
    return f"{digits}{FIXED}%" if language is Language.FRENCH else f"{digits}%"


def day(value: date) -> str:
    """Such as `03/03/2026`."""
    return f"{value:%d/%m/%Y}"


def long_day(at: datetime, tz: ZoneInfo, language: Language) -> str:
    """`lundi 1er janvier 2026` or `Monday 1 January 2026`."""
    local = at.astimezone(tz)
    in_month = "1er" if language is Language.FRENCH and local.day == 1 else str(local.day)
    return f"{DAYS[language][local.weekday()]} {in_month} {MONTHS[language][local.month - 1]} {local.year}"


def moment(at: datetime, tz: ZoneInfo, language: Language) -> str:
    """`lundi 5 janvier 2026 à 8 h 05 (Europe/Paris, UTC+1)`.

    The offset tells apart the two equal hours of the night when summer time ends.
    """
    local = at.astimezone(tz)
    zone = f"({tz.key}, UTC{_offset(local)})"
    if language is Language.FRENCH:
        return f"{long_day(at, tz, language)} à {local.hour}{FIXED}h{FIXED}{local.minute:02} {zone}"
    return f"{long_day(at, tz, language)} at {local.hour:02}:{local.minute:02} {zone}"


def local_time(local: datetime) -> str:
    """Such as `02/03/2026 10:00:00 (UTC+1)`. `local` must already be in the zone to show."""
    hours = (local.utcoffset() or timedelta()) / timedelta(hours=1)
    return f"{local:%d/%m/%Y %H:%M:%S} (UTC{hours:+g})"


def length(value: timedelta, *, up: bool = False) -> str:
    """`83 jours`, `5 h`, `12 min`: rounded down to the unit shown; `up`: rounded up, for an « au plus »."""
    minutes = value / timedelta(minutes=1)
    unit, name = next((u, n) for u, n in _UNITS if minutes >= 2 * u or u == 1)
    count = math.ceil(minutes / unit) if up else math.floor(minutes / unit)
    return f"{number(count)}{FIXED}{name}"


def lasting(value: timedelta, language: Language) -> str:
    """Whole days from two days on, whole hours from one hour on, minutes below; rounded down."""
    minute, hour, whole = _LENGTHS[language]
    hours = int(value / timedelta(hours=1))
    if value.days >= 2:
        return counted(value.days, whole, f"{whole}s", language)
    if hours >= 1:
        return counted(hours, hour, f"{hour}s", language)
    return counted(int(value / timedelta(minutes=1)), minute, f"{minute}s", language)


def _offset(local: datetime) -> str:
    minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    sign, minutes = ("−" if minutes < 0 else "+"), abs(minutes)
    return f"{sign}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")


_UNITS = ((1440, "jours"), (60, "h"), (1, "min"))
_LENGTHS = {Language.FRENCH: ("minute", "heure", "jour"), Language.ENGLISH: ("minute", "hour", "day")}
