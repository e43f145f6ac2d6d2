"""`python -m probes.simulator`: the simulated préfectures of the demo, for a curious person."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from probes.simulator.app import build
from probes.simulator.demo import DEFAULT_PORT
from probes.simulator.listener import serve


class _MachineClock:
    """The machine's clock. `monitor.clock` has the same, but `probes` may not import `monitor`."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251

    def monotonic(self) -> float:
        return time.monotonic()

    @property
    def sleep(self) -> Callable[[float], Awaitable[None]]:
        return asyncio.sleep


async def _run(port: int, weight_kb: int) -> None:
    async with serve(build(_MachineClock(), weight_kb=weight_kb), port=port) as served:
        print(f"Préfectures simulées : http://localhost:{served}/ (Ctrl-C pour arrêter)", flush=True)
        await asyncio.Event().wait()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the simulated préfectures until Ctrl-C; `arguments` default to the command line's."""
    parser = argparse.ArgumentParser(prog="python -m probes.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port on 127.0.0.1 (%(default)s)")
    parser.add_argument("--weight-kb", type=int, default=0, help="ballast of each page's HTML (%(default)s)")
    options = parser.parse_args(arguments)
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(options.port, options.weight_kb))


if __name__ == "__main__":
    main()
