"""ESII Orion, `/orion-reservation/slots` (field guide, section 8): a page of scripts, and one JSON answer.

The answer's `daySlots` lists days with slots. We have never seen a real day in it, so a date is read only if
it is in ISO form (`2026-01-31`), and a day whose lists are empty is `unrecognised`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from probes import model
from probes.answer import Answer
from probes.model import NoSlotsKind, Outcome, Reading, Session, Slot, Target
from probes.pages import dates, signals
from probes.pages.page import Page, dig, origin_of, parse_json, path_of, query_of, words
from probes.stop_line import Call, Field, StopLine

ANSWER = "/orion/api/1/rdv/bookings/availableSlotByDay"
# Names under which a day's date may stand. Add others only after a real answer was recorded.
DAY_KEYS = ("date", "day")
ERROR_KEYS = ("error", "errors", "errorCode", "exception")

_SHELL = "/orion-reservation/slots"
_CODE = "[A-Za-z0-9_-]{1,40}"
_ID = "[0-9a-f]{24}"
_DURATION = re.compile(r"([0-9]{2}):([0-5][0-9]):00")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TEXT = r'"[^"\\]{0,200}"'
_PURPOSE = rf'\{{"\w+":(?:{_TEXT}|[0-9]+|true|false|null)(?:,"\w+":(?:{_TEXT}|[0-9]+|true|false|null))*\}}'
_PLACES = rf'(?:\["{_CODE}"\]|\[\])'
_FILTER = (
    r'\{"filterChannel":\["PHYSICAL"\],"filterDay":\[1,2,3,4,5\],"filterPlaceCode":'
    rf'{_PLACES},"filterPlaceCodeCanChange":false,"filterPlaceUrlCode":{_PLACES},"filterResources":\[\]\}}'
)
_CALL = Call(
    path=ANSWER,
    fields=(
        Field(name="accountId", values=f'"{_CODE}"'),
        Field(name="configId", values=f'"{_ID}"'),
        Field(name="purposes", values=rf"\[{_PURPOSE}\]"),
        Field(name="duration", values="[0-9]{1,4}"),
        Field(name="filterRequest", values=_FILTER),
        # The id of a user's account: always null, because Vigie never uses an account.
        Field(name="usagerUid", values="null"),
        Field(name="date", values="null"),
        Field(name="numberOfDay", values="6"),
        Field(name="maxElement", values='"100"'),
        Field(name="maxElementBySite", values='"1000000"'),
        Field(name="ignoreResource", values="true"),
        Field(name="external", values="false"),
        Field(name="indexPagination", values="1"),
        Field(name="slotsPerPage", values="100"),
    ),
)


class Orion:
    """Target options: `config_id` and `purpose` (JSON), copied from the request that the page's own script
    sends; `title`, the title that the page must have."""

    name = "orion"
    version = "1"
    verified_on: date | None = None
    # Not with a browser: there the page's script makes the call itself, and a session cannot see the answer.
    transports = frozenset((model.Transport.HTTP,))
    answer = Answer(place="body")
    stop_line = StopLine(
        paths=(rf"{_SHELL}\?(?:(?:account|config|usemode|code)={_CODE}&?){{2,4}}",), calls=(_CALL,)
    )

    def accepts(self, url: str) -> bool:
        """Whether `url` has Orion's path and the parameters `account` and `config`."""
        named = dict(query_of(url))
        return path_of(url) == _SHELL and bool(named.get("account") and named.get("config"))

    async def walk(self, target: Target, session: Session) -> None:
        """Open the page that a person opens, then send the request that its script would send."""
        await session.open(target.url)
        body = _question(target)
        if body is not None:
            await session.call(origin_of(target.url) + ANSWER, body)

    def read(self, target: Target, capture: model.Capture) -> Reading:
        """Read the list `daySlots`; any other answer is `unrecognised`."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        shell, answer = pages[0], pages[-1]
        reading = signals.recognise(answer) or _read(target, answer)
        return signals.confirmed(reading, target, shell)


def _question(target: Target) -> dict[str, object] | None:
    """The body of the call; `None` when `config_id` or `purpose` is missing or malformed."""
    named = dict(query_of(target.url))
    purpose = parse_json(target.options.get("purpose", ""))
    length = dig(purpose, "duration")
    duration = _DURATION.fullmatch(length) if isinstance(length, str) else None
    if duration is None or not re.fullmatch(_ID, target.options.get("config_id", "")):
        return None
    places = [named["code"]] if "code" in named else []
    return {
        "accountId": named.get("account", ""),
        "configId": target.options["config_id"],
        "purposes": [purpose],
        "duration": int(duration[1]) * 60 + int(duration[2]),
        "filterRequest": {
            "filterChannel": ["PHYSICAL"],
            "filterDay": [1, 2, 3, 4, 5],
            "filterPlaceCode": places,
            "filterPlaceUrlCode": places,
            "filterPlaceCodeCanChange": False,
            "filterResources": [],
        },
        "usagerUid": None,
        "date": None,
        "numberOfDay": 6,
        "maxElement": "100",
        "maxElementBySite": "1000000",
        "ignoreResource": True,
        "external": False,
        "indexPagination": 1,
        "slotsPerPage": 100,
    }


def _read(target: Target, page: Page) -> Reading:
    if page.path != ANSWER or page.step.method != "POST":
        asked = _question(target) is not None
        return signals.unrecognised("shell" if asked else "no_question", said=page.title)
    answer = parse_json(page.raw)
    days = dig(answer, "daySlots")
    if not isinstance(days, list) or any(dig(answer, key) for key in ERROR_KEYS):
        return signals.unrecognised("not_the_answer", said=page.raw)
    if not days:
        return Reading(
            outcome=Outcome.NO_SLOTS, rule="no_day", words='"daySlots":[]', kind=NoSlotsKind.UNSPECIFIED
        )
    if not all(map(_holds_something, days)):
        return signals.unrecognised("empty_day", said=page.raw)
    return _offered(target, page, days)


def _holds_something(day: object) -> bool:
    """Whether `day` is a non-empty object and, if it has lists, at least one of them is not empty."""
    lists = [value for value in day.values() if isinstance(value, list)] if isinstance(day, Mapping) else []
    return isinstance(day, Mapping) and bool(day) and (not lists or any(lists))


def _offered(target: Target, page: Page, days: Sequence[object]) -> Reading:
    """`slots_offered`; with dates only if every day has one: else the earliest date could be missing."""
    slots = [slot for day in days if (slot := _slot(day, target.tz))]
    earliest, second = dates.first_two(slots, target.tz) if len(slots) == len(days) else (None, None)
    return Reading(
        outcome=Outcome.SLOTS_OFFERED,
        rule="days" if earliest else "undated_days",
        words=words(page.raw),
        earliest=earliest,
        second=second,
    )


def _slot(day: object, tz: ZoneInfo) -> Slot | None:
    """The slot of the day written in `day`, by local date: midnight UTC may fall on another local day."""
    written = next((text for key in DAY_KEYS if isinstance(text := dig(day, key), str)), "")
    when = dates.find(written, reference=date.min) if _ISO_DAY.match(written) else None
    instant = when.slot(tz) if when else None
    return dates.When(day=instant.day(tz)).slot(tz) if instant else None
