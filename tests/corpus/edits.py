"""Edits of one page, as text: what hides it, what may not matter, what takes its marks away. Pure."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace

from probes.model import Capture, Step
from probes.pages.received.encoding import decode

Edit = Callable[[str], str]

HIDDEN: Mapping[str, tuple[str, str]] = {
    "hidden": ("<div hidden>", "</div>"),
    "display": ("<div style='display:none'>", "</div>"),
    "display important": ("<div style='DISPLAY : none !important'>", "</div>"),
    "visibility": ("<div style='visibility:hidden'>", "</div>"),
    "visibility collapse": ("<div style='visibility:collapse'>", "</div>"),
    "opacity": ("<div style='opacity: 0'>", "</div>"),
    "opacity percent": ("<div style='opacity: 0%'>", "</div>"),
    "font size": ("<div style='font-size:0'>", "</div>"),
    "off screen left": ("<div style='position: absolute; left: -9999px'>", "</div>"),
    "off screen top": ("<div style='position:absolute;top:-10000px'>", "</div>"),
    "text indent": ("<div style='text-indent:-9999px'>", "</div>"),
    "clipped": ("<div style='position:absolute;clip:rect(0,0,0,0)'>", "</div>"),
    "clip path": ("<div style='clip-path: inset(50%)'>", "</div>"),
    "folded": ("<div style='height:0;overflow:hidden'>", "</div>"),
    "sliver": ("<div style='width:1px;height:1px;overflow:hidden'>", "</div>"),
    "content visibility": ("<div style='content-visibility:hidden'>", "</div>"),
    "template": ("<template>", "</template>"),
    "noscript": ("<noscript>", "</noscript>"),
    "script": ("<script type='text/plain'>", "</script>"),
    "dialog closed": ("<dialog>", "</dialog>"),
    "details closed": ("<details><summary>+</summary><div>", "</div></details>"),
    "comment": ("<!--", "-->"),
    "object": ("<object type='image/svg+xml'>", "</object>"),
    "video": ("<video controls>", "</video>"),
    "canvas": ("<canvas width='1'>", "</canvas>"),
    "several levels up": ("<section hidden><article><div><p></p>", "</div></article></section>"),
}
"""What goes before and after the body's content so that nobody sees it."""

COVERED: Mapping[str, tuple[str, str]] = {
    "cookie wall": ("<div aria-modal='true'>Nous utilisons des cookies <button>Accepter</button></div>", ""),
    "cookie wall below": ("", "<div role='dialog' aria-modal='TRUE'>Cookies</div>"),
    "overlay": ("<div style='position:fixed;inset:0'>Cookies</div>", ""),
    "overlay by sides": ("<div style='position:fixed;top:0;left:0;width:100%;height:100%'>…</div>", ""),
}

RULES: Mapping[str, str] = {
    "class rule": ".w {{ {} }}",
    "media rule": "@media screen {{ body > .w {{ {} }} }}",
    "attribute rule": "[class~='w'] {{ {} }}",
    "list of rules": "p.none, div.w, #x {{ {} }}",
}
"""Style rules that hide the element of class `w`; only a page no browser rendered keeps them."""
DECLARATIONS = ("display:none!important", "visibility: hidden", "opacity:0", "position:absolute;left:-999em")

HARMLESS = {
    "cookie banner": "<div id='cookies-banner'>Ce site utilise des cookies. <a href='#'>Accepter</a></div>",
    "tarteaucitron": "<div id='tarteaucitronRoot'><button class='tarteaucitronCTAButton'>OK</button></div>",
    "notice": "<p>En raison des vacances scolaires, il est possible que vous ne trouviez pas de place.</p>",
    "502 in a text": "<p>Dossier n° 502-503-504, bureau 403</p>",
    "invisible captcha": "<div class='g-recaptcha' data-size='invisible'></div>",
    "print rule": "<style>@media print { body { display: none } }</style>",
    "unrelated script": "<script>var closed = 'display:none'; // Service surchargé, 429</script>",
    "release": "<p>Prochaine mise en ligne de nouveaux rendez-vous : le 05/01/2026 à 09:00</p>",
}
"""What stands on such pages beside the answer, and changes nothing about it."""

_TEXT = re.compile(r"(?<=>)[^<>{}]+(?=<)")
_BODY = re.compile(r"<body[^>]*>", re.IGNORECASE)
_WORD = re.compile(r"(?<![&#\w])([^\W\d_]{3})([^\W\d_]{3,})(?![\w;])")


def _spaces(by: str) -> Edit:
    return lambda text: text.replace(" ", by)


def _in_words(mark: str) -> Edit:
    return lambda text: _WORD.sub(rf"\1{mark}\2", text)


def _halved(before: str, after: str) -> Edit:
    """The text with its second half in an element of its own, cut within a word where there is one."""

    def edit(text: str) -> str:
        return _WORD.sub(rf"\1{before}\2{after}", text, count=1)

    return edit


NAMED = {"é": "&eacute;", "è": "&egrave;", "ê": "&ecirc;"}
TYPOGRAPHY: Mapping[str, Edit] = {
    "no-break spaces": _spaces("\u00a0"),
    "narrow no-break spaces": _spaces("\u202f"),
    "no-break entities": _spaces("&nbsp;"),
    "numbered entities": _spaces("&#8239;"),
    "lines and tabs": _spaces(" \n\t"),
    "curly apostrophes": lambda text: text.replace("'", "\u2019"),
    "apostrophe entities": lambda text: text.replace("'", "&rsquo;").replace("\u2019", "&#8217;"),
    "plain apostrophe entities": lambda text: text.replace("'", "&#39;"),
    "modifier apostrophes": lambda text: text.replace("'", "\u02bc"),
    "accent entities": lambda text: re.sub("[éèêàôû]", lambda found: f"&#{ord(found[0])};", text),
    "named entities": lambda text: re.sub("[éèê]", lambda found: NAMED[found[0]], text),
    "decomposed accents": lambda text: unicodedata.normalize("NFD", text),
    "capitals": lambda text: text if "&" in text else text.upper(),
    "soft hyphens": _in_words("\u00ad"),
    "soft hyphen entities": _in_words("&shy;"),
    "zero-width spaces": _in_words("\u200b"),
    "word joiners": _in_words("\u2060"),
    "break opportunities": _in_words("<wbr>"),
    "split by span": _halved("<span>", "</span>"),
    "split by bold": _halved("<b class='x'>", "</b>"),
    "split by nested tags": _halved("<em><span>", "</span></em>"),
    "split by a comment": _halved("<!-- -->", ""),
}
"""Spellings of the same text: whoever reads the page sees no other words."""


def around(before: str, after: str) -> Edit:
    """Puts all that a page shows between `before` and `after`."""

    def edit(page: str) -> str:
        if not _BODY.search(page):
            return f"<body>{before}{page}{after}"
        opened = _BODY.sub(lambda tag: tag[0] + before, page, count=1)
        head, close, tail = opened.rpartition("</body>")
        return f"{head}{after}{close}{tail}" if close else opened + after

    return edit


def by_rule(rule: str, declaration: str) -> Edit:
    """Hides all that a page shows by a rule of its own style sheet."""
    return around(f"<style>{rule.format(declaration)}</style><div class=w>", "</div>")


def texts(variant: Edit) -> Edit:
    """Every text of a page's body spelled otherwise."""

    def edit(page: str) -> str:
        body = _BODY.search(page)
        start = body.end() - 1 if body else 0
        return page[:start] + _TEXT.sub(lambda found: variant(found[0]), page[start:])

    return edit


def marked(marks: re.Pattern[str], variant: Edit) -> Edit:
    """Only the texts that hold a mark spelled otherwise, whole."""
    return texts(lambda text: variant(text) if marks.search(html.unescape(text)) else text)


def without(marks: re.Pattern[str]) -> Edit:
    """A page without its marks, wherever they stand."""
    return lambda page: marks.sub("…", page)


def unmarked(capture: Capture, marks: re.Pattern[str]) -> Capture:
    """A visit without its marks: on its pages, in its data, in its alerts."""
    return replace(capture, steps=tuple(_unmarked(step, marks) for step in capture.steps))


def _unmarked(step: Step, marks: re.Pattern[str]) -> Step:
    said = tuple(marks.sub("…", line) for line in step.dialogs)
    if is_html(step):
        return replace(edited(step, without(marks)), dialogs=said)
    return replace(step, dialogs=said, body=marks.sub("…", step.body.decode("utf-8", "replace")).encode())


def doubled(page: str) -> str:
    """A page whose content stands there twice, as after a script ran twice."""
    body = _BODY.search(page)
    head, close, tail = page.rpartition("</body>")
    content = head[body.end() :] if body and close else page
    return head + content + close + tail if body and close else page + page


def on_pages(capture: Capture, edit: Edit, *, last: bool = False) -> Capture:
    """`capture` with `edit` made to every page of it, or to its last one: as received, and as rendered."""
    steps = capture.steps
    first = len(steps) - 1 if last else 0
    return replace(capture, steps=(*steps[:first], *(edited(step, edit) for step in steps[first:])))


def edited(step: Step, edit: Edit) -> Step:
    """`step` with its HTML edited; what is no HTML stays. Its bytes are UTF-8 then, and said to be."""
    if not is_html(step):
        return step
    return replace(
        step,
        body=edit(decode(step)).encode("utf-8", "replace") if step.body else b"",
        headers=(("content-type", "text/html; charset=utf-8"),),
        rendered=None if step.rendered is None else edit(step.rendered),
    )


def is_html(step: Step) -> bool:
    """Whether the step brought a page, not data."""
    return bool(step.rendered) or step.body.lstrip()[:1] == b"<"


def encoded(step: Step, *, codec: str, header: str | None, meta: str | None, bom: bytes = b"") -> Step:
    """`step` sent in another charset, told by its header, its meta element, or nobody."""
    if not is_html(step) or not step.body:
        return step
    said = f'<meta charset="{meta}">' if meta else ""
    page = re.sub(r"<meta[^>]*charset[^>]*>", said, decode(step), flags=re.IGNORECASE)
    kind = "text/html" + (f"; charset={header}" if header else "")
    return replace(
        step, body=bom + page.encode(codec, "xmlcharrefreplace"), headers=(("content-type", kind),)
    )
