"""Sightings: the structure of each page that nobody recognises, or that only accepted lines let us read.

`monitor.store.review.quarantine` groups those that are still `unrecognised`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select

from monitor.store.tables.review import sightings


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
