"""Writes a masked visit as a test case of `tests/pages`. A person reviews it and writes `expected.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from monitor.files import made_whole
from monitor.problems import BadInput, Problem
from monitor.recording.seen import Seen
from probes.model import Capture, Outcome, Step, Target
from probes.proof import PageOrigin

PAGES = Path("tests/pages")

_NAME = re.compile(rf"(?:{'|'.join(Outcome)})-[a-z0-9_]+")
_KINDS = {"application/json": "json", "text/plain": "txt"}


def folder_for(platform: str, name: str, pages: Path = PAGES) -> Path:
    """The folder for a new case called `name`. Raises `BadInput` when it exists or names no outcome."""
    if not _NAME.fullmatch(name):
        words = "is no name of a case; write an outcome, a dash and words, like no_slots-new_wording"
        raise BadInput(Problem(f'"{name}"', words))
    if not pages.is_dir():
        raise BadInput(Problem(str(pages), "is no folder; run this in the repository, or give --pages"))
    folder = pages / platform / name
    if folder.exists():
        raise BadInput(Problem(str(folder), "is there already; choose another name"))
    return folder


def write(
    folder: Path,
    target: Target,
    capture: Capture,
    *,
    note: str,
    origin: PageOrigin,
    source: str,
    seen: Seen | None = None,
) -> list[Path]:
    """Write `folder` from a masked capture, whole or not at all. Returns its files. Raises `OSError`.

    `seen` is what the person who recorded it saw herself.
    """
    if folder.exists():
        raise FileExistsError(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with made_whole(folder) as made:
        made.mkdir()
        _write(made, target, capture, {"note": note, "origin": origin, "source": source}, seen)
    return sorted(folder.iterdir())


def _write(
    folder: Path, target: Target, capture: Capture, head: Mapping[str, str], seen: Seen | None
) -> None:
    lines = [
        *_pairs(head),
        *(f"captured_at = {step.started_at:%Y-%m-%dT%H:%M:%SZ}" for step in capture.steps[:1]),
        *_pairs({"transport": capture.transport}),
        *("", "[target]", *_pairs(_described(target))),
        *(("", "[seen]", *_pairs(_told(seen))) if seen else ()),
    ]
    for step in capture.steps:
        lines += ["", "[[step]]", *_pairs(_kept(folder, step))]
    (folder / "case.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _described(target: Target) -> dict[str, Any]:
    """The fields of the target that a reader may use; préfecture and démarche are not needed to read."""
    usual = {field.name: field.default for field in fields(Target)}
    said = {name: getattr(target, name) for name in ("url", "zone", "desk")}
    kept = {name: value for name, value in said.items() if value != usual[name]}
    return {**kept, "options": dict(target.options)} if target.options else kept


def _told(seen: Seen) -> dict[str, Any]:
    said = {"verdict": seen.verdict, "earliest": seen.earliest}
    return {name: value for name, value in said.items() if value}


def _kept(folder: Path, step: Step) -> dict[str, Any]:
    """The step as in `case.toml`, without usual values; writes its bodies as files into `folder`."""
    kind = (step.header("content-type") or "").split(";")[0].strip().lower()
    said: dict[str, Any] = {
        "method": step.method if step.method != "GET" else None,
        "url": step.url,
        "final_url": step.final_url if step.final_url != step.url else None,
        "redirects": list(step.redirects),
        "status": step.status,
        "content_type": step.header("content-type"),
        "file": _file(folder, f"{step.n}.{_KINDS.get(kind, 'html')}", step.body),
        "rendered": _file(folder, f"{step.n}.rendered.html", (step.rendered or "").encode()),
        "dialogs": list(step.dialogs),
        "failure": step.failure,
        "detail": step.detail,
    }
    return {name: value for name, value in said.items() if value}


def _file(folder: Path, name: str, content: bytes) -> str | None:
    if not content:
        return None
    (folder / name).write_bytes(content)
    return name


def _pairs(said: Mapping[str, Any]) -> Iterator[str]:
    """Lines of TOML. JSON's way to write strings and lists of strings is valid TOML; a day stands bare."""
    for name, value in said.items():
        yield f"{name} = {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_value(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
