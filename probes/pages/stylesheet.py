"""Finds the elements that a page's own CSS rules hide, or lay over the whole window. No I/O, bounded time.

Cascade and specificity are ignored on purpose: any rule that hides counts, except for print. When this is
wrong, we hide too much and a page is not recognised. The other error would be worse: to quote words that
nobody saw.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import tinycss2
from tinycss2 import ast

# At either limit the work takes up to two seconds; a page beyond a limit is not read at all.
MAX_CHARS = 500_000
MAX_SELECTORS = 1_000
MAX_NESTING = 8

_ZERO = frozenset(("0", "0px", "0%", "0vh", "0vw"))
_SLIVER = _ZERO | {"1px"}
_CLIPPED = re.compile(r"rect\((?:[01](?:px)?[, ]*){4}\)")
_INSET = re.compile(r"inset\((?:50|100)%")
_FAR = re.compile(r"-[0-9]{3,6}(?:\.[0-9]+)?(?:px|em|rem|vw|vh|%)")
_FULL = frozenset(("100%", "100vw", "100vh", "100dvh"))


@dataclass(frozen=True, slots=True)
class Effects:
    """CSS selectors of elements that a style sheet hides, and of those it spreads over the whole window."""

    hide: tuple[str, ...] = ()
    cover: tuple[str, ...] = ()


NO_EFFECTS = Effects()


def effects(sheet: str) -> Effects | None:
    """The effects of the CSS text `sheet`; `None` when it is too large or nested too deep to be read."""
    if not sheet.strip():
        return NO_EFFECTS
    if len(sheet) > MAX_CHARS or _depth(sheet) > MAX_NESTING:
        return None
    hide: list[str] = []
    cover: list[str] = []
    for selector, style in _rules(tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)):
        if hides(style):
            hide.append(selector)
        if covers(style):
            cover.append(selector)
    return Effects(tuple(hide), tuple(cover)) if len(hide) + len(cover) <= MAX_SELECTORS else None


def hides(style: Mapping[str, str]) -> bool:
    """Whether these declarations make an element invisible."""
    switched_off = (
        style.get("display") == "none"
        or style.get("visibility") in ("hidden", "collapse")
        or style.get("content-visibility") == "hidden"
    )
    return (
        switched_off or _is_zero(style.get("opacity")) or _is_zero(style.get("font-size")) or _cut_off(style)
    )


def covers(style: Mapping[str, str]) -> bool:
    """Whether these declarations spread an element over the whole window."""
    if style.get("position") != "fixed":
        return False
    anchored = style.get("inset") in _ZERO or all(style.get(side) in _ZERO for side in ("top", "left"))
    spread = style.get("inset") in _ZERO or all(style.get(side) in _ZERO for side in ("right", "bottom"))
    return anchored and (spread or all(style.get(side) in _FULL for side in ("width", "height")))


def declarations(css: str | list[ast.Node]) -> dict[str, str]:
    """The declarations of a `style` attribute or of a rule's block: lower-case names and values."""
    found = tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True)
    return {
        node.lower_name: tinycss2.serialize(node.value).strip().lower()
        for node in found
        if isinstance(node, ast.Declaration)
    }


def _cut_off(style: Mapping[str, str]) -> bool:
    """Whether an element is shrunk, clipped or moved off the screen, as texts for screen readers are."""
    if style.get("overflow") in ("hidden", "clip") and any(
        style.get(side) in _SLIVER for side in ("width", "height", "max-height")
    ):
        return True
    clipped = _CLIPPED.fullmatch(style.get("clip", "")) or _INSET.match(style.get("clip-path", ""))
    return bool(clipped) or any(
        _FAR.fullmatch(style.get(name, "")) for name in ("left", "top", "text-indent")
    )


def _is_zero(value: str | None) -> bool:
    return value is not None and re.fullmatch(r"[0.]*0[0.]*(?:%|[a-z]{2,4})?", value) is not None


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


def _rules(nodes: Iterable[ast.Node]) -> Iterator[tuple[str, dict[str, str]]]:
    for node in nodes:
        if isinstance(node, ast.QualifiedRule):
            style = declarations(node.content)
            yield from ((selector, style) for selector in _selectors(node.prelude))
        elif isinstance(node, ast.AtRule) and node.content and not _is_print(node):
            inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
            yield from _rules(inner)


def _is_print(rule: ast.AtRule) -> bool:
    condition: str = tinycss2.serialize(rule.prelude)
    return bool(rule.lower_at_keyword == "media") and condition.strip().lower() == "print"


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
