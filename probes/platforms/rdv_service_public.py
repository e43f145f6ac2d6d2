"""RDV Service Public, `/prendre_rdv` (field guide, section 4): motif, then place, then slot; no CAPTCHA.

The sentence « aucun créneau » counts only on a page that also shows the chosen motif: on the step that lists
the motifs it means that the link is outdated. The link of a slot is never followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from selectolax.lexbor import LexborNode

from probes import model
from probes.answer import Answer
from probes.model import NoSlotsKind, Outcome, Reading, Session, Slot, Target
from probes.pages import dates, signals
from probes.pages.combine import combine
from probes.pages.page import Page, normalise, origin_of, parse, path_of, query_of, text, words
from probes.stop_line import StopLine

HOSTS = frozenset(
    ("rdv.anct.gouv.fr", "rdv.numerique.gouv.fr", "rdv-solidarites.fr", "www.rdv-solidarites.fr")
)
NONE = re.compile(
    r"malheureusement, aucun créneau correspondant à votre (?:recherche|invitation) n'a été trouvé\.?"
    r"(?: veuillez réessayer ultérieurement\.)?"
)
MOTIF = re.compile(r"motif : .{1,300}")
PLACE = re.compile(r"lieu : .{1,300}")
GONE = re.compile(r"le motif .{1,300} n'est plus disponible à la réservation à .{1,300}")
ANSWERS = ("/prendre_rdv", "/creneaux")
NEXT = "prochaine disponibilité le "
WEEK = "[id^='creneaux-lieu-']"
CHOICES = f"{WEEK} a[aria-label^='Choisir le créneau'][href*='starts_at=']"

# The site's robots.txt forbids the pages for prescribers, who book for somebody else.
_QUERY = r"(?:\?(?!.*prescri).*)?"
_ORGANISATION = r"/org/(?:[0-9]{1,9}(?:/[\w-]+)?|ext/[\w-]+/[\w-]+)"
_PATHS = (rf"/prendre_rdv{_QUERY}", rf"/creneaux{_QUERY}", rf"{_ORGANISATION}{_QUERY}")


@dataclass(frozen=True, slots=True)
class _Place:
    """One place and its next slot; `said` are the page's words. `number` is empty if no link has it."""

    label: str
    number: str
    slot: Slot
    said: str


class RdvServicePublic:
    """The target's URL names organisation and motif. The target's `desk`, if set, is the name of a place."""

    name = "rdv_service_public"
    version = "1"
    verified_on: date | None = None
    transports = frozenset(model.Transport)
    answer = Answer(place="body")
    stop_line = StopLine(paths=_PATHS)

    def accepts(self, url: str) -> bool:
        """Whether the path of `url` is a search for slots or an organisation's public link."""
        return any(re.fullmatch(path, path_of(url)) for path in _PATHS)

    async def walk(self, target: Target, session: Session) -> None:
        """Open the target's page, then at most one more.

        After an empty week, that is the list of all places; if places are listed, the week of the first slot.
        """
        page = parse(await session.open(target.url))
        places = list(_places(target, page))
        if page.has(WEEK) and not places and not page.has(CHOICES):
            await session.open(_search(page, lieu_id=None, date=None))
        if places and not page.has(CHOICES):
            first = min(places, key=lambda place: place.slot.starts_at)
            day = first.slot.day(target.tz).isoformat()
            await session.open(_search(page, lieu_id=first.number or None, date=day))

    def read(self, target: Target, capture: model.Capture) -> Reading:
        """`slots_offered` if any page shows slots; else the first page that is no empty week decides."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        sound = [page for page in pages if signals.recognise(page, hosts=HOSTS) is None]
        answers = [answer for page in sound for answer in _answers(target, page)]
        if answers:
            reading = combine(answers, target.tz)
        else:
            # The walk goes on only from an empty week, so the first other page is the answer.
            said = [signals.recognise(page, hosts=HOSTS) or _none(target, page) for page in pages]
            reading = next((each for each in said if each.rule != "empty_week"), said[-1])
        shown = sound[0] if sound else pages[-1]
        parts = tuple(part for part in reading.parts if part.label)
        reading = replace(reading, parts=parts, notices=tuple(filter(None, (shown.line(MOTIF),))))
        return signals.confirmed(reading, target, shown)


def _search(page: Page, **changes: str | None) -> str:
    """The search URL of `page` with `changes` to its parameters; a parameter that is `None` is left out."""
    kept = [(name, value) for name, value in query_of(page.url) if name not in changes]
    added = [(name, value) for name, value in changes.items() if value is not None]
    return f"{origin_of(page.url)}/prendre_rdv?{urlencode(kept + added)}"


def _answers(target: Target, page: Page) -> Iterator[tuple[str, Reading]]:
    """(label, reading) of each wanted place with slots; then, with an empty label, of the week shown."""
    if page.path not in ANSWERS or page.line(NONE):
        return
    for place in _places(target, page):
        yield place.label, _offered("next_availability", place.said, target, [place.slot], count=None)
    choices = list(_choices(target, page))
    if choices and _is_wanted(target, _place_of(page)):
        slots = [slot for slot, _said in choices]
        yield "", _offered("week", choices[0][1], target, slots, count=len(slots))


def _offered(rule: str, said: str, target: Target, slots: list[Slot], *, count: int | None) -> Reading:
    earliest, second = dates.first_two(slots, target.tz)
    return Reading(
        outcome=Outcome.SLOTS_OFFERED, rule=rule, words=said, earliest=earliest, second=second, slots=count
    )


def _places(target: Target, page: Page) -> Iterator[_Place]:
    """The wanted places for which `page` says « Prochaine disponibilité le … »."""
    for date_node in page.nodes("strong"):
        said, label, number = _card(date_node)
        label = label or _place_of(page)
        slot = dates.slot(text(date_node), tz=target.tz, reference=page.day(target.tz), place=label or None)
        if said and slot and _is_wanted(target, label):
            yield _Place(label, number, slot, words(said))


def _is_wanted(target: Target, label: str) -> bool:
    return target.desk is None or normalise(target.desk) == normalise(label)


def _place_of(page: Page) -> str:
    """The name of the chosen place; empty when none is chosen yet."""
    return page.line(PLACE).partition(":")[2].strip()


def _card(date_node: LexborNode) -> tuple[str, str, str]:
    """(sentence, heading, number) around a date: the place's name and number; each empty if not found."""
    said = number = ""
    wanted = NEXT + normalise(text(date_node))
    node = date_node.parent
    while node is not None and node.tag not in ("main", "section", "body"):
        said = said or (text(node) if wanted in normalise(text(node)) else "")
        number = number or "".join(re.findall(r"lieu_id=([0-9]{1,9})", node.html or "")[:1])
        if heading := node.css_first("h3, h4, .card-title"):
            return said, text(heading), number
        node = node.parent
    return said, "", number


def _choices(target: Target, page: Page) -> Iterator[tuple[Slot, str]]:
    """The slots of the week shown, each with its label. The date is `starts_at` in the link's URL."""
    for link in page.nodes(CHOICES):
        starts_at = dict(query_of(link.attributes.get("href") or "")).get("starts_at", "")
        place = _place_of(page) or None
        slot = dates.slot(starts_at, tz=target.tz, reference=page.day(target.tz), place=place)
        if slot:
            yield slot, words(link.attributes.get("aria-label") or text(link))


def _none(target: Target, page: Page) -> Reading:
    """`no_slots` if the page says so and shows the chosen motif; `closed` if the motif is gone.

    Else `unrecognised`.
    """
    if gone := page.line(GONE):
        return Reading(outcome=Outcome.CLOSED, rule="motif_gone", words=gone)
    said, motif, place = page.line(NONE), page.line(MOTIF), _place_of(page)
    if said and (page.has(CHOICES) or NEXT in normalise(page.text)):
        return signals.unrecognised("contradiction", said=said)
    if said and not motif:
        return signals.unrecognised("motif_step", said=said)
    if said and place and not _is_wanted(target, place):
        return signals.unrecognised("other_desk", said=place)
    if said and page.path in ANSWERS:
        kind = NoSlotsKind.UNSPECIFIED
        return Reading(outcome=Outcome.NO_SLOTS, rule="none_found", words=said, kind=kind)
    return signals.unrecognised("empty_week" if page.has(WEEK) else "unknown_page", said=page.heading)
