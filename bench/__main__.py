"""Runs every measurement and writes `docs/performance.md`: `python -m bench [--quick]`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import france
from bench.scrape import Scrape, scrape
from bench.visits import Comparison, browser_visits, http_visits
from monitor.clock import SystemClock

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"

HEAD = """# Performance

Written by `make bench`. What is compared ran in turn, in one sitting, on one machine, against our simulated
préfectures on loopback: **read the ratios**; absolute numbers move with the machine.
"""


def main() -> None:
    """Measure, print as it goes, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="Fewer rounds and rows; for a first look.")
    parser.add_argument("--output", type=Path, default=PAGE)
    options = parser.parse_args()
    parts: list[str] = []
    for part in measured(quick=options.quick):
        print(part, "\n", flush=True)
        parts.append(part)
    options.output.write_text("\n".join([HEAD, *parts]), encoding="utf-8")


def measured(*, quick: bool) -> Iterator[str]:
    """The sections of the page, each once it is known."""
    load = os.getloadavg()[0]
    yield (
        f"Measured on {SystemClock().now():%Y-%m-%d}: {platform.system()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}; load average at the start {load:.1f}.\n"
    )
    rounds = 5 if quick else 7
    browser = asyncio.run(browser_visits(rounds=rounds, visits=10 if quick else 30))
    yield comparison("Browser probes beside a bare Playwright loop", browser, 0.9, BROWSER_NOTE)
    http = asyncio.run(http_visits(rounds=rounds, visits=100 if quick else 300))
    yield comparison("HTTP probes beside a bare httpx loop", http, 0.6, HTTP_NOTE)
    yield scrapes([asyncio.run(scrape(number)) for number in ((1_000,) if quick else (1_000, 10_000))])
    yield record(100_000 if quick else 10_000_000)
    yield reclassification(
        [_reclassified("--rows", "20000" if quick else "1000000"), _reclassified("--rows", "2000", "--heavy")]
    )
    yield all_of_france(asyncio.run(france.run(3 if quick else 10, cores=os.cpu_count() or 1)))


BROWSER_NOTE = """Both walk the classic module's conditions, its form and its answer (60 kB of HTML and
300 kB of assets a page), in a fresh context, with a viewport JPEG. Ours also keeps the stop line, the pace
and the allow-list, hashes and stores every body, reads the answer, and writes the row."""

HTTP_NOTE = """Both make the same three requests with a fresh client and a shared TLS context, and parse
the answer. Ours also does all that is said above, a durable commit included."""


def comparison(title: str, found: Comparison, goal: float, note: str) -> str:
    """Ours beside the bare loop, and whether the goal was met."""
    verdict = "met" if found.ratio >= goal else "**not met**"
    rows = [
        f"| {name} | {figures.per_minute:.0f} | {figures.cpu_ms:.1f} | {figures.pss / 1e6:.0f} MB |"
        for name, figures in (("Vigie", found.ours), ("bare loop", found.bare))
    ]
    return "\n".join(
        [
            f"## {title}\n",
            note,
            "\n| | probes per minute | CPU ms per probe | memory (PSS, highest) |\n|---|---|---|---|",
            *rows,
            f"\nRatio, median of {found.rounds} rounds of {found.visits}: **{found.ratio:.0%}** "
            f"of the bare loop's rate (goal {goal:.0%}: {verdict}).\n",
        ]
    )


def scrapes(found: list[Scrape]) -> str:
    """The exporter at two sizes."""
    rows = [f"| {s.targets:,} | {s.milliseconds:.0f} ms | {s.bytes / 1e6:.1f} MB |" for s in found]
    return "\n".join(
        [
            "## The exporter's scrape\n",
            "Read from the database at each scrape. Goal for 1,000 targets: under 300 ms and 5 MB.\n",
            "| targets | time (median of 5) | size |\n|---|---|---|",
            *rows,
            "",
        ]
    )


def record(rows: int) -> str:
    """The store at size, by its own program."""
    command = [sys.executable, "-m", "bench.store", "--rows", str(rows)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [_measure(json.loads(line)) for line in printed.splitlines()]
    head = f"## The record at {rows:,} rows\n\n| database | measure | median | p95 |\n|---|---|---|---|"
    return "\n".join([head, *lines, ""])


def _measure(found: dict[str, Any]) -> str:
    if "ms" in found:
        return f"| {found['database']} | {found['measure']} | {found['ms'] / 1000:.1f} s | |"
    return f"| {found['database']} | {found['measure']} | {found['median_ms']} ms | {found['p95_ms']} ms |"


def reclassification(found: list[dict[str, Any]]) -> str:
    """Stored captures read again, at two weights of a page."""
    rows = [
        f"| {one['rows']:,} | {one['bytes_a_row'] / 1000:.0f} kB | {one['rows_per_second']:,} "
        f"| {one['peak_mb_after_a_tenth']} MB | {one['peak_mb']} MB |"
        for one in found
    ]
    return "\n".join(
        [
            "## `vigie reclassify --dry-run`\n",
            "One process. Every capture is fetched, decompressed, checked, parsed and read; half of all "
            "readings change. Memory is the most held after a tenth of the rows, and after all.\n",
            "| rows | pages of a row | rows a second | after a tenth | after all |\n|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _reclassified(*options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.reclassify", *options]
    found: dict[str, Any] = json.loads(
        subprocess.run(command, capture_output=True, text=True, check=True).stdout
    )
    return found


def all_of_france(load: france.Load) -> str:
    """The whole service at 1,000 targets an hour."""
    cores = os.cpu_count()
    return "\n".join(
        [
            "## All of France on a small server\n",
            "1,000 targets hourly on 100 hosts, over Chromium, 10 s between pages of a host, a picture each,"
            f" for {load.minutes:.0f} minutes (the site runs apart and is not counted):\n",
            f"- {load.visits_per_minute:.1f} visits a minute: {load.observations} rows, {load.gaps} gaps",
            f"- {load.cpu_share:.1%} of {cores} cores (goal: under 15 % of two)",
            f"- {load.pss / 1e6:.0f} MB in all, browser included (goal: under 1 GB)",
            f"- last quarter over second: {json.dumps({k: round(v, 3) for k, v in load.growth.items()})}",
            "\n<!-- " + json.dumps(asdict(load)) + " -->\n",
        ]
    )


if __name__ == "__main__":
    main()
