"""Once the answer is in, the window of an attended visit opens no further page."""

from __future__ import annotations

import asyncio

import pytest

from probes.failures import Failed, Failure
from probes.sessions.browser.attended_visit import AttendedVisit
from probes.sessions.guard import Allowance

PAGE = "https://www.ain.gouv.fr/rdvpref/reservation/demarche/1201/creneau/"


class Window(AttendedVisit):
    """The part of an attended visit that judges addresses, without a browser."""

    def __init__(self) -> None:
        self.allowance = Allowance(frozenset(("www.ain.gouv.fr",)))
        self._reached = asyncio.Event()

    def check_target(self, url: str) -> None:
        assert url == PAGE

    async def _vet(self, host: str) -> None:
        assert host == "www.ain.gouv.fr"

    def answer(self) -> None:
        self._reached.set()


def test_a_listed_page_is_refused_after_the_answer_and_its_pictures_are_not() -> None:
    async def ask(window: Window, *, main: bool) -> None:
        await window.ask(PAGE, "GET", main=main, redirected=False)

    async def visit() -> None:
        window = Window()
        await ask(window, main=True)
        window.answer()
        await ask(window, main=False)
        with pytest.raises(Failed) as refused:
            await ask(window, main=True)
        assert refused.value.failure is Failure.OFF_LIMITS

    asyncio.run(visit())
