"""The simulated RDV-Préfecture: landing, conditions with CAPTCHA, and slots for whoever passed it."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import timedelta

import pytest
from httpx import Response
from selectolax.lexbor import LexborHTMLParser

from monitor.clock import SimulatedClock
from probes.simulator.faults import Fault
from probes.simulator.sites import Product, Site
from probes.simulator.supply import Scenario
from probes.simulator.truth import truth
from tests.cast.simulated import captcha_code, simple
from tests.simulator.visitor import Visit, Visitor, attribute, first, text_of

BASE = "/rdvpref/reservation/demarche/1201"


def prefecture(scenario: Scenario = Scenario.PLENTY) -> Site:
    return simple("rdvpref", Product.RDV_PREFECTURE, scenario)


def html(page: Response) -> LexborHTMLParser:
    return LexborHTMLParser(page.text)


def code_for(visitor: Visitor) -> str:
    return captcha_code(visitor.world, visitor.client.cookies["JSESSIONID"])


def answer(visitor: Visitor, code: str) -> Response:
    return visitor.post(f"{BASE}/cgu/_validerCaptcha", data={"captchaUsercode": code})


def pass_captcha(visitor: Visitor) -> Response:
    visitor.get(f"{BASE}/cgu/")
    return answer(visitor, code_for(visitor))


def test_its_landing_leads_to_the_conditions(visit: Visit) -> None:
    page = visit(prefecture()).get(f"{BASE}/")
    assert first(html(page), 'a[href*="cgu"]').text() == "Prendre un rendez-vous"
    assert html(page).css_first('a[href*="/login/"]')
    assert "JSESSIONID=" in page.headers["set-cookie"]
    assert "Path=/rdvpref" in page.headers["set-cookie"]


def test_its_conditions_ask_for_a_code_drawn_in_a_picture(visit: Visit) -> None:
    visitor = visit(prefecture())
    page = html(visitor.get(f"{BASE}/cgu/"))
    assert "Constituez votre dossier" in text_of(page)
    assert "code de sécurité" in text_of(page)
    assert page.css_first("input#captchaFormulaireExtInput[name=captchaUsercode]")
    assert page.css_first("input[type=hidden][name=captchaId]")
    assert first(page, 'button[formaction*="_validerCaptcha"]').text() == "Suivant"
    assert attribute(first(page, "div.captcha img"), "src").startswith("data:image/")


def test_the_code_is_written_in_no_page(visit: Visit) -> None:
    visitor = visit(prefecture())
    page = visitor.get(f"{BASE}/cgu/").text
    code = code_for(visitor)
    image = attribute(first(html(visitor.get(f"{BASE}/cgu/")), "div.captcha img"), "src")
    assert len(code) == 6
    assert code not in page
    assert code not in b64decode(image.partition(",")[2]).decode()


def test_each_page_of_conditions_has_its_own_code(visit: Visit, clock: SimulatedClock) -> None:
    visitor = visit(prefecture())
    visitor.get(f"{BASE}/cgu/")
    first = code_for(visitor)
    clock.advance_to(clock.now() + timedelta(seconds=10))
    visitor.get(f"{BASE}/cgu/")
    assert code_for(visitor) != first


def test_a_person_who_reads_the_code_sees_the_slots(visit: Visit) -> None:
    page = pass_captcha(visit(prefecture()))
    assert page.url.path == f"{BASE}/creneau/"
    assert first(html(page), "h2").text() == "Choisissez votre créneau"


@pytest.mark.parametrize("code", ["", "000000"])
def test_a_wrong_code_is_refused(visit: Visit, code: str) -> None:
    visitor = visit(prefecture())
    visitor.get(f"{BASE}/cgu/")
    page = answer(visitor, code)
    assert str(page.url).endswith("/cgu/?error=invalidCaptcha")
    assert "est incorrect" in first(html(page), "#text-input-captcha-desc-error").text()


def test_a_code_serves_once(visit: Visit) -> None:
    visitor = visit(prefecture())
    visitor.get(f"{BASE}/cgu/")
    code = code_for(visitor)
    answer(visitor, code)
    assert str(answer(visitor, code).url).endswith("?error=invalidCaptcha")


def test_an_empty_code_is_refused_even_before_a_picture_was_drawn(visit: Visit) -> None:
    assert str(answer(visit(prefecture()), "").url).endswith("?error=invalidCaptcha")


def test_without_captcha_there_are_no_slots(visit: Visit) -> None:
    assert visit(prefecture()).get(f"{BASE}/creneau/").url.path == f"{BASE}/cgu/"


@pytest.mark.parametrize("minutes", [20, 21])
def test_a_validated_session_lasts_twenty_minutes(visit: Visit, clock: SimulatedClock, minutes: int) -> None:
    visitor = visit(prefecture())
    pass_captcha(visitor)
    clock.advance_to(clock.now() + timedelta(minutes=minutes))
    page = visitor.get(f"{BASE}/creneau/")
    expired = str(page.url).endswith("/cgu/?error=errorSessionInvalide")
    assert expired == (minutes > 20)


def test_a_session_may_be_made_to_expire(visit: Visit) -> None:
    visitor = visit(prefecture())
    pass_captcha(visitor)
    visitor.world.faults.set("rdvpref.localhost", Fault.SESSION_EXPIRED)
    assert str(visitor.get(f"{BASE}/creneau/").url).endswith("?error=errorSessionInvalide")


def test_a_week_with_slots_has_a_choice_for_each(visit: Visit) -> None:
    visitor = visit(prefecture())
    page = html(pass_captcha(visitor))
    slots = truth(visitor.world, f"http://rdvpref.localhost{BASE}/").offer.slots
    week = [slot for slot in slots if slot < visitor.world.clock.now() + timedelta(days=6, hours=12)]
    radios = page.css("li.row.cellule.justify-center.radio-card input[type=radio][name=trhId]")
    assert [radio.attributes["id"] for radio in radios] == [f"trhId_{slot.timestamp():.0f}" for slot in week]
    assert first(page, "h3.celulleHeader").html == '<h3 class="celulleHeader">lundi<br>02/11</h3>'
    assert first(page, "label.fr-label").text()[2] == "h"


def test_an_empty_week_says_when_the_next_slot_is(visit: Visit) -> None:
    visitor = visit(prefecture(Scenario.MONTHS_AWAY))
    page = html(pass_captcha(visitor))
    earliest = truth(visitor.world, f"http://rdvpref.localhost{BASE}/").earliest
    assert "Aucun créneau disponible sur cette semaine" in text_of(page)
    link = first(page, "a[role=button]")
    assert link.text() == f"Prochaine disponibilité le {earliest:%d/%m/%Y}"
    assert html(visitor.get(attribute(link, "href"))).css_first("input[name=trhId]")


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (
            Scenario.DROUGHT,
            "Aucun créneau disponible à partir de cette date. Veuillez réessayer ultérieurement.",
        ),
        (Scenario.NO_CALENDAR, "Veuillez réessayer ultérieurement."),
    ],
)
def test_it_says_that_there_is_none_or_no_calendar(visit: Visit, scenario: Scenario, words: str) -> None:
    page = html(pass_captcha(visit(prefecture(scenario))))
    assert first(page, "h2").text() == "Aucun créneau disponible"
    assert first(page, "h2 + p").text() == words
    assert not page.css("input[name=trhId]")


def test_the_next_release_is_announced(visit: Visit) -> None:
    page = html(pass_captcha(visit(prefecture(Scenario.WEEKLY_RELEASE))))
    assert first(page, ".mise-en-ligne").text() == (
        "Prochaine mise en ligne de nouveaux rendez-vous : le 04/11/2026 à 10:00"
    )


def test_the_phone_layout_denies_each_empty_day_while_others_have_slots(
    visit: Visit,
) -> None:
    visitor = visit(prefecture())
    pass_captcha(visitor)
    visitor.world.faults.set("rdvpref.localhost", Fault.PHONE)
    page = html(visitor.get(f"{BASE}/creneau/"))
    assert [p.text() for p in page.css("section p")] == ["Aucun créneau disponible"] * 2
    assert page.css_first("input[name=trhId]")


@pytest.mark.parametrize(("scenario", "day"), [(Scenario.DROUGHT, ""), (Scenario.PLENTY, "2026-11-02")])
def test_the_data_of_the_script_say_the_first_day(visit: Visit, scenario: Scenario, day: str) -> None:
    page = html(pass_captcha(visit(prefecture(scenario))))
    data = json.loads(first(page, "script#vui-init-data[type='application/json']").text())
    assert data["vueData"]["critere"]["datePremiereDispo"] == day
    assert data["vueData"]["critere"]["premierJour"] == "2026-11-02"


def test_a_withdrawn_demarche_is_not_found(visit: Visit) -> None:
    visitor = visit(prefecture())
    visitor.world.faults.set("rdvpref.localhost", Fault.CLOSED)
    assert visitor.get(f"{BASE}/").status_code == 404
