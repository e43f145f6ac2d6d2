"""Gives a page its next five seconds in its own time, then stops it: all we take is of one still page.

Chromium's virtual time runs the page's timers at once and stands still while a request is under way. Frames
are drawn in real time: two are waited for after each part, and animations are taken to where they would be.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from importlib.resources import files
from typing import Any

from probes.sessions.browser.channel import Channel

_REST = files("probes.sessions.browser").joinpath("rest.js").read_text(encoding="utf-8")

FIRST, LAST = 2_000, 3_000
"""Milliseconds of the page's time. A page that does not change during the last part is at rest."""

_MOMENT = 100
_MORE_ROUNDS = 2
_WAITING = "pauseIfNetworkFetchesPending"
_SLACK = 50
_FRAMES = 0.3
_LOOK = 0.1
_OVERTIME = 1.0
# By how many milliseconds a page's clock must be ahead of ours, and is put ahead where it is not.
_AHEAD, _LEAD = 3_000, 10_000
# A page that posts itself messages without end would keep its clock from going on.
_STARVED = 5_000


class Rest:
    """The time of one page: still until given some."""

    def __init__(self, channel: Channel, settle: float) -> None:
        self._channel = channel
        self._settle = settle
        self._expired = asyncio.Event()
        self._stopped = False
        self._changed = False
        # What the page's clock shows when the loop's shows zero, as they stood when the tab was new.
        self._origin = 0.0
        channel.cdp.on("Emulation.virtualTimeBudgetExpired", lambda _: self._expired.set())

    async def five_seconds(self) -> bool:
        """Run the page's next five seconds. False when requests were still under way at the settle time."""
        end = asyncio.get_running_loop().time() + self._settle
        finished = await self._part(FIRST, FIRST, end)
        return await self._part(LAST, FIRST + LAST, end) and finished

    async def unchanging(self) -> bool:
        """Whether the page's text stays the same while it gets up to `_MORE_ROUNDS` times three seconds more.

        True at once for a page that did not change during the last part of its time.
        """
        for _ in range(_MORE_ROUNDS):
            if not self._changed:
                return True
            before = await self.text()
            await self._part(LAST, FIRST + LAST, asyncio.get_running_loop().time() + self._settle)
            if await self.text() == before:
                return True
        return False

    async def text(self) -> str:
        """The text that the page shows, once its HTML is parsed."""
        return str(await self._channel.run(_REST, "text"))

    async def stop(self) -> None:
        """Stop scripts and animations until `wake`."""
        await self._tell("hold", FIRST + LAST)
        await self._scripts(on=False)

    async def make_up(self) -> None:
        """Put the stopped page's clock ahead of ours again, if we or its server waited long.

        Chromium draws no frame of a page whose clock is behind, and so gives no picture of it.
        """
        ahead = (await self._tell("calm"))["now"] - self._origin - _milliseconds()
        if ahead < _AHEAD:
            await self._go(budget=int(_LEAD - ahead))
            with suppress(TimeoutError):
                await self._channel.wait(self._expired.wait(), _OVERTIME)

    async def wake(self) -> None:
        """Let scripts run again. The page's clock still stands until `begin` or `five_seconds`."""
        if self._stopped:
            await self._scripts(on=True)

    async def begin(self) -> None:
        """Give the page a moment of its time, in which it begins to act on a click."""
        await self._go(budget=_MOMENT)

    async def answered(self, addresses: list[str]) -> int:
        """How many of these addresses, asked for by the page, have been answered."""
        return int(await self._channel.run(_REST, "answered", addresses))

    async def a_call_failed(self, asked: list[str], refused: list[str]) -> bool:
        """Whether the server failed, or left without answer, an address that scripts of the page asked for.

        An address that was also `refused` by us may be without answer.
        """
        return bool(
            (await self._channel.run(_REST, "failed", {"asked": asked, "refused": refused}))["failed"]
        )

    async def _part(self, milliseconds: int, since: int, end: float) -> bool:
        """One part of the page's time, watched; `since` is how old its animations are by then."""
        now = (await self._tell("watch"))["now"]
        self._origin = self._origin or now - _milliseconds()
        reached = now + milliseconds - _SLACK
        await self._go(budget=milliseconds, maxVirtualTimeTaskStarvationCount=_STARVED)
        finished = await self._spent(reached, end)
        if not finished:
            await self._overtime(reached)
        # A window that is not shown draws no frame.
        with suppress(TimeoutError):
            await self._channel.wait(self._tell("frames", since), _FRAMES)
        self._changed = (await self._tell("calm"))["changed"]
        return finished

    async def _go(self, policy: str = _WAITING, **more: int) -> None:
        self._expired.clear()
        await self._channel.call("Emulation.setVirtualTimePolicy", {"policy": policy, **more})

    async def _overtime(self, reached: float) -> None:
        """Run the page's timers although requests are under way, as they would for a person who waits."""
        # The budget given before still holds: it cannot be taken back, and ends this too.
        await self._go("advance")
        await self._spent(reached, asyncio.get_running_loop().time() + _OVERTIME, "advance")

    async def _spent(self, reached: float, end: float, policy: str = _WAITING) -> bool:
        """Whether the page's clock came to `reached`, with nothing under way, before the loop's to `end`.

        While a request is under way, the page's time goes on like ours: what a timer does before the answer
        comes must be done before.
        """
        waited = False
        while (left := end - asyncio.get_running_loop().time()) > 0:
            ended = await self._ends(min(left, _LOOK))
            now = (await self._tell("calm"))["now"]
            if now >= reached and (policy != _WAITING or (ended and not waited)):
                return True
            waited = False
            if not ended and policy == _WAITING:
                waited = True
                await self._go("advance", budget=int(_LOOK * 1000))
                await self._ends(_LOOK)
                now = (await self._tell("calm"))["now"]
            # An older budget may have ended, and stopped the clock: only a budget starts it again.
            await self._go(policy, budget=max(int(reached + _SLACK - now), _SLACK))
        return False

    async def _ends(self, seconds: float) -> bool:
        """Whether a budget ends within so many seconds."""
        with suppress(TimeoutError):
            await self._channel.wait(self._expired.wait(), seconds)
        return self._expired.is_set()

    async def _tell(self, command: str, argument: int = 0) -> Any:
        return await self._channel.run(_REST, command, argument)

    async def _scripts(self, *, on: bool) -> None:
        self._stopped = not on
        await self._channel.call("Emulation.setScriptExecutionDisabled", {"value": not on})


def _milliseconds() -> float:
    return asyncio.get_running_loop().time() * 1000
