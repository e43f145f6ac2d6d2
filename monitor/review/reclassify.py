"""Reads stored captures again with the current readers. A reading that differs is appended; none is replaced.

Streams: it holds one chunk of captures, and counts. What cannot be read back is reported, never guessed.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice

from monitor.model import Origin
from monitor.store import Damaged, LaterReading, ObservationRow, Store
from monitor.store.captures import captures
from monitor.store.record import target_versions
from monitor.store.record.rows import as_stored
from monitor.store.review import later_readings
from probes.failures import Failure
from probes.model import Capture, Clock, Outcome, Platform, Reading
from probes.pages.fingerprint import unrecognised_structure

log = logging.getLogger(__name__)

CHUNK = 64
"""Captures held at once: a page may weigh megabytes."""
BATCH = 1000
"""Readings appended in one transaction, which makes their target's counts again."""
EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Change:
    """One observation that now reads otherwise. `structure` is the page's, when it is not recognised now."""

    row: ObservationRow
    after: Reading
    structure: str | None

    @property
    def before(self) -> Reading:
        """The reading that was in force."""
        return self.row.in_force


@dataclass(slots=True)
class Shift:
    """What the denominator and the numerator of a week's share gain or lose."""

    conclusive: int = 0
    zeros: int = 0


@dataclass(slots=True)
class Summary:
    """What was read again. `shifts` are those of scheduled rows, by target and Monday of their local day.

    `ours` failed by our own fault when they were made, and are no reading of a page. `unreadable` could not
    be read back, or have no reader any more; the log names them.
    """

    read: int = 0
    ours: int = 0
    unreadable: int = 0
    changed: Counter[tuple[Outcome, Outcome]] = field(default_factory=Counter)
    examples: list[Change] = field(default_factory=list)
    shifts: dict[tuple[str, date], Shift] = field(default_factory=dict)

    def note(self, change: Change) -> None:
        """Count one change."""
        self.changed[change.before.outcome, change.after.outcome] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(change)
        if change.row.origin is Origin.SCHEDULED and change.before.outcome is not change.after.outcome:
            self._shift(change)

    def _shift(self, change: Change) -> None:
        monday = change.row.day - timedelta(days=change.row.day.weekday())
        shift = self.shifts.setdefault((change.row.target, monday), Shift())
        for reading, sign in ((change.before, -1), (change.after, 1)):
            shift.conclusive += sign * reading.outcome.conclusive
            shift.zeros += sign * (reading.outcome is Outcome.NO_SLOTS)


@dataclass(kw_only=True)
class Reclassifier:
    """Reads with the readers that `platforms` gives. Told not to `write`, it only says what would change.

    `cause` is kept with every reading; `advanced` is told how many more rows are done, `noticed` each change.
    """

    store: Store
    platforms: Callable[[str], Platform]
    clock: Clock
    write: bool
    cause: str
    advanced: Callable[[int], None] = lambda _: None
    noticed: Callable[[Change], None] = lambda _: None

    def __post_init__(self) -> None:
        with self.store.read() as conn:
            self._versions = target_versions.every(conn)
        self._summary = Summary()

    def run(
        self, target: str | None = None, *, since: datetime | None = None, until: datetime | None = None
    ) -> Summary:
        """Read the observations of a period again, of one target or of all, target by target."""
        for name in [target] if target else self._names():
            self._read_target(name, self.store.observations(name, since=since, until=until))
        return self._summary

    def _names(self) -> list[str]:
        with self.store.read() as conn:
            return list(target_versions.current(conn))

    def _read_target(self, name: str, rows: Iterator[ObservationRow]) -> None:
        waiting: list[Change] = []
        while chunk := list(islice(rows, CHUNK)):
            waiting += self._changes(chunk)
            if len(waiting) >= BATCH:
                self._append(name, waiting)
                waiting = []
            self.advanced(len(chunk))
        self._append(name, waiting)

    def _changes(self, rows: Sequence[ObservationRow]) -> Iterator[Change]:
        pages = [row for row in rows if row.in_force.failure is not Failure.OUR_FAULT]
        self._summary.ours += len(rows) - len(pages)
        received = self._captures(pages)
        for row in pages:
            change = self._read(row, received.get(row.manifest_sha256))
            if change:
                self._summary.note(change)
                self.noticed(change)
                yield change

    def _read(self, row: ObservationRow, capture: Capture | None) -> Change | None:
        platform = self._platform(row)
        if platform is None or capture is None:
            self._summary.unreadable += 1
            return None
        self._summary.read += 1
        after = as_stored(platform.read(self._versions[row.target_version_id], capture))
        if after == row.in_force:
            return None
        return Change(row, after, unrecognised_structure(row.platform, after, capture))

    def _platform(self, row: ObservationRow) -> Platform | None:
        try:
            return self.platforms(row.platform)
        except LookupError as unknown:
            log.warning("observation %d: %s", row.id, unknown)
            return None

    def _captures(self, rows: Sequence[ObservationRow]) -> dict[str, Capture]:
        """The captures of these rows, by manifest, but for those that are damaged."""
        try:
            with self.store.read() as conn:
                return captures.load_many(conn, {row.manifest_sha256 for row in rows})
        except Damaged as damage:
            if len(rows) == 1:
                log.warning("observation %d: %s", rows[0].id, damage)
                return {}
        return {manifest: capture for row in rows for manifest, capture in self._captures([row]).items()}

    def _append(self, target: str, changes: Sequence[Change]) -> None:
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
