"""What a person saw on a page she recorded, beside what is read from it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.model import Verdict
from monitor.recording import cases
from monitor.recording.seen import Concord, Seen, agreement, case_outcome
from probes.model import NoSlotsKind, Outcome, Reading, Slot
from probes.proof import PageOrigin
from tests.cast.saved_pages import PAGES, check, load

PARIS = ZoneInfo("Europe/Paris")
NONE = Reading(outcome=Outcome.NO_SLOTS, rule="x", words="aucun", kind=NoSlotsKind.UNSPECIFIED)
SLOTS = Reading(
    outcome=Outcome.SLOTS_OFFERED,
    rule="x",
    words="14 décembre",
    earliest=Slot(starts_at=datetime(2026, 12, 13, 23, 30, tzinfo=UTC)),
)
UNDATED = Reading(outcome=Outcome.SLOTS_OFFERED, rule="x", words="libre")
UNKNOWN = Reading(outcome=Outcome.UNRECOGNISED, rule="x")


@pytest.mark.parametrize(
    ("verdict", "earliest", "reading", "stands"),
    [
        (Verdict.NONE, None, NONE, Concord.SAME),
        (Verdict.NONE, None, SLOTS, Concord.CONTRADICTED),
        (Verdict.NONE, None, UNKNOWN, Concord.SILENT),
        (Verdict.SLOTS, None, NONE, Concord.CONTRADICTED),
        (Verdict.SLOTS, None, SLOTS, Concord.SAME),
        (Verdict.SLOTS, date(2026, 12, 14), SLOTS, Concord.SAME),
        (Verdict.SLOTS, date(2026, 12, 13), SLOTS, Concord.CONTRADICTED),
        (Verdict.SLOTS, date(2026, 12, 14), UNDATED, Concord.SAME),
        (Verdict.SLOTS, None, UNKNOWN, Concord.SILENT),
        (Verdict.NEITHER, None, UNKNOWN, Concord.SAME),
        (Verdict.NEITHER, None, NONE, Concord.CONTRADICTED),
        (Verdict.UNDECIDED, None, NONE, None),
    ],
)
def test_how_a_reading_stands_beside_what_was_seen(
    verdict: Verdict, earliest: date | None, reading: Reading, stands: Concord | None
) -> None:
    assert agreement(Seen(verdict=verdict, earliest=earliest), reading, PARIS) is stands


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (None, Outcome.UNRECOGNISED),
        (Seen(verdict=Verdict.NONE), Outcome.NO_SLOTS),
        (Seen(verdict=Verdict.SLOTS), Outcome.SLOTS_OFFERED),
        (Seen(verdict=Verdict.NEITHER), Outcome.UNRECOGNISED),
        (Seen(verdict=Verdict.UNDECIDED), Outcome.UNRECOGNISED),
    ],
)
def test_a_case_is_named_after_what_a_person_saw(seen: Seen | None, outcome: Outcome) -> None:
    assert case_outcome(seen, UNKNOWN) is outcome


def written(folder: Path, seen: Seen) -> Path:
    """A saved page of « none », with what a person is said to have seen on it."""
    known = load(PAGES / "rdv_service_public" / "no_slots-lieu_step")
    folder = folder / "rdv_service_public" / "no_slots-recorded"
    about = {"note": "x", "source": "the test"}
    cases.write(folder, known.target, known.capture, origin=PageOrigin.RECORDED, seen=seen, **about)
    return folder


def test_what_was_seen_is_kept_with_the_case(tmp_path: Path) -> None:
    seen = Seen(verdict=Verdict.SLOTS, earliest=date(2026, 12, 14))
    assert load(written(tmp_path, seen)).seen == seen


def test_no_reviewed_reading_passes_that_contradicts_who_saw_the_page(tmp_path: Path) -> None:
    folder = written(tmp_path, Seen(verdict=Verdict.SLOTS))
    known = PAGES / "rdv_service_public" / "no_slots-lieu_step" / "expected.json"
    (folder / "expected.json").write_bytes(known.read_bytes())
    with pytest.raises(pytest.fail.Exception, match="a person saw slots there, and it is read as no_slots"):
        check(folder)
