"""A platform to copy: the « Guichet exemplaire », a booking page that exists only in our tests.

Copy this file and its pages under a new name, replace what the comments point at, and add one line to
`probes/registry.py`. `docs/adding-a-platform.md` has the steps.
"""

from __future__ import annotations

import re
from datetime import date

from probes import model
from probes.model import NoSlotsKind, Outcome, Reading, Session, Target
from probes.pages import dates, signals
from probes.pages.page import Page, parse, path_of, text
from probes.stop_line import Field, Form, StopLine

# The short strings by which the product says what it says. Whole lines: a mention elsewhere is not an answer.
NONE = "Aucun rendez-vous n'est proposé pour le moment."
CHOOSE = "Choisissez un rendez-vous"
SLOTS = "#rendez-vous-proposes li"

_PATH = re.compile(r"/guichet/[a-z0-9-]{1,80}(?:/rendez-vous)?")


class Example:
    """Say here which options a target of this platform may have."""

    name = "example"
    # Change it whenever `read` can answer differently; older readings keep the version that made them.
    version = "1"
    # The day a page recorded from a real site was last read rightly. Until then the platform is unproven.
    verified_on: date | None = None
    transports = frozenset(model.Transport)
    # All that a walk may ask for: no path of a slot, no field for a name. The session refuses anything else.
    stop_line = StopLine(
        paths=(_PATH.pattern,),
        forms=(
            Form(
                selector="form#conditions",
                fields=(Field(name="accord", values="oui"),),
                buttons=("continuer",),
            ),
        ),
    )

    def accepts(self, url: str) -> bool:
        """Whether `url` is a page of this product."""
        return _PATH.fullmatch(path_of(url)) is not None

    async def walk(self, target: Target, session: Session) -> None:
        """Go to the page that answers, and stop there. `VisitOver` is left to the caller."""
        page = parse(await session.open(target.url, until=("form#conditions", "#reponse")))
        if page.has("form#conditions"):
            await session.submit(
                "form#conditions", {"accord": "oui"}, button="continuer", until=("#reponse",)
            )

    def read(self, target: Target, capture: model.Capture) -> Reading:
        """Shared signals first, then what the page says itself, else `unrecognised`."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        page = pages[-1]
        return signals.recognise(page) or signals.confirmed(_answer(target, page), target, page)


def _answer(target: Target, page: Page) -> Reading:
    """Only the answering step may decide, and only by a visible mark. An absence proves nothing."""
    if not page.path.endswith("/rendez-vous"):
        return signals.unrecognised("not_the_answer", said=page.heading)
    none, choose = page.says(NONE, "#reponse"), page.says(CHOOSE, "h2")
    slots = [slot for node in page.nodes(SLOTS) if (slot := _slot(target, page, text(node)))]
    if slots and choose and not none:
        earliest, second = dates.first_two(slots, target.tz)
        return Reading(
            outcome=Outcome.SLOTS_OFFERED,
            rule="list",
            words=choose,
            earliest=earliest,
            second=second,
            slots=len(slots),
        )
    if none and not slots and not choose:
        kind = NoSlotsKind.UNSPECIFIED
        return Reading(outcome=Outcome.NO_SLOTS, rule="none_sentence", words=none, kind=kind)
    return signals.unrecognised("unknown_page", said=page.heading)


def _slot(target: Target, page: Page, line: str) -> model.Slot | None:
    return dates.slot(line, tz=target.tz, reference=page.day(target.tz))
