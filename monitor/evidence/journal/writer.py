"""The journal's writer: it writes the line of an observation or gap in the transaction that stores it.

`observed` and `missed` are passed to the store as `within`. `catch_up` writes the missing lines: versions of
targets, draws, later readings, and entries that were recorded by a program without a journal writer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, date, timedelta
from typing import TypeVar

from monitor.evidence.journal import records
from monitor.evidence.journal.records import Anchor, Body, FactKind, JournalIncidentKind, Link
from monitor.model import Gap, Observation
from monitor.rules import scrub
from monitor.store import GapRow, ObservationRow, Store, Transaction
from monitor.store.captures import captures
from monitor.store.journal import lines
from monitor.store.journal.lines import LinePlace
from monitor.store.record import draws, entries, target_versions
from monitor.store.review import double_readings, later_readings
from probes.model import Capture, Clock, Reading, Target
from probes.registry import platform

Item = TypeVar("Item")

BATCH = 200
AT_ONCE = 20
"""Lines per transaction in `catch_up`. Few, because on SQLite the service waits for each transaction."""
BREATH = 0.15
"""Seconds to wait between two such transactions. SQLite gives the lock to the program that asks first, and a
waiting program asks only ten times a second: without the pause, `catch_up` would keep all others out."""
_LATE_DRAWS = timedelta(days=40)
"""No draw is committed for a day longer ago (see `monitor.watch.timetable`), so older days need no search."""


class JournalWriter:
    """Writes lines to the journal. `service` gives the body of each day's first line: what runs here."""

    def __init__(self, store: Store, clock: Clock, service: Callable[[], Body]) -> None:
        self._store = store
        self._clock = clock
        self._service = service
        self._words: dict[int, frozenset[str]] = {}

    def observed(self, conn: Transaction, entry: int, seen: Observation) -> None:
        """Write the line of an observation that was just stored under the entry number `entry`."""
        self._append(conn, FactKind.OBSERVATION, seen.target, self._described(conn, seen), entry=entry)

    def missed(self, conn: Transaction, entry: int, gap: Gap) -> None:
        """Write the line of a gap that was just stored under the entry number `entry`."""
        self._append(conn, FactKind.GAP, gap.target, records.gap(gap), entry=entry)

    def anchored(self, received: Anchor) -> None:
        """Write the line of a third party's time stamp, unless the journal has it."""
        about = _anchor_reference(received.seal_day, received.authority)
        with self._store.write() as conn:
            self._append(conn, FactKind.ANCHOR, records.JOURNAL, records.anchor(received), reference=about)

    def has_anchor(self, day: date, authority: str) -> bool:
        """Whether the journal has the stamp of `authority` on the seal of `day`."""
        with self._store.read() as conn:
            return lines.refers(conn, _anchor_reference(day, authority))

    def troubled(self, kind: JournalIncidentKind, *, about: str, day: date) -> None:
        """Write once that the journal has this problem, about this authority, since the UTC day `day`."""
        reference = f"incident {kind} {about} {day}"
        with self._store.read() as conn:
            if lines.refers(conn, reference):
                return
        with self._store.write() as conn:
            body = records.incident(kind, about=about, day=day)
            self._append(conn, FactKind.INCIDENT, records.JOURNAL, body, reference=reference)

    def open_day(self, conn: Transaction, day: date) -> None:
        """Begin the UTC day `day`, unless it has begun, with a line about what runs here.

        Later lines cannot be put under an earlier day after that.
        """
        _, last = lines.days(conn)
        if last is None or last < day:
            reference = f"service {day}"
            self._append(
                conn, FactKind.CONFIG, records.JOURNAL, self._service(), reference=reference, day=day
            )

    def catch_up(self) -> int:
        """Write every missing line. Returns how many there were."""
        since = self._clock.now().astimezone(UTC).date() - _LATE_DRAWS
        with self._store.read() as conn:
            versions, drawn = lines.unlogged_versions(conn), lines.unlogged_draws(conn, since)
        written = self._each(versions, self._version) + self._each(drawn, self._draw)
        while missing := self._missing_entries():
            written += self._each(missing, self._entry)
            _stand_back(whether=len(missing) == BATCH)
        with self._store.read() as conn:
            later = lines.unlogged_later_readings(conn)
        return written + self._each(later, self._later_reading)

    def _missing_entries(self) -> list[int]:
        with self._store.read() as conn:
            return lines.unlogged_entries(conn, BATCH)

    def _each(self, items: Sequence[Item], write: Callable[[Transaction, Item], None]) -> int:
        for start in range(0, len(items), AT_ONCE):
            _stand_back(whether=start > 0)
            with self._store.write() as conn:
                for item in items[start : start + AT_ONCE]:
                    write(conn, item)
        return len(items)

    def _version(self, conn: Transaction, number: int) -> None:
        target = target_versions.of(conn, number)
        reference = lines.version_reference(number)
        self._append(conn, FactKind.CONFIG, target.id, records.target_config(target), reference=reference)

    def _draw(self, conn: Transaction, draw: tuple[date, str]) -> None:
        day, name = draw
        (committed,) = [one for one in draws.of_day(conn, day) if one.target == name]
        _, target = target_versions.newest(conn, name)
        reference = lines.draw_reference(day, name)
        self._append(conn, FactKind.DRAW, name, records.draw(committed, target), reference=reference)

    def _entry(self, conn: Transaction, number: int) -> None:
        row = entries.one(conn, number)
        if isinstance(row, GapRow):
            self.missed(conn, number, _as_gap(row))
            return
        capture = captures.load(conn, row.manifest_sha256, self._store.media)
        second = double_readings.over_http(conn, number)
        body = self._described(conn, _as_observation(row, capture, second))
        # The picture may have been thinned out since; its address stays.
        shot = {"shot_sha256": row.screenshot_sha256} if row.screenshot_sha256 else {}
        self._append(conn, FactKind.OBSERVATION, row.target, body | shot, entry=number)

    def _described(self, conn: Transaction, seen: Observation) -> Body:
        version, target = target_versions.newest(conn, seen.target)
        if version not in self._words:
            self._words[version] = vocabulary(target)
        return records.observation(seen, known=self._words[version])

    def _later_reading(self, conn: Transaction, number: int) -> None:
        again = later_readings.one(conn, number)
        of = lines.number_of(conn, again.observation)
        if of is None:
            return
        target = lines.target_of(conn, of)
        manifest = entries.observation(conn, again.observation).manifest_sha256
        capture = captures.load_many(conn, [manifest])[manifest]
        body = records.reclassification(
            of, again.reading, capture, platform=again.platform, reader_version=again.reader_version
        )
        reference = lines.later_reading_reference(number)
        self._append(conn, FactKind.RECLASSIFICATION, target, body, reference=reference)

    def _append(
        self,
        conn: Transaction,
        kind: FactKind,
        target: str,
        body: Body,
        *,
        entry: int | None = None,
        reference: str | None = None,
        day: date | None = None,
    ) -> None:
        now = self._clock.now()

        def line(place: LinePlace) -> bytes:
            link = Link(
                seq=place.seq,
                target=target,
                target_seq=place.target_seq,
                prev=place.prev,
                entry=entry,
                recorded_at=now,
            )
            return records.record(kind, body, link)

        day = day or now.astimezone(UTC).date()
        lines.append(conn, target, line, day=day, entry=entry, reference=reference)


def _anchor_reference(day: date, authority: str) -> str:
    return f"anchor {day} {authority}"


def _stand_back(*, whether: bool) -> None:
    """Pause, so that waiting programs can write. Uses real seconds, even when the clock is simulated."""
    if whether:
        threading.Event().wait(BREATH)


def vocabulary(target: Target) -> frozenset[str]:
    """The words that addresses in lines about `target` may show: from its URL and its platform's paths."""
    try:
        paths = platform(target.platform).stop_line.paths
    except LookupError:
        paths = ()
    return scrub.vocabulary(target.url, *paths)


def _as_observation(row: ObservationRow, capture: Capture, second: Reading | None) -> Observation:
    return Observation(
        target=row.target,
        platform=row.platform,
        reader_version=row.reader_version,
        transport=row.transport,
        origin=row.origin,
        scheduled_at=row.scheduled_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        reading=row.reading,
        capture=capture,
        vantage=row.vantage,
        simulated=row.simulated,
        over_http=second,
    )


def _as_gap(row: GapRow) -> Gap:
    return Gap(
        target=row.target,
        scheduled_at=row.scheduled_at,
        reason=row.reason,
        detail=row.detail,
        simulated=row.simulated,
    )
