"""`Store`: one open record. Its methods block and may be called from any thread: use `asyncio.to_thread`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Unpack

from sqlalchemy import Connection, RowMapping, Select

from monitor.clock import SystemClock
from monitor.model import Draw, Gap, Observation
from monitor.store.database.engine import connect, exists, for_writing, forget, parse
from monitor.store.database.errors import StoreError, plainly
from monitor.store.database.schema import is_current
from monitor.store.record import captures, projections, reading, switches, target_versions, writing
from monitor.store.record import draws as stored_draws
from monitor.store.record import host_states as stored_host_states
from monitor.store.record import standings as stored_standings
from monitor.store.record.media import Media
from monitor.store.record.rows import EntryRow, GapRow, ObservationRow
from probes.model import Capture, Clock, Outcome, Target, utc
from probes.pages.fingerprint import fingerprint
from probes.sessions.pace import HostState


def open_store(url: str, *, media: Path, clock: Clock | None = None, durable: bool = True) -> Store:
    """Open the record at `url`, with pictures under the folder `media`. `clock` dates what is recorded.

    Not `durable`, a power cut may take the last minutes with it; nothing else may, and no row is ever halved.
    Raises `StoreError` when it cannot be reached or its schema is not the current one (see `upgrade`).
    """
    store = Store(url, Media(media), clock or SystemClock(), durable=durable)
    try:
        store.check()
    except StoreError:
        store.close()
        raise
    return store


class Store:
    """The only way to the record. Every method raises `StoreError` when the database fails."""

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
        """A connection that sees one moment of the record."""
        with plainly(self.url), self._engine.connect() as conn:
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, committed at the end of the block unless it raises."""
        with plainly(self.url), self._writer.begin() as conn:
            yield conn

    @contextmanager
    def note(self) -> Iterator[Connection]:
        """A transaction for working state, which no row depends on: it does not wait for the disk."""
        with plainly(self.url), self._notes.begin() as conn:
            yield conn

    # what became of an instant

    def append_observation(self, observation: Observation, *, within: Iterable[writing.Within] = ()) -> int:
        """Record an observation with its capture; the number of its entry. It is durable on return.

        `within` are called in the same transaction with the connection, that number and the observation.
        Raises `InstantTaken` when the scheduled instant has its entry, and `MediaError` when the picture
        cannot be kept: nothing is recorded then.
        """
        picture = observation.capture.screenshot
        screenshot = self.media.keep(picture) if picture else None
        unknown = observation.reading.outcome is Outcome.UNRECOGNISED
        structure = fingerprint(observation.platform, observation.capture) if unknown else None
        with self.write() as conn:
            return writing.append_observation(
                conn,
                observation,
                screenshot=screenshot,
                structure=structure,
                recorded_at=self._clock.now(),
                within=within,
            )

    def append_gap(self, gap: Gap, *, within: Iterable[writing.WithinGap] = ()) -> int:
        """Record that nobody looked; the number of its entry. Raises `InstantTaken`."""
        with self.write() as conn:
            return writing.append_gap(conn, gap, recorded_at=self._clock.now(), within=within)

    # which instants there are

    def commit_draws(self, draws: Iterable[Draw]) -> None:
        """Record draws ahead. A target's first draw of a day stands, later ones are ignored."""
        with self.write() as conn:
            stored_draws.commit(conn, draws)

    def draws_for(self, day: date) -> tuple[Draw, ...]:
        """The draws of one UTC day as they stand, by target."""
        with self.read() as conn:
            return stored_draws.of_day(conn, day)

    def uncovered(
        self, until: datetime, targets: Collection[str] | None = None
    ) -> Iterator[tuple[str, datetime]]:
        """Drawn instants before `until` without an entry, in time order. The caller may append as it goes."""
        until = utc(until, "until")
        with self.read() as conn:
            days = stored_draws.open_days(conn, until.date())
        covered_so_far = True
        for day in days:
            with self.read() as conn:
                missing = stored_draws.missing(conn, day)
            yield from (i for i in missing if i[1] < until and (targets is None or i[0] in targets))
            covered_so_far = covered_so_far and not missing and day < until.date() and self._close(day)

    def _close(self, day: date) -> bool:
        with self.write() as conn:
            return stored_draws.close(conn, day)

    # reading: everything in time order, `since` included and `until` not

    def observations(
        self, target: str | None = None, **bounds: Unpack[reading.Bounds]
    ) -> Iterator[ObservationRow]:
        """Observations, streamed."""
        return reading.stream_observations(self._fetch, reading.RowSelection(target=target, **bounds))

    def gaps(self, target: str | None = None, **bounds: Unpack[reading.Bounds]) -> Iterator[GapRow]:
        """Gaps, streamed."""
        return reading.stream_gaps(self._fetch, reading.RowSelection(target=target, **bounds))

    def entries(self, target: str | None = None, **bounds: Unpack[reading.Bounds]) -> Iterator[EntryRow]:
        """Observations and gaps, merged and streamed."""
        return reading.stream_entries(self._fetch, reading.RowSelection(target=target, **bounds))

    def entry(self, number: int) -> EntryRow | None:
        """One observation or gap; `None` when there is none with this number."""
        with self.read() as conn:
            return reading.entry(conn, number)

    def observation(self, number: int) -> ObservationRow:
        """One observation. Raises `StoreError` when there is none with this number."""
        with self.read() as conn:
            row = reading.observation(conn, number)
        if row is None:
            raise StoreError(f"There is no observation number {number}.")
        return row

    def load_capture(self, number: int) -> Capture:
        """What observation `number` received, every piece checked. Raises `Damaged`.

        `screenshot` is `None` also when the picture was thinned out or lost; the row still has its address.
        """
        manifest = self.observation(number).manifest_sha256
        with self.read() as conn:
            return captures.load(conn, manifest, self.media)

    def standings(self) -> list[stored_standings.Standing]:
        """Where every target stands, per origin."""
        with self.read() as conn:
            return stored_standings.standings(conn)

    def counts(self) -> list[stored_standings.Count]:
        """All entries ever, by target, origin and result."""
        with self.read() as conn:
            return stored_standings.counts(conn)

    def day_counts(
        self, *, target: str | None = None, since: date | None = None, until: date | None = None
    ) -> list[stored_standings.Count]:
        """Entries by local day, origin and result."""
        with self.read() as conn:
            return stored_standings.day_counts(conn, target=target, since=since, until=until)

    def _fetch(self, query: Select[Any]) -> Sequence[RowMapping]:
        with self.read() as conn:
            return conn.execute(query).mappings().all()

    # targets, switches, hosts

    def record_targets(self, targets: Iterable[Target]) -> None:
        """Append a version of each target that is new or changed: needed before anything is seen of it."""
        with self.write() as conn:
            target_versions.record(conn, targets, self._clock.now())

    def targets(self) -> tuple[target_versions.TargetVersion, ...]:
        """The current version of every target ever recorded, by target."""
        with self.read() as conn:
            return target_versions.recorded(conn)

    def target_version(self, number: int) -> Target:
        """What was known of a target when an entry named this version. Raises `StoreError` for none such."""
        with self.read() as conn:
            return target_versions.of(conn, number)

    def turn(self, switch: switches.Switch) -> None:
        """Turn visits off, or on again."""
        with self.write() as conn:
            switches.turn(conn, switch)

    def thrown(self) -> tuple[switches.Switch, ...]:
        """The kill switches that are off now."""
        with self.read() as conn:
            return switches.thrown(conn)

    def turned(self) -> tuple[switches.Switch, ...]:
        """Every turn of a kill switch, oldest first."""
        with self.read() as conn:
            return switches.turned(conn)

    def host_states(self) -> dict[str, HostState]:
        """What is remembered of the pace of every host ever visited."""
        with self.read() as conn:
            return stored_host_states.load_all(conn)

    # upkeep

    def forget(self) -> None:
        """Empty what the database keeps of erased addresses: SQLite's log, PostgreSQL's dead rows.

        SQLite's log stays as it is while somebody reads for longer than a writer waits.
        """
        with plainly(self.url):
            forget(self._engine)

    def rebuild(self) -> None:
        """Make all projections again from the rows."""
        with self.write() as conn:
            projections.rebuild(conn)
