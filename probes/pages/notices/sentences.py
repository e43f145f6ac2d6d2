"""Sentences about a service: split, and told apart by when they hold. No I/O.

« Le service est indisponible le samedi 12 décembre » announces; « le service est indisponible » reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from probes.pages import dates
from probes.pages.page import Page, host_of, lines, normalise, text

MOST_LINES, MOST_CHARS = 25, 2_000
"""A page that says more than this, beside the sentence itself, says something else too."""
MOST_SENTENCE = 400

_END = re.compile(r"(?<=[.!?…])\s+")
_NOW = re.compile(r"\b(?:actuellement|momentanément|temporairement|provisoirement|maintenant|en ce moment)\b")
_DAYS = "|".join((*dates.WEEKDAYS, *dates.MONTHS))
_DATED = (
    rf"\b(?:{_DAYS}|matins?|matinée|soirs?|soirée|nuits?|midi|minuit|après-midi|week-ends?|demain|hier"
    r"|tous les|toutes les|chaque|programmée?s?|prévue?s?|planifiée?s?|aura lieu"
    r"|sera (?:en|indisponible|inaccessible|interrompu|fermé))\b|\b(?:(?:du|le) \d|jusqu'au \d)"
    r"|\b\d{1,2}\s?(?:h\b|h\d\d\b|heures?\b)|\b\d{1,2}[/.]\d{1,2}\b"
)
_ANNOUNCED = re.compile(_DATED)
_WHEN = re.compile(
    rf"{_DATED}|\b(?:aujourd'hui|entre|pendant|durant|lors|lorsque|depuis|prochaine?s?|en cas|dans le cas"
    r"|pour (?:l'envoi|la réception|les (?:sms|notifications|courriels?))"
    r"|aux heures|si|quand|parfois|souvent|régulièrement|peut|peuvent|risque|était|étaient)\b"
    r"|\b(?:jusqu'|lorsqu'|s'il|à (?:partir|compter) d|dès l|pourr)"
)
_FROM = re.compile(r"\b(?:à (?:compter|partir) d[ue]|dès) (?:l[ae] )?(?=.{0,40}?\d{4})")
_SINCE = re.compile(r"\bdepuis (?:le |la |l')?[^,.]{1,40}")
_UNTIL = re.compile(r"\bjusqu'(?:au|à nouvel ordre|à nouvel avis)\b")
_CHOICES = "select, textarea, input, [contenteditable]"
_NO_CHOICES = frozenset(("hidden", "submit", "button", "image", "reset", "search"))
_ONWARD = re.compile(
    r"(?:prendre|prenez|demander|réserver|choisir|effectuer|commencer|continuer|poursuivre|suivant"
    r"|[ée]tape suivante|valider|accepter|voir|rechercher)\b.{0,80}"
)
AROUND = (
    "header, nav, footer, aside, #header, #footer, #menu, [role='banner'], [role='navigation'], "
    "[role='contentinfo'], [role='complementary']"
)
"""What stands around the main place of a page of any site."""


def sentences(line: str) -> list[str]:
    """The sentences of a normalised line, each without its full stop."""
    return [part.rstrip(" .!…") for part in _END.split(line) if part]


def joined(said: Sequence[str], line: str) -> str:
    """Sentences of a normalised `line` as one line again; only the last one has a stop, if it had one."""
    return ". ".join(said) + ("." if said and line.endswith((".", "!", "…")) else "")


def reported(pattern: re.Pattern[str], plain: Sequence[str]) -> int | None:
    """The first of the normalised lines `plain` with a sentence that `pattern` matches and that holds now.

    Such a sentence has no day, time or condition in it; and no date beside it, unless it says « now ».
    """
    for n, line in enumerate(plain):
        parts = sentences(line)
        for part in parts:
            if not pattern.fullmatch(part) or _WHEN.search(part):
                continue
            beside = " ".join((*(other for other in parts if other != part), *plain[n + 1 : n + 2]))
            if _NOW.search(part) or not _ANNOUNCED.search(beside):
                return n
    return None


def applies_on(sentence: str, today: date) -> bool:
    """Whether a normalised sentence about a lasting change holds on `today`.

    « À compter du » a day needs one that has come, « jusqu'au » one that has not; both need a year.
    """
    if start := _FROM.search(sentence):
        when = dates.find(sentence[start.end() :], reference=today)
        return when is not None and when.day <= today
    if (end := _UNTIL.search(sentence)) and end[0].endswith("au"):
        when = dates.find(sentence[end.end() :], reference=today)
        dated = re.search(r"\d{4}", sentence[end.end() :])
        return bool(when and dated and when.day >= today)
    return not _WHEN.search(_UNTIL.sub("", _SINCE.sub("", sentence)))


@lru_cache(maxsize=16)
def main_lines(page: Page) -> tuple[str, ...]:
    """The normalised lines of the page's main place, without what stands around it on every page."""
    if main := page.nodes("main, [role='main']"):
        return tuple(normalise(line) for node in main for line in lines(node))
    around = [line for node in page.nodes(AROUND) for line in lines(node)]
    found = list(page.lines)
    for line in around:
        if line in found:
            found.remove(line)
    return tuple(map(normalise, found))


def says_little_else(page: Page, said: str) -> bool:
    """Whether `said` is about all that the page's main place says, and there is nothing to fill in."""
    others = [line for line in main_lines(page) if line != normalise(said)]
    return len(others) <= MOST_LINES and sum(map(len, others)) <= MOST_CHARS and not _has_choices(page)


def leads_on(page: Page) -> bool:
    """Whether a visitor can go on from this page on its own site, by filling in or by a button or link."""
    buttons = page.nodes("button, input[type='submit' i], input[type='button' i]")
    links = [
        node
        for node in page.nodes("main a[href], [role='main'] a[href], body > a[href], form a[href], p a[href]")
        if host_of(node.attributes.get("href") or "") in ("", page.host)
    ]
    labels = (normalise(node.attributes.get("value") or text(node)) for node in (*buttons, *links))
    return _has_choices(page) or any(_ONWARD.fullmatch(label) for label in labels)


def _has_choices(page: Page) -> bool:
    return any(
        (node.attributes.get("type") or "").lower() not in _NO_CHOICES for node in page.nodes(_CHOICES)
    )


def spoken(page: Page) -> Iterator[tuple[str, str]]:
    """(line as written, sentence normalised) of each sentence of the page's main place.

    Nothing when the place is longer than one message, and no sentence longer than `MOST_SENTENCE`.
    """
    main = main_lines(page)
    if sum(map(len, main)) > 2 * MOST_CHARS:
        return
    for shown, plain in zip(page.lines, page.plain, strict=True):
        if plain in main:
            yield from ((shown, part) for part in sentences(plain) if len(part) <= MOST_SENTENCE)
