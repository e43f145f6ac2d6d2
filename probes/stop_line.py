"""How far a walk may go: the pages, forms, calls and controls that a platform lists. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A form field that a walk may fill. `values` is a regex that the whole value must match."""

    name: str
    values: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """A form that a walk may submit: CSS selector, allowed fields, and the names of allowed buttons.

    `on` is a regex that the whole path and query of the page must match. It is needed where a product has the
    same form on every step.
    """

    selector: str
    fields: tuple[Field, ...] = ()
    buttons: tuple[str, ...] = ()
    on: str = ".*"


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A JSON body that a walk may post.

    `path` is a regex that the whole path and query must match. `fields` are all keys that the body may have;
    the regex of a field must match its whole value, written as compact JSON with sorted keys.
    """

    path: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StopLine:
    """How far a platform's walk may go. Sessions enforce it before every request and after every redirect.

    A page may be opened only if a regex of `paths` matches its whole path and query. `forms` are the only
    forms that may be submitted, `calls` the only JSON requests, `controls` the CSS selectors of the only
    elements that may be unfolded. So a walk can type no free text, press no other button and take no slot.

    In a browser a page's own scripts may ask, by any method, for what a regex of `scripts` matches as a whole
    (path and query), for the pages of `paths`, and for files of style, script, picture, font or sound.
    """

    paths: tuple[str, ...]
    forms: tuple[Form, ...] = ()
    calls: tuple[Call, ...] = ()
    controls: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()

    def lists(self, url: str) -> bool:
        """Whether path and query of `url` are listed. A session also refuses evasive spellings of them."""
        return any(re.fullmatch(path, asked(url)) for path in self.paths)


def asked(url: str) -> str:
    """Path and query of `url` as they are sent, without its fragment; empty when it is not http(s)."""
    found = re.match(r"https?://[^/?#]+([^#]*)", url)
    sent = found[1] if found else ""
    return sent if sent.startswith("/") or not found else f"/{sent}"
