"""What a browser makes of an answer by its content type: a page, a text or a file to save. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum


class Kind(Enum):
    """`PAGE` is HTML, XML or data; `TEXT` is shown as it is, tags included; `FILE` is not shown."""

    PAGE = "page"
    TEXT = "text"
    FILE = "file"


# One of several values in a header, which commas separate; a comma in quotes is none of these.
_VALUE = re.compile(r'(?:"(?:\\.|[^"\\])*"?|[^,"])+')
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNKNOWN = frozenset(("", "*/*", "unknown/unknown", "application/unknown"))
_PAGES = re.compile(r"text/html|.+[/+](?:xml|json)|.+/javascript")
_XML = re.compile(r".+[/+]xml")
# The beginnings by which browsers know HTML (WHATWG, MIME sniffing).
_TAGS = "html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p"
_HTML = re.compile(rf"\s*<(?:!doctype html[\s>]|(?:{_TAGS})[\s>]|!--|\?xml)".encode(), re.IGNORECASE)
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_BYTE_ORDER = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_HEAD = 1_445
"""How many bytes browsers look at."""


def kind_of(content_type: str, body: bytes) -> Kind:
    """What a browser makes of `body`; of an empty or unknown content type, by its first bytes."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _UNKNOWN or "/" not in kind:
        return _guessed(body[:_HEAD])
    if _PAGES.fullmatch(kind):
        return Kind.PAGE
    return Kind.TEXT if kind.startswith("text/") else Kind.FILE


def is_download(dispositions: Iterable[str]) -> bool:
    """Whether the headers `Content-Disposition` of an answer make it a file to save.

    Only the type counts, not a file's name: any but `inline` does, and so do two that differ. What is no type
    says nothing (RFC 6266, and tried in Chromium).
    """
    given = {each.strip() for said in dispositions for each in _VALUE.findall(said)} - {""}
    kinds = {each.partition(";")[0].strip().lower() for each in given}
    return len(given) > 1 or any(_TOKEN.fullmatch(kind) and kind != "inline" for kind in kinds)


def is_xml(content_type: str) -> bool:
    """Whether browsers read an answer by the rules of XML, which end at the first error."""
    return _XML.fullmatch(content_type.partition(";")[0].strip().lower()) is not None


def shows_page(content_type: str, body: bytes) -> bool:
    """Whether a browser would make a page of `body`, so neither data nor text nor a file."""
    data = body.lstrip()[:1] in (b"{", b"[")
    return not data and kind_of(content_type, body) is Kind.PAGE


def _guessed(head: bytes) -> Kind:
    bare = head.removeprefix(_BYTE_ORDER[0])
    if _HTML.match(bare):
        return Kind.PAGE
    if head.startswith(_BYTE_ORDER) or not _BINARY.search(head):
        return Kind.TEXT
    return Kind.FILE
