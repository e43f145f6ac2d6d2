"""Combines the readings of several desks or places into one reading of the procedure. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from probes.model import NoSlotsKind, Outcome, Part, Reading
from probes.pages import starts

Answers = Sequence[tuple[str, Reading]]


def combine(answers: Answers, tz: ZoneInfo) -> Reading:
    """One reading for all `answers`, which are (label, reading) in page order, at least one.

    `slots_offered` if any answer is; `no_slots` only if every answer is. Otherwise the first inconclusive
    answer is the result: the other desks say nothing about that one. Each answer becomes a `Part`.
    """
    readings = [reading for _label, reading in answers]
    offered = [reading for reading in readings if reading.outcome is Outcome.SLOTS_OFFERED]
    unsure = [reading for reading in readings if not reading.outcome.conclusive]
    if offered:
        whole = _offered(offered, tz)
    elif unsure:
        whole = unsure[0]
    else:
        whole = replace(readings[0], kind=_kind(readings), horizon=_nearest(readings))
    parts = tuple(Part(label=label, outcome=each.outcome, words=each.words) for label, each in answers)
    return replace(whole, parts=parts)


def _offered(offered: Sequence[Reading], tz: ZoneInfo) -> Reading:
    """One reading with the earliest slot of all, and the earliest on a later day.

    `earliest` and `second` of each reading are enough to find both.
    """
    shown = [slot for each in offered for slot in (each.earliest, each.second) if slot]
    earliest, second = starts.first_two(shown, tz)
    return replace(
        next((each for each in offered if each.earliest == earliest), offered[0]),
        earliest=earliest,
        second=second,
        slots=sum(each.slots or 0 for each in offered) or None,
        horizon=_nearest(offered),
    )


def _kind(readings: Sequence[Reading]) -> NoSlotsKind | None:
    kinds = {reading.kind for reading in readings}
    return kinds.pop() if len(kinds) == 1 else NoSlotsKind.UNSPECIFIED


def _nearest(readings: Sequence[Reading]) -> date | None:
    # The earliest of the horizons: only up to that day were all desks read.
    return min((reading.horizon for reading in readings if reading.horizon), default=None)
