"""The round: write missing lines of the journal, seal the days that are over, publish, get time stamps.

Every step may be interrupted and repeated: writing a seal or a tile again gives the same bytes.
"""

from __future__ import annotations

import logging
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from importlib.metadata import version
from pathlib import Path

import httpx
from cryptography import x509

from monitor.evidence.journal import checkpoint, names, records, tree
from monitor.evidence.journal.checkpoint import Checkpoint, CheckpointSigner, NoteError
from monitor.evidence.journal.keys import log_key
from monitor.evidence.journal.records import JournalIncidentKind
from monitor.evidence.journal.seals import RETRY_DAYS, SealContent, Seals
from monitor.evidence.journal.stamps import Anchors, Authority, StampAttempt
from monitor.evidence.journal.tiles import Tiles
from monitor.evidence.journal.witness import CHECKPOINT_FILE
from monitor.evidence.journal.writer import JournalWriter
from monitor.files import write_whole
from monitor.problems import BadInput, Problem, read_text
from monitor.settings.load import Settings
from monitor.store import Store, StoreError
from monitor.store.journal import lines
from probes.model import Clock

logger = logging.getLogger(__name__)

DAY = timedelta(days=1)
_PATIENCE = httpx.Timeout(20)
_RECENT = timedelta(days=2 * RETRY_DAYS)
"""Missing stamps on seals older than this are not reported. A new authority never stamped the old seals."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """What one round did.

    `recorded` is the number of journal lines written late, `sealed` are the UTC days sealed, `attempts` the
    requests for time stamps, `strays` the files of the folder that were left aside.
    """

    recorded: int
    sealed: Sequence[date]
    attempts: Sequence[StampAttempt]
    strays: Sequence[Problem] = ()


class Keeper:
    """Keeps the folder of seals and published files.

    A lock lets one keeper work at a time; others wait. Writing lines to the journal is possible meanwhile.
    """

    def __init__(
        self,
        *,
        store: Store,
        log: JournalWriter,
        seals: Seals,
        key: CheckpointSigner,
        anchors: Anchors,
        clock: Clock,
    ) -> None:
        self._store = store
        self._log = log
        self._seals = seals
        self._key = key
        self._anchors = anchors
        self._clock = clock

    def keep(self, *, early: bool = False) -> Round:
        """Do one round. With `early`, today is sealed now, and later lines belong to tomorrow.

        The verifiers refuse a stamp on a seal made early, because the stamp is older than the end of the day.
        Raises `StoreError`, and `OSError` when the folder cannot be written. An authority that fails raises
        nothing: its failure is in `Round.attempts`.
        """
        with names.alone(self._seals.folder):
            self._go_on_from_what_is_published()
            recorded = self._log.catch_up()
            sealed = list(self._seal_days(early=early))
            with self._store.read() as conn:
                size = lines.size(conn)
            self._publish(size)
            attempts = list(self._stamped())
            self._admit_trouble()
        return Round(recorded=recorded, sealed=sealed, attempts=attempts, strays=self._seals.strays())

    def _stamped(self) -> Iterator[StampAttempt]:
        """Ask for the missing stamps, and write those received to the journal.

        This includes stamps that an interrupted round received and did not write.
        """
        lost = [
            self._anchors.read_again(day, one)
            for day, one in self._anchors.received()
            if not self._log.has_anchor(day, one.name)
        ]
        for attempt in (*lost, *self._anchors.catch_up()):
            if attempt.anchor:
                self._log.anchored(attempt.anchor)
            yield attempt

    def _go_on_from_what_is_published(self) -> None:
        """Raise `StoreError` when the journal does not contain what was published.

        This happens when an old backup was restored.
        """
        head = self._published()
        if not head or not head.size:
            return
        with self._store.read() as conn:
            held = lines.size(conn)
            last = lines.one(conn, head.size - 1) if held >= head.size else b""
        node = Tiles(self._seals.folder, head.size).node(0, head.size - 1)
        if tree.leaf_hash(last) != node:
            raise StoreError(
                f"The log of {head.size} records published in {self._seals.folder} does not continue in this "
                f"database, which holds {held}: restore a newer backup, or publish under another origin."
            )

    def _published(self) -> Checkpoint | None:
        path = self._seals.folder / CHECKPOINT_FILE
        return checkpoint.opened(path.read_text("utf-8"), self._key.verifier)[0] if path.exists() else None

    def _seal_days(self, *, early: bool) -> Iterator[date]:
        today = self._clock.now().astimezone(UTC).date() + DAY * early
        with self._store.write() as conn:
            self._log.open_day(conn, today)
            first, _ = lines.days(conn)
        last = self._seals.last()
        day = last + DAY if last else first
        while day and day < today:
            self._seal(day)
            yield day
            day += DAY

    def _seal(self, day: date) -> None:
        with self._store.read() as conn:
            start, end = lines.size_before(conn, day), lines.size_before(conn, day + DAY)
            chains: dict[str, list[bytes]] = {}
            for chain, line in lines.between(conn, start, end):
                chains.setdefault(chain, []).append(line)
        self._seals.seal(
            SealContent(
                day=day,
                chains={chain: b"".join(kept) for chain, kept in chains.items()},
                checkpoint=self._publish(end).encode(),
                log_key=self._key.verifier.pem,
                log_key_id=self._key.verifier.key_id,
            )
        )

    def _publish(self, size: int) -> str:
        """The signed checkpoint of the first `size` lines; published unless a longer tree already is."""
        head = self._published()
        held = head.size if head else 0
        tiles = Tiles(self._seals.folder, held)
        with self._store.read() as conn:
            tiles.extend([tree.leaf_hash(line) for _, line in lines.between(conn, held, size)])
        head = Checkpoint(origin=self._key.name, size=size, root=tree.root(tiles.node, size))
        note = checkpoint.sign(head, self._key)
        if size >= held:
            write_whole(self._seals.folder / CHECKPOINT_FILE, note.encode())
        return note

    def _admit_trouble(self) -> None:
        """Write to the journal, once each, the stamps that are a day late and those given up lately."""
        today = self._clock.now().astimezone(UTC).date()
        given_up = self._anchors.given_up()
        for day, authority in self._anchors.pending():
            if (day, authority) in given_up:
                if today - day <= _RECENT:
                    self._log.troubled(JournalIncidentKind.AUTHORITY_GIVEN_UP, about=authority.name, day=day)
            elif today > day + DAY:
                self._log.troubled(JournalIncidentKind.AUTHORITY_LATE, about=authority.name, day=day)


def service() -> records.Body:
    """The body of a journal line about the program, Python and the operating system."""
    return records.service_config(
        software=f"vigie {version('vigie')}", python=platform.python_version(), system=platform.platform()
    )


def authorities(settings: Settings) -> list[Authority]:
    """The authorities of the settings. Raises `BadInput` for a certificate that is missing or unreadable."""
    found = []
    for one in settings.evidence.authorities:
        for path in (one.root, one.chain):
            _readable(path, one.name)
        if len(x509.load_pem_x509_certificates(one.root.read_bytes())) > 1:
            words = f"{one.root} holds several certificates; one is the root, the others belong in its chain"
            raise BadInput(Problem(f"[[evidence.authorities]] {one.name}", words))
        found.append(Authority(**one.model_dump()))
    return found


def _readable(path: Path | None, name: str) -> None:
    where = f"[[evidence.authorities]] {name}"
    if path and not path.is_file():
        raise BadInput(Problem(where, f"its certificate {path} is missing"))
    try:
        if path:
            x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadInput(Problem(where, f"its certificate {path} cannot be read; give it in PEM")) from error


@contextmanager
def keeper(settings: Settings, store: Store, clock: Clock) -> Iterator[Keeper]:
    """A keeper made from the settings. Raises `BadInput`, also for a key that did not sign the journal."""
    key, seals, stampers = log_key(settings), Seals(settings.evidence.folder), authorities(settings)
    published = seals.folder / CHECKPOINT_FILE
    if published.exists():
        try:
            checkpoint.opened(read_text(published), key.verifier)
        except NoteError as error:
            words = f"is not the one that signed {published}: put that one back ({error})"
            raise BadInput(Problem("[evidence] key", words)) from error
    with httpx.Client(timeout=_PATIENCE) as client:
        yield Keeper(
            store=store,
            log=JournalWriter(store, clock, service),
            seals=seals,
            key=key,
            anchors=Anchors(seals, stampers, client, clock),
            clock=clock,
        )
