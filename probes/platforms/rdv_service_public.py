"""RDV Service Public, `/prendre_rdv` (field guide, section 4): motif, then place, then slot; no CAPTCHA.

The sentence « aucun créneau » counts only on a page that also shows the chosen motif: on the step that lists
the motifs it means that the link is outdated. It must be all that the page says: beside an error, another
date or in a quotation it is no answer. The link of a slot is never followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from selectolax.lexbor import LexborNode

from probes import model
from probes.answer import Answer, InHtml
from probes.model import NoSlotsKind, Outcome, Precision, Reading, Session, Slot, Target
from probes.pages import contract, dates, furniture, marks, signals
from probes.pages.combine import combine
from probes.pages.page import (
    Page,
    lines,
    normalise,
    origin_of,
    parse,
    path_of,
    query_of,
    text,
    without_accents,
    words,
)
from probes.proof import Templates
from probes.stop_line import StopLine

HOSTS = frozenset(
    ("rdv.anct.gouv.fr", "rdv.numerique.gouv.fr", "rdv-solidarites.fr", "www.rdv-solidarites.fr")
)
NONE = re.compile(
    r"malheureusement, aucun créneau correspondant à votre (?:recherche|invitation) n'a été trouvé\.?"
    r"(?: veuillez réessayer ultérieurement\.)?"
)
# A hint on the step that lists the motifs begins like the chosen motif.
MOTIF = re.compile(r"motif : (?!(?:choisi|sélectionn|indiqu|précis|veuillez|merci|la raison)).{1,300}")
PLACE = re.compile(r"lieu : .{1,300}")
GONE = re.compile(r"le motif .{1,300} n'est plus disponible à la réservation à .{1,300}")
ANSWERS = ("/prendre_rdv", "/creneaux")
NEXT = "prochaine disponibilité le "
WEEK = "[id^='creneaux-lieu-']"
CHOICES = f"{WEEK} a[aria-label^='Choisir le créneau'][href*='starts_at=']"
SESSION = ".card:has(> .card-header)"
CONTENT = "main, section, .alert, [role='alert']"

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
_QUOTED = "blockquote, q, td, th, details, textarea, pre, code, label, option, li, dd, figure"
_NAMES = "h1, .card-title, .card-subtitle, .card h2, .card h3, .card h4, .card .larger"
# What a motif asks to read first: its style sheet hides it until the place's link is clicked.
_UNOPENED = ".modal[tabindex='-1']:not(.show)"
_ADDRESS = re.compile(
    r" \((?=.*(?:[0-9]{5}|\b(?:rue|avenue|av|place|boulevard|bd|cours|quai|allée|chemin|route|square)\b))"
    r"(?:[^()]|\([^()]*\))+\)$",
    re.IGNORECASE,
)
_BESIDE_NONE = (
    *map(
        re.compile,
        (
            r"étape \d sur \d(?: .{1,40})?",
            r"(?:modifier|retour)|date fermée à la r[ée]servation",
            r"sélectionnez un créneau ?:?",
            r"toutes nos excuses pour cela\.|vous pouvez réessayer ultérieurement(?: ou .{1,60})?\.",
            r"vous pouvez contacter l(?:'organisation|es organisations suivantes) pour .{0,80}\.",
            r"ou leur envoyer un email en cliquant sur le bouton ci-dessous\.",
            r"vous pouvez contacter l'organisation(?: ?:)?(?: [\w.+-]+@[\w.-]+)?\.?",
            r"(?:téléphone|tél\.?|e-?mail|courriel|adresse|site (?:internet|web)) ?: .{1,120}",
            r"votre (?:rdv|rendez-vous) a bien été (?:annulé|modifié)\.",
            r"envoyer une demande d'ouverture de créneaux",
            r"(?:nouveau ?: )?(?:consultez|découvrez) (?:le|notre) (?:centre d'aide|guide)"
            r"(?: de rdv service public)?\.?",
        ),
    ),
    furniture.ANNOUNCEMENT,
    furniture.RELEASE,
    furniture.OFFICE,
)
_BESIDE_SLOTS = tuple(
    map(
        re.compile,
        (
            r"date fermée à la r[ée]servation|pas de créneau disponible|voir les créneaux|s'inscrire",
            r"(?:sem(?:aine|\.) (?:précédente|prochaine|suivante) ?){1,2}",
            r"ce créneau n'est plus disponible\. veuillez en (?:sélectionner|choisir) un autre\.",
            r"aucune disponibilité|pas de disponibilité",
            r"animé par .{1,120}|[0-9]{1,4} minutes|[0-9]{1,3}(?: / [0-9]{1,3})?",
        ),
    )
)
_AROUND_SLOTS = tuple(
    map(
        re.compile,
        (
            r"(?:sélectionnez|choisissez) (?:un|le|votre) (?:lieu(?: de (?:rdv|rendez-vous))?|créneau"
            r"|horaire|jour|date)(?: ?:)?",
            r"[0-9]{1,3} lieux? (?:est|sont) disponibles?",
            r"inscrivez-vous à l'atelier de votre choix(?: ?:)?",
            # The address of a place.
            r"(?:[0-9]{1,4}(?: ?(?:bis|ter))?,? )?(?:rue|avenue|place|boulevard|cours|quai|allée|chemin|route"
            r"|square|impasse|esplanade) [a-zà-ÿœ'. -]{1,80}(?:,? [0-9]{5} [a-zà-ÿœ' -]{1,60})?",
        ),
    )
)
ANSWER = Answer(
    in_html=InHtml(
        stands=True,
        reason="The server writes each step of the search into its HTML.",
    ),
    place=f".card, {WEEK}",
    none=(NONE,),
    some=(
        re.compile(rf"prochaine disponibilité le ?:? ?{furniture.WHEN}"),
        re.compile(rf"(?:le |aujourd'hui à ){furniture.WHEN} ?\(durée : [0-9]{{1,4}} minutes\)"),
    ),
    offers=f"{CHOICES}, {SESSION} .card-footer a",
    furniture=(*_BESIDE_NONE, *_BESIDE_SLOTS, *furniture.COLUMNS),
)
ANSWER_OF_NONE = replace(ANSWER, place=CONTENT, furniture=_BESIDE_NONE)
"""The same marks for « none », which must be all that the page says, not only its cards."""
ANSWER_OF_SOME = replace(
    ANSWER, place=f"{CONTENT}, {ANSWER.place}", furniture=(*ANSWER.furniture, *_AROUND_SLOTS)
)
"""The same marks for slots: what stands around them may say that they are examples, full or another's."""

_SLUG = "motif_name_with_location_type"
_SEARCH = (
    *(_SLUG, "motif_id", "service_id", "organisation_id", "public_link_organisation_id", "lieu_id"),
    "departement",
)
# Links of a search: those that go on from the page, to a place or to an hour, and those of the recap, which
# go back and name what was chosen before.
_ONWARD = f"a[href*='lieu_id='], a[href*='starts_at='], {_RECAP} a"
_SEARCHING = ("/prendre_rdv", "/creneaux", "/users/rdv_wizard_step/new")
_ORGANISED = re.compile(r"/org/([0-9]{1,9})(?=[/?]|$)")

# The site's robots.txt forbids the pages for prescribers, who book for somebody else.
_QUERY = r"(?:\?(?!.*prescri).*)?"
_ORGANISATION = r"/org/(?:[0-9]{1,9}(?:/[\w-]+)?|ext/[\w-]+/[\w-]+)"
_PATHS = (rf"/prendre_rdv{_QUERY}", rf"/creneaux{_QUERY}", rf"{_ORGANISATION}{_QUERY}")


@dataclass(frozen=True, slots=True)
class _Place:
    """One place and its next slot, `None` when its date cannot be read; `said` are the page's words.

    `number` is empty if no link has it.
    """

    label: str
    number: str
    slot: Slot | None
    said: str


class RdvServicePublic:
    """The target's URL names organisation and motif. The target's `desk`, if set, is the name of a place."""

    name = "rdv_service_public"
    version = "2"
    verified_on: date | None = None
    templates: Templates | None = None
    transports = frozenset(model.Transport)
    answer = ANSWER
    stop_line = StopLine(paths=_PATHS)

    def accepts(self, url: str) -> bool:
        """Whether `url` is a search for slots or an organisation's public link, and not for prescribers."""
        return self.stop_line.lists(url)

    async def walk(self, target: Target, session: Session) -> None:
        """Open the target's page, then at most one more.

        After an empty week, that is the list of all places; if places are listed, the week of the first slot.
        """
        page = parse(await session.open(target.url))
        places = [place for place in _places(target, page) if _is_wanted(target, place.label)]
        dated = [(place.slot.starts_at, n) for n, place in enumerate(places) if place.slot]
        if page.has(WEEK) and not places and not page.has(CHOICES):
            await session.open(_search(page, lieu_id=None, date=None))
        if dated and not page.has(CHOICES):
            first = places[min(dated)[1]]
            day = min(dated)[0].astimezone(target.tz).date().isoformat()
            number = first.number or page.query("lieu_id") or None
            await session.open(_search(page, lieu_id=number, date=day))

    def read(
        self, target: Target, capture: model.Capture, accepted: Sequence[model.AcceptedLine] = ()
    ) -> Reading:
        """`slots_offered` if any page shows slots; else the first page that is no empty week decides."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        sound = [page for page in pages if _not_ours(page) is None]
        reading = _first_offer(target, sound) or _first_other(target, pages)
        if reading.outcome.claims:
            reading = next(filter(None, (_of_another_search(target, page) for page in sound)), reading)
        shown = sound[0] if sound else pages[-1]
        notices = tuple(filter(None, (_motif(shown),)))
        parts = tuple(dict.fromkeys(part for part in reading.parts if part.label))
        reading = signals.confirmed(replace(reading, parts=parts, notices=notices), target, shown)
        answer = ANSWER_OF_SOME if reading.outcome is Outcome.SLOTS_OFFERED else ANSWER_OF_NONE
        names = frozenset(name for page in sound for name in _names(page))
        return contract.held(
            reading, target, pages, answer, transport=capture.transport, accepted=accepted, known=names
        )


def _not_ours(page: Page) -> Reading | None:
    """The reading of a page that is not the product's; `None` for its own, also with a notice on it."""
    return signals.recognise(page, hosts=HOSTS, answer=ANSWER)


def _of_another_search(target: Target, page: Page) -> Reading | None:
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
    shown = _motif(page)
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
    alike = _is_named(slug, name) and where in ("", _MEETINGS.get(meeting, where))
    return None if alike else signals.unrecognised("other_motif", said=shown)


def _is_named(slug: str, name: str) -> bool:
    """Whether the slug of an address is that of a motif.

    It may give the beginning alone: « renouvellement » of « Renouvellement de titre ».
    """
    return re.fullmatch(rf"{_slug(slug)}(?:_(?:de|du|des|d)_.+)?", name) is not None


def _named(motif: str) -> tuple[str, str]:
    """The slug of a printed motif, and the words in parentheses that say where it takes place."""
    plain = normalise(motif).removeprefix("motif : ")
    found = _WHERE.search(plain)
    return _slug(plain[: found.start()] if found else plain), found[1] if found else ""


def _slug(name: str) -> str:
    """« Renouvellement de récépissé » as `renouvellement_de_recepisse`."""
    return re.sub(r"[^a-z0-9]+", "_", without_accents(name.lower())).strip("_")


def _first_offer(target: Target, pages: Sequence[Page]) -> Reading | None:
    """What the pages offer together; the first doubt about one of their dates goes before all offers."""
    answers = [answer for page in pages for answer in _answers(target, page)]
    if not answers:
        return None
    doubt = next((reading for _label, reading in answers if not reading.outcome.conclusive), None)
    # Several answers are several places to the contract, which then leaves it to us to compare the pages.
    against = contract.contradiction(pages, ANSWER) if len(answers) > 1 else None
    return doubt or against or combine(answers, target.tz)


def _first_other(target: Target, pages: Sequence[Page]) -> Reading:
    # The walk goes on only from an empty week, so the first other page is the answer.
    said = [_not_ours(page) or _none(target, page) for page in pages]
    return next((each for each in said if each.rule != "empty_week"), said[-1])


def _search(page: Page, **changes: str | None) -> str:
    """The search URL of `page` with `changes` to its parameters; a parameter that is `None` is left out."""
    kept = [(name, value) for name, value in query_of(page.url) if name not in changes]
    added = [(name, value) for name, value in changes.items() if value is not None]
    return f"{origin_of(page.url)}/prendre_rdv?{urlencode(kept + added)}"


def _answers(target: Target, page: Page) -> Iterator[tuple[str, Reading]]:
    """(label, reading) of each wanted place with slots; then, with an empty label, of the slots shown.

    One doubtful date, of any place, is the only answer of the page; so is a contradiction.
    """
    if page.path not in ANSWERS:
        return
    places, shown = list(_places(target, page)), [*_choices(target, page), *_sessions(target, page)]
    said = [place.said for place in places] + [words for _slot, words in shown]
    slots = [place.slot for place in places] + [slot for slot, _words in shown]
    doubt = contract.contradiction([page], ANSWER) or (
        contract.doubtful(slots, page, target.tz, said=said[0]) if said else None
    )
    if doubt:
        yield "", doubt
        return
    for place in places:
        if place.slot and _is_wanted(target, place.label):
            yield place.label, _offered("next_availability", place.said, target, [place.slot], count=None)
    if shown and _is_wanted(target, _place_of(page)):
        known = [slot for slot, _words in shown if slot]
        yield "", _offered("week", shown[0][1], target, known, count=len(known))


def _offered(rule: str, said: str, target: Target, slots: list[Slot], *, count: int | None) -> Reading:
    earliest, second = dates.first_two(slots, target.tz)
    return Reading(
        outcome=Outcome.SLOTS_OFFERED, rule=rule, words=said, earliest=earliest, second=second, slots=count
    )


def _places(target: Target, page: Page) -> Iterator[_Place]:
    """The places for which `page` says « Prochaine disponibilité le … », also those that are not wanted."""
    weeks = {node.mem_id for node in page.nodes(f"{WEEK} strong")}
    for date_node in marks.free(page, "strong"):
        said, label, number = _card(date_node)
        label = _place_of(page) if date_node.mem_id in weeks or not label else label
        slot = dates.slot(text(date_node), tz=target.tz, reference=page.day(target.tz), place=label or None)
        if said:
            yield _Place(label, number, slot, words(said))


def _is_wanted(target: Target, label: str) -> bool:
    return target.desk is None or _bare(target.desk) == _bare(label)


def _bare(label: str) -> str:
    """The normalised name of a place, without the address that may follow it in parentheses."""
    return normalise(_ADDRESS.sub("", label))


def _motif(page: Page) -> str:
    """The chosen motif as the page prints it; empty while it is still to be chosen."""
    if page.line(_MOTIF_STEP):
        return ""
    headings = (text(node) for node in page.nodes("h2, h3, h4"))
    heading = next((each for each in headings if _MOTIF_HEADING.fullmatch(normalise(each))), "")
    return page.line(MOTIF, _CHOSEN) or words(heading)


def _place_of(page: Page) -> str:
    """The name of the chosen place, without its address; empty when none is chosen yet."""
    listed = page.line(PLACE, _RECAP).partition(":")[2].strip()
    return _ADDRESS.sub("", listed) or text(page.first(_PLACE_HEADING))


def _names(page: Page) -> Iterator[str]:
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


def _card(date_node: LexborNode) -> tuple[str, str, str]:
    """(sentence, heading, number) around a date: the place's name and number; each empty if not found."""
    said = number = ""
    wanted = NEXT + normalise(text(date_node))
    node = date_node.parent
    while node is not None and node.tag not in ("main", "section", "body"):
        said = said or (text(node) if normalise(text(node)) == wanted else "")
        number = number or "".join(re.findall(r"lieu_id=([0-9]{1,9})", node.html or "")[:1])
        if heading := node.css_first("h3, h4, .card-title"):
            return said, text(heading), number
        node = node.parent
    return said, "", number


def _choices(target: Target, page: Page) -> Iterator[tuple[Slot | None, str]]:
    """The slots of the week shown, each with its label. The date is `starts_at` in the link's URL.

    A date that the label or the column contradicts, or an hour that the label does, cannot be read.
    """
    today = page.day(target.tz)
    columns: dict[int, list[date | None]] = {}
    for link in marks.free(page, CHOICES):
        starts_at = dict(query_of(link.attributes.get("href") or "")).get("starts_at", "")
        place = _place_of(page) or None
        slot = dates.slot(starts_at, tz=target.tz, reference=today, place=place)
        named = (dates.days(_label_of(link), reference=today), _days_above(link, today, columns))
        agreed = slot is not None and all(dates.agree(slot.day(target.tz), each) for each in named)
        yield (
            slot if agreed and _same_hour(link, slot, target) else None,
            words(link.attributes.get("aria-label") or text(link)),
        )


def _same_hour(link: LexborNode, slot: Slot | None, target: Target) -> bool:
    """Whether the hours in a link's text and label are that of its slot; of a period, the first one."""
    if slot is None or slot.precision is Precision.DAY:
        return True
    at = slot.starts_at.astimezone(target.tz).time()
    named = (dates.hours(text(link)), dates.hours(link.attributes.get("aria-label") or ""))
    return all(each[0] == at for each in named if each)


def _label_of(link: LexborNode) -> str:
    return f"{link.attributes.get('aria-label') or ''} · {text(link)}"


def _days_above(link: LexborNode, today: date, known: dict[int, list[date | None]]) -> list[date | None]:
    """The days named in the nearest element around a slot that names any, up to its week.

    `known` keeps those of each element: a week has many slots.
    """
    node = link.parent
    while node is not None and node.tag not in ("main", "section", "body"):
        if node.mem_id not in known:
            known[node.mem_id] = dates.days(_without_links(node), reference=today)
        if known[node.mem_id] or (node.attributes.get("id") or "").startswith("creneaux-lieu-"):
            return known[node.mem_id]
        node = node.parent
    return []


def _without_links(node: LexborNode) -> str:
    links = {line for link in node.css("a") for line in lines(link)}
    return " ".join(line for line in lines(node) if line not in links)


def _sessions(target: Target, page: Page) -> Iterator[tuple[Slot | None, str]]:
    """The sessions for several people that one may join, each with the heading that has its date."""
    open_ones = {node.mem_id for node in marks.free(page, f"{SESSION} .card-footer a")}
    for card in page.nodes(SESSION):
        links = [node for node in card.css(".card-footer a") if node.mem_id in open_ones]
        said = text(card.css_first(".card-header"))
        if any(normalise(text(link)) == "s'inscrire" for link in links):
            today = page.day(target.tz)
            when = re.sub(r"aujourd'hui à ([0-9]{2})h", rf"{today} \1:", normalise(said))
            yield dates.slot(when, tz=target.tz, reference=today), words(said)


def _none(target: Target, page: Page) -> Reading:
    """`no_slots` if the page says so and shows the chosen motif; `closed` if it or the motif is gone.

    Else `unrecognised`.
    """
    if gone := page.line(GONE):
        return _gone(target, page, gone)
    anywhere, place = page.line(NONE), _place_of(page)
    if not anywhere:
        return signals.unrecognised("empty_week" if page.has(WEEK) else "unknown_page", said=page.heading)
    said = _said_none(page)
    if NEXT in normalise(page.text):
        return signals.unrecognised("contradiction", said=anywhere)
    if not _motif(page):
        return signals.unrecognised("motif_step", said=anywhere)
    if _is_later(target, page):
        return signals.unrecognised("later_week", said=f"date={page.query('date')}")
    if place and not _is_wanted(target, place):
        return signals.unrecognised("other_desk", said=place)
    if not said or page.path not in ANSWERS:
        return signals.unrecognised("out_of_place", said=anywhere)
    kind = NoSlotsKind.UNSPECIFIED
    return Reading(outcome=Outcome.NO_SLOTS, rule="none_found", words=said, kind=kind)


def _is_later(target: Target, page: Page) -> bool:
    """Whether the page was asked only for the days after a date that is more than a week away."""
    first = dates.find(page.query("date"), reference=page.day(target.tz))
    return first is not None and first.day > page.day(target.tz) + timedelta(days=7)


def _gone(target: Target, page: Page, said: str) -> Reading:
    """`closed`, unless `said` names another motif than the target's, or another place than the page does."""
    slug = dict(query_of(target.url)).get(_SLUG, "").rpartition("-")[0]
    named, _, where = normalise(said).removeprefix("le motif ").partition(" n'est plus disponible")
    where, place = where.rpartition("à la réservation à ")[2].rstrip("."), normalise(_place_of(page))
    if re.search("[a-z]", slug) and not _is_named(slug, _named(named)[0]):
        return signals.unrecognised("other_motif", said=said)
    if place and place not in where and where not in place:
        return signals.unrecognised("other_desk", said=said)
    return Reading(outcome=Outcome.CLOSED, rule="motif_gone", words=said)


def _said_none(page: Page) -> str:
    """The sentence, if it is all that an element of the page's content says, and no quotation."""
    around = f"{_QUOTED}, {marks.UNUSABLE}"
    for node in marks.outside(page, "main div, main p, section div, section p", around):
        if NONE.fullmatch(normalise(text(node))):
            return words(text(node))
    return ""
