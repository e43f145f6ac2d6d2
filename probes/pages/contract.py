"""The contract of a conclusive reading, checked in one place after any platform's own rules (dd-008). No I/O.

« Slots » and « no slots » are claims. What does not hold in full is `unrecognised`, and its rule says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date

from selectolax.lexbor import LexborNode

from probes.answer import Answer, Lines
from probes.model import Outcome, Reading, Step, Target
from probes.pages import signals
from probes.pages.page import MAX_RUN, Page, lines, normalise, parse, text, words

MOST_DECIDING = 60
YEARS_AHEAD = 3


def held(
    reading: Reading,
    target: Target,
    pages: Sequence[Page],
    answer: Answer,
    *,
    accepted: AbstractSet[str] = frozenset(),
) -> Reading:
    """`reading`, or `unrecognised` with the first rule of the contract that it breaks.

    `pages` are those of the visit. `accepted` are normalised lines that a person found harmless. A reading
    that concludes nothing is returned as it is.
    """
    if not reading.outcome.conclusive:
        return reading
    checks: tuple[Callable[[], Reading | None], ...] = (
        lambda: _restless(pages),
        lambda: _not_quoted(reading, pages),
        lambda: _not_seen(reading, pages),
        lambda: _contradicted(reading, pages, answer),
        lambda: _unknown_line(reading, pages, answer, accepted),
        lambda: _out_of_time(reading, target, pages),
    )
    return next((broken for check in checks if (broken := check())), reading)


def deciding(answer: Answer, step: Step) -> tuple[str, ...]:
    """The words of a page that a reading may stand on, as the page writes them, at most `MOST_DECIDING`.

    A session looks for their ink while the page stands still.
    """
    page = parse(step)
    said = [
        *_said(page, (*answer.none, *answer.some)),
        *(text(node) or _label(node) for node in _offers(page, answer)),
    ]
    return tuple(dict.fromkeys(filter(None, said)))[:MOST_DECIDING]


def contradiction(pages: Sequence[Page], answer: Answer) -> Reading | None:
    """`unrecognised` when the pages of one answer show marks of « none » and marks of « some »."""
    none, some = _marks_of_none(pages, answer), _marks_of_some(pages, answer)
    if none and some:
        return signals.unrecognised("contradiction", said=f"{none} · {some}")
    return None


def _restless(pages: Sequence[Page]) -> Reading | None:
    moving = next((page for page in pages if page.step.settled is False), None)
    return signals.unrecognised("restless", said=moving.heading) if moving else None


def _quotes(reading: Reading) -> Iterator[str]:
    """The words that decided: the reading's, and those of each desk that answered."""
    yield reading.words
    yield from (part.words for part in reading.parts if part.outcome.conclusive)


def _not_quoted(reading: Reading, pages: Sequence[Page]) -> Reading | None:
    for said in _quotes(reading):
        if not any(_received(said, page) for page in pages):
            return signals.unrecognised("not_quoted", said=said)
    return None


def _received(said: str, page: Page) -> bool:
    """Whether `said` was received with this step: as visible text, a label, an alert or a JSON answer."""
    wanted = normalise(said.removesuffix("…"))
    return any(wanted in normalise(shown) for shown in _shown(page))


def _shown(page: Page) -> Iterator[str]:
    yield page.text
    yield from page.buttons
    yield from page.step.dialogs
    yield from (node.attributes.get("aria-label") or "" for node in page.nodes("[aria-label]"))
    if page.is_data:
        yield page.raw


def _not_seen(reading: Reading, pages: Sequence[Page]) -> Reading | None:
    """`not_seen` when the words came only from pages whose ink was measured, and have none there."""
    for said in _quotes(reading):
        wanted = normalise(said.removesuffix("…"))
        sources = [page for page in pages if _received(said, page)]
        if sources and not any(_has_ink(wanted, page.step) for page in sources):
            return signals.unrecognised("not_seen", said=said)
    return None


def _has_ink(wanted: str, step: Step) -> bool:
    """Whether `wanted` has ink, all of it, or ink was not measured, or it was an alert's.

    A quotation may name more than the inked words: an hour with its column's day, for example.
    """
    if step.ink is None or any(wanted in normalise(each) for each in step.dialogs):
        return True
    inked = [normalise(each.words) for each in step.ink]
    return any(wanted in each or each in wanted for each in inked)


def _contradicted(reading: Reading, pages: Sequence[Page], answer: Answer) -> Reading | None:
    # With several desks, one may have slots and another none: their platform compares each desk's own pages.
    return contradiction(pages, answer) if len(reading.parts) < 2 else None


def _marks_of_none(pages: Sequence[Page], answer: Answer) -> str:
    for page in pages:
        said = _said(page, answer.none)
        said += [
            each
            for each in page.step.dialogs
            if any(one.fullmatch(normalise(each)) for one in answer.dialogs)
        ]
        if said:
            return words(said[0])
    return ""


def _marks_of_some(pages: Sequence[Page], answer: Answer) -> str:
    for page in pages:
        said = _said(page, answer.some) + _offered_words(page, answer)
        if said:
            return words(said[0]) or answer.offers
    return ""


def _said(page: Page, patterns: Lines) -> list[str]:
    """The lines of the page, or runs of a few lines, that one of `patterns` matches."""
    return [" ".join(page.lines[start:end]) for start, end in _runs(page.plain, patterns)]


def _runs(plain: Sequence[str], patterns: Sequence[re.Pattern[str]]) -> Iterator[tuple[int, int]]:
    """(start, end) of each run of one to `MAX_RUN` lines that a pattern matches as a whole."""
    all_of_it = " ".join(plain)
    # What is nowhere in the text is in none of its lines: one look instead of thousands.
    patterns = [pattern for pattern in patterns if pattern.search(all_of_it)]
    for start in range(len(plain)):
        for end in range(start + 1, min(start + MAX_RUN, len(plain)) + 1):
            if any(pattern.fullmatch(" ".join(plain[start:end])) for pattern in patterns):
                yield start, end
                break


def _offers(page: Page, answer: Answer) -> list[LexborNode]:
    """The elements that are slots: those that `offers` selects, without what is disabled, struck or full."""
    if not answer.offers:
        return []
    taken = {node.mem_id for node in page.nodes(answer.taken)} if answer.taken else set()
    return [node for node in page.nodes(answer.offers) if not taken & _lineage(node)]


def _offered_words(page: Page, answer: Answer) -> list[str]:
    """The text of each element that is a slot, or its label when it has no text."""
    return [text(node) or _label(node) for node in _offers(page, answer)]


def _matches(plain: str, patterns: Lines) -> bool:
    return any(pattern.fullmatch(plain) for pattern in patterns)


def _lineage(node: LexborNode) -> set[int]:
    """The identities of `node` and of the elements around it."""
    found: set[int] = set()
    above: LexborNode | None = node
    while above is not None:
        found.add(above.mem_id)
        above = above.parent
    return found


def _label(node: LexborNode) -> str:
    return words(node.attributes.get("value") or node.attributes.get("aria-label") or "")


def _unknown_line(
    reading: Reading, pages: Sequence[Page], answer: Answer, accepted: AbstractSet[str]
) -> Reading | None:
    """`unknown_line` when the answer's place says something that is neither answer nor furniture."""
    known = (*answer.none, *answer.some, *answer.furniture)
    for page in pages:
        if not any(_received(said, page) for said in _quotes(reading)):
            continue
        offers = {normalise(line) for node in _offers(page, answer) for line in lines(node)}
        for node in page.nodes(answer.place):
            shown = lines(node)
            for n in _unknown([normalise(line) for line in shown], known, offers | accepted):
                return signals.unrecognised("unknown_line", said=shown[n])
    return None


def _unknown(plain: list[str], known: Lines, spoken: AbstractSet[str]) -> Iterator[int]:
    covered = {n for start, end in _runs(plain, known) for n in range(start, end)}
    yield from (n for n, line in enumerate(plain) if n not in covered and line not in spoken)


def _out_of_time(reading: Reading, target: Target, pages: Sequence[Page]) -> Reading | None:
    if reading.outcome is not Outcome.SLOTS_OFFERED:
        return None
    today = pages[0].day(target.tz)
    for slot in (reading.earliest, reading.second):
        if slot and not today <= slot.day(target.tz) <= _years_later(today):
            return replace(signals.unrecognised("out_of_time", said=reading.words))
    return None


def _years_later(day: date) -> date:
    """The same day `YEARS_AHEAD` years later; 28 February for 29 February."""
    try:
        return day.replace(year=day.year + YEARS_AHEAD)
    except ValueError:
        return day.replace(year=day.year + YEARS_AHEAD, day=28)
