"""A platform made from a TOML description. It walks and reads under the same rules as one written in Python.

The signals that all sites share are recognised first. Slots on any page decide, unless a page of the visit
says that there are none. « No slots » is believed only of the last page, and only if every page before it
could be read. What is disabled, struck or full is no slot; one date that cannot be true is a doubt about all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urljoin

from probes import model
from probes.answer import Answer, InHtml
from probes.described.description import PLACE, Description, Mark, Move, OptionTable
from probes.described.view import NOWHERE, View
from probes.model import Outcome, Reading, Session, Target
from probes.option import TITLE, Option
from probes.pages import contract, furniture, marks, signals
from probes.pages.combine import combine
from probes.pages.page import Page, host_of, normalise, origin_of, parse
from probes.proof import Templates
from probes.stop_line import Field, Form, StopLine, asked


class Described:
    """A `probes.model.Platform`. `version` is the description's own, then `+` and the description's hash."""

    def __init__(self, description: Description) -> None:
        self._said = description
        self._hosts = frozenset(description.hosts)
        # Options are what the catalogue asks of a target; the same page is read alike whatever they say.
        digest = hashlib.sha256(description.model_dump_json(exclude={"option"}).encode()).hexdigest()
        self.name = description.name
        self.version = f"{description.version}+{digest[:8]}"
        self.verified_on = description.verified_on
        self.templates: Templates | None = None
        self.transports = description.transports
        self.stop_line = _stop_line(description)
        self.answer = _answer(description, description.mark, description.place or "body")
        self.options = tuple(_options(description))
        self.desks = description.desk is not None

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

    def read(
        self, target: Target, capture: model.Capture, accepted: Sequence[model.AcceptedLine] = ()
    ) -> Reading:
        """Look for the marks of the description on each page."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        if target.desk and self._said.desk is None:
            return signals.unrecognised("no_desk", said=pages[-1].heading)
        views = [View(self._said, self._names(target), target, page) for page in pages]
        unsure = [signals.recognise(page, hosts=self._hosts, answer=self.answer) for page in pages]
        sound = [view for view, reading in zip(views, unsure, strict=True) if reading is None]
        answers = [answer for view in sound for answer in view.offers()]
        doubt = next((each for _desk, each in answers if not each.outcome.conclusive), None)
        if answers:
            reading = doubt or combine(answers, target.tz)
        else:
            reading = next(filter(None, unsure), None) or views[-1].otherwise()
        if reading.outcome is Outcome.NO_SLOTS and not self._leads_through(pages):
            reading = signals.unrecognised("other_walk", said=reading.words)
        shown = (sound or views)[0].page
        notices = tuple(filter(None, (shown.line(re.compile(notice)) for notice in self._said.notices)))
        parts = tuple(dict.fromkeys(part for part in reading.parts if part.label))
        reading = signals.confirmed(replace(reading, parts=parts, notices=notices), target, shown)
        return self._held(reading, target, capture, sound, accepted)

    def _held(
        self,
        reading: Reading,
        target: Target,
        capture: model.Capture,
        views: Sequence[View],
        accepted: Sequence[model.AcceptedLine],
    ) -> Reading:
        """`reading`, held to the contract by the marks that apply to the pages of this visit."""
        if not reading.outcome.conclusive:
            return reading
        shown = [mark for mark in self._said.mark if any(view.signs(mark) for view in views)]
        place = self._said.place or ", ".join(
            dict.fromkeys(each for view in views for mark in shown for each in view.places(mark))
        )
        beside = [re.compile(each) for mark in shown for each in mark.beside if not each.startswith("css:")]
        spoken = {line for view in views for line in view.lines_of_slots()}
        spoken |= {line for view in views for line in view.page.plain if marks.matches(line, tuple(beside))}
        return contract.held(
            reading,
            target,
            signals.pages(capture),
            _answer(self._said, shown, place or NOWHERE),
            transport=capture.transport,
            accepted=accepted,
            known=frozenset(spoken),
        )

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


def _options(said: Description) -> Iterator[Option]:
    """The options that the description declares or uses, and `title`."""
    for name in sorted(said.names_used - {TITLE.name}):
        meaning = f"Fills {{{name}}} in the description of the page."
        table = said.option.get(name) or OptionTable(values=".+", looks="one line", example="…")
        yield Option(name=name, meaning=meaning, **table.model_dump())
    yield replace(TITLE, required=TITLE.name in said.names_used)


def _stop_line(said: Description) -> StopLine:
    forms = tuple(
        Form(
            selector=form.selector,
            fields=tuple(Field(name=name, values=values) for name, values in form.fields.items()),
            buttons=form.buttons,
        )
        for form in said.stop_line.forms
    )
    return StopLine(
        paths=said.stop_line.paths,
        forms=forms,
        controls=said.stop_line.controls,
        scripts=said.stop_line.scripts,
    )


def _answer(said: Description, marks: Sequence[Mark], place: str) -> Answer:
    """The contract's answer from the marks of a description, of which `marks` apply."""

    def lines_of(outcome: Outcome) -> tuple[re.Pattern[str], ...]:
        wanted = [mark for mark in marks if mark.outcome is outcome]
        given = [mark.line or mark.says or re.escape(normalise(mark.sentence or "")) for mark in wanted]
        return tuple(re.compile(each) for each in given if each)

    some = [mark for mark in marks if mark.outcome is Outcome.SLOTS_OFFERED]
    alerts = [mark.alert for mark in marks if mark.alert and mark.outcome is Outcome.NO_SLOTS]
    desk = [said.desk.line] if said.desk and said.desk.line else []
    declared = said.in_html
    return Answer(
        place=place,
        in_html=InHtml(stands=declared.stands, reason=declared.reason) if declared else None,
        none=lines_of(Outcome.NO_SLOTS),
        some=lines_of(Outcome.SLOTS_OFFERED),
        dialogs=tuple(map(re.compile, alerts)),
        offers=", ".join(mark.element for mark in some if mark.element and not mark.says),
        taken=said.taken or "",
        furniture=(*map(re.compile, (*said.furniture, *said.notices, *desk)), furniture.ANNOUNCEMENT),
    )


def _applies(move: Move, page: Page | None) -> bool:
    """Whether `page` has the elements that the step needs: that of `when`, and the link to follow."""
    needed = [selector for selector in (move.when, move.follow) if selector]
    return all(page is not None and page.has(selector) for selector in needed)


async def _made(move: Move, names: Mapping[str, str], page: Page | None, session: Session) -> model.Step:
    """Make one move of the walk; the step that it gives."""
    if move.submit:
        values = {name: _filled(value, names) for name, value in move.values.items()}
        return await session.submit(move.submit, values, button=move.button)
    if move.unfold:
        return await session.unfold(move.unfold)
    url = _link(page, move.follow) if page and move.follow else _filled(move.open, names)
    return await session.open(url)


def _link(page: Page, selector: str) -> str:
    link = page.first(selector)
    return urljoin(page.url, (link.attributes.get("href") or "") if link else "")


def _filled(template: str, names: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1] not in names:
            raise ValueError(f"the target has no option {found[1]!r}, which the description of its page uses")
        return names[found[1]]

    return PLACE.sub(value, template)
