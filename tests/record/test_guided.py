"""`vigie record --guided`: from an open page to a file that can be sent, and nothing before she agrees."""

from __future__ import annotations

import asyncio
import re
import zipfile
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from monitor.clock import SystemClock
from probes.serving import serving
from probes.simulator.app import build
from probes.simulator.listener import serve
from probes.simulator.sites import Product
from probes.simulator.supply import Scenario
from tests.cast.simulated import simple
from tests.cast.vigie import typed

pytestmark = pytest.mark.slow

YES, NO, NONE, SLOTS, OTHER, UNSURE, ENOUGH = "o\n", "n\n", "1\n", "2\n", "3\n", "4\n", "\n"


class Desk:
    """A préfecture on this machine, and a volunteer who types `answers` when she is asked."""

    def __init__(self, folder: Path, scenario: Scenario) -> None:
        self.folder = folder
        self.site = simple("essai", Product.CLASSIC, scenario)
        self.app = build(SystemClock(), (self.site,))
        (folder / "vigie.toml").write_text('[pace.hosts.localhost]\nspacing = "0s"\n', encoding="utf-8")

    def record(self, answers: str, *more: str) -> CompletedProcess[str]:
        return visiting(
            serve(self.app),
            lambda port: typed(
                self.folder,
                "record",
                self.site.url(self.site.procedures[0], port),
                *("--guided", "--allow-local", "--transport", "http", *more),
                answers=answers,
            ),
        )

    @property
    def visits(self) -> int:
        return len(list(self.app.state.simulator.request_log.pages()))

    def written(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.name != "vigie.toml")


def visiting(
    served: AbstractAsyncContextManager[int], command: Callable[[int], CompletedProcess[str]]
) -> CompletedProcess[str]:
    async def run() -> CompletedProcess[str]:
        async with served as port:
            return await asyncio.to_thread(command, port)

    return asyncio.run(run())


@pytest.fixture
def drought(tmp_path: Path) -> Desk:
    return Desk(tmp_path, Scenario.DROUGHT)


def contents(archive: Path) -> dict[str, str]:
    with zipfile.ZipFile(archive) as box:
        return {name: box.read(name).decode() for name in box.namelist()}


def test_four_answers_make_one_file_to_send(drought: Desk) -> None:
    done = drought.record(YES + NONE + ENOUGH + YES)
    assert (done.returncode, done.stderr) == (0, "")
    (name,) = drought.written()
    assert re.fullmatch(r"vigie-classic-no_slots-recorded_\d{8}\.zip", name)
    files = contents(drought.folder / name)
    assert {re.sub(r"_\d{8}/", "/", path) for path in files} == {
        f"classic/no_slots-recorded/{file}" for file in ("0.html", "1.html", "case.toml")
    }
    (case,) = [text for path, text in files.items() if path.endswith("case.toml")]
    assert '[seen]\nverdict = "none"\n' in case
    # A préfecture on this machine proves nothing about a real one.
    assert 'origin = "reconstructed"' in case
    assert f"{name} est écrit" in done.stdout


def test_she_is_asked_before_she_is_told_what_was_read(drought: Desk) -> None:
    said = drought.record(YES + NONE + ENOUGH + YES).stdout
    asked, told = said.index("Que dit-elle, en ce moment ?"), said.index("Vigie lit : « zéro créneau")
    masked, consent = (
        said.index("Le texte visible des pages, tel qu'il partira"),
        said.index("pourra être publié"),
    )
    assert asked < told < masked < consent
    assert "Vous et Vigie lisez la même chose." in said
    assert "| Il n'existe plus de plage horaire libre pour votre demande de rendez-vous." in said


def test_nobody_is_visited_before_she_agrees(drought: Desk) -> None:
    done = drought.record(NO)
    assert (done.returncode, done.stderr) == (1, "vigie: rien n'a été écrit, rien n'a été envoyé.\n")
    assert (drought.visits, drought.written()) == (0, [])


@pytest.mark.parametrize("answers", [YES + NONE + ENOUGH + NO, YES + NONE, YES + NONE + "Dupont\n", YES])
def test_nothing_is_written_when_she_stops(drought: Desk, answers: str) -> None:
    done = drought.record(answers)
    assert (done.returncode, done.stderr) == (1, "vigie: rien n'a été écrit, rien n'a été envoyé.\n")
    assert drought.written() == []


def test_an_answer_that_is_none_is_asked_again(drought: Desk) -> None:
    done = drought.record("peut-être\n" + YES + "aucun\n" + NONE + ENOUGH + "?\n" + YES)
    assert done.returncode == 0
    assert done.stdout.count("Tapez o ou n") == 2
    assert done.stdout.count("Tapez 1, 2, 3 ou 4") == 1


def test_what_she_sees_is_kept_when_the_reader_says_otherwise(drought: Desk) -> None:
    done = drought.record(YES + SLOTS + "31/02/2027\n" + "14/12/2026\n" + ENOUGH + YES)
    assert "VIGIE NE LIT PAS CE QUE VOUS VOYEZ" in done.stdout
    assert done.stdout.count("Écrivez-la comme 14/12/2026") == 1
    (name,) = drought.written()
    assert "slots_offered-recorded" in name
    files = contents(drought.folder / name)
    (case,) = [text for path, text in files.items() if path.endswith("case.toml")]
    assert '[seen]\nverdict = "slots"\nearliest = 2026-12-14\n' in case


def test_a_date_she_cannot_read_is_left_out(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Scenario.PLENTY)
    done = desk.record(YES + SLOTS + "\n" + ENOUGH + YES)
    assert "Vous et Vigie lisez la même chose." in done.stdout
    assert re.search(r"la date la plus proche : \d\d/\d\d/\d{4}", done.stdout)
    (name,) = desk.written()
    assert "earliest" not in "".join(contents(desk.folder / name).values()).split("[[step]]")[0]


@pytest.mark.parametrize("answer", [OTHER, UNSURE])
def test_who_saw_no_answer_names_no_case(drought: Desk, answer: str) -> None:
    done = drought.record(YES + answer + ENOUGH + YES)
    assert ("VIGIE NE LIT PAS" in done.stdout) == (answer == OTHER)
    assert [name for name in drought.written() if "no_slots-recorded" in name]


def test_out_names_a_folder_or_another_file(drought: Desk) -> None:
    answers = YES + NONE + ENOUGH + YES
    assert drought.record(answers, "--out", "dossier").returncode == 0
    assert drought.record(answers, "--out", "autre.zip").returncode == 0
    assert drought.written() == ["autre.zip", "dossier"]
    assert (drought.folder / "dossier/case.toml").exists()
    refused = drought.record(answers, "--out", "autre.zip")
    assert refused.stderr == "vigie: autre.zip: is there already; name another folder with --out.\n"


def test_a_second_case_of_the_day_has_a_number(drought: Desk) -> None:
    answers = YES + NONE + ENOUGH + YES
    for _ in range(3):
        assert drought.record(answers).returncode == 0
    names = drought.written()
    assert [re.sub(r"\d{8}", "day", name) for name in names] == [
        f"vigie-classic-no_slots-recorded_day{number}.zip" for number in ("", "_2", "_3")
    ]
    folders = {path.split("/")[1] for name in names for path in contents(drought.folder / name)}
    assert len(folders) == 3


def test_what_cannot_be_kept_is_not_asked_for(drought: Desk) -> None:
    (drought.folder / "file").write_text("", encoding="utf-8")
    done = drought.record(YES, "--out", "file/case.zip")
    assert (done.returncode, done.stdout, drought.visits) == (1, "", 0)
    assert done.stderr.endswith("/file: takes no files; name another place with --out.\n")


PERSONAL = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>Dossier</title></head><body>
<h1>Rendez-vous</h1><p>Zoé LEFÈVRE, dossier A12B, 12 rue des Lilas</p><p>zoe@example.net</p>
<script>var user = {"prenom": "Zo\\u00e9"};</script></body></html>"""


def test_the_words_she_gives_leave_every_page(tmp_path: Path) -> None:
    site = Starlette(
        routes=[Route("/rdv", lambda _: HTMLResponse(PERSONAL, headers={"set-cookie": "sid=c00kie-of-hers"}))]
    )
    (tmp_path / "vigie.toml").write_text('[pace.hosts.localhost]\nspacing = "0s"\n', encoding="utf-8")
    answers = YES + OTHER + "zoé\nLefèvre\na12b\nDurand\n" + ENOUGH + YES

    def command(port: int) -> CompletedProcess[str]:
        url = f"http://guichet.localhost:{port}/rdv?address=12+rue+des+Lilas&n=1"
        more = ("--platform", "nouveau", "--guided", "--allow-local", "--transport", "http")
        return typed(tmp_path, "record", url, *more, answers=answers)

    done = visiting(serving(site, host="127.0.0.1", port=0, log_level="critical"), command)
    assert (done.returncode, done.stderr) == (0, "")
    (archive,) = tmp_path.glob("*.zip")
    saved = "".join(contents(archive).values())
    for secret in ("Zoé", "Zo\\u00e9", "LEFÈVRE", "A12B", "rue des Lilas", "rue+des", "zoe@", "c00kie"):
        assert secret not in saved, secret
    told = done.stdout
    assert told.count("  masqué ") == 3
    assert told.count("introuvable : vérifiez l'orthographe") == 1
    assert re.search(r"valeur saisie +12 rue des Lilas +saisi\d +\d", told)
    assert re.search(r"adresse électronique +zoe@example.net +adresse\d@example.org +1", told)


def test_a_word_that_the_reading_needs_is_asked_again_and_stays(drought: Desk) -> None:
    done = drought.record(YES + NONE + "horaire\nDurand\n" + ENOUGH + YES)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("Ce mot est nécessaire à la lecture ; il n'est pas masqué") == 1
    assert done.stdout.count("introuvable : vérifiez l'orthographe") == 1
    (name,) = drought.written()
    pages = contents(drought.folder / name)
    assert "plage horaire libre" in "".join(pages.values())


def test_a_site_that_sends_nothing_makes_no_case(tmp_path: Path) -> None:
    done = typed(
        tmp_path,
        *("record", "http://essai.localhost:9/booking/create/1", "--guided", "--allow-local"),
        *("--transport", "http"),
        answers=YES + NONE,
    )
    assert done.returncode == 1
    assert "n'a rien renvoyé (connexion refusée) ; vérifiez votre connexion" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_real_site_is_visited_by_somebody_who_can_be_reached(tmp_path: Path) -> None:
    url = "https://rdv.anct.gouv.fr/prendre_rdv?departement=92"
    done = typed(tmp_path, "record", url, "--guided", answers=YES + "personne\n")
    assert "votre adresse électronique est donnée au site" in done.stdout
    assert "Écrivez-la comme prenom@exemple.fr" in done.stdout
    assert done.stderr == "vigie: rien n'a été écrit, rien n'a été envoyé.\n"


@pytest.mark.parametrize("what", ["rdv.anct.gouv.fr/prendre_rdv?departement=86", "foo bar", ""])
def test_an_address_without_its_beginning_is_refused_as_such(drought: Desk, what: str) -> None:
    done = typed(drought.folder, "record", what, "--guided", answers="")
    assert done.returncode != 0
    assert f'vigie: "{what}": is neither a target\'s id nor a whole address' in done.stderr
    assert drought.written() == []
