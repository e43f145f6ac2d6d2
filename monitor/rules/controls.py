"""What a control says of a visit, and when zeros look like a soft block. Pure; annex A's truth table.

A control is another démarche of the same préfecture. A suspicion is a flag beside the outcome, never one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Corroboration
from probes.model import Outcome

WITHIN = timedelta(minutes=10)
FEWEST = 3
FEWEST_WITH_CONTROL = 2

ERRORS = frozenset(
    {Outcome.SITE_DOWN, Outcome.OVERLOADED, Outcome.RATE_LIMITED, Outcome.BLOCKED, Outcome.UNRECOGNISED}
)
"""Outcomes that a control may explain. The others are the page's own answer, or our own fault."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlVisit:
    """One recorded visit: its number, when it began (UTC) and its outcome in force."""

    id: int
    target: str
    at: datetime
    outcome: Outcome


def corroboration(here: Outcome, there: Outcome | None) -> Corroboration | None:
    """The truth table; `there` is `None` when the control was not seen. `None`: nothing to compare."""
    if here is Outcome.NO_SLOTS:
        offered = there is Outcome.SLOTS_OFFERED
        return Corroboration.CORROBORATED if offered else Corroboration.NOT_CORROBORATED
    if here not in ERRORS:
        return None
    if there is not None and there.conclusive:
        return Corroboration.PAGE_ALONE
    return Corroboration.WHOLE_SITE if there in ERRORS else Corroboration.NO_CONTROL


def nearest(seen: ControlVisit, visits: Iterable[ControlVisit]) -> ControlVisit | None:
    """The visit to hold beside `seen`: at most ten minutes away, with an answer if possible, then nearest."""
    near = [visit for visit in visits if abs(visit.at - seen.at) <= WITHIN]
    return min(near, key=lambda v: (not v.outcome.conclusive, abs(v.at - seen.at), v.id), default=None)


def must_visit(at: datetime, visits: Iterable[ControlVisit], next_drawn: datetime | None) -> bool:
    """Whether the control needs a visit of its own beside one at `at`: none was made, none is about to be."""
    made = any(abs(visit.at - at) <= WITHIN for visit in visits)
    return not made and (next_drawn is None or next_drawn - at > WITHIN)


def turned_at_once(
    host: Mapping[str, Sequence[ControlVisit]], interval: timedelta
) -> tuple[ControlVisit, ...]:
    """The visits with which a whole host turned to zero within one interval; none when it did not.

    `host` has the latest visits of each of its targets, oldest first. Every target must stand at zero now;
    those that stood there already are no part of the turn.
    """
    if not host or any(not visits or visits[-1].outcome is not Outcome.NO_SLOTS for visits in host.values()):
        return ()
    turns = [turn for visits in host.values() if (turn := _turn(visits))]
    last = max((turn.at for turn in turns), default=None)
    return tuple(turn for turn in turns if last and last - turn.at <= interval)


def _turn(visits: Sequence[ControlVisit]) -> ControlVisit | None:
    """The first zero after anything else; `None` for a target known to have been at zero all the time."""
    turn = None
    for visit in reversed(visits):
        if visit.outcome is not Outcome.NO_SLOTS:
            return turn
        turn = visit
    return None


def all_at_once(turned: Sequence[ControlVisit]) -> bool:
    """Whether so many targets turned together that supply alone is an unlikely cause."""
    return len(turned) >= FEWEST


def contradicts_control(turned: Sequence[ControlVisit], elsewhere: Mapping[int, Outcome]) -> bool:
    """Whether the controls on *other* hosts, by the number of the visit they stood beside, all had slots."""
    offered = all(elsewhere.get(visit.id) is Outcome.SLOTS_OFFERED for visit in turned)
    return len(turned) >= FEWEST_WITH_CONTROL and offered


def contradicts_person(seen: ControlVisit, attended: Iterable[ControlVisit]) -> bool:
    """Whether a person saw slots on the very page where the robot read zero, within ten minutes."""
    offered = [v for v in attended if v.target == seen.target and v.outcome is Outcome.SLOTS_OFFERED]
    return seen.outcome is Outcome.NO_SLOTS and any(abs(v.at - seen.at) <= WITHIN for v in offered)
