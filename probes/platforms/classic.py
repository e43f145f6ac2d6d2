"""The classic booking module of the State's sites, `/booking/create/<id>/<step>` (field guide, section 1).

Step 2 says that there are no slots, steps 3 and 4 show some. The walk never goes to step 5 or further: there
a slot is taken up, and a CAPTCHA and a name are asked for. Each desk has its own answer; the procedure has no
slots only if every desk says so. A desk that cannot be chosen was not asked: slots at another desk are told,
but « no slots » of the others are not « no slots » of the procedure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain, pairwise

from selectolax.lexbor import LexborNode

from probes import model
from probes.answer import Answer, InHtml
from probes.model import NoSlotsKind, Outcome, Reading, Session, Slot, Target
from probes.pages import calendars, contract, dates, marks, signals
from probes.pages.combine import combine
from probes.pages.furniture import RELEASE
from probes.pages.notices.harmless import refusal
from probes.pages.notices.unreal import none_left
from probes.pages.page import Page, children, label, lines, normalise, origin_of, parse, path_of, text, words
from probes.pages.visible import parsed
from probes.proof import Templates
from probes.stop_line import Field, Form, StopLine

FORM = "form#FormBookingCreate"
ANSWER = "#inner_Booking"
CONDITIONS = "#condition_Booking, input[name='condition']"
DESKS = "label[for^='planning']"
CHECKS = f"{ANSWER} :is([class*='captcha' i], [id*='captcha' i], [name*='captcha' i])"
FREE = "td.status-1.free a[href]"
_CHOICES = "input[type='radio' i], input[type='checkbox' i]:not([name='condition'])"
_TYPED = "textarea, input:not([type]), input[type='text' i], input[type='number' i]"
_OTHER_WAYS = ", ".join(
    (
        "select:has(option + option)",
        f"{FORM} :is({_TYPED})",
        f"{ANSWER} a[href*='/booking/create/']",
        f"{FORM} ~ form:has([name='planning'])",
        f"{FORM} button:not([name='nextButton'], [type='button' i])",
        f"{FORM} input[type='submit' i]:not([name='nextButton'])",
    )
)
_ON_STEP_1 = re.compile(
    r"choix de la nature du rendez-vous|(?:que|quel\w*) .{1,80}\?"
    r"|\W*(?:choisi\w*|sélectionne\w*|veuillez) .{1,120}"
)
_MORE_DESKS = re.compile(
    r".*\b(?:autres?|suivante?s?|plus de|tous les) "
    r"(?:guichet|bureau|calendrier|planning|site|lieu|choi|page)\w*\b.*"
    r"|(?:guichet|bureau|calendrier|page)\w* suivante?s?|(?:voir|afficher|charger) (?:plus|la suite)\b.*"
)
_PAGES = re.compile(r"page [0-9]+ (?:sur|de|/) ?[0-9]+")
BUTTONS = ", ".join(f"{FORM} {tag}" for tag in ("button", "input[type='submit' i]", "input[type='button' i]"))
ERRORS = ", ".join(
    f"{within} {each}"
    for within in (ANSWER, f"body:not(:has({ANSWER}))")
    for each in ("[class*='error' i]", "[class*='erreur' i]", "[role='alert']")
)
GO_ON = ("etape suivante", "étape suivante", "première plage horaire libre")
ALL_TAKEN = (
    "Il n'existe plus de plage horaire libre pour votre demande de rendez-vous. "
    "Veuillez recommencer ultérieurement."
)
# « pas calendrier »: the site itself forgets the word « de ».
NO_CALENDAR = re.compile(
    r"il n'y a pas (?:de )?calendrier disponible pour effectuer une demande de rendez-vous"
    r"(?: pour le moment| actuellement| à ce jour)?[ .…]{0,5} "
    r"veuillez réessayer ultérieurement\."
)
_FURNITURE = (
    # The path of steps, with the site's own spelling of « Coordonnées ».
    r"prise de rendez-vous|descriptif|choix d'une plage(?: horaire)?|contrôle de sécurité"
    r"|coo?rdonnées personnelles|valider et terminer",
    r"vérification de disponibilité|description de la nature du rendez-vous",
    r"terminer|retour(?: à l'accueil(?: de la prise de rendez-vous)?)?|annuler",
    r"[eé]tape (?:suivante|précédente|[0-9])|première plage horaire libre",
    r"rechargement automatique du calendrier",
)
# What a préfecture writes on step 3 is its own. A line that could speak of slots, or of a failure, is not.
_DESCRIPTION = (
    r"(?!.*\b(?:plages?|créneaux?|disponib\w*|indisponib\w*|libres?|compl[eè]t\w*|aucune?s?|plus|erreurs?|publi\w*"
    r"|suspen[ds]\w*|ferm\w*|annul\w*|ultérieur\w*|impossib\w*|échou\w*|échec\w*|momentané\w*|provisoire\w*"
    r"|problème\w*|incident\w*|maintenance|attente|ouvert\w*|ouvr\w*|patient\w*|réessay\w*|recommenc\w*)\b)"
    r".{1,300}"
)
# Around the steps: whose site it is, and where in it. Pages may name the same one in different words.
_FRAME = re.compile(
    r"(?:(?:sous-)?préfecture|préf[eè]te?|les services de l'état) "
    r"(?:de l'|de la |de |du |des |d'|dans l'|dans le |dans la |dans les |dans |en )([^.:!?]{1,60})"
)
_HEADS = "header, [role='banner'], [id*='header' i], [id*='entete' i]"
_CRUMBS = ":is(#path, .breadcrumb, .fr-breadcrumb) :is(a, span, li)"
_RECALLED = re.compile(r"(?:votre (?:demande|choix)|nature du rendez-vous|procédure|guichet|motif) ?: ?(.+)")
WITHDRAWN = "Ce lien a été désactivé définitivement."
WEEKS, MOST_WEEKS = 8, 60
NEVER = datetime(2000, 1, 1, tzinfo=UTC)

_BASE = r"(?:/index\.php)?/booking/create/([0-9]{1,9})"
_STEP = re.compile(rf"({_BASE})(?:/([0-9]?))?")
_CALL = re.compile(
    r"/ezjscore/call/bookingserver::planning::assign::([0-9]{1,9})::([0-9]{1,9})::([0-9]{1,4})"
)
_PLANNING = re.compile(r"bookingserver::planning::assign::[0-9]+::([0-9]{1,9})::")


class Classic:
    """Target options: `weeks`, how many weeks of calendar to read for dates (default 8, at most 60); `title`,
    the title that the procedure's pages must have."""

    name = "classic"
    version = "2"
    verified_on: date | None = None
    templates: Templates | None = None
    transports = frozenset(model.Transport)
    answer = Answer(
        in_html=InHtml(
            stands=True,
            reason="The server writes the sentence, the desks and the hours into its HTML, page by page.",
        ),
        # Not on the steps before the answer, where anybody may write anything. A week comes by itself.
        place=f"{ANSWER}:not(:has({DESKS}, [name='planning'], {CONDITIONS})), "
        f"table:has({FREE}), table:has({FREE}) ~ *",
        none=(re.compile(re.escape(normalise(ALL_TAKEN))), NO_CALENDAR),
        some=(re.compile(r"\d{1,2} ?[h:] ?\d{2} libre"),),
        offers=f"{FREE}, {FORM}:not(:has({DESKS}, [name='planning'], {CONDITIONS})) [name='nextButton'], "
        f"{FORM} input[value^='Première plage horaire libre' i]",
        taken=".status-0, .status-2, .disabled, .complet, .taken",
        furniture=(*map(re.compile, _FURNITURE), RELEASE),
    )
    stop_line = StopLine(
        paths=(rf"{_BASE}(?:/[0-4]?)?", _CALL.pattern),
        forms=(
            Form(
                selector=FORM,
                fields=(
                    Field(name="condition", values="on"),
                    Field(name="planning", values="[0-9]{1,9}"),
                ),
                buttons=("nextButton",),
                # Only on steps 0 and 1: on the calendar the same form goes on to a slot.
                on=rf"{_BASE}(?:/[01]?)?",
            ),
        ),
    )

    def accepts(self, url: str) -> bool:
        """Whether the path of `url` is a procedure or a step of one."""
        return _STEP.fullmatch(path_of(url)) is not None

    async def walk(self, target: Target, session: Session) -> None:
        """Accept the conditions, try each wanted desk in turn, read the calendar of a desk with slots."""
        page = parse(await session.open(_base(target.url)))
        if page.has(CONDITIONS):
            page = await _press_next(session, {"condition": "on"})
        desks = _desks(page)
        if not desks:
            await _read_calendar(target, session, page, "")
        closed = _closed(page)
        for n, number in enumerate(each for each in _wanted(target, desks) if each not in closed):
            if n:
                await session.open(f"{_base(page.url)}/1")
            page = await _press_next(session, {"planning": number})
            await _read_calendar(target, session, page, number)

    def read(
        self, target: Target, capture: model.Capture, accepted: Sequence[model.AcceptedLine] = ()
    ) -> Reading:
        """Read each desk's answer, then combine them."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        desks = next(filter(None, map(_desks, pages)), {})
        reading = _of_desks(target, pages, desks, accepted) if desks else _of_one(target, pages, accepted)
        if reading.outcome is Outcome.NO_SLOTS:
            # A page cut short may list fewer desks, or none, so a desk with slots could be missed. Every page
            # must therefore be readable before « no slots » is believed.
            first = (page for page in pages if _step(page) == 1)
            other = next((found for page in first if (found := _other_choice(page)) is not None), None)
            unread = signals.unrecognised("other_desks", said=other) if other is not None else None
            doubt = next(filter(None, (_half_known(page) for page in pages if _step(page) == 1)), None)
            reading = signals.first_unsound(pages, answer=self.answer) or unread or doubt or reading
        notices = (words(pages[0].heading),) if pages[0].heading else ()
        reading = signals.confirmed(replace(reading, notices=notices), target, pages[0])
        if reading.outcome.claims and (other := _other_procedure(target, pages)):
            reading = signals.unrecognised("identity_changed", said=other)
        shown = [slot for page in pages for slot in _free(target, page)]
        return contract.held(
            reading,
            target,
            pages,
            _around(reading),
            transport=capture.transport,
            accepted=accepted,
            known=_shut(pages) | _recalled(pages),
            dates=shown,
        )


def _other_procedure(target: Target, pages: Sequence[Page]) -> str:
    """The heading of a step that is another procedure's; empty when there is none.

    Every step has the title that the target names; if it names none, all have the heading of the first one.
    """
    own = [page for page in pages if not signals.recognise(page, answer=Classic.answer)]
    titled = [page for page in own if _step(page) is not None and (page.heading or page.title)]
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


async def _press_next(session: Session, values: dict[str, str]) -> Page:
    return parse(await session.submit(FORM, values, button="nextButton"))


async def _read_calendar(target: Target, session: Session, page: Page, planning: str) -> None:
    """Read the calendar week by week until two days with slots are known.

    Reads at most as many weeks as the target's option `weeks` says.
    """
    base = _base(page.url)
    if _step(page) == 3:
        page = parse(await session.open(f"{base}/4"))
    planning = planning or next(iter(_PLANNING.findall(page.raw)), "")
    if _step(page) != 4 or not planning:
        return
    slots = list(_free(target, page))
    for offset in _offsets(target, page, slots):
        if dates.first_two(slots, target.tz)[1]:
            return
        call = f"/ezjscore/call/bookingserver::planning::assign::{_id(base)}::{planning}::{offset}"
        slots += _free(target, parse(await session.open(origin_of(base) + call)))


def _offsets(target: Target, page: Page, slots: Sequence[Slot]) -> range:
    """The first day of each week to read, in days from today.

    If slots are shown, begin after the week of the first one, which the walk has already seen.
    """
    weeks = target.options.get("weeks", "")
    count = min(int(weeks), MOST_WEEKS) if re.fullmatch("[0-9]{1,3}", weeks) else WEEKS
    first = min((slot.day(target.tz) for slot in slots), default=None)
    start = max(0, (first - page.day(target.tz)).days // 7 * 7 + 7) if first else 0
    return range(start, start + 7 * count, 7)


def _of_desks(
    target: Target, pages: Sequence[Page], desks: dict[str, str], accepted: Sequence[model.AcceptedLine]
) -> Reading:
    """Combine the answers of the wanted desks.

    Each desk has a round of pages: the one after its form was sent, and those opened after that.
    """
    wanted = _wanted(target, desks)
    if not wanted or any(listed not in ({}, desks) for listed in map(_desks, pages)):
        return signals.unrecognised("other_desks", said=" · ".join(desks.values()))
    rounds: list[list[Page]] = []
    for before, page in pairwise(pages):
        if _desks(before) and page.step.method == "POST":
            rounds.append([page])
        elif rounds and not _desks(page):
            rounds[-1].append(page)
    closed = next(_closed(page) for page in pages if _desks(page))
    tried = dict(zip((each for each in wanted if each not in closed), rounds, strict=False))
    untried = signals.recognise(pages[-1], answer=Classic.answer) or signals.unrecognised("desk_not_tried")
    answers = [
        signals.unrecognised("desk_closed", said=desks[number])
        if number in closed
        else _answer(target, tried[number], tried[number][0], number, accepted)
        if number in tried
        else untried
        for number in wanted
    ]
    return combine([(desks[n], answer) for n, answer in zip(wanted, answers, strict=True)], target.tz)


def _of_one(target: Target, pages: Sequence[Page], accepted: Sequence[model.AcceptedLine]) -> Reading:
    reading = _answer(target, pages, pages[-1], "", accepted)
    if target.desk and reading.outcome.conclusive:
        return signals.unrecognised("other_desks", said=pages[-1].heading)
    return reading


def _answer(
    target: Target,
    pages: Sequence[Page],
    last: Page,
    planning: str,
    accepted: Sequence[model.AcceptedLine],
) -> Reading:
    """One desk's answer: slots if any of its `pages` shows some, else what the page `last` says."""
    said = next(filter(None, (_offer(target, page, planning) for page in pages)), "")
    if said and (failed := _calendar_failed(pages)):
        reading = failed
    elif said and (against := _taken_back(pages)):
        reading = signals.unrecognised("contradiction", said=f"{said} · {against}")
    elif said:
        reading = _some(target, pages, said)
    else:
        reading = signals.recognise(last, answer=Classic.answer) or _none(target, last)
        if reading.outcome is Outcome.UNRECOGNISED and any(map(_is_calendar, pages)):
            reading = _no_free_hour(target, pages, pages[0].heading)
    known = _recalled(pages)
    return contract.held(
        reading, target, pages, _around(reading), transport=None, accepted=accepted, known=known
    )


def _some(target: Target, pages: Sequence[Page], said: str) -> Reading:
    """`slots_offered`, by free hours; by the button, quoted in `said`, if no calendar was shown."""
    free = {slot: link for page in pages for slot, link in _free(target, page).items()}
    earliest, second = dates.first_two(free, target.tz)
    if earliest is None and any(map(_is_calendar, pages)):
        return _no_free_hour(target, pages, said)
    shown = _words_of(free[earliest]) if earliest else said
    if not shown:
        return signals.unrecognised("wordless_slot", said=said)
    return Reading(
        outcome=Outcome.SLOTS_OFFERED,
        rule="free_links" if earliest else "calendar_step",
        words=shown,
        earliest=earliest,
        second=second,
        slots=len(free) or None,
        horizon=_horizon(target, pages),
    )


def _words_of(link: LexborNode) -> str:
    """The words of a free hour's cell; a cell may have a picture alone, and then nothing can be quoted."""
    return words(text(link.parent))


def _no_free_hour(target: Target, pages: Sequence[Page], said: str) -> Reading:
    """`unrecognised`: the step means that there are hours, and no week shown has one of this procedure."""
    reading = signals.unrecognised("no_free_hour", said=said)
    return replace(reading, horizon=_horizon(target, pages))


def _horizon(target: Target, pages: Sequence[Page]) -> date | None:
    """The last day up to which every week was read, one by one; `None` if none was."""
    calls = ((page, _CALL.fullmatch(page.path)) for page in pages if _is_calendar(page))
    firsts = [page.day(target.tz) + timedelta(days=int(call[3])) for page, call in calls if call]
    last: date | None = None
    for first in sorted(firsts):
        if last is not None and first > last + timedelta(days=1):
            break
        last = first + timedelta(days=6)
    return last


def _is_calendar(page: Page) -> bool:
    """Whether a calendar is shown here: a week by itself, or a table on step 4."""
    if signals.recognise(page, answer=Classic.answer):
        return False
    return bool(_CALL.fullmatch(page.path)) or (_step(page) == 4 and page.has(f"{ANSWER} table td"))


def _offer(target: Target, page: Page, planning: str) -> str:
    """The words by which `page` shows slots of this desk; empty if it shows none.

    They are those of a free hour, or of a button that can be pressed and leads to slots.
    """
    if _id(page.path) != _id(target.url) or signals.recognise(page, answer=Classic.answer):
        return ""
    free = next(filter(None, map(_words_of, _free(target, page).values())), "")
    if call := _CALL.fullmatch(page.path):
        return free if planning in ("", call[2]) else ""
    if _step(page) not in (3, 4) or not page.has(ANSWER) or page.has(CHECKS):
        return ""
    usable = marks.offers(page, Answer(place=FORM, offers=BUTTONS))
    labels = [text(node) or label(node) for node in usable]
    return free or next((label for label in labels if normalise(label) in GO_ON), "")


def _calendar_failed(pages: Sequence[Page]) -> Reading | None:
    """`unrecognised` when no calendar stands behind the button: a login, or nothing at all.

    That the site is down or keeps us out just then takes nothing back from the button.
    """
    asked = (page for page in pages if path_of(page.step.url).endswith("/4"))
    found = [signals.recognise(page, answer=Classic.answer) for page in asked]
    ends = (each for each in found if each and each.outcome in (Outcome.UNRECOGNISED, Outcome.LOGIN_REQUIRED))
    end = next(ends, None)
    return signals.unrecognised("calendar_failed", said=end.words or end.rule) if end else None


def _taken_back(pages: Sequence[Page]) -> str:
    """The line that says « none » or names an error on a page of an answer that shows slots."""
    answering = [page for page in pages if _step(page) in (2, 3, 4) or _CALL.fullmatch(page.path)]
    errors = (text(node) for page in answering for node in page.nodes(ERRORS))
    failures = (marks.denial(page, Outcome.SLOTS_OFFERED) for page in answering)
    gone = (line for page in answering for line in page.lines if none_left(normalise(line)))
    return marks.of_none(answering, Classic.answer) or next(filter(None, (*errors, *failures, *gone)), "")


def _around(reading: Reading) -> Answer:
    """The marks for `reading`: what may stand beside « none », a calendar, or the button of step 3."""
    calendar = calendars.LINES if reading.outcome is Outcome.SLOTS_OFFERED else ()
    description = (re.compile(_DESCRIPTION),) if reading.rule == "calendar_step" else ()
    return replace(Classic.answer, furniture=(*Classic.answer.furniture, *calendar), remarks=description)


def _none(target: Target, page: Page) -> Reading:
    """`no_slots` if this is step 2 and says so; `closed` if it says so; else `unrecognised`."""
    step = _step(page) if _id(page.path) == _id(target.url) else None
    if step == 2 and page.has(ANSWER) and not page.has(f"[name='nextButton'], {FREE}"):
        said, kind = page.says(ALL_TAKEN, FORM), NoSlotsKind.ALL_TAKEN
        if not said:
            said, kind = page.line(NO_CALENDAR, "ul.error li"), NoSlotsKind.NO_CALENDAR
        if said:
            return Reading(outcome=Outcome.NO_SLOTS, rule=kind.value, words=said, kind=kind)
    if step is not None and (said := page.says(WITHDRAWN)):
        return Reading(outcome=Outcome.CLOSED, rule="withdrawn", words=said)
    return signals.unrecognised("not_the_answer" if step is None else f"step_{step}", said=page.heading)


def _free(target: Target, page: Page) -> dict[Slot, LexborNode]:
    """The slots of the free hours shown, each with its link, which ends in a Unix time.

    A link without a readable time, or with one outside the days above its table or its column, or of another
    hour than its cell says, is a slot at `NEVER`, which no reading believes.
    """
    found = {}
    heads: dict[int, list[date | None]] = {}
    for link in marks.offers(page, replace(Classic.answer, offers=FREE)):
        procedure, leads, unix = path_of(link.attributes.get("href") or "").partition("/5/")
        if leads and _id(procedure) == _id(page.path):
            at = dates.from_unix(unix) or NEVER
            told = dates.agree(at.date(), _days_above(link, page, heads), slack=timedelta(days=1))
            same = _same_hour(link, at, target) and _same_column(link, at, target, page)
            found[Slot(starts_at=at if told and same else NEVER)] = link
    return found


def _same_hour(link: LexborNode, at: datetime, target: Target) -> bool:
    """Whether the cell of `link` says no hour, or that of `at`: the site may write local hours as UTC."""
    shown = dates.hours(text(link.parent))
    return not shown or shown[0] in (at.astimezone(target.tz).time(), at.time())


def _same_column(link: LexborNode, at: datetime, target: Target, page: Page) -> bool:
    """Whether the head of the column of `link` names no day, or that of `at`, local or as UTC."""
    named = _days_of_column(link, page)
    return dates.agree(at.astimezone(target.tz).date(), named) or dates.agree(at.date(), named)


def _days_of_column(link: LexborNode, page: Page) -> list[date | None]:
    """The days that the head of the column of `link` names; none if the table does not tell its column.

    The head is the first row with as many cells as the link's: another may lie above all columns.
    """
    cell, table = _around_link(link, "td"), _around_link(link, "table")
    if cell is None or cell.parent is None or table is None:
        return []
    row = _cells(cell.parent)
    at = next(n for n, each in enumerate(row) if each.mem_id == cell.mem_id)
    heads = next((found for each in table.css("tr") if len(found := _cells(each)) == len(row)), [])
    spans = any(each.attributes.get("colspan") or each.attributes.get("rowspan") for each in (*heads, *row))
    return [] if spans or not heads else dates.days(text(heads[at]), reference=page.step.started_at.date())


def _cells(row: LexborNode) -> list[LexborNode]:
    return [each for each in children(row) if each.tag in ("td", "th")]


def _around_link(link: LexborNode, tag: str) -> LexborNode | None:
    node = link.parent
    while node is not None and node.tag != tag:
        node = node.parent
    return node


def _days_above(link: LexborNode, page: Page, known: dict[int, list[date | None]]) -> list[date | None]:
    """The days that the heads of the table around `link` name; `known` keeps those of each table.

    They are local days and may differ by one from those of UTC.
    """
    table = _around_link(link, "table")
    if table is None:
        return []
    if table.mem_id not in known:
        said = " · ".join(text(head) for head in table.css("caption, th"))
        named = dates.days(said, reference=page.step.started_at.date())
        # « Semaine du 4 décembre »: the first of seven days.
        ends = [day + timedelta(days=6) for day in named if day and len(named) == 1]
        known[table.mem_id] = [*named, *ends]
    return known[table.mem_id]


def _desks(page: Page) -> dict[str, str]:
    """The labels of the desks on step 1, by desk number; empty on other steps.

    We look for labels: scripts hide the radio buttons and draw others in their place.
    """
    if _step(page) != 1:
        return {}
    numbers = {
        (node.attributes.get("for") or "").removeprefix("planning"): node for node in page.nodes(DESKS)
    }
    return {number: text(node) for number, node in numbers.items() if re.fullmatch("[0-9]{1,9}", number)}


def _other_choice(page: Page) -> str | None:
    """What else than the desks known can be chosen on step 1, in words; `None` when nothing can.

    What was received is looked through, not what is shown: a desk may lie in a closed tab.
    """
    desks, received = _desks(page), parsed(page.raw)
    if not desks or received is None:
        return page.heading
    for radio in received.css(_CHOICES):
        if radio.attributes.get("name") != "planning" or radio.attributes.get("value") not in desks:
            return words(radio.attributes.get("value") or radio.attributes.get("name") or "")
    other = received.css_first(_OTHER_WAYS)
    return text(other) if other else page.line(_PAGES) or None


def _half_known(page: Page) -> Reading | None:
    """`unrecognised` when step 1 may have more desks than it lists, or says something about one of them."""
    if page.unread:
        return signals.unrecognised("unread_parts", said=page.unread[0])
    if denied := marks.denial(page, Outcome.NO_SLOTS):
        return signals.unrecognised("contradiction", said=denied)
    said = next(chain(_ways_to_more(page), _remarks(page)), None)
    return None if said is None else signals.unrecognised("other_desks", said=said)


def _ways_to_more(page: Page) -> Iterator[str]:
    labels = (*page.buttons, *map(text, page.nodes("a")))
    return (each for each in labels if _MORE_DESKS.fullmatch(normalise(each)))


def _remarks(page: Page) -> Iterator[str]:
    """The lines beside the desks that nobody knows and that may be about slots or desks."""
    known = {*map(normalise, _desks(page).values()), *map(normalise, page.buttons)}
    shown = (line for node in page.nodes(ANSWER) for line in lines(node))
    furniture = Classic.answer.furniture
    unknown = (
        line
        for line in shown
        if normalise(line) not in known and not marks.matches(normalise(line), furniture)
    )
    others = (line for line in unknown if not _ON_STEP_1.fullmatch(normalise(line)))
    return (line for line in others if refusal(line, Classic.answer))


def _closed(page: Page) -> frozenset[str]:
    """The numbers of the desks on step 1 that cannot be chosen.

    A script may hide a radio button and draw another one; then what was received tells.
    """
    numbers = set()
    for number in _desks(page):
        radio, label = f"input[name='planning'][value='{number}']", f"label[for='planning{number}']"
        shut = f"{radio}[disabled], fieldset[disabled] {radio}, {label}[aria-disabled='true' i]"
        received = None if page.has(radio) else parsed(page.raw)
        if page.has(shut) or (received and received.css_first(shut)):
            numbers.add(number)
    return frozenset(numbers)


def _shut(pages: Sequence[Page]) -> frozenset[str]:
    """The normalised labels of the desks that cannot be chosen.

    That they are closed says nothing of others.
    """
    return frozenset(normalise(_desks(page)[number]) for page in pages for number in _closed(page))


def _recalled(pages: Sequence[Page]) -> frozenset[str]:
    """The normalised lines that repeat the name of the procedure or of a desk: « Votre demande : … »."""
    named = {normalise(each) for page in pages for each in (*_desks(page).values(), page.heading)}
    said = ((plain, _RECALLED.fullmatch(plain)) for page in pages for plain in page.plain)
    return frozenset(plain for plain, found in said if found and found[1] in named)


def _wanted(target: Target, desks: dict[str, str]) -> list[str]:
    chosen = normalise(target.desk or "")
    return [number for number, label in desks.items() if chosen in ("", normalise(label))]


def _base(url: str) -> str:
    """The URL of the procedure without its step; empty if `url` is none of a procedure."""
    found = _STEP.fullmatch(path_of(url))
    return f"{origin_of(url)}{found[1]}" if found else ""


def _step(page: Page) -> int | None:
    found = _STEP.fullmatch(page.path)
    return int(found[3] or 0) if found else None


def _id(url: str) -> str:
    """The procedure's number in `url`, which is a page or a calendar call; empty if there is none."""
    found = re.search(r"/booking/create/([0-9]+)|::assign::([0-9]+)::", url)
    return (found[1] or found[2]) if found else ""
