"""`vigie reclassify`: what the current readers make of the captures, and what that does to the figures."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from monitor.clock import SystemClock
from monitor.commands.options import ConfigOption, DemoOption, period, settings_for
from monitor.figures.loading import weeks
from monitor.figures.period import Counts, Insufficient
from monitor.figures.shares import IsoWeek, Share, week
from monitor.files import made_whole
from monitor.present.terminal import terminal
from monitor.present.words import label
from monitor.problems import BadInput, Problem, nearest
from monitor.review.reclassify import ChangedReading, Reclassifier, Shift, Summary
from monitor.rules import personal
from monitor.store import Store
from monitor.store.record import entries, target_versions
from monitor.watch.installation import opened
from probes.registry import platform

DryOption = Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")]
TargetOption = Annotated[str | None, typer.Option(help="Only this target.")]
SinceOption = Annotated[str | None, typer.Option(help="From this day or instant, included.")]
UntilOption = Annotated[str | None, typer.Option(help="Up to this day or instant, not included.")]
ChangesOption = Annotated[
    Path | None, typer.Option("--changes", help="Write every row that changes here, as CSV.", dir_okay=False)
]
CauseOption = Annotated[
    str,
    typer.Option(
        help="Why, in a few words; kept with every reading.",
        callback=lambda given: personal.check("--cause", given),
    ),
]


def reclassify(
    dry_run: DryOption = False,
    target: TargetOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    cause: CauseOption = "newer reader",
    changes: ChangesOption = None,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Read stored captures again; append the readings that differ. The old ones stay."""
    first, end = period(since, until)
    store = opened(settings_for(config, demo=demo))
    if target is not None:
        _known(store, target)
    clock = SystemClock()
    with store.read() as conn:
        total = entries.count_observations(conn, target, since=first, until=end)
    columns = (BarColumn(), MofNCompleteColumn(), RowsPerSecond(), TimeRemainingColumn())
    with _listing(changes) as noticed, Progress(*columns, console=terminal(stderr=True)) as progress:
        task = progress.add_task("", total=total)
        reader = Reclassifier(
            store=store,
            platforms=platform,
            clock=clock,
            write=not dry_run,
            cause=cause,
            advanced=lambda n: progress.advance(task, n),
            noticed=noticed,
        )
        summary = reader.run(target, since=first, until=end)
    tell(terminal(), store, summary, dry_run=dry_run)


COLUMNS = (
    *("observation", "at_utc", "target", "platform"),
    *("reader_before", "outcome_before", "rule_before", "reader_after", "outcome_after", "rule_after"),
)


@contextmanager
def _listing(file: Path | None) -> Iterator[Callable[[ChangedReading], None]]:
    """Takes every change as it is found into `file`, which is there whole at the end or not at all."""
    if file is None:
        yield lambda _: None
        return
    with ExitStack() as stack:
        try:
            made = stack.enter_context(made_whole(file))
        except OSError as problem:
            words = f"cannot be written ({problem.strerror}); name a file in a folder you may write to"
            raise BadInput(Problem(f"--changes {file}", words)) from problem
        with made.open("w", encoding="utf-8", newline="") as lines:
            rows = csv.writer(lines)
            rows.writerow(COLUMNS)
            yield lambda change: rows.writerow(_row(change))


def _row(change: ChangedReading) -> tuple[object, ...]:
    row, before, after = change.row, change.before, change.after
    seen = (row.id, f"{row.at:%Y-%m-%dT%H:%M:%SZ}", row.target, row.platform)
    now = platform(row.platform).version
    return *seen, row.reader_in_force, before.outcome, before.rule, now, after.outcome, after.rule


def _known(store: Store, target: str) -> None:
    with store.read() as conn:
        known = target_versions.current(conn)
    if target not in known:
        raise BadInput(Problem(f'target "{target}"', f"is not in the record; {nearest(target, known)}"))


class RowsPerSecond(ProgressColumn):
    """Rows a second, over the whole run."""

    def render(self, task: Task) -> Text:
        """Empty until there is something to divide."""
        return Text(f"{task.completed / task.elapsed:,.0f} rows/s" if task.elapsed else "")


@dataclass(frozen=True, slots=True)
class Moved:
    """A published share of one week before and after."""

    target: str
    before: IsoWeek
    after: IsoWeek


def moved(store: Store, shifts: Mapping[tuple[str, date], Shift], *, written: bool) -> Iterator[Moved]:
    """The weekly shares that change. The roll-ups give one side: after if the readings are `written`."""
    names = {target for target, _ in shifts}
    mondays = {monday for _, monday in shifts}
    if not shifts:
        return
    kept = weeks(store, names, min(mondays), max(mondays) + timedelta(days=6))
    by_key = {(name, one.monday): one for name, found in kept.items() for one in found}
    for key, shift in sorted(shifts.items()):
        here = by_key[key]
        there = week(here.monday, _shifted(here.counts, shift, -1 if written else 1))
        before, after = (there, here) if written else (here, there)
        if before.share != after.share:
            yield Moved(key[0], before, after)


def _shifted(counts: Counts, shift: Shift, sign: int) -> Counts:
    return replace(
        counts,
        conclusive=counts.conclusive + sign * shift.conclusive,
        zeros=counts.zeros + sign * shift.zeros,
    )


def tell(console: Console, store: Store, summary: Summary, *, dry_run: bool = False) -> None:
    """Print what a run read again and changed, and the figures that this moves."""
    verb = "would change" if dry_run else "changed"
    count = summary.changed.total()
    console.print(f"{summary.read} captures read again, {count} readings {verb}.")
    if summary.ours:
        console.print(f"{summary.ours} visits failed by our own fault and were left as they are.")
    if summary.unreadable:
        words = f"{summary.unreadable} captures could not be read again; the log names each."
        console.print(words, style="red")
    if count:
        console.print(f"They are of {len(summary.targets)} targets: {', '.join(sorted(summary.targets))}.")
        console.print(_changes(summary))
        console.print(_examples(summary.examples))
    console.print(_figures(list(moved(store, summary.shifts, written=not dry_run)), verb))


def _changes(summary: Summary) -> Table:
    table = Table("before", "after", "rows", box=None)
    for (before, after), n in summary.changed.most_common():
        table.add_row(label(before, "en"), label(after, "en"), str(n))
    return table


def _examples(examples: list[ChangedReading]) -> Table:
    table = Table("n°", "UTC", "target", "before", "after", "words", box=None)
    for change in examples:
        row, before, after = change.row, change.before, change.after
        table.add_row(
            str(row.id),
            f"{row.at:%Y-%m-%d %H:%M}",
            row.target,
            f"{before.outcome} ({before.rule}, {row.reader_in_force})",
            f"{after.outcome} ({after.rule})",
            after.words,
        )
    return table


def _figures(found: list[Moved], verb: str) -> Table | str:
    """Shares without a slot, with the guards under which they are published."""
    if not found:
        return f"No published figure {verb}."
    table = Table("week", "target", "before", "n", "after", "n", "by", box=None)
    for one in found:
        before, after = one.before, one.after
        table.add_row(
            *(before.name, one.target),
            *(_share(before.share), str(before.counts.conclusive)),
            *(_share(after.share), str(after.counts.conclusive)),
            _difference(before.share, after.share),
        )
    return table


def _share(share: Share | Insufficient) -> str:
    return str(share) if isinstance(share, Insufficient) else f"{share.value:.1%}"


def _difference(before: Share | Insufficient, after: Share | Insufficient) -> str:
    if isinstance(before, Insufficient) or isinstance(after, Insufficient):
        return ""
    return f"{100 * (after.value - before.value):+.1f} points"
