"""`decisions.toml`: court decisions, notices, redesigns and outages, each with its day, scope and source.

They are drawn on every panel about a target in their scope, and « avant / après » compares the weeks around
one. All of them are written by a person; none is inferred from data.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from monitor.problems import BadInput, Problem, parse_toml, read_text
from monitor.settings.explain import by_cause, explain
from probes.model import Target


class EventKind(StrEnum):
    """What kind of event it is; the values are those to write in the file."""

    DECISION = "decision"
    NOTICE = "notice"
    REDESIGN = "redesign"
    OUTAGE = "outage"
    READER = "reader"
    CLAIM = "claim"


KINDS = {
    EventKind.DECISION: "décision de justice",
    EventKind.NOTICE: "annonce de la préfecture",
    EventKind.REDESIGN: "refonte du site",
    EventKind.OUTAGE: "panne ou fermeture",
    EventKind.READER: "nouvelle version de lecture",
    EventKind.CLAIM: "chiffre officiel",
}


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
        raise ValueError(f'"{text}" is not a short name; use lower-case letters, digits and hyphens')
    return text


def _link(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise ValueError(f'"{url}" is not a link; write it like "https://…"')
    return url


class Decision(BaseModel):
    """One dated event. An empty scope field means all: `departement` alone covers every démarche there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, AfterValidator(_name)]
    kind: EventKind = Field(examples=["decision"])
    day: date = Field(examples=["2026-03-01"])
    complied: date | None = None
    title: Annotated[str, Field(min_length=1, max_length=200)]
    source: Annotated[str, AfterValidator(_link)]
    departement: str | None = None
    target: str | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Decision:
        if self.complied and self.complied < self.day:
            raise ValueError(f"complied ({self.complied}) lies before day ({self.day})")
        return self

    def concerns(self, target: Target) -> bool:
        """Whether the event is drawn on the panels of `target`."""
        return self.target in (None, target.id) and self.departement in (None, target.departement)


def read_decisions(path: Path) -> tuple[Decision, ...]:
    """The events of the file in order of day; none when there is no file. Raises `BadInput`."""
    if not path.exists():
        return ()
    tables = parse_toml(read_text(path), str(path))
    events = tables.pop("decision", [])
    if tables or not isinstance(events, list):
        what = f'"{min(tables, default="decision")}" is not a list of events; write each under [[decision]]'
        raise BadInput(Problem(str(path), what))
    found = [_checked(path, n, table) for n, table in enumerate(events, start=1)]
    names = Counter(decision.id for decision in found)
    if twice := [name for name, times in names.items() if times > 1]:
        raise BadInput(Problem(str(path), f'the id "{twice[0]}" is used twice; give each event its own'))
    return tuple(sorted(found, key=lambda decision: (decision.day, decision.id)))


def _checked(path: Path, n: int, table: object) -> Decision:
    try:
        return Decision.model_validate(table)
    except ValidationError as error:
        problems = [
            Problem(f"{path}, decision {n}", f"{'.'.join(map(str, e['loc']))} {explain(e, Decision)}".strip())
            for e in by_cause(error.errors())
        ]
        raise BadInput(*problems) from None
