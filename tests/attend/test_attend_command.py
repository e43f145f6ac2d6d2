"""`vigie attend` as a person runs it: another process, her hands on its window."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from monitor.model import Origin
from monitor.store import open_store
from probes.model import Outcome
from probes.simulator.app import build
from probes.simulator.listener import serve
from probes.simulator.sites import Product
from probes.simulator.supply import Scenario
from probes.simulator.world import Simulator
from tests.attend.person import CGU, free_port, person_at
from tests.cast.simulated import simple
from tests.plugins.loop_guard import ON_THE_LOOP, guarded

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TARGETS = """
[[target]]
id = "belcastel"
platform = "rdv_prefecture"
url = "http://belcastel.localhost:{port}/rdvpref/reservation/demarche/1201/"
prefecture = "Préfecture simulée de Belcastel"
departement = "75"
zone = "Europe/Paris"
demarche = "Renouvellement de titre de séjour"

[[target]]
id = "valmont"
platform = "classic"
url = "http://valmont.localhost:{port}/booking/create/1201"
prefecture = "Préfecture simulée de Valmont"
departement = "92"
zone = "Europe/Paris"
demarche = "Titre de séjour"
"""
SETTINGS = """
[browser]
executable = "{browser}"

[pace.hosts.localhost]
spacing = "0s"
"""


@pytest.fixture
def installation(tmp_path: Path) -> Callable[..., Path]:
    """`installation(port, hands)`: a folder with settings, whose Chromium a test can hold by `hands`."""

    def make(port: int, hands: int = 0) -> Path:
        browser = tmp_path / "chromium"
        flag = f"--remote-debugging-port={hands}" if hands else ""
        browser.write_text(f'#!/bin/sh\nexec /usr/bin/chromium {flag} "$@"\n', encoding="utf-8")
        browser.chmod(0o755)
        (tmp_path / "vigie.toml").write_text(SETTINGS.format(browser=browser), encoding="utf-8")
        (tmp_path / "targets.toml").write_text(TARGETS.format(port=port), encoding="utf-8")
        return tmp_path

    return make


async def started(folder: Path, *arguments: str, **environment: str) -> Process:
    """`vigie attend …`, under way."""
    command, guarding = guarded("from monitor.cli import main; main()")
    return await asyncio.create_subprocess_exec(
        *command,
        *("attend", *arguments),
        cwd=folder,
        env=guarding | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def passes(hands: int, world: Simulator) -> None:
    async with person_at(hands, world) as person:
        await person.at(CGU)
        await person.answer()
        await asyncio.Event().wait()


def test_one_command_reads_the_answer_and_records_it(screen: str, installation: Callable[..., Path]) -> None:
    async def run() -> tuple[Path, str]:
        site = simple("belcastel", Product.RDV_PREFECTURE, Scenario.DROUGHT)
        app, hands = build(SystemClock(), (site,)), free_port()
        async with serve(app) as port:
            folder = installation(port, hands)
            process = await started(folder, "belcastel")
            hers = asyncio.create_task(passes(hands, app.state.simulator))
            said, errors = await process.communicate()
            hers.cancel()
            # Cancelled again while it closes, as the loop does at its end, it would leave a process behind.
            await asyncio.wait([hers])
        assert process.returncode == 0, errors.decode()
        assert ON_THE_LOOP not in errors.decode()
        return folder, said.decode()

    folder, said = asyncio.run(run())
    assert "Ni l'image du contrôle ni ce que vous tapez n'est conservé" in said
    assert "zéro créneau" in said
    assert "visite accompagnée" in said
    store = open_store(f"sqlite:///{folder}/var/vigie.sqlite3", media=folder / "var/media")
    (row,) = store.observations()
    assert (row.target, row.origin, row.reading.outcome) == ("belcastel", Origin.ATTENDED, Outcome.NO_SLOTS)
    assert len(store.load_capture(row.id).steps) == 1


@pytest.mark.parametrize(
    ("arguments", "display", "said"),
    [
        (
            ["belcastel"],
            "",
            "DISPLAY: is not set, so no window can be opened; run this on a computer with a screen.",
        ),
        (
            ["valmont"],
            ":0",
            "valmont: is read by the robot alone; only pages of rdv_prefecture need a person.",
        ),
        (["belcastl"], ":0", 'target "belcastl": is not in the catalogue; did you mean "belcastel"?'),
    ],
)
def test_what_cannot_be_attended_is_said_in_one_sentence(
    installation: Callable[..., Path], arguments: list[str], display: str, said: str
) -> None:
    async def run() -> tuple[int | None, str]:
        process = await started(installation(9), *arguments, DISPLAY=display, WAYLAND_DISPLAY="")
        _, errors = await process.communicate()
        return process.returncode, errors.decode()

    assert asyncio.run(run()) == (1, f"vigie: {said}\n")
