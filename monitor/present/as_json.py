"""One observation for people and for programs: the JSON of `vigie probe --json` and of `vigie log --json`.

Instants are ISO 8601 in UTC with `Z`; a slot known by its day alone is an ISO date in the target's zone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from monitor.model import Observation
from monitor.store import EntryRow, GapRow, ObservationRow
from probes.model import Precision, Reading, Slot, Step, Target


def instant(value: datetime | None) -> str | None:
    """ISO 8601 in UTC, such as `2026-03-01T09:00:00Z`; `None` stays `None`."""
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def slot_text(slot: Slot | None, tz: ZoneInfo) -> str | None:
    """The slot as an instant in UTC, or as a day in `tz` when the page shows no hour; `None` stays `None`."""
    if slot is None:
        return None
    return slot.day(tz).isoformat() if slot.precision is Precision.DAY else instant(slot.starts_at)


def reading_json(reading: Reading, tz: ZoneInfo) -> dict[str, Any]:
    """The fields of a reading; dates of slots in `tz` as `slot_text` writes them."""
    return {
        "outcome": reading.outcome,
        "kind": reading.kind,
        "rule": reading.rule,
        "failure": reading.failure,
        "words": reading.words,
        "earliest": slot_text(reading.earliest, tz),
        "second": slot_text(reading.second, tz),
        "slots": reading.slots,
        "horizon": reading.horizon.isoformat() if reading.horizon else None,
        "notices": list(reading.notices),
        "parts": [{"label": p.label, "outcome": p.outcome, "words": p.words} for p in reading.parts],
        "accepted": [
            {"line": each.line, "at": instant(each.at), "reason": each.reason} for each in reading.accepted
        ],
    }


def step_json(step: Step) -> dict[str, Any]:
    """One step without its body."""
    return {
        "n": step.n,
        "action": step.action,
        "url": step.url,
        "final_url": step.final_url,
        "status": step.status,
        "failure": step.failure,
        "body_sha256": step.body_sha256,
        "bytes": len(step.body),
        "seconds": round((step.finished_at - step.started_at).total_seconds(), 3),
    }


def observation_json(observation: Observation, target: Target) -> dict[str, Any]:
    """Everything about one visit that was just made, without the bodies of its pages."""
    vantage = observation.vantage
    return {
        "target": target.id,
        "url": target.url,
        "zone": target.zone,
        **reading_json(observation.reading, target.tz),
        "scheduled_at": instant(observation.scheduled_at),
        "started_at": instant(observation.started_at),
        "finished_at": instant(observation.finished_at),
        "transport": observation.transport,
        "origin": observation.origin,
        "simulated": observation.simulated,
        "versions": {
            "vigie": vantage.software,
            "platform": observation.platform,
            "reader": observation.reader_version,
            "browser": vantage.browser,
        },
        "steps": [step_json(step) for step in observation.capture.steps],
    }


def entry_json(row: EntryRow, tz: ZoneInfo) -> dict[str, Any]:
    """One recorded row, observation or gap, without bodies."""
    common = {
        "id": row.id,
        "target": row.target,
        "at": instant(row.at),
        "scheduled_at": instant(row.scheduled_at),
        "recorded_at": instant(row.recorded_at),
        "simulated": row.simulated,
    }
    if isinstance(row, GapRow):
        return {**common, "entry": "gap", "outcome": None, "reason": row.reason, "detail": row.detail}
    return {
        **common,
        "entry": "observation",
        **reading_json(row.reading, tz),
        "reread": _later_reading(row, tz),
        "reason": None,
        "started_at": instant(row.started_at),
        "finished_at": instant(row.finished_at),
        "transport": row.transport,
        "origin": row.origin,
        "platform": row.platform,
        "reader": row.reader_version,
        "vigie": row.vantage.software,
        "browser": row.vantage.browser,
        "pages": row.pages,
        "screenshot_sha256": row.screenshot_sha256,
        "manifest_sha256": row.manifest_sha256,
    }


def _later_reading(row: ObservationRow, tz: ZoneInfo) -> dict[str, Any] | None:
    """The later reading in force, by which reader and why; `None` while the first one is."""
    again = row.later_reading
    if again is None:
        return None
    said = {"reader": again.reader_version, "read_at": instant(again.read_at), "cause": again.cause}
    return {**reading_json(again.reading, tz), **said}
