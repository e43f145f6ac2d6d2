"""django-appointment, which nobody here wrote: from its registry, and watched by a description alone."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.clock import SystemClock
from monitor.targets.descriptions import read_description
from probes.model import Capture, Outcome, Precision, Reading, Target, VisitOver
from probes.sessions.browser.session import BrowserSessions
from probes.sessions.guard import Allowance

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PARIS = ZoneInfo("Europe/Paris")
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]


class Free:
    """A turn that never waits."""

    async def page(self) -> None:
        """At once."""


Site = tuple[int, Callable[[int], None]]
"""The port of the application, and how to send its only agent away for some days."""


@pytest.fixture(scope="module")
def application() -> Path:
    """The folder the application is installed in."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: the application's pages need scripts from its registry")
    folder = ROOT / "build" / "booking-app"
    done = subprocess.run(
        ["sh", ROOT / "tools/booking-app.sh", folder], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no package registry gave the application: {done.stderr.strip()[-300:]}")
    return folder


@pytest.fixture(scope="module")
def site(application: Path) -> Iterator[Site]:
    """The port it is served on, and how to send its only agent away for some days."""
    program = [application / "venv/bin/python", HERE / "booking/town_hall.py", application]

    def away(days: int) -> None:
        subprocess.run([*program, "seed", str(days)], check=True, capture_output=True)

    away(0)
    with subprocess.Popen([*program, "serve"], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            said = next(line for line in server.stdout if line.startswith("port "))
            yield int(said.removeprefix("port ")), away
        finally:
            server.terminate()


def visit(port: int, service: int = 1) -> tuple[Reading, Capture]:
    """One visit by the description, in a real Chromium."""
    platform = read_description(HERE / "django_appointment.toml")
    url = f"http://mairie.localhost:{port}/rendez-vous/request/{service}/"
    assert platform.accepts(url)
    target = Target(
        id="t", platform=platform.name, url=url, prefecture="Exemple", departement="92", demarche="Titre"
    )

    async def run() -> Capture:
        sessions = BrowserSessions(
            allowance=Allowance(frozenset(), local=True), user_agent="Vigie/tests", clock=SystemClock()
        )
        try:
            async with sessions.visit(stop_line=platform.stop_line, turn=Free()) as session:
                with suppress(VisitOver):
                    await platform.walk(target, session)
        finally:
            await sessions.close()
        return session.capture()

    capture = asyncio.run(run())
    return platform.read(target, capture), capture


def test_an_agent_away_for_a_year_is_an_absence_of_slots(site: Site) -> None:
    port, away = site
    away(365)
    reading, capture = visit(port)
    assert reading.outcome is Outcome.NO_SLOTS
    assert reading.words == "Aucune disponibilité durant les 3 prochains mois."
    assert [step.action for step in capture.steps] == ["open", "unfold"]


def test_a_day_off_alone_is_no_absence_and_the_next_date_is_read(
    site: Site,
) -> None:
    port, away = site
    away(20)
    reading, _capture = visit(port)
    wanted = datetime.now(PARIS).date() + timedelta(days=20)
    assert (reading.outcome, reading.rule) == (Outcome.SLOTS_OFFERED, "next_date")
    assert reading.earliest is not None
    assert reading.earliest.day(PARIS) == wanted
    assert reading.earliest.precision is Precision.DAY


def test_an_agent_at_work_offers_hours_or_the_next_day(site: Site) -> None:
    port, away = site
    away(0)
    before = datetime.now(PARIS)
    reading, _capture = visit(port)
    assert reading.outcome is Outcome.SLOTS_OFFERED
    assert reading.earliest is not None
    if reading.rule == "hours_of_the_day":
        assert before <= reading.earliest.starts_at
        assert reading.earliest.day(PARIS) == before.date()
        assert reading.slots is not None
        assert reading.slots >= 1
    else:
        assert reading.earliest.day(PARIS) >= before.date()


def test_a_service_that_does_not_exist_proves_nothing(site: Site) -> None:
    port, away = site
    away(0)
    reading, _capture = visit(port, service=99)
    assert (reading.outcome, reading.failure) == (Outcome.UNRECOGNISED, "http_404")
