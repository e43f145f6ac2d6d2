import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.clock import SimulatedClock
from probes.sessions.pace import (
    LONGEST_RETRY_AFTER,
    HostPolicy,
    HostState,
    InMemoryHostStates,
    NoSwitches,
    NotNow,
    Pace,
    PacePolicy,
    Turn,
    counted,
    pages_today,
    parse_retry_after,
    pause,
    settled,
    why_not,
)
from tests.sessions.visiting import NOON

POLICY = HostPolicy()
HOST, PLATFORM = "www.vienne.gouv.fr", "classic"


class Switchboard:
    def __init__(self) -> None:
        self.reason: str | None = None

    async def off(self, host: str, platform: str) -> str | None:
        return self.reason


class Scene:
    """A pace on a simulated clock."""

    def __init__(self, policy: HostPolicy = POLICY, state: HostState | None = None) -> None:
        self.clock = SimulatedClock(NOON)
        self.states = InMemoryHostStates()
        if state:
            asyncio.run(self.states.change(HOST, lambda _: state))
        self.switches = Switchboard()
        self.pace = Pace(PacePolicy(default=policy), self.clock, self.states, self.switches)

    @property
    def state(self) -> HostState:
        return asyncio.run(self.states.load(HOST))

    async def visit(self, *, pages: int = 1, refused: bool = False, wait: float = 0) -> None:
        async with self.pace.visit(host=HOST, platform=PLATFORM, wait=wait) as turn:
            for _ in range(pages):
                await turn.page()
            await turn.settle(refused)


def refusal(scene: Scene) -> str:
    with pytest.raises(NotNow) as refused:
        asyncio.run(scene.visit())
    return refused.value.reason


def test_pages_of_one_visit_are_spaced() -> None:
    scene = Scene()
    asyncio.run(scene.visit(pages=3))
    assert scene.clock.now() == NOON + timedelta(seconds=20)


def test_a_second_visit_keeps_the_spacing_from_the_first() -> None:
    scene = Scene()
    asyncio.run(scene.visit())
    asyncio.run(scene.visit())
    assert scene.clock.now() == NOON + timedelta(seconds=10)


def test_spacing_survives_a_restart() -> None:
    scene = Scene(state=HostState(last_page_at=NOON - timedelta(seconds=4)))
    asyncio.run(scene.visit())
    assert scene.clock.now() == NOON + timedelta(seconds=6)


def test_a_clock_set_back_delays_a_page_by_one_spacing_at_most() -> None:
    scene = Scene(state=HostState(last_page_at=NOON + timedelta(days=1)))
    asyncio.run(scene.visit())
    assert scene.clock.now() == NOON + timedelta(seconds=10)


def test_a_host_may_have_its_own_spacing() -> None:
    policy = PacePolicy(hosts={HOST: HostPolicy(spacing=timedelta(seconds=30))})
    assert policy.of(HOST).spacing == timedelta(seconds=30)
    assert policy.of("other").spacing == timedelta(seconds=10)


def test_a_busy_host_is_waited_for_then_given_up() -> None:
    scene = Scene()

    async def two() -> str:
        async with scene.pace.visit(host=HOST, platform=PLATFORM, wait=0):
            with pytest.raises(NotNow) as refused:
                await scene.visit(wait=60)
            return refused.value.reason

    assert asyncio.run(two()) == "host_busy"
    assert scene.clock.now() == NOON + timedelta(seconds=60)


def test_a_host_that_becomes_free_in_time_is_visited() -> None:
    scene = Scene()

    async def second() -> None:
        await scene.visit(wait=100)

    async def both() -> None:
        async with scene.pace.visit(host=HOST, platform=PLATFORM, wait=0) as turn:
            task = asyncio.create_task(second())
            await turn.page()
            await turn.page()
        await task

    asyncio.run(both())
    assert scene.state.pages == 3


def test_other_hosts_do_not_wait() -> None:
    scene = Scene()

    async def both() -> None:
        async with (
            scene.pace.visit(host=HOST, platform=PLATFORM, wait=0),
            scene.pace.visit(host="other", platform=PLATFORM, wait=0) as turn,
        ):
            await turn.page()

    asyncio.run(both())
    assert scene.clock.now() == NOON


def test_a_cancelled_wait_leaves_the_host_free() -> None:
    scene = Scene()

    async def cancelled() -> None:
        async with scene.pace.visit(host=HOST, platform=PLATFORM, wait=0):
            task = asyncio.create_task(scene.visit(wait=1e9))
            await asyncio.sleep(0)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await scene.visit()

    asyncio.run(cancelled())
    assert scene.state.pages == 1


class Still(SimulatedClock):
    """A clock by which no sleep ends: what waits is woken by what it waits for."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


def test_a_wait_refused_just_as_its_turn_comes_leaves_the_host_free() -> None:
    scene = Scene()
    scene.pace = Pace(PacePolicy(default=POLICY), Still(NOON), scene.states, scene.switches)

    async def refused() -> None:
        async with scene.pace.visit(host=HOST, platform=PLATFORM, wait=0):
            waiting = asyncio.create_task(scene.visit(wait=60))
            await asyncio.sleep(0.01)
            scene.switches.reason = "asked by the prefecture"
        with pytest.raises(NotNow, match="switched_off"):
            await waiting
        scene.switches.reason = None
        await scene.visit()

    asyncio.run(refused())
    assert scene.state.pages == 1


def test_a_failed_visit_leaves_the_host_free() -> None:
    scene = Scene()

    async def failed() -> None:
        async with scene.pace.visit(host=HOST, platform=PLATFORM, wait=0):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(failed())
    asyncio.run(scene.visit())


def test_the_days_budget_ends_a_visit_and_prevents_the_next() -> None:
    scene = Scene(HostPolicy(pages_per_day=2))
    with pytest.raises(NotNow, match="budget of 2 pages"):
        asyncio.run(scene.visit(pages=3))
    assert scene.state.pages == 2
    assert refusal(scene) == "budget_spent"


def test_a_new_utc_day_brings_a_new_budget() -> None:
    spent = HostState(day=date(2026, 3, 1), pages=600)
    assert pages_today(spent, NOON) == 0
    assert counted(spent, NOON).pages == 1


def test_a_clock_set_back_over_midnight_brings_none() -> None:
    spent = HostState(day=date(2026, 3, 3), pages=600)
    assert pages_today(spent, NOON) == 600
    assert counted(spent, NOON).day == date(2026, 3, 3)


def test_three_refusals_in_a_row_open_the_breaker() -> None:
    scene = Scene()
    for _ in range(3):
        asyncio.run(scene.visit(refused=True))
    assert scene.state.open_until == scene.clock.now() + timedelta(minutes=30)
    assert refusal(scene) == "breaker_open"


def test_an_answer_in_between_starts_the_count_again() -> None:
    scene = Scene()
    for refused in (True, True, False, True, True):
        asyncio.run(scene.visit(refused=refused))
    assert scene.state.open_until is None
    assert scene.state.refusals == 2


def test_after_the_pause_one_visit_may_try() -> None:
    scene = Scene(state=HostState(refusals=3, open_until=NOON))
    asyncio.run(scene.visit())
    assert scene.state == replace(scene.state, refusals=0, open_until=None)


def test_a_refused_trial_doubles_the_pause() -> None:
    scene = Scene(state=HostState(refusals=3, open_until=NOON))
    asyncio.run(scene.visit(refused=True))
    assert scene.state.open_until == scene.clock.now() + timedelta(hours=1)


def test_a_retry_after_opens_the_breaker_at_once() -> None:
    state = settled(HostState(), POLICY, refused=True, retry_after=timedelta(seconds=120), now=NOON)
    assert state.open_until == NOON + timedelta(minutes=30)
    again = settled(state, POLICY, refused=True, retry_after=None, now=NOON)
    assert again.open_until == NOON + timedelta(hours=1)


def test_a_retry_after_does_not_shorten_the_pause_that_earlier_refusals_earned() -> None:
    """Five refusals in a row: two more than open the breaker, so the pause is doubled twice."""
    state = settled(HostState(refusals=4), POLICY, refused=True, retry_after=timedelta(seconds=1), now=NOON)
    assert (state.refusals, state.open_until) == (5, NOON + timedelta(hours=2))


def test_a_longer_retry_after_is_honoured() -> None:
    state = settled(HostState(), POLICY, refused=True, retry_after=timedelta(hours=30), now=NOON)
    assert state.open_until == NOON + timedelta(hours=30)


def test_a_retry_after_of_years_does_not_blind_us() -> None:
    state = settled(HostState(), POLICY, refused=True, retry_after=timedelta(days=3650), now=NOON)
    assert state.open_until == NOON + LONGEST_RETRY_AFTER


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta(0)),
        ("1.5", timedelta(seconds=2)),
        ("120, 240", timedelta(seconds=240)),
        ("Mon, 02 Mar 2026 12:10:00 GMT, 900", timedelta(minutes=15)),
        ("Fri, 31 Dec 9999 23:59:59 -0100", LONGEST_RETRY_AFTER),
        ("Mon, 01 Jan 0001 00:00:00 +0100", timedelta(0)),
        ("Mon, 02 Mar 2026 12:10:00 +9999999999", None),
        ("9" * 6_000, LONGEST_RETRY_AFTER),
        ("9" * 40, LONGEST_RETRY_AFTER),
        ("Mon, 02 Mar 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 02 Mar 2026 12:10:00 -0000", timedelta(minutes=10)),
        ("Mon, 02 Mar 2026 13:10:00 +0100", timedelta(minutes=10)),
        ("Mon, 02 Mar 2026 11:00:00 GMT", timedelta(0)),
        ("demain", None),
        ("-5", None),
        ("", None),
        ("²", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str, wait: timedelta | None) -> None:
    assert parse_retry_after(value, NOON) == wait


def test_a_switch_prevents_a_visit() -> None:
    scene = Scene()
    scene.switches.reason = "asked by the prefecture"
    assert refusal(scene) == "switched_off"


def test_a_switch_is_told_even_when_the_host_is_busy() -> None:
    scene = Scene()

    async def two() -> None:
        async with scene.pace.visit(host=HOST, platform=PLATFORM, wait=0):
            scene.switches.reason = "asked by the prefecture"
            await scene.visit(wait=0)

    with pytest.raises(NotNow, match="switched_off"):
        asyncio.run(two())


def test_a_switch_stops_a_visit_within_ten_seconds_of_a_long_rest() -> None:
    scene = Scene(HostPolicy(spacing=timedelta(minutes=30)))
    turned_off = NOON + timedelta(minutes=3)
    flip(scene, lambda: scene.clock.now() >= turned_off)
    with pytest.raises(NotNow, match="switched_off: later"):
        asyncio.run(scene.visit(pages=2))
    assert scene.clock.now() - turned_off <= timedelta(seconds=10)


def test_a_switch_stops_a_visit_waiting_for_its_host() -> None:
    scene = Scene()

    async def two() -> None:
        async with scene.pace.visit(host=HOST, platform=PLATFORM, wait=0):
            flip(scene, lambda: scene.clock.now() > NOON + timedelta(seconds=60))
            await scene.visit(wait=3600)

    with pytest.raises(NotNow, match="switched_off"):
        asyncio.run(two())
    assert scene.clock.now() <= NOON + timedelta(seconds=70)


def flip(scene: Scene, when: Callable[[], bool]) -> None:
    """Turn the scene's switch once `when`."""

    async def off(host: str, platform: str) -> str | None:
        return "later" if when() else None

    scene.switches.off = off  # type: ignore[method-assign]


def test_a_switch_is_asked_about_the_host_and_the_platform() -> None:
    scene, asked = Scene(), set()

    async def off(host: str, platform: str) -> str | None:
        asked.add((host, platform))
        return None

    scene.switches.off = off  # type: ignore[method-assign]
    asyncio.run(scene.visit())
    assert asked == {(HOST, PLATFORM)}


def test_a_host_s_own_policy_counts_for_its_pages_its_budget_and_its_breaker() -> None:
    own = HostPolicy(spacing=timedelta(seconds=30), pages_per_day=3, refusals=1)
    scene = Scene()
    policy = PacePolicy(default=POLICY, hosts={HOST: own})
    scene.pace = Pace(policy, scene.clock, scene.states, scene.switches)
    asyncio.run(scene.visit(pages=2))
    assert scene.clock.now() == NOON + timedelta(seconds=30)
    asyncio.run(scene.visit(refused=True))
    assert scene.state.open_until == scene.clock.now() + timedelta(minutes=30)
    assert refusal(scene) == "breaker_open"
    spent = Scene(state=HostState(day=NOON.date(), pages=3))
    spent.pace = Pace(policy, spent.clock, spent.states, spent.switches)
    assert refusal(spent) == "budget_spent"


def test_an_answer_after_one_refusal_forgets_it() -> None:
    scene = Scene(state=HostState(refusals=2))
    asyncio.run(scene.visit())
    assert scene.state.refusals == 0


def test_nothing_is_switched_off_by_default() -> None:
    assert asyncio.run(NoSwitches().off(HOST, PLATFORM)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"spacing": timedelta(seconds=-1)},
        {"pages_per_day": 0},
        {"refusals": 0},
        {"first_pause": timedelta(0)},
        {"first_pause": timedelta(days=2)},
    ],
)
def test_a_policy_without_sense_is_refused(wrong: dict[str, timedelta]) -> None:
    with pytest.raises(ValueError, match=r"at least|at most"):
        HostPolicy(**wrong)  # type: ignore[arg-type]


policies = st.builds(
    HostPolicy,
    spacing=st.integers(0, 60).map(lambda s: timedelta(seconds=s)),
    pages_per_day=st.integers(1, 20),
    refusals=st.integers(1, 5),
)


@given(policies, st.lists(st.tuples(st.integers(1, 4), st.integers(0, 90), st.booleans()), max_size=8))
def test_however_many_come_at_once_the_host_sees_one_visit_spaced_and_within_budget(
    policy: HostPolicy, visits: list[tuple[int, int, bool]]
) -> None:
    scene = Scene(policy)
    pages: list[datetime] = []
    inside = 0

    async def one(count: int, wait: int, refused: bool) -> None:
        nonlocal inside
        async with scene.pace.visit(host=HOST, platform=PLATFORM, wait=wait) as turn:
            inside += 1
            assert inside == 1
            try:
                await _pages(turn, count, scene, pages)
            finally:
                inside -= 1
            await turn.settle(refused)

    async def all_at_once() -> list[BaseException | None]:
        return await asyncio.gather(*(one(*visit) for visit in visits), return_exceptions=True)

    assert all(isinstance(end, NotNow | None) for end in asyncio.run(all_at_once()))
    assert all(later - earlier >= policy.spacing for earlier, later in pairwise(pages))
    days = [page.date() for page in pages]
    assert all(days.count(day) <= policy.pages_per_day for day in days)


async def _pages(turn: Turn, count: int, scene: Scene, pages: list[datetime]) -> None:
    for _ in range(count):
        await turn.page()
        pages.append(scene.clock.now())
        await asyncio.sleep(0)


@given(policies, st.integers(1, 60))
def test_pauses_never_get_shorter_and_never_exceed_the_longest(policy: HostPolicy, most: int) -> None:
    pauses = [pause(policy, refusals) for refusals in range(policy.refusals, policy.refusals + most)]
    assert pauses == sorted(pauses)
    assert pauses[0] == policy.first_pause
    assert pauses[-1] <= policy.longest_pause


@given(
    policies, st.lists(st.tuples(st.booleans(), st.none() | st.timedeltas(timedelta(0), timedelta(days=9))))
)
def test_an_open_breaker_always_says_until_when(
    policy: HostPolicy, visits: list[tuple[bool, timedelta | None]]
) -> None:
    state = HostState()
    for refused, retry_after in visits:
        state = settled(state, policy, refused=refused, retry_after=retry_after, now=NOON)
        refusal = why_not(state, policy, NOON)
        assert (refusal is not None) == (refused and state.refusals >= policy.refusals)
        assert refusal is None or refusal.reason == "breaker_open"
