"""Commands to one page over Chromium's DevTools Protocol (CDP).

A waiting command ends when the page crashes. Our scripts run where the page's own scripts cannot change them.
"""

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
"""Seconds that a page may take to answer a command, in addition to any wait inside our script."""

_WENT_AWAY = re.compile("Cannot find context|context was destroyed|navigated or closed|Promise was collected")


class WentAway(Exception):
    """The document in which a script ran has been replaced by another."""


class Channel:
    """Commands to one page. An error in a background task is raised in the step that is waiting."""

    def __init__(self, cdp: CDPSession) -> None:
        self.cdp = cdp
        self.frame = ""
        self._world: asyncio.Future[int] | None = None
        self._crashed = False
        self._stop: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks: set[asyncio.Task[None]] = set()

    def stop(self, why: BaseException) -> None:
        """End the step under way with the exception `why`. Only the first call in a step counts."""
        if not self._stop.done():
            self._stop.set_exception(why)
            # Read it once: asyncio logs an exception that nobody reads, and perhaps no step is waiting.
            self._stop.exception()

    def crash(self, _: object = None) -> None:
        """The page is gone: this step and all later ones raise `Failed(BROWSER_CRASHED)`."""
        self._crashed = True
        self.stop(Failed(Failure.BROWSER_CRASHED, "the page crashed"))

    def fresh(self) -> None:
        """Forget what stopped an earlier step. A crash is not forgotten."""
        if self._stop.done() and not self._crashed:
            self._stop = asyncio.get_running_loop().create_future()

    def raise_if_stopped(self) -> None:
        """Raise the exception that stopped the step, if there is one."""
        if self._stop.done():
            self._stop.result()

    async def wait(self, work: Awaitable[T], seconds: float) -> T:
        """The result of `work`. Raises the exception that stopped the step, or `TimeoutError`."""
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
        late: Failure = Failure.OUR_FAULT,
    ) -> dict[str, Any]:
        """Send one CDP command and return its result. Raises `Failed(late)` after `seconds`."""
        try:
            return await self.wait(self.cdp.send(method, params), seconds)
        except TimeoutError:
            raise Failed(late, f"no answer to {method} within {seconds:.0f} s") from None

    async def run(self, function: str, *arguments: Any, seconds: float = 0) -> Any:
        """Call a JavaScript function in an isolated world: the page cannot have replaced built-in functions.

        `seconds` is how long the function itself may wait. Returns its result as JSON-like data. Raises
        `WentAway` when another document replaces the page meanwhile.
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
        """Create our isolated world in the new document, while the document still loads."""
        self._world = asyncio.ensure_future(self._new_world())
        # Another document may come before anything awaits this one: read its exception, or asyncio logs it.
        self._world.add_done_callback(lambda world: world.cancelled() or world.exception())
        return self._world

    async def _our_world(self) -> int:
        known = self._world
        return await self.wait(self.enter() if known is None or known.cancelled() else known, ANSWERING)

    async def _new_world(self) -> int:
        world = await self.call("Page.createIsolatedWorld", {"frameId": self.frame, "worldName": "vigie"})
        return int(world["executionContextId"])

    async def quietly(self, method: str, **params: Any) -> None:
        """Send a CDP command and ignore an error: its target may be gone by now."""
        with suppress(Error):
            await self.cdp.send(method, params)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` in the background. An exception in it stops the step under way."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def close(self) -> None:
        """Cancel all background tasks."""
        for task in self._tasks:
            task.cancel()

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (exc := task.exception()):
            self.stop(exc)


def _exception(answer: dict[str, Any]) -> str:
    details = answer["exceptionDetails"]
    return str(details.get("exception", {}).get("description") or details["text"])
