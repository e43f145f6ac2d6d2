"""Takes out of texts around a page all that could name a person or open a session. Pure.

Two rules, because two kinds of text are kept:
- texts of the record go by an allow-list. A URL keeps its host, short numbers, and those words of path and
  query that we know: the words of the configured address and of the platform's declared paths. A header is
  kept when its name and its value have a listed form. A quotation loses addresses, long numbers and all that
  looks like a token.
- addresses stored beside a captured page must still be usable by a later reader, which goes by the path.
  `capture` takes out only users, fragments, parameters, unknown words of the query, and path segments that
  could open a session.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from probes.model import Capture, LinkedSheet, Step

_MASK = "*"
_MASKED_TEXT = "[masqué]"

# Pages on which any site may end a visit; the rest of the vocabulary comes from targets and platforms.
_COMMON_WORDS = frozenset(
    re.findall(
        r"\w+",
        "accueil api blocked captcha cgu connexion creneau erreur error fr html htm index indisponible login "
        "maintenance php www",
    )
)
_WORD = re.compile(r"[\w%]+")
_PHONE = re.compile(r"(?=(?:[.+~*-]?\d){9})\+?\d+(?:[.+~*-]\d+)+")
_SHORT_NUMBER = re.compile(r"[0-9]{1,6}")
_NOT_PUNCTUATION = re.compile(r"[^\w%/?&=.\-~:;,+*]")
_HOST = re.compile(r"[a-z0-9.-]{1,253}")

_IMF_DATE = r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT"
_PRODUCTS = (
    "AkamaiGHost|AmazonS3|Apache|Apache-Coyote|BigIP|Caddy|CloudFront|Cowboy|HAProxy|Jetty|LiteSpeed"
    "|Microsoft-IIS|Varnish|awselb|cloudflare|envoy|gunicorn|hypercorn|istio-envoy|lighttpd|nginx|openresty"
    "|tengine|uvicorn"
)
_VERSION = r"(?:/[0-9][0-9.]{0,15})?(?: \((?:Debian|Ubuntu|Unix|Win64|Red Hat|CentOS)\))?"
_HEADERS = {
    "age": re.compile(r"\d{1,9}"),
    "content-language": re.compile(r"[a-z]{2}(?:-[A-Z]{2})?"),
    "content-type": re.compile(
        r"(?:text/(?:html|plain|xml)|application/(?:json|xhtml\+xml|xml))"
        r"(?:; ?charset=\"?(?:(?:utf|iso)[0-9-]{1,8}|windows-125[0-9]|us-ascii)\"?)?",
        re.IGNORECASE,
    ),
    "date": re.compile(_IMF_DATE),
    "last-modified": re.compile(_IMF_DATE),
    "retry-after": re.compile(rf"\d{{1,6}}|{_IMF_DATE}"),
    "server": re.compile(rf"(?:{_PRODUCTS}){_VERSION}", re.IGNORECASE),
    "x-request-id": re.compile(r"[0-9a-fA-F-]{8,64}"),
}

_EMAIL = re.compile(r"[^\s@<>()]+@[^\s@<>()]+")
_PRIVATE_TEXT = re.compile(
    r"https?://\S+"
    rf"|{_EMAIL.pattern}"
    r"|\+?\d(?:[ .-]?\d){8,}"
    r"|(?=[\w.~+/=-]*\d)(?=[\w.~+/=-]*[A-Za-z])[\w.~+/=-]{20,}"
    r"|\w+=[^\s;]{8,}"
)
# A session's token: long, letters and digits. The name of a page is words with hyphens: it does not match.
_SESSION = re.compile(r"(?=.*\d)(?=.*[A-Za-z])(?:\w{20,}|[0-9a-fA-F-]{20,})")
_ADDRESS = re.compile(r"https?://\S+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}")


def vocabulary(*texts: str) -> frozenset[str]:
    """The words of configured addresses and declared paths (`texts`): a scrubbed URL may still show them."""
    return frozenset(word.casefold() for text in texts for word in re.findall(r"[A-Za-z0-9_]+", text))


def url(address: str, known: frozenset[str] = frozenset()) -> str:
    """`address` without user, fragment or unknown words; `*` stands for each word taken out.

    `*` alone for an address that is not http, not https or cannot be read.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _MASK
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return _MASK
    where = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    query = f"?{parts.query}" if parts.query else ""
    return where + _known_words(parts.path + query, known | _COMMON_WORDS)


def capture(received: Capture, known: frozenset[str] = frozenset()) -> Capture:
    """The capture with tokens taken out of the addresses beside its pages; the pages stay as they came."""
    return replace(received, steps=tuple(_step(step, known) for step in received.steps))


def _step(step: Step, known: frozenset[str]) -> Step:
    return replace(
        step,
        url=address_to_read(step.url, known),
        final_url=address_to_read(step.final_url, known),
        redirects=tuple(address_to_read(address, known) for address in step.redirects),
        headers=tuple(
            (name, address_to_read(value, known) if name.lower() == "location" else value)
            for name, value in step.headers
        ),
        detail=_ADDRESS.sub(lambda found: address_to_read(found[0], known), step.detail),
        sheets=step.sheets and tuple(_sheet(sheet, known) for sheet in step.sheets),
        refused=tuple(
            _ADDRESS.sub(lambda found: address_to_read(found[0], known), asked) for asked in step.refused
        ),
    )


def _sheet(sheet: LinkedSheet, known: frozenset[str]) -> LinkedSheet:
    return replace(sheet, url=address_to_read(sheet.url, known))


def address_to_read(address: str, known: frozenset[str] = frozenset()) -> str:
    """`address` as a later reader needs it: its path, and the known words of its query; `*` for the rest."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return _MASK
    path = "/".join(_segment(segment, known) for segment in parts.path.split("/"))
    query = _known_words(parts.query, known | _COMMON_WORDS)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], path, query, ""))


def _segment(segment: str, known: frozenset[str]) -> str:
    name, sign, _ = segment.partition(";")
    if _SESSION.fullmatch(name) and name.casefold() not in known:
        name = _MASK
    return name + (f"{sign}{_MASK}" if sign else "")


def _known_words(text: str, known: frozenset[str]) -> str:
    def keep(match: re.Match[str]) -> str:
        word = match[0]
        return word if word.casefold() in known or _SHORT_NUMBER.fullmatch(word) else _MASK

    return _WORD.sub(keep, _PHONE.sub(_MASK, _NOT_PUNCTUATION.sub(_MASK, text)))


def headers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The listed headers whose value has the listed form, names in lower case; the first of each name."""
    kept: dict[str, str] = {}
    for name, value in pairs:
        form = _HEADERS.get(name.lower())
        if form and form.fullmatch(value):
            kept.setdefault(name.lower(), value)
    return kept


def quotation(words: str, limit: int = 300) -> str:
    """A page's words, at most `limit` characters, without addresses, long numbers or tokens; valid UTF-8."""
    # Cut first, generously: a page chooses its length, and masking looks ahead.
    return _PRIVATE_TEXT.sub(_MASKED_TEXT, _utf8(words[: 4 * limit]))[:limit]


def own_words(words: str, limit: int = 300) -> str:
    """A text of our own configuration, cut at `limit` characters, without e-mail addresses; valid UTF-8."""
    return _EMAIL.sub(_MASKED_TEXT, _utf8(words))[:limit]


def _utf8(words: str) -> str:
    """`words` without NUL and lone surrogates, which a database cannot store; U+FFFD stands for each."""
    return words.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def slug(value: str) -> str:
    """`value`, a name given by our own code, or `other` when it does not have the form of one."""
    return value if _SLUG.fullmatch(value) else "other"


def sha256(value: str | None) -> str | None:
    """`value` when it is a SHA-256 in lower-case hexadecimal, else `None`."""
    return value if value and _SHA256.fullmatch(value) else None


def address(value: str | None) -> str | None:
    """The IP address in `value` (`192.0.2.1:443`, `[::1]:443`) without its port; `None` if there is none."""
    candidate = (value or "").removeprefix("[").partition("]")[0]
    if candidate.count(":") == 1:
        candidate = candidate.partition(":")[0]
    try:
        return str(ipaddress.ip_address(candidate))
    except ValueError:
        return None
