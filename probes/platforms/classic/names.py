"""Which procedure, and whose, a step of the classic module says it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from probes.model import Target
from probes.pages import signals
from probes.pages.page import Page, lines, normalise
from probes.platforms.classic.addresses import step_of
from probes.platforms.classic.answer import ANSWER
from probes.platforms.classic.desks import desks_on

# Around the steps: whose site it is, and where in it. Pages may name the same one in different words.
_FRAME = re.compile(
    r"(?:(?:sous-)?préfecture|préf[eè]te?|les services de l'état) "
    r"(?:de l'|de la |de |du |des |d'|dans l'|dans le |dans la |dans les |dans |en )([^.:!?]{1,60})"
)
_HEADS = "header, [role='banner'], [id*='header' i], [id*='entete' i]"
_CRUMBS = ":is(#path, .breadcrumb, .fr-breadcrumb) :is(a, span, li)"
_RECALLED = re.compile(r"(?:votre (?:demande|choix)|nature du rendez-vous|procédure|guichet|motif) ?: ?(.+)")


def other_procedure(target: Target, pages: Sequence[Page]) -> str:
    """The heading of a step that is another procedure's; empty when there is none.

    Every step has the title that the target names; if it names none, all have the heading of the first one.
    """
    own = [page for page in pages if not signals.recognise(page, answer=ANSWER)]
    titled = [page for page in own if step_of(page) is not None and (page.heading or page.title)]
    if expected := normalise(target.options.get("title", "")):
        others = (page for page in titled if expected not in normalise(f"{page.heading} {page.title}"))
        return next((page.heading or page.title for page in others), "")
    headings = [page.heading for page in titled if page.heading]
    other = next((each for each in headings if normalise(each) != normalise(headings[0])), "")
    return other or (_other_frame(titled[0], titled[1:]) if titled else "")


def _other_frame(first: Page, later: Sequence[Page]) -> str:
    """A préfecture, or a place in the site's tree, that a later step names around it and `first` does not."""
    places, trail = set(_framed(first)), _trail(first)
    for page in later:
        if other := next((name for name in _framed(page) if places and name not in places), ""):
            return other
        known = {*first.plain, *trail}
        if other := next((line for line in _trail(page) if trail and line not in known), ""):
            return other
    return ""


def _framed(page: Page) -> Iterator[str]:
    """The places whose préfecture's page this is, as its title, its head or a line alone says."""
    yield from (found[1] for plain in page.plain if (found := _FRAME.fullmatch(plain)))
    headed = (line for node in page.nodes(_HEADS) for line in lines(node))
    yield from (found[1] for line in (page.title, *headed) for found in _FRAME.finditer(normalise(line)))


def _trail(page: Page) -> list[str]:
    return [normalise(line) for node in page.nodes(_CRUMBS) for line in lines(node)]


def recalled(pages: Sequence[Page]) -> frozenset[str]:
    """The normalised lines that repeat the name of the procedure or of a desk: « Votre demande : … »."""
    named = {normalise(each) for page in pages for each in (*desks_on(page).values(), page.heading)}
    said = ((plain, _RECALLED.fullmatch(plain)) for page in pages for plain in page.plain)
    return frozenset(plain for plain, found in said if found and found[1] in named)
