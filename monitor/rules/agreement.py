"""Double readings: whether plain HTTP would have concluded what Chromium showed in the same visit. Pure.

Both are of the same answers of the server: slots that came or went between two visits explain nothing here.
"""

from __future__ import annotations

from typing import Protocol

from monitor.model import Agreement
from probes.failures import Failure
from probes.model import NoSlotsKind, Outcome, Reading

IN_DOUBT = "http_in_doubt"
"""The rule of a conclusion over plain HTTP that is withheld until somebody has looked at a disagreement."""

RESTLESS = "restless"
"""The rule of a page that Chromium saw still moving: it says nothing against the reading over plain HTTP."""


class Said(Protocol):
    """What two readings are compared by: those of a visit, or those of its sealed record."""

    @property
    def outcome(self) -> Outcome: ...
    @property
    def kind(self) -> NoSlotsKind | None: ...
    @property
    def rule(self) -> str: ...
    @property
    def failure(self) -> Failure | None: ...


def agreement(shown: Said, over_http: Said) -> Agreement:
    """What the reading `shown` by Chromium says of the one over plain HTTP.

    Plain HTTP may always say less. Where it concludes and Chromium does not conclude the same, the two
    disagree; unless Chromium itself failed or never saw the page stand still.
    """
    if not over_http.outcome.conclusive:
        return Agreement.NOT_COMPARABLE
    if shown.outcome.conclusive:
        same = (shown.outcome, shown.kind) == (over_http.outcome, over_http.kind)
        return Agreement.ALIKE if same else Agreement.OTHERWISE
    failed = shown.failure is not None or shown.outcome is Outcome.PROBE_ERROR
    return Agreement.NOT_COMPARABLE if failed or shown.rule == RESTLESS else Agreement.OTHERWISE


def withheld(reading: Reading) -> Reading:
    """`reading` over plain HTTP while its platform is in doubt: a conclusion becomes `unrecognised`."""
    if not reading.outcome.conclusive:
        return reading
    return Reading(outcome=Outcome.UNRECOGNISED, rule=IN_DOUBT, words=reading.words, notices=reading.notices)
