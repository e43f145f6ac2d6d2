"""Observation and Gap: what became of one scheduled instant. Frozen, keyword-only, UTC; no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from probes.model import Capture, Reading, Transport, utc


class Language(StrEnum):
    """The languages people are written to in."""

    FRENCH = "fr"
    ENGLISH = "en"


class GapReason(StrEnum):
    """Why nobody looked at a scheduled instant. Closed: the same names in tables, metrics and reports."""

    DOWNTIME = "downtime"
    SHUTDOWN = "shutdown"
    MISFIRE = "misfire"
    OVERLAP = "overlap"
    HOST_BUSY = "host_busy"
    BREAKER_OPEN = "breaker_open"
    BUDGET_SPENT = "budget_spent"
    SWITCHED_OFF = "switched_off"
    WITHDRAWN = "withdrawn"
    COULD_NOT_TRY = "could_not_try"


class Origin(StrEnum):
    """Who made the visit; only `scheduled` rows may enter a time share."""

    SCHEDULED = "scheduled"
    MANUAL = "manual"
    ATTENDED = "attended"
    CONTROL = "control"


class Corroboration(StrEnum):
    """What the control adds to a visit: another démarche of the same préfecture, seen within ten minutes."""

    CORROBORATED = "corroborated"
    NOT_CORROBORATED = "not_corroborated"
    PAGE_ALONE = "page_alone"
    WHOLE_SITE = "whole_site"
    NO_CONTROL = "no_control"


class Suspicion(StrEnum):
    """Why zeros may be a site's answer to our robot alone. A flag beside the outcome, never one."""

    ALL_AT_ONCE = "all_at_once"
    CONTRADICTS_CONTROL = "contradicts_control"
    CONTRADICTS_PERSON = "contradicts_person"


class Verdict(StrEnum):
    """What a person made of a visit's pictures, without knowing its reading."""

    SLOTS = "slots"
    NONE = "none"
    NEITHER = "neither"
    UNDECIDED = "undecided"


@dataclass(frozen=True, kw_only=True, slots=True)
class Draw:
    """One target's instants of one UTC day, committed before they come. `seed_sha256` commits to the seed."""

    target: str
    day: date
    interval: timedelta
    instants: tuple[datetime, ...]
    seed_sha256: str
    drawn_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "instants", tuple(utc(i, "instants") for i in self.instants))
        object.__setattr__(self, "drawn_at", utc(self.drawn_at, "drawn_at"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Vantage:
    """From where and with what a visit was made. No cookie, proxy or disguise exists to be recorded.

    `clock_offset`: how far our clock was ahead, as the machine's time service measured it; `None` unmeasured.
    """

    name: str
    software: str
    browser: str | None = None
    user_agent: str = ""
    clock_offset: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """One attempt on one target: the capture, its reading, and when, from where and with which versions.

    `scheduled_at` is the drawn instant, `None` for a manual or attended visit. `simulated` rows come from our
    own préfectures and never mix with real ones. `structure` is the fingerprint of a page that was not
    recognised, and of no other: the store refuses the one without it. `recorded_at` is set by the store.
    """

    target: str
    platform: str
    reader_version: str
    transport: Transport
    origin: Origin
    scheduled_at: datetime | None
    started_at: datetime
    finished_at: datetime
    reading: Reading
    capture: Capture
    vantage: Vantage
    simulated: bool = False
    structure: str | None = None

    def __post_init__(self) -> None:
        for name in ("scheduled_at", "started_at", "finished_at"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, utc(value, name))
        if (self.origin is Origin.SCHEDULED) != (self.scheduled_at is not None):
            raise ValueError("scheduled observations, and only those, have a scheduled_at")


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A scheduled instant at which we did not look, and why. `detail` is one sentence for people."""

    target: str
    scheduled_at: datetime
    reason: GapReason
    detail: str = ""
    simulated: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "scheduled_at", utc(self.scheduled_at, "scheduled_at"))


class Phase(StrEnum):
    """Where the supply of one target stands, as far as it was confirmed."""

    UNKNOWN = "unknown"
    ZERO = "zero"
    OFFERED = "offered"
    UNSTABLE = "unstable"


class Trouble(StrEnum):
    """Why one target gives no answer. For the operator's eyes: none of these says anything about slots."""

    DOWN = "down"
    BLOCKED = "blocked"
    CAPTCHA = "captcha"
    REDESIGNED = "redesigned"
    MOVED = "moved"
    OURS = "ours"


class IncidentKind(StrEnum):
    """What an operator is told of."""

    BLIND = "blind"
    DOWN = "down"
    BLOCKED = "blocked"
    CAPTCHA = "captcha"
    REDESIGNED = "redesigned"
    MOVED = "moved"
    OURS = "ours"
    DISK = "disk"
    AUTHORITY = "authority"
    MAIL = "mail"
    HELD = "held"
    SUSPECTED = "suspected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """Something the operator must look at. `key` tells it from its kind: a host, a platform, a path.

    `since` and `until` are UTC; `until` is `None` while it lasts.
    """

    kind: IncidentKind
    key: str
    since: datetime
    until: datetime | None = None
    detail: str = ""
    targets: tuple[str, ...] = ()


class Change(StrEnum):
    """What a transition is about."""

    ZERO = "zero"
    SLOTS = "slots"
    UNSTABLE = "unstable"
    MILESTONE = "milestone"
    TROUBLE = "trouble"
    RECOVERED = "recovered"

    @property
    def public(self) -> bool:
        """Whether it speaks of slots; the others concern the operator alone."""
        return self not in (Change.TROUBLE, Change.RECOVERED)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningDrought:
    """A run of consecutive conclusive `no_slots`, and all that was tried between its first and its last.

    `days` and `weeks` are distinct local days and ISO weeks with a zero; `others` were inconclusive, `gaps`
    were not tried.
    """

    since: datetime
    last: datetime
    last_day: date
    zeros: int = 1
    days: int = 1
    weeks: int = 1
    others: int = 0
    gaps: int = 0

    @property
    def lasted(self) -> timedelta:
        """From the first zero to the last one."""
        return self.last - self.since

    @property
    def coverage(self) -> float:
        """Visits made over visits scheduled."""
        made = self.zeros + self.others
        return made / (made + self.gaps)

    @property
    def watched(self) -> float:
        """Local days with a zero over the days it has lasted; 1 at most.

        Gaps may be recorded after the visit that follows them, or never: the days tell in time.
        """
        return min(1.0, self.days / (self.lasted.days + 1))

    @property
    def exploitable(self) -> float:
        """Visits with an answer over visits made."""
        return self.zeros / (self.zeros + self.others)


@dataclass(frozen=True, kw_only=True, slots=True)
class Transition:
    """One change of one target: confirmed by the fact of `at` (its `row`), begun at `since`; both in UTC.

    `milestone` is in days; `drought` is the one it speaks of: going on, or just ended.
    """

    target: str
    change: Change
    at: datetime
    since: datetime
    before: Phase
    after: Phase
    trouble: Trouble | None = None
    milestone: int | None = None
    drought: RunningDrought | None = None
    row: int | None = None

    @property
    def news(self) -> bool:
        """Whether subscribers hear of it: a zero, its milestones, its end. What was not told does not end."""
        ended = self.before is Phase.ZERO and self.change in (Change.SLOTS, Change.UNSTABLE)
        return ended or self.change in (Change.ZERO, Change.MILESTONE)
