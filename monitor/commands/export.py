"""`vigie export`, `vigie decisions`: open data, dated events."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.clock import SystemClock
from monitor.commands.options import ConfigOption, DemoOption, settings_for, writing_to
from monitor.durations import parse_duration
from monitor.figures.decisions import read_decisions
from monitor.figures.publish import publish
from monitor.problems import BadInput, Problem
from monitor.store.record import events
from monitor.watch.installation import known_targets, opened

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
