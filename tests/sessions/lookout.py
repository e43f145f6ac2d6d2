"""A process of ours that keeps a browser open: run by the tests, then interrupted or killed.

Arguments: a URL, and a mark that stands in the command line of every Chromium process it starts.
"""

from __future__ import annotations

import asyncio
import signal
import sys

from monitor.clock import SystemClock
from probes.sessions.browser.session import BrowserSessions
from probes.sessions.guard import Allowance
from probes.stop_line import StopLine


class FreeTurn:
    async def page(self) -> None:
        return


async def main(url: str, mark: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    sessions = BrowserSessions(
        allowance=Allowance(frozenset(), local=True),
        user_agent="test",
        clock=SystemClock(),
        arguments=(mark,),
    )
    await sessions.start()
    async with sessions.visit(stop_line=StopLine(paths=(".*",)), turn=FreeTurn()) as session:
        await session.open(url)
        print("open", flush=True)
        await stop.wait()
        step = await session.open(url)
        print(f"drained {step.status}", flush=True)
    await sessions.close()
    print("closed", flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
