"""The simulated demarche.numerique: open, closed, replaced, renamed, unknown, and the public schema."""

from __future__ import annotations

from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from monitor.clock import SimulatedClock
from probes.simulator.demo import SITES
from probes.simulator.faults import Fault
from probes.simulator.sites import Product
from tests.simulator.visitor import Visit, first, text_of

NATIONAL = next(site for site in SITES if site.product is Product.DEMARCHE_NUMERIQUE)
MONTHLY, CLOSED, DATED = (procedure.id for procedure in NATIONAL.procedures)


def test_an_open_demarche_can_be_begun(visit: Visit) -> None:
    page = LexborHTMLParser(visit(NATIONAL).get(f"/commencer/{DATED}").text)
    assert first(page, "title").text() == "Demande de rendez-vous - visa de retour"
    assert first(page, ".fr-callout h2").text() == "Commencer la démarche"
    for words in ("FranceConnect", "Créer un compte", "J'ai déjà un compte"):
        assert words in text_of(page)


def test_a_closed_demarche_leads_to_its_closing_page(visit: Visit) -> None:
    page = visit(NATIONAL).get(f"/commencer/{CLOSED}")
    assert [hop.status_code for hop in page.history] == [302]
    assert page.url.path == f"/fermeture/{CLOSED}"
    title = first(LexborHTMLParser(page.text), "h1").text()
    assert title.startswith("La démarche Demande de rendez-vous - regroupement familial est close")
    assert title.endswith("depuis le lundi 2 septembre 2024")


def test_it_opens_and_closes_with_the_calendar(visit: Visit, clock: SimulatedClock) -> None:
    visitor = visit(NATIONAL)
    assert visitor.get(f"/commencer/{MONTHLY}").url.path == f"/commencer/{MONTHLY}"
    clock.advance_to(clock.now().replace(day=4))
    assert visitor.get(f"/commencer/{MONTHLY}").url.path == f"/fermeture/{MONTHLY}"


def test_a_closure_set_by_hand_dates_from_today(visit: Visit) -> None:
    visitor = visit(NATIONAL)
    visitor.world.faults.set(NATIONAL.host, Fault.CLOSED)
    assert "est close depuis le lundi 2 novembre 2026" in visitor.get(f"/commencer/{DATED}").text


def test_a_replaced_demarche_leads_to_the_other(visit: Visit) -> None:
    closed = replace(NATIONAL.procedures[1], replaced_by=DATED)
    page = visit(replace(NATIONAL, procedures=(closed, NATIONAL.procedures[2]))).get(f"/commencer/{CLOSED}")
    assert page.url.path == f"/commencer/{DATED}"


def test_a_renamed_demarche_has_moved_for_good(visit: Visit) -> None:
    page = visit(NATIONAL).get("/commencer/rdv-sejour-hauteroche-2023")
    assert [hop.status_code for hop in page.history] == [301]
    assert page.url.path == f"/commencer/{MONTHLY}"


@pytest.mark.parametrize("path", ["/commencer/inconnue", "/fermeture/inconnue", f"/fermeture/{DATED}"])
def test_an_unknown_one_leads_home_with_a_notice_shown_once(visit: Visit, path: str) -> None:
    visitor = visit(NATIONAL)
    page = visitor.get(path)
    assert page.url.path == "/"
    assert first(LexborHTMLParser(page.text), "[role=alert]").text() == "La démarche n'existe pas"
    assert "n'existe pas" not in visitor.get("/").text


def test_the_schema_lists_the_dates_of_an_open_data_form(visit: Visit) -> None:
    schema = visit(NATIONAL).get(f"/preremplir/{DATED}/schema").json()
    assert schema["state"] == "publiee"
    assert schema["revision"]["champDescriptors"][0]["options"] == [
        "Lundi 4 janvier 2027 - matin",
        "Mardi 5 janvier 2027 - après-midi",
    ]


def test_the_schema_of_a_form_without_dates_has_no_list(visit: Visit) -> None:
    schema = visit(NATIONAL).get(f"/preremplir/{MONTHLY}/schema").json()
    assert schema["revision"]["champDescriptors"] == []


@pytest.mark.parametrize("id_", [CLOSED, "inconnue", "privee"])
def test_there_is_no_schema_of_what_is_closed_unknown_or_not_open_data(visit: Visit, id_: str) -> None:
    private = replace(NATIONAL.procedures[2], id="privee", open_data=False)
    answer = visit(replace(NATIONAL, procedures=(*NATIONAL.procedures, private))).get(
        f"/preremplir/{id_}/schema"
    )
    assert (answer.status_code, list(answer.json())) == (404, ["error"])
