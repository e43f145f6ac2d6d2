"""`vigie platforms`: what each platform declares, how often it was compared, and `resume` after a doubt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from monitor.clock import SystemClock
from monitor.commands.options import ConfigOption, DemoOption, settings_for
from monitor.commands.upkeep import AuthorOption, ReasonOption
from monitor.model import Agreement
from monitor.present.terminal import terminal
from monitor.present.words import label
from monitor.problems import BadInput, Problem, nearest
from monitor.store.review import double_readings
from monitor.store.review.double_readings import Disagreement, Resumption
from monitor.targets.options import in_toml
from monitor.watch.installation import opened
from probes.model import Platform, Transport
from probes.registry import known

platforms_app = typer.Typer(help="What each platform declares, and whether HTTP is in doubt for it.")

PlatformArgument = Annotated[str, typer.Argument(help="The platform, as `vigie platforms` lists it.")]


@platforms_app.callback(invoke_without_command=True)
def platforms(context: typer.Context, config: ConfigOption = None, demo: DemoOption = False) -> None:
    """List the platforms: options, where the answer stands, double readings, unseen disagreements."""
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
    for option in platform.options:
        need = "must be given" if option.required else "may be given"
        yield "option", f"{option.name}, {need}: {option.looks}, like {in_toml(option.example)}"
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
        table.add_row(heading, Text(words))
    return table
