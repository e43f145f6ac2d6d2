"""What comes along when an address is pasted from a mail, a sentence or a page's source, and its mend. Pure.

Some of it makes an address that works and asks for something else: `&amp;` names another search.
"""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import parse_qsl, unquote, urlsplit

_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#[0-9]{1,5}|#x[0-9a-f]{1,4});", re.IGNORECASE)
_ENCODED_ENTITY = re.compile(r"(?:&|%26)(?:amp|%23[0-9]{2,3}|#[0-9]{2,3})(?:;|%3b)", re.IGNORECASE)
_LINK = re.compile(r"\[[^\]]*\]\((?P<address>https?://.+)\)")
_BEFORE = "<([{\"'`«»‹›“”„‘’*"
_AFTER = _BEFORE + ">)]},;:!.…"
_NEVER = re.compile(r"[<>\"]")
_WRAPPED = re.compile(r"/v[0-9]/__(https?:/.+?)__;")


def pasted_problem(url: str) -> str | None:
    """What of `url` is no part of an address, with the address to write; `None` when nothing is."""
    bare = _bare(url)
    if bare != url and re.match(r"https?://[^/@]+(?:/|$)", bare):
        return f'has signs before or after it that were pasted with it; write "{bare}"'
    plain = _without_entities(url)
    if plain != url and "@" not in plain:
        return f'was copied from the source of a page, where "&" is written "&amp;"; write "{plain}"'
    if _NEVER.search(url):
        return "holds a sign that browsers never leave in an address; copy it again from the browser"
    return None


def led_through(url: str) -> str | None:
    """The address to which a link of a mail filter or a search engine leads; `None` for other links."""
    if wrapped := _WRAPPED.search(url):
        return re.sub(r"^(https?:)/+", r"\1//", wrapped[1])
    values = (value for _, value in parse_qsl(urlsplit(url).query))
    return next((value for value in values if re.match(r"https?://[^/@]+/", value)), None)


def _bare(url: str) -> str:
    """`url` without invisible signs, and without blanks, quotation marks, brackets or full stops around."""
    seen = "".join(letter for letter in url if unicodedata.category(letter) != "Cf").strip()
    if link := _LINK.fullmatch(seen):
        return link["address"]
    begun = seen.lstrip(_BEFORE + " \xa0\u202f")
    ended = begun.rstrip(_AFTER + " \xa0\u202f")
    opened = ended.count("(") - ended.count(")")
    return ended + ")" if opened == 1 and begun[len(ended) :].startswith(")") else ended


def _without_entities(url: str) -> str:
    """`url` with what HTML writes for a sign replaced by the sign, also when it was percent-encoded since."""
    before, plain = "", _ENCODED_ENTITY.sub(lambda found: unquote(found[0]), url)
    while before != plain:
        before, plain = plain, _ENTITY.sub(lambda found: html.unescape(found[0]), plain)
    return plain
