"""The fold: what confirms a zero, what never does, and that replay equals life."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Change, Gap, GapReason, Origin, Phase, Transition, Trouble
from monitor.rules.transitions import (
    TROUBLES,
    State,
    TransitionRules,
    VisitFact,
    of_gap,
    of_observation,
    step,
)
from probes.model import Outcome
from tests.alerts.folding import fold
from tests.cast.observations import gap, observation

MONDAY = datetime(2026, 3, 2, 8, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
ZERO, SLOTS = Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED
INCONCLUSIVE = [outcome for outcome in Outcome if not outcome.conclusive]


def start(zone: str = "Europe/Paris") -> State:
    return State(target="86-sejour", zone=zone)


def facts(
    *outcomes: Outcome | None, since: datetime = MONDAY, every: timedelta = HOUR, **more: Any
) -> list[VisitFact]:
    return [VisitFact(at=since + n * every, outcome=outcome, **more) for n, outcome in enumerate(outcomes)]


def changes(*outcomes: Outcome | None, **more: Any) -> list[Change]:
    return [made.change for made in fold(start(), facts(*outcomes, **more))[1]]


def public(made: tuple[Transition, ...]) -> list[Transition]:
    return [transition for transition in made if transition.change.public]


def test_it_confirms_a_zero_once_six_zeros_span_a_day_and_two_local_days() -> None:
    state, made = fold(start(), facts(*[ZERO] * 30))
    (only,) = made
    assert (only.change, only.at, only.since) == (Change.ZERO, MONDAY + 24 * HOUR, MONDAY)
    assert only.drought
    assert (only.drought.zeros, only.drought.days, only.drought.weeks) == (25, 2, 1)
    assert state.phase is Phase.ZERO


def test_it_waits_for_the_number_of_zeros() -> None:
    assert changes(*[ZERO] * 5, every=8 * HOUR) == []
    assert changes(*[ZERO] * 6, every=8 * HOUR) == [Change.ZERO]


def test_it_waits_for_the_minimum_time() -> None:
    assert changes(*[ZERO] * 24) == []
    assert changes(*[ZERO] * 25) == [Change.ZERO]


def test_it_waits_for_a_second_local_day() -> None:
    rules = TransitionRules(spread=timedelta(0))
    just_after_midnight = datetime(2026, 3, 1, 23, 5, tzinfo=UTC)
    assert fold(start(), facts(*[ZERO] * 24, since=just_after_midnight), rules)[1] == ()
    assert len(fold(start(), facts(*[ZERO] * 25, since=just_after_midnight), rules)[1]) == 1


def test_it_counts_days_where_the_prefecture_is() -> None:
    rules = TransitionRules(zeros=2, spread=timedelta(0))
    either_side_of_midnight_in_reunion = facts(ZERO, ZERO, since=datetime(2026, 3, 2, 19, 30, tzinfo=UTC))
    assert fold(start("Indian/Reunion"), either_side_of_midnight_in_reunion, rules)[1]
    assert not fold(start("Europe/Paris"), either_side_of_midnight_in_reunion, rules)[1]


@pytest.mark.parametrize(
    ("zone", "eve"),
    [
        ("Europe/Paris", datetime(2026, 3, 28, 23, 10, tzinfo=UTC)),
        ("Europe/Paris", datetime(2026, 10, 24, 22, 10, tzinfo=UTC)),
        ("America/Miquelon", datetime(2026, 3, 8, 3, 10, tzinfo=UTC)),
        ("America/Miquelon", datetime(2026, 11, 1, 2, 10, tzinfo=UTC)),
    ],
)
def test_it_counts_one_day_on_the_nights_the_clocks_change(zone: str, eve: datetime) -> None:
    local_midnight = eve.astimezone(ZoneInfo(zone))
    assert (local_midnight.hour, local_midnight.minute) == (0, 10)
    hours = 23 if eve.month == 3 else 25
    drought = fold(start(zone), facts(*[ZERO] * hours, since=eve))[0].drought
    assert drought
    assert drought.days == 1
    drought = fold(start(zone), facts(*[ZERO] * (hours + 1), since=eve))[0].drought
    assert drought
    assert drought.days == 2


@pytest.mark.parametrize("outcome", INCONCLUSIVE)
def test_it_lets_nothing_inconclusive_confirm_or_reset(outcome: Outcome) -> None:
    state, made = fold(start(), facts(*[ZERO, outcome] * 5, outcome, ZERO, every=8 * HOUR))
    (zero,) = public(made)
    assert zero.drought
    assert (zero.drought.zeros, zero.drought.others) == (6, 6)
    assert state.phase is Phase.ZERO


def test_it_lets_gaps_neither_confirm_nor_reset_but_shows_them() -> None:
    state, made = fold(start(), facts(*[ZERO, None] * 5, ZERO, every=8 * HOUR))
    assert [transition.change for transition in made] == [Change.ZERO]
    assert state.drought
    assert state.drought.coverage == 6 / 11


def test_it_ends_a_zero_at_the_first_slot_seen() -> None:
    _, made = fold(start(), facts(*[ZERO] * 25, SLOTS))
    ended = made[-1]
    assert (ended.change, ended.before, ended.after) == (Change.SLOTS, Phase.ZERO, Phase.OFFERED)
    assert ended.news
    assert ended.drought
    assert ended.drought.zeros == 25


def test_it_starts_counting_afresh_after_a_slot() -> None:
    assert changes(*[ZERO] * 24, SLOTS, *[ZERO] * 24) == [Change.SLOTS]


def test_it_tells_nobody_of_slots_where_no_zero_was_told() -> None:
    (first,) = fold(start(), facts(SLOTS, SLOTS))[1]
    assert first.change is Change.SLOTS
    assert not first.news


def test_it_shows_flapping_as_unstable_instead_of_one_change_after_another() -> None:
    assert changes(*[SLOTS, ZERO] * 20) == [Change.SLOTS, Change.UNSTABLE]


@pytest.mark.parametrize("pair", [[SLOTS, ZERO], [ZERO, SLOTS]])
def test_flapping_began_with_the_first_of_its_changes(pair: list[Outcome]) -> None:
    made = fold(start(), facts(*pair * 4))[1][-1]
    assert (made.change, made.since, made.at) == (Change.UNSTABLE, MONDAY + HOUR, MONDAY + 6 * HOUR)


def test_it_leaves_unstable_by_a_confirmed_zero() -> None:
    assert changes(*[SLOTS, ZERO] * 4, *[ZERO] * 24)[-1] is Change.ZERO


def test_it_leaves_unstable_when_slots_stay_until_the_window_has_passed() -> None:
    made = fold(start(), facts(*[ZERO, SLOTS] * 4, *[SLOTS] * (7 * 24)))[1]
    assert [transition.after for transition in made] == [Phase.OFFERED, Phase.UNSTABLE, Phase.OFFERED]
    assert not any(transition.news for transition in made)


def test_it_sends_a_weekly_release_as_news_not_as_flapping() -> None:
    week = [*[ZERO] * 167, SLOTS]
    assert Change.UNSTABLE not in changes(*week * 6)


def test_it_marks_seven_twenty_one_and_sixty_days_once_each() -> None:
    made = fold(start(), facts(*[ZERO] * (61 * 24)))[1]
    assert [transition.milestone for transition in made] == [None, 7, 21, 60]
    assert [transition.at - MONDAY for transition in made[1:]] == [timedelta(days=n) for n in (7, 21, 60)]


def test_it_marks_a_second_drought_as_it_marked_the_first() -> None:
    week = [ZERO] * (8 * 24)
    made = fold(start(), facts(*week, SLOTS, *week))[1]
    assert [transition.milestone for transition in made] == [None, 7, None, None, 7]


def test_it_marks_nothing_by_a_zero_that_comes_after_weeks_without_a_look() -> None:
    month = timedelta(days=30)
    made = fold(start(), [*facts(*[ZERO] * 25), *facts(ZERO, since=MONDAY + month)])[1]
    assert [transition.milestone for transition in made] == [None]
    late = facts(*[None] * 600, since=MONDAY + timedelta(days=2))
    made = fold(start(), [*facts(*[ZERO] * 25), *facts(ZERO, since=MONDAY + month), *late])[1]
    assert [transition.milestone for transition in made] == [None]


def test_it_does_not_count_gaps_of_before_a_run_that_are_recorded_late() -> None:
    late = facts(*[None] * 300, since=MONDAY - timedelta(days=20))
    of_the_run = [*facts(None, since=MONDAY), *facts(None, since=MONDAY + 3 * HOUR)]
    state, _ = fold(start(), [*facts(*[ZERO] * 3), *late, *of_the_run])
    assert state.drought
    assert state.drought.gaps == 2


def test_it_holds_a_milestone_back_while_too_little_was_seen() -> None:
    missed = facts(*[ZERO] * 30, *[None] * 200, ZERO)
    _, made = fold(start(), missed)
    assert [transition.change for transition in made] == [Change.ZERO]
    _, made = fold(start(), [*missed, *facts(*[ZERO] * 1000, since=missed[-1].at + HOUR)])
    assert [transition.milestone for transition in made] == [None, 21]


def test_it_holds_a_milestone_back_while_most_visits_gave_no_answer() -> None:
    _, made = fold(start(), facts(*[ZERO] * 30, *[Outcome.CAPTCHA] * 140, ZERO))
    assert [transition for transition in made if transition.change is Change.MILESTONE] == []


@pytest.mark.parametrize(("answered", "marked"), [(1, False), (2, True)])
def test_it_marks_a_drought_when_three_visits_of_five_gave_an_answer(answered: int, marked: bool) -> None:
    three_hours = [*[ZERO] * answered, *[Outcome.CAPTCHA] * (3 - answered)]
    _, made = fold(start(), facts(*three_hours * (8 * 8)))
    assert (Change.MILESTONE in {transition.change for transition in made}) == marked


@pytest.mark.parametrize("outcome", list(TROUBLES))
def test_it_tells_the_operator_of_a_trouble_seen_twice_running(outcome: Outcome) -> None:
    assert changes(outcome) == []
    assert changes(outcome, outcome, outcome) == [Change.TROUBLE]
    assert changes(outcome, outcome, ZERO) == [Change.TROUBLE, Change.RECOVERED]


def test_it_names_every_outcome_without_an_answer_except_the_form_that_takes_requests() -> None:
    assert set(Outcome) - set(TROUBLES) == {ZERO, SLOTS, Outcome.REQUESTS_OPEN}


def test_it_takes_an_open_breaker_for_confirmation() -> None:
    refused = VisitFact(at=MONDAY, outcome=Outcome.BLOCKED)
    paused = Gap(target="x", scheduled_at=MONDAY + HOUR, reason=GapReason.BREAKER_OPEN)
    skipped = Gap(target="x", scheduled_at=MONDAY + HOUR, reason=GapReason.BUDGET_SPENT)
    assert [made.trouble for made in fold(start(), [refused, of_gap(paused)])[1]] == [Trouble.BLOCKED]
    assert fold(start(), [refused, of_gap(skipped)])[1] == ()


def test_it_tells_one_trouble_from_the_next() -> None:
    made = fold(start(), facts(*[Outcome.SITE_DOWN] * 2, *[Outcome.CAPTCHA] * 2))[1]
    assert [(transition.change, transition.trouble) for transition in made] == [
        (Change.TROUBLE, Trouble.DOWN),
        (Change.RECOVERED, Trouble.DOWN),
        (Change.TROUBLE, Trouble.CAPTCHA),
    ]


def test_it_lets_a_person_s_visits_confirm_nothing() -> None:
    assert changes(*[ZERO] * 50, scheduled=False) == []
    assert changes(*[Outcome.BLOCKED] * 5, scheduled=False) == []


def test_it_lets_a_slot_that_a_person_saw_end_a_zero() -> None:
    zero, _ = fold(start(), facts(*[ZERO] * 25))
    assert step(zero, VisitFact(at=MONDAY + 25 * HOUR, outcome=SLOTS, scheduled=False))[1][0].news


def test_it_gives_no_weight_to_a_zero_recorded_late() -> None:
    state, _ = fold(start(), facts(*[ZERO] * 20))
    assert step(state, VisitFact(at=MONDAY, outcome=ZERO))[0].drought == state.drought


def test_it_refuses_a_fact_without_a_time_zone() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        VisitFact(at=MONDAY.replace(tzinfo=None), outcome=ZERO)


outcomes = st.sampled_from([*Outcome, None])
steps = st.integers(min_value=1, max_value=72 * 3600).map(lambda seconds: timedelta(seconds=seconds))
zones = st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Miquelon", "Pacific/Tahiti"])


@st.composite
def histories(draw: st.DrawFn, among: st.SearchStrategy[Outcome | None] = outcomes) -> list[VisitFact]:
    at = MONDAY + draw(st.integers(-800, 2400)) * timedelta(days=1)
    history = []
    for pause, outcome, breaker in draw(st.lists(st.tuples(steps, among, st.booleans()), max_size=80)):
        at += pause
        history.append(VisitFact(at=at, outcome=outcome, breaker=breaker and outcome is None))
    return history


@given(histories(st.sampled_from([*INCONCLUSIVE, None])), zones)
def test_nothing_inconclusive_ever_makes_a_public_transition(history: list[VisitFact], zone: str) -> None:
    assert public(fold(start(zone), history)[1]) == []


@given(histories(), zones, st.integers(min_value=0, max_value=80))
def test_replay_equals_life_wherever_it_is_cut(history: list[VisitFact], zone: str, cut: int) -> None:
    state, before = fold(start(zone), history[:cut])
    state, after = fold(state, history[cut:])
    assert (state, before + after) == fold(start(zone), history)


@given(histories(st.sampled_from([ZERO, SLOTS, Outcome.CAPTCHA, None])), zones)
def test_every_zero_told_stands_on_enough_zeros_and_no_slot(history: list[VisitFact], zone: str) -> None:
    for made in fold(start(zone), history)[1]:
        if made.change is Change.ZERO:
            run = [fact for fact in history if made.since <= fact.at <= made.at]
            zeros = [fact.at for fact in run if fact.outcome is ZERO]
            assert SLOTS not in {fact.outcome for fact in run}
            assert len(zeros) >= 6
            assert zeros[-1] - zeros[0] >= timedelta(days=1)
            assert len({at.astimezone(ZoneInfo(zone)).date() for at in zeros}) >= 2
            assert made.drought
            assert made.drought.zeros == len(zeros)


@given(histories(st.sampled_from([ZERO, SLOTS])), zones)
def test_taking_the_inconclusive_away_changes_no_public_transition(
    history: list[VisitFact], zone: str
) -> None:
    def shape(facts: list[VisitFact]) -> list[tuple[Change, datetime]]:
        rules = TransitionRules(coverage=0, exploitable=0)
        return [(made.change, made.at) for made in public(fold(start(zone), facts, rules)[1])]

    noisy = [
        noise
        for fact in history
        for noise in (
            VisitFact(at=fact.at, outcome=Outcome.BLOCKED),
            VisitFact(at=fact.at, outcome=None),
            fact,
        )
    ]
    assert shape(noisy) == shape(history)


@given(histories(), zones)
def test_transitions_come_in_the_order_of_the_facts(history: list[VisitFact], zone: str) -> None:
    made = fold(start(zone), history)[1]
    assert [transition.at for transition in made] == sorted(transition.at for transition in made)
    assert all(transition.since <= transition.at for transition in made)


def test_slots_recorded_late_do_not_turn_time_back() -> None:
    """A zero that lies before what was seen already counts for nothing, whatever was recorded in between."""
    at = [MONDAY + n * HOUR for n in (5, 1, 3)]
    told = [VisitFact(at=one, outcome=outcome) for one, outcome in zip(at, (ZERO, SLOTS, ZERO), strict=True)]
    state, _ = fold(start(), told)
    assert (state.drought, state.conclusive_at) == (None, at[0])


def test_the_latest_slot_is_the_latest_that_was_seen_whenever_it_was_recorded() -> None:
    """The Monday mail names no target whose latest slot is under embargo."""
    state, _ = fold(start(), [*facts(SLOTS, ZERO, SLOTS, ZERO), *facts(SLOTS)])
    assert state.last_slot_at == MONDAY + 2 * HOUR


def test_a_state_remembers_since_when_it_holds() -> None:
    state, _ = fold(start(), facts(*[ZERO] * 26))
    assert (state.phase, state.since) == (Phase.ZERO, MONDAY)
    state, _ = fold(state, facts(SLOTS, since=MONDAY + 30 * HOUR))
    assert (state.phase, state.since) == (Phase.OFFERED, MONDAY + 30 * HOUR)


@pytest.mark.parametrize("outcome", list(TROUBLES))
def test_it_tells_no_recovery_from_a_trouble_seen_once(outcome: Outcome) -> None:
    assert changes(outcome, ZERO, outcome, ZERO) == []


def test_a_site_out_of_breath_is_down_and_one_that_turns_us_away_is_blocked() -> None:
    down = {Outcome.SITE_DOWN, Outcome.OVERLOADED}
    blocked = {Outcome.BLOCKED, Outcome.RATE_LIMITED}
    assert {outcome for outcome, named in TROUBLES.items() if named is Trouble.DOWN} == down
    assert {outcome for outcome, named in TROUBLES.items() if named is Trouble.BLOCKED} == blocked
    moved = {Outcome.CLOSED, Outcome.LOGIN_REQUIRED}
    assert {outcome for outcome, named in TROUBLES.items() if named is Trouble.MOVED} == moved


def test_it_forgets_slow_changes_of_long_ago() -> None:
    """Only the latest flips say whether a target is unstable now."""
    slow = facts(*[ZERO, SLOTS] * 4, every=timedelta(days=3))
    fast = facts(*[ZERO, SLOTS] * 4, since=slow[-1].at + HOUR)
    assert Change.UNSTABLE not in [made.change for made in fold(start(), slow)[1]]
    assert Change.UNSTABLE in [made.change for made in fold(start(), [*slow, *fast])[1]]


def test_it_counts_the_first_week_of_a_year_after_the_last_one() -> None:
    """The 52nd or 53rd week comes before the first."""
    daily = facts(*[ZERO] * 15, since=datetime(2026, 12, 24, 12, tzinfo=UTC), every=24 * HOUR)
    drought = fold(start(), daily)[0].drought
    assert drought
    assert drought.weeks == 3


def test_it_counts_one_instant_once() -> None:
    drought = fold(start(), facts(*[ZERO] * 9, every=timedelta(0)))[0].drought
    assert drought
    assert drought.zeros == 1


def test_the_first_answer_ever_is_no_change() -> None:
    assert Change.UNSTABLE not in changes(*[ZERO, SLOTS] * 3)
    assert Change.UNSTABLE in changes(*[ZERO, SLOTS] * 3, ZERO)


def test_a_recovery_says_since_when_the_trouble_lasted() -> None:
    made = fold(start(), facts(*[Outcome.SITE_DOWN] * 5, ZERO))[1]
    assert [(one.change, one.since, one.at) for one in made] == [
        (Change.TROUBLE, MONDAY, MONDAY + HOUR),
        (Change.RECOVERED, MONDAY, MONDAY + 5 * HOUR),
    ]


def test_each_transition_names_the_row_that_confirmed_it() -> None:
    seen = [VisitFact(at=one.at, outcome=one.outcome, row=n) for n, one in enumerate(facts(*[ZERO] * 25))]
    (only,) = fold(start(), seen)[1]
    assert only.row == 24


def test_changes_exactly_a_window_apart_still_count_together() -> None:
    seven = [ZERO, SLOTS, ZERO, SLOTS, ZERO, SLOTS, ZERO]
    assert Change.UNSTABLE in changes(*seven, every=timedelta(days=7) / 5)
    assert Change.UNSTABLE not in changes(*seven, every=timedelta(days=7, minutes=5) / 5)


def test_a_state_knows_its_latest_visit() -> None:
    state, _ = fold(start(), facts(ZERO, Outcome.CAPTCHA, None))
    assert (state.last, state.last_at) == (Outcome.CAPTCHA, MONDAY + HOUR)


@pytest.mark.parametrize("origin", list(Origin))
def test_a_visit_counts_from_its_end_and_only_a_drawn_one_confirms(origin: Origin) -> None:
    seen = observation(MONDAY, Outcome.CAPTCHA, origin=origin)
    scheduled = origin is Origin.SCHEDULED
    expected = VisitFact(at=seen.finished_at, outcome=Outcome.CAPTCHA, scheduled=scheduled, row=7)
    assert of_observation(seen, 7) == expected
    assert of_gap(gap(MONDAY, GapReason.MISFIRE)) == VisitFact(at=MONDAY, outcome=None)


def test_the_end_of_a_trouble_is_told_before_what_the_page_then_said() -> None:
    made = fold(start(), facts(*[ZERO] * 25, *[Outcome.SITE_DOWN] * 2, SLOTS))[1]
    assert [(one.change, one.before, one.after) for one in made[1:]] == [
        (Change.TROUBLE, Phase.ZERO, Phase.ZERO),
        (Change.RECOVERED, Phase.ZERO, Phase.ZERO),
        (Change.SLOTS, Phase.ZERO, Phase.OFFERED),
    ]
