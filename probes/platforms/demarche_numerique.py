"""demarche.numerique.gouv.fr, formerly demarches-simplifiees.fr (field guide, section 3).

A form is open to requests or closed; it never shows a slot. Dates in its drop-down lists are kept as notices
only: they are listed, but nothing says that they are free. A form in test, or for agents alone, is not open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice

from probes import model
from probes.answer import Answer, InHtml
from probes.model import Outcome, Reading, Session, Target
from probes.option import TITLE
from probes.pages import contract, dates, furniture, marks, signals
from probes.pages.notices import closures
from probes.pages.notices.unreal import none_left
from probes.pages.page import Page, dig, normalise, origin_of, parse, parse_json, path_of, text, words
from probes.proof import Templates
from probes.stop_line import StopLine, asked

HOSTS = frozenset(
    (
        "demarche.numerique.gouv.fr",
        "www.demarche.numerique.gouv.fr",
        "demarches-simplifiees.fr",
        "www.demarches-simplifiees.fr",
    )
)
START = "Commencer la démarche"
# Nothing after the date: « … pour les premières demandes » closes a part alone.
CLOSED = re.compile(
    r"la démarche .{1,400} est close depuis le (?:\w+ )?\d{1,2}(?:er)?[ /.-][\w.]{1,9}[ /.-]\d{4}"
    r"(?:,? à \d{1,2} ?(?:h|:|heures?) ?(?:\d\d)?)?\W*"
)
_LIKE_CLOSED = re.compile(r".*\best close depuis le\b.*")
DEADLINE = re.compile(r"date limite : .{1,80}")
# A line that may say until when, or from when, requests are taken.
_LIMIT = re.compile(
    r"\b(?:date limite|dernier jour|au plus tard|jusqu'au|dates? d'ouverture|avant le|après le|ouverte? du"
    r"|clôture|dépôts? (?:des demandes |des dossiers )?(?:du|entre))\b.*\d"
)
_PARIS = re.compile(r" ?\((?:heure de |europe/)paris\)", re.IGNORECASE)
MOST_NOTICES = 40

_CALLOUT = ".fr-callout"
_ALERTS = "h1, h2, h3, .fr-alert, .fr-callout, .fr-notice, .fr-badge, [role='alert']"
# Around the form's own text, which its administration writes, stand banners and marks of the site: each must
# be known. Not what every page has at its top and end.
_AROUND = (
    "main",
    "header",
    "footer",
    "nav",
    "[role='note']",
    "[role='dialog']",
    "script",
    "style",
    "noscript",
)
_BEYOND = f"body :not({', '.join((*_AROUND, *(f'{each} *' for each in _AROUND)))}, :has(main))"
_BANNERS = (
    furniture.ANNOUNCEMENT,
    re.compile(r"une (?:opération de )?maintenance est (?:prévue|programmée|planifiée)\b.{1,120}"),
    re.compile(r".{0,100}\bil est possible que vous ne trouviez pas de place\b.{0,60}"),
    re.compile(r"dossier n° .{1,60}|prochaine mise en ligne de nouveaux .{1,80}"),
    re.compile(r"la plateforme sera (?:inaccessible|indisponible) (?:pendant|durant) .{1,60}"),
    re.compile(r"(?:le site )?demarches-simplifiees\.fr devient demarche\.numerique\.gouv\.fr\W*"),
    re.compile(
        r"république française|demarche\.numerique\.gouv\.fr|aller au contenu.{0,20}|contenu"
        r"|pied de page|\W{1,4}"
    ),
)
_WAY_IN = re.compile(r"(?:créer un compte|j'ai déjà un compte|s'identifier avec franceconnect)\b.{0,60}")
# Lines of a form that its administration tries out; the first two anywhere, the last in an alert alone.
_IN_TEST = re.compile(
    r"(?:attention : )?démarche en test"
    r"|cette (?:démarche est actuellement en test|page permet de tester une nouvelle version)\b.*"
    r"|.{0,200}\b(?:est|page) réservée? à l'administration\b.*"
)
_ALERT_OF_TEST = re.compile(
    r".{0,200}\b(?:(?:en|de|un) (?:phase de )?tests?|brouillon|non publiée?|pas (?:encore )?publiée?"
    r"|(?:supprimé|effacé)e?s? à tout moment)\b.*"
)
_FOR_AGENTS = re.compile(
    r".{0,200}\bproconnect\b.{0,60}\b(?:peuvent|nécessaire|obligatoire|exigé)\b.*"
    r"|.{0,200}\b(?:nécessite|réservée?|seuls?|uniquement|exclusivement)\b.{0,120}\b(?:proconnect|agents)\b.*"
)
# Said anywhere on the page. What « agents » do with a request is no news: only who may make one.
_FORM_FOR_AGENTS = re.compile(
    r".{0,200}\b(?:démarche|formulaire|téléservice|procédure|service|accès|page)s?\b.{0,80}"
    r"\b(?:réservée?s?|exclusive?(?:ment)?|exclusif|uniquement|seulement|destinée?s?|ouverte?s?)\b.{0,60}"
    r"(?<!par )\b(?:aux|des|pour (?:les|des)|d') ?(?:seule?s )?agents\b.*"
)
# Said anywhere on the page of a form that takes no requests today, whatever it offers.
_FORM = r"\b(?:démarche|formulaire|téléservice|procédure|campagne|dépôt|inscription)s?\b"
_NOT_NOW = re.compile(
    rf".*{_FORM}.{{0,60}}\b(?:ouvrira|ouvriront|(?:sera|seront) (?:\w+ )?ouverte?s?"
    r"|(?:est|sont) (?:\w+ )?(?:clos|closes?|clôturée?s?))\b.*"
    rf"|.*(?:{_FORM}|\b(?:il|elle)s?\b)[^,;:.]{{0,60}} n(?:'est|e sont) plus "
    r"(?:traitée?s?|instruite?s?|examinée?s?|enregistrée?s?|prise?s? en compte)\b.*"
    r"|.*\b(?:fermeture|clôture) définitive\b.*|.*\bne plus utiliser\b.*"
    r"|.*\b(?:demande|dossier|dépôt)s?\b.{0,40}\b(?:pourr|ser)(?:a|ont) (?:\w+ )?"
    r"(?:déposée?s?|possibles?|rejetée?s?|acceptée?s?) .{0,20}\b(?:à partir|à compter|dès|en|le)\b.*\d.*"
    rf"|.*{_FORM}.{{0,40}}\bsera accessible (?:à partir|à compter|dès|le)\b.*"
    rf"|ouverture (?:de la |du |des )?(?:{_FORM}|demandes) ?(?::|le\b|à partir\b|dès\b|en\b).*\d.*"
    r"|\W*(?:retour|reprise|réouverture) (?:le|en|à partir|prévue?)\b.*"
    r"|.*\bcampagne (?:terminée|close|clôturée|achevée)\b.*|.*\ben cours de (?:construction|création)\b.*"
    r"|.*\bde chaque mois uniquement\b.*|.*\b(\d+) (?:dossier|demande|place)s? sur \1\b.*"
    r"|.*\b(?:refus|rejet)\w* d'office\b.*"
    r"|.*\brien ne (?:sera|seront) \w+.*|.*\bpassez (?:désormais|dorénavant|maintenant) par\b.*"
    r"|.*\baucune? (?:demande|dossier) ne sera\b.*|.*\bdéposée?s? ici sera(?:ont)? rejetée?s?\b.*"
    rf"|.*(?:{_FORM}|\b(?:demande|dossier)s?\b).{{0,40}}\b(?:reprend|rouvri|réouvri|reprise|réouverture)\w*\b.*\d.*"
    rf"|.*\b(?:reprise|réouverture)\b.{{0,40}}(?:{_FORM}|\b(?:demande|dossier)s?\b).*\d.*"
    r"|.*\b(?:revenir|revenez|repassez|repasser) (?:le|à partir|après|dès|en|ici)\b.*\d.*"
    r"|\W*(?:fermée?|clôturée?|close?|suspendue?|obsolète|périmée?|supprimée?|désactivée?|ne pas utiliser"
    r"|annulée?|ancienne? (?:version|démarche|formulaire)|archivée?|archive|brouillon|doublon)s?"
    r"\b\W.{1,200}"
)
_AGAIN = re.compile(
    r".*\b(?:c'est reparti|limitée? aux|(?:autres|certains) usagers|reste(?:nt)? ouverte?s?|peuvent continuer"
    r"|le lien (?:est|était) (?:faux|ancien|périmé))\b.*"
    r"|.*\b(?:(?:rouver|réouver|rouvr|réouvr)(?!ira)\w*|(?:de|à) nouveau|a repris|ont repris|reprennent"
    r"|bien ouverte?s?)\b.*"
)
# The pages that the site's servers answer with when the application does not, also with status 200.
_ERROR = re.compile(r"erreur ([45][0-9]{2})")
_ERRORS = {
    **dict.fromkeys(("403", "406"), Outcome.BLOCKED),
    **dict.fromkeys(("500", "502", "503", "504"), Outcome.SITE_DOWN),
    "429": Outcome.RATE_LIMITED,
}

_PAGE = re.compile(r"/commencer/([\w-]{1,200})/?")
_CLOSING = re.compile(r"/fermeture/([\w-]{1,200})/?")
_SCHEMA = re.compile(r"/preremplir/([\w-]{1,200})/schema")


class DemarcheNumerique:
    """A target is one form, which is open for requests or closed; it never shows a slot."""

    name = "demarche_numerique"
    version = "2"
    verified_on: date | None = None
    templates: Templates | None = None
    transports = frozenset(model.Transport)
    # A form never tells « none » or « some » of slots; what it offers is the way to a request. What else the
    # callout says is the administration's: only its heading is the answer's place.
    answer = Answer(
        place=f"{_CALLOUT} h2",
        none=(CLOSED,),
        some=(re.compile(re.escape(normalise(START))),),
        in_html=InHtml(
            stands=True,
            reason="The server writes into its public page, and into public JSON, whether the form is open.",
        ),
    )
    options = (TITLE,)
    desks = False
    stop_line = StopLine(
        paths=(_PAGE.pattern, _CLOSING.pattern, _SCHEMA.pattern, "/"),
    )

    def accepts(self, url: str) -> bool:
        """Whether `url` is that of a form's public page, `/commencer/<form>`, without parameters."""
        return _PAGE.fullmatch(asked(url)) is not None

    async def walk(self, target: Target, session: Session) -> None:
        """Open the form's public page and, while the form is open, its public description (JSON)."""
        page = parse(await session.open(target.url))
        if found := _PAGE.fullmatch(page.path):
            await session.open(f"{origin_of(page.url)}/preremplir/{found[1]}/schema")

    def read(
        self, target: Target, capture: model.Capture, accepted: Sequence[model.AcceptedLine] = ()
    ) -> Reading:
        """Read the public page; the description only adds notices."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        page = pages[0]
        reading = _not_ours(page) or _closed(target, page) or _open(target, pages)
        place = f"{self.answer.place}, {_BEYOND}" if page.has("main") else self.answer.place
        answer = replace(self.answer, place=place, furniture=_BANNERS)
        return contract.held(reading, target, pages, answer, transport=capture.transport, accepted=accepted)


def _not_ours(page: Page) -> Reading | None:
    """The reading of a page that is no form's; `None` for a form's."""
    return signals.recognise(page, hosts=HOSTS) or _error(page)


def _error(page: Page) -> Reading | None:
    found = _ERROR.fullmatch(normalise(page.line(_ERROR)))
    if found is None or page.says(START, "h2"):
        return None
    outcome = _ERRORS.get(found[1], Outcome.UNRECOGNISED)
    return Reading(outcome=outcome, rule=f"error_{found[1]}", words=words(page.heading or page.title))


def _closed(target: Target, page: Page) -> Reading | None:
    """`closed` on the page of a closed form, with the three lines below as notices; else `None`.

    A page that offers no start may say in another sentence that its form is closed or moved.
    """
    struck = marks.quoted(page, page.nodes("h1"))
    closing = _CLOSING.fullmatch(page.path)
    said = page.line(CLOSED, "h1") if closing and not struck else ""
    # The product's own sentence at another address than its own is an odd page, and no closure.
    if page.says(START, "h2") or (not said and page.line(_LIKE_CLOSED)):
        return None
    if not closing or not said:
        return closures.closed(page) if _PAGE.fullmatch(page.path) else None
    if doubt := _not_closed(target, page, closing[1], said):
        return doubt
    reason = page.lines[page.lines.index(said) + 1 :][:3] if said in page.lines else []
    return Reading(outcome=Outcome.CLOSED, rule="closed_since", words=said, notices=tuple(map(words, reason)))


def _not_closed(target: Target, page: Page, form: str, said: str) -> Reading | None:
    """`unrecognised` when the sentence is another form's, or tells of a day to come."""
    wanted, title = _PAGE.fullmatch(path_of(target.url)), normalise(target.options.get("title", ""))
    if (wanted and wanted[1] != form) or title not in normalise(f"{said} {page.title}"):
        return signals.unrecognised("other_form", said=said)
    today = page.day(target.tz)
    since = dates.find(said.rpartition("est close depuis")[2], reference=today)
    ahead = since is None or since.day > today
    if again := page.line(_AGAIN):
        return signals.unrecognised("contradiction", said=again)
    return signals.unrecognised("out_of_time", said=said) if ahead else None


def _open(target: Target, pages: list[Page]) -> Reading:
    """`requests_open` on the form's public page.

    If the page is that of another form, our form was renamed or replaced: see `_elsewhere`.
    """
    page = pages[0]
    form, wanted = _PAGE.fullmatch(page.path), _PAGE.fullmatch(path_of(target.url))
    said = page.says(START, f"{_CALLOUT} h2")
    if not form or not said:
        return signals.unrecognised("unknown_form" if page.path == "/" else "unknown_page", said=page.heading)
    if doubt := _not_for_all(pages) or _not_today(target, page):
        return doubt
    notices = (
        page.title,
        page.line(DEADLINE),
        *(note for each in pages[1:] for note in _listed(target, each)),
    )
    reading = Reading(
        outcome=Outcome.REQUESTS_OPEN, rule="form_open", words=said, notices=tuple(filter(None, notices))
    )
    if wanted and form[1] == wanted[1]:
        return signals.confirmed(reading, target, page)
    return _elsewhere(target, page, reading)


def _not_for_all(pages: list[Page]) -> Reading | None:
    """`unrecognised` for a form in test, for agents alone, without a way in, or said to be closed."""
    page = pages[0]
    schemas = [parse_json(each.raw) for each in pages[1:] if _SCHEMA.fullmatch(each.path)]
    tested = page.line(_IN_TEST) or page.line(_ALERT_OF_TEST, _ALERTS)
    if tested or any(dig(schema, "state") == "brouillon" for schema in schemas):
        return signals.unrecognised("in_test", said=tested or page.heading)
    if agents := page.line(_FOR_AGENTS, _ALERTS) or page.line(_FORM_FOR_AGENTS):
        return signals.unrecognised("for_agents", said=agents)
    ways = (normalise(text(link)) for link in marks.free(page, f"{_CALLOUT} a, {_CALLOUT} button"))
    if not any(map(_WAY_IN.fullmatch, ways)):
        return signals.unrecognised("no_way_in", said=page.heading)
    ended = page.line(CLOSED) or closures.told(page, _ALERTS)
    return signals.unrecognised("contradiction", said=ended) if ended else None


def _not_today(target: Target, page: Page) -> Reading | None:
    """`unrecognised` for a form that says that it takes no requests today, or that its deadline is past."""
    if _NOT_NOW.fullmatch(normalise(page.title)):
        return signals.unrecognised("contradiction", said=page.title)
    if said := page.line(_NOT_NOW) or next((line for line in page.lines if none_left(normalise(line))), ""):
        return signals.unrecognised("contradiction", said=said)
    limits = (line for line in page.lines if _LIMIT.search(normalise(line)))
    over = next((line for line in limits if _is_over(target, page, _PARIS.sub("", line))), None)
    return signals.unrecognised("out_of_time", said=over) if over else None


def _is_over(target: Target, page: Page, limit: str) -> bool:
    """Whether a line names a period that has ended or not begun, or a day that cannot be."""
    today = page.day(target.tz)
    named = dates.days(limit, reference=today)
    days = [each for each in named if each]
    if len(days) < len(named):
        return True
    if len(days) > 1 and not min(days) <= today <= max(days):
        return True
    when = dates.find(limit, reference=today)
    end = when.slot(target.tz) if when else None
    if when and end and when.at:
        return end.starts_at <= page.step.started_at
    return bool(days) and max(days) < today


def _elsewhere(target: Target, page: Page, reading: Reading) -> Reading:
    """`reading` if the form at another address has our title. Whether another one replaced it is not said."""
    title = normalise(target.options.get("title", ""))
    if title and title in normalise(f"{page.heading} {page.title}"):
        return reading
    return signals.unrecognised("other_form", said=page.title or page.heading)


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
