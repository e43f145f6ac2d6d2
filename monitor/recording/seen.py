"""What the person who recorded a page saw on it herself, and whether a reading says the same. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from monitor.model import Verdict
from probes.model import Outcome, Reading

OUTCOMES = {Verdict.SLOTS: Outcome.SLOTS_OFFERED, Verdict.NONE: Outcome.NO_SLOTS}
"""What a reader should make of a page on which a person saw slots, or read that there are none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a person saw, asked before she was told the reading; `earliest` is the nearest date she read."""

    verdict: Verdict
    earliest: date | None = None


class Concord(StrEnum):
    """How a reading stands beside what a person saw. `silent`: it concludes nothing where she did."""

    SAME = "same"
    SILENT = "silent"
    CONTRADICTED = "contradicted"


def agreement(seen: Seen, reading: Reading, tz: ZoneInfo) -> Concord | None:
    """The reading beside what was seen; `None` when the person could not tell."""
    if seen.verdict is Verdict.UNDECIDED:
        return None
    outcome = reading.outcome
    if outcome.conclusive and outcome is not OUTCOMES.get(seen.verdict):
        return Concord.CONTRADICTED
    if not outcome.conclusive:
        return Concord.SAME if seen.verdict is Verdict.NEITHER else Concord.SILENT
    read = reading.earliest and reading.earliest.day(tz)
    return Concord.CONTRADICTED if seen.earliest and read and seen.earliest != read else Concord.SAME


def case_outcome(seen: Seen | None, reading: Reading) -> Outcome:
    """The outcome that a case is named after: what the person saw, where she saw an answer."""
    return reading.outcome if seen is None else OUTCOMES.get(seen.verdict, reading.outcome)
