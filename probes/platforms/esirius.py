"""eSirius eAppointment (field guide, section 7): postcode, motive, then an alert (no slots) or a calendar.

The walk never goes to the next step: there an hour is taken, and a CAPTCHA and a name are asked for. The
platform needs a browser, because the page's scripts show the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from probes import model
from probes.answer import Answer
from probes.model import NoSlotsKind, Outcome, Reading, Session, Slot, Target
from probes.pages import dates, signals
from probes.pages.page import Page, normalise, parse, path_of, text, words
from probes.stop_line import Field, Form, StopLine

POSTCODE, POSTCODE_FORM = "#CPId", "form:has(#CPId)"
MOTIVES, MOTIVES_FORM = "[name='selectedMotiveKeyList']", "form:has([name='selectedMotiveKeyList'])"
DAY = "#dayValueId"
MONTHS = ".ui-datepicker-group"
OPEN_DAYS = "td:not(.ui-state-disabled) a.ui-state-default"
STEP_3 = re.compile(r"3/4 : lieu, date et heure")
# The site misspells « selectionnnés » and « séléctionné » and may correct them: only the words before count.
NONE = re.compile(
    r"aucun rendez-vous n'est (?:possible|disponible actuellement) pour (?:le|les) motifs? .{0,120}"
    r"|il n'y a pas de rendez-vous disponible pour ce service\W{0,2}"
)

_APPLICATION = r"/eAppointment\w{0,20}"
_PAGES = (
    rf"{_APPLICATION}/element/jsp/specific/\w{{1,30}}\.jsp(?:;jsessionid=[\w.-]{{1,80}})?",
    rf"{_APPLICATION}/appointment\.do(?:;jsessionid=[\w.-]{{1,80}})?(?:\?sitekey=\w{{1,12}})?",
)


class Esirius:
    """Target options: `postcode`, if the page asks for one; `motive`, the number of the motive; `title`, the
    title that the pages must have."""

    name = "esirius"
    version = "1"
    verified_on: date | None = None
    transports = frozenset((model.Transport.BROWSER,))
    answer = Answer(place="body")
    stop_line = StopLine(
        paths=_PAGES,
        forms=(
            Form(
                selector=POSTCODE_FORM,
                fields=(Field(name="CP", values="[0-9]{5}"),),
                buttons=("Continuer",),
            ),
            Form(
                selector=MOTIVES_FORM,
                fields=(Field(name="selectedMotiveKeyList", values="[0-9]{1,6}"),),
                buttons=("nextButtonId",),
            ),
        ),
        controls=(DAY,),
    )

    def accepts(self, url: str) -> bool:
        """Whether the path of `url` is that of one of the pages in the stop line."""
        return any(re.fullmatch(page, path_of(url)) for page in _PAGES)

    async def walk(self, target: Target, session: Session) -> None:
        """Send the postcode and the motive; unfold the calendar if one is shown then."""
        page = parse(await session.open(target.url, until=(POSTCODE, MOTIVES)))
        if page.has(POSTCODE) and re.fullmatch("[0-9]{5}", postcode := target.options.get("postcode", "")):
            page = parse(
                await session.submit(POSTCODE_FORM, {"CP": postcode}, button="Continuer", until=(MOTIVES,))
            )
        if page.has(MOTIVES) and re.fullmatch("[0-9]{1,6}", motive := target.options.get("motive", "")):
            values = {"selectedMotiveKeyList": motive}
            page = parse(await session.submit(MOTIVES_FORM, values, button="nextButtonId", until=(DAY,)))
        if page.has(DAY):
            await session.unfold(DAY, until=(MONTHS,))

    def read(self, target: Target, capture: model.Capture) -> Reading:
        """Read the last page: a calendar, or the alert that was shown when the motive was sent."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        page = pages[-1]
        return signals.recognise(page) or signals.confirmed(_read(target, page), target, page)


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


def _step(page: Page) -> str:
    """The `unrecognised` rule that says at which step the walk ended."""
    if page.has(POSTCODE):
        return "step_postcode"
    return "step_motive" if page.has(MOTIVES) else "unknown_page"


def _calendar(target: Target, page: Page) -> Reading:
    """`slots_offered` if a day can be chosen.

    An empty calendar is `unrecognised`: months that are not shown may have slots.
    """
    shown = list(_days(target, page))
    if not shown:
        return signals.unrecognised("empty_calendar", said=page.line(STEP_3))
    slots = [slot for slot, _said in shown if slot]
    earliest, second = dates.first_two(slots, target.tz) if len(slots) == len(shown) else (None, None)
    return Reading(
        outcome=Outcome.SLOTS_OFFERED,
        rule="calendar",
        words=words(next((said for slot, said in shown if slot == earliest), shown[0][1])),
        earliest=earliest,
        second=second,
    )


def _days(target: Target, page: Page) -> Iterator[tuple[Slot | None, str]]:
    """Each day that can be chosen: its slot, and its words (number, month and year as shown)."""
    for month in page.nodes(MONTHS):
        title = text(month.css_first(".ui-datepicker-title"))
        for day in month.css(OPEN_DAYS):
            said = f"{text(day)} {title}"
            yield _slot(target, page, said), said


def _slot(target: Target, page: Page, said: str) -> Slot | None:
    """The day's slot; `None` if the calendar has drop-down lists, whose text names every year at once."""
    listed = page.has(f"{MONTHS} select")
    return None if listed else dates.slot(said, tz=target.tz, reference=page.day(target.tz))
