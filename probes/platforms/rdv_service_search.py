"""Which search of RDV Service Public a page answers: its motif, place and organisation beside the target's.

What the product has printed since 2024: a list with links that change a choice; or, before it, a heading with
the motif and where it takes place, then a card with the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborNode

from probes.model import Reading, Target
from probes.pages import marks, signals
from probes.pages.page import Page, normalise, path_of, query_of, text, without_accents, words

# A hint on the step that lists the motifs begins like the chosen motif.
MOTIF = re.compile(r"motif : (?!(?:choisi|sélectionn|indiqu|précis|veuillez|merci|la raison)).{1,300}")
WEEK = "[id^='creneaux-lieu-']"
RECAP = ".list-group-item"
_CHOSEN = f"{RECAP}:has(a)"
_MEETINGS = {
    "public_office": "sur place",
    "phone": "par téléphone",
    "home": "à domicile",
    "visio": "par visioconférence",
}
MOTIF_HEADING = re.compile(rf".{{1,300}} \((?:{'|'.join(_MEETINGS.values())})\)")
_WHERE = re.compile(rf" \(({'|'.join(_MEETINGS.values())})\)")
_MOTIF_STEP = re.compile(
    r"(?:sélectionnez|choisissez|indiquez|précisez) (?:le|un|votre) (?:motif|service)\b.*"
)
_SLUG = "motif_name_with_location_type"
_SEARCH = (_SLUG, "motif_id", "service_id", "organisation_id", "public_link_organisation_id", "lieu_id")
# Links of a search that go on from the page: to a place, or to an hour. Those of the recap go back.
_ONWARD = "a[href*='lieu_id='], a[href*='starts_at=']"
_SEARCHING = ("/prendre_rdv", "/creneaux", "/users/rdv_wizard_step/new")
_ORGANISED = re.compile(r"/org/([0-9]{1,9})(?=[/?]|$)")


def of_another_search(target: Target, page: Page) -> Reading | None:
    """`unrecognised` when the page answers for another motif, place or organisation than asked.

    Its own address tells, and the week that it shows, and the links by which it goes on.
    """
    asked = dict(query_of(target.url))
    if own := _ORGANISED.search(target.url):
        asked.setdefault("public_link_organisation_id", own[1])
    if torn := _torn_week(page, page.query("lieu_id")):
        return signals.unrecognised("other_search", said=torn)
    for named in (query_of(page.url), *_onward(page)):
        listed = "starts_at" not in dict(named)
        for name, given in named:
            # What the target leaves open, the page's address may say. A list of places leads to each of them.
            wanted = asked.get(name) or ("" if listed and name == "lieu_id" else page.query(name))
            if name in _SEARCH and wanted and given != wanted:
                return signals.unrecognised("other_search", said=f"{name}={given}")
    return _of_another_motif(asked, page)


def _torn_week(page: Page, opened: str) -> str:
    """A week that is not of the place `opened`, or to what other place an hour in it leads; else empty."""
    for week in page.nodes(WEEK):
        if opened and _number_of(week) != opened:
            return f"lieu_id={_number_of(week)}"
        for link in week.css("a[href*='starts_at=']"):
            place = dict(query_of(link.attributes.get("href") or "")).get("lieu_id")
            if place and place != _number_of(week):
                return f"lieu_id={place}"
    return ""


def _number_of(week: LexborNode) -> str:
    return (week.attributes.get("id") or "").removeprefix("creneaux-lieu-")


def _onward(page: Page) -> Iterator[list[tuple[str, str]]]:
    """The place of each week shown, and what each link names by which the search goes on."""
    yield from ([("lieu_id", _number_of(week))] for week in page.nodes(WEEK))
    for link in marks.outside(page, _ONWARD, RECAP):
        href = link.attributes.get("href") or ""
        if path_of(href) in _SEARCHING:
            yield query_of(href)


def _of_another_motif(asked: Mapping[str, str], page: Page) -> Reading | None:
    """`unrecognised` when the page prints another motif or place of meeting than asked, or two motifs."""
    shown = motif_of(page)
    if not shown:
        return None
    name, where = _named(shown)
    printed = zip(page.plain, page.lines, strict=True)
    others = (line for plain, line in printed if MOTIF.fullmatch(plain) and _named(line)[0] != name)
    if other := next(others, ""):
        return signals.unrecognised("other_motif", said=other)
    slug, _, meeting = asked.get(_SLUG, "").rpartition("-")
    # A number names no motif.
    if not re.search("[a-z]", slug):
        return None
    # A link may give the beginning of the motif's name alone.
    alike = name.startswith(_slug(slug)) and where in ("", _MEETINGS.get(meeting, where))
    return None if alike else signals.unrecognised("other_motif", said=shown)


def _named(motif: str) -> tuple[str, str]:
    """The slug of a printed motif, and the words in parentheses that say where it takes place."""
    plain = normalise(motif).removeprefix("motif : ")
    found = _WHERE.search(plain)
    return _slug(plain[: found.start()] if found else plain), found[1] if found else ""


def _slug(name: str) -> str:
    """« Renouvellement de récépissé » as `renouvellement_de_recepisse`."""
    return re.sub(r"[^a-z0-9]+", "_", without_accents(name.lower())).strip("_")


def motif_of(page: Page) -> str:
    """The chosen motif as the page prints it; empty while it is still to be chosen."""
    if page.line(_MOTIF_STEP):
        return ""
    headings = (text(node) for node in page.nodes("h2, h3, h4"))
    heading = next((each for each in headings if MOTIF_HEADING.fullmatch(normalise(each))), "")
    return page.line(MOTIF, _CHOSEN) or words(heading)
