"""Sorts a subscriber's targets into the sections of the Monday mail. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.alerts.decide.mondays import WEEK
from monitor.alerts.write.stories import Digest, DigestLine, Links, WeekCounts
from monitor.model import Change, Phase, Transition
from monitor.rules.transitions import State
from probes.model import Target


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestTarget:
    """One target of a subscriber's scope: its state, and its counts and transitions of the last seven days.

    `suspected`: its zeros may be shown to robots only, so the mail concludes nothing from them.
    """

    target: Target
    state: State
    week: WeekCounts
    transitions: Sequence[Transition] = ()
    suspected: bool = False
    links: Links = field(default_factory=Links)


def assemble(followed: Iterable[DigestTarget], *, end: datetime, tz: ZoneInfo, embargo: timedelta) -> Digest:
    """The digest of the week that ends at `end` (UTC); `tz` is the subscriber's.

    A target with slots seen within the `embargo` before `end` is only counted in `offered`, not named.
    """
    sections: dict[str, list[DigestLine]] = {}
    offered = 0
    for one in followed:
        section = _section(one, end, embargo)
        if section is None:
            offered += 1
        else:
            sections.setdefault(section, []).append(_line(one, section))
    ordered = {name: tuple(sorted(lines, key=_worst_first)) for name, lines in sections.items()}
    start = (end.astimezone(tz) - WEEK).astimezone(UTC)  # wall-clock arithmetic: the same hour a week before
    return Digest(start=start, end=end, offered=offered, **ordered)


def _worst_first(line: DigestLine) -> tuple[timedelta, str]:
    return -line.dry_for, line.target.id


def _line(one: DigestTarget, section: str) -> DigestLine:
    line = DigestLine(
        target=one.target,
        phase=one.state.phase,
        week=one.week,
        since=one.state.since,
        suspected=one.suspected,
        links=one.links,
    )
    if section in ("new", "records", "ongoing"):
        line = replace(
            line, drought=one.state.drought, milestone=_milestone(one) if section == "records" else None
        )
    return replace(line, trouble=one.state.repeated.trouble) if one.state.repeated else line


def _section(one: DigestTarget, end: datetime, embargo: timedelta) -> str | None:
    """The section of the digest that names the target, or `None` if none does."""
    state = one.state
    if state.last_slot_at and state.last_slot_at > end - embargo:
        return None
    if state.repeated and state.repeated.confirmed:
        return "unavailable"
    if not one.week.sufficient or one.suspected:
        return "insufficient"
    match state.phase:
        case Phase.ZERO:
            return _drought(one)
        case Phase.UNSTABLE:
            return "unstable"
    return "ended" if any(made.news and made.after is not Phase.ZERO for made in one.transitions) else None


def _drought(one: DigestTarget) -> str:
    if any(made.change is Change.ZERO for made in one.transitions):
        return "new"
    return "records" if _milestone(one) else "ongoing"


def _milestone(one: DigestTarget) -> int | None:
    return max((made.milestone for made in one.transitions if made.milestone), default=None)
