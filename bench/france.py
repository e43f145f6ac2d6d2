"""All of France from one small server: 1,000 targets hourly, over Chromium, politely, with pictures.

Also the soak: the same for an hour, looking for anything that grows. Says every minute where it stands, ends
by itself, and exits with 1 when a goal was missed, something grew or an instant became a gap.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from statistics import fmean

from bench import goals
from bench.site import serving, targets
from bench.usage import Usage, usage
from bench.visits import USER_AGENT, bare_cpu_ms, fresh_store
from monitor.clock import SystemClock
from monitor.model import Vantage
from monitor.store import Store
from monitor.store.pacing import StoredHostStates, StoredSwitches
from monitor.store.record import counts
from monitor.targets.catalogue import CatalogueEntry
from monitor.watch.observe import Observer
from monitor.watch.service import Service
from monitor.watch.timetable import Timetable
from monitor.watch.visits import RecordedVisits
from probes.model import Target, Transport
from probes.registry import platform
from probes.sessions.browser.session import BrowserSessions
from probes.sessions.guard import Allowance
from probes.sessions.pace import HostPolicy, Pace, PacePolicy

HOSTS = 100
TARGETS = 1_000
SAMPLE_SECONDS = 15.0
SAMPLES_A_MINUTE = 4
ENDING = timedelta(minutes=2)
"""Longest time that visits under way at the end may take to finish. So every gap was made while it ran."""
GRACE = timedelta(minutes=1)
CORES = 2
FEWEST_VISITS = 10.0
"""Visits a minute. On average 17 are drawn; with fewer than this, the load was not reached."""
TELLING = 10.0
"""Minutes. In a shorter run, rate and growth say nothing: instants are random, and browsers warm up."""
POLITE = HostPolicy(pages_per_day=10**6)


@dataclass(frozen=True, kw_only=True)
class Load:
    """What the whole service used. `cpu_share` is the share of two cores; `pss` the most memory, in bytes.

    `bare_cpu_ms` is the CPU of one visit of the bare loop (`bench.visits`), measured just before: goals in
    shares of a core move with the machine, and this tells by how much.

    `gaps` maps reasons to counts. `growth` maps names to ratios (see `growth`); empty after a short run.
    """

    minutes: float
    observations: int
    gaps: Mapping[str, int]
    visits_per_minute: float
    cpu_share: float
    bare_cpu_ms: float = 0.0
    pss: int
    growth: dict[str, float]


async def run(minutes: float) -> Load:
    """Run the service for so many minutes. The site runs in another process and is not counted."""
    with serving(HOSTS) as port:
        bare = await bare_cpu_ms(targets(HOSTS, port))
        site = frozenset(child.pid for child in multiprocessing.active_children() if child.pid)
        entries = [
            CatalogueEntry(target=target, interval=timedelta(hours=1), transport=Transport.BROWSER)
            for target in _thousand(port)
        ]
        sessions = BrowserSessions(
            allowance=Allowance(frozenset(), local=True), user_agent=USER_AGENT, clock=SystemClock()
        )
        async with fresh_store([entry.target for entry in entries]) as store:
            try:
                samples = await _watch(_service(store, entries, sessions), minutes, site)
                return replace(_load(store, samples, minutes), bare_cpu_ms=bare)
            finally:
                await sessions.close()


def _thousand(port: int) -> list[Target]:
    known = targets(HOSTS, port)
    return [
        replace(known[n % HOSTS], id=f"{known[n % HOSTS].id}-{n}", desk=None, demarche=f"Banc d'essai {n}")
        for n in range(TARGETS)
    ]


def _service(store: Store, entries: Sequence[CatalogueEntry], sessions: BrowserSessions) -> Service:
    clock = SystemClock()
    pace = Pace(PacePolicy(default=POLITE), clock, StoredHostStates(store), StoredSwitches(store, clock))
    visits = RecordedVisits(
        store=store,
        timetable=Timetable(store, entries, seed=b"bench" * 8, clock=clock),
        observer=Observer(
            clock=clock,
            pace=pace,
            sessions={Transport.BROWSER: sessions},
            vantage=Vantage(name="bench", software="bench"),
        ),
        platforms=platform,
        places=16,
        late=GRACE + timedelta(minutes=5),
    )
    return Service(visits=visits, clock=clock, grace=GRACE, last_chance=ENDING)


async def _watch(service: Service, minutes: float, site: frozenset[int]) -> list[tuple[float, Usage]]:
    stop = asyncio.Event()
    running = asyncio.create_task(service.run(stop))
    samples = [(time.monotonic(), usage(leave_out=site))]
    while samples[-1][0] - samples[0][0] < minutes * 60:
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(running), SAMPLE_SECONDS)
        samples.append((time.monotonic(), usage(leave_out=site)))
        if len(samples) % SAMPLES_A_MINUTE == 1:
            print(_standing(service.visits.store, samples, minutes), file=sys.stderr, flush=True)
    stop.set()
    await running
    return samples


def _standing(store: Store, samples: Sequence[tuple[float, Usage]], minutes: float) -> str:
    """One line of text on the progress."""
    load, now = _load(store, samples, minutes), samples[-1][1]
    return (
        f"minute {(samples[-1][0] - samples[0][0]) / 60:.0f} of {minutes:g}: {load.observations} rows, "
        f"gaps {dict(load.gaps) or 'none'}, {load.cpu_share:.1%} of two cores, {now.pss / 1e6:.0f} MB, "
        f"{now.processes} processes, {now.descriptors} descriptors"
    )


def _load(store: Store, samples: Sequence[tuple[float, Usage]], minutes: float) -> Load:
    seconds = samples[-1][0] - samples[0][0]
    cpu = samples[-1][1].cpu - samples[0][1].cpu
    with store.read() as conn:
        counted = counts.totals(conn)
    observations = sum(count.n for count in counted if count.kind == "observation")
    gaps: Counter[str] = Counter()
    for count in counted:
        if count.kind == "gap":
            gaps[count.result.value] += count.n
    return Load(
        minutes=minutes,
        observations=observations,
        gaps=dict(gaps),
        visits_per_minute=observations / seconds * 60,
        cpu_share=cpu / seconds / CORES,
        pss=max(sample.pss for _, sample in samples),
        growth=growth([sample for _, sample in samples]) if minutes >= TELLING else {},
    )


def growth(samples: Sequence[Usage]) -> dict[str, float]:
    """Means of the last quarter divided by those of the second: 1 is flat. In the first, browsers warm up."""
    quarter = len(samples) // 4
    if quarter == 0:
        return {}
    second, last = samples[quarter : 2 * quarter], samples[-quarter:]
    return {
        name: fmean(getattr(u, name) for u in last) / fmean(getattr(u, name) for u in second)
        for name in ("pss", "processes", "descriptors")
    }


def missed(load: Load) -> Iterator[str]:
    """A sentence for each goal that `load` missed."""
    if load.minutes >= TELLING and load.visits_per_minute < FEWEST_VISITS:
        yield f"only {load.visits_per_minute:.1f} visits a minute: the load was never reached"
    if load.cpu_share > goals.CPU_SHARE:
        yield f"{load.cpu_share:.1%} of two cores, above {goals.CPU_SHARE:.0%}"
    if load.pss > goals.MEMORY:
        yield f"{load.pss / 1e6:.0f} MB, above {goals.MEMORY / 1e6:.0f} MB"
    for reason, number in load.gaps.items():
        yield f"{number} instants became a gap: {reason}"
    for name, ratio in load.growth.items():
        if ratio > goals.GROWTH:
            yield f"{name} grew to {ratio:.2f} times what it was in the second quarter"


def judged(load: Load) -> int:
    """Print on standard error which goals `load` missed; the exit code, 1 if any."""
    failures = list(missed(load))
    untold = "" if load.growth else "; too short to tell whether anything grew"
    print("\n".join(failures) or f"every goal met{untold}", file=sys.stderr)
    return 1 if failures else 0


def main() -> None:
    """Print one JSON line, and on standard error what was missed; exit 1 when anything was."""
    parser = argparse.ArgumentParser(prog="python -m bench.france", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    options = parser.parse_args()
    print(f"1,000 targets hourly over Chromium for {options.minutes:g} minutes", file=sys.stderr, flush=True)
    load = asyncio.run(run(options.minutes))
    print(json.dumps(asdict(load)), flush=True)
    raise SystemExit(judged(load))


if __name__ == "__main__":
    main()
