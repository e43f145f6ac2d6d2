"""A one-page site, a platform that reads it, and a service watching it: real store, sessions, scheduler."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from monitor.clock import SystemClock
from monitor.model import Observation, Vantage
from monitor.store import Store, Within, WithinGap
from monitor.targets.catalogue import CatalogueEntry
from monitor.watch.observe import Observer
from monitor.watch.service import Service
from monitor.watch.timetable import Timetable
from monitor.watch.visits import RecordedVisits
from probes.answer import Answer
from probes.model import AcceptedLine, Capture, NoSlotsKind, Outcome, Reading, Session, Target, Transport
from probes.option import Option
from probes.proof import Templates
from probes.sessions.guard import Allowance
from probes.sessions.http.session import HttpSessions
from probes.sessions.pace import HostPolicy, InMemoryHostStates, NoSwitches, Pace, PacePolicy
from probes.stop_line import StopLine


class Site:
    """Says « none » after `delay` seconds, and counts who asks."""

    def __init__(self, delay: float = 0.0) -> None:
        self.delay = delay
        self.asked = 0
        self.app = Starlette(routes=[Route("/{any}", self._answer)])

    async def _answer(self, _: Request) -> Response:
        self.asked += 1
        await asyncio.sleep(self.delay)
        return PlainTextResponse("none")


STOP_LINE = StopLine(paths=("/page",))
ANSWER = Answer(place="body")


@dataclass(frozen=True)
class OnePage:
    """A platform of one page: what it is `told` means no slots, anything else is unrecognised."""

    name: str = "one_page"
    version: str = "1"
    verified_on: date | None = None
    templates: Templates | None = None
    transports: frozenset[Transport] = frozenset({Transport.HTTP})
    stop_line: StopLine = STOP_LINE
    answer: Answer = ANSWER
    options: tuple[Option, ...] = ()
    desks: bool = True
    broken: bool = False
    told: bytes = b"none"

    def accepts(self, url: str) -> bool:
        return re.search(r"/page$", url) is not None

    async def walk(self, target: Target, session: Session) -> None:
        if self.broken:
            raise KeyError("a mistake of ours")
        await session.open(target.url)

    def read(self, target: Target, capture: Capture, accepted: Sequence[AcceptedLine] = ()) -> Reading:
        step = capture.last
        if step is None or step.failure or step.body != self.told:
            failure = step.failure if step else None
            return Reading(outcome=Outcome.UNRECOGNISED, rule="unknown", failure=failure)
        return Reading(outcome=Outcome.NO_SLOTS, rule="none", words="none", kind=NoSlotsKind.ALL_TAKEN)


def entry(name: str, interval: timedelta = timedelta(seconds=2)) -> CatalogueEntry:
    """A target on a host of its own."""
    target = Target(
        id=name,
        platform="one_page",
        url=f"http://{name}.localhost/page",
        prefecture="Essai",
        departement="86",
        demarche="Essai",
    )
    return CatalogueEntry(target=target, interval=interval, transport=Transport.HTTP)


def service(
    store: Store,
    entries: Sequence[CatalogueEntry],
    site: Site,
    *,
    platform: OnePage = OnePage(),
    seed: bytes = b"s" * 32,
    policy: HostPolicy | None = None,
    grace: timedelta = timedelta(seconds=2),
    wait: timedelta = timedelta(seconds=5),
    seen: Callable[[Observation], None] = lambda _: None,
    within: Sequence[Within] = (),
    missed: Sequence[WithinGap] = (),
) -> Service:
    """A service over the site, in process, without pauses. `within` and `missed` join its transactions."""
    clock = SystemClock()
    quick = policy or HostPolicy(spacing=timedelta(0), pages_per_day=10**6)
    sessions = HttpSessions(
        allowance=Allowance(frozenset(), local=True), user_agent="Vigie/test", clock=clock, app=site.app
    )
    store.record_targets(known.target for known in entries)
    visits = RecordedVisits(
        store=store,
        timetable=Timetable(store, entries, seed=seed, clock=clock, within=missed),
        observer=Observer(
            clock=clock,
            pace=Pace(PacePolicy(default=quick), clock, InMemoryHostStates(), NoSwitches()),
            sessions={Transport.HTTP: sessions},
            vantage=Vantage(name="test", software="0"),
        ),
        platforms=lambda _: platform,
        places=4,
        late=grace + wait,
        seen=seen,
        within=within,
    )
    return Service(visits=visits, clock=clock, grace=grace, last_chance=timedelta(seconds=0.2))


async def run_until(condition: Callable[[], bool], *services: Service, patience: float = 30.0) -> None:
    """Run services until `condition` holds, then stop them as SIGTERM would. Fails after `patience`."""
    stop = asyncio.Event()

    async def look() -> None:
        async with asyncio.timeout(patience):
            while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - the record is not ours to signal
                await asyncio.sleep(0.05)

    watching = [asyncio.create_task(watched.run(stop)) for watched in services]
    try:
        await look()
    finally:
        stop.set()
        await asyncio.gather(*watching)


def run(condition: Callable[[], bool], *services: Service) -> None:
    """`run_until`, in a loop of its own."""
    asyncio.run(run_until(condition, *services))
