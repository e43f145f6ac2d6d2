"""Facts: the lines of the journal read back, one class for each form of line that `records` writes.

`docs/record-v1.schema.json` says what each field means; the classes use its names and units. Instants are
aware and in UTC. A field that the schema does not require is `None` or empty when a line lacks it: old
lines have fewer fields and are never rewritten. Fields that no class knows are ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from monitor.days import YEARS
from monitor.evidence.journal import records
from monitor.evidence.journal.records import FactKind, JournalIncidentKind
from monitor.model import GapReason, Origin
from monitor.store import StoreError
from probes.failures import Failure
from probes.model import NoSlotsKind, Outcome, Precision, Target, Transport

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", re.ASCII)


class UnreadableLine(StoreError):
    """A line of the journal has no form that `records` writes. The message names line, field and reason."""


def _instant(value: object) -> datetime:
    """An instant in the form that `records.instant` writes.

    No other form is accepted, so that what is printed is exactly what was sealed.
    """
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return datetime.fromisoformat(value)
    raise PydanticCustomError("instant", "Input should be an instant in UTC, to the millisecond")


def _day(value: object) -> date:
    """A day in the form that `records` writes. Pydantic alone also reads seconds since 1970 as a date."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("day", "Input should be a valid date, as in 2026-03-01")


def _version(value: object) -> object:
    """Only the number 1: to Python `true` and `1.0` are equal to it."""
    if type(value) is int:
        return value
    raise PydanticCustomError("version", "Input should be 1")


def _ours(value: datetime) -> datetime:
    """An instant at which something of ours happened: what is reckoned from it stays within the calendar."""
    if value.year in YEARS:
        return value
    raise PydanticCustomError("ours", "Input should be an instant of the years 2000 to 2100")


Instant: TypeAlias = Annotated[datetime, BeforeValidator(_instant)]
Moment: TypeAlias = Annotated[Instant, AfterValidator(_ours)]
Number: TypeAlias = Annotated[int, Field(ge=0, lt=10**18)]
"""A number as the verifiers read it: eighteen digits at most, and no sign."""
Pixels: TypeAlias = Annotated[int, Field(gt=-(10**6), lt=10**6)]
Milliseconds: TypeAlias = Annotated[int, Field(gt=-(10**12), lt=10**12)]
"""Less than thirty years; negative when a clock was put back meanwhile."""
Day: TypeAlias = Annotated[date, BeforeValidator(_day)]


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalFact:
    """The fields of every line: its place in the journal and in its chain, and when it was written.

    `target` is the chain, `entry` the number of the entry in the database that the line is about, `prev` the
    SHA-256 of the line before it in the chain.
    """

    v: Annotated[Literal[1], BeforeValidator(_version)]
    seq: Number
    target: str
    target_seq: Number
    prev: str
    recorded_at: Moment
    entry: Number | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotFact:
    """A slot as the page showed it. With `Precision.DAY`, `at` is the start of the préfecture's local day."""

    at: Instant
    precision: Precision


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenFact:
    """Where words that decided had ink: the step, and the rectangle in pixels of that page's picture.

    `places` is how often the page has these words.
    """

    step: Number
    left: Pixels
    top: Pixels
    width: Number
    height: Number
    places: Number = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedLineFact:
    """A line that a person accepted as harmless beside the answer, when, and why in her own words."""

    line: str
    at: Moment
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingFact(JournalFact):
    """A reading of a capture, made during the visit or later. `desks`: their outcomes, in page order.

    `seen` is where the words that decided stand; empty over plain HTTP and in lines of older versions.
    `accepted` are the accepted lines without which the page would be `unrecognised`.
    """

    platform: str
    reader_version: str
    outcome: Outcome
    rule: str
    kind: NoSlotsKind | None = None
    quote: str = ""
    failure: Failure | None = None
    earliest: SlotFact | None = None
    second: SlotFact | None = None
    slots: Number | None = None
    horizon: Day | None = None
    desks: tuple[Outcome, ...] = ()
    seen: tuple[SeenFact, ...] = ()
    accepted: tuple[AcceptedLineFact, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LaterReadingFact(ReadingFact):
    """A later reading of a capture. `of` is the number (`seq`) of the observation's line."""

    of: Number


@dataclass(frozen=True, kw_only=True, slots=True)
class StepFact:
    """One page of a visit: the request, the answer, and the digests of what came.

    `n` is the number of the page within the visit; `ms` is how long the page took, in milliseconds. `settled`
    says whether the page stood still when it was copied, `None` where that was not measured. `refused` are
    the requests of the page that were not made.
    """

    n: Number
    action: str
    method: str
    url: str
    started_at: Moment
    ms: Milliseconds
    body_sha256: str
    body_bytes: Number
    final_url: str | None = None
    redirects: tuple[str, ...] = ()
    status: Number | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    server_address: str | None = None
    tls_sha256: str | None = None
    rendered_sha256: str | None = None
    dialogs_sha256: str | None = None
    failure: Failure | None = None
    settled: bool | None = None
    refused: tuple[str, ...] = ()
    sheets_sha256: str | None = None

    @property
    def address(self) -> str:
        """The address of the page that answered, after redirects."""
        return self.final_url or self.url

    @property
    def finished_at(self) -> datetime:
        """When the page was received completely, in UTC."""
        return self.started_at + timedelta(milliseconds=self.ms)


@dataclass(frozen=True, kw_only=True, slots=True)
class VantageFact:
    """From where and with which software a visit was made.

    `clock_offset_ms` is how many milliseconds our clock was ahead; `None` when it was not measured.
    """

    name: str
    software: str
    browser: str | None = None
    user_agent: str | None = None
    clock_offset_ms: Milliseconds | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondReadingFact:
    """What plain HTTP would have read in the same visit: as much as the two readings are compared by."""

    outcome: Outcome
    rule: str
    kind: NoSlotsKind | None = None
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ObservationFact(ReadingFact):
    """A visit and its first reading. `scheduled_at` is `None` when its instant was not drawn.

    `shot_step` is the number of the step that the picture shows, `None` in lines of older versions.
    `over_http` is the second reading of a double reading.
    """

    transport: Transport
    origin: Origin
    simulated: bool
    started_at: Moment
    finished_at: Moment
    vantage: VantageFact
    steps: tuple[StepFact, ...]
    scheduled_at: Moment | None = None
    shot_sha256: str | None = None
    shot_step: Number | None = None
    over_http: SecondReadingFact | None = None

    @property
    def moment(self) -> datetime:
        """The instant of the visit in figures: its drawn instant, or its start when none was drawn."""
        return self.scheduled_at or self.started_at

    @property
    def took(self) -> timedelta:
        """How long the visit lasted."""
        return self.finished_at - self.started_at

    @property
    def address(self) -> str:
        """The address of the visit's last page; empty when no page was asked for."""
        return self.steps[-1].address if self.steps else ""

    @property
    def in_picture(self) -> StepFact | None:
        """The step that the picture shows; the last one where that was not recorded."""
        last = self.steps[-1] if self.steps else None
        return next((step for step in self.steps if step.n == self.shot_step), last)


@dataclass(frozen=True, kw_only=True, slots=True)
class GapFact(JournalFact):
    """A drawn instant at which nobody looked, and why."""

    scheduled_at: Moment
    reason: GapReason
    simulated: bool

    @property
    def moment(self) -> datetime:
        """The instant of the gap in figures: its drawn instant."""
        return self.scheduled_at


AttemptFact: TypeAlias = ObservationFact | GapFact
"""What became of an instant: a visit or a gap."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetFact(JournalFact):
    """What is visited under the name of the target, from this line on."""

    platform: str
    url: str
    prefecture: str
    departement: str
    demarche: str
    zone: str
    desk: str | None = None

    @property
    def described(self) -> Target:
        """The target as this line describes it."""
        return Target(
            id=self.target,
            platform=self.platform,
            url=self.url,
            prefecture=self.prefecture,
            departement=self.departement,
            demarche=self.demarche,
            zone=self.zone,
            desk=self.desk,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawFact(TargetFact):
    """The instants drawn for a UTC day, one in each interval, and what was to be visited then."""

    day: Day
    interval_s: Annotated[int, Field(ge=1, le=86400)]
    instants: tuple[Moment, ...]
    seed_sha256: str
    drawn_at: Moment

    @property
    def interval(self) -> timedelta:
        """The length of the intervals; one instant was drawn in each."""
        return timedelta(seconds=self.interval_s)


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceFact(JournalFact):
    """The machine and the programs that make the visits, from this line on.

    `egress` is their public IP address, `None` when it was not measured.
    """

    software: str
    python: str
    system: str
    browser: str | None = None
    egress: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentFact(JournalFact):
    """A problem with the journal itself since the UTC day `day`; `about` is the name of an authority."""

    incident: JournalIncidentKind
    about: str
    day: Day


@dataclass(frozen=True, kw_only=True, slots=True)
class AnchorFact(JournalFact):
    """A third party's time stamp on a seal. `stamped_at` is the time of the third party's clock, in UTC."""

    seal_day: Day
    seal_sha256: str
    authority: str
    token_sha256: str
    stamped_at: Moment
    policy: str
    checkers_agree: bool


def read(line: bytes, *, where: str) -> JournalFact:
    """The fact of a line. `where` names the line in the message of `UnreadableLine`."""
    try:
        fact = _FORMS.validate_json(line, strict=True)
    except ValidationError as error:
        raise UnreadableLine(f"{where} cannot be read: {_told(error.errors())}.") from None
    if not _canonical(line):
        raise UnreadableLine(f"{where} cannot be read: It is not in the one form that is written.")
    return fact


def _canonical(line: bytes) -> bool:
    """Whether a line is written as `records` writes it. Any other, as with a key twice, reads in two ways."""
    try:
        return records.canonical(json.loads(line)) == line
    except (TypeError, ValueError, RecursionError):
        return False


def _form(line: object) -> str:
    """The tag of the class for a line: its `type`, but `service` for a `config` line about the service."""
    said = line if isinstance(line, dict) else {}
    kind = str(said.get("type"))
    return "service" if kind == FactKind.CONFIG and "software" in said else kind


_FORMS: TypeAdapter[JournalFact] = TypeAdapter(
    Annotated[
        Annotated[ObservationFact, Tag(FactKind.OBSERVATION)]
        | Annotated[GapFact, Tag(FactKind.GAP)]
        | Annotated[DrawFact, Tag(FactKind.DRAW)]
        | Annotated[TargetFact, Tag(FactKind.CONFIG)]
        | Annotated[ServiceFact, Tag("service")]
        | Annotated[LaterReadingFact, Tag(FactKind.RECLASSIFICATION)]
        | Annotated[IncidentFact, Tag(FactKind.INCIDENT)]
        | Annotated[AnchorFact, Tag(FactKind.ANCHOR)],
        Discriminator(
            _form, "form", "Its type is none that this version knows; a newer one may have written it"
        ),
    ]
)


def _told(errors: Sequence[ErrorDetails]) -> str:
    """The first error of a line with its field, and how many more there are."""
    first = errors[0]
    # The first part of `loc` is the tag of the class, which says nothing to the reader of the message.
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"][1:])
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{path.lstrip('.')}: {first['msg']}{more}" if path else first["msg"]
