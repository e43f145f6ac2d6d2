"""Takes out of a visit what must not be published: cookies, tokens, mail addresses, typed values. Pure.

Equal secrets become equal masks, so that links and forms of a page still match; every other byte stays. A
person must check the result: a name inside a sentence looks like any other word and is only found when she
says it. Plain numbers stay, because hours and days are numbers.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from html.entities import codepoint2name
from urllib.parse import quote, quote_plus

from probes.model import Capture, Step, Target
from probes.pages.page import query_of
from probes.pages.received.encoding import codec_of

SHORTEST = 4
"""Shorter values, such as `1` or `on`, are on every page and are no secret."""

_NAME = (
    r"[\w.-]*(?:token|csrf|session|sess_?id|\bsid\b|nonce|auth|signature|ticket|secret|captcha_?id)[\w.-]*"
)
# Parameters that say who or where a person is, as a search by address has them.
_WHO = (
    r"(?:\w+_)?(?:address|adresse|street_ban_id|latitude|longitude|(?:first|last|birth|family)_?name|prenom|nom"
    r"|e?mail|phone(?:_number)?|telephone|birth_?date|affiliation_number|numero_dossier)"
)
# In each, group 1 stays and group 2 goes.
_PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("image", r"(data:[\w/+.;=-]{1,60},)([\w+/=%-]{16,})"),
        ("session", r"(;jsessionid=)([^?#&\"'<>\s;]+)"),
        ("token", rf"([?&;]{_NAME}=)([^&#\"'<>\s;]+)"),
        ("person", rf"([?&;]{_WHO}=)([^&#\"'<>\s;]+)"),
        ("token", rf"(<meta\b[^<>]*\bname=[\"']?{_NAME}[\"']?[^<>]*\bcontent=[\"'])([^\"']+)"),
        ("token", rf"([\"']?\b{_NAME}[\"']?\s*[:=]\s*[\"'])([^\"'<>\s]+)"),
        ("token", r"()\b(eyj[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})"),
        ("token", r"()\b([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\b"),
        # A letter after a digit, in sixteen characters or more: no word is so. A date (20260105T090000Z) is.
        ("token", r"(?<![a-z0-9])()((?![0-9]{8}t[0-9]{6})(?=[a-z0-9]*[0-9][a-z])[a-z0-9]{16,})"),
        ("e-mail", r"()([\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+)"),
        ("telephone", r"(?<![\w.-])()((?:\+33|0033|0)[ .\u00a0]?[1-9](?:[ .\u00a0-]?[0-9]{2}){4})(?![0-9])"),
        ("ip", r"(?<![\w.])()([0-9]{1,3}(?:\.[0-9]{1,3}){3})(?![\w.])"),
        ("ip", r"(?<![\w:])()((?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4})(?![\w:])"),
    )
)
_INPUT = re.compile(r"<(?:input|textarea)\b[^<>]*>", re.IGNORECASE)
_KIND = re.compile(r"\btype\s*=\s*[\"']?(\w+)", re.IGNORECASE)
_VALUE = re.compile(r"(\bvalue\s*=\s*)(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", re.IGNORECASE)
_TEXTAREA = re.compile(r"(<textarea\b[^<>]*>)(.+?)(</textarea>)", re.IGNORECASE | re.DOTALL)
_SECRET_FIELD = re.compile(rf"\b(?:name|id)\s*=\s*[\"']?{_NAME}", re.IGNORECASE)
_PERSONAL = re.compile(_WHO, re.IGNORECASE)
_CHOSEN = frozenset(("radio", "checkbox", "submit", "button", "image", "reset", "color", "range"))
_MASKS = {
    "e-mail": "adresse{0}@example.org",
    "telephone": "00 00 00 00 {1:02}",
    "ip": "192.0.2.{1}",
    "typed": "saisi{0}",
}


@dataclass(frozen=True, slots=True)
class Masked:
    """One secret that was taken out: what kind it is, how it read, and what stands in its place."""

    kind: str
    value: str
    mask: str


class Mask:
    """Masks one visit.

    `secrets` are values of cookies, `typed` values typed into forms, `names` words that a person wants out:
    they are found as whole words, whatever their case. `found` is what was taken out so far, and how often.
    """

    def __init__(
        self, *, secrets: Iterable[str] = (), typed: Iterable[str] = (), names: Iterable[str] = ()
    ) -> None:
        self.found: Counter[Masked] = Counter()
        self._masks: dict[tuple[str, str], str] = {}
        self._known = {
            spelling: Masked(kind, value, self._mask(kind, value))
            for kind, values in (("cookie", secrets), ("typed", typed))
            for value in values
            if len(value) >= SHORTEST
            for spelling in _spellings(value)
        }
        self._names = [
            (Masked("name", name, self._mask("name", name)), _anywhere(name))
            for name in sorted(set(names), key=len, reverse=True)
            if name.strip()
        ]
        self.found.clear()

    @property
    def counts(self) -> Mapping[str, int]:
        """How much was taken out so far, by kind."""
        return by_kind(self.found)

    def visit(self, target: Target, capture: Capture) -> tuple[Target, Capture]:
        """The visit and its target, both masked in the same way so that they still match."""
        options = {name: self._option(value) for name, value in target.options.items()}
        return replace(target, url=self.text(target.url), options=options), self.capture(capture)

    def capture(self, capture: Capture) -> Capture:
        """The capture without secrets, headers and picture."""
        return replace(capture, steps=tuple(map(self._step, capture.steps)), screenshot=None)

    def text(self, text: str) -> str:
        """`text` without secrets, for texts other than pages: an address, an alert, a target's option."""
        for value in sorted(self._known, key=len, reverse=True):
            if times := text.count(value):
                self.found[self._known[value]] += times
                text = text.replace(value, self._known[value].mask)
        for one, name in self._names:
            text, times = name.subn(one.mask, text)
            if times:
                self.found[one] += times
        for kind, pattern in _PATTERNS:
            text = pattern.sub(partial(self._replaced, kind), text)
        return text

    def page(self, page: str) -> str:
        """`page` (HTML or JSON) without secrets, as by `text`, nor values of hidden and typed fields."""
        page = _INPUT.sub(lambda found: self._input(found[0]), page)
        page = _TEXTAREA.sub(lambda found: found[1] + self._mask("field", found[2]) + found[3], page)
        return self.text(page)

    def _step(self, step: Step) -> Step:
        return replace(
            step,
            url=self.text(step.url),
            final_url=self.text(step.final_url),
            redirects=tuple(map(self.text, step.redirects)),
            headers=tuple((name, value) for name, value in step.headers if name.lower() == "content-type"),
            body=self._body(step),
            rendered=None if step.rendered is None else self.page(step.rendered),
            dialogs=tuple(map(self.text, step.dialogs)),
            detail=self.text(step.detail),
            server_address=None,
            tls_sha256=None,
        )

    def _body(self, step: Step) -> bytes:
        """The body masked, in its own charset: else a word with an accent, or in UTF-16, is not found.

        A body that is not valid in it is taken byte by byte (Latin-1).
        """
        codec = next(one for one in (codec_of(step), "utf-8", "latin-1") if _survives(step.body, one))
        return self.page(step.body.decode(codec)).encode(codec, "replace")

    def _option(self, value: str) -> str:
        """An option of the target, masked only if it was typed: other options are public."""
        known = self._known.get(value)
        return known.mask if known and known.kind == "typed" else value

    def _input(self, tag: str) -> str:
        kind, value = _KIND.search(tag), _VALUE.search(tag)
        if kind and kind[1].lower() in _CHOSEN:
            return tag
        hidden = kind is not None and kind[1].lower() == "hidden"
        if hidden and value and value[2].strip("\"'").isdecimal() and not _SECRET_FIELD.search(tag):
            return tag
        return _VALUE.sub(
            lambda found: found[1] + '"' + self._mask("field", found[2].strip("\"'")) + '"', tag
        )

    def _replaced(self, kind: str, found: re.Match[str]) -> str:
        return found[1] + self._mask(kind, found[2])

    def _mask(self, kind: str, value: str) -> str:
        if not value or value in self._masks.values():
            return value
        number = len(self._masks) + 1
        mask = self._masks.setdefault(
            (kind, value), _MASKS.get(kind, "masque{0}").format(number, number % 99)
        )
        self.found[Masked(kind, value, mask)] += 1
        return mask


def personal_values(url: str) -> frozenset[str]:
    """The values in the query of `url` that say who or where a person is, as a search by address does."""
    return frozenset(value for name, value in query_of(url) if _PERSONAL.fullmatch(name))


def by_kind(found: Mapping[Masked, int]) -> Mapping[str, int]:
    """How many secrets of each kind were taken out."""
    counts: Counter[str] = Counter()
    for one, times in found.items():
        counts[one.kind] += times
    return counts


def _spellings(value: str) -> set[str]:
    """All the ways in which pages and addresses may write `value`: JSON, HTML and URL escapes."""
    escaped = json.dumps(value)[1:-1]
    return {value, quote(value), quote(value, safe=""), quote_plus(value), html.escape(value), escaped}


# What may stand inside a word without being seen: a soft hyphen, or a tag as in « <b>Du</b>pont ».
_BETWEEN = r"(?:\u00ad|&shy;|&#173;|</?[a-z][^<>]{0,80}>)*"
_APOSTROPHES = "'\u2019\u2018\u02bc`\u00b4"
_LETTERS = [chr(code) for code in (*range(0xC0, 0x180), *range(0x1E00, 0x1F00))]


def _anywhere(name: str) -> re.Pattern[str]:
    """Finds a person's word as a whole one, in any case, however accents, apostrophes and spaces are written.

    A word without accents is found with them too, and the contrary: pages write names in capitals.
    """
    parts = (_BETWEEN.join(map(_letter, unicodedata.normalize("NFC", part))) for part in name.split())
    apart = rf"{_BETWEEN}(?:\s|&nbsp;|&#160;|%20|[+_.-])+{_BETWEEN}"
    return re.compile(rf"(?<!\w){apart.join(parts)}(?!\w)", re.IGNORECASE)


def _letter(letter: str) -> str:
    """A letter in all its spellings: with any accent or none, escaped for HTML, for JSON or for a URL."""
    if letter in _APOSTROPHES:
        alike = [*_APOSTROPHES]
    else:
        base = _bare(letter)
        alike = [letter, base, *(one for one in _LETTERS if _bare(one) == base)]
    forms = {form for one in alike for form in _forms(one)}
    return f"(?:{'|'.join(sorted(forms, key=len, reverse=True))})"


def _bare(letter: str) -> str:
    """A letter without accent, in small."""
    return unicodedata.normalize("NFD", letter.lower())[0]


@cache
def _forms(letter: str) -> frozenset[str]:
    """The regexes of one letter as pages and addresses may write it."""
    code = ord(letter)
    named = {f"&{codepoint2name[code]};"} if code in codepoint2name else set()
    plain = {*named, *_spellings(letter), unicodedata.normalize("NFD", letter), f"\\{letter}"}
    if letter == "'":
        plain.add("&apos;")
    return frozenset({*map(re.escape, plain), f"&#0*{code};", f"&#x0*{code:x};"})


def _survives(body: bytes, codec: str) -> bool:
    """Whether the bytes are the same again after decoding and encoding."""
    try:
        return body.decode(codec).encode(codec) == body
    except UnicodeError:
        return False
