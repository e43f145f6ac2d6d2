"""A CDP session as a tab uses it: commands that end with the page, scripts out of its reach."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from playwright.async_api import CDPSession, Error

from probes.failures import Failed, Failure

T = TypeVar("T")

ANSWERING = 20.0
"""Seconds a page may take to answer, beyond what a script of ours was told to wait."""

_WENT_AWAY = re.compile("Cannot find context|context was destroyed|navigated or closed|Promise was collected")


class WentAway(Exception):
    """The document in which a script ran has been replaced by another."""


class Channel:
    """Commands to one page. What goes wrong in the background stops whoever waits for an answer."""

    def __init__(self, cdp: CDPSession) -> None:
        self.cdp = cdp
        self.frame = ""
        self._world: asyncio.Future[int] | None = None
        self._crashed = False
        self._stop: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks: set[asyncio.Task[None]] = set()

    def stop(self, why: BaseException) -> None:
        """End the step under way with `why`; the first reason counts."""
        if not self._stop.done():
            self._stop.set_exception(why)
            # Nobody may be waiting; the next step starts afresh.
            self._stop.exception()

    def crash(self, _: object = None) -> None:
        """The page is gone, for this step and every other."""
        self._crashed = True
        self.stop(Failed(Failure.BROWSER_CRASHED, "the page crashed"))

    def fresh(self) -> None:
        """Forget what stopped, or was stopped, before."""
        if self._stop.done() and not self._crashed:
            self._stop = asyncio.get_running_loop().create_future()

    def raise_if_stopped(self) -> None:
        """Raise what stopped the step, if anything did."""
        if self._stop.done():
            self._stop.result()

    async def wait(self, work: Awaitable[T], seconds: float) -> T:
        """The result of `work`. Raises what stopped the step, or `TimeoutError` after `seconds`."""
        task = asyncio.ensure_future(work)
        either: set[asyncio.Future[Any]] = {task, self._stop}
        try:
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            self.raise_if_stopped()
            if task.done():
                return task.result()
        finally:
            task.cancel()
        raise TimeoutError

    async def call(
        self,
        method: str,
        params: dict[str, Any],
        seconds: float = ANSWERING,
        late: Failure = Failure.DEADLINE_EXCEEDED,
    ) -> dict[str, Any]:
        """Send one command; `late` is the failure when no answer comes within `seconds`."""
        try:
            return await self.wait(self.cdp.send(method, params), seconds)
        except TimeoutError:
            raise Failed(late, f"no answer to {method} within {seconds:.0f} s") from None

    async def run(self, function: str, *arguments: Any, seconds: float = 0) -> Any:
        """Call a JavaScript function in a world of our own, where the page cannot have changed the language.

        Raises `WentAway` when another document takes the page's place meanwhile.
        """
        try:
            answer = await self.call(
                "Runtime.callFunctionOn",
                {
                    "functionDeclaration": function,
                    "executionContextId": await self._our_world(),
                    "arguments": [{"value": argument} for argument in arguments],
                    "awaitPromise": True,
                    "returnByValue": True,
                },
                seconds + ANSWERING,
            )
        except Error as exc:
            if not _WENT_AWAY.search(str(exc)):
                raise
            self._world = None
            raise WentAway from exc
        if "exceptionDetails" in answer:
            raise Failed(Failure.OUR_FAULT, f"our script failed in the page: {_exception(answer)}")
        return answer["result"].get("value")

    def enter(self) -> asyncio.Future[int]:
        """Prepare our world in the document that has just come, while it still loads."""
        self._world = asyncio.ensure_future(self._new_world())
        # Another document may come before anyone asks for it.
        self._world.add_done_callback(lambda world: world.cancelled() or world.exception())
        return self._world

    async def _our_world(self) -> int:
        known = self._world
        return await self.wait(self.enter() if known is None or known.cancelled() else known, ANSWERING)

    async def _new_world(self) -> int:
        world = await self.call("Page.createIsolatedWorld", {"frameId": self.frame, "worldName": "vigie"})
        return int(world["executionContextId"])

    async def quietly(self, method: str, **params: Any) -> None:
        """Send a command whose target may be gone by now."""
        with suppress(Error):
            await self.cdp.send(method, params)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` in the background; an exception there stops the step under way."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def close(self) -> None:
        """End what is in the background."""
        for task in self._tasks:
            task.cancel()

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (exc := task.exception()):
            self.stop(exc)


def _exception(answer: dict[str, Any]) -> str:
    details = answer["exceptionDetails"]
    return str(details.get("exception", {}).get("description") or details["text"])
