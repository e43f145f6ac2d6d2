"""Sightings: the structure of each page that nobody recognises, or that only accepted lines let us read.

`monitor.store.review.quarantine` groups those that are still `unrecognised`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select

from monitor.model import Observation
from monitor.rules.agreement import agreement
from monitor.store.database.types import storable
from monitor.store.tables.review import double_readings, sightings


def note(conn: Connection, structures: Mapping[int, str]) -> None:
    """Record the structure (fingerprint) of observations, by their numbers.

    Observations that already have one keep it.
    """
    same = sightings.c.observation_id.in_(list(structures))
    known = set(conn.scalars(select(sightings.c.observation_id).where(same)))
    rows = [
        {"observation_id": number, "fingerprint": structure}
        for number, structure in structures.items()
        if number not in known
    ]
    if rows:
        conn.execute(insert(sightings), rows)


def note_double_reading(conn: Connection, number: int, seen: Observation) -> None:
    """Note what plain HTTP would have read at the observation `number`; nothing if it was not read twice."""
    second = seen.over_http
    if second is None:
        return
    row = {
        "observation_id": number,
        "target": seen.target,
        "platform": seen.platform,
        "outcome": second.outcome,
        "no_slots_kind": second.kind,
        "rule": storable(second.rule),
        "failure": second.failure,
        "words": storable(second.words),
        "agreement": agreement(seen.reading, second),
    }
    conn.execute(insert(double_readings), row)
