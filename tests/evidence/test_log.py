"""The log: one record for everything, in its own transaction, whatever the database and however it came."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DatabaseError

from monitor.clock import SimulatedClock
from monitor.evidence.journal import keeper, records
from monitor.evidence.journal.records import JournalIncidentKind
from monitor.evidence.journal.writer import AT_ONCE, JournalWriter, vocabulary
from monitor.store import LaterReading, Store, StoreError, open_store
from monitor.store.journal import compression, lines
from monitor.store.journal.lines import FIRST_LINK
from monitor.store.record import draws, target_versions
from monitor.store.review import later_readings
from probes.model import Outcome, Target
from tests.cast.observations import HOUR, NOON, draw, gap, observation, reading, target
from tests.cast.transactions import ask, tell

Facts = list[dict[str, Any]]


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOON)


@pytest.fixture
def log(store: Store, clock: SimulatedClock) -> JournalWriter:
    store.record_targets([target(), target("isere-titre")])
    return JournalWriter(store, clock, keeper.service)


def written(store: Store) -> list[tuple[str, bytes]]:
    with store.read() as conn:
        return list(lines.between(conn, 0, lines.size(conn)))


def facts(store: Store) -> Facts:
    return [json.loads(line) for _, line in written(store)]


def test_an_observation_and_its_record_are_written_together(store: Store, log: JournalWriter) -> None:
    number = store.append_observation(observation(), within=[log.observed])
    (fact,) = facts(store)
    assert (fact["type"], fact["entry"], fact["seq"], fact["target_seq"]) == ("observation", number, 0, 0)
    assert fact["recorded_at"] == "2026-11-23T12:00:00.000Z"


def test_an_observation_that_is_not_stored_leaves_no_record(store: Store, log: JournalWriter) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        store.append_observation(observation(), within=[log.observed, fail])
    assert facts(store) == []


def test_chains_are_numbered_and_linked_apart(store: Store, log: JournalWriter) -> None:
    for hour in range(3):
        at = NOON + hour * HOUR
        store.append_observation(observation(at), within=[log.observed])
        store.append_gap(gap(at, name="isere-titre"), within=[log.missed])
    held = written(store)
    assert [json.loads(line)["seq"] for _, line in held] == list(range(6))
    for name in ("vienne-titre", "isere-titre"):
        chain = [line for target, line in held if target == name]
        links = [json.loads(line)["prev"] for line in chain]
        assert links == [FIRST_LINK, *(records.digest(line) for line in chain[:-1])]
        assert [json.loads(line)["target_seq"] for line in chain] == [0, 1, 2]


def test_catching_up_writes_what_was_recorded_without_the_log(store: Store, log: JournalWriter) -> None:
    tell(store, draws.commit, [draw()])
    store.append_observation(observation())
    store.append_gap(gap(NOON + HOUR))
    assert log.catch_up() == 5
    kinds = [(fact["type"], fact["target"]) for fact in facts(store)]
    assert sorted(kinds) == [
        ("config", "isere-titre"),
        ("config", "vienne-titre"),
        ("draw", "vienne-titre"),
        ("gap", "vienne-titre"),
        ("observation", "vienne-titre"),
    ]
    assert log.catch_up() == 0


@pytest.mark.slow
def test_catching_up_lets_others_write(store: Store, log: JournalWriter) -> None:
    for hour in range(10 * AT_ONCE):
        store.append_gap(gap(NOON + hour * HOUR))
    late = Thread(target=log.catch_up)
    late.start()
    while not facts(store):
        late.join(0.01)
    store.append_gap(gap(NOON, name="isere-titre"), within=[log.missed])
    assert late.is_alive()
    late.join()
    assert len(facts(store)) == 2 + 10 * AT_ONCE + 1


def test_a_record_is_the_same_at_once_and_caught_up(store: Store, log: JournalWriter) -> None:
    seen = observation(outcome=Outcome.SLOTS_OFFERED)
    body = records.observation(seen, known=vocabulary(target()))
    store.append_observation(seen)
    log.catch_up()
    fact = facts(store)[-1]
    assert {name: fact[name] for name in body} == json.loads(records.canonical(body))


def test_a_double_reading_is_in_the_record_at_once_and_caught_up(store: Store, log: JournalWriter) -> None:
    seen = observation(outcome=Outcome.SLOTS_OFFERED, over_http=reading())
    store.append_observation(seen)
    log.catch_up()
    second = {"outcome": "no_slots", "rule": "classic.words", "kind": "all_taken"}
    assert facts(store)[-1]["over_http"] == second
    assert records.observation(seen)["over_http"] == second


def test_an_entry_is_logged_once_whoever_comes_first(store: Store, log: JournalWriter) -> None:
    store.append_observation(observation(), within=[log.observed, log.observed])
    log.catch_up()
    assert [fact["type"] for fact in facts(store)].count("observation") == 1


def test_a_changed_target_gets_another_record(store: Store, log: JournalWriter) -> None:
    log.catch_up()
    store.record_targets([target(demarche="Renouvellement")])
    assert log.catch_up() == 1
    assert facts(store)[-1]["demarche"] == "Renouvellement"


def test_trouble_and_stamps_are_recorded_once(store: Store, log: JournalWriter) -> None:
    received = records.Anchor(
        seal_day=NOON.date(),
        seal_sha256="ab" * 32,
        authority="tsa1",
        token_sha256="cd" * 32,
        stamped_at=NOON,
        policy="1.2.3",
        checkers_agree=True,
    )
    for _ in range(2):
        log.anchored(received)
        log.troubled(JournalIncidentKind.AUTHORITY_LATE, about="tsa2", day=NOON.date())
    assert [fact["type"] for fact in facts(store)] == ["anchor", "incident"]


def test_a_day_begins_once_and_the_log_never_goes_back(
    store: Store, log: JournalWriter, clock: SimulatedClock
) -> None:
    for _ in range(2):
        with store.write() as conn:
            log.open_day(conn, clock.now().date())
    clock.advance_to(NOON + timedelta(days=1))
    with store.write() as conn:
        log.open_day(conn, clock.now().date())
    late = JournalWriter(store, SimulatedClock(NOON), keeper.service)
    store.append_observation(observation(), within=[late.observed])
    with store.read() as conn:
        assert lines.size_before(conn, NOON.date()) == 0
        assert lines.size_before(conn, NOON.date() + timedelta(days=1)) == 1
        assert lines.size_before(conn, NOON.date() + timedelta(days=2)) == 3
    assert [fact["type"] for fact in facts(store)] == ["config", "config", "observation"]


@pytest.mark.parametrize(
    "statement", ["UPDATE log SET target = 'x'", "DELETE FROM log", "DELETE FROM log_days"]
)
def test_the_database_itself_refuses_to_change_the_log(
    store: Store, log: JournalWriter, statement: str
) -> None:
    store.append_observation(observation(), within=[log.observed])
    with pytest.raises((StoreError, DatabaseError), match="append-only"), store.write() as conn:
        conn.exec_driver_sql(statement)


def test_several_writers_make_one_unbroken_log(database_url: str, tmp_path: Path) -> None:
    names = [f"vienne-{n}" for n in range(4)]
    opened = open_store(database_url, media=tmp_path)
    opened.record_targets([target(name) for name in names])
    log = JournalWriter(opened, SimulatedClock(NOON), keeper.service)

    def write(name: str) -> None:
        for hour in range(10):
            opened.append_observation(observation(NOON + hour * HOUR, name=name), within=[log.observed])

    threads = [Thread(target=write, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [fact["seq"] for fact in facts(opened)] == list(range(40))
    for name in names:
        chain = [fact["target_seq"] for fact in facts(opened) if fact["target"] == name]
        assert chain == list(range(10))
    opened.close()


def test_a_record_shows_the_addresses_its_platform_declares() -> None:
    known = Target(
        id="x",
        platform="classic",
        url="https://www.vienne.gouv.fr/booking/create/1234567",
        prefecture="Vienne",
        departement="86",
        demarche="Titre",
    )
    assert {"booking", "create", "1234567"} <= vocabulary(known)
    strange = Target(
        id="x", platform="unknown", url="https://a.fr/rdv", prefecture="V", departement="86", demarche="T"
    )
    assert "rdv" in vocabulary(strange)


@given(st.binary(max_size=3000))
def test_a_kept_line_reads_back(line: bytes) -> None:
    assert compression.decompress(compression.compress(line)) == line


def test_the_dictionary_never_changes() -> None:
    assert (
        records.digest(compression.DICTIONARY)
        == "1862d582dfe19d0503a219f48dad0f1a8ea9d1a9385cb18a58960a80c5b2e8fe"
    )


def test_an_unknown_target_has_no_record(store: Store) -> None:
    with store.read() as conn, pytest.raises(LookupError, match="never recorded"):
        target_versions.newest(conn, "nobody")


def test_an_entry_committed_after_a_later_one_is_not_forgotten(store: Store, log: JournalWriter) -> None:
    early = store.append_observation(observation())
    store.append_observation(observation(NOON + HOUR), within=[log.observed])
    assert ask(store, lines.unlogged_entries, 10) == [early]


def test_the_days_about_a_period_are_those_of_its_entries_readings_and_draws(store: Store) -> None:
    store.record_targets([target()])
    first = store.append_observation(observation())
    second = store.append_observation(observation(NOON + HOUR))
    later = LaterReading(
        observation=first,
        platform="classic",
        reader_version="2",
        reading=reading(),
        read_at=NOON + HOUR,
        cause="test",
    )
    tell(store, later_readings.append, "vienne-titre", [later], {}, NOON + HOUR)
    (number,) = ask(store, lines.unlogged_later_readings)
    days = [NOON.date() + timedelta(days=n) for n in range(3)]

    def write(day: int, **about: Any) -> None:
        tell(store, lines.append, "vienne-titre", lambda place: b"%d" % place.seq, day=days[day], **about)

    def about() -> object:
        return ask(store, lines.days_about, ["vienne-titre"], NOON, NOON + HOUR)

    assert about() is None
    write(0, entry=first)
    write(1, entry=second)
    assert about() == (days[0], days[0])  # the end of the period is not in it
    write(2, reference=lines.later_reading_reference(number))
    assert about() == (days[0], days[2])
    assert ask(store, lines.unlogged_later_readings) == []


def test_a_period_that_ends_at_midnight_has_no_draw_of_the_next_day(store: Store) -> None:
    midnight = NOON.replace(hour=0)
    for n in range(2):
        day = (midnight + timedelta(days=n)).date()
        reference = lines.draw_reference(day, "vienne-titre")
        tell(store, lines.append, "vienne-titre", lambda _: b"{}", day=day, reference=reference)
    about = ask(store, lines.days_about, ["vienne-titre"], midnight, midnight + timedelta(days=1))
    assert about == (midnight.date(), midnight.date())


def test_an_entry_without_a_line_gets_it_although_later_entries_have_theirs(
    store: Store, log: JournalWriter
) -> None:
    """As when a command recorded a visit without the log while the service went on."""
    store.record_targets([target()])
    first = store.append_observation(observation())
    store.append_observation(observation(NOON + HOUR), within=[log.observed])
    log.catch_up()
    with store.read() as conn:
        assert lines.number_of(conn, first) is not None


def test_each_stamp_of_each_authority_is_written_once(store: Store, log: JournalWriter) -> None:
    days = [NOON.date(), NOON.date() + timedelta(days=1)]
    stamps = [(day, name) for day in days for name in ("tsa1", "tsa2")]
    for day, name in stamps:
        assert not log.has_anchor(day, name)
        for _ in range(2):
            log.anchored(
                records.Anchor(
                    seal_day=day,
                    seal_sha256="ab" * 32,
                    authority=name,
                    token_sha256="cd" * 32,
                    stamped_at=NOON,
                    policy="1.2.3",
                    checkers_agree=True,
                )
            )
        assert log.has_anchor(day, name)
    said = [(fact["seal_day"], fact["authority"]) for fact in facts(store) if fact["type"] == "anchor"]
    assert said == [(str(day), name) for day, name in stamps]
