"""One target in the Vienne and a visit to it, any field of which can be changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.model import Observation, Origin, Vantage
from probes.model import Capture, NoSlotsKind, Outcome, Reading, Step, Target, Transport

MORNING = datetime(2026, 11, 2, 8, 15, tzinfo=UTC)


def a_step(**changes: Any) -> Step:
    address = "https://www.vienne.gouv.fr/booking/create/1234/1"
    facts: dict[str, Any] = {
        "n": 1,
        "action": "open",
        "method": "GET",
        "url": address,
        "final_url": address,
        "started_at": MORNING,
        "finished_at": MORNING + timedelta(milliseconds=430),
        "status": 200,
        "headers": (("Date", "Mon, 02 Nov 2026 08:15:00 GMT"), ("Server", "nginx")),
        "body": b"<p>Il n'existe plus de plage horaire libre</p>",
    }
    return Step(**(facts | changes))


def an_observation(**changes: Any) -> Observation:
    facts: dict[str, Any] = {
        "target": "vienne-titre",
        "platform": "classic",
        "reader_version": "1",
        "transport": Transport.HTTP,
        "origin": Origin.SCHEDULED,
        "scheduled_at": MORNING,
        "started_at": MORNING,
        "finished_at": MORNING + timedelta(seconds=2),
        "reading": Reading(
            outcome=Outcome.NO_SLOTS,
            rule="classic.no_slots",
            words="Il n'existe plus de plage horaire libre",
            kind=NoSlotsKind.ALL_TAKEN,
        ),
        "capture": Capture(transport=Transport.HTTP, steps=(a_step(),)),
        "vantage": Vantage(name="paris-1", software="vigie 0.1.0"),
    }
    return Observation(**(facts | changes))


def a_target(name: str = "vienne-titre") -> Target:
    return Target(
        id=name,
        platform="classic",
        url="https://www.vienne.gouv.fr/booking/create/1234",
        prefecture="Préfecture de la Vienne",
        departement="86",
        demarche="Premier titre de séjour",
    )
