"""Whether the words that decided were seen: their ink in a browser, over plain HTTP their styles. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from selectolax.lexbor import LexborNode

from probes.answer import Answer
from probes.model import Capture, Ink, Outcome, Reading, Step
from probes.pages import marks
from probes.pages.page import WORDS_LIMIT, Page, children, label, normalise, parse, text
from probes.pages.styling.sight import Sight

MOST_DECIDING = 60


def deciding(answer: Answer, step: Step) -> tuple[str, ...]:
    """The words of a page that a reading may stand on, as the page writes them, at most `MOST_DECIDING`.

    A session looks for their ink while the page stands still.
    """
    return tuple(_deciding(answer, parse(step)))


def _deciding(answer: Answer, page: Page) -> list[str]:
    found = [*marks.said(page, (*answer.none, *answer.some)), *marks.offered_words(page, answer)]
    return list(dict.fromkeys(filter(None, found)))[:MOST_DECIDING]


def seen(reading: Reading, capture: Capture) -> list[tuple[int, Ink]]:
    """The words that decided and had ink, each with the number of its step; none where nobody measured it.

    Nobody did over plain HTTP and in captures of older versions.
    """
    answers = (part.words for part in reading.parts if part.outcome is reading.outcome)
    said = [quoted(each) for each in (reading.words, *answers)] if reading.outcome.conclusive else []
    measured = [(step.n, ink) for step in capture.steps for ink in step.ink or ()]
    return [(n, ink) for n, ink in measured if any(_belongs(normalise(ink.words), each) for each in said)]


def decided(reading: Reading, capture: Capture) -> tuple[Ink, ...]:
    """Where the words that decided stand on the picture of `capture`; empty where nobody can tell."""
    return certain(reading.outcome, [ink for n, ink in seen(reading, capture) if n == capture.pictured])


def shown_by(reading: Reading, capture: Capture, pictures: Mapping[int, bytes]) -> Capture:
    """`capture` with the picture of the step whose words decided, out of `pictures`, by number of step.

    As it is when no picture shows them. Of desks with slots that is the one whose words the reading quotes.
    """
    said = quoted(reading.words)
    steps = sorted(seen(reading, capture), key=lambda found: normalise(found[1].words) != said)
    best = next((n for n, _ink in steps if n in pictures), None)
    return capture if best is None else replace(capture, screenshot=pictures[best], pictured=best)


def certain(outcome: Outcome, words: Sequence[Ink]) -> tuple[Ink, ...]:
    """`words`, or none of them where a reading could mean them at another place than theirs.

    An hour stands in many places of a calendar. Any place of a sentence that says « none » says the same.
    """
    return tuple(words) if outcome is Outcome.NO_SLOTS or all(ink.places == 1 for ink in words) else ()


def has_ink(said: str, page: Page, answer: Answer) -> bool:
    """Whether all of `said` that could decide has ink, or ink was not measured, or it was an alert's.

    A quotation may name more than the inked words: an hour with its column's day, for example.
    """
    wanted = quoted(said)
    if page.step.ink is None or alerted(wanted, page):
        return True
    inked = [normalise(each.words) for each in page.step.ink]
    could = [normalise(each) for each in _deciding(answer, page)]
    needed = [each for each in could if _belongs(each, wanted)]
    return bool(needed) and all(any(each in shown for shown in inked) for each in needed)


def veil(said: str, page: Page, answer: Answer) -> str:
    """The declaration that may hide what decided of the quotation `said`; empty when none does.

    Some words may stand at several places: one place without such a declaration is enough.
    """
    wanted, styled = quoted(said), page.styled
    if styled.sight is None or alerted(wanted, page):
        return ""
    if blind := next((each for each in styled.unread if each not in page.unread), ""):
        return blind
    could = [normalise(each) for each in _deciding(answer, page)]
    needed = [each for each in could if _belongs(each, wanted)] or [wanted]
    return next(filter(None, (_veil_of(each, styled, styled.sight, answer) for each in needed)), "")


def _veil_of(wanted: str, page: Page, sight: Sight, answer: Answer) -> str:
    holders = list(_holders(page.first("body"), wanted)) or marks.placed(page, answer)
    return min((_doubt(sight, node) for node in holders), key=bool, default="")


def _doubt(sight: Sight, node: LexborNode) -> str:
    """What may hide the words of `node`, or a part of them."""
    inside = (each for each in node.css("*") if each.mem_id != node.mem_id and text(each))
    return next(filter(None, map(sight.doubt, (node, *inside))), "")


def _holders(node: LexborNode | None, wanted: str) -> Iterator[LexborNode]:
    """The innermost elements that hold the normalised words `wanted`, or have them as their label."""
    left = [node] if node and _holds(node, wanted) else []
    while left:
        around = left.pop(0)
        inner = [each for each in children(around) if _holds(each, wanted)]
        left = [*inner, *left]
        if not inner:
            yield around


def _holds(node: LexborNode, wanted: str) -> bool:
    labels = (label(each) for each in node.css("input, button, [aria-label]"))
    return wanted in normalise(text(node)) or any(wanted in normalise(each) for each in labels)


def alerted(wanted: str, page: Page) -> bool:
    """Whether an alert of the page says the normalised words `wanted`."""
    return bool(wanted) and any(wanted in normalise(each) for each in page.step.dialogs)


def quoted(said: str) -> str:
    """A quotation normalised, without the « … » of one that was cut."""
    return normalise(said[:-1] if len(said) == WORDS_LIMIT and said.endswith("…") else said)


def _belongs(words: str, wanted: str) -> bool:
    """Whether `words` that could decide hold the quotation `wanted`, or stand in it as whole words."""
    inside = wanted and words and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", wanted)
    return bool(inside) or bool(wanted and wanted in words)
