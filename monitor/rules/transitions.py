"""The pure fold from facts to transitions: the only source of alerts, live and in replay alike.

A zero is confirmed by N consecutive conclusive `no_slots`, spread over a minimum time and several local days.
What was inconclusive, or not looked at, is counted and shown, and neither confirms nor resets. No I/O and no
clock: the same facts in the same order always give the same transitions, one by one or all at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.model import Change, Gap, GapReason, Observation, Origin, Phase, Tally, Transition, Trouble
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
class Rules:
    """What it takes to say something. `milestones` are days, guarded by `coverage` and `exploitable`."""

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
class Fact:
    """What the fold needs of one observation or gap. `row` is the observation's number in the store.

    `outcome` is `None` for a gap; `scheduled` is false for manual and attended visits; `at` is UTC.
    """

    at: datetime
    outcome: Outcome | None
    scheduled: bool = True
    breaker: bool = False
    row: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", utc(self.at, "at"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Ailment:
    """Consecutive facts of one kind of trouble."""

    trouble: Trouble
    since: datetime
    count: int = 1
    confirmed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """All the fold remembers of one target. `changes` are the latest flips between zero and slots."""

    target: str
    zone: str
    phase: Phase = Phase.UNKNOWN
    since: datetime | None = None
    tally: Tally | None = None
    milestone: int = 0
    changes: tuple[datetime, ...] = ()
    ailment: Ailment | None = None
    last: Outcome | None = None
    last_at: datetime | None = None
    conclusive: Outcome | None = None
    conclusive_at: datetime | None = None
    last_slot_at: datetime | None = None


Step = tuple[State, tuple[Transition, ...]]


def of_observation(observation: Observation, row: int | None = None) -> Fact:
    """The fact in an observation; it is dated when its answer was in."""
    return Fact(
        at=observation.finished_at,
        outcome=observation.reading.outcome,
        scheduled=observation.origin is Origin.SCHEDULED,
        row=row,
    )


def of_gap(gap: Gap) -> Fact:
    """The fact in a gap: nobody looked."""
    return Fact(at=gap.scheduled_at, outcome=None, breaker=gap.reason is GapReason.BREAKER_OPEN)


def step(state: State, fact: Fact, rules: Rules | None = None) -> Step:
    """One fact further: the next state, and what changed by it."""
    rules = rules or Rules()
    if fact.outcome is None:
        return _gap(state, fact, rules)
    if not fact.scheduled and fact.outcome is not Outcome.SLOTS_OFFERED:
        return state, ()  # a person's visits confirm nothing; a slot that a person saw still ends a zero
    state, health = _health(state, fact, rules)
    state, supply = _supply(state, fact, rules)
    return replace(state, last=fact.outcome, last_at=fact.at), health + supply


def _gap(state: State, fact: Fact, rules: Rules) -> Step:
    if state.tally and fact.at >= state.tally.since:  # what was missed before may be recorded late
        state = replace(state, tally=replace(state.tally, gaps=state.tally.gaps + 1))
    ailing = state.ailment
    if ailing and fact.breaker:  # the breaker opens after repeated refusals: they are the confirmation
        return _confirm(state, replace(ailing, count=max(ailing.count, rules.trouble)), fact, rules)
    return state, ()


def _health(state: State, fact: Fact, rules: Rules) -> Step:
    trouble = TROUBLES.get(fact.outcome) if fact.outcome else None
    ailing = state.ailment
    if ailing and ailing.trouble is trouble:
        return _confirm(state, replace(ailing, count=ailing.count + 1), fact, rules)
    ended = _recovery(state, ailing, fact) if ailing and ailing.confirmed else ()
    if trouble is None:
        return replace(state, ailment=None), ended
    state, begun = _confirm(state, Ailment(trouble=trouble, since=fact.at), fact, rules)
    return state, ended + begun


def _confirm(state: State, ailing: Ailment, fact: Fact, rules: Rules) -> Step:
    if ailing.confirmed or ailing.count < rules.trouble:
        return replace(state, ailment=ailing), ()
    made = _made(state, Change.TROUBLE, fact, since=ailing.since, trouble=ailing.trouble)
    return replace(state, ailment=replace(ailing, confirmed=True)), (made,)


def _recovery(state: State, ailing: Ailment, fact: Fact) -> tuple[Transition, ...]:
    return (_made(state, Change.RECOVERED, fact, since=ailing.since, trouble=ailing.trouble),)


def _supply(state: State, fact: Fact, rules: Rules) -> Step:
    match fact.outcome:
        case Outcome.NO_SLOTS:
            return _zero(state, fact, rules)
        case Outcome.SLOTS_OFFERED:
            return _slots(state, fact, rules)
        case _ if state.tally:
            return replace(state, tally=replace(state.tally, others=state.tally.others + 1)), ()
    return state, ()


def _zero(state: State, fact: Fact, rules: Rules) -> Step:
    if state.conclusive_at and fact.at <= state.conclusive_at:
        return state, ()  # recorded late: it adds no spread, so it confirms nothing
    state = _flipped(state, fact, rules)
    tally = _counted(state.tally, fact, ZoneInfo(state.zone))
    state = replace(state, tally=tally, conclusive=Outcome.NO_SLOTS, conclusive_at=fact.at)
    if not _confirmed(tally, rules):
        return _unsettled(state, fact, rules)
    if state.phase is Phase.ZERO:
        return _milestone(state, tally, fact, rules)
    return _enter(state, Phase.ZERO, Change.ZERO, fact, since=tally.since)


def _slots(state: State, fact: Fact, rules: Rules) -> Step:
    state = _flipped(state, fact, rules)
    state = replace(state, conclusive=Outcome.SLOTS_OFFERED, last_slot_at=fact.at)
    state = replace(state, conclusive_at=max(fact.at, state.conclusive_at or fact.at))
    if _flapping(state, fact, rules):
        after, made = _enter(state, Phase.UNSTABLE, Change.UNSTABLE, fact, since=state.changes[0])
    else:
        after, made = _enter(state, Phase.OFFERED, Change.SLOTS, fact, since=fact.at)
    return replace(after, tally=None, milestone=0), made


def _unsettled(state: State, fact: Fact, rules: Rules) -> Step:
    if _flapping(state, fact, rules):
        return _enter(state, Phase.UNSTABLE, Change.UNSTABLE, fact, since=state.changes[0])
    return state, ()


def _enter(state: State, phase: Phase, change: Change, fact: Fact, *, since: datetime) -> Step:
    if state.phase is phase:
        return state, ()
    made = replace(_made(state, change, fact, since=since), after=phase)
    return replace(state, phase=phase, since=since), (made,)


def _milestone(state: State, tally: Tally, fact: Fact, rules: Rules) -> Step:
    reached = max((days for days in rules.milestones if tally.lasted >= timedelta(days=days)), default=0)
    told = guards.drought_told(tally, coverage=rules.coverage, conclusive=rules.exploitable)
    if reached <= state.milestone or not told:
        return state, ()
    made = replace(_made(state, Change.MILESTONE, fact, since=tally.since), milestone=reached)
    return replace(state, milestone=reached), (made,)


def _made(
    state: State, change: Change, fact: Fact, *, since: datetime, trouble: Trouble | None = None
) -> Transition:
    return Transition(
        target=state.target,
        change=change,
        at=fact.at,
        since=since,
        before=state.phase,
        after=state.phase,
        trouble=trouble,
        tally=state.tally,
        row=fact.row,
    )


def _flipped(state: State, fact: Fact, rules: Rules) -> State:
    if state.conclusive in (None, fact.outcome):
        return state
    return replace(state, changes=(*state.changes, fact.at)[-rules.flap_changes :])


def _flapping(state: State, fact: Fact, rules: Rules) -> bool:
    enough = len(state.changes) == rules.flap_changes
    return enough and fact.at - state.changes[0] <= rules.flap_window


def _confirmed(tally: Tally, rules: Rules) -> bool:
    return tally.zeros >= rules.zeros and tally.lasted >= rules.spread and tally.days >= rules.days


def _counted(tally: Tally | None, fact: Fact, tz: ZoneInfo) -> Tally:
    day = fact.at.astimezone(tz).date()
    if tally is None:
        return Tally(since=fact.at, last=fact.at, last_day=day)
    week, last_week = day.isocalendar()[:2], tally.last_day.isocalendar()[:2]
    return replace(
        tally,
        last=fact.at,
        last_day=max(day, tally.last_day),
        zeros=tally.zeros + 1,
        days=tally.days + (day > tally.last_day),
        weeks=tally.weeks + (week > last_week),
    )
