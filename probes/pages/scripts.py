"""What a page does by itself: its scripts write into what it shows, or it goes elsewhere. No I/O.

Over plain HTTP nothing of this happens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

MOST_NAMES = 50
LONG_SHOWN = 60
"""Seconds after which a page may load itself again: a person has read it by then."""
_NOT_RUN = re.compile(r"(?!(?:text|application)/(?:x-)?(?:java|ecma)script|module)")
_WRITES = re.compile(
    r"\.(?:innerHTML|outerHTML|innerText|textContent|nodeValue|hidden)\s*=(?!=)|\bdocument\.write(?:ln)?\("
    r"|\.(?:insertAdjacent(?:HTML|Text|Element)|replaceWith|replaceChild(?:ren)?|removeChild|setHTML\w*)\("
    r"|\.style\.(?:display|visibility|opacity)\b|\.(?:html|text|load|hide|show|toggle|remove|empty|fade\w+)\("
    r"|\.(?:classList|setAttribute|attachShadow|adoptedStyleSheets)\b|\.(?:showModal|showPopover|togglePopover)\("
)
# Elements that are put in; those of further scripts are none that is seen.
_PUTS_IN = re.compile(r"\.(?:append|appendChild|prepend|insertBefore|before|after|moveBefore|cloneNode)\(")
_MAKES_SCRIPT = re.compile(r"\.createElement\(\s*(['\"`])script\1\s*\)", re.IGNORECASE)
# Code that is put together while it runs, or members that are named so: what it does is not written here.
_DISGUISED = re.compile(
    r"\b(?:eval|Function|atob|unescape|decodeURIComponent|fromCharCode|fromCodePoint)\s*\("
    r"|\bset(?:Timeout|Interval)\(\s*['\"`]|\bReflect\b|\bObject\.(?:assign|defineProperty)\("
    r"|\[\s*(['\"`])[^'\"`]*\1\s*(?:\+[^\]]*)?\]\s*(?:=(?![=>])|\()|\[[^\]\n]{0,80}['\"`]\s*\+[^\]\n]{0,80}\]"
)
# A sheet may change any element, whatever the script names.
_RESTYLES = re.compile(
    r"\.(?:insertRule|addRule|deleteRule|replaceSync|adoptedStyleSheets)\b|\bcreateElement\(\s*['\"`]style['\"`]"
    r"|\bthis\.(?:media|rel)\s*=(?!=)|\bcreateElement\(\s*['\"`]link['\"`](?=[\s\S]{0,2000}\bstylesheet\b)",
    re.IGNORECASE,
)
# The events that come without a person.
_BY_ITSELF = ", ".join(
    f"[on{event}]"
    for event in (
        *("load", "error", "pageshow", "animationstart", "animationend", "transitionend", "focus", "scroll"),
        *("resize", "toggle", "hashchange", "readystatechange", "canplay", "message", "begin"),
    )
)
_NAMED = re.compile(
    r"""(?:getElementById|getElementsBy\w+|querySelector(?:All)?|\$|jQuery)\(\s*(['"`])([^'"`]{1,200})\1"""
)

# How a page tells its sheets that scripts run.
_ROOT_CLASS = re.compile(r"\bdocument\.documentElement\.classList\.\w+\([^)]*\)")

_PARTS = "href|pathname|search|host|hostname|port|protocol"
_LEAVES = re.compile(
    rf"\blocation\s*(?:\.\s*(?:{_PARTS})\s*)?=(?![=>])|\blocation\s*\.\s*(?:assign|replace|reload)\b"
    r"|\bhistory\s*\.\s*(?:back|forward|go|pushState|replaceState)\b|\bnavigation\s*\.\s*navigate\b"
)
# How a page gets out of a frame of another site; nothing happens where it is in none.
_OUT_OF_A_FRAME = re.compile(
    r"\btop\.location(?:\.href)?\s*=\s*(?:self|window|document)\.location(?:\.href)?\b(?!\s*[.+(\[])"
)
_REFRESH = re.compile(
    r"\s*(?P<after>\d{0,6})[\d.]*\s*(?:[;,\s]\s*(?:url\s*=\s*)?(?P<quote>['\"]?)(?P<to>[^'\"]*)(?P=quote))?\s*",
    re.IGNORECASE,
)


def leaving(tree: LexborHTMLParser, refresh: Iterable[str], url: str) -> list[str]:
    """What makes the page at `url` go elsewhere by itself; `refresh` are its headers of that name."""
    metas = (node for node in tree.css("meta[http-equiv='refresh' i]") if not _is_inert(node))
    orders = [*refresh, *(node.attributes.get("content") or "" for node in metas)]
    base = tree.css_first("base[href]")
    address = (base and base.attributes.get("href")) or ""
    gone = [f"refresh: {order}"[:100] for order in orders if _goes_elsewhere(order, url, address)]
    return gone + [_start(code) for code in _running(tree) if _LEAVES.search(_OUT_OF_A_FRAME.sub("", code))]


def _goes_elsewhere(order: str, url: str, base: str) -> bool:
    found = _REFRESH.fullmatch(order)
    if not found or int(found["after"] or 0) < LONG_SHOWN:
        return True
    to = (found["to"] or "").strip()
    try:
        return bool(to) and urljoin(urljoin(url, base), to) != url
    except ValueError:
        return True


def _is_inert(node: LexborNode) -> bool:
    around = node.parent
    while around is not None:
        if around.tag in ("noscript", "template"):
            return True
        around = around.parent
    return False


def _running(tree: LexborHTMLParser) -> Iterator[str]:
    """The code of each inline script that a browser runs, and of the events that come by themselves."""
    for node in tree.css("script:not([src])"):
        kind = (node.attributes.get("type") or "").strip().lower()
        if not kind or not _NOT_RUN.match(kind):
            yield node.text()
    for node in tree.css(_BY_ITSELF):
        yield from (code for name, code in node.attributes.items() if code and name.startswith("on"))


def _start(code: str) -> str:
    return " ".join(code.split())[:100]


def writing(tree: LexborHTMLParser) -> list[str]:
    """The beginning of each inline script that may change or hide something which the page's body holds.

    One that makes a style sheet may, and one in disguise. Another one that writes and names only elements
    that are not in the body does not; one that names none may.
    """
    return [_start(code) for code in _running(tree) if _may_change(tree.body, code)]


def _may_change(body: LexborNode | None, code: str) -> bool:
    if _RESTYLES.search(code) or _DISGUISED.search(code):
        return True
    put_in = len(_PUTS_IN.findall(code)) > len(_MAKES_SCRIPT.findall(code))
    return (put_in or bool(_WRITES.search(_ROOT_CLASS.sub("", code)))) and _reaches(body, code)


def _reaches(body: LexborNode | None, code: str) -> bool:
    names = [name for _quote, name in _NAMED.findall(code)]
    if not names or len(names) > MOST_NAMES:
        return True
    return body is not None and any(_is_in(body, name) for name in names)


def _is_in(body: LexborNode, name: str) -> bool:
    try:
        return any(body.css(selector) for selector in (name, f'[id="{name}"]', f'[class~="{name}"]'))
    except SelectolaxError:
        # Something that this parser does not know may be there.
        return True
