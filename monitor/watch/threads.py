"""What blocks, the store above all, is called in threads: the event loop never waits for SQL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Made = TypeVar("Made")


async def in_thread(blocking: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs) -> Made:
    """What `blocking` returns or raises, called in one of the loop's threads.

    Not `asyncio.to_thread`, which stops waiting when it is cancelled while the write goes on unseen: whoever
    is cancelled here hears of it when the row is in the record, or never will be.
    """
    loop = asyncio.get_running_loop()
    return await to_its_end(loop.run_in_executor(None, partial(blocking, *args, **kwargs)))


async def to_its_end(work: asyncio.Future[Made]) -> Made:
    """What `work` makes or raises. A cancellation is passed on only once it is done."""
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
