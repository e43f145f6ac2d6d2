"""`vigie log`: the record, row by row, as a table, CSV or NDJSON. Streams: a year costs no memory."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Annotated, Any

import typer

from monitor.commands.options import LARGEST, ConfigOption, DemoOption, check_seen, period, settings_for
from monitor.present.as_json import entry_json
from monitor.present.terminal import show, terminal
from monitor.present.words import label
from monitor.store import EntryRow, Store
from monitor.store.record import target_versions
from monitor.store.review import controls, suspicions
from monitor.watch.installation import opened
from probes.model import Target

COLUMNS = (
    "id", "target", "at", "entry", "outcome", "kind", "rule", "failure", "reason", "earliest", "second",
    "slots", "horizon", "words", "scheduled_at", "started_at", "finished_at", "recorded_at", "transport",
    "origin", "simulated", "platform", "reader", "vigie", "browser", "screenshot_sha256", "manifest_sha256",
    "reread_outcome", "reread_rule", "reread_reader", "corroboration", "soft_block_suspected",
)  # fmt: skip

SPREADSHEET_TRAPS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run as a formula by spreadsheets; page text must not be."""


PAGE = 500
"""Rows looked up, and printed in one table, at a time."""


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    NDJSON = "ndjson"


def log(
    target: Annotated[str | None, typer.Option(help="Only this target.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day or instant, included.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to this day or instant, not included.")] = None,
    last: Annotated[int | None, typer.Option(min=1, max=LARGEST, help="Only the last N rows.")] = None,
    shape: Annotated[Format, typer.Option("--format", help="How to print them.")] = Format.TABLE,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Print observations and gaps, oldest first."""
    first, end = period(since, until)
    store = opened(settings_for(config, demo=demo))
    with store.read() as conn:
        known = target_versions.current(conn)
    check_seen(target, known)
    rows = _reviewed(store, _rows(store, target, first, end, last), known)
    {Format.TABLE: _table, Format.CSV: _csv, Format.NDJSON: _ndjson}[shape](rows)


def _rows(
    store: Store, target: str | None, since: datetime | None, until: datetime | None, last: int | None
) -> Iterable[EntryRow]:
    if last is None:
        return store.entries(target, since=since, until=until)
    return reversed(list(store.entries(target, since=since, until=until, limit=last, newest_first=True)))


def _reviewed(
    store: Store, rows: Iterable[EntryRow], known: Mapping[str, Target]
) -> Iterator[dict[str, Any]]:
    """The rows with what was added to them later: their controls' word, and suspicions."""
    every = iter(rows)
    while page := list(islice(every, PAGE)):
        numbers = [row.id for row in page]
        with store.read() as conn:
            words, flags = controls.corroborations_of(conn, numbers), suspicions.of(conn, numbers)
        for row in page:
            later = {"corroboration": words.get(row.id), "soft_block_suspected": list(flags.get(row.id, ()))}
            yield {**entry_json(row, known[row.target].tz), **later}


def _csv(rows: Iterable[dict[str, Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        again = {f"reread_{name}": value for name, value in (row.get("reread") or {}).items()}
        writer.writerow([_cell((row | again).get(name)) for name in COLUMNS])


def _cell(value: object) -> object:
    if isinstance(value, list):
        value = " ".join(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(SPREADSHEET_TRAPS) else text


def _ndjson(rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def _table(rows: Iterable[dict[str, Any]]) -> None:
    """In pages, so that rows appear while more are read."""
    console = terminal()
    every = iter(rows)
    headings = ("n°", "UTC", "target", "outcome", "earliest", "rule or reason", "control")
    while page := list(islice(every, PAGE)):
        show(console, headings, [list(_line(row)) for row in page], whole=("n°", "target"))


def _line(row: dict[str, Any]) -> Iterator[str]:
    yield str(row["id"])
    yield row["at"][:19].replace("T", " ")
    yield row["target"]
    again = row.get("reread")
    read = again or row
    yield label(read["outcome"] or row["reason"], "en") + (" (read again)" if again else "")
    yield read.get("earliest") or ""
    yield read.get("rule") or row.get("detail") or ""
    yield " ".join(filter(None, (row["corroboration"], *row["soft_block_suspected"])))
