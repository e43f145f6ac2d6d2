"""What mails are made of: everything a template may say, gathered beforehand. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.model import Change, Phase, RunningDrought, Transition, Trouble
from monitor.rules import guards
from probes.model import Outcome, Target


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """An attachment: a JPEG under its file name."""

    name: str
    jpeg: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlAnswer:
    """Another démarche of the same préfecture and the answer it gave nearest to the zero, if any."""

    demarche: str
    outcome: Outcome | None = None
    at: datetime | None = None

    @property
    def corroborates(self) -> bool:
        """Slots there while none here: the robot was not blocked."""
        return self.outcome is Outcome.SLOTS_OFFERED


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """Between which sightings slots were offered: from `first` to `last` at least, until `gone` at most."""

    first: datetime
    last: datetime
    gone: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """Where to read on; `None` where nothing is published."""

    page: str | None = None
    capture: str | None = None
    period: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """One transition, ready to be told. `words` are the page's own; a `suspected` zero may be for robots.

    `picture` is attached to the mail.
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
        """Whether it tells of a run of zeros that goes on, rather than of its end."""
        return self.transition.change in (Change.ZERO, Change.MILESTONE)

    @property
    def thin(self) -> bool:
        """Whether too little was seen to conclude anything of the whole run."""
        drought = self.transition.drought
        return drought is None or not guards.drought_told(drought)


@dataclass(frozen=True, kw_only=True, slots=True)
class WeekCounts:
    """One target's last seven days in numbers. `scheduled` counts visits made and instants missed."""

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
        """Whether enough was seen to conclude anything."""
        answers = self.zeros + self.slots
        return guards.covered(self.made, self.scheduled) and guards.answered(answers, self.made)


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestLine:
    """One target in a digest: where it stands, its last seven days and the run of zeros it is in.

    `suspected`: its zeros may be an answer for robots only.
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
        """How long the run of zeros has been observed."""
        return self.drought.lasted if self.drought else timedelta(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """One subscriber's week, from `start` to `end` (UTC), each section sorted with the worst first."""

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
        """How many targets it speaks of."""
        droughts = (*self.new, *self.records, *self.ongoing)
        others = (*self.ended, *self.unstable, *self.unavailable, *self.insufficient)
        return len(droughts) + len(others) + self.offered


@dataclass(frozen=True, kw_only=True, slots=True)
class Footer:
    """What stands under every mail. `simulated` mails say so in their subject too."""

    checkpoint: str | None = None
    unsubscribe: str | None = None
    simulated: bool = False
