"""`make corpus`: the labelled pages of this checkout, read: what was expected beside what was read."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from monitor.commands.options import JsonOption
from monitor.problems import BadInput
from monitor.recording.cases import PAGES
from monitor.review.audit import RATES
from probes.registry import PLATFORMS, platform
from tests.corpus import build, tables
from tests.corpus.matrix import FAULTS, Matrix, false, measure

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

PagesOption = Annotated[Path, typer.Option("--pages", help="Folder of saved pages.", file_okay=False)]
MarkdownOption = Annotated[bool, typer.Option("--markdown", help="What the README quotes.")]

MOST_SHOWN = 40
BOUND = (
    "At most: exact one-sided bound at 95 % (Clopper–Pearson) on false readings among visits that show "
    "something else. Made pages are no independent sample of the real world, and a platform without a "
    "recorded page is unproven."
)


@app.command()
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
        print(_json(matrix))
    else:
        _print(Console(highlight=False), matrix)
    if matrix.wrong:
        raise typer.Exit(1)


def _print(console: Console, matrix: Matrix) -> None:
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


def _json(matrix: Matrix) -> str:
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


def main() -> None:
    """Run the command; exit 1 with one sentence where a page cannot be used."""
    try:
        app()
    except BadInput as error:
        print(f"corpus: {error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
