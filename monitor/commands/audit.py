"""`vigie audit`: people judge pictures without knowing how they were read; the error rate is measured."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.prompt import Prompt
from rich.table import Table

from monitor.clock import SystemClock
from monitor.commands.options import ConfigOption, DemoOption, JsonOption, period, settings_for
from monitor.model import Verdict
from monitor.present.terminal import terminal
from monitor.present.words import label
from monitor.review import audit, sheet
from monitor.store import Store
from monitor.store.review import verdicts
from monitor.store.review.verdicts import Judgement
from monitor.watch.installation import opened

audit_app = typer.Typer(no_args_is_help=True, help="Measure the error rate, blind.")

CountOption = Annotated[int, typer.Option("--n", min=1, max=10_000, help="How many observations.")]
SinceOption = Annotated[str | None, typer.Option(help="From this day or instant, included.")]
UntilOption = Annotated[str | None, typer.Option(help="Up to this day or instant, not included.")]
SeedOption = Annotated[int | None, typer.Option(help="Draw the same again, from the same record.")]
OutOption = Annotated[Path | None, typer.Option(help="Write a sheet here, do not ask.", file_okay=False)]
FileArgument = Annotated[Path, typer.Argument(help="The filled-in verdicts.csv.", dir_okay=False)]

STOP = "stop"


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
    first, end = period(since, until)
    store = opened(settings_for(config, demo=demo))
    drawn = audit.sample(store, n, since=first, until=end, simulated=demo, seed=seed)
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
    console = terminal()
    console.print(_rates(judgements))
    console.print(_counted(judgements))
    console.print("Upper: exact one-sided bound at 95 % (Clopper–Pearson). Who was undecided is in no rate.")


def _ask(store: Store, exhibits: list[audit.Exhibit]) -> int:
    """One verdict after the other, each recorded at once; how many were given before the person stopped."""
    console = terminal()
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


def _rates(judgements: Sequence[Judgement]) -> Table:
    table = Table("rate", "errors", "n", "measured", "upper", box=None)
    for name, outcome in audit.RATES.items():
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
    rates = {name: asdict(audit.rate(judgements, outcome)) for name, outcome in audit.RATES.items()}
    return json.dumps({**rates, "judgements": [asdict(one) for one in judgements]}, ensure_ascii=False)
