"""`vigie record`: a live visit becomes a saved page of the tests that tells nothing of anybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from monitor.clock import SystemClock
from monitor.recording import cases
from monitor.recording.masking import by_kind
from monitor.recording.recorder import RecordedCase, SiteChanged, Unknown, Unmasked, recorded
from monitor.settings.load import make_settings
from monitor.targets.descriptions import parse_description
from monitor.watch.wiring import observing
from probes.model import AcceptedLine, Capture, Outcome, Platform, Reading, Slot, Target, Transport
from probes.platforms.classic.platform import Classic
from probes.platforms.esirius import Esirius
from probes.proof import PageOrigin
from probes.serving import serving
from probes.simulator.app import build
from probes.simulator.listener import serve
from probes.simulator.sites import Product
from probes.simulator.supply import Scenario
from tests.cast.saved_pages import as_json, check, load, received
from tests.cast.simulated import simple
from tests.cast.vigie import typed

pytestmark = pytest.mark.slow

COOKIE, TOKEN, MAIL = "c00kie-of-this-visit", "t0ken-of-this-page", "jeanne.dupont@example.net"

# A page that says again whatever it was told.
INDISCREET = """<!DOCTYPE html><html><head><meta name="csrf-token" content="{token}">
<title>Guichet</title></head><body><h1>Guichet</h1>{answer}
<form id="lieu" method="post" action="/rdv/1/reponse?token={token}">
<input type="hidden" name="csrf" value="{token}"><input name="cp" value="{typed}">
<button name="suite">Suite</button></form><script>var session = "{cookie}"; console.log("{typed}");</script>
<p>Vous êtes {mail}, depuis 203.0.113.9, au 05 49 55 70 00.</p></body></html>"""

DESCRIPTION = """
name = "guichet_indiscret"
version = "1"
about = "Un guichet des tests"
in_html = { stands = true, reason = "The server writes the sentence itself." }
addresses = ['/rdv/[0-9]']
[stop_line]
paths = ['/rdv/[0-9](?:/reponse\\?token=.*)?']
forms = [{ selector = "form#lieu", fields = { cp = "[0-9]{5}" }, buttons = ["suite"] }]
[[step]]
open = "{url}"
[[step]]
submit = "form#lieu"
values = { cp = "{postcode}" }
button = "suite"
[[mark]]
outcome = "no_slots"
rule = "none"
path = '/rdv/[0-9]/reponse\\?token=.*'
sentence = "Aucun rendez-vous."
"""
GUICHET = parse_description(DESCRIPTION, "guichet.toml")


async def page(request: Request) -> Response:
    typed = (await request.form()).get("cp", "") if request.method == "POST" else ""
    answer = f"<p>Aucun rendez-vous.</p><p>Code {typed}</p>" if typed else ""
    body = INDISCREET.format(token=TOKEN, cookie=COOKIE, typed=typed, mail=MAIL, answer=answer)
    return HTMLResponse(body, headers={"set-cookie": f"sid={COOKIE}; Path=/", "x-trace": COOKIE})


INDISCREET_SITE = Starlette(
    routes=[
        Route("/rdv/{n}", page),
        Route("/rdv/{n}/reponse", page, methods=["POST"]),
        Route("/vers", lambda _: RedirectResponse("/rdv/1")),
    ]
)
SETTINGS = make_settings({"pace": {"hosts": {"localhost": {"spacing": "0s"}}}}, "the test")


def target(platform: str, url: str, **options: str) -> Target:
    return Target(
        id="t", platform=platform, url=url, prefecture="P", departement="92", demarche="D", options=options
    )


def record(
    platform: Platform | Unknown,
    url_of: Callable[[int], str],
    transport: Transport,
    app: Starlette = INDISCREET_SITE,
    **options: Any,
) -> RecordedCase:
    """One recorded visit to `app`, `url_of` making its address from a port."""

    @asynccontextmanager
    async def served() -> AsyncIterator[int]:
        if app is INDISCREET_SITE:
            async with serving(app, host="127.0.0.1", port=0, log_level="critical") as port:
                yield port
        else:
            async with serve(app) as port:
                yield port

    async def run() -> RecordedCase:
        async with served() as port:
            meant = target(platform.name, url_of(port), **options)
            async with observing(SETTINGS, [meant.url], {transport}) as observer:
                return (await recorded(observer, meant, platform, transport)).masked()

    return asyncio.run(run())


def write(kept: RecordedCase, folder: Path, *, note: str) -> list[Path]:
    return cases.write(
        folder, kept.target, kept.capture, note=note, origin=PageOrigin.RECORDED, source="the test"
    )


def guichet(port: int) -> str:
    return f"http://guichet.localhost:{port}/rdv/1"


def everything(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()))


@pytest.mark.parametrize(
    "transport", [Transport.HTTP, pytest.param(Transport.BROWSER, marks=pytest.mark.browser)]
)
def test_nothing_of_the_visitor_remains(transport: Transport, tmp_path: Path) -> None:
    kept = record(GUICHET, guichet, transport, postcode="92000")
    folder = tmp_path / "guichet_indiscret" / "no_slots-recorded"
    write(kept, folder, note="Un guichet indiscret")
    saved = everything(folder)
    for secret in (COOKIE, TOKEN, MAIL, "92000", "203.0.113.9", "05 49 55 70 00", "set-cookie", "x-trace"):
        assert secret not in saved, secret
    assert "saisi" in saved
    assert {"cookie", "typed", "token", "field", "e-mail", "telephone", "ip"} <= set(by_kind(kept.found))


@pytest.mark.parametrize(
    "transport", [Transport.HTTP, pytest.param(Transport.BROWSER, marks=pytest.mark.browser)]
)
def test_what_was_saved_is_read_as_the_visit_was(transport: Transport, tmp_path: Path) -> None:
    kept = record(GUICHET, guichet, transport, postcode="92000")
    folder = tmp_path / "guichet_indiscret" / "no_slots-recorded"
    write(kept, folder, note="Un guichet indiscret")
    case = load(folder)
    assert (case.origin, case.note) == ("recorded", "Un guichet indiscret")
    assert case.capture.transport is transport
    assert as_json(GUICHET.read(case.target, case.capture)) == as_json(kept.reading)
    assert kept.reading.outcome is Outcome.NO_SLOTS


def simulated(product: Product, scenario: Scenario) -> tuple[Starlette, Callable[[int], str]]:
    site = simple("essai", product, scenario)
    return build(SystemClock(), (site,)), lambda port: site.url(site.procedures[0], port)


@pytest.mark.parametrize("scenario", [Scenario.PLENTY, Scenario.DROUGHT])
def test_a_simulated_calendar_is_recorded_with_its_dates(scenario: Scenario, tmp_path: Path) -> None:
    app, url_of = simulated(Product.CLASSIC, scenario)
    kept = record(Classic(), url_of, Transport.HTTP, app)
    folder = tmp_path / "classic" / "case"
    write(kept, folder, note="x")
    case = load(folder)
    assert as_json(Classic().read(case.target, case.capture)) == as_json(kept.reading)
    sessions = {entry.visit for entry in app.state.simulator.request_log.pages()}
    assert sessions
    assert not [session for session in sessions if session in everything(folder)]


def test_the_golden_test_of_a_new_page_fails_until_somebody_has_looked(tmp_path: Path) -> None:
    app, url_of = simulated(Product.CLASSIC, Scenario.DROUGHT)
    folder = tmp_path / "classic" / "no_slots-recorded"
    write(record(Classic(), url_of, Transport.HTTP, app), folder, note="x")
    with pytest.raises(pytest.fail.Exception, match="was missing and has been written: review it"):
        check(folder)
    check(folder)


@pytest.mark.browser
def test_an_alert_is_recorded_and_the_postcode_is_not(tmp_path: Path) -> None:
    app, url_of = simulated(Product.ESIRIUS, Scenario.DROUGHT)
    kept = record(Esirius(), url_of, Transport.BROWSER, app, postcode="92345", motive="4101")
    folder = tmp_path / "esirius" / "case"
    write(kept, folder, note="x")
    case = load(folder)
    assert case.capture.steps[-1].dialogs == kept.capture.steps[-1].dialogs != ()
    assert as_json(Esirius().read(case.target, case.capture)) == as_json(kept.reading)
    assert "92345" not in everything(folder)
    assert case.target.options["motive"] == "4101"


def test_a_page_nobody_reads_yet_is_recorded_alone(tmp_path: Path) -> None:
    app, url_of = simulated(Product.CLASSIC, Scenario.PLENTY)
    kept = record(Unknown("nouveau", url_of(80)), url_of, Transport.HTTP, app)
    assert (kept.reading.outcome, kept.reading.rule) == (Outcome.UNRECOGNISED, "not_described")
    assert len(kept.capture.steps) == 1


def test_a_mask_that_changes_the_reading_is_refused() -> None:
    url = "https://rdv.exemple.fr/rdv/1/reponse?token=abc"
    said = parse_description(DESCRIPTION.replace("Aucun rendez-vous.", "Écrivez à rdv@exemple.fr."), "x.toml")
    step = received("<p>Écrivez à rdv@exemple.fr.</p>", url=url)
    capture = Capture(transport=Transport.HTTP, steps=(received("<p>x</p>", url=url), step))
    with pytest.raises(SiteChanged, match=r"no_slots \(none\) would become unrecognised"):
        Unmasked(target=target("guichet_indiscret", url), platform=said, capture=capture).masked()


def test_a_folder_is_never_written_over(tmp_path: Path) -> None:
    kept = record(GUICHET, guichet, Transport.HTTP, postcode="92000")
    write(kept, tmp_path / "case", note="x")
    with pytest.raises(FileExistsError):
        write(kept, tmp_path / "case", note="x")


def test_a_case_that_cannot_be_written_whole_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = record(GUICHET, guichet, Transport.HTTP, postcode="92000")
    written = Path.write_text

    def full(path: Path, *arguments: str, **named: Any) -> int:
        if path.name == "case.toml":
            raise OSError(28, "No space left on device")
        return written(path, *arguments, **named)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        write(kept, tmp_path / "guichet" / "case", note="x")
    assert list((tmp_path / "guichet").iterdir()) == []


@pytest.fixture
def simulator(tmp_path: Path) -> Path:
    """A folder to run `vigie` in."""
    (tmp_path / "vigie.toml").write_text('[pace.hosts.localhost]\nspacing = "0s"\n', encoding="utf-8")
    return tmp_path


async def vigie(folder: Path, *arguments: str) -> tuple[int, str, str]:
    done = await asyncio.to_thread(typed, folder, *arguments)
    return done.returncode, done.stdout, done.stderr


def test_one_command_makes_a_page_to_review(simulator: Path) -> None:
    app, url_of = simulated(Product.CLASSIC, Scenario.DROUGHT)

    async def run() -> tuple[tuple[int, str, str], tuple[int, str, str]]:
        async with serve(app) as port:
            arguments = ("record", url_of(port), "--allow-local", "--transport", "http", "--note", "Zéro")
            return await vigie(simulator, *arguments), await vigie(simulator, *arguments)

    (code, said, errors), (again, _, refusal) = asyncio.run(run())
    assert (code, errors) == (0, "")
    (folder,) = (simulator / "tests/pages/classic").iterdir()
    assert folder.name.startswith("no_slots-recorded_")
    # A préfecture on this machine proves nothing about a real one.
    assert load(folder).origin == "reconstructed"
    assert "À relire avant de proposer cette page" in said
    assert "« zéro créneau » (all_taken)" in said
    assert not (folder / "expected.json").exists()
    assert again == 1
    assert refusal.endswith("is there already; name another folder with --out.\n")


def test_a_folder_that_is_there_is_refused_before_anybody_is_visited(simulator: Path) -> None:
    app, url_of = simulated(Product.CLASSIC, Scenario.DROUGHT)

    async def run() -> tuple[int, str, str]:
        async with serve(app) as port:
            return await vigie(simulator, "record", url_of(port), "--allow-local", "--out", ".")

    code, _, errors = asyncio.run(run())
    assert (code, errors) == (1, "vigie: .: is there already; name another folder with --out.\n")
    assert not list(app.state.simulator.request_log.pages())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["http://essai.localhost:9/x"], "http://essai.localhost:9/x: is on this machine; add --allow-local"),
        (
            ["http://essai.localhost:9/x", "--allow-local"],
            "is no page of a known platform; name one with --platform",
        ),
        (
            ["https://www.example.org/", "--platform", "neuf"],
            "names www.example.org, which is not a known booking host",
        ),
    ],
)
def test_what_cannot_be_recorded_is_said_in_one_sentence(
    simulator: Path, arguments: list[str], said: str
) -> None:
    code, _, errors = asyncio.run(vigie(simulator, "record", *arguments))
    assert code == 1
    assert said in errors
    assert len(errors.splitlines()) == 1


SHOWN = Slot(starts_at=datetime(2027, 4, 22, 12, tzinfo=UTC))


class ReadsADate(Classic):
    def read(self, target: Target, capture: Capture, accepted: Sequence[AcceptedLine] = ()) -> Reading:
        dated = b"22/04" in capture.steps[0].body
        return Reading(
            outcome=Outcome.SLOTS_OFFERED, rule="hours", words="14:00", earliest=SHOWN if dated else None
        )


def test_a_case_is_not_kept_when_masking_takes_its_date_away() -> None:
    capture = Capture(transport=Transport.HTTP, steps=(received("<p>22/04 14:00</p>"),))
    with pytest.raises(SiteChanged):
        Unmasked(
            target=target("classic", "https://a.fr/"),
            platform=ReadsADate(),
            capture=capture,
            typed=frozenset({"22/04"}),
        ).masked()
