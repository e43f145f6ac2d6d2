"""The monitor's own words: observation, gap, draw, drought, transition, incident. Times are UTC; no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from probes.model import Capture, Reading, Transport, utc


class Language(StrEnum):
    """The languages of mails and pages."""

    FRENCH = "fr"
    ENGLISH = "en"


class GapReason(StrEnum):
    """Why a scheduled instant was not visited. A closed list: the same in tables, metrics and reports."""

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
    """Why a visit was made. Only `scheduled` visits enter a share of time: only they are drawn at random."""

    SCHEDULED = "scheduled"
    MANUAL = "manual"
    ATTENDED = "attended"
    CONTROL = "control"


class Corroboration(StrEnum):
    """What a visit to the control, within ten minutes, says about a target's visit."""

    CORROBORATED = "corroborated"
    NOT_CORROBORATED = "not_corroborated"
    PAGE_ALONE = "page_alone"
    WHOLE_SITE = "whole_site"
    NO_CONTROL = "no_control"


class Suspicion(StrEnum):
    """Why zeros may be for our robot only (a soft block). A flag beside the outcome, never an outcome."""

    ALL_AT_ONCE = "all_at_once"
    CONTRADICTS_CONTROL = "contradicts_control"
    CONTRADICTS_PERSON = "contradicts_person"


class Agreement(StrEnum):
    """What the two readings of one visit say of each other: of what Chromium showed, and over plain HTTP."""

    ALIKE = "read_alike"
    OTHERWISE = "read_otherwise"
    NOT_COMPARABLE = "not_comparable"


class Verdict(StrEnum):
    """What a person sees on a visit's pictures, asked without being told its reading."""

    SLOTS = "slots"
    NONE = "none"
    NEITHER = "neither"
    UNDECIDED = "undecided"


@dataclass(frozen=True, kw_only=True, slots=True)
class Draw:
    """One target's drawn instants (UTC) of one UTC day, written to the record before they come.

    `seed_sha256` is the SHA-256 of the secret seed, in hexadecimal: the seed cannot be changed afterwards.
    """

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
    """From where and with what software a visit was made. We use no proxy, kept cookie or disguise.

    `clock_offset`: how far our clock was ahead, as the machine's time service measured it (negative: behind);
    `None` when it was not measured.
    """

    name: str
    software: str
    browser: str | None = None
    user_agent: str = ""
    clock_offset: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """One attempt on one target: the capture, its reading, and when, from where and with which versions.

    `scheduled_at` is the drawn instant, `None` for a visit of any other origin than `scheduled`. `simulated`
    rows come from our own simulated préfectures and are never mixed with real ones. `structure` is the
    fingerprint of a page whose reading `keeps_structure`, `None` for all others; the store refuses such an
    observation without it. `over_http` is the second reading of a double reading: of the same documents, as
    plain HTTP would have received them. Raises `ValueError` for a time without zone, or a wrong
    `scheduled_at`.
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
    over_http: Reading | None = None

    def __post_init__(self) -> None:
        for name in ("scheduled_at", "started_at", "finished_at"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, utc(value, name))
        if (self.origin is Origin.SCHEDULED) != (self.scheduled_at is not None):
            raise ValueError("scheduled observations, and only those, have a scheduled_at")


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A scheduled instant (UTC) at which no visit was made, and why. `detail` is one sentence for people."""

    target: str
    scheduled_at: datetime
    reason: GapReason
    detail: str = ""
    simulated: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "scheduled_at", utc(self.scheduled_at, "scheduled_at"))


class Phase(StrEnum):
    """The confirmed state of one target: does it offer slots?"""

    UNKNOWN = "unknown"
    ZERO = "zero"
    OFFERED = "offered"
    UNSTABLE = "unstable"


class Trouble(StrEnum):
    """Why one target gives no answer. Told to operators only, because it says nothing about slots."""

    DOWN = "down"
    BLOCKED = "blocked"
    CAPTCHA = "captcha"
    REDESIGNED = "redesigned"
    MOVED = "moved"
    OURS = "ours"


class IncidentKind(StrEnum):
    """What kind of fault an operator is told of."""

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
    DISAGREEMENT = "disagreement"


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """Something the operator must look at. `key` is what has the fault: a host, a platform, a path.

    `since` and `until` are UTC; `until` is `None` while it lasts. `targets` are the ids of those concerned.
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
        """Whether it is about slots; troubles and recoveries are for operators only."""
        return self not in (Change.TROUBLE, Change.RECOVERED)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningDrought:
    """A run of zeros: no conclusive visit in it saw a slot. `since` and `last`: first and last zero (UTC).

    `days` and `weeks` count the distinct local days and ISO weeks with a zero, `others` the inconclusive
    visits and `gaps` the instants without a visit since the first zero.
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
        """Visits made over visits made and gaps; 0 to 1."""
        made = self.zeros + self.others
        return made / (made + self.gaps)

    @property
    def watched(self) -> float:
        """Local days with a zero over the days it has lasted; 1 at most.

        Needed beside `coverage`: a gap may be recorded after the visit that follows it, or never. The days
        show in time that instants are missing.
        """
        return min(1.0, self.days / (self.lasted.days + 1))

    @property
    def exploitable(self) -> float:
        """Visits with an answer (the zeros) over visits made; 0 to 1."""
        return self.zeros / (self.zeros + self.others)


@dataclass(frozen=True, kw_only=True, slots=True)
class Transition:
    """One change of one target: begun at `since`, confirmed at `at` by the visit of row `row`; both in UTC.

    `milestone` is in days. `drought` is the one that goes on or has just ended, `None` without one.
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
        """Whether subscribers are told: of a zero, its milestones, and its end.

        Slots that follow no confirmed zero are no news: subscribers were not told of a zero before.
        """
        ended = self.before is Phase.ZERO and self.change in (Change.SLOTS, Change.UNSTABLE)
        return ended or self.change in (Change.ZERO, Change.MILESTONE)
