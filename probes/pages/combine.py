"""What the answers of several desks, or places, amount to for the procedure. Pure; no page is read here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from probes.model import NoSlotsKind, Outcome, Part, Reading
from probes.pages import dates

Answers = Sequence[tuple[str, Reading]]


def combine(answers: Answers, tz: ZoneInfo) -> Reading:
    """One reading for the whole: slots when any answer shows some, none only when every answer says none.

    Otherwise the first inconclusive answer stands: what one desk hides, the others cannot tell. `answers` are
    (label, reading) in page order, at least one; each becomes a part of the result.
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
    """The earliest of all, and the earliest of a later day: each reading's own two suffice to know them."""
    shown = [slot for each in offered for slot in (each.earliest, each.second) if slot]
    earliest, second = dates.first_two(shown, tz)
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
    """Up to where all of them were read."""
    return min((reading.horizon for reading in readings if reading.horizon), default=None)
