"""The free hours that a calendar of the classic module shows, and what their links, cells and columns say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from selectolax.lexbor import LexborNode

from probes.model import Slot, Target
from probes.option import Option
from probes.pages import dates, marks, signals, starts
from probes.pages.page import Page, children, path_of, text, words
from probes.platforms.classic.addresses import CALL, number_of, step_of
from probes.platforms.classic.answer import ANSWER, FREE, INNER

WEEKS, MOST_WEEKS = 8, 60
WEEKS_READ = Option(
    name="weeks",
    values="[1-9]|[1-5][0-9]|60",
    looks=f"a number of weeks from 1 to {MOST_WEEKS}",
    meaning=f"How many weeks of calendar are read for dates, with a request each: {WEEKS} without it.",
    example="12",
)


@dataclass(frozen=True, slots=True)
class FreeHour:
    """A free hour as it is shown. `slot` is `None` when its link has no readable time, or the page names
    another one. `words` are those of its cell, empty when the cell has a picture alone.
    """

    slot: Slot | None
    words: str


def offsets(target: Target, page: Page, slots: Sequence[Slot]) -> range:
    """The first day of each week to read, in days from today.

    If slots are shown, begin after the week of the first one, which the walk has already seen.
    """
    weeks = target.options.get("weeks", "")
    count = min(int(weeks), MOST_WEEKS) if re.fullmatch("[0-9]{1,3}", weeks) else WEEKS
    first = min((slot.day(target.tz) for slot in slots), default=None)
    start = max(0, (first - page.day(target.tz)).days // 7 * 7 + 7) if first else 0
    return range(start, start + 7 * count, 7)


def horizon(target: Target, pages: Sequence[Page]) -> date | None:
    """The last day up to which every week was read, one by one; `None` if none was."""
    calls = ((page, CALL.fullmatch(page.path)) for page in pages if is_calendar(page))
    firsts = [page.day(target.tz) + timedelta(days=int(call[3])) for page, call in calls if call]
    last: date | None = None
    for first in sorted(firsts):
        if last is not None and first > last + timedelta(days=1):
            break
        last = first + timedelta(days=6)
    return last


def is_calendar(page: Page) -> bool:
    """Whether a calendar is shown here: a week by itself, or a table on step 4."""
    if signals.recognise(page, answer=ANSWER):
        return False
    return bool(CALL.fullmatch(page.path)) or (step_of(page) == 4 and page.has(f"{INNER} table td"))


def free_hours(target: Target, page: Page) -> list[FreeHour]:
    """The free hours of this procedure that `page` shows. The link of each ends in its Unix time.

    A time at which nobody can have a slot is kept as it is: the contract quotes it.
    """
    heads: dict[int, list[date | None]] = {}
    shown = []
    for link in marks.offers(page, replace(ANSWER, offers=FREE)):
        procedure, leads, unix = path_of(link.attributes.get("href") or "").partition("/5/")
        if leads and number_of(procedure) == number_of(page.path):
            at, said = dates.from_unix(unix), _shown(link)
            hour = said if dates.hours(said) else _beside(link)
            slot = _slot(at, hour, target, page) if at else None
            # A time out of reach is not compared with the page: it is the fault to be told.
            if slot and _is_ahead(slot, target, page) and not _agrees(slot, link, target, page, heads):
                slot = None
            shown.append(FreeHour(slot, words(said)))
    return shown


def _shown(link: LexborNode) -> str:
    """The text of the smallest element around `link`, up to its cell, that names an hour.

    If none does, the text of the smallest that says anything.
    """
    node, said = link.parent, ""
    while node is not None and node.tag not in ("tr", "table"):
        said = said or text(node)
        if dates.hours(text(node)):
            return text(node)
        node = node.parent
    return said


def _beside(link: LexborNode) -> str:
    """The head of the row of `link`, where it names one hour; else empty."""
    cell = _around_link(link, "td")
    row = _cells(cell.parent) if cell and cell.parent else []
    head = text(row[0]) if row and not row[0].css_first("a") else ""
    return head if len(dates.hours(head)) == 1 else ""


def _slot(at: datetime, said: str, target: Target, page: Page) -> Slot | None:
    """The slot whose hour is written as `said`, if at all; its link has the Unix time of `at`, a UTC instant.

    Some sites write local hours as if they were UTC: an hour in the cell tells which, and without one the
    link is believed. An `at` that can be no slot in either is kept.
    """
    times = _instants(at, target)
    if not any(_is_ahead(Slot(starts_at=each), target, page) for each in times):
        return Slot(starts_at=at)
    fit = (each for each in times if starts.begin(said, each.astimezone(target.tz).time()))
    return next((Slot(starts_at=each) for each in fit), None)


def _instants(at: datetime, target: Target) -> list[datetime]:
    """`at`, and the UTC instant at which clocks in the target's zone show what `at` does in UTC, if any."""
    other = dates.instant(at.date(), at.time(), target.tz)
    return [at, other] if other else [at]


def _is_ahead(slot: Slot, target: Target, page: Page) -> bool:
    return starts.bookable(slot, page.step.started_at, target.tz)


def _agrees(
    slot: Slot, link: LexborNode, target: Target, page: Page, heads: dict[int, list[date | None]]
) -> bool:
    """Whether the heads of the table and of the column of `link` name no other local day than `slot`'s."""
    named = (_days_above(link, page, heads), _days_of_column(link, page))
    return all(starts.agree(slot.day(target.tz), each) for each in named)


def slots_of(hours: Iterable[FreeHour]) -> list[Slot]:
    return [hour.slot for hour in hours if hour.slot]


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
    """The local days that the heads of the table around `link` name; `known` keeps those of each table."""
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
