"""Writes the public data set: rows by UTC day, targets, weekly figures (CSV and Parquet), `datapackage.json`.

Days under embargo are not written. A day that is written already is left as it is unless its rows changed.
Every file is written whole or not at all, `datapackage.json` last.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from monitor.figures import opendata
from monitor.figures.loading import weeks
from monitor.figures.opendata import FIGURES, LICENCE, ROWS, TARGETS, Column
from monitor.figures.period import period_of
from monitor.figures.tables import frame, week_row
from monitor.files import write_whole
from monitor.problems import BadInput, Problem
from monitor.store import Store
from monitor.store import for_figures as rows
from monitor.store.record import target_versions
from probes.model import Target

KINDS: Mapping[str, Sequence[Column]] = {"rows": ROWS, "targets": TARGETS, "weeks": FIGURES}
PACKAGE = "datapackage.json"
SETTLED = timedelta(minutes=10)
"""Rows younger than this are not taken as published.

A transaction still open may hold a row with a lower number than one that can be read already.
"""


@dataclass(frozen=True)
class _Extent:
    """How far the data set reaches: highest number of an entry and of a later reading; simulated or real."""

    entry: int
    reading: int
    simulated: bool


def publish(
    store: Store,
    folder: Path,
    *,
    now: datetime,
    embargo: timedelta = opendata.EMBARGO,
    simulated: bool = False,
    afresh: bool = False,
) -> list[Path]:
    """Write the days that may be published at `now` (UTC) and are new or changed. Returns the files written.

    A day is written again when rows came late or pages were read again; `afresh` writes every day again.
    `simulated` publishes the rows of simulated préfectures instead of the real ones. Raises `BadInput` when
    the folder holds data of the other kind.
    """
    with store.read() as conn:
        known = target_versions.current(conn)
    first = next(iter(store.entries(limit=1)), None)
    days = opendata.published_days(first.at.date(), now, embargo) if first else []
    if not days:
        return []
    before = _published(folder, simulated=simulated)
    with store.read() as conn:
        extent = _Extent(*rows.newest(conn, now - SETTLED), simulated)
        changed = rows.days_since(conn, before.entry, before.reading) if before else set(days)
        kinds = rows.kinds(conn, opendata.bounds(days[-1])[1])
    keep = set() if afresh else set(days) - changed
    written = [path for day in days for path in _day(store, folder, known, day, simulated, keep=day in keep)]
    shown = [target for name, target in known.items() if kinds.get(name) == simulated]
    written += _both(folder, "targets", opendata.targets_frame(shown))
    written += _both(folder, "weeks", _weeks(store, shown, days[0], days[-1] - timedelta(days=1), simulated))
    package = json.dumps(_package(folder, days, extent), ensure_ascii=False, indent=2) + "\n"
    write_whole(folder / PACKAGE, package.encode())
    return [*written, folder / PACKAGE]


def _published(folder: Path, *, simulated: bool) -> _Extent | None:
    """The extent of the data set in `folder`; `None` when there is none or its package cannot be read."""
    try:
        extent = _Extent(**json.loads((folder / PACKAGE).read_bytes())["vigie"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    if extent.simulated != simulated:
        kind = "simulated" if extent.simulated else "real"
        raise BadInput(Problem(str(folder), f"holds the data of {kind} préfectures; choose another folder"))
    return extent


def _day(
    store: Store, folder: Path, known: dict[str, Target], day: date, simulated: bool, *, keep: bool
) -> Iterator[Path]:
    name = f"rows-{day}"
    if keep and all((folder / f"{name}.{ending}").exists() for ending in ("csv", "parquet")):
        return
    since, until = opendata.bounds(day)
    found = store.entries(since=since, until=until)
    yield from _both(folder, name, opendata.rows_frame(found, known, simulated=simulated))


def _both(folder: Path, name: str, data: pl.DataFrame) -> list[Path]:
    csv, parquet = BytesIO(), BytesIO()
    opendata.harmless(data).write_csv(csv, datetime_format="%Y-%m-%dT%H:%M:%S%.6fZ")
    data.write_parquet(parquet)
    written = {folder / f"{name}.csv": csv, folder / f"{name}.parquet": parquet}
    for path, made in written.items():
        write_whole(path, made.getvalue())
    return list(written)


def _weeks(store: Store, targets: Sequence[Target], first: date, last: date, simulated: bool) -> pl.DataFrame:
    """The figures of the whole weeks up to `last`; the same digits as on the dashboards."""
    sunday = last - timedelta(days=(last.weekday() + 1) % 7)
    made = weeks(store, [t.id for t in targets], first, sunday) if sunday >= first else {}
    period: Any = {"interval": timedelta(hours=1), "first": first, "last": last, "simulated": simulated}
    blank = {t.id: period_of((), target=t.id, zone=t.zone, **period) for t in targets}
    figures = frame(week_row(blank[name], one) for name, found in made.items() for one in found)
    return opendata.with_proof(figures, targets)


def _package(folder: Path, days: Sequence[date], extent: _Extent) -> dict[str, Any]:
    found = (*sorted(folder.glob("*.csv")), *sorted(folder.glob("*.parquet")))
    return {
        "profile": "tabular-data-package",
        "name": "vigie",
        "title": "Rendez-vous en préfecture : ce que les pages proposaient aux instants sondés",
        "description": "Aux instants sondés, et non à tout instant : voir docs/data-dictionary.md.",
        "version": version("vigie"),
        "licenses": [LICENCE],
        "temporal": {"start": str(days[0]), "end": str(days[-1])},
        "vigie": asdict(extent),
        "resources": [_resource(path) for path in found if _OURS.fullmatch(path.stem)],
    }


def _resource(path: Path) -> dict[str, Any]:
    kind = path.stem.partition("-")[0]
    data = path.read_bytes()
    made = opendata.resource(path.name.replace(".", "-"), path.name, KINDS[kind], _TITLES[kind])
    return made | {"bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}


_OURS = re.compile(r"rows-\d{4}-\d\d-\d\d|targets|weeks")
_TITLES = {
    "rows": "Toutes les sondes d'un jour (UTC), avec ou sans résultat",
    "targets": "Les pages surveillées",
    "weeks": "Part des sondes sans créneau, par semaine ISO",
}
