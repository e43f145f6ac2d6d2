"""One step as a person could have seen it: visible text and elements only, whatever the bytes were.

Pure and total: any bytes in, a `Page` out, in bounded time. What cannot be read surely is left out, so that a
mark nobody could see never decides. Text is compared through `normalise`; what is quoted is the page's own.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date
from functools import cached_property
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from probes import stylesheet
from probes.model import Step

WORDS_LIMIT = 300
# The parser's time grows with the square of the nesting and of one tag's attributes: these bounds keep a
# hostile page to seconds, and no booking page comes near them. Browsers nest no deeper either.
MAX_CHARS = 2_000_000
MAX_TAGS = 20_000
MAX_TAG_CHARS = 20_000
MAX_DEPTH = 512
# A sentence may be broken over a few lines by <br> or blocks, not over a whole page.
MAX_RUN = 4

_UNSEEN = (
    "script, style, template, noscript, object, datalist, [hidden], [aria-hidden='true' i], "
    "dialog:not([open]), details:not([open]) > :not(summary)"
)
_BANNERS = (
    "#cookies-banner, #cookie-banner, #cookie-consent, #tarteaucitronRoot, #tarteaucitron, "
    ".fr-consent-banner, #onetrust-consent-sdk, #didomi-host, #axeptio_overlay, #CybotCookiebotDialog"
)
_BLOCKS = (
    "address, article, aside, blockquote, br, button, caption, dd, dialog, div, dl, dt, fieldset, "
    "figcaption, footer, form, h1, h2, h3, h4, h5, h6, header, hr, label, legend, li, main, nav, ol, option, "
    "p, pre, section, select, summary, table, td, textarea, th, tr, ul"
)
_EDGE = "\x1e"
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\u00b4\u2032", "'"))
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_-]{1,40})""", re.IGNORECASE)
_QUOTED = re.compile(r'="[^"<>]*"')
_HUGE_TAG = re.compile(rf"<[^<>]{{{MAX_TAG_CHARS}}}")
_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    **dict.fromkeys(
        ("iso-8859-1", "iso-8859-15", "latin-1", "latin1", "windows-1252", "cp1252", "us-ascii"), "cp1252"
    ),
}


def parse(step: Step) -> Page:
    """The page of `step`. Never raises; an unreadable one is empty."""
    return Page(step)


def collapse(text: str) -> str:
    """`text` on one line with single spaces: the page's own words without its layout."""
    return " ".join(text.split())


def normalise(text: str) -> str:
    """`text` for comparison: NFC, plain apostrophes and spaces, case folded; accents left alone."""
    folded = unicodedata.normalize("NFC", text).translate(_APOSTROPHES).casefold()
    return collapse(unicodedata.normalize("NFC", folded))


def words(text: str) -> str:
    """`text` as quoted in a reading: one line, at most 300 characters."""
    line = collapse(text)
    return line if len(line) <= WORDS_LIMIT else line[: WORDS_LIMIT - 1] + "…"


def decode(step: Step) -> str:
    """The body as text: the declared charset, else UTF-8, else Windows-1252. Never raises."""
    declared = _declared(step)
    if declared == "cp1252":
        return step.body.decode("cp1252", "replace")
    try:
        return step.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return step.body.decode(declared or "cp1252", "replace")


def _declared(step: Step) -> str | None:
    _, _, charset = (step.header("content-type") or "").lower().partition("charset=")
    if not charset and (meta := _CHARSET.search(step.body[:2048])):
        charset = meta[1].decode("ascii").lower()
    return _CODECS.get(charset.split(";")[0].strip(" \"'"))


def host_of(url: str) -> str:
    """The lower-case host of `url`; empty when it has none."""
    return _split(url)[0]


def path_of(url: str) -> str:
    """The decoded path of `url`."""
    return _split(url)[1]


def query_of(url: str) -> list[tuple[str, str]]:
    """The decoded parameters of `url`, in order."""
    return parse_qsl(_split(url)[2])


def origin_of(url: str) -> str:
    """Scheme, host and port of `url`, as in `https://www.ain.gouv.fr`; empty for what is no web address."""
    found = re.match(r"https?://[^/?#]+", url)
    return found[0] if found else ""


def lines(node: LexborNode) -> list[str]:
    """The lines of text a node shows, as blocks and line breaks part them; no empty one."""
    parted = (collapse(line) for line in node.text().split(_EDGE))
    return [line for line in parted if line]


def text(node: LexborNode | None) -> str:
    """All that a node shows, on one line; empty for no node."""
    return collapse(node.text()) if node is not None else ""


class _TooDeep(Exception):
    """What is hidden lies too deep to be told from what is not."""


class Page:
    """What one step showed.

    `complete` is false for a document cut before its end, `covered` true when something lay over the whole
    window: neither may decide anything. `title` is the document's, `heading` the first h1's. Selectors see
    visible elements only.
    """

    def __init__(self, step: Step) -> None:
        self.step = step
        self.url = step.final_url or step.url
        self.host, self.path = host_of(self.url), path_of(self.url)
        self.covered = False
        self.title = ""
        self.complete = step.rendered is not None or _is_complete(self.raw)
        self._tree = self._visible(step.rendered if step.rendered is not None else self.raw)

    @cached_property
    def raw(self) -> str:
        """The body as text, markup and all: for what a page's scripts say of themselves, never for a mark."""
        return decode(self.step)

    def query(self, name: str) -> str:
        """The first value of a query parameter of the final URL; empty when absent."""
        return next((value for key, value in query_of(self.url) if key == name), "")

    def nodes(self, selector: str) -> list[LexborNode]:
        """Visible elements that match, in document order."""
        return self._tree.css(selector)

    def first(self, selector: str) -> LexborNode | None:
        """The first visible element that matches."""
        return self._tree.css_first(selector)

    def has(self, selector: str) -> bool:
        """Whether a visible element matches."""
        return self._tree.css_first(selector) is not None

    @cached_property
    def text(self) -> str:
        """All visible text, on one line."""
        return text(self.first("body"))

    @cached_property
    def heading(self) -> str:
        """The first h1."""
        return text(self.first("h1"))

    def says(self, sentence: str, within: str = "body") -> str:
        """`sentence` in the page's own words, when an element of `within` has it as whole lines; or ''."""
        wanted = normalise(sentence)
        for node in self.nodes(within):
            for run in _runs(lines(node)):
                if normalise(run) == wanted:
                    return words(run)
        return ""

    @cached_property
    def lines(self) -> list[tuple[str, str]]:
        """Every visible line, with its normalised form."""
        return self._lines_of("body")

    def line(self, pattern: re.Pattern[str], within: str = "body") -> str:
        """The first line that, once normalised, `pattern` matches as a whole, within such elements; or ''."""
        found = self.lines if within == "body" else self._lines_of(within)
        return words(next((line for line, plain in found if pattern.fullmatch(plain)), ""))

    @cached_property
    def buttons(self) -> list[str]:
        """The labels of visible buttons."""
        nodes = self.nodes("button, input[type='submit' i], input[type='button' i]")
        return [collapse(node.attributes.get("value") or "") or text(node) for node in nodes]

    def day(self, tz: ZoneInfo) -> date:
        """The local day on which the page was asked for: what « today » meant on it."""
        return self.step.started_at.astimezone(tz).date()

    def data(self, element_id: str) -> object:
        """The JSON of `script#<id>[type="application/json"]`; `None` when there is none that can be read."""
        tree = _parsed(self.raw)
        node = tree.css_first(f'script[type="application/json"][id="{element_id}"]') if tree else None
        return parse_json(node.text()) if node else None

    def _lines_of(self, selector: str) -> list[tuple[str, str]]:
        return [(line, normalise(line)) for node in self.nodes(selector) for line in lines(node)]

    def _visible(self, html: str) -> LexborHTMLParser:
        tree = _parsed(html)
        try:
            readable = tree is not None and self._strip(tree)
        except _TooDeep:
            readable = False
        if tree is None or not readable:
            return LexborHTMLParser("")
        for node in tree.css(_BLOCKS):
            node.insert_before(_EDGE)
            node.insert_after(_EDGE)
        return tree

    def _strip(self, tree: LexborHTMLParser) -> bool:
        """Remove what nobody sees; false when that is everything, or cannot be known."""
        self.title = text(tree.css_first("head > title"))
        sheet = "\n".join(node.text() for node in tree.css("style"))
        # What Chromium rendered already holds visible elements only, and its media queries are settled.
        effects = stylesheet.effects(sheet) if self.step.rendered is None else stylesheet.NO_EFFECTS
        if effects is None:
            return False
        inline = [(node, stylesheet.declarations(_style(node))) for node in tree.css("[style]")]
        unseen = [
            *tree.css(_UNSEEN),
            *_matched(tree, effects.hide),
            *(node for node, style in inline if stylesheet.hides(style)),
        ]
        covering = [
            *tree.css("[aria-modal='true' i]"),
            *_matched(tree, effects.cover),
            *(node for node, style in inline if stylesheet.covers(style)),
        ]
        hidden = {node.mem_id for node in unseen}
        self.covered = any(node.mem_id not in hidden and not _within(node, hidden) for node in covering)
        return _remove([*unseen, *tree.css(_BANNERS)])


def parse_json(raw: str) -> object:
    """The value `raw` stands for; `None` for anything that is not JSON."""
    try:
        value: object = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value


def dig(value: object, *keys: str) -> object:
    """The value found by following `keys` through nested objects; `None` where one is missing."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _split(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower(), unquote(parts.path), parts.query
    except ValueError:
        return "", "", ""


def _is_complete(html: str) -> bool:
    """Whether a document that opens also closes; a fragment has nothing to close."""
    lower = html.lower()
    return "<html" not in lower[:5_000] or "</html" in lower[-5_000:]


def _parsed(html: str) -> LexborHTMLParser | None:
    if len(html) > MAX_CHARS or html.count("<") > MAX_TAGS:
        return None
    if len(html) > MAX_TAG_CHARS and _HUGE_TAG.search(_QUOTED.sub("", html)):
        return None
    return LexborHTMLParser(html.replace(_EDGE, " "))


def _matched(tree: LexborHTMLParser, selectors: Iterable[str]) -> Iterator[LexborNode]:
    for selector in selectors:
        try:
            yield from tree.css(selector)
        except SelectolaxError:
            # A pseudo-element or a selector of tomorrow: it styles no element we read.
            continue


def _style(node: LexborNode) -> str:
    return node.attributes.get("style") or ""


def _within(node: LexborNode, identities: Set[int]) -> bool:
    """Whether an ancestor of `node` is one of these. Raises `_TooDeep` where no browser would draw."""
    parent = node.parent
    for _ in range(MAX_DEPTH):
        if parent is None:
            return False
        if parent.mem_id in identities:
            return True
        parent = parent.parent
    raise _TooDeep


def _remove(nodes: list[LexborNode]) -> bool:
    """Take these elements away; false, and nothing done, when the body is among them."""
    if any(node.tag in ("html", "body") for node in nodes):
        return False
    by_id = {node.mem_id: node for node in nodes}
    # Outermost only: freeing an element frees its descendants, which must not be freed again.
    for node in [node for node in by_id.values() if not _within(node, by_id.keys())]:
        node.decompose()
    return True


def _runs(found: list[str]) -> Iterator[str]:
    for start in range(len(found)):
        for length in range(1, min(MAX_RUN, len(found) - start) + 1):
            yield " ".join(found[start : start + length])
