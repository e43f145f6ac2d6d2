"""The visible part of a document: elements that its HTML and CSS hide are removed from the tree.

Never raises, in bounded time. If it is not certain what is hidden, the whole document is treated as empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from probes.pages import stylesheet

# The parser's time grows with the square of the nesting depth and of the attributes in one tag. With these
# limits a hostile page takes seconds. No booking page comes near them, and browsers stop at 512 levels too.
MAX_CHARS = 2_000_000
MAX_TAGS = 20_000
MAX_TAG_CHARS = 20_000
MAX_DEPTH = 512

# (trace, selector): the selector is tried only if the lower-case HTML contains the trace, for speed.
_UNSEEN = (
    ("", "script, style, template, noscript, noembed, noframes, object, datalist, audio, video, canvas"),
    ("hidden", "[hidden], [aria-hidden='true' i]"),
    ("<dialog", "dialog:not([open])"),
    ("<details", "details:not([open]) > :not(summary)"),
)
_BANNERS = (
    ("cookie", "#cookies-banner, #cookie-banner, #cookie-consent, #CybotCookiebotDialog"),
    ("tarteaucitron", "#tarteaucitronRoot, #tarteaucitron"),
    ("consent", ".fr-consent-banner, #onetrust-consent-sdk"),
    ("didomi", "#didomi-host"),
    ("axeptio", "#axeptio_overlay"),
)
_MODAL = (("aria-modal", "[aria-modal='true' i]"),)
_INLINE = (("style", "[style]"),)
_QUOTED = re.compile(r'="[^"<>]*"')
_HUGE_TAG = re.compile(rf"<[^<>]{{{MAX_TAG_CHARS}}}")


@dataclass(frozen=True, slots=True)
class Document:
    """A tree of the visible elements, its title, and `covered`: whether an element lay over the whole window.

    `markup` is the whole HTML in lower case, to find out quickly that a string is not in it.
    """

    tree: LexborHTMLParser
    markup: str = ""
    title: str = ""
    covered: bool = False


class _Unreadable(Exception):
    """It is not certain which elements are hidden."""


def visible(html: str, *, settled: bool) -> Document:
    """The visible part of `html`; an empty document when it is not certain what is visible.

    `settled`: `html` is what a browser rendered, without what CSS rules hide, so they are not applied again.
    """
    tree = parsed(html)
    try:
        return _stripped(tree, html.lower(), settled) if tree else _EMPTY
    except _Unreadable:
        return _EMPTY


def parsed(html: str) -> LexborHTMLParser | None:
    """The whole tree of `html`, hidden elements included; `None` when it is too large."""
    if len(html) > MAX_CHARS or html.count("<") > MAX_TAGS:
        return None
    # The slow second test measures tags without their quoted values, which can only make them shorter. So it
    # is not needed when the quick first test finds no huge tag.
    if max(map(len, html.split("<"))) >= MAX_TAG_CHARS and _HUGE_TAG.search(_QUOTED.sub("", html)):
        return None
    return LexborHTMLParser(html)


_EMPTY = Document(LexborHTMLParser(""))


def _stripped(tree: LexborHTMLParser, markup: str, settled: bool) -> Document:
    title = tree.css_first("head > title")
    rules = stylesheet.NO_EFFECTS if settled else _rules(tree)
    inline = [
        (node, stylesheet.declarations(node.attributes.get("style") or ""))
        for node in _found(tree, markup, _INLINE)
    ]
    unseen = [
        *_found(tree, markup, _UNSEEN),
        *_matched(tree, rules.hide),
        *(node for node, style in inline if stylesheet.hides(style)),
    ]
    covering = [
        *_found(tree, markup, _MODAL),
        *_matched(tree, rules.cover),
        *(node for node, style in inline if stylesheet.covers(style)),
    ]
    hidden = {node.mem_id for node in unseen}
    covered = any(node.mem_id not in hidden and not _within(node, hidden) for node in covering)
    _remove([*unseen, *_found(tree, markup, _BANNERS)])
    return Document(tree, markup, title.text() if title else "", covered)


def _found(tree: LexborHTMLParser, markup: str, selectors: Iterable[tuple[str, str]]) -> Iterator[LexborNode]:
    for trace, selector in selectors:
        if trace in markup:
            yield from tree.css(selector)


def _rules(tree: LexborHTMLParser) -> stylesheet.Effects:
    rules = stylesheet.effects("\n".join(node.text() for node in tree.css("style")))
    if rules is None:
        raise _Unreadable
    return rules


def _matched(tree: LexborHTMLParser, selectors: Iterable[str]) -> Iterator[LexborNode]:
    for selector in selectors:
        try:
            yield from tree.css(selector)
        except SelectolaxError:
            # A pseudo-element, or a selector unknown to this parser: it styles no element we read.
            continue


def _within(node: LexborNode, identities: Set[int]) -> bool:
    """Whether an ancestor of `node` is in `identities`. Raises `_Unreadable` below `MAX_DEPTH` levels."""
    parent = node.parent
    for _ in range(MAX_DEPTH):
        if parent is None:
            return False
        if parent.mem_id in identities:
            return True
        parent = parent.parent
    raise _Unreadable


def _remove(nodes: list[LexborNode]) -> None:
    """Remove `nodes` from the tree. Raises `_Unreadable` when `html` or `body` is among them."""
    if any(node.tag in ("html", "body") for node in nodes):
        raise _Unreadable
    by_id = {node.mem_id: node for node in nodes}
    # Only the outermost: removing an element frees its descendants, and freeing them twice crashes.
    for node in [node for node in by_id.values() if not _within(node, by_id.keys())]:
        node.decompose()
