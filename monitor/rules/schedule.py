"""The drawn instants: one in each interval, from a secret seed. Pure; all times are UTC.

Interval number n of a target is [n, n+1) times the interval since 1970-01-01T00:00:00Z. Its instant is the
start of the interval plus a whole number of seconds, uniform over the interval: the first 16 bytes of
HMAC-SHA256(seed, message), scaled. The message is the target, the interval in seconds and n, on three lines.
Seconds are whole so that an instant is written the same in every table, mail and exhibit. Anyone who is given
the seed can recompute every draw. `seed_sha256`, published beforehand, proves that the seed was not changed.

Of each `DOUBLED` intervals in a row, one is drawn for a double reading, in the same way: the first 16 bytes
of HMAC-SHA256(seed, message), scaled to `DOUBLED`, give its place in the run. The message is the target, the
interval in seconds, n // `DOUBLED` and the word `browser`, on four lines.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from monitor.model import Draw
from probes.model import utc

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
DOUBLED = 24
"""Of so many instants of a target read over plain HTTP, one is visited with Chromium and read twice."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def interval_number(moment: datetime, interval: timedelta) -> int:
    """The number of the interval in which `moment` lies."""
    return (utc(moment) - EPOCH) // interval


def instant(seed: bytes, target: str, interval: timedelta, number: int) -> datetime:
    """The drawn instant (UTC) of interval `number`. Raises `ValueError` for parts of a second."""
    seconds = interval // SECOND
    if seconds < 1 or interval % SECOND:
        raise ValueError(f"an interval is a whole number of seconds, not {interval}")
    return EPOCH + number * interval + _drawn(seed, f"{target}\n{seconds}\n{number}", seconds) * SECOND


def is_doubled(seed: bytes, target: str, interval: timedelta, moment: datetime) -> bool:
    """Whether the instant `moment` is the one of its run of `DOUBLED` that is drawn for a double reading."""
    number = interval_number(moment, interval)
    message = f"{target}\n{interval // SECOND}\n{number // DOUBLED}\nbrowser"
    return number % DOUBLED == _drawn(seed, message, DOUBLED)


def _drawn(seed: bytes, message: str, among: int) -> int:
    """A number from 0 to `among` - 1, drawn from the seed for `message`."""
    digest = hmac.digest(seed, message.encode(), hashlib.sha256)
    return int.from_bytes(digest[:16], "big") * among >> 128


def instants(
    seed: bytes, target: str, interval: timedelta, since: datetime, until: datetime
) -> Iterator[datetime]:
    """The drawn instants (UTC) from `since` up to but without `until`, in order of time."""
    for number in range(interval_number(since, interval), interval_number(until, interval) + 1):
        drawn = instant(seed, target, interval, number)
        if since <= drawn < until:
            yield drawn


def draw(
    seed: bytes,
    target: str,
    *,
    day: date,
    interval: timedelta,
    drawn_at: datetime,
    since: datetime | None = None,
) -> Draw:
    """The instants of the UTC `day`, without those before `since`.

    Raises `ValueError` unless `interval` divides a day: no interval may reach into another day.
    """
    if DAY % interval:
        raise ValueError(f"the interval {interval} does not divide a day")
    midnight = datetime.combine(day, time.min, tzinfo=UTC)
    start = midnight if since is None else max(midnight, utc(since, "since"))
    return Draw(
        target=target,
        day=day,
        interval=interval,
        instants=tuple(instants(seed, target, interval, start, midnight + DAY)),
        seed_sha256=seed_sha256(seed),
        drawn_at=drawn_at,
    )


def seed_sha256(seed: bytes) -> str:
    """The SHA-256 of the seed in hexadecimal, which is published with each draw; the seed stays secret."""
    return hashlib.sha256(seed).hexdigest()
