"""`vigie quarantine`: pages no rule recognises, in groups, and what a person decides about them.

She makes a case of a group for the tests, or accepts a line that keeps a page there as harmless.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from monitor.clock import SystemClock
from monitor.commands.options import (
    LARGEST,
    ConfigOption,
    DemoOption,
    among,
    settings_for,
    whoever,
    writing_to,
)
from monitor.commands.reclassify import tell as report
from monitor.present.rules import sentence
from monitor.present.terminal import Facts, tell, terminal
from monitor.present.words import attributed, label
from monitor.recording.cases import PAGES
from monitor.review import acceptance
from monitor.review.acceptance import DoubtfulPage, look, quarantined
from monitor.review.quarantine import find, make_case, sample
from monitor.store import Store
from monitor.store.review import acceptances
from monitor.store.review.acceptances import Acceptance
from monitor.store.review.quarantine import Group, groups
from monitor.watch.installation import opened
from probes.model import Outcome, Step
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
ExtractOption = Annotated[
    Path | None,
    typer.Option("--extract", help="Write the pages received here, a file each.", file_okay=False),
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
        every = groups(conn)
    shown = [group for group in every if everything or not group.fixture]
    console = terminal()
    for group in shown:
        tell(console, _described(store, group))
        console.print()
    console.print(f"{len(shown)} groups, {sum(group.count for group in shown)} pages.")
    if hidden := len(every) - len(shown):
        console.print(f"{hidden} groups with a case are not shown: --all")


@quarantine_app.command("show")
def show_row(
    row: RowArgument, extract: ExtractOption = None, config: ConfigOption = None, demo: DemoOption = False
) -> None:
    """Show one page: its rule in a sentence, its words, addresses and picture, and what may be done."""
    store, console = opened(settings_for(config, demo=demo)), terminal()
    page = quarantined(store, row, SystemClock())
    if extract:
        _extract(console, page, extract)
    else:
        _show(console, page, among(config, demo=demo))


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
    """Accept a line that keeps a page in quarantine as harmless; without --line, do as `show` does.

    An accepted line holds for every page of the same structure, whose rows are read again at once. What
    speaks of slots, dates or desks can never be accepted, and nothing without a picture unless --unseen.
    """
    store, clock, console = opened(settings_for(config, demo=demo)), SystemClock(), terminal()
    if line is None:
        _show(console, quarantined(store, row, clock), among(config, demo=demo))
        return
    page = look(store, row, clock)
    number, summary = acceptance.accept(
        store, page, line, reason=reason, author=by, clock=clock, unseen=unseen
    )
    console.print(f"Accepted as number {number} on pages of the structure {page.structure}.")
    report(console, store, summary)
    console.print(f"To take it back: vigie quarantine withdraw {number} --reason …")


@quarantine_app.command()
def accepted(config: ConfigOption = None, demo: DemoOption = False) -> None:
    """List every accepted line, also those that were taken back."""
    with opened(settings_for(config, demo=demo)).read() as conn:
        found = acceptances.every(conn)
    console = terminal()
    for one in found:
        tell(console, _told(one))
        console.print()
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
    report(console, store, summary)


def _show(console: Console, page: DoubtfulPage, among: str) -> None:
    """All that a person needs to know of a quarantined page, and what she may do about it.

    `among` are the options by which every command finds this installation.
    """
    row = page.row
    console.print(f"Row {row.id}: {row.target}, {row.at:%Y-%m-%d %H:%M} UTC, structure {page.structure}.")
    tell(console, _known(page))
    _show_pages(console, page)
    _show_picture(console, page, among)
    concerned = f"{page.pages} pages of {len(page.targets)} targets ({', '.join(page.targets)})"
    console.print(f"In quarantine with this structure: {concerned}.", soft_wrap=True)
    if page.lines:
        _show_lines(console, page)
    console.print("What you may do:")
    for each in _what_next(page, among):
        console.print(f"- {each}", soft_wrap=True)


def _known(page: DoubtfulPage) -> Facts:
    reading, target = page.row.in_force, page.target
    return {
        "for": Text(f"{target.prefecture} ({target.departement}), {target.demarche}"),
        "read as": f"{label(reading.outcome, 'en')} ({reading.outcome})",
        "rule": f"{reading.rule}: {sentence(reading.rule)}",
        "failure": label(reading.failure, "en") if reading.failure else None,
        "words": Text(f"« {attributed(reading.words, 'en')} »") if reading.words else None,
    }


def _show_pages(console: Console, page: DoubtfulPage) -> None:
    steps = page.capture.steps
    console.print("Pages received:" if steps else "No page was received.")
    for step in steps:
        end = "" if step.status is None else f"status {step.status}"
        failed = label(step.failure, "en") if step.failure else ""
        console.print(f"  {step.n}  {step.final_url}", soft_wrap=True)
        console.print(f"     {', '.join(filter(None, (end, failed)))}, {len(step.body)} bytes")


def _show_picture(console: Console, page: DoubtfulPage, among: str) -> None:
    shown = page.sample
    if shown.picture:
        opener = "open" if sys.platform == "darwin" else "xdg-open"
        console.print(f"Picture: {shown.picture}", soft_wrap=True)
        console.print(f"To look at it: {opener} {shlex.quote(str(shown.picture))}", soft_wrap=True)
        return
    console.print(Text(f"No picture is kept of it. It says: « {shown.text} »"), soft_wrap=True)
    console.print(
        f"To read its pages, each in a file: vigie quarantine show {page.row.id}{among} --extract FOLDER",
        soft_wrap=True,
    )


def _show_lines(console: Console, page: DoubtfulPage) -> None:
    """The unknown lines, with what may be done about each."""
    console.print("An accepted line holds for all of these pages, and for visits to come.")
    if not page.sample.picture:
        console.print("A text does not show what a person sees: a line of it is accepted only with --unseen.")
    console.print("Its reader does not know:")
    for place, each in enumerate(page.lines, 1):
        never = f"   can never be accepted: {each.refusal}" if each.refusal else ""
        console.print(Text(f"{place:4}  « {each.text} »{never}"), soft_wrap=True)


def _what_next(page: DoubtfulPage, among: str) -> Iterator[str]:
    """What may be done about the page, each with the command to type."""
    if not page.lines and page.then.outcome is not Outcome.UNRECOGNISED:
        yield f"Today's reader reads it as {page.then.outcome} ({page.then.rule}): vigie reclassify{among}"
        return
    if not page.lines:
        yield "It is not here for a line, so that no accepted line mends it."
    elif page.lines[-1].refusal:
        yield "So it stays in quarantine whatever you accept. Its reader must learn the page."
    else:
        yield _acceptable(page, among)
    yield (
        "Make a case of it and teach its reader (docs/review.md); begin the name with what you see: "
        f"vigie quarantine decide {page.structure} --observation {page.row.id} "
        f"--as unrecognised-new_page{among}"
    )
    yield f"Record the page as it is today, masked: vigie record {shlex.quote(page.row.target)}{among}"
    yield (
        "Tell the maintainers: send them the case or the recorded page, the platform "
        f"({page.row.platform}, reader {page.row.reader_in_force}) and the rule ({page.then.rule}); "
        "never the picture, which is not masked."
    )


def _acceptable(page: DoubtfulPage, among: str) -> str:
    # Numbers move up once a line is accepted: then only its own words name it.
    line = shlex.quote(page.lines[0].text) if page.accepted else "1"
    look, more = ("Look at the picture", "") if page.sample.picture else ("Read the kept page", " --unseen")
    return (
        f"With all of them accepted it reads as {page.then.outcome} ({page.then.rule}). {look}; "
        f"if a line says nothing about slots: vigie quarantine accept {page.row.id} "
        f"--line {line} --reason …{more}{among}"
    )


def _extract(console: Console, page: DoubtfulPage, folder: Path) -> None:
    """Write what was received, a file a page; where a browser changed a page, what it showed beside it."""
    with writing_to(folder):
        for step in page.capture.steps:
            for name, content in _files(step):
                (folder / name).write_bytes(content)
                console.print(str(folder / name), soft_wrap=True)
    console.print("Open them in a text editor: a browser would ask the site for their scripts and pictures.")


def _files(step: Step) -> Iterator[tuple[str, bytes]]:
    if step.body:
        yield f"page-{step.n}-received.txt", step.body
    if step.rendered:
        yield f"page-{step.n}-shown.txt", step.rendered.encode("utf-8", "replace")


def _described(store: Store, group: Group) -> Facts:
    shown = sample(store, group.newest)
    return {
        "group": Text.assemble((group.fingerprint, "bold"), f" {group.platform}"),
        "newest": f"row {group.newest}",
        "pages": f"{group.count}, {group.first_at:%Y-%m-%d %H:%M} – {group.last_at:%Y-%m-%d %H:%M} UTC",
        "targets": ", ".join(group.targets),
        "rules": ", ".join(group.rules),
        "case": group.fixture,
        "picture": str(shown.picture) if shown.picture else "none kept",
        "text": Text(f"« {shown.text} »"),
        "look": f"vigie quarantine show {group.newest}",
    }


def _told(one: Acceptance) -> Facts:
    back = one.withdrawn_at and f"{one.withdrawn_at:%Y-%m-%d %H:%M} UTC by {one.withdrawn_by}"
    return {
        "number": Text.assemble((str(one.number), "bold"), f" {one.platform}, structure {one.fingerprint}"),
        "line": Text(f"« {one.line} »"),
        "accepted": Text(f"{one.at:%Y-%m-%d %H:%M} UTC by {one.author}, on row {one.observation}"),
        "because": Text(one.reason),
        "taken back": Text(f"{back}: {one.withdrawn_because}") if back else None,
    }
