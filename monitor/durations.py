"""Durations as people write them in settings and catalogues: `10s`, `30m`, `24h`, `7d`. Pure."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST = timedelta(days=3660)


def parse_duration(value: object) -> timedelta:
    """`"30m"` as a timedelta; a timedelta is returned as it is. Raises `ValueError`, a sentence to print."""
    if isinstance(value, timedelta):
        return value
    written = re.fullmatch(r"([0-9]{1,6})([smhd])", value) if isinstance(value, str) else None
    if written is None:
        shown = json.dumps(value, ensure_ascii=False, default=str)
        raise ValueError(f'{shown} is not a duration; write it like "10s", "30m" or "24h"')
    found = timedelta(seconds=int(written[1]) * UNITS[written[2]])
    if found > LONGEST:
        raise ValueError(f'"{value}" is longer than ten years; write a shorter one')
    return found


def format_duration(value: timedelta) -> str:
    """In the largest unit up to hours that divides it: `24h`, not `1440m`. Parts of a second are dropped."""
    seconds = int(value.total_seconds())
    for unit in ("h", "m"):
        if seconds and seconds % UNITS[unit] == 0:
            return f"{seconds // UNITS[unit]}{unit}"
    return f"{seconds}s"


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
