"""Calls blocking functions, above all the store's, in threads, so that the event loop never waits for SQL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Made = TypeVar("Made")


async def in_thread(blocking: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs) -> Made:
    """Call `blocking` in one of the loop's threads, and return or raise what it does.

    Unlike `asyncio.to_thread`, a cancelled caller waits until the call has ended, and only then gets its
    `CancelledError`. It can then tell whether the row is in the record. `asyncio.to_thread` would return at
    once while the write goes on.
    """
    loop = asyncio.get_running_loop()
    return await to_its_end(loop.run_in_executor(None, _called, partial(blocking, *args, **kwargs)))


def _called(blocking: Callable[[], Made]) -> Made:
    """Before Python 3.12 a `StopIteration` never leaves a thread: whoever awaits it would wait for ever."""
    try:
        return blocking()
    except StopIteration as error:
        raise RuntimeError("a function called in a thread raised StopIteration") from error


async def to_its_end(work: asyncio.Future[Made]) -> Made:
    """Return or raise what `work` does. A cancellation of the caller is raised only once `work` is done."""
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError as asked:
            cancelled = asked
    made = work.result()
    if cancelled:
        raise cancelled
    return made
