"""The queries behind the figures: draws, what is new, and counts against their rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from monitor.figures import loading
from monitor.figures.period import VisitAttempt
from monitor.metrics.rollups import differences, unequal_weeks
from monitor.model import Agreement, GapReason
from monitor.store import LaterReading, Store
from monitor.store import for_figures as rows
from monitor.store.review import later_readings
from probes.model import Outcome, Transport
from tests.cast.observations import observation, reading, target
from tests.cast.seeding import seed
from tests.cast.supply import HOUR
from tests.cast.transactions import ask, tell


@pytest.fixture
def small(store: Store) -> Store:
    """A visit to `vienne`; `reunion` was never visited."""
    store.record_targets([target("vienne"), target("reunion", zone="Indian/Reunion", departement="974")])
    seed(store, "vienne", [VisitAttempt(scheduled_at=FIRST, outcome=Outcome.NO_SLOTS)])
    return store


FIRST = datetime(2026, 3, 23, 9, tzinfo=UTC)


def test_the_draws_of_a_period_are_those_of_its_first_day_to_its_last(small: Store) -> None:
    at = datetime(2026, 4, 20, 9, tzinfo=UTC)
    for n, interval in enumerate((9 * HOUR, 3 * HOUR, 2 * HOUR, 9 * HOUR)):
        visit = VisitAttempt(scheduled_at=at + timedelta(days=n), outcome=Outcome.CAPTCHA)
        seed(small, "reunion", [visit], interval=interval)
    days = date(2026, 4, 21), date(2026, 4, 22)
    found = ask(small, rows.intervals, "reunion", *days)
    assert found == dict(zip(days, (3 * HOUR, 2 * HOUR), strict=True))
    assert loading.load(small, "reunion", *days).interval == 3 * HOUR
    assert loading.load(small, "reunion", days[1], days[1]).interval == 2 * HOUR


def test_only_targets_with_a_row_by_now_are_simulated_or_real(small: Store) -> None:
    at = datetime(2026, 4, 20, 9, tzinfo=UTC)
    small.record_targets([target("demo")])
    visit = VisitAttempt(scheduled_at=at, outcome=Outcome.NO_SLOTS)
    seed(small, "reunion", [visit])
    seed(small, "demo", [replace(visit, simulated=True)])
    assert loading.simulated(small, at) == {"vienne": False}
    known = loading.simulated(small, at + timedelta(microseconds=1))
    assert known == {"vienne": False, "reunion": False, "demo": True}


def test_what_is_new_since_a_publication_is_told_by_its_utc_days(small: Store) -> None:
    """An entry counts as recorded, and a page as read again, before the instant that is asked about."""
    late = datetime(2026, 4, 20, 23, 30, tzinfo=UTC)
    made = [late + n * HOUR for n in range(3)]
    seed(small, "reunion", [VisitAttempt(scheduled_at=at, outcome=Outcome.CAPTCHA) for at in made])
    first, second, third = (row.id for row in small.observations("reunion"))
    assert ask(small, rows.newest, datetime(2026, 1, 1, tzinfo=UTC)) == (0, 0)
    assert ask(small, rows.newest, made[1]) == (first, 0)
    assert ask(small, rows.newest, made[1] + HOUR / 2) == (second, 0)
    assert ask(small, rows.days_since, third, 0) == set()
    assert ask(small, rows.days_since, second, 0) == {date(2026, 4, 21)}
    assert ask(small, rows.days_since, first - 1, 0) == {date(2026, 4, 20), date(2026, 4, 21)}
    version = {"platform": "classic", "reader_version": "2", "cause": "essai"}
    for number, at in ((first, made[0]), (second, made[1])):
        later = LaterReading(observation=number, reading=reading(), read_at=at, **version)
        tell(small, later_readings.append, "reunion", [later], {}, at)
    assert [ask(small, rows.newest, at)[1] for at in (*made[:2], made[1] + HOUR / 2)] == [0, 1, 2]
    assert ask(small, rows.days_since, third, 2) == set()
    assert ask(small, rows.days_since, third, 1) == {date(2026, 4, 21)}
    assert ask(small, rows.days_since, third, 0) == {date(2026, 4, 20), date(2026, 4, 21)}


@pytest.mark.parametrize("table", ["day_tallies", "tallies"])
@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ("SET n = n + 1 WHERE result = 'no_slots'", {("no_slots", "no_slots", 1)}),
        ("SET result = 'captcha' WHERE result = 'downtime'", {("captcha", None, 0), (None, "downtime", 0)}),
        ("SET origin = 'manual' WHERE kind = 'gap'", {("downtime", None, 0), (None, "downtime", 0)}),
    ],
)
def test_a_count_that_was_changed_is_told_beside_what_its_rows_say(
    store: Store, table: str, change: str, wrong: set[tuple[str | None, str | None, int]]
) -> None:
    """With the day counts, the totals differ from their sum too."""
    store.record_targets([target("vienne"), target("voisine")])
    at = datetime(2026, 4, 20, 9, tzinfo=UTC)
    fates: list[dict[str, Any]] = [{"outcome": Outcome.NO_SLOTS}, {"gap": GapReason.DOWNTIME}] * 2
    seed(store, "vienne", [VisitAttempt(scheduled_at=at + n * HOUR, **f) for n, f in enumerate(fates)])
    seed(store, "voisine", [VisitAttempt(scheduled_at=at + n * HOUR, **f) for n, f in enumerate(fates[:2])])
    assert differences(store, 3) == []
    with store.write() as conn:
        if "captcha" in change:
            change = change.replace("SET", "SET kind = 'observation',")
        conn.exec_driver_sql(f"UPDATE {table} {change} AND target = 'vienne'")
    found = unequal_weeks(store, 9, seed=1) if table == "day_tallies" else differences(store, 0)
    told = {
        (
            kept and str(kept.result),
            anew and str(anew.result),
            kept.n - anew.n if kept and anew else 0,
        )
        for kept, anew in found
    }
    assert told == wrong


def test_double_readings_are_counted_on_the_days_of_the_period_for_its_target_alone(small: Store) -> None:
    at = datetime(2026, 4, 20, 9, tzinfo=UTC)
    second: dict[str, Any] = {"transport": Transport.BROWSER, "over_http": reading()}
    for day, name in ((0, "vienne"), (1, "vienne"), (2, "vienne"), (3, "vienne"), (1, "reunion")):
        small.append_observation(observation(at + timedelta(days=day), name=name, **second))
    other = second | {"over_http": reading(Outcome.SLOTS_OFFERED)}
    small.append_observation(observation(at + timedelta(days=1, hours=1), name="vienne", **other))
    found = loading.doubles(small, "vienne", date(2026, 4, 21), date(2026, 4, 22))
    assert found == {Agreement.ALIKE: 2, Agreement.OTHERWISE: 1}
    assert loading.doubles(small, "vienne", FIRST.date(), FIRST.date()) == {}
