"""Numbers, days and lengths as French writes them, rounded so that what is printed still holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

from monitor.present.words import number

FIXED = "\N{NO-BREAK SPACE}"


def percent(value: float, digits: int = 1) -> str:
    """`98,5 %`. Only an exact 0 or 1 is written 0 % or 100 %."""
    least = 10.0**-digits
    shown = round(100 * value, digits)
    if value > 0:
        shown = max(shown, least)
    if value < 1:
        shown = min(shown, 100 - least)
    return f"{number(shown, 0 if value in (0, 1) else digits)}{FIXED}%"


def percents(parts: Sequence[int], digits: int = 1) -> list[str]:
    """Each part of their sum as a percentage: as printed they add up to 100, and none that is there is 0."""
    total, whole = sum(parts), 100 * 10**digits
    shown = [max(n * whole // total, n > 0) for n in parts]
    left = [n * whole % total for n in parts]
    for _ in range(whole - sum(shown)):
        most = left.index(max(left))
        shown[most], left[most] = shown[most] + 1, -1
    shown[shown.index(max(shown))] += whole - sum(shown)
    return [percent(n / whole, digits) for n in shown]


def ceiling(value: float, digits: int = 2) -> str:
    """A bound as a percentage: rounded up, so that what is printed still holds."""
    return f"{number(math.ceil(value * 10 ** (digits + 2) - 1e-9) / 10**digits, digits)}{FIXED}%"


def day(value: date) -> str:
    """`03/03/2026`."""
    return f"{value:%d/%m/%Y}"


def length(value: timedelta, *, up: bool = False) -> str:
    """`83 jours`, `5 h`, `12 min`: rounded down to the unit it is told in, or up for an « au plus »."""
    minutes = value / timedelta(minutes=1)
    unit, name = next((u, n) for u, n in _UNITS if minutes >= 2 * u or u == 1)
    count = math.ceil(minutes / unit) if up else math.floor(minutes / unit)
    return f"{number(count)}{FIXED}{name if count > 1 or name != 'jours' else 'jour'}"


_UNITS = ((1440, "jours"), (60, "h"), (1, "min"))
