"""One step as a person could have seen it, with ways to ask what it says.

Pure and total: any bytes in, a `Page` out, in bounded time. Text is compared through `normalise`; what is
quoted is the page's own. Hidden elements are gone before anything is asked: what nobody saw never decides.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property, lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborNode

from probes.model import Step
from probes.pages.visible import parsed, visible

WORDS_LIMIT = 300
# A sentence may be broken over a few lines by <br> or blocks, not over a whole page.
MAX_RUN = 4

# To whoever reads, apostrophes of all kinds are one, and what only says where a line may break is nothing.
_ALIKE = str.maketrans(
    dict.fromkeys("\u2019\u2018\u02bc\u00b4\u2032", "'") | dict.fromkeys("\u00ad\u200b\u2060\ufeff")
)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_-]{1,40})""", re.IGNORECASE)
_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    **dict.fromkeys(
        ("iso-8859-1", "iso-8859-15", "latin-1", "latin1", "windows-1252", "cp1252", "us-ascii"), "cp1252"
    ),
}
# Over markup that the parser wrote itself: attributes in double quotes, text escaped.
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FRAME = re.compile(r"<iframe\b.*?</iframe>", re.DOTALL)
_ATTRIBUTES = r'[^>"]*(?:"[^"]*"[^>"]*)*'
_BLOCK = re.compile(
    "</?(?:address|article|aside|blockquote|br|button|caption|dd|dialog|div|dl|dt|fieldset|figcaption|footer"
    "|form|h[1-6]|header|hr|label|legend|li|main|nav|ol|option|p|pre|section|select|summary|table|td|textarea|th"
    "|tr|ul)"
    rf"(?:\s{_ATTRIBUTES})?>"
)
_TAG = re.compile(f"<{_ATTRIBUTES}>")


@lru_cache(maxsize=16)
def parse(step: Step) -> Page:
    """The page of `step`. Never raises; an unreadable one is empty. Walks and readers share the last few."""
    return Page(step)


def collapse(text: str) -> str:
    """`text` on one line with single spaces: the page's own words without its layout."""
    return " ".join(text.split())


def normalise(text: str) -> str:
    """`text` for comparison: NFC, plain apostrophes and spaces, case folded; accents left alone."""
    return collapse(_folded(text))


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


def lines(node: LexborNode) -> list[str]:
    """The lines of text a node shows, as blocks and line breaks part them; no empty one."""
    markup = _FRAME.sub(" ", _COMMENT.sub("", (node.html or "").replace("\n", " ")))
    shown = _TAG.sub("", _BLOCK.sub("\n", markup)).replace("&nbsp;", " ")
    if "<" in shown:
        # Text has none unescaped: some tag was not told from text. Better nothing than its attributes.
        return []
    shown = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return [line for part in shown.split("\n") if (line := collapse(part))]


def text(node: LexborNode | None) -> str:
    """All that a node shows, on one line; empty for no node."""
    return " ".join(lines(node)) if node is not None else ""


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


class Page:
    """What one step showed.

    `complete` is false for a document cut before its end, `covered` true when something lay over the whole
    window: neither may decide anything. `title` is the document's, `heading` the first h1's, `markup` all
    that was received, in lower case. Selectors see visible elements only.
    """

    def __init__(self, step: Step) -> None:
        self.step = step
        self.url = step.final_url or step.url
        self.host, self.path = host_of(self.url), path_of(self.url)
        settled = step.rendered is not None
        self.complete = settled or _is_complete(self.raw)
        shown = visible(self.raw if step.rendered is None else step.rendered, settled=settled)
        self.title, self.covered = collapse(shown.title), shown.covered
        self.markup, self._tree = shown.markup, shown.tree

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
    def lines(self) -> list[str]:
        """Every visible line."""
        body = self.first("body")
        return lines(body) if body else []

    @cached_property
    def plain(self) -> list[str]:
        """Every visible line, normalised; in step with `lines`."""
        return _plain(self.lines)

    @cached_property
    def text(self) -> str:
        """All visible text, on one line."""
        return " ".join(self.lines)

    @cached_property
    def heading(self) -> str:
        """The first h1."""
        return text(self.first("h1"))

    @cached_property
    def buttons(self) -> list[str]:
        """The labels of visible buttons."""
        nodes = self.nodes("button, input[type='submit' i], input[type='button' i]")
        return [collapse(node.attributes.get("value") or "") or text(node) for node in nodes]

    def says(self, sentence: str, within: str = "body") -> str:
        """`sentence` in the page's own words, when an element of `within` has it as whole lines; or ''."""
        wanted = normalise(sentence)
        for shown, plain in self._lines_of(within):
            for start, end in _runs(plain, wanted):
                if " ".join(plain[start:end]) == wanted:
                    return words(" ".join(shown[start:end]))
        return ""

    def line(self, pattern: re.Pattern[str], within: str = "body") -> str:
        """The first line that, once normalised, `pattern` matches as a whole, within such elements; or ''."""
        for shown, plain in self._lines_of(within):
            for n, line in enumerate(plain):
                if pattern.fullmatch(line):
                    return words(shown[n])
        return ""

    def day(self, tz: ZoneInfo) -> date:
        """The local day on which the page was asked for: what « today » meant on it."""
        return self.step.started_at.astimezone(tz).date()

    def data(self, element_id: str) -> object:
        """The JSON of `script#<id>[type="application/json"]`; `None` when there is none that can be read."""
        tree = parsed(self.raw)
        node = tree.css_first(f'script[type="application/json"][id="{element_id}"]') if tree else None
        return parse_json(node.text()) if node else None

    def _lines_of(self, selector: str) -> Iterator[tuple[list[str], list[str]]]:
        if selector == "body":
            yield self.lines, self.plain
            return
        for node in self.nodes(selector):
            shown = lines(node)
            yield shown, _plain(shown)


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFC", text.translate(_ALIKE))
    return unicodedata.normalize("NFC", folded.casefold())


def _plain(shown: list[str]) -> list[str]:
    """All at once: a page has a thousand lines."""
    return _folded("\n".join(shown)).split("\n") if shown else []


def _runs(plain: list[str], wanted: str) -> Iterator[tuple[int, int]]:
    """The runs of lines that may add up to `wanted`: those that begin as it does."""
    for start, line in enumerate(plain):
        if wanted.startswith(line):
            yield from ((start, end) for end in range(start + 1, min(start + MAX_RUN, len(plain)) + 1))


def _declared(step: Step) -> str | None:
    _, _, charset = (step.header("content-type") or "").lower().partition("charset=")
    if not charset and (meta := _CHARSET.search(step.body[:2048])):
        charset = meta[1].decode("ascii").lower()
    return _CODECS.get(charset.split(";")[0].strip(" \"'"))


@lru_cache(maxsize=256)
def _split(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower(), unquote(parts.path), parts.query
    except ValueError:
        return "", "", ""


def _is_complete(html: str) -> bool:
    """Whether a document that opens also closes; a fragment has nothing to close."""
    return "<html" not in html[:5_000].lower() or "</html" in html[-5_000:].lower()
