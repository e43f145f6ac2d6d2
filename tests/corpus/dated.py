"""Pages that name one date, in every spelling a product uses: the label is the date that was written.

Year ends, leap days, both nights of the clock change, days without a year, in several zones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from probes.model import Outcome, Step
from probes.pages.dates import MONTHS, WEEKDAYS
from probes.pages.starts import JUST_BEGUN
from tests.corpus import edits
from tests.corpus.made import Labelled, Origin

ZONES = ("Europe/Paris", "Indian/Reunion", "America/Miquelon", "Pacific/Noumea")
SHORT_MONTHS = (
    "janv.",
    "févr.",
    "mars",
    "avr.",
    "mai",
    "juin",
    "juil.",
    "août",
    "sept.",
    "oct.",
    "nov.",
    "déc.",
)
# The day a page was seen, and the local time it named then. No hour that a spring night skips in Paris.
WRITTEN = (
    ("2025-12-20", "2026-01-05T09:00"),
    ("2025-12-31", "2026-01-01T08:30"),
    # At ten in London the first is over in Nouméa: nobody can be offered it there.
    ("2025-12-31", "2025-12-31T17:45"),
    ("2025-12-31", "2025-12-31T23:30"),
    ("2026-01-10", "2027-01-09T10:00"),
    ("2026-12-28", "2027-01-03T14:15"),
    ("2026-03-20", "2026-03-29T01:30"),
    ("2026-03-20", "2026-03-29T03:30"),
    ("2026-10-20", "2026-10-25T02:30"),
    ("2026-10-20", "2026-10-25T03:00"),
    ("2027-12-01", "2028-02-29T10:00"),
    ("2026-01-30", "2026-03-01T11:00"),
    ("2026-06-15", "2026-12-14T23:45"),
    ("2026-08-01", "2026-08-12T12:05"),
)


def dated(origin: Origin) -> Iterator[Labelled]:
    """The case with its date replaced by others; nothing when its product names no case for dates."""
    for spec in origin.product.get("dates", ()):
        if spec["case"] == origin.case.folder.name:
            for zone in ZONES:
                for seen, local in WRITTEN:
                    day, wall = date.fromisoformat(seen), datetime.fromisoformat(local)
                    yield from spelled(origin, spec, zone, day, wall)


def spelled(
    origin: Origin, spec: Mapping[str, Any], zone: str, seen: date, local: datetime
) -> Iterator[Labelled]:
    """The case as if seen on the day `seen`, naming `local`, a wall time of `zone`, in each of the forms."""
    tz = ZoneInfo(zone)
    for form in spec["forms"]:
        parts = form if isinstance(form, list) else [form]
        by_day = spec.get("by_day") or not any(re.search(r"\{(?:hour|unix|utc)", part) for part in parts)
        words = _words(local, tz)
        put = [(was, part.format(**words)) for was, part in zip(spec["was"], parts, strict=True)]
        at = datetime.combine(seen, time(10), UTC)
        steps = tuple(_at(_written(step, put), at) for step in origin.case.capture.steps)
        instant = (datetime.combine(local, time()) if by_day else local).replace(tzinfo=tz).astimezone(UTC)
        over = instant < at - JUST_BEGUN and not by_day
        yield replace(
            origin.same("dates", f"{form} {local} {zone}", replace(origin.case.capture, steps=steps)),
            truth=Outcome.UNRECOGNISED if over else Outcome.SLOTS_OFFERED,
            earliest=None if over else instant,
            second=None,
            target=replace(origin.label.target, zone=zone),
        )


def _words(local: datetime, tz: ZoneInfo) -> dict[str, Any]:
    """The parts of a date as pages write them."""
    aware = local.replace(tzinfo=tz)
    offset = aware.strftime("%z")
    return {
        "weekday": WEEKDAYS[local.weekday()],
        "day": local.day,
        "nth": "1er" if local.day == 1 else str(local.day),
        "month": MONTHS[local.month - 1],
        "short": SHORT_MONTHS[local.month - 1],
        "m": local.month,
        "year": local.year,
        "hour": local.hour,
        "minute": local.minute,
        "offset": f"{offset[:3]}:{offset[3:]}",
        "unix": int(aware.timestamp()),
        "utc": aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "midnight": datetime.combine(local, time(), tz).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }


def _written(step: Step, put: list[tuple[str, str]]) -> Step:
    def edit(page: str) -> str:
        for was, words in put:
            page = page.replace(was, words)
        return page

    if edits.is_html(step):
        return edits.edited(step, edit)
    return replace(step, body=edit(step.body.decode()).encode())


def _at(step: Step, at: datetime) -> Step:
    instant = at + timedelta(seconds=10 * step.n)
    return replace(step, started_at=instant, finished_at=instant)
