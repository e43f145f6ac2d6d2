"""One instant, one entry: what is written in its transaction, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from monitor.clock import SimulatedClock
from monitor.model import Gap, GapReason, Observation, Origin, Vantage
from monitor.store import InstantTaken, Store, StoreError, open_store
from monitor.store.record import target_versions
from monitor.store.record.rows import as_stored
from monitor.store.tables.record import blobs, day_counts, entries, entry_counts, latest, observations
from monitor.store.tables.review import sightings
from probes.failures import Failure
from probes.model import NoSlotsKind, Outcome, Part, Precision, Reading, Slot
from tests.cast.observations import (
    HOUR,
    NOON,
    WORDS,
    capture,
    gap,
    observation,
    reading,
    rows_of,
    step,
    target,
)
from tests.cast.transactions import ask, read_row


def only(store: Store) -> object:
    (row,) = store.entries()
    return row


@pytest.mark.parametrize(
    ("outcome", "structure"), [(Outcome.UNRECOGNISED, None), (Outcome.NO_SLOTS, "5e" * 8)]
)
def test_an_unrecognised_page_and_no_other_is_recorded_with_its_structure(
    known: Store, outcome: Outcome, structure: str | None
) -> None:
    with pytest.raises(ValueError, match="with its structure"):
        known.append_observation(observation(outcome=outcome, structure=structure))
    assert list(known.entries()) == []


def test_the_structure_of_an_unrecognised_page_is_written_with_its_row(known: Store) -> None:
    number = known.append_observation(observation(outcome=Outcome.UNRECOGNISED, structure="5e" * 8))
    assert rows_of(known, sightings) == [[repr((number, "5e" * 8))]]


def test_it_gives_back_every_field_of_an_observation(known: Store) -> None:
    seen = observation(
        vantage=Vantage(
            name="lyon",
            software="vigie/2",
            browser="156",
            user_agent="v",
            clock_offset=timedelta(microseconds=-1500),
        ),
        reading=Reading(
            outcome=Outcome.SLOTS_OFFERED,
            rule="classic.calendar",
            words="Créneaux disponibles",
            earliest=Slot(starts_at=NOON + 24 * HOUR, precision=Precision.DAY, place="Guichet 3"),
            second=Slot(starts_at=NOON + 48 * HOUR),
            slots=12,
            horizon=date(2027, 1, 4),
            notices=("Fermeture le 25 décembre",),
            parts=(Part(label="Guichet 1", outcome=Outcome.NO_SLOTS, words=WORDS),),
        ),
    )
    number = known.append_observation(seen)
    row = read_row(known, number)
    same = ["target", "platform", "reader_version", "transport", "origin", "scheduled_at", "started_at"]
    same += ["finished_at", "reading", "vantage", "simulated"]
    assert {name: getattr(row, name) for name in same} == {name: getattr(seen, name) for name in same}
    assert (row.id, row.at, row.pages) == (number, NOON, 1)


def test_it_gives_back_a_failed_visit(known: Store) -> None:
    failed = Reading(outcome=Outcome.SITE_DOWN, rule="signals.status", failure=Failure.HTTP_502)
    number = known.append_observation(observation(reading=failed, capture=capture(b"")))
    assert read_row(known, number).reading == failed


def test_it_keeps_the_kind_of_a_zero(known: Store) -> None:
    number = known.append_observation(observation(reading=reading(kind=NoSlotsKind.NO_CALENDAR)))
    assert read_row(known, number).reading.kind is NoSlotsKind.NO_CALENDAR


def test_it_gives_back_a_gap(known: Store) -> None:
    known.append_gap(gap(reason=GapReason.HOST_BUSY, detail="une autre visite a duré"))
    (row,) = known.gaps()
    assert (row.target, row.scheduled_at, row.at) == ("vienne-titre", NOON, NOON)
    assert (row.reason, row.detail) == (GapReason.HOST_BUSY, "une autre visite a duré")


def test_it_dates_a_row_with_its_own_clock(known: Store, database_url: str, tmp_path: Path) -> None:
    later = open_store(database_url, media=tmp_path / "media", clock=SimulatedClock(NOON + HOUR))
    number = later.append_observation(observation())
    assert read_row(later, number).recorded_at == NOON + HOUR
    later.close()


@pytest.mark.parametrize("time", ["12:00:07 GMT", "13:00:07 +0100", "12:00:07 -0000"])
def test_it_keeps_the_sites_own_clock_apart(known: Store, time: str) -> None:
    dated = step(headers=(("date", f"Mon, 23 Nov 2026 {time}"),))
    number = known.append_observation(observation(capture=replace(capture(), steps=(step(), dated))))
    assert read_row(known, number).server_date == NOON + timedelta(seconds=7)


@pytest.mark.parametrize(
    "nonsense", ["demain", "", "Mon, 23 Nov 99999999999999 12:00:07 GMT", "Fri, 31 Dec 9999 23:59:59 -2300"]
)
def test_a_date_header_that_cannot_be_read_is_no_date(known: Store, nonsense: str) -> None:
    dated = step(headers=(("Date", nonsense),))
    number = known.append_observation(observation(capture=replace(capture(), steps=(dated,))))
    assert read_row(known, number).server_date is None


def test_it_counts_a_day_in_the_targets_own_zone(known: Store) -> None:
    late = NOON.replace(hour=21)  # 01:00 of the next day in La Réunion, 22:00 of the same day in Paris
    known.append_observation(observation(late))
    known.append_gap(gap(late, name="reunion-titre"))
    days = {row.target: row.day for row in known.entries()}
    assert days == {"vienne-titre": date(2026, 11, 23), "reunion-titre": date(2026, 11, 24)}


@pytest.mark.parametrize("second", [observation(), gap()], ids=["observation", "gap"])
@pytest.mark.parametrize("first", [observation(), gap()], ids=["observation", "gap"])
def test_an_instant_is_taken_once(known: Store, first: Observation | Gap, second: Observation | Gap) -> None:
    append(known, first)
    with pytest.raises(InstantTaken, match=r"vienne-titre already has its entry for 2026-11-23 12:00"):
        append(known, second)
    assert len(list(known.entries())) == 1


def append(store: Store, thing: Observation | Gap) -> None:
    if isinstance(thing, Gap):
        store.append_gap(thing)
    else:
        store.append_observation(thing)


def test_a_refused_observation_leaves_nothing_behind(known: Store) -> None:
    known.append_gap(gap())
    before = rows_of(known, entries, observations, blobs, entry_counts, day_counts, latest)
    with pytest.raises(InstantTaken):
        known.append_observation(observation())
    assert rows_of(known, entries, observations, blobs, entry_counts, day_counts, latest) == before


def test_a_visit_nobody_drew_stands_at_its_start_and_a_drawn_one_at_its_instant(known: Store) -> None:
    known.append_observation(observation(origin=Origin.MANUAL))
    known.append_observation(observation(NOON + HOUR, simulated=False))
    assert [row.at for row in known.observations()] == [NOON + timedelta(seconds=1), NOON + HOUR]


def test_a_simulated_row_says_so(known: Store) -> None:
    known.append_observation(observation(simulated=True))
    known.append_gap(gap(NOON + HOUR, simulated=True))
    assert [row.simulated for row in known.entries()] == [True, True]


def test_manual_visits_take_no_instant(known: Store) -> None:
    for _ in range(2):
        known.append_observation(observation(origin=Origin.MANUAL))
    assert [row.scheduled_at for row in known.observations()] == [None, None]


def test_it_calls_within_in_the_same_transaction(known: Store) -> None:
    calls = []

    def follow(conn: Connection, number: int, seen: Observation) -> None:
        calls.append((number, seen, conn.scalar(entries.select().where(entries.c.id == number))))

    seen = observation()
    number = known.append_observation(seen, within=[follow])
    assert calls == [(number, seen, number)]


@pytest.mark.parametrize("thing", [observation(), gap()], ids=["observation", "gap"])
def test_nothing_is_recorded_when_within_fails(known: Store, thing: Observation | Gap) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("outbox")

    append_it: Any = known.append_gap if isinstance(thing, Gap) else known.append_observation
    with pytest.raises(RuntimeError, match="outbox"):
        append_it(thing, within=[fail])
    assert rows_of(known, entries, blobs, entry_counts, day_counts, latest) == [[]] * 5


def test_it_refuses_a_target_it_does_not_know(known: Store) -> None:
    with pytest.raises(StoreError, match="The target nulle-part is unknown to the store"):
        known.append_gap(gap(name="nulle-part"))


@pytest.mark.parametrize("simulated", [True, False])
def test_it_never_mixes_simulated_and_real_rows_of_a_target(known: Store, simulated: bool) -> None:
    known.append_gap(gap(simulated=simulated))
    with pytest.raises(StoreError, match="may not mix them"):
        known.append_observation(observation(NOON + HOUR, simulated=not simulated))
    known.append_observation(observation(NOON + HOUR, name="reunion-titre", simulated=not simulated))


def test_an_entry_names_the_version_of_its_target(known: Store) -> None:
    known.append_gap(gap())
    known.record_targets([target(url="http://vienne.localhost/booking/create/2")])
    known.append_gap(gap(NOON + HOUR))
    older, newer = (row.target_version_id for row in known.gaps())
    (current,) = (
        version.id for version in ask(known, target_versions.recorded) if version.target.id == "vienne-titre"
    )
    assert older < newer == current


def test_text_that_no_database_can_hold_is_made_legible(known: Store) -> None:
    words = "Plus\0 de \ud800place"
    slot = Slot(starts_at=NOON, place=words)
    hostile = reading(
        Outcome.SLOTS_OFFERED,
        rule=words,
        words=words,
        notices=(words,),
        parts=(Part(label=words, outcome=Outcome.CLOSED, words=words),),
        earliest=slot,
        second=slot,
    )
    number = known.append_observation(observation(reading=hostile))
    read = read_row(known, number).reading
    assert read == as_stored(hostile)
    places = {read.earliest and read.earliest.place, read.second and read.second.place}
    texts = {read.rule, read.words, *read.notices, read.parts[0].label, read.parts[0].words}
    assert places | texts == {"Plus\ufffd de \ufffdplace"}


def test_a_row_says_how_many_pages_were_asked_for(known: Store) -> None:
    number = known.append_observation(observation(capture=capture(b"one", b"two", b"three")))
    assert read_row(known, number).pages == 3
    nothing = observation(NOON + HOUR, capture=replace(capture(), steps=()))
    assert read_row(known, known.append_observation(nothing)).pages == 0
