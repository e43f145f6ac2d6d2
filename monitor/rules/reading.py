"""Reads a capture so that a fault of the reader loses nothing of what was received. No I/O."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from probes.failures import Failure
from probes.model import AcceptedLine, Capture, Outcome, Platform, Reading, Target

log = logging.getLogger(__name__)

MISTAKES = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError),
    *(TypeError, ValueError),
)
"""What faulty code of ours raises. All other errors are passed on."""

_READ_FAILED = "read_failed"


def read(platform: Platform, target: Target, capture: Capture, accepted: Sequence[AcceptedLine]) -> Reading:
    """The platform's reading of `capture`; `probe_error` when its reader fails, which is logged."""
    try:
        return platform.read(target, capture, accepted)
    except MISTAKES as bug:
        log.exception("the %s reader failed on %s", platform.name, target.id)
        return our_fault(bug, _READ_FAILED)


def our_fault(bug: Exception, rule: str = "walk_failed") -> Reading:
    """The reading of a visit during which our own code failed: `probe_error`, so never conclusive."""
    return Reading(
        outcome=Outcome.PROBE_ERROR, rule=f"{rule}:{type(bug).__name__}", failure=Failure.OUR_FAULT
    )


def can_be_read(reading: Reading) -> bool:
    """Whether a reader may read again what was received: not when our own code broke the visit."""
    return reading.failure is not Failure.OUR_FAULT or reader_failed(reading)


def reader_failed(reading: Reading) -> bool:
    """Whether the visit was whole, and only its reader failed."""
    return reading.rule.startswith(f"{_READ_FAILED}:")
