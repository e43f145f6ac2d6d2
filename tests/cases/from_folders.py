"""The visits of `handed/`: one folder a case, its pages beside `case.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from probes.model import Outcome
from tests.cast.lie import Lie, Served

HANDED = Path(__file__).parent / "handed"
# The sheet to which the pages of the classic module link.
SHEET = Served(body=(HANDED / "portail.css").read_bytes(), kind="text/css")


def handed() -> list[Lie]:
    """Every case, by the name of its folder."""
    return [_case(folder) for folder in sorted(HANDED.iterdir()) if folder.is_dir()]


def _case(folder: Path) -> Lie:
    case: Mapping[str, Any] = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    pages = {_asked(one["ask"]): _served(folder, one) for one in case["served"]}
    return Lie(
        name=folder.name,
        platform=case["platform"],
        why=case["why"],
        accept=frozenset(map(Outcome, case["accept"])),
        start=case["start"],
        pages={("GET", "/static/portail.css"): SHEET, **pages},
        earliest=datetime.fromisoformat(case["earliest"]) if "earliest" in case else None,
        slots=case.get("slots"),
        desk=case.get("desk"),
        options=case.get("options", {}),
    )


def _asked(line: str) -> tuple[str, str]:
    method, _, path = line.partition(" ")
    return method, path


def _served(folder: Path, one: Mapping[str, Any]) -> Served:
    return Served(
        body=(folder / one["file"]).read_bytes() if "file" in one else b"",
        kind=one.get("kind", "text/html; charset=utf-8"),
        status=one.get("status", 200),
        sends=one.get("sends", ""),
        when=one.get("when", {}),
    )
