"""At any instant of any scenario, every product's page shows exactly what `truth` says: property tests."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from httpx import AsyncClient, Response
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from monitor.clock import SimulatedClock
from probes.model import NoSlotsKind
from probes.simulator import french
from probes.simulator.app import build
from probes.simulator.sites import Product
from probes.simulator.supply import Scenario
from probes.simulator.truth import Truth, truth
from probes.simulator.world import Simulator
from tests.cast.simulated import captcha_code, simple
from tests.simulator.visitor import attribute, first

ACCEPT = {"condition": "on", "nextButton": "Effectuer une demande de rendez-vous"}
NO_CALENDAR = "Il n'y a pas calendrier disponible"
ALL_TAKEN = "Il n'existe plus de plage horaire libre"
SUNDAY_MIDNIGHT = datetime.fromisoformat("2026-11-08T00:00:00+01:00")
WEDNESDAY_AT_TEN = datetime.fromisoformat("2026-11-04T10:00:00+01:00")

Fetch = Callable[[httpx.AsyncClient, str, Simulator], Awaitable[httpx.Response]]

instants = st.one_of(
    st.timedeltas(timedelta(0), timedelta(days=730)).map(lambda t: datetime(2026, 1, 1, tzinfo=UTC) + t),
    st.timedeltas(timedelta(0), timedelta(minutes=12)).map(lambda t: SUNDAY_MIDNIGHT + t),
    st.timedeltas(timedelta(0), timedelta(minutes=12)).map(lambda t: WEDNESDAY_AT_TEN + t),
)
anything = given(scenario=st.sampled_from(Scenario), at=instants)


def answer_page(
    product: Product, scenario: Scenario, at: datetime, fetch: Fetch
) -> tuple[Response, Truth, ZoneInfo]:
    """The page that answers, and the truth at that instant."""

    async def run() -> tuple[Response, Truth, ZoneInfo]:
        site = simple("site", product, scenario)
        app = build(SimulatedClock(at), (site,))
        url = site.url(site.procedures[0], 9810)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, follow_redirects=True) as client:
            page = await fetch(client, url, app.state.simulator)
        assert "Site simulé par Vigie — aucun rendez-vous réel" in page.text
        return page, truth(app.state.simulator, url), site.procedures[0].tz

    return asyncio.run(run())


async def classic(client: AsyncClient, url: str, _world: Simulator) -> Response:
    page = await client.post(f"{url}/0", data=ACCEPT)
    return await client.get(f"{url}/4") if page.url.path.endswith("/3") else page


async def rdv_service_public(client: AsyncClient, url: str, _world: Simulator) -> Response:
    return await client.get(url)


async def rdv_prefecture(client: AsyncClient, url: str, world: Simulator) -> Response:
    await client.get(f"{url}cgu/")
    code = captcha_code(world, client.cookies["JSESSIONID"])
    return await client.post(f"{url}cgu/_validerCaptcha", data={"captchaUsercode": code})


@anything
@example(scenario=Scenario.SUNDAY_MIDNIGHT, at=SUNDAY_MIDNIGHT)
@example(scenario=Scenario.WEEKLY_RELEASE, at=WEDNESDAY_AT_TEN)
def test_the_classic_module_shows_the_earliest_slot_or_says_why_there_is_none(
    scenario: Scenario, at: datetime
) -> None:
    page, true, _tz = answer_page(Product.CLASSIC, scenario, at, classic)
    stamps = [int(stamp) for stamp in re.findall(r'/booking/create/1201/5/(\d+)"', page.text)]
    earliest = datetime.fromtimestamp(min(stamps), UTC) if stamps else None
    assert earliest == true.earliest
    assert (ALL_TAKEN in page.text) == (true.kind is NoSlotsKind.ALL_TAKEN)
    assert (NO_CALENDAR in page.text) == (true.kind is NoSlotsKind.NO_CALENDAR)


@anything
@example(scenario=Scenario.WEEKLY_RELEASE, at=WEDNESDAY_AT_TEN)
def test_rdv_service_public_prints_the_next_availability_or_says_that_none_was_found(
    scenario: Scenario, at: datetime
) -> None:
    page, true, tz = answer_page(Product.RDV_SERVICE_PUBLIC, scenario, at, rdv_service_public)
    printed = [node.text() for node in LexborHTMLParser(page.text).css("strong")]
    assert printed == ([french.long_instant(true.earliest.astimezone(tz))] if true.earliest else [])
    assert ("Malheureusement, aucun créneau" in page.text) == (true.earliest is None)


@anything
@example(scenario=Scenario.SUNDAY_MIDNIGHT, at=SUNDAY_MIDNIGHT)
def test_rdv_prefecture_shows_the_first_day_or_says_that_there_is_none(
    scenario: Scenario, at: datetime
) -> None:
    page, true, tz = answer_page(Product.RDV_PREFECTURE, scenario, at, rdv_prefecture)
    assert first_day(page, tz) == (true.earliest and f"{true.earliest.astimezone(tz):%d/%m}")
    offered = first(LexborHTMLParser(page.text), "h2").text() == "Choisissez votre créneau"
    assert offered == bool(true.earliest)


def first_day(page: Response, tz: ZoneInfo) -> str | None:
    html = LexborHTMLParser(page.text)
    radio, button = html.css_first("input[name=trhId]"), html.css_first("a[role=button]")
    if radio:
        return f"{datetime.fromtimestamp(int(attribute(radio, 'value')), tz):%d/%m}"
    return button.text().removeprefix("Prochaine disponibilité le ")[:5] if button else None


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (datetime(2022, 9, 20, 8, 0, tzinfo=UTC), "mardi 20 septembre 2022 à 08h00"),
        (datetime(2027, 2, 1, 15, 40, tzinfo=UTC), "lundi 1er février 2027 à 15h40"),
        (datetime(2026, 8, 31, 9, 5, tzinfo=UTC), "lundi 31 août 2026 à 09h05"),
    ],
)
def test_dates_are_printed_as_french_pages_print_them(day: datetime, expected: str) -> None:
    assert french.long_instant(day) == expected
