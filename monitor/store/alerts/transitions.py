"""What the fold was given, remembers and made: facts, states, transitions; in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, RowMapping, Select, and_, func, insert, select

from monitor.model import GapReason, Origin, RunningDrought, Transition
from monitor.rules.transitions import State, VisitFact
from monitor.store.database.dialects import upsert
from monitor.store.record.in_force import ReadingInForce
from monitor.store.tables.alerts import alert_states, transitions
from monitor.store.tables.record import EntryKind, entries, gaps, observations
from monitor.store.tables.review import suspicions
from probes.model import Outcome

BATCH = 5000
_SLACK = timedelta(hours=1)
"""An entry stands at its drawn instant, a fact at the end of its visit."""
_STATE = TypeAdapter(State)
_DROUGHT = TypeAdapter(RunningDrought | None)
_KEPT_AS = {"drought": "tally", "repeated": "ailment"}
"""Fields of `State` and `Transition` that older databases hold under other names, which stay."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredTransition:
    """A recorded transition under its number. `entry` is the one that made it."""

    id: int
    entry: int
    transition: Transition
    simulated: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeCount:
    """How many entries of a target ended as `outcome`; `None` counts the gaps."""

    target: str
    outcome: Outcome | None
    n: int


def state_of(conn: Connection, target: str, zone: str) -> tuple[State, int]:
    """Where the fold stands for `target`, and the entry it got to: at first a fresh state, and 0."""
    row = conn.execute(select(alert_states).where(alert_states.c.target == target)).first()
    return (_read_state(row.state), row.entry_id) if row else (State(target=target, zone=zone), 0)


def states(conn: Connection) -> list[State]:
    """Where the fold stands for every target."""
    rows = conn.execute(select(alert_states.c.state).order_by(alert_states.c.target)).scalars()
    return [_read_state(row) for row in rows]


def simulated(conn: Connection) -> bool:
    """Whether what was folded came from préfectures of our own."""
    some = select(alert_states.c.target).where(alert_states.c.simulated).limit(1)
    return conn.execute(some).first() is not None


def folded(conn: Connection) -> dict[str, int]:
    """The entry that the fold got to, by target."""
    rows = conn.execute(select(alert_states.c.target, alert_states.c.entry_id))
    return {row.target: row.entry_id for row in rows}


def missed(conn: Connection, target: str, since: datetime, until: datetime) -> int:
    """How many instants of `target` passed in that time without a visit, as far as is known now."""
    run = and_(entries.c.target == target, entries.c.at >= since, entries.c.at <= until)
    gone = select(func.count()).select_from(entries).where(run, entries.c.kind == EntryKind.GAP)
    return conn.execute(gone).scalar_one()


def keep_state(conn: Connection, state: State, entry: int, *, simulated: bool) -> None:
    """Remember `state`, reached with `entry`."""
    row = {"target": state.target, "entry_id": entry, "simulated": simulated}
    named = _STATE.dump_python(state, mode="json")
    kept = {_KEPT_AS.get(name, name): value for name, value in named.items()}
    conn.execute(upsert(conn, alert_states), {**row, "state": kept})


def append_transition(
    conn: Connection, made: Transition, entry: int, *, simulated: bool, recorded_at: datetime
) -> int:
    """Record what `entry` changed; its number."""
    row = {name: getattr(made, name) for name in _FIELDS}
    row |= {"tally": _DROUGHT.dump_python(made.drought, mode="json"), "news": made.news}
    row |= {"entry_id": entry, "simulated": simulated, "recorded_at": recorded_at}
    return int(conn.execute(insert(transitions).returning(transitions.c.id), row).scalar_one())


def told(
    conn: Connection,
    *,
    target: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[StoredTransition]:
    """Recorded transitions by number, of one target or all; `since` is included, `until` is not."""
    wanted = select(transitions).order_by(transitions.c.id)
    if target is not None:
        wanted = wanted.where(transitions.c.target == target)
    if since is not None:
        wanted = wanted.where(transitions.c.at >= since)
    if until is not None:
        wanted = wanted.where(transitions.c.at < until)
    return [told_of(row) for row in conn.execute(wanted).mappings()]


def told_of(row: RowMapping) -> StoredTransition:
    """The transition in a row of its table."""
    fields = {name: row[name] for name in _FIELDS}
    made = Transition(**fields, drought=_DROUGHT.validate_python(row["tally"]))
    return StoredTransition(id=row["id"], entry=row["entry_id"], transition=made, simulated=row["simulated"])


_FIELDS = [name for name in Transition.__slots__ if name != "drought"]


def _read_state(kept: Mapping[str, Any]) -> State:
    named = {name: _KEPT_AS.get(name, name) for name in State.__slots__}
    return _STATE.validate_python({name: kept[key] for name, key in named.items() if key in kept})


def facts(conn: Connection, *, target: str | None = None) -> Iterator[tuple[int, str, VisitFact]]:
    """What there is to fold, in the order it was recorded: entry number, target, fact."""
    wanted = _facts() if target is None else _facts().where(entries.c.target == target)
    after = 0
    while batch := conn.execute(wanted.where(entries.c.id > after).limit(BATCH)).all():
        yield from map(_numbered, batch)
        after = batch[-1].id


def unfolded(conn: Connection, target: str, after: int, before: int) -> list[tuple[int, str, VisitFact]]:
    """The entries of `target` between two numbers: recorded by somebody who did not fold them."""
    # Through coalesce, so that the few numbers in between are looked at and not all the target's history.
    mine = func.coalesce(entries.c.target, "") == target if after else entries.c.target == target
    between = and_(entries.c.id > after, entries.c.id < before, mine)
    return [_numbered(row) for row in conn.execute(_facts().where(between))]


def suspected(conn: Connection, target: str, since: datetime, until: datetime) -> bool:
    """Whether a zero of this run looked like a site's answer to robots alone."""
    run = and_(entries.c.target == target, entries.c.at >= since - _SLACK, entries.c.at <= until)
    flagged = select(suspicions.c.id).join(entries, entries.c.id == suspicions.c.observation_id).where(run)
    return conn.execute(flagged.limit(1)).first() is not None


def behind(conn: Connection) -> list[str]:
    """The targets with entries later than anything that was folded."""
    latest = select(func.coalesce(func.max(alert_states.c.entry_id), 0)).scalar_subquery()
    return list(conn.execute(select(entries.c.target).distinct().where(entries.c.id > latest)).scalars())


def counts(conn: Connection, since: datetime, until: datetime) -> list[OutcomeCount]:
    """Scheduled entries of a period by target and outcome in force."""
    scheduled = and_(entries.c.scheduled_at.is_not(None), entries.c.at >= since, entries.c.at < until)
    force = ReadingInForce()
    grouped = (
        select(entries.c.target, force["outcome"], func.count().label("n"))
        .select_from(force.joined(entries.outerjoin(observations)))
        .where(scheduled)
        .group_by(entries.c.target, force["outcome"])
    )
    return [OutcomeCount(target=row.target, outcome=row.outcome, n=row.n) for row in conn.execute(grouped)]


def first_entry_at(conn: Connection) -> datetime | None:
    """When the record begins."""
    return conn.execute(select(entries.c.at).order_by(entries.c.at).limit(1)).scalar()


_FACT: Sequence[Any] = [
    entries.c.id,
    entries.c.target,
    entries.c.kind,
    entries.c.at,
    observations.c.outcome,
    observations.c.origin,
    observations.c.finished_at,
    gaps.c.reason,
]


def _facts() -> Select[Any]:
    joined = entries.outerjoin(observations).outerjoin(gaps, gaps.c.id == entries.c.id)
    return select(*_FACT).select_from(joined).order_by(entries.c.id)


def _numbered(row: Row[Any]) -> tuple[int, str, VisitFact]:
    return row.id, row.target, _fact(row)


def _fact(row: Row[Any]) -> VisitFact:
    if row.kind is EntryKind.GAP:
        return VisitFact(at=row.at, outcome=None, breaker=row.reason is GapReason.BREAKER_OPEN)
    scheduled = row.origin is Origin.SCHEDULED
    return VisitFact(at=row.finished_at, outcome=row.outcome, scheduled=scheduled, row=row.id)
