"""The committed draws of the watched targets: which instant is next, and which passed without an entry.

Owns no SQL and no scheduler. A draw is not changed once it is committed: a changed interval takes effect with
the draw of the next day, and the remaining instants of a withdrawn target become gaps.

`next_after`, `due` and `doubled` answer from memory at once and may be called on the event loop. All other
methods call the store and block: call them in a thread.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from monitor.model import Draw, Gap, GapReason
from monitor.places.hosts import host_of, is_local
from monitor.rules.schedule import draw, is_doubled, seed_sha256
from monitor.store import InstantTaken, Store, WithinGap
from monitor.store.record import draws, target_versions
from monitor.targets.catalogue import CatalogueEntry
from probes.model import Clock, Target

DAY = timedelta(days=1)
LONGEST_ABSENCE = timedelta(days=31)
"""After a longer absence the missed days are not drawn: that was no outage, the service was not in use."""


class Timetable:
    """Draws days, commits them, and answers from the committed instants only.

    Instants before `origin` (UTC) get no gap here: another writer records them. Each function of `within` is
    called in the transaction that writes a gap.

    May be used by several threads. The lock guards what they share: `_instants`, `_doubled` and `_days`. It
    is never held during a call to the store: a thread that waits for the lock must not wait for SQL.
    """

    def __init__(
        self,
        store: Store,
        entries: Sequence[CatalogueEntry],
        *,
        seed: bytes,
        clock: Clock,
        origin: datetime | None = None,
        within: Sequence[WithinGap] = (),
    ) -> None:
        self._store = store
        self._seed = seed
        self._clock = clock
        self._origin = origin
        self._within = within
        self.entries = {entry.target.id: entry for entry in entries}
        self._lock = threading.Lock()
        self._instants: dict[str, list[datetime]] = {target: [] for target in self.entries}
        self._doubled: dict[str, set[datetime]] = {target: set() for target in self.entries}
        self._days: set[date] = set()

    def commit(self, day: date) -> None:
        """Write the draw of the UTC `day` for every target that has none yet.

        A target that was watched before `day` gets all instants of the day, those gone by too. A new target
        gets only those from now on, and none for a day that is over: it was not meant to be watched then.
        Does nothing when `day` was read or committed before.
        """
        with self._lock:
            if day in self._days:
                return
        now, watched = self._clock.now(), self._watched_before(day)
        over = day < now.date()
        drawn = [
            draw(
                self._seed,
                name,
                day=day,
                interval=entry.interval,
                drawn_at=now,
                since=None if over or name in watched else now,
            )
            for name, entry in self.entries.items()
            if name in watched or not (over and watched)
        ]
        with self._store.write() as conn:
            draws.commit(conn, drawn)
        self._add(day, self._draws_of(day))

    def _add(self, day: date, committed: Iterable[Draw]) -> None:
        """Put the draws of `day` into memory; adding them twice changes nothing."""
        for one in committed:
            if one.target in self._instants:
                with self._lock:  # taken for each target, so that other threads never wait for all of them
                    known = self._instants[one.target]
                    self._instants[one.target] = sorted({*known, *one.instants})
                    self._doubled[one.target].update(self._of_two_readings(one))
        with self._lock:
            self._days.add(day)

    def _of_two_readings(self, one: Draw) -> Iterable[datetime]:
        """The instants of `one` drawn for a double reading. None when another seed made the draw: whoever is
        given that seed could not recompute them."""
        if one.seed_sha256 != seed_sha256(self._seed):
            return ()
        return [at for at in one.instants if is_doubled(self._seed, one.target, one.interval, at)]

    def commit_ahead(self) -> None:
        """Commit the draws of today and tomorrow (UTC): a draw must be recorded before its day starts."""
        now = self._clock.now()
        today = now.date()
        for day in self._skipped(today):  # a machine that slept, or whose clock was put right
            self.commit(day)
        self.commit(today)
        self.commit(today + DAY)
        self._forget_before(now - DAY)

    def _skipped(self, today: date) -> list[date]:
        """The days after the last one known, and before `today`; `LONGEST_ABSENCE` at most."""
        with self._lock:
            known = max((day for day in self._days if day <= today), default=today)
        skipped = min((today - known).days - 1, LONGEST_ABSENCE.days)
        return [today - n * DAY for n in range(skipped, 0, -1)]

    def commit_missed(self) -> None:
        """Draw, late, the days since the last draw, which the service missed because it was down.

        Goes back `LONGEST_ABSENCE` at most. Does nothing when no draw was committed in that time.
        """
        today = self._clock.now().date()
        past = [today - n * DAY for n in range(1, LONGEST_ABSENCE.days + 1)]
        drawn = next((n for n, day in enumerate(past) if self._draws_of(day)), 0)
        for day in reversed(past[:drawn]):
            self.commit(day)

    def _watched_before(self, day: date) -> set[str]:
        """The targets of the last day drawn before `day`; empty when that is over `LONGEST_ABSENCE` ago."""
        past = (day - n * DAY for n in range(1, LONGEST_ABSENCE.days + 1))
        return {one.target for one in next(filter(None, map(self._draws_of, past)), ())}

    def _draws_of(self, day: date) -> tuple[Draw, ...]:
        with self._store.read() as conn:
            return draws.of_day(conn, day)

    def next_after(self, target: str, instant: datetime) -> datetime | None:
        """The first committed instant (UTC) of `target` later than `instant`, or `None`."""
        with self._lock:
            instants = self._instants[target]
            place = bisect_right(instants, instant)
            return instants[place] if place < len(instants) else None

    def due(self, target: str) -> datetime | None:
        """The latest committed instant (UTC) of `target` that is not in the future, or `None`."""
        now = self._clock.now()
        with self._lock:
            instants = self._instants[target]
            place = bisect_right(instants, now)
            return instants[place - 1] if place else None

    def doubled(self, target: str, instant: datetime) -> bool:
        """Whether `instant`, a committed one of `target`, is drawn for a double reading."""
        with self._lock:
            return instant in self._doubled[target]

    def gap(self, target: str, instant: datetime, reason: GapReason, detail: str = "") -> bool:
        """Record a gap at `instant`; `False` when that instant already has its entry."""
        try:
            missed = Gap(
                target=target,
                scheduled_at=instant,
                reason=reason,
                detail=detail,
                simulated=self._simulated(target),
            )
            self._store.append_gap(missed, within=self._within)
        except InstantTaken:
            return False
        return True

    def close(
        self,
        before: datetime,
        reason: Callable[[datetime], GapReason],
        *,
        in_flight: Collection[tuple[str, datetime]] = (),
    ) -> int:
        """Record a gap for every committed instant before `before` (UTC) that has no entry, and count them.

        `reason` gives the reason for an instant; a target that left the catalogue gets `withdrawn` instead.
        The pairs (target, instant) of `in_flight` are being visited now and are left out.
        """
        closed = 0
        for target, instant in list(self._store.uncovered(before)):
            if self._ours(instant) and (target, instant) not in in_flight:
                withdrawn = target not in self.entries
                closed += self.gap(target, instant, GapReason.WITHDRAWN if withdrawn else reason(instant))
        return closed

    def _ours(self, instant: datetime) -> bool:
        return self._origin is None or instant >= self._origin

    def _simulated(self, target: str) -> bool:
        """Whether rows of `target` are simulated; for a withdrawn target, by its last recorded address."""
        entry = self.entries.get(target)
        return entry.local if entry else is_local(host_of(self._withdrawn(target).url))

    def _withdrawn(self, target: str) -> Target:
        with self._store.read() as conn:
            return target_versions.newest(conn, target)[1]

    def _forget_before(self, instant: datetime) -> None:
        with self._lock:
            for target, instants in self._instants.items():
                self._instants[target] = instants[bisect_right(instants, instant) :]
                self._doubled[target] = {at for at in self._doubled[target] if at > instant}
