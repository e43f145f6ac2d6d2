"""Verdicts: what people saw on the pictures of visits, judged without knowing the readings.

Who gave a verdict is never stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, exists, func, insert, select

from monitor.model import Origin, Verdict
from monitor.store.database.errors import StoreError
from monitor.store.record.in_force import ReadingInForce
from monitor.store.tables.record import entries, observations
from monitor.store.tables.review import verdicts
from probes.model import Outcome


class Result(StrEnum):
    """Whether a verdict agrees with the reading in force when it was given, and if not, how it differs."""

    AGREED = "agreed"
    FALSE_ZERO = "false_zero"
    FALSE_SLOTS = "false_slots"
    MISSED = "missed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """The number `n` of observations of a platform that were read as `outcome` and judged as `verdict`."""

    platform: str
    outcome: Outcome
    verdict: Verdict
    n: int

    @property
    def result(self) -> Result:
        """`false_zero`: read as no slots, but the picture does not say so. `false_slots`: the same for slots.

        `missed`: read as something else, but the picture shows slots or says that there are none.
        """
        if self.verdict is Verdict.UNDECIDED:
            return Result.UNDECIDED
        right, wrong = _RIGHT.get(self.outcome, (Verdict.NEITHER, Result.MISSED))
        return Result.AGREED if self.verdict is right else wrong


_RIGHT = {
    Outcome.NO_SLOTS: (Verdict.NONE, Result.FALSE_ZERO),
    Outcome.SLOTS_OFFERED: (Verdict.SLOTS, Result.FALSE_SLOTS),
}


def unjudged(
    conn: Connection, *, since: datetime | None, until: datetime | None, simulated: bool
) -> Iterator[tuple[int, Outcome, str]]:
    """Scheduled observations with a picture and without a verdict.

    Each item is (observation number, outcome in force, SHA-256 of the picture). `until` is excluded.
    """
    wanted = _UNJUDGED.where(entries.c.simulated == simulated)
    if since is not None:
        wanted = wanted.where(entries.c.at >= since)
    if until is not None:
        wanted = wanted.where(entries.c.at < until)
    for row in conn.execute(wanted.execution_options(yield_per=1000)):
        yield row.id, row.outcome, row.screenshot_sha256


def give(conn: Connection, given: Iterable[tuple[int, Verdict]], now: datetime) -> None:
    """Record a person's verdicts by observation number, each with the outcome in force now.

    Raises `StoreError` when an observation has a verdict already, or does not exist.
    """
    for observation, verdict in given:
        _give(conn, observation, verdict, now)


def _give(conn: Connection, observation: int, verdict: Verdict, now: datetime) -> None:
    if conn.execute(select(verdicts.c.verdict).where(verdicts.c.observation_id == observation)).first():
        raise StoreError(f"Observation number {observation} has its verdict already: the first one stands.")
    columns = (_FORCE["outcome"], _FORCE["reader_version"])
    read = select(*columns).select_from(_FORCE.joined(observations)).where(observations.c.id == observation)
    row = conn.execute(read).first()
    if row is None:
        raise StoreError(f"There is no observation number {observation}.")
    said = {"outcome": row.outcome, "reader_version": row.reader_version, "verdict": verdict}
    conn.execute(insert(verdicts), {"observation_id": observation, "judged_at": now, **said})


def judgements(conn: Connection, *, simulated: bool | None = None) -> list[Judgement]:
    """All verdicts, counted by platform, outcome and verdict.

    `simulated` limits them to simulated (`True`) or real (`False`) préfectures.
    """
    groups = (observations.c.platform, verdicts.c.outcome, verdicts.c.verdict)
    joined = verdicts.join(observations).join(entries, entries.c.id == observations.c.id)
    counted = select(*groups, func.count().label("n")).select_from(joined).group_by(*groups)
    if simulated is not None:
        counted = counted.where(entries.c.simulated == simulated)
    return [Judgement(**row) for row in conn.execute(counted.order_by(*groups)).mappings()]


_FORCE = ReadingInForce()


def _unjudged() -> Any:
    joined = _FORCE.joined(entries.join(observations))
    return select(entries.c.id, _FORCE["outcome"], observations.c.screenshot_sha256).select_from(joined)


_UNJUDGED = _unjudged().where(
    observations.c.origin == Origin.SCHEDULED,
    observations.c.screenshot_sha256.is_not(None),
    ~exists().where(verdicts.c.observation_id == observations.c.id),
)
