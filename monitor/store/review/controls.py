"""Comparison of each visit with the visit of its control at nearly the same time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, exists, insert, or_, select

from monitor.model import Corroboration, Origin
from monitor.rules.controls import ERRORS, PAIRED_WITHIN, ControlVisit, corroboration, nearest
from monitor.store.database.dialects import lock
from monitor.store.record.in_force import ReadingInForce
from monitor.store.tables.record import entries, observations, targets
from monitor.store.tables.review import corroborations
from probes.model import Outcome

LATE = timedelta(hours=1)
"""A visit begins at most this long after its scheduled instant; otherwise the instant becomes a gap."""
COMPARED = (Outcome.NO_SLOTS, *ERRORS)


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlComparison:
    """The result of comparing an observation with its control.

    `observation` and `control` are entry numbers; `control` is `None` when the control was not visited within
    ten minutes.
    """

    observation: int
    target: str
    control: int | None
    corroboration: Corroboration


def judge(
    conn: Connection, controls: Mapping[str, str], since: datetime, until: datetime, now: datetime
) -> list[ControlComparison]:
    """Compare the visits of a period that were not compared yet with those of their controls.

    Returns and records the results. `controls` maps each target to its control. `until` must be at least ten
    minutes ago, so that a visit of the control that comes later than the target's is not missed.
    """
    lock(conn, corroborations)
    waiting = _seen(conn, _WAITING.where(*_when(controls, since, until)))
    if not waiting:
        return []
    around = visits(conn, set(controls.values()), since - PAIRED_WITHIN, until + PAIRED_WITHIN)
    made = [judged for one in waiting if (judged := _judged(one, nearest(one, around[controls[one.target]])))]
    _append(conn, made, now)
    return made


def visits(
    conn: Connection,
    names: Collection[str],
    since: datetime,
    until: datetime,
    origins: Collection[Origin] = tuple(Origin),
) -> dict[str, list[ControlVisit]]:
    """By target: its visits that began from `since` to `until`, oldest first; an empty list for none."""
    found: dict[str, list[ControlVisit]] = {name: [] for name in names}
    wanted = _VISITS.where(*_when(names, since - LATE, until), observations.c.origin.in_(origins))
    for seen in _seen(conn, wanted):
        if since <= seen.at <= until:
            found[seen.target].append(seen)
    return found


def judge_again(conn: Connection, numbers: Collection[int], now: datetime) -> None:
    """Repeat the comparisons in which one of these observations took part, after later readings of them.

    `numbers` are entry numbers. Only results that changed are appended.
    """
    touched = or_(corroborations.c.observation_id.in_(numbers), corroborations.c.control_id.in_(numbers))
    known = list(_judgements(conn, touched).values())
    both = {one.observation for one in known} | {one.control for one in known if one.control}
    seen = {one.id: one for one in _seen(conn, _VISITS.where(entries.c.id.in_(both)))}
    again = [
        (one, _judged(seen[one.observation], seen[one.control] if one.control else None)) for one in known
    ]
    _append(conn, [judged for before, judged in again if judged and judged != before], now)


def corroborations_of(conn: Connection, numbers: Collection[int]) -> dict[int, Corroboration]:
    """By observation number: the result of the comparison with its control.

    An observation without a control, or not compared yet, is missing from the result.
    """
    found = _judgements(conn, corroborations.c.observation_id.in_(numbers))
    return {number: one.corroboration for number, one in found.items()}


def judged(conn: Connection, number: int) -> ControlComparison | None:
    """The comparison of one observation with its control; `None` when there is none."""
    return _judgements(conn, corroborations.c.observation_id == number).get(number)


def latest(conn: Connection) -> dict[str, tuple[Corroboration, datetime]]:
    """By target: the result of its latest comparison, and the instant of the visit that was compared."""
    return {row.target: (row.corroboration, row.at) for row in conn.execute(_LATEST)}


def _judged(here: ControlVisit, there: ControlVisit | None) -> ControlComparison | None:
    word = corroboration(here.outcome, there.outcome if there else None)
    if word is None:
        return None
    control = there.id if there else None
    return ControlComparison(observation=here.id, target=here.target, control=control, corroboration=word)


def _append(conn: Connection, made: Iterable[ControlComparison], now: datetime) -> None:
    rows = [
        {
            "observation_id": one.observation,
            "target": one.target,
            "control_id": one.control,
            "corroboration": one.corroboration,
            "judged_at": now,
        }
        for one in made
    ]
    if rows:
        conn.execute(insert(corroborations), rows)


def _judgements(conn: Connection, which: Any) -> dict[int, ControlComparison]:
    """The newest judgement of each observation among these."""
    rows = conn.execute(select(corroborations).where(which).order_by(corroborations.c.id))
    return {
        row.observation_id: ControlComparison(
            observation=row.observation_id,
            target=row.target,
            control=row.control_id,
            corroboration=row.corroboration,
        )
        for row in rows
    }


def _latest() -> Select[Any]:
    """A query that needs one index look-up for each target, however many rows the target has."""
    of_target = select(corroborations.c.id).where(corroborations.c.target == targets.c.target)
    newest_first = (corroborations.c.observation_id.desc(), corroborations.c.id.desc())
    newest = of_target.order_by(*newest_first).limit(1).correlate(targets).scalar_subquery()
    last = corroborations.alias()
    joined = targets.join(last, last.c.id == newest).join(entries, entries.c.id == last.c.observation_id)
    return select(last.c.target, last.c.corroboration, entries.c.at).select_from(joined)


_LATEST = _latest()
_FORCE = ReadingInForce()


def _visits() -> Select[Any]:
    columns = (entries.c.id, entries.c.target, observations.c.started_at.label("at"), _FORCE["outcome"])
    joined = _FORCE.joined(entries.join(observations))
    return select(*columns).select_from(joined).order_by(observations.c.started_at, entries.c.id)


_VISITS = _visits()
_WAITING = _VISITS.where(
    observations.c.origin == Origin.SCHEDULED,
    _FORCE.is_in("outcome", COMPARED),
    ~exists().where(corroborations.c.observation_id == observations.c.id),
)


def _when(names: Iterable[str], since: datetime, until: datetime) -> tuple[Any, ...]:
    return (entries.c.target.in_(list(names)), entries.c.at >= since, entries.c.at <= until)


def _seen(conn: Connection, query: Select[Any]) -> list[ControlVisit]:
    return [ControlVisit(**row) for row in conn.execute(query).mappings()]
