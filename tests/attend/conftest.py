"""A screen that nobody sees, a simulated préfecture behind a CAPTCHA, and somebody to pass it."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from monitor.clock import SystemClock
from monitor.commands.attend import attendance_of
from monitor.model import Observation
from monitor.settings.load import Settings, make_settings
from monitor.store import Store, open_store, upgrade
from monitor.watch.attendant import attending
from probes.model import Target
from probes.registry import platform
from probes.simulator.app import build
from probes.simulator.listener import serve
from probes.simulator.sites import Product, Site, simple
from probes.simulator.supply import Scenario

CGU = "/rdvpref/reservation/demarche/1201/cgu/"
FIELD = "#captchaFormulaireExtInput"


@pytest.fixture(autouse=True)
def _guard(no_sql_on_the_loop: list[str]) -> None:
    """A window open for a person never waits for SQL on the event loop."""


@pytest.fixture(scope="session")
def _xvfb() -> Iterator[str]:
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed (as root: apt-get install xvfb)")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x1100x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        yield f":{server.stdout.readline().strip()}"
        server.terminate()


@pytest.fixture
def screen(_xvfb: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The display of this test."""
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("a Chromium with windows is not installed (as root: apt-get install chromium)")
    monkeypatch.setenv("DISPLAY", _xvfb)
    return _xvfb


class Person:
    """Somebody at the keyboard, who reads the picture and clicks: holds the browser by another end."""

    def __init__(self, page: Page, world) -> None:
        self.page = page
        self.world = world
        self.typed: list[str] = []

    async def at(self, path: str) -> None:
        await self.page.wait_for_url(f"**{path}")

    async def answer(self, code: str | None = None) -> None:
        """Type what the picture says, or something else, and send it."""
        await self.page.wait_for_selector(FIELD)
        seen = code or self.world.captcha_code(self.world.ledger.pages()[-1].visit)
        self.typed.append(seen)
        await self.page.fill(FIELD, seen)
        await self.page.click("button[type=submit]")


@asynccontextmanager
async def person_at(port: int, world):
    """A person whose hands are on the browser that listens on `port`."""
    async with async_playwright() as playwright:
        browser = await _connected(playwright, port)
        yield Person(browser.contexts[0].pages[0], world)


async def _connected(playwright, port: int):
    """The browser, once it is there with its page."""
    while True:
        with suppress(Exception):
            browser = await playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
            if browser.contexts and browser.contexts[0].pages:
                return browser
            await browser.close()
        await asyncio.sleep(0.05)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@dataclass
class Attended:
    """What came of one attended visit."""

    target: Target
    observation: Observation | None
    world: object
    typed: list[str] = field(default_factory=list)


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
def attend(screen: str, settings: Settings, store: Store):
    """`attend(person, scenario, patience)`: one visit, `person` being what she does."""

    def run(person, scenario=Scenario.PLENTY, patience=30.0) -> Attended:
        site = simple("belcastel", Product.RDV_PREFECTURE, scenario)
        return asyncio.run(_attended(settings, store, site, person, timedelta(seconds=patience)))

    return run


async def _attended(settings: Settings, store: Store, site: Site, person, patience: timedelta) -> Attended:
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
        result = Attended(target, None, app.state.simulator)

        async def acting() -> None:
            async with person_at(hands, app.state.simulator) as somebody:
                result.typed = somebody.typed
                await person(somebody)

        async with attending(settings, target, attendance, store, arguments=arguments) as attendant:
            hers = asyncio.create_task(acting())
            try:
                result.observation = await attendant.attend(
                    target, platform(target.platform), attendance, patience=patience
                )
            finally:
                hers.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await hers
        return result
