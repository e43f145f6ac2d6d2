"""Visits with a real Chromium: one browser, and for each visit a new context without cookies or cache.

The screenshot shows the last page that had words a reading may stand on, else the last page.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from playwright.async_api import BrowserContext, Error

from probes.model import Clock
from probes.sessions.browser.chrome import CLOSING, STARTING, BrowserUnavailable, Chrome
from probes.sessions.browser.executable import find_executable
from probes.sessions.browser.tab import Tab
from probes.sessions.browser.visit import BrowserVisit
from probes.sessions.guard import Allowance, Resolver, system_resolver
from probes.sessions.visit import FRANCE, Deciding, Limits, PageTurn
from probes.stop_line import StopLine

__all__ = ["BrowserSessions", "BrowserUnavailable"]

V = TypeVar("V", bound=BrowserVisit)


@dataclass(kw_only=True)
class BrowserSessions:
    """Makes visits with a browser. The first visit starts the browser if `start` was not called.

    `settle` is how long a page's scripts may take. `screenshot_quality` is JPEG's (1 to 100), `None` for no
    picture. A browser is replaced after `recycle_after` visits or a crash. `arguments` are further
    command-line arguments of Chromium. `headed` opens a window. `sandbox` is Chromium's own; root never has
    it.
    """

    allowance: Allowance
    user_agent: str
    clock: Clock
    limits: Limits = field(default_factory=Limits)
    settle: timedelta = timedelta(seconds=5)
    executable: Path | None = None
    recycle_after: int = 200
    screenshot_quality: int | None = 80
    resolve: Resolver = system_resolver
    arguments: Sequence[str] = ()
    headed: bool = False
    sandbox: bool = True

    def __post_init__(self) -> None:
        self._chrome: Chrome | None = None
        self._leaving: set[Chrome] = set()
        self._launching = asyncio.Lock()
        self.software = ""

    async def start(self) -> None:
        """Start the browser and set `software` to its name and version. Raises `BrowserUnavailable`."""
        await self._usable()

    async def close(self) -> None:
        """End every browser, also those with visits under way."""
        async with self._launching:
            leaving = {*self._leaving, *([self._chrome] if self._chrome else [])}
            self._chrome = None
            self._leaving.clear()
            await asyncio.gather(*(chrome.close() for chrome in leaving))

    @asynccontextmanager
    async def visit(
        self,
        *,
        stop_line: StopLine,
        turn: PageTurn,
        deciding: Deciding | None = None,
        zone: str = FRANCE,
    ) -> AsyncIterator[BrowserVisit]:
        """One visit in its own context. Raises `BrowserUnavailable` when no browser or page can be had.

        `deciding` tells the words of a step that a reading may stand on. Without it no ink is measured.
        `zone` is the target's time zone, in which a script of the page prints hours.
        """
        lent = self.lend(BrowserVisit, stop_line=stop_line, turn=turn, deciding=deciding, zone=zone)
        async with lent as visit:
            yield visit

    @asynccontextmanager
    async def lend(
        self,
        kind: type[V],
        *,
        stop_line: StopLine,
        turn: PageTurn,
        deciding: Deciding | None = None,
        zone: str = FRANCE,
    ) -> AsyncIterator[V]:
        """As `visit`, for a visit of the class `kind` (an `AttendedVisit`, for example)."""
        visit = kind(
            self.resolve,
            deciding=deciding,
            quality=self.screenshot_quality,
            stop_line=stop_line,
            turn=turn,
            allowance=self.allowance,
            clock=self.clock,
            limits=self.limits,
        )
        async with self._borrowed() as chrome, self._tab(chrome, visit, zone):
            try:
                yield visit
            finally:
                await visit.finish()
                visit.end()

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[Chrome]:
        chrome = await self._usable()
        chrome.visits += 1
        chrome.busy += 1
        try:
            yield chrome
        finally:
            chrome.busy -= 1
            await self._retire(chrome)

    @asynccontextmanager
    async def _tab(self, chrome: Chrome, visit: BrowserVisit, zone: str) -> AsyncIterator[None]:
        async with AsyncExitStack() as undo:
            try:
                async with asyncio.timeout(STARTING):
                    context = await chrome.new_context(self.user_agent, zone)
                    undo.push_async_callback(self._leave, chrome, context)
                    visit.tab = await Tab.open_in(
                        context,
                        visit,
                        read=self.limits.read,
                        settle=self.settle,
                        body=self.limits.body,
                        bodies=chrome.bodies,
                    )
                    undo.callback(visit.tab.close)
            except (Error, TimeoutError) as exc:
                chrome.broken = True
                raise BrowserUnavailable(f"Chromium gave no page: {exc}") from exc
            yield

    async def _leave(self, chrome: Chrome, context: BrowserContext) -> None:
        try:
            async with asyncio.timeout(CLOSING):
                await context.close()
        except (Error, TimeoutError):
            chrome.broken = True

    async def _usable(self) -> Chrome:
        """The browser for a new visit: the present one, unless it is broken or has served enough visits."""
        async with self._launching:
            chrome = self._chrome
            if chrome is not None and chrome.usable and chrome.visits < self.recycle_after:
                return chrome
            if chrome is not None:
                self._chrome = None
                self._leaving.add(chrome)
                await self._retire(chrome)
            self._chrome = await Chrome.launch(
                find_executable(self.executable, headed=self.headed),
                self.allowance,
                self.arguments,
                headed=self.headed,
                sandbox=self.sandbox,
            )
            self.software = self._chrome.version
            return self._chrome

    async def _retire(self, chrome: Chrome) -> None:
        """Close `chrome` if it was replaced and has no visit under way."""
        if chrome in self._leaving and chrome.busy == 0:
            self._leaving.discard(chrome)
            await chrome.close()
