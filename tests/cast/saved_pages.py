"""The saved pages of this repository, and steps and targets made on the spot."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.recording.seen import Concord, agreement
from probes.model import Step, Target
from probes.platforms.example import Example
from probes.registry import PLATFORMS
from tests.corpus import pages
from tests.corpus.pages import Case, as_json, load, target_of

__all__ = [
    "NOON",
    "PAGES",
    "READERS",
    "Case",
    "as_json",
    "check",
    "folders",
    "load",
    "received",
    "target",
]

PAGES = Path(__file__).parents[1] / "pages"
NOON = datetime(2025, 12, 20, 12, tzinfo=UTC)
READERS = {platform.name: platform for platform in (*PLATFORMS, Example())}


def folders(where: Path = PAGES) -> list[Path]:
    return pages.folders(where)


def check(folder: Path) -> None:
    """Fail unless the page reads as its reviewed `expected.json`; write that file when it is missing.

    Fail also when the reading contradicts what the person who recorded the page saw herself.
    """
    case = load(folder)
    read = READERS[case.platform].read(case.target, case.capture)
    if case.seen and agreement(case.seen, read, case.target.tz) is Concord.CONTRADICTED:
        pytest.fail(f"{folder}: a person saw {case.seen.verdict} there, and it is read as {read.outcome}")
    reading = as_json(read)
    if not case.expected.exists():
        case.expected.write_text(reading, encoding="utf-8")
        pytest.fail(f"{case.expected} was missing and has been written: review it, then run again")
    assert reading == case.expected.read_text(encoding="utf-8"), case.note


def received(body: str | bytes = b"", *, url: str = "https://www.ain.gouv.fr/page", **more: Any) -> Step:
    """A step that received `body` from `url` at noon on 20 December 2025, unless told otherwise."""
    spec = {"url": url, "final_url": url, "method": "GET", "status": 200, **more}
    raw = body.encode() if isinstance(body, str) else body
    return Step(n=0, action="open", started_at=NOON, finished_at=NOON, body=raw, **spec)


def target(platform: str, url: str, **more: Any) -> Target:
    """A target of that platform; only its address matters."""
    return target_of(platform, {"url": url, **more})
