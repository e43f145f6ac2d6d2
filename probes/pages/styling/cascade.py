"""Which declarations reach which element, and which of them wins. No I/O, bounded time.

Nobody can tell here whether a condition (`@media`, `@supports`, `@layer`) is met. So each condition is looked
at by itself, as if it were met: a "world", in which its own rules count and those without a condition. Words
are taken for visible only if they are so in every world.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from probes.pages.styling.matching import names
from probes.pages.styling.ordinary import is_ordinary, telling
from probes.pages.styling.styles import Style
from probes.pages.styling.stylesheet import StyleRule

BASE = ""
_DEEPEST = 512
_MOST_VARIABLES = 10
_UNTOLD = "untold()"
"""What stands for a variable that is too deep in others to be followed: no property allows it."""
_FIRST = re.compile(r"::?first-(?:line|letter)\b", re.IGNORECASE)
_BESIDE = re.compile(r"::?(?:before|after)\b|::(?:-webkit-details-)?marker\b", re.IGNORECASE)
# They style no words of the page, or only while a person points at something, types or prints.
_ELSEWHERE = re.compile(
    r"::|:(?:hover|active|focus|focus-within|focus-visible|visited|target|host|fullscreen|autofill|modal"
    r"|playing|user-invalid|user-valid|popover-open|-\w+-[\w-]+)\b"
)
_AT_REST = re.compile(r":not\(:(?:hover|active|focus|focus-within|focus-visible|visited|target)\)")
_VAR = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,((?:[^()]|\([^()]*\))*))?\)")
_ID, _TYPE = re.compile(r"#[\w-]"), re.compile(r"(?<![\w.#:-])[a-z]")
_CLASS = re.compile(r"\.[\w-]|\[|(?<!:):[a-z]")
_KIND = re.compile(r":(?!not\b|is\b|where\b|has\b)[a-z-]+(?:\([^()]*\))?")
_STRINGS = re.compile(r"""(["'])(?:(?!\1).)*\1|\[[^\]]*\]""")

Weight = tuple[bool | int, ...]
# Declarations of the element's `style` attribute win over every selector.
_OF_THE_ELEMENT = (1_000, 0, 0, 0)


class Declared(NamedTuple):
    """One declaration that reaches an element; the greatest `weight` wins."""

    value: str
    world: str
    weight: Weight


Declarations = dict[str, list[Declared]]


@dataclass(frozen=True, slots=True)
class Cascade:
    """What is declared for the elements of a page, by their identity.

    `of` is for an element itself, `beside` for what rules put before or after it. `nodes` are the elements of
    both. `unknown` are selectors of rules that may hide words, and that the parser does not know. `meant`
    keeps what variables mean.
    """

    of: Mapping[int, Declarations]
    beside: Mapping[int, Declarations]
    nodes: Mapping[int, LexborNode]
    unknown: tuple[str, ...]
    meant: dict[tuple[int, str, str], str | None] = field(default_factory=dict, repr=False, compare=False)

    def winner(self, node: LexborNode, name: str, world: str) -> str:
        """The value that `name` has on the element itself, with `var()` filled in; empty when none is set."""
        return self.strongest(node, (name,), world)

    def strongest(self, node: LexborNode, some: Iterable[str], world: str) -> str:
        """The value that wins among several properties where one sets the others, as `background` sets its
        colour.
        """
        declared = self.of.get(node.mem_id, {})
        found = [one for name in some for one in declared.get(name, ()) if one.world in (BASE, world)]
        best = max(found, key=lambda one: one.weight, default=None)
        return "" if best is None else self.filled(node, best.value, world)

    def filled(self, node: LexborNode, value: str, world: str, depth: int = 0) -> str:
        """`value` with its `var()` replaced by what they mean at `node`; `unset` where one means nothing."""
        for _ in range(_MOST_VARIABLES):
            found = _VAR.search(value)
            if found is None:
                return value.strip() or "unset"
            meant = self._custom(node, found[1], world, depth) or found[2]
            if meant is None:
                return "unset"
            value = f"{value[: found.start()]}{meant}{value[found.end() :]}"[:2_000]
        return value

    def _custom(self, node: LexborNode, name: str, world: str, depth: int) -> str | None:
        """What a variable means; one that it is made of means what it means where it is declared."""
        around: LexborNode | None = node
        for _ in range(_DEEPEST):
            if around is None:
                return None
            found = [d for d in self.of.get(around.mem_id, {}).get(name, ()) if d.world in (BASE, world)]
            if found:
                best = max(found, key=lambda one: one.weight).value
                return self._meant((around, name, world), best, depth)
            around = around.parent
        return None

    def _meant(self, variable: tuple[LexborNode, str, str], value: str, depth: int) -> str | None:
        node, name, world = variable
        key = (node.mem_id, name, world)
        if depth > _MOST_VARIABLES:
            return _UNTOLD
        if key not in self.meant:
            # One that is made of itself means nothing.
            self.meant[key] = None
            self.meant[key] = self.filled(node, value, world, depth + 1) if "var(" in value else value
        return self.meant[key]

    def worlds(self, nodes: Iterable[LexborNode]) -> set[str]:
        """The conditions under which something else is declared for one of `nodes`."""
        declared = (self.of.get(node.mem_id, {}) for node in nodes)
        return {BASE} | {one.world for each in declared for found in each.values() for one in found}


class _Gathering:
    """Collects what rules declare, each selector searched once. `present`: the page's classes, identities."""

    def __init__(self, tree: LexborHTMLParser, present: frozenset[str]) -> None:
        self._tree = tree
        self._present = present
        self._matched: dict[str, list[LexborNode] | None] = {}
        self.of: defaultdict[int, Declarations] = defaultdict(dict)
        self.beside: defaultdict[int, Declarations] = defaultdict(dict)
        self.nodes: dict[int, LexborNode] = {}
        self.unknown: list[str] = []

    def rule(self, rule: StyleRule, order: int) -> None:
        beside = _BESIDE.search(rule.selector)
        selector = (_BESIDE if beside else _FIRST).sub("", _AT_REST.sub("", rule.selector))
        if _ELSEWHERE.search(selector) or not names(selector) <= self._present:
            return
        found = self._search(_complete(selector))
        if found is None:
            self.unknown += (
                [rule.selector] if any(not is_ordinary(*each) for each in rule.style.items()) else []
            )
        for node in found or ():
            self.add(self.beside if beside else self.of, node, rule, (*_weight(selector), order))

    def add(
        self, into: dict[int, Declarations], node: LexborNode, rule: StyleRule, weight: tuple[int, ...]
    ) -> None:
        self.nodes[node.mem_id] = node
        for name, value in rule.style.items():
            one = Declared(value, rule.world, (name in rule.important, *weight))
            into[node.mem_id].setdefault(name, []).append(one)

    def _search(self, selector: str) -> list[LexborNode] | None:
        if selector not in self._matched:
            # Without what the parser does not know, such as `:invalid`, it matches more, never less.
            looser = _complete(_KIND.sub("", selector))
            known = (found for each in (selector, looser) if (found := self._nodes(each)) is not None)
            self._matched[selector] = next(known, None)
        return self._matched[selector]

    def _nodes(self, selector: str) -> list[LexborNode] | None:
        try:
            return self._tree.css(selector)
        except SelectolaxError:
            return None


def cascade(
    tree: LexborHTMLParser,
    rules: Iterable[StyleRule],
    present: frozenset[str],
    inline: Iterable[tuple[LexborNode, Style]],
) -> Cascade:
    """What `rules`, in order, and `style` attributes declare.

    `present` are the classes and identities of the page, without which most rules need no search.
    """
    gathering = _Gathering(tree, present)
    for order, rule in enumerate(rules):
        gathering.rule(rule, order)
    for node, style in inline:
        gathering.add(gathering.of, node, StyleRule("", telling(style)), _OF_THE_ELEMENT)
    unknown = tuple(dict.fromkeys(gathering.unknown))
    return Cascade(gathering.of, gathering.beside, gathering.nodes, unknown)


def _complete(selector: str) -> str:
    """A selector from which a pseudo element was taken: « main > » means « main > * »."""
    return f"{selector}*" if not selector or selector[-1] in " >+~" else selector


def _weight(selector: str) -> tuple[int, int, int]:
    """The specificity of a selector; what `:where()` holds is counted too."""
    plain = _STRINGS.sub("[", selector)
    return len(_ID.findall(plain)), len(_CLASS.findall(plain)), len(_TYPE.findall(plain.lower()))


def lineage(node: LexborNode) -> Iterator[LexborNode]:
    """The element and all that is around it, from inside out."""
    around: LexborNode | None = node
    for _ in range(_DEEPEST):
        if around is None:
            return
        yield around
        around = around.parent
