"""The latest state of every target, for the exporter and the figures: read from the projections, no scan."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from monitor.model import Origin
from monitor.store.record.in_force import ReadingInForce
from monitor.store.tables.record import entries, latest, observations
from probes.failures import Failure
from probes.model import NoSlotsKind, Outcome, Precision, Transport


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """The latest visits of one target, of one origin. All instants are UTC.

    The fields up to `failure` are those of the last observation. `conclusive_*`, `no_slots_kind`, `slots`,
    `earliest_*`, `second_at` and `horizon` are those of the last conclusive one. `slots_id` and `slots_at`
    are those of the last observation with a slot. `zero_start_at`, `zero_last_at` and `zeros` (a count)
    describe the zeros since then; without zeros they are `None`, `None` and 0.
    """

    target: str
    origin: Origin
    simulated: bool
    last_id: int
    last_at: datetime
    started_at: datetime
    finished_at: datetime
    transport: Transport
    platform: str
    outcome: Outcome
    failure: Failure | None
    conclusive_id: int | None
    conclusive_at: datetime | None
    conclusive_finished_at: datetime | None
    conclusive_outcome: Outcome | None
    no_slots_kind: NoSlotsKind | None
    slots: int | None
    earliest_at: datetime | None
    earliest_precision: Precision | None
    second_at: datetime | None
    horizon: date | None
    slots_id: int | None
    slots_at: datetime | None
    zero_start_at: datetime | None
    zero_last_at: datetime | None
    zeros: int


def every(conn: Connection) -> list[Standing]:
    """The standings of all targets, one for each origin with an observation; by target and origin."""
    return [Standing(**dict(zip(_NAMES, row, strict=True))) for row in conn.execute(_STANDINGS)]


_NAMES = [field.name for field in fields(Standing)]


def _standings() -> Select[Any]:
    last, conclusive = observations.alias("last"), observations.alias("conclusive")
    of_last, of_conclusive = ReadingInForce(last), ReadingInForce(conclusive)
    said = ("no_slots_kind", "slots", "earliest_at", "earliest_precision", "second_at", "horizon")
    sources = {
        "simulated": entries.c.simulated,
        **{name: last.c[name] for name in ("started_at", "finished_at", "transport", "platform")},
        **{name: of_last[name] for name in ("outcome", "failure")},
        **{name: of_conclusive[name] for name in said},
        "conclusive_finished_at": conclusive.c.finished_at,
        "conclusive_outcome": of_conclusive["outcome"],
    }
    joined = (
        latest.join(entries, latest.c.last_id == entries.c.id)
        .join(last, latest.c.last_id == last.c.id)
        .outerjoin(conclusive, latest.c.conclusive_id == conclusive.c.id)
    )
    joined = of_conclusive.joined(of_last.joined(joined))
    columns = [sources[name] if name in sources else latest.c[name] for name in _NAMES]
    return select(*columns).select_from(joined).order_by(latest.c.target, latest.c.origin)


_STANDINGS = _standings()
