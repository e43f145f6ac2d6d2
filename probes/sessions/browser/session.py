"""Visits with a real Chromium: one browser, and for each visit a fresh context with an empty jar and cache.

The screenshot is the viewport at the end of the walk.
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
from probes.sessions.visit import Limits, PageTurn
from probes.stop_line import StopLine

__all__ = ["BrowserSessions", "BrowserUnavailable"]

V = TypeVar("V", bound=BrowserVisit)


@dataclass(kw_only=True)
class BrowserSessions:
    """Browser sessions. `start` proves that a browser can be had; visits start one by themselves otherwise.

    `settle` is the time a page's scripts are given; `screenshot_quality` is JPEG's, `None` for no picture;
    a browser is replaced after `recycle_after` visits or a crash. `arguments` are more of Chromium's own;
    `headed` opens a window for a person to see; `sandbox` is Chromium's own, which root never has.
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
        """Start the browser. Raises `BrowserUnavailable`. Sets `software`, its name and version."""
        await self._usable()

    async def close(self) -> None:
        """End every browser, visits under way included."""
        async with self._launching:
            leaving = {*self._leaving, *([self._chrome] if self._chrome else [])}
            self._chrome = None
            self._leaving.clear()
            await asyncio.gather(*(chrome.close() for chrome in leaving))

    @asynccontextmanager
    async def visit(self, *, stop_line: StopLine, turn: PageTurn) -> AsyncIterator[BrowserVisit]:
        """One visit in a context of its own. Raises `BrowserUnavailable` when none can be had."""
        async with self.lend(BrowserVisit, stop_line=stop_line, turn=turn) as visit:
            yield visit

    @asynccontextmanager
    async def lend(self, kind: type[V], *, stop_line: StopLine, turn: PageTurn) -> AsyncIterator[V]:
        """`visit`, for a visit of another kind."""
        visit = kind(
            self.resolve,
            stop_line=stop_line,
            turn=turn,
            allowance=self.allowance,
            clock=self.clock,
            limits=self.limits,
        )
        async with self._borrowed() as chrome, self._tab(chrome, visit):
            try:
                yield visit
            finally:
                await visit.finish(self.screenshot_quality)
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
    async def _tab(self, chrome: Chrome, visit: BrowserVisit) -> AsyncIterator[None]:
        async with AsyncExitStack() as undo:
            try:
                async with asyncio.timeout(STARTING):
                    context = await chrome.new_context(self.user_agent)
                    undo.push_async_callback(self._leave, chrome, context)
                    read, body = self.limits.read, self.limits.body
                    visit.tab = await Tab.open_in(context, visit, read=read, settle=self.settle, body=body)
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
        """The browser for a new visit: the present one, or a new one in its place."""
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
        """Close a browser that was replaced, once its last visit has left it."""
        if chrome in self._leaving and chrome.busy == 0:
            self._leaving.discard(chrome)
            await chrome.close()
