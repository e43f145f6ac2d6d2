"""eSirius eAppointment (field guide, section 7): postcode, motive, then an alert (no slots) or a calendar.

The walk never goes to the next step: there an hour is taken, and a CAPTCHA and a name are asked for. The
platform needs a browser, because the page's scripts show the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

from selectolax.lexbor import LexborNode

from probes import model
from probes.answer import Answer, InHtml
from probes.model import NoSlotsKind, Outcome, Reading, Session, Slot, Target
from probes.option import TITLE, WORDS, Option
from probes.pages import calendars, contract, furniture, marks, signals, starts
from probes.pages.notices.unreal import none_left
from probes.pages.page import Page, normalise, origin_of, parse, path_of, text, words
from probes.proof import Templates
from probes.stop_line import Field, Form, StopLine

POSTCODE, POSTCODE_FORM = "#CPId", "form:has(#CPId)"
MOTIVES, MOTIVES_FORM = "[name='selectedMotiveKeyList']", "form:has([name='selectedMotiveKeyList'])"
# Some applications begin with a page that has nothing but this button. A form in which anything can be typed
# or chosen is another one.
FIRST_FORM = (
    "form:has(#nextButtonId):not(:has([name='selectedMotiveKeyList'], #CPId, #dayValueId, textarea, select))"
    ":not(:has(input:not([type='hidden' i], [type='button' i], [type='submit' i])))"
)
DAY = "#dayValueId"
# jQuery UI puts months in groups only when it shows several.
MONTHS = ".ui-datepicker-group, .ui-datepicker:not(:has(.ui-datepicker-group))"
MONTH = ".ui-datepicker-title"
CALENDAR = ".ui-datepicker"
LISTED = f"{MONTH} select"
# Days of the months beside may be shown too, under the title of this one.
_SHUT_DAYS = ".ui-state-disabled, .ui-datepicker-unselectable, .ui-datepicker-other-month"
OPEN_DAYS = f"td:not({_SHUT_DAYS}) a.ui-state-default"
# Days of a month beside that can be chosen all the same.
_OTHER_DAYS = (
    ".ui-datepicker-other-month:not(.ui-state-disabled, .ui-datepicker-unselectable) a.ui-state-default"
)
SOONEST = ".soonestText"
# A text may name another day too: of a closure, of the next release, of one's own appointment.
A_DAY = re.compile(
    r"(?:(?:le |la |votre )?(?:premi(?:er|ère)|prochaine?)s? "
    r"(?:rendez-vous|créneau|date|disponibilité|place|horaire)"
    r"(?: (?:est|possible|disponible|proposée?|libre))*|au plus tôt|dès|à partir du"
    rf"|le rendez-vous le plus proche(?: est)?)?(?: ?:)? ?(?:le |est )?{furniture.WHEN}"
)
# The hours of a chosen day: « A 09:45 ».
_HOUR = re.compile(r"[aà] \d{1,2} ?[:h] ?\d{2}\b.{0,40}")
_FULL = re.compile(r"\b(?:complet|indisponible|occupée?|réservée?|prise?|fermée?)\b")
_NO_HOUR = re.compile(r"(?:aucune?|plus|pas|complet|indisponible)\b")
STEP_3 = re.compile(r"\d ?/ ?\d ?: (?:lieu, )?date et heure")
# The site misspells « selectionnnés » and « séléctionné » and may correct them.
_CHOSEN = r"s[eé]l[eé]ctionn{1,3}[eé]e?s?"
_TAIL = r"(?:\W{0,3}|\. veuillez (?:réessayer|recommencer|renouveler votre demande) ultérieurement\W{0,2})"
NONE = re.compile(
    r"aucun rendez-vous n'est (?:possible|disponible)(?: actuellement)? pour "
    rf"(?:les? motifs? {_CHOSEN}|ce motif)(?: ou le créneau horaire {_CHOSEN})?{_TAIL}"
    rf"|il n'y a pas de rendez-vous disponible pour ce service{_TAIL}"
)
_CHOOSE = re.compile(
    r"(?:veuillez |merci de )?(?:choisir|choisissez|sélectionnez|sélectionner) (?:une|la) date"
    r"(?: puis l'heure souhaitée)?\W{0,2}"
)

# Lines of the summary, or all of it in one; a heading has no colon. The number after a motive is how many
# persons come.
_CHOSEN_MOTIVE = re.compile(r"\bmotifs? du rendez-vous ?: ?(.{0,300})")
_PERSONS = re.compile(r" : \d{1,2}$")
_CHOSEN_PLACE = re.compile(
    r"(?:résumé ?: ?)?"
    r"(?:rendez-vous (?:au|aux|à|en)\b|(?:lieu|site)(?: d[eu] (?:votre )?rendez-vous)? ?:) ?:? ?"
    r"(.{0,300}?)(?:\bmotifs? du rendez-vous\b.*)?"
)

_APPLICATION = r"/eAppointment\w{0,40}"
_SESSION = r"(?:;jsessionid=[\w.!-]{1,80})?"
_ASKED = r"(?:sitekey|mobile|preselectservice)=\w{0,20}"
_STEPS = (
    rf"{_APPLICATION}/appointment\.do{_SESSION}(?:\?{_ASKED}(?:&{_ASKED}){{0,2}})?",
    rf"{_APPLICATION}/element/jsp/appointment\.jsp{_SESSION}",
    rf"{_APPLICATION}/step1ScenarioTwo\.do{_SESSION}",
)
_PAGES = (rf"{_APPLICATION}/element/jsp/specific/\w{{1,30}}\.jsp{_SESSION}", *_STEPS)
# What the pages' own scripts ask up to the calendar (« DWR »). Others choose an hour or confirm it.
SCRIPTS = (
    rf"{_APPLICATION}/dwr/(?:engine|util|interface/\w{{1,40}})\.js",
    rf"{_APPLICATION}/dwr/call/plaincall/(?:__System\.(?:generateId|pageLoaded)|AjaxMotive\.motiveMultiSiteSubmit"
    r"|AjaxSelectionFormFeeder\.(?:getClosedDaysList|getClosedDaysAllSites|numberOfMonthToDisplayInCalendar"
    r"|getServiceBeanList|getSiteBeanList|getSiteBeanListFiltered|getMotiveBeanList|initMotiveList"
    r"|upDateQuantityMotives|getUpdatedAvailabilities|getBeginDateToRetrieveAvailibilities|getLocaleGMToffSet"
    r"|getHostGMToffSetWithDayLightForNow|setJavascriptGlobalVariable|getSubmitFormFunction|positionAtBeginStep"
    r"|incrementStep|checkServiceSelContainAvailabilities|cleanFormFrom(?:Orga|Site|Service)))\.dwr(?:\?.{0,80})?",
)

_MOTIVE = Option(
    name="motive",
    values="[0-9]{1,6}",
    looks="the number of a motive, one to six digits",
    meaning="The `value` of the motive's box `selectedMotiveKeyList` in the page's HTML.",
    example="20",
    required=True,
)
_POSTCODE = Option(
    name="postcode",
    values="[0-9]{5}",
    looks="a postcode, five digits",
    meaning="The postcode to send, where the page asks for one.",
    example="94000",
)
_PLACE_NAMED = Option(
    name="place",
    values=WORDS,
    looks="words of the place, on one line, with three letters or digits at least",
    meaning="Words that the place named beside a calendar must have; with others nothing is concluded.",
    example="Créteil",
)


class Esirius:
    """A target is one motive of an application, at the places that it lists for a postcode."""

    name = "esirius"
    version = "2"
    verified_on: date | None = None
    templates: Templates | None = None
    transports = frozenset((model.Transport.BROWSER,))
    answer = Answer(
        in_html=InHtml(
            stands=False, reason="A script shows the answer, as an alert or in a calendar that it draws."
        ),
        place=f"{MONTHS}, {SOONEST}, :has(> {SOONEST}):not(:has({MONTH})), #timeareaempty, "
        "[class*='error' i], [role='alert']",
        none=(NONE,),
        dialogs=(NONE,),
        offers=f"{OPEN_DAYS}, {SOONEST}",
        taken=".ui-state-disabled, .ui-datepicker-unselectable, .complet, .full, .disabled",
        furniture=(*calendars.LINES, _CHOOSE),
        # The motive stays ticked while its answer is shown; which one it is is judged by itself.
        choices=frozenset(("selectedMotiveKeyList",)),
    )
    options = (_MOTIVE, _POSTCODE, _PLACE_NAMED, TITLE)
    desks = False
    stop_line = StopLine(
        paths=_PAGES,
        forms=(
            Form(
                selector=POSTCODE_FORM,
                fields=(Field(name="CP", values="[0-9]{5}"),),
                buttons=("Continuer",),
            ),
            Form(selector=FIRST_FORM, buttons=("nextButtonId",), on="|".join(_STEPS)),
            Form(
                selector=MOTIVES_FORM,
                fields=(Field(name="selectedMotiveKeyList", values="[0-9]{1,6}"),),
                buttons=("nextButtonId",),
            ),
        ),
        controls=(DAY,),
        scripts=SCRIPTS,
    )

    def accepts(self, url: str) -> bool:
        """Whether `url` is a page on which a visit may begin, with no other parameters than its own."""
        asked, _, _ = url.removeprefix(origin_of(url)).partition("#")
        return any(re.fullmatch(page, asked) for page in _PAGES[:2])

    async def walk(self, target: Target, session: Session) -> None:
        """Send the postcode and the motive; unfold the calendar if one is shown then."""
        page = parse(await session.open(target.url))
        if page.has(POSTCODE) and re.fullmatch("[0-9]{5}", postcode := target.options.get("postcode", "")):
            page = parse(await session.submit(POSTCODE_FORM, {"CP": postcode}, button="Continuer"))
        motive = target.options.get("motive", "")
        if not re.fullmatch("[0-9]{1,6}", motive):
            return
        if page.has(FIRST_FORM) and not page.has(f"{MOTIVES}, {POSTCODE}"):
            page = parse(await session.submit(FIRST_FORM, {}, button="nextButtonId"))
        if page.has(MOTIVES):
            values = {"selectedMotiveKeyList": motive}
            page = parse(await session.submit(MOTIVES_FORM, values, button="nextButtonId"))
        if page.has(DAY) and not page.has(MONTH):
            await session.unfold(DAY)

    def read(
        self, target: Target, capture: model.Capture, accepted: Sequence[model.AcceptedLine] = ()
    ) -> Reading:
        """Read the last page: a calendar, or the alert that was shown when the motive was sent."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        page = pages[-1]
        reading = signals.recognise(page, answer=self.answer) or signals.confirmed(
            _read(target, page), target, page
        )
        if reading.outcome.claims and (other := _other_motive(target, pages)):
            reading = signals.unrecognised("other_motive", said=other)
        if reading.outcome.claims and (place := _other_place(target, page)):
            reading = signals.unrecognised("other_place", said=place)
        shown = [slot for slot, _said in (*_days(target, page), *_soonest(target, page)) if slot]
        return contract.held(
            reading,
            target,
            pages,
            self.answer,
            transport=capture.transport,
            accepted=accepted,
            known=frozenset(line for each in pages for line in _summary(each, _asked(target, pages))),
            dates=shown,
        )


def _read(target: Target, page: Page) -> Reading:
    said = [words(line) for line in page.step.dialogs]
    if path_of(target.url).split("/")[1:2] != page.path.split("/")[1:2]:
        return signals.unrecognised("other_application", said=page.heading)
    if page.line(STEP_3):
        return signals.unrecognised("contradiction", said=said[0]) if said else _calendar(target, page)
    sent = page.step.method == "POST" and page.has(MOTIVES)
    if sent and len(said) == 1 and NONE.fullmatch(normalise(said[0])):
        kind = NoSlotsKind.UNSPECIFIED
        return Reading(outcome=Outcome.NO_SLOTS, rule="alert", words=said[0], kind=kind)
    rule = "other_alert" if said else _step(page)
    return signals.unrecognised(rule, said=" · ".join(said) or page.heading)


def _other_motive(target: Target, pages: Sequence[Page]) -> str:
    """A motive that a page shows as chosen and that is not the target's, or not it alone; else empty."""
    wanted = target.options.get("motive", "")
    for page in pages:
        ticked = [node.attributes.get("value") or "" for node in page.nodes(f"{MOTIVES}[checked]")]
        if other := next((value for value in ticked if value != wanted), ""):
            return f"selectedMotiveKeyList={other}"
    names = {name for page in pages if (name := _name_of(page, wanted))}
    last = pages[-1]
    for n, plain in enumerate(last.plain if names else ()):
        if found := _CHOSEN_MOTIVE.search(plain):
            # The motive may stand in the next line.
            motive = found[1] or " ".join(last.plain[n + 1 : n + 2])
            if _PERSONS.sub("", motive) not in names:
                return last.lines[n]
    return ""


def _other_place(target: Target, page: Page) -> str:
    """The line that names another place than the target's option, or the page's heading if none names it."""
    wanted = normalise(target.options.get("place", ""))
    named = list(_places(page)) if wanted else []
    other = next((shown for shown, place in named if wanted not in place), "")
    return other or ("" if named or not wanted else page.heading)


def _places(page: Page) -> Iterator[tuple[str, str]]:
    """The chosen place as the page writes it, and normalised; it may stand in the line after its label."""
    for n, plain in enumerate(page.plain):
        if found := _CHOSEN_PLACE.fullmatch(plain):
            at = n if found[1] else min(n + 1, len(page.lines) - 1)
            yield page.lines[at], found[1] or page.plain[at]


def _summary(page: Page, asked: AbstractSet[str]) -> Iterator[str]:
    """The normalised lines that name the motive and the place chosen, which are judged by themselves.

    « Motif : … » counts if it names the motive `asked` for.
    """
    for plain in page.plain:
        if _CHOSEN_MOTIVE.search(plain) or _CHOSEN_PLACE.fullmatch(plain) or plain in asked:
            yield plain
    yield from (normalise(shown) for shown, _place in _places(page))


def _asked(target: Target, pages: Sequence[Page]) -> AbstractSet[str]:
    wanted = target.options.get("motive", "")
    return {f"motif : {name}" for page in pages if (name := _name_of(page, wanted))}


def _name_of(page: Page, motive: str) -> str:
    """The normalised label of a motive in the list of motives; empty when it is not there."""
    boxes = (node.attributes for node in page.nodes(MOTIVES) if node.attributes.get("value") == motive)
    identities = {each.get("id") for each in boxes} - {None}
    labels = [node for node in page.nodes("label") if node.attributes.get("for") in identities]
    around = f"label:has([name='selectedMotiveKeyList'][value='{motive}'])"
    labels += page.nodes(around) if re.fullmatch("[0-9]{1,6}", motive) else []
    return normalise(text(labels[0])) if labels else ""


def _step(page: Page) -> str:
    """The `unrecognised` rule that says at which step the walk ended."""
    if page.has(POSTCODE):
        return "step_postcode"
    if page.has(MOTIVES):
        return "step_motive"
    return "step_first" if page.has(FIRST_FORM) else "unknown_page"


def _calendar(target: Target, page: Page) -> Reading:
    """`slots_offered` if a day can be chosen, or if the page names the soonest one.

    An empty calendar is `unrecognised`: months that are not shown may have slots. So is one with a day that
    does not exist.
    """
    drawn = page.nodes(f"{CALENDAR}:not({CALENDAR} *)")
    if len({text(each) for each in drawn}) > 1:
        return signals.unrecognised("other_calendar", said=text(drawn[1]))
    days = list(_days(target, page))
    shown = days or [each for each in _soonest(target, page) if each[0]]
    if not shown:
        return signals.unrecognised("empty_calendar", said=page.line(STEP_3))
    if full := _no_hour(page):
        return signals.unrecognised("no_free_hour", said=full)
    # A summary may say more, but not that the days shown are gone, or another search's.
    if against := next((line for line in page.lines if none_left(normalise(line))), ""):
        return signals.unrecognised("contradiction", said=f"{shown[0][1]} · {against}")
    told = [] if page.has(LISTED) else shown
    said = next((each for slot, each in told if slot is None), shown[0][1])
    if doubt := contract.doubtful((slot for slot, _said in told), page, target.tz, said=said):
        return doubt
    slots = [slot for slot, _said in shown if slot]
    earliest, second = starts.first_two(slots, target.tz) if len(slots) == len(shown) else (None, None)
    return Reading(
        outcome=Outcome.SLOTS_OFFERED,
        rule="calendar" if days else "soonest",
        words=words(next((said for slot, said in shown if slot == earliest), shown[0][1])),
        earliest=earliest,
        second=second,
    )


def _no_hour(page: Page) -> str:
    """The words by which no hour of a chosen day is free; empty when one may be, or none is listed."""
    listed = [line for line in page.lines if _HOUR.fullmatch(normalise(line))]
    if listed and all(_FULL.search(normalise(line)) for line in listed):
        return listed[0]
    # Before a day is chosen the list says « Choisissez... ».
    shut = map(text, page.nodes("#hourValueSelect[disabled] option"))
    return next((said for said in shut if _NO_HOUR.match(normalise(said))), "")


def _days(target: Target, page: Page) -> Iterator[tuple[Slot | None, str]]:
    """Each day that can be chosen: its slot, and its words (number, month and year as shown).

    `None` for a day of a month beside, which stands under the title of another.
    """
    usable = {node.mem_id for node in marks.offers(page, Esirius.answer)}
    for month in page.nodes(MONTHS):
        title = text(month.css_first(MONTH))
        for day in month.css(OPEN_DAYS):
            if day.mem_id in usable:
                said = f"{text(day)} {title}"
                slot = _slot(target, page, said)
                yield slot if slot is None or _is_of_its_month(day, slot.day(target.tz)) else None, said
        yield from ((None, f"{text(day)} {title}") for day in month.css(_OTHER_DAYS))


def _is_of_its_month(link: LexborNode, day: date) -> bool:
    """Whether the cell of a day names no other month than that of `day`. The calendar counts them from 0."""
    cell = link.parent.attributes if link.parent else {}
    month, year = cell.get("data-month") or str(day.month - 1), cell.get("data-year") or str(day.year)
    return (month, year) == (str(day.month - 1), str(day.year))


def _soonest(target: Target, page: Page) -> Iterator[tuple[Slot | None, str]]:
    """The texts in which the page names its soonest hour: the slot if the text has a date, and its words."""
    usable = {node.mem_id for node in marks.offers(page, Esirius.answer)}
    for node in page.nodes(SOONEST):
        said = text(node)
        if node.mem_id in usable and A_DAY.fullmatch(normalise(said)):
            yield starts.slot(said, tz=target.tz, reference=page.day(target.tz)), said


def _slot(target: Target, page: Page, said: str) -> Slot | None:
    """The day's slot; `None` if the calendar has drop-down lists, whose text names every year at once."""
    return None if page.has(LISTED) else starts.slot(said, tz=target.tz, reference=page.day(target.tz))
