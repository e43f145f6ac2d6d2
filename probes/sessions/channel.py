"""A CDP session as a tab uses it: commands that end with the page, scripts out of its reach."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from playwright.async_api import CDPSession, Error

from probes.failures import Failed, Failure

ANSWERING = 20.0
"""Seconds a page may take to answer, beyond what a script of ours was told to wait."""

_WENT_AWAY = re.compile("Cannot find context|context was destroyed|navigated or closed|Promise was collected")


class WentAway(Exception):
    """The document in which a script ran has been replaced by another."""


class Channel:
    """Commands to one page. `stopped` is told of what went wrong in the background."""

    def __init__(self, cdp: CDPSession) -> None:
        self.cdp = cdp
        self.frame = ""
        self.world: int | None = None
        self._crashed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks: set[asyncio.Task[None]] = set()

    def crash(self, _: object = None) -> None:
        """The page is gone: whoever waits for it is told."""
        if not self._crashed.done():
            self._crashed.set_result(None)

    async def call(
        self,
        method: str,
        params: dict[str, Any],
        seconds: float = ANSWERING,
        late: Failure = Failure.DEADLINE_EXCEEDED,
    ) -> dict[str, Any]:
        """Send one command. Raises `Failed` when the page crashes, or after `seconds` of silence."""
        call = asyncio.ensure_future(self.cdp.send(method, params))
        either: set[asyncio.Future[Any]] = {call, self._crashed}
        try:
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if call.done():
                return call.result()
        finally:
            call.cancel()
        if self._crashed.done():
            raise Failed(Failure.BROWSER_CRASHED, "the page crashed")
        raise Failed(late, f"no answer to {method} within {seconds:.0f} s")

    async def run(self, function: str, *arguments: Any, seconds: float = 0) -> Any:
        """Call a JavaScript function in a world of our own, where the page cannot have changed the language.

        Raises `WentAway` when another document takes the page's place meanwhile.
        """
        try:
            if self.world is None:
                self.world = await self._new_world()
            answer = await self.call(
                "Runtime.callFunctionOn",
                {
                    "functionDeclaration": function,
                    "executionContextId": self.world,
                    "arguments": [{"value": argument} for argument in arguments],
                    "awaitPromise": True,
                    "returnByValue": True,
                },
                seconds + ANSWERING,
            )
        except Error as exc:
            if not _WENT_AWAY.search(str(exc)):
                raise
            self.world = None
            raise WentAway from exc
        if "exceptionDetails" in answer:
            raise Failed(Failure.OUR_FAULT, f"our script failed in the page: {_exception(answer)}")
        return answer["result"].get("value")

    async def _new_world(self) -> int:
        world = await self.call("Page.createIsolatedWorld", {"frameId": self.frame, "worldName": "vigie"})
        return int(world["executionContextId"])

    async def quietly(self, method: str, **params: Any) -> None:
        """Send a command whose target may be gone by now."""
        with suppress(Error):
            await self.cdp.send(method, params)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` in the background; an exception there goes to `failed`."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def close(self) -> None:
        """End what is in the background."""
        for task in self._tasks:
            task.cancel()

    def failed(self, exc: BaseException) -> None:
        """An exception in the background; a tab keeps it for the step under way."""
        raise NotImplementedError

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (exc := task.exception()):
            self.failed(exc)


def _exception(answer: dict[str, Any]) -> str:
    details = answer["exceptionDetails"]
    return str(details.get("exception", {}).get("description") or details["text"])
