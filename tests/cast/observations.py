"""Observations, gaps and draws for tests, with everything but what matters filled in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.model import Draw, Gap, GapReason, Observation, Origin, Vantage
from monitor.store import Store
from probes.model import Capture, NoSlotsKind, Outcome, Reading, Slot, Step, Target, Transport
from probes.pages.fingerprint import kept_structure

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WORDS = "Il n'existe plus de plage horaire libre"


def target(name: str = "vienne-titre", **known: Any) -> Target:
    """A classic target in Paris's zone."""
    usual = {
        "platform": "classic",
        "url": "http://vienne.localhost/booking/create/1",
        "prefecture": "Vienne",
        "departement": "86",
        "demarche": "titre de séjour",
    }
    return Target(id=name, **usual | known)


def step(body: bytes = b"<html>rien</html>", **known: Any) -> Step:
    """The first page of a visit."""
    url = "http://vienne.localhost/booking/create/1"
    usual: dict[str, Any] = {
        "n": 1,
        "action": "open",
        "method": "GET",
        "url": url,
        "final_url": url,
        "status": 200,
    }
    return Step(body=body, **{"started_at": NOON, "finished_at": NOON} | usual | known)


def capture(*bodies: bytes, **known: Any) -> Capture:
    """A plain HTTP capture with one step per body."""
    steps = tuple(step(body, n=n) for n, body in enumerate(bodies or (b"<html>rien</html>",), 1))
    return Capture(**{"transport": Transport.HTTP, "steps": steps} | known)


def reading(outcome: Outcome = Outcome.NO_SLOTS, **known: Any) -> Reading:
    """A reading of any outcome, complete enough to be valid."""
    usual: dict[str, Any] = {"rule": "classic.words", "words": WORDS if outcome.conclusive else ""}
    if outcome is Outcome.NO_SLOTS:
        usual["kind"] = NoSlotsKind.ALL_TAKEN
    if outcome is Outcome.SLOTS_OFFERED:
        usual |= {"earliest": Slot(starts_at=NOON + timedelta(days=150)), "slots": 3}
    return Reading(outcome=outcome, **usual | known)


def observation(
    at: datetime = NOON, outcome: Outcome = Outcome.NO_SLOTS, name: str = "vienne-titre", **known: Any
) -> Observation:
    """A scheduled observation at `at`."""
    origin = known.pop("origin", Origin.SCHEDULED)
    usual = {
        "platform": "classic",
        "reader_version": "1",
        "transport": Transport.HTTP,
        "scheduled_at": at if origin is Origin.SCHEDULED else None,
        "started_at": at + timedelta(seconds=1),
        "finished_at": at + timedelta(seconds=4),
        "reading": reading(outcome),
        "capture": capture(f"<html>rien {at.isoformat()}</html>".encode()),
        "vantage": Vantage(
            name="paris-1", software="vigie/0.1.0", user_agent="vigie (+https://vigie.example)"
        ),
    }
    said = usual | known
    said.setdefault("structure", kept_structure(said["platform"], said["reading"], said["capture"]))
    return Observation(target=name, origin=origin, **said)


def gap(
    at: datetime = NOON, reason: GapReason = GapReason.DOWNTIME, name: str = "vienne-titre", **known: Any
) -> Gap:
    """A gap at `at`."""
    return Gap(target=name, scheduled_at=at, reason=reason, **known)


def draw(name: str = "vienne-titre", *instants: datetime, **known: Any) -> Draw:
    """A draw with these instants; its day is that of the first."""
    instants = instants or tuple(NOON.replace(hour=hour) for hour in range(24))
    usual: dict[str, Any] = {
        "day": instants[0].date(),
        "interval": HOUR,
        "seed_sha256": "5e" * 32,
        "drawn_at": NOON - 24 * HOUR,
    }
    return Draw(target=name, instants=instants, **usual | known)


def rows_of(store: Store, *tables: Any) -> list[list[Any]]:
    """All rows of these tables, as the database holds them, in one order."""
    with store.read() as conn:
        return [sorted(map(repr, conn.execute(table.select()))) for table in tables]
