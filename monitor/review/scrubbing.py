"""Takes out of a page what could name a person or open a session. Works on bytes and keeps all the others.

A token becomes a name of its own, so that what was equal stays equal: a reader may rely on it. Numbers alone
are left: hours and days are numbers. Pure.
"""

from __future__ import annotations

import hashlib
import re

_EMAIL = re.compile(rb"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PHONE = re.compile(rb"(?<![\w.-])(?:\+33|0)[ .-]?[1-9](?:[ .-]?[0-9]{2}){4}(?![\w-])")
_IPV4 = re.compile(rb"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w.]*[0-9])")
_IPV6 = re.compile(rb"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){5,7}[0-9A-Fa-f]{1,4}(?![\w:])")

_QUOTED = rb"""(?:"[^"]*"|'[^']*'|[^\s"'>]+)"""
_INPUT = re.compile(rb"<input\b[^>]*>", re.IGNORECASE)
_VALUE = re.compile(rb"(\bvalue\s*=\s*)" + _QUOTED, re.IGNORECASE)
_TYPE = re.compile(rb"""\btype\s*=\s*["']?(\w+)""", re.IGNORECASE)
_CHOSEN = frozenset({b"button", b"checkbox", b"hidden", b"image", b"radio", b"reset", b"submit"})
_WRITTEN = re.compile(rb"(<textarea\b[^>]*>).*?(</textarea>)", re.IGNORECASE | re.DOTALL)

_SECRETS = rb"\w*(?:csrf|token|nonce|session|viewstate)\w*"
_SECRET_FIELD = re.compile(rb"""\b(?:name|id)\s*=\s*["']?""" + _SECRETS, re.IGNORECASE)
_META = re.compile(rb"<meta\b[^>]*>", re.IGNORECASE)
_CONTENT = re.compile(rb"(\bcontent\s*=\s*)" + _QUOTED, re.IGNORECASE)
_PARAMETER = re.compile(rb"(\b(?:" + _SECRETS + rb"|sid)=)[\w%+.~-]{6,}", re.IGNORECASE)
_UUID = rb"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
# Letters that follow digits, over sixteen characters: no word does. A date such as 20260105T090000Z may.
_MIXED = rb"(?![0-9]{8}T[0-9]{6})(?=[A-Za-z0-9]*[0-9][A-Za-z])[A-Za-z0-9]{16,}"
_TOKEN = re.compile(rb"(?<![A-Za-z0-9])(?:" + _UUID + rb"|" + _MIXED + rb")(?![A-Za-z0-9])")


def scrub(page: bytes) -> bytes:
    """`page` without addresses, typed values and tokens."""
    page = _INPUT.sub(_emptied, _WRITTEN.sub(rb"\1\2", page))
    page = _META.sub(lambda tag: _hidden(tag[0], _CONTENT), page)
    page = _PARAMETER.sub(lambda found: found[1] + b"masked", page)
    page = _EMAIL.sub(b"nobody@example.org", page)
    page = _IPV6.sub(b"2001:db8:0:0:0:0:0:1", _IPV4.sub(b"192.0.2.1", page))
    return _TOKEN.sub(_pseudonym, _PHONE.sub(b"01 99 00 00 00", page))


def scrub_text(text: str) -> str:
    """The same for a text: an address, what a browser rendered."""
    return scrub(text.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")


def _emptied(tag: re.Match[bytes]) -> bytes:
    """A field without what was typed into it, or the secret it carried; a choice stays."""
    kind = _TYPE.search(tag[0])
    if kind is None or kind[1].lower() not in _CHOSEN:
        return _VALUE.sub(rb'\1""', tag[0])
    return _hidden(tag[0], _VALUE)


def _hidden(tag: bytes, attribute: re.Pattern[bytes]) -> bytes:
    return attribute.sub(rb'\1"masked"', tag) if _SECRET_FIELD.search(tag) else tag


def _pseudonym(found: re.Match[bytes]) -> bytes:
    return b"masked" + hashlib.sha256(found[0]).hexdigest()[:8].encode()
