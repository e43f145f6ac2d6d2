"""Keeps personal data out of the free texts that the record keeps for good. Pure."""

from __future__ import annotations

import re

from monitor.problems import BadInput, Problem

# A day is no number of a person: « seen on 2026-11-28 », « le 28/11/2026 à 10:00 ».
_DAYS = re.compile(
    r"(?<![\d./-])(?:20\d\d-[01]\d-[0-3]\d|[0-3]?\d[./][01]?\d[./]20\d\d)(?![\d/-]|\.\d)"
    r"(?:[ T]+(?:à )?\d{1,2}(?::| ?h ?)\d{2}(?::\d{2})?)?"
)
_KINDS = {
    "an e-mail address": re.compile(
        r"[^\s@<>()]+\s?(?:@|\uff20|%40)\s?[^\s@<>()]+\.[^\s@<>()]+", re.IGNORECASE
    ),
    "a telephone number or a foreigner's number": re.compile(r"\d(?:[ \u00a0\u202f./()+-]{0,2}\d){8,}"),
}


def found(text: str) -> str:
    """What in `text` could name a person, such as `an e-mail address`; empty when nothing does.

    A number of 9 digits or more is taken for one of a person, however its digits are grouped.
    """
    bare = _DAYS.sub(" · ", text)
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(bare)), "")


def check(option: str, text: str) -> str:
    """`text` itself. Raises `BadInput`, which does not repeat it, when it could name a person."""
    if kind := found(text):
        words = f"holds {kind}, and the record would keep it for good; leave it out"
        raise BadInput(Problem(option, words))
    return text
