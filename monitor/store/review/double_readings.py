"""Double readings: one visit in Chromium, read also as plain HTTP would have received it.

A disagreement puts plain HTTP in doubt for its platform, until a person resumes it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, exists, func, insert, select

from monitor.model import Agreement
from monitor.store.tables.record import entries
from monitor.store.tables.review import double_readings, resumptions
from probes.model import Reading, utc


@dataclass(frozen=True, kw_only=True, slots=True)
class Disagreement:
    """A visit whose two readings disagree. `at` is its instant (UTC), `over_http` the second reading."""

    observation: int
    target: str
    platform: str
    at: datetime
    over_http: Reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Resumption:
    """A person looked at the disagreements of a platform, up to that of `observation`; `at` is UTC.

    From then on plain HTTP concludes again for it.
    """

    platform: str
    observation: int
    reason: str
    author: str
    at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", utc(self.at, "at"))


def over_http(conn: Connection, number: int) -> Reading | None:
    """The second reading of an observation; `None` when there is none."""
    row = conn.execute(_ROWS.where(double_readings.c.observation_id == number)).mappings().first()
    return _reading(row) if row else None


def disagreements(conn: Connection) -> list[Disagreement]:
    """The disagreements at which nobody has looked yet, oldest first."""
    return [_disagreement(row) for row in conn.execute(_OPEN.order_by(_NUMBER)).mappings()]


def in_doubt(conn: Connection) -> frozenset[str]:
    """The platforms with a disagreement at which nobody has looked: plain HTTP concludes nothing for them."""
    return frozenset(conn.execute(_IN_DOUBT).scalars())


def resume(conn: Connection, resumption: Resumption) -> None:
    """Record that a person looked at the disagreements up to that of `resumption.observation`."""
    said = asdict(resumption)
    conn.execute(insert(resumptions), {**said, "observation_id": said.pop("observation")})


def resumed(conn: Connection) -> list[Resumption]:
    """All resumptions, oldest first."""
    rows = conn.execute(select(resumptions).order_by(resumptions.c.id)).mappings()
    return [
        Resumption(
            platform=row["platform"],
            observation=row["observation_id"],
            reason=row["reason"],
            author=row["author"],
            at=row["at"],
        )
        for row in rows
    ]


def counts(conn: Connection) -> dict[str, dict[Agreement, int]]:
    """By platform: how many double readings there are of each agreement."""
    by = (double_readings.c.platform, double_readings.c.agreement)
    found: dict[str, dict[Agreement, int]] = {}
    for platform, agreement, n in conn.execute(select(*by, func.count()).group_by(*by)):
        found.setdefault(platform, {})[agreement] = n
    return found


def counts_of(conn: Connection, target: str, first: date, last: date) -> dict[Agreement, int]:
    """How many double readings of `target` there are of each agreement, on local days `first` to `last`."""
    counted = select(double_readings.c.agreement, func.count().label("n")).select_from(_DATED)
    when = (double_readings.c.target == target, entries.c.day >= first, entries.c.day <= last)
    rows = conn.execute(counted.where(*when).group_by(double_readings.c.agreement))
    return {row.agreement: row.n for row in rows}


def _reading(row: RowMapping) -> Reading:
    return Reading(
        outcome=row["outcome"],
        rule=row["rule"],
        words=row["words"],
        kind=row["no_slots_kind"],
        failure=row["failure"],
    )


def _disagreement(row: RowMapping) -> Disagreement:
    return Disagreement(
        observation=row["observation_id"],
        target=row["target"],
        platform=row["platform"],
        at=row["at"],
        over_http=_reading(row),
    )


_NUMBER = double_readings.c.observation_id
_DATED = double_readings.join(entries, entries.c.id == _NUMBER)
_ROWS = select(double_readings, entries.c.at).select_from(_DATED)


def _looked_at() -> Any:
    same = resumptions.c.platform == double_readings.c.platform
    return exists().where(and_(same, resumptions.c.observation_id >= _NUMBER))


def _open(wanted: Select[Any]) -> Select[Any]:
    return wanted.where(double_readings.c.agreement == Agreement.OTHERWISE, ~_looked_at())


_OPEN = _open(_ROWS)
_IN_DOUBT = _open(select(double_readings.c.platform).distinct())
