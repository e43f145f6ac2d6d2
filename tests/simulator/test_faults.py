"""Each fault does what it says: in process where a page is enough, over a socket where the wire matters."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import httpx
import pytest
from httpx import AsyncClient, Response
from selectolax.lexbor import LexborHTMLParser

from monitor.clock import SimulatedClock, SystemClock
from probes.simulator.app import build
from probes.simulator.fault_pages import PRIVATE_ADDRESS, TAKING
from probes.simulator.faults import Fault, Faults, Troubles
from probes.simulator.listener import serve
from probes.simulator.sites import Product, Throttle
from probes.simulator.supply import Scenario
from tests.cast.simulated import simple
from tests.simulator.visitor import Visit, Visitor, first, text_of

HOST = "valmont.localhost"
BASE = "/booking/create/1201"
LABEL = "Site simulé par Vigie — aucun rendez-vous réel"
PARIS = ZoneInfo("Europe/Paris")


T = TypeVar("T")
Faulty = Callable[..., Visitor]


@pytest.fixture
def faulty(visit: Visit) -> Faulty:
    """`faulty(fault)`: a visitor to a préfecture that suffers it."""

    def suffer(fault: Fault | None, **site: Any) -> Visitor:
        visitor = visit(simple("valmont", Product.CLASSIC, Scenario.PLENTY, **site))
        if fault:
            visitor.world.faults.set(HOST, fault)
        return visitor

    return suffer


def over_a_socket(fault: Fault, fetch: Callable[[AsyncClient, str], Awaitable[T]], *, tls: bool = False) -> T:
    """What `fetch(client, base URL)` gives against a real server that suffers `fault`."""

    async def run() -> T:
        app = build(SystemClock(), (simple("valmont", Product.CLASSIC),))
        app.state.simulator.faults.set(HOST, fault)
        async with (
            serve(app, tls=tls) as port,
            httpx.AsyncClient(headers={"Host": f"{HOST}:{port}"}) as client,
        ):
            return await fetch(client, f"{'https' if tls else 'http'}://127.0.0.1:{port}")

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (Fault.BAD_GATEWAY, 502, "502 Bad Gateway"),
        (Fault.FORBIDDEN, 403, "Request forbidden by administrative rules."),
        (Fault.TOO_MANY_REQUESTS, 429, "429 Too Many Requests"),
        (Fault.OVERLOADED, 503, "Service surchargé"),
        (Fault.MAINTENANCE, 503, "Le site est actuellement en maintenance."),
        (Fault.CAPTCHA, 200, "Saisissez le code de sécurité"),
        (Fault.REDESIGN, 200, "Votre nouvel espace de réservation"),
        (Fault.LOGIN, 200, "FranceConnect"),
    ],
)
def test_it_replaces_every_page_and_stays_labelled(
    faulty: Faulty, fault: Fault, status: int, words: str
) -> None:
    page = faulty(fault).get(BASE)
    assert page.status_code == status
    assert words in page.text
    assert LABEL in page.text
    assert "FormBookingCreate" not in page.text


def test_too_many_requests_says_when_to_come_back(faulty: Faulty) -> None:
    assert faulty(Fault.TOO_MANY_REQUESTS).get(BASE).headers["retry-after"] == "120"


def test_login_is_a_redirect(faulty: Faulty) -> None:
    page = faulty(Fault.LOGIN).get(BASE)
    assert [hop.status_code for hop in page.history] == [302]
    assert page.url.path == "/login/"


def test_the_redesign_keeps_its_old_sentences_out_of_sight(faulty: Faulty) -> None:
    page = LexborHTMLParser(faulty(Fault.REDESIGN).get(BASE).text)
    first(page, "[hidden]").decompose()
    assert "Il n'existe plus de plage horaire libre" in str(page.html)
    assert "Il n'existe plus de plage horaire libre" not in text_of(page)
    assert "créneau" not in text_of(page)


def test_the_redirect_loop_never_ends(faulty: Faulty) -> None:
    with pytest.raises(httpx.TooManyRedirects):
        faulty(Fault.REDIRECT_LOOP).get(BASE)


def test_the_private_redirect_points_into_a_private_network(faulty: Faulty) -> None:
    page = faulty(Fault.PRIVATE_REDIRECT).get(BASE, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (302, PRIVATE_ADDRESS)


def test_an_empty_body_is_empty_and_200(faulty: Faulty) -> None:
    page = faulty(Fault.EMPTY).get(BASE)
    assert (page.status_code, page.content) == (200, b"")


def test_a_hostile_page_is_the_page_and_asks_for_more(faulty: Faulty) -> None:
    plain, page = faulty(None).get(BASE), faulty(Fault.HOSTILE).get(BASE)
    assert f'sendBeacon("{TAKING}/beacon"' in page.text
    assert "rel=prefetch" in page.headers["link"]
    assert page.text.startswith(plain.text)
    assert int(page.headers["content-length"]) == len(page.content)


def test_a_truncated_body_in_process_is_shorter_than_announced(faulty: Faulty) -> None:
    page = faulty(Fault.TRUNCATED).get(BASE)
    assert 0 < len(page.content) < int(page.headers["content-length"])


def test_a_truncated_body_on_the_wire_breaks_the_connection() -> None:
    async def fetch(client: AsyncClient, base: str) -> None:
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
            await client.get(base + BASE)

    over_a_socket(Fault.TRUNCATED, fetch)


def test_a_hang_outlasts_the_patience_of_the_client() -> None:
    async def fetch(client: AsyncClient, base: str) -> None:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(base + BASE, timeout=0.3)

    over_a_socket(Fault.HANG, fetch)


def test_a_hang_ends_at_the_gateway_after_ten_minutes(faulty: Faulty, clock: SimulatedClock) -> None:
    before = clock.now()
    assert faulty(Fault.HANG).get(BASE).status_code == 504
    assert clock.now() - before == timedelta(minutes=10)


def test_a_careful_client_refuses_the_certificate() -> None:
    async def fetch(client: AsyncClient, base: str) -> None:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await client.get(base + BASE)

    over_a_socket(Fault.REDESIGN, fetch, tls=True)


def test_behind_the_untrusted_certificate_is_the_same_site() -> None:
    async def fetch(_client: AsyncClient, base: str) -> Response:
        careless = ssl.create_default_context()
        careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
        async with httpx.AsyncClient(verify=careless, headers={"Host": HOST}) as client:
            return await client.get(base + BASE)

    assert LABEL in over_a_socket(Fault.REDESIGN, fetch, tls=True).text


def test_throttling_answers_502_to_the_hasty_until_they_slow_down(
    faulty: Faulty, clock: SimulatedClock
) -> None:
    visitor = faulty(None, throttle=Throttle(pages=2, window=timedelta(seconds=10)))
    assert [visitor.get(BASE).status_code for _ in range(3)] == [200, 200, 502]
    clock.advance_to(clock.now() + timedelta(seconds=10))
    assert visitor.get(BASE).status_code == 200


def test_throttling_counts_each_host_apart_and_no_assets(faulty: Faulty) -> None:
    visitor = faulty(None, throttle=Throttle(pages=1))
    visitor.get("http://localhost:9810/")
    visitor.get("/assets/simulateur.css")
    assert visitor.get(BASE).status_code == 200


def test_a_fault_set_by_hand_ends_when_told(faulty: Faulty, clock: SimulatedClock) -> None:
    visitor = faulty(Fault.OVERLOADED)
    visitor.world.faults.clear(HOST)
    assert visitor.get(BASE).status_code == 200
    visitor.world.faults.set(HOST, Fault.OVERLOADED, until=clock.now() + timedelta(hours=1))
    assert visitor.get(BASE).status_code == 503
    clock.advance_to(clock.now() + timedelta(hours=1))
    assert visitor.get(BASE).status_code == 200


def test_clearing_what_was_never_set_is_harmless() -> None:
    faults = Faults()
    faults.clear(HOST)
    assert faults.at(HOST, datetime(2026, 11, 2, tzinfo=UTC)) is None


def test_troubles_are_the_same_each_time_and_come_now_and_then() -> None:
    troubles = Troubles(faults=(Fault.BAD_GATEWAY, Fault.OVERLOADED), share_of_days=0.5)
    hours = [datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(24 * 60)]
    seen = [troubles.at(hour, seed="a", zone=PARIS) for hour in hours]
    assert seen == [troubles.at(hour, seed="a", zone=PARIS) for hour in hours]
    assert {Fault.BAD_GATEWAY, Fault.OVERLOADED, None} == set(seen)
    assert 0.01 < sum(fault is not None for fault in seen) / len(seen) < 0.2


def test_troubles_last_for_one_period_of_a_local_day() -> None:
    troubles = Troubles(faults=(Fault.BAD_GATEWAY,), share_of_days=1.0)
    day = datetime(2026, 11, 2, tzinfo=PARIS)
    seen = [troubles.at(day + timedelta(minutes=n), seed="a", zone=PARIS) for n in range(1440)]
    changes = sum(before != after for before, after in pairwise(seen))
    assert (seen[0], seen[-1], changes) == (None, None, 2)


def test_a_site_suffers_its_own_script(visit: Visit, clock: SimulatedClock) -> None:
    always = Troubles(faults=(Fault.BAD_GATEWAY,), share_of_days=1.0)
    visitor = visit(simple("valmont", Product.CLASSIC, troubles=always))
    statuses = set()
    for _ in range(24):
        clock.advance_to(clock.now() + timedelta(hours=1))
        statuses.add(visitor.get(BASE).status_code)
    assert statuses == {200, 502}
