"""Visits per minute, compared with a bare loop that makes the same walk, with Chromium and over HTTP."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

import httpx
from playwright.async_api import Browser, CDPSession, Playwright, async_playwright
from selectolax.lexbor import LexborHTMLParser

from bench.site import serving, targets
from bench.usage import usage
from monitor.clock import SystemClock
from monitor.model import Vantage
from monitor.store import Store, open_store, upgrade
from monitor.store.pacing import StoredHostStates, StoredSwitches
from monitor.watch.observe import Observer, TransportSessions
from probes.model import Target, Transport
from probes.platforms.classic.answer import ALL_TAKEN
from probes.registry import platform
from probes.sessions.browser.chrome import ARGUMENTS
from probes.sessions.browser.executable import find_executable
from probes.sessions.browser.rest import FIRST, LAST
from probes.sessions.browser.session import BrowserSessions
from probes.sessions.guard import Allowance
from probes.sessions.http.session import HttpSessions
from probes.sessions.pace import HostPolicy, Pace, PacePolicy

Visit = Callable[[Target], Awaitable[object]]

UNHURRIED = HostPolicy(spacing=timedelta(0), pages_per_day=10**9)
USER_AGENT = "Vigie/bench (+localhost)"
TICK_AND_GO = """() => {
  document.querySelector('input[name=condition]').checked = true;
  document.querySelector('input[name=nextButton]').click();
}"""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Medians over the rounds; of `pss` (bytes) the most. `cpu_ms` is for one visit, child processes too."""

    per_minute: float
    cpu_ms: float
    pss: int


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Our visits and those of the bare loop; `ratio` is the median over the rounds of our rate ÷ its rate."""

    ours: Figures
    bare: Figures
    ratio: float
    rounds: int
    visits: int


async def compare(
    ours: Visit, bare: Visit, known: Sequence[Target], *, rounds: int, visits: int, at_once: int
) -> Comparison:
    """Run rounds of both in turn, each first every other time, so that a drift of the machine meets both.

    `visits` is the number in a round, `at_once` how many run together.
    """
    for warm in (ours, bare):
        await _round(warm, known, at_once * 2, at_once)
    mine: list[Figures] = []
    theirs: list[Figures] = []
    for n in range(rounds):
        for visit, kept in ((ours, mine), (bare, theirs))[:: 1 if n % 2 else -1]:
            kept.append(await _round(visit, known, visits, at_once))
    ratios = [a.per_minute / b.per_minute for a, b in zip(mine, theirs, strict=True)]
    return Comparison(
        ours=_median(mine), bare=_median(theirs), ratio=median(ratios), rounds=rounds, visits=visits
    )


async def _round(visit: Visit, known: Sequence[Target], visits: int, at_once: int) -> Figures:
    queue = iter([known[n % len(known)] for n in range(visits)])
    before, start = usage(), time.perf_counter()

    async def work() -> None:
        for target in queue:
            await visit(target)

    await asyncio.gather(*(work() for _ in range(at_once)))
    seconds, after = time.perf_counter() - start, usage()
    return Figures(
        per_minute=visits / seconds * 60, cpu_ms=(after.cpu - before.cpu) / visits * 1000, pss=after.pss
    )


def _median(rounds: Sequence[Figures]) -> Figures:
    return Figures(
        per_minute=median(r.per_minute for r in rounds),
        cpu_ms=median(r.cpu_ms for r in rounds),
        pss=max(r.pss for r in rounds),
    )


def observer(store: Store, sessions: TransportSessions, transport: Transport) -> Observer:
    """An observer as in the service, with its pace in the database, but without pauses between pages."""
    clock = SystemClock()
    states, switches = StoredHostStates(store), StoredSwitches(store, clock)
    return Observer(
        clock=clock,
        pace=Pace(PacePolicy(default=UNHURRIED), clock, states, switches),
        sessions={transport: sessions},
        vantage=Vantage(name="bench", software="bench"),
    )


def recording(store: Store, watching: Observer, transport: Transport) -> Visit:
    """A function that makes and stores one visit: all that the service does at one instant.

    It raises `RuntimeError` when the page is not read rightly.
    """
    classic = platform("classic")

    async def visit(target: Target) -> None:
        seen = await watching.observe(target, classic, transport, wait=60)
        if not seen.reading.outcome.conclusive:
            raise RuntimeError(f"the bench was misread: {seen.reading}")
        await asyncio.to_thread(store.append_observation, seen)

    return visit


def bare_browser(browser: Browser) -> Visit:
    """A visit as anyone would write it who waits for the same rest: the same pages, form and picture."""

    async def visit(target: Target) -> None:
        context = await browser.new_context(
            user_agent=USER_AGENT,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            viewport={"width": 1280, "height": 900},
            service_workers="block",
        )
        try:
            page = await context.new_page()
            time = await context.new_cdp_session(page)
            await page.goto(target.url, wait_until="domcontentloaded")
            await _rest(time)
            async with page.expect_navigation():
                await page.evaluate(TICK_AND_GO)
            await _rest(time)
            await page.content()
            await page.screenshot(type="jpeg", quality=80, full_page=True)
        finally:
            await context.close()

    return visit


async def bare_cpu_ms(known: Sequence[Target], *, visits: int = 20) -> float:
    """CPU of one visit of the bare loop with Chromium, one after the other."""
    async with async_playwright() as playwright, _bare_chromium(playwright) as browser:
        visit = bare_browser(browser)
        await _round(visit, known, 2, 1)
        return (await _round(visit, known, visits, 1)).cpu_ms


@asynccontextmanager
async def _bare_chromium(playwright: Playwright) -> AsyncIterator[Browser]:
    browser = await playwright.chromium.launch(
        executable_path=find_executable(), args=ARGUMENTS, chromium_sandbox=os.geteuid() != 0
    )
    try:
        yield browser
    finally:
        await browser.close()


async def _rest(page: CDPSession) -> None:
    """Give the page its next five seconds in its own time, as our visits do."""
    spent = asyncio.Event()
    page.once("Emulation.virtualTimeBudgetExpired", lambda _: spent.set())
    budget = {"policy": "pauseIfNetworkFetchesPending", "budget": FIRST + LAST}
    await page.send("Emulation.setVirtualTimePolicy", budget)
    await spent.wait()
    await page.send("Emulation.setVirtualTimePolicy", {"policy": "advance"})


def bare_http() -> Visit:
    """A bare visit over httpx: a new client, a shared TLS context, no proxy settings, the answer parsed.

    It connects to 127.0.0.1 with the site's name as `Host`: some resolvers do not know `*.localhost`.
    """
    tls = httpx.create_ssl_context()

    async def visit(target: Target) -> None:
        url = httpx.URL(target.url)
        headers = {"Host": url.netloc.decode(), "User-Agent": USER_AGENT}
        url = url.copy_with(host="127.0.0.1")
        async with httpx.AsyncClient(
            verify=tls, trust_env=False, follow_redirects=True, headers=headers
        ) as client:
            page = LexborHTMLParser((await client.get(url)).content)
            form = page.css_first("form#FormBookingCreate")
            action = url.join(str(form.attributes["action"] if form else ""))
            fields = {"condition": "on", "nextButton": "Effectuer une demande de rendez-vous"}
            answer = LexborHTMLParser((await client.post(action, data=fields)).content)
            if ALL_TAKEN not in answer.text():
                raise RuntimeError("the bare loop did not reach the answer")

    return visit


@asynccontextmanager
async def fresh_store(known: Sequence[Target]) -> AsyncIterator[Store]:
    """An empty SQLite database with the targets in it; removed after the block."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        url = f"sqlite:///{folder}/bench.sqlite3"
        upgrade(url)
        store = open_store(url, media=Path(folder) / "media")
        store.record_targets(known)
        yield store
        store.close()


async def browser_visits(*, rounds: int, visits: int, at_once: int = 2) -> Comparison:
    """Compare visits with Chromium, `at_once` of them together."""
    with serving(at_once) as port:
        known = targets(at_once, port)
        sessions = BrowserSessions(
            allowance=Allowance(frozenset(), local=True),
            user_agent=USER_AGENT,
            clock=SystemClock(),
            recycle_after=10**9,
        )
        await sessions.start()
        async with (
            async_playwright() as playwright,
            _bare_chromium(playwright) as browser,
            fresh_store(known) as store,
        ):
            ours = recording(store, observer(store, sessions, Transport.BROWSER), Transport.BROWSER)
            try:
                return await compare(
                    ours, bare_browser(browser), known, rounds=rounds, visits=visits, at_once=at_once
                )
            finally:
                await sessions.close()


async def http_visits(*, rounds: int, visits: int, at_once: int = 8) -> Comparison:
    """Compare visits over plain HTTP, `at_once` of them together."""
    with serving(at_once) as port:
        known = targets(at_once, port)
        sessions = HttpSessions(
            allowance=Allowance(frozenset(), local=True), user_agent=USER_AGENT, clock=SystemClock()
        )
        async with fresh_store(known) as store:
            ours = recording(store, observer(store, sessions, Transport.HTTP), Transport.HTTP)
            return await compare(ours, bare_http(), known, rounds=rounds, visits=visits, at_once=at_once)
