"""Saved pages, `tests/pages/<platform>/<case>/`: how a folder becomes a target, a capture and a reading."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from probes.failures import Failure
from probes.model import Capture, Reading, Step, Target, Transport

PAGES = Path(__file__).parents[1] / "pages"
NOON = datetime(2025, 12, 20, 12, tzinfo=UTC)
ORIGINS = ("recorded", "reconstructed")


@dataclass(frozen=True)
class Case:
    """One folder: the pages of one visit, where they come from, and what they should be read as."""

    folder: Path
    note: str
    origin: str
    target: Target
    capture: Capture

    @property
    def name(self) -> str:
        return f"{self.platform}/{self.folder.name}"

    @property
    def platform(self) -> str:
        return self.folder.parent.name

    @property
    def expected(self) -> Path:
        return self.folder / "expected.json"


def folders(pages: Path = PAGES) -> list[Path]:
    return sorted(path.parent for path in pages.glob("*/*/case.toml"))


def load(folder: Path) -> Case:
    spec = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    steps = tuple(
        _step(n, step, folder, spec["captured_at"] + timedelta(seconds=10 * n))
        for n, step in enumerate(spec.get("step", []))
    )
    return Case(
        folder=folder,
        note=spec["note"],
        origin=spec["origin"],
        target=_target(folder.parent.name, spec["target"]),
        capture=Capture(transport=Transport(spec["transport"]), steps=steps),
    )


def received(body: str | bytes = b"", *, url: str = "https://www.ain.gouv.fr/page", **more: Any) -> Step:
    """A step that received `body` from `url` at noon on 20 December 2025, unless told otherwise."""
    spec = {"url": url, "final_url": url, "method": "GET", "status": 200, **more}
    raw = body.encode() if isinstance(body, str) else body
    return Step(n=0, action="open", started_at=NOON, finished_at=NOON, body=raw, **spec)


def target(platform: str, url: str, **more: Any) -> Target:
    """A target of that platform; only its address matters."""
    return _target(platform, {"url": url, **more})


def _target(platform: str, spec: Mapping[str, Any]) -> Target:
    place = {"prefecture": "Préfecture", "departement": "86", "demarche": "Titre de séjour"}
    return Target(**{"id": "cible", "platform": platform, **place, **spec})


def _step(n: int, spec: Mapping[str, Any], folder: Path, at: datetime) -> Step:
    rendered = spec.get("rendered")
    return Step(
        n=n,
        action="open" if spec.get("method", "GET") == "GET" else "submit",
        method=spec.get("method", "GET"),
        url=spec["url"],
        final_url=spec.get("final_url", spec["url"]),
        redirects=tuple(spec.get("redirects", ())),
        started_at=at,
        finished_at=at,
        status=spec.get("status"),
        headers=(("content-type", spec["content_type"]),) if "content_type" in spec else (),
        body=(folder / spec["file"]).read_bytes() if "file" in spec else b"",
        rendered=(folder / rendered).read_text(encoding="utf-8") if rendered else None,
        dialogs=tuple(spec.get("dialogs", ())),
        failure=Failure(spec["failure"]) if "failure" in spec else None,
        detail=spec.get("detail", ""),
    )


def as_json(reading: Reading) -> str:
    """A reading as `expected.json` keeps it: what is absent or empty is left out."""
    said = {key: value for key, value in asdict(reading).items() if value not in (None, (), "")}
    return json.dumps(said, ensure_ascii=False, indent=2, default=_plain) + "\n"


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else str(value)
