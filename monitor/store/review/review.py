"""`Review`: what is added to the record after a row was written. Blocks, as `Store` does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from monitor.model import Corroboration, Origin, Suspicion, Verdict
from monitor.rules.controls import Seen
from monitor.store.record import captures, later_readings, projections
from monitor.store.record import target_versions as stored_target_versions
from monitor.store.record.rows import ObservationRow, Rereading
from monitor.store.record.store import Store
from monitor.store.review import controls as stored_controls
from monitor.store.review import quarantine, suspicions, verdicts
from monitor.store.review.quarantine import Group
from monitor.store.review.suspicions import Suspected
from monitor.store.tables.record import entries, observations
from probes.model import Capture, Clock, Outcome, Target, utc


class Review:
    """Later readings, quarantine, controls and verdicts of a store. Every method raises `StoreError`."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    # later readings

    def target_versions(self) -> dict[int, Target]:
        """Every target as it once was, by the number that rows refer to."""
        with self._store.read() as conn:
            return stored_target_versions.every(conn)

    def how_many(
        self, target: str | None = None, *, since: datetime | None = None, until: datetime | None = None
    ) -> int:
        """How many observations there are in a period."""
        wanted = select(func.count()).select_from(entries.join(observations))
        if target is not None:
            wanted = wanted.where(entries.c.target == target)
        if since is not None:
            wanted = wanted.where(entries.c.at >= utc(since))
        if until is not None:
            wanted = wanted.where(entries.c.at < utc(until))
        with self._store.read() as conn:
            return int(conn.execute(wanted).scalar_one())

    def captures(self, rows: Collection[ObservationRow]) -> dict[str, Capture]:
        """What these observations received, by manifest, without pictures. Raises `Damaged`."""
        with self._store.read() as conn:
            return captures.load_many(conn, {row.manifest_sha256 for row in rows})

    def read_again(self, target: str, made: Sequence[Rereading], fingerprints: Mapping[int, str]) -> None:
        """Append later readings of one target's rows, and make again what is counted and compared from them.

        `fingerprints` are those of the captures that are not recognised any more.
        """
        with self._store.write() as conn:
            stored_target_versions.in_force(conn, target)
            later_readings.append(conn, made)
            quarantine.note(conn, fingerprints)
            stored_controls.judge_again(conn, [one.observation for one in made], self._clock.now())
            projections.recount(conn, target)

    # quarantine

    def quarantine(self, fingerprint: str | None = None) -> list[Group]:
        """Unrecognised pages by their structure, or the group of one structure; the largest first."""
        with self._store.read() as conn:
            return quarantine.groups(conn, fingerprint)

    def quarantined(self) -> int:
        """How many unrecognised pages have no fixture."""
        with self._store.read() as conn:
            return quarantine.pages(conn)

    def decide(self, fingerprint: str, observation: int, name: str) -> None:
        """Remember that a group was made a fixture called `name`, from this observation."""
        with self._store.write() as conn:
            quarantine.decide(conn, fingerprint, observation, name, self._clock.now())

    # controls

    def judge(
        self, controls: Mapping[str, str], since: datetime, until: datetime
    ) -> list[stored_controls.Judged]:
        """Compare the visits of a period with those of their controls, each once; what was found."""
        with self._store.write() as conn:
            return stored_controls.judge(conn, controls, since, until, self._clock.now())

    def visits(
        self,
        targets: Collection[str],
        since: datetime,
        until: datetime,
        origins: Collection[Origin] = tuple(Origin),
    ) -> dict[str, list[Seen]]:
        """The visits of each of these targets that began in a period, oldest first."""
        with self._store.read() as conn:
            return stored_controls.visits(conn, targets, since, until, origins)

    def corroborations(self, numbers: Collection[int]) -> dict[int, Corroboration]:
        """What controls said of these observations."""
        with self._store.read() as conn:
            return stored_controls.of(conn, numbers)

    def beside(self, observation: int) -> stored_controls.Judged | None:
        """The control's visit beside an observation and what it says; `None` before they were compared."""
        with self._store.read() as conn:
            return stored_controls.judged(conn, observation)

    def corroboration_of(self, observation: int) -> Corroboration | None:
        """What its control said of an observation; `None` without a control, or before it was compared."""
        return self.corroborations([observation]).get(observation)

    def latest_corroborations(self) -> dict[str, tuple[Corroboration, datetime]]:
        """The last word of its control on each target, and when the visit it speaks of stands."""
        with self._store.read() as conn:
            return stored_controls.latest(conn)

    def suspect(self, found: Sequence[Suspected]) -> list[Suspected]:
        """Flag observations; those that were not flagged yet."""
        with self._store.write() as conn:
            return suspicions.raise_(conn, found, self._clock.now())

    def suspicions(self, numbers: Collection[int]) -> dict[int, tuple[Suspicion, ...]]:
        """Why these observations are suspected."""
        with self._store.read() as conn:
            return suspicions.of(conn, numbers)

    def last_suspected(self) -> dict[str, datetime]:
        """When each host was last suspected."""
        with self._store.read() as conn:
            return suspicions.last_raised(conn)

    # verdicts of people

    def unjudged(
        self, *, since: datetime | None, until: datetime | None, simulated: bool
    ) -> Iterator[tuple[int, Outcome, str]]:
        """Observations that a person may be shown: number, outcome, address of the picture. Streamed."""
        with self._store.read() as conn:
            yield from verdicts.unjudged(conn, since=since, until=until, simulated=simulated)

    def give(self, given: Iterable[tuple[int, Verdict]]) -> None:
        """Record a person's verdicts, all or none. Raises `StoreError` for a second one on an observation."""
        with self._store.write() as conn:
            for observation, verdict in given:
                verdicts.give(conn, observation, verdict, self._clock.now())

    def judgements(self, *, simulated: bool | None = None) -> list[verdicts.Judgement]:
        """All verdicts, counted."""
        with self._store.read() as conn:
            return verdicts.judgements(conn, simulated=simulated)
