"""What a control says about a target's visit, and when zeros look like a soft block. Pure.

A control is another démarche of the same préfecture. A suspicion is a flag beside the outcome; it is never an
outcome itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Corroboration
from probes.model import Outcome

PAIRED_WITHIN = timedelta(minutes=10)
"""How near in time the visits of a pair must be: one to a target and one to its control."""

FEWEST = 3
FEWEST_WITH_CONTROL = 2

ERRORS = frozenset(
    {Outcome.SITE_DOWN, Outcome.OVERLOADED, Outcome.RATE_LIMITED, Outcome.BLOCKED, Outcome.UNRECOGNISED}
)
"""Outcomes that a visit to the control helps to explain. Others are the page's answer, or our own fault."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlVisit:
    """One recorded visit of any target, control or not: its row number, when it began (UTC), its outcome.

    The outcome is the one in force, so that of the newest later reading.
    """

    id: int
    target: str
    at: datetime
    outcome: Outcome


def corroboration(here: Outcome, there: Outcome | None) -> Corroboration | None:
    """What outcome `there`, the control's, says about outcome `here`. `None` as `there`: control not visited.

    Returns `None` when `here` is neither a zero nor one of `ERRORS`: then there is nothing to compare.
    """
    if here is Outcome.NO_SLOTS:
        offered = there is Outcome.SLOTS_OFFERED
        return Corroboration.CORROBORATED if offered else Corroboration.NOT_CORROBORATED
    if here not in ERRORS:
        return None
    if there is not None and there.conclusive:
        return Corroboration.PAGE_ALONE
    return Corroboration.WHOLE_SITE if there in ERRORS else Corroboration.NO_CONTROL


def nearest(seen: ControlVisit, visits: Iterable[ControlVisit]) -> ControlVisit | None:
    """The one of `visits` to compare with `seen`; `None` when none began within ten minutes of it.

    A conclusive visit is preferred, then the nearest in time, then the lowest row number.
    """
    near = [visit for visit in visits if abs(visit.at - seen.at) <= PAIRED_WITHIN]
    return min(near, key=lambda v: (not v.outcome.conclusive, abs(v.at - seen.at), v.id), default=None)


def must_visit(at: datetime, visits: Iterable[ControlVisit], next_drawn: datetime | None) -> bool:
    """Whether the control needs a visit of its own beside a target's visit at `at`.

    It needs none when it was visited within ten minutes of `at`, or when its next drawn instant comes within
    ten minutes after `at`.
    """
    made = any(abs(visit.at - at) <= PAIRED_WITHIN for visit in visits)
    return not made and (next_drawn is None or next_drawn - at > PAIRED_WITHIN)


def turned_at_once(
    host: Mapping[str, Sequence[ControlVisit]], interval: timedelta
) -> tuple[ControlVisit, ...]:
    """The visits with which a whole host turned to zero within one interval; empty when it did not.

    `host` maps each target of one host to its latest visits, oldest first. The last visit of every target
    must be a zero. A target with nothing but zeros did not turn, and is not in the answer.
    """
    if not host or any(not visits or visits[-1].outcome is not Outcome.NO_SLOTS for visits in host.values()):
        return ()
    turns = [turn for visits in host.values() if (turn := _turn(visits))]
    last = max((turn.at for turn in turns), default=None)
    return tuple(turn for turn in turns if last and last - turn.at <= interval)


def _turn(visits: Sequence[ControlVisit]) -> ControlVisit | None:
    """The first of the zeros at the end of `visits`; `None` when all are zeros, or the last is not one."""
    turn = None
    for visit in reversed(visits):
        if visit.outcome is not Outcome.NO_SLOTS:
            return turn
        turn = visit
    return None


def all_at_once(turned: Sequence[ControlVisit]) -> bool:
    """Whether enough targets turned together that a real lack of slots is an unlikely cause."""
    return len(turned) >= FEWEST


def contradicts_control(turned: Sequence[ControlVisit], elsewhere: Mapping[int, Outcome]) -> bool:
    """Whether each visit of `turned` had a control on *another* host that offered slots.

    `elsewhere` maps the row number of a visit in `turned` to the outcome of that control's visit.
    """
    offered = all(elsewhere.get(visit.id) is Outcome.SLOTS_OFFERED for visit in turned)
    return len(turned) >= FEWEST_WITH_CONTROL and offered


def contradicts_person(seen: ControlVisit, attended: Iterable[ControlVisit]) -> bool:
    """Whether a person saw slots on the same target within ten minutes of the robot's zero `seen`."""
    offered = [v for v in attended if v.target == seen.target and v.outcome is Outcome.SLOTS_OFFERED]
    return seen.outcome is Outcome.NO_SLOTS and any(abs(v.at - seen.at) <= PAIRED_WITHIN for v in offered)
