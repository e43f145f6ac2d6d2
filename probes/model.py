"""The nouns of a visit: Target, Step, Capture, Slot, Reading, and the protocols that walks and sessions keep.

No I/O and no knowledge of `monitor`. Every instant is an aware UTC `datetime`; a naive one raises
`ValueError`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from probes.failures import Failure
from probes.stop_line import StopLine


class Outcome(StrEnum):
    """What one visit established. This list is the only source for tables, metrics, mails, CSV and pages."""

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
        """Whether the page itself said if slots were offered: the only outcomes that enter a denominator."""
        return self in (Outcome.SLOTS_OFFERED, Outcome.NO_SLOTS)


class NoSlotsKind(StrEnum):
    """The different facts behind `no_slots`; a court reads them differently."""

    ALL_TAKEN = "all_taken"
    NO_CALENDAR = "no_calendar"
    UNSPECIFIED = "unspecified"


class Transport(StrEnum):
    """How pages are fetched: a real Chromium, or plain HTTP reading the same pages."""

    BROWSER = "browser"
    HTTP = "http"


class Precision(StrEnum):
    """How exactly a page dates a slot: to the minute, or by its day alone."""

    MINUTE = "minute"
    DAY = "day"


def utc(value: datetime, name: str = "instant") -> datetime:
    """`value` in UTC. Raises `ValueError` for a naive datetime: we never guess a zone."""
    if value.tzinfo is None:
        raise ValueError(f"{name} has no time zone: {value!r}")
    return value.astimezone(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One thing one can book: préfecture × démarche × booking page, from `targets.toml`.

    `zone` is the préfecture's own IANA zone; `departement` is text (`01`, `2A`, `971`). `desk` narrows a page
    with several guichets to one of them by its visible label. `options` are the platform's own settings.
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
        """The zone in which this page's dates are written."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One slot as displayed. `starts_at` is UTC; with `Precision.DAY` it is the start of the local day."""

    starts_at: datetime
    precision: Precision = Precision.MINUTE
    place: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts_at", utc(self.starts_at, "starts_at"))

    def day(self, tz: ZoneInfo) -> date:
        """The local calendar day of the slot in `tz`."""
        return self.starts_at.astimezone(tz).date()


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One page of a visit, as received: requested and final URL, status, headers kept, body byte for byte.

    `rendered` is what Chromium showed: the serialised DOM without anything invisible; `None` over plain HTTP.
    `dialogs` are JavaScript alerts. `failure` is set when the step gave no usable page.
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

    def __post_init__(self) -> None:
        object.__setattr__(self, "started_at", utc(self.started_at, "started_at"))
        object.__setattr__(self, "finished_at", utc(self.finished_at, "finished_at"))

    @property
    def body_sha256(self) -> str:
        """The address of the body."""
        return hashlib.sha256(self.body).hexdigest()

    def header(self, name: str) -> str | None:
        """The first kept header called `name`, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """What one visit received, in order; never edited. `screenshot` is JPEG or PNG of the last step."""

    transport: Transport
    steps: tuple[Step, ...]
    screenshot: bytes | None = None

    @property
    def last(self) -> Step | None:
        """The step on which the visit ended."""
        return self.steps[-1] if self.steps else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one desk or place of a page answered, when a procedure has several."""

    label: str
    outcome: Outcome
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a platform's `read` makes of a capture.

    `rule` names the recogniser; `words` are the exact words of the page that decided. `earliest` is the first
    slot displayed, `second` the first one on a later local day (La Cimade's « deux dates »). `horizon` is the
    last day the page was read for; a zero holds only up to it. `slots` counts what was displayed, where
    it can be counted.
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

    def __post_init__(self) -> None:
        if (self.kind is not None) != (self.outcome is Outcome.NO_SLOTS):
            raise ValueError("kind belongs to no_slots, and no_slots always has one")
        if self.earliest and self.outcome is not Outcome.SLOTS_OFFERED:
            raise ValueError("only slots_offered has an earliest slot")
        if self.outcome.conclusive and not self.words:
            raise ValueError("a conclusive reading quotes the words that decided")


class Session(Protocol):
    """What a walk is handed: its only verbs. All raise `VisitOver` when there is no page to go on from.

    A session records every step itself, keeps the stop line, the pace and the host allow-list, and starts
    with an empty cookie jar.
    """

    async def open(self, url: str, *, until: tuple[str, ...] = ()) -> Step:
        """GET `url`. A browser then waits until one of the CSS selectors `until` is attached, for a while."""

    async def submit(
        self,
        selector: str,
        values: Mapping[str, str],
        *,
        button: str | None = None,
        until: tuple[str, ...] = (),
    ) -> Step:
        """Submit the form `selector` of the current page with `values`, pressing `button`.

        A button goes by its name, its id or its label.
        """

    async def call(self, url: str, body: Mapping[str, object]) -> Step:
        """Post `body` to `url` as JSON, on behalf of the current page; over plain HTTP only."""

    async def unfold(self, selector: str, *, until: tuple[str, ...] = ()) -> Step:
        """Put the cursor in a control that shows more of the same page, a calendar; in a browser only."""


class VisitOver(Exception):
    """The visit can go no further; the step that says why is already recorded. Not an error of ours."""


class Platform(Protocol):
    """Knowledge of one booking product. Stateless; `walk` does I/O through its session only, `read` is pure.

    `version` changes whenever `read` can answer differently. `verified_on` is the day a recorded (not
    reconstructed) page was last read correctly; `None` means the platform is *unproven* and shown as such.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def verified_on(self) -> date | None: ...
    @property
    def transports(self) -> frozenset[Transport]: ...
    @property
    def stop_line(self) -> StopLine: ...

    def accepts(self, url: str) -> bool:
        """Whether `url` looks like a page of this product."""

    async def walk(self, target: Target, session: Session) -> None:
        """Go from the target's URL to the page that answers, and stop there."""

    def read(self, target: Target, capture: Capture) -> Reading:
        """Total: any capture in, a reading out, never an exception."""


class Clock(Protocol):
    """The time a session is given; `monitor.clock` has the real one."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    @property
    def sleep(self) -> Callable[[float], Awaitable[None]]: ...
