"""Where a page answers only once a person has shown that she is one: what she may open, and what we may keep.

Pure. The tool opens the page, the person does the rest, and only the page that answers is read.
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
    """How one product is attended.

    `procedure` is a regex whose first group is the part of a target's path before the step. `entrance` and
    `answer` are the steps after it: where the person begins, and what is kept. `steps` are full-match regexes
    of all those she may go to; `hosts` serve the CAPTCHA itself; `until` is what a whole answer shows.
    """

    procedure: str
    entrance: str
    answer: str
    steps: tuple[str, ...]
    hosts: frozenset[str] = frozenset()
    until: tuple[str, ...] = ()

    def base(self, target: Target) -> str:
        """Path of the target's procedure. Raises `ValueError` for an address that is none of theirs."""
        found = re.match(self.procedure, path_of(target.url))
        if found is None:
            raise ValueError(f"{target.url} is no page of {target.platform}")
        return found[1]

    def opened(self, target: Target) -> str:
        """The address the person begins at."""
        return origin_of(target.url) + self.base(target) + self.entrance

    def answered(self, target: Target) -> str:
        """The path of the page that answers."""
        return self.base(target) + self.answer

    def stop_line(self, target: Target) -> StopLine:
        """The pages of this one procedure, and no form of ours: the person types, we do not."""
        base = re.escape(self.base(target))
        return StopLine(paths=tuple(base + step for step in self.steps))


ATTENDED: Mapping[str, Attendance] = {
    "rdv_prefecture": Attendance(
        procedure=r"(/rdvpref/reservation/demarche/[0-9]{1,9})(?:/|$)",
        entrance="/cgu/",
        answer="/creneau/",
        # The personal data that come after the answer are not among them.
        steps=(
            r"/?",
            r"/cgu/?(?:\?error=\w{1,40})?",
            r"/(?:cgu/)?_validerCaptcha",
            r"/creneau/(?:\?[\w=&-]{0,200})?",
        ),
        hosts=frozenset(("api.piste.gouv.fr",)),
        until=("label[for^='trhId_']", ".q-expansion-item", "h2"),
    ),
}
