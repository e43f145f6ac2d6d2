"""`vigie reclassify --dry-run` at size: rows a second, and memory that stays (`-h` tells the options).

Rows are made in bulk over a few hundred captures of two pages, no two alike; every row then costs what it
would in earnest: its manifest and bodies are fetched, decompressed, checked, parsed and read. Half of them
were first read by a reader that knew nothing, so half of all readings change.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from monitor.clock import SystemClock
from monitor.review.reclassify import Reclassifier
from monitor.store import EntryKind, Store, open_store, upgrade
from monitor.store.record.entries import count_observations
from monitor.store.record.rows import observation_columns
from monitor.store.tables.record import entries, observations
from probes.model import Capture, Outcome, Reading
from probes.registry import platform
from tests.cast.heavy_pages import LAYOUTS
from tests.cast.observations import observation
from tests.cast.saved_pages import folders, load
from tests.cast.transactions import ask, read_row

START = datetime(2023, 1, 1, tzinfo=UTC)
TARGETS = 300
CHUNK = 20_000
CASE = next(load(folder) for folder in folders() if folder.name == "no_slots-one_desk")
UNREAD = Reading(outcome=Outcome.UNRECOGNISED, rule="older_reader")


def main() -> None:
    """Print one line of JSON: the rate, and the most memory held after a tenth of the rows and after all."""
    parser = argparse.ArgumentParser(prog="python -m bench.reclassify", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--distinct", type=int, default=256, help="Captures that no other one equals.")
    parser.add_argument("--heavy", action="store_true", help="Pages of 60 kB instead of the saved ones.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        # In another process: the memory used to make the rows must not be counted for reading them.
        maker = multiprocessing.get_context("spawn").Process(
            target=make, args=(folder, options.rows, options.distinct, options.heavy)
        )
        maker.start()
        maker.join()
        print(json.dumps(measure(folder)))


def measure(folder: str) -> dict[str, float]:
    """Read every capture again, writing nothing; the figures, with memory in MB."""
    store = opened(folder)
    rows = ask(store, count_observations)
    done, early = 0, 0.0

    def advanced(n: int) -> None:
        nonlocal done, early
        done += n
        if done <= rows / 10:
            early = megabytes()

    reader = Reclassifier(
        store=store, platforms=platform, clock=SystemClock(), write=False, cause="bench", advanced=advanced
    )
    start, busy = time.perf_counter(), time.process_time()
    summary = reader.run()
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    made = {
        "rows": summary.read,
        "bytes_a_row": sum(len(step.body) for step in store.load_capture(1).steps),
        "changed": summary.changed.total(),
        "seconds": round(seconds, 1),
        "rows_per_second": round(summary.read / seconds),
        "rows_per_cpu_second": round(summary.read / busy),
        "peak_mb_after_a_tenth": round(early),
        "peak_mb": round(megabytes()),
    }
    store.close()
    return made


def megabytes() -> float:
    """The most memory in MB that this process has held so far.

    Do not use `ru_maxrss` instead: a process inherits it from the one that started it.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000


def make(folder: str, rows: int, distinct: int, heavy: bool) -> None:
    """Fill the database in `folder` with hourly rows of 300 targets; half of them are `unrecognised`.

    `distinct` is the number of different captures that the rows share.
    """
    upgrade(address(folder))
    store = opened(folder)
    store.record_targets(replace(CASE.target, id=f"t{n}") for n in range(TARGETS))
    manifests = [_manifest(store, n, heavy=heavy) for n in range(distinct)]
    for begin in range(distinct, rows, CHUNK):
        numbers = range(begin, min(begin + CHUNK, rows))
        with store.write() as conn:
            conn.execute(insert(entries), [_entry(n) for n in numbers])
            conn.execute(insert(observations), [_seen(n, manifests[n % distinct]) for n in numbers])
    store.close()


def opened(folder: str) -> Store:
    """Open the database in `folder`; commits do not wait for the disk."""
    return open_store(address(folder), media=Path(folder), durable=False)


def address(folder: str) -> str:
    """The database URL for `folder`."""
    return f"sqlite:///{folder}/vigie.db"


def _manifest(store: Store, n: int, *, heavy: bool) -> str:
    """Store capture `n` as row `n` + 1, as the service would; the SHA-256 of its manifest."""
    seen = observation(_at(n), name=f"t{n % TARGETS}", reading=_read(n), capture=capture(n, heavy=heavy))
    return read_row(store, store.append_observation(seen)).manifest_sha256


def capture(n: int, *, heavy: bool = False) -> Capture:
    """The saved visit with the number `n` on every page, so that all captures differ."""
    steps = [
        replace(step, body=step.body.replace(b"</body>", _filling(n, place, heavy=heavy) + b"</body>"))
        for place, step in enumerate(CASE.capture.steps)
    ]
    return replace(CASE.capture, steps=tuple(steps))


def _filling(n: int, place: int, *, heavy: bool) -> bytes:
    lines = LAYOUTS[place] if heavy else []
    return "\n".join([*lines[:40], f"<p>{n}</p>", *lines[40:]]).encode()


def _at(n: int) -> datetime:
    return START + timedelta(hours=n // TARGETS, seconds=n * 7919 % 3600)


def _read(n: int) -> Reading:
    return READ if n % 2 else UNREAD


READ = platform("classic").read(CASE.target, capture(0))


def _entry(n: int) -> dict[str, Any]:
    at = _at(n)
    return {
        "id": n + 1,
        "kind": EntryKind.OBSERVATION,
        "target": f"t{n % TARGETS}",
        "target_version_id": n % TARGETS + 1,
        "scheduled_at": at,
        "at": at,
        "day": at.date(),
        "simulated": False,
        "recorded_at": at,
    }


def _seen(n: int, manifest: str) -> dict[str, Any]:
    return {"id": n + 1, **observation_columns(observation(_at(n), reading=_read(n)), manifest, None)}


if __name__ == "__main__":
    main()
