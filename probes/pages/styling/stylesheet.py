"""Finds the elements that style sheets hide, colour, disable or lay over the window. No I/O, bounded time.

Cascade and specificity are ignored on purpose: any rule that hides counts, except for print. When this is
wrong, we hide too much and a page is not recognised. The other error would be worse: to quote words that
nobody saw.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

import tinycss2
from tinycss2 import ast

from probes.pages.styling.ordinary import telling
from probes.pages.styling.styles import (
    Style,
    covers,
    declared,
    disables,
    hides,
    important_in,
    positions,
    writes,
)

# At either limit the work takes up to two seconds; a page beyond a limit is not read at all.
MAX_CHARS = 1_000_000
MAX_SELECTORS = 1_000
MAX_NESTING = 12

_PSEUDO = re.compile(r"::?(?:before|after)\b", re.IGNORECASE)
# A browser that was told to force colours or more contrast chooses colours that can be told apart.
_FORCING = (
    r"(?:screen and )?\((?:forced-colors|prefers-contrast|-ms-high-contrast) ?: ?(?:active|more|custom)\)"
)
_FORCED = re.compile(rf"{_FORCING}(?:, ?{_FORCING})*", re.IGNORECASE)
_NOT_OF_ELEMENTS = ("keyframes", "-webkit-keyframes", "font-face", "page", "counter-style")


@dataclass(frozen=True, slots=True)
class StyleRule:
    """One selector with its declarations; `important` names those marked so.

    `world` is empty, or says what must be so for the rule to count, such as `media (max-width: 576px)`.
    """

    selector: str
    style: Style
    important: frozenset[str] = frozenset()
    world: str = ""


@dataclass(frozen=True, slots=True)
class Effects:
    """CSS selectors of elements that a style sheet hides, and of those it spreads over the whole window.

    `cover` comes with the declarations.
    `disable` are those of what is struck out or cannot be clicked, each with the declaration that says so.
    `positioned` are those of elements with a position, from which boxes inside them are measured.
    `writing` are those before or after which a rule writes words.
    `imports` are the addresses of the sheets that this one asks for, `rules` what its rules declare that may
    hide words, or is judged beside others, in order.
    """

    hide: tuple[str, ...] = ()
    cover: tuple[tuple[str, Style], ...] = ()
    disable: tuple[tuple[str, str], ...] = ()
    positioned: tuple[str, ...] = ()
    writing: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    rules: tuple[StyleRule, ...] = field(default=(), compare=False)


NO_EFFECTS = Effects()


@lru_cache(maxsize=64)
def effects(sheet: str) -> Effects | None:
    """The effects of the CSS text `sheet`; `None` when it is too large or nested too deep to be read.

    Those of the last 64 sheets are kept: pages of one site link the same.
    """
    if not sheet.strip():
        return NO_EFFECTS
    if len(sheet) > MAX_CHARS or _depth(sheet) > MAX_NESTING:
        return None
    nodes = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    rules = tuple(_rules(nodes))
    hide = tuple(rule.selector for rule in rules if hides(rule.style))
    cover = tuple((rule.selector, rule.style) for rule in rules if covers(rule.style))
    disable = tuple((rule.selector, said) for rule in rules if (said := disables(rule.style)))
    if len(hide) + len(cover) + len(disable) > MAX_SELECTORS:
        return None
    placing = tuple(rule.selector for rule in rules if positions(rule.style))
    writing = tuple(bearer for rule in rules if writes(rule.style) and (bearer := _bearer(rule.selector)))
    return Effects(hide, cover, disable, placing, writing, tuple(_imports(nodes)), _telling(rules))


def _telling(rules: Iterable[StyleRule]) -> tuple[StyleRule, ...]:
    told = (replace(rule, style=telling(rule.style)) for rule in rules)
    return tuple(rule for rule in told if rule.style)


def _bearer(selector: str) -> str:
    """The selector of the elements that `selector` puts something before or after; empty if it does not."""
    bare, found = _PSEUDO.subn("", selector)
    if not found:
        return ""
    return f"{bare}*" if not bare or bare[-1] in " >+~" else bare


def is_print(media: str) -> bool:
    """Whether a media query, of a rule or of a link, is for paper alone."""
    return media.strip().lower() == "print"


def _imports(nodes: Iterable[ast.Node]) -> Iterator[str]:
    for node in nodes:
        # After any other rule, browsers ignore an import.
        if not isinstance(node, ast.AtRule) or node.lower_at_keyword not in ("import", "charset", "layer"):
            return
        if node.lower_at_keyword == "import":
            place = next((n for n, token in enumerate(node.prelude) if _address(token)), None)
            if place is not None and not is_print(tinycss2.serialize(node.prelude[place + 1 :])):
                yield _address(node.prelude[place])


def _address(token: ast.Node) -> str:
    if isinstance(token, ast.StringToken | ast.URLToken):
        return str(token.value)
    if isinstance(token, ast.FunctionBlock) and token.lower_name == "url":
        return next((str(one.value) for one in token.arguments if isinstance(one, ast.StringToken)), "")
    return ""


def _depth(sheet: str) -> int:
    # How deep brackets nest. tinycss2 is recursive: too deep a sheet would raise `RecursionError`.
    deepest = depth = 0
    for character in sheet:
        if character in "({[":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")}]":
            depth = max(0, depth - 1)
    return deepest


def _rules(nodes: Iterable[ast.Node], around: str = "", world: str = "") -> Iterator[StyleRule]:
    """Every rule; `around` is the selector of the rule around it, `world` the conditions, if any."""
    for node in nodes:
        if isinstance(node, ast.QualifiedRule):
            block = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
            style, important = declared(block), important_in(block)
            for selector in _selectors(node.prelude):
                yield StyleRule(_nested(selector, around), style, important, world)
                yield from _rules(block, _nested(selector, around), world)
        elif isinstance(node, ast.AtRule) and node.content and node.lower_at_keyword == "property":
            yield StyleRule(":root", _initial(node))
        elif isinstance(node, ast.AtRule) and node.content and node.lower_at_keyword not in _NOT_OF_ELEMENTS:
            yield from _of_at_rule(node, around, world)


def _initial(node: ast.AtRule) -> Style:
    """What a variable means where nothing else is declared for it."""
    block = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
    name = tinycss2.serialize(node.prelude).strip().lower()
    value = declared(block).get("initial-value")
    return {} if value is None else {name: value}


def _of_at_rule(node: ast.AtRule, around: str, outer: str) -> Iterator[StyleRule]:
    condition = tinycss2.serialize(node.prelude).strip()
    if node.lower_at_keyword == "media" and (is_print(condition) or _FORCED.fullmatch(condition)):
        return
    world = f"{outer} {node.lower_at_keyword} {condition}".strip()
    if around:
        block = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
        yield StyleRule(around, declared(block), important_in(block), world)
    else:
        block = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
    yield from _rules(block, around, world)


def _nested(selector: str, around: str) -> str:
    if not around:
        return selector
    # At the beginning the selector itself is put in: with `:is(…)` there the parser would match nothing.
    if selector.startswith("&"):
        selector = around + selector[1:]
    elif "&" not in selector:
        selector = f"{around} {selector}"
    return selector.replace("&", f":is({around})")


def _selectors(prelude: list[ast.Node]) -> Iterator[str]:
    """Each selector of a comma-separated list. Tried as one, an unknown selector would spoil them all."""
    part: list[ast.Node] = []
    for token in prelude:
        if isinstance(token, ast.LiteralToken) and token.value == ",":
            yield tinycss2.serialize(part).strip()
            part = []
        else:
            part.append(token)
    yield tinycss2.serialize(part).strip()
