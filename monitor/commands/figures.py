"""`vigie figures`: every figure of one target, on screen, as CSV or JSON, and as pictures."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import polars as pl
import typer
from matplotlib.figure import Figure

from monitor.clock import SystemClock
from monitor.commands.options import (
    ConfigOption,
    DemoOption,
    JsonOption,
    day_or_instant,
    settings_for,
    writing_to,
)
from monitor.demo.settings import DECISIONS as DEMO_REGISTRY
from monitor.figures import loading, opendata, sentences, tables
from monitor.figures.chances import chances
from monitor.figures.controls import BeforeAfter, before_after, corroborated, pair_table
from monitor.figures.decisions import Decision, EventKind, read_decisions
from monitor.figures.delays import classes, gaps
from monitor.figures.period import Period
from monitor.figures.plots import canvas
from monitor.figures.plots.before_after import before_after as before_after_plot
from monitor.figures.plots.chances import chances as chances_plot
from monitor.figures.plots.pairs import pairs as pairs_plot
from monitor.figures.plots.ruler import ruler as ruler_plot
from monitor.figures.plots.wall import wall
from monitor.figures.runs import appearances, droughts, lifetimes
from monitor.figures.shares import Availability, IsoWeek, Trust, bound, honesty, share_of, trust
from monitor.present.proof import caution
from monitor.present.terminal import terminal
from monitor.problems import BadInput, Problem, nearest
from monitor.store import Store
from monitor.store.record import target_versions
from monitor.watch.installation import catalogue, known_targets, opened
from probes.model import Target

DAY = timedelta(days=1)
REGISTRY = Path("decisions.toml")

TargetArgument = Annotated[str, typer.Argument(help="The target's id; `vigie targets check` lists them.")]
SinceOption = Annotated[str | None, typer.Option(help="First local day; by default the last twelve weeks.")]
UntilOption = Annotated[str | None, typer.Option(help="Last local day, included; by default yesterday.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="CSV on standard output.")]
PngOption = Annotated[Path | None, typer.Option("--png", help="Folder for the pictures.", file_okay=False)]
ControlOption = Annotated[str | None, typer.Option(help="Compare with this target; else the catalogue's.")]
DecisionsOption = Annotated[
    Path | None,
    typer.Option(help="Dated events for « avant / après »; decisions.toml by default.", dir_okay=False),
]
BesideOption = Annotated[
    list[str] | None,
    typer.Option(help="A target to draw beside it in « avant / après »; else the same démarche elsewhere."),
]


@dataclass(frozen=True)
class FigureOptions:
    """One target over local days, its control if it has one, and the events that concern it."""

    store: Store
    targets: dict[str, Target]
    period: Period
    control: Period | None
    events: tuple[Decision, ...]
    alike: Sequence[str]

    @property
    def target(self) -> Target:
        return self.targets[self.period.target]


def figures(
    target: TargetArgument,
    since: SinceOption = None,
    until: UntilOption = None,
    csv: CsvOption = False,
    as_json: JsonOption = False,
    png: PngOption = None,
    control: ControlOption = None,
    beside: BesideOption = None,
    decisions: DecisionsOption = None,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Every figure of one target, each with its n, coverage and period."""
    settings = settings_for(config, demo=demo)
    store = opened(settings)
    known = _of_one_kind(store, target)
    zone = known[target].tz if target in known else ZoneInfo("Europe/Paris")
    first, last = _days(store, target, since, until, SystemClock().now().astimezone(zone))
    mate = control or next((e.control for e in catalogue(settings) if e.target.id == target), None)
    period = loading.load(store, target, first, last)
    other = loading.load(store, _named(known, mate), first, last, origins=loading.BESIDE) if mate else None
    registry = _registry(decisions, known_targets(settings), demo=demo)
    events = tuple(event for event in registry if event.concerns(known[target]))
    asked = FigureOptions(store, known, period, other, events, _alike(known, target, beside or ()))
    if csv and as_json:
        raise BadInput(Problem("--csv --json", "both write to standard output; choose one"))
    if csv:
        sys.stdout.write(_table(asked).write_csv())
    if as_json:
        sys.stdout.write(_json(_table(asked).to_dicts()))
    if png:
        _pictures(asked, png)
    if not (csv or as_json or png):
        _print(asked)


def _of_one_kind(store: Store, target: str) -> dict[str, Target]:
    """The targets that `target` may be held against: a simulated préfecture against no real one."""
    kinds = loading.simulated(store, SystemClock().now())
    with store.read() as conn:
        every = target_versions.current(conn)
    mine = kinds.get(target)
    return {n: known for n, known in every.items() if mine is None or kinds.get(n, mine) == mine}


def _named(known: Mapping[str, Target], name: str) -> str:
    if name not in known:
        told = f"is not in the record, or not of the same kind; {nearest(name, known)}"
        raise BadInput(Problem(f'target "{name}"', told))
    return name


def _days(
    store: Store, target: str, since: str | None, until: str | None, now: datetime
) -> tuple[date, date]:
    first, last = loading.default_period(store, now.date() - DAY, target)
    first, last = _day(since, now) or first, _day(until, now) or last
    if last < first:
        raise BadInput(Problem(f"--since {first}", f"lies after the last day, {last}; swap them"))
    return loading.recorded(store, target, first, last)


def _day(text: str | None, now: datetime) -> date | None:
    """The local day that a day or an instant names."""
    if text is None:
        return None
    found = day_or_instant(text)
    return found.astimezone(now.tzinfo).date() if isinstance(found, datetime) else found


def _table(asked: FigureOptions) -> pl.DataFrame:
    made = tables.rows(asked.period, asked.control, site=_site(asked), trust=_trust(asked))
    return opendata.with_proof(tables.frame(made), [asked.target])


def _json(rows: list[dict[str, object]]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=2, default=str) + "\n"


def _print(asked: FigureOptions) -> None:
    console = terminal()
    period = asked.period
    head = f"{asked.target.prefecture} ({asked.target.departement}), {asked.target.demarche}"
    console.print(head, style="bold")
    if period.simulated:
        console.print("Préfecture simulée : ces chiffres ne disent rien d'une préfecture réelle.")
    if said := caution(asked.target.platform):
        console.print(said, soft_wrap=True)
    for name, told in _lines(asked):
        console.print(f"\n{name}", style="bold")
        for line in told.splitlines():
            console.print(canvas.wrapped(line, console.width), soft_wrap=True)


def _lines(asked: FigureOptions) -> Iterator[tuple[str, str]]:
    period = asked.period
    confirmed = corroborated(period, asked.control) if asked.control else frozenset()
    bar = honesty(period, confirmed)
    yield "Sur la période", sentences.summary(period, bar)
    yield "Peut-on s'y fier ?", sentences.trust(_trust(asked))
    yield "Zéro ou panne ?", sentences.parts(bar)
    yield "Le site répondait-il ?", sentences.site(_site(asked))
    yield "Part sans créneau", sentences.share(share_of(period))
    yield "Borne", sentences.bound(bound(period))
    yield "Première date", sentences.gaps(gaps(period))
    yield "Les cinq classes de La Cimade", sentences.classes(classes(period))
    for drought in droughts(period)[:1]:
        yield "Plus longue sécheresse", sentences.drought(drought)
    yield "Quand des créneaux apparaissent", sentences.appearances(appearances(period))
    yield "Durée des ouvertures", sentences.lifetimes(lifetimes(period))
    yield "Et si j'essaie chaque jour ?", sentences.chances(chances(period))
    if asked.control:
        yield f"Deux portes : {asked.control.target}", sentences.pairs(pair_table(period, asked.control))
    for decision, found in _comparisons(asked):
        yield f"Avant / après : {decision.title}", sentences.before_after(found)


def _trust(asked: FigureOptions) -> Trust:
    period = asked.period
    judged, wrong = loading.audited(asked.store, simulated=period.simulated)
    offset = loading.worst_clock_offset(asked.store, period.target, period.first, period.last)
    doubles = loading.doubles(asked.store, period.target, period.first, period.last)
    return trust(period, audited=judged, false_zeros=wrong, worst_clock_offset=offset, doubles=doubles)


def _site(asked: FigureOptions) -> Availability:
    period = asked.period
    return loading.site(asked.store, period.target, period.first, period.last)


def _comparisons(asked: FigureOptions) -> Iterator[tuple[Decision, BeforeAfter]]:
    """Around each court decision, with the controls."""
    for decision in asked.events:
        if decision.kind is EventKind.DECISION:
            controls = [_around(asked, name, decision) for name in asked.alike]
            own = _around(asked, asked.period.target, decision)
            yield decision, before_after(own, controls, notified=decision.day, complied=decision.complied)


def _alike(known: Mapping[str, Target], target: str, named: Sequence[str]) -> Sequence[str]:
    """The controls of « avant / après »: those named, else the same démarche elsewhere, three at most."""
    for name in named:
        _named(known, name)
    mine = known[target]
    alike = [t for t in known.values() if t.demarche == mine.demarche]
    return named or [t.id for t in alike if t.departement != mine.departement][:3]


def _registry(path: Path | None, targets: Mapping[str, Target], *, demo: bool) -> tuple[Decision, ...]:
    if path and not path.exists():
        raise BadInput(Problem(str(path), "does not exist; write it as docs/figures.md shows"))
    return read_decisions(path or (DEMO_REGISTRY if demo else REGISTRY), targets)


def _around(asked: FigureOptions, name: str, decision: Decision) -> Period:
    month = timedelta(weeks=4)
    return loading.load(asked.store, name, decision.day - month, (decision.complied or decision.day) + month)


def _pictures(asked: FigureOptions, folder: Path) -> None:
    with writing_to(folder):
        for name, figure in _drawn(asked):
            path = folder / f"{asked.period.target}-{name}.png"
            canvas.head(figure, caution(asked.target.platform))
            canvas.save(figure, path)
            print(path)


def _drawn(asked: FigureOptions) -> Iterator[tuple[str, Figure]]:
    label, period = _label(asked.target), asked.period
    yield "mur", wall(_wall(asked), period=sentences.span(period), note=_note(period))
    yield "regle", ruler_plot(period, label=label)
    yield "chaque-jour", chances_plot(period, label=label)
    if asked.control:
        yield "deux-portes", _pairs(asked, asked.control)
    labels = {name: _label(target) for name, target in asked.targets.items()}
    for decision, found in _comparisons(asked):
        others = [(event.day, event.title) for event in asked.events if event is not decision]
        drawn = before_after_plot(found, decision=decision.title, labels=labels, events=others)
        yield f"avant-apres-{decision.id}", drawn


def _pairs(asked: FigureOptions, control: Period) -> Figure:
    here, there = asked.target, asked.targets[control.target]
    places = {place.prefecture: f"{place.prefecture} ({place.departement})" for place in (here, there)}
    return pairs_plot(
        asked.period,
        control,
        where=" et ".join(places.values()),
        label=here.demarche,
        control_label=there.demarche,
        same=len(places) == 1,
    )


def _wall(asked: FigureOptions) -> dict[str, list[IsoWeek]]:
    """The target's préfecture: all its targets, the asked one first."""
    mine, period = asked.target, asked.period
    names = [
        mine.id,
        *(t.id for t in asked.targets.values() if t.prefecture == mine.prefecture and t != mine),
    ]
    found = loading.weeks(asked.store, names, period.first, period.last)
    return {_label(asked.targets[name]): list(found[name]) for name in names}


def _note(period: Period) -> str:
    kind = "Préfecture simulée. " if period.simulated else ""
    return f"{kind}Aux instants sondés, et non à tout instant. Source : Vigie."


def _label(target: Target) -> str:
    desk = f", {target.desk}" if target.desk else ""
    return f"{target.prefecture} ({target.departement}), {target.demarche}{desk}"
