"""Visits made by a person in a browser window: the person types and clicks, Vigie keeps the answering page.

Nothing else is kept: no body or picture of another page, nothing that was typed. Once the answer is received,
the window can open no further page.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from probes.failures import Failed, Failure
from probes.model import Step
from probes.sessions.browser.own_requests import OwnRequest, OwnRequests
from probes.sessions.browser.visit import BrowserVisit
from probes.sessions.visit import Draft


class NotReached(Exception):
    """The person did not reach the page that answers, and nothing was kept. The message says why.

    `french` tells the person herself.
    """

    def __init__(self, why: str, french: str) -> None:
        super().__init__(why)
        self.french = french


class AttendedVisit(BrowserVisit):
    """A visit in which a person acts and Vigie waits for the page that answers."""

    alone = False

    def __init__(self, *arguments: Any, **rules: Any) -> None:
        super().__init__(*arguments, **rules)
        self._answer = ""
        self._reached = asyncio.Event()

    async def witness(self, entrance: str, answer: str, *, patience: timedelta) -> Step:
        """Open the URL `entrance`, wait for the page with the path `answer`, and keep only that page.

        Raises `NotReached` when the person closes the window, when the page did not come within `patience`,
        or when `entrance` cannot be opened.
        """
        self.line.check_page(entrance)
        self.allowance.check(entrance)
        await self._turn.page()
        self._answer = answer
        deadline = asyncio.get_running_loop().time() + patience.total_seconds()
        try:
            await self.tab.navigate(entrance)
            await self._wait(deadline)
            return await self._keep()
        except self.remote_errors as exc:
            raise _unreached(exc, patience) from exc

    async def _wait(self, deadline: float) -> None:
        """Wait until the answer is received.

        A page that we refused or that failed does not end the visit: the person can go back and try again.
        """
        while not self._reached.is_set():
            left = deadline - asyncio.get_running_loop().time()
            try:
                await self.tab.wait(self._reached.wait(), max(0.0, left))
            except Failed as exc:
                if exc.failure is Failure.BROWSER_CRASHED:
                    raise
                self.tab.fresh()

    async def _keep(self) -> Step:
        draft = self._current
        assert draft is not None
        await self._read(draft)
        return self.record(draft)

    async def ask(self, url: str, method: str, *, main: bool, redirected: bool) -> None:
        """`Judge.ask`: allows only pages of this procedure, and no page once the answer is received."""
        self.allowance.check(url)
        if main and self._reached.is_set():
            raise Failed(Failure.OFF_LIMITS, "the answer is in: the visit is over")
        if main:
            self.check_target(url)
        await self._vet(urlsplit(url).hostname or "")

    async def admit(self, request: OwnRequest) -> bool:
        """`Judge.admit`: a person is acting, so that what the page asks for needs only an allowed host.

        What the page that answers lacks is noted as in any visit.
        """
        try:
            self.allowance.check(request.url)
            await self._vet(urlsplit(request.url).hostname or "")
        except Failed:
            self.own.admit(request)
            return False
        self.own.expect(request)
        return True

    def answered(self, url: str, status: int, headers: list[tuple[str, str]]) -> None:
        """`Judge.answered`: starts a step only for the page that answers; forgets all other pages."""
        self._current = None
        if status == 200 and unquote(urlsplit(url).path) == self._answer:
            self._current = Draft(action="attend", method="GET", url=url, started_at=self.clock.now())
            self._current.answered(url, status, headers)
            # What pages before it asked for says nothing of this one.
            self.own = OwnRequests(self.line, self.allowance)
            self._current.refused = self.own.refused

    def received(self, body: bytes) -> None:
        """`Judge.received`: the body of the page that answers ends the wait."""
        super().received(body)
        if self._current is not None:
            self._reached.set()


def _unreached(exc: Exception, patience: timedelta) -> NotReached:
    if isinstance(exc, Failed) and exc.failure is Failure.BROWSER_CRASHED:
        return NotReached(
            "the window was closed before the page that answers",
            "la fenêtre a été fermée avant la page qui répond",
        )
    if isinstance(exc, TimeoutError):
        minutes = f"{patience.total_seconds() / 60:.0f}"
        return NotReached(
            f"the page that answers was not reached within {minutes} minutes",
            f"la page qui répond n'a pas été atteinte en {minutes} min",
        )
    said = " ".join(str(exc).split())[:200]
    return NotReached(
        f"the first page could not be opened: {said}", f"la première page n'a pas pu être ouverte ({said})"
    )
