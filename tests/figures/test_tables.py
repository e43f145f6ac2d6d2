"""Figures as rows: no number where a figure is refused, and the digits of the figures themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from monitor.figures import dictionary, sentences
from monitor.figures.chances import Chances, chances
from monitor.figures.controls import PairTable, corroborated, pair_table
from monitor.figures.opendata import FIGURES
from monitor.figures.period import Counts, Period
from monitor.figures.shares import Availability, HonestyPart, Share, honesty, share, trust, weekly
from monitor.figures.tables import COLUMNS, OK, FigureRow, frame, rows
from monitor.model import Agreement
from tests.cast.supply import look_back, simulate

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
    assert sum(row.value or 0 for row in only(found, "scheduled_instants")) == series.counts.scheduled


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
    hours = {row.key: row.value for row in only(found, "site_hours")}
    assert hours == {"tried": 200, "down": 50, "left_out": 3}
    assert only(found, "coverage")[0].value == 1
    assert only(found, "false_zeros_at_most")[0].value == pytest.approx(1 - 0.05 ** (1 / 300))
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
    assert frame(found).columns == list(COLUMNS) == [column.name for column in FIGURES]
    assert frame([]).schema == frame(found).schema


@pytest.mark.parametrize("pattern", ["long_openings", "scarcity", "blocks", "cancellations"])
def test_every_figure_is_in_the_dictionary(pattern: str) -> None:
    _, found = made(pattern)
    assert {row.figure.partition(" ")[0] for row in found} <= set(dictionary.NAMES)


def test_counts_of_a_row_are_whole_numbers() -> None:
    _, found = made()
    assert all(isinstance(getattr(found[0], name), int) for name in Counts.__slots__)
