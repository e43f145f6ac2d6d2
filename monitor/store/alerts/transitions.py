"""The database side of `monitor.rules.transitions`, which folds visits into transitions.

It gives the facts to fold, and stores the fold's state of each target and the transitions it made. All
functions work in the caller's transaction.
"""

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
"""A fact has the time at which its visit ended: up to this much later than the drawn instant of its entry."""
_STATE = TypeAdapter(State)
_DROUGHT = TypeAdapter(RunningDrought | None)
_KEPT_AS = {"drought": "tally", "repeated": "ailment"}
"""Fields of `State` and `Transition`, and the names under which the database stores them.

The stored names are older than the names in the code. They must not change: old rows have them.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredTransition:
    """A recorded transition and its number. `entry` is the number of the entry that caused it."""

    id: int
    entry: int
    transition: Transition
    simulated: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeCount:
    """The number `n` of entries of a target that ended as `outcome`; `None` stands for gaps."""

    target: str
    outcome: Outcome | None
    n: int


def state_of(conn: Connection, target: str, zone: str) -> tuple[State, int]:
    """The fold's state of `target`, and the number of the last entry folded into it.

    A target that was never folded has a new `State` and 0.
    """
    row = conn.execute(select(alert_states).where(alert_states.c.target == target)).first()
    return (_read_state(row.state), row.entry_id) if row else (State(target=target, zone=zone), 0)


def states(conn: Connection) -> list[State]:
    """The fold's state of every target that was folded, sorted by target."""
    rows = conn.execute(select(alert_states.c.state).order_by(alert_states.c.target)).scalars()
    return [_read_state(row) for row in rows]


def simulated(conn: Connection) -> bool:
    """Whether any folded target is simulated."""
    some = select(alert_states.c.target).where(alert_states.c.simulated).limit(1)
    return conn.execute(some).first() is not None


def folded(conn: Connection) -> dict[str, int]:
    """By target: the number of the last entry that was folded."""
    rows = conn.execute(select(alert_states.c.target, alert_states.c.entry_id))
    return {row.target: row.entry_id for row in rows}


def missed(conn: Connection, target: str, since: datetime, until: datetime) -> int:
    """How many gaps of `target` are recorded from `since` to `until`, both included."""
    run = and_(entries.c.target == target, entries.c.at >= since, entries.c.at <= until)
    gone = select(func.count()).select_from(entries).where(run, entries.c.kind == EntryKind.GAP)
    return conn.execute(gone).scalar_one()


def keep_state(conn: Connection, state: State, entry: int, *, simulated: bool) -> None:
    """Store the fold's state of a target. `entry` is the number of the last entry folded into it."""
    row = {"target": state.target, "entry_id": entry, "simulated": simulated}
    named = _STATE.dump_python(state, mode="json")
    kept = {_KEPT_AS.get(name, name): value for name, value in named.items()}
    conn.execute(upsert(conn, alert_states), {**row, "state": kept})


def append_transition(
    conn: Connection, made: Transition, entry: int, *, simulated: bool, recorded_at: datetime
) -> int:
    """Record a transition that the entry with the number `entry` caused. Returns the transition's number."""
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
    """The transition in a row of the table `transitions`."""
    fields = {name: row[name] for name in _FIELDS}
    made = Transition(**fields, drought=_DROUGHT.validate_python(row["tally"]))
    return StoredTransition(id=row["id"], entry=row["entry_id"], transition=made, simulated=row["simulated"])


_FIELDS = [name for name in Transition.__slots__ if name != "drought"]


def _read_state(kept: Mapping[str, Any]) -> State:
    named = {name: _KEPT_AS.get(name, name) for name in State.__slots__}
    return _STATE.validate_python({name: kept[key] for name, key in named.items() if key in kept})


def facts(conn: Connection, *, target: str | None = None) -> Iterator[tuple[int, str, VisitFact]]:
    """The facts to fold, by entry number: triples of entry number, target and fact."""
    wanted = _facts() if target is None else _facts().where(entries.c.target == target)
    after = 0
    while batch := conn.execute(wanted.where(entries.c.id > after).limit(BATCH)).all():
        yield from map(_numbered, batch)
        after = batch[-1].id


def unfolded(conn: Connection, target: str, after: int, before: int) -> list[tuple[int, str, VisitFact]]:
    """The facts of `target` with entry numbers between `after` and `before`, both excluded.

    They come from entries that another program recorded without folding them.
    """
    # `coalesce` keeps the database from using the index on the target: it must look at the few numbers in
    # between, not at the whole history of the target.
    mine = func.coalesce(entries.c.target, "") == target if after else entries.c.target == target
    between = and_(entries.c.id > after, entries.c.id < before, mine)
    return [_numbered(row) for row in conn.execute(_facts().where(between))]


def suspected(conn: Connection, target: str, since: datetime, until: datetime) -> bool:
    """Whether a zero of `target` from `since` to `until` is suspected of being given to robots only."""
    run = and_(entries.c.target == target, entries.c.at >= since - _SLACK, entries.c.at <= until)
    flagged = select(suspicions.c.id).join(entries, entries.c.id == suspicions.c.observation_id).where(run)
    return conn.execute(flagged.limit(1)).first() is not None


def behind(conn: Connection) -> list[str]:
    """The targets with an entry number higher than that of any entry folded so far."""
    latest = select(func.coalesce(func.max(alert_states.c.entry_id), 0)).scalar_subquery()
    return list(conn.execute(select(entries.c.target).distinct().where(entries.c.id > latest)).scalars())


def counts(conn: Connection, since: datetime, until: datetime) -> list[OutcomeCount]:
    """Scheduled entries by target and outcome in force. `since` is included, `until` is not."""
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
    """The instant of the earliest entry, in UTC; `None` for an empty record."""
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
