"""The page of measurements says its figures, all of them, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench import page
from bench.__main__ import MEASURED
from bench.france import Load, missed

ONE = {"per_minute": 100.0, "cpu_ms": 10.0, "pss": 10**8}
RUN = {"day": "2026-11-25", "cores": 2, "python": "3.11.7", "load": 0.2, "quick": False}
LOAD: dict[str, Any] = {
    "minutes": 60.0,
    "observations": 1000,
    "gaps": {},
    "visits_per_minute": 16.7,
    "cpu_share": 0.09,
    "bare_cpu_ms": 500.0,
    "pss": 8 * 10**8,
    "growth": {"pss": 1.0, "processes": 1.0, "descriptors": 1.0},
}


def compared(cpu: float) -> dict[str, Any]:
    """Figures of a visit that uses `cpu` times the CPU of the bare loop's."""
    ours = {**ONE, "cpu_ms": ONE["cpu_ms"] * cpu}
    return {"ours": ours, "bare": ONE, "ratio": 0.9, "rounds": 7, "visits": 30}


def told(part: str, found: Any, **run: Any) -> str:
    """The section of `part` alone."""
    title, _ = page.PARTS[part]
    text = page.render({part: {**RUN, **run, "found": found}})
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0].partition("<!-- figures")[0]


def test_the_page_says_its_figures_and_nothing_written_by_hand() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.render(page.read())


def test_a_page_carries_its_figures_over(tmp_path: Path) -> None:
    figures = {"browser": {**RUN, "found": compared(1.2)}}
    (tmp_path / "page.md").write_text(page.render(figures), encoding="utf-8")
    assert page.read(tmp_path / "page.md") == figures
    assert page.read(tmp_path / "none.md") == {}


def test_every_part_has_its_place_on_the_page() -> None:
    assert page.PARTS.keys() == MEASURED.keys()


def test_france_says_what_the_bare_loop_would_have_used_on_the_same_machine() -> None:
    assert "- 7.0% is what the bare loop alone would have used" in told("france", LOAD)


def test_a_visit_says_whether_its_cpu_met_the_goal() -> None:
    assert "1.3: met" in told("browser", compared(1.29))
    assert "1.3: **not met**" in told("browser", compared(1.31))
    assert "goal" not in told("http", compared(3.0))


def test_a_scrape_says_whether_it_met_its_goal() -> None:
    thousand, more = (
        {"targets": number, "milliseconds": 299.0, "bytes": 3 * 10**6} for number in (1_000, 10_000)
    )
    assert "5 MB: met" in told("scrape", [thousand, more | {"milliseconds": 3000.0}])
    assert "**not met**" in told("scrape", [thousand | {"milliseconds": 301.0}])
    assert "**not met**" in told("scrape", [thousand | {"bytes": 6 * 10**6}])


def test_a_bundle_that_comes_out_otherwise_is_told() -> None:
    times = {f"{name}{cpu}": 2.0 for name in ("make", "verify_sh", "verify_py") for cpu in ("", "_cpu")}
    made = {"page_kb": 2, "megabytes": 11.0, "same_bytes": True, **times}
    tree = {"appends": 10**6, "seconds": 2.0, "inclusion_ms": 0.1, "consistency_ms": 0.1}
    assert "**other bytes**" not in told("bundle", [made, tree])
    assert "**other bytes**" in told("bundle", [made, made | {"same_bytes": False}, tree])


def test_a_busy_machine_and_a_quick_run_are_told() -> None:
    busy = told("browser", compared(1.2), load=9.0, quick=True)
    assert "**the machine was busy**" in busy
    assert "`--quick`" in busy
    calm = told("browser", compared(1.2))
    assert "busy" not in calm
    assert "`--quick`" not in calm


def test_a_flat_hour_meets_every_goal() -> None:
    assert list(missed(Load(**LOAD))) == []
    assert "**not met**" not in told("soak", LOAD)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cpu_share": 0.16}, "16.0% of two cores"),
        ({"pss": 11 * 10**8}, "1100 MB"),
        ({"gaps": {"misfire": 2}}, "2 instants became a gap: misfire"),
        ({"visits_per_minute": 3.0}, "the load was never reached"),
        ({"growth": {"descriptors": 1.2}}, "descriptors grew"),
    ],
)
def test_what_an_hour_missed_is_said(change: dict[str, Any], said: str) -> None:
    [only] = missed(Load(**LOAD | change))
    assert said in only
