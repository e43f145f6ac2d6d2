"""Which elements and dates of a page are slots that it offers. No I/O.

A slot that is disabled, struck or full is none, and a page with one date that cannot be true is not believed
in any of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborNode

from probes.model import Reading, Slot
from probes.pages import dates, signals
from probes.pages.page import Page, lineage

FULL = re.compile(
    r"\b(?:complets?|complètes?|épuisée?s?|indisponibles?|annulée?s?|réservée?s?"
    r"|plus (?:de places?|disponibles?))\b"
)
"""What a slot that is none says of itself, normalised."""

_STRUCK = ("del", "s", "strike", "[style*='line-through' i]")
# The selector ignores the case of plain letters only.
_FULL_WORDS = (
    *("complet", "complèt", "COMPLÈT", "indisponible", "annul"),
    *("épuis", "Épuis", "ÉPUIS", "réservé", "Réservé", "RÉSERVÉ"),
)
_CELLS = ("a", "button", "li", "td")
TAKEN = ", ".join(
    (
        *("[disabled]", "[aria-disabled='true' i]", ".disabled", ".complet", "[inert]"),
        *_STRUCK,
        # What is inside a link or a button is said of it; of a list, only of one of its items.
        *(f"{tag}:has({struck})" for tag in ("a", "button") for struck in _STRUCK),
        *(f"{tag}:lexbor-contains('{word}' i)" for tag in _CELLS for word in _FULL_WORDS),
    )
)
"""A CSS selector of what is no slot, although it looks like one."""


def free(page: Page, selector: str, taken: str = TAKEN) -> list[LexborNode]:
    """The elements that `selector` matches, without those that `taken` matches, or an element around them."""
    gone = {node.mem_id for node in page.nodes(taken)}
    return [node for node in page.nodes(selector) if not gone & lineage(node)]


def doubtful(slots: Iterable[Slot | None], page: Page, tz: ZoneInfo, *, said: str) -> Reading | None:
    """`unrecognised` when a date of the page could not be read (`None`) or cannot be that of a slot.

    A slot lies on the day of the visit or within `dates.YEARS_AHEAD` years after it. `said` is quoted.
    """
    today = page.day(tz)
    for slot in slots:
        if slot is None:
            return signals.unrecognised("unreadable_date", said=said)
        if not dates.bookable(slot.day(tz), today):
            return signals.unrecognised("out_of_time", said=said)
    return None
