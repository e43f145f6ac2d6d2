"""A screen that nobody sees, a simulated préfecture behind a CAPTCHA, and somebody to pass it."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from monitor.commands.probe import attendance_of
from monitor.settings.load import Settings, make_settings
from monitor.store import Store, open_store, upgrade
from monitor.watch.attendant import attending
from probes.model import Target
from probes.registry import platform
from probes.simulator.app import build
from probes.simulator.listener import serve
from probes.simulator.sites import Product, Site
from probes.simulator.supply import Scenario
from tests.attend.person import Acting, Attend, Attended, free_port, person_at
from tests.cast.simulated import simple


@pytest.fixture(autouse=True)
def _guard(no_sql_on_the_loop: list[str]) -> None:
    """A window open for a person never waits for SQL on the event loop."""


@pytest.fixture(scope="session")
def _xvfb() -> Iterator[str]:
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed (as root: apt-get install xvfb)")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x1100x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        yield f":{server.stdout.readline().strip()}"
        server.terminate()


@pytest.fixture
def screen(_xvfb: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The display of this test."""
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("a Chromium with windows is not installed (as root: apt-get install chromium)")
    monkeypatch.setenv("DISPLAY", _xvfb)
    return _xvfb


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(
        {
            "database": {"url": f"sqlite:///{tmp_path}/vigie.sqlite3"},
            "storage": {"media": tmp_path / "media"},
            "pace": {"hosts": {"localhost": {"spacing": "0s", "pages_per_day": 1000}}},
        },
        "the test",
    )


@pytest.fixture
def store(settings: Settings) -> Store:
    upgrade(settings.database.address)
    return open_store(settings.database.address, media=settings.storage.media)


@pytest.fixture
def attend(screen: str, settings: Settings, store: Store) -> Attend:
    """`attend(person, scenario, patience)`: one visit, `person` being what she does."""

    def run(person: Acting, scenario: Scenario = Scenario.PLENTY, patience: float = 30.0) -> Attended:
        site = simple("belcastel", Product.RDV_PREFECTURE, scenario)
        return asyncio.run(_attended(settings, store, site, person, timedelta(seconds=patience)))

    return run


async def _attended(
    settings: Settings, store: Store, site: Site, person: Acting, patience: timedelta
) -> Attended:
    app = build(SystemClock(), (site,))
    hands = free_port()
    async with serve(app) as port:
        procedure = site.procedures[0]
        target = Target(
            id="belcastel",
            platform="rdv_prefecture",
            url=site.url(procedure, port),
            prefecture=procedure.prefecture,
            departement="92",
            demarche=procedure.title,
        )
        await asyncio.to_thread(store.record_targets, [target])
        attendance = attendance_of(target)
        arguments = (f"--remote-debugging-port={hands}",)
        typed: list[str] = []

        async def acting() -> None:
            async with person_at(hands, app.state.simulator) as somebody:
                somebody.typed = typed
                await person(somebody)

        async with attending(settings, target, attendance, store, arguments=arguments) as attendant:
            hers = asyncio.create_task(acting())
            try:
                seen = await attendant.attend(
                    target, platform(target.platform), attendance, patience=patience
                )
            finally:
                hers.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await hers
        return Attended(target, seen, app.state.simulator, typed)
