"""What an answer of a booking product is made of: its place, its lines, its elements. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Lines = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class InHtml:
    """Whether the answer stands in what the server sends, before any script has spoken.

    Only then can it be read over plain HTTP. `reason` is one English sentence for operators.
    """

    stands: bool
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The marks by which a product says « none » or « some », and what may stand beside them.

    `place` is a CSS selector of the elements that hold an answer. The regexes must match a whole line, or a
    few whole lines joined by spaces, after `normalise`. `none` and `some` are lines that decide; `dialogs`
    are alerts that say « none ». `offers` is a CSS selector of the elements that are slots, or that lead to
    them; elements that match `taken` are not, whatever else they match. `furniture` are lines of the place
    that say nothing about slots; `remarks` are lines that a préfecture writes there itself, which may put the
    answer in doubt like any other line. `choices` are the names of the fields that may be ticked beside an
    answer. Nothing is ever concluded over plain HTTP unless `in_html` says that
    the answer stands there.
    """

    place: str
    none: Lines = ()
    some: Lines = ()
    dialogs: Lines = ()
    offers: str = ""
    taken: str = ""
    furniture: Lines = field(default=())
    remarks: Lines = ()
    choices: frozenset[str] = frozenset()
    in_html: InHtml | None = None

    @property
    def told_over_http(self) -> bool:
        """Whether the platform declares that its answer stands in the HTML that the server sends."""
        return self.in_html is not None and self.in_html.stands
