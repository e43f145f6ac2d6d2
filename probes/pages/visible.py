"""The visible part of a document: elements that its HTML and CSS hide are removed from the tree.

Never raises, in bounded time. If it is not certain what is hidden, the whole document is treated as empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from probes.pages.scripts import writing
from probes.pages.styling import styles
from probes.pages.styling.cascade import cascade
from probes.pages.styling.matching import Rules, TooMuch
from probes.pages.styling.sight import Sight

# The parser's time grows with the square of the nesting depth and of the attributes in one tag. With these
# limits a hostile page takes seconds. No booking page comes near them, and browsers stop at 512 levels too.
MAX_CHARS = 2_000_000
MAX_TAGS = 20_000
MAX_TAG_CHARS = 20_000
MAX_DEPTH = 512

# (trace, selector): the selector is tried only if the lower-case HTML contains the trace, for speed.
_UNSEEN = (
    ("", "script, style, template, noscript, noembed, noframes, object, datalist, audio, video, canvas"),
    ("hidden", "[hidden]"),
    ("popover", "[popover]"),
    # Shown by browsers that cannot draw the element itself.
    ("<progress", "progress"),
    ("<meter", "meter"),
    ("<svg", "svg title, svg desc, svg metadata"),
    ("<dialog", "dialog:not([open])"),
    ("<details", "details:not([open]) > :not(summary)"),
)
# Some of them are drawn all the same, without the words inside.
_PAINTED = (("", "object, audio, video, canvas, progress, meter"),)
_FOLDED = (("<details", "details:not([open])"),)
_BANNERS = (
    ("cookie", "#cookies-banner, #cookie-banner, #cookie-consent, #CybotCookiebotDialog"),
    ("tarteaucitron", "#tarteaucitronRoot, #tarteaucitron"),
    ("consent", ".fr-consent-banner, #onetrust-consent-sdk"),
    ("didomi", "#didomi-host"),
    ("axeptio", "#axeptio_overlay"),
)
_OF_SLOTS = re.compile(
    r"\b(?:créneaux?|disponibilités?|plages?|calendriers?|plannings?|agendas?|modules?|complets?|rendez-vous)\b"
)
_MODAL = (("aria-modal", "[aria-modal='true' i]"),)
_INLINE = (("style", "[style]"),)
_FRAMES = (("<iframe", "iframe"), ("<object", "object"), ("<embed", "embed"), ("<canvas", "canvas"))
# The inside of such an element is shown in place of what it holds.
_SHADOWS = (("shadowroot", "template[shadowrootmode], template[shadowroot]"),)
_OTHER_LINK = "<?xml-stylesheet"
_TINY = ("0", "1", "0px", "1px")
_QUOTED = re.compile(r'="[^"<>]*"')
_HUGE_TAG = re.compile(rf"<[^<>]{{{MAX_TAG_CHARS}}}")


@dataclass(frozen=True, slots=True)
class Document:
    """A tree of the visible elements, its title, and `covered`: whether an element lay over the whole window.

    `markup` is the whole HTML in lower case, to find out quickly that a string is not in it. `obscure` are
    the rules of style sheets that hide something and that were not understood, and the page's own scripts
    that change what it shows. `frames` are the addresses of what it shows in frames, `about:srcdoc` for a
    document that the frame itself holds. `sight` tells for one element what may hide its words; `None` unless
    it was asked for.
    """

    tree: LexborHTMLParser
    markup: str = ""
    title: str = ""
    covered: bool = False
    obscure: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    sight: Sight | None = None


def visible(
    html: str, *, settled: bool, sheets: Sequence[str] = (), conceal: bool = True, styled: bool = False
) -> Document:
    """The visible part of `html`; an empty document when it is not certain what is visible.

    `settled`: `html` is what a browser rendered, without what CSS rules hide, so they are not applied again.
    `sheets` are the texts of linked style sheets. Without `conceal`, what only a rule hides is left in.
    `styled`: find out too which styles reach which element; this takes some time.
    """
    tree = parsed(html)
    try:
        return _stripped(tree, html.lower(), settled, sheets, conceal, styled) if tree else _EMPTY
    except TooMuch:
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


def _stripped(
    tree: LexborHTMLParser, markup: str, settled: bool, sheets: Sequence[str], conceal: bool, styled: bool
) -> Document:
    title = tree.css_first("head > title")
    shadows = [] if settled else ["<template shadowrootmode>" for _ in _found(tree, markup, _SHADOWS)]
    if _OTHER_LINK in markup and not settled:
        # How XHTML links a sheet; in HTML this is a comment.
        shadows.append(_OTHER_LINK)
    rules = Rules(tree, () if settled else sheets, own=not settled)
    scripts = [] if settled else writing(tree, rules.selectors)
    inline = [
        (node, styles.declarations(node.attributes.get("style") or ""))
        for node in _found(tree, markup, _INLINE)
    ]
    sight = Sight(cascade(tree, rules.in_order, rules.names, inline)) if styled else None
    unseen = [
        *_found(tree, markup, _UNSEEN),
        *(part for node in _found(tree, markup, _FOLDED) for part in _texts(node)),
        *(node for node, style in inline if styles.hides(style)),
        *(rules.hidden if conceal else ()),
    ]
    covering = [
        *_found(tree, markup, _MODAL),
        *rules.covering,
        *(node for node, style in inline if styles.covers(style) and rules.lies_on_all(node, style)),
    ]
    for node, declaration in rules.disabled if conceal else ():
        node.attrs["style"] = f"{node.attributes.get('style') or ''};{declaration}"
    hidden = {node.mem_id for node in (*unseen, *rules.hidden)}
    frames = tuple(
        address
        for node in _found(tree, markup, _FRAMES)
        if (address := _framed(node))
        and not _within(node, hidden)
        # Each of these is taken out: a browser shows its inside only where it cannot show the element.
        and (node.tag in ("object", "canvas") or node.mem_id not in hidden)
    )
    written: list[str] = []
    unknown = sight.cascade.unknown if sight else ()
    if sight:
        # Moved away, an element may still lie over something; and what says nothing may cover all the same.
        out = {node.mem_id for node in _found(tree, markup, _UNSEEN)}
        out -= {node.mem_id for node in _found(tree, markup, _PAINTED)}
        banners = (part for node in _found(tree, markup, _BANNERS) for part in (node, *node.css("*")))
        out |= {part.mem_id for part in banners if sight.is_bar(part)}
        in_sight = (each for each in sight.covering() if each[0].mem_id not in out)
        sight = replace(sight, moved=tuple(each for each in in_sight if not _within(each[0], out)))
        out |= hidden
        beside = ((node, said) for node, said in sight.writing() if node.mem_id not in out)
        written = [said for node, said in beside if not _within(node, out)]
    covered = any(node.mem_id not in hidden and not _within(node, hidden) for node in covering)
    # One that speaks of slots is no mere banner: what it says counts.
    silent = (node for node in _found(tree, markup, _BANNERS) if not _OF_SLOTS.search(node.text().lower()))
    _remove([*unseen, *silent])
    return Document(
        tree,
        markup,
        title.text() if title else "",
        covered,
        (*rules.obscure, *rules.writing(), *scripts, *shadows, *written, *unknown),
        frames,
        sight,
    )


def _framed(node: LexborNode) -> str:
    """The address of what a frame shows; empty for a picture, or what nobody can see."""
    told = node.attributes
    style = styles.declarations(told.get("style") or "")
    sides = [told.get("width"), told.get("height"), style.get("width"), style.get("height")]
    picture = (told.get("type") or "").lower().startswith("image/")
    if picture or "hidden" in told or styles.hides(style) or any(side in _TINY for side in sides):
        return ""
    if node.tag == "canvas":
        return "canvas"  # what a script draws there may be words
    return "about:srcdoc" if told.get("srcdoc") else (told.get("src") or told.get("data") or "").strip()


def _texts(node: LexborNode) -> Iterator[LexborNode]:
    """The text that stands right inside an element, and in no other in it."""
    return (part for part in node.iter(include_text=True) if part.is_text_node)


def _found(tree: LexborHTMLParser, markup: str, selectors: Iterable[tuple[str, str]]) -> Iterator[LexborNode]:
    for trace, selector in selectors:
        if trace in markup:
            yield from tree.css(selector)


def _within(node: LexborNode, identities: Set[int]) -> bool:
    """Whether an ancestor of `node` is in `identities`. Raises `TooMuch` below `MAX_DEPTH` levels."""
    parent = node.parent
    for _ in range(MAX_DEPTH):
        if parent is None:
            return False
        if parent.mem_id in identities:
            return True
        parent = parent.parent
    raise TooMuch


def _remove(nodes: list[LexborNode]) -> None:
    """Remove `nodes` from the tree. Raises `TooMuch` when `html` or `body` is among them."""
    if any(node.tag in ("html", "body") for node in nodes):
        raise TooMuch
    by_id = {node.mem_id: node for node in nodes}
    # Only the outermost: removing an element frees its descendants, and freeing them twice crashes.
    for node in [node for node in by_id.values() if not _within(node, by_id.keys())]:
        node.decompose()
