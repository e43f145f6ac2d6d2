"""Every platform walks and reads in a real Chromium what it walks and reads over plain HTTP."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.clock import SimulatedClock
from probes.model import Capture, Outcome, Reading, Target, VisitOver
from probes.registry import platform
from probes.sessions.browser.session import BrowserSessions
from probes.sessions.guard import Allowance
from probes.sessions.http.session import HttpSessions
from probes.simulator.app import build
from probes.simulator.faults import Fault
from probes.simulator.listener import serve
from probes.simulator.sites import Product, Site
from probes.simulator.supply import Scenario
from tests.cast.breaches import Breach, BreachKind, breaches
from tests.cast.simulated import simple

pytestmark = pytest.mark.browser
LOCAL = Allowance(hosts=frozenset(), local=True)
CLOCK = SimulatedClock(datetime(2026, 11, 2, 8, tzinfo=UTC))
HONEST: dict[str, Any] = {
    "allowance": LOCAL,
    "user_agent": "Vigie/tests (+mailto:essais@example.org)",
    "clock": CLOCK,
}


class NoWait:
    """A turn that never waits: the simulator has no politeness to be tested here."""

    async def page(self) -> None:
        return


async def visited(sessions: BrowserSessions | HttpSessions, watched: Target) -> tuple[Reading, Capture]:
    """One visit: what it was read as, and what was received."""
    product = platform(watched.platform)
    async with sessions.visit(stop_line=product.stop_line, turn=NoWait()) as session:
        with suppress(VisitOver):
            await product.walk(watched, session)
    return product.read(watched, session.capture()), session.capture()


async def both(site: Site, fault: Fault | None = None) -> tuple[Reading, Reading, Reading, list[Breach]]:
    """The same page visited in a browser and over plain HTTP, one right after the other.

    Gives three readings: in the browser, over HTTP, and of what the browser received as HTTP would read it.
    """
    procedure = site.procedures[0]
    app = build(CLOCK, (site,))
    if fault:
        app.state.simulator.faults.set(site.host, fault)
    async with AsyncExitStack() as stack:
        watched = Target(
            id="cible",
            platform=site.product,
            url=site.url(procedure, await stack.enter_async_context(serve(app))),
            prefecture=procedure.prefecture,
            departement=procedure.departement,
            demarche=procedure.title,
        )
        browser, http = BrowserSessions(**HONEST), HttpSessions(**HONEST)
        await browser.start()
        stack.push_async_callback(browser.close)
        in_browser, capture = await visited(browser, watched)
        second = platform(site.product).read(watched, await http.as_over_http(capture))
        over_http, _ = await visited(http, watched)
        return in_browser, over_http, second, breaches(app.state.simulator.request_log)


@pytest.mark.parametrize(
    ("product", "scenario", "outcome"),
    [
        (Product.CLASSIC, Scenario.DROUGHT, Outcome.NO_SLOTS),
        (Product.CLASSIC, Scenario.NO_CALENDAR, Outcome.NO_SLOTS),
        (Product.CLASSIC, Scenario.MONTHS_AWAY, Outcome.SLOTS_OFFERED),
        (Product.RDV_SERVICE_PUBLIC, Scenario.DROUGHT, Outcome.NO_SLOTS),
        (Product.RDV_SERVICE_PUBLIC, Scenario.PLENTY, Outcome.SLOTS_OFFERED),
        (Product.DEMARCHE_NUMERIQUE, Scenario.DROUGHT, Outcome.REQUESTS_OPEN),
        (Product.RDV_PREFECTURE, Scenario.PLENTY, Outcome.CAPTCHA),
    ],
)
def test_both_transports_read_the_same_and_cross_no_line(
    product: Product, scenario: Scenario, outcome: Outcome
) -> None:
    in_browser, over_http, second, breaches = asyncio.run(both(simple("valmont", product, scenario)))
    assert in_browser.outcome is outcome
    assert in_browser == over_http == second
    assert [breach for breach in breaches if breach.kind is not BreachKind.SPACING] == []


@pytest.mark.slow
@pytest.mark.parametrize("product", Product)
def test_a_page_that_tries_everything_gets_nobody_over_the_stop_line(product: Product) -> None:
    in_browser, over_http, _, breaches = asyncio.run(both(simple("valmont", product), Fault.HOSTILE))
    assert [breach for breach in breaches if breach.kind is BreachKind.STOP_LINE] == []
    # The browser refused what the page asked for, so nobody knows what it would have shown.
    assert not in_browser.outcome.conclusive
    assert over_http.outcome is not Outcome.SLOTS_OFFERED
