"""A matter made of visits, as a bundle's first page gets it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from monitor.evidence.bundle.gather import Matter
from monitor.evidence.journal import facts as journal_facts
from monitor.evidence.journal import records
from monitor.evidence.journal.facts import DrawFact, JournalFact
from monitor.model import Draw, Gap
from monitor.store.journal.lines import FIRST_LINK
from tests.cast.observations import target

TARGET = target("vienne-titre", prefecture="Préfecture de la Vienne", demarche="Titre de séjour")
HOUR = timedelta(hours=1)
PARIS_MIDNIGHT = datetime(2026, 10, 19, 22, tzinfo=UTC)


def fact(seq: int, kind: records.FactKind, body: records.Body, at: datetime | None = None) -> JournalFact:
    """What a line of the target's chain says, written at `at`, or once what it tells of was over."""
    over = body.get("finished_at") or body.get("scheduled_at") or records.instant(PARIS_MIDNIGHT)
    link = records.Link(
        seq=seq,
        target="vienne-titre",
        target_seq=seq,
        prev=FIRST_LINK,
        entry=seq,
        recorded_at=at or datetime.fromisoformat(str(over)),
    )
    return journal_facts.read(records.record(kind, body, link), where=f"Line {seq}")


def a_draw(day: date, interval: timedelta) -> DrawFact:
    """A draw recorded the evening before, but for one that was recorded when its day had begun."""
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
    at = begins + timedelta(seconds=1) if day == date(2026, 10, 21) else begins - 6 * HOUR
    drawn = Draw(
        target="vienne-titre", day=day, interval=interval, instants=(), seed_sha256="ab" * 32, drawn_at=at
    )
    read = fact(1000, records.FactKind.DRAW, records.draw(drawn, TARGET), at)
    assert isinstance(read, DrawFact)
    return read


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
    attempts: list[Any] = [
        fact(seq, records.FactKind.GAP, records.gap(one))
        if isinstance(one, Gap)
        else fact(seq, records.FactKind.OBSERVATION, records.observation(one))
        for seq, one in enumerate(visits)
    ]
    drawn = intervals or {date(2026, 10, 20): HOUR, date(2026, 10, 21): HOUR}
    return Matter(
        target=TARGET,
        first=first,
        last=first + timedelta(days=days - 1),
        begin=begin,
        end=end.replace(tzinfo=TARGET.tz),
        attempts=attempts,
        again=again or {},
        draws=[a_draw(day, interval) for day, interval in drawn.items()],
    )


def hourly(count: int, start: datetime = PARIS_MIDNIGHT) -> list[datetime]:
    return [start + n * HOUR for n in range(count)]
