"""Figures as rows: no number where a figure is refused, and the digits of the figures themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from monitor.figures import dictionary, sentences
from monitor.figures.chances import Chances, chances
from monitor.figures.controls import PairTable, corroborated, pair_table
from monitor.figures.delays import Classes, Gaps, classes, gaps
from monitor.figures.opendata import FIGURES
from monitor.figures.period import Counts, Period, VisitAttempt, period_of
from monitor.figures.runs import Appearances, Lifetimes, appearances, droughts, lifetimes
from monitor.figures.shares import (
    Availability,
    Bound,
    HonestyPart,
    Share,
    bound,
    honesty,
    share,
    trust,
    weekly,
)
from monitor.figures.tables import COLUMNS, OK, FigureRow, frame, rows
from monitor.model import Agreement
from probes.model import Outcome
from tests.cast.supply import HOUR, look_back, month, simulate

FIRST = date(2026, 3, 2)


def made(pattern: str = "long_openings", days: int = 56) -> tuple[Period, list[FigureRow]]:
    series = simulate(pattern, FIRST, days, seed=1)[1]
    return series, list(rows(series, replace(series, target="c")))


def only(found: list[FigureRow], figure: str) -> list[FigureRow]:
    return [row for row in found if row.figure == figure]


def test_the_share_has_the_digits_of_the_figure() -> None:
    series, found = made()
    (row,) = only(found, "share_without_slot")
    expected = share(series.counts)
    assert isinstance(expected, Share)
    assert (row.value, row.low, row.high) == (expected.value, expected.low, expected.high)
    assert (row.scheduled, row.conclusive) == (series.counts.scheduled, series.counts.conclusive)


def test_every_week_has_a_row_with_its_own_days_and_counts() -> None:
    series, found = made()
    weeks = only(found, "weekly_share_without_slot")
    assert [row.key for row in weeks] == [w.name for w in weekly(series)]
    assert (weeks[0].first_day, weeks[0].last_day) == (date(2026, 3, 2), date(2026, 3, 8))
    assert sum(row.scheduled for row in weeks) == series.counts.scheduled


def test_a_week_of_which_a_part_was_asked_for_claims_no_other_day() -> None:
    series = simulate("scarcity", FIRST, 28, seed=1)[1]
    part = series.between(date(2026, 3, 5), date(2026, 3, 17))
    weeks = [w for w in rows(part) if w.figure == "weekly_share_without_slot"]
    assert [(row.first_day.day, row.last_day.day) for row in weeks] == [(5, 8), (9, 15), (16, 17)]


def test_what_the_screen_says_of_pairs_and_of_missing_answers_is_in_the_rows() -> None:
    series, _ = made("blocks")
    found = list(rows(series, replace(series, target="c")))
    table, whole = pair_table(series, replace(series, target="c")), share(series.counts)
    assert isinstance(table, PairTable)
    assert {row.key: row.value for row in only(found, "pairs with c")}["p"] == table.p
    assert isinstance(whole, Share)
    (band,) = only(found, "share_without_slot_if_all_had_answered")
    assert (band.low, band.high) == whole.worst


def test_the_honesty_bar_adds_up() -> None:
    series, found = made("blocks")
    parts = only(found, "scheduled_instants")
    assert sum(row.value or 0 for row in parts) == series.counts.scheduled
    assert {row.unit for row in parts} == {"count"}


def test_the_zeros_that_the_control_belies_are_told_as_on_screen() -> None:
    series, _ = made("scarcity")
    control = replace(series, rows=series.rows.with_columns(outcome=pl.lit("slots_offered")))
    bar = honesty(series, corroborated(series, control))
    assert bar.parts[HonestyPart.ZERO_CORROBORATED] == series.counts.zeros > 0
    told = {row.key: row.value for row in only(list(rows(series, control)), "scheduled_instants")}
    assert told == bar.parts


def test_the_chances_have_one_row_a_look() -> None:
    series, found = made()
    expected = chances(series)
    assert isinstance(expected, Chances)
    assert [row.value for row in only(found, "chance_of_seeing_a_slot")] == list(expected.values)


def numbers(found: Iterable[FigureRow], figure: str) -> dict[str, tuple[Any, ...]]:
    """By key: the value, the interval and the unit."""
    return {
        row.key: (row.value, row.low, row.high, row.unit) for row in found if row.figure.startswith(figure)
    }


@pytest.fixture(scope="module")
def busy() -> Period:
    """Thirty days on which slots appear every seven hours, at dates ever further away."""
    start, end = month(FIRST, 30)
    hours = int((end - start) / HOUR)
    attempts = []
    for n in range(hours):
        at = start + n * HOUR
        offered = n % 7 in (4, 5)
        dates: dict[str, Any] = {
            "earliest": at + timedelta(days=n / 7),
            "second": at + timedelta(days=n / 7 + 5),
        }
        outcome = Outcome.SLOTS_OFFERED if offered else Outcome.CAPTCHA if n % 7 == 2 else Outcome.NO_SLOTS
        attempts.append(VisitAttempt(scheduled_at=at, outcome=outcome, **dates if offered else {}))
    return look_back(attempts, FIRST, 30)


def test_classes_and_dates_have_the_digits_of_the_figures(busy: Period) -> None:
    found, shares, dates = list(rows(busy)), classes(busy), gaps(busy)
    assert isinstance(shares, Classes)
    assert numbers(found, "delay_class") == {
        delay: (shares.share(delay), None, None, "ratio") for delay in shares.attempts
    }
    assert len({row.value for row in only(found, "delay_class")}) > 3
    assert isinstance(dates, Gaps)
    assert dates.with_dates
    assert {(row.key, row.value, row.unit) for row in only(found, "days_to_earliest_date_if_any")} == {
        (f"p{100 * q:.0f}", days, "days") for q, days in dates.with_dates.items()
    }
    assert {(row.key, row.value, row.unit, row.status) for row in only(found, "days_to_earliest_date")} == {
        ("p50", None, "days", "aucune date"),
        ("p90", None, "days", "aucune date"),
    }
    open_hours = busy.rows.filter(pl.col("outcome") == Outcome.SLOTS_OFFERED)
    always = only(list(rows(replace(busy, rows=open_hours))), "days_to_earliest_date")
    assert [(row.key, row.status) for row in always] == [("p50", OK), ("p90", OK)]
    assert [row.value for row in always] == list(dates.with_dates.values())


def test_droughts_and_openings_have_the_digits_of_the_figures(busy: Period) -> None:
    found, dry, life = list(rows(busy)), droughts(busy), lifetimes(busy)
    told = only(found, "drought")
    assert [(row.key, row.value, row.low, row.high, row.unit, row.scheduled) for row in told] == [
        (
            f"{n} {one.first.isoformat()}",
            one.at_least.total_seconds(),
            one.at_least.total_seconds(),
            one.at_most and one.at_most.total_seconds(),
            "seconds",
            one.counts.scheduled,
        )
        for n, one in enumerate(dry, 1)
    ]
    assert isinstance(life, Lifetimes)
    assert life.median_at_most
    low, high = life.median_at_least.total_seconds(), life.median_at_most.total_seconds()
    assert numbers(found, "opening_lifetime") == {"median": (None, low, high, "seconds")}


def test_the_rhythm_has_the_digits_of_the_figure_hour_by_hour(busy: Period) -> None:
    found, rhythm = list(rows(busy)), appearances(busy)
    assert isinstance(rhythm, Appearances)
    assert numbers(found, "appearances_per_hour") == {
        f"{day + 1}-{hour:02d}": (
            rhythm.events[day, hour] / rhythm.hours[day, hour],
            None,
            None,
            "per hour watched",
        )
        for day in range(7)
        for hour in range(24)
        if rhythm.hours[day, hour]
    }
    assert rhythm.p != rhythm.top_hours
    assert numbers(found, "appearances_in_top_3_hours") == {"period": (rhythm.top_hours, None, None, "ratio")}
    assert numbers(found, "appearances_evenly_p") == {"period": (rhythm.p, None, None, "ratio")}


def test_the_chances_have_their_band_and_the_number_of_looks(busy: Period) -> None:
    expected = chances(busy)
    assert isinstance(expected, Chances)
    assert numbers(rows(busy), "chance_of_seeing_a_slot") == {
        f"{k}": (*told, "ratio")
        for k, told in enumerate(zip(expected.values, expected.low, expected.high, strict=True), 1)
    }


def test_the_bound_has_its_worst_case_as_its_upper_end(busy: Period) -> None:
    zeros = replace(busy, rows=busy.rows.filter(pl.col("outcome") != Outcome.SLOTS_OFFERED))
    expected = bound(zeros)
    assert isinstance(expected, Bound)
    assert expected.share < expected.worst
    assert numbers(rows(zeros), "time_with_slots_at_most") == {
        "95%": (expected.share, None, expected.worst, "ratio")
    }


def test_pairs_say_which_of_the_two_was_alone(busy: Period) -> None:
    later = pl.col("day") > date(2026, 3, 11)
    zeros = busy.rows.with_columns(outcome=pl.when(later).then(pl.lit("no_slots")).otherwise("outcome"))
    control = replace(busy, target="c", rows=zeros)
    table = pair_table(busy, control)
    assert isinstance(table, PairTable)
    assert len({table.both_zero, table.control_alone_zero, table.target_alone_zero, table.both_slots}) == 4
    names = ("both_zero", "target_alone_zero", "control_alone_zero", "both_slots")
    assert numbers(rows(busy, control), "pairs with c") == {
        **{name: (getattr(table, name), None, None, "count") for name in names},
        "p": (table.p, None, None, "ratio"),
    }
    (few,) = only(list(rows(busy, replace(control, rows=zeros.head(5)))), "pairs")
    assert few.value is None
    assert few.status.endswith("couples de sondes, il en faut 100")


def test_every_row_has_the_zone_and_the_kind_of_its_period() -> None:
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    told: dict[str, Any] = {
        "target": "mayotte",
        "zone": "Indian/Mayotte",
        "first": FIRST,
        "last": FIRST + timedelta(days=6),
    }
    attempts = [VisitAttempt(scheduled_at=at, outcome=Outcome.CAPTCHA, simulated=True)]
    found = list(rows(period_of(attempts, interval=HOUR, simulated=True, **told)))
    assert {(row.target, row.zone, row.first_day) for row in found} == {("mayotte", "Indian/Mayotte", FIRST)}
    assert all(row.simulated for row in found)
    refused = [row for row in found if row.status != OK]
    assert {row.status for row in refused} == {"moins de 60 % de sondes exploitables"}
    assert {(row.scheduled, row.executed, row.conclusive) for row in refused} == {(1, 1, 0)}


def test_the_site_and_the_monitor_itself_have_their_rows() -> None:
    series, _ = made()
    site = Availability(host="vienne.localhost", hours=200, down=50, excluded=3)
    found = list(
        rows(
            series,
            site=site,
            trust=trust(series, audited=300, false_zeros=0, worst_clock_offset=timedelta(seconds=1.5)),
        )
    )
    assert [(row.key, row.value) for row in only(found, "site_availability")] == [("vienne.localhost", 0.75)]
    hours = {row.key: (row.value, row.unit) for row in only(found, "site_hours")}
    assert hours == {"tried": (200, "count"), "down": (50, "count"), "left_out": (3, "count")}
    assert only(found, "coverage")[0].value == 1
    assert only(found, "false_zeros_at_most")[0].value == pytest.approx(1 - 0.05 ** (1 / 300))
    assert only(found, "unrecognised_pages")[0].value == 0
    checked = {row.key: (row.value, row.unit) for row in only(found, "zeros_checked_on_pictures")}
    assert checked == {"audited": (300, "count"), "false": (0, "count")}
    assert (only(found, "clock_offset")[0].value, only(found, "clock_offset")[0].unit) == (1.5, "seconds")


def test_double_readings_have_a_row_for_each_thing_they_can_say() -> None:
    series, _ = made()
    doubles = {Agreement.ALIKE: 5, Agreement.OTHERWISE: 1}
    told = trust(series, audited=0, false_zeros=0, worst_clock_offset=None, doubles=doubles)
    found = {row.key: row.value for row in only(list(rows(series, trust=told)), "double_readings")}
    assert found == {"read_alike": 5, "read_otherwise": 1, "not_comparable": 0}
    without = trust(series, audited=0, false_zeros=0, worst_clock_offset=None)
    assert only(list(rows(series, trust=without)), "double_readings") == []
    assert "doubles lectures : 6 comparées, dont 1 en désaccord" in sentences.trust(told)
    assert "doubles lectures" not in sentences.trust(without)


def test_a_site_nobody_asked_has_a_reason_and_no_number() -> None:
    site = Availability(host="vienne.localhost", hours=0, down=0, excluded=0)
    (row,) = only(list(rows(made()[0], site=site)), "site_availability")
    assert (row.value, row.status) == (None, "aucune heure observée")


def test_a_refused_figure_has_a_reason_and_no_number() -> None:
    refused = [row for row in rows(look_back([], FIRST, 7)) if row.status != OK]
    assert {"share_without_slot", "delay_class", "chance_of_seeing_a_slot"} <= {row.figure for row in refused}
    assert all(row.value is None and row.low is None and row.high is None for row in refused)


def test_an_all_zero_period_has_its_bound_and_no_date_rather_than_a_number() -> None:
    _, found = made("scarcity")
    (bound,) = only(found, "time_with_slots_at_most")
    assert bound.status == OK
    assert {(row.value, row.status) for row in only(found, "days_to_earliest_date")} == {
        (None, "aucune date")
    }


def test_the_frame_is_typed_and_empty_frames_keep_their_columns() -> None:
    _, found = made()
    assert frame(found).columns == list(COLUMNS)
    assert [*COLUMNS, "proof"] == [column.name for column in FIGURES]
    assert frame([]).schema == frame(found).schema


@pytest.mark.parametrize("pattern", ["long_openings", "scarcity", "blocks", "cancellations"])
def test_every_figure_is_in_the_dictionary(pattern: str) -> None:
    _, found = made(pattern)
    assert {row.figure.partition(" ")[0] for row in found} <= set(dictionary.NAMES)


def test_counts_of_a_row_are_whole_numbers() -> None:
    _, found = made()
    assert all(isinstance(getattr(found[0], name), int) for name in Counts.__slots__)
