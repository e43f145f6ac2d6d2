"""`decisions.toml`: court decisions, notices, redesigns and outages, each with its day, scope and source.

They are drawn on every panel about a target in their scope, and « avant / après » compares the weeks around
one. All of them are written by a person; none is inferred from data.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from monitor.days import Day
from monitor.problems import BadInput, Problem, parse_toml, quoted, read_text
from monitor.rules import personal
from monitor.settings.alerts import Departement
from monitor.settings.explain import by_cause, explain
from monitor.targets import mentions
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


def _of_nobody(title: str) -> str:
    if kind := personal.found(title):
        raise ValueError(f"the title holds {kind}, and dashboards would show it; leave it out")
    return title


def _link(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise ValueError(f'"{url}" is not a link; write it like "https://…"')
    return url


class Decision(BaseModel):
    """One dated event. An empty scope field means all: `departement` alone covers every démarche there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, AfterValidator(_name)]
    kind: EventKind = Field(examples=["decision"])
    day: Day = Field(examples=["2026-03-01"])
    complied: Day | None = None
    title: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_of_nobody)]
    source: Annotated[str, AfterValidator(_link)]
    departement: Departement | None = None
    target: str | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Decision:
        if self.complied and self.complied < self.day:
            raise ValueError(f"complied ({self.complied}) lies before day ({self.day})")
        return self

    def concerns(self, target: Target) -> bool:
        """Whether the event is drawn on the panels of `target`."""
        return self.target in (None, target.id) and self.departement in (None, target.departement)


def read_decisions(path: Path, targets: Mapping[str, Target]) -> tuple[Decision, ...]:
    """The events of the file in order of day; none when there is no file.

    Raises `BadInput`, also for an event whose scope holds none of `targets` (by id): no panel would show it.
    """
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
    if idle := [problem for decision in found for problem in _out_of_scope(path, decision, targets)]:
        raise BadInput(*idle)
    return tuple(sorted(found, key=lambda decision: (decision.day, decision.id)))


def _out_of_scope(path: Path, decision: Decision, targets: Mapping[str, Target]) -> Iterator[Problem]:
    where = f"{path}, decision {quoted(decision.id)}"
    if decision.target is None:
        return
    yield from mentions.unknown(f"{where}, target", [decision.target], targets)
    own = targets.get(decision.target)
    if own and decision.departement not in (None, own.departement):
        words = f'"{decision.departement}" is not that of {own.id}; write departement = "{own.departement}"'
        yield Problem(f"{where}, departement", words)


def _checked(path: Path, n: int, table: object) -> Decision:
    try:
        return Decision.model_validate(table)
    except ValidationError as error:
        problems = [
            Problem(f"{path}, decision {n}", f"{'.'.join(map(str, e['loc']))} {explain(e, Decision)}".strip())
            for e in by_cause(error.errors())
        ]
        raise BadInput(*problems) from None
