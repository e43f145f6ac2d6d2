"""The data of mails: everything a template may use, read from the record beforehand. Times are UTC. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.model import Change, Phase, RunningDrought, Transition, Trouble
from monitor.present.words import is_answer
from monitor.rules import guards
from probes.model import Outcome, Target


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """An attachment: a file name and the bytes of a JPEG."""

    name: str
    jpeg: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlAnswer:
    """The control's démarche and its answer nearest in time to the zero; `outcome` and `at` `None`: none."""

    demarche: str
    outcome: Outcome | None = None
    at: datetime | None = None

    @property
    def corroborates(self) -> bool:
        """Whether the control offered slots: then the robot was not blocked, and the zero is credible."""
        return self.outcome is Outcome.SLOTS_OFFERED


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """When slots were seen: `first` and `last` sighting, and the first zero after them (`None`: not yet)."""

    first: datetime
    last: datetime
    gone: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """Addresses of the public pages; `None` where nothing is published."""

    page: str | None = None
    capture: str | None = None
    period: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """One transition with all that a mail says about it. `words` are quoted from the page.

    A `suspected` zero may be shown to robots only. `picture` is attached to the mail.
    """

    transition: Transition
    target: Target
    words: str = ""
    control: ControlAnswer | None = None
    opening: Opening | None = None
    suspected: bool = False
    links: Links = field(default_factory=Links)
    picture: Picture | None = None

    @property
    def tells_zero(self) -> bool:
        """Whether it is about a drought that goes on, not about its end."""
        return self.transition.change in (Change.ZERO, Change.MILESTONE)

    @property
    def answered(self) -> bool:
        """Whether its words are what a server answered, and no page displayed."""
        return is_answer(self.words)

    @property
    def thin(self) -> bool:
        """Whether too little of the drought was seen to conclude anything about all of it."""
        drought = self.transition.drought
        return drought is None or not guards.drought_told(drought)


@dataclass(frozen=True, kw_only=True, slots=True)
class WeekCounts:
    """One target's last seven days: instants `scheduled`, visits `made`, answers `zeros` and `slots`."""

    scheduled: int = 0
    made: int = 0
    zeros: int = 0
    slots: int = 0

    @property
    def coverage(self) -> float:
        """Visits made over visits scheduled; 0 when none was scheduled."""
        return self.made / self.scheduled if self.scheduled else 0.0

    @property
    def sufficient(self) -> bool:
        """Whether enough was seen to conclude anything (`monitor.rules.guards`)."""
        answers = self.zeros + self.slots
        return guards.covered(self.made, self.scheduled) and guards.answered(answers, self.made)


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestLine:
    """One target in a digest: its state, its last seven days and the drought it is in, if any.

    `milestone` is in days. `suspected`: its zeros may be shown to robots only.
    """

    target: Target
    phase: Phase
    week: WeekCounts
    since: datetime | None = None
    drought: RunningDrought | None = None
    milestone: int | None = None
    trouble: Trouble | None = None
    suspected: bool = False
    links: Links = field(default_factory=Links)

    @property
    def dry_for(self) -> timedelta:
        """How long the drought has lasted, from its first to its last zero; 0 without a drought."""
        return self.drought.lasted if self.drought else timedelta(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """One subscriber's week, from `start` to `end` (UTC). Each section has its longest drought first.

    `offered` counts the targets that no section names.
    """

    start: datetime
    end: datetime
    new: tuple[DigestLine, ...] = ()
    ended: tuple[DigestLine, ...] = ()
    records: tuple[DigestLine, ...] = ()
    ongoing: tuple[DigestLine, ...] = ()
    unstable: tuple[DigestLine, ...] = ()
    unavailable: tuple[DigestLine, ...] = ()
    insufficient: tuple[DigestLine, ...] = ()
    offered: int = 0

    @property
    def followed(self) -> int:
        """How many targets the digest is about."""
        return len(self._lines) + self.offered

    @property
    def platforms(self) -> Sequence[str]:
        """The platforms of which the digest tells something."""
        return sorted({line.target.platform for line in self._lines})

    @property
    def _lines(self) -> tuple[DigestLine, ...]:
        droughts = (*self.new, *self.records, *self.ongoing)
        return (*droughts, *self.ended, *self.unstable, *self.unavailable, *self.insufficient)


@dataclass(frozen=True, kw_only=True, slots=True)
class Footer:
    """The foot of every mail. A `simulated` mail also says so in its subject."""

    checkpoint: str | None = None
    unsubscribe: str | None = None
    simulated: bool = False
