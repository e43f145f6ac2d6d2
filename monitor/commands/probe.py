"""`vigie probe`, `vigie attend`: one visit now, by the robot alone or with a person before its eyes."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.commands.options import ConfigOption, DemoOption, JsonOption, entry_named, settings_for
from monitor.model import Observation
from monitor.places.hosts import host_of, is_local, url_problem, without_trackers
from monitor.present.as_json import observation_json, slot_text
from monitor.present.proof import proof
from monitor.present.terminal import terminal
from monitor.present.words import attributed, label
from monitor.problems import BadInput, Problem, nearest
from monitor.settings.load import Settings
from monitor.store import Store
from monitor.targets.catalogue import page_problem
from monitor.watch.attendant import attending
from monitor.watch.installation import catalogue, record
from monitor.watch.wiring import observing
from probes.attendance import ATTENDED, Attendance
from probes.model import Platform, Target, Transport
from probes.registry import known, platform, platform_for
from probes.sessions.browser.attended_visit import NotReached

SCREENSHOTS = Path("var/probes")

HOW = """{demarche}, {prefecture}
Une fenêtre s'ouvre. Passez vous-même le contrôle de sécurité ; ne saisissez rien d'autre.
Dès que la page des créneaux s'affiche, Vigie la lit, l'enregistre et ferme la fenêtre.
Ni l'image du contrôle ni ce que vous tapez n'est conservé, et rien ne dit qui vous êtes.
Pour renoncer : fermez la fenêtre."""


def probe(
    what: Annotated[str, typer.Argument(metavar="TARGET|URL", help="An id of the catalogue, or an address.")],
    platform_name: Annotated[
        str | None, typer.Option("--platform", help="The platform of an address; guessed by default.")
    ] = None,
    transport: Annotated[Transport | None, typer.Option(help="How to fetch the pages.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Rule, words, steps and screenshot.")] = False,
    as_json: JsonOption = False,
    allow_local: Annotated[
        bool, typer.Option("--allow-local", help="Permit an address on this machine.")
    ] = False,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Visit one page now and say what it says. Nothing is recorded."""
    settings = settings_for(config, demo=demo)
    if "://" in what:
        target = target_at(what, platform_name, settings, allow_local=allow_local)
        how = transport or first_transport(platform(target.platform))
    else:
        entry = entry_named(catalogue(settings), what)
        target, how = entry.target, transport or entry.transport
    check_transport(target, how)
    observation = asyncio.run(_observe(settings, target, how))
    screenshot = _keep(observation)
    if as_json:
        print(
            json.dumps(
                {**observation_json(observation, target), "screenshot": screenshot}, ensure_ascii=False
            )
        )
    else:
        _print(terminal(), observation, target, screenshot, explain=explain)


def target_at(url: str, named: str | None, settings: Settings, *, allow_local: bool) -> Target:
    """A target for an address nobody has catalogued. Raises `BadInput`."""
    url = without_trackers(url)
    check_address(url, settings, allow_local=allow_local)
    found = _named(named) if named else platform_for(url) or platform_for(url.partition("?")[0])
    if found is None:
        names = ", ".join(each.name for each in known())
        raise BadInput(Problem(url, f"is no page of a known platform; name one with --platform: {names}"))
    if words := page_problem(url, found):
        raise BadInput(Problem(url, words))
    return target_of(url, found.name)


def check_address(url: str, settings: Settings, *, allow_local: bool) -> None:
    """Raise `BadInput` for an address that may not be visited."""
    if is_local(host_of(url)) and not allow_local:
        raise BadInput(Problem(url, "is on this machine; add --allow-local if you mean it"))
    words = url_problem(url, settings.targets.hosts_allowed)
    if words:
        raise BadInput(Problem(url, words))


def target_of(url: str, platform_name: str) -> Target:
    """The target an address is by itself."""
    name = f"at-{host_of(url)}"
    return Target(id=name, platform=platform_name, url=url, prefecture="", departement="", demarche="")


def _named(name: str) -> Platform:
    named = {each.name: each for each in known()}
    if name not in named:
        raise BadInput(Problem("--platform", f'"{name}" is not a known platform; {nearest(name, named)}'))
    return named[name]


def first_transport(found: Platform) -> Transport:
    """A browser where there is a choice."""
    return Transport.BROWSER if Transport.BROWSER in found.transports else Transport.HTTP


def check_transport(target: Target, how: Transport) -> None:
    """Raise `BadInput` when the target's platform cannot be read so."""
    offered = platform(target.platform).transports
    if how not in offered:
        words = f"{target.platform} cannot be read over {how}; use {' or '.join(sorted(offered))}"
        raise BadInput(Problem("--transport", words))


async def _observe(settings: Settings, target: Target, how: Transport) -> Observation:
    async with observing(settings, [target.url], {how}) as observer:
        return await observer.observe(target, platform(target.platform), how)


def _keep(observation: Observation) -> str | None:
    """Write the screenshot where a person can look at it; its path."""
    picture = observation.capture.screenshot
    if picture is None:
        return None
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{observation.target}-{observation.started_at:%Y%m%dT%H%M%SZ}.jpg"
    path.write_bytes(picture)
    return str(path)


def _print(
    console: Console, observation: Observation, target: Target, screenshot: str | None, *, explain: bool
) -> None:
    reading = observation.reading
    console.print(Text.assemble((label(reading.outcome, "fr"), "bold"), f" ({reading.outcome})"))
    facts = {
        "kind": reading.kind and label(reading.kind, "fr"),
        "failure": reading.failure and label(reading.failure, "fr"),
        "earliest": slot_text(reading.earliest, target.tz),
        "second": slot_text(reading.second, target.tz),
        "slots": reading.slots,
        "horizon": reading.horizon,
    }
    facts["reader"] = proof(platform(target.platform), "en")
    if explain:
        facts |= {
            "rule": reading.rule,
            "words": f"« {attributed(reading.words)} »" if reading.words else None,
        }
        facts |= {"notice": " · ".join(reading.notices) or None, "screenshot": screenshot}
    _rows(console, facts)
    if explain:
        console.print(_steps(observation))


def _rows(console: Console, facts: Mapping[str, object]) -> None:
    table = Table(box=None, show_header=False)
    for name, value in facts.items():
        if value is not None:
            table.add_row(name, str(value))
    console.print(table)


def _steps(observation: Observation) -> Table:
    table = Table("n", "step", "status", "address", "bytes", "seconds", box=None)
    for step in observation.capture.steps:
        seconds = (step.finished_at - step.started_at).total_seconds()
        status = str(step.failure or step.status)
        table.add_row(str(step.n), step.action, status, step.final_url, str(len(step.body)), f"{seconds:.2f}")
    for part in observation.reading.parts:
        table.add_row("", "desk", "", f"{part.label}: {label(part.outcome, 'fr')}", "", "")
    return table


def attend(
    name: Annotated[str, typer.Argument(metavar="TARGET", help="An id of the catalogue.")],
    minutes: Annotated[int, typer.Option(min=1, max=60, help="How long to wait for the person.")] = 10,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Open a page for a person who passes its CAPTCHA herself; read and record the answer alone."""
    settings = settings_for(config, demo=demo)
    target = entry_named(catalogue(settings), name).target
    attendance = attendance_of(target)
    check_display()
    console = terminal()
    console.print(HOW.format(demarche=target.demarche, prefecture=target.prefecture))
    store = record(settings)
    store.record_targets([target])
    try:
        seen = asyncio.run(_witness(settings, target, attendance, store, timedelta(minutes=minutes)))
    except NotReached as reason:
        words = f"{reason.french} ; rien n'a été enregistré, recommencez quand vous voulez"
        raise BadInput(Problem(name, words)) from None
    number = store.append_observation(seen)
    console.print(f"{label(seen.reading.outcome, 'fr')} : « {attributed(seen.reading.words)} »")
    if seen.reading.earliest:
        console.print(f"Première date : {slot_text(seen.reading.earliest, target.tz)}")
    console.print(f"Enregistré sous le numéro {number}, visite accompagnée.")


async def _witness(
    settings: Settings, target: Target, attendance: Attendance, store: Store, patience: timedelta
) -> Observation:
    async with attending(settings, target, attendance, store) as attendant:
        return await attendant.attend(target, platform(target.platform), attendance, patience=patience)


def attendance_of(target: Target) -> Attendance:
    """How `target` is attended. Raises `BadInput` when the robot can read it by itself."""
    if target.platform not in ATTENDED:
        names = ", ".join(sorted(ATTENDED))
        words = f"is read by the robot alone; only pages of {names} need a person"
        raise BadInput(Problem(target.id, words))
    return ATTENDED[target.platform]


def has_display() -> bool:
    """Whether a window can be opened here."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def check_display() -> None:
    """Raise `BadInput` where no window can be opened."""
    if not has_display():
        words = "is not set, so no window can be opened; run this on a computer with a screen"
        raise BadInput(Problem("DISPLAY", words))
