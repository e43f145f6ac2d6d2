"""`vigie targets` and `vigie platforms`: what is visited, when, and how far each transport is believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from monitor.clock import SystemClock
from monitor.commands.options import ConfigOption, DemoOption, entry_named, settings_for
from monitor.commands.options import day as typed_day
from monitor.commands.upkeep import AuthorOption, ReasonOption
from monitor.durations import format_duration
from monitor.model import Agreement
from monitor.present.terminal import terminal
from monitor.present.words import label
from monitor.problems import BadInput, Problem, nearest
from monitor.rules.schedule import DAY, instants, is_doubled
from monitor.settings.load import Settings, schedule_seed
from monitor.store.review import double_readings
from monitor.store.review.double_readings import Disagreement, Resumption
from monitor.targets import mentions
from monitor.targets.catalogue import CatalogueEntry, CatalogueRules, read_catalogue
from monitor.watch.installation import opened
from monitor.watch.visits import may_be_doubled
from probes.model import Platform, Transport
from probes.proof import best_origin
from probes.registry import known, platform

WIDTH_OF_A_FILE = 200

targets_app = typer.Typer(
    no_args_is_help=True, help="Check the catalogue of targets; show when each is visited."
)


platforms_app = typer.Typer(help="What each platform declares, and whether HTTP is in doubt for it.")
PlatformArgument = Annotated[str, typer.Argument(help="The platform, as `vigie platforms` lists it.")]


@targets_app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="Catalogue; that of the settings by default.")] = None,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Check every target of a catalogue and list them."""
    settings = settings_for(config, demo=demo)
    entries = _entries(settings, file or settings.targets.path)
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
            best_origin(platform(target.platform)),
            label(entry.transport, "en"),
            format_duration(entry.interval),
            entry.last_seen or "",
            "yes" if entry.enabled else "no",
        )
    return table


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


@platforms_app.callback(invoke_without_command=True)
def platforms(context: typer.Context, config: ConfigOption = None, demo: DemoOption = False) -> None:
    """List the platforms: where the answer stands, double readings, disagreements nobody has looked at."""
    if context.invoked_subcommand:
        return
    with opened(settings_for(config, demo=demo)).read() as conn:
        counts, waiting = double_readings.counts(conn), double_readings.disagreements(conn)
        ended = double_readings.resumed(conn)
    console = terminal()
    for each in known():
        mine = [one for one in waiting if one.platform == each.name]
        lines = [*_declared(each), *_seen(counts.get(each.name, {}), mine)]
        lines += [("resumed", _told(one)) for one in ended if one.platform == each.name]
        console.print(_described(each.name, lines))


@platforms_app.command()
def resume(
    name: PlatformArgument,
    reason: ReasonOption,
    author: AuthorOption,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Let HTTP conclude again for a platform, after you have looked at its disagreements."""
    store = opened(settings_for(config, demo=demo))
    now = SystemClock().now()
    with store.write() as conn:
        mine = [one for one in double_readings.disagreements(conn) if one.platform == name]
        if not mine:
            raise BadInput(Problem(f'"{name}"', _not_in_doubt(name)))
        newest = max(one.observation for one in mine)
        double_readings.resume(
            conn, Resumption(platform=name, observation=newest, reason=reason, author=author, at=now)
        )
    print(f"HTTP concludes again for {name}; {len(mine)} disagreements were looked at.")


def _not_in_doubt(name: str) -> str:
    names = [each.name for each in known()]
    if name not in names:
        return f"is not a known platform; {nearest(name, names)}"
    return "has no disagreement that waits for a look: HTTP is not in doubt for it"


def _declared(platform: Platform) -> Iterator[tuple[str, str]]:
    declared = platform.answer.in_html
    yield "proven", f"{platform.verified_on:%Y-%m-%d}" if platform.verified_on else "no: unproven"
    yield "read by", ", ".join(label(how, "en") for how in sorted(platform.transports))
    if declared is None:
        yield "in the HTML", "not declared: nothing is ever concluded over HTTP"
    else:
        yield "in the HTML", f"{'yes' if declared.stands else 'no'}: {declared.reason}"
    if platform.transports != set(Transport):
        yield "read twice", "never: only one of the two can read it"


def _seen(counts: Mapping[Agreement, int], waiting: Sequence[Disagreement]) -> Iterator[tuple[str, str]]:
    if counts:
        yield "read twice", ", ".join(f"{n} {label(each, 'en')}" for each, n in sorted(counts.items()))
    if waiting:
        rows = ", ".join(f"{one.observation} ({one.target}, {one.at:%Y-%m-%d %H:%M})" for one in waiting[:5])
        more = f" and {len(waiting) - 5} more" if len(waiting) > 5 else ""
        yield "in doubt", f"nothing is concluded over HTTP; look at the rows {rows}{more}"


def _told(one: Resumption) -> str:
    return f"{one.at:%Y-%m-%d %H:%M} UTC by {one.author}, up to row {one.observation}: {one.reason}"


def _described(name: str, lines: Sequence[tuple[str, str]]) -> Table:
    table = Table(box=None, show_header=False)
    table.add_row("platform", Text(name, "bold"))
    for heading, words in lines:
        table.add_row(heading, words)
    return table
