"""The log of requests to the simulated préfectures. Throttling counts its entries; tests check them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One request as received, and the status it got.

    `path` includes the query. `fields` are the form fields sent, `cookies` the names of the cookies sent.
    `visit` is the session's id, empty for an asset. `under_way` is the number of other pages of the host that
    were not answered yet when the request came. `location` is empty unless the answer redirects within the
    site. `retry_after` is in seconds.
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
    """The last `keep` requests, oldest first. Bounded, so that memory stays flat in a long soak."""

    def __init__(self, keep: int = 200_000) -> None:
        self.entries: deque[Entry] = deque(maxlen=keep)

    def record(self, entry: Entry) -> None:
        """Add an entry; the oldest one is deleted when there are more than `keep`."""
        self.entries.append(entry)

    def pages(self, host: str | None = None) -> list[Entry]:
        """The requests for pages, not assets, by time; of one host or all. Followed redirects count too."""
        pages = (entry for entry in self.entries if not entry.asset and host in (None, entry.host))
        return sorted(pages, key=lambda entry: entry.at)

    def pages_since(self, host: str, since: datetime) -> int:
        """The number of pages requested from `host` after `since`."""
        recent = 0
        for entry in reversed(self.entries):
            if entry.at <= since:
                break
            recent += entry.host == host and not entry.asset
        return recent
