"""Monday at eight, and what the digest names where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.decide.mondays import latest_due
from monitor.alerts.write.digests import DigestTarget, assemble
from monitor.alerts.write.stories import Digest, Links, WeekCounts
from monitor.model import Change, Phase, RunningDrought, Transition, Trouble
from monitor.rules.transitions import RepeatedTrouble, State
from probes.model import Target
from tests.alerts.stories import make_target

PARIS = ZoneInfo("Europe/Paris")
END = datetime(2026, 3, 9, 7, tzinfo=UTC)
DAY = timedelta(days=1)
FULL = WeekCounts(scheduled=168, made=168, zeros=168)
ZONES = ["Europe/Paris", "Indian/Reunion", "America/Miquelon", "America/Cayenne", "Pacific/Noumea"]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-30T06:00+00:00", "2026-03-30T06:00+00:00"),  # the Monday after the clocks went forward
        ("2026-03-30T05:59+00:00", "2026-03-23T07:00+00:00"),
        ("2026-10-26T07:00+00:00", "2026-10-26T07:00+00:00"),  # the Monday after they went back
        ("2026-10-26T06:59+00:00", "2026-10-19T06:00+00:00"),
        ("2027-01-04T12:00+00:00", "2027-01-04T07:00+00:00"),  # after ISO week 53 of 2026
        ("2026-12-31T23:59+00:00", "2026-12-28T07:00+00:00"),
    ],
)
def test_it_is_due_at_eight_on_monday_by_the_clock_on_the_wall(now: str, due: str) -> None:
    assert latest_due(datetime.fromisoformat(now), PARIS) == datetime.fromisoformat(due)


@given(
    st.integers(
        int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2032, 1, 1, tzinfo=UTC).timestamp())
    ),
    st.sampled_from(ZONES),
)
def test_it_is_always_the_last_monday_at_eight(seconds: int, zone: str) -> None:
    now, tz = datetime.fromtimestamp(seconds, UTC), ZoneInfo(zone)
    due = latest_due(now, tz)
    local = due.astimezone(tz)
    assert (local.weekday(), local.hour, local.minute) == (0, 8, 0)
    assert due <= now < latest_due(due + timedelta(days=7, hours=2), tz)


def state(phase: Phase = Phase.ZERO, **more: Any) -> State:
    drought = RunningDrought(since=END - 30 * DAY, last=END, last_day=END.date(), zeros=700, days=31)
    return State(target="86-sejour", zone="Europe/Paris", phase=phase, drought=drought, **more)


def made(change: Change, before: Phase = Phase.UNKNOWN, after: Phase = Phase.ZERO, **more: Any) -> Transition:
    return Transition(
        target="86-sejour",
        change=change,
        at=END - 3 * DAY,
        since=END - 4 * DAY,
        before=before,
        after=after,
        **more,
    )


def digest(target: Target, stands: State, *transitions: Transition, week: WeekCounts = FULL) -> Digest:
    one = DigestTarget(target=target, state=stands, week=week, transitions=transitions)
    return assemble([one], end=END, tz=PARIS, embargo=DAY)


@pytest.mark.parametrize(
    ("stands", "transitions", "section"),
    [
        (state(), [made(Change.ZERO)], "new"),
        (state(), [made(Change.MILESTONE, before=Phase.ZERO, milestone=21)], "records"),
        (state(), [], "ongoing"),
        (state(Phase.UNSTABLE), [], "unstable"),
        (state(Phase.OFFERED), [made(Change.SLOTS, Phase.ZERO, Phase.OFFERED)], "ended"),
        (
            state(repeated=RepeatedTrouble(trouble=Trouble.DOWN, since=END - DAY, confirmed=True)),
            [],
            "unavailable",
        ),
    ],
)
def test_it_names_each_target_in_its_section(
    target: Target, stands: State, transitions: list[Transition], section: str
) -> None:
    made_of = digest(target, stands, *transitions)
    assert [line.target for line in getattr(made_of, section)] == [target]
    assert made_of.followed == 1


def test_it_concludes_nothing_from_a_week_seen_too_little(target: Target) -> None:
    week = WeekCounts(scheduled=168, made=134, zeros=134)
    made_of = digest(target, state(), made(Change.ZERO), week=week)
    assert made_of.insufficient
    assert not made_of.new


def test_it_concludes_nothing_from_a_week_without_enough_answers(target: Target) -> None:
    assert digest(target, state(), week=WeekCounts(scheduled=168, made=168, zeros=100)).insufficient


def test_it_concludes_nothing_from_a_suspected_zero(target: Target) -> None:
    one = DigestTarget(target=target, state=state(), week=FULL, suspected=True)
    assert assemble([one], end=END, tz=PARIS, embargo=DAY).insufficient


def test_it_does_not_name_what_offered_slots_within_the_embargo(target: Target) -> None:
    made_of = digest(target, state(Phase.OFFERED, last_slot_at=END - timedelta(hours=23)))
    assert (made_of.offered, made_of.ended) == (1, ())


def test_it_names_no_end_where_no_zero_was_told(target: Target) -> None:
    assert (
        digest(target, state(Phase.OFFERED), made(Change.SLOTS, Phase.UNSTABLE, Phase.OFFERED)).offered == 1
    )


def test_it_puts_the_longest_drought_first(target: Target) -> None:
    short = RunningDrought(since=END - 8 * DAY, last=END, last_day=END.date())
    followed = [
        DigestTarget(
            target=target,
            state=State(target="b", zone="Europe/Paris", phase=Phase.ZERO, drought=short),
            week=FULL,
        ),
        DigestTarget(target=target, state=state(), week=FULL),
    ]
    lines = assemble(followed, end=END, tz=PARIS, embargo=DAY).ongoing
    assert [line.dry_for.days for line in lines] == [30, 8]


def test_of_two_equal_droughts_the_first_name_comes_first() -> None:
    followed = [DigestTarget(target=make_target(id=name), state=state(), week=FULL) for name in "ba"]
    lines = assemble(followed, end=END, tz=PARIS, embargo=DAY).ongoing
    assert [line.target.id for line in lines] == ["a", "b"]


@pytest.mark.parametrize(
    ("transitions", "section"),
    [
        ([made(Change.ZERO), made(Change.MILESTONE, before=Phase.ZERO, milestone=7)], "new"),
        ([made(Change.MILESTONE, before=Phase.ZERO, milestone=7)], "records"),
        ([], "ongoing"),
    ],
)
def test_a_line_about_a_drought_has_all_that_is_known_of_it(
    target: Target, transitions: list[Transition], section: str
) -> None:
    where = Links(page="https://x.example.org")
    one = DigestTarget(target=target, state=state(), week=FULL, transitions=transitions, links=where)
    (line,) = getattr(assemble([one], end=END, tz=PARIS, embargo=DAY), section)
    assert (line.drought, line.week, line.links) == (state().drought, FULL, where)
    assert line.milestone == (7 if section == "records" else None)


def test_a_suspected_zero_is_marked_in_its_line(target: Target) -> None:
    one = DigestTarget(target=target, state=state(), week=FULL, suspected=True)
    (line,) = assemble([one], end=END, tz=PARIS, embargo=DAY).insufficient
    assert (line.suspected, line.drought) == (True, None)


def test_its_week_starts_at_the_same_hour_across_a_change_of_clocks(target: Target) -> None:
    end = latest_due(datetime(2026, 3, 30, 12, tzinfo=UTC), PARIS)
    made_of = assemble([], end=end, tz=PARIS, embargo=DAY)
    assert made_of.end - made_of.start == timedelta(days=7) - timedelta(hours=1)


def test_slots_seen_within_the_embargo_are_not_named(target: Target) -> None:
    """The Monday mail is public too: what was seen yesterday would still be a tip."""
    end_of_zero = made(Change.SLOTS, Phase.ZERO, Phase.OFFERED)
    fresh = digest(target, state(Phase.OFFERED, last_slot_at=END - 0.9 * DAY), end_of_zero)
    old = digest(target, state(Phase.OFFERED, last_slot_at=END - 1.1 * DAY), end_of_zero)
    assert (fresh.ended, fresh.offered) == ((), 1)
    assert ([line.target for line in old.ended], old.offered) == ([target], 0)
    assert digest(target, state(Phase.OFFERED, last_slot_at=END - DAY), end_of_zero).ended


def test_trouble_not_yet_confirmed_does_not_take_a_target_out_of_its_section(target: Target) -> None:
    passing = RepeatedTrouble(trouble=Trouble.DOWN, since=END - DAY, confirmed=False)
    (line,) = digest(target, state(repeated=passing)).ongoing
    assert line.trouble is Trouble.DOWN


def test_news_that_leads_to_a_zero_is_no_end(target: Target) -> None:
    back = made(Change.ZERO, Phase.OFFERED, Phase.ZERO)
    assert digest(target, state(Phase.OFFERED), back).offered == 1


def test_of_several_milestones_in_one_week_the_longest_is_told(target: Target) -> None:
    reached = [made(Change.MILESTONE, before=Phase.ZERO, milestone=days) for days in (7, 21, 14)]
    (line,) = digest(target, state(), *reached).records
    assert line.milestone == 21


def test_a_line_says_since_when_the_state_holds(target: Target) -> None:
    (line,) = digest(target, state(Phase.UNSTABLE, since=END - 2 * DAY)).unstable
    assert (line.since, line.drought) == (END - 2 * DAY, None)


def test_answers_with_slots_count_as_answers(target: Target) -> None:
    week = WeekCounts(scheduled=168, made=168, zeros=100, slots=68)
    assert digest(target, state(), week=week).ongoing


def test_the_share_of_answers_is_of_the_visits_made(target: Target) -> None:
    assert digest(target, state(), week=WeekCounts(scheduled=168, made=140, zeros=85)).ongoing


def test_a_drought_that_came_and_went_within_the_week_has_ended(target: Target) -> None:
    news = [made(Change.ZERO), made(Change.SLOTS, Phase.ZERO, Phase.OFFERED)]
    assert digest(target, state(Phase.OFFERED), *news).ended


def test_coverage_is_of_visits_and_not_of_answers() -> None:
    assert WeekCounts(scheduled=168, made=126, zeros=42).coverage == 0.75
    assert WeekCounts().coverage == 0


def test_what_is_followed_counts_the_targets_not_named(week: Digest) -> None:
    assert week.followed == 7 + 4
