"""`docs/proving-a-platform.md`: what a volunteer is told to type runs, and the screen shows it."""

from __future__ import annotations

import asyncio
import re
import shlex
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from monitor.clock import SystemClock
from probes.simulator.app import build
from probes.simulator.demo import DEFAULT_PORT
from probes.simulator.listener import serve
from tests.cast.saved_pages import PAGES
from tests.cast.vigie import typed

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/proving-a-platform.md").read_text(encoding="utf-8")
VIGIE = ".venv/bin/vigie "
YES, NONE, ENOUGH = "o\n", "1\n", "\n"


def blocks(kind: str) -> list[str]:
    """The lines of all blocks of that kind, without their indentation."""
    found = re.findall(rf"^ *```{kind}\n(.*?)^ *```$", TEXT, re.MULTILINE | re.DOTALL)
    return [line.strip() for block in found for line in block.splitlines()]


def commands() -> list[list[str]]:
    """What is typed after `vigie`: to practise, for a real page, for a page saved by hand."""
    return [shlex.split(line.removeprefix(VIGIE)) for line in blocks("sh") if line.startswith(VIGIE)]


def on_a_terminal(folder: Path, arguments: list[str], answers: str) -> CompletedProcess[str]:
    """As typed on a terminal: there, `vigie record` asks without being told to."""
    return typed(folder, *arguments, "--guided", answers=answers)


def test_it_has_ten_steps_and_three_commands_of_ours() -> None:
    steps = TEXT.split("## Les dix étapes", 1)[1].split("\n## ", 1)[0]
    assert re.findall(r"^(\d+)\. \*\*", steps, re.MULTILINE) == [str(n) for n in range(1, 11)]
    assert [words[0] for words in commands()] == ["record"] * 3


@pytest.mark.slow
@pytest.mark.browser
def test_who_practises_sees_every_screen_that_it_quotes(tmp_path: Path) -> None:
    practice = commands()[0]
    (tmp_path / "vigie.toml").write_text('[pace.hosts.localhost]\nspacing = "0s"\n', encoding="utf-8")

    async def run() -> CompletedProcess[str]:
        async with serve(build(SystemClock())) as port:
            here = [word.replace(f":{DEFAULT_PORT}/", f":{port}/") for word in practice]
            assert here != practice
            return await asyncio.to_thread(on_a_terminal, tmp_path, here, YES + NONE + ENOUGH + YES)

    done = asyncio.run(run())
    assert (done.returncode, done.stderr) == (0, "")
    said = " ".join(done.stdout.split())
    quoted = blocks("text")
    assert len(quoted) >= 15
    assert [line for line in quoted if " ".join(line.split()) not in said] == []
    assert len(list(tmp_path.glob("*.zip"))) == 1


def test_a_real_page_is_not_visited_before_the_two_questions(tmp_path: Path) -> None:
    done = on_a_terminal(tmp_path, commands()[1], YES)
    assert done.stderr == "vigie: rien n'a été écrit, rien n'a été envoyé.\n"
    assert "Votre adresse électronique :" in done.stdout
    assert "Un instant : Vigie ouvre la page" not in done.stdout


def test_a_page_saved_by_hand_makes_the_same_file(tmp_path: Path) -> None:
    known = PAGES / "rdv_service_public/no_slots-lieu_step/0.html"
    (tmp_path / "page.html").write_bytes(known.read_bytes())
    done = on_a_terminal(tmp_path, commands()[2], YES + NONE + ENOUGH + YES)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Vous et Vigie lisez la même chose." in done.stdout
    assert len(list(tmp_path.glob("vigie-rdv_service_public-no_slots-recorded_*.zip"))) == 1


def test_every_refusal_that_it_explains_is_one_of_ours() -> None:
    table = TEXT.split("## Si la commande refuse", 1)[1].split("\n## ", 1)[0]
    said = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "monitor").rglob("*.py")))
    code = re.sub(r"\{[^{}]*\}", "…", code)
    assert len(said) >= 8
    assert [words for words in said if words not in code] == []


def test_what_else_it_tells_people_to_run_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"`?make (\w+)", TEXT)
    files = re.findall(r"(?:tests|tools)/[\w/-]+\.(?:py|sh)", TEXT)
    modules = re.findall(r"python -m ([\w.]+)", TEXT)
    assert (len(targets), len(files), len(modules)) >= (2, 3, 2)
    assert [name for name in targets if f"{name}:" not in makefile] == []
    assert [name for name in files if not (ROOT / name).exists()] == []
    places = [ROOT / name.replace(".", "/") for name in modules]
    assert [place for place in places if not (place.is_dir() or place.with_suffix(".py").exists())] == []
