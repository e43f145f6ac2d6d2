"""The page of a row as Chromium shows it: it fits the screen, its style applies, and nothing hostile runs."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, sync_playwright

from monitor.clock import SimulatedClock
from monitor.metrics.server import Pulse, exporter
from monitor.store import Store
from monitor.web.routes import Records, routes
from probes.model import Outcome
from tests.cast.observations import NOON, capture, observation, reading, step, target

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
HOSTILE = '<script>document.title="run"</script><img src=x onerror="document.title=\'run\'">' + "x" * 9000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="not installed: chromium"),
]


@contextmanager
def served(store: Store) -> Iterator[str]:
    """The service's own server, in a thread; its address."""
    clock = SimulatedClock(NOON + timedelta(days=3))
    records = Records(store=store, clock=clock, embargo=timedelta(hours=24), origins={})
    loop, listening, port = asyncio.new_event_loop(), threading.Event(), 0
    over = asyncio.Event()

    async def serve() -> None:
        nonlocal port
        async with exporter([], Pulse(clock), routes(records), host="127.0.0.1", port=0) as port:
            listening.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert listening.wait(20)
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.mark.parametrize("width", [1200, 360])
def test_a_hostile_row_fits_the_screen_and_runs_nothing(chromium: Browser, store: Store, width: int) -> None:
    store.record_targets([target(demarche="titre de séjour")])
    said = reading(Outcome.NO_SLOTS, words=HOSTILE, notices=(HOSTILE,))
    received = capture(steps=(step(HOSTILE.encode(), url=f"http://vienne.localhost/{HOSTILE}"),))
    number = store.append_observation(observation(reading=said, capture=received))
    with served(store) as base:
        page = chromium.new_page(viewport={"width": width, "height": 800})
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{base}/releves/{number}")
        assert page.title() == f"Relevé n° {number}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(32, 64, 106)"
        with page.expect_download() as begun:
            page.click("text=Télécharger")
        assert begun.value.suggested_filename == f"releve-{number}-page-1.txt"
        assert begun.value.path().read_bytes() == HOSTILE.encode()
        assert {url.removeprefix(base) for url in asked} <= {
            f"/releves/{number}", "/releves/style.css", f"/releves/{number}/pages/1",
        }  # fmt: skip
        page.close()
