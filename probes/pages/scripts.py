"""What a page does by itself: its scripts write into what it shows, or it goes elsewhere. No I/O.

Over plain HTTP nothing of this happens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

MOST_NAMES = 50
LONG_SHOWN = 60
"""Seconds after which a page may load itself again: a person has read it by then."""
_NOT_RUN = re.compile(r"(?!(?:text|application)/(?:x-)?(?:java|ecma)script|module)")
_SETS = r"\s*[-+*/%&|^?]{0,3}=(?![=>])"
_WRITES = re.compile(
    rf"\.(?:innerHTML|outerHTML|innerText|textContent|nodeValue|hidden|className|open|inert){_SETS}"
    rf"|\bdocument\.(?:dir|body|designMode){_SETS}|\bdocumentElement\.\w+{_SETS}"
    r"|\bdocument\.(?:write(?:ln)?|open|execCommand)\("
    r"|\.(?:insertAdjacent(?:HTML|Text|Element)|replaceWith|replaceChild(?:ren)?|removeChild|setHTML\w*)\("
    r"|\.(?:style|dataset|attributeStyleMap|part)\b|\.(?:html|text|load|hide|show|toggle|remove|empty)\("
    r"|\.(?:fade\w+|slide\w+|animate|css|attr|prop|(?:add|remove|toggle)Class|detach|wrap\w*|unwrap)\("
    r"|\.(?:classList|(?:set|remove|toggle)Attribute(?:NS|Node)?|attributes|attachShadow)\b"
    r"|\.(?:showModal|(?:show|toggle|hide)Popover|requestFullscreen|startViewTransition)\("
    r"|\.(?:(?:delete|extract|surround)Contents|insertNode|createContextualFragment|splitText)\("
    r"|\.(?:insert|delete|replace|append)Data\(|\b(?:new\s+)?Highlight\(|\bCSS\.highlights\b"
    r"|\.adoptedStyleSheets\b|\.getContext\("
)
# What a person sees in a window of its own, and what goes on without one.
_SPEAKS = re.compile(r"(?<![.\w])(?:(?:window|self|top|parent)\.)?(?:alert|confirm|prompt|print)\s*\(")
_GOES_ON = re.compile(r"\.(?:click|submit|requestSubmit|dispatchEvent)\s*\(")
# Functions that run when they are called by their name, and those that wait for a person.
_FUNCTION = re.compile(r"\bfunction\s+([\w$]+)\s*\([^()]*\)\s*\{")
_OF_A_PERSON = re.compile(
    r"(?:\.addEventListener|\.on)\(\s*['\"`](?:click|submit|change|input|key\w+|mouse\w+|pointer\w+|touch\w+)"
    r"['\"`]\s*,\s*(?:function\b[\s\w$]*\([^()]*\)|\([^()]*\)\s*=>|[\w$]+\s*=>)\s*\{"
    r"|\.on(?:click|submit|change|input|key\w+)\s*=\s*(?:function\b[\s\w$]*\([^()]*\)|\([^()]*\)\s*=>)\s*\{"
)
MOST_FUNCTIONS, MOST_CODE = 200, 100_000
"""Beyond these, a function counts as called: to find out would take too long."""
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
    r"|\.styleSheets\b|\blocation\.hash\s*[-+*/%&|^?]{0,3}=(?![=>])"
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

_ANYWHERE = re.compile(r"\bdocument\.(?:body|forms|images|links|all|anchors|children|childNodes)\b")

# How a page tells its sheets that scripts run: with words that stand here.
_TEXT = r"(?:'[^'\\]*'|\"[^\"\\]*\"|`[^`\\$]*`)"
_ROOT = r"\bdocument\.documentElement\."
_CLASSES = rf"(?:{_TEXT}|{_ROOT}className)(?:\.replace\(\s*(?:{_TEXT}|/[^/\n]*/g?)\s*,\s*{_TEXT}\s*\))?"
_ROOT_CLASS = re.compile(
    rf"{_ROOT}classList\.\w+\((?:\s*{_TEXT}\s*,?)*\)"
    rf"|{_ROOT}className\s*\+?=\s*{_CLASSES}(?:\s*\+\s*{_CLASSES})*"
)
_WORD = re.compile(r"[\w-]+")

_BRACES = re.compile(r"[{}]|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"")

_PARTS = "href|pathname|search|host|hostname|port|protocol"
_LEAVES = re.compile(
    rf"\blocation\s*(?:\.\s*(?:{_PARTS})\s*)?=(?![=>])|\blocation\s*\.\s*(?:assign|replace|reload)\b"
    r"|\bhistory\s*\.\s*(?:back|forward|go|pushState|replaceState)\b|\bnavigation\s*\.\s*navigate\b"
)
# How a page gets out of a frame of another site; nothing happens where it is in none.
_OUT_OF_A_FRAME = re.compile(
    r"\btop\.location(?:\.href)?\s*=\s*(?:self|window|document)\.location(?:\.href)?\b(?!\s*[.+(\[])"
)
_RUNS = re.compile(r"javascript:|<script|\bon[a-z]+\s*=", re.IGNORECASE)
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


def in_frames(tree: LexborHTMLParser) -> list[str]:
    """The frames, seen or not, that hold scripts of their own which may reach the page around them."""
    frames = (node.attributes for node in tree.css("iframe, frame, object, embed") if _reaches_out(node))
    return [held for told in frames if (held := _script_held(told))]


def _reaches_out(frame: LexborNode) -> bool:
    if "sandbox" not in frame.attributes:
        return True
    allowed = {*(frame.attributes["sandbox"] or "").lower().split()}
    return "allow-scripts" in allowed and bool(allowed & {"allow-same-origin", "allow-top-navigation"})


def _script_held(frame: Mapping[str, str | None]) -> str:
    """Where a frame has a script of its own: `about:srcdoc`, or its address; empty when it has none."""
    if _RUNS.search(frame.get("srcdoc") or ""):
        return "about:srcdoc"
    address = (frame.get("src") or frame.get("data") or "").strip()
    return address if _RUNS.match(address) else ""


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


def _by_itself(code: str) -> str:
    """`code` without functions that nothing in it calls, and without those that wait for a person."""
    for _ in range(MOST_FUNCTIONS if len(code) <= MOST_CODE else 0):
        found = next((each for each in _waiting(code)), None)
        if found is None:
            return code
        start, end = found
        code = f"{code[:start]};{code[end:]}"
    return code


def _waiting(code: str) -> Iterator[tuple[int, int]]:
    """From where to where the functions stand that do not run by themselves."""
    for found in (*_OF_A_PERSON.finditer(code), *_FUNCTION.finditer(code)):
        end = _closed(code, found.end())
        name = found[1] if found.re is _FUNCTION else ""
        outside = f"{code[: found.start()]};{code[end:]}"
        if not end:
            # Its braces cannot be told: all of it may run.
            return
        if not (name and re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", outside)):
            yield found.start(), end


def _closed(code: str, start: int) -> int:
    """Where the block ends whose brace stands right before `start`; 0 when it does not."""
    depth = 1
    for found in _BRACES.finditer(code, start):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return 0


def _start(code: str) -> str:
    return " ".join(code.split())[:100]


def writing(tree: LexborHTMLParser, selectors: Iterable[str] = ()) -> list[str]:
    """The beginning of each inline script that may change or hide something which the page's body holds.

    One that makes a style sheet may, and one in disguise; so does one that gives the root a class which one
    of `selectors` names. Another one that writes and names only elements that are not in the body does not;
    one that names none may.
    """
    codes = [code for code in _running(tree) if code.strip()]
    told = _words_in(selectors) if any(map(_ROOT_CLASS.search, codes)) else frozenset()
    return [
        _start(code)
        for code in codes
        if _restyles(code, told) or _may_change(tree.body, code) or _speaks(code, codes)
    ]


def _words_in(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in _WORD.findall(text.lower()))


def _restyles(code: str, told: Set[str]) -> bool:
    return not told.isdisjoint(_words_in(found[0] for found in _ROOT_CLASS.finditer(code)))


def _speaks(code: str, codes: list[str]) -> bool:
    """Whether a script opens a window of the browser, or presses a button, without a person."""
    if not _SPEAKS.search(code) and not _GOES_ON.search(code):
        return False
    # A function may be called by another script of the page.
    calls = ";".join(each for each in codes if each is not code)
    alone = _by_itself(f"{code};{calls}")
    return bool(_SPEAKS.search(alone) or _GOES_ON.search(alone))


def _may_change(body: LexborNode | None, code: str) -> bool:
    if _RESTYLES.search(code) or _DISGUISED.search(code):
        return True
    put_in = len(_PUTS_IN.findall(code)) > len(_MAKES_SCRIPT.findall(code))
    return (put_in or bool(_WRITES.search(_ROOT_CLASS.sub("", code)))) and _reaches(body, code)


def _reaches(body: LexborNode | None, code: str) -> bool:
    names = [name for _quote, name in _NAMED.findall(code)]
    if not names or len(names) > MOST_NAMES or _ANYWHERE.search(code):
        return True
    return body is not None and any(_is_in(body, name) for name in names)


def _is_in(body: LexborNode, name: str) -> bool:
    try:
        return any(body.css(selector) for selector in (name, f'[id="{name}"]', f'[class~="{name}"]'))
    except SelectolaxError:
        # Something that this parser does not know may be there.
        return True
