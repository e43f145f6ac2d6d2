"""One page that lies, or does not: what is served, and what may be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from probes.model import Outcome, Transport

NONE = frozenset({Outcome.NO_SLOTS})
SOME = frozenset({Outcome.SLOTS_OFFERED})
NOTHING = frozenset(outcome for outcome in Outcome if not outcome.conclusive)
"""What may be read where a person would not know either."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """One answer of the stand-in site. `late` is in seconds. `sends` is a path to redirect to.

    `when` are other paths to redirect to, by what the request's body contains. `headers` are sent as well.
    """

    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    late: float = 0.0
    sends: str = ""
    when: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """The answer in a page: its HTML, what goes into the head, and further paths it loads."""

    html: str
    head: str = ""
    more: Mapping[str, Served] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lie:
    """A visit with its label. `accept` are the outcomes that are true; `why` says so in one line.

    `blind` are outcomes that are true as well but tell less than the page does: counted apart. `slots` is how
    many slots the pages of the visit show.
    """

    name: str
    platform: str
    why: str
    accept: frozenset[Outcome]
    start: str
    pages: Mapping[tuple[str, str], Served]
    blind: frozenset[Outcome] = frozenset()
    earliest: datetime | date | None = None
    slots: int | None = None
    desk: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    transports: frozenset[Transport] = frozenset(Transport)
