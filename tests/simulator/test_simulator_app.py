"""The application as a whole: hosts, labels, weight, index page, real listener, command."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from httpx import Response
from selectolax.lexbor import LexborHTMLParser
from starlette.applications import Starlette

from monitor.clock import SimulatedClock, SystemClock
from probes.model import Outcome
from probes.serving import CannotListen
from probes.simulator.app import _FRENCH, build
from probes.simulator.demo import SITES
from probes.simulator.faults import Fault
from probes.simulator.listener import serve
from probes.simulator.sites import Product
from probes.simulator.supply import Scenario, TakesRequests
from tests.cast.simulated import simple
from tests.simulator.visitor import Visit, first

pytestmark = pytest.mark.slow

LABEL = "Site simulé par Vigie — aucun rendez-vous réel"
ENTRANCES = [site.url(procedure, 9810) for site in SITES for procedure in site.procedures]


def ask(app: Starlette, url: str, **options: Any) -> Response:
    async def run() -> Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, follow_redirects=True) as client:
            return await client.get(url, **options)

    return asyncio.run(run())


@pytest.mark.parametrize("url", [*ENTRANCES, "http://localhost:9810/"])
def test_every_page_is_labelled(clock: SimulatedClock, url: str) -> None:
    page = ask(build(clock), url)
    assert page.status_code == 200
    assert page.headers["x-vigie-simulateur"] == "1"
    assert first(LexborHTMLParser(page.text), ".vigie-simulateur").text() == LABEL


@pytest.mark.parametrize(
    "url", ["http://ailleurs.localhost:9810/", "http://localhost:9810/booking/create/1201"]
)
def test_an_unknown_address_is_a_labelled_404(clock: SimulatedClock, url: str) -> None:
    page = ask(build(clock), url)
    assert page.status_code == 404
    assert LABEL in page.text


def test_pages_bear_the_date_of_the_simulation(clock: SimulatedClock) -> None:
    page = ask(build(clock), ENTRANCES[0])
    assert parsedate_to_datetime(page.headers["date"]) == clock.now()


def test_two_simulations_share_nothing(clock: SimulatedClock) -> None:
    first, second = build(clock), build(clock)
    ask(first, ENTRANCES[0])
    assert len(first.state.simulator.request_log.entries) == 1
    assert len(second.state.simulator.request_log.entries) == 0


def test_the_index_lists_every_procedure_with_what_is_true_of_it(clock: SimulatedClock) -> None:
    page = LexborHTMLParser(ask(build(clock), "http://localhost:9810/").text)
    rows = page.css("tr:has(td)")
    assert [row.css_first("a").attributes["href"] for row in rows] == ENTRANCES
    assert [cell.text(strip=True) for cell in rows[0].css("td")] == [
        "Préfecture simulée de Valmont (92)",
        "Première demande de titre de séjour",
        "Guichet unique : jamais de créneau",
        "zéro créneau",
    ]
    assert "à l'affiche, dès le lundi 2 novembre 2026" in rows[1].text()


def test_a_heavy_page_weighs_what_was_asked_and_its_assets_five_times_that(
    visit: Visit,
) -> None:
    visitor = visit(simple("valmont", Product.CLASSIC), weight_kb=60)
    page = visitor.get("/booking/create/1201")
    assets = [visitor.get(f"/assets/site.{kind}") for kind in ("css", "js", "woff2")]
    assert 58_000 < len(page.content) < 64_000
    assert 295_000 < sum(len(asset.content) for asset in assets) < 305_000
    assert [asset.headers["content-type"].partition(";")[0] for asset in assets] == [
        "text/css",
        "text/javascript",
        "font/woff2",
    ]


def test_a_light_page_asks_for_its_style_only(visit: Visit) -> None:
    page = visit(simple("valmont", Product.CLASSIC)).get("/booking/create/1201")
    assert len(page.content) < 3_000
    assert "site.js" not in page.text


def test_assets_that_do_not_exist_are_not_found(visit: Visit) -> None:
    visitor = visit(simple("valmont", Product.CLASSIC))
    assert visitor.get("/assets/secret.txt").status_code == 404
    assert visitor.get("/favicon.ico").status_code == 204
    assert visitor.get("/assets/etape_3r.png").headers["content-type"] == "image/svg+xml"


def test_sessions_are_forgotten_beyond_their_number(visit: Visit) -> None:
    visitor = visit(simple("valmont", Product.CLASSIC))
    visitor.world.sessions._keep = 1
    first, second = visitor.world.sessions.start(), visitor.world.sessions.start()
    assert visitor.world.sessions.get(first.id) is None
    assert visitor.world.sessions.get(second.id) is second


def test_a_visitor_whose_session_was_forgotten_gets_another(visit: Visit) -> None:
    visitor = visit(simple("valmont", Product.CLASSIC))
    page = visitor.get("/booking/create/1201", headers={"Cookie": "eZSESSID=oubliee"})
    assert "eZSESSID=" in page.headers["set-cookie"]


def test_one_socket_serves_every_name(clock: SimulatedClock) -> None:
    async def run() -> set[str]:
        # Not the machine's clock: at some hours a site of the cast is down.
        app = build(clock)
        async with serve(app) as port, httpx.AsyncClient() as client:
            for url in ENTRANCES:
                address = httpx.URL(url, port=port)
                page = await client.get(
                    address.copy_with(host="127.0.0.1"), headers={"Host": address.netloc.decode()}
                )
                assert page.status_code < 400
        return {entry.host for entry in app.state.simulator.request_log.entries}

    assert asyncio.run(run()) == {site.host for site in SITES}


def test_the_listener_gives_its_port_back() -> None:
    async def run() -> bool:
        async with serve(build(SystemClock())) as port:
            pass
        with socket.create_server(("127.0.0.1", port)):
            return True

    assert asyncio.run(run())


def test_the_listener_refuses_a_port_that_is_taken() -> None:
    async def run(port: int) -> None:
        async with serve(build(SystemClock()), port=port):
            pytest.fail("it listens on a taken port")

    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(CannotListen, match="Address already in use"),
    ):
        asyncio.run(run(taken.getsockname()[1]))


def test_the_listener_leaves_signals_to_others() -> None:
    async def run() -> None:
        before = signal.getsignal(signal.SIGINT)
        async with serve(build(SystemClock())):
            assert signal.getsignal(signal.SIGINT) is before

    asyncio.run(run())


class NeverWakes(SystemClock):
    """A clock on which whoever sleeps stays asleep, and says that it fell asleep."""

    def __init__(self) -> None:
        self.asleep = asyncio.Event()

    @property
    def sleep(self) -> Callable[[float], Awaitable[None]]:
        async def forever(_seconds: float) -> None:
            self.asleep.set()
            await asyncio.Event().wait()

        return forever


def test_the_listener_stops_while_a_visitor_hangs() -> None:
    async def run() -> None:
        clock = NeverWakes()
        app = build(clock, (simple("valmont", Product.CLASSIC),))
        app.state.simulator.faults.set("valmont.localhost", Fault.HANG)
        async with serve(app) as port:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /booking/create/1201 HTTP/1.1\r\nHost: valmont.localhost\r\n\r\n")
            await clock.asleep.wait()
        writer.close()

    asyncio.run(asyncio.wait_for(run(), 10))


def test_the_command_serves_until_interrupted() -> None:
    command = [sys.executable, "-m", "probes.simulator", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ}
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().split()[3]
        assert "Préfectures simulées" in httpx.get(url.replace("localhost", "127.0.0.1")).text
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=10)[1] == b""
        assert process.returncode == 0


def test_the_index_has_french_words_for_all_that_it_can_say() -> None:
    assert {*Scenario, *TakesRequests, *Outcome, *Fault} == {*_FRENCH}
