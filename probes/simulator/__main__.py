"""`python -m probes.simulator`: the simulated préfectures of the demo, for a curious person."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from probes.serving import CannotListen
from probes.simulator.app import build
from probes.simulator.demo import DEFAULT_PORT
from probes.simulator.listener import serve

HEAVIEST_KB = 10_000


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


def _kb(text: str) -> int:
    if not 0 <= (size := int(text)) <= HEAVIEST_KB:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to {HEAVIEST_KB}")
    return size


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the simulated préfectures until Ctrl-C; `arguments` default to the command line's.

    Exit 1 with one sentence when the port cannot be used.
    """
    parser = argparse.ArgumentParser(prog="python -m probes.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port on 127.0.0.1 (%(default)s)")
    parser.add_argument("--weight-kb", type=_kb, default=0, help="ballast of each page's HTML (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(_run(options.port, options.weight_kb))
    except CannotListen as error:
        print(f"simulator: {error}.", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
