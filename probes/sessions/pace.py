"""Politeness: one visit at a time per host, spaced pages, a daily budget, a breaker and kill switches.

The decisions are pure functions of a `HostState`. `Pace` applies them with asyncio. States are kept through
`HostStates`; if that is the database, a restart forgets neither a pause nor the pages already asked for.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Protocol

from probes.failures import Mendable
from probes.model import Clock

SLICE = 5.0
"""Longest sleep in seconds: a long wait is cut into such pieces, and kill switches are checked between."""

LONGEST_RETRY_AFTER = timedelta(days=7)


class NotNow(Mendable):
    """The host may not be visited now. `reason` is one of `host_busy`, `breaker_open`, `budget_spent`,
    `switched_off`; `detail` is one sentence for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, kw_only=True, slots=True)
class HostPolicy:
    """How one host is treated.

    `spacing` is the least time between two pages. `pages_per_day` counts by UTC day. `refusals` is the number
    of refused visits in a row that opens the breaker; its pauses go from `first_pause` to `longest_pause`.
    """

    spacing: timedelta = timedelta(seconds=10)
    pages_per_day: int = 600
    refusals: int = 3
    first_pause: timedelta = timedelta(minutes=30)
    longest_pause: timedelta = timedelta(hours=24)

    def __post_init__(self) -> None:
        if self.spacing < timedelta(0) or self.pages_per_day < 1 or self.refusals < 1:
            raise ValueError("a host's spacing is at least 0 s, its pages a day and refusals at least 1")
        if not timedelta(0) < self.first_pause <= self.longest_pause:
            raise ValueError("a breaker's first pause is above 0 s and at most its longest pause")


@dataclass(frozen=True, kw_only=True, slots=True)
class PacePolicy:
    """`hosts` maps exact host names to their own policy; every other host has `default`."""

    default: HostPolicy = field(default_factory=HostPolicy)
    hosts: Mapping[str, HostPolicy] = field(default_factory=dict)

    def of(self, host: str) -> HostPolicy:
        """The policy of `host`: its own, else the default."""
        return self.hosts.get(host, self.default)


@dataclass(frozen=True, kw_only=True, slots=True)
class HostState:
    """What is remembered of a host: the number of `pages` asked for on the UTC `day`, and its breaker.

    `refusals` counts refused visits in a row. A `Retry-After` header opens the breaker at once; `refusals` is
    then raised to the policy's threshold. Until the UTC instant `open_until`, the host is not visited.
    """

    day: date | None = None
    pages: int = 0
    refusals: int = 0
    open_until: datetime | None = None
    last_page_at: datetime | None = None


class HostStates(Protocol):
    """Where states are kept. Its methods must not block the event loop: other visits run meanwhile."""

    async def load(self, host: str) -> HostState:
        """The state of `host`; a fresh one when it was never visited."""

    async def change(self, host: str, how: Callable[[HostState], HostState]) -> None:
        """Replace the state by `how(state)`, atomically. If `how` raises, the state stays as it was."""


class InMemoryHostStates:
    """States that last as long as the process."""

    def __init__(self) -> None:
        self._states: dict[str, HostState] = {}

    async def load(self, host: str) -> HostState:
        """The state of `host`; a fresh one when it was never visited."""
        return self._states.get(host, HostState())

    async def change(self, host: str, how: Callable[[HostState], HostState]) -> None:
        """`HostStates.change`."""
        self._states[host] = how(self._states.get(host, HostState()))


class Switches(Protocol):
    """The operator's kill switches. As with `HostStates`, the method must not block the event loop."""

    async def off(self, host: str, platform: str) -> str | None:
        """Why visits to `host`, to `platform` or at all are switched off; `None` when they are not."""


class NoSwitches:
    """Kill switches that are never used: every visit is allowed."""

    async def off(self, host: str, platform: str) -> str | None:
        """Always `None`."""
        return None


def pages_today(state: HostState, now: datetime) -> int:
    """Pages asked for so far on the UTC day of `now`. If the clock was set back a day, the count goes on."""
    return state.pages if state.day is not None and state.day >= now.date() else 0


def why_not(state: HostState, policy: HostPolicy, now: datetime) -> NotNow | None:
    """Why no visit may begin at `now`; `None` if one may."""
    if state.open_until is not None and now < state.open_until:
        until = f"{state.open_until:%Y-%m-%d %H:%M} UTC"
        return NotNow(
            "breaker_open", f"the site refused {state.refusals} visits in a row: pause until {until}"
        )
    return why_no_page(state, policy, now)


def why_no_page(state: HostState, policy: HostPolicy, now: datetime) -> NotNow | None:
    """Why no further page may be asked for at `now`; `None` if one may."""
    if pages_today(state, now) >= policy.pages_per_day:
        return NotNow("budget_spent", f"today's budget of {policy.pages_per_day} pages is spent")
    return None


def counted(state: HostState, now: datetime) -> HostState:
    """`state` after one more page asked for at `now`."""
    day = max(state.day, now.date()) if state.day else now.date()
    return replace(state, day=day, pages=pages_today(state, now) + 1, last_page_at=now)


def _one_more(state: HostState, *, policy: HostPolicy, now: datetime) -> HostState:
    """As `counted`; raises `NotNow` when the day's budget is spent."""
    if refusal := why_no_page(state, policy, now):
        raise refusal
    return counted(state, now)


def settled(
    state: HostState, policy: HostPolicy, *, refused: bool, retry_after: timedelta | None, now: datetime
) -> HostState:
    """`state` after a visit that ended at `now`.

    A refused visit counts towards the breaker and may open it; with `retry_after` (from the site's
    `Retry-After` header) it opens at once. Any other visit closes the breaker and resets the count.
    """
    if not refused:
        return replace(state, refusals=0, open_until=None)
    refusals = state.refusals + 1
    if retry_after is not None:
        refusals = max(refusals, policy.refusals)
    if refusals < policy.refusals:
        return replace(state, refusals=refusals)
    asked = min(retry_after or timedelta(0), LONGEST_RETRY_AFTER)
    return replace(state, refusals=refusals, open_until=now + max(pause(policy, refusals), asked))


def pause(policy: HostPolicy, refusals: int) -> timedelta:
    """How long the breaker opens: `first_pause` at the threshold, then doubled by each further refusal.

    Never longer than `longest_pause`.
    """
    doublings: int = min(max(0, refusals - policy.refusals), 20)
    return min(policy.first_pause * (1 << doublings), policy.longest_pause)


def parse_retry_after(value: str, now: datetime) -> timedelta | None:
    """The wait that a `Retry-After` header asks for, from 0 to `LONGEST_RETRY_AFTER`.

    Of several values it is the longest. `None` when there is neither a number of seconds nor an HTTP date.
    """
    # An HTTP date has a comma after its weekday; a comma before a digit and no space belongs to no date.
    waits = [_wait(one, now) for one in re.split(r",(?!\s*\d{1,2}[ -])", value)]
    return max((wait for wait in (_wait(value, now), *waits) if wait is not None), default=None)


def _wait(value: str, now: datetime) -> timedelta | None:
    if number := re.fullmatch(r"\s*([0-9]+)(?:\.([0-9]*))?\s*", value):
        # Only so many digits are converted: Python refuses very long numbers.
        seconds = int(number[1].lstrip("0")[:12] or 0) + bool((number[2] or "").strip("0"))
        return min(timedelta(seconds=min(seconds, 10**9)), LONGEST_RETRY_AFTER)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return _until(at if at.tzinfo else at.replace(tzinfo=UTC), now)


def _until(at: datetime, now: datetime) -> timedelta:
    """The time from `now` to `at`, both aware, from 0 to `LONGEST_RETRY_AFTER`."""
    # Aware datetimes are subtracted without converting them, which fails at both ends of the calendar.
    return min(max(timedelta(0), at - now), LONGEST_RETRY_AFTER)


class Turn:
    """The right to visit a host, held by one visit at a time."""

    def __init__(self, pace: Pace, host: str, platform: str, found: HostState) -> None:
        self._pace = pace
        self._untroubled = found.refusals == 0 and found.open_until is None
        self._host = host
        self._platform = platform

    async def page(self) -> None:
        """Wait until the next page may be asked for, and count it. Raises `NotNow` when it may not be."""
        await self._pace.next_page(self._host, self._platform)

    async def settle(self, refused: bool, retry_after: timedelta | None = None) -> None:
        """Record how the visit ended; `refused`: the site turned us away or should be left alone.

        Nothing is written for a visit that was not refused, on a host without earlier refusals: that is most
        visits.
        """
        if refused or not self._untroubled:
            await self._pace.settle(self._host, refused, retry_after)


class Pace:
    """Gives the turns of all hosts. Use one instance per process, and only from one event loop.

    Its locks and the times of the last pages are not safe to use from other threads.
    """

    def __init__(self, policy: PacePolicy, clock: Clock, states: HostStates, switches: Switches) -> None:
        self._policy = policy
        self._clock = clock
        self._states = states
        self._switches = switches
        self._locks: dict[str, asyncio.Lock] = {}
        self._last_page: dict[str, float] = {}

    @asynccontextmanager
    async def visit(self, *, host: str, platform: str, wait: float) -> AsyncIterator[Turn]:
        """Hold the turn of `host`, waiting at most `wait` seconds for it. Raises `NotNow`."""
        await self._refuse_if_off(host, platform)
        lock = self._locks.setdefault(host, asyncio.Lock())
        await self._acquire(lock, host, platform, wait)
        try:
            await self._refuse_if_off(host, platform)
            state = await self._states.load(host)
            if refusal := why_not(state, self._policy.of(host), self._clock.now()):
                raise refusal
            yield Turn(self, host, platform, state)
        finally:
            lock.release()

    async def _acquire(self, lock: asyncio.Lock, host: str, platform: str, wait: float) -> None:
        acquiring = asyncio.ensure_future(lock.acquire())
        deadline = self._clock.monotonic() + wait
        try:
            await asyncio.sleep(0)
            while not acquiring.done():
                left = deadline - self._clock.monotonic()
                if left <= 0:
                    raise NotNow("host_busy", f"another visit to {host} took longer than {wait:.0f} s")
                await self._first(acquiring, min(left, SLICE))
                await self._refuse_if_off(host, platform)
        except BaseException:
            # Also on cancellation: give the lock back if it was acquired, since this visit will not begin.
            if not acquiring.cancel():
                lock.release()
            raise

    async def _first(self, acquiring: asyncio.Future[Any], seconds: float) -> None:
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            either: set[asyncio.Future[Any]] = {acquiring, sleeping}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()

    async def next_page(self, host: str, platform: str) -> None:
        """`Turn.page`."""
        policy = self._policy.of(host)
        while True:
            await self._refuse_if_off(host, platform)
            rest = await self._rest(host, policy)
            if rest <= 0:
                break
            await self._clock.sleep(min(rest, SLICE))
        await self._states.change(host, partial(_one_more, policy=policy, now=self._clock.now()))
        self._last_page[host] = self._clock.monotonic()

    async def settle(self, host: str, refused: bool, retry_after: timedelta | None) -> None:
        """`Turn.settle`."""
        how = partial(
            settled,
            policy=self._policy.of(host),
            refused=refused,
            retry_after=retry_after,
            now=self._clock.now(),
        )
        await self._states.change(host, how)

    async def _rest(self, host: str, policy: HostPolicy) -> float:
        """Seconds to wait before the next page, by the monotonic clock.

        After a restart the time of the last page comes from the stored state instead.
        """
        if host not in self._last_page:
            last = (await self._states.load(host)).last_page_at
            if last is None:
                return 0.0
            elapsed = max(0.0, (self._clock.now() - last).total_seconds())
            self._last_page[host] = self._clock.monotonic() - elapsed
        return self._last_page[host] + policy.spacing.total_seconds() - self._clock.monotonic()

    async def _refuse_if_off(self, host: str, platform: str) -> None:
        if reason := await self._switches.off(host, platform):
            raise NotNow("switched_off", reason)
