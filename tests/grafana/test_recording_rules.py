"""Recording rules and the operator's panels on a real Prometheus: the digits of the Python figures."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.figures.period import Counts, guard
from monitor.figures.shares import Share, bound_of, share, upper
from probes.model import Outcome
from tests.cast.dashboards import ROOT, panel, queries
from tests.grafana.prometheus import RECORDED, RULES, instant, running
from tests.grafana.scraped import HOUR, NAMES, History

DAY, WEEK = timedelta(days=1), timedelta(days=7)
EXPRESSIONS = list(queries("expr"))


@pytest.fixture(scope="module")
def history() -> History:
    return History(datetime.now(UTC).replace(second=0, microsecond=0))


@pytest.fixture(scope="module")
def prometheus(history: History, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running(tmp_path_factory.mktemp("prometheus"), history.exported(), wait_for=RECORDED) as client:
        yield client


def values(client: httpx.Client, expression: str) -> dict[str, float]:
    """Target → value; the empty name for what has no target."""
    found = instant(client, expression)
    return {sample["metric"].get("target", ""): float(sample["value"][1]) for sample in found}


@pytest.mark.parametrize("figure", ["scheduled", "executed", "conclusive", "zeros"])
def test_counts_over_a_window_are_exact(prometheus: httpx.Client, history: History, figure: str) -> None:
    expected = {name: getattr(history.counts(name, WEEK), figure) for name in NAMES}
    assert values(prometheus, f"vigie:{figure}:7d") == expected


def test_the_share_without_slot_is_the_figure_to_the_last_digit(
    prometheus: httpx.Client, history: History
) -> None:
    expected = {name: share(history.counts(name, WEEK), least=50) for name in NAMES}
    shown = {name: found.value for name, found in expected.items() if isinstance(found, Share)}
    assert values(prometheus, "vigie:share_without_slot:7d") == shown
    assert {"vide", "mixte", "cancellations"} <= set(shown)
    assert not {"bloque", "troue"} & set(shown)


def test_the_bound_of_an_all_zero_week(prometheus: httpx.Client, history: History) -> None:
    counted = {name: history.counts(name, WEEK) for name in NAMES}
    empty = {n: bound_of(c).share for n, c in counted.items() if c.zeros == c.conclusive and not guard(c)}
    assert values(prometheus, "vigie:time_with_slots_at_most:7d") == empty
    assert "vide" in empty


def test_the_bound_has_the_same_digits_for_every_n(prometheus: httpx.Client) -> None:
    """Up to a year of hourly instants; the text of the rule itself, with n in place of the count."""
    (rule,) = re.findall(r"(ceil\(.*1e9)\n", RULES.read_text(encoding="utf-8"))
    bare = rule.replace("(vigie:conclusive:7d > 0)", "vector(time())")
    asked = {"query": bare, "start": 1, "end": 8760, "step": 1}
    (told,) = prometheus.get("/query_range", params=asked).json()["data"]["result"]
    assert {at: float(value) for at, value in told["values"]} == {n: upper(n) for n in range(1, 8761)}


def test_coverage_adds_numerators_and_denominators_up(prometheus: httpx.Client, history: History) -> None:
    total = sum((history.counts(name, DAY) for name in NAMES), Counts())
    assert values(prometheus, "vigie:coverage:24h") == {"": total.coverage}
    assert values(prometheus, "vigie:usable:24h") == {"": total.usable}
    assert values(prometheus, "vigie:all_scheduled:24h") == {"": total.scheduled}


@pytest.mark.parametrize("name", RECORDED)
def test_every_rule_records_something(prometheus: httpx.Client, name: str) -> None:
    assert instant(prometheus, name)


@pytest.mark.parametrize(
    ("uid", "number", "expression"), EXPRESSIONS, ids=[f"{n}-{i}" for i, (_, n, _) in enumerate(EXPRESSIONS)]
)
def test_no_panel_is_empty(prometheus: httpx.Client, uid: str, number: int, expression: str) -> None:
    assert "$" not in expression
    assert instant(prometheus, expression), panel(uid, number)["title"]


def test_every_panel_shows_the_seeded_value(prometheus: httpx.Client, history: History) -> None:
    """Those from recording rules are the rules' own, which the tests above hold against the figures."""
    hour = [a for made in history.attempts.values() for a in made if a.scheduled_at > history.now - HOUR]
    outcomes = Counter({f'{{"outcome": "{o}"}}': 0 for o in Outcome})
    outcomes.update(f'{{"outcome": "{a.outcome}"}}' for a in hour if a.outcome)
    expected = {
        "vigie_up": {"{}": 1},
        "vigie_stale_targets": {"{}": 2},
        "vigie_rollup_differences": {"{}": 3},
        "sum(vigie_host_breaker_open)": {"{}": 1},
        "vigie_host_pages_today": {'{"host": "vienne.localhost"}': 96},
        "max by (platform, page_origin) (vigie_target_info)": {
            '{"page_origin": "reconstructed", "platform": "anef"}': 1
        },
        "sum by (outcome) (vigie_observations_total - vigie_observations_total offset 1h)": outcomes,
        "vigie_gaps_total - vigie_gaps_total offset 1h": {
            '{"reason": "downtime"}': sum(a.gap is not None for a in hour)
        },
    }
    ages = "time() - vigie_last_observation_timestamp_seconds"
    for expression, values_ in expected.items():
        shown = {labels(sample): float(sample["value"][1]) for sample in instant(prometheus, expression)}
        assert shown == values_, expression
    at = history.now.timestamp()
    assert [float(sample["value"][1]) for sample in instant(prometheus, ages, at)] == [600]
    rules = {
        text for _, _, text in EXPRESSIONS if text.removeprefix("max by (target) (").rstrip(")") in RECORDED
    }
    assert {text for _, _, text in EXPRESSIONS} == expected.keys() | rules | {ages}


def labels(sample: dict[str, Any]) -> str:
    return json.dumps({k: v for k, v in sample["metric"].items() if k != "__name__"})


@pytest.mark.parametrize(
    "command", [("check", "config", "prometheus.yml"), ("test", "rules", "tests/figures.yml")]
)
@pytest.mark.slow
def test_promtool_accepts_the_configuration_and_the_rules_do_what_their_tests_say(
    command: tuple[str, ...],
) -> None:
    done = subprocess.run(
        ["promtool", *command], cwd=ROOT / "prometheus", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_metric_named_in_panels_and_rules_is_one_the_exporter_has() -> None:
    code = "".join(p.read_text(encoding="utf-8") for p in Path(ROOT / "monitor").rglob("*.py"))
    named = set(re.findall(r'"(vigie_[a-z_]+)"', code))
    named |= {f"{name}_total" for name in named}
    used = set(re.findall(r"\bvigie_[a-z_]+", RULES.read_text(encoding="utf-8")))
    used |= {name for _, _, text in EXPRESSIONS for name in re.findall(r"\bvigie_[a-z_]+", text)}
    assert used <= named
