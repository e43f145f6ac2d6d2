"""What a page of RDV Service Public says it was asked for: motif, place, organisation, week."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from urllib.parse import urlencode

from selectolax.lexbor import LexborNode

from probes.model import Reading, Target
from probes.pages import dates, furniture, signals
from probes.pages.page import (
    Page,
    lines,
    normalise,
    origin_of,
    path_of,
    query_of,
    text,
    without_accents,
    words,
)
from probes.platforms.rdv_service_public.answer import MOTIF, NONE, PLACE, SESSION, WEEK

# What the product has printed since 2024: a list with links that change a choice; or, before it, a heading
# with the motif and where it takes place, then a card with the place.
_RECAP = ".list-group-item"
_CHOSEN = f"{_RECAP}:has(a)"
_RECAP_LINE = re.compile(r"(?:motif|lieu|service|structure|organisation) : .{1,300}")
_MEETINGS = {
    "public_office": "sur place",
    "phone": "par téléphone",
    "home": "à domicile",
    "visio": "par visioconférence",
}
_MOTIF_HEADING = re.compile(rf".{{1,300}} \((?:{'|'.join(_MEETINGS.values())})\)")
_WHERE = re.compile(rf" \(({'|'.join(_MEETINGS.values())})\)")
_PLACE_HEADING = "h2.card-title"
_MOTIF_STEP = re.compile(
    r"(?:sélectionnez|choisissez|indiquez|précisez) (?:le|un|votre) (?:motif|service)\b.*"
)
_NAMES = "h1, .card-title, .card-subtitle, .card h2, .card h3, .card h4, .card .larger"
# What a motif asks to read first: its style sheet hides it until the place's link is clicked.
_UNOPENED = ".modal[tabindex='-1']:not(.show)"
_ADDRESS = re.compile(
    r" \((?=.*(?:[0-9]{5}|\b(?:rue|avenue|av|place|boulevard|bd|cours|quai|allée|chemin|route|square)\b))"
    r"(?:[^()]|\([^()]*\))+\)$",
    re.IGNORECASE,
)
SLUG = "motif_name_with_location_type"
_SEARCH = (
    *(SLUG, "motif_id", "service_id", "organisation_id", "public_link_organisation_id", "lieu_id"),
    "departement",
)
# Links of a search: those that go on from the page, to a place or to an hour, and those of the recap, which
# go back and name what was chosen before.
_ONWARD = f"a[href*='lieu_id='], a[href*='starts_at='], {_RECAP} a"
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
    """The place of each week shown, and what each link names by which the search goes on or back."""
    yield from ([("lieu_id", _number_of(week))] for week in page.nodes(WEEK))
    for link in page.nodes(_ONWARD):
        href = link.attributes.get("href") or ""
        if path_of(href) in _SEARCHING:
            yield query_of(href)


def _of_another_motif(asked: Mapping[str, str], page: Page) -> Reading | None:
    """`unrecognised` when the page prints another motif or place of meeting than asked, or two motifs."""
    shown = motif_of(page)
    if not shown:
        return None
    name, where = named_by(shown)
    printed = zip(page.plain, page.lines, strict=True)
    others = (line for plain, line in printed if MOTIF.fullmatch(plain) and named_by(line)[0] != name)
    if other := next(others, ""):
        return signals.unrecognised("other_motif", said=other)
    slug, _, meeting = asked.get(SLUG, "").rpartition("-")
    # A number names no motif.
    if not re.search("[a-z]", slug):
        return None
    alike = is_named(slug, name) and where in ("", _MEETINGS.get(meeting, where))
    return None if alike else signals.unrecognised("other_motif", said=shown)


def is_named(slug: str, name: str) -> bool:
    """Whether the slug of an address is that of a motif.

    It may give the beginning alone: « renouvellement » of « Renouvellement de titre ».
    """
    return re.fullmatch(rf"{_slug(slug)}(?:_(?:de|du|des|d)_.+)?", name) is not None


def named_by(motif: str) -> tuple[str, str]:
    """The slug of a printed motif, and the words in parentheses that say where it takes place."""
    plain = normalise(motif).removeprefix("motif : ")
    found = _WHERE.search(plain)
    return _slug(plain[: found.start()] if found else plain), found[1] if found else ""


def _slug(name: str) -> str:
    """« Renouvellement de récépissé » as `renouvellement_de_recepisse`."""
    return re.sub(r"[^a-z0-9]+", "_", without_accents(name.lower())).strip("_")


def search_from(page: Page, **changes: str | None) -> str:
    """The search URL of `page` with `changes` to its parameters; a parameter that is `None` is left out."""
    kept = [(name, value) for name, value in query_of(page.url) if name not in changes]
    added = [(name, value) for name, value in changes.items() if value is not None]
    return f"{origin_of(page.url)}/prendre_rdv?{urlencode(kept + added)}"


def is_wanted(target: Target, label: str) -> bool:
    return target.desk is None or _bare(target.desk) == _bare(label)


def _bare(label: str) -> str:
    """The normalised name of a place, without the address that may follow it in parentheses."""
    return normalise(_ADDRESS.sub("", label))


def motif_of(page: Page) -> str:
    """The chosen motif as the page prints it; empty while it is still to be chosen."""
    if page.line(_MOTIF_STEP):
        return ""
    headings = (text(node) for node in page.nodes("h2, h3, h4"))
    heading = next((each for each in headings if _MOTIF_HEADING.fullmatch(normalise(each))), "")
    return page.line(MOTIF, _CHOSEN) or words(heading)


def place_of(page: Page) -> str:
    """The name of the chosen place, without its address; empty when none is chosen yet."""
    listed = page.line(PLACE, _RECAP).partition(":")[2].strip()
    return _ADDRESS.sub("", listed) or text(page.first(_PLACE_HEADING))


def named_on(page: Page) -> Iterator[str]:
    """The normalised lines that name the organisation, the choices made and the places: words of its own.

    None of them is in the card that says « none », and none says anything about slots. Lines of what is still
    to be opened are among them.
    """
    yield from (normalise(line) for node in page.nodes(_UNOPENED) for line in lines(node))
    recap = [normalise(line) for node in page.nodes(_RECAP) for line in lines(node)]
    yield from (line for line in recap if _RECAP_LINE.fullmatch(line) and not furniture.TELLS.search(line))
    headings = [node for node in page.nodes("h2, h3, h4") if _MOTIF_HEADING.fullmatch(normalise(text(node)))]
    around = [node.parent for node in headings if node.parent and node.parent.tag in ("div", "a", "header")]
    for node in (*page.nodes(_NAMES), *headings, *around, *page.nodes(f"{SESSION} p")):
        shown = [normalise(line) for line in lines(node)]
        if not any(map(NONE.fullmatch, shown)):
            yield from (line for line in shown if not furniture.TELLS.search(line))


def is_later(target: Target, page: Page) -> bool:
    """Whether the page was asked only for the days after a date that is more than a week away."""
    first = dates.find(page.query("date"), reference=page.day(target.tz))
    return first is not None and first.day > page.day(target.tz) + timedelta(days=7)
