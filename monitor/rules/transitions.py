"""The fold from facts to transitions: the only source of alerts, in the running service and in replay. Pure.

A zero is confirmed by several consecutive conclusive `no_slots`, spread over a minimum time and several local
days (`TransitionRules`). Inconclusive visits and gaps are counted and shown; they neither confirm a zero nor
end it. The same facts in the same order always give the same transitions, one by one or all at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.model import (
    Change,
    Gap,
    GapReason,
    Observation,
    Origin,
    Phase,
    RunningDrought,
    Transition,
    Trouble,
)
from monitor.rules import guards
from probes.model import Outcome, utc

TROUBLES = {
    Outcome.SITE_DOWN: Trouble.DOWN,
    Outcome.OVERLOADED: Trouble.DOWN,
    Outcome.BLOCKED: Trouble.BLOCKED,
    Outcome.RATE_LIMITED: Trouble.BLOCKED,
    Outcome.CAPTCHA: Trouble.CAPTCHA,
    Outcome.UNRECOGNISED: Trouble.REDESIGNED,
    Outcome.CLOSED: Trouble.MOVED,
    Outcome.LOGIN_REQUIRED: Trouble.MOVED,
    Outcome.PROBE_ERROR: Trouble.OURS,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TransitionRules:
    """How much must be seen before a change is confirmed.

    A zero takes `zeros` visits over at least `spread` and `days` local days. `flap_changes` flips between
    zero and slots within `flap_window` make a target unstable. `milestones` are a drought's lengths in days,
    told only when the guards `coverage` and `exploitable` (shares, 0 to 1) allow. `trouble` is how many
    visits in a row confirm a trouble.
    """

    zeros: int = 6
    spread: timedelta = timedelta(hours=24)
    days: int = 2
    flap_changes: int = 6
    flap_window: timedelta = timedelta(days=7)
    milestones: tuple[int, ...] = (7, 21, 60)
    coverage: float = guards.COVERAGE
    exploitable: float = guards.CONCLUSIVE
    trouble: int = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitFact:
    """What the fold needs of one observation or gap. `row` is the observation's number in the store.

    `at` is UTC: the end of a visit, or the drawn instant of a gap. `outcome` is `None` for a gap.
    `scheduled` is false for visits that were not drawn: manual, attended, control. `breaker`: the gap's
    reason is `breaker_open`.
    """

    at: datetime
    outcome: Outcome | None
    scheduled: bool = True
    breaker: bool = False
    row: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", utc(self.at, "at"))


@dataclass(frozen=True, kw_only=True, slots=True)
class RepeatedTrouble:
    """`count` visits in a row with one trouble, from `since` (UTC); `confirmed` once there are enough."""

    trouble: Trouble
    since: datetime
    count: int = 1
    confirmed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """All that the fold remembers of one target. Times are UTC; `zone` is the target's, for local days.

    `milestone` is the longest one told of this drought, in days. `changes` are the times of the latest flips
    between zero and slots. `last` is the latest outcome, `conclusive` the latest conclusive one.
    """

    target: str
    zone: str
    phase: Phase = Phase.UNKNOWN
    since: datetime | None = None
    drought: RunningDrought | None = None
    milestone: int = 0
    changes: tuple[datetime, ...] = ()
    repeated: RepeatedTrouble | None = None
    last: Outcome | None = None
    last_at: datetime | None = None
    conclusive: Outcome | None = None
    conclusive_at: datetime | None = None
    last_slot_at: datetime | None = None


Step = tuple[State, tuple[Transition, ...]]


def of_observation(observation: Observation, row: int | None = None) -> VisitFact:
    """The fact of an observation, dated by its `finished_at`: only then was the answer there."""
    return VisitFact(
        at=observation.finished_at,
        outcome=observation.reading.outcome,
        scheduled=observation.origin is Origin.SCHEDULED,
        row=row,
    )


def of_gap(gap: Gap) -> VisitFact:
    """The fact of a gap, dated by its drawn instant, without an outcome."""
    return VisitFact(at=gap.scheduled_at, outcome=None, breaker=gap.reason is GapReason.BREAKER_OPEN)


def step(state: State, fact: VisitFact, rules: TransitionRules | None = None) -> Step:
    """Fold one fact: the next state, and the transitions that it makes."""
    rules = rules or TransitionRules()
    if fact.outcome is None:
        return _gap(state, fact, rules)
    if not fact.scheduled and fact.outcome is not Outcome.SLOTS_OFFERED:
        return state, ()  # a person's visits confirm nothing; a slot that a person saw still ends a zero
    state, health = _health(state, fact, rules)
    state, supply = _supply(state, fact, rules)
    return replace(state, last=fact.outcome, last_at=fact.at), health + supply


def _gap(state: State, fact: VisitFact, rules: TransitionRules) -> Step:
    if state.drought and fact.at >= state.drought.since:  # a gap from before the drought may be recorded late
        state = replace(state, drought=replace(state.drought, gaps=state.drought.gaps + 1))
    repeated = state.repeated
    if repeated and fact.breaker:  # the breaker opens after repeated refusals, so the trouble is confirmed
        return _confirm(state, replace(repeated, count=max(repeated.count, rules.trouble)), fact, rules)
    return state, ()


def _health(state: State, fact: VisitFact, rules: TransitionRules) -> Step:
    trouble = TROUBLES.get(fact.outcome) if fact.outcome else None
    repeated = state.repeated
    if repeated and repeated.trouble is trouble:
        return _confirm(state, replace(repeated, count=repeated.count + 1), fact, rules)
    ended = _recovery(state, repeated, fact) if repeated and repeated.confirmed else ()
    if trouble is None:
        return replace(state, repeated=None), ended
    state, begun = _confirm(state, RepeatedTrouble(trouble=trouble, since=fact.at), fact, rules)
    return state, ended + begun


def _confirm(state: State, repeated: RepeatedTrouble, fact: VisitFact, rules: TransitionRules) -> Step:
    if repeated.confirmed or repeated.count < rules.trouble:
        return replace(state, repeated=repeated), ()
    made = _made(state, Change.TROUBLE, fact, since=repeated.since, trouble=repeated.trouble)
    return replace(state, repeated=replace(repeated, confirmed=True)), (made,)


def _recovery(state: State, repeated: RepeatedTrouble, fact: VisitFact) -> tuple[Transition, ...]:
    return (_made(state, Change.RECOVERED, fact, since=repeated.since, trouble=repeated.trouble),)


def _supply(state: State, fact: VisitFact, rules: TransitionRules) -> Step:
    match fact.outcome:
        case Outcome.NO_SLOTS:
            return _zero(state, fact, rules)
        case Outcome.SLOTS_OFFERED:
            return _slots(state, fact, rules)
        case _ if state.drought:
            return replace(state, drought=replace(state.drought, others=state.drought.others + 1)), ()
    return state, ()


def _zero(state: State, fact: VisitFact, rules: TransitionRules) -> Step:
    if state.conclusive_at and fact.at <= state.conclusive_at:
        return state, ()  # recorded late: it lies inside what was seen already, so it confirms nothing more
    state = _flipped(state, fact, rules)
    drought = _counted(state.drought, fact, ZoneInfo(state.zone))
    state = replace(state, drought=drought, conclusive=Outcome.NO_SLOTS, conclusive_at=fact.at)
    if not _confirmed(drought, rules):
        return _unsettled(state, fact, rules)
    if state.phase is Phase.ZERO:
        return _milestone(state, drought, fact, rules)
    return _enter(state, Phase.ZERO, Change.ZERO, fact, since=drought.since)


def _slots(state: State, fact: VisitFact, rules: TransitionRules) -> Step:
    state = _flipped(state, fact, rules)
    state = replace(
        state,
        conclusive=Outcome.SLOTS_OFFERED,
        conclusive_at=max(fact.at, state.conclusive_at or fact.at),
        last_slot_at=max(fact.at, state.last_slot_at or fact.at),  # the embargo of the digest counts from it
    )
    if _flapping(state, fact, rules):
        after, made = _enter(state, Phase.UNSTABLE, Change.UNSTABLE, fact, since=state.changes[0])
    else:
        after, made = _enter(state, Phase.OFFERED, Change.SLOTS, fact, since=fact.at)
    return replace(after, drought=None, milestone=0), made


def _unsettled(state: State, fact: VisitFact, rules: TransitionRules) -> Step:
    if _flapping(state, fact, rules):
        return _enter(state, Phase.UNSTABLE, Change.UNSTABLE, fact, since=state.changes[0])
    return state, ()


def _enter(state: State, phase: Phase, change: Change, fact: VisitFact, *, since: datetime) -> Step:
    if state.phase is phase:
        return state, ()
    made = replace(_made(state, change, fact, since=since), after=phase)
    return replace(state, phase=phase, since=since), (made,)


def _milestone(state: State, drought: RunningDrought, fact: VisitFact, rules: TransitionRules) -> Step:
    reached = max((days for days in rules.milestones if drought.lasted >= timedelta(days=days)), default=0)
    told = guards.drought_told(drought, coverage=rules.coverage, conclusive=rules.exploitable)
    if reached <= state.milestone or not told:
        return state, ()
    made = replace(_made(state, Change.MILESTONE, fact, since=drought.since), milestone=reached)
    return replace(state, milestone=reached), (made,)


def _made(
    state: State, change: Change, fact: VisitFact, *, since: datetime, trouble: Trouble | None = None
) -> Transition:
    return Transition(
        target=state.target,
        change=change,
        at=fact.at,
        since=since,
        before=state.phase,
        after=state.phase,
        trouble=trouble,
        drought=state.drought,
        row=fact.row,
    )


def _flipped(state: State, fact: VisitFact, rules: TransitionRules) -> State:
    if state.conclusive in (None, fact.outcome):
        return state
    return replace(state, changes=(*state.changes, fact.at)[-rules.flap_changes :])


def _flapping(state: State, fact: VisitFact, rules: TransitionRules) -> bool:
    enough = len(state.changes) == rules.flap_changes
    return enough and fact.at - state.changes[0] <= rules.flap_window


def _confirmed(drought: RunningDrought, rules: TransitionRules) -> bool:
    return drought.zeros >= rules.zeros and drought.lasted >= rules.spread and drought.days >= rules.days


def _counted(drought: RunningDrought | None, fact: VisitFact, tz: ZoneInfo) -> RunningDrought:
    day = fact.at.astimezone(tz).date()
    if drought is None:
        return RunningDrought(since=fact.at, last=fact.at, last_day=day)
    week, last_week = day.isocalendar()[:2], drought.last_day.isocalendar()[:2]
    return replace(
        drought,
        last=fact.at,
        last_day=day,
        zeros=drought.zeros + 1,
        days=drought.days + (day > drought.last_day),
        weeks=drought.weeks + (week > last_week),
    )
