"""A platform made from a TOML description. It walks and reads under the same rules as one written in Python.

The signals that all sites share are recognised first. Slots on any page decide, unless the same page also
says that there are none. « No slots » is believed only of the last page, and only if every page before it
could be read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote_plus, urljoin

from selectolax.lexbor import LexborNode

from probes import model
from probes.answer import Answer
from probes.described.description import PLACE, DatesTable, Description, Mark, Move
from probes.model import NoSlotsKind, Outcome, Reading, Session, Slot, Target
from probes.pages import dates, signals
from probes.pages.combine import combine
from probes.pages.page import Page, host_of, normalise, origin_of, parse, text, words
from probes.stop_line import Field, Form, StopLine, asked


class Described:
    """A `probes.model.Platform`. `version` is the description's own, then `+` and the description's hash."""

    def __init__(self, description: Description) -> None:
        self._said = description
        self._hosts = frozenset(description.hosts)
        digest = hashlib.sha256(description.model_dump_json().encode()).hexdigest()
        self.name = description.name
        self.version = f"{description.version}+{digest[:8]}"
        self.verified_on = description.verified_on
        self.transports = description.transports
        self.stop_line = _stop_line(description)
        self.answer = Answer(place="body")

    def accepts(self, url: str) -> bool:
        """Whether `url` matches one of `addresses` and, if `hosts` are given, is on one of them."""
        listed = self._address(url) is not None and self.stop_line.lists(url)
        return listed and (not self._hosts or host_of(url) in self._hosts)

    async def walk(self, target: Target, session: Session) -> None:
        """Make the steps described. Raises `ValueError` when the target lacks an option that a step needs."""
        names = self._names(target)
        page: Page | None = None
        for move in self._said.step:
            if _applies(move, page):
                page = parse(await _made(move, names, page, session))

    def read(self, target: Target, capture: model.Capture) -> Reading:
        """Look for the marks of the description on each page."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        if target.desk and self._said.desk is None:
            return signals.unrecognised("no_desk", said=pages[-1].heading)
        views = [_View(self._said, self._names(target), target, page) for page in pages]
        unsure = [signals.recognise(page, hosts=self._hosts) for page in pages]
        sound = [view for view, reading in zip(views, unsure, strict=True) if reading is None]
        answers = [answer for view in sound for answer in view.offers()]
        if answers:
            reading = combine(answers, target.tz)
        else:
            reading = next(filter(None, unsure), None) or views[-1].otherwise()
        if reading.outcome is Outcome.NO_SLOTS and not self._leads_through(pages):
            reading = signals.unrecognised("other_walk", said=reading.words)
        shown = (sound or views)[0].page
        notices = tuple(filter(None, (shown.line(re.compile(notice)) for notice in self._said.notices)))
        parts = tuple(part for part in reading.parts if part.label)
        return signals.confirmed(replace(reading, parts=parts, notices=notices), target, shown)

    def _leads_through(self, pages: list[Page]) -> bool:
        """Whether the described steps lead through exactly these pages.

        If not, a page was misread and the walk may have gone elsewhere.
        """
        seen = 0
        for move in self._said.step:
            page = pages[seen - 1] if seen else None
            if _applies(move, page) and seen < len(pages):
                seen += 1
        return seen == len(pages)

    def _address(self, url: str) -> re.Match[str] | None:
        sent = asked(url)
        return next((found for one in self._said.addresses if (found := re.fullmatch(one, sent))), None)

    def _names(self, target: Target) -> Mapping[str, str]:
        """The value of each `{name}`: options, groups of the address, `url` and `origin`; later ones win."""
        found = self._address(target.url)
        groups = {key: value or "" for key, value in found.groupdict().items()} if found else {}
        return {**target.options, **groups, "url": target.url, "origin": origin_of(target.url)}


def _stop_line(said: Description) -> StopLine:
    forms = tuple(
        Form(
            selector=form.selector,
            fields=tuple(Field(name=name, values=values) for name, values in form.fields.items()),
            buttons=form.buttons,
        )
        for form in said.stop_line.forms
    )
    return StopLine(paths=said.stop_line.paths, forms=forms, controls=said.stop_line.controls)


def _applies(move: Move, page: Page | None) -> bool:
    """Whether `page` has the elements that the step needs: that of `when`, and the link to follow."""
    needed = [selector for selector in (move.when, move.follow) if selector]
    return all(page is not None and page.has(selector) for selector in needed)


async def _made(move: Move, names: Mapping[str, str], page: Page | None, session: Session) -> model.Step:
    """Make one move of the walk; the step that it gives."""
    if move.submit:
        values = {name: _filled(value, names) for name, value in move.values.items()}
        return await session.submit(move.submit, values, button=move.button, until=move.until)
    if move.unfold:
        return await session.unfold(move.unfold, until=move.until)
    url = _link(page, move.follow) if page and move.follow else _filled(move.open, names)
    return await session.open(url, until=move.until)


def _link(page: Page, selector: str) -> str:
    link = page.first(selector)
    return urljoin(page.url, (link.attributes.get("href") or "") if link else "")


def _filled(template: str, names: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1] not in names:
            raise ValueError(f"the target has no option {found[1]!r}, which the description of its page uses")
        return names[found[1]]

    return PLACE.sub(value, template)


@dataclass(frozen=True, slots=True)
class _Sign:
    """One place where a mark matched: the words there, the desk they belong to, and their date if any."""

    said: str
    desk: str = ""
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class _View:
    """One page, read with the marks of a description."""

    said: Description
    names: Mapping[str, str]
    target: Target
    page: Page

    def offers(self) -> Iterator[tuple[str, Reading]]:
        """(desk, reading) for slots of the wanted desk; nothing if the page also says that there are none."""
        if any(self._signs(mark) for mark in self._marks(Outcome.NO_SLOTS)):
            return
        for mark in self._marks(Outcome.SLOTS_OFFERED):
            signs = _dated(mark, [sign for sign in self._signs(mark) if self._wanted(sign.desk)])
            if mark.counted and signs:
                yield "", _offered(mark, signs, self.target)
            elif not mark.counted:
                yield from ((sign.desk, _offered(mark, [sign], self.target)) for sign in signs)

    def otherwise(self) -> Reading:
        """The reading of a page that shows no slots for the wanted desk."""
        for mark in self.said.mark:
            signs = [] if mark.outcome is Outcome.SLOTS_OFFERED else self._signs(mark)
            if signs and mark.outcome is Outcome.NO_SLOTS:
                return self._none(mark, signs[0])
            if signs:
                return self._plain(mark, signs[0])
        return signals.unrecognised("unknown_page", said=self.page.heading)

    def _none(self, mark: Mark, sign: _Sign) -> Reading:
        if any(self._signs(each) for each in self._marks(Outcome.SLOTS_OFFERED)):
            return signals.unrecognised("contradiction", said=sign.said)
        if sign.desk and not self._wanted(sign.desk):
            return signals.unrecognised("other_desk", said=sign.desk)
        kind = mark.kind or NoSlotsKind.UNSPECIFIED
        return Reading(outcome=Outcome.NO_SLOTS, rule=mark.rule, words=sign.said, kind=kind)

    def _plain(self, mark: Mark, sign: _Sign) -> Reading:
        """An inconclusive reading. For an element without `says`, the page's heading is quoted."""
        said = words(self.page.heading) if mark.element and not mark.says else sign.said
        return Reading(outcome=mark.outcome, rule=mark.rule, words=said)

    def _marks(self, outcome: Outcome) -> list[Mark]:
        return [mark for mark in self.said.mark if mark.outcome is outcome]

    def _wanted(self, desk: str) -> bool:
        return self.target.desk is None or normalise(self.target.desk) == normalise(desk)

    def _signs(self, mark: Mark) -> list[_Sign]:
        """Where `mark` matches on this page; empty if its path, `beside` or `without` does not fit."""
        path = PLACE.sub(lambda found: re.escape(self.names.get(found[1], "")), mark.path)
        if not re.fullmatch(path, asked(self.page.url)):
            return []
        if not all(map(self._holds, mark.beside)) or any(map(self._holds, mark.without)):
            return []
        if mark.element:
            return list(self._elements(mark, mark.element))
        said = self._words(mark)
        return [_Sign(said, self._desk_of_page())] if said else []

    def _holds(self, condition: str) -> bool:
        selector = condition.removeprefix("css:")
        return (
            self.page.has(selector) if selector != condition else bool(self.page.line(re.compile(condition)))
        )

    def _words(self, mark: Mark) -> str:
        if mark.sentence:
            return self.page.says(mark.sentence, mark.within)
        if mark.line:
            return self.page.line(re.compile(mark.line), mark.within)
        pattern = re.compile(mark.alert or "")
        return next(
            (words(each) for each in self.page.step.dialogs if pattern.fullmatch(normalise(each))), ""
        )

    def _elements(self, mark: Mark, selector: str) -> Iterator[_Sign]:
        """The elements that match `mark`, each with its words, desk and date."""
        for node in self.page.nodes(selector):
            said = words((node.attributes.get(mark.quote) if mark.quote else None) or text(node))
            if said and (mark.says is None or re.fullmatch(mark.says, normalise(text(node)))):
                desk = self._desk_of(node) or self._desk_of_page()
                yield _Sign(said, desk, self._slot(mark.dates, node, desk) if mark.dates else None)

    def _slot(self, how: DatesTable, node: LexborNode, desk: str) -> Slot | None:
        written = (node.attributes.get(how.attribute) or "") if how.attribute else text(node)
        if how.part:
            found = re.search(how.part, written)
            written = found[1] if found else ""
        if how.attribute == "href":
            written = unquote_plus(written)
        if how.form == "unix":
            starts_at = dates.from_unix(written)
            return Slot(starts_at=starts_at, place=desk or None) if starts_at else None
        day = self.page.day(self.target.tz)
        return dates.slot(written, tz=self.target.tz, reference=day, place=desk or None)

    def _desk_of_page(self) -> str:
        line = self.said.desk.line if self.said.desk else None
        said = self.page.line(re.compile(line)) if line else ""
        found = line and (re.fullmatch(line, said, re.IGNORECASE) or re.fullmatch(line, normalise(said)))
        return found[1].strip() if found else ""

    def _desk_of(self, node: LexborNode) -> str:
        """The desk's heading in the smallest block around `node` that has one; empty if there is none."""
        heading = self.said.desk.heading if self.said.desk else None
        above = node.parent
        while heading and above is not None and above.tag not in ("main", "section", "body", "html"):
            if found := above.css_first(heading):
                return text(found)
            above = above.parent
        return ""


def _dated(mark: Mark, signs: list[_Sign]) -> list[_Sign]:
    """`signs`, checked for the dates that `mark` expects.

    Empty if none has a date. If only some have one, all dates are dropped: the earliest could be missing.
    """
    told = [sign for sign in signs if sign.slot]
    if not mark.dates or len(told) == len(signs):
        return signs
    return [replace(sign, slot=None) for sign in signs] if told else []


def _offered(mark: Mark, signs: list[_Sign], target: Target) -> Reading:
    earliest, second = dates.first_two([sign.slot for sign in signs if sign.slot], target.tz)
    return Reading(
        outcome=Outcome.SLOTS_OFFERED,
        rule=mark.rule,
        words=signs[0].said,
        earliest=earliest,
        second=second,
        slots=len(signs) if mark.counted else None,
    )
