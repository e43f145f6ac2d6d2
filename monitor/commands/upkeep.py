"""`vigie doctor`, `vigie db …`, `vigie switch …`: what keeps an installation in order."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from monitor.clock import SystemClock
from monitor.commands.options import ConfigOption, DemoOption, settings_for, whoever
from monitor.metrics.rollups import SAMPLE, differences
from monitor.places.hosts import is_hostname, is_local
from monitor.present.terminal import terminal
from monitor.problems import BadInput, Problem, nearest
from monitor.rules import personal
from monitor.store import SwitchScope
from monitor.store.record import projections, switches
from monitor.store.record.switches import Switch
from monitor.watch import checkup
from monitor.watch.installation import opened, record
from probes.failures import Mendable
from probes.registry import known

db_app = typer.Typer(no_args_is_help=True, help="The database.")
switch_app = typer.Typer(no_args_is_help=True, help="Kill switches: stop visits within ten seconds.")

HostOption = Annotated[str | None, typer.Option("--host", help="Only visits to this host.")]
PlatformOption = Annotated[str | None, typer.Option("--platform", help="Only visits of this platform.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every visit.")]


def _said(reason: str) -> str:
    """The reason on one line. Raises `BadInput` for an empty one, or one that could name a person."""
    if not (said := " ".join(reason.split())):
        raise BadInput(Problem("--reason", "is empty; say why in a few words, which the record keeps"))
    return personal.check("--reason", said)


ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept in the record.", callback=_said)]
AuthorOption = Annotated[
    str,
    typer.Option(
        "--author",
        help="Who decides.",
        default_factory=whoever,
        callback=lambda given: personal.check("--author", given),
    ),
]
SampleOption = Annotated[
    int, typer.Option(min=1, max=10_000, help="How many random weeks of random targets.")
]


@db_app.command()
def upgrade(config: ConfigOption = None, demo: DemoOption = False) -> None:
    """Bring the database to the current schema; nothing else may be needed, and twice does no harm."""
    record(settings_for(config, demo=demo))
    print("The database is at the current schema.")


@db_app.command()
def rebuild(config: ConfigOption = None, demo: DemoOption = False) -> None:
    """Count everything again from the rows."""
    with opened(settings_for(config, demo=demo)).write() as conn:
        projections.rebuild(conn)
    print("All counts were made again from the rows.")


@db_app.command()
def recount(sample: SampleOption = SAMPLE, config: ConfigOption = None, demo: DemoOption = False) -> None:
    """Recount random weeks from the rows and compare with the day roll-ups; exit 1 when one differs."""
    store = opened(settings_for(config, demo=demo))
    wrong = differences(store, sample)
    for kept, recounted in wrong:
        print(f"kept {kept}, recounted {recounted}")
    print(f"{sample} weeks recounted, {len(wrong)} differences.")
    if wrong:
        raise SystemExit(1)


@switch_app.command()
def off(
    reason: ReasonOption,
    author: AuthorOption,
    host: HostOption = None,
    platform: PlatformOption = None,
    everything: AllOption = False,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Stop visits; their instants become gaps with this reason."""
    scope, value = _scope(host, platform, everything=everything)
    turned = Switch(scope=scope, value=value, off=True, reason=reason, author=author, at=SystemClock().now())
    settings = settings_for(config, demo=demo)
    _check(scope, value)
    with opened(settings).write() as conn:
        switches.turn(conn, turned)
    print(f"Visits are off: {value or 'everything'}.")


@switch_app.command()
def on(
    reason: ReasonOption,
    author: AuthorOption,
    host: HostOption = None,
    platform: PlatformOption = None,
    everything: AllOption = False,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Allow visits again."""
    scope, value = _scope(host, platform, everything=everything)
    turned = Switch(scope=scope, value=value, off=False, reason=reason, author=author, at=SystemClock().now())
    settings = settings_for(config, demo=demo)
    _check(scope, value)
    with opened(settings).write() as conn:
        switches.turn(conn, turned)
    print(f"Visits are on again: {value or 'everything'}.")


@switch_app.command("list")
def list_(config: ConfigOption = None, demo: DemoOption = False) -> None:
    """Every turn of every switch."""
    table = Table("UTC", "scope", "value", "state", "reason", "author", box=None)
    with opened(settings_for(config, demo=demo)).read() as conn:
        turns = switches.turned(conn)
    for turn in turns:
        state = "off" if turn.off else "on"
        table.add_row(f"{turn.at:%Y-%m-%d %H:%M}", turn.scope, turn.value, state, turn.reason, turn.author)
    terminal().print(table)


def _scope(host: str | None, platform: str | None, *, everything: bool) -> tuple[SwitchScope, str]:
    chosen = [
        (scope, value or "")
        for scope, value in (
            (SwitchScope.HOST, host),
            (SwitchScope.PLATFORM, platform),
            (SwitchScope.ALL, everything and "all"),
        )
        if value
    ]
    if len(chosen) != 1:
        raise BadInput(Problem("switch", "turns one thing; give exactly one of --host, --platform, --all"))
    scope, value = chosen[0]
    return scope, "" if scope is SwitchScope.ALL else value


def _check(scope: SwitchScope, value: str) -> None:
    """Raise `BadInput` for a host or platform that nothing can be: the switch would stop no visit."""
    names = [each.name for each in known()]
    if scope is SwitchScope.PLATFORM and value not in names:
        raise BadInput(Problem("--platform", f'"{value}" is not a known platform; {nearest(value, names)}'))
    if scope is SwitchScope.HOST and not (is_hostname(value) or is_local(value)):
        raise BadInput(Problem("--host", f'"{value}" is not a host name; write it like "www.vienne.gouv.fr"'))


def doctor(config: ConfigOption = None, demo: DemoOption = False) -> None:
    """Check settings, targets, database, disk, Chromium, fonts, clock, key and mail server."""
    console = terminal()
    settings = settings_for(config, demo=demo)
    sound = True
    for name, check in checkup.CHECKS.items():
        try:
            words, mark = check(settings), Text("ok  ", style="green")
        except checkup.NotTried as doubt:
            words, mark = str(doubt), Text("?   ", style="yellow")
        except Mendable as ill:
            words, mark, sound = str(ill), Text("MEND", style="red"), False
        console.print(Text.assemble(mark, f" {name:10} ", words))
    raise typer.Exit(0 if sound else 1)
