"""Somebody at the keyboard, who reads the picture and clicks."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from playwright.async_api import Browser, Page, Playwright, async_playwright

from monitor.model import Observation
from probes.model import Target
from probes.simulator.world import Simulator
from tests.cast.simulated import captcha_code

CGU = "/rdvpref/reservation/demarche/1201/cgu/"
FIELD = "#captchaFormulaireExtInput"


class Person:
    """Somebody at the keyboard, who reads the picture and clicks: holds the browser by another end."""

    def __init__(self, page: Page, world: Simulator) -> None:
        self.page = page
        self.world = world
        self.typed: list[str] = []

    async def at(self, path: str) -> None:
        await self.page.wait_for_url(f"**{path}")

    async def answer(self, code: str | None = None) -> None:
        """Type what the picture says, or something else, and send it."""
        await self.page.wait_for_selector(FIELD)
        seen = code or captcha_code(self.world, self.world.request_log.pages()[-1].visit)
        self.typed.append(seen)
        await self.page.fill(FIELD, seen)
        await self.page.click("button[type=submit]")


@asynccontextmanager
async def person_at(port: int, world: Simulator) -> AsyncIterator[Person]:
    """A person whose hands are on the browser that listens on `port`."""
    async with async_playwright() as playwright:
        browser = await _connected(playwright, port)
        yield Person(browser.contexts[0].pages[0], world)


async def _connected(playwright: Playwright, port: int) -> Browser:
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
        return int(server.getsockname()[1])


@dataclass
class Attended:
    """What came of one attended visit."""

    target: Target
    observation: Observation
    world: Simulator
    typed: list[str]


Acting = Callable[[Person], Awaitable[None]]
"""What the person does."""
Attend = Callable[..., Attended]
"""`attend(person, scenario, patience)`: one visit, `person` being what she does."""
