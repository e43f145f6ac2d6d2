"""The reading in force, as SQL: the newest later reading of an observation, else its first reading.

Keep these as plain joins, never inside a subquery: only then do both databases find a row's readings by
index.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Join, Label, and_, case, exists, select

from monitor.store.record.rows import AGAIN
from monitor.store.tables.record import observations
from monitor.store.tables.review import READING, later_readings

LATER = (*READING, "platform", "reader_version", "read_at", "cause")


class ReadingInForce:
    """SQL for the readings in force of `seen`: the table `observations`, or an alias of it.

    The columns work only in a query over `joined(...)` of the same object.
    """

    def __init__(self, seen: FromClause = observations) -> None:
        self._seen = seen
        self._again = later_readings.alias()

    def joined(self, rows: FromClause) -> Join:
        """`rows`, which must contain `seen`, outer-joined with the newest later reading of each row."""
        again, newer = self._again, later_readings.alias()
        overtaken = and_(newer.c.observation_id == again.c.observation_id, newer.c.id > again.c.id)
        newest = ~exists(select(newer.c.id).where(overtaken).correlate(again))
        return rows.outerjoin(again, and_(again.c.observation_id == self._seen.c.id, newest))

    def __getitem__(self, name: str) -> Label[Any]:
        """The column `name` of the reading in force."""
        return self._said(name).label(name)

    def is_in(self, name: str, values: Collection[Any]) -> ColumnElement[bool]:
        """The condition that the column `name` of the reading in force has one of these values."""
        return self._said(name).in_(values)

    @property
    def later(self) -> list[Label[Any]]:
        """The columns of the later reading only, with the prefix `AGAIN`; NULL when there is none."""
        return [self._again.c[name].label(AGAIN + name) for name in LATER]

    def _said(self, name: str) -> ColumnElement[Any]:
        return case((self._again.c.id.is_not(None), self._again.c[name]), else_=self._seen.c[name])
