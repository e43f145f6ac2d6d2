"""A matter made of visits, as a bundle's first page gets it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from monitor.evidence.bundle.gather import Matter
from monitor.evidence.journal import records
from monitor.model import Gap
from tests.cast.observations import target

TARGET = target("vienne-titre", prefecture="Préfecture de la Vienne", demarche="Titre de séjour")
HOUR = timedelta(hours=1)
PARIS_MIDNIGHT = datetime(2026, 10, 19, 22, tzinfo=UTC)


def fact(seq: int, kind: records.Kind, body: dict[str, Any]) -> dict[str, Any]:
    return {"seq": seq, "type": kind, "target": "vienne-titre", **body}


def matter(
    visits: Any,
    *,
    days: int = 30,
    first: date = date(2026, 10, 20),
    again: Any = None,
    intervals: Any = None,
) -> Matter:
    begin = datetime(first.year, first.month, first.day, tzinfo=TARGET.tz)
    end = begin.replace(tzinfo=None) + timedelta(days=days)
    facts = [
        fact(seq, records.Kind.GAP, records.gap(one))
        if isinstance(one, Gap)
        else fact(seq, records.Kind.OBSERVATION, records.observation(one))
        for seq, one in enumerate(visits)
    ]
    known = records.target_config(TARGET) | {"interval_s": 3600}
    return Matter(
        target=TARGET,
        first=first,
        last=first + timedelta(days=days - 1),
        begin=begin,
        end=end.replace(tzinfo=TARGET.tz),
        attempts=facts,
        again=again or {},
        known=known,
        draws=[
            (date(2026, 10, 20), "2026-10-19T18:00:00.000Z"),
            (date(2026, 10, 21), "2026-10-21T00:00:01.000Z"),
        ],
        intervals=intervals or {},
    )


def hourly(count: int, start: datetime = PARIS_MIDNIGHT) -> list[datetime]:
    return [start + n * HOUR for n in range(count)]
