"""What the exporter scrapes and the figures sum up."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import event

from monitor.model import GapReason, Origin
from monitor.store import EntryKind, LaterReading, Store
from monitor.store.record import counts, standings
from monitor.store.review import later_readings
from probes.failures import Failure
from probes.model import NoSlotsKind, Outcome, Reading, Slot
from tests.cast.observations import HOUR, NOON, gap, observation, reading
from tests.cast.transactions import ask, tell

SUMMER = Slot(starts_at=NOON + timedelta(days=150))
AUTUMN = Slot(starts_at=NOON + timedelta(days=200))


HORIZON = date(2027, 6, 1)


def test_it_shows_the_last_answer_and_the_last_failure_side_by_side(known: Store) -> None:
    offered = reading(
        Outcome.SLOTS_OFFERED, earliest=SUMMER, second=AUTUMN, slots=4, horizon=date(2027, 6, 1)
    )
    down = Reading(outcome=Outcome.SITE_DOWN, rule="signals.status", failure=Failure.HTTP_503)
    first = known.append_observation(observation(reading=offered))
    last = known.append_observation(observation(NOON + HOUR, reading=down))
    (shown,) = ask(known, standings.every)
    assert (shown.last_id, shown.outcome, shown.failure) == (last, Outcome.SITE_DOWN, Failure.HTTP_503)
    assert (shown.conclusive_id, shown.conclusive_outcome) == (first, Outcome.SLOTS_OFFERED)
    assert (shown.earliest_at, shown.second_at) == (SUMMER.starts_at, AUTUMN.starts_at)
    assert (shown.slots, shown.horizon) == (4, HORIZON)
    assert (shown.slots_id, shown.slots_at) == (first, NOON)
    assert shown.conclusive_finished_at == NOON + timedelta(seconds=4)
    assert shown.finished_at == NOON + HOUR + timedelta(seconds=4)


def test_a_zero_shows_its_kind_and_no_date(known: Store) -> None:
    known.append_observation(observation(reading=reading(kind=NoSlotsKind.NO_CALENDAR)))
    (shown,) = ask(known, standings.every)
    assert (shown.no_slots_kind, shown.earliest_at, shown.slots_id) == (NoSlotsKind.NO_CALENDAR, None, None)


def test_a_target_never_seen_has_no_standing(known: Store) -> None:
    known.append_gap(gap())
    assert ask(known, standings.every) == []


def test_it_counts_observations_and_gaps_apart(known: Store) -> None:
    known.append_observation(observation())
    known.append_observation(observation(NOON + HOUR))
    known.append_observation(observation(origin=Origin.MANUAL))
    known.append_gap(gap(NOON + 2 * HOUR, GapReason.HOST_BUSY))
    counted = {(count.kind, count.origin, count.result): count.n for count in ask(known, counts.totals)}
    assert counted == {
        (EntryKind.OBSERVATION, Origin.SCHEDULED, Outcome.NO_SLOTS): 2,
        (EntryKind.OBSERVATION, Origin.MANUAL, Outcome.NO_SLOTS): 1,
        (EntryKind.GAP, Origin.SCHEDULED, GapReason.HOST_BUSY): 1,
    }


def test_it_counts_by_local_day(known: Store) -> None:
    for hours in (0, 9, 10, 11, 12):  # Paris is one hour ahead: the third is at 23:00, the fourth at midnight
        known.append_observation(observation(NOON + hours * HOUR))
    days = {count.day: count.n for count in ask(known, counts.by_day)}
    assert days == {date(2026, 11, 23): 3, date(2026, 11, 24): 2}


def test_it_counts_the_days_of_one_target_in_a_period(known: Store) -> None:
    for days in range(4):
        known.append_gap(gap(NOON + timedelta(days=days)))
        known.append_gap(gap(NOON + timedelta(days=days), name="reunion-titre"))
    since, until = date(2026, 11, 24), date(2026, 11, 26)
    counted = ask(known, counts.by_day, target="reunion-titre", since=since, until=until)
    assert [(count.target, count.day) for count in counted] == [
        ("reunion-titre", date(2026, 11, 24)),
        ("reunion-titre", date(2026, 11, 25)),
    ]


def test_a_scrape_asks_once_however_many_targets_there_are(known: Store) -> None:
    known.append_observation(observation())
    known.append_observation(observation(name="reunion-titre"))
    asked: list[str] = []
    event.listen(known._engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert len(ask(known, standings.every)) == 2
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1


def test_a_run_of_zeros_begins_with_the_earliest_whatever_was_recorded_first(known: Store) -> None:
    for hours in (2, 0, 1):
        known.append_observation(observation(NOON + hours * HOUR))
    (shown,) = ask(known, standings.every)
    assert (shown.zero_start_at, shown.zero_last_at, shown.zeros) == (NOON, NOON + 2 * HOUR, 3)


def test_a_zero_recorded_after_the_slots_it_came_before_is_in_no_run(known: Store) -> None:
    known.append_observation(observation(NOON + HOUR, Outcome.SLOTS_OFFERED))
    known.append_observation(observation(NOON))
    (shown,) = ask(known, standings.every)
    assert (shown.zero_start_at, shown.zeros) == (None, 0)


def test_a_target_that_never_answered_has_its_standing(known: Store) -> None:
    known.append_observation(observation(outcome=Outcome.BLOCKED))
    (shown,) = ask(known, standings.every)
    assert (shown.outcome, shown.conclusive_id, shown.conclusive_outcome) == (Outcome.BLOCKED, None, None)


def test_a_person_s_zero_is_in_no_run_of_drawn_ones(known: Store) -> None:
    known.append_observation(observation(NOON + HOUR, origin=Origin.MANUAL))
    known.append_observation(observation(NOON, Outcome.SLOTS_OFFERED))
    (drawn,) = [one for one in ask(known, standings.every) if one.origin is Origin.SCHEDULED]
    assert (drawn.zeros, drawn.zero_start_at) == (0, None)


def test_it_shows_the_reading_in_force_of_each_visit(known: Store) -> None:
    first = known.append_observation(observation())
    last = known.append_observation(observation(NOON + HOUR, Outcome.CAPTCHA))
    offered = reading(Outcome.SLOTS_OFFERED, earliest=SUMMER, second=AUTUMN, slots=4, horizon=HORIZON)
    down = Reading(outcome=Outcome.SITE_DOWN, rule="signals.status", failure=Failure.HTTP_503)
    for number, again in ((first, offered), (last, down)):
        made = LaterReading(
            observation=number,
            platform="classic",
            reader_version="2",
            reading=again,
            read_at=NOON,
            cause="test",
        )
        tell(known, later_readings.append, "vienne-titre", [made], {}, NOON)
    (shown,) = ask(known, standings.every)
    assert (shown.outcome, shown.failure) == (Outcome.SITE_DOWN, Failure.HTTP_503)
    assert (shown.conclusive_outcome, shown.no_slots_kind) == (Outcome.SLOTS_OFFERED, None)
    assert (shown.earliest_at, shown.second_at) == (SUMMER.starts_at, AUTUMN.starts_at)
    assert (shown.slots, shown.horizon, shown.slots_id, shown.zeros) == (4, HORIZON, first, 0)


def test_standings_come_by_target_and_say_whether_it_is_simulated(known: Store) -> None:
    for name, simulated in (("vienne-titre", False), ("reunion-titre", True)):
        for origin in (Origin.SCHEDULED, Origin.MANUAL):
            known.append_observation(observation(name=name, origin=origin, simulated=simulated))
    assert [(one.target, one.origin, one.simulated) for one in ask(known, standings.every)] == [
        ("reunion-titre", Origin.MANUAL, True),
        ("reunion-titre", Origin.SCHEDULED, True),
        ("vienne-titre", Origin.MANUAL, False),
        ("vienne-titre", Origin.SCHEDULED, False),
    ]
