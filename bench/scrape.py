"""The exporter's scrape: milliseconds and bytes for 1,000 and 10,000 targets."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from prometheus_client import CollectorRegistry, generate_latest

from bench.visits import fresh_store
from monitor.clock import SystemClock
from monitor.metrics.collector import StoreCollector
from monitor.model import Observation, Origin, Vantage
from monitor.store.record.writing import append_observation
from probes.model import Capture, Outcome, Reading, Slot, Step, Target, Transport
from probes.proof import PageOrigin


@dataclass(frozen=True, kw_only=True)
class Scrape:
    """The median time of five scrapes, and the size of the answer."""

    targets: int
    milliseconds: float
    bytes: int


async def scrape(number: int) -> Scrape:
    """Measure scrapes with `number` targets. Every target has slots, so that every series exists."""
    known = [_target(n) for n in range(number)]
    clock = SystemClock()
    async with fresh_store(known) as store:
        with store.write() as conn:
            for target in known:
                append_observation(conn, _seen(target, clock), screenshot=None, recorded_at=clock.now())
        registry = CollectorRegistry()
        intervals = {target.id: timedelta(hours=1) for target in known}
        registry.register(StoreCollector(store, clock, intervals, {"classic": PageOrigin.RECONSTRUCTED}))
        times: list[float] = []
        for _ in range(5):
            start = time.perf_counter()
            text = generate_latest(registry)
            times.append(time.perf_counter() - start)
    return Scrape(targets=number, milliseconds=median(times) * 1000, bytes=len(text))


def _target(n: int) -> Target:
    return Target(
        id=f"departement-{n:05d}-titre-de-sejour",
        platform="classic",
        url=f"http://banc.localhost/booking/create/{n}",
        prefecture=f"Préfecture {n}",
        departement="86",
        demarche="Renouvellement de titre de séjour",
    )


def _seen(target: Target, clock: SystemClock) -> Observation:
    now = clock.now()
    earliest = Slot(starts_at=now + timedelta(days=150))
    second = Slot(starts_at=now + timedelta(days=160))
    step = Step(
        n=0,
        action="open",
        method="GET",
        url=target.url,
        final_url=target.url,
        started_at=now,
        finished_at=now,
    )
    return Observation(
        target=target.id,
        platform="classic",
        reader_version="1",
        transport=Transport.HTTP,
        origin=Origin.SCHEDULED,
        scheduled_at=now,
        started_at=now,
        finished_at=now,
        reading=Reading(
            outcome=Outcome.SLOTS_OFFERED,
            rule="bench",
            words="libre",
            earliest=earliest,
            second=second,
            slots=3,
        ),
        capture=Capture(transport=Transport.HTTP, steps=(step,)),
        vantage=Vantage(name="bench", software="bench"),
    )


def main() -> None:
    """Print one line for 1,000 targets and one for 10,000."""
    for number in (1_000, 10_000):
        print(asyncio.run(scrape(number)))


if __name__ == "__main__":
    main()
