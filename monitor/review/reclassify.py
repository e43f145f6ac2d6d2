"""Reads stored captures again with the current readers. A reading that differs is added as a later reading.

Only one chunk of captures is in memory at a time. Captures that cannot be loaded are reported.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice

from monitor.model import Origin
from monitor.rules.agreement import withheld
from monitor.rules.reading import can_be_read, read, reader_failed
from monitor.store import Damaged, LaterReading, ObservationRow, Store
from monitor.store.captures import captures
from monitor.store.record import target_versions
from monitor.store.record.rows import as_stored
from monitor.store.review import acceptances, double_readings, later_readings
from probes.model import AcceptedLine, Capture, Clock, Outcome, Platform, Reading, Transport
from probes.pages.fingerprint import accepted_lines, kept_structure

log = logging.getLogger(__name__)

CHUNK = 64
"""Captures in memory at once: a page may have megabytes."""
BATCH = 1000
"""Readings added in one transaction; each transaction makes the counts of their target anew."""
EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class ChangedReading:
    """One observation that now reads otherwise. `structure` is the page's, when the reading keeps it."""

    row: ObservationRow
    after: Reading
    structure: str | None

    @property
    def before(self) -> Reading:
        """The reading that was in force."""
        return self.row.in_force


@dataclass(slots=True)
class Shift:
    """By how much the two counts of a week's share change; negative when they become smaller."""

    conclusive: int = 0
    zeros: int = 0


@dataclass(slots=True)
class Summary:
    """The counts of a run.

    `targets` have a reading that changed. `shifts` are those of scheduled rows, by target and Monday of their
    local day. `ours` counts visits that failed by our own fault and are not read again. `unreadable` counts
    captures that could not be loaded or have no reader any more; the log names them.
    """

    read: int = 0
    ours: int = 0
    unreadable: int = 0
    changed: Counter[tuple[Outcome, Outcome]] = field(default_factory=Counter)
    targets: set[str] = field(default_factory=set)
    examples: list[ChangedReading] = field(default_factory=list)
    shifts: dict[tuple[str, date], Shift] = field(default_factory=dict)

    def note(self, change: ChangedReading) -> None:
        """Count one change."""
        self.targets.add(change.row.target)
        self.changed[change.before.outcome, change.after.outcome] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(change)
        if change.row.origin is Origin.SCHEDULED and change.before.outcome is not change.after.outcome:
            self._shift(change)

    def _shift(self, change: ChangedReading) -> None:
        monday = change.row.day - timedelta(days=change.row.day.weekday())
        shift = self.shifts.setdefault((change.row.target, monday), Shift())
        for reading, sign in ((change.before, -1), (change.after, 1)):
            shift.conclusive += sign * reading.outcome.conclusive
            shift.zeros += sign * (reading.outcome is Outcome.NO_SLOTS)


@dataclass(kw_only=True)
class Reclassifier:
    """Reads with the readers that `platforms` gives by name. Without `write` it only counts the changes.

    While plain HTTP is in doubt for a platform, no reading over it changes to a conclusion. `cause` is stored
    with every later reading. `advanced` is called with the number of further rows done,
    `noticed` with each change.
    """

    store: Store
    platforms: Callable[[str], Platform]
    clock: Clock
    write: bool
    cause: str
    advanced: Callable[[int], None] = lambda _: None
    noticed: Callable[[ChangedReading], None] = lambda _: None

    def __post_init__(self) -> None:
        with self.store.read() as conn:
            self._versions = target_versions.every(conn)
            self._in_doubt = double_readings.in_doubt(conn)
        self._summary = Summary()
        self._accepted: dict[str, Mapping[str, Sequence[AcceptedLine]]] = {}

    def run(
        self,
        target: str | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        structure: str | None = None,
    ) -> Summary:
        """Read the observations from `since` to `until` (UTC) again, of `target` or of all targets.

        With the fingerprint `structure`, only those whose page has that structure and needed a person.
        """
        for name in [target] if target else self._names():
            rows = self.store.observations(name, since=since, until=until, structure=structure)
            self._read_target(name, rows)
        return self._summary

    def _names(self) -> list[str]:
        with self.store.read() as conn:
            return list(target_versions.current(conn))

    def _read_target(self, name: str, rows: Iterator[ObservationRow]) -> None:
        waiting: list[ChangedReading] = []
        while chunk := list(islice(rows, CHUNK)):
            waiting += self._changes(chunk)
            if len(waiting) >= BATCH:
                self._append(name, waiting)
                waiting = []
            self.advanced(len(chunk))
        self._append(name, waiting)

    def _changes(self, rows: Sequence[ObservationRow]) -> Iterator[ChangedReading]:
        pages = [row for row in rows if can_be_read(row.in_force)]
        self._summary.ours += len(rows) - len(pages)
        received = self._captures(pages)
        for row in pages:
            change = self._read(row, received.get(row.manifest_sha256))
            if change:
                self._summary.note(change)
                self.noticed(change)
                yield change

    def _read(self, row: ObservationRow, capture: Capture | None) -> ChangedReading | None:
        platform = self._platform(row)
        if platform is None or capture is None:
            self._summary.unreadable += 1
            return None
        lines = accepted_lines(row.platform, capture, self._accepted_on(row.platform))
        after = as_stored(read(platform, self._versions[row.target_version_id], capture, lines))
        if reader_failed(after):
            self._summary.unreadable += 1
            return None
        self._summary.read += 1
        if after != row.in_force and row.transport is Transport.HTTP and row.platform in self._in_doubt:
            after = withheld(after)
        if after == row.in_force:
            return None
        return ChangedReading(row, after, kept_structure(row.platform, after, capture))

    def _accepted_on(self, platform: str) -> Mapping[str, Sequence[AcceptedLine]]:
        """By structure: what is accepted on the platform's pages, as it was when this run met the first."""
        if platform not in self._accepted:
            with self.store.read() as conn:
                self._accepted[platform] = acceptances.in_force(conn, platform)
        return self._accepted[platform]

    def _platform(self, row: ObservationRow) -> Platform | None:
        try:
            return self.platforms(row.platform)
        except LookupError as unknown:
            log.warning("observation %d: %s", row.id, unknown)
            return None

    def _captures(self, rows: Sequence[ObservationRow]) -> dict[str, Capture]:
        """The captures of these rows by SHA-256 of their manifest, without those that are damaged."""
        try:
            with self.store.read() as conn:
                return captures.load_many(conn, {row.manifest_sha256 for row in rows})
        except Damaged as damage:
            if len(rows) == 1:
                log.warning("observation %d: %s", rows[0].id, damage)
                return {}
        return {manifest: capture for row in rows for manifest, capture in self._captures([row]).items()}

    def _append(self, target: str, changes: Sequence[ChangedReading]) -> None:
        if not (self.write and changes):
            return
        now = self.clock.now()
        made = [
            LaterReading(
                observation=change.row.id,
                platform=change.row.platform,
                reader_version=self.platforms(change.row.platform).version,
                reading=change.after,
                read_at=now,
                cause=self.cause,
            )
            for change in changes
        ]
        structures = {change.row.id: change.structure for change in changes if change.structure}
        with self.store.write() as conn:
            later_readings.append(conn, target, made, structures, now)
