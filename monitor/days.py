"""Days and instants as people write them: `2026-03-01`, `2026-03-01T09:00+01:00`. Pure.

Nothing else is a day: `20261102`, `2026-W45` and the number 0 are to most people none, or another one.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BeforeValidator

YEARS = range(2000, 2101)
"""Those of every day and instant of ours. Near the years 1 and 9999, midnight fails in some zones."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)


def parse_day(value: object) -> date:
    """`"2026-03-01"` as a date; a date is returned as it is. Raises `ValueError`, a sentence to print."""
    day = value if isinstance(value, date) and not isinstance(value, datetime) else _read(value)
    if day is None:
        raise ValueError(f"{_shown(value)} is not a day; write it like 2026-03-01")
    return _of_our_years(day)


def _read(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else None
    except ValueError:  # as of "2026-02-30"
        return None


def parse_moment(text: str) -> date | datetime:
    """A day, or an instant, which is returned in UTC. Raises `ValueError`, a sentence to print."""
    if _DAY.fullmatch(text):
        return parse_day(text)
    try:
        parsed = datetime.fromisoformat(text) if _INSTANT.fullmatch(text) else None
    except ValueError:
        parsed = None
    if parsed is None:
        raise ValueError(f"{_shown(text)} is not a date; write 2026-03-01 or 2026-03-01T09:00Z")
    if parsed.tzinfo is None:
        raise ValueError(f"{_shown(text)} has no time zone; end it with Z, or with an offset like +01:00")
    _of_our_years(parsed.date())
    return parsed.astimezone(UTC)


def _of_our_years(day: date) -> date:
    if day.year not in YEARS:
        raise ValueError(f"{day} lies outside the years {YEARS[0]} to {YEARS[-1]}; write the year in full")
    return day


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


Day = Annotated[date, BeforeValidator(parse_day)]
