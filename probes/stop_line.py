"""How far a walk may go: the pages, forms, calls and controls that a platform declares. No I/O."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One form field a platform may submit, and the only values it may give it (a full-match regex)."""

    name: str
    values: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One form a platform may submit: CSS selector, allowed fields, and the names of allowed buttons.

    `on`: the pages on which it may be submitted (full-match regex on path and query), where a product has the
    same form on every step.
    """

    selector: str
    fields: tuple[Field, ...] = ()
    buttons: tuple[str, ...] = ()
    on: str = ".*"


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One JSON body a platform may post: where (full-match regex on path and query), and all it may hold.

    A field's regex matches its whole value written as compact JSON with sorted keys.
    """

    path: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StopLine:
    """How far a platform's walk may go. Sessions enforce it before every request and after every redirect.

    `paths` are full-match regexes on path and query: what is not listed is off limits. `forms` is the closed
    list of submissions, `calls` that of JSON requests, `controls` that of the CSS selectors of what may be
    unfolded. There is no way to type free text, press an undeclared button or follow a slot.
    """

    paths: tuple[str, ...]
    forms: tuple[Form, ...] = ()
    calls: tuple[Call, ...] = ()
    controls: tuple[str, ...] = ()
