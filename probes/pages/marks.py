"""Finds the marks of an answer on a page: lines that decide, elements that are slots, lines that deny.

No I/O. Lines are compared normalised and returned as the page writes them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from selectolax.lexbor import LexborNode

from probes.answer import Answer, Lines
from probes.model import Outcome
from probes.pages.page import MAX_RUN, Page, label, lineage, lines, normalise, text, words

# A page in a browser, and over HTTP one whose sheets were read, has the styles named here in its own tags.
_STRUCK = "del, s, strike, [style*='line-through' i]"
_SOURCE = "pre, code, samp, kbd, var, tt, xmp, listing, plaintext"
_QUOTED = f"blockquote, q, cite, textarea, {_SOURCE}"
# What these hold is not said by the page itself now: a quotation, a correction, something typed, an example.
QUOTING = f"{_QUOTED}, option, {_STRUCK}"
ASIDE = f"{QUOTING}, td, th, details, label, dd"
"""Where a sentence is no answer of the whole page either: one case of a table, of a list, or folded away."""
UNUSABLE = (
    f"[disabled], [aria-disabled='true' i], [inert], .disabled, .complet, {_STRUCK}, "
    "[style*='pointer-events: none' i], [style*='pointer-events:none' i]"
)
"""What cannot be used, whatever it is."""
_FULL = re.compile(
    r"\b(?:complets?|complètes?|occupée?s?|indisponibles?|(?:non|plus) disponibles?|plus de places?"
    r"|épuisée?s?|réservée?s?|déjà prise?s?|annulée?s?|fermée?s?)\b"
)
# An element is judged by the cell, list item or link around it too, where a badge may say that it is full.
# No further than to the cell: what its neighbours in the row say is said of themselves.
_CELLS = ("li", "td", "th")
_LINKS = ("a", "button")
_INSIDE = ("p", "span", "div", "label", "article")
_NEAR, _MOST_UP = 3, 8


_TELLING = "input, textarea[placeholder], option[label], optgroup[label], img[alt]"
_SHOWING_NOTHING = ("hidden", "checkbox", "radio", "password", "file", "color", "range")


def _lines(*patterns: str) -> Lines:
    return tuple(map(re.compile, patterns))


_FAILED = _lines(
    r"erreur\b.{0,200}",
    # What a server writes when it fails, in English.
    r"(?:\W|php|fatal|parse|query|sql|database|internal|server|uncaught|runtime)*"
    r"(?:error|exception|warning) ?:.{0,300}",
    r".{0,160}\b(?:could not|cannot|can't|unable to|failed to|timed out|access denied|connection refused)\b"
    r".{0,160}",
    r"[a-z]{2,6}-\d{3,6} ?:.{0,300}|.{0,80}\bcode (?:d')?erreur\b.{0,80}",
    r"(?:chargement|recherche|mise à jour|actualisation|vérification)\b.{0,60}(?:…|\.\.\.)",
    r".{0,120}\berreurs?\b.{0,60}\b(?:produites?|survenues?|rencontrées?|empêchent?)\b.{0,200}",
    # « Un problème technique ? » names a case that may come.
    r".{0,120}\b(?:problème|incident)s? (?:technique|informatique)s?\b(?! ?\?).{0,200}",
    r".{0,160}\b(?:pas pu|impossible de|n'arrive pas à|échec d[eu])\b.{0,40}"
    r"\b(?:charg|li[rst]|lu|lecture|affich|récupér|vérifi|consult|obten|interrog|joind|joint|contact|connexion"
    r"|mis|envoy|transm|enregistr|trait|about)\w*\b.{0,160}",
    r".{0,160}\b(?:chargement|lecture|recherche|vérification|récupération|connexion)\b.{0,80}"
    r"\b(?:échoué|impossible|interrompue?|incomplète?|en cours)\b.{0,120}",
    r".{0,80}\b(?:merci de|veuillez|prière de) patienter\b.{0,80}",
    # What gates and servers say, in French or English.
    r".{0,80}\b(?:time-?out|timed out|upstream|deprecated|unavailable|unreachable|injoignables?)\b.{0,160}",
    r".{0,80}\b(?:délai d'attente|temps d'attente|position dans la file|salle d'attente"
    r"|file d'attente virtuelle)\b.{0,40}(?:\bdépassé|\bestimé|:|\bvirtuelle).{0,80}",
    r".{0,60}\b(?:aucune|pas de|sans) réponse (?:du|de la|de notre) (?:serveur|service|site|base|planning)\b"
    r".{0,80}",
    r".{0,60}\b(?:activité (?:automatisée|inhabituelle|suspecte)|trafic inhabituel|trop de tentatives)\b"
    r".{0,80}",
    r".{0,60}\banti-?robot\b.{0,20}\b(?:non|échou|refus|incorrect|expir).{0,60}",
    r".{0,60}\b(?:captcha|jeton|token|code|numéro|saisie?)\b.{0,40}\b(?:invalide|incorrecte?|expirée?)\b.{0,80}",
    r".{0,40}\bvous n'avez pas (?:accepté|rempli|coché|sélectionné|choisi|saisi|renseigné)\b.{0,80}",
    r".{0,40}\b(?:session|connexion) (?:expirée|interrompue|perdue)\W{0,2}",
    r".{0,60}\blimite de (?:consultation|requêtes|tentatives|connexion)s?\b.{0,60}",
    r".{0,60}\b(?:retour à la normale|rétablir le (?:service|fonctionnement)|difficultés techniques)\b"
    r".{0,80}",
    r".{0,60}\bdonnées différées\b.{0,40}|.{0,60}\bréplique de lecture\b.{0,60}",
    r".{0,80}\b\w+(?:\.\w+)+(?:exception|error)\b.{0,200}",
    r".{0,40}\bconnectée? en tant qu.{0,60}|\{\W*error\b.{0,200}",
)
_THINGS = r"(?:plages?(?: horaires?)?|créneaux?|rendez-vous|disponibilités?|dates?|places?)"
_FREE = r"(?:libres?|disponibles?)"
# Advice for a case that may come is no news.
_SUPPOSED = re.compile(r"(?:si|en cas|lorsque?|quand|dès que?)\b.*")
_SOME = _lines(
    # The heading of a week: « none » below it would be of that week alone.
    rf"(?:les |vos |nos )?{_THINGS}(?: {_FREE})? (?:de|pour) (?:la|cette) semaine\b.{{0,120}}",
    rf"(?:\W|le |la |les |votre |notre )*(?:premi(?:er|ère)|prochaine?)s? {_THINGS} ?: ?(?:le )?\d.*",
    # « Les prochaines plages seront mises en ligne le 7 » names no slot.
    rf"(?!.*\b(?:sera|seront|mise?s? en ligne|publi\w+)\b)"
    rf"(?:\W|le |la |les |votre |notre )*prochaine?s? {_THINGS}\b.{{0,60}}\d.*",
    rf"(?:\W|le |la |les |votre |notre )*premi(?:er|ère)s? {_THINGS} {_FREE}\b.{{0,60}}\d.*",
    rf"(?:.{{0,80}}\W)?{_THINGS} {_FREE} ?[:(]? ?[1-9]\d{{0,3}}\b.{{0,40}}",
    rf"(?:.{{0,80}}\W)?[1-9]\d{{0,3}} {_THINGS}\b.{{0,40}}\b(?:{_FREE}|restante?s?|ouverte?s?)\b.*",
    rf"(?:.{{0,160}}\W)?(?:des|plusieurs|quelques|certaine?s|d'autres|une?) {_THINGS}\b.{{0,60}}"
    rf"\b(?:est|sont|restent?|demeurent?)\b.{{0,20}}\b{_FREE}\b.*",
    rf"(?:.{{0,160}}\W)?il (?:reste|y a)(?: encore)? (?:des|quelques|plusieurs|une?|\d+) {_THINGS}\b.{{0,40}}"
    rf"\b{_FREE}\b.*",
    rf"(?:.{{0,160}}\W)?il reste(?: encore)? (?:des|quelques|plusieurs|une?|[1-9]\d*) {_THINGS}\b.*",
)


def said(page: Page, patterns: Lines) -> list[str]:
    """The lines of the page, or runs of a few lines, that one of `patterns` matches."""
    asked = tuple(map(id, patterns))
    if asked not in page.found:
        found = [" ".join(page.lines[start:end]) for start, end in runs(page.plain, patterns)]
        page.found[asked] = patterns, found
    return page.found[asked][1]


def runs(plain: Sequence[str], patterns: Lines) -> Iterator[tuple[int, int]]:
    """(start, end) of each run of one to `MAX_RUN` lines that a pattern matches as a whole."""
    all_of_it = " ".join(plain)
    # What is nowhere in the text is in none of its lines: one look instead of thousands.
    patterns = tuple(pattern for pattern in patterns if pattern.search(all_of_it))
    for start in range(len(plain) if patterns else 0):
        for end in range(start + 1, min(start + MAX_RUN, len(plain)) + 1):
            if any(pattern.fullmatch(" ".join(plain[start:end])) for pattern in patterns):
                yield start, end
                break


def offers(page: Page, answer: Answer) -> list[LexborNode]:
    """The elements that are slots: what `answer.offers` selects and `free` leaves."""
    return free(page, answer.offers, answer.taken) if answer.offers else []


def taken(page: Page, answer: Answer) -> list[LexborNode]:
    """The elements that would be slots if they were not disabled, struck or full."""
    usable = {node.mem_id for node in offers(page, answer)}
    return [node for node in page.nodes(answer.offers or "x-none") if node.mem_id not in usable]


@lru_cache(maxsize=32)
def free(page: Page, selector: str, taken: str = "") -> list[LexborNode]:
    """The elements that `selector` matches and that are not quoted, disabled, struck, full or `taken`.

    An element is full if it says so itself, or if the cell around it does and holds no other such element.
    """
    # A calendar has hundreds of hours, and its reader asks for them several times.
    usable = outside(page, selector, ", ".join(filter(None, (_QUOTED, UNUSABLE, taken))))
    return [node for node in usable if not _full(node, selector)]


def outside(page: Page, selector: str, around: str) -> list[LexborNode]:
    """The elements that `selector` matches and that are, or lie in, none that `around` matches."""
    gone = {node.mem_id for node in page.nodes(around)}
    return [node for node in page.nodes(selector) if not gone & lineage(node)]


def offered_words(page: Page, answer: Answer) -> list[str]:
    """The text of each element that is a slot, or its label when it has no text."""
    return [text(node) or label(node) for node in offers(page, answer)]


def of_none(pages: Iterable[Page], answer: Answer) -> str:
    """The first mark of « none » on `pages`, a line or an alert, as written; empty when there is none."""
    for page in pages:
        alerts = [each for each in page.step.dialogs if matches(normalise(each), answer.dialogs)]
        if found := [*said(page, answer.none), *alerts]:
            return words(found[0])
    return ""


def of_some(pages: Iterable[Page], answer: Answer) -> str:
    """The first mark of « some » on `pages`, a line or a slot, as written; empty when there is none."""
    for page in pages:
        if found := [*said(page, answer.some), *offered_words(page, answer)]:
            return words(found[0]) or answer.offers
    return ""


def denial(page: Page, outcome: Outcome) -> str:
    """The page's title, or its first line anywhere, that takes its answer back; empty when there is none.

    It says that something failed or still loads, or, beside « none », that there are slots.
    """
    if matches(normalise(page.title), _FAILED):
        return page.title
    return _first_line(page, _takes_back_none if outcome is Outcome.NO_SLOTS else _says_that_it_failed)


def promise(page: Page) -> str:
    """The first line of the page that says that there are slots; empty when there is none."""
    return _first_line(page, _promises)


@lru_cache(maxsize=4096)
def _says_that_it_failed(plain: str) -> bool:
    return matches(plain, _FAILED)


@lru_cache(maxsize=4096)
def _promises(plain: str) -> bool:
    return matches(plain, _SOME)


def _takes_back_none(plain: str) -> bool:
    return _says_that_it_failed(plain) or _promises(plain)


def _first_line(page: Page, against: Callable[[str], bool]) -> str:
    said = (n for n, plain in enumerate(page.plain) if against(plain))
    return next((page.lines[n] for n in said if not _SUPPOSED.fullmatch(page.plain[n])), "")


def denies(plain: str) -> bool:
    """Whether a normalised line, in whatever context, may take an answer back or say that a slot is full."""
    return matches(plain, (*_FAILED, *_SOME)) or bool(_FULL.search(plain))


def matches(plain: str, patterns: Lines) -> bool:
    """Whether one of `patterns` matches the whole normalised line."""
    return any(pattern.fullmatch(plain) for pattern in patterns)


def placed(page: Page, answer: Answer) -> list[LexborNode]:
    """The elements of the answer's place in document order, without those that lie in another one."""
    chosen = page.nodes(answer.place)
    known = {node.mem_id for node in chosen}
    return [node for node in chosen if node.parent is None or not known & lineage(node.parent)]


def quoted(page: Page, nodes: Iterable[LexborNode]) -> list[LexborNode]:
    """The parts of `nodes` that stand in an element which quotes, strikes out or is typed into."""
    quoting = {node.mem_id for node in page.nodes(QUOTING)}
    return [part for node in nodes for part in ([node] if quoting & lineage(node) else node.css(QUOTING))]


def shown(nodes: Iterable[LexborNode]) -> list[str]:
    """All lines of these elements, in order."""
    return [line for node in nodes for line in lines(node)]


def told(nodes: Iterable[LexborNode]) -> list[str]:
    """What fields, buttons, lists and pictures say in these elements though it is no text of the page."""
    found = (_told_by(each) for node in nodes for each in node.css(_TELLING))
    return [line for said in found if (line := words(said))]


def _told_by(node: LexborNode) -> str:
    has, kind = node.attributes, (node.attributes.get("type") or "").lower()
    if node.tag != "input":
        return has.get("label") or has.get("alt") or has.get("placeholder") or ""
    if kind in _SHOWING_NOTHING:
        return ""
    return (has.get("alt") if kind == "image" else has.get("value") or has.get("placeholder")) or ""


def _full(node: LexborNode, selector: str) -> bool:
    if any(text(part) for part in node.css(_STRUCK)):
        return True
    return any(_FULL.search(normalise(_told_of(each))) for each in _framing(node, selector))


def _told_of(node: LexborNode) -> str:
    """All that an element says of itself: its text, its label, and what a pointer on it is told."""
    told = node.attributes
    return " ".join((text(node), label(node), told.get("title") or "", told.get("aria-label") or ""))


def _framing(node: LexborNode, selector: str) -> Iterator[LexborNode]:
    """`node`, the elements close around it, and the cell or link that it is in, while they hold no other.

    A block around it with two more lines is no badge of it: they speak of something else, or of a day.
    """
    around: LexborNode | None = node
    near, most = True, len(lines(node)) + 1
    for up in range(_MOST_UP):
        if around is None or (up and len(around.css(selector)) > 1):
            return
        frame = around.tag in _CELLS or around.tag in _LINKS
        near = (
            near
            and up < _NEAR
            and (not up or frame or (around.tag in _INSIDE and len(lines(around)) <= most))
        )
        if near or frame:
            yield around
        if around.tag in _CELLS:
            return
        around = around.parent
