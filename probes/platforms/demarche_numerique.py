"""demarche.numerique.gouv.fr, formerly demarches-simplifiees.fr (field guide, section 3).

A form is open to requests or closed; it never shows a slot. Dates in its drop-down lists are kept as notices
only: they are listed, but nothing says that they are free.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice

from probes import model
from probes.answer import Answer
from probes.model import Outcome, Reading, Session, Target
from probes.pages import dates, signals
from probes.pages.page import Page, dig, normalise, origin_of, parse, parse_json, path_of, words
from probes.stop_line import StopLine

HOSTS = frozenset(
    (
        "demarche.numerique.gouv.fr",
        "www.demarche.numerique.gouv.fr",
        "demarches-simplifiees.fr",
        "www.demarches-simplifiees.fr",
    )
)
START = "Commencer la démarche"
CLOSED = re.compile(r"la démarche .{1,400} est close depuis le .{4,40}")
DEADLINE = re.compile(r"date limite : .{1,80}")
MOST_NOTICES = 40

_FORM = re.compile(r"/commencer/([\w-]{1,200})/?")
_CLOSING = re.compile(r"/fermeture/([\w-]{1,200})/?")
_SCHEMA = re.compile(r"/preremplir/([\w-]{1,200})/schema")


class DemarcheNumerique:
    """A target is one form. Target options: `title`, the title that the form must have."""

    name = "demarche_numerique"
    version = "1"
    verified_on: date | None = None
    transports = frozenset(model.Transport)
    answer = Answer(place="body")
    stop_line = StopLine(
        paths=(_FORM.pattern, _CLOSING.pattern, _SCHEMA.pattern, "/"),
    )

    def accepts(self, url: str) -> bool:
        """Whether the path of `url` is that of a form's public page, `/commencer/<form>`."""
        return _FORM.fullmatch(path_of(url)) is not None

    async def walk(self, target: Target, session: Session) -> None:
        """Open the form's public page and, while the form is open, its public description (JSON)."""
        page = parse(await session.open(target.url))
        if found := _FORM.fullmatch(page.path):
            await session.open(f"{origin_of(page.url)}/preremplir/{found[1]}/schema")

    def read(self, target: Target, capture: model.Capture) -> Reading:
        """Read the public page; the description only adds notices."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        page = pages[0]
        return signals.recognise(page, hosts=HOSTS) or _closed(page) or _open(target, pages)


def _closed(page: Page) -> Reading | None:
    """`closed` on the page of a closed form, with the three lines below as notices; else `None`."""
    said = page.line(CLOSED, "h1") if _CLOSING.fullmatch(page.path) else ""
    if not said:
        return None
    reason = page.lines[page.lines.index(said) + 1 :][:3] if said in page.lines else []
    return Reading(outcome=Outcome.CLOSED, rule="closed_since", words=said, notices=tuple(map(words, reason)))


def _open(target: Target, pages: list[Page]) -> Reading:
    """`requests_open` on the form's public page.

    If the page is that of another form, our form was renamed or replaced: see `_elsewhere`.
    """
    page = pages[0]
    form, asked = _FORM.fullmatch(page.path), _FORM.fullmatch(path_of(target.url))
    said = page.says(START, "h2")
    if not form or not said:
        return signals.unrecognised("unknown_form" if page.path == "/" else "unknown_page", said=page.heading)
    notices = (
        page.title,
        page.line(DEADLINE),
        *(note for each in pages[1:] for note in _listed(target, each)),
    )
    reading = Reading(
        outcome=Outcome.REQUESTS_OPEN, rule="form_open", words=said, notices=tuple(filter(None, notices))
    )
    if asked and form[1] == asked[1]:
        return reading
    return _elsewhere(target, page, reading)


def _elsewhere(target: Target, page: Page, reading: Reading) -> Reading:
    title = normalise(target.options.get("title", ""))
    if not title:
        return signals.unrecognised("other_form", said=page.title)
    if title in normalise(f"{page.heading} {page.title}"):
        return reading
    return Reading(outcome=Outcome.CLOSED, rule="replaced", words=words(page.title or page.heading))


def _listed(target: Target, page: Page) -> Iterator[str]:
    """Notices from a form's description: dates in its drop-down lists, and its state unless published."""
    schema = parse_json(page.raw) if _SCHEMA.fullmatch(page.path) else None
    state, fields = dig(schema, "state"), dig(schema, "revision", "champDescriptors")
    if isinstance(state, str) and state != "publiee":
        yield words(f"état : {state}")
    found = (
        words(f"{dig(field, 'label')} : {option}")
        for field in (fields if isinstance(fields, list) else [])
        for option in _options(field)
        if dates.find(option, reference=page.day(target.tz))
    )
    yield from islice(found, MOST_NOTICES)


def _options(field: object) -> list[str]:
    options = dig(field, "options")
    return [option for option in options if isinstance(option, str)] if isinstance(options, list) else []
