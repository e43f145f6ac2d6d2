"""Small parts of the simulator: the drawn code, addresses, sessions, assets."""

from __future__ import annotations

import re
import socket
from base64 import b64decode
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from monitor.clock import SimulatedClock
from probes.simulator.__main__ import main
from probes.simulator.assets import asset
from probes.simulator.demo import SITES
from probes.simulator.platforms.captcha import draw
from probes.simulator.render import ballast, render
from probes.simulator.sites import Product, SimulatedDesk
from probes.simulator.supply import Scenario
from probes.simulator.world import VisitorSession, VisitorSessions
from tests.cast.simulated import simple


def drawing(code: str) -> Element:
    head, _, body = draw(code).partition(",")
    assert head == "data:image/svg+xml;base64"
    return ElementTree.fromstring(b64decode(body))


def digits(code: str) -> list[str]:
    group = drawing(code).find("{*}g")
    assert group is not None
    return [path.attrib["d"] for path in group]


def test_each_digit_has_its_own_strokes() -> None:
    assert len(set(digits("0123456789"))) == 10


def test_a_code_is_drawn_in_order_and_without_text() -> None:
    assert digits("112") == [*digits("1"), *digits("1"), *digits("2")]
    assert not "".join(drawing("123456").itertext()).strip()


def test_the_same_code_gives_the_same_drawing() -> None:
    assert draw("314159") == draw("314159") != draw("314158")


@pytest.mark.parametrize(
    ("product", "path"),
    [
        (Product.CLASSIC, "/booking/create/1201"),
        (Product.DEMARCHE_NUMERIQUE, "/commencer/1201"),
        (Product.RDV_PREFECTURE, "/rdvpref/reservation/demarche/1201/"),
        (Product.ESIRIUS, "/eAppointment1201/element/jsp/specific/prefecture.jsp"),
        (Product.ORION, "/orion-reservation/slots?account=SIMULE&config=1201&usemode=app"),
        (
            Product.RDV_SERVICE_PUBLIC,
            "/prendre_rdv?departement=92&motif_name_with_location_type=1201-public_office"
            "&public_link_organisation_id=1",
        ),
    ],
)
def test_each_product_has_its_own_addresses(product: Product, path: str) -> None:
    site = simple("valmont", product)
    assert site.url(site.procedures[0], 9810) == f"http://valmont.localhost:9810{path}"


def test_desks_are_found_by_number() -> None:
    procedure = simple("valmont", Product.CLASSIC).procedures[0]
    assert procedure.desk(4101) == SimulatedDesk(
        number=4101, label="Guichet unique", scenario=Scenario.DROUGHT
    )
    assert procedure.desk(1) is None


def test_no_two_desks_of_the_demo_share_their_luck() -> None:
    seeds = [site.desk_seed(p.id, desk.number) for site in SITES for p in site.procedures for desk in p.desks]
    assert len(set(seeds)) == len(seeds)


def test_a_new_seed_brings_other_slots(clock: SimulatedClock) -> None:
    sites = [simple("valmont", Product.CLASSIC, Scenario.PLENTY, seed=seed) for seed in ("a", "b")]
    first, second = (site.offer(site.procedures[0], site.procedures[0].desks, clock.now()) for site in sites)
    assert first != second


def test_a_forgotten_session_keeps_its_id_only(clock: SimulatedClock) -> None:
    session = VisitorSession(
        id="1", accepted={"1201"}, desks={"1201": 1}, captcha="2", validated_at=clock.now()
    )
    session.forget()
    assert session == VisitorSession(id="1")


def test_sessions_have_different_ids_and_are_found_by_them() -> None:
    sessions = VisitorSessions()
    first, second = sessions.start(), sessions.start()
    assert first.id != second.id
    assert sessions.get(first.id) is first
    assert sessions.get(None) is sessions.get("inconnue") is None


@pytest.mark.parametrize("kilobytes", [0, 10, 60, 200])
def test_ballast_weighs_what_was_asked(kilobytes: int) -> None:
    assert 0.9 * kilobytes <= len(ballast(kilobytes)) / 1000 <= 1.1 * kilobytes


def test_what_is_rendered_is_escaped() -> None:
    assert "<script>" not in render("error.html", title="<script>", text="&")


def test_step_pictures_light_the_step() -> None:
    colours = re.findall(rb'fill="(#\w+)"', asset("/assets/etape_3r.png", 0).body)
    assert [n for n, colour in enumerate(colours, start=1) if colour == b"#d86018"] == [3]


def test_a_port_that_cannot_be_used_is_told_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = taken.getsockname()[1]
        for port, why in ((busy, "Address already in use"), (99999, "a port is a number from 0 to 65535")):
            with pytest.raises(SystemExit, match="1"):
                main(["--port", str(port)])
            said = capsys.readouterr().err
            assert said.startswith(f"simulator: cannot listen on 127.0.0.1:{port} (")
            assert f"{why}); choose another port.\n" in said


@pytest.mark.parametrize("weight", ["-1", "10001", "9" * 20])
def test_a_page_has_a_weight_that_can_be_sent(weight: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--weight-kb", weight])
    assert f"{weight} is not from 0 to 10000" in capsys.readouterr().err
