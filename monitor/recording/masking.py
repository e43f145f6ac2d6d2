"""Takes out of a visit what must not be published: cookies, tokens, mail addresses, typed values. Pure.

Equal secrets become equal masks, so that links and forms of a page still match; every other byte stays. A
person must check the result: a name inside a sentence looks like any other word and is not found. Plain
numbers stay, because hours and days are numbers.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from urllib.parse import quote, quote_plus

from probes.model import Capture, Step, Target

SHORTEST = 4
"""Shorter values, such as `1` or `on`, are on every page and are no secret."""

_NAME = (
    r"[\w.-]*(?:token|csrf|session|sess_?id|\bsid\b|nonce|auth|signature|ticket|secret|captcha_?id)[\w.-]*"
)
# In each, group 1 stays and group 2 goes.
_PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("image", r"(data:[\w/+.;=-]{1,60},)([\w+/=%-]{16,})"),
        ("session", r"(;jsessionid=)([^?#&\"'<>\s;]+)"),
        ("token", rf"([?&;]{_NAME}=)([^&#\"'<>\s;]+)"),
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
_CHOSEN = frozenset(("radio", "checkbox", "submit", "button", "image", "reset", "color", "range"))
_MASKS = {
    "e-mail": "adresse{0}@example.org",
    "telephone": "00 00 00 00 {1:02}",
    "ip": "192.0.2.{1}",
    "typed": "saisi{0}",
}


class Mask:
    """Masks one visit. `secrets` are values of cookies, `typed` values typed into forms.

    `counts` is how much was taken out so far, by kind.
    """

    def __init__(self, *, secrets: Iterable[str] = (), typed: Iterable[str] = ()) -> None:
        self.counts: Counter[str] = Counter()
        self._masks: dict[tuple[str, str], str] = {}
        self._known = {
            spelling: (kind, self._mask(kind, value))
            for kind, values in (("cookie", secrets), ("typed", typed))
            for value in values
            if len(value) >= SHORTEST
            for spelling in _spellings(value)
        }
        self.counts.clear()

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
            kind, mask = self._known[value]
            self.counts[kind] += text.count(value)
            text = text.replace(value, mask)
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
            body=self._body(step.body),
            rendered=None if step.rendered is None else self.page(step.rendered),
            dialogs=tuple(map(self.text, step.dialogs)),
            detail=self.text(step.detail),
            server_address=None,
            tls_sha256=None,
        )

    def _body(self, body: bytes) -> bytes:
        """The body masked, in any charset: one that is not UTF-8 is taken byte by byte (Latin-1)."""
        codec = "utf-8" if _is_utf8(body) else "latin-1"
        return self.page(body.decode(codec)).encode(codec, "replace")

    def _option(self, value: str) -> str:
        """An option of the target, masked only if it was typed: other options are public."""
        kind, mask = self._known.get(value, ("", ""))
        return mask if kind == "typed" else value

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
        self.counts[kind] += 1
        number = len(self._masks) + 1
        return self._masks.setdefault(
            (kind, value), _MASKS.get(kind, "masque{0}").format(number, number % 99)
        )


def _spellings(value: str) -> set[str]:
    """All the ways in which pages and addresses may write `value`: JSON, HTML and URL escapes."""
    escaped = json.dumps(value)[1:-1]
    return {value, quote(value), quote(value, safe=""), quote_plus(value), html.escape(value), escaped}


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
