"""`vigie targets` and `vigie platforms`: what is visited, when, and how far each transport is believed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from monitor.commands.options import ConfigOption, DemoOption, entry_named, settings_for
from monitor.commands.options import day as typed_day
from monitor.durations import format_duration
from monitor.present.terminal import terminal
from monitor.present.words import label
from monitor.problems import BadInput
from monitor.rules.schedule import DAY, instants, is_doubled
from monitor.settings.load import Settings, schedule_seed
from monitor.targets import mentions
from monitor.targets.catalogue import CatalogueEntry, CatalogueRules, may_be_doubled, read_catalogue
from probes.model import Transport
from probes.proof import PageOrigin, best_origin
from probes.registry import known, platform

WIDTH_OF_A_FILE = 200

targets_app = typer.Typer(
    no_args_is_help=True, help="Check the catalogue of targets; show when each is visited."
)


@targets_app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="Catalogue; that of the settings by default.")] = None,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Check every target of a catalogue and list them, or tell every mistake."""
    settings = settings_for(config, demo=demo)
    try:
        entries = _entries(settings, file or settings.targets.path)
    except BadInput as refused:
        raise _each_told(refused) from None
    targets = [entry.target for entry in entries]
    if file is None and (wrong := list(mentions.in_hosts(settings.pace.hosts, targets))):
        raise BadInput(*wrong)
    enabled = sum(entry.enabled for entry in entries)
    _print(_listing(entries))
    if in_vain := [entry.target.id for entry in entries if _concludes_nothing(entry)]:
        words = "Over HTTP these never say slots or none, because their answer is not in the HTML"
        _print(f"{words}: {', '.join(in_vain)}.")
    _print(f"{len(entries)} targets, {enabled} enabled; nothing to mend.")


@targets_app.command()
def draw(
    day: Annotated[str, typer.Option(help="UTC day, like 2026-03-01.")],
    target: Annotated[str | None, typer.Option(help="Only this target, even a disabled one.")] = None,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Show the instants that the seed gives a day: for every enabled target, in UTC and in its own time."""
    settings = settings_for(config, demo=demo)
    chosen = typed_day("--day", day)
    every = _entries(settings, settings.targets.path)
    entries = [entry_named(every, target)] if target else [entry for entry in every if entry.enabled]
    _print(_instants(entries, schedule_seed(settings), chosen))


def _concludes_nothing(entry: CatalogueEntry) -> bool:
    return entry.transport is Transport.HTTP and not platform(entry.target.platform).answer.told_over_http


def _entries(settings: Settings, path: Path) -> tuple[CatalogueEntry, ...]:
    return read_catalogue(path, CatalogueRules.of(settings, known()))


def _each_told(refused: BadInput) -> BadInput:
    """Print every problem but the last, on which the command then ends."""
    *others, last = refused.problems
    for problem in others:
        print(f"vigie: {problem}", file=sys.stderr)
    return BadInput(last)


def _print(what: Table | str) -> None:
    """To the terminal; wide enough into a file."""
    console = terminal()
    if not console.is_terminal:
        console.width = WIDTH_OF_A_FILE
    console.print(what)


def _listing(entries: Sequence[CatalogueEntry]) -> Table:
    table = Table("dép.", box=None)
    table.add_column("target", min_width=max((len(entry.target.id) for entry in entries), default=0))
    for heading in ("démarche", "platform", "pages", "by", "every", "last seen", "enabled"):
        table.add_column(heading)
    for entry in entries:
        target = entry.target
        table.add_row(
            target.departement,
            target.id,
            f"{target.prefecture}: {target.demarche}",
            target.platform,
            _pages(target.platform),
            label(entry.transport, "en"),
            format_duration(entry.interval),
            entry.last_seen or "",
            "yes" if entry.enabled else "no",
        )
    return table


def _pages(name: str) -> str:
    """With what pages a reader was tested, and that it is unproven where they are not recorded."""
    origin = best_origin(platform(name))
    return origin if origin is PageOrigin.RECORDED else f"{origin}, unproven"


def _instants(entries: Sequence[CatalogueEntry], seed: bytes, day: date) -> Table:
    table = Table("UTC", "local", "zone", "by", "target", box=None)
    visits = [(instant, entry) for entry in entries for instant in _drawn(entry, seed, day)]
    for instant, entry in sorted(visits, key=lambda visit: visit[0]):
        local = instant.astimezone(entry.target.tz)
        table.add_row(
            f"{instant:%Y-%m-%d %H:%M:%S}",
            f"{local:%d/%m %H:%M:%S}",
            entry.target.zone,
            label(_transport(entry, seed, instant), "en"),
            entry.target.id,
        )
    return table


def _transport(entry: CatalogueEntry, seed: bytes, instant: datetime) -> Transport:
    """How `entry` is visited at `instant`: in a browser also when it is drawn for a double reading."""
    doubled = may_be_doubled(entry, platform(entry.target.platform))
    twice = doubled and is_doubled(seed, entry.target.id, entry.interval, instant)
    return Transport.BROWSER if twice else entry.transport


def _drawn(entry: CatalogueEntry, seed: bytes, day: date) -> Iterator[datetime]:
    midnight = datetime.combine(day, time.min, tzinfo=UTC)
    return instants(seed, entry.target.id, entry.interval, midnight, midnight + DAY)
