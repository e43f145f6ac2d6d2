"""A platform that goes beyond its line is stopped before anything is sent, on both transports, whole walks.

`Trespasser` has the classic module's honest stop line and a walk that breaks it. `Shameless` declares what it
should not: nothing can stop it on the way, so the simulator's request_log must tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from monitor.clock import SystemClock
from monitor.settings.load import make_settings
from monitor.watch.observe import Observer
from monitor.watch.wiring import observing
from probes.model import Session, Target, Transport, VisitOver
from probes.platforms.classic.answer import FORM
from probes.platforms.classic.platform import Classic
from probes.sessions.guard import StopLineCrossed
from probes.simulator.app import build
from probes.simulator.listener import serve
from probes.simulator.request_log import RequestLog
from probes.simulator.sites import Product
from probes.simulator.supply import Scenario
from probes.stop_line import Field, Form, StopLine
from tests.cast.breaches import BreachKind, breaches
from tests.cast.simulated import simple

pytestmark = pytest.mark.slow

SETTINGS = make_settings({"pace": {"hosts": {"localhost": {"spacing": "0s"}}}}, "the test")
SITE = simple("essai", Product.CLASSIC, Scenario.PLENTY)
Walk = Callable[[Target, Session], Awaitable[object]]

TRANSPORTS = [Transport.HTTP, pytest.param(Transport.BROWSER, marks=pytest.mark.browser)]


class Trespasser(Classic):
    """The classic module with another walk."""

    def __init__(self, walk: Walk, line: StopLine = Classic.stop_line) -> None:
        self.walk = walk  # type: ignore[method-assign,assignment]
        self.stop_line = line


async def types_a_name(target: Target, session: Session) -> None:
    await session.open(target.url)
    await session.submit(FORM, {"condition": "on", "nom": "Dupont"}, button="nextButton")


async def types_a_mail_into_a_declared_field(target: Target, session: Session) -> None:
    await session.open(target.url)
    await session.submit(FORM, {"condition": "jeanne@example.org"}, button="nextButton")


async def presses_the_final_button(target: Target, session: Session) -> None:
    await session.open(target.url)
    await session.submit(FORM, {"condition": "on"}, button="finishButton")


async def presses_the_other_button(target: Target, session: Session) -> None:
    await session.open(target.url)
    await session.submit(FORM, {"condition": "on"}, button="cancelButton")


async def follows_a_slot(target: Target, session: Session) -> None:
    await session.open(target.url)
    await session.open(f"{target.url}/5/1767598200")


async def asks_who_one_is(target: Target, session: Session) -> None:
    await session.open(target.url)
    await session.open(f"{target.url}/7")


CROSSINGS = [
    *(types_a_name, types_a_mail_into_a_declared_field),
    *(presses_the_final_button, presses_the_other_button),
    *(follows_a_slot, asks_who_one_is),
]


def visit(platform: Classic, transport: Transport) -> tuple[RequestLog, Exception | None]:
    """One whole visit to a préfecture full of slots: what it was asked for, and what stopped the walk."""

    async def run() -> tuple[RequestLog, Exception | None]:
        app = build(SystemClock(), (SITE,))
        async with serve(app) as port:
            target = Target(
                id="t",
                platform="classic",
                url=SITE.url(SITE.procedures[0], port),
                prefecture="P",
                departement="92",
                demarche="D",
            )
            async with observing(SETTINGS, [target.url], {transport}) as observer:
                stopped = await _walk(observer, platform, target, transport)
        return app.state.simulator.request_log, stopped

    return asyncio.run(run())


async def _walk(
    observer: Observer, platform: Classic, target: Target, transport: Transport
) -> Exception | None:
    pace = observer.pace.visit(host="essai.localhost", platform="classic", wait=0)
    visits = observer.sessions[transport]
    async with pace as turn, visits.visit(stop_line=platform.stop_line, turn=turn) as session:
        try:
            with suppress(VisitOver):
                await platform.walk(target, session)
        except StopLineCrossed as crossed:
            return crossed
        finally:
            await turn.settle(refused=False)
    return None


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("crossing", CROSSINGS)
def test_a_walk_that_crosses_its_line_is_stopped_with_nothing_sent(
    crossing: Walk, transport: Transport
) -> None:
    request_log, stopped = visit(Trespasser(crossing), transport)
    assert isinstance(stopped, StopLineCrossed)
    assert [(entry.method, entry.path.count("/")) for entry in request_log.pages()] == [("GET", 3)]
    assert [breach for breach in breaches(request_log) if breach.kind is BreachKind.STOP_LINE] == []


ANYTHING = StopLine(
    paths=(r"/.*",),
    forms=(
        Form(
            selector=FORM,
            fields=(Field(name="condition", values=".*"), Field(name="nom", values=".*")),
            buttons=("nextButton", "finishButton"),
        ),
    ),
)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("crossing", [follows_a_slot, asks_who_one_is])
def test_a_platform_that_declares_too_much_is_told_by_the_ledger(
    crossing: Walk, transport: Transport
) -> None:
    request_log, stopped = visit(Trespasser(crossing, ANYTHING), transport)
    assert stopped is None
    assert [breach.kind for breach in breaches(request_log) if breach.kind is BreachKind.STOP_LINE]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_honest_platform_is_neither_stopped_nor_told(transport: Transport) -> None:
    request_log, stopped = visit(Trespasser(Classic().walk), transport)
    assert stopped is None
    assert len(request_log.pages()) > 2
    assert [breach for breach in breaches(request_log) if breach.kind is BreachKind.STOP_LINE] == []
