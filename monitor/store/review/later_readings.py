"""Later readings: what a newer reader makes of a kept capture. Counts and comparisons are then made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from monitor.store.record import projections, sightings, target_versions
from monitor.store.record.rows import LaterReading, reading_columns, reading_of
from monitor.store.review import controls
from monitor.store.tables.review import later_readings


def append(
    conn: Connection, target: str, made: Sequence[LaterReading], structures: Mapping[int, str], now: datetime
) -> None:
    """Append later readings of one target's observations; repeat its comparisons and count it again.

    `structures` maps the number of each observation whose reading now `keeps_structure` to the fingerprint of
    its page. Raises `ValueError` unless it holds exactly those observations.
    """
    kept = {one.observation for one in made if one.reading.keeps_structure}
    if kept != structures.keys():
        raise ValueError("a page that needs a person now, and no other, is noted with its structure")
    target_versions.in_force(conn, target)
    if made:
        conn.execute(insert(later_readings), [_columns(one) for one in made])
    sightings.note(conn, structures)
    controls.judge_again(conn, [one.observation for one in made], now)
    projections.recount(conn, target)


def one(conn: Connection, number: int) -> LaterReading:
    """The later reading with this number. Raises `sqlalchemy.exc.NoResultFound` when there is none."""
    row = conn.execute(select(later_readings).where(later_readings.c.id == number)).mappings().one()
    own = {name: row[name] for name in _OWN}
    return LaterReading(observation=row["observation_id"], reading=reading_of(row), **own)


_OWN = ("platform", "reader_version", "read_at", "cause")


def _columns(made: LaterReading) -> dict[str, object]:
    own = {name: getattr(made, name) for name in _OWN}
    return {"observation_id": made.observation, **own, **reading_columns(made.reading)}
