"""The slots that a page of RDV Service Public shows: at places, in a week, of sessions for several people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from selectolax.lexbor import LexborNode

from probes.model import Outcome, Precision, Reading, Slot, Target
from probes.pages import contract, dates, marks, starts
from probes.pages.page import (
    Page,
    lines,
    normalise,
    query_of,
    text,
    words,
)
from probes.platforms.rdv_service_public.answer import ANSWER, ANSWERS, CHOICES, NEXT, SESSION, WEEK
from probes.platforms.rdv_service_public.search import is_wanted, place_of


@dataclass(frozen=True, slots=True)
class Place:
    """One place and its next slot, `None` when its date cannot be read; `said` are the page's words.

    `number` is empty if no link has it.
    """

    label: str
    number: str
    slot: Slot | None
    said: str


def answers_on(target: Target, page: Page) -> Iterator[tuple[str, Reading]]:
    """(label, reading) of each wanted place with slots; then, with an empty label, of the slots shown.

    One doubtful date, of any place, is the only answer of the page; so is a contradiction.
    """
    if page.path not in ANSWERS:
        return
    places, shown = list(places_on(target, page)), [*_choices(target, page), *_sessions(target, page)]
    said = [place.said for place in places] + [words for _slot, words in shown]
    slots = [place.slot for place in places] + [slot for slot, _words in shown]
    doubt = contract.contradiction([page], ANSWER) or (
        contract.doubtful(slots, page, target.tz, said=said[0]) if said else None
    )
    if doubt:
        yield "", doubt
        return
    for place in places:
        if place.slot and is_wanted(target, place.label):
            yield place.label, _offered("next_availability", place.said, target, [place.slot], count=None)
    if shown and is_wanted(target, place_of(page)):
        known = [slot for slot, _words in shown if slot]
        yield "", _offered("week", shown[0][1], target, known, count=len(known))


def _offered(rule: str, said: str, target: Target, slots: list[Slot], *, count: int | None) -> Reading:
    earliest, second = starts.first_two(slots, target.tz)
    return Reading(
        outcome=Outcome.SLOTS_OFFERED, rule=rule, words=said, earliest=earliest, second=second, slots=count
    )


def places_on(target: Target, page: Page) -> Iterator[Place]:
    """The places for which `page` says « Prochaine disponibilité le … », also those that are not wanted."""
    weeks = {node.mem_id for node in page.nodes(f"{WEEK} strong")}
    for date_node in marks.free(page, "strong"):
        said, label, number = _card(date_node)
        label = place_of(page) if date_node.mem_id in weeks or not label else label
        slot = starts.slot(text(date_node), tz=target.tz, reference=page.day(target.tz), place=label or None)
        if said:
            yield Place(label, number, slot, words(said))


def _card(date_node: LexborNode) -> tuple[str, str, str]:
    """(sentence, heading, number) around a date: the place's name and number; each empty if not found."""
    said = number = ""
    wanted = NEXT + normalise(text(date_node))
    node = date_node.parent
    while node is not None and node.tag not in ("main", "section", "body"):
        said = said or (text(node) if normalise(text(node)) == wanted else "")
        number = number or "".join(re.findall(r"lieu_id=([0-9]{1,9})", node.html or "")[:1])
        if heading := node.css_first("h3, h4, .card-title"):
            return said, text(heading), number
        node = node.parent
    return said, "", number


def _choices(target: Target, page: Page) -> Iterator[tuple[Slot | None, str]]:
    """The slots of the week shown, each with its label. The date is `starts_at` in the link's URL.

    A date that the label or the column contradicts, or an hour that the label does, cannot be read.
    """
    today = page.day(target.tz)
    columns: dict[int, list[date | None]] = {}
    for link in marks.free(page, CHOICES):
        starts_at = dict(query_of(link.attributes.get("href") or "")).get("starts_at", "")
        place = place_of(page) or None
        slot = starts.slot(starts_at, tz=target.tz, reference=today, place=place)
        named = (dates.days(_label_of(link), reference=today), _days_above(link, today, columns))
        agreed = slot is not None and all(starts.agree(slot.day(target.tz), each) for each in named)
        yield (
            slot if agreed and _same_hour(link, slot, target) else None,
            _said_of(link),
        )


def _said_of(link: LexborNode) -> str:
    """What a slot's link says: its label with the day, if the hour that is shown stands in it as shown."""
    shown, named = text(link), link.attributes.get("aria-label") or ""
    return words(named if normalise(shown) in normalise(named) else shown or named)


def _same_hour(link: LexborNode, slot: Slot | None, target: Target) -> bool:
    """Whether the hours in a link's text and label are that of its slot; of a period, the first one."""
    if slot is None or slot.precision is Precision.DAY:
        return True
    at = slot.starts_at.astimezone(target.tz).time()
    return starts.begin(text(link), at) and starts.begin(link.attributes.get("aria-label") or "", at)


def _label_of(link: LexborNode) -> str:
    return f"{link.attributes.get('aria-label') or ''} · {text(link)}"


def _days_above(link: LexborNode, today: date, known: dict[int, list[date | None]]) -> list[date | None]:
    """The days named in the nearest element around a slot that names any, up to its week.

    `known` keeps those of each element: a week has many slots.
    """
    node = link.parent
    while node is not None and node.tag not in ("main", "section", "body"):
        if node.mem_id not in known:
            known[node.mem_id] = dates.days(_without_links(node), reference=today)
        if known[node.mem_id] or (node.attributes.get("id") or "").startswith("creneaux-lieu-"):
            return known[node.mem_id]
        node = node.parent
    return []


def _without_links(node: LexborNode) -> str:
    links = {line for link in node.css("a") for line in lines(link)}
    return " ".join(line for line in lines(node) if line not in links)


def _sessions(target: Target, page: Page) -> Iterator[tuple[Slot | None, str]]:
    """The sessions for several people that one may join, each with the heading that has its date."""
    open_ones = {node.mem_id for node in marks.free(page, f"{SESSION} .card-footer a")}
    for card in page.nodes(SESSION):
        links = [node for node in card.css(".card-footer a") if node.mem_id in open_ones]
        said = text(card.css_first(".card-header"))
        if any(normalise(text(link)) == "s'inscrire" for link in links):
            today = page.day(target.tz)
            when = re.sub(r"aujourd'hui à ([0-9]{2})h", rf"{today} \1:", normalise(said))
            yield starts.slot(when, tz=target.tz, reference=today), words(said)
