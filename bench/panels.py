"""The figures at size: every panel on PostgreSQL, what `vigie figures` reads on SQLite, roll-ups recounted.

Twelve weeks of one of 300 targets, or of all of them, chosen anew each time; a day for the operator.
`-h` tells the options.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench.store import START, TARGETS, addresses, analyse, fill, timed, timed_once
from monitor.figures import loading
from monitor.metrics.rollups import unequal_weeks
from monitor.store import Store, open_store, upgrade
from monitor.store.record import draws, events, projections
from tests.cast.dashboards import VALUES, panel, queries
from tests.cast.grafana_queries import expanded
from tests.cast.observations import draw, target
from tests.cast.transactions import tell

DAY, WEEKS = timedelta(days=1), timedelta(weeks=12)
RECOUNTED = 100


def measure(kind: str, url: str, rows: int, times: int) -> Iterator[tuple[str, dict[str, float]]]:
    """Fill the database at `url` with `rows` rows; (name, figures in ms) of each measure.

    `times` is how often each query is asked.
    """
    upgrade(url)
    with tempfile.TemporaryDirectory() as media:
        store = open_store(url, media=Path(media))
        store.record_targets(target(f"t{n}", demarche=f"démarche {n}") for n in range(TARGETS))
        yield "fill", timed_once(lambda: fill(store, rows))
        _draw(store, rows)
        yield "rebuild", timed_once(lambda: tell(store, projections.rebuild))
        analyse(store)
        last = START + timedelta(hours=rows // TARGETS) - WEEKS
        yield from _panels(url, store, last, times) if kind == "postgresql" else _reads(store, last, times)
        yield "recount_of_100_target_weeks", timed_once(lambda: _recount(store))
        store.close()


def _draw(store: Store, rows: int) -> None:
    """Commit the draws of all targets for every UTC day, each with 24 instants."""
    hours = [START + n * timedelta(hours=1) for n in range(24)]
    for n in range(rows // TARGETS // 24 + 1):
        drawn = [draw(f"t{t}", *(hour + n * DAY for hour in hours)) for t in range(TARGETS)]
        tell(store, draws.commit, drawn)


def _panels(url: str, store: Store, last: datetime, times: int) -> Iterator[tuple[str, dict[str, float]]]:
    event = {"id": "e", "kind": "decision", "day": last.date(), "title": "e", "source": "https://example.org"}
    with store.write() as conn:
        events.replace(conn, [event])
    jit = "-c jit=off"  # as reader.sql says for Grafana's role
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True, options=jit) as conn:
        for text in dict.fromkeys(text for _, _, text in queries("rawSql")):
            uid, number = next((u, n) for u, n, t in queries("rawSql") if t == text)
            length = DAY if uid == "vigie-operateur" else WEEKS
            asked = [_asked(text, last, length) for _ in range(times)]
            title = f"{uid}: {panel(uid, number)['title']}"
            began = _worked(conn)
            found = timed(lambda sql: conn.execute(sql).fetchall(), asked)
            yield title, found | {"cpu_ms": round((_worked(conn) - began) / times, 3)}


def _worked(conn: psycopg.Connection) -> float:
    """CPU time in ms that the server has spent on this connection; other work hardly changes it."""
    spent = Path(f"/proc/{conn.info.backend_pid}/schedstat").read_text(encoding="ascii")
    return int(spent.split()[0]) / 1e6


def _asked(text: str, last: datetime, length: timedelta) -> str:
    choose = random.Random()
    one, other = choose.sample(range(TARGETS), 2)
    since = START + choose.random() * (last - START)
    chosen = {"target": f"t{one}", "porte1": f"t{one}", "porte2": f"t{other}", "temoins": [f"t{other}"]}
    return expanded(text, {**VALUES, **chosen, "decision": "e"}, since, since + length)


def _reads(store: Store, last: datetime, times: int) -> Iterator[tuple[str, dict[str, float]]]:
    names = [f"t{n}" for n in range(TARGETS)]
    first = last.date()
    _weeks(store, names[:1], first)
    yield "12_weeks_of_rows", timed(lambda n: _load(store, n, first), random.choices(names, k=times))
    yield "12_weeks_of_all_targets", timed(lambda _: _weeks(store, names, first), range(times))
    yield "days_of_a_target", timed(lambda n: loading.default_period(store, first, n), names[:times])


def _load(store: Store, name: str, first: date) -> Any:
    return loading.load(store, name, first, first + WEEKS)


def _weeks(store: Store, names: list[str], first: date) -> Any:
    return loading.weeks(store, names, first, first + WEEKS)


def _recount(store: Store) -> None:
    wrong = unequal_weeks(store, RECOUNTED)
    if wrong:
        raise SystemExit(f"{len(wrong)} roll-ups do not equal their recount: {wrong[:3]}")


def main() -> None:
    """Print one JSON object per measure and database."""
    parser = argparse.ArgumentParser(prog="python -m bench.panels", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    asked = parser.parse_args()
    with addresses(asked.database or ["sqlite", "postgresql"]) as urls:
        for kind, url in urls.items():
            for name, figures in measure(kind, url, asked.rows, asked.times):
                shown = {"database": kind, "rows": asked.rows, "measure": name, **figures}
                print(json.dumps(shown, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
