"""`Store`: one open record. Its methods block and may be called from any thread: use `asyncio.to_thread`.

A store gives out connections. Queries are functions that take a connection, in the module of their subject:
`with store.read() as conn: standings.every(conn)`. Only what needs more than one connection, or the pictures
or the clock, is a method of `Store`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Unpack

from sqlalchemy import Connection, RowMapping, Select

from monitor.clock import SystemClock
from monitor.model import Gap, Observation
from monitor.store.captures import captures
from monitor.store.captures.media import Media
from monitor.store.database.engine import connect, exists, for_writing, forget, parse
from monitor.store.database.errors import StoreError, plainly
from monitor.store.database.schema import is_current
from monitor.store.record import draws, target_versions, writing
from monitor.store.record.entries import (
    Bounds,
    RowSelection,
    observation,
    stream_entries,
    stream_gaps,
    stream_observations,
)
from monitor.store.record.rows import EntryRow, GapRow, ObservationRow
from probes.model import Capture, Clock, Target, utc


def open_store(url: str, *, media: Path, clock: Clock | None = None, durable: bool = True) -> Store:
    """Open the record at `url`, with pictures under the folder `media`. `clock` dates what is recorded.

    Without `durable` a power cut can lose the rows of the last minutes (a killed process cannot); no row is
    ever stored in part. Raises `StoreError` when the database cannot be reached, or when its schema is not
    the current one (see `upgrade`).
    """
    store = Store(url, Media(media), clock or SystemClock(), durable=durable)
    try:
        store.check()
    except StoreError:
        store.close()
        raise
    return store


class Store:
    """Connections to one record, and its pictures.

    Every method raises `StoreError` when the database fails. So do the `with` blocks of `read`, `write` and
    `note`, for any database error inside the block.
    """

    def __init__(self, url: str, media: Media, clock: Clock, *, durable: bool = True) -> None:
        self.url = parse(url)
        self.media = media
        self._clock = clock
        self._engine = connect(self.url)
        self._writer = for_writing(self._engine, durable=durable)
        self._notes = for_writing(self._engine, durable=False)

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def check(self) -> None:
        """Raise `StoreError` unless the database is there and its schema is the current one."""
        name = self.url.render_as_string()
        if not exists(self.url):
            raise StoreError(f"The database {name} does not exist yet: run `vigie db upgrade`.")
        with self.read() as conn:
            if not is_current(conn):
                raise StoreError(f"The database {name} has no tables or old ones: run `vigie db upgrade`.")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading. All its queries see the same state of the record."""
        with plainly(self.url), self._engine.connect() as conn:
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, committed at the end of the block unless it raises."""
        with plainly(self.url), self._writer.begin() as conn:
            yield conn

    @contextmanager
    def note(self) -> Iterator[Connection]:
        """A transaction for working state on which no row depends. Its commit does not wait for the disk."""
        with plainly(self.url), self._notes.begin() as conn:
            yield conn

    def forget(self) -> None:
        """Remove from the disk what is left of erased addresses: SQLite's log, PostgreSQL's dead rows.

        SQLite's log is not emptied while another program reads for longer than `BUSY_SECONDS`.
        """
        with plainly(self.url):
            forget(self._engine)

    def record_targets(self, targets: Iterable[Target]) -> None:
        """Append a version of each target that is new or changed. Must precede the target's first entry."""
        with self.write() as conn:
            target_versions.record(conn, targets, self._clock.now())

    def append_observation(self, observation: Observation, *, within: Iterable[writing.Within] = ()) -> int:
        """Record an observation with its capture. Returns the number of its entry, once it is committed.

        The functions `within` are called in the same transaction, with the connection, the number and the
        observation. Raises `InstantTaken` when the scheduled instant already has an entry, and `MediaError`
        when the picture cannot be kept; nothing is recorded then. See `writing.append_observation` for
        further errors.
        """
        picture = observation.capture.screenshot
        screenshot = self.media.keep(picture) if picture else None
        with self.write() as conn:
            return writing.append_observation(
                conn,
                observation,
                screenshot=screenshot,
                recorded_at=self._clock.now(),
                within=within,
            )

    def append_gap(self, gap: Gap, *, within: Iterable[writing.WithinGap] = ()) -> int:
        """Record a gap. Returns the number of its entry. Raises `InstantTaken`."""
        with self.write() as conn:
            return writing.append_gap(conn, gap, recorded_at=self._clock.now(), within=within)

    def load_capture(self, number: int) -> Capture:
        """The capture of observation `number`. The digest of every piece is checked; raises `Damaged`.

        `screenshot` is also `None` when the picture was thinned out or lost; the row still has its address.
        """
        with self.read() as conn:
            return captures.load(conn, observation(conn, number).manifest_sha256, self.media)

    def uncovered(
        self, until: datetime, targets: Collection[str] | None = None
    ) -> Iterator[tuple[str, datetime]]:
        """Drawn instants before `until` without an entry: pairs of target and instant, in time order.

        Each UTC day is read in a transaction of its own, so the caller may append entries while iterating.
        Days at the beginning that lack nothing are marked as covered and are not read again (see `draws`).
        """
        until = utc(until, "until")
        with self.read() as conn:
            days = draws.open_days(conn, until.date())
        covered_so_far = True
        for day in days:
            with self.read() as conn:
                missing = draws.missing(conn, day)
            yield from (i for i in missing if i[1] < until and (targets is None or i[0] in targets))
            covered_so_far = covered_so_far and not missing and day < until.date() and self._close(day)

    def _close(self, day: date) -> bool:
        with self.write() as conn:
            return draws.close(conn, day)

    def observations(self, target: str | None = None, **bounds: Unpack[Bounds]) -> Iterator[ObservationRow]:
        """Observations in time order, streamed; `since` is included, `until` is not."""
        return stream_observations(self._fetch, RowSelection(target=target, **bounds))

    def gaps(self, target: str | None = None, **bounds: Unpack[Bounds]) -> Iterator[GapRow]:
        """Gaps in time order, streamed; `since` is included, `until` is not."""
        return stream_gaps(self._fetch, RowSelection(target=target, **bounds))

    def entries(self, target: str | None = None, **bounds: Unpack[Bounds]) -> Iterator[EntryRow]:
        """Observations and gaps merged in time order, streamed; `since` is included, `until` is not."""
        return stream_entries(self._fetch, RowSelection(target=target, **bounds))

    def _fetch(self, query: Select[Any]) -> Sequence[RowMapping]:
        with self.read() as conn:
            return conn.execute(query).mappings().all()
