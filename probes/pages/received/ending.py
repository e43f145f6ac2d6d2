"""Whether an HTML document was received up to its end. No I/O, bounded time.

HTML may omit `</html>`, `</body>` and more, so a missing tag proves no cut. Such a document counts as whole
only if the transport saw the end of the answer, and no element is open that HTML wants closed.
"""

from __future__ import annotations

import re

from probes.model import Step

# Longest rest after the last `</html>` that is no comment or script, in characters.
MAX_REST = 5_000
MAX_CHARS = 2_000_000

_UNSHOWN = re.compile(
    r"<!--.*?(?P<comment>-->|\Z)|<(script|style)\b.*?(?P<script></\2\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_DOCUMENT = re.compile(r"<(?:html|!doctype|head)\b[^>]*>", re.IGNORECASE)
_END = re.compile(r"</html\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)([^<>]*)>", re.IGNORECASE)

_VOID = frozenset(
    (
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    )
)
# HTML lets the end tags of these be left out.
_OPTIONAL = frozenset(
    (
        *("html", "head", "body", "p", "li", "dt", "dd", "option", "optgroup", "rt", "rp"),
        *("tr", "td", "th", "thead", "tbody", "tfoot", "colgroup", "caption"),
    )
)


def is_whole(step: Step, html: str) -> bool:
    """Whether `html`, the body of `step` as text, ends where its author ended it.

    A fragment without a document's tags is whole: nothing in it could tell.
    """
    if len(html) > MAX_CHARS:
        return False
    shown, cut = _shown(html)
    if not _DOCUMENT.search(shown[:MAX_REST]):
        return True
    ends = list(_END.finditer(shown))
    if not ends:
        return not cut and _was_transmitted(step) and _is_closed(shown)
    rest = shown[ends[-1].end() :].strip()
    return not rest or (len(rest) < MAX_REST and _is_closed(rest))


def _shown(html: str) -> tuple[str, bool]:
    """`html` without comments, scripts and style sheets; and whether the last of them has no end."""
    last: re.Match[str] | None = None

    def drop(found: re.Match[str]) -> str:
        nonlocal last
        last = found
        return ""

    shown = _UNSHOWN.sub(drop, html)
    return shown, last is not None and not (last["comment"] or last["script"])


def _was_transmitted(step: Step) -> bool:
    """Whether the answer had an end of its own, which the session then waited for: a length, or chunks.

    A browser shows what it could unpack, and does not tell whether the packing had its end.
    """
    if step.rendered is not None and (step.header("content-encoding") or "identity") != "identity":
        return False
    return step.failure is None and any(step.header(name) for name in ("content-length", "transfer-encoding"))


def _is_closed(html: str) -> bool:
    """Whether `html` ends with an end tag, and every element in it is closed that must be."""
    html = html.rstrip()
    last = html.rfind("<")
    if not html.endswith(">") or not html.startswith("</", last):
        return False
    open_now: list[str] = []
    for closing, name, rest in _TAG.findall(html):
        name = name.lower()
        if name in _VOID or name in _OPTIONAL or rest.endswith("/"):
            continue
        if not closing:
            open_now.append(name)
        elif name in open_now:
            while open_now.pop() != name:
                pass
    return not open_now
