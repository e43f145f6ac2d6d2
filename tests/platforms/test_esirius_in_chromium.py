"""eSirius eAppointment in a real Chromium, against the simulated préfecture: alerts, calendar, stop line.

What needs no browser is in `test_esirius.py`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest

from monitor.clock import SystemClock
from probes.model import Capture, Outcome, Reading, Session, Step, Target, VisitOver
from probes.platforms.esirius import MOTIVES_FORM, Esirius
from probes.sessions.browser.session import BrowserSessions
from probes.sessions.guard import Allowance, StopLineCrossed
from probes.simulator.app import build
from probes.simulator.faults import Fault
from probes.simulator.listener import serve
from probes.simulator.sites import Product
from probes.simulator.supply import Scenario
from probes.simulator.truth import Truth, truth
from probes.stop_line import Form, StopLine
from tests.cast.breaches import Breach, BreachKind, breaches
from tests.cast.simulated import simple

pytestmark = pytest.mark.browser
OPTIONS = {"postcode": "92000", "motive": "4101"}
NONE = "Aucun rendez-vous n'est possible pour les motifs selectionnnés ou le créneau horaire séléctionné."


class Free:
    """A turn that never waits."""

    async def page(self) -> None:
        """At once."""


@dataclass
class Visited:
    target: Target
    capture: Capture
    truth: Truth
    sent: list[str]
    crossings: list[Breach]

    @property
    def last(self) -> Step:
        step = self.capture.last
        assert step is not None
        return step

    @property
    def reading(self) -> Reading:
        return Esirius().read(self.target, self.capture)


def visit(
    scenario: Scenario = Scenario.PLENTY,
    *,
    fault: Fault | None = None,
    platform: Esirius | None = None,
    options: dict[str, str] = OPTIONS,
) -> Visited:
    """One visit to a simulated préfecture."""
    return asyncio.run(_visit(scenario, fault, platform or Esirius(), options))


async def _visit(
    scenario: Scenario,
    fault: Fault | None,
    platform: Esirius,
    options: dict[str, str],
) -> Visited:
    site = simple("boisclair", Product.ESIRIUS, scenario)
    app = build(SystemClock(), (site,))
    world = app.state.simulator
    if fault:
        world.faults.set(site.host, fault)
    sessions = BrowserSessions(
        allowance=Allowance(frozenset(), local=True),
        user_agent="Vigie/tests",
        clock=SystemClock(),
        settle=timedelta(seconds=1),
        screenshot_quality=None,
    )
    async with serve(app) as port:
        url = site.url(site.procedures[0], port)
        target = Target(
            id="t", platform="esirius", url=url, prefecture="", departement="92", demarche="", options=options
        )
        try:
            async with sessions.visit(stop_line=platform.stop_line, turn=Free()) as session:
                with suppress(VisitOver):
                    await platform.walk(target, session)
        finally:
            await sessions.close()
        crossings = [b for b in breaches(world.request_log) if b.kind is BreachKind.STOP_LINE]
        sent = [name for entry in world.request_log.pages() for name, _value in entry.fields]
        return Visited(target, session.capture(), truth(world, url), sent, crossings)


@pytest.mark.parametrize("scenario", [Scenario.PLENTY, Scenario.MONTHS_AWAY])
def test_a_calendar_is_unfolded_and_read(scenario: Scenario) -> None:
    visited = visit(scenario)
    assert visited.reading.outcome is Outcome.SLOTS_OFFERED
    assert visited.reading.earliest is not None
    assert visited.reading.earliest.starts_at == visited.truth.earliest
    assert [step.action for step in visited.capture.steps] == ["open", "submit", "submit", "unfold"]
    assert (visited.sent, visited.crossings) == (["selectedMotiveKeyList"], [])


@pytest.mark.parametrize("scenario", [Scenario.DROUGHT, Scenario.NO_CALENDAR])
def test_an_alert_is_the_answer_none(scenario: Scenario) -> None:
    visited = visit(scenario)
    assert visited.last.dialogs == (NONE,)
    assert (visited.reading.outcome, visited.reading.words) == (Outcome.NO_SLOTS, NONE)
    assert visited.reading.kind is visited.truth.kind
    assert visited.sent == []


def test_a_postcode_of_elsewhere_is_refused_by_the_page() -> None:
    visited = visit(options={**OPTIONS, "postcode": "75001"})
    assert visited.last.dialogs == ("Veuillez saisir un code postal valide.",)
    assert (visited.reading.outcome, visited.reading.rule) == (Outcome.UNRECOGNISED, "other_alert")


@pytest.mark.parametrize(
    ("options", "rule", "steps"),
    [
        ({}, "step_postcode", 1),
        ({"postcode": "92 rue"}, "step_postcode", 1),
        ({"postcode": "92000"}, "step_motive", 2),
        ({"postcode": "92000", "motive": "x"}, "step_motive", 2),
        ({"postcode": "92000", "motive": "9999"}, "step_motive", 3),
    ],
)
def test_without_its_options_a_walk_stops_where_it_is_asked(
    options: dict[str, str], rule: str, steps: int
) -> None:
    visited = visit(options=options)
    assert (visited.reading.rule, len(visited.capture.steps)) == (rule, steps)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.CAPTCHA,
        Fault.REDESIGN,
        Fault.RENUMBERED,
        Fault.CLOSED,
        Fault.EMPTY,
        Fault.LOGIN,
        Fault.BAD_GATEWAY,
    ],
)
def test_no_fault_is_read_as_an_absence_of_slots(fault: Fault) -> None:
    visited = visit(Scenario.DROUGHT, fault=fault)
    assert visited.reading.outcome is visited.truth.outcome


class ChoosesADay(Esirius):
    """A bad platform: it goes on to the form that takes an hour."""

    async def walk(self, target: Target, session: Session) -> None:
        await super().walk(target, session)
        await session.submit("form[name=date]", {"dayValueId": "23/01/2027"}, button="nextButton")


class TypesAName(Esirius):
    """A bad platform: a name in place of a postcode."""

    async def walk(self, target: Target, session: Session) -> None:
        await session.open(target.url)
        await session.submit("form:has(#CPId)", {"CP": "Dupont"}, button="Continuer")


class PressesAnother(Esirius):
    """A bad platform: another button of a declared form."""

    async def walk(self, target: Target, session: Session) -> None:
        await session.open(target.url.replace("element/jsp/specific/prefecture.jsp", "appointment.do"))
        await session.submit(MOTIVES_FORM, {"selectedMotiveKeyList": "4101"}, button="confirmButton")


class UnfoldsADay(Esirius):
    """A bad platform: it clicks an open day."""

    async def walk(self, target: Target, session: Session) -> None:
        await super().walk(target, session)
        await session.unfold("a.ui-state-default")


class Calls(Esirius):
    """A bad platform: it asks what the page's script should ask."""

    async def walk(self, target: Target, session: Session) -> None:
        await session.open(target.url)
        await session.call(target.url, {})


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (ChoosesADay, "submits 'form\\[name=date\\]'"),
        (TypesAName, "gives 'CP' a value"),
        (PressesAnother, "presses 'confirmButton'"),
        (UnfoldsADay, "unfolds 'a.ui-state-default'"),
        (Calls, "pages make their own calls"),
    ],
)
def test_a_platform_that_goes_further_is_stopped(bad: type[Esirius], said: str) -> None:
    with pytest.raises(StopLineCrossed, match=said):
        visit(platform=bad())


class UnfoldsALink(Esirius):
    """A bad platform whose own stop line allows too much: the browser still refuses a link and a button."""

    stop_line = StopLine(
        paths=Esirius.stop_line.paths,
        forms=(*Esirius.stop_line.forms, Form(selector="form[name=date]")),
        controls=(*Esirius.stop_line.controls, "[name=nextButton]"),
        scripts=Esirius.stop_line.scripts,
    )

    async def walk(self, target: Target, session: Session) -> None:
        await super().walk(target, session)
        await session.unfold("[name=nextButton]")


def test_a_button_that_leads_on_is_never_unfolded() -> None:
    visited = visit(platform=UnfoldsALink())
    assert visited.last.detail == "[name=nextButton] leads elsewhere"
    assert visited.crossings == []
