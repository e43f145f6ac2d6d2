"""`vigie bundle`, `vigie export`, `vigie decisions`: what leaves the record, and what comes beside it.

A bundle is everything of one matter; the data set is open data; decisions are dated events for dashboards.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from monitor.clock import SystemClock
from monitor.commands.options import ConfigOption, DemoOption, day, settings_for, writing_to
from monitor.durations import parse_duration
from monitor.evidence.bundle import gather, make
from monitor.evidence.bundle import pieces as packing
from monitor.evidence.journal import keeper as journal_keeper
from monitor.evidence.journal import keys
from monitor.evidence.journal.seals import Seals
from monitor.figures.decisions import read_decisions
from monitor.figures.publish import publish
from monitor.present.terminal import terminal
from monitor.problems import BadInput, Problem
from monitor.store.record import events
from monitor.watch.installation import known_targets, opened
from probes.model import Outcome

PIECES = 7
"""What the progress bar counts of one bundle, before its tables."""


def bundle(
    target: Annotated[list[str], typer.Option(help="A target's id; may be given several times.")],
    since: Annotated[str, typer.Option("--from", help="First local day, included.")],
    until: Annotated[str, typer.Option("--to", help="Last local day, included.")],
    out: Annotated[Path, typer.Option(help="Folder to make, or file ending in .zip.")],
    only: Annotated[
        Outcome | None, typer.Option(help="An extract: print these rows alone, and say so.")
    ] = None,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Make the bundle of one matter: everything of the period, verifiable without us."""
    settings = settings_for(config, demo=demo)
    first, last = _period(since, until)
    if out.exists():
        raise BadInput(Problem(str(out), "exists; a bundle is never mixed with another, name another place"))
    store, seals = opened(settings), Seals(settings.evidence.folder)
    for stray in seals.strays():
        print(stray, file=sys.stderr)
    office = make.BundleOffice(
        store=store,
        seals=seals,
        key=keys.log_key(settings, make=False),
        authorities=journal_keeper.authorities(settings),
        operator=settings.evidence.operator,
    )
    with _told(f"{', '.join(target)}, {since} – {until}") as told:
        gathered = gather.gather(store, seals, target, first, last)
        pieces = make.make(office, gathered, only=only, progress=told)
    try:
        (packing.write_zip if out.suffix == ".zip" else packing.write_folder)(pieces, out)
    except OSError as error:
        words = f"cannot be written ({error.strerror}); name another place"
        raise BadInput(Problem(str(out), words)) from error
    print(f"{out}: {len(pieces)} pieces, sealed days {gathered.days[0]} to {gathered.days[-1]}.")


@contextmanager
def _told(title: str) -> Iterator[make.Progress]:
    """A progress bar that names each piece of work."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=terminal(), transient=True) as progress:
        task = progress.add_task(title, total=PIECES)
        yield lambda work: progress.update(task, description=work, advance=1)


def _period(since: str, until: str) -> tuple[date, date]:
    first, last = day("--from", since), day("--to", until)
    if first > SystemClock().now().date():
        raise BadInput(Problem("period", f"begins on {first}, which is to come; nothing was seen then yet"))
    return first, last


FolderArgument = Annotated[Path, typer.Argument(help="Where to write the data set.", file_okay=False)]
EmbargoOption = Annotated[str, typer.Option(help="How long a day waits after its end.")]
FileArgument = Annotated[Path, typer.Argument(help="The registry, TOML.", dir_okay=False)]
AfreshOption = Annotated[bool, typer.Option(help="Write every day again, as it now reads.")]


def export(
    folder: FolderArgument,
    embargo: EmbargoOption = "24h",
    afresh: AfreshOption = False,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Write the open data set: CSV, Parquet, Table Schema. Days under embargo are left out."""
    try:
        wait = parse_duration(embargo)
    except ValueError as error:
        raise BadInput(Problem("--embargo", str(error))) from None
    store = opened(settings_for(config, demo=demo))
    now = SystemClock().now()
    with writing_to(folder):
        written = publish(store, folder, now=now, embargo=wait, simulated=demo, afresh=afresh)
    print(f"{len(written)} files written to {folder}; days that ended less than {embargo} ago are left out.")


def decisions(
    file: FileArgument = Path("decisions.toml"), config: ConfigOption = None, demo: DemoOption = False
) -> None:
    """Check the registry of dated events and show it on the dashboards, in place of what was there."""
    if not file.exists():
        raise BadInput(Problem(str(file), "does not exist; write it as docs/figures.md shows"))
    settings = settings_for(config, demo=demo)
    store = opened(settings)
    found = read_decisions(file, known_targets(settings))
    with store.write() as conn:
        events.replace(conn, (decision.model_dump() for decision in found))
    print(f"{len(found)} events are on the dashboards.")
