"""Writes the public data set: a CSV and a Parquet file a day, targets, weekly figures, `datapackage.json`.

Days still under embargo are not written at all. A day that is there already is left as it is, unless asked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from monitor.figures import opendata
from monitor.figures.loading import weeks
from monitor.figures.opendata import FIGURES, LICENCE, ROWS, TARGETS, Column
from monitor.figures.record import record
from monitor.figures.tables import frame, week_row
from monitor.store import Store
from monitor.store import figures as rows
from probes.model import Target

FOLDERS: Mapping[str, Sequence[Column]] = {"rows": ROWS, "targets": TARGETS, "weeks": FIGURES}


def publish(
    store: Store,
    folder: Path,
    *,
    now: datetime,
    embargo: timedelta = opendata.EMBARGO,
    simulated: bool = False,
    afresh: bool = False,
) -> list[Path]:
    """Write what may be published at `now` and is not there yet; the files written.

    `simulated` publishes the rows of simulated préfectures instead of the real ones. `afresh` writes every
    day again, as it now reads: after pages were read again.
    """
    targets = {v.target.id: v.target for v in store.targets()}
    first = next(iter(store.entries(limit=1)), None)
    days = opendata.published_days(first.at.date(), now, embargo) if first else []
    written = [path for day in days for path in _day(store, folder, targets, day, simulated, afresh)]
    if not days:
        return written
    shown = _shown(store, targets, days[0], days[-1], simulated)
    written += _both(folder, "targets", opendata.targets_frame(shown))
    written += _both(folder, "weeks", _weeks(store, shown, days[0], days[-1] - timedelta(days=1), simulated))
    package = folder / "datapackage.json"
    package.write_text(
        json.dumps(_package(folder, days), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    return [*written, package]


def _day(
    store: Store, folder: Path, targets: dict[str, Target], day: date, simulated: bool, afresh: bool
) -> Iterator[Path]:
    name = f"rows-{day}"
    if (folder / f"{name}.parquet").exists() and not afresh:
        return
    since, until = opendata.bounds(day)
    found = store.entries(since=since, until=until)
    yield from _both(folder, name, opendata.rows_frame(found, targets, simulated=simulated))


def _both(folder: Path, name: str, data: pl.DataFrame) -> list[Path]:
    """CSV first: the Parquet file, written last, says that the day is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    csv, parquet = folder / f"{name}.csv", folder / f"{name}.parquet"
    opendata.harmless(data).write_csv(csv, datetime_format="%Y-%m-%dT%H:%M:%S%.6fZ")
    data.write_parquet(parquet)
    return [csv, parquet]


def _shown(
    store: Store, targets: dict[str, Target], first: date, last: date, simulated: bool
) -> list[Target]:
    with store.read() as conn:
        kinds = {row.target: row.simulated for row in rows.instants(conn, first, last)}
    return [target for name, target in targets.items() if kinds.get(name) == simulated]


def _weeks(store: Store, targets: Sequence[Target], first: date, last: date, simulated: bool) -> pl.DataFrame:
    """Weeks that ended before the embargo for every zone; the same digits as on the dashboards."""
    sunday = last - timedelta(days=(last.weekday() + 1) % 7)
    made = weeks(store, [t.id for t in targets], first, sunday) if sunday >= first else {}
    period: Any = {"interval": timedelta(hours=1), "first": first, "last": last, "simulated": simulated}
    blank = {t.id: record((), target=t.id, zone=t.zone, **period) for t in targets}
    return frame(week_row(blank[name], one) for name, found in made.items() for one in found)


def _package(folder: Path, days: Sequence[date]) -> dict[str, Any]:
    files = (*sorted(folder.glob("*.csv")), *sorted(folder.glob("*.parquet")))
    return {
        "profile": "tabular-data-package",
        "name": "vigie",
        "title": "Rendez-vous en préfecture : ce que les pages proposaient aux instants sondés",
        "description": "Aux instants sondés, et non à tout instant : voir docs/data-dictionary.md.",
        "version": version("vigie"),
        "licenses": [LICENCE],
        "temporal": {"start": str(days[0]), "end": str(days[-1])},
        "resources": [_resource(path) for path in files],
    }


def _resource(path: Path) -> dict[str, Any]:
    kind = path.stem.partition("-")[0]
    data = path.read_bytes()
    made = opendata.resource(path.name.replace(".", "-"), path.name, FOLDERS[kind], _TITLES[kind])
    return made | {"bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}


_TITLES = {
    "rows": "Toutes les sondes d'un jour (UTC), avec ou sans résultat",
    "targets": "Les pages surveillées",
    "weeks": "Part des sondes sans créneau, par semaine ISO",
}
