"""The truth told to tests is what the pages show, and the demo's catalogue points at pages that exist."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.clock import SimulatedClock
from probes.model import NoSlotsKind, Outcome
from probes.simulator.app import build
from probes.simulator.demo import DEFAULT_PORT, SITES
from probes.simulator.faults import Fault
from probes.simulator.sites import Product
from probes.simulator.supply import Scenario, TakesRequests
from probes.simulator.truth import Truth, truth
from probes.simulator.world import Simulator
from tests.cast.simulated import simple

MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)
CLASSIC = "http://site.localhost:9810/booking/create/1201"
SABLONNE = "http://sablonne.localhost:9810/booking/create/330"
CATALOGUE = tomllib.loads(files("probes.simulator").joinpath("targets.toml").read_text("utf-8"))["target"]


@pytest.fixture
def demo() -> Simulator:
    world: Simulator = build(SimulatedClock(MONDAY)).state.simulator
    return world


def of(scenario: Scenario, fault: Fault | None = None, product: Product = Product.CLASSIC) -> Truth:
    world = Simulator(SimulatedClock(MONDAY), (simple("site", product, scenario),))
    if fault:
        world.faults.set("site.localhost", fault)
    return truth(world, world.sites["site.localhost"].url(world.sites["site.localhost"].procedures[0], 9810))


@pytest.mark.parametrize(
    ("scenario", "outcome", "kind"),
    [
        (Scenario.DROUGHT, Outcome.NO_SLOTS, NoSlotsKind.ALL_TAKEN),
        (Scenario.NO_CALENDAR, Outcome.NO_SLOTS, NoSlotsKind.NO_CALENDAR),
        (Scenario.PLENTY, Outcome.SLOTS_OFFERED, None),
        (Scenario.MONTHS_AWAY, Outcome.SLOTS_OFFERED, None),
        (Scenario.SUNDAY_MIDNIGHT, Outcome.NO_SLOTS, NoSlotsKind.ALL_TAKEN),
    ],
)
def test_it_is_what_the_scenario_offers(
    scenario: Scenario, outcome: Outcome, kind: NoSlotsKind | None
) -> None:
    found = of(scenario)
    assert (found.outcome, found.kind) == (outcome, kind)


def test_the_second_slot_is_on_a_later_local_day() -> None:
    found = of(Scenario.PLENTY)
    paris = ZoneInfo("Europe/Paris")
    days = sorted({slot.astimezone(paris).date() for slot in found.offer.slots})
    assert found.earliest == found.offer.slots[0]
    assert found.second is not None
    assert found.second.astimezone(paris).date() == days[1]
    assert found.second == min(s for s in found.offer.slots if s.astimezone(paris).date() == days[1])


def test_without_slots_there_is_no_earliest() -> None:
    found = of(Scenario.DROUGHT)
    assert (found.earliest, found.second, found.offer.slots) == (None, None, ())


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_has_its_truth(fault: Fault) -> None:
    found = of(Scenario.PLENTY, fault)
    assert found.fault is fault
    assert (found.outcome is Outcome.SLOTS_OFFERED) == (fault in (Fault.PHONE, Fault.HOSTILE))


def test_an_expired_session_spares_the_products_that_need_none() -> None:
    assert (
        of(Scenario.PLENTY, Fault.SESSION_EXPIRED, Product.RDV_SERVICE_PUBLIC).outcome
        is Outcome.SLOTS_OFFERED
    )


def test_behind_a_captcha_the_offer_is_known_but_not_seen() -> None:
    found = of(Scenario.PLENTY, product=Product.RDV_PREFECTURE)
    assert found.outcome is Outcome.CAPTCHA
    assert found.earliest


def test_a_form_is_open_or_closed(demo: Simulator) -> None:
    site = next(site for site in SITES if site.product is Product.DEMARCHE_NUMERIQUE)
    outcomes = {p.takes_requests: truth(demo, site.url(p, 9810)).outcome for p in site.procedures}
    assert outcomes == {
        TakesRequests.MONTHLY: Outcome.REQUESTS_OPEN,
        TakesRequests.OPEN: Outcome.REQUESTS_OPEN,
        TakesRequests.CLOSED: Outcome.CLOSED,
    }


def test_it_may_be_asked_for_another_instant(demo: Simulator) -> None:
    url = "http://rivehaute.localhost:9810/booking/create/9846"
    midnight = datetime(2026, 11, 8, tzinfo=ZoneInfo("Europe/Paris"))
    assert truth(demo, url, at=midnight).outcome is Outcome.SLOTS_OFFERED
    assert truth(demo, url, at=midnight + timedelta(minutes=10)).outcome is Outcome.NO_SLOTS


def test_each_desk_has_its_own(demo: Simulator) -> None:
    assert truth(demo, SABLONNE, desk="Guichets 1 et 2 - salariés").kind is NoSlotsKind.ALL_TAKEN
    assert truth(demo, SABLONNE, desk="Guichet 4 - titres de voyage").kind is NoSlotsKind.NO_CALENDAR


def test_desks_without_slots_for_different_reasons_leave_the_kind_open(demo: Simulator) -> None:
    midnight = MONDAY.replace(hour=0)
    assert truth(demo, SABLONNE, at=midnight).kind is NoSlotsKind.UNSPECIFIED


def test_rdv_service_public_never_says_why_there_is_none() -> None:
    assert of(Scenario.NO_CALENDAR, product=Product.RDV_SERVICE_PUBLIC).kind is NoSlotsKind.UNSPECIFIED


def test_a_whole_page_is_dry_only_when_every_desk_is(demo: Simulator) -> None:
    desk = {"desk": "Guichet 3 - étudiants"}
    instants = [MONDAY + timedelta(hours=n) for n in range(500)]
    assert any(truth(demo, SABLONNE, at=at).earliest for at in instants)
    for at in instants:
        assert truth(demo, SABLONNE, at=at).outcome is truth(demo, SABLONNE, at=at, **desk).outcome


@pytest.mark.parametrize(
    ("url", "desk", "message"),
    [
        (
            "http://ailleurs.localhost/booking/create/1201",
            None,
            "is on no simulated site; there are boisclair.localhost",
        ),
        ("http://sablonne.localhost/booking/create/9", None, "sablonne.localhost has no such procedure"),
        (SABLONNE, "Guichet 9", "has no desk « Guichet 9 »; it has: Guichets 1 et 2 - salariés"),
    ],
)
def test_it_says_what_does_not_exist(demo: Simulator, url: str, desk: str | None, message: str) -> None:
    with pytest.raises(LookupError, match=message):
        truth(demo, url, desk=desk)


@pytest.mark.parametrize("target", CATALOGUE, ids=lambda target: target["id"])
def test_each_demo_target_is_a_simulated_procedure(demo: Simulator, target: dict[str, Any]) -> None:
    site = demo.site_of(target["url"])
    procedure = next(p for p in site.procedures if site.url(p, DEFAULT_PORT) == target["url"])
    assert truth(demo, target["url"], desk=target.get("desk"))
    assert target["platform"] == site.product
    assert target["demarche"] == procedure.title
    for key in ("prefecture", "departement", "zone"):
        assert target[key] == getattr(procedure, key)


def test_the_demo_covers_every_product_and_most_prefectures() -> None:
    assert {target["platform"] for target in CATALOGUE} == set(Product)
    assert len({target["prefecture"] for target in CATALOGUE}) >= 7
    assert len({target["id"] for target in CATALOGUE}) == len(CATALOGUE)
    assert {target["control"] for target in CATALOGUE if "control" in target} <= {t["id"] for t in CATALOGUE}
