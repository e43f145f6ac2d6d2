"""Fingerprints the structure of a page, to group unrecognised pages of the same layout. No I/O.

Two pages whose tags, ids and classes are nested in the same way have the same fingerprint, whatever their
words and however many rows they list. Names that look like random tokens are left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence

from selectolax.lexbor import LexborNode

from probes.model import AcceptedLine, Capture, Reading, Step
from probes.pages.page import Page, parse, parse_json

LENGTH = 16
MAX_PATH = 300
"""Longest path into JSON, in characters. No booking site nests deeper, and the recursion must end."""

# Words of letters, perhaps with a number at the end: `planning12` and `planning7` count as the same name.
# `x7f3a9c` looks like a token and does not match.
_NAME = re.compile(r"([A-Za-z]{2,30}(?:[-_]{1,2}[A-Za-z]{1,30}){0,6})[-_]?[0-9]{0,12}")


def fingerprint(platform: str, capture: Capture) -> str:
    """The structure of the last page received, as 16 hexadecimal digits.

    The platform's name is part of it: the same page has another fingerprint on another platform.
    """
    shown = [step for step in capture.steps if step.body or step.rendered]
    labels = skeleton(parse(shown[-1])) if shown else _nothing(capture.last)
    return hashlib.sha256("\n".join([platform, *sorted(labels)]).encode()).hexdigest()[:LENGTH]


def kept_structure(platform: str, reading: Reading, capture: Capture) -> str | None:
    """The fingerprint if `reading` needs it (see `Reading.keeps_structure`), else `None`."""
    return fingerprint(platform, capture) if reading.keeps_structure else None


def accepted_lines(
    platform: str, capture: Capture, accepted: Mapping[str, Sequence[AcceptedLine]]
) -> Sequence[AcceptedLine]:
    """The lines that are accepted on pages of this structure; `accepted` has those of `platform` by it."""
    return accepted.get(fingerprint(platform, capture), ()) if accepted else ()


def skeleton(page: Page) -> frozenset[str]:
    """The pairs `parent > element` of the page, each written `tag#id.classes`.

    For a page that is JSON: the path and type of every value.
    """
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
