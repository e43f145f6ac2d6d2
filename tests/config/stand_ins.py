"""Stand-in platforms, so that the catalogue's rules are tested apart from the platforms themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from monitor.targets.catalogue import CatalogueRules
from probes.answer import Answer, InHtml
from probes.model import Platform, Transport
from probes.option import TITLE, Option
from probes.stop_line import StopLine

BOTH = frozenset(Transport)
LISTED = StopLine(paths=("/.*",))
IN_HTML = Answer(place="main", in_html=InHtml(stands=True, reason="The server writes it."))
SILENT = Answer(place="main")
WEEKS = Option(
    name="weeks", values="[1-9]|[1-5][0-9]", looks="a number from 1 to 59", meaning="How many.", example="8"
)
CODE = Option(
    name="code",
    values="[0-9]{1,6}|\\{.*\\}",
    looks="a number or JSON",
    meaning="Which.",
    example='{"a": 1}',
    required=True,
)


@dataclass(frozen=True)
class StandIn:
    """As much of a platform as a catalogue asks for."""

    name: str
    pages: str
    transports: frozenset[Transport] = BOTH
    stop_line: StopLine = LISTED
    answer: Answer = IN_HTML
    options: tuple[Option, ...] = ()
    desks: bool = True

    def accepts(self, url: str) -> bool:
        return re.search(self.pages, url) is not None


PLATFORMS = cast(
    "Sequence[Platform]",
    (
        StandIn("classic", r"/booking/create/\d+", options=(TITLE, WEEKS)),
        StandIn("rdv_service_public", "/prendre_rdv"),
        StandIn("demarche_numerique", "/commencer/"),
        StandIn("coded", r"/coded/\d+", options=(CODE,)),
        StandIn(
            "rdv_prefecture", "/rdvpref/reservation/demarche/", frozenset({Transport.BROWSER}), desks=False
        ),
    ),
)

RULES = CatalogueRules(platforms=PLATFORMS)
SAYING_NOTHING = CatalogueRules(
    platforms=cast(
        "Sequence[Platform]",
        (
            StandIn("silent", "/silent", answer=SILENT),
            StandIn("silent_http", "/silent-http", frozenset({Transport.HTTP}), answer=SILENT),
        ),
    )
)
"""Platforms that do not say where their answer stands."""
