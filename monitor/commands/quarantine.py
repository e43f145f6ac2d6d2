"""`vigie quarantine`: pages no rule recognises, in groups, and what a person decides about them.

She makes a case of a group for the tests, or accepts a line that keeps a page there as harmless.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.clock import SystemClock
from monitor.commands.options import LARGEST, ConfigOption, DemoOption, settings_for, whoever
from monitor.commands.reclassify import tell
from monitor.present.terminal import terminal
from monitor.recording.cases import PAGES
from monitor.review import acceptance
from monitor.review.acceptance import DoubtfulPage, look
from monitor.review.quarantine import find, make_case, sample
from monitor.store import Store
from monitor.store.review import acceptances
from monitor.store.review.acceptances import Acceptance
from monitor.store.review.quarantine import Group, groups
from monitor.watch.installation import opened
from probes.registry import platform

quarantine_app = typer.Typer(help="Unrecognised pages, grouped by their structure.")

AllOption = Annotated[bool, typer.Option("--all", help="Also the groups that have a case already.")]
FingerprintArgument = Annotated[str, typer.Argument(help="The group, as `vigie quarantine` lists it.")]
NameOption = Annotated[str, typer.Option("--as", help="Name of the case, like no_slots-new_wording.")]
RowOption = Annotated[
    int | None, typer.Option("--observation", min=1, max=LARGEST, help="Its page; the newest by default.")
]
RowArgument = Annotated[
    int, typer.Argument(min=1, max=LARGEST, help="A row of the group, as `vigie quarantine` lists it.")
]
NumberArgument = Annotated[
    int, typer.Argument(min=1, max=LARGEST, help="As `vigie quarantine accepted` lists it.")
]
LineOption = Annotated[str | None, typer.Option("--line", help="The line, or its number in the list.")]
WhyOption = Annotated[str, typer.Option("--reason", help="Why; kept for good, and printed in bundles.")]
ByOption = Annotated[str, typer.Option("--by", help="Who decides.", default_factory=whoever)]
UnseenOption = Annotated[
    bool, typer.Option("--unseen", help="No picture is kept: go by the kept page, and bundles will say so.")
]
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


@quarantine_app.command()
def accept(
    row: RowArgument,
    by: ByOption,
    line: LineOption = None,
    reason: WhyOption = "",
    unseen: UnseenOption = False,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Show the lines that keep a page in quarantine, with its picture; or accept one of them as harmless.

    An accepted line holds for every page of the same structure, whose rows are read again at once. What
    speaks of slots, dates or desks can never be accepted, and nothing without a picture unless --unseen.
    """
    store, clock, console = opened(settings_for(config, demo=demo)), SystemClock(), terminal()
    page = look(store, row, clock)
    if line is None:
        _show(console, page)
        return
    number, summary = acceptance.accept(
        store, page, line, reason=reason, author=by, clock=clock, unseen=unseen
    )
    console.print(f"Accepted as number {number} on pages of the structure {page.structure}.")
    tell(console, store, summary)
    console.print(f"To take it back: vigie quarantine withdraw {number} --reason …")


@quarantine_app.command()
def accepted(config: ConfigOption = None, demo: DemoOption = False) -> None:
    """List every accepted line, also those that were taken back."""
    with opened(settings_for(config, demo=demo)).read() as conn:
        found = acceptances.every(conn)
    console = terminal()
    for one in found:
        console.print(_told(one))
    console.print(f"{sum(one.withdrawn_at is None for one in found)} accepted lines are in force.")


@quarantine_app.command()
def withdraw(
    number: NumberArgument,
    reason: WhyOption,
    by: ByOption,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Take an accepted line back; every row of its structure is read again at once."""
    store, console = opened(settings_for(config, demo=demo)), terminal()
    taken, summary = acceptance.withdraw(store, number, reason=reason, author=by, clock=SystemClock())
    console.print(Text(f"« {taken.line} » is not accepted any more on pages of {taken.fingerprint}."))
    tell(console, store, summary)


def _show(console: Console, page: DoubtfulPage) -> None:
    """The picture, whom it concerns, and the unknown lines with what may be done about each."""
    row, shown = page.row, page.sample
    console.print(f"Row {row.id}: {row.target}, {row.at:%Y-%m-%d %H:%M} UTC, structure {page.structure}.")
    if shown.picture:
        opener = "open" if sys.platform == "darwin" else "xdg-open"
        console.print(f"Picture: {shown.picture}", soft_wrap=True)
        console.print(f"To look at it: {opener} {shlex.quote(str(shown.picture))}", soft_wrap=True)
    else:
        console.print(Text(f"No picture is kept of it. It says: « {shown.text} »"), soft_wrap=True)
        console.print("A text does not show what a person sees: a line of it is accepted only with --unseen.")
    concerned = f"{page.pages} pages of {len(page.targets)} targets ({', '.join(page.targets)})"
    console.print(
        f"In quarantine with this structure: {concerned}. An accepted line holds for them all, "
        "and for visits to come.",
        soft_wrap=True,
    )
    console.print("Its reader does not know:")
    for place, each in enumerate(page.lines, 1):
        never = f"   can never be accepted: {each.refusal}" if each.refusal else ""
        console.print(Text(f"{place:4}  « {each.text} »{never}"), soft_wrap=True)
    console.print(_what_next(page), soft_wrap=True)


def _what_next(page: DoubtfulPage) -> str:
    if page.lines[-1].refusal:
        return (
            "So it stays in quarantine whatever you accept. Make a case of it and teach its reader: "
            f"vigie quarantine decide {page.structure} --as …"
        )
    # Numbers move up once a line is accepted: then only its own words name it.
    line = shlex.quote(page.lines[0].text) if page.accepted else "1"
    look, more = ("Look at the picture", "") if page.sample.picture else ("Read the kept page", " --unseen")
    return (
        f"With all of them accepted it reads as {page.then.outcome} ({page.then.rule}). {look}; "
        f"if a line says nothing about slots: vigie quarantine accept {page.row.id} "
        f"--line {line} --reason …{more}"
    )


def _described(store: Store, group: Group) -> Table:
    shown = sample(store, group.newest)
    facts: Facts = {
        "group": Text.assemble((group.fingerprint, "bold"), f" {group.platform}"),
        "newest": f"row {group.newest}",
        "pages": f"{group.count}, {group.first_at:%Y-%m-%d %H:%M} – {group.last_at:%Y-%m-%d %H:%M} UTC",
        "targets": ", ".join(group.targets),
        "rules": ", ".join(group.rules),
        "case": group.fixture,
        "picture": str(shown.picture) if shown.picture else "none kept",
        "text": f"« {shown.text} »",
    }
    return _table(facts)


def _told(one: Acceptance) -> Table:
    back = one.withdrawn_at and f"{one.withdrawn_at:%Y-%m-%d %H:%M} UTC by {one.withdrawn_by}"
    facts: Facts = {
        "number": Text.assemble((str(one.number), "bold"), f" {one.platform}, structure {one.fingerprint}"),
        "line": Text(f"« {one.line} »"),
        "accepted": Text(f"{one.at:%Y-%m-%d %H:%M} UTC by {one.author}, on row {one.observation}"),
        "because": Text(one.reason),
        "taken back": Text(f"{back}: {one.withdrawn_because}") if back else None,
    }
    return _table(facts)


Facts = Mapping[str, str | Text | None]


def _table(facts: Facts) -> Table:
    """One line a fact; what is `None` is left out."""
    table = Table(box=None, show_header=False)
    for name, value in facts.items():
        if value is not None:
            table.add_row(name, value)
    return table
