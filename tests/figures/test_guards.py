"""The guards, and that everybody who names their numbers names the same."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from grafana.queries import query
from monitor.figures.chances import chances
from monitor.figures.delays import classes, gaps
from monitor.figures.period import Insufficient, Period, VisitAttempt, period_of
from monitor.figures.runs import appearances, lifetimes
from monitor.figures.shares import bound, share_of
from monitor.model import GapReason, RunningDrought
from monitor.rules import guards
from monitor.rules.transitions import TransitionRules
from probes.model import Outcome

ROOT = Path(__file__).parents[2]
RULES = ROOT / "prometheus" / "rules"


def read(*parts: str) -> str:
    """A file of the repository, its line breaks and runs of blanks as one blank."""
    return " ".join(ROOT.joinpath(*parts).read_text(encoding="utf-8").split())


@pytest.mark.parametrize(("made", "enough"), [(0, False), (79, False), (80, True), (100, True)])
def test_four_fifths_of_the_drawn_instants_must_have_been_visited(made: int, enough: bool) -> None:
    assert guards.covered(made, 100) == enough


@pytest.mark.parametrize(("conclusive", "enough"), [(0, False), (59, False), (60, True), (100, True)])
def test_three_fifths_of_the_visits_must_have_had_an_answer(conclusive: int, enough: bool) -> None:
    assert guards.answered(conclusive, 100) == enough


def test_nothing_drawn_or_made_is_never_enough() -> None:
    assert not guards.covered(0, 0)
    assert not guards.answered(0, 0)


def test_a_period_without_a_day_misses_none() -> None:
    assert guards.drawn_days(0, 0)


@pytest.mark.parametrize("lasted", range(1, 400))
def test_the_days_are_counted_exactly_as_the_dashboards_do(lasted: int) -> None:
    assert [guards.drawn_days(days, lasted) for days in range(lasted + 1)] == [
        days * 10 >= lasted * 8 for days in range(lasted + 1)
    ]


DROUGHT = RunningDrought(
    since=datetime(2026, 3, 1, tzinfo=UTC),
    last=datetime(2026, 3, 10, 12, tzinfo=UTC),
    last_day=date(2026, 3, 10),
    zeros=60,
    others=20,
    days=8,
    gaps=20,
)


def test_a_drought_is_told_as_a_whole_when_visits_days_and_answers_are_enough() -> None:
    assert guards.drought_told(DROUGHT)
    assert not guards.drought_told(replace(DROUGHT, gaps=21))
    assert not guards.drought_told(replace(DROUGHT, days=7))
    assert not guards.drought_told(replace(DROUGHT, zeros=59, others=40, gaps=0))
    assert guards.drought_told(replace(DROUGHT, zeros=60, others=40, gaps=0))


FIRST = datetime(2026, 3, 2, tzinfo=UTC)
FIGURES: list[Callable[[Period], object]] = [
    *(share_of, bound, classes, partial(gaps, least=1)),
    *(appearances, partial(lifetimes, least=1), chances),
]


def seen(hours: range, every: int) -> Period:
    """Thirty days of UTC: a zero at each of these hours that `every` divides, a gap at the others."""
    fates: list[dict[str, Any]] = [{"outcome": Outcome.NO_SLOTS}, {"gap": GapReason.DOWNTIME}]
    hour = timedelta(hours=1)
    made = [VisitAttempt(scheduled_at=FIRST + n * hour, **fates[n % every > 0]) for n in hours]
    last = FIRST.date() + timedelta(days=29)
    return period_of(made, target="t", zone="UTC", interval=hour, first=FIRST.date(), last=last)


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize(
    ("hours", "every", "reason"),
    [
        (range(720), 2, "couverture inférieure à 80 %"),
        (range(0, 720, 96), 1, "moins de 80 % des jours sondés"),
    ],
)
def test_no_figure_is_given_where_too_little_was_seen(
    figure: Callable[[Period], object], hours: range, every: int, reason: str
) -> None:
    refused = figure(seen(hours, every))
    assert isinstance(refused, Insufficient)
    assert refused.reason == reason


def test_milestones_have_the_same_guards() -> None:
    assert (TransitionRules().coverage, TransitionRules().exploitable) == (guards.COVERAGE, guards.CONCLUSIVE)
    assert guards.COVERAGE == guards.DRAWN_DAYS, "a rule has one number for visits and days"


def test_the_rules_of_prometheus_have_the_same_numbers() -> None:
    text = (RULES / "figures.yml").read_text(encoding="utf-8")
    asked = re.findall(r"vigie:target_(coverage|usable):7d >= (\S+)", text)
    assert len(asked) == 4
    assert {(name, float(number)) for name, number in asked} == {
        ("coverage", guards.COVERAGE),
        ("usable", guards.CONCLUSIVE),
    }


def test_the_milestones_of_prometheus_ask_for_an_answer_on_as_many_days() -> None:
    text = (RULES / "vigie-alerts.yml").read_text(encoding="utf-8")
    asked = re.findall(r"\[(\d+)d:1d\]\) >= (\d+)", text)
    assert [int(days) for days, _ in asked] == list(TransitionRules().milestones)
    assert [int(least) for _, least in asked] == [math.ceil(guards.DRAWN_DAYS * int(d)) for d, _ in asked]


def test_the_sql_has_the_same_numbers() -> None:
    text = query("before_after")
    tenths = round(guards.DRAWN_DAYS * 10)
    assert tenths / 10 == guards.DRAWN_DAYS, "SQL compares whole tenths"
    assert text.count(f"watched * 10 >= length * {tenths} ") == 2
    assert f">= {guards.COVERAGE}\n" in text
    assert f">= {guards.CONCLUSIVE} AND" in text


def named(text: str) -> list[str]:
    return re.findall(r"\d+ %", text)


def test_the_documents_name_the_same_numbers() -> None:
    visits, answers, days = map(guards.percent, (guards.COVERAGE, guards.CONCLUSIVE, guards.DRAWN_DAYS))
    (figures,) = re.findall(r"\*\*Guards\*\*:.*? - \*\*", read("docs", "figures.md"))
    assert named(figures) == [visits, answers, days]
    (milestones,) = re.findall(r"\| [^|]* 7, 21, 60 days \|[^|]*\|", read("docs", "alerts.md"))
    assert named(milestones) == [visits, days, answers]
    (daily,) = re.findall(r"visited less than daily never[^.]*\.", read("docs", "alerts.md"))
    assert named(daily) == [days]
    (comment,) = re.findall(
        r"A share is there only with .*? attempts", read("prometheus", "rules", "figures.yml")
    )
    assert named(comment) == [visits, answers]
    (comment,) = re.findall(r"With an answer on .*? days", read("prometheus", "rules", "vigie-alerts.yml"))
    assert named(comment) == [days]
