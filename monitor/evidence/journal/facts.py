"""Facts: the lines of the journal read back, one class for each form of line that `records` writes.

`docs/record-v1.schema.json` says what each field means; names and units are its own. Instants are aware and
in UTC. What the schema does not require is `None` or empty where a line lacks it: lines stay as they were
written, and older ones have fewer fields. Fields that no class has are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Tag, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from monitor.evidence.journal.records import FactKind, JournalIncidentKind
from monitor.model import GapReason, Origin
from monitor.store import StoreError
from probes.failures import Failure
from probes.model import NoSlotsKind, Outcome, Precision, Target, Transport

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", re.ASCII)


class UnreadableLine(StoreError):
    """A line of the journal has no form that `records` writes; the message names line, field and reason."""


def _instant(value: object) -> datetime:
    """An instant in the one form that `records.instant` writes: what is printed is then what was sealed."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return datetime.fromisoformat(value)
    raise PydanticCustomError("instant", "Input should be an instant in UTC, to the millisecond")


Instant: TypeAlias = Annotated[datetime, BeforeValidator(_instant)]


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalFact:
    """What every line says: its place in the journal and in its chain, and when it was written.

    `target` is the chain, `entry` the row of the database that the line tells of, `prev` the SHA-256 of the
    line before it in the chain.
    """

    v: Literal[1]
    seq: int
    target: str
    target_seq: int
    prev: str
    recorded_at: Instant
    entry: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotFact:
    """A slot as the page showed it. With `Precision.DAY`, `at` is the start of the préfecture's local day."""

    at: Instant
    precision: Precision


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingFact(JournalFact):
    """What a reader made of a capture: on the spot, or later. `desks` are answers in the page's order."""

    platform: str
    reader_version: str
    outcome: Outcome
    rule: str
    kind: NoSlotsKind | None = None
    quote: str = ""
    failure: Failure | None = None
    earliest: SlotFact | None = None
    second: SlotFact | None = None
    slots: int | None = None
    horizon: date | None = None
    desks: tuple[Outcome, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LaterReadingFact(ReadingFact):
    """A later reading of what the observation of number `of` captured."""

    of: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StepFact:
    """One page of a visit: what was asked, what answered, and the digests of what came. `ms` is how long."""

    n: int
    action: str
    method: str
    url: str
    started_at: Instant
    ms: int
    body_sha256: str
    body_bytes: int
    final_url: str | None = None
    redirects: tuple[str, ...] = ()
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    server_address: str | None = None
    tls_sha256: str | None = None
    rendered_sha256: str | None = None
    dialogs_sha256: str | None = None
    failure: Failure | None = None

    @property
    def address(self) -> str:
        """Where it ended."""
        return self.final_url or self.url

    @property
    def finished_at(self) -> datetime:
        """When all of it had come."""
        return self.started_at + timedelta(milliseconds=self.ms)


@dataclass(frozen=True, kw_only=True, slots=True)
class VantageFact:
    """From where and with what a visit was made; how far its clock was ahead, when that was measured."""

    name: str
    software: str
    browser: str | None = None
    user_agent: str | None = None
    clock_offset_ms: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ObservationFact(ReadingFact):
    """A visit: its reading on the spot, its pages, when, how and from where. Not drawn: no `scheduled_at`."""

    transport: Transport
    origin: Origin
    simulated: bool
    started_at: Instant
    finished_at: Instant
    vantage: VantageFact
    steps: tuple[StepFact, ...]
    scheduled_at: Instant | None = None
    shot_sha256: str | None = None

    @property
    def moment(self) -> datetime:
        """When it counts: its drawn instant, or the start of a visit nobody drew."""
        return self.scheduled_at or self.started_at

    @property
    def took(self) -> timedelta:
        """How long the visit lasted."""
        return self.finished_at - self.started_at

    @property
    def address(self) -> str:
        """Where it ended; empty when nothing was asked."""
        return self.steps[-1].address if self.steps else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class GapFact(JournalFact):
    """A drawn instant at which nobody looked, and why."""

    scheduled_at: Instant
    reason: GapReason
    simulated: bool

    @property
    def moment(self) -> datetime:
        """When it counts."""
        return self.scheduled_at


AttemptFact: TypeAlias = ObservationFact | GapFact
"""What became of an instant."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetFact(JournalFact):
    """What is visited under the target's name from this line on."""

    platform: str
    url: str
    prefecture: str
    departement: str
    demarche: str
    zone: str
    desk: str | None = None

    @property
    def described(self) -> Target:
        """The target, in these words."""
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

    day: date
    interval_s: int
    instants: tuple[Instant, ...]
    seed_sha256: str
    drawn_at: Instant

    @property
    def interval(self) -> timedelta:
        """What one instant was drawn in."""
        return timedelta(seconds=self.interval_s)


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceFact(JournalFact):
    """The machine and programs that looked from this line on; `egress` is their public address."""

    software: str
    python: str
    system: str
    browser: str | None = None
    egress: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentFact(JournalFact):
    """Something wrong with the record itself since `day`; `about` names an authority."""

    incident: JournalIncidentKind
    about: str
    day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class AnchorFact(JournalFact):
    """A third party's time stamp on a seal. `stamped_at` is by its own clock."""

    seal_day: date
    seal_sha256: str
    authority: str
    token_sha256: str
    stamped_at: Instant
    policy: str
    checkers_agree: bool


def read(line: bytes, *, where: str) -> JournalFact:
    """The fact of a line; `where` says which line it is. Raises `UnreadableLine`."""
    try:
        return _FORMS.validate_json(line, strict=True)
    except ValidationError as error:
        raise UnreadableLine(f"{where} cannot be read: {_told(error.errors())}.") from None


def _form(line: object) -> str:
    """Which class a line is for: its type says so, but for the two forms of `config`."""
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
    """The first thing wrong with a line: in which field, and how many more there are."""
    first = errors[0]
    # What comes first in a path is the form.
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"][1:])
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{path.lstrip('.')}: {first['msg']}{more}" if path else first["msg"]
