"""`vigie audit`: people judge pictures without knowing how they were read; the error rate is measured."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.prompt import Prompt
from rich.table import Table
from rich.text import Text

from monitor.clock import SystemClock
from monitor.commands.options import ConfigOption, DemoOption, JsonOption, moment, opened, settings_for
from monitor.model import Verdict
from monitor.present.words import label
from monitor.recording.cases import PAGES
from monitor.review import audit, sheet
from monitor.review.corpus import build, tables
from monitor.review.corpus.matrix import FAULTS, Matrix, false, measure
from monitor.store import Store
from monitor.store.review import verdicts
from monitor.store.review.verdicts import Judgement
from probes.model import Outcome
from probes.registry import PLATFORMS, platform

audit_app = typer.Typer(no_args_is_help=True, help="Measure the error rate, blind.")

CountOption = Annotated[int, typer.Option("--n", min=1, help="How many observations.")]
SinceOption = Annotated[str | None, typer.Option(help="From this day or instant, included.")]
UntilOption = Annotated[str | None, typer.Option(help="Up to this day or instant, not included.")]
SeedOption = Annotated[int | None, typer.Option(help="Draw the same again, from the same record.")]
OutOption = Annotated[Path | None, typer.Option(help="Write a sheet here, do not ask.", file_okay=False)]
FileArgument = Annotated[Path, typer.Argument(help="The filled-in verdicts.csv.", dir_okay=False)]

PagesOption = Annotated[Path, typer.Option("--pages", help="Folder of saved pages.", file_okay=False)]
MarkdownOption = Annotated[bool, typer.Option("--markdown", help="What the README quotes.")]

STOP = "stop"
MOST_SHOWN = 40
BOUND = (
    "At most: exact one-sided bound at 95 % (Clopper–Pearson) on false readings among visits that show "
    "something else. Made pages are no independent sample of the real world, and a platform without a "
    "recorded page is unproven."
)


@audit_app.command()
def sample(
    n: CountOption = 50,
    since: SinceOption = None,
    until: UntilOption = None,
    seed: SeedOption = None,
    out: OutOption = None,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Draw observations at random and ask what their pictures show; the reading stays hidden."""
    store = opened(settings_for(config, demo=demo))
    drawn = audit.sample(store, n, since=moment(since), until=moment(until), simulated=demo, seed=seed)
    exhibits = [audit.exhibit(store, number) for number in drawn]
    if out:
        index = sheet.write(out, exhibits)
        print(f"{len(exhibits)} visits to judge: open {index}, fill in {out / 'verdicts.csv'}.")
    else:
        given = _ask(store, exhibits)
        print(f"{given} verdicts recorded.")


@audit_app.command()
def record(file: FileArgument, config: ConfigOption = None, demo: DemoOption = False) -> None:
    """Record the verdicts of a sheet. The first verdict on an observation stands."""
    given = sheet.read(file)
    _give(opened(settings_for(config, demo=demo)), given)
    print(f"{len(given)} verdicts recorded.")


@audit_app.command()
def report(as_json: JsonOption = False, config: ConfigOption = None, demo: DemoOption = False) -> None:
    """Print how often readings were found wrong, and how often at most they are."""
    store = opened(settings_for(config, demo=demo))
    with store.read() as conn:
        judgements = verdicts.judgements(conn, simulated=demo)
    if as_json:
        print(_json(judgements))
        return
    console = Console(highlight=False)
    console.print(_rates(judgements))
    console.print(_counted(judgements))
    console.print("Upper: exact one-sided bound at 95 % (Clopper–Pearson). Who was undecided is in no rate.")


@audit_app.command()
def corpus(pages: PagesOption = PAGES, as_json: JsonOption = False, markdown: MarkdownOption = False) -> None:
    """Read the labelled pages of a checkout: what was expected beside what was read. 1 for any fault."""
    readers = {each.name: each for each in PLATFORMS}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=None)
        visits = build.corpus(pages, readers)
        matrix = measure(visits, platform, lambda: progress.advance(task))
    if markdown:
        print(tables.markdown(matrix, PLATFORMS), end="")
    elif as_json:
        print(_corpus_json(matrix))
    else:
        _print_corpus(Console(highlight=False), matrix)
    if matrix.wrong:
        raise typer.Exit(1)


def _print_corpus(console: Console, matrix: Matrix) -> None:
    for each in PLATFORMS:
        console.print(tables.table(each.name, matrix.cells[each.name]), "")
    console.print(tables.table("all", matrix.whole), "")
    console.print(tables.rates(matrix, PLATFORMS), "")
    size = f"{matrix.visits} visits, {matrix.distinct} different pages"
    console.print(f"{size}, {matrix.dates} earliest dates compared.")
    console.print(BOUND)
    for wrong in matrix.wrong[:MOST_SHOWN]:
        console.print(Text(str(wrong), "red"))
    faults = ", ".join(f"{len(matrix.faults(fault))} × {fault}" for fault in FAULTS)
    console.print(f"Faults: {faults}.")


def _corpus_json(matrix: Matrix) -> str:
    cells = {
        name: {f"{truth} read as {read}": n for (truth, read), n in sorted(found.items())}
        for name, found in matrix.cells.items()
    }
    rates = {name: asdict(false(matrix.whole, outcome)) for name, outcome in RATES.items()}
    faults = [str(wrong) for wrong in matrix.wrong]
    return json.dumps(
        {"visits": matrix.visits, "pages": matrix.distinct, **rates, "cells": cells, "faults": faults},
        ensure_ascii=False,
    )


def _ask(store: Store, exhibits: list[audit.Exhibit]) -> int:
    """One verdict after the other, each recorded at once; how many were given before the person stopped."""
    console = Console(highlight=False, markup=False)
    for given, one in enumerate(exhibits):
        console.print(f"\n{given + 1}/{len(exhibits)}  n° {one.observation}, {one.target.prefecture}")
        console.print(f"{one.target.demarche}, {one.at.astimezone(one.target.tz):%d/%m/%Y %H:%M}")
        console.print(f"picture: {one.picture}")
        for page, text in enumerate(one.texts, 1):
            console.print(f"page {page}: {text[:600]}")
        said = Prompt.ask("what do they show?", choices=[*Verdict, STOP], console=console)
        if said == STOP:
            return given
        _give(store, [(one.observation, Verdict(said))])
    return len(exhibits)


def _give(store: Store, given: Sequence[tuple[int, Verdict]]) -> None:
    with store.write() as conn:
        verdicts.give(conn, given, SystemClock().now())


RATES = {"false_zero": Outcome.NO_SLOTS, "false_slots": Outcome.SLOTS_OFFERED}


def _rates(judgements: Sequence[Judgement]) -> Table:
    table = Table("rate", "errors", "n", "measured", "upper", box=None)
    for name, outcome in RATES.items():
        rate = audit.rate(judgements, outcome)
        measured = f"{rate.errors / rate.n:.2%}" if rate.n else "none judged"
        upper = "" if rate.upper is None else f"{rate.upper:.2%}"
        table.add_row(name.replace("_", " "), str(rate.errors), str(rate.n), measured, upper)
    return table


def _counted(judgements: Sequence[Judgement]) -> Table:
    table = Table("platform", "read as", "judged", "n", box=None)
    for one in judgements:
        table.add_row(one.platform, label(one.outcome, "en"), label(one.verdict, "en"), str(one.n))
    return table


def _json(judgements: Sequence[Judgement]) -> str:
    rates = {name: asdict(audit.rate(judgements, outcome)) for name, outcome in RATES.items()}
    return json.dumps({**rates, "judgements": [asdict(one) for one in judgements]}, ensure_ascii=False)
