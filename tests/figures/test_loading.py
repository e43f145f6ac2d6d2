"""From the store and back: the same record, the same weeks from roll-ups as from rows, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from monitor.clock import SystemClock
from monitor.figures import loading
from monitor.figures.delays import classes, gaps
from monitor.figures.period import Counts, Period, VisitAttempt
from monitor.figures.runs import droughts
from monitor.figures.shares import Bound, Share, bound, honesty, weekly
from monitor.metrics.rollups import unequal_weeks
from monitor.model import GapReason, Origin, Verdict
from monitor.problems import BadInput
from monitor.review import audit
from monitor.store import Store
from monitor.store import for_figures as rows
from monitor.store.review import verdicts
from probes.model import Outcome, Slot
from tests.cast.observations import observation, reading, target
from tests.cast.seeding import OFFSET, VANTAGE, read_again, seed
from tests.cast.supply import HOUR, PATTERNS, Supply, look_back, month, simulate, watch
from tests.cast.transactions import ask, tell
from tests.figures.truth import check_droughts, check_lifetimes

FIRST = date(2026, 3, 23)  # the week of the clock change in spring
DAYS = 14


def attempts(pattern: str, seed_: int = 1) -> list[VisitAttempt]:
    rng = np.random.default_rng(seed_)
    start, end = month(FIRST, DAYS)
    supply = PATTERNS[pattern](start, end, rng)
    if pattern == "blocks":  # for a day and a half, over two midnights
        supply = replace(supply, down=[(start + 64 * HOUR, start + 100 * HOUR)])
    return watch(supply, start, end, rng)


@pytest.fixture(scope="module")
def watched(any_store: Store) -> Store:
    """Two weeks of `vienne`, blocked and down at times; two days of `reunion`. Only read by the tests."""
    any_store.record_targets(TARGETS)
    seed(any_store, "vienne", attempts("blocks"))
    seed(any_store, "reunion", attempts("long_openings")[:48])
    return any_store


@pytest.fixture
def small(store: Store) -> Store:
    """Two days of `vienne`, for tests that add to it or tamper with it."""
    store.record_targets(TARGETS)
    seed(store, "vienne", attempts("scarcity")[:48])
    return store


TARGETS = [target("vienne"), target("reunion", zone="Indian/Reunion", departement="974")]
LAST = FIRST + timedelta(days=DAYS - 1)


def test_the_record_loaded_is_the_record_watched(watched: Store) -> None:
    loaded = loading.load(watched, "vienne", FIRST, LAST)
    expected = look_back(attempts("blocks"), FIRST, DAYS)
    assert loaded.counts == expected.counts
    assert loaded.rows.equals(expected.rows)
    assert (loaded.interval, loaded.zone, loaded.simulated) == (HOUR, "Europe/Paris", False)
    for figure in (classes, gaps, droughts, honesty):
        assert figure(loaded) == figure(replace(expected, target="vienne"))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_is_the_same_through_the_database_and_keeps_to_its_truth(
    every_pattern: Store, pattern: str
) -> None:
    loaded = loading.load(every_pattern, pattern, FIRST, LAST)
    supply, series = truth(pattern)
    assert loaded.rows.equals(series.rows)
    assert loading.weeks(every_pattern, [pattern], FIRST, LAST)[pattern] == weekly(series)
    check_lifetimes(supply, loaded)
    check_droughts(supply, loaded, *month(FIRST, DAYS))
    found = bound(loaded)
    assert not isinstance(found, Bound) or supply.share(*month(FIRST, DAYS)) <= found.worst


def truth(pattern: str) -> tuple[Supply, Period]:
    return simulate(pattern, FIRST, DAYS, seed=4)


@pytest.fixture(scope="module")
def every_pattern(any_store: Store) -> Store:
    """Two weeks of every pattern, over the change of the clocks."""
    any_store.record_targets([target(pattern) for pattern in PATTERNS])
    for pattern in PATTERNS:
        seed(any_store, pattern, attempts_of(truth(pattern)[1]))
    return any_store


def attempts_of(series: Period) -> list[VisitAttempt]:
    names = ("at", "outcome", "gap", "began", "ended", "earliest")
    return [
        VisitAttempt(
            scheduled_at=at,
            outcome=outcome and Outcome(outcome),
            gap=gap and GapReason(gap),
            began=began,
            ended=ended,
            earliest=earliest,
        )
        for at, outcome, gap, began, ended, earliest in series.rows.select(names).iter_rows()
    ]


def test_weeks_from_roll_ups_equal_weeks_from_rows(watched: Store) -> None:
    found = loading.weeks(watched, ["vienne", "reunion"], FIRST, LAST)
    for name, weeks in found.items():
        assert weeks == weekly(loading.load(watched, name, FIRST, LAST))


def test_a_zone_put_right_later_moves_no_row_to_another_day(small: Store) -> None:
    """What was counted under a day stays there: rows and roll-ups go on to say the same."""
    before = loading.load(small, "vienne", FIRST, LAST)
    small.record_targets([target("vienne", zone="Pacific/Wallis")])
    after = loading.load(small, "vienne", FIRST, LAST)
    assert after.rows["day"].equals(before.rows["day"])
    assert loading.weeks(small, ["vienne"], FIRST, LAST)["vienne"] == weekly(after)


def test_an_unknown_target_is_named_with_its_neighbour(watched: Store) -> None:
    with pytest.raises(BadInput, match='is not in the record; did you mean "vienne"'):
        loading.load(watched, "viene", FIRST, LAST)


def test_attended_visits_are_loaded_apart(small: Store) -> None:
    visit = VisitAttempt(
        scheduled_at=datetime(2026, 3, 25, 9, 1, tzinfo=UTC),
        outcome=Outcome.SLOTS_OFFERED,
        origin=Origin.ATTENDED,
    )
    seed(small, "vienne", [visit])
    attended = loading.load(small, "vienne", FIRST, LAST, origins=frozenset({Origin.ATTENDED}))
    assert attended.counts.conclusive == 1
    assert loading.load(small, "vienne", FIRST, LAST).counts.scheduled == 48


def test_simulated_rows_say_so(store: Store) -> None:
    store.record_targets([target("vienne")])
    seed(store, "vienne", [replace(a, simulated=True) for a in attempts("scarcity")[:5]])
    loaded = loading.load(store, "vienne", FIRST, LAST)
    assert (loaded.simulated, loaded.counts.scheduled) == (True, 5)


def test_the_default_period_starts_no_earlier_than_the_record(watched: Store) -> None:
    assert loading.default_period(watched, date(2026, 4, 12)) == (FIRST, date(2026, 4, 12))
    assert loading.default_period(watched, date(2027, 1, 31)) == (date(2026, 11, 9), date(2027, 1, 31))


def test_the_default_period_of_an_empty_store_is_twelve_weeks(store: Store) -> None:
    assert loading.default_period(store, date(2026, 4, 12)) == (date(2026, 1, 19), date(2026, 4, 12))


def test_a_site_that_answers_is_reachable(watched: Store) -> None:
    """Blocked is an answer; an hour nobody looked at is none."""
    executed = sum(a.gap is None for a in attempts("blocks"))
    found = loading.site(watched, "vienne", FIRST, LAST)
    assert (found.host, found.down, found.excluded, found.value) == ("vienne.localhost", 0, 0, 1)
    assert executed <= found.hours <= executed + 48


def test_the_worst_clock_offset_is_the_largest_measured_or_none(watched: Store) -> None:
    assert loading.worst_clock_offset(watched, "vienne", FIRST, LAST) == OFFSET
    long_ago = date(2020, 1, 1)
    assert loading.worst_clock_offset(watched, "vienne", long_ago, long_ago) is None


def test_a_zero_that_the_page_did_not_say_is_a_false_one_as_in_the_review(small: Store) -> None:
    """Slots on the picture, or neither one nor the other; what nobody could tell is not counted."""
    numbers = [row.id for row in small.observations("vienne")]
    given = [*[Verdict.NONE] * 3, Verdict.SLOTS, Verdict.NEITHER, Verdict.UNDECIDED]
    tell(small, verdicts.give, zip(numbers, given, strict=False), SystemClock().now())
    found = audit.rate(ask(small, verdicts.judgements), Outcome.NO_SLOTS)
    assert loading.audited(small, simulated=False) == (found.n, found.errors) == (5, 2)


def test_a_hundred_random_weeks_recounted_equal_their_roll_ups(watched: Store) -> None:
    assert unequal_weeks(watched, 100, seed=1) == []


def test_the_interval_is_the_longest_drawn_in_the_period(small: Store) -> None:
    later = VisitAttempt(scheduled_at=datetime(2026, 4, 20, 9, tzinfo=UTC), outcome=Outcome.NO_SLOTS)
    seed(small, "vienne", [later], interval=timedelta(hours=6))
    assert loading.load(small, "vienne", FIRST, LAST).interval == HOUR
    assert loading.load(small, "vienne", FIRST, date(2026, 4, 30)).interval == timedelta(hours=6)
    never = loading.load(small, "reunion", FIRST, LAST)
    assert (never.interval, never.simulated, never.counts) == (HOUR, False, Counts())


def test_the_default_period_of_a_target_starts_with_its_own_rows(small: Store) -> None:
    late = VisitAttempt(scheduled_at=datetime(2026, 4, 3, 9, tzinfo=UTC), outcome=Outcome.NO_SLOTS)
    seed(small, "reunion", [late])
    yesterday = date(2026, 4, 12)
    assert loading.default_period(small, yesterday, "reunion") == (date(2026, 4, 3), yesterday)
    assert loading.default_period(small, yesterday, "vienne") == (FIRST, yesterday)
    before = FIRST - timedelta(days=3)
    assert loading.default_period(small, before) == (before, before)


@pytest.mark.parametrize(
    ("first", "last", "cut"),
    [
        (-9, 30, (0, 13)),
        (-9, 0, (0, 0)),
        (13, 30, (13, 13)),
        (3, 5, (3, 5)),
        (-9, -1, (-9, -1)),
        (14, 15, (14, 15)),
    ],
)
def test_a_period_is_cut_to_the_days_on_which_its_target_was_recorded(
    watched: Store, first: int, last: int, cut: tuple[int, int]
) -> None:
    days = [FIRST + timedelta(days=n) for n in (first, last, *cut)]
    assert loading.recorded(watched, "vienne", *days[:2]) == tuple(days[2:])


def test_a_period_is_cut_to_the_rows_of_its_own_target(watched: Store) -> None:
    assert loading.recorded(watched, "reunion", FIRST, LAST) == (FIRST, FIRST + timedelta(days=2))


def test_what_a_page_offered_is_loaded_in_full(small: Store) -> None:
    at = datetime(2026, 4, 20, 9, tzinfo=UTC)
    seen = VisitAttempt(
        scheduled_at=at,
        began=at + timedelta(seconds=5),
        ended=at + timedelta(seconds=9),
        outcome=Outcome.SLOTS_OFFERED,
        earliest=at + timedelta(days=3),
        second=at + timedelta(days=5),
        slots=4,
        horizon=date(2026, 9, 1),
    )
    seed(small, "reunion", [seen])
    (row,) = loading.load(small, "reunion", at.date(), at.date()).rows.to_dicts()
    names = ("began", "ended", "outcome", "earliest", "second", "slots", "horizon")
    assert {name: row[name] for name in names} == {name: getattr(seen, name) for name in names}
    assert (row["at"], row["gap"], row["interval"]) == (at, None, HOUR)


def test_a_control_is_loaded_with_the_visits_made_beside_its_target(small: Store) -> None:
    at = datetime(2026, 4, 20, 9, tzinfo=UTC)
    for n, origin in enumerate(Origin):
        seed(
            small,
            "reunion",
            [VisitAttempt(scheduled_at=at + n * HOUR, outcome=Outcome.CAPTCHA, origin=origin)],
        )
    days = at.date(), at.date()
    assert loading.load(small, "reunion", *days).counts.scheduled == 1
    assert loading.load(small, "reunion", *days, origins=loading.BESIDE).counts.scheduled == 2


def test_an_instant_has_the_interval_of_the_utc_day_it_was_drawn_in(small: Store) -> None:
    """23:30 UTC on 24 April is 25 April in Paris; the draw of the 24th is its own."""
    at = datetime(2026, 4, 24, 23, 30, tzinfo=UTC)
    other = VisitAttempt(scheduled_at=at + 10 * HOUR, outcome=Outcome.NO_SLOTS)
    seed(small, "vienne", [VisitAttempt(scheduled_at=at, outcome=Outcome.NO_SLOTS)], interval=2 * HOUR)
    seed(small, "vienne", [other], interval=3 * HOUR)
    loaded = loading.load(small, "vienne", date(2026, 4, 25), date(2026, 4, 25))
    assert loaded.rows["interval"].to_list() == [2 * HOUR, 3 * HOUR]
    assert loaded.interval == 3 * HOUR


def test_a_clock_that_was_behind_was_off_too(small: Store) -> None:
    at = datetime(2026, 4, 20, 9, tzinfo=UTC)
    behind = replace(VANTAGE, clock_offset=timedelta(seconds=-3))
    small.append_observation(observation(at, name="vienne", vantage=behind))
    found = loading.worst_clock_offset(small, "vienne", FIRST, at.date())
    assert found == timedelta(seconds=3)


def test_only_zeros_of_the_kind_asked_for_are_audited(store: Store) -> None:
    store.record_targets([*TARGETS, target("demo")])
    at = datetime(2026, 4, 20, 9, tzinfo=UTC)
    zero, offered, shown = (
        store.append_observation(observation(at + n * HOUR, outcome, name, simulated=name == "demo"))
        for n, (name, outcome) in enumerate(
            [("vienne", Outcome.NO_SLOTS), ("vienne", Outcome.SLOTS_OFFERED), ("demo", Outcome.NO_SLOTS)]
        )
    )
    given = [(zero, Verdict.NONE), (offered, Verdict.NONE), (shown, Verdict.SLOTS)]
    tell(store, verdicts.give, given, at)
    assert loading.audited(store, simulated=False) == (1, 0)
    assert loading.audited(store, simulated=True) == (1, 1)


def test_visits_nobody_drew_make_no_hour_of_a_site(small: Store) -> None:
    before = loading.site(small, "vienne", FIRST, date(2026, 4, 30))
    at = datetime(2026, 4, 20, 9, tzinfo=UTC)
    for origin in set(Origin) - {Origin.SCHEDULED}:
        seed(small, "vienne", [VisitAttempt(scheduled_at=at, outcome=Outcome.SITE_DOWN, origin=origin)])
    assert loading.site(small, "vienne", FIRST, date(2026, 4, 30)) == before


def test_weeks_count_what_was_drawn_of_the_days_asked_for(small: Store) -> None:
    """A week asked for in part holds the days of that part; gaps are drawn, but nobody looked."""
    start = datetime(2026, 4, 6, 9, tzinfo=UTC)  # a Monday
    fates: list[dict[str, Any]] = [
        {"outcome": Outcome.NO_SLOTS},
        {"outcome": Outcome.SLOTS_OFFERED},
        {"outcome": Outcome.CAPTCHA},
        {"gap": GapReason.MISFIRE},
        {"outcome": Outcome.NO_SLOTS, "origin": Origin.ATTENDED},
    ]
    for days in range(7):
        at = start + timedelta(days=days)
        made = [VisitAttempt(scheduled_at=at + n * HOUR, **fate) for n, fate in enumerate(fates)]
        seed(small, "reunion", made)
    for first, last in ((0, 6), (0, 4), (2, 6), (3, 3)):
        days = last - first + 1
        period = [start.date() + timedelta(days=n) for n in (first, last)]
        (week,) = loading.weeks(small, ["reunion"], *period)["reunion"]
        assert week.counts == Counts(scheduled=4 * days, executed=3 * days, conclusive=2 * days, zeros=days)


def test_instants_come_in_order_of_time(small: Store) -> None:
    at = datetime(2026, 4, 20, 9, tzinfo=UTC)
    for hours in (2, 0, 1):
        seed(small, "reunion", [VisitAttempt(scheduled_at=at + hours * HOUR, outcome=Outcome.CAPTCHA)])
    found = loading.load(small, "reunion", at.date(), at.date())
    assert found.rows["at"].to_list() == [at + n * HOUR for n in range(3)]


def test_a_page_that_was_read_again_is_loaded_as_it_is_read_now(small: Store) -> None:
    at = datetime(2026, 4, 20, 9, tzinfo=UTC)
    seed(small, "reunion", [VisitAttempt(scheduled_at=at, outcome=Outcome.NO_SLOTS)])
    dates = [at + timedelta(days=n) for n in (3, 5)]
    first, second = (Slot(starts_at=one) for one in dates)
    now = {"slots": 4, "horizon": date(2026, 9, 1)}
    read_again(small, "reunion", reading(Outcome.SLOTS_OFFERED, earliest=first, second=second, **now))
    loaded = loading.load(small, "reunion", at.date(), at.date())
    (row,) = loaded.rows.to_dicts()
    expected = {"outcome": "slots_offered", "earliest": dates[0], "second": dates[1], **now}
    assert {name: row[name] for name in expected} == expected
    for least in (1, 2):
        found = loading.weeks(small, ["reunion"], at.date(), at.date(), least=least)["reunion"]
        assert found == weekly(loaded, least=least)
        assert isinstance(found[0].share, Share) == (least == 1)
    assert unequal_weeks(small, 20, seed=1) == []


@pytest.mark.parametrize(
    ("zone", "ends"),
    [
        ("Pacific/Wallis", [(19, 12, 0), (20, 11, 59)]),
        ("Pacific/Marquesas", [(20, 9, 30), (21, 9, 29)]),
    ],
)
def test_a_local_day_is_loaded_from_end_to_end_far_from_utc(
    small: Store, zone: str, ends: list[tuple[int, int, int]]
) -> None:
    """Each visit has the interval of the UTC day that it was drawn in; another target's is not its own."""
    small.record_targets([target("loin", zone=zone)])
    first, last = (datetime(2026, 4, *end, tzinfo=UTC) for end in ends)
    minute = timedelta(minutes=1)
    for at, interval in ((first - minute, 6 * HOUR), (last + minute, 6 * HOUR)):
        seed(small, "reunion", [VisitAttempt(scheduled_at=at, outcome=Outcome.CAPTCHA)], interval=interval)
    for pair, interval in (((first - minute, first), 2 * HOUR), ((last, last + minute), 3 * HOUR)):
        made = [VisitAttempt(scheduled_at=at, outcome=Outcome.NO_SLOTS) for at in pair]
        seed(small, "loin", made, interval=interval)
    loaded = loading.load(small, "loin", date(2026, 4, 20), date(2026, 4, 20))
    assert (loaded.zone, loaded.simulated) == (zone, False)
    assert loaded.rows["at"].to_list() == [first, last]
    assert loaded.rows["interval"].to_list() == [2 * HOUR, 3 * HOUR]


def test_only_the_weeks_asked_for_are_added_up(watched: Store) -> None:
    found = ask(watched, rows.weeks, ["vienne"], FIRST, LAST)
    assert {(row.target, row.monday) for row in found} == {
        ("vienne", FIRST),
        ("vienne", FIRST + timedelta(days=7)),
    }
