"""`vigie quarantine`: pages no rule recognises, in groups, and the decision that makes a case of one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from monitor.clock import SystemClock
from monitor.commands.options import ConfigOption, DemoOption, settings_for
from monitor.present.terminal import terminal
from monitor.recording.cases import PAGES
from monitor.review.quarantine import find, make_case, sample
from monitor.store import Store
from monitor.store.review.quarantine import Group, groups
from monitor.watch.installation import opened
from probes.registry import platform

quarantine_app = typer.Typer(help="Unrecognised pages, grouped by their structure.")

AllOption = Annotated[bool, typer.Option("--all", help="Also the groups that have a case already.")]
FingerprintArgument = Annotated[str, typer.Argument(help="The group, as `vigie quarantine` lists it.")]
NameOption = Annotated[str, typer.Option("--as", help="Name of the case, like no_slots-new_wording.")]
RowOption = Annotated[int | None, typer.Option("--observation", help="Its page; the newest by default.")]
PagesOption = Annotated[Path, typer.Option("--pages", help="Folder of saved pages.", file_okay=False)]


@quarantine_app.callback(invoke_without_command=True)
def quarantine(
    context: typer.Context,
    everything: AllOption = False,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """List the groups, the largest first: count, first and last seen, targets, picture, visible text."""
    if context.invoked_subcommand:
        return
    store = opened(settings_for(config, demo=demo))
    with store.read() as conn:
        found = [group for group in groups(conn) if everything or not group.fixture]
    console = terminal()
    for group in found:
        console.print(_described(store, group))
    console.print(f"{len(found)} groups, {sum(group.count for group in found)} pages.")


@quarantine_app.command()
def decide(
    fingerprint: FingerprintArgument,
    name: NameOption,
    observation: RowOption = None,
    pages: PagesOption = PAGES,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Make a masked case of a group. Its expected.json is written by the tests, and reviewed by you."""
    store = opened(settings_for(config, demo=demo))
    group = find(store, fingerprint)
    reader, number, now = platform(group.platform), observation or group.newest, SystemClock().now()
    decided = make_case(store, reader, group, number, name, pages, now)
    print(f"{decided.folder} was written. Look through its pages: is anything left that names a person?")
    if decided.before != decided.after:
        print(f"Masking changed what is read: {decided.before.outcome}, then {decided.after.outcome}.")
    print(f"Teach {reader.name} to read it, run the tests, review expected.json; then `vigie reclassify`.")


def _described(store: Store, group: Group) -> Table:
    shown = sample(store, group.newest)
    table = Table(box=None, show_header=False)
    facts: dict[str, str | Text | None] = {
        "group": Text.assemble((group.fingerprint, "bold"), f" {group.platform}"),
        "pages": f"{group.count}, {group.first_at:%Y-%m-%d %H:%M} – {group.last_at:%Y-%m-%d %H:%M} UTC",
        "targets": ", ".join(group.targets),
        "rules": ", ".join(group.rules),
        "case": group.fixture,
        "picture": str(shown.picture) if shown.picture else "none kept",
        "text": f"« {shown.text} »",
    }
    for name, value in facts.items():
        if value is not None:
            table.add_row(name, value)
    return table
