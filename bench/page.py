"""Writes `docs/performance.md` from the figures that the page itself holds in a comment.

Sentences are made anew from the figures, so they always agree. Each part keeps the figures of its last run,
with that run's day and machine, until it is run again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench import goals

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BUSY = 1.0
"""If the load average was above this before measuring, the machine was busy with other work."""

Found = Any
Figures = dict[str, dict[str, Any]]

_KEPT = re.compile(r"<!-- figures\n(.*)\n-->\n\Z", re.DOTALL)

HEAD = """# Performance

Made by `make bench`, sentences included: no line here is written by hand. What is compared ran in turn, in
one sitting, on one machine, against our simulated préfectures on loopback: **read the ratios**; absolute
numbers move with the machine. Each part says when and where it was measured last.
"""

BROWSER = """Both walk the classic module's conditions, its form and its answer (60 kB of HTML and 300 kB of
assets a page) in a fresh context of the same Chromium with the same switches, give each page its next five
seconds in its own time, and take a JPEG of the whole answer; two at a time. Ours also keeps the stop line,
the pace and the allow-list, holds each of the page's own requests to them, copies what a person sees, tests
the ink of the words that decide, hashes and stores every body, reads the answer, and writes the row. CPU is
the whole process tree, browser included, the site left out."""

HTTP = """Both make the same three requests with a fresh client and a shared TLS context, and parse both
pages; eight at a time. Ours also does all that is said above, a durable commit included. One process does
everything, so the rate is that of one core: what a visit costs beyond the bare loop is parsing the form
once more, telling what a page shows from what it hides, comparing every visible line, two transactions for
the pace and one for the row."""

SCRAPE = """Every target has all its series, read from the database at each scrape and rendered as text."""

RECORD = """Rows are made in bulk inside the database, one an hour for each of 300 targets; what is measured
then goes through the service's own code. Every append is a durable commit."""

PANELS = """Twelve weeks of one target of 300, or of all of them, chosen anew each time; a day for the
operator. On PostgreSQL each query of each dashboard (goal: p95 under 200 ms), on SQLite what `vigie figures`
reads (500 ms). The server's CPU, a query on average, is what a busy machine does not blur. A hundred random
target-weeks were recounted from their rows, and no roll-up differed."""

RECLASSIFY = """One process. Every capture is fetched, decompressed, checked, parsed and read; half of all
readings change. Memory is the most held after a tenth of the rows, and after all."""

BUNDLE = """One hourly target, two pages a visit, a picture of 50 kB a day. Seconds by the clock, and of the
processor. Goals: made in 20 s, under 25 MB, verified in 5 s, the same bytes when made again."""

FRANCE = """1,000 targets hourly on 100 hosts, over Chromium, 10 s between pages of a host, a picture each;
the site runs apart and is not counted. Visits under way at the end are let finish, so every gap is one the
service made."""

SOAK = """The same for longer, looking for anything that grows: the last quarter beside the second one, 1
being flat."""

MEASURES = {
    "fill": "making the rows",
    "rebuild": "making all projections again from the rows",
    "append_row": "append one observation of one short page",
    "append_walk_of_3_pages": "append one of three pages of 60 kB, each compressed against its predecessor",
    "last_30_days_rows": "the last 30 days of one target, every row",
    "last_30_days_counts": "the last 30 days of one target, counted by day",
    "standings": "where all targets stand, as the exporter asks",
    "counts": "all entries ever, counted, as the exporter asks",
}


def read(path: Path = PAGE) -> Figures:
    """The figures in the page at `path`, by part; empty when there is no page or no figures in it."""
    kept = _KEPT.search(path.read_text(encoding="utf-8")) if path.exists() else None
    figures: Figures = json.loads(kept[1]) if kept else {}
    return figures


def render(figures: Figures) -> str:
    """The text of the page, with the figures in a comment at its end."""
    parts = [_part(title, figures.get(name), say) for name, (title, say) in PARTS.items()]
    return "\n".join([HEAD, *parts, f"<!-- figures\n{json.dumps(figures, sort_keys=True)}\n-->\n"])


def _part(title: str, run: Mapping[str, Any] | None, say: Callable[[Found], Iterator[str]]) -> str:
    lines = ["Not measured yet.\n"] if run is None else [*say(run["found"]), "", _when(run)]
    return "\n".join([f"## {title}\n", *lines])


def _when(run: Mapping[str, Any]) -> str:
    quick = ", fewer rounds and rows than usual (`--quick`)" if run["quick"] else ""
    busy = ": **the machine was busy**, its figures and verdicts say little" if run["load"] > BUSY else ""
    where = f"{run['cores']} cores, Python {run['python']}"
    return f"*Measured on {run['day']}, {where}{quick}; load average before {run['load']:.1f}{busy}.*\n"


def _verdict(met: bool) -> str:
    return "met" if met else "**not met**"


def _comparison(found: Found, note: str, goal: float | None = None) -> Iterator[str]:
    """`goal` is the most CPU that our visit may use, as a multiple of the bare loop's; `None` for no goal."""
    yield note
    yield "\n| | probes per minute | CPU ms per probe | memory (PSS, highest) |\n|---|---|---|---|"
    for name, key in (("Vigie", "ours"), ("bare loop", "bare")):
        one = found[key]
        yield f"| {name} | {one['per_minute']:.0f} | {one['cpu_ms']:.1f} | {one['pss'] / 1e6:.0f} MB |"
    ratio = found["ratio"]
    by_cpu = found["ours"]["cpu_ms"] / found["bare"]["cpu_ms"]
    aimed = "" if goal is None else f" (goal at most {goal:g}: {_verdict(by_cpu <= goal)})"
    yield (
        f"\nA visit's CPU is **{by_cpu:.2f}** times the bare loop's{aimed}. Our rate is {ratio:.0%} of its "
        f"rate, median of {found['rounds']} rounds of {found['visits']}."
    )


def _browser(found: Found) -> Iterator[str]:
    return _comparison(found, BROWSER, goals.BROWSER_CPU)


def _http(found: Found) -> Iterator[str]:
    return _comparison(found, HTTP)


def _scrape(found: Found) -> Iterator[str]:
    yield SCRAPE
    yield "\n| targets | time (median of 5) | size |\n|---|---|---|"
    for one in found:
        yield f"| {one['targets']:,} | {one['milliseconds']:.0f} ms | {one['bytes'] / 1e6:.1f} MB |"
    thousand = next(one for one in found if one["targets"] == 1_000)
    met = thousand["milliseconds"] < goals.SCRAPE_MS and thousand["bytes"] < goals.SCRAPE_BYTES
    bounds = f"under {goals.SCRAPE_MS} ms and {goals.SCRAPE_BYTES / 1e6:g} MB"
    yield f"\nGoal for 1,000 targets, {bounds}: {_verdict(met)}."


def _record(found: Found) -> Iterator[str]:
    yield RECORD
    yield f"\n{found['rows']:,} rows:\n\n| database | what | median | p95 |\n|---|---|---|---|"
    for one in found["measures"]:
        what = MEASURES[one["measure"]]
        if "ms" in one:
            yield f"| {one['database']} | {what} | {one['ms'] / 1000:.1f} s in all | |"
        else:
            yield f"| {one['database']} | {what} | {one['median_ms']:.1f} ms | {one['p95_ms']:.1f} ms |"


def _panels(found: Found) -> Iterator[str]:
    yield PANELS
    yield f"\n{found['rows']:,} rows:\n"
    yield "| database | what | median | p95 | server's CPU |\n|---|---|---|---|---|"
    for one in found["measures"]:
        what = MEASURES.get(one["measure"], one["measure"].replace("_", " "))
        if "ms" in one:
            yield f"| {one['database']} | {what} | {one['ms'] / 1000:.1f} s in all | | |"
            continue
        cpu = f"{one['cpu_ms']:.1f} ms" if "cpu_ms" in one else ""
        yield f"| {one['database']} | {what} | {one['median_ms']:.1f} ms | {one['p95_ms']:.1f} ms | {cpu} |"


def _reclassify(found: Found) -> Iterator[str]:
    yield RECLASSIFY
    yield "\n| rows | pages of a row | rows a second | after a tenth | after all |\n|---|---|---|---|---|"
    for one in found:
        yield (
            f"| {one['rows']:,} | {one['bytes_a_row'] / 1000:.0f} kB | {one['rows_per_second']:,} "
            f"| {one['peak_mb_after_a_tenth']} MB | {one['peak_mb']} MB |"
        )


def _bundle(found: Found) -> Iterator[str]:
    *bundles, tree = found
    yield BUNDLE
    yield "\n| pages of a visit | made | size | `verify.sh` | `verify.py` | made again |"
    yield "|---|---|---|---|---|---|"
    for one in bundles:
        took = [
            f"{one[name]:.1f} s ({one[name + '_cpu']:.1f})" for name in ("make", "verify_sh", "verify_py")
        ]
        same = "the same bytes" if one["same_bytes"] else "**other bytes**"
        yield f"| {one['page_kb']} kB | {took[0]} | {one['megabytes']} MB | {took[1]} | {took[2]} | {same} |"
    yield (
        f"\nThe tree: {tree['appends']:,} appends in {tree['seconds']:.1f} s; a proof of inclusion in "
        f"{tree['inclusion_ms']} ms, of consistency in {tree['consistency_ms']} ms. Goals: 5 s and 1 ms."
    )


def _france(found: Found) -> Iterator[str]:
    yield from _load(found, FRANCE)


def _soak(found: Found) -> Iterator[str]:
    yield from _load(found, SOAK)


def _load(found: Found, note: str) -> Iterator[str]:
    gaps = ", ".join(f"{number} {reason}" for reason, number in found["gaps"].items()) or "none"
    yield f"{note}\n\nFor {found['minutes']:.0f} minutes:\n"
    yield f"- {found['visits_per_minute']:.1f} visits a minute, {found['observations']} rows; gaps: {gaps}"
    cpu, memory = found["cpu_share"], found["pss"]
    wanted = f"goal, at most {goals.CPU_SHARE:.0%}: {_verdict(cpu <= goals.CPU_SHARE)}"
    yield f"- {cpu:.1%} of two cores ({wanted})"
    if bare := found.get("bare_cpu_ms"):
        alone = bare / 1000 * found["visits_per_minute"] / 60 / 2
        yield (
            f"- {alone:.1%} is what the bare loop alone would have used for as many visits on that machine "
            f"and day: {bare:.0f} ms of CPU each"
        )
    wanted = f"goal, at most {goals.MEMORY / 1e9:g} GB: {_verdict(memory <= goals.MEMORY)}"
    yield f"- {memory / 1e6:.0f} MB in all, browser included ({wanted})"
    for name, ratio in found["growth"].items():
        flat = f"flat, at most {goals.GROWTH:g}: {_verdict(ratio <= goals.GROWTH)}"
        yield f"- {name}, last quarter over second: {ratio:.2f} ({flat})"


PARTS: Mapping[str, tuple[str, Callable[[Found], Iterator[str]]]] = {
    "browser": ("Browser probes beside a bare Playwright loop", _browser),
    "http": ("HTTP probes beside a bare httpx loop", _http),
    "scrape": ("The exporter's scrape", _scrape),
    "record": ("The record", _record),
    "record-large": ("The record at ten million rows", _record),
    "panels": ("The figures", _panels),
    "panels-large": ("The figures at ten million rows", _panels),
    "reclassify": ("`vigie reclassify --dry-run`", _reclassify),
    "bundle": ("A bundle of thirty days", _bundle),
    "france": ("All of France on a small server", _france),
    "soak": ("The soak", _soak),
}
"""For each part: its title, and the function that makes its text from the figures."""
