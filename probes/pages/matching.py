"""Which elements the rules of style sheets hide, cover, colour or disable. No I/O, bounded time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from probes.pages import styles, stylesheet
from probes.pages.styles import WHITE, Colour, Style

# They style no element, or one only while a person points at it or types in it; or Chromium has none of them.
_OF_NO_ELEMENT = re.compile(
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
        self._names = _names_in(tree) if any(known) else frozenset()
        self.hidden = [node for each in known for node in self._hidden(each)]
        self.disabled = [pair for each in known for pair in self._disabled(each)]
        self.covering = [node for each in known for node in self._laid_over(each)]
        self._colours = [pair for each in known for pair in each.colours]

    @property
    def obscure(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._obscure))

    def grounds(self) -> dict[int, list[Colour | str]]:
        """What rules put behind each element, by its identity."""
        found: dict[int, list[Colour | str]] = {}
        for selector, _letters, ground in self._colours:
            if ground:
                for node in self._matched(selector) or ():
                    found.setdefault(node.mem_id, []).append(ground)
        return found

    def coloured(self, grounds: Iterable[Colour]) -> Iterator[tuple[LexborNode, Colour]]:
        """The elements whose letters rules give a colour like one of `grounds`."""
        behind = tuple(grounds)
        for selector, letters, _ground in self._colours:
            nodes = self._matched(selector) if letters else None
            if nodes and letters and any(styles.alike(letters, ground) for ground in behind):
                yield from ((node, letters) for node in nodes)

    def known_grounds(self) -> set[Colour]:
        """Every colour that a rule puts behind anything."""
        return {ground for _selector, _letters, ground in self._colours if isinstance(ground, tuple)}

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
            if found is None and not _OF_NO_ELEMENT.search(_AT_REST.sub("", selector)):
                self._obscure.append(selector)
            yield from ((node, declaration) for node in found or ())

    def _hidden(self, effects: stylesheet.Effects) -> Iterator[LexborNode]:
        for selector in effects.hide:
            found = self._matched(selector)
            if found is None and not _OF_NO_ELEMENT.search(_AT_REST.sub("", selector)):
                self._obscure.append(selector)
            yield from found or ()

    def _matched(self, selector: str) -> list[LexborNode] | None:
        """The elements that match; `None` when the parser does not know such a selector."""
        # Most rules of a site are for other pages of it: one look at the names saves most searches.
        if not names(selector) <= self._names:
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


def toneless(
    tree: LexborHTMLParser, rules: Rules, inline: Sequence[tuple[LexborNode, Style]]
) -> list[LexborNode]:
    """The elements whose letters certainly have the colour of what is behind them.

    The page itself is white unless something says otherwise. What cannot be told, such as a picture, is not
    the letters' colour.
    """
    behind = {WHITE} | rules.known_grounds()
    behind |= {ground for _n, style in inline if isinstance(ground := styles.background(style), tuple)}
    of_old = [(node, (node.attributes.get("bgcolor") or "").lower()) for node in tree.css("[bgcolor]")]
    behind |= {ground for _node, value in of_old if (ground := styles.colour(value))}
    written = ((node, letters) for node, style in inline if (letters := styles.text_colour(style)))
    written_of_old = (
        (node, letters)
        for node in tree.css("font[color]")
        if (letters := styles.colour((node.attributes.get("color") or "").lower()))
    )
    suspects = [*rules.coloured(behind), *written, *written_of_old]
    suspects = [
        (node, letters) for node, letters in suspects if any(styles.alike(letters, one) for one in behind)
    ]
    if not suspects:
        return []
    grounds = rules.grounds()
    for node, style in inline:
        if ground := styles.background(style):
            grounds[node.mem_id] = [ground]
    for node, value in of_old:
        grounds.setdefault(node.mem_id, []).append(styles.colour(value) or value)
    return [node for node, letters in suspects if _is_lost(node, letters, grounds)]


def _is_lost(node: LexborNode, letters: Colour, grounds: dict[int, list[Colour | str]]) -> bool:
    around: LexborNode | None = node
    while around is not None:
        if found := grounds.get(around.mem_id):
            return all(isinstance(one, tuple) and styles.alike(letters, one) for one in found)
        around = around.parent
    return styles.alike(letters, WHITE)
