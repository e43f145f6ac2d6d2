"""A platform to copy: the « Guichet exemplaire », a booking page that exists only in our tests.

Copy this file and its pages under a new name, replace what the comments name, and add one line to
`probes/registry.py`. `docs/adding-a-platform.md` lists the steps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from probes import model
from probes.answer import Answer, InHtml
from probes.model import NoSlotsKind, Outcome, Reading, Session, Target
from probes.option import TITLE, Option
from probes.pages import contract, furniture, marks, signals, starts
from probes.pages.page import Page, normalise, parse, text
from probes.proof import Templates
from probes.stop_line import Field, Form, StopLine

# The sentences and elements by which the product says « some » or « none ». Write whole lines: the same words
# inside another sentence are not an answer.
NONE = "Aucun rendez-vous n'est proposé pour le moment."
CHOOSE = "Choisissez un rendez-vous"
SLOTS = "#rendez-vous-proposes li"

_PATH = re.compile(r"/guichet/[a-z0-9-]{1,80}(?:/rendez-vous)?")

# All of it together: where an answer stands, by which lines and elements it says « none » or « some », and
# what else may stand there. Any other line there makes the page `unrecognised`.
ANSWER = Answer(
    in_html=InHtml(
        stands=True, reason="The server writes the sentence and the list of appointments into its HTML."
    ),
    place="#reponse, #rendez-vous-proposes, h2",
    none=(re.compile(re.escape(normalise(NONE))),),
    some=(re.compile(re.escape(normalise(CHOOSE))),),
    offers=SLOTS,
    furniture=(re.compile(r"retour à l'accueil"), furniture.ANNOUNCEMENT),
)


class Example:
    """Write here what one target is, and what its `desk` names where the product has several."""

    name = "example"
    # Change it whenever `read` can answer differently. Each stored reading has the version that made it.
    version = "2"
    # The day on which a page recorded from a real site was last read correctly. `None`: unproven.
    verified_on: date | None = None
    templates: Templates | None = None
    transports = frozenset(model.Transport)
    answer = ANSWER
    # What `options` of a target in `targets.toml` may hold: the catalogue refuses any other, an empty one,
    # and one that does not look right. `signals.confirmed` checks `TITLE`; add what `walk` needs.
    options: tuple[Option, ...] = (TITLE,)
    desks = False
    # Everything that the walk may request; the session refuses anything else. Never list the path of a slot
    # or a field for a name.
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
        """Whether `url` is one of this product: never more than the stop line lists."""
        return self.stop_line.lists(url)

    async def walk(self, target: Target, session: Session) -> None:
        """Go to the page that answers, and stop there. Do not catch `VisitOver`: the caller does."""
        page = parse(await session.open(target.url))
        if page.has("form#conditions"):
            await session.submit("form#conditions", {"accord": "oui"}, button="continuer")

    def read(
        self, target: Target, capture: model.Capture, accepted: Sequence[model.AcceptedLine] = ()
    ) -> Reading:
        """Apply the shared signals, read the page itself, and hold what it says to the contract."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        page = pages[-1]
        reading = signals.recognise(page, answer=ANSWER) or signals.confirmed(
            _answer(target, page), target, page
        )
        return contract.held(reading, target, pages, ANSWER, transport=capture.transport, accepted=accepted)


def _answer(target: Target, page: Page) -> Reading:
    """Only the page that answers may decide, and only by words or elements that are visible on it.

    That something is missing proves nothing: such a page is `unrecognised`.
    """
    if not page.path.endswith("/rendez-vous"):
        return signals.unrecognised("not_the_answer", said=page.heading)
    none, choose = page.says(NONE, "#reponse"), page.says(CHOOSE, "h2")
    shown = [_slot(target, page, text(node)) for node in marks.free(page, SLOTS)]
    # One date that cannot be read or cannot be true makes the others doubtful.
    if doubt := contract.doubtful(shown, page, target.tz, said=choose):
        return doubt
    slots = [slot for slot in shown if slot]
    if slots and choose and not none:
        earliest, second = starts.first_two(slots, target.tz)
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
    return starts.slot(line, tz=target.tz, reference=page.day(target.tz))
