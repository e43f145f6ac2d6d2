"""A visit as JSON: each field is the one it is named after."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from monitor.model import GapReason, Origin, Vantage
from monitor.present.as_json import entry_json, instant, observation_json, slot_text
from monitor.store import GapRow, LaterReading, ObservationRow
from probes.failures import Failure
from probes.model import (
    AcceptedLine,
    Capture,
    NoSlotsKind,
    Outcome,
    Part,
    Precision,
    Reading,
    Slot,
    Transport,
)
from tests.cast.observations import NOON, observation, reading, step, target

PARIS = ZoneInfo("Europe/Paris")
SECOND = timedelta(seconds=1)
SLOTS = Reading(
    outcome=Outcome.SLOTS_OFFERED,
    rule="list",
    words="Choisissez",
    earliest=Slot(starts_at=NOON + timedelta(days=2)),
    second=Slot(starts_at=datetime(2026, 11, 30, 23, tzinfo=UTC), precision=Precision.DAY),
    slots=3,
    horizon=date(2026, 12, 24),
    notices=("Fermé lundi",),
    parts=(Part(label="Guichet 1", outcome=Outcome.NO_SLOTS, words="complet"),),
    accepted=(AcceptedLine(line="bienvenue", at=NOON, reason="une salutation"),),
)
SAID = {
    "outcome": "slots_offered",
    "kind": None,
    "rule": "list",
    "failure": None,
    "words": "Choisissez",
    "earliest": "2026-11-25T12:00:00Z",
    "second": "2026-12-01",
    "slots": 3,
    "horizon": "2026-12-24",
    "notices": ["Fermé lundi"],
    "parts": [{"label": "Guichet 1", "outcome": "no_slots", "words": "complet"}],
    "accepted": [{"line": "bienvenue", "at": "2026-11-23T12:00:00Z", "reason": "une salutation"}],
}
CHROMIUM = Vantage(name="here", software="0.1.0", browser="Chromium 140")


def test_a_slot_without_an_hour_is_written_as_its_local_day() -> None:
    """Midnight in Paris is the day before in UTC."""
    slot = Slot(starts_at=datetime(2026, 3, 1, 23, tzinfo=UTC), precision=Precision.DAY)
    assert slot_text(slot, PARIS) == "2026-03-02"
    assert slot_text(None, PARIS) is None


def test_an_instant_of_any_zone_is_written_in_utc() -> None:
    assert instant(datetime(2026, 3, 1, 10, tzinfo=timezone(timedelta(hours=1)))) == "2026-03-01T09:00:00Z"
    assert instant(None) is None


def test_a_visit_just_made_is_told_whole() -> None:
    page = step(
        b"1234",
        n=0,
        url="http://vienne.localhost/a",
        final_url="http://vienne.localhost/b",
        finished_at=NOON + timedelta(milliseconds=1234),
        failure=Failure.TRUNCATED,
    )
    made = observation(
        reading=SLOTS,
        vantage=CHROMIUM,
        simulated=True,
        reader_version="7",
        capture=Capture(transport=Transport.HTTP, steps=(page,)),
    )
    assert observation_json(made, target()) == {
        "target": "vienne-titre",
        "url": "http://vienne.localhost/booking/create/1",
        "zone": "Europe/Paris",
        **SAID,
        "scheduled_at": "2026-11-23T12:00:00Z",
        "started_at": "2026-11-23T12:00:01Z",
        "finished_at": "2026-11-23T12:00:04Z",
        "transport": "http",
        "origin": "scheduled",
        "simulated": True,
        "versions": {
            "vigie": "0.1.0",
            "platform": "classic",
            "reader": "7",
            "browser": "Chromium 140",
        },
        "steps": [
            {
                "n": 0,
                "action": "open",
                "url": "http://vienne.localhost/a",
                "final_url": "http://vienne.localhost/b",
                "status": 200,
                "failure": "truncated",
                "body_sha256": "03ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4",
                "bytes": 4,
                "seconds": 1.234,
            }
        ],
    }


def row(later: LaterReading | None = None) -> ObservationRow:
    return ObservationRow(
        id=5,
        target="vienne-titre",
        target_version_id=1,
        at=NOON,
        day=NOON.date(),
        scheduled_at=NOON,
        started_at=NOON + SECOND,
        finished_at=NOON + 4 * SECOND,
        recorded_at=NOON + 5 * SECOND,
        server_date=None,
        platform="classic",
        reader_version="7",
        transport=Transport.BROWSER,
        origin=Origin.SCHEDULED,
        vantage=CHROMIUM,
        reading=SLOTS,
        pages=2,
        manifest_sha256="m",
        screenshot_sha256="s",
        simulated=True,
        later_reading=later,
    )


def test_a_recorded_visit_is_told_whole() -> None:
    assert entry_json(row(), PARIS) == {
        "id": 5,
        "target": "vienne-titre",
        "at": "2026-11-23T12:00:00Z",
        "scheduled_at": "2026-11-23T12:00:00Z",
        "recorded_at": "2026-11-23T12:00:05Z",
        "simulated": True,
        "entry": "observation",
        **SAID,
        "reread": None,
        "reason": None,
        "started_at": "2026-11-23T12:00:01Z",
        "finished_at": "2026-11-23T12:00:04Z",
        "transport": "browser",
        "origin": "scheduled",
        "platform": "classic",
        "reader": "7",
        "vigie": "0.1.0",
        "browser": "Chromium 140",
        "pages": 2,
        "screenshot_sha256": "s",
        "manifest_sha256": "m",
    }


def test_a_later_reading_stands_beside_the_first_one() -> None:
    later = LaterReading(
        observation=5,
        platform="classic",
        reader_version="8",
        reading=reading(Outcome.NO_SLOTS),
        read_at=NOON + timedelta(days=1),
        cause="newer reader",
    )
    told = entry_json(row(later), PARIS)
    assert (told["outcome"], told["reader"]) == ("slots_offered", "7")
    assert (told["reread"]["outcome"], told["reread"]["kind"]) == ("no_slots", NoSlotsKind.ALL_TAKEN)
    assert (told["reread"]["reader"], told["reread"]["cause"]) == ("8", "newer reader")
    assert told["reread"]["read_at"] == "2026-11-24T12:00:00Z"


def test_a_failure_is_told_by_its_name() -> None:
    down = reading(Outcome.SITE_DOWN, failure=Failure.CONNECT_ERROR)
    assert observation_json(observation(reading=down), target())["failure"] == "connect_error"


def test_a_recorded_gap_says_why_and_claims_no_outcome() -> None:
    missed = GapRow(
        id=6,
        target="vienne-titre",
        target_version_id=1,
        at=NOON,
        day=NOON.date(),
        scheduled_at=NOON,
        recorded_at=NOON + SECOND,
        reason=GapReason.DOWNTIME,
        detail="nobody was there",
        simulated=False,
    )
    assert entry_json(missed, PARIS) == {
        "id": 6,
        "target": "vienne-titre",
        "at": "2026-11-23T12:00:00Z",
        "scheduled_at": "2026-11-23T12:00:00Z",
        "recorded_at": "2026-11-23T12:00:01Z",
        "simulated": False,
        "entry": "gap",
        "outcome": None,
        "reason": "downtime",
        "detail": "nobody was there",
    }
