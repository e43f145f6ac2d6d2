"""For pages behind a CAPTCHA: what a person may open in an attended visit, and which page is kept.

No I/O. Vigie opens the first page, the person does the rest, and only the page that answers is kept and read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from probes.model import Target
from probes.pages.page import origin_of, path_of
from probes.stop_line import StopLine


@dataclass(frozen=True, kw_only=True, slots=True)
class Attendance:
    """How attended visits to one product are made.

    `procedure` is a regex; its first group is the part of a target's path before the step. `entrance` is the
    rest of the path where the person begins, `answer` that of the page to keep. `steps` are regexes that must
    match the whole rest of the path and query: the pages the person may open. `hosts` serve the CAPTCHA.
    """

    procedure: str
    entrance: str
    answer: str
    steps: tuple[str, ...]
    hosts: frozenset[str] = frozenset()

    def base(self, target: Target) -> str:
        """The path of the target's procedure. Raises `ValueError` if its URL is not one of the product."""
        found = re.match(self.procedure, path_of(target.url))
        if found is None:
            raise ValueError(f"{target.url} is no page of {target.platform}")
        return found[1]

    def opened(self, target: Target) -> str:
        """The URL at which the person begins."""
        return origin_of(target.url) + self.base(target) + self.entrance

    def answered(self, target: Target) -> str:
        """The path of the page that answers."""
        return self.base(target) + self.answer

    def stop_line(self, target: Target) -> StopLine:
        """A stop line with the pages of this procedure only and no form: the person types, not Vigie."""
        base = re.escape(self.base(target))
        return StopLine(paths=tuple(base + step for step in self.steps))


ATTENDED: Mapping[str, Attendance] = {
    "rdv_prefecture": Attendance(
        procedure=r"(/rdvpref/reservation/demarche/[0-9]{1,9})(?:/|$)",
        entrance="/cgu/",
        answer="/creneau/",
        # The pages after the answer, which ask for personal data, are not listed.
        steps=(
            r"/?",
            r"/cgu/?(?:\?error=\w{1,40})?",
            r"/(?:cgu/)?_validerCaptcha",
            r"/creneau/(?:\?[\w=&-]{0,200})?",
        ),
        hosts=frozenset(("api.piste.gouv.fr",)),
    ),
}
