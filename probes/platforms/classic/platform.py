"""The classic booking module of the State's sites, `/booking/create/<id>/<step>` (field guide, section 1).

Step 2 says that there are no slots, steps 3 and 4 show some. The walk never goes to step 5 or further: there
a slot is taken up, and a CAPTCHA and a name are asked for. Each desk has its own answer; the procedure has no
slots only if every desk says so. A desk that cannot be chosen was not asked: slots at another desk are told,
but « no slots » of the others are not « no slots » of the procedure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from probes import model
from probes.answer import Answer
from probes.model import NoSlotsKind, Outcome, Reading, Session, Target
from probes.option import TITLE
from probes.pages import contract, marks, signals, starts
from probes.pages.combine import combine
from probes.pages.notices.unreal import none_left
from probes.pages.page import Page, label, normalise, origin_of, parse, path_of, text, words
from probes.platforms.classic.addresses import BASE, CALL, PLANNING, STEP, base_of, number_of, step_of
from probes.platforms.classic.answer import (
    ALL_TAKEN,
    ANSWER,
    BUTTONS,
    CHECKS,
    CONDITIONS,
    ERRORS,
    FORM,
    FREE,
    GO_ON,
    INNER,
    NO_CALENDAR,
    WITHDRAWN,
    around,
)
from probes.platforms.classic.desks import (
    closed_names,
    closed_on,
    desks_on,
    half_known,
    other_choice,
    wanted_of,
)
from probes.platforms.classic.hours import (
    WEEKS_READ,
    FreeHour,
    free_hours,
    horizon,
    is_calendar,
    offsets,
    slots_of,
)
from probes.platforms.classic.names import other_procedure, recalled
from probes.proof import Templates
from probes.stop_line import Field, Form, StopLine


class Classic:
    """The target's `desk`, if set, is the label of a guichet on step 1."""

    name = "classic"
    version = "2"
    verified_on: date | None = None
    templates: Templates | None = None
    transports = frozenset(model.Transport)
    answer = ANSWER
    options = (TITLE, WEEKS_READ)
    desks = True
    stop_line = StopLine(
        paths=(rf"{BASE}(?:/[0-4]?)?", CALL.pattern),
        forms=(
            Form(
                selector=FORM,
                fields=(
                    Field(name="condition", values="on"),
                    Field(name="planning", values="[0-9]{1,9}"),
                ),
                buttons=("nextButton",),
                # Only on steps 0 and 1: on the calendar the same form goes on to a slot.
                on=rf"{BASE}(?:/[01]?)?",
            ),
        ),
    )

    def accepts(self, url: str) -> bool:
        """Whether the path of `url` is a procedure or a step of one."""
        return STEP.fullmatch(path_of(url)) is not None

    async def walk(self, target: Target, session: Session) -> None:
        """Accept the conditions, ask each wanted desk in turn, then read the weeks of those with slots.

        The weeks come last: one that fails ends the visit, and must not leave a desk unasked.
        """
        page = parse(await session.open(base_of(target.url)))
        if page.has(CONDITIONS):
            page = await _press_next(session, {"condition": "on"})
        desks = desks_on(page)
        calendars = [] if desks else [await _open_calendar(session, page, "")]
        closed = closed_on(page)
        for n, number in enumerate(each for each in wanted_of(target, desks) if each not in closed):
            if n:
                await session.open(f"{base_of(page.url)}/1")
            page = await _press_next(session, {"planning": number})
            calendars.append(await _open_calendar(session, page, number))
        for planning, calendar in filter(None, calendars):
            await _read_weeks(target, session, calendar, planning)

    def read(
        self, target: Target, capture: model.Capture, accepted: Sequence[model.AcceptedLine] = ()
    ) -> Reading:
        """Read each desk's answer, then combine them."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        desks = next(filter(None, map(desks_on, pages)), {})
        reading = _of_desks(target, pages, desks, accepted) if desks else _of_one(target, pages)
        if reading.outcome is Outcome.NO_SLOTS:
            # A page cut short may list fewer desks, or none, so a desk with slots could be missed. Every page
            # must therefore be readable before « no slots » is believed.
            first = (page for page in pages if step_of(page) == 1)
            other = next((found for page in first if (found := other_choice(page)) is not None), None)
            unread = signals.unrecognised("other_desks", said=other) if other is not None else None
            doubt = next(filter(None, (half_known(page) for page in pages if step_of(page) == 1)), None)
            reading = signals.first_unsound(pages, answer=self.answer) or unread or doubt or reading
        notices = (words(pages[0].heading),) if pages[0].heading else ()
        reading = signals.confirmed(replace(reading, notices=notices), target, pages[0])
        if reading.outcome.claims and (other := other_procedure(target, pages)):
            reading = signals.unrecognised("identity_changed", said=other)
        shown = [hour for page in pages for hour in free_hours(target, page)]
        return contract.held(
            _unreadable(reading, shown) or reading,
            target,
            pages,
            around(reading),
            transport=capture.transport,
            accepted=accepted,
            known=closed_names(pages) | recalled(pages),
            dates=slots_of(shown),
        )


def _unreadable(reading: Reading, shown: Iterable[FreeHour]) -> Reading | None:
    """`unrecognised` when hours decide and the time of one that is shown cannot be read."""
    if reading.outcome is not Outcome.SLOTS_OFFERED and reading.rule != "no_free_hour":
        return None
    unread = next((hour for hour in shown if hour.slot is None), None)
    return signals.unrecognised("unreadable_date", said=unread.words) if unread else None


async def _press_next(session: Session, values: dict[str, str]) -> Page:
    return parse(await session.submit(FORM, values, button="nextButton"))


async def _open_calendar(session: Session, page: Page, planning: str) -> tuple[str, Page] | None:
    """The number of a desk and step 4, which shows its first week; `None` when there is no such step."""
    if step_of(page) == 3:
        page = parse(await session.open(f"{base_of(page.url)}/4"))
    planning = planning or next(iter(PLANNING.findall(page.raw)), "")
    return (planning, page) if step_of(page) == 4 and planning else None


async def _read_weeks(target: Target, session: Session, page: Page, planning: str) -> None:
    """Read the calendar that begins on `page` week by week until two days with slots are known.

    Reads at most as many weeks as the target's option `weeks` says.
    """
    base, slots = base_of(page.url), slots_of(free_hours(target, page))
    for offset in offsets(target, page, slots):
        if starts.first_two(slots, target.tz)[1]:
            return
        call = f"/ezjscore/call/bookingserver::planning::assign::{number_of(base)}::{planning}::{offset}"
        slots += slots_of(free_hours(target, parse(await session.open(origin_of(base) + call))))


def _of_desks(
    target: Target, pages: Sequence[Page], desks: dict[str, str], accepted: Sequence[model.AcceptedLine]
) -> Reading:
    """Combine the answers of the wanted desks."""
    wanted = wanted_of(target, desks)
    if not wanted or any(listed not in ({}, desks) for listed in map(desks_on, pages)):
        return signals.unrecognised("other_desks", said=" · ".join(desks.values()))
    closed = next(closed_on(page) for page in pages if desks_on(page))
    tried = _rounds(pages, [each for each in wanted if each not in closed])
    untried = signals.recognise(pages[-1], answer=ANSWER) or signals.unrecognised("desk_not_tried")
    answers = [
        signals.unrecognised("desk_closed", said=desks[number])
        if number in closed
        else _of_desk(target, tried[number], number, accepted)
        if number in tried
        else untried
        for number in wanted
    ]
    return combine([(desks[n], answer) for n, answer in zip(wanted, answers, strict=True)], target.tz)


def _rounds(pages: Sequence[Page], asked: Sequence[str]) -> dict[str, list[Page]]:
    """The pages of each desk that was tried, of those `asked` in this order.

    They are the one after its form was sent, those opened after that, and the weeks of its number.
    """
    rounds: list[list[Page]] = []
    weeks: dict[str, list[Page]] = {}
    for before, page in pairwise(pages):
        if _desks_before(before, page):
            rounds.append([page])
        elif (call := CALL.fullmatch(page.path)) and call[2] in asked:
            weeks.setdefault(call[2], []).append(page)
        elif rounds and not desks_on(page):
            rounds[-1].append(page)
    return {each: [*of_it, *weeks.get(each, [])] for each, of_it in zip(asked, rounds, strict=False)}


def _desks_before(before: Page, page: Page) -> bool:
    """Whether `page` came when a desk was chosen on the page `before` it."""
    return bool(desks_on(before)) and page.step.method == "POST"


def _of_one(target: Target, pages: Sequence[Page]) -> Reading:
    reading = _answer(target, pages, pages[-1], "")
    if target.desk and reading.outcome.conclusive:
        return signals.unrecognised("other_desks", said=pages[-1].heading)
    return reading


def _of_desk(
    target: Target, pages: Sequence[Page], planning: str, accepted: Sequence[model.AcceptedLine]
) -> Reading:
    """What the pages of one desk among several say, held to the contract by themselves."""
    reading = _answer(target, pages, pages[0], planning)
    return contract.held(
        reading, target, pages, around(reading), transport=None, accepted=accepted, known=recalled(pages)
    )


def _answer(target: Target, pages: Sequence[Page], last: Page, planning: str) -> Reading:
    """One desk's answer: slots if any of its `pages` shows some, else what the page `last` says."""
    said = next(filter(None, (_offer(target, page, planning) for page in pages)), "")
    if said and (failed := _calendar_failed(pages)):
        return failed
    if said and (against := _taken_back(pages)):
        return signals.unrecognised("contradiction", said=f"{said} · {against}")
    if said:
        return _some(target, pages, said)
    reading = signals.recognise(last, answer=ANSWER) or _none(target, last)
    if reading.outcome is Outcome.UNRECOGNISED and any(map(is_calendar, pages)):
        return _no_free_hour(target, pages, pages[0].heading)
    return reading


def _some(target: Target, pages: Sequence[Page], said: str) -> Reading:
    """`slots_offered`, by free hours; by the button, quoted in `said`, if no calendar was shown."""
    free = {hour.slot: hour.words for page in pages for hour in free_hours(target, page) if hour.slot}
    earliest, second = starts.first_two(free, target.tz)
    if earliest is None and any(map(is_calendar, pages)):
        return _no_free_hour(target, pages, said)
    shown = free[earliest] if earliest else said
    if not shown:
        return signals.unrecognised("wordless_slot", said=said)
    return Reading(
        outcome=Outcome.SLOTS_OFFERED,
        rule="free_links" if earliest else "calendar_step",
        words=shown,
        earliest=earliest,
        second=second,
        slots=len(free) or None,
        horizon=horizon(target, pages),
    )


def _no_free_hour(target: Target, pages: Sequence[Page], said: str) -> Reading:
    """`unrecognised`: the step means that there are hours, and no week shown has one of this procedure."""
    reading = signals.unrecognised("no_free_hour", said=said)
    return replace(reading, horizon=horizon(target, pages))


def _offer(target: Target, page: Page, planning: str) -> str:
    """The words by which `page` shows slots of this desk; empty if it shows none.

    They are those of a free hour, or of a button that can be pressed and leads to slots.
    """
    if number_of(page.path) != number_of(target.url) or signals.recognise(page, answer=ANSWER):
        return ""
    free = next((hour.words for hour in free_hours(target, page) if hour.words), "")
    if call := CALL.fullmatch(page.path):
        return free if planning in ("", call[2]) else ""
    if step_of(page) not in (3, 4) or not page.has(INNER) or page.has(CHECKS):
        return ""
    usable = marks.offers(page, Answer(place=FORM, offers=BUTTONS))
    labels = [text(node) or label(node) for node in usable]
    return free or next((label for label in labels if normalise(label) in GO_ON), "")


def _calendar_failed(pages: Sequence[Page]) -> Reading | None:
    """`unrecognised` when no calendar stands behind the button: a login, or nothing at all.

    That the site is down or keeps us out just then takes nothing back from the button.
    """
    asked = (page for page in pages if path_of(page.step.url).endswith("/4"))
    found = [signals.recognise(page, answer=ANSWER) for page in asked]
    ends = (each for each in found if each and each.outcome in (Outcome.UNRECOGNISED, Outcome.LOGIN_REQUIRED))
    end = next(ends, None)
    return signals.unrecognised("calendar_failed", said=end.words or end.rule) if end else None


def _taken_back(pages: Sequence[Page]) -> str:
    """The line that says « none » or names an error on a page of an answer that shows slots."""
    answering = [page for page in pages if step_of(page) in (2, 3, 4) or CALL.fullmatch(page.path)]
    errors = (text(node) for page in answering for node in page.nodes(ERRORS))
    failures = (marks.denial(page, Outcome.SLOTS_OFFERED) for page in answering)
    gone = (line for page in answering for line in page.lines if none_left(normalise(line)))
    return marks.of_none(answering, ANSWER) or next(filter(None, (*errors, *failures, *gone)), "")


def _none(target: Target, page: Page) -> Reading:
    """`no_slots` if this is step 2 and says so; `closed` if it says so; else `unrecognised`."""
    step = step_of(page) if number_of(page.path) == number_of(target.url) else None
    if step == 2 and page.has(INNER) and not page.has(f"[name='nextButton'], {FREE}"):
        said, kind = page.says(ALL_TAKEN, FORM), NoSlotsKind.ALL_TAKEN
        if not said:
            said, kind = page.line(NO_CALENDAR, "ul.error li"), NoSlotsKind.NO_CALENDAR
        if said:
            return Reading(outcome=Outcome.NO_SLOTS, rule=kind.value, words=said, kind=kind)
    if step is not None and (said := page.says(WITHDRAWN)):
        return Reading(outcome=Outcome.CLOSED, rule="withdrawn", words=said)
    return signals.unrecognised("not_the_answer" if step is None else f"step_{step}", said=page.heading)
