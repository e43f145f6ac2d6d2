"""Where a visitor of the simulated préfectures breached politeness or the stop line, by their request log.

A followed redirect is part of the page that redirected; assets are no pages. Days are UTC days.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise

from probes.simulator.request_log import Entry, RequestLog

MAY_BE_SENT = frozenset({"condition", "planning", "nextButton", "selectedMotiveKeyList"})

_OFF_LIMITS = (
    (
        "créneau pris ou identité demandée",
        re.compile(r"(/index\.php)?/booking/create/[^/]+/([5-9]|\d\d+)([/?].*)?"),
    ),
    ("réponse à un CAPTCHA", re.compile(r".*_validerCaptcha.*")),
    ("lien d'un créneau suivi", re.compile(r".*[?&]starts_at=.*")),
    ("espace personnel", re.compile(r"/(users|manager|super_admins)(/.*)?")),
)

# A name that ends like a picture's or a style sheet's is no step of a booking: any page may load it.
_FILE = re.compile(r"\.(?:css|js|png|woff2|mp3|mp4|svg)$")


class BreachKind(StrEnum):
    """The ways to be impolite, or worse."""

    SPACING = "spacing"
    VISITS_AT_ONCE = "visits_at_once"
    PAGES_PER_DAY = "pages_per_day"
    COOKIES_KEPT = "cookies_kept"
    RETRY_AFTER = "retry_after"
    STOP_LINE = "stop_line"


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """One thing that must not have happened, with the instant and the host it happened to."""

    kind: BreachKind
    at: datetime
    host: str
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """The politeness owed to one host. `tolerance` allows for what the network adds or takes off a pause.

    A session not used for `visit_ends_after` belongs to a visit that is over.
    """

    spacing: timedelta = timedelta(seconds=10)
    pages_per_day: int = 600
    visit_ends_after: timedelta = timedelta(minutes=15)
    tolerance: timedelta = timedelta(milliseconds=50)


def breaches(request_log: RequestLog, policy: Policy | None = None) -> list[Breach]:
    """Everything that breaks `policy`, and every crossing of the stop line, in order."""
    policy = policy or Policy()
    found = [*_crossings(request_log.entries)]
    for _host, pages in groupby(sorted(request_log.pages(), key=lambda e: e.host), key=lambda e: e.host):
        asked = list(pages)
        found += (breach for check in _CHECKS for breach in check(asked, policy))
    return sorted(found, key=lambda breach: breach.at)


def _breach(kind: BreachKind, entry: Entry, detail: str) -> Breach:
    return Breach(kind=kind, at=entry.at, host=entry.host, detail=detail)


def _crossings(entries: Iterable[Entry]) -> Iterator[Breach]:
    for entry in entries:
        for what, path in _OFF_LIMITS:
            if path.fullmatch(entry.path) and not _FILE.search(entry.path):
                yield _breach(BreachKind.STOP_LINE, entry, f"{what} : {entry.method} {entry.path}")
        for name, _value in entry.fields:
            if name not in MAY_BE_SENT:
                yield _breach(
                    BreachKind.STOP_LINE, entry, f"champ envoyé : {name}, {entry.method} {entry.path}"
                )


def _without_redirects(pages: Sequence[Entry]) -> Iterator[Entry]:
    """The pages asked for of one's own accord: not those the previous answer of the same visit sent us to."""
    led_to: dict[str, str] = {}
    for entry in pages:
        if led_to.get(entry.visit) != entry.path:
            yield entry
        led_to[entry.visit] = entry.location


def _spacing(pages: Sequence[Entry], policy: Policy) -> Iterator[Breach]:
    for earlier, later in pairwise(_without_redirects(pages)):
        pause = later.at - earlier.at
        if pause < policy.spacing - policy.tolerance:
            yield _breach(BreachKind.SPACING, later, f"{pause.total_seconds():.1f} s après {earlier.path}")


def _visits_at_once(pages: Sequence[Entry], policy: Policy) -> Iterator[Breach]:
    """Requests that overlap, and visits that take turns: a session used again after another began."""
    latest: dict[str, datetime] = {}
    current = ""
    for entry in pages:
        last = latest.get(entry.visit)
        resumed = last and entry.visit != current and entry.at - last <= policy.visit_ends_after
        if resumed or entry.under_way:
            yield _breach(BreachKind.VISITS_AT_ONCE, entry, f"{entry.method} {entry.path}")
        latest[entry.visit] = entry.at
        current = entry.visit


def _pages_per_day(pages: Sequence[Entry], policy: Policy) -> Iterator[Breach]:
    counts: Counter[str] = Counter()
    for entry in _without_redirects(pages):
        day = f"{entry.at:%Y-%m-%d}"
        counts[day] += 1
        if counts[day] == policy.pages_per_day + 1:
            yield _breach(BreachKind.PAGES_PER_DAY, entry, f"plus de {policy.pages_per_day} pages le {day}")


def _cookies_kept(pages: Sequence[Entry], policy: Policy) -> Iterator[Breach]:
    """Cookies presented by the first request of a visit: each visit starts with an empty jar."""
    latest: dict[str, datetime] = {}
    for entry in pages:
        last = latest.get(entry.visit)
        if entry.cookies and (last is None or entry.at - last > policy.visit_ends_after):
            yield _breach(BreachKind.COOKIES_KEPT, entry, ", ".join(sorted(entry.cookies)))
        latest[entry.visit] = entry.at


def _retry_after(pages: Sequence[Entry], _policy: Policy) -> Iterator[Breach]:
    for earlier, later in pairwise(pages):
        if later.at < earlier.at + timedelta(seconds=earlier.retry_after):
            yield _breach(BreachKind.RETRY_AFTER, later, f"{earlier.retry_after:.0f} s étaient demandées")


_CHECKS: tuple[Callable[[Sequence[Entry], Policy], Iterator[Breach]], ...] = (
    _spacing,
    _visits_at_once,
    _pages_per_day,
    _cookies_kept,
    _retry_after,
)
