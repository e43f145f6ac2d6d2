"""Puts what a watched supply gave into a store, in one transaction of its own writer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection

from monitor.figures.period import VisitAttempt
from monitor.model import Draw, Observation, Vantage
from monitor.store import LaterReading, Store
from monitor.store.record import draws, writing
from monitor.store.review import later_readings
from probes.model import Capture, Outcome, Reading, Slot, Transport
from tests.cast import observations
from tests.cast.supply import HOUR
from tests.cast.transactions import tell

CAPTURE: Capture = observations.capture()
OFFSET = timedelta(milliseconds=120)
VANTAGE = Vantage(name="essai", software="vigie/0", user_agent="vigie", clock_offset=OFFSET)
NOTICE = "Fermeture le 1er mai"


def seed(store: Store, name: str, attempts: Iterable[VisitAttempt], interval: timedelta = HOUR) -> None:
    """Append every attempt of one known target, and a draw that says its interval."""
    found = sorted(attempts, key=lambda a: a.scheduled_at)
    tell(store, draws.commit, [_draw(name, found, interval)])
    with store.write() as conn:
        for attempt in found:
            _append(conn, name, attempt)


def _append(conn: Connection, name: str, attempt: VisitAttempt) -> None:
    at = attempt.scheduled_at
    if attempt.gap is not None:
        missed = observations.gap(at, attempt.gap, name, simulated=attempt.simulated)
        writing.append_gap(conn, missed, recorded_at=at)
    else:
        writing.append_observation(conn, _observation(name, attempt), screenshot=None, recorded_at=at)


def _draw(name: str, found: list[VisitAttempt], interval: timedelta) -> Draw:
    return observations.draw(name, found[0].scheduled_at, interval=interval)


def _observation(name: str, attempt: VisitAttempt) -> Observation:
    return observations.observation(
        attempt.scheduled_at,
        name=name,
        origin=attempt.origin,
        started_at=attempt.began or attempt.scheduled_at,
        finished_at=attempt.ended or attempt.began or attempt.scheduled_at,
        reading=_reading(attempt),
        capture=CAPTURE,
        simulated=attempt.simulated,
        transport=Transport.HTTP,
        vantage=VANTAGE,
    )


def _reading(attempt: VisitAttempt) -> Reading:
    assert attempt.outcome is not None
    plain = observations.reading(attempt.outcome, notices=(NOTICE,))
    if attempt.outcome is not Outcome.SLOTS_OFFERED:
        return plain
    first, second = (at and Slot(starts_at=at) for at in (attempt.earliest, attempt.second))
    return observations.reading(
        Outcome.SLOTS_OFFERED, earliest=first, second=second, slots=attempt.slots, horizon=attempt.horizon
    )


def read_again(store: Store, name: str, made: Reading) -> None:
    """The only observation of a target gets a later reading."""
    (row,) = store.observations(name)
    version = {"platform": "classic", "reader_version": "2", "cause": "essai"}
    later = LaterReading(observation=row.id, reading=made, read_at=row.recorded_at, **version)
    tell(store, later_readings.append, name, [later], {}, row.recorded_at)
