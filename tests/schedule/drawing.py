"""The next drawn instant, for tests of the draws and of what waits for them."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.rules.schedule import instant, interval_number


def next_instant(seed: bytes, target: str, interval: timedelta, after: datetime) -> datetime:
    """The first instant later than `after`: in the interval of `after`, or else in the next one."""
    number = interval_number(after, interval)
    drawn = instant(seed, target, interval, number)
    return drawn if drawn > after else instant(seed, target, interval, number + 1)
