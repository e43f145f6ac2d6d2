"""What a page of RDV Service Public without slots says: none, or that the motif is gone."""

from __future__ import annotations

import re

from probes.model import NoSlotsKind, Outcome, Reading, Target
from probes.pages import marks, signals
from probes.pages.page import (
    Page,
    normalise,
    query_of,
    text,
    words,
)
from probes.platforms.rdv_service_public.answer import ANSWERS, GONE, NEXT, NONE, WEEK
from probes.platforms.rdv_service_public.search import (
    SLUG,
    is_later,
    is_named,
    is_wanted,
    motif_of,
    named_by,
    place_of,
)


def none_on(target: Target, page: Page) -> Reading:
    """`no_slots` if the page says so and shows the chosen motif; `closed` if it or the motif is gone.

    Else `unrecognised`.
    """
    if gone := page.line(GONE):
        return _gone(target, page, gone)
    anywhere, place = page.line(NONE), place_of(page)
    if not anywhere:
        return signals.unrecognised("empty_week" if page.has(WEEK) else "unknown_page", said=page.heading)
    said = _said_none(page)
    if NEXT in normalise(page.text):
        return signals.unrecognised("contradiction", said=anywhere)
    if not motif_of(page):
        return signals.unrecognised("motif_step", said=anywhere)
    if is_later(target, page):
        return signals.unrecognised("later_week", said=f"date={page.query('date')}")
    if place and not is_wanted(target, place):
        return signals.unrecognised("other_desk", said=place)
    if not said or page.path not in ANSWERS:
        return signals.unrecognised("out_of_place", said=anywhere)
    kind = NoSlotsKind.UNSPECIFIED
    return Reading(outcome=Outcome.NO_SLOTS, rule="none_found", words=said, kind=kind)


def _gone(target: Target, page: Page, said: str) -> Reading:
    """`closed`, unless `said` names another motif than the target's, or another place than the page does."""
    slug = dict(query_of(target.url)).get(SLUG, "").rpartition("-")[0]
    named, _, where = normalise(said).removeprefix("le motif ").partition(" n'est plus disponible")
    where, place = where.rpartition("à la réservation à ")[2].rstrip("."), normalise(place_of(page))
    if re.search("[a-z]", slug) and not is_named(slug, named_by(named)[0]):
        return signals.unrecognised("other_motif", said=said)
    if place and place not in where and where not in place:
        return signals.unrecognised("other_desk", said=said)
    return Reading(outcome=Outcome.CLOSED, rule="motif_gone", words=said)


def _said_none(page: Page) -> str:
    """The sentence, if it is all that an element of the page's content says, and no quotation."""
    around = f"{marks.ASIDE}, li, figure, {marks.UNUSABLE}"
    for node in marks.outside(page, "main div, main p, section div, section p", around):
        if NONE.fullmatch(normalise(text(node))):
            return words(text(node))
    return ""
