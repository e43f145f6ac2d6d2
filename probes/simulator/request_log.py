"""Remembers what the simulated préfectures are asked: their throttling counts it, and tests judge it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One request as received, and the status it got.

    `path` has its query; `fields` are the form fields sent; `cookies` the names of those presented; `visit`
    is the session it belongs to; `under_way` counts the host's other pages not yet answered on arrival.
    """

    at: datetime
    host: str
    method: str
    path: str
    status: int
    visit: str
    fields: tuple[tuple[str, str], ...] = ()
    cookies: frozenset[str] = frozenset()
    user_agent: str = ""
    asset: bool = False
    under_way: int = 0
    location: str = ""
    retry_after: float = 0.0


class RequestLog:
    """The requests received, oldest first; only the last `keep` of them, so that a long soak stays flat."""

    def __init__(self, keep: int = 200_000) -> None:
        self.entries: deque[Entry] = deque(maxlen=keep)

    def record(self, entry: Entry) -> None:
        """Add what was just answered."""
        self.entries.append(entry)

    def pages(self, host: str | None = None) -> list[Entry]:
        """Page requests in order of arrival, redirects followed included; of one host, or of all."""
        pages = (entry for entry in self.entries if not entry.asset and host in (None, entry.host))
        return sorted(pages, key=lambda entry: entry.at)

    def pages_since(self, host: str, since: datetime) -> int:
        """How many pages `host` was asked for after `since`."""
        recent = 0
        for entry in reversed(self.entries):
            if entry.at <= since:
                break
            recent += entry.host == host and not entry.asset
        return recent
