"""How a simulated préfecture fails, and when: drawn from a seed, or set by a test.

The answers under each fault are in `fault_pages`, or in the product's own pages if the fault only changes
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo


class Fault(StrEnum):
    """What can be wrong with a host. For a TLS failure, see `listener.serve` instead."""

    BAD_GATEWAY = "bad_gateway"
    FORBIDDEN = "forbidden"
    TOO_MANY_REQUESTS = "too_many_requests"
    OVERLOADED = "overloaded"
    MAINTENANCE = "maintenance"
    CAPTCHA = "captcha"
    LOGIN = "login"
    REDESIGN = "redesign"
    REDIRECT_LOOP = "redirect_loop"
    PRIVATE_REDIRECT = "private_redirect"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    HANG = "hang"
    RENUMBERED = "renumbered"
    PHONE = "phone"
    SESSION_EXPIRED = "session_expired"
    CLOSED = "closed"
    HOSTILE = "hostile"


@dataclass(frozen=True, kw_only=True, slots=True)
class Troubles:
    """Faults that come now and then: once, for 45 to 240 minutes, on that share of local days."""

    faults: tuple[Fault, ...]
    share_of_days: float = 0.4

    def at(self, at: datetime, *, seed: str, zone: ZoneInfo) -> Fault | None:
        """The fault at an instant. The same arguments give the same fault, in a made history and live."""
        local = at.astimezone(zone)
        drawn = _trouble_of_day(self, f"{seed}|{local.date()}")
        minute = local.hour * 60 + local.minute
        return drawn[0] if drawn and drawn[1] <= minute < drawn[2] else None


@lru_cache(maxsize=4096)
def _trouble_of_day(troubles: Troubles, seed: str) -> tuple[Fault, int, int] | None:
    random = Random(seed)
    if random.random() >= troubles.share_of_days:
        return None
    start = random.randrange(6 * 60, 20 * 60)
    return random.choice(troubles.faults), start, start + random.randrange(45, 240)


class Faults:
    """Faults that tests set on running hosts, by host name. They count before those drawn from a seed."""

    def __init__(self) -> None:
        self._set: dict[str, tuple[Fault, datetime | None]] = {}

    def set(self, host: str, fault: Fault, *, until: datetime | None = None) -> None:
        """Give `host` this fault from now on; with `until`, only before that instant."""
        self._set[host] = (fault, until)

    def clear(self, host: str) -> None:
        """Remove the fault that was set on `host`, if any."""
        self._set.pop(host, None)

    def at(self, host: str, at: datetime) -> Fault | None:
        """The fault that was set on `host` and still holds at `at`; else `None`."""
        fault, until = self._set.get(host, (None, None))
        return fault if until is None or at < until else None
