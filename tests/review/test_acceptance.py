"""A person accepts a line of a quarantined page, and takes it back: what is read then, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.clock import SimulatedClock
from monitor.problems import BadInput
from monitor.review import acceptance
from monitor.review.acceptance import DoubtfulPage
from monitor.review.reclassify import Reclassifier
from monitor.store import Store, StoreError
from monitor.store.review import acceptances, quarantine
from probes.model import AcceptedLine, Capture, Outcome, Reading
from probes.pages.fingerprint import accepted_lines
from probes.registry import platform
from tests.cast.observations import HOUR, NOON, capture, gap, observation
from tests.cast.transactions import ask, read_row, tell
from tests.review.doubtful_pages import GREETING, PAPERS, doubtful, doubtful_target

WHY = "a greeting, seen on the picture"


@pytest.fixture
def watched(store: Store) -> Store:
    """A store in which `titre` and `permis`, two classic procedures, are known."""
    store.record_targets([doubtful_target("titre"), doubtful_target("permis")])
    return store


def visit(store: Store, received: Capture, hour: float = 0, name: str = "titre", **known: Any) -> int:
    """Records a visit as the service would, with what is accepted in the record now; the row's number."""
    lines = accepted_lines("classic", received, ask(store, acceptances.in_force, "classic"))
    read = platform("classic").read(doubtful_target(name), received, lines)
    usual: dict[str, Any] = {"reading": read, "capture": received}
    return store.append_observation(observation(NOON + hour * HOUR, name=name, **usual | known))


def look(store: Store, number: int) -> DoubtfulPage:
    return acceptance.look(store, number, SimulatedClock(NOON))


def accept(store: Store, number: int, line: str = GREETING, reason: str = WHY) -> int:
    """Accepts a line of the page of a row; the number of the acceptance."""
    clock = SimulatedClock(NOON + HOUR)
    made, _ = acceptance.accept(store, look(store, number), line, reason=reason, author="ana", clock=clock)
    return made


def withdraw(store: Store, number: int, reason: str = "it was a button") -> None:
    clock = SimulatedClock(NOON + 2 * HOUR)
    acceptance.withdraw(store, number, reason=reason, author="ben", clock=clock)


def in_force(store: Store, number: int) -> Reading:
    return read_row(store, number).in_force


def test_a_person_is_shown_every_line_that_the_reader_does_not_know(watched: Store) -> None:
    page = look(watched, visit(watched, doubtful(GREETING, PAPERS)))
    assert [(each.text, each.refusal) for each in page.lines] == [(GREETING, ""), (PAPERS, "")]
    assert page.then.outcome is Outcome.NO_SLOTS


def test_the_first_line_that_nobody_may_accept_ends_the_list(watched: Store) -> None:
    page = look(watched, visit(watched, doubtful(GREETING, "Deux guichets ouverts", PAPERS)))
    assert [(each.text, bool(each.refusal)) for each in page.lines] == [
        (GREETING, False),
        ("Deux guichets ouverts", True),
    ]
    assert page.then.outcome is Outcome.UNRECOGNISED


def test_every_row_of_that_structure_is_read_again_and_no_other(watched: Store) -> None:
    first = visit(watched, doubtful(GREETING))
    same = visit(watched, doubtful(GREETING), 1, "permis")
    other = visit(watched, doubtful(GREETING, tag="em"), 2)
    number = accept(watched, first)
    for row in (first, same):
        seen = read_row(watched, row)
        assert seen.reading.outcome is Outcome.UNRECOGNISED
        assert seen.in_force.outcome is Outcome.NO_SLOTS
        assert seen.later_reading is not None
        assert seen.later_reading.cause == f"accepted line {number}"
    assert read_row(watched, other).later_reading is None
    assert [group.newest for group in ask(watched, quarantine.groups)] == [other]


def test_a_later_reading_says_which_line_it_needs_since_when_and_why(watched: Store) -> None:
    row = visit(watched, doubtful(GREETING))
    accept(watched, row, reason="  a greeting,\n seen on the picture ")
    needed = AcceptedLine(line=GREETING.lower(), at=NOON + HOUR, reason=WHY)
    assert in_force(watched, row).accepted == (needed,)


def test_a_line_may_be_named_by_its_place_in_the_list(watched: Store) -> None:
    row = visit(watched, doubtful(GREETING, PAPERS))
    accept(watched, row, "2")
    assert in_force(watched, row).words == GREETING
    # The same command again must not accept the line that has moved up to this place.
    with pytest.raises(BadInput, match="no safe way to name a line"):
        accept(watched, row, "1")
    accept(watched, row, GREETING)
    assert [each.line for each in in_force(watched, row).accepted] == [GREETING.lower(), PAPERS.lower()]


def test_a_visit_after_an_acceptance_stands_on_it_from_the_start(watched: Store) -> None:
    accept(watched, visit(watched, doubtful(GREETING)))
    row = read_row(watched, visit(watched, doubtful(GREETING), 3))
    assert row.reading.outcome is Outcome.NO_SLOTS
    assert [each.line for each in row.reading.accepted] == [GREETING.lower()]
    assert ask(watched, quarantine.groups) == []


def test_what_is_taken_back_gives_later_readings_again_also_of_newer_visits(watched: Store) -> None:
    old = visit(watched, doubtful(GREETING))
    number = accept(watched, old)
    new = visit(watched, doubtful(GREETING), 3)
    withdraw(watched, number)
    for row in (old, new):
        assert in_force(watched, row).rule == "unknown_line"
    assert read_row(watched, new).reading.outcome is Outcome.NO_SLOTS
    (group,) = ask(watched, quarantine.groups)
    assert (group.count, group.newest) == (2, new)


def test_a_line_that_was_taken_back_may_be_accepted_again(watched: Store) -> None:
    row = visit(watched, doubtful(GREETING))
    withdraw(watched, accept(watched, row))
    again = accept(watched, row)
    assert in_force(watched, row).outcome is Outcome.NO_SLOTS
    found = ask(watched, acceptances.every)
    assert [(one.number, one.withdrawn_by) for one in found] == [(1, "ben"), (again, None)]


def test_a_plain_reclassification_keeps_to_what_is_accepted(watched: Store, clock: SimulatedClock) -> None:
    row = visit(watched, doubtful(GREETING))
    accept(watched, row)
    again = Reclassifier(store=watched, platforms=platform, clock=clock, write=True, cause="newer reader")
    assert again.run().changed.total() == 0
    assert in_force(watched, row).outcome is Outcome.NO_SLOTS


def test_an_acceptance_and_what_took_it_back_are_both_kept(watched: Store) -> None:
    row = visit(watched, doubtful(GREETING))
    number = accept(watched, row)
    withdraw(watched, number)
    (kept,) = ask(watched, acceptances.every)
    assert (kept.line, kept.reason, kept.author, kept.at) == (GREETING.lower(), WHY, "ana", NOON + HOUR)
    assert (kept.platform, kept.observation) == ("classic", row)
    taken = (kept.withdrawn_at, kept.withdrawn_by, kept.withdrawn_because)
    assert taken == (NOON + 2 * HOUR, "ben", "it was a button")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Deux guichets ouverts", "can never be accepted: it may speak of"),
        ("Complet", "can never be accepted: it may speak of slots"),
        ("2", "can never be accepted: it may speak of"),
        ("3", "is no number of the list, which has 2"),
        ("Une autre page", "is none of the lines for which the page is in quarantine"),
    ],
)
def test_a_line_that_may_not_be_accepted_is_refused_in_one_sentence(
    watched: Store, line: str, said: str
) -> None:
    row = visit(watched, doubtful(GREETING, "Deux guichets ouverts"))
    with pytest.raises(BadInput, match=said):
        accept(watched, row, line)
    assert ask(watched, acceptances.every) == []


def test_a_line_that_is_accepted_already_is_refused(watched: Store) -> None:
    row = visit(watched, doubtful(GREETING, PAPERS))
    page = look(watched, row)
    accept(watched, row)
    with pytest.raises(BadInput, match="is accepted on these pages already"):
        accept(watched, row)
    clock = SimulatedClock(NOON)
    with pytest.raises(StoreError, match="is accepted on these pages already, as number 1"):
        acceptance.accept(watched, page, GREETING, reason=WHY, author="ana", clock=clock)


@pytest.mark.parametrize("reason", ["", " \n", "x" * 301])
def test_a_reason_is_asked_for(watched: Store, reason: str) -> None:
    row = visit(watched, doubtful(GREETING))
    with pytest.raises(BadInput, match="--reason"):
        accept(watched, row, reason=reason)
    number = accept(watched, row)
    with pytest.raises(BadInput, match="--reason"):
        withdraw(watched, number, reason=reason)
    assert in_force(watched, row).outcome is Outcome.NO_SLOTS


def test_a_row_that_is_not_quarantined_is_refused(watched: Store) -> None:
    zero = visit(watched, doubtful())
    missed = watched.append_gap(gap(NOON + 5 * HOUR, name="titre"))
    for number, said in (
        (zero, "is not in quarantine, it is read as no_slots"),
        (missed, "is a gap, so no page was received"),
        (10**6, "is not in the record"),
    ):
        with pytest.raises(BadInput, match=said):
            look(watched, number)


def test_a_page_that_is_quarantined_for_another_reason_is_refused(watched: Store) -> None:
    number = visit(watched, capture(b"<html><body><p>neuf</p></body></html>"))
    with pytest.raises(BadInput, match=r"in quarantine by the rule \w+, not for a line"):
        look(watched, number)


def test_a_page_that_only_an_older_reader_did_not_know_is_refused(watched: Store) -> None:
    unknown = Reading(outcome=Outcome.UNRECOGNISED, rule="unknown_line", words="x")
    number = visit(watched, doubtful(), reading=unknown)
    with pytest.raises(BadInput, match="is read as no_slots by today's reader; run `vigie reclassify`"):
        look(watched, number)


def test_a_page_without_a_reader_is_refused(watched: Store) -> None:
    number = visit(watched, doubtful(GREETING), platform="gone")
    with pytest.raises(BadInput, match="has no reader any more"):
        look(watched, number)


def test_only_what_is_in_force_can_be_taken_back(watched: Store) -> None:
    with pytest.raises(StoreError, match="There is no accepted line number 7"):
        withdraw(watched, 7)
    number = accept(watched, visit(watched, doubtful(GREETING)))
    withdraw(watched, number)
    with pytest.raises(StoreError, match="was taken back on 2026-11-23"):
        withdraw(watched, number)


def test_a_row_written_into_the_table_by_hand_makes_no_zero_of_a_line_about_slots(watched: Store) -> None:
    row = visit(watched, doubtful("Deux guichets ouverts"))
    page = look(watched, row)
    forged = AcceptedLine(line="deux guichets ouverts", at=NOON, reason=WHY)
    where = {"platform": "classic", "fingerprint": page.structure}
    tell(watched, acceptances.accept, forged, observation=row, author="?", **where)
    again = Reclassifier(
        store=watched, platforms=platform, clock=SimulatedClock(NOON), write=True, cause="test"
    )
    assert again.run(structure=page.structure).changed.total() == 0
