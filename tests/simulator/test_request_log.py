"""The request log counts what it is asked, and catches each kind of breach and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from monitor.clock import SimulatedClock
from probes.simulator.app import build
from probes.simulator.demo import SITES
from probes.simulator.faults import Fault
from probes.simulator.request_log import RequestLog
from probes.simulator.sites import Product
from probes.simulator.supply import Scenario
from tests.cast.breaches import BreachKind, Policy, breaches
from tests.cast.simulated import simple
from tests.simulator.visitor import Visit, Visitor

BASE = "/booking/create/1201"
ACCEPT = {"condition": "on", "nextButton": "Effectuer une demande de rendez-vous"}
POLITE = timedelta(seconds=10)
Wait = Callable[..., None]


@pytest.fixture
def visitor(visit: Visit) -> Visitor:
    return visit(simple("valmont", Product.CLASSIC, Scenario.PLENTY))


@pytest.fixture
def wait(clock: SimulatedClock) -> Wait:
    return lambda pause=POLITE: clock.advance_to(clock.now() + pause)


def kinds(visitor: Visitor, **policy: Any) -> list[BreachKind]:
    return [breach.kind for breach in breaches(visitor.world.request_log, Policy(**policy))]


def polite_visit(visitor: Visitor, wait: Wait) -> None:
    visitor.client.cookies.clear()
    visitor.get(BASE)
    wait()
    visitor.post(f"{BASE}/0", data=ACCEPT)
    wait()
    visitor.get(f"{BASE}/4")
    wait()


def test_it_writes_down_every_request(visitor: Visitor, clock: SimulatedClock) -> None:
    visitor.get(f"{BASE}?lang=fr", headers={"User-Agent": "Vigie/1 (+mailto:a@b.fr)"})
    visitor.post(f"{BASE}/0", data=ACCEPT, follow_redirects=False)
    first, second = visitor.world.request_log.entries
    assert (first.at, first.host, first.method, first.status) == (
        clock.now(),
        "valmont.localhost",
        "GET",
        200,
    )
    assert first.path == f"{BASE}?lang=fr"
    assert first.user_agent == "Vigie/1 (+mailto:a@b.fr)"
    assert first.cookies == frozenset()
    assert second.fields == tuple(ACCEPT.items())
    assert second.cookies == {"eZSESSID"}
    assert (second.status, second.location) == (302, f"{BASE}/3")
    assert second.visit == first.visit


def test_it_tells_assets_from_pages(visitor: Visitor) -> None:
    visitor.get("/assets/simulateur.css")
    visitor.get("/favicon.ico")
    assert [entry.asset for entry in visitor.world.request_log.entries] == [True, True]
    assert visitor.world.request_log.pages() == []


def test_it_gives_the_pages_of_one_host(visitor: Visitor) -> None:
    visitor.get(BASE)
    assert len(visitor.world.request_log.pages("valmont.localhost")) == 1
    assert visitor.world.request_log.pages("montclair.localhost") == []


def test_it_forgets_the_oldest_beyond_its_size(visitor: Visitor) -> None:
    visitor.world.request_log.entries = RequestLog(keep=2).entries
    for _ in range(3):
        visitor.get(BASE)
    assert len(visitor.world.request_log.entries) == 2


def test_polite_visits_breach_nothing(visitor: Visitor, wait: Wait) -> None:
    for _ in range(5):
        polite_visit(visitor, wait)
    assert breaches(visitor.world.request_log) == []


def test_a_followed_redirect_is_part_of_its_page(visitor: Visitor) -> None:
    visitor.post(f"{BASE}/0", data=ACCEPT)
    assert len(visitor.world.request_log.pages()) == 2
    assert kinds(visitor, pages_per_day=1) == []


def test_it_catches_pages_asked_for_too_soon(visitor: Visitor, wait: Wait) -> None:
    visitor.get(BASE)
    wait(timedelta(seconds=9.9))
    visitor.get(BASE)
    (breach,) = breaches(visitor.world.request_log)
    assert (breach.kind, breach.host) == (BreachKind.SPACING, "valmont.localhost")
    assert breach.detail == f"9.9 s après {BASE}"


def test_spacing_is_owed_to_each_host_apart(clock: SimulatedClock) -> None:
    async def run() -> None:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport) as client:
            for site in SITES[:3]:
                await client.get(site.url(site.procedures[0], 9810))

    app = build(clock)
    asyncio.run(run())
    assert breaches(app.state.simulator.request_log) == []


def test_it_catches_requests_that_overlap(visitor: Visitor) -> None:
    async def run() -> None:
        visitor.world.faults.set("valmont.localhost", Fault.HANG)
        hanging = asyncio.create_task(visitor.client.get(BASE))
        await asyncio.sleep(0)
        visitor.world.faults.clear("valmont.localhost")
        visitor.client.cookies.clear()
        await visitor.client.get(BASE)
        await hanging

    asyncio.run(run())
    assert BreachKind.VISITS_AT_ONCE in kinds(visitor, spacing=timedelta(0))


def test_it_catches_visits_that_take_turns(visitor: Visitor, wait: Wait) -> None:
    visitor.get(BASE)
    mine = dict(visitor.client.cookies)
    wait()
    visitor.client.cookies.clear()
    visitor.get(BASE)
    wait()
    visitor.client.cookies.clear()
    visitor.get(BASE, headers={"Cookie": f"eZSESSID={mine['eZSESSID']}"})
    assert kinds(visitor) == [BreachKind.VISITS_AT_ONCE]


def test_it_catches_too_many_pages_a_day(visitor: Visitor, wait: Wait) -> None:
    for _ in range(5):
        polite_visit(visitor, wait)
    assert kinds(visitor, pages_per_day=15) == []
    assert kinds(visitor, pages_per_day=14) == [BreachKind.PAGES_PER_DAY]


def test_a_new_day_has_a_new_budget(visitor: Visitor, wait: Wait) -> None:
    for _ in range(3):
        polite_visit(visitor, wait)
        wait(timedelta(days=1))
    assert kinds(visitor, pages_per_day=3) == []


def test_it_catches_cookies_kept_from_an_earlier_visit(visitor: Visitor, wait: Wait) -> None:
    visitor.get(BASE)
    wait(timedelta(hours=1))
    visitor.get(BASE)
    (breach,) = breaches(visitor.world.request_log)
    assert (breach.kind, breach.detail) == (BreachKind.COOKIES_KEPT, "eZSESSID")


def test_it_catches_foreign_cookies(visitor: Visitor) -> None:
    visitor.get(BASE, headers={"Cookie": "suivi=1"})
    assert kinds(visitor) == [BreachKind.COOKIES_KEPT]


@pytest.mark.parametrize(("seconds", "expected"), [(119, [BreachKind.RETRY_AFTER]), (120, [])])
def test_it_catches_who_comes_back_before_the_time_asked(
    visitor: Visitor, wait: Wait, seconds: int, expected: list[BreachKind]
) -> None:
    visitor.world.faults.set("valmont.localhost", Fault.TOO_MANY_REQUESTS)
    visitor.get(BASE)
    visitor.client.cookies.clear()
    wait(timedelta(seconds=seconds))
    visitor.get(BASE)
    assert kinds(visitor) == expected


@pytest.mark.parametrize(
    ("product", "path"),
    [
        (Product.CLASSIC, f"{BASE}/5/1793610000"),
        (Product.CLASSIC, f"{BASE}/6"),
        (Product.CLASSIC, f"{BASE}/8?x=1"),
        (Product.CLASSIC, f"/index.php{BASE}/5"),
        (Product.CLASSIC, f"{BASE}/10"),
        (Product.RDV_SERVICE_PUBLIC, "/users/rdv_wizard_step/new?departement=92"),
        (Product.RDV_SERVICE_PUBLIC, "/prendre_rdv?departement=92&starts_at=2026-11-03T09:00"),
        (Product.DEMARCHE_NUMERIQUE, "/users/sign_in"),
        (Product.DEMARCHE_NUMERIQUE, "/manager/"),
        (Product.RDV_PREFECTURE, "/rdvpref/reservation/demarche/1201/cgu/_validerCaptcha"),
    ],
)
def test_it_catches_whoever_goes_beyond_the_stop_line(visit: Visit, product: Product, path: str) -> None:
    visitor = visit(simple("site", product))
    visitor.get(path)
    assert set(kinds(visitor)) == {BreachKind.STOP_LINE}


@pytest.mark.parametrize("name", ["nom", "user[email]", "captchaUsercode", "g-recaptcha-response", "trhId"])
def test_it_catches_every_field_that_no_probe_sends(visitor: Visitor, name: str) -> None:
    visitor.post(f"{BASE}/0", data={**ACCEPT, name: "x"}, follow_redirects=False)
    (breach,) = breaches(visitor.world.request_log)
    assert breach.kind is BreachKind.STOP_LINE
    assert name in breach.detail


def test_it_catches_fields_sent_as_multipart(visitor: Visitor) -> None:
    visitor.post(f"{BASE}/0", files={"piece": ("passeport.pdf", b"%PDF")}, follow_redirects=False)
    assert kinds(visitor) == [BreachKind.STOP_LINE]


@pytest.mark.parametrize("step", ["", "/0", "/1", "/2", "/3", "/4"])
def test_the_steps_before_the_line_may_be_asked_for(visitor: Visitor, step: str) -> None:
    visitor.get(BASE + step, follow_redirects=False)
    assert breaches(visitor.world.request_log) == []


def test_breaches_come_in_order(visitor: Visitor, wait: Wait) -> None:
    visitor.get(f"{BASE}/5")
    wait(timedelta(seconds=1))
    visitor.get(BASE)
    wait()
    visitor.get(f"{BASE}/6")
    assert kinds(visitor) == [BreachKind.STOP_LINE, BreachKind.SPACING, BreachKind.STOP_LINE]
