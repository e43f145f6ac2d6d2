"""Measures, and keeps what it found in `docs/performance.md`: `python -m bench [--quick] [PART ...]`.

Without parts: all but `record-large`, `panels-large` and `soak`, which take an hour or so each. Parts left
out keep the figures of their last run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import france, page
from bench.scrape import scrape
from bench.visits import browser_visits, http_visits
from monitor.clock import SystemClock

LONG = ("record-large", "panels-large", "soak")


def main() -> None:
    """Measure each part, print its figures and write the page. Exits with 1 if the soak missed a goal."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(MEASURED))
    parser.add_argument("--quick", action="store_true", help="Fewer rounds and rows; for a first look.")
    parser.add_argument("--output", type=Path, default=page.PAGE)
    options = parser.parse_args()
    if unknown := set(options.parts) - set(MEASURED):
        parser.error(f"no part {', '.join(sorted(unknown))}: there are {', '.join(MEASURED)}")
    parts = options.parts or [part for part in MEASURED if part not in LONG]
    if len(parts) > 1:
        raise SystemExit(_one_by_one(parts, options))
    figures = page.read(options.output)
    # Read before measuring: afterwards it would include our own work.
    load = round(os.getloadavg()[0], 1)
    name = parts[0]
    print(f"{SystemClock().now():%H:%M} UTC: {name}", file=sys.stderr, flush=True)
    figures[name] = run = _stamped(name, quick=options.quick, load=load)
    print(json.dumps(run["found"]), flush=True)
    options.output.write_text(page.render(figures), encoding="utf-8")
    if name == "soak":
        raise SystemExit(france.judged(france.Load(**run["found"])))


def _one_by_one(parts: Sequence[str], options: argparse.Namespace) -> int:
    """Measure each part in a process of its own, so that none counts the memory of another."""
    command = [sys.executable, "-m", "bench", "--output", str(options.output)]
    command += ["--quick"] if options.quick else []
    return max(subprocess.run([*command, part]).returncode for part in parts)


def _stamped(name: str, *, quick: bool, load: float) -> dict[str, Any]:
    """Measure one part; its figures, with the UTC day and the machine they were measured on."""
    run = {
        "day": f"{SystemClock().now():%Y-%m-%d}",
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": load,
        "quick": quick,
    }
    return {**run, "found": MEASURED[name](quick)}


def _browser(quick: bool) -> Any:
    return asdict(asyncio.run(browser_visits(rounds=5 if quick else 7, visits=10 if quick else 20)))


def _http(quick: bool) -> Any:
    return asdict(asyncio.run(http_visits(rounds=5 if quick else 7, visits=100 if quick else 300)))


def _scrape(quick: bool) -> Any:
    return [asdict(asyncio.run(scrape(number))) for number in ((1_000,) if quick else (1_000, 10_000))]


def _record(quick: bool) -> Any:
    return _recorded(100_000 if quick else 1_000_000)


def _record_large(quick: bool) -> Any:
    return _recorded(1_000_000 if quick else 10_000_000)


def _recorded(rows: int) -> Any:
    return {"rows": rows, "measures": _printed("bench.store", "--rows", str(rows))}


def _panels(quick: bool) -> Any:
    return _paneled(100_000 if quick else 1_000_000)


def _panels_large(quick: bool) -> Any:
    return _paneled(1_000_000 if quick else 10_000_000)


def _paneled(rows: int) -> Any:
    return {"rows": rows, "measures": _printed("bench.panels", "--rows", str(rows))}


def _reclassify(quick: bool) -> Any:
    light = _printed("bench.reclassify", "--rows", "20000" if quick else "1000000")
    return [*light, *_printed("bench.reclassify", "--rows", "2000", "--heavy")]


def _printed(module: str, *options: str) -> list[Any]:
    """Run `module` in another process; the JSON objects it prints, one on each line. They are shown too."""
    found = []
    with subprocess.Popen([sys.executable, "-m", module, *options], stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout or ():
            print(line, end="", file=sys.stderr, flush=True)
            found.append(json.loads(line))
    if run.returncode:
        raise SystemExit(f"{module} failed")
    return found


def _bundle(quick: bool) -> Any:
    return _printed("bench.bundle", "--days", "5" if quick else "30")


def _france(quick: bool) -> Any:
    return asdict(asyncio.run(france.run(3 if quick else 10)))


def _soak(quick: bool) -> Any:
    return asdict(asyncio.run(france.run(10 if quick else 60)))


MEASURED: Mapping[str, Callable[[bool], Any]] = {
    "browser": _browser,
    "http": _http,
    "scrape": _scrape,
    "record": _record,
    "record-large": _record_large,
    "panels": _panels,
    "panels-large": _panels_large,
    "reclassify": _reclassify,
    "bundle": _bundle,
    "france": _france,
    "soak": _soak,
}


if __name__ == "__main__":
    main()
