"""`vigie probe`: one visit now, to see what a page says and why it is read so. Records nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table

from monitor.commands.options import ConfigOption, DemoOption, JsonOption, entry_named, settings_for
from monitor.model import Observation
from monitor.places.hosts import host_of, is_local, url_problem
from monitor.present.as_json import observation_json, slot_text
from monitor.present.words import label
from monitor.problems import BadInput, Problem, nearest
from monitor.settings.load import Settings
from monitor.watch.wiring import catalogue, observing
from probes.model import Platform, Target, Transport
from probes.registry import known, platform, platform_for

SCREENSHOTS = Path("var/probes")


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
        _print(Console(), observation, target, screenshot, explain=explain)


def target_at(url: str, named: str | None, settings: Settings, *, allow_local: bool) -> Target:
    """A target for an address nobody has catalogued. Raises `BadInput`."""
    check_address(url, settings, allow_local=allow_local)
    found = _named(named) if named else platform_for(url)
    if found is None:
        names = ", ".join(each.name for each in known())
        raise BadInput(Problem(url, f"is no page of a known platform; name one with --platform: {names}"))
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
    name = f"at-{urlsplit(url).hostname}"
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
    console.print(f"[bold]{label(reading.outcome, 'fr')}[/] ({reading.outcome})", highlight=False)
    facts = {
        "kind": reading.kind and label(reading.kind, "fr"),
        "failure": reading.failure and label(reading.failure, "fr"),
        "earliest": slot_text(reading.earliest, target.tz),
        "second": slot_text(reading.second, target.tz),
        "slots": reading.slots,
        "horizon": reading.horizon,
    }
    if platform(target.platform).verified_on is None:
        facts["proven"] = "no: this platform was never checked against a recorded page"
    if explain:
        facts |= {"rule": reading.rule, "words": f"« {reading.words} »" if reading.words else None}
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
