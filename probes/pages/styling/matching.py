"""Which elements the rules of style sheets hide, cover or disable. No I/O, bounded time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from probes.pages.styling import styles, stylesheet
from probes.pages.styling.styles import Style

# Rules with one of these style no element itself, or only one that a person types in or has opened, or are
# for other browsers than Chromium.
_STYLES_NO_ELEMENT = re.compile(
    r"::|:(?:before|after|first-line|first-letter|focus-within|focus-visible|target|host|-\w+-[\w-]+|fullscreen"
    r"|autofill|playing|user-(?:in)?valid|popover-open|modal)\b"
)
_AT_REST = re.compile(
    r":not\(:(?:focus-within|focus-visible|target|fullscreen|autofill|modal|popover-open)\)"
)

_WITHIN = re.compile(r"\([^()]*\)|\[[^\]]*\]")
_DEEPEST = 512
_NAME = re.compile(r"[.#]([\w-]+)")


class TooMuch(Exception):
    """It is not certain which elements are hidden."""


class Rules:
    """What the rules of a document do: those of its own `<style>` elements, and of `sheets`, linked ones.

    `disabled` are elements that are struck out or cannot be clicked, each with the declaration that says so.
    `names` are the classes and identities of the page, in lower case.
    `obscure` are rules that hide or disable something and whose selector, or sheet, was not understood.
    Raises `TooMuch` when the document's own rules cannot be read.
    """

    def __init__(self, tree: LexborHTMLParser, sheets: Sequence[str], *, own: bool) -> None:
        inner = "\n".join(_own(tree)) if own else ""
        of_page, linked = stylesheet.effects(inner), [stylesheet.effects(sheet) for sheet in sheets]
        if of_page is None:
            raise TooMuch
        known = [of_page, *(each for each in linked if each is not None)]
        self._known = known
        self._obscure = ["a style sheet"] * linked.count(None)
        self._tree = tree
        self.names = _names_in(tree) if any(known) else frozenset()
        self.hidden = [node for each in known for node in self._hidden(each)]
        self.disabled = [pair for each in known for pair in self._disabled(each)]
        self.covering = [node for each in known for node in self._laid_over(each)]

    @property
    def in_order(self) -> list[stylesheet.StyleRule]:
        """Every rule of the document's own sheets and of the linked ones."""
        return [rule for each in self._known for rule in each.rules]

    @property
    def selectors(self) -> Iterator[str]:
        """The selectors of every rule that does something to what is seen."""
        for each in self._known:
            yield from (rule.selector for rule in each.rules)
            yield from (*each.hide, *each.writing, *(selector for selector, _said in each.disable))

    @property
    def obscure(self) -> tuple[str, ...]:
        """The rules that hide or disable something and that were not understood, each once."""
        return tuple(dict.fromkeys(self._obscure))

    def lies_on_all(self, node: LexborNode, style: Style) -> bool:
        """Whether an element that covers what places it covers the page: nothing around it does."""
        if style.get("position") == "fixed":
            return True
        around = node.parent
        for _ in range(_DEEPEST):
            if around is None or around.mem_id in self._placing:
                return around is None
            around = around.parent
        return True

    @cached_property
    def _placing(self) -> set[int]:
        inline = self._tree.css("[style*='position' i]")
        found = {node.mem_id for node in inline if styles.positions(styles.declarations(_style_of(node)))}
        for each in self._known:
            for selector in each.positioned:
                found.update(node.mem_id for node in self._matched(selector) or ())
        return found

    def _laid_over(self, effects: stylesheet.Effects) -> Iterator[LexborNode]:
        for selector, style in effects.cover:
            yield from (node for node in self._matched(selector) or () if self.lies_on_all(node, style))

    def writing(self) -> list[str]:
        """The elements, as selectors, before or after which a rule writes words that are in no HTML.

        To be asked when what nobody sees has been taken out of the tree.
        """
        found = (selector for each in self._known for selector in each.writing)
        return [f"content: {each}" for each in dict.fromkeys(found) if self._matched(each) != []]

    def _disabled(self, effects: stylesheet.Effects) -> Iterator[tuple[LexborNode, str]]:
        for selector, declaration in effects.disable:
            found = self._matched(selector)
            if found is None and not _STYLES_NO_ELEMENT.search(_AT_REST.sub("", selector)):
                self._obscure.append(selector)
            yield from ((node, declaration) for node in found or ())

    def _hidden(self, effects: stylesheet.Effects) -> Iterator[LexborNode]:
        for selector in effects.hide:
            found = self._matched(selector)
            if found is None and not _STYLES_NO_ELEMENT.search(_AT_REST.sub("", selector)):
                self._obscure.append(selector)
            yield from found or ()

    def _matched(self, selector: str) -> list[LexborNode] | None:
        """The elements that match; `None` when the parser does not know such a selector."""
        # Most rules of a site are for other pages of it: one look at the names saves most searches.
        if not names(selector) <= self.names:
            return []
        try:
            return self._tree.css(_AT_REST.sub("", selector))
        except SelectolaxError:
            return None


@lru_cache(maxsize=20_000)
def names(selector: str) -> frozenset[str]:
    """The classes and identities, in lower case, without which `selector` matches nothing."""
    plain = _WITHIN.sub("", selector)
    # What a function such as `:not()` or an attribute holds is not needed; an escaped name is not looked at.
    return frozenset() if "(" in plain or "\\" in plain else frozenset(map(str.lower, _NAME.findall(plain)))


def _own(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("style"):
        if not stylesheet.is_print(node.attributes.get("media") or ""):
            yield node.text()


def _names_in(tree: LexborHTMLParser) -> frozenset[str]:
    found: set[str] = set()
    for node in tree.css("[class], [id]"):
        found.update((node.attributes.get("class") or "").lower().split())
        found.add((node.attributes.get("id") or "").lower())
    return frozenset(found)


def _style_of(node: LexborNode) -> str:
    return node.attributes.get("style") or ""
