"""The dashboards' SQL and the Python figures agree to the last digit, on rows of every kind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from matplotlib.axes import Axes

from grafana.queries import GUICHET, PARTS, PREFECTURE, environment, query
from monitor.figures import loading
from monitor.figures.controls import PairTable, before_after, pair_table
from monitor.figures.delays import Delay, classes, gaps
from monitor.figures.period import Insufficient, guard
from monitor.figures.plots.wall import wall
from monitor.figures.runs import appearances
from monitor.figures.sentences import DELAYS
from monitor.figures.shares import Bound, HonestyPart, Share, bound, honesty, share, share_of, upper, weekly
from monitor.store import Store
from tests.grafana.weeks import DAYS, EVENT, FIRST, GUICHETS, LAST, SINCE, UNWATCHED, Query, load

pytestmark = pytest.mark.postgresql
EARLY = SINCE + timedelta(days=2)
MIDDLE = SINCE + timedelta(days=28)
NOW = datetime.now(UTC)


def value_of(figure: Share | Insufficient) -> float | None:
    return figure.value if isinstance(figure, Share) else None


def test_the_share_the_bound_and_their_counts(sql: Query, seeded: tuple[str, Store], name: str) -> None:
    (row,) = sql(query("totals", GUICHET), target=name)
    record = load(seeded, name)
    counts = record.counts
    assert row["part sans créneau"] == value_of(share(counts))
    assert (row["n"], row["programmées"]) == (counts.conclusive, counts.scheduled)
    assert (row["couverture"], row["exploitables"]) == (counts.coverage, counts.usable)
    expected = bound(record)
    assert row["borne du temps avec créneaux"] == (expected.share if isinstance(expected, Bound) else None)


def test_a_changed_interval_leaves_no_bound_of_the_whole_and_one_of_most_weeks(
    sql: Query, seeded: tuple[str, Store]
) -> None:
    """All zeros; without the change there would be a bound."""
    record = load(seeded, "marne-sejour")
    assert record.counts.zeros == record.counts.conclusive
    assert "l'intervalle des sondes a changé" in str(bound(record))
    (row,) = sql(query("totals", GUICHET), target="marne-sejour")
    assert (row["part sans créneau"], row["borne du temps avec créneaux"]) == (1, None)
    weeks = sql(query("weekly", GUICHET), target="marne-sejour")
    assert sum(week["borne du temps avec créneaux"] is not None for week in weeks) == 7


def test_no_figure_speaks_of_weeks_in_which_nobody_watched(sql: Query, seeded: tuple[str, Store]) -> None:
    """Every drawn instant was kept, so that the coverage is whole: but none was drawn for five weeks."""
    (row,) = sql(query("totals", GUICHET), target=UNWATCHED.id)
    record = load(seeded, UNWATCHED.id)
    assert row["couverture"] == record.counts.coverage == 1
    refused = (share_of(record), bound(record), classes(record), gaps(record), appearances(record))
    assert {str(one) for one in refused} == {"données insuffisantes (moins de 80 % des jours sondés)"}
    assert (row["part sans créneau"], row["borne du temps avec créneaux"]) == (None, None)
    assert [one["part sans créneau"] for one in sql(query("map")) if one["département"] == "61"] == [None]
    assert row["réserve"] == "données insuffisantes"
    told = sql(query("gaps"), target=UNWATCHED.id) + sql(query("lifetimes"), target=UNWATCHED.id)
    assert all("données insuffisantes" in one.values() for one in told)
    (drought,) = sql(query("droughts"), target=UNWATCHED.id)
    assert drought["au moins"] < 14


def test_the_bound_has_the_same_digits_for_every_n(seeded: tuple[str, Store]) -> None:
    """Up to a year of hourly instants; the text of the panels itself, with n in place of the count."""
    text = environment.from_string('{% import "_shared.sql" as s with context %}{{ s.bound() }}').render()
    one = "SELECT n AS scheduled, n AS executed, n AS zeros, 1 AS shortest, 1 AS longest"
    counted = f"generate_series(1, 8760) n, lateral ({one}) a"
    with psycopg.connect(seeded[0]) as conn:
        rows = conn.execute(f"SELECT n, {text.replace('conclusive', 'n')} FROM {counted}").fetchall()
    assert dict(rows) == {n: upper(n) for n in range(1, 8761)}


def test_every_week(sql: Query, seeded: tuple[str, Store], name: str) -> None:
    rows = sql(query("weekly", GUICHET), target=name)
    weeks = weekly(load(seeded, name))
    assert [row["semaine"] for row in rows] == [week.name for week in weeks]
    assert [row["time"].date() for row in rows] == [week.monday for week in weeks]
    assert [row["part sans créneau"] for row in rows] == [value_of(week.share) for week in weeks]
    assert [row["n"] for row in rows] == [week.counts.conclusive for week in weeks]
    changed = FIRST + timedelta(days=DAYS // 2)  # the week in which the draws of two guichets change
    alike = [name not in ("vienne-sejour", "marne-sejour") or w.monday != changed for w in weeks]
    empty = [w.counts.zeros == w.counts.conclusive and not guard(w.counts) for w in weeks]
    bounds = [
        upper(w.counts.conclusive) if all(ok) else None for w, *ok in zip(weeks, empty, alike, strict=True)
    ]
    assert [row["borne du temps avec créneaux"] for row in rows] == bounds
    reserves = [row["réserve"] == "données insuffisantes" for row in rows]
    assert reserves == [isinstance(week.share, Insufficient) for week in weeks]


def test_the_wall_says_what_the_picture_says(sql: Query, seeded: tuple[str, Store]) -> None:
    cells = {(row["guichet"], row["time"].date()): row["Value"] for row in sql(query("wall"))}
    for name, (_, target) in GUICHETS.items():
        label = f"{target.prefecture} ({target.departement}), {target.demarche}"
        weeks = weekly(load(seeded, name))
        (axes,) = wall({label: weeks}, period="", note="").findobj(Axes)
        drawn = [text.get_text() for text in axes.texts]
        shown = [cells[label, week.monday] for week in weeks]
        assert [text for text in shown if text != "insuffisant"] == [f"{text} %" for text in drawn]
        refused = [isinstance(week.share, Insufficient) for week in weeks]
        assert [text == "insuffisant" for text in shown] == refused


def test_a_prefecture_has_its_own_guichets_only(sql: Query) -> None:
    rows = sql(query("guichets", PREFECTURE))
    assert {row["target"] for row in rows} == {"vienne-sejour", "vienne-permis"}


def test_a_departement_adds_up_numerators_and_denominators(sql: Query, seeded: tuple[str, Store]) -> None:
    rows = {row["département"]: row for row in sql(query("map"))}
    both = load(seeded, "vienne-sejour").counts + load(seeded, "vienne-permis").counts
    assert rows["86"]["part sans créneau"] == value_of(share(both))
    assert (rows["86"]["guichets"], rows["86"]["n"]) == (2, both.conclusive)
    assert (rows["18"]["latitude"], rows["18"]["longitude"], rows["18"]["affiché"]) == (47.1, 2.4, "100 %")
    assert (rows["75"]["longitude"], rows["75"]["affiché"]) == (-7.5, "75 : ?")


def test_the_honesty_bar_adds_up_to_every_scheduled_instant(
    sql: Query, seeded: tuple[str, Store], name: str
) -> None:
    (row,) = sql(query("parts", GUICHET), target=name)
    bar = honesty(load(seeded, name))
    shown = {part: row[label] for part, label in PARTS.items()}
    assert shown.pop("no_slots") == bar.parts[HonestyPart.ZERO_ALONE]
    assert all(n == bar.parts[HonestyPart(part)] for part, n in shown.items())
    assert sum(row[label] for label in PARTS.values()) == row["n programmées"] == bar.counts.scheduled


def test_the_five_classes(sql: Query, seeded: tuple[str, Store]) -> None:
    rows = sql(query("classes"), target="vienne-permis")
    found = classes(load(seeded, "vienne-permis"))
    assert not isinstance(found, Insufficient)
    for delay in Delay:
        assert sum(row[DELAYS[delay]] for row in rows) == found.attempts[delay]
    assert sum(row["n"] for row in rows) == found.counts.conclusive
    assert all(found.attempts[delay] for delay in Delay)


def test_the_quantiles_with_zeros_as_infinite(sql: Query, seeded: tuple[str, Store], name: str) -> None:
    median, decile = sql(query("gaps"), target=name)
    found = gaps(load(seeded, name))
    if isinstance(found, Insufficient):
        assert median["parmi toutes les sondes"] == "données insuffisantes"
        return
    for row, q in ((median, 0.5), (decile, 0.9)):
        days = found.quantiles[q]
        assert row["parmi toutes les sondes"] == ("aucune date" if days is None else f"{days} j")
        assert row["parmi celles avec dates"] == (found.with_dates or {}).get(q)
        assert (row["n"], row["n avec dates"]) == (found.counts.conclusive, found.dated)


def test_a_week_too_little_watched_has_no_class_and_no_result_of_pairs(sql: Query) -> None:
    """Two days of a week: 48 attempts."""
    for text in (query("classes"), query("pairs_weeks")):
        (row,) = sql(text, until=EARLY)
        count, *parts = [value for name, value in row.items() if name != "semaine"]
        assert 0 < count < 50
        assert set(parts) == {None}


def test_a_target_and_its_control_at_the_same_minutes(sql: Query, seeded: tuple[str, Store]) -> None:
    zero, slots = sql(query("pairs_table"))
    control = loading.load(seeded[1], "vienne-permis", FIRST, LAST, origins=loading.BESIDE)
    found = pair_table(load(seeded, "vienne-sejour"), control)
    assert isinstance(found, PairTable)
    assert zero["n couples"] == found.n
    assert (zero["aucun créneau à l'autre porte"], zero["créneaux à l'autre porte"]) == (
        found.both_zero,
        found.target_alone_zero,
    )
    assert (slots["aucun créneau à l'autre porte"], slots["créneaux à l'autre porte"]) == (
        found.control_alone_zero,
        found.both_slots,
    )
    assert (
        sum(row["n couples"] for row in sql(query("pairs_weeks")))
        == found.n
        == len(sql(query("pairs_states")))
    )


def test_few_pairs_are_insufficient(sql: Query) -> None:
    rows = sql(query("pairs_table"), until=EARLY)
    assert {row["réserve"] for row in rows} == {"données insuffisantes"}
    assert all(row["créneaux à l'autre porte"] is None for row in rows)


def test_before_and_after_with_a_control(sql: Query, seeded: tuple[str, Store]) -> None:
    rows = {(row["rôle"], row["période"]): row for row in sql(query("before_after"))}
    found = before_after(
        load(seeded, "vienne-sejour"), [load(seeded, "cher-sejour")], notified=EVENT["day"], weeks=4
    )
    for role, window in (("visé", found.target), ("témoin", found.controls[0])):
        for period, expected in (("avant", window.before), ("après", window.after)):
            assert rows[role, period]["part sans créneau"] == value_of(expected)
            assert rows[role, period]["n"] == expected.counts.conclusive


def test_the_weeks_around_an_event(sql: Query) -> None:
    rows = sql(query("before_after_weeks"))
    assert {row["metric"] for row in rows} == {
        "Vienne (86), titre de séjour (visé)",
        "Cher (18), titre de séjour (témoin)",
    }
    assert min(row["time"] for row in rows).date() == date(2026, 3, 23)


def test_the_ruler_has_a_point_or_a_band_for_every_instant(sql: Query, seeded: tuple[str, Store]) -> None:
    rows = sql(query("ruler"))
    counts = load(seeded, "vienne-sejour").counts
    assert len(rows) == counts.scheduled
    assert sum(row["aucune date"] or 0 for row in rows) == counts.zeros
    assert sum(row["sans réponse"] or 0 for row in rows) == counts.scheduled - counts.conclusive
    assert any(row["créneaux, date non lisible"] for row in rows)
    assert all(sum(value is not None for value in row.values()) == 2 for row in rows)


def test_nothing_younger_than_the_embargo_is_on_any_panel_from_rows(sql: Query) -> None:
    """With an embargo that reaches back over half of the period, the other half is all there is."""
    kept = len(sql(query("states")))
    hours = int((NOW - MIDDLE).total_seconds() // 3600)
    fewer = sql(query("states"), embargo=f"{hours} hours")
    assert 0 < len(fewer) < kept
    assert max(row["time"] for row in fewer) < MIDDLE + timedelta(hours=2)
    weeks = sql(query("weekly", GUICHET), embargo=f"{hours} hours")
    assert max(row["time"] for row in weeks).date() <= MIDDLE.date()
