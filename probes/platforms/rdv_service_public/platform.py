"""RDV Service Public, `/prendre_rdv` (field guide, section 4): motif, then place, then slot; no CAPTCHA.

The sentence « aucun créneau » counts only on a page that also shows the chosen motif: on the step that lists
the motifs it means that the link is outdated. It must be all that the page says: beside an error, another
date or in a quotation it is no answer. The link of a slot is never followed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from probes import model
from probes.model import Outcome, Reading, Session, Target
from probes.option import TITLE
from probes.pages import contract, signals
from probes.pages.combine import combine
from probes.pages.page import Page, parse
from probes.platforms.rdv_service_public.answer import (
    ANSWER,
    ANSWER_OF_NONE,
    ANSWER_OF_SOME,
    CHOICES,
    HOSTS,
    WEEK,
)
from probes.platforms.rdv_service_public.none import none_on
from probes.platforms.rdv_service_public.offers import answers_on, places_on
from probes.platforms.rdv_service_public.search import (
    is_wanted,
    motif_of,
    named_on,
    of_another_search,
    search_from,
)
from probes.proof import Templates
from probes.stop_line import StopLine

# The site's robots.txt forbids the pages for prescribers, who book for somebody else.
_QUERY = r"(?:\?(?!.*prescri).*)?"
_ORGANISATION = r"/org/(?:[0-9]{1,9}(?:/[\w-]+)?|ext/[\w-]+/[\w-]+)"
_PATHS = (rf"/prendre_rdv{_QUERY}", rf"/creneaux{_QUERY}", rf"{_ORGANISATION}{_QUERY}")


class RdvServicePublic:
    """The target's URL names organisation and motif. The target's `desk`, if set, is the name of a place."""

    name = "rdv_service_public"
    version = "2"
    verified_on: date | None = None
    templates: Templates | None = None
    transports = frozenset(model.Transport)
    answer = ANSWER
    options = (TITLE,)
    desks = True
    stop_line = StopLine(paths=_PATHS)

    def accepts(self, url: str) -> bool:
        """Whether `url` is a search for slots or an organisation's public link, and not for prescribers."""
        return self.stop_line.lists(url)

    async def walk(self, target: Target, session: Session) -> None:
        """Open the target's page, then at most one more.

        After an empty week, that is the list of all places; if places are listed, the week of the first slot.
        """
        page = parse(await session.open(target.url))
        places = [place for place in places_on(target, page) if is_wanted(target, place.label)]
        dated = [(place.slot.starts_at, n) for n, place in enumerate(places) if place.slot]
        if page.has(WEEK) and not places and not page.has(CHOICES):
            await session.open(search_from(page, lieu_id=None, date=None))
        if dated and not page.has(CHOICES):
            first = places[min(dated)[1]]
            day = min(dated)[0].astimezone(target.tz).date().isoformat()
            number = first.number or page.query("lieu_id") or None
            await session.open(search_from(page, lieu_id=number, date=day))

    def read(
        self, target: Target, capture: model.Capture, accepted: Sequence[model.AcceptedLine] = ()
    ) -> Reading:
        """`slots_offered` if any page shows slots; else the first page that is no empty week decides."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        sound = [page for page in pages if _not_ours(page) is None]
        reading = _first_offer(target, sound) or _first_other(target, pages)
        if reading.outcome.claims:
            reading = next(filter(None, (of_another_search(target, page) for page in sound)), reading)
        shown = sound[0] if sound else pages[-1]
        notices = tuple(filter(None, (motif_of(shown),)))
        parts = tuple(dict.fromkeys(part for part in reading.parts if part.label))
        reading = signals.confirmed(replace(reading, parts=parts, notices=notices), target, shown)
        answer = ANSWER_OF_SOME if reading.outcome is Outcome.SLOTS_OFFERED else ANSWER_OF_NONE
        known = frozenset(name for page in sound for name in named_on(page))
        return contract.held(
            reading, target, pages, answer, transport=capture.transport, accepted=accepted, known=known
        )


def _not_ours(page: Page) -> Reading | None:
    """The reading of a page that is not the product's; `None` for its own, also with a notice on it."""
    return signals.recognise(page, hosts=HOSTS, answer=ANSWER)


def _first_offer(target: Target, pages: Sequence[Page]) -> Reading | None:
    """What the pages offer together; the first doubt about one of their dates goes before all offers."""
    answers = [answer for page in pages for answer in answers_on(target, page)]
    if not answers:
        return None
    doubt = next((reading for _label, reading in answers if not reading.outcome.conclusive), None)
    # Several answers are several places to the contract, which then leaves it to us to compare the pages.
    against = contract.contradiction(pages, ANSWER) if len(answers) > 1 else None
    return doubt or against or combine(answers, target.tz)


def _first_other(target: Target, pages: Sequence[Page]) -> Reading:
    # The walk goes on only from an empty week, so the first other page is the answer.
    said = [_not_ours(page) or none_on(target, page) for page in pages]
    return next((each for each in said if each.rule != "empty_week"), said[-1])
