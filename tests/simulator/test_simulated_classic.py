"""The simulated classic booking module: its marks, forms, redirects and cookie."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from httpx import Response
from selectolax.lexbor import LexborHTMLParser

from probes.simulator.demo import SITES
from probes.simulator.faults import Fault
from probes.simulator.sites import Product, Site
from probes.simulator.supply import Scenario
from probes.simulator.truth import truth
from tests.cast.simulated import simple
from tests.simulator.visitor import Visit, Visitor, attribute, first

BASE = "/booking/create/1201"
ACCEPT = {"condition": "on", "nextButton": "Effectuer une demande de rendez-vous"}
NONE_LEFT = "Il n'existe plus de plage horaire libre pour votre demande de rendez-vous."
NO_CALENDAR = "Il n'y a pas calendrier disponible pour effectuer une demande de rendez-vous"
SABLONNE = next(site for site in SITES if site.name == "sablonne")


def valmont(scenario: Scenario) -> Site:
    return simple("valmont", Product.CLASSIC, scenario)


def sablonne_at(visitor: Visitor, planning: int) -> Response:
    visitor.post("/booking/create/330/0", data=ACCEPT)
    return visitor.post("/booking/create/330/1", data={"planning": planning, "nextButton": "Etape suivante"})


@pytest.mark.parametrize("path", [BASE, f"{BASE}/0", f"/index.php{BASE}"])
def test_it_asks_for_the_conditions_first(visit: Visit, path: str) -> None:
    page = LexborHTMLParser(visit(valmont(Scenario.DROUGHT)).get(path).text)
    assert page.css_first(
        "form#FormBookingCreate[name=create] #condition_Booking input#condition[name=condition]"
    )
    button = page.css_first("#submit_Booking input.Bbutton[name=nextButton]")
    assert button.attributes["value"] == "Effectuer une demande de rendez-vous"


def test_its_form_keeps_the_prefix_of_its_address(visit: Visit) -> None:
    page = LexborHTMLParser(visit(valmont(Scenario.DROUGHT)).get(f"/index.php{BASE}").text)
    assert first(page, "form#FormBookingCreate").attributes["action"] == f"/index.php{BASE}/0"


def test_it_gives_a_cookie_once(visit: Visit) -> None:
    visitor = visit(valmont(Scenario.DROUGHT))
    assert "eZSESSID=" in visitor.get(BASE).headers["set-cookie"]
    assert "set-cookie" not in visitor.get(BASE).headers


@pytest.mark.parametrize("fields", [{"nextButton": ACCEPT["nextButton"]}, {"condition": "on"}])
def test_it_returns_the_conditions_when_box_or_button_is_missing(
    visit: Visit, fields: dict[str, str]
) -> None:
    page = visit(valmont(Scenario.DROUGHT)).post(f"{BASE}/0", data=fields)
    assert str(page.url).endswith("/0")
    assert 'id="condition_Booking"' in page.text


def test_it_redirects_to_its_no_page_when_all_is_taken(visit: Visit) -> None:
    page = visit(valmont(Scenario.DROUGHT)).post(f"{BASE}/0", data=ACCEPT)
    assert [hop.status_code for hop in page.history] == [302]
    assert str(page.url).endswith(f"{BASE}/2")
    html = LexborHTMLParser(page.text)
    assert html.css_first("#inner_Booking h2").text() == "Vérification de disponibilité"
    assert NONE_LEFT in html.css_first("form#FormBookingCreate").text()
    assert html.css_first("input[name=finishButton][value=Terminer]")


def test_it_says_otherwise_when_no_calendar_is_published(visit: Visit) -> None:
    page = visit(valmont(Scenario.NO_CALENDAR)).post(f"{BASE}/0", data=ACCEPT)
    assert NO_CALENDAR in first(LexborHTMLParser(page.text), "ul.error li").text()
    assert NONE_LEFT not in page.text


def test_it_accepts_conditions_without_a_page_asked_for_first(visit: Visit) -> None:
    assert str(visit(valmont(Scenario.DROUGHT)).post(f"{BASE}/0", data=ACCEPT).url).endswith("/2")


def test_it_describes_the_desk_then_shows_the_calendar(visit: Visit) -> None:
    visitor = visit(valmont(Scenario.PLENTY))
    third = visitor.post(f"{BASE}/0", data=ACCEPT)
    assert str(third.url).endswith("/3")
    assert "etape_3r.png" in third.text
    fourth = visitor.post(f"{BASE}/3", data={"nextButton": "Etape suivante"})
    assert str(fourth.url).endswith("/4")
    assert "etape_4r.png" in fourth.text
    assert "Première plage horaire libre" in fourth.text
    assert "Rechargement automatique du calendrier" in fourth.text


@pytest.mark.parametrize("scenario", [Scenario.PLENTY, Scenario.MONTHS_AWAY])
def test_its_calendar_starts_with_the_earliest_slot(visit: Visit, scenario: Scenario) -> None:
    visitor = visit(valmont(scenario))
    visitor.post(f"{BASE}/0", data=ACCEPT)
    links = free_links(visitor.get(f"{BASE}/4"))
    assert links[0] == truth(visitor.world, f"http://valmont.localhost{BASE}").earliest


def free_links(page: Response) -> list[datetime]:
    cells = LexborHTMLParser(page.text).css('td.status-1.free a[href*="/booking/create/1201/5/"]')
    assert all(cell.text() == "libre" for cell in cells)
    times = (int(attribute(cell, "href").rsplit("/", 1)[1]) for cell in cells)
    return sorted(datetime.fromtimestamp(time, UTC) for time in times)


def test_its_fragments_together_show_every_slot(visit: Visit) -> None:
    visitor = visit(valmont(Scenario.PLENTY))
    call = "/ezjscore/call/bookingserver::planning::assign::1201::4101::{}"
    weeks = [visitor.get(call.format(offset)) for offset in range(0, 35, 7)]
    assert (
        tuple(slot for week in weeks for slot in free_links(week))
        == truth(visitor.world, f"http://valmont.localhost{BASE}").offer.slots
    )


def test_its_fragment_needs_no_session_and_names_the_week(visit: Visit) -> None:
    visitor = visit(valmont(Scenario.DROUGHT))
    week = visitor.post("/ezjscore/call/bookingserver::planning::assign::1201::4101::28")
    header = LexborHTMLParser(week.text).css_first('th[colspan="7"]')
    assert header.text() == "Semaine du lundi 30 novembre 2026 au dimanche 6 décembre 2026"


def test_its_legend_says_libre_without_any_slot(visit: Visit) -> None:
    week = visit(valmont(Scenario.DROUGHT)).get(
        "/ezjscore/call/bookingserver::planning::assign::1201::4101::0"
    )
    assert re.findall("libre", week.text) == ["libre"]
    assert not free_links(week)


def test_it_lists_its_desks_with_their_numbers(visit: Visit) -> None:
    page = LexborHTMLParser(visit(SABLONNE).post("/booking/create/330/0", data=ACCEPT).text)
    assert first(page, "h2").text() == "Choix de la nature du rendez-vous"
    assert first(page, "fieldset#fchoix_Booking > legend").text() == "Que souhaitez-vous effectuer ?"
    radios = page.css("p.Bligne > input.radio[type=radio][name=planning]")
    assert [radio.attributes["id"] for radio in radios] == ["planning6101", "planning6102", "planning6103"]
    assert first(page, "label[for=planning6101]").text() == "Guichets 1 et 2 - salariés"


def test_its_desks_can_be_opened_directly(visit: Visit) -> None:
    assert "fchoix_Booking" in visit(SABLONNE).get("/booking/create/330/1").text


def test_it_returns_the_desks_when_none_is_chosen(visit: Visit) -> None:
    page = visit(SABLONNE).post("/booking/create/330/1", data={"nextButton": "Etape suivante"})
    assert str(page.url).endswith("/1")
    assert "fchoix_Booking" in page.text


def test_each_desk_has_its_own_answer(visit: Visit) -> None:
    assert NONE_LEFT in sablonne_at(visit(SABLONNE), 6101).text
    assert NO_CALENDAR in sablonne_at(visit(SABLONNE), 6103).text


def test_one_visit_may_try_every_desk(visit: Visit) -> None:
    visitor = visit(SABLONNE)
    assert NONE_LEFT in sablonne_at(visitor, 6101).text
    assert NO_CALENDAR in sablonne_at(visitor, 6103).text


@pytest.mark.parametrize("step", [2, 3, 4])
def test_it_sends_strangers_back_to_the_conditions(visit: Visit, step: int) -> None:
    page = visit(valmont(Scenario.PLENTY)).get(f"{BASE}/{step}")
    assert str(page.url).endswith("/0")


def test_an_expired_session_never_leaves_the_conditions(visit: Visit) -> None:
    visitor = visit(valmont(Scenario.PLENTY))
    visitor.get(BASE)
    visitor.world.faults.set("valmont.localhost", Fault.SESSION_EXPIRED)
    assert str(visitor.post(f"{BASE}/0", data=ACCEPT).url).endswith("/0")


def test_renumbered_desks_are_other_desks_of_another_demarche(visit: Visit) -> None:
    visitor = visit(SABLONNE)
    visitor.world.faults.set(SABLONNE.host, Fault.RENUMBERED)
    page = visitor.get("/booking/create/330/1").text
    assert "Échange de permis de conduire étranger" in page
    assert "Guichets 1 et 2" not in page
    assert "planning6101" not in page


def test_a_closed_procedure_says_so(visit: Visit) -> None:
    visitor = visit(valmont(Scenario.PLENTY))
    visitor.world.faults.set("valmont.localhost", Fault.CLOSED)
    assert "Ce lien a été désactivé définitivement." in visitor.get(BASE).text


@pytest.mark.parametrize(
    "path",
    ["/booking/create/9", f"{BASE}/9", "/", "/ezjscore/call/bookingserver::planning::assign::1201::9::0"],
)
def test_what_does_not_exist_is_a_labelled_404(visit: Visit, path: str) -> None:
    page = visit(valmont(Scenario.PLENTY)).get(path)
    assert page.status_code == 404
    assert page.headers["x-vigie-simulateur"] == "1"
    assert "Site simulé par Vigie" in page.text


def test_its_hours_are_those_of_the_prefecture(visit: Visit) -> None:
    site = valmont(Scenario.PLENTY)
    overseas = replace(site, procedures=(replace(site.procedures[0], zone="Indian/Reunion"),))
    visitor = visit(overseas)
    visitor.post(f"{BASE}/0", data=ACCEPT)
    page = visitor.get(f"{BASE}/4")
    hour = first(LexborHTMLParser(page.text), "td.free").text().split()[0]
    assert hour in {f"{(slot.hour + 4) % 24:02}:{slot.minute:02}" for slot in free_links(page)}
