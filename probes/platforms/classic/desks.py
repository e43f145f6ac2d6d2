"""The desks that step 1 lists, and whether it may have others than those."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from probes.model import Outcome, Reading, Target
from probes.pages import marks, signals
from probes.pages.notices.harmless import refusal
from probes.pages.page import Page, lines, normalise, text, words
from probes.pages.visible import parsed
from probes.platforms.classic.addresses import step_of
from probes.platforms.classic.answer import ANSWER, DESKS, FORM, INNER

_CHOICES = "input[type='radio' i], input[type='checkbox' i]:not([name='condition'])"
_TYPED = "textarea, input:not([type]), input[type='text' i], input[type='number' i]"
_OTHER_WAYS = ", ".join(
    (
        "select:has(option + option)",
        f"{FORM} :is({_TYPED})",
        f"{INNER} a[href*='/booking/create/']",
        f"{FORM} ~ form:has([name='planning'])",
        f"{FORM} button:not([name='nextButton'], [type='button' i])",
        f"{FORM} input[type='submit' i]:not([name='nextButton'])",
    )
)
_ON_STEP_1 = re.compile(
    r"choix de la nature du rendez-vous|(?:que|quel\w*) .{1,80}\?"
    r"|\W*(?:choisi\w*|sélectionne\w*|veuillez) .{1,120}"
)
_MORE_DESKS = re.compile(
    r".*\b(?:autres?|suivante?s?|plus de|tous les) "
    r"(?:guichet|bureau|calendrier|planning|site|lieu|choi|page)\w*\b.*"
    r"|(?:guichet|bureau|calendrier|page)\w* suivante?s?|(?:voir|afficher|charger) (?:plus|la suite)\b.*"
)
_PAGES = re.compile(r"page [0-9]+ (?:sur|de|/) ?[0-9]+")


def desks_on(page: Page) -> dict[str, str]:
    """The labels of the desks on step 1, by desk number; empty on other steps.

    We look for labels: scripts hide the radio buttons and draw others in their place.
    """
    if step_of(page) != 1:
        return {}
    numbers = {
        (node.attributes.get("for") or "").removeprefix("planning"): node for node in page.nodes(DESKS)
    }
    return {number: text(node) for number, node in numbers.items() if re.fullmatch("[0-9]{1,9}", number)}


def other_choice(page: Page) -> str | None:
    """What else than the desks known can be chosen on step 1, in words; `None` when nothing can.

    What was received is looked through, not what is shown: a desk may lie in a closed tab.
    """
    desks, received = desks_on(page), parsed(page.raw)
    if not desks or received is None:
        return page.heading
    for radio in received.css(_CHOICES):
        if radio.attributes.get("name") != "planning" or radio.attributes.get("value") not in desks:
            return words(radio.attributes.get("value") or radio.attributes.get("name") or "")
    other = received.css_first(_OTHER_WAYS)
    return text(other) if other else page.line(_PAGES) or None


def half_known(page: Page) -> Reading | None:
    """`unrecognised` when step 1 may have more desks than it lists, or says something about one of them."""
    if page.unread:
        return signals.unrecognised("unread_parts", said=page.unread[0])
    if denied := marks.denial(page, Outcome.NO_SLOTS):
        return signals.unrecognised("contradiction", said=denied)
    said = next(chain(_ways_to_more(page), _remarks(page)), None)
    return None if said is None else signals.unrecognised("other_desks", said=said)


def _ways_to_more(page: Page) -> Iterator[str]:
    labels = (*page.buttons, *map(text, page.nodes("a")))
    return (each for each in labels if _MORE_DESKS.fullmatch(normalise(each)))


def _remarks(page: Page) -> Iterator[str]:
    """The lines beside the desks that nobody knows and that may be about slots or desks."""
    known = {*map(normalise, desks_on(page).values()), *map(normalise, page.buttons)}
    shown = (line for node in page.nodes(INNER) for line in lines(node))
    furniture = ANSWER.furniture
    unknown = (
        line
        for line in shown
        if normalise(line) not in known and not marks.matches(normalise(line), furniture)
    )
    others = (line for line in unknown if not _ON_STEP_1.fullmatch(normalise(line)))
    return (line for line in others if refusal(line, ANSWER))


def closed_on(page: Page) -> frozenset[str]:
    """The numbers of the desks on step 1 that cannot be chosen.

    A script may hide a radio button and draw another one; then what was received tells.
    """
    numbers = set()
    for number in desks_on(page):
        radio, label = f"input[name='planning'][value='{number}']", f"label[for='planning{number}']"
        shut = f"{radio}[disabled], fieldset[disabled] {radio}, {label}[aria-disabled='true' i]"
        received = None if page.has(radio) else parsed(page.raw)
        if page.has(shut) or (received and received.css_first(shut)):
            numbers.add(number)
    return frozenset(numbers)


def closed_names(pages: Sequence[Page]) -> frozenset[str]:
    """The normalised labels of the desks that cannot be chosen.

    That they are closed says nothing of others.
    """
    return frozenset(normalise(desks_on(page)[number]) for page in pages for number in closed_on(page))


def wanted_of(target: Target, desks: dict[str, str]) -> list[str]:
    chosen = normalise(target.desk or "")
    return [number for number, label in desks.items() if chosen in ("", normalise(label))]
