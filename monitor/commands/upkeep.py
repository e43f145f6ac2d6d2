"""`vigie db upgrade|rebuild|recount`, `vigie switch off|on|list`: what keeps an installation in order."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from monitor.clock import SystemClock
from monitor.commands.options import ConfigOption, DemoOption, opened, settings_for
from monitor.metrics.rollups import SAMPLE, differences
from monitor.problems import BadInput, Problem
from monitor.store import SwitchScope
from monitor.store import upgrade as upgrade_schema
from monitor.store.record import projections, switches
from monitor.store.record.switches import Switch

db_app = typer.Typer(no_args_is_help=True, help="The database.")
switch_app = typer.Typer(no_args_is_help=True, help="Kill switches: stop visits within ten seconds.")

HostOption = Annotated[str | None, typer.Option("--host", help="Only visits to this host.")]
PlatformOption = Annotated[str | None, typer.Option("--platform", help="Only visits of this platform.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every visit.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept in the record.")]
SampleOption = Annotated[int, typer.Option(min=1, help="How many random weeks of random targets.")]
AuthorOption = Annotated[str, typer.Option("--author", help="Who decides.", default_factory=getpass.getuser)]


@db_app.command()
def upgrade(config: ConfigOption = None, demo: DemoOption = False) -> None:
    """Bring the database to the current schema; nothing else may be needed, and twice does no harm."""
    settings = settings_for(config, demo=demo)
    upgrade_schema(settings.database.address)
    opened(settings)
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
    with opened(settings_for(config, demo=demo)).write() as conn:
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
    with opened(settings_for(config, demo=demo)).write() as conn:
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
    Console().print(table)


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
