"""The data of a visit (Target, Step, Capture, Slot, Reading) and the protocols Session, Platform and Clock.

No I/O and no knowledge of `monitor`. Every instant is an aware UTC `datetime`; a naive one raises
`ValueError`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from probes.answer import Answer
from probes.failures import Failure
from probes.option import Option
from probes.proof import Templates
from probes.stop_line import StopLine


class Outcome(StrEnum):
    """What one visit established. Tables, metrics, mails, CSV and pages take their outcomes from this list.

    `docs/glossary.md` says what each one means.
    """

    SLOTS_OFFERED = "slots_offered"
    NO_SLOTS = "no_slots"
    REQUESTS_OPEN = "requests_open"
    CLOSED = "closed"
    LOGIN_REQUIRED = "login_required"
    CAPTCHA = "captcha"
    BLOCKED = "blocked"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    SITE_DOWN = "site_down"
    UNRECOGNISED = "unrecognised"
    PROBE_ERROR = "probe_error"

    @property
    def conclusive(self) -> bool:
        """Whether the page itself said that there are slots, or none. Only these enter a denominator."""
        return self in (Outcome.SLOTS_OFFERED, Outcome.NO_SLOTS)

    @property
    def claims(self) -> bool:
        """Whether it is held to the contract (dd-008): it concludes, or says that requests are taken."""
        return self.conclusive or self is Outcome.REQUESTS_OPEN


class NoSlotsKind(StrEnum):
    """Why there is no slot, as the page says it. Before a court these are different facts."""

    ALL_TAKEN = "all_taken"
    NO_CALENDAR = "no_calendar"
    UNSPECIFIED = "unspecified"


class Transport(StrEnum):
    """How pages are fetched: with a real Chromium, or by plain HTTP requests for the same pages."""

    BROWSER = "browser"
    HTTP = "http"


class Precision(StrEnum):
    """How exactly a page dates a slot: to the minute, or only its day."""

    MINUTE = "minute"
    DAY = "day"


def utc(value: datetime, name: str = "instant") -> datetime:
    """`value` in UTC. Raises `ValueError`, with `name` in its text, for a datetime without a time zone."""
    if value.tzinfo is None:
        raise ValueError(f"{name} has no time zone: {value!r}")
    return value.astimezone(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One thing that can be booked: préfecture × démarche × booking page, from `targets.toml`.

    `zone` is the préfecture's IANA time zone; `departement` is text (`01`, `2A`, `971`). `desk` is the
    visible label of one guichet, for a page with several; `None` means all of them. `options` are settings
    for the platform, of those that it declares.
    """

    id: str
    platform: str
    url: str
    prefecture: str
    departement: str
    demarche: str
    zone: str = "Europe/Paris"
    desk: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def tz(self) -> ZoneInfo:
        """The time zone of the dates on this page."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One slot as displayed. `starts_at` is UTC; with `Precision.DAY` it is local midnight of that day."""

    starts_at: datetime
    precision: Precision = Precision.MINUTE
    place: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts_at", utc(self.starts_at, "starts_at"))

    def day(self, tz: ZoneInfo) -> date:
        """The calendar day on which the slot starts in `tz`."""
        return self.starts_at.astimezone(tz).date()


@dataclass(frozen=True, kw_only=True, slots=True)
class Ink:
    """Words that could decide and that have ink on the picture: a person could see them.

    `words` are as the page writes them, on one line. The rectangle around them is in pixels of the page's
    picture, from its top left corner. `places` is how often the page has these words.
    """

    words: str
    left: int
    top: int
    width: int
    height: int
    places: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedSheet:
    """A style sheet that a page links to or imports, by its URL; `text` is `None` when it was not read."""

    url: str
    text: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One page of a visit, as received. `n` counts from 0; `action` is the session's method that asked.

    `url` is the URL requested, `final_url` the one that answered. `headers` are only those that are kept.
    `body` holds the bytes received, decompressed. `rendered` is what Chromium showed, as HTML without
    anything invisible; `None` over plain HTTP. `dialogs` are JavaScript alerts. `refused` are the requests
    that the page tried to make and that the stop line does not list, as `METHOD URL`. `failure` is set when
    the step gave no usable page; `detail` then says more.

    `settled` says whether the page stood still when it was copied. `ink` are the deciding words that a person
    could see. Both are `None` where they were not measured: over plain HTTP, and in steps kept by older
    versions. `sheets` are the style sheets that the page asks for, over plain HTTP; `None` where nobody
    looked for them: in a browser, and in older steps.
    """

    n: int
    action: str
    method: str
    url: str
    final_url: str
    started_at: datetime
    finished_at: datetime
    status: int | None = None
    redirects: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    rendered: str | None = None
    dialogs: tuple[str, ...] = ()
    server_address: str | None = None
    tls_sha256: str | None = None
    failure: Failure | None = None
    detail: str = ""
    settled: bool | None = None
    ink: tuple[Ink, ...] | None = None
    refused: tuple[str, ...] = ()
    sheets: tuple[LinkedSheet, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "started_at", utc(self.started_at, "started_at"))
        object.__setattr__(self, "finished_at", utc(self.finished_at, "finished_at"))

    @property
    def body_sha256(self) -> str:
        """The SHA-256 of the body in hex, under which the body is stored."""
        return hashlib.sha256(self.body).hexdigest()

    def header(self, name: str) -> str | None:
        """The value of the first kept header `name`, in any case; `None` when there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """What one visit received, in order. Never edited.

    `screenshot` is a JPEG or PNG of the last step with words that could decide, else of the last step.
    `pictured` is the number of that step; `None` where it was not noted, as by older versions.
    """

    transport: Transport
    steps: tuple[Step, ...]
    screenshot: bytes | None = None
    pictured: int | None = None

    @property
    def last(self) -> Step | None:
        """The last step; `None` when nothing was received."""
        return self.steps[-1] if self.steps else None

    @property
    def in_picture(self) -> Step | None:
        """The step that the picture shows; the last one where it was not noted."""
        return next((step for step in self.steps if step.n == self.pictured), self.last)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """The answer of one desk or place, for a procedure that has several."""

    label: str
    outcome: Outcome
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedLine:
    """A line of a page that a person found harmless, normalised; when (UTC), and why in her own words.

    It holds for the pages of one structure: see `probes.pages.fingerprint`.
    """

    line: str
    at: datetime
    reason: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", utc(self.at, "at"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a platform's `read` makes of a capture. Raises `ValueError` when its fields contradict each other.

    `rule` names the rule that matched; `words` are the exact words of the page that decided. `earliest` is
    the first slot displayed, `second` the first one on a later local day (La Cimade's « deux dates »).
    `horizon` is the last local day that was read; `no_slots` is true only up to it. `slots` is the number of
    slots displayed, `None` where it cannot be counted. `notices` are other lines of the page worth keeping.
    `accepted` are the accepted lines without which the page would be `unrecognised`.
    """

    outcome: Outcome
    rule: str
    words: str = ""
    kind: NoSlotsKind | None = None
    failure: Failure | None = None
    earliest: Slot | None = None
    second: Slot | None = None
    slots: int | None = None
    horizon: date | None = None
    notices: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    accepted: tuple[AcceptedLine, ...] = ()

    def __post_init__(self) -> None:
        if (self.kind is not None) != (self.outcome is Outcome.NO_SLOTS):
            raise ValueError("kind belongs to no_slots, and no_slots always has one")
        if self.earliest and self.outcome is not Outcome.SLOTS_OFFERED:
            raise ValueError("only slots_offered has an earliest slot")
        if self.outcome.conclusive and not self.words:
            raise ValueError("a conclusive reading quotes the words that decided")
        if self.accepted and not self.outcome.claims:
            raise ValueError("only a reading that claims something stands on accepted lines")

    @property
    def keeps_structure(self) -> bool:
        """Whether the page's structure is recorded: nobody recognises it, or only accepted lines let us."""
        return self.outcome is Outcome.UNRECOGNISED or bool(self.accepted)


class Session(Protocol):
    """Opens pages for a walk, which has no other way to. All methods raise `VisitOver` when a step fails.

    A session records every step, enforces the stop line, the pace and the list of allowed hosts, and starts
    without cookies.
    """

    async def open(self, url: str) -> Step:
        """GET `url`. A browser then waits until the page is at rest."""

    async def submit(
        self,
        selector: str,
        values: Mapping[str, str],
        *,
        button: str | None = None,
    ) -> Step:
        """Submit the form `selector` of the current page with `values`, by pressing `button`.

        `button` is the name, the id or the label of the button.
        """

    async def call(self, url: str, body: Mapping[str, object]) -> Step:
        """Post `body` to `url` as JSON, as a script of the current page would; over plain HTTP only."""

    async def unfold(self, selector: str) -> Step:
        """Click a control that shows more of the same page, such as a calendar; in a browser only."""


class VisitOver(Exception):
    """The visit cannot go on; its last recorded step says why. This is a result, not a bug of ours."""


class Platform(Protocol):
    """Knowledge of one booking product. It has no state. Only `walk` does I/O, through its session.

    `version` changes whenever `read` can answer differently. `verified_on` is the day on which a page
    recorded from a real site was last read correctly; `None` means that the platform is *unproven*, and it is
    shown so. `templates` are the product's own that made pages which its reader was tested with. `options`
    are all that a target may give: the catalogue refuses others, and a `desk` where `desks` is false.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def verified_on(self) -> date | None: ...
    @property
    def templates(self) -> Templates | None: ...
    @property
    def transports(self) -> frozenset[Transport]: ...
    @property
    def stop_line(self) -> StopLine: ...
    @property
    def answer(self) -> Answer: ...
    @property
    def options(self) -> Sequence[Option]: ...
    @property
    def desks(self) -> bool: ...

    def accepts(self, url: str) -> bool:
        """Whether `url` looks like a page of this product."""

    async def walk(self, target: Target, session: Session) -> None:
        """Go from the target's URL to the page that answers, and stop there."""

    def read(self, target: Target, capture: Capture, accepted: Sequence[AcceptedLine] = ()) -> Reading:
        """The reading of any capture, also of an empty or broken one. Never raises.

        `accepted` are the lines that a person found harmless on pages of this structure.
        """


class Clock(Protocol):
    """Source of time, so that tests can set it. The service uses `monitor.clock.SystemClock`."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    @property
    def sleep(self) -> Callable[[float], Awaitable[None]]: ...
