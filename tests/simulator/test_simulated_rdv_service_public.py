"""The simulated RDV Service Public: motif, lieu and créneau steps, and what they say without a slot."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import Response
from selectolax.lexbor import LexborHTMLParser

from monitor.clock import SimulatedClock
from probes.simulator import french
from probes.simulator.demo import SITES
from probes.simulator.faults import Fault
from probes.simulator.sites import Product, Site
from probes.simulator.supply import Scenario
from probes.simulator.truth import truth
from tests.cast.simulated import simple
from tests.simulator.visitor import Visit, attribute, first, text_of

NONE_FOUND = "Malheureusement, aucun créneau correspondant à votre recherche n'a été trouvé."
QUERY = "departement=92&motif_name_with_location_type=1201-public_office&public_link_organisation_id=1"
MOTIF = f"/prendre_rdv?{QUERY}"
NATIONAL = next(site for site in SITES if site.product is Product.RDV_SERVICE_PUBLIC)
WEDNESDAY_AT_TEN = datetime.fromisoformat("2026-11-04T10:00:00+01:00")


def service(scenario: Scenario) -> Site:
    return simple("rdv", Product.RDV_SERVICE_PUBLIC, scenario)


def sentence(page: Response) -> list[str]:
    return [node.text() for node in LexborHTMLParser(page.text).css(".rdv-font-weight-700")]


def test_it_says_that_no_slot_was_found_beside_the_motif(visit: Visit) -> None:
    page = visit(service(Scenario.DROUGHT)).get(MOTIF)
    assert sentence(page) == ["Motif :", NONE_FOUND]
    assert "Titre de séjour" in page.text


@pytest.mark.parametrize("slug", ["autre-public_office", "", "1201"])
def test_it_says_the_same_without_motif_when_the_motif_is_gone(visit: Visit, slug: str) -> None:
    page = visit(service(Scenario.PLENTY)).get(MOTIF.replace("1201-public_office", slug))
    assert sentence(page) == [NONE_FOUND]
    assert "Motif" not in page.text


def test_it_gives_the_next_availability_of_each_place_that_has_one(
    visit: Visit, clock: SimulatedClock
) -> None:
    visitor = visit(NATIONAL)
    url = NATIONAL.url(NATIONAL.procedures[1], 9810)
    clock.advance_to(WEDNESDAY_AT_TEN)
    page = LexborHTMLParser(visitor.get(url).text)
    earliest = truth(visitor.world, url).earliest
    assert earliest is not None
    earliest = earliest.astimezone(NATIONAL.procedures[1].tz)
    assert "Sélectionnez un lieu de RDV :" in text_of(page)
    assert "1 lieu est disponible" in text_of(page)
    assert "Prochaine disponibilité le" in text_of(page)
    assert [strong.text() for strong in page.css("strong")] == [french.long_instant(earliest)]
    assert [place.text() for place in page.css("h3")] == ["Maison de Grandval-Sud"]


def test_it_prints_the_hours_of_the_place(visit: Visit) -> None:
    site = service(Scenario.PLENTY)
    overseas = replace(site.procedures[0], zone="Indian/Reunion")
    visitor = visit(replace(site, procedures=(overseas,)))
    earliest = truth(visitor.world, f"http://rdv.localhost{MOTIF}").earliest
    assert earliest is not None
    there = french.long_instant(earliest + timedelta(hours=4))
    assert first(LexborHTMLParser(visitor.get(MOTIF).text), "strong").text() == there


def test_a_week_links_each_slot_to_its_exact_instant(visit: Visit) -> None:
    visitor = visit(service(Scenario.PLENTY))
    page = LexborHTMLParser(visitor.get(f"{MOTIF}&lieu_id=4101").text)
    links = page.css('div#creneaux-lieu-4101 a.btn.btn-light[aria-label^="Choisir le créneau de"]')
    starts = [parse_qs(urlsplit(attribute(link, "href")).query)["starts_at"][0] for link in links]
    slots = truth(visitor.world, f"http://rdv.localhost{MOTIF}").offer.slots
    assert [datetime.fromisoformat(start) for start in starts] == list(slots[: len(starts)])
    assert "Sélectionnez un créneau :" in text_of(page)


def test_an_empty_week_shows_dashes_and_where_to_go_on(visit: Visit) -> None:
    visitor = visit(service(Scenario.MONTHS_AWAY))
    page = LexborHTMLParser(visitor.get(f"{MOTIF}&lieu_id=4101").text)
    assert [p.text() for p in page.css(".jours p:not(.celulleHeader)")] == ["–"] * 7
    later = first(page, 'a[href*="date="]')
    assert later.text().startswith("Prochaine disponibilité le")
    assert 'aria-label="Choisir le créneau de' in visitor.get(attribute(later, "href")).text


def test_a_dry_place_says_so_on_the_slot_step(visit: Visit) -> None:
    page = visit(service(Scenario.DROUGHT)).get(f"{MOTIF}&lieu_id=4101")
    assert sentence(page) == ["Motif :", "Lieu :", NONE_FOUND]


def test_a_date_that_is_none_means_today(visit: Visit) -> None:
    visitor = visit(service(Scenario.PLENTY))
    assert visitor.get(f"{MOTIF}&lieu_id=4101&date=demain").text == visitor.get(f"{MOTIF}&lieu_id=4101").text


@pytest.mark.parametrize("path", ["/org/1", "/org/1/prefecture", "/org/ext/92/1"])
def test_public_links_lead_to_the_list_of_motifs(visit: Visit, path: str) -> None:
    page = visit(service(Scenario.DROUGHT)).get(path)
    assert str(page.url).endswith("/prendre_rdv?departement=92&public_link_organisation_id=1")
    assert "Sélectionnez le motif de votre RDV :" in page.text
    assert first(LexborHTMLParser(page.text), "main li a").attributes["href"] == MOTIF


def test_an_unknown_organisation_is_not_found(visit: Visit) -> None:
    assert visit(service(Scenario.DROUGHT)).get("/org/7").status_code == 404


def test_a_withdrawn_motif_says_so(visit: Visit) -> None:
    visitor = visit(service(Scenario.PLENTY))
    visitor.world.faults.set("rdv.localhost", Fault.CLOSED)
    assert sentence(visitor.get(MOTIF)) == [
        "Le motif Titre de séjour n'est plus disponible à la réservation à Guichet unique"
    ]


def test_a_renumbered_motif_is_gone_from_its_address(visit: Visit) -> None:
    visitor = visit(service(Scenario.PLENTY))
    visitor.world.faults.set("rdv.localhost", Fault.RENUMBERED)
    assert sentence(visitor.get(MOTIF)) == [NONE_FOUND]
    assert "1201-2-public_office" in visitor.get("/org/1").text
