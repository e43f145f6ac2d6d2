"""ESII Orion, `/orion-reservation/slots` (field guide, section 8): a page of scripts, and one JSON answer.

The answer's `daySlots` lists days with slots. Only an empty list and nothing beside it means none. We have
never seen a real day, so a date is read only if it is in ISO form (`2026-01-31`), and a day is believed only
if nothing in it is empty, zero, false or says that it is closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from probes import model
from probes.answer import Answer, InHtml
from probes.model import NoSlotsKind, Outcome, Reading, Session, Slot, Target
from probes.option import TITLE, Option
from probes.pages import contract, dates, signals, starts
from probes.pages.page import Page, dig, lines, normalise, origin_of, parse_json, path_of, query_of, words
from probes.proof import Templates
from probes.stop_line import Call, Field, StopLine

ANSWER = "/orion/api/1/rdv/bookings/availableSlotByDay"
# Names under which a day's date may stand. Add others only after a real answer was recorded.
DAY_KEYS = ("date", "day")
SHELL = "app-root"

_SHELL = "/orion-reservation/slots"
_CODE = "[A-Za-z0-9_-]{1,40}"
_ID = "[0-9a-f]{24}"
_DURATION = re.compile(r"([0-9]{2}):([0-5][0-9]):00")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHERE_SLOTS_ARE = re.compile(r"slot|site|cr[eé]neau|horaire|hour|time|start|date|day", re.IGNORECASE)
_CLOSING_KEY = re.compile(
    r"clos|ferm|full|complet|busy|taken|booked|reserv|block|lock|disabled|unavailab|holiday|ferie|cancel"
    r"|past|expired|wait|attente|queue|occup|used|utilis",
    re.IGNORECASE,
)
_FAILING_KEY = re.compile(r"err|fail|echec|exception|warn|fault|timeout|reason|cause|message", re.IGNORECASE)
_OPENING_KEY = re.compile(
    r"^(?:is)?_?(?:open|ouvert|avail|dispo|free|libre|bookable|enabled|active)", re.IGNORECASE
)
_PURPOSE_KEY = re.compile(r"purpose|motif|motive|reason", re.IGNORECASE)
_PLACE_KEY = re.compile(r"(?:place|site)_?(?:url_?)?code", re.IGNORECASE)
_STATE_KEY = re.compile(r"stat|availab|dispo", re.IGNORECASE)
_OPEN = re.compile(r"open|opened|available|free|bookable|ok|ouvert|libre|disponible", re.IGNORECASE)
_CLOSED = re.compile(
    r"clos|ferm|\bfull\b|compl[eè]t|busy|taken|booked|réserv|block|disabled|unavailable|indisponible|inactive"
    r"|\b(?:no|not|non|aucune?|none)\b|holiday|férié|cancel|annul|expired|error|erreur|^ *0 *$",
    re.IGNORECASE,
)
_FROM_ZERO = re.compile(r"index|offset|order|position|dayofweek|page", re.IGNORECASE)
_COUNT = re.compile(r"(?:total|count|size|number)\w*", re.IGNORECASE)
_LOADING = re.compile(
    r"(?:(?:chargement|loading|(?:veuillez )?patientez?r?)(?: en cours)?\W*){1,3}(?:veuillez patienter\W*)?"
    r"|(?:esii )?orion(?: r[ée]servations?)?|esii"
)
_TEXT = r'"[^"\\]{0,200}"'
_PURPOSE = rf'\{{"\w+":(?:{_TEXT}|[0-9]+|true|false|null)(?:,"\w+":(?:{_TEXT}|[0-9]+|true|false|null))*\}}'
# The same as a person copies it, with spaces, and with a duration that can be asked for.
_ESCAPED = r"\\/|\\u(?:00[a-f]|01[0-9a-f]|20[0-9a-f])[0-9a-f]"
_WRITTEN = rf'"(?:[^"\\\x00-\x1f]|{_ESCAPED}){{0,200}}"'
_PAIR = rf' *"\w+" *: *(?:{_WRITTEN}|0|[1-9][0-9]{{0,15}}|true|false|null) *'
_COPIED = rf'(?=.*"duration" *: *"[0-9]{{2}}:[0-5][0-9]:00") *\{{{_PAIR}(?:,{_PAIR})*\}} *'
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

_CONFIG_ID = Option(
    name="config_id",
    values=_ID,
    looks="24 digits and letters from a to f, as the page's script sends them",
    meaning=f"`configId` in the request to `{ANSWER}` that the page's own script sends.",
    example="6321bfa7f3e9db3bed5fed0d",
    required=True,
)
_PURPOSE_ASKED = Option(
    name="purpose",
    values=_COPIED,
    looks='the JSON of one purpose on one line, with its "duration" such as "00:20:00"',
    meaning="The one object in `purposes` of the same request, copied as it is.",
    example='{"id": "62ff72f5dce1255e27820037", "name": "Titre de séjour", "duration": "00:20:00"}',
    required=True,
)


class Orion:
    """A target is one purpose of a configuration, and of the place `code` where its URL names one."""

    name = "orion"
    version = "2"
    verified_on: date | None = None
    templates: Templates | None = None
    # Not with a browser: there the page's script makes the call itself, and a session cannot see the answer.
    transports = frozenset((model.Transport.HTTP,))
    answer = Answer(
        in_html=InHtml(
            stands=True,
            reason="The server sends the answer as JSON, which is read as it came.",
        ),
        place=SHELL,
        none=(re.compile(r'\{ ?"dayslots" ?: ?\[ ?\] ?\}'),),
        some=(re.compile(r'\{ ?"dayslots" ?: ?\[ ?\{.{1,10000}\} ?\].{0,2000}\}'),),
        furniture=(_LOADING,),
    )
    options = (_CONFIG_ID, _PURPOSE_ASKED, TITLE)
    desks = False
    stop_line = StopLine(
        paths=(rf"{_SHELL}\?(?:(?:account|config|usemode|code)={_CODE}&?){{2,4}}",), calls=(_CALL,)
    )

    def accepts(self, url: str) -> bool:
        """Whether `url` has Orion's path, the parameters `account` and `config`, and no unknown one."""
        named = dict(query_of(url))
        return self.stop_line.lists(url) and bool(named.get("account") and named.get("config"))

    async def walk(self, target: Target, session: Session) -> None:
        """Open the page that a person opens, then send the request that its script would send."""
        await session.open(target.url)
        body = _question(target)
        if body is not None:
            await session.call(origin_of(target.url) + ANSWER, body)

    def read(
        self, target: Target, capture: model.Capture, accepted: Sequence[model.AcceptedLine] = ()
    ) -> Reading:
        """Read the list `daySlots` behind a page that says nothing itself; else `unrecognised`."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        shell, answer = pages[0], pages[-1]
        reading = signals.recognise(answer) or signals.recognise(shell) or _read(target, shell, answer)
        return contract.held(
            signals.confirmed(reading, target, shell),
            target,
            pages,
            self.answer,
            transport=capture.transport,
            accepted=accepted,
        )


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


def _read(target: Target, shell: Page, page: Page) -> Reading:
    if page.path != ANSWER or page.step.method != "POST":
        asked = _question(target) is not None
        return signals.unrecognised("shell" if asked else "no_question", said=page.title)
    if unsound := _unsound(target, shell):
        return unsound
    # 202 says that the answer is not computed yet, 206 that this is a part of it.
    if page.step.status != 200:
        return signals.unrecognised("not_the_answer", said=page.raw)
    answer = parse_json(page.raw)
    days = dig(answer, "daySlots")
    # Of a key that is given twice, the parser keeps only the second.
    if not isinstance(answer, Mapping) or not isinstance(days, list) or page.raw.count('"daySlots"') != 1:
        return signals.unrecognised("not_the_answer", said=page.raw)
    beside = {key: value for key, value in answer.items() if key != "daySlots"}
    if not days and not beside:
        kind = NoSlotsKind.UNSPECIFIED
        return Reading(outcome=Outcome.NO_SLOTS, rule="no_day", words=words(page.raw), kind=kind)
    return _doubt(target, page, days, beside) or _offered(target, page, days)


def _doubt(
    target: Target, page: Page, days: Sequence[object], beside: Mapping[str, object]
) -> Reading | None:
    """`unrecognised` when the list, or what stands beside it, says something that is not understood."""
    asked = _question(target) or {}
    if not days or not all(_says_nothing(key, value, asked) for key, value in beside.items()):
        return signals.unrecognised("beside_the_list", said=page.raw)
    if other := _other_place(target, days):
        return signals.unrecognised("other_place", said=other)
    if other := _other_purpose(asked.get("purposes"), days):
        return signals.unrecognised("other_purpose", said=other)
    if not all(map(_holds_something, days)) or any(_is_doubtful("", day) for day in days):
        return signals.unrecognised("empty_day", said=page.raw)
    return None


def _unsound(target: Target, shell: Page) -> Reading | None:
    """`unrecognised` unless `shell` is the page asked for, stays, and says nothing but that it loads.

    Its script files draw what a person sees. Its own HTML, scripts and rules must have nothing to say.
    """
    asked, shown = dict(query_of(target.url)), dict(query_of(shell.url))
    if path_of(shell.url) != _SHELL or not shell.has(SHELL):
        return signals.unrecognised("other_shell", said=shell.heading or shell.title)
    if other := next((f"{name}={shown[name]}" for name in shown if shown[name] != asked.get(name)), ""):
        return signals.unrecognised("other_shell", said=other)
    if unread := (*shell.leaving, *shell.unread):
        return signals.unrecognised("unread_parts", said=unread[0])
    around = {line for node in shell.nodes("header, footer, nav, [role='note']") for line in lines(node)}
    said = [line for line in shell.lines if line not in around and not _LOADING.fullmatch(normalise(line))]
    return signals.unrecognised("shell_speaks", said=said[0]) if said else None


def _says_nothing(key: str, value: object, asked: Mapping[str, object]) -> bool:
    """Whether a field beside the list repeats the question, counts what is there, or is null."""
    echoed = key in asked and value == asked[key]
    counted = isinstance(value, int) and not isinstance(value, bool) and value > 0
    if key.casefold() in ("totalpages", "pagecount", "numberofpages"):
        return counted and value == 1
    return value is None or echoed or (counted and _COUNT.fullmatch(key) is not None)


def _holds_something(day: object) -> bool:
    """Whether `day` is an object that has a date or a list."""
    if not isinstance(day, Mapping):
        return False
    return any(key in DAY_KEYS or isinstance(value, list) for key, value in day.items())


def _other_place(target: Target, value: object) -> str:
    """The code of a place in the answer that is not the one asked for; empty when there is none."""
    wanted = dict(query_of(target.url)).get("code")
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    if wanted and isinstance(value, Mapping):
        named = (each for key, each in value.items() if _PLACE_KEY.fullmatch(key) and isinstance(each, str))
        if other := next((each for each in named if each != wanted), ""):
            return other
    return next(filter(None, (_other_place(target, each) for each in inside)), "")


def _other_purpose(asked: object, value: object) -> str:
    """A purpose named in the answer that is not the one asked for; empty when there is none."""
    wanted = {each for purpose in (asked if isinstance(asked, list) else ()) for each in _texts(purpose)}
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    if isinstance(value, Mapping):
        named = (each for key, each in value.items() if _PURPOSE_KEY.search(key))
        if other := next((text for each in named for text in _texts(each) if text not in wanted), ""):
            return other
    return next(filter(None, (_other_purpose(asked, each) for each in inside)), "")


def _texts(value: object) -> Iterator[str]:
    """Every text in a JSON value, also inside lists and objects."""
    if isinstance(value, str):
        yield value
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for each in inside:
        yield from _texts(each)


def _is_doubtful(key: str, value: object) -> bool:
    """Whether the field `key` of a day, or something in it, may say that there is no slot."""
    if value and _FAILING_KEY.search(key):
        return True
    if isinstance(value, Mapping):
        return not value or any(_is_doubtful(str(name), each) for name, each in value.items())
    if isinstance(value, list):
        return not value or any(_is_doubtful(key, each) for each in value)
    if isinstance(value, bool):
        known = _CLOSING_KEY if not value else _OPENING_KEY
        return not known.search(key)
    if isinstance(value, int | float):
        return value < 0 or (value == 0 and not _FROM_ZERO.search(key)) or bool(_CLOSING_KEY.search(key))
    if not isinstance(value, str) or not value.strip():
        return bool(_WHERE_SLOTS_ARE.search(key))
    stated = _STATE_KEY.search(key) and not _OPEN.fullmatch(value)
    return bool(stated or _CLOSED.search(value))


def _offered(target: Target, page: Page, days: Sequence[object]) -> Reading:
    """`slots_offered`; with dates only if every day has one: else the earliest date could be missing."""
    told = [_slot(text, target.tz) for day in days for text in _written(day)]
    if doubt := contract.doubtful(told, page, target.tz, said=page.raw):
        return doubt
    if any(len({_slot(text, target.tz) for text in _written(day)}) > 1 for day in days):
        return signals.unrecognised("unreadable_date", said=page.raw)
    slots = [slot for day in days for text in _dates(day) if (slot := _slot(text, target.tz))]
    earliest, second = starts.first_two(slots, target.tz) if len(slots) == len(days) else (None, None)
    return Reading(
        outcome=Outcome.SLOTS_OFFERED,
        rule="days" if earliest else "undated_days",
        words=words(page.raw),
        earliest=earliest,
        second=second,
    )


def _dates(day: object) -> list[str]:
    """The date of a day as written, at most one; a value that is no text is written as nothing."""
    found = [dig(day, key) for key in DAY_KEYS if dig(day, key) is not None]
    return [value if isinstance(value, str) else "" for value in found[:1]]


def _written(value: object) -> Iterator[str]:
    """The date of a day, and every text in it that begins like a date."""
    yield from _dates(value)
    if isinstance(value, str) and _ISO_DAY.match(value):
        yield value
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for each in inside:
        yield from _written(each)


def _slot(written: str, tz: ZoneInfo) -> Slot | None:
    """The slot of the day that is written, by local date: midnight UTC may fall on another local day."""
    when = dates.find(written, reference=date.min) if _ISO_DAY.match(written) else None
    instant = when.slot(tz) if when else None
    return dates.When(day=instant.day(tz)).slot(tz) if instant else None
