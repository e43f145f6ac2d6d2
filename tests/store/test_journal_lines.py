"""The lines of the journal in the database: their places, their days, and how they are found again."""

from __future__ import annotations

import hashlib
import random
from datetime import date, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from monitor.store import LaterReading, Store
from monitor.store.journal import lines
from monitor.store.journal.lines import FIRST_LINK, LinePlace
from monitor.store.record import draws
from monitor.store.review import later_readings
from monitor.store.tables.journal import log
from tests.cast.observations import HOUR, NOON, draw, observation, reading, target
from tests.cast.transactions import ask, tell

DAY = NOON.date()
ONE = timedelta(days=1)


def put(
    store: Store,
    text: str = "x",
    chain: str = "vienne-titre",
    *,
    day: date = DAY,
    entry: int | None = None,
    reference: str | None = None,
) -> int | None:
    """Append a line that says this; one that is about nothing else has a reference of its own."""
    if entry is None and reference is None:
        reference = f"about {text}"
    made = f"{text}\n".encode()
    return tell(store, lines.append, chain, lambda _: made, day=day, entry=entry, reference=reference)


def visit(store: Store, at: datetime, name: str = "vienne-titre") -> int:
    return store.append_observation(observation(at, name=name))


def test_a_line_knows_its_place_in_the_journal_and_in_its_chain(known: Store) -> None:
    places: list[LinePlace] = []

    def make(place: LinePlace) -> bytes:
        places.append(place)
        return f"{len(places)}\n".encode()

    for n, chain in enumerate(("a", "b", "a")):
        tell(known, lines.append, chain, make, day=DAY, reference=f"{n}")
    link = hashlib.sha256(b"1\n").hexdigest()
    assert [(one.seq, one.target_seq, one.prev) for one in places] == [
        (0, 0, FIRST_LINK),
        (1, 0, FIRST_LINK),
        (2, 1, link),
    ]
    assert ask(known, lines.size) == 3


def test_lines_are_read_from_a_number_up_to_another_in_order(known: Store) -> None:
    for text, chain in (("c", "z"), ("b", "a"), ("a", "z"), ("d", "a")):
        put(known, text, chain)
    with known.read() as conn:
        assert list(lines.between(conn, 1, 3)) == [("a", b"b\n"), ("z", b"a\n")]
        assert [text for _, text in lines.between(conn, 0, 9)] == [b"c\n", b"b\n", b"a\n", b"d\n"]


def test_an_entry_and_a_reference_have_one_line(known: Store) -> None:
    number = visit(known, NOON)
    assert (put(known, entry=number), put(known, entry=number)) == (0, None)
    assert (put(known, reference="r"), put(known, reference="r"), put(known, reference="s")) == (1, None, 2)
    assert ask(known, lines.number_of, number) == 0
    assert ask(known, lines.number_of, number + 1) is None
    assert [ask(known, lines.refers, name) for name in ("r", "s", "t")] == [True, True, False]
    assert ask(known, lines.target_of, 2) == "vienne-titre"


def test_a_line_belongs_to_its_day_or_to_the_last_one_begun(known: Store) -> None:
    assert ask(known, lines.days) == (None, None)
    for text, days in (("a", 0), ("b", 2), ("c", 1), ("d", 2)):
        put(known, text, day=DAY + days * ONE)
    assert ask(known, lines.days) == (DAY, DAY + 2 * ONE)
    assert [ask(known, lines.size_before, DAY + n * ONE) for n in range(-1, 4)] == [0, 0, 1, 1, 4]


def test_lines_about_a_subject_come_by_number(known: Store) -> None:
    for reference in ("incident b", "incidental", "incident a", "anchor a", "incident c"):
        put(known, reference, reference=reference)
    with known.read() as conn:
        assert list(lines.about(conn, "incident ")) == [b"incident b\n", b"incident a\n", b"incident c\n"]


def test_the_days_of_a_case_are_those_of_its_entries_and_of_its_draws(known: Store) -> None:
    begin = datetime(2026, 11, 24, 0, 30, tzinfo=timezone(HOUR))  # 23:30 of the day before in UTC
    end = begin + 24 * HOUR
    draw_line(known, DAY, written=0)
    for at, days in ((begin - HOUR, 1), (begin, 3), (end - HOUR, 4), (end, 5)):
        put(known, f"{at}", day=DAY + days * ONE, entry=visit(known, at))
    put(known, "other", day=DAY + 6 * ONE, entry=visit(known, begin, "reunion-titre"))

    def found(first: datetime = begin, name: str = "vienne-titre") -> tuple[date, date] | None:
        return ask(known, lines.days_about, [name], first, end)

    assert found(name="nowhere") is None
    assert found() == (DAY, DAY + 4 * ONE)
    assert found(begin + HOUR) == (DAY + 4 * ONE, DAY + 4 * ONE)
    for day, written in ((DAY + ONE, 8), (DAY - ONE, 9), (DAY + 2 * ONE, 9)):
        draw_line(known, day, written=written)
    assert found() == (DAY, DAY + 8 * ONE)
    assert found(begin + HOUR) == (DAY + 4 * ONE, DAY + 8 * ONE)


def draw_line(store: Store, day: date, *, written: int) -> None:
    reference = lines.draw_reference(day, "vienne-titre")
    put(store, reference, day=DAY + written * ONE, reference=reference)


def test_what_has_no_line_yet_is_found_in_order(known: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [visit(known, NOON + n * HOUR) for n in range(20)]
    assert ask(known, lines.unlogged_entries, 99) == numbers
    assert ask(known, lines.unlogged_entries, 2) == numbers[:2]
    put(known, entry=numbers[1])
    assert ask(known, lines.unlogged_entries, 2) == [numbers[0], numbers[2]]
    put(known, entry=numbers[19])
    assert ask(known, lines.unlogged_entries, 99) == [numbers[0], *numbers[2:19]]
    monkeypatch.setattr(lines, "MARGIN", 2)
    assert ask(known, lines.unlogged_entries, 99) == [numbers[18]]


def test_draws_without_a_line_are_found_from_a_day_on(known: Store) -> None:
    names = ("vienne-titre", "reunion-titre")
    for day in (2, 0, 1):
        tell(known, draws.commit, [draw(name, NOON + day * ONE) for name in names])
    draw_line(known, DAY + ONE, written=0)
    missing = [(DAY, "reunion-titre"), (DAY, "vienne-titre"), (DAY + ONE, "reunion-titre")]
    missing += [(DAY + 2 * ONE, "reunion-titre"), (DAY + 2 * ONE, "vienne-titre")]
    assert ask(known, lines.unlogged_draws, DAY) == missing
    assert ask(known, lines.unlogged_draws, DAY + ONE) == missing[2:]
    draw_line(known, DAY, written=0)
    assert ask(known, lines.unlogged_draws, DAY) == [missing[0], *missing[2:]]


def test_versions_and_later_readings_without_a_line_are_found_in_order(known: Store) -> None:
    known.record_targets([target("a")])
    for number in (visit(known, NOON + n * HOUR) for n in range(3)):
        said = {"platform": "classic", "reader_version": "2", "cause": "x"}
        later = LaterReading(observation=number, reading=reading(), read_at=NOON, **said)
        tell(known, later_readings.append, "vienne-titre", [later], {}, NOON)
    for find, name in (
        (lines.unlogged_versions, lines.version_reference),
        (lines.unlogged_later_readings, lines.later_reading_reference),
    ):
        numbers = ask(known, find)
        assert numbers == sorted(numbers)
        assert len(numbers) == 3
        put(known, reference=name(numbers[1]))
        assert ask(known, find) == [numbers[0], numbers[2]]


def test_references_are_stored_and_keep_their_form() -> None:
    assert lines.draw_reference(DAY, "a") == "draw 2026-11-23 a"
    assert (lines.later_reading_reference(7), lines.version_reference(7)) == ("rereading 7", "version 7")


def test_the_frame_of_a_chain_is_the_last_line_of_an_entry_that_was_like_none_before(known: Store) -> None:
    """Lines of other kinds never are: the entries after them would not be like them."""
    texts = {name: random.Random(name).randbytes(600).hex() for name in "ABC"}
    wanted = [("A", None, True), ("A", 0, True), ("B", None, False), ("A", 0, True)]
    wanted += [("C", None, True), ("C", 4, True), ("C", 4, False)]
    for n, (name, _, about_entry) in enumerate(wanted):
        number = visit(known, NOON + n * HOUR) if about_entry else None
        put(known, f"{n}{texts[name]}", entry=number)
    with known.read() as conn:
        assert list(conn.scalars(select(log.c.base).order_by(log.c.seq))) == [base for _, base, _ in wanted]
        assert [text for _, text in lines.between(conn, 0, 9)] == [
            f"{n}{texts[name]}\n".encode() for n, (name, *_) in enumerate(wanted)
        ]
