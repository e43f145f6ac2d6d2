"""The structure of a page without its content: what pages of one unknown layout have in common. Pure.

Two pages with the same tags, classes and names under each other share a fingerprint, whatever they say and
however many rows they list. Words of the page and names that look like tokens have no part in it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborNode

from probes.model import Capture, Outcome, Reading, Step
from probes.pages.page import Page, parse, parse_json

LENGTH = 16
MAX_PATH = 300
"""Deeper JSON than that is no booking site's, and would take us with it."""

# Words of letters, perhaps numbered: `planning12` and `planning7` are one name, `x7f3a9c` is a token.
_NAME = re.compile(r"([A-Za-z]{2,30}(?:[-_]{1,2}[A-Za-z]{1,30}){0,6})[-_]?[0-9]{0,12}")


def fingerprint(platform: str, capture: Capture) -> str:
    """Hexadecimal name of the structure on which the visit ended, one for each platform."""
    shown = [step for step in capture.steps if step.body or step.rendered]
    labels = skeleton(parse(shown[-1])) if shown else _nothing(capture.last)
    return hashlib.sha256("\n".join([platform, *sorted(labels)]).encode()).hexdigest()[:LENGTH]


def unrecognised_structure(platform: str, reading: Reading, capture: Capture) -> str | None:
    """The fingerprint of a page that was not recognised; `None` for any other, which needs none."""
    return fingerprint(platform, capture) if reading.outcome is Outcome.UNRECOGNISED else None


def skeleton(page: Page) -> frozenset[str]:
    """Which element stands in which, each as tag, id and classes; the keys of a page that is JSON."""
    value = parse_json(page.raw)
    if isinstance(value, dict | list):
        return frozenset(_keys(value, "$"))
    return frozenset(f"{_label(node.parent)} > {_label(node)}" for node in page.nodes("body *"))


def _nothing(last: Step | None) -> frozenset[str]:
    return frozenset({f"nothing: {last.failure if last else None}"})


def _label(node: LexborNode | None) -> str:
    if node is None:
        return ""
    attributes = node.attributes
    classes = sorted(filter(None, map(_name, (attributes.get("class") or "").split())))
    identity = _name(attributes.get("id") or "")
    return f"{node.tag}#{identity}.{'.'.join(dict.fromkeys(classes))}"


def _name(text: str) -> str:
    found = _NAME.fullmatch(text)
    return found[1] if found else ""


def _keys(value: object, path: str) -> Iterator[str]:
    yield f"{path} {type(value).__name__}"
    if len(path) > MAX_PATH:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _keys(inner, f"{path}.{_name(key)}")
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner, f"{path}[]")
