"""Roll-ups against rows: found when they differ, told and exported, every night."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from monitor.clock import SimulatedClock
from monitor.metrics.recount import AT, Recount, recounting, until_night
from monitor.metrics.rollups import differences, unequal_weeks
from monitor.store import Store, StoreError
from monitor.store import for_figures as rows
from monitor.store.record import counts
from probes.model import Outcome
from tests.cast.observations import observation, target

NOON = datetime(2026, 3, 23, 12, tzinfo=UTC)


@pytest.fixture
def watched(store: Store) -> Store:
    """Two days of one target, every six hours."""
    store.record_targets([target()])
    for n in range(8):
        outcome = Outcome.NO_SLOTS if n % 3 else Outcome.BLOCKED
        store.append_observation(observation(NOON + n * timedelta(hours=6), outcome))
    return store


def values(recount: Recount) -> dict[str, float]:
    return {sample.name: sample.value for family in recount.collect() for sample in family.samples}


def test_roll_ups_as_they_are_kept_equal_their_rows(watched: Store) -> None:
    assert unequal_weeks(watched, 100, seed=1) == []


def test_what_is_appended_meanwhile_is_no_difference(watched: Store) -> None:
    """What is kept and what is counted anew are read at one moment of the record."""
    day = date(2026, 3, 24)
    with watched.read() as conn:
        kept = counts.by_day(conn, target="vienne-titre", since=day)
        watched.append_observation(observation(NOON + timedelta(hours=31)))
        assert rows.recounted(conn, "vienne-titre", day, day) != []
        assert counts.by_day(conn, target="vienne-titre", since=day) == kept


def test_a_roll_up_that_was_tampered_with_is_found(watched: Store) -> None:
    with watched.write() as conn:
        conn.execute(text("UPDATE day_tallies SET n = n + 1 WHERE result = 'blocked' AND day = '2026-03-24'"))
    ((kept, recounted),) = unequal_weeks(watched, 1, seed=1)
    assert kept
    assert recounted
    assert (kept.day, kept.n - recounted.n) == (date(2026, 3, 24), 1)


def test_the_last_day_of_a_week_is_recounted_too(store: Store) -> None:
    store.record_targets([target()])
    for at in (NOON, NOON + timedelta(days=6)):
        store.append_observation(observation(at))
    with store.write() as conn:
        conn.execute(text("UPDATE day_tallies SET n = n + 1 WHERE day = '2026-03-29'"))
    assert [kept and kept.day for kept, _ in unequal_weeks(store, 1, seed=1)] == [date(2026, 3, 29)]


def test_a_roll_up_that_was_lost_is_found(watched: Store) -> None:
    with watched.write() as conn:
        conn.execute(text("DELETE FROM day_tallies WHERE day = '2026-03-24'"))
    wrong = unequal_weeks(watched, 1, seed=1)
    assert wrong
    assert all(kept is None and recounted for kept, recounted in wrong)


def test_a_count_over_all_time_that_is_not_the_sum_of_its_days_is_found(watched: Store) -> None:
    """Prometheus shows these; one was changed and one is gone."""
    assert differences(watched) == []
    with watched.write() as conn:
        conn.execute(text("UPDATE tallies SET n = n + 1 WHERE result = 'blocked'"))
        conn.execute(text("DELETE FROM tallies WHERE result = 'no_slots'"))
    (changed, added_up), (gone, kept_by_day) = differences(watched)
    assert changed
    assert added_up
    assert kept_by_day
    assert (changed.result, changed.n - added_up.n) == (Outcome.BLOCKED, 1)
    assert (gone, kept_by_day.result, kept_by_day.n) == (None, Outcome.NO_SLOTS, 5)


def test_nothing_is_exported_before_the_first_recount_and_then_what_it_found(
    watched: Store, caplog: pytest.LogCaptureFixture
) -> None:
    recount = Recount(watched, SimulatedClock(NOON))
    assert values(recount) == {}
    recount.make()
    at = NOON.timestamp()
    assert values(recount) == {"vigie_rollup_differences": 0, "vigie_rollup_recount_timestamp_seconds": at}
    with watched.write() as conn:
        conn.execute(text("UPDATE day_tallies SET n = n + 1"))
    recount.make()
    assert values(recount)["vigie_rollup_differences"] > 0
    assert "a roll-up differs from its rows" in caplog.text


def test_a_database_that_cannot_be_read_leaves_the_last_result(
    watched: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    recount = Recount(watched, SimulatedClock(NOON))
    recount.make()
    before = values(recount)

    def busy() -> None:
        raise StoreError("The database is locked.")

    monkeypatch.setattr(watched, "read", busy)
    recount.make()
    assert values(recount) == before
    assert "could not be recounted: The database is locked." in caplog.text


def test_a_fault_of_ours_is_logged_and_the_next_night_tries_again(
    watched: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Store) -> None:
        raise RuntimeError("a fault of ours")

    async def live() -> None:
        clock = SimulatedClock(NOON)
        with monkeypatch.context() as broken:
            broken.setattr("monitor.metrics.recount.differences", fail)
            async with recounting(watched, clock) as recount:
                while not values(recount):
                    if caplog.text.count("RuntimeError: a fault of ours") == 2:
                        broken.undo()
                    await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(live(), timeout=60))
    assert "the next night tries again" in caplog.text


@pytest.mark.slow
def test_it_comes_round_every_night_while_the_service_runs(watched: Store) -> None:
    made: list[datetime] = []

    async def live() -> None:
        clock = SimulatedClock(NOON)
        async with recounting(watched, clock) as recount:
            while len(made) < 3:
                found = values(recount).get("vigie_rollup_recount_timestamp_seconds")
                at = datetime.fromtimestamp(found, UTC) if found else None
                if at and at not in made:
                    made.append(at)
                await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(live(), timeout=60))
    assert made[0] == NOON
    assert {at.timetz() for at in made[1:]} == {AT}


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 3, 23, 1, 40, tzinfo=UTC), 1),
        (datetime(2026, 3, 23, 2, 40, tzinfo=UTC), 24),
        (datetime(2026, 12, 31, 12, 40, tzinfo=UTC), 14),
    ],
)
def test_until_night(now: datetime, hours: int) -> None:
    assert until_night(now) == hours * 3600


def test_a_database_that_cannot_be_read_hides_no_difference(
    watched: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with watched.write() as conn:
        conn.execute(text("UPDATE day_tallies SET n = n + 1"))
    recount = Recount(watched, SimulatedClock(NOON))
    recount.make()
    found = values(recount)
    assert found["vigie_rollup_differences"] > 0

    def busy() -> None:
        raise StoreError("The database is locked.")

    monkeypatch.setattr(watched, "read", busy)
    recount.make()
    assert values(recount) == found


def test_the_days_after_the_last_whole_week_are_recounted_too(store: Store) -> None:
    store.record_targets([target()])
    for days in (0, 8):  # from 23 to 31 March
        store.append_observation(observation(NOON + timedelta(days=days)))
    with store.write() as conn:
        conn.execute(text("UPDATE day_tallies SET n = n + 1 WHERE day = '2026-03-31'"))
    assert {kept and kept.day for kept, _ in unequal_weeks(store, 50, seed=1)} == {date(2026, 3, 31)}


def test_a_hundred_weeks_of_all_targets_are_recounted_and_other_ones_each_night(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"t{n}" for n in range(4)]
    store.record_targets(map(target, names))
    for weeks in (0, 50):
        store.append_observation(observation(NOON + timedelta(weeks=weeks), name=names[0]))
    looked: list[tuple[str, date, date]] = []

    def look(_: object, name: str, first: date, last: date) -> list[object]:
        looked.append((name, first, last))
        return []

    monkeypatch.setattr(rows, "unequal", look)
    differences(store)
    differences(store)
    assert len(looked) == 200
    assert looked[:100] != looked[100:]
    assert {name for name, _, _ in looked} == set(names)
    assert {last - first for _, first, last in looked} == {timedelta(days=6)}
    assert all(date(2026, 3, 23) <= first <= date(2027, 3, 8) for _, first, _ in looked)
