"""The simulated pages in a real Chromium: labelled for the eye, and walked as a person would."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright
from starlette.applications import Starlette

from monitor.clock import SystemClock
from probes.simulator.app import build
from probes.simulator.listener import serve
from probes.simulator.sites import Product
from probes.simulator.supply import Scenario
from tests.cast.simulated import captcha_code, simple

pytestmark = pytest.mark.browser


@asynccontextmanager
async def chromium(app: Starlette) -> AsyncIterator[tuple[Page, int]]:
    """A page of a fresh Chromium, and the port `app` is served on."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    async with serve(app) as port, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path)
        try:
            yield await browser.new_page(), port
        finally:
            await browser.close()


def test_a_person_walks_from_the_conditions_to_the_calendar() -> None:
    async def run() -> None:
        app = build(SystemClock(), (simple("valmont", Product.CLASSIC, Scenario.PLENTY),))
        async with chromium(app) as (page, port):
            await page.goto(f"http://valmont.localhost:{port}/booking/create/1201")
            await page.check("#condition")
            for step in (3, 4):
                await page.click("input[name=nextButton]")
                await page.wait_for_url(f"**/{step}")
            assert await page.locator("td.status-1.free a").count()
            label = page.get_by_text("Site simulé par Vigie — aucun rendez-vous réel")
            assert await label.is_visible()

    asyncio.run(run())


def test_a_person_who_reads_the_captcha_picks_from_the_slots() -> None:
    async def run() -> None:
        app = build(SystemClock(), (simple("rdvpref", Product.RDV_PREFECTURE, Scenario.PLENTY),))
        async with chromium(app) as (page, port):
            await page.goto(f"http://rdvpref.localhost:{port}/rdvpref/reservation/demarche/1201/")
            await page.click("a[href*=cgu]")
            await page.wait_for_url("**/cgu/")
            (cookie,) = await page.context.cookies()
            code = captcha_code(app.state.simulator, cookie["value"])
            await page.fill("#captchaFormulaireExtInput", code)
            await page.click("button[type=submit]")
            await page.wait_for_url("**/creneau/")
            assert await page.locator("h2").inner_text() == "Choisissez votre créneau"

    asyncio.run(run())


def test_a_heavy_page_brings_all_its_assets() -> None:
    async def run() -> set[str]:
        app = build(SystemClock(), (simple("valmont", Product.CLASSIC),), weight_kb=60)
        async with chromium(app) as (page, port):
            await page.goto(f"http://valmont.localhost:{port}/booking/create/1201", wait_until="networkidle")
        return {entry.path for entry in app.state.simulator.request_log.entries if entry.asset}

    wanted = {f"/assets/site.{kind}" for kind in ("css", "js", "woff2")}
    assert asyncio.run(run()) >= wanted | {"/assets/simulateur.css", "/assets/etape_1r.png"}
