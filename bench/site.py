"""The simulated hosts that benches visit: none has slots; a page has 60 kB of HTML and 300 kB of assets."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from monitor.clock import SystemClock
from probes.model import Target
from probes.simulator.app import build
from probes.simulator.listener import serve
from probes.simulator.sites import Procedure, Product, SimulatedDesk, Site
from probes.simulator.supply import Scenario

WEIGHT_KB = 60


def sites(number: int) -> tuple[Site, ...]:
    """So many préfectures, each with one démarche that never has slots."""
    return tuple(_site(n) for n in range(1, number + 1))


def targets(number: int, port: int) -> list[Target]:
    """One target for each of `sites(number)`."""
    return [
        Target(
            id=site.name,
            platform="classic",
            url=site.url(site.procedures[0], port),
            prefecture=site.title,
            departement="86",
            demarche="Banc d'essai",
        )
        for site in sites(number)
    ]


@contextmanager
def serving(number: int, *, weight_kb: int = WEIGHT_KB) -> Iterator[int]:
    """Serve `sites(number)` from another process inside the `with` block, which is given the port."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(number, weight_kb, theirs), daemon=True, name="site")
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _site(n: int) -> Site:
    desk = SimulatedDesk(number=n, label="Guichet", scenario=Scenario.DROUGHT)
    procedure = Procedure(
        id="1", title="Banc d'essai", prefecture=f"Banc {n}", departement="86", desks=(desk,)
    )
    return Site(name=f"banc{n}", product=Product.CLASSIC, title=f"Banc {n}", procedures=(procedure,))


def _serve(number: int, weight_kb: int, ready: Connection) -> None:
    async def run() -> None:
        app = build(SystemClock(), sites(number), weight_kb=weight_kb)
        async with serve(app) as port:
            ready.send(port)
            await asyncio.Event().wait()

    asyncio.run(run())
