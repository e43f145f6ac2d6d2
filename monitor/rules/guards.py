"""The guards: how much of a period must have been seen before a figure or a sentence about it is shown. Pure.

When a guard fails, people read « données insuffisantes » and no number, because the part that was not seen
could change the result. Guards are shares, 0 to 1. They are filled into the SQL and the texts of the
dashboards; a test compares the rules of Prometheus and the documents with them.
"""

from __future__ import annotations

from monitor.model import RunningDrought

COVERAGE = 0.80
"""Least share of the drawn instants that must have been visited.

The missing hours are not a random sample: outages and refusals decide which hours are missing.
"""
CONCLUSIVE = 0.60
"""Least share of the visits made that must have had an answer. The others met a CAPTCHA, an overloaded site,
an unknown page."""
DRAWN_DAYS = 0.80
"""Least share of the local days of a period on which instants must have been drawn.

Needed beside coverage, which counts drawn instants only: a day without any does not lower it.
"""


def covered(made: int, drawn: int) -> bool:
    """Whether enough of the drawn instants were visited; false when none was drawn."""
    return drawn > 0 and made / drawn >= COVERAGE


def answered(conclusive: int, made: int) -> bool:
    """Whether enough of the visits made had an answer; false when none was made."""
    return made > 0 and conclusive / made >= CONCLUSIVE


def drawn_days(days: int, lasted: int) -> bool:
    """Whether instants were drawn on enough (`days`) of the local days a period `lasted`; true for 0 days."""
    return lasted == 0 or days / lasted >= DRAWN_DAYS


def drought_told(
    drought: RunningDrought, *, coverage: float = COVERAGE, conclusive: float = CONCLUSIVE
) -> bool:
    """Whether enough of a drought was seen to speak of all of it.

    Its coverage and its watched days must reach `coverage`, its share of answers `conclusive`.
    """
    return min(drought.coverage, drought.watched) >= coverage and drought.exploitable >= conclusive


def percent(guard: float) -> str:
    """A guard as French sentences write it, in whole per cent: « 80 % »."""
    return f"{guard * 100:.0f} %"
