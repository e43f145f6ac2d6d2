"""One step as a person could have seen it, and questions about what it says.

No I/O. Any bytes give a `Page`, in bounded time. Texts are compared after `normalise`, but quoted as the page
writes them. Hidden elements are removed first: an element that nobody saw must not decide a reading.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property, lru_cache
from html import escape
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from probes.model import Step
from probes.pages.received.aside import is_aside
from probes.pages.received.encoding import decode
from probes.pages.received.ending import is_whole
from probes.pages.received.kind import Kind, is_xml, kind_of
from probes.pages.received.policy import refused_styles
from probes.pages.scripts import in_frames, leaving
from probes.pages.visible import parsed, visible

WORDS_LIMIT = 300
# A sentence may be broken over a few lines by <br> or blocks, not over a whole page.
MAX_RUN = 4

# A reader does not tell these apostrophes and hyphens apart, and does not see soft hyphens, zero-width
# characters and marks of direction. Overrides of direction (U+202D, U+202E) are kept: they turn text round.
_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202c\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
_ALIKE = str.maketrans(
    dict.fromkeys("\u2019\u2018\u02bc\u00b4\u2032", "'")
    | dict.fromkeys("\u2010\u2011", "-")
    | dict.fromkeys(sign for sign in map(chr, range(0x10000)) if re.fullmatch(f"[{_UNSEEN}]", sign))
)
# These patterns are applied only to HTML that our parser wrote: attributes in double quotes, text escaped.
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FRAME = re.compile(r"<iframe\b.*?</iframe>", re.DOTALL)
# What is typed, or could be chosen, is no text of the page. Of a list, only the option that is chosen is.
_ENTRY = re.compile(r"<textarea\b.*?</textarea>", re.DOTALL)
_LIST = re.compile(r"<select\b[^>]*>(.*?)</select>|<option\b[^>]*>.*?</option>", re.DOTALL)
_CHOSEN = re.compile(r"<option\b(?=[^>]*\sselected\b)[^>]*>.*?</option>", re.DOTALL)
# A page in a browser that used what our browser does not give it, such as a socket.
_SILENCED = re.compile(r'<html\b[^>]*\sdata-vigie-silenced="(\w+)"')
# Nobody, not even a browser's own script, can ask what is in a closed shadow.
_SHUT = re.compile(
    rb"shadowroot(?:mode)?\s*=\s*['\"]?closed|attachShadow\s*\([^)]{0,200}['\"`]closed", re.IGNORECASE
)
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
    """The page of `step`. Never raises: an unreadable page is empty.

    The last 16 pages are cached, because walk and reader ask for the same ones.
    """
    return Page(step)


def collapse(text: str) -> str:
    """`text` on one line with single spaces."""
    return " ".join(text.split())


def normalise(text: str) -> str:
    """`text` for comparison: Unicode NFC, plain apostrophes, single spaces, lower case; accents are kept."""
    return collapse(_folded(text))


def without_accents(text: str) -> str:
    """`text` with plain letters: « récépissé » as « recepisse », « nœud » as « noeud »."""
    spelt = text.replace("œ", "oe").replace("æ", "ae")
    return "".join(sign for sign in unicodedata.normalize("NFD", spelt) if not unicodedata.combining(sign))


def words(text: str) -> str:
    """`text` as a reading quotes it: one line, cut to 300 characters with « … »."""
    line = collapse(text)
    return line if len(line) <= WORDS_LIMIT else line[: WORDS_LIMIT - 1] + "…"


def lines(node: LexborNode) -> list[str]:
    """The lines of text that a node shows: block elements and `<br>` begin a new line. No line is empty.

    Entries of a form are shown by their own nodes alone; of a list, the marked option is shown with the rest.
    """
    markup = _FRAME.sub(" ", _COMMENT.sub("", (node.html or "").replace("\n", " ")))
    if node.tag not in ("option", "textarea"):
        markup = _ENTRY.sub("<br>", _LIST.sub(_chosen, markup))
    shown = _TAG.sub("", _BLOCK.sub("\n", markup)).replace("&nbsp;", " ")
    if "<" in shown:
        # Text has `&lt;` instead, so this is a tag that was not removed. Its attributes are not visible text:
        # return no line at all.
        return []
    shown = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return [line for part in shown.split("\n") if (line := collapse(part))]


def _chosen(choices: re.Match[str]) -> str:
    return "<br>".join(["", *_CHOSEN.findall(choices[0]), ""])


def text(node: LexborNode | None) -> str:
    """All text that a node shows, on one line; empty for `None`."""
    return " ".join(lines(node)) if node is not None else ""


def label(node: LexborNode) -> str:
    """What a button without text says: its value or its `aria-label`."""
    return words(node.attributes.get("value") or node.attributes.get("aria-label") or "")


def children(node: LexborNode) -> Iterator[LexborNode]:
    """The elements right inside `node`."""
    inner = node.child
    while inner is not None:
        if inner.is_element_node:
            yield inner
        inner = inner.next


def lineage(node: LexborNode) -> set[int]:
    """The identities of `node` and of the elements around it."""
    found: set[int] = set()
    above: LexborNode | None = node
    while above is not None:
        found.add(above.mem_id)
        above = above.parent
    return found


def host_of(url: str) -> str:
    """The lower-case host of `url`; empty when it has none."""
    return _split(url)[0]


def path_of(url: str) -> str:
    """The percent-decoded path of `url`; empty when `url` cannot be parsed."""
    return _split(url)[1]


def query_of(url: str) -> list[tuple[str, str]]:
    """The decoded query parameters of `url` as (name, value), in order, without those that have no value."""
    return parse_qsl(_split(url)[2])


def origin_of(url: str) -> str:
    """Scheme, host and port of `url`, as in `https://www.ain.gouv.fr`; empty if it is not http(s)."""
    found = re.match(r"https?://[^/?#]+", url)
    return found[0] if found else ""


def parse_json(raw: str) -> object:
    """The JSON value in `raw`; `None` when it is not JSON (or is `null`)."""
    try:
        value: object = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value


def dig(value: object, *keys: str) -> object:
    """The value under `keys` in nested objects, as in `value[key1][key2]`; `None` when a key is missing."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _aims(step: Step) -> bool:
    """Whether a rule of the page, or of a sheet of it, is for the element that the address points at."""
    return b":target" in step.body or any(":target" in (sheet.text or "") for sheet in step.sheets or ())


class Page:
    """What one step showed. CSS selectors match visible elements only.

    `complete` is false when the document is cut before its end; `covered` is true when an element lay over
    the whole window. In both cases the page must not decide a reading. `title` is the document's; `markup` is
    the whole HTML, hidden parts included, in lower case. `unread` names the linked style sheets, the
    rules and the page's own scripts that could hide or change something and that were not read or understood,
    and what makes the page go elsewhere by itself, over HTTP only; the frames that may tell something; and a
    closed shadow. `sight` tells what style sheets do to one element, of a page that is `styled`.
    """

    def __init__(self, step: Step, *, conceal: bool = True, styled: bool = False) -> None:
        self.step = step
        # What `marks.said` found, by the identity of the patterns; they are kept, so that no other gets it.
        self.found: dict[tuple[int, ...], tuple[tuple[re.Pattern[str], ...], list[str]]] = {}
        self.url = step.final_url or step.url
        self.host, self.path = host_of(self.url), path_of(self.url)
        settled = step.rendered is not None
        # A calendar unfolded in a browser comes without a document of its own.
        self.complete = is_whole(step, self.raw) if step.body else settled
        shown = visible(
            self._received() if step.rendered is None else step.rendered,
            settled=settled,
            sheets=[sheet.text for sheet in step.sheets or () if sheet.text is not None],
            conceal=conceal,
            styled=styled,
        )
        self.sight = shown.sight
        self.title, self.covered = collapse(shown.title), shown.covered
        missing = tuple(sheet.url for sheet in step.sheets or () if sheet.text is None)
        shut = ["a closed shadow"] if _SHUT.search(step.body) else []
        shut += _SILENCED.findall(step.rendered or "")
        shut += ["XML"] if is_xml(step.header("content-type") or "") else []
        unread = tuple(shut) if settled else (*shut, *missing, *self._alone(), *shown.obscure)
        self.unread = (*unread, *(each for each in shown.frames if self._may_tell(each)))
        self.markup, self._tree = shown.markup, shown.tree

    def _alone(self) -> Iterator[str]:
        """What the document, its address or its server do to what is shown, where nothing runs."""
        yield from self.leaving
        if tree := parsed(self._received()):
            yield from self._afar(tree)
            yield from in_frames(tree)
            if refused := refused_styles(self.step, tree):
                yield refused
        if "#" in self.url and _aims(self.step):
            yield ":target"

    def _afar(self, tree: LexborHTMLParser) -> Iterator[str]:
        """The scripts that the page asks of other hosts, and that could say anything."""
        scripts = (self._whole(node.attributes.get("src") or "") for node in tree.css("script[src]"))
        asked = (each for each in scripts if each and host_of(each) not in ("", self.host))
        yield from (each for each in asked if not is_aside(each))

    @cached_property
    def raw(self) -> str:
        """The body as text, with all its HTML. For data in scripts; never look here for words that decide."""
        return decode(self.step)

    def _may_tell(self, address: str) -> bool:
        """Whether a frame shows something, and not a map, a film or the like of another host."""
        whole = self._whole(address)
        if whole is None:
            return True
        return whole == "about:srcdoc" if whole.startswith("about:") else not is_aside(whole)

    def _whole(self, address: str) -> str | None:
        """`address`, as written on this page, as an absolute URL; `None` when it cannot be read."""
        try:
            return urljoin(self.url, address)
        except ValueError:
            return None

    def _received(self) -> str:
        """The HTML that was received; text that a browser shows with its tags is escaped."""
        declared = self.step.header("content-type")
        kind = kind_of("text/html" if declared is None else declared, self.step.body)
        return f"<pre>{escape(self.raw)}</pre>" if kind is Kind.TEXT else self.raw

    @cached_property
    def leaving(self) -> tuple[str, ...]:
        """What makes the page go elsewhere by itself, where nothing in it runs: over HTTP only."""
        if self.step.rendered is not None:
            return ()
        orders = [value for name, value in self.step.headers if name.lower() == "refresh"]
        tree = parsed(self._received())
        return tuple(leaving(tree, orders, self.url)) if tree else ()

    @cached_property
    def unconcealed(self) -> Page:
        """This page with what only a rule of a style sheet hides: we may be wrong about such a rule."""
        return self if self.step.rendered is not None else Page(self.step, conceal=False)

    @cached_property
    def styled(self) -> Page:
        """This page with what style sheets do to each element, over HTTP; `unread` names more then."""
        return self if self.step.rendered is not None else Page(self.step, styled=True)

    def query(self, name: str) -> str:
        """The first value of the query parameter `name` in the page's own URL; empty when absent."""
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
    def is_data(self) -> bool:
        """Whether the body is a JSON object or list, so an answer of a server and no page for people."""
        return self.raw[:200].lstrip("\ufeff \t\r\n")[:1] in ("{", "[") and isinstance(
            parse_json(self.raw), dict | list
        )

    @cached_property
    def lines(self) -> list[str]:
        """Every visible line of text, as the page writes it."""
        body = self.first("body")
        return lines(body) if body else []

    @cached_property
    def plain(self) -> list[str]:
        """Every visible line, normalised; `plain[i]` is `lines[i]`."""
        return plain_lines(self.lines)

    @cached_property
    def spoken(self) -> tuple[str, ...]:
        """Every visible line, button and label, normalised."""
        labels = [label(node) for node in self.nodes("[aria-label]")]
        return (*self.plain, *plain_lines([*self.buttons, *labels]))

    @cached_property
    def text(self) -> str:
        """All visible text, on one line."""
        return " ".join(self.lines)

    @cached_property
    def heading(self) -> str:
        """The text of the first visible h1; empty when there is none."""
        return text(self.first("h1"))

    @cached_property
    def buttons(self) -> list[str]:
        """The labels of visible buttons."""
        nodes = self.nodes("button, input[type='submit' i], input[type='button' i]")
        return [collapse(node.attributes.get("value") or "") or text(node) for node in nodes]

    def says(self, sentence: str, within: str = "body") -> str:
        """`sentence` as the page writes it, or an empty string when the page does not say it.

        It must fill one whole line, or several whole lines, in an element that `within` selects.
        """
        wanted = normalise(sentence)
        for shown, plain in self._lines_of(within):
            for start, end in _runs(plain, wanted):
                if " ".join(plain[start:end]) == wanted:
                    return words(" ".join(shown[start:end]))
        return ""

    def line(self, pattern: re.Pattern[str], within: str = "body") -> str:
        """The first line, as the page writes it, that `pattern` matches; empty when there is none.

        `pattern` must match the whole normalised line. Only elements that `within` selects are looked at.
        """
        for shown, plain in self._lines_of(within):
            for n, line in enumerate(plain):
                if pattern.fullmatch(line):
                    return words(shown[n])
        return ""

    def day(self, tz: ZoneInfo) -> date:
        """The day in `tz` on which the page was requested: « today », for dates without a year."""
        return self.step.started_at.astimezone(tz).date()

    def data(self, element_id: str) -> object:
        """The value in `<script type="application/json" id="…">`; `None` if it is missing or not JSON."""
        tree = parsed(self.raw)
        node = tree.css_first(f'script[type="application/json"][id="{element_id}"]') if tree else None
        return parse_json(node.text()) if node else None

    def _lines_of(self, selector: str) -> Iterator[tuple[list[str], list[str]]]:
        if selector == "body":
            yield self.lines, self.plain
            return
        for node in self.nodes(selector):
            shown = lines(node)
            yield shown, plain_lines(shown)


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFC", text.translate(_ALIKE))
    return unicodedata.normalize("NFC", folded.casefold())


def plain_lines(shown: list[str]) -> list[str]:
    """Lines without line breaks, normalised."""
    # Folded together: a page may have a thousand lines, and one call for each would be slow.
    return _folded("\n".join(shown)).split("\n") if shown else []


def _runs(plain: list[str], wanted: str) -> Iterator[tuple[int, int]]:
    """(start, end) of the runs of lines that might make up `wanted`, which starts with their first line."""
    for start, line in enumerate(plain):
        if wanted.startswith(line):
            yield from ((start, end) for end in range(start + 1, min(start + MAX_RUN, len(plain)) + 1))


@lru_cache(maxsize=256)
def _split(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower(), unquote(parts.path), parts.query
    except ValueError:
        return "", "", ""
