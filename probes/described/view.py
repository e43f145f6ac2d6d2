"""One page of a visit, read with the marks of a TOML description. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_plus

from selectolax.lexbor import LexborNode

from probes.described.description import PLACE, DatesTable, Description, Mark
from probes.model import NoSlotsKind, Outcome, Reading, Slot, Target
from probes.pages import contract, dates, marks, signals, starts
from probes.pages.page import Page, lines, normalise, text, words
from probes.stop_line import asked

NOWHERE = "x-nowhere"
"""A selector that matches nothing: the place of an alert, which stands on no page."""
_WHOLE_PAGES = ("body", "main", "html", "article", "section", "form")


@dataclass(frozen=True, slots=True)
class Sign:
    """One place where a mark matched: the words there, the desk they belong to, and their date if any."""

    said: str
    desk: str = ""
    slot: Slot | None = None
    node: LexborNode | None = None


@dataclass(frozen=True, slots=True)
class View:
    """One page with the description `said`; `names` are the values of its `{name}`s."""

    said: Description
    names: Mapping[str, str]
    target: Target
    page: Page

    def offers(self) -> Iterator[tuple[str, Reading]]:
        """(desk, reading) for slots of the wanted desk; a doubt about one date goes before them.

        Nothing if the page also says that there are none.
        """
        if any(self.signs(mark) for mark in self._marks(Outcome.NO_SLOTS)):
            return
        for mark in self._marks(Outcome.SLOTS_OFFERED):
            signs = self.signs(mark)
            if doubt := self._doubt(mark, signs):
                yield "", doubt
            signs = [sign for sign in signs if self._wanted(sign.desk)]
            if mark.counted and signs:
                yield "", _offered(mark, signs, self.target)
            elif not mark.counted:
                yield from ((sign.desk, _offered(mark, [sign], self.target)) for sign in signs)

    def _doubt(self, mark: Mark, signs: Sequence[Sign]) -> Reading | None:
        """`unrecognised` when one of the dates of `mark` cannot be read, or cannot be true."""
        slots = [sign.slot for sign in signs] if mark.dates else []
        if not slots:
            return None
        return contract.doubtful(slots, self.page, self.target.tz, said=signs[0].said)

    def places(self, mark: Mark) -> Iterator[str]:
        """CSS selectors of where `mark` is said on this page: its element, or the block around its words."""
        if mark.outcome is Outcome.SLOTS_OFFERED and mark.element:
            yield mark.element
        elif mark.outcome.conclusive and mark.within != "body":
            yield mark.within
        elif mark.outcome.conclusive and mark.element:
            yield from (_path(sign.node) for sign in self.signs(mark) if sign.node)
        elif mark.outcome.conclusive and not mark.alert:
            nodes = [self._smallest(sign.said) for sign in self.signs(mark)]
            yield from (_path(_block(node)) for node in nodes if node)

    def lines_of_slots(self) -> Iterator[str]:
        """The normalised lines of the elements that are slots, and of the desks' headings."""
        heading = self.said.desk.heading if self.said.desk else None
        for node in self.page.nodes(heading) if heading else ():
            yield from map(normalise, lines(node))
        for mark in self._marks(Outcome.SLOTS_OFFERED):
            nodes = [sign.node for sign in self.signs(mark) if sign.node]
            shown = [normalise(line) for node in nodes for line in lines(node)]
            yield from shown
            # Links that stand side by side make one line of their block.
            around = {node.parent.mem_id: node.parent for node in nodes if node.parent}
            said = {word for line in shown for word in line.split()}
            joined = (normalise(line) for block in around.values() for line in lines(block))
            yield from (line for line in joined if set(line.split()) <= said)

    def _smallest(self, said: str) -> LexborNode | None:
        """The smallest element whose text holds `said`."""
        node, wanted = self.page.first("body"), normalise(said.removesuffix("…"))
        while node is not None:
            inside = (each for each in node.iter() if wanted in normalise(text(each)))
            smaller = next(inside, None)
            if smaller is None:
                return node
            node = smaller
        return None

    def otherwise(self) -> Reading:
        """The reading of a page that shows no slots for the wanted desk."""
        for mark in self.said.mark:
            signs = [] if mark.outcome is Outcome.SLOTS_OFFERED else self.signs(mark)
            if signs and mark.outcome is Outcome.NO_SLOTS:
                return self._none(mark, signs[0])
            if signs:
                return self._plain(mark, signs[0])
        return signals.unrecognised("unknown_page", said=self.page.heading)

    def _none(self, mark: Mark, sign: Sign) -> Reading:
        some = [each for other in self._marks(Outcome.SLOTS_OFFERED) for each in self.signs(other)]
        if some:
            return signals.unrecognised("contradiction", said=f"{sign.said} · {some[0].said}")
        if not mark.alert and self._is_quoted(sign):
            return signals.unrecognised("out_of_place", said=sign.said)
        if sign.desk and not self._wanted(sign.desk):
            return signals.unrecognised("other_desk", said=sign.desk)
        kind = mark.kind or NoSlotsKind.UNSPECIFIED
        return Reading(outcome=Outcome.NO_SLOTS, rule=mark.rule, words=sign.said, kind=kind)

    def _is_quoted(self, sign: Sign) -> bool:
        """Whether the words stand only in a quotation, an example, something typed or something struck."""
        node = sign.node or self._smallest(sign.said)
        quoted = {each.mem_id for each in self.page.nodes(f"{marks.ASIDE}, {marks.UNUSABLE}")}
        while node is not None and node.mem_id not in quoted:
            node = node.parent
        return node is not None

    def _plain(self, mark: Mark, sign: Sign) -> Reading:
        """An inconclusive reading. For an element without `says`, the page's heading is quoted."""
        said = words(self.page.heading) if mark.element and not mark.says else sign.said
        return Reading(outcome=mark.outcome, rule=mark.rule, words=said)

    def _marks(self, outcome: Outcome) -> list[Mark]:
        return [mark for mark in self.said.mark if mark.outcome is outcome]

    def _wanted(self, desk: str) -> bool:
        return self.target.desk is None or normalise(self.target.desk) == normalise(desk)

    def signs(self, mark: Mark) -> list[Sign]:
        """Where `mark` matches on this page; empty if its path, `beside` or `without` does not fit."""
        path = PLACE.sub(lambda found: re.escape(self.names.get(found[1], "")), mark.path)
        if not re.fullmatch(path, asked(self.page.url)):
            return []
        if not all(map(self._holds, mark.beside)) or any(map(self._holds, mark.without)):
            return []
        if mark.element:
            return list(self._elements(mark, mark.element))
        said = self._words(mark)
        return [Sign(said, self._desk_of_page())] if said else []

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

    def _elements(self, mark: Mark, selector: str) -> Iterator[Sign]:
        """The elements that match `mark`, each with its words, desk and date."""
        slots = mark.outcome is Outcome.SLOTS_OFFERED
        free = marks.free(self.page, selector, self.said.taken or "") if slots else None
        for node in self.page.nodes(selector) if free is None else free:
            said = words((node.attributes.get(mark.quote) if mark.quote else None) or text(node))
            if said and (mark.says is None or re.fullmatch(mark.says, normalise(text(node)))):
                desk = self._desk_of(node) or self._desk_of_page()
                yield Sign(said, desk, self._slot(mark.dates, node, desk) if mark.dates else None, node)

    def _slot(self, how: DatesTable, node: LexborNode, desk: str) -> Slot | None:
        """The slot of `node`; `None` if its date cannot be read, or its text names another day or hour."""
        slot = self._dated(how, self._written(how, node), desk or None)
        tz, today = self.target.tz, self.page.day(self.target.tz)
        if slot and how.attribute and starts.contradicts(text(node), slot, tz=tz, reference=today):
            return None
        return slot

    def _written(self, how: DatesTable, node: LexborNode) -> str:
        written = (node.attributes.get(how.attribute) or "") if how.attribute else text(node)
        if how.part:
            found = re.search(how.part, written)
            written = found[1] if found else ""
        return unquote_plus(written) if how.attribute == "href" else written

    def _dated(self, how: DatesTable, written: str, place: str | None) -> Slot | None:
        if how.form == "unix":
            starts_at = dates.from_unix(written)
            return Slot(starts_at=starts_at, place=place) if starts_at else None
        day = self.page.day(self.target.tz)
        return starts.slot(written, tz=self.target.tz, reference=day, place=place)

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


def _block(node: LexborNode) -> LexborNode:
    """The block around the element that holds some words, unless that is a whole page."""
    around = node.parent
    return node if around is None or around.tag in _WHOLE_PAGES else around


def _path(node: LexborNode) -> str:
    """A CSS selector of `node` alone."""
    steps: list[str] = []
    at: LexborNode | None = node
    while at is not None and at.tag not in ("html", "-undef"):
        number, before = 1, at.prev
        while before is not None:
            number, before = number + before.is_element_node, before.prev
        steps.append(f":nth-child({number})")
        at = at.parent
    return " > ".join(["html", *reversed(steps)])


def _offered(mark: Mark, signs: list[Sign], target: Target) -> Reading:
    earliest, second = starts.first_two([sign.slot for sign in signs if sign.slot], target.tz)
    return Reading(
        outcome=Outcome.SLOTS_OFFERED,
        rule=mark.rule,
        words=signs[0].said,
        earliest=earliest,
        second=second,
        slots=len(signs) if mark.counted else None,
    )
