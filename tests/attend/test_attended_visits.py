"""Attended visits under Xvfb: the person passes the CAPTCHA, the tool keeps the answer and nothing else."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from playwright.async_api import Error

from monitor.model import Origin
from monitor.settings.load import Settings
from monitor.store import Store
from monitor.store.record import counts
from probes.model import NoSlotsKind, Outcome
from probes.sessions.browser.attended_visit import NotReached
from probes.simulator.supply import Scenario
from probes.simulator.truth import truth
from tests.attend.person import CGU, Attend, Person
from tests.cast.breaches import BreachKind, breaches
from tests.cast.transactions import ask

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ANSWER = CGU.replace("cgu", "creneau")


async def passes(person: Person) -> None:
    await person.at(CGU)
    await person.answer()


async def mistypes_once(person: Person) -> None:
    await person.at(CGU)
    await person.answer("000000")
    await person.at(f"{CGU}?error=invalidCaptcha")
    await person.answer()


async def leaves(person: Person) -> None:
    await person.at(CGU)
    await person.page.close()


async def wanders_off(person: Person) -> None:
    await person.at(CGU)
    here = person.page.url
    for elsewhere in ("/rdvpref/login/", "/rdvpref/reservation/demarche/2390/", "/users/sign_in"):
        with suppress(Error):
            await person.page.goto(here.replace(CGU, elsewhere))
    await person.page.goto(here)
    await person.answer()


async def does_nothing(person: Person) -> None:
    await person.at(CGU)


def everything_kept(store: Store, settings: Settings) -> bytes:
    """Every byte on disk: the database, its log beside it, and the pictures."""
    folder = Path(settings.database.address.removeprefix("sqlite:///")).parent
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_the_answer_alone_is_kept(attend: Attend, store: Store, settings: Settings) -> None:
    visited = attend(passes)
    seen = visited.observation
    assert seen.reading.outcome is Outcome.SLOTS_OFFERED
    assert seen.reading.earliest is not None
    assert seen.reading.earliest.starts_at == truth(visited.world, visited.target.url).earliest
    assert (seen.origin, seen.scheduled_at, seen.simulated) == (Origin.ATTENDED, None, True)

    (step,) = seen.capture.steps
    assert (step.action, step.method, step.status, step.redirects) == ("attend", "GET", 200, ())
    assert step.final_url.endswith(ANSWER)
    assert step.server_address == "127.0.0.1"
    assert seen.capture.screenshot is not None
    assert seen.capture.screenshot.startswith(b"\xff\xd8")

    number = store.append_observation(seen)
    assert store.load_capture(number).steps == seen.capture.steps
    assert step.rendered is not None
    kept = everything_kept(store, settings) + step.body + step.rendered.encode()
    assert visited.typed
    assert b"captchaUsercode" not in kept
    assert all(typed.encode() not in kept for typed in visited.typed)
    assert b"data:image" not in kept


def test_only_the_person_answered_the_captcha(attend: Attend) -> None:
    visited = attend(mistypes_once)
    crossings = [b for b in breaches(visited.world.request_log) if b.kind is BreachKind.STOP_LINE]
    assert visited.observation.reading.outcome is Outcome.SLOTS_OFFERED
    assert len(visited.observation.capture.steps) == 1
    assert {crossing.detail.partition(" :")[0] for crossing in crossings} <= {
        "réponse à un CAPTCHA",
        "champ envoyé",
    }
    assert len(visited.typed) == 2


@pytest.mark.parametrize("scenario", [Scenario.DROUGHT, Scenario.NO_CALENDAR])
def test_none_is_read_too(attend: Attend, scenario: Scenario) -> None:
    reading = attend(passes, scenario).observation.reading
    assert (reading.outcome, reading.kind) == (Outcome.NO_SLOTS, NoSlotsKind.UNSPECIFIED)


def test_the_window_goes_nowhere_but_to_this_procedure(attend: Attend) -> None:
    visited = attend(wanders_off)
    asked = {entry.path for entry in visited.world.request_log.pages()}
    assert visited.observation.reading.outcome is Outcome.SLOTS_OFFERED
    assert not [path for path in asked if "login" in path or "2390" in path or "users" in path]


def test_a_person_who_closes_the_window_leaves_nothing(attend: Attend, store: Store) -> None:
    with pytest.raises(NotReached, match="the window was closed before the page that answers"):
        attend(leaves)
    assert ask(store, counts.totals) == []


def test_patience_ends(attend: Attend, store: Store) -> None:
    with pytest.raises(NotReached, match="was not reached within 0 minutes"):
        attend(does_nothing, patience=8.0)
    assert ask(store, counts.totals) == []
