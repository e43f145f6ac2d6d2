"""The guards: how much of a period must have been seen before a figure or a sentence may speak of it. Pure.

Where one of them fails people read « données insuffisantes » and no number: what was not seen may be exactly
what would have changed it. They are shares, 0 to 1. The SQL and the texts of the dashboards are filled with
them; the rules of Prometheus and the documents are compared with them by a test.
"""

from __future__ import annotations

from monitor.model import RunningDrought

COVERAGE = 0.80
"""Visits made, of the instants drawn. Whoever was down or refused us chose the hours that are missing."""
CONCLUSIVE = 0.60
"""Visits with an answer, of the visits made. The rest met a CAPTCHA, a full site, an unknown page."""
DRAWN_DAYS = 0.80
"""Local days on which instants were drawn, of the days the period lasts. Coverage does not see the others."""


def covered(made: int, drawn: int) -> bool:
    """Whether enough of the drawn instants were visited; false when none was drawn."""
    return drawn > 0 and made / drawn >= COVERAGE


def answered(conclusive: int, made: int) -> bool:
    """Whether enough of the visits made had an answer; false when none was made."""
    return made > 0 and conclusive / made >= CONCLUSIVE


def drawn_days(days: int, lasted: int) -> bool:
    """Whether instants were drawn on enough of the days that a period lasted; true of no period at all."""
    return lasted == 0 or days / lasted >= DRAWN_DAYS


def drought_told(
    drought: RunningDrought, *, coverage: float = COVERAGE, conclusive: float = CONCLUSIVE
) -> bool:
    """Whether enough was seen of a drought to speak of the whole of it: visits, days and answers."""
    return min(drought.coverage, drought.watched) >= coverage and drought.exploitable >= conclusive


def percent(guard: float) -> str:
    """A guard as French sentences name it: « 80 % »."""
    return f"{guard * 100:.0f} %"
