"""A platform whose reader a test chooses: it says what the last body says. And how to spoil a body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.store import Store
from monitor.store.tables.record import blobs
from probes.answer import Answer
from probes.model import AcceptedLine, Capture, Outcome, Reading, Session, Target, Transport
from probes.option import Option
from probes.proof import Templates
from probes.stop_line import StopLine
from tests.cast.observations import capture, reading

STOP_LINE = StopLine(paths=())
ANSWER = Answer(place="body")
UNKNOWN = Reading(outcome=Outcome.UNRECOGNISED, rule="unknown")
FIRST = {b"none": reading(Outcome.NO_SLOTS, rule="said", words="none")}


@dataclass(frozen=True)
class Reader:
    """Reads a capture by its last body; what it does not know is unrecognised."""

    said: Mapping[bytes, Reading]
    version: str = "2"
    name: str = "classic"
    verified_on: date | None = None
    templates: Templates | None = None
    transports: frozenset[Transport] = frozenset(Transport)
    stop_line: StopLine = STOP_LINE
    answer: Answer = ANSWER
    options: tuple[Option, ...] = ()
    desks: bool = True

    def accepts(self, url: str) -> bool:
        return True

    async def walk(self, target: Target, session: Session) -> None:
        await session.open(target.url)

    def read(self, target: Target, capture: Capture, accepted: Sequence[AcceptedLine] = ()) -> Reading:
        return self.said.get(capture.steps[-1].body, UNKNOWN)


def spoil(store: Store, body: bytes) -> None:
    """Damage a stored body, as a broken disk would: its guards are taken away first."""
    address = capture(body).steps[0].body_sha256
    with store.write() as conn:
        if conn.dialect.name == "postgresql":
            conn.exec_driver_sql("ALTER TABLE blobs DISABLE TRIGGER blobs_append_only")
        else:
            conn.exec_driver_sql("DROP TRIGGER blobs_no_update")
        conn.execute(blobs.update().where(blobs.c.sha256 == address).values(data=b"spoilt"))
