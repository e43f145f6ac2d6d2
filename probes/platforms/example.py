"""A platform to copy: the « Guichet exemplaire », a booking page that exists only in our tests.

Copy this file and its pages under a new name, replace what the comments name, and add one line to
`probes/registry.py`. `docs/adding-a-platform.md` lists the steps.
"""

from __future__ import annotations

import re
from datetime import date

from probes import model
from probes.answer import Answer
from probes.model import NoSlotsKind, Outcome, Reading, Session, Target
from probes.pages import dates, signals
from probes.pages.page import Page, parse, path_of, text
from probes.stop_line import Field, Form, StopLine

# The sentences and elements by which the product says « some » or « none ». Write whole lines: the same words
# inside another sentence are not an answer.
NONE = "Aucun rendez-vous n'est proposé pour le moment."
CHOOSE = "Choisissez un rendez-vous"
SLOTS = "#rendez-vous-proposes li"

_PATH = re.compile(r"/guichet/[a-z0-9-]{1,80}(?:/rendez-vous)?")


class Example:
    """Write here which options a target of this platform may have (`options` in `targets.toml`)."""

    name = "example"
    # Change it whenever `read` can answer differently. Each stored reading has the version that made it.
    version = "1"
    # The day on which a page recorded from a real site was last read correctly. `None`: unproven.
    verified_on: date | None = None
    transports = frozenset(model.Transport)
    # Everything that the walk may request; the session refuses anything else. Never list the path of a slot
    # or a field for a name.
    answer = Answer(place="body")
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
        """Whether the path of `url` is one of this product."""
        return _PATH.fullmatch(path_of(url)) is not None

    async def walk(self, target: Target, session: Session) -> None:
        """Go to the page that answers, and stop there. Do not catch `VisitOver`: the caller does."""
        page = parse(await session.open(target.url, until=("form#conditions", "#reponse")))
        if page.has("form#conditions"):
            await session.submit(
                "form#conditions", {"accord": "oui"}, button="continuer", until=("#reponse",)
            )

    def read(self, target: Target, capture: model.Capture) -> Reading:
        """Apply the shared signals first, then read the page itself; else `unrecognised`."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        page = pages[-1]
        return signals.recognise(page) or signals.confirmed(_answer(target, page), target, page)


def _answer(target: Target, page: Page) -> Reading:
    """Only the page that answers may decide, and only by words or elements that are visible on it.

    That something is missing proves nothing: such a page is `unrecognised`.
    """
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
