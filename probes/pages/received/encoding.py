"""The bytes of an answer as text, decoded as browsers do. No I/O. Never raises."""

from __future__ import annotations

import codecs
import re

from probes.model import Step

# Browsers look for the declaration only near the beginning.
_HEAD = 2048
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_META = re.compile(rb"<meta[\s/](?:[^>\"']|\"[^\"]*\"|'[^']*'){0,300}>", re.IGNORECASE)
_CHARSET = re.compile(rb"""\scharset\s*=\s*["']?\s*([A-Za-z0-9_:-]{1,40})""", re.IGNORECASE)
_CONTENT = re.compile(
    rb"""\scontent\s*=\s*(?:"[^"]*?|'[^']*?|)charset\s*=\s*([A-Za-z0-9_:-]{1,40})""", re.IGNORECASE
)
_HTTP_EQUIV = re.compile(rb"""\shttp-equiv\s*=\s*["']?\s*content-type\b""", re.IGNORECASE)
_VALUES = re.compile(rb"=\s*(?:\"[^\"]*\"|'[^']*')")
_XML = re.compile(rb"""\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9_-]{1,40})["']""")
_AT_CHARSET = re.compile(rb"""@charset "([A-Za-z0-9_:-]{1,40})";""")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CP1252 = (
    *("iso-8859-1", "iso8859-1", "iso_8859-1", "latin-1", "latin1", "l1"),
    *("us-ascii", "ascii", "ansi_x3.4-1968", "cp819", "x-cp1252"),
)
_NAMES = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8"), "utf-8"),
    **dict.fromkeys(("utf-16", "utf-16le", "unicode", "ucs-2", "iso-10646-ucs-2"), "utf-16-le"),
    **dict.fromkeys(("utf-16be", "unicodefffe"), "utf-16-be"),
    **dict.fromkeys(_CP1252, "cp1252"),
    **dict.fromkeys(("macintosh", "mac", "x-mac-roman", "csmacintosh"), "mac-roman"),
    **dict.fromkeys(("latin-9", "latin9", "l9", "iso8859-15", "iso_8859-15"), "iso8859-15"),
}
# Browsers show nothing of a page in one of these, which have been used to smuggle scripts.
_REFUSED = "replacement"
_NAMES |= dict.fromkeys(
    ("replacement", "csiso2022kr", "hz-gb-2312", "iso-2022-cn", "iso-2022-cn-ext", "iso-2022-kr"), _REFUSED
)
# Other names that mean the same to Python and to browsers.
_REGULAR = re.compile(
    r"iso-8859-(?:[2-8]|10|1[3-6])|(?:windows-|cp)125[0-8]|koi8-[ru]|gb18030|gbk|big5|euc-jp"
)


def decode(step: Step) -> str:
    """The body as text: what its byte order mark, its header or a `<meta>` declares, in this order.

    Without a declaration: UTF-16 if every second byte is zero, UTF-8 if the bytes are valid UTF-8, else
    Windows-1252. Bytes that are not valid become U+FFFD.
    """
    mark, marked = _mark(step.body)
    codec = marked or _unmarked(step)
    return "\ufffd" if codec == _REFUSED else step.body[len(mark) :].decode(codec, "replace")


def codec_of(step: Step) -> str:
    """The Python codec that `decode` reads the body with."""
    return _mark(step.body)[1] or _unmarked(step)


def is_of_ascii(name: str) -> bool:
    """Whether ASCII letters are ASCII bytes in an encoding, as far as this is known."""
    codec = _codec(name.strip())
    return not name.strip() or (bool(codec) and not codec.startswith("utf-16"))


def decode_sheet(body: bytes, content_type: str) -> str | None:
    """A style sheet as text; `None` when it names an encoding that is not known here.

    The byte order mark counts first, then the header, then the sheet's own `@charset`.
    """
    mark, marked = _mark(body)
    declared = _charset(content_type)
    own = _AT_CHARSET.match(body)
    inside = own[1].decode("ascii") if own else ""
    if not marked and any(name and not _codec(name) for name in (declared, inside)):
        return None
    # As in a document, a declaration that can be read byte by byte is not in UTF-16.
    written = "" if _codec(inside).startswith("utf-16") else _codec(inside)
    codec = marked or _codec(declared) or written or "utf-8"
    return body[len(mark) :].decode(codec, "replace")


def form_encoding(step: Step) -> str:
    """The Python codec in which a browser sends a form of this page: the page's own, never UTF-16."""
    used = codec_of(step)
    return "utf-8" if used.startswith("utf-16") else used


def _mark(body: bytes) -> tuple[bytes, str]:
    return next(((mark, codec) for mark, codec in _MARKS if body.startswith(mark)), (b"", ""))


def _unmarked(step: Step) -> str:
    declared = _of_header(step) or _of_document(step.body) or _of_zeros(step.body)
    if declared:
        return declared
    try:
        step.body.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _of_header(step: Step) -> str:
    return _codec(_charset(step.header("content-type") or ""))


def _charset(content_type: str) -> str:
    _, _, charset = content_type.lower().partition("charset=")
    return charset.partition(";")[0].strip(" \"'")


def _of_document(body: bytes) -> str:
    head = _COMMENT.sub(b"", body[:_HEAD])
    found = next(filter(None, map(_in_meta, _META.findall(head))), None) or _XML.match(head)
    declared = _codec(found[1].decode("ascii")) if found else ""
    # A declaration that can be read byte by byte is not in UTF-16: browsers take it for UTF-8.
    return "utf-8" if declared.startswith("utf-16") else declared


def _in_meta(tag: bytes) -> re.Match[bytes] | None:
    """Where a `<meta>` declares an encoding: not where another attribute's value only looks like it."""
    bare = _VALUES.sub(lambda value: b"=" + b"_" * (len(value[0]) - 1), tag)
    own = re.search(rb"\scharset\s*=", bare, re.IGNORECASE)
    if own:
        return _CHARSET.match(tag, own.start())
    return _CONTENT.search(tag) if _HTTP_EQUIV.search(tag) else None


def _of_zeros(body: bytes) -> str:
    """The UTF-16 of a document without any declaration, whose first signs are ASCII; empty for others."""
    start = body[:64]
    half = len(start) // 2
    if half < 8:
        return ""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    return "utf-16-be" if even > half * 3 // 4 > odd else "utf-16-le" if odd > half * 3 // 4 > even else ""


def _codec(name: str) -> str:
    name = name.lower()
    return _NAMES.get(name) or (name if _REGULAR.fullmatch(name) else "")
