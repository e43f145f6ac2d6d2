"""The saved pages of this repository, and steps and targets made on the spot."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.review.corpus import pages
from monitor.review.corpus.pages import Case, as_json, load, target_of
from probes.model import Step, Target

__all__ = ["NOON", "ORIGINS", "PAGES", "Case", "as_json", "folders", "load", "received", "target"]

PAGES = Path(__file__).parents[1] / "pages"
NOON = datetime(2025, 12, 20, 12, tzinfo=UTC)
ORIGINS = ("recorded", "reconstructed")


def folders(where: Path = PAGES) -> list[Path]:
    return pages.folders(where)


def received(body: str | bytes = b"", *, url: str = "https://www.ain.gouv.fr/page", **more: Any) -> Step:
    """A step that received `body` from `url` at noon on 20 December 2025, unless told otherwise."""
    spec = {"url": url, "final_url": url, "method": "GET", "status": 200, **more}
    raw = body.encode() if isinstance(body, str) else body
    return Step(n=0, action="open", started_at=NOON, finished_at=NOON, body=raw, **spec)


def target(platform: str, url: str, **more: Any) -> Target:
    """A target of that platform; only its address matters."""
    return target_of(platform, {"url": url, **more})
