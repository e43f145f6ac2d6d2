"""The classes of rows, and the only code that turns an observation into columns and columns into a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from monitor.model import GapReason, Observation, Origin, Vantage
from monitor.store.captures.captures import server_date
from monitor.store.database.types import storable
from monitor.store.tables.record import EntryKind
from probes.model import AcceptedLine, Outcome, Part, Precision, Reading, Slot, Transport


@dataclass(frozen=True, kw_only=True, slots=True)
class LaterReading:
    """A later reading of the capture of the observation with the number `observation`.

    `read_at` is UTC; `cause` says why the capture was read again.
    """

    observation: int
    platform: str
    reader_version: str
    reading: Reading
    read_at: datetime
    cause: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ObservationRow:
    """An observation without its capture. All instants are UTC.

    `at` is the scheduled instant, or the start of an unscheduled visit; `day` is its day in the target's
    zone. `reading` is the first reading, made during the visit and never replaced; `later_reading` is the
    newest later one, `None` when there is none. `pages` is the number of steps. `server_date` is the `Date`
    header of the last step. `manifest_sha256` is the address of the whole capture (see
    `monitor.store.captures`).
    """

    id: int
    target: str
    target_version_id: int
    at: datetime
    day: date
    scheduled_at: datetime | None
    started_at: datetime
    finished_at: datetime
    recorded_at: datetime
    server_date: datetime | None
    platform: str
    reader_version: str
    transport: Transport
    origin: Origin
    vantage: Vantage
    reading: Reading
    pages: int
    manifest_sha256: str
    screenshot_sha256: str | None
    simulated: bool
    later_reading: LaterReading | None = None

    @property
    def in_force(self) -> Reading:
        """The reading that figures use: the newest later reading, else the first one."""
        return self.later_reading.reading if self.later_reading else self.reading

    @property
    def reader_in_force(self) -> str:
        """The version of the reader that made the reading in force."""
        return self.later_reading.reader_version if self.later_reading else self.reader_version


@dataclass(frozen=True, kw_only=True, slots=True)
class GapRow:
    """A recorded gap. `at`, `day` and `recorded_at` mean the same as in `ObservationRow`."""

    id: int
    target: str
    target_version_id: int
    at: datetime
    day: date
    scheduled_at: datetime
    recorded_at: datetime
    reason: GapReason
    detail: str
    simulated: bool


EntryRow = ObservationRow | GapRow


def observation_columns(observation: Observation, manifest: str, screenshot: str | None) -> dict[str, Any]:
    """The values for the columns of `observations`, without `id`.

    `manifest` and `screenshot` are the addresses (SHA-256) of the stored manifest and picture.
    """
    return {
        "platform": observation.platform,
        "reader_version": observation.reader_version,
        "transport": observation.transport,
        "origin": observation.origin,
        "started_at": observation.started_at,
        "finished_at": observation.finished_at,
        "server_date": server_date(observation.capture),
        "pages": len(observation.capture.steps),
        "manifest_sha256": manifest,
        "screenshot_sha256": screenshot,
        **_vantage_columns(observation.vantage),
        **reading_columns(observation.reading),
    }


def entry_row(row: RowMapping) -> EntryRow:
    """The observation or gap in a row of `entries` joined with `observations` and `gaps`."""
    return gap_row(row) if row["kind"] is EntryKind.GAP else observation_row(row)


def observation_row(row: RowMapping) -> ObservationRow:
    """The observation in a row of `entries` joined with `observations` and the newest later reading.

    The columns of the later reading have the prefix `AGAIN`; they are `None` when there is none.
    """
    return ObservationRow(
        **{name: row[name] for name in _OBSERVED},
        vantage=_vantage(row),
        reading=reading_of(row),
        later_reading=_later_reading(row),
    )


def gap_row(row: RowMapping) -> GapRow:
    """A row of `entries` joined with `gaps`."""
    return GapRow(**{name: row[name] for name in _MISSED})


def as_stored(reading: Reading) -> Reading:
    """`reading` as it will be given back: without the characters that no database text can hold."""
    return reading_of(reading_columns(reading))


AGAIN = "again_"
"""Prefix of a later reading's columns in a row that also has the columns of its observation."""

_OBSERVED = [name for name in ObservationRow.__slots__ if name not in ("vantage", "reading", "later_reading")]
_MISSED = list(GapRow.__slots__)


def _later_reading(row: RowMapping) -> LaterReading | None:
    if row[f"{AGAIN}outcome"] is None:
        return None
    said = {name.removeprefix(AGAIN): value for name, value in row.items() if name.startswith(AGAIN)}
    own = ("platform", "reader_version", "read_at", "cause")
    return LaterReading(observation=row["id"], reading=reading_of(said), **{name: said[name] for name in own})


def _vantage_columns(vantage: Vantage) -> dict[str, Any]:
    offset = vantage.clock_offset
    return {
        "vantage": vantage.name,
        "software": vantage.software,
        "browser": vantage.browser,
        "user_agent": vantage.user_agent,
        "clock_offset_ms": None if offset is None else offset / timedelta(milliseconds=1),
    }


def _vantage(row: RowMapping) -> Vantage:
    offset = row["clock_offset_ms"]
    return Vantage(
        name=row["vantage"],
        software=row["software"],
        browser=row["browser"],
        user_agent=row["user_agent"],
        clock_offset=None if offset is None else timedelta(milliseconds=offset),
    )


def reading_columns(reading: Reading) -> dict[str, Any]:
    """The values for the columns of a reading; they are the same in `observations` and `later_readings`."""
    return {
        "outcome": reading.outcome,
        "no_slots_kind": reading.kind,
        "rule": storable(reading.rule),
        "failure": reading.failure,
        "words": storable(reading.words),
        "slots": reading.slots,
        "horizon": reading.horizon,
        "notices": [storable(notice) for notice in reading.notices] or None,
        "parts": [[storable(part.label), part.outcome, storable(part.words)] for part in reading.parts]
        or None,
        "accepted": [[each.line, each.at.isoformat(), each.reason] for each in reading.accepted] or None,
        **_slot_columns("earliest", reading.earliest),
        **_slot_columns("second", reading.second),
    }


def reading_of(row: Mapping[Any, Any]) -> Reading:
    """The reading in a row of `observations` or of `later_readings`."""
    return Reading(
        outcome=row["outcome"],
        rule=row["rule"],
        words=row["words"],
        kind=row["no_slots_kind"],
        failure=row["failure"],
        earliest=_slot("earliest", row),
        second=_slot("second", row),
        slots=row["slots"],
        horizon=row["horizon"],
        notices=tuple(row["notices"] or ()),
        parts=tuple(
            Part(label=label, outcome=Outcome(outcome), words=words)
            for label, outcome, words in row["parts"] or ()
        ),
        accepted=tuple(
            AcceptedLine(line=line, at=datetime.fromisoformat(at), reason=reason)
            for line, at, reason in row["accepted"] or ()
        ),
    )


def _slot_columns(name: str, slot: Slot | None) -> dict[str, Any]:
    return {
        f"{name}_at": slot and slot.starts_at,
        f"{name}_precision": slot and slot.precision,
        f"{name}_place": slot and slot.place and storable(slot.place),
    }


def _slot(name: str, row: Mapping[Any, Any]) -> Slot | None:
    at: datetime | None = row[f"{name}_at"]
    if at is None:
        return None
    return Slot(starts_at=at, precision=Precision(row[f"{name}_precision"]), place=row[f"{name}_place"])
