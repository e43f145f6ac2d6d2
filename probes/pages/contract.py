"""The contract of a reading that claims something, checked in one place after a platform's own rules. No I/O.

« Slots », « no slots » and « requests are taken » are claims. What does not hold in full is `unrecognised`,
and its rule says why (dd-008).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborNode

from probes.answer import Answer, Lines
from probes.model import AcceptedLine, Outcome, Reading, Slot, Target, Transport
from probes.pages import marks, signals
from probes.pages.elsewhere import everywhere, hearing, outdated, remarks, statements, ways_to_more
from probes.pages.notices import doubts, unreal
from probes.pages.notices.harmless import refusal
from probes.pages.notices.today import as_now
from probes.pages.notices.usual import usual
from probes.pages.page import Page, label, lines, normalise, plain_lines
from probes.pages.received.age import age
from probes.pages.seen import alerted, has_ink, quoted, veil
from probes.pages.starts import bookable

# A cache may give a page of another day. A server's clock that is some hours wrong does not matter.
_OLD = timedelta(days=1)


def held(
    reading: Reading,
    target: Target,
    pages: Sequence[Page],
    answer: Answer,
    *,
    transport: Transport | None,
    accepted: Iterable[AcceptedLine] = (),
    known: AbstractSet[str] = frozenset(),
    dates: Iterable[Slot] = (),
) -> Reading:
    """`reading`, or `unrecognised` with the first rule of the contract that it breaks.

    `pages` are those of the visit, made over `transport`; for one desk of several it is `None`, and a later
    call judges the transport. `accepted` are lines that a person found harmless; those that nobody may
    accept are left out here again, and those without which the page is not known are noted in the reading.
    `known` are normalised lines that the platform itself knows on these pages. `dates` are the slots that
    were displayed: one date that cannot be true makes all of them doubtful. That a service is closed must be
    seen, whole and real, whatever else is said. A reading that claims nothing is returned as it is.
    """
    if reading.outcome is Outcome.CLOSED and not reading.failure:
        return _closed(_Claim(reading, target, pages, answer, known, frozenset(), transport))
    if not reading.outcome.claims:
        return reading
    desks = [target.desk or "", *(part.label for part in reading.parts)]
    harmless = {each.line: each for each in accepted if not refusal(each.line, answer, desks)}
    claim = _Claim(reading, target, pages, answer, known, frozenset(harmless), transport)
    checks: tuple[Callable[[], Reading | None], ...] = (
        claim.restless,
        claim.out_of_date,
        claim.not_quoted,
        claim.not_seen,
        claim.not_in_html,
        claim.unread_parts,
        claim.veiled,
        claim.contradicted,
        claim.out_of_place,
        claim.unknown_line,
        claim.unknown_remark,
        lambda: claim.out_of_time(dates),
        claim.unknown_statement,
    )
    broken = next((broken for check in checks if (broken := check())), None)
    return broken or replace(reading, accepted=tuple(harmless[line] for line in claim.needed()))


def _closed(claim: _Claim) -> Reading:
    # The ink of a closure's own words is measured only where they are marks of the platform's answer.
    marked = marks.matches(normalise(claim.reading.words), claim.answer.none)
    checks: tuple[Callable[[], Reading | None], ...] = (
        *(claim.restless, claim.out_of_date, *((claim.not_seen,) if marked else ())),
        *(claim.unread_parts, claim.veiled, claim.not_real),
    )
    return next((broken for check in checks if (broken := check())), claim.reading)


def contradiction(pages: Sequence[Page], answer: Answer) -> Reading | None:
    """`unrecognised` when the pages of one answer show marks of « none » and marks of « some »."""
    none, some = marks.of_none(pages, answer), marks.of_some(pages, answer)
    return signals.unrecognised("contradiction", said=f"{none} · {some}") if none and some else None


def doubtful(slots: Iterable[Slot | None], page: Page, tz: ZoneInfo, *, said: str) -> Reading | None:
    """`unrecognised` when a date of the page could not be read (`None`) or cannot be that of a slot.

    A page with one such date is not believed in any of them. A slot lies ahead of the visit, within
    `starts.YEARS_AHEAD` years. `said` is quoted.
    """
    for slot in slots:
        if slot is None:
            return signals.unrecognised("unreadable_date", said=said)
        if not bookable(slot, page.step.started_at, tz):
            return signals.unrecognised("out_of_time", said=said)
    return None


@dataclass(frozen=True, slots=True)
class _Claim:
    """A conclusive reading with all that it may stand on. Each method gives what is wrong, or `None`."""

    reading: Reading
    target: Target
    pages: Sequence[Page]
    answer: Answer
    known: AbstractSet[str]
    accepted: AbstractSet[str]
    transport: Transport | None
    received: dict[tuple[str, int], bool] = field(default_factory=dict)
    furniture: dict[str, bool] = field(default_factory=dict)

    def restless(self) -> Reading | None:
        moving = next((page for page in self.pages if page.step.settled is False), None)
        return signals.unrecognised("restless", said=moving.heading) if moving else None

    def out_of_date(self) -> Reading | None:
        """`out_of_date` when a page comes from a cache that says that it is more than a day old."""
        old = next((page for page in self.pages if age(page.step) > _OLD), None)
        return signals.unrecognised("out_of_date", said=old.heading) if old else None

    def not_quoted(self) -> Reading | None:
        return self._first_quote("not_quoted", lambda said: bool(self._sources(said)))

    def not_seen(self) -> Reading | None:
        """`not_seen` when the words came only from pages whose ink was measured, and have none there."""
        return self._first_quote(
            "not_seen", lambda said: any(has_ink(said, page, self.answer) for page in self._sources(said))
        )

    def not_in_html(self) -> Reading | None:
        """`not_in_html` over plain HTTP, unless the platform declares that its answer stands in the HTML."""
        if self.transport is not Transport.HTTP or self.answer.told_over_http:
            return None
        return signals.unrecognised("not_in_html", said=self.reading.words)

    def unread_parts(self) -> Reading | None:
        """`unread_parts` when what was not read could hide or change the words.

        Over plain HTTP that may be a sheet or a script; over both transports a frame or a canvas.
        """
        blind = next((page for page in self._speaking() if page.unread and not page.is_data), None)
        return signals.unrecognised("unread_parts", said=blind.unread[0]) if blind else None

    def veiled(self) -> Reading | None:
        """`unread_parts` over plain HTTP when a style may hide the words, or lay something over them."""
        for said in self._quotes():
            found = [veil(said, page, self.answer) for page in self._sources(said) if not page.is_data]
            if found and all(found):
                return signals.unrecognised("unread_parts", said=found[0])
        return None

    def contradicted(self) -> Reading | None:
        # With several desks, one may have slots and another none: their platform compares each desk's own
        # pages.
        # What a style rule hides over HTTP may be seen all the same: it counts here.
        shown = [page.unconcealed for page in self.pages]
        found = contradiction(shown, self.answer) if len(self.reading.parts) < 2 else None
        return (
            found
            or next(filter(None, (self._denied(page) for page in self._speaking())), None)
            or self._promised()
            or self._doubted()
        )

    def out_of_place(self) -> Reading | None:
        """`out_of_place` when the words stand only where this product gives no answer."""
        return self._first_quote(
            "out_of_place", lambda said: any(self._in_place(said, page) for page in self._sources(said))
        )

    def unknown_line(self) -> Reading | None:
        """`unknown_line` when the answer's place says something that is neither answer nor furniture."""
        unknown = next((line for line in self._all_unknown() if normalise(line) not in self.accepted), "")
        return signals.unrecognised("unknown_line", said=unknown) if unknown else None

    def unknown_remark(self) -> Reading | None:
        """`unknown_line` when the page speaks of slots elsewhere too, other than pages always do."""
        if self.reading.outcome is Outcome.REQUESTS_OPEN:
            return None
        none = self.reading.outcome is Outcome.NO_SLOTS
        asked, speaking = self.pages if none else self._speaking(), self._speaking() if none else ()
        said = chain(
            (each for page in asked for each in remarks(page, self.answer)),
            (each for page in speaking for each in self._ways_to_more(page)),
        )
        unknown = next(
            (line for plain, line in said if not (self._is_furniture(plain) or self._is_stressed(plain))), ""
        )
        return signals.unrecognised("unknown_line", said=unknown) if unknown else None

    def _is_stressed(self, plain: str) -> bool:
        """Whether normalised words stand on the pages only within the answer, as a part in bold letters."""
        around = [line for page in self.pages for line in page.plain if plain in line]
        return bool(around) and all(line != plain and line in self._answering_lines() for line in around)

    def _answering_lines(self) -> frozenset[str]:
        """The normalised lines that are an answer, alone or with those beside them."""
        marked = (*self.answer.none, *self.answer.some)
        return frozenset(
            page.plain[n]
            for page in self.pages
            for start, end in marks.runs(page.plain, marked)
            for n in range(start, end)
        )

    def _ways_to_more(self, page: Page) -> Iterator[tuple[str, str]]:
        return ways_to_more(page, self.answer, page.day(self.target.tz))

    def unknown_statement(self) -> Reading | None:
        """`unknown_line` when a page says of its service or slots what pages do not usually say."""
        unknown = next((line for plain, line in self._stated() if plain not in self.accepted), "")
        return signals.unrecognised("unknown_line", said=unknown) if unknown else None

    def needed(self) -> list[str]:
        """The accepted lines, normalised, that stand on the pages and that nothing else explains."""
        stated = [plain for plain, _line in self._stated()] if self.accepted else ()
        shown = dict.fromkeys((*map(normalise, self._all_unknown()), *stated))
        return [line for line in shown if line in self.accepted]

    def out_of_time(self, dates: Iterable[Slot]) -> Reading | None:
        if self.reading.outcome is not Outcome.SLOTS_OFFERED:
            return None
        tz, now = self.target.tz, self.pages[0].step.started_at
        for slot in (self.reading.earliest, self.reading.second, *dates):
            if slot and not bookable(slot, now, tz):
                return signals.unrecognised("out_of_time", said=f"{self.reading.words} · {slot.day(tz)}")
        return None

    def _quotes(self) -> Iterator[str]:
        """The words that decided: the reading's, and those of each desk that answered."""
        yield self.reading.words
        yield from (part.words for part in self.reading.parts if part.outcome.conclusive)

    def _first_quote(self, rule: str, good: Callable[[str], bool]) -> Reading | None:
        bad = next((said for said in self._quotes() if not good(said)), None)
        return None if bad is None else signals.unrecognised(rule, said=bad)

    def _sources(self, said: str) -> list[Page]:
        return [page for page in self.pages if self._receives(said, page)]

    def _speaking(self) -> list[Page]:
        """The pages that say the words that decided."""
        return [page for page in self.pages if any(self._receives(said, page) for said in self._quotes())]

    def _promised(self) -> Reading | None:
        """`contradiction` when a page before « none » says that there are slots, as in a desk's name."""
        before = self.pages if self.reading.outcome is Outcome.NO_SLOTS else ()
        line = next(filter(None, map(marks.promise, before)), "")
        return None if normalise(line) in self.known else self._against(line)

    def _receives(self, said: str, page: Page) -> bool:
        found = self.received.get((said, id(page)))
        if found is None:
            found = self.received[said, id(page)] = _received(said, page)
        return found

    def _denied(self, page: Page) -> Reading | None:
        return self._against(marks.denial(page, self.reading.outcome))

    def _against(self, line: str) -> Reading | None:
        if not line or self._is_answer(normalise(line)):
            return None
        return signals.unrecognised("contradiction", said=f"{self.reading.words} · {line}")

    def _doubted(self) -> Reading | None:
        """`contradiction` when a page of the visit, anywhere on it, says that the answer is not to be relied
        on. No accepted line mends this.
        """
        for page in self.pages:
            today = page.day(self.target.tz)
            said = [(as_now(plain, today), line) for plain, line in everywhere(page)]
            shown = [(plain, line) for plain, line in said if not self._is_furniture(plain)]
            if (n := doubts.doubt([plain for plain, _line in shown])) is not None:
                return signals.unrecognised("contradiction", said=f"{self.reading.words} · {shown[n][1]}")
            if against := next((line for plain, line in shown if unreal.unreal(plain)), ""):
                return signals.unrecognised("contradiction", said=f"{self.reading.words} · {against}")
        return None

    def not_real(self) -> Reading | None:
        """`contradiction` when a page says that it is a copy, a draft, a test or an example."""
        said = (line for page in self.pages for plain, line in everywhere(page) if unreal.unreal(plain))
        line = next(said, "")
        return signals.unrecognised("contradiction", said=f"{self.reading.words} · {line}") if line else None

    def _is_known(self, plain: str) -> bool:
        """Whether a normalised line or alert is an answer, a name, or one that is known beside it."""
        return plain in self.known or self._is_furniture(plain)

    def _is_furniture(self, plain: str) -> bool:
        found = self.furniture.get(plain)
        if found is None:
            known = (*self.answer.dialogs, *self.answer.furniture)
            found = self.furniture[plain] = self._is_answer(plain) or marks.matches(plain, known)
        return found

    def _is_answer(self, plain: str) -> bool:
        return marks.matches(plain, (*self.answer.none, *self.answer.some))

    def _in_place(self, said: str, page: Page) -> bool:
        wanted = quoted(said)
        if page.is_data or alerted(wanted, page):
            return True
        nodes = marks.placed(page, self.answer)
        labels = [label(node) for each in nodes for node in each.css("input, button, [aria-label]")]
        return _made_of(wanted, plain_lines([*marks.shown(nodes), *labels]))

    def _all_unknown(self) -> Iterator[str]:
        yield from (line for page in self._speaking() for line in self._unknown(page))
        alerts = (said for page in self.pages for said in page.step.dialogs)
        yield from (said for said in alerts if not self._is_known(normalise(said)))

    def _stated(self) -> Iterator[tuple[str, str]]:
        """The lines anywhere that state something unusual: normalised, and as written."""
        answer, speaking = self.answer, self._speaking()
        known = (*answer.none, *answer.some, *answer.dialogs, *answer.furniture)
        decided = set(map(normalise, self._quotes()))
        for page in self.pages:
            today = page.day(self.target.tz)
            asked = hearing(page, answer, self.reading.outcome, self.known, speaks=page in speaking)
            said = statements(page, known, asked, today)
            yield from ((plain, line) for plain, line in outdated(page, today) if plain not in decided)
            # A name on the page of the answer may say something of it, on another page of others.
            known_here = decided if page in speaking else decided | self.known
            yield from ((plain, line) for plain, line in said if plain not in known_here)

    def _labels(self, page: Page) -> frozenset[str]:
        """The normalised labels of what is offered, where they are no text."""
        return frozenset(normalise(label(node)) for node in marks.offers(page, self.answer))

    def _unknown(self, page: Page) -> Iterator[str]:
        """The lines of the answer's place that are neither answer nor furniture, as the page writes them."""
        answer = self.answer
        nodes = marks.placed(page, answer)
        # Beside a slot, others that are full say nothing new; beside « none » they might.
        offered = self.reading.outcome is Outcome.SLOTS_OFFERED
        full = _plain_lines(marks.taken(page, answer) if offered else ()) | self.known
        spoken = _plain_lines(marks.offers(page, answer)) | full
        known = (*answer.none, *answer.some, *answer.furniture, *answer.remarks)
        unknown = _not_known(marks.shown(nodes), known, spoken)
        yield from (line for line in unknown if not usual(normalise(line)))
        yield from _not_known(marks.told(nodes), known, spoken | self._labels(page))
        for each in marks.quoted(page, nodes):
            yield from _not_known(lines(each), answer.furniture, full)


def _plain_lines(nodes: Iterable[LexborNode]) -> frozenset[str]:
    return frozenset(plain_lines(marks.shown(nodes)))


def _received(said: str, page: Page) -> bool:
    """Whether `said` was received with this step: as visible text, a label, an alert or a JSON answer."""
    wanted = quoted(said)
    if alerted(wanted, page) or (page.is_data and wanted in normalise(page.raw)):
        return True
    return _made_of(wanted, page.spoken)


def _made_of(wanted: str, plain: Sequence[str]) -> bool:
    """Whether `wanted` stands in these normalised lines, or is made of whole ones among them.

    So an hour may be quoted with the day above its column, which stands elsewhere in the text.
    """
    if not wanted or wanted in " ".join(plain):
        return bool(wanted)
    whole, parts = set(plain), wanted.split(" ")
    reached = {0}
    for end in range(1, len(parts) + 1):
        if any(" ".join(parts[start:end]) in whole for start in reached):
            reached.add(end)
    return len(parts) in reached


def _not_known(shown: Sequence[str], known: Lines, spoken: AbstractSet[str]) -> Iterator[str]:
    plain = plain_lines(list(shown))
    covered = {n for start, end in marks.runs(plain, known) for n in range(start, end)}
    yield from (shown[n] for n, line in enumerate(plain) if n not in covered and line not in spoken)
