"""RDV-Préfecture, `/rdvpref/reservation/demarche/<id>/` (field guide, section 2).

The answer, on `/creneau/`, is behind a CAPTCHA: a walk opens the landing page and the conditions and stops
there. `/creneau/` is read only in attended visits, in which a person passes the CAPTCHA.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from selectolax.lexbor import LexborNode

from probes import model
from probes.answer import Answer, InHtml
from probes.model import NoSlotsKind, Outcome, Precision, Reading, Session, Slot, Target
from probes.option import TITLE
from probes.pages import calendars, contract, dates, marks, signals, starts
from probes.pages.page import Page, dig, lines, normalise, origin_of, parse, path_of, text, words
from probes.proof import Templates
from probes.stop_line import StopLine

CHOOSE = "choisissez votre créneau"
NONE = "aucun créneau disponible"
FROM_THIS_DATE = "Aucun créneau disponible à partir de cette date. Veuillez réessayer ultérieurement."
TRY_LATER = "Veuillez réessayer ultérieurement."
# The page's script shows this button also when it does not know the day.
NEXT = re.compile(r"prochaine disponibilité\b.{0,60}")
NEXT_DAY = re.compile(
    rf"prochaine disponibilité le (?:(?:{'|'.join(dates.WEEKDAYS)}),? )?\d{{1,4}}(?:er)?[ /-][\w.]{{1,9}}"
    r"(?:[ /-]\d{1,4})?(?: (?:à )?\d{1,2} ?[:h] ?(?:\d{2})?)?"
)
RELEASE = re.compile(
    r"(?:prochaine|dernière) mise en ligne de .{1,120}|pour des créneaux de la semaine du .{1,40}"
)
SECURITY_CODE = re.compile(r".{0,60}\bcode de sécurité\b.{0,60}")
HOURS = "label[for^='trhId_']"
CHOICES = f"input[name='trhId'], {HOURS}"
# On a phone each day can be folded, and « Aucun créneau disponible » in a day is said of that day only.
FOLDED = ".q-expansion-item"
COLUMN = "h3.celulleHeader"
DAYS = f"{COLUMN}, .q-item__label"

# What follows the heading, up to the end of the page's main part.
_PLACE = ", ".join(
    f"{main} {each}:not(header, footer, nav)"
    for main in ("main", "body:not(:has(main))")
    for each in ("h2", "h2 ~ *", ":has(> h2) ~ *")
)
_FURNITURE = (
    r"précédente?|suivante?|retour|valider|annuler",
    r"étape \d sur \d(?: .{1,60})?|étape suivante ?: .{1,60}",
    RELEASE.pattern,
)
# Beside hours these are said of other days, or of the time after the last week.
_BESIDE_HOURS = (
    re.compile(r"aucun créneau disponible(?: sur cette semaine)?"),
    re.compile(r"aucun créneau disponible à partir de cette date\.|veuillez réessayer ultérieurement\."),
)

_PATH = re.compile(r"(/rdvpref/reservation/demarche/([0-9]{1,9}))(?:/(cgu|creneau)?)?/?")


class RdvPrefecture:
    """A target is one procedure. Its pages answer behind a CAPTCHA, which only a person passes."""

    name = "rdv_prefecture"
    version = "2"
    verified_on: date | None = None
    templates: Templates | None = None
    transports = frozenset(model.Transport)
    answer = Answer(
        in_html=InHtml(
            stands=False,
            reason="A script draws the slots, behind a CAPTCHA that only a person passes.",
        ),
        place=_PLACE,
        none=tuple(re.compile(re.escape(normalise(said))) for said in (NONE, FROM_THIS_DATE, TRY_LATER)),
        some=(NEXT, re.compile(CHOOSE)),
        offers=HOURS,
        taken="li:has(input[disabled]) label, li:has([aria-disabled='true' i]) label, .disabled",
        furniture=tuple(map(re.compile, _FURNITURE)),
    )
    options = (TITLE,)
    desks = False
    stop_line = StopLine(
        paths=(r"/rdvpref/reservation/demarche/[0-9]{1,9}(?:/(?:cgu/?)?)?(?:\?error=\w{1,40})?",)
    )

    def accepts(self, url: str) -> bool:
        """Whether the path of `url` is that of a procedure: landing page, conditions or slots."""
        return _PATH.fullmatch(path_of(url)) is not None

    async def walk(self, target: Target, session: Session) -> None:
        """Open the landing page and the conditions, where the CAPTCHA is; never go further."""
        found = _PATH.fullmatch(path_of(target.url))
        landing = f"{origin_of(target.url)}{found[1]}/" if found else target.url
        page = parse(await session.open(landing))
        if page.has("a[href*='cgu']"):
            await session.open(f"{landing}cgu/")

    def read(
        self, target: Target, capture: model.Capture, accepted: Sequence[model.AcceptedLine] = ()
    ) -> Reading:
        """Read the last page: the answer if it is `/creneau/`, else why that page was not reached."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        page = pages[-1]
        reading = signals.recognise(page, answer=self.answer) or signals.confirmed(
            _read(target, page), target, page
        )
        shown = [slot for slot, _said in _hours(target, page) if slot]
        return contract.held(
            reading,
            target,
            pages,
            _around(reading, page),
            transport=capture.transport,
            accepted=accepted,
            dates=shown,
        )


def _around(reading: Reading, page: Page) -> Answer:
    """The marks for `reading`: what the page says of single days and weeks is no « none » beside hours.

    Beside « none » a day is known only above its empty column: elsewhere it would limit the answer.
    """
    answer = RdvPrefecture.answer
    if reading.outcome is Outcome.SLOTS_OFFERED:
        return replace(answer, none=(), furniture=(*answer.furniture, *calendars.LINES, *_BESIDE_HOURS))
    columns = (re.escape(normalise(line)) for node in page.nodes(COLUMN) for line in lines(node))
    return replace(answer, furniture=(*answer.furniture, *map(re.compile, columns)))


def _read(target: Target, page: Page) -> Reading:
    found, asked = _PATH.fullmatch(page.path), _PATH.fullmatch(path_of(target.url))
    if not found or not asked or found[2] != asked[2]:
        return signals.unrecognised("other_procedure", said=page.heading)
    if found[3] == "cgu" and ((said := page.line(SECURITY_CODE)) or page.has(".g-recaptcha")):
        return Reading(outcome=Outcome.CAPTCHA, rule="security_code", words=said)
    if found[3] != "creneau" or page.query("error"):
        return signals.unrecognised(f"step_{found[3] or 'landing'}", said=page.heading)
    return _answer(target, page)


def _answer(target: Target, page: Page) -> Reading:
    """The reading of `/creneau/`: conclusive only if its one heading and the hours shown agree."""
    headings = {normalise(text(node)) for node in page.nodes("h2")} & {CHOOSE, NONE}
    later, choices = page.line(NEXT), page.has(CHOICES)
    if headings == {CHOOSE} and marks.offers(page, RdvPrefecture.answer):
        return _week(target, page)
    if len(headings) == 1 and later and not choices:
        return _later(target, page, later)
    if headings == {NONE} and not (later or choices or page.has(FOLDED)):
        return _none(target, page)
    rule = "not_mounted" if page.has("rdv-choix-tranche") else "contradiction" if headings else "unknown_page"
    return signals.unrecognised("empty_week" if headings == {CHOOSE} else rule, said=page.heading)


def _week(target: Target, page: Page) -> Reading:
    """`slots_offered`, from the hours of the week shown; `unrecognised` if one of them does not exist."""
    told = list(_told(target, page))
    said = next((each for slot, each in told if slot is None), told[0][1])
    if doubt := contract.doubtful((slot for slot, _said in told), page, target.tz, said=said):
        return doubt
    shown = list(_hours(target, page))
    slots = [slot for slot, _said in shown if slot]
    earliest, second = starts.first_two(slots, target.tz)
    first_words = next((said for _slot, said in shown), "")
    return Reading(
        outcome=Outcome.SLOTS_OFFERED,
        rule="hours",
        words=words(next((said for slot, said in shown if slot == earliest), first_words)),
        earliest=earliest,
        second=second,
        slots=len(shown) or None,
        horizon=_day(page, "premierJour", days=6),
        notices=_releases(page),
    )


def _later(target: Target, page: Page, said: str) -> Reading:
    """`slots_offered`, from an empty week with a usable button that names the next day with slots."""
    buttons = marks.offers(page, replace(RdvPrefecture.answer, offers="button, a, [role='button']"))
    usable = any(normalise(text(button)) == normalise(said) for button in buttons)
    earliest = starts.slot(said, tz=target.tz, reference=page.day(target.tz))
    if earliest is None or not usable or not NEXT_DAY.fullmatch(normalise(said)):
        return signals.unrecognised("unreadable_date" if usable else "not_offered", said=said)
    return Reading(
        outcome=Outcome.SLOTS_OFFERED,
        rule="next_availability",
        words=said,
        earliest=earliest,
        notices=_releases(page),
    )


def _none(target: Target, page: Page) -> Reading:
    """`no_slots`. The page does not say why there is none, whichever of its lines stands below the heading.

    Of a later week « à partir de cette date » says nothing about the weeks before, and a page whose own data
    has a first day with slots contradicts itself: both are `unrecognised`.
    """
    if _is_later(target, page):
        return signals.unrecognised("later_week", said=page.says(FROM_THIS_DATE) or page.heading)
    if _day(page, "datePremiereDispo"):
        return signals.unrecognised("contradiction", said=page.says(NONE, "h2"))
    last = _day(page, "dateMax")
    if last and last < page.day(target.tz):
        return signals.unrecognised("out_of_time", said=f"dateMax {last}")
    heading = page.says(NONE, "h2")
    said = page.says(FROM_THIS_DATE) or page.says(TRY_LATER)
    return Reading(
        outcome=Outcome.NO_SLOTS,
        rule="none_found",
        words=words(f"{heading} {said}"),
        kind=NoSlotsKind.UNSPECIFIED,
        horizon=last,
        notices=_releases(page),
    )


def _is_later(target: Target, page: Page) -> bool:
    """Whether the page shows a later week than the first one that it can show."""
    today = page.day(target.tz)
    columns = [dates.find(text(node), reference=today - timedelta(days=6)) for node in page.nodes(DAYS)]
    asked = dates.find(page.query("premierJour"), reference=today)
    shown = [found.day for found in (next(filter(None, columns), None), asked) if found]
    shown += [day] if (day := _day(page, "premierJour")) else []
    return bool(shown) and _monday(max(shown)) > _monday(_day(page, "dateMin") or today)


def _monday(day: date) -> date:
    """The Monday of the week of `day`; that of the next week on Saturday and Sunday, which have no hours."""
    return day + timedelta(days=(7 if day.weekday() > 4 else 0) - day.weekday())


def _hours(target: Target, page: Page) -> Iterator[tuple[Slot | None, str]]:
    """Each hour as (slot, words); the slot is `None` when the page names a day without a time."""
    for slot, said in _told(target, page):
        yield (slot if slot and slot.precision is Precision.MINUTE else None), said


def _told(target: Target, page: Page) -> Iterator[tuple[Slot | None, str]]:
    """Each hour as (slot, words); the slot is `None` when there is no such day or hour.

    The columns have no year. It follows from the first day in the page's data; without that, from the
    weekday, counted from six days ago on.
    """
    reference = _day(page, "premierJour") or page.day(target.tz) - timedelta(days=6)
    for label in marks.offers(page, RdvPrefecture.answer):
        said = f"{_column(label)} {text(label)}"
        yield starts.slot(said, tz=target.tz, reference=reference), words(said)


def _column(label: LexborNode) -> str:
    """The heading (a day) of the column that `label` is in; empty if none is found."""
    node = label.parent
    while node is not None and node.tag not in ("main", "body"):
        if heading := node.css_first(DAYS):
            return text(heading)
        node = node.parent
    return ""


def _releases(page: Page) -> tuple[str, ...]:
    """The lines of the page that say when slots are put online."""
    shown = zip(page.lines, page.plain, strict=True)
    return tuple(words(line) for line, plain in shown if RELEASE.fullmatch(plain))


def _day(page: Page, name: str, *, days: int = 0) -> date | None:
    """The date `name` in the JSON data of the page's script, plus `days` days; `None` if it has none."""
    value = dig(page.data("vui-init-data"), "vueData", "critere", name)
    found = dates.find(value, reference=date.min) if isinstance(value, str) else None
    return found.day + timedelta(days=days) if found else None
