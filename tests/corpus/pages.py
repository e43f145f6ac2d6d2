"""Saved pages, `tests/pages/<platform>/<case>/`: how a folder becomes a target, a capture and a label."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from monitor.model import Verdict
from monitor.problems import BadInput, Problem
from monitor.recording.seen import Seen
from probes.failures import Failure
from probes.model import Capture, Reading, Step, Target, Transport
from probes.proof import PageOrigin, Templates

BETWEEN_STEPS = timedelta(seconds=10)
PLACE = {"prefecture": "Préfecture", "departement": "86", "demarche": "Titre de séjour"}
"""What a target is in a case that does not say: no reader may ask for it."""


@dataclass(frozen=True)
class Case:
    """One folder: the pages of one visit, where they come from, and what they should be read as."""

    folder: Path
    note: str
    origin: PageOrigin
    target: Target
    capture: Capture
    templates: Templates | None = None
    seen: Seen | None = None

    @property
    def name(self) -> str:
        """`<platform>/<case>`."""
        return f"{self.platform}/{self.folder.name}"

    @property
    def platform(self) -> str:
        """The platform whose folder it lies in."""
        return self.folder.parent.name

    @property
    def expected(self) -> Path:
        """The reviewed reading; missing while nobody has reviewed it."""
        return self.folder / "expected.json"


def folders(pages: Path) -> list[Path]:
    """The folders of all cases, in order."""
    return sorted(path.parent for path in pages.glob("*/*/case.toml"))


def load(folder: Path) -> Case:
    """The case in `folder`. Raises `BadInput` naming the file for one that cannot be used."""
    try:
        return _load(folder)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        words = f"cannot be used ({type(problem).__name__}: {problem}); compare it with another case"
        raise BadInput(Problem(str(folder / "case.toml"), words)) from problem


def product(platform: Path) -> dict[str, Any]:
    """What is known of a product for making pages: `platform.toml` in its folder."""
    file = platform / "platform.toml"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise BadInput(Problem(str(file), f"cannot be read ({problem})")) from problem


def as_json(reading: Reading) -> str:
    """A reading as `expected.json` keeps it: what is absent or empty is left out."""
    said = {key: value for key, value in asdict(reading).items() if value not in (None, (), "")}
    return json.dumps(said, ensure_ascii=False, indent=2, default=_plain) + "\n"


def target_of(platform: str, spec: Mapping[str, Any]) -> Target:
    """A target of that platform, from what a case says of it."""
    return Target(**{"id": "cible", "platform": platform, **PLACE, **spec})


def _load(folder: Path) -> Case:
    spec = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    steps = tuple(
        _step(n, step, folder, spec["captured_at"] + n * BETWEEN_STEPS)
        for n, step in enumerate(spec.get("step", []))
    )
    origin = PageOrigin(spec["origin"])
    return Case(
        folder=folder,
        note=spec["note"],
        origin=origin,
        target=target_of(folder.parent.name, spec["target"]),
        capture=Capture(transport=Transport(spec["transport"]), steps=steps),
        templates=_templates(origin, spec.get("templates")),
        seen=_seen(spec["seen"]) if "seen" in spec else None,
    )


def _templates(origin: PageOrigin, named: Mapping[str, Any] | None) -> Templates | None:
    """The templates of a rendered case, which names them with their commit; no other case has any."""
    if (origin is PageOrigin.RENDERED) != (named is not None):
        raise ValueError(f"a page that is {origin} {_NAMED[origin]} [templates] repository and commit")
    return Templates(**named) if named else None


_NAMED = dict.fromkeys(PageOrigin, "names no") | {PageOrigin.RENDERED: "names its"}


def _seen(said: Mapping[str, Any]) -> Seen:
    return Seen(**{**said, "verdict": Verdict(said["verdict"])})


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


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else str(value)
