"""`vigie record --saved`: pages saved by hand from an ordinary browser."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from monitor.problems import BadInput
from monitor.recording.saved import saved_capture
from probes.model import Outcome, Transport
from probes.platforms.rdv_service_public.platform import RdvServicePublic
from probes.sessions.browser.executable import find_executable
from probes.simulator.app import build
from probes.simulator.listener import serve
from probes.simulator.sites import Product
from probes.simulator.supply import Scenario
from tests.cast.saved_pages import load, target
from tests.cast.simulated import simple
from tests.cast.vigie import typed

URL = (
    "https://rdv.anct.gouv.fr/prendre_rdv?departement=92"
    "&motif_name_with_location_type=titre-public_office&public_link_organisation_id=2458"
)
SENTENCE = "Malheureusement, aucun créneau correspondant à votre recherche n'a été trouvé."
PAGE = """<!DOCTYPE html>
<!-- saved from url=({length}){url} -->
<html lang="fr"><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<title>Prendre rendez-vous</title>
<link rel="stylesheet" href="./{name}_files/application.css"></head>
<body><header><p>RDV Service Public</p></header><section><h1>Prendre rendez-vous</h1>
<ul class="list-group"><li class="list-group-item"><div class="col">Motif : Titre</div>
<div class="col-auto"><a href="/prendre_rdv">modifier</a></div></li></ul>
<div class="card"><p class="rdv-font-weight-700 {mark}">{sentence}</p></div></section>{more}</body></html>
"""
READER = RdvServicePublic()


def saved(folder: Path, *, name: str = "page", url: str = URL, mark: str = "", more: str = "") -> Path:
    """A page as Chrome saves it, with its folder beside it."""
    (folder / f"{name}_files").mkdir()
    (folder / f"{name}_files/application.css").write_text(".cache { display: none }", encoding="utf-8")
    file = folder / f"{name}.html"
    page = PAGE.format(name=name, length=len(url), url=url, mark=mark, sentence=SENTENCE, more=more)
    file.write_text(page, encoding="utf-8")
    return file


def outcome(file: Path) -> tuple[Outcome, str]:
    reading = READER.read(target(READER.name, URL), saved_capture(file, URL))
    return reading.outcome, reading.rule


def test_a_page_is_read_as_it_was_saved(tmp_path: Path) -> None:
    file = saved(tmp_path)
    os.utime(file, (1_800_000_000, 1_800_000_000))
    capture = saved_capture(file, URL)
    (step,) = capture.steps
    assert outcome(file) == (Outcome.NO_SLOTS, "none_found")
    assert (capture.transport, step.url, step.final_url, step.status) == (Transport.HTTP, URL, URL, 200)
    assert step.started_at == datetime.fromtimestamp(1_800_000_000, UTC)


def test_its_own_style_sheet_still_hides(tmp_path: Path) -> None:
    assert outcome(saved(tmp_path, mark="cache"))[0] is Outcome.UNRECOGNISED


def test_without_its_folder_it_concludes_nothing(tmp_path: Path) -> None:
    file = saved(tmp_path)
    (tmp_path / "page_files/application.css").unlink()
    assert outcome(file) == (Outcome.UNRECOGNISED, "unread_parts")


def test_a_page_without_the_folder_of_its_style_sheets_is_refused(tmp_path: Path) -> None:
    file = saved(tmp_path)
    (tmp_path / "page_files").rename(tmp_path / "elsewhere")
    with pytest.raises(BadInput, match="n'a plus à côté de lui le dossier « page_files »"):
        saved_capture(file, URL)


def test_a_page_without_the_folder_of_its_pictures_is_read(tmp_path: Path) -> None:
    file = saved(tmp_path, more="<img src='page_files/a.png'>")
    page = file.read_text(encoding="utf-8").replace(
        '<link rel="stylesheet" href="./page_files/application.css">', ""
    )
    file.write_text(page, encoding="utf-8")
    (tmp_path / "page_files").rename(tmp_path / "elsewhere")
    assert outcome(file) == (Outcome.NO_SLOTS, "none_found")


@pytest.mark.slow
def test_she_is_told_that_a_page_without_its_style_sheet_is_of_no_use(tmp_path: Path) -> None:
    file = saved(tmp_path)
    (tmp_path / "page_files/application.css").unlink()
    done = typed(tmp_path, "record", URL, "--saved", str(file), "--guided", answers="o\n1\n\no\n")
    assert "Il manque à cette copie une feuille de style" in done.stdout
    assert "Cette copie le lui apprendra" not in done.stdout


ARCHIVE = """From: <Saved by Blink>
{head}MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="x"{start}

--x
Content-Type: text/html; charset=utf-8
Content-ID: <frame>
Content-Location: {frame}

<html><body><p>A frame</p></body></html>
--x
Content-Type: text/html; charset=utf-8
Content-ID: <page>
Content-Location: {page}

<html><body><p>The page</p></body></html>
--x--
"""


@pytest.mark.parametrize(
    ("head", "start", "frame", "page"),
    [
        (f"Snapshot-Content-Location: {URL}\n", "", "cid:f@mhtml.blink", URL),
        ("", '; start="<page>"', URL, "cid:p@mhtml.blink"),
        ("", "", "https://captcha.example.net/", URL),
    ],
)
def test_of_an_archive_the_page_is_read_and_not_its_frame(
    tmp_path: Path, head: str, start: str, frame: str, page: str
) -> None:
    file = tmp_path / "page.mhtml"
    file.write_text(ARCHIVE.format(head=head, start=start, frame=frame, page=page), encoding="utf-8")
    url = URL if page == URL else page
    assert b"The page" in saved_capture(file, url).steps[0].body


def test_no_file_beside_the_page_s_own_folder_is_read(tmp_path: Path) -> None:
    file = saved(tmp_path)
    (tmp_path / "page_files/application.css").rename(tmp_path / "secret.css")
    page = file.read_text(encoding="utf-8").replace("page_files/application.css", "page_files/../secret.css")
    file.write_text(page, encoding="utf-8")
    assert [sheet.text for sheet in saved_capture(file, URL).steps[0].sheets or ()] == [None]


def test_the_name_that_the_person_gave_the_file_is_nowhere(tmp_path: Path) -> None:
    file = saved(tmp_path, name="Dossier de Zoé", more="<img src='Dossier%20de%20Zo%C3%A9_files/a.png'>")
    shown = str(saved_capture(file, URL))
    assert "Zo" not in shown
    assert outcome(file) == (Outcome.NO_SLOTS, "none_found")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7", "n'est pas une page enregistrée ; dans le navigateur"),
        (b"", "n'est pas une page enregistrée"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x--", "n'est pas une page"),
        (None, "ne peut pas être lu (No such file or directory) ; vérifiez son nom"),
    ],
)
def test_what_is_no_saved_page_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "page.html"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadInput) as refused:
        saved_capture(file, URL)
    assert said in str(refused.value)


@pytest.mark.parametrize("link", ["<a>Se déconnecter</a>", "<button>Déconnexion</button>"])
def test_a_personal_space_is_refused(tmp_path: Path, link: str) -> None:
    with pytest.raises(BadInput, match="vient d'un espace personnel"):
        saved_capture(saved(tmp_path, more=link), URL)


@pytest.mark.parametrize("name", ["nom", "prenom", "user[first_name]", "lastName", "birth_name"])
def test_a_page_that_asks_who_one_is_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="demande qui vous êtes et n'est pas gardé"):
        saved_capture(saved(tmp_path, more=f"<input name='{name}'>"), URL)


@pytest.mark.parametrize("name", ["denomination", "nom_du_service", "motif_name", "search_address"])
def test_a_page_that_asks_for_something_else_is_taken(tmp_path: Path, name: str) -> None:
    assert saved_capture(saved(tmp_path, more=f"<input name='{name}'>"), URL).steps


def test_a_page_of_another_address_is_refused(tmp_path: Path) -> None:
    file = saved(tmp_path, url="https://www.example.org/")
    with pytest.raises(BadInput, match=r"a été enregistré depuis https://www\.example\.org/ ; donnez cette"):
        saved_capture(file, URL)


def test_an_address_may_have_lost_its_parameters_and_the_page_then_has_none_of_them(tmp_path: Path) -> None:
    file = saved(tmp_path, url=f"{URL}&address=7+rue+des+Lilas")
    (step,) = saved_capture(file, URL.partition("?")[0]).steps
    assert b"Lilas" not in step.body


@pytest.mark.slow
def test_one_command_makes_a_case_without_visiting_anybody(tmp_path: Path) -> None:
    file = saved(tmp_path, name="Zoé", more="<p>zoe@example.net</p>")
    done = typed(tmp_path, "record", URL, "--saved", str(file), "--out", "dossier", "--no-guided")
    assert (done.returncode, done.stderr) == (0, "")
    case = load(tmp_path / "dossier")
    assert (case.origin, case.target.url) == ("recorded", URL)
    assert "saved by hand from a browser" in (tmp_path / "dossier/case.toml").read_text(encoding="utf-8")
    assert "zoe" not in (tmp_path / "dossier/0.html").read_text(encoding="utf-8").lower()


@pytest.mark.slow
def test_she_is_guided_through_her_own_file(tmp_path: Path) -> None:
    file = saved(tmp_path)
    answers = "o\n1\n\no\n"
    done = typed(tmp_path, "record", URL, "--saved", str(file), "--guided", answers=answers)
    assert (done.returncode, done.stderr) == (0, "")
    assert "elle ne visite aucun site" in done.stdout
    assert "Ouvrez dans votre navigateur le fichier enregistré" in done.stdout
    assert len(list(tmp_path.glob("vigie-rdv_service_public-no_slots-recorded_*.zip"))) == 1


@pytest.mark.slow
def test_a_name_typed_in_another_encoding_is_masked(tmp_path: Path) -> None:
    file = saved(tmp_path, more="<p>Bonjour Zoé</p>")
    typed_so = "o\n1\nZo\udce9\n\no\n"  # her terminal sends the é of Latin-1
    done = typed(tmp_path, "record", URL, "--saved", str(file), "--guided", answers=typed_so)
    assert (done.returncode, done.stderr) == (0, "")
    assert "masqué 1 fois" in done.stdout


CLASSIC = "https://www.essonne.gouv.fr/booking/create/1234"
PREFECTURE = "https://www.rdv-prefecture.interieur.gouv.fr/rdvpref/reservation/demarche/3260"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"{CLASSIC}/2", 0),
        (f"{CLASSIC}/5", 1),
        (f"{CLASSIC}/8", 1),
        (f"{PREFECTURE}/cgu/", 0),
        (f"{PREFECTURE}/creneau/", 0),
        (f"{PREFECTURE}/coordonnees/", 1),
    ],
)
def test_a_page_beyond_the_answer_is_refused(tmp_path: Path, url: str, code: int) -> None:
    file = saved(tmp_path, url=url)
    done = typed(tmp_path, "record", url, "--saved", str(file), "--out", "dossier", "--no-guided")
    assert done.returncode == code, done.stderr
    assert (tmp_path / "dossier").exists() == (code == 0)


async def snapshot(url: str) -> bytes:
    """The page as Chromium saves it in one file."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        found = find_executable()
        browser = await playwright.chromium.launch(
            executable_path=str(found) if found else None, args=["--no-sandbox"]
        )
        page = await browser.new_page()
        await page.goto(url)
        channel = await page.context.new_cdp_session(page)
        taken = await channel.send("Page.captureSnapshot", {"format": "mhtml"})
        await browser.close()
    return str(taken["data"]).encode()


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize(
    ("scenario", "outcome"),
    [(Scenario.DROUGHT, Outcome.NO_SLOTS), (Scenario.PLENTY, Outcome.SLOTS_OFFERED)],
)
def test_a_page_that_chromium_saved_in_one_file_is_read(
    tmp_path: Path, scenario: Scenario, outcome: Outcome
) -> None:
    site = simple("essai", Product.RDV_SERVICE_PUBLIC, scenario)

    async def run() -> tuple[str, bytes]:
        async with serve(build(SystemClock(), (site,))) as port:
            url = site.url(site.procedures[0], port)
            return url, await snapshot(url)

    url, content = asyncio.run(run())
    file = tmp_path / "page.mhtml"
    file.write_bytes(content)
    capture = saved_capture(file, url)
    assert READER.read(target(READER.name, url), capture).outcome is outcome
    assert [sheet.text is not None for sheet in capture.steps[0].sheets or ()] == [True]
