"""Scripts inside a page that write into what it shows. Over plain HTTP they do not run. No I/O."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

MOST_NAMES = 50
_NOT_RUN = re.compile(r"(?!(?:text|application)/(?:x-)?(?:java|ecma)script|module)")
_WRITES = re.compile(
    r"\.(?:innerHTML|outerHTML|innerText|textContent|nodeValue|hidden)\s*=(?!=)|\bdocument\.write(?:ln)?\("
    r"|\.(?:insertAdjacent(?:HTML|Text|Element)|replaceWith|replaceChild(?:ren)?|removeChild|setHTML\w*)\("
    r"|\.style\.(?:display|visibility|opacity)\b|\.(?:html|text|load|hide|show|toggle|remove|empty|fade\w+)\("
    r"|\.(?:classList|setAttribute|attachShadow|adoptedStyleSheets)\b"
)
_NAMED = re.compile(
    r"""(?:getElementById|getElementsBy\w+|querySelector(?:All)?|\$|jQuery)\(\s*(['"`])([^'"`]{1,200})\1"""
)

# How a page tells its sheets that scripts run.
_ROOT_CLASS = re.compile(r"\bdocument\.documentElement\.classList\.\w+\([^)]*\)")


def writing(tree: LexborHTMLParser) -> list[str]:
    """The beginning of each inline script that may change or hide something which the page's body holds.

    A script that writes and names only elements that are not in the body does not; one that names none may.
    """
    found = []
    for node in tree.css("script:not([src])"):
        kind = (node.attributes.get("type") or "").strip().lower()
        code = node.text()
        runs = not kind or not _NOT_RUN.match(kind)
        if runs and _WRITES.search(_ROOT_CLASS.sub("", code)) and _reaches(tree.body, code):
            found.append(" ".join(code.split())[:100])
    return found


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
