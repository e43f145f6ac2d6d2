"""ESII Orion: what is asked, what is refused, and the simulated préfecture read over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.clock import SimulatedClock
from probes.model import Capture, Outcome, Reading, Session, Step, Target, Transport, VisitOver
from probes.platforms.orion import ANSWER, Orion
from probes.sessions.guard import Allowance, StopLineCrossed, StopLineGuard
from probes.sessions.http.session import HttpSessions
from probes.simulator.app import build
from probes.simulator.faults import Fault
from probes.simulator.platforms import orion
from probes.simulator.sites import Product
from probes.simulator.supply import Scenario
from probes.simulator.truth import truth
from probes.simulator.world import Simulator
from tests.cast.breaches import BreachKind, breaches
from tests.cast.saved_pages import received, target
from tests.cast.sessions import Unable
from tests.cast.simulated import simple

MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)


class Free:
    """A turn that never waits."""

    async def page(self) -> None:
        """At once."""


class Visited:
    """One visit to a simulated préfecture, with what it received, and what was true."""

    def __init__(
        self,
        scenario: Scenario = Scenario.PLENTY,
        *,
        fault: Fault | None = None,
        at: datetime = MONDAY,
        platform: Orion | None = None,
        **options: Any,
    ) -> None:
        site = simple("landerive", Product.ORION, scenario)
        procedure = site.procedures[0]
        self.app = build(SimulatedClock(at), (site,))
        self.world: Simulator = self.app.state.simulator
        if fault:
            self.world.faults.set(site.host, fault)
        asked = {"config_id": orion.config_id(procedure.id), "purpose": json.dumps(orion.purpose(procedure))}
        self.target = Target(
            id="t",
            platform="orion",
            url=site.url(procedure, 80),
            prefecture=procedure.prefecture,
            departement="92",
            demarche=procedure.title,
            options={**asked, **options},
        )
        self.platform = platform or Orion()
        self.capture = asyncio.run(self._visit())
        self.reading = self.platform.read(self.target, self.capture)
        self.truth = truth(self.world, self.target.url)

    async def _visit(self) -> Capture:
        sessions = HttpSessions(
            allowance=Allowance(frozenset(), local=True),
            user_agent="Vigie/tests",
            clock=self.world.clock,
            app=self.app,
        )
        async with sessions.visit(stop_line=self.platform.stop_line, turn=Free()) as session:
            with suppress(VisitOver):
                await self.platform.walk(self.target, session)
        return session.capture()

    @property
    def paths(self) -> list[str]:
        return [entry.path.partition("?")[0] for entry in self.world.request_log.pages()]


def crossings(visited: Visited) -> list[Any]:
    return [b for b in breaches(visited.world.request_log) if b.kind is BreachKind.STOP_LINE]


def test_it_takes_the_page_and_one_question() -> None:
    visited = Visited()
    assert visited.paths == ["/orion-reservation/slots", ANSWER]
    assert crossings(visited) == []


@pytest.mark.slow
@pytest.mark.parametrize("scenario", Scenario)
def test_it_reads_the_truth_at_any_hour(scenario: Scenario) -> None:
    for hours in range(0, 170, 17):
        visited = Visited(scenario, at=MONDAY + timedelta(hours=hours))
        reading, true = visited.reading, visited.truth
        assert (reading.outcome, reading.kind) == (true.outcome, true.kind)
        shown = [slot and slot.starts_at for slot in (reading.earliest, reading.second)]
        assert shown == [true.earliest, true.second]


@pytest.mark.parametrize("fault", Fault)
def test_no_fault_is_read_as_an_absence_of_slots(fault: Fault) -> None:
    visited = Visited(fault=fault)
    # A page that tries everything may be left unread.
    unread = {Outcome.UNRECOGNISED} if fault is Fault.HOSTILE else set()
    assert visited.reading.outcome in {visited.truth.outcome} | unread


@pytest.mark.parametrize(
    "options",
    [
        {"config_id": ""},
        {"config_id": "6321bfa7f3e9db3bed5fed0d; drop"},
        {"purpose": ""},
        {"purpose": "{"},
        {"purpose": "[]"},
        {"purpose": '{"duration": 20}'},
        {"purpose": '{"duration": "20 minutes"}'},
    ],
)
def test_a_target_that_does_not_say_what_to_ask_for_asks_nothing(options: dict[str, str]) -> None:
    asked: dict[str, Any] = dict(options)
    visited = Visited(**asked)
    assert visited.paths == ["/orion-reservation/slots"]
    assert (visited.reading.outcome, visited.reading.rule) == (Outcome.UNRECOGNISED, "no_question")


def test_a_purpose_that_holds_more_than_a_purpose_crosses_the_line() -> None:
    with pytest.raises(StopLineCrossed, match="'purposes'"):
        Visited(purpose='{"duration": "00:20:00", "who": {"name": "Dupont"}}')


class Named(Orion):
    """A bad platform: it says who asks."""

    async def walk(self, target: Target, session: Session) -> None:
        await session.open(target.url)
        await session.call(f"http://landerive.localhost{ANSWER}", {"usagerUid": "dupont"})


class Booking(Orion):
    """A bad platform: it takes a slot."""

    async def walk(self, target: Target, session: Session) -> None:
        await session.open(target.url)
        await session.call("http://landerive.localhost/orion/api/1/rdv/bookings/create", {})


class Elsewhere(Orion):
    """A bad platform: a field nobody declared."""

    async def walk(self, target: Target, session: Session) -> None:
        await session.open(target.url)
        await session.call(f"http://landerive.localhost{ANSWER}", {"email": None})


@pytest.mark.parametrize(
    ("bad", "said"), [(Named, "'usagerUid' = \"dupont\""), (Booking, "create"), (Elsewhere, "'email' = null")]
)
def test_a_platform_that_asks_for_more_is_stopped(bad: type[Orion], said: str) -> None:
    with pytest.raises(StopLineCrossed, match=said):
        Visited(platform=bad())


class Listening(Unable):
    """A session that only hears what is asked."""

    async def open(self, url: str) -> Step:
        return received(url=url)

    async def call(self, url: str, body: Mapping[str, object]) -> Step:
        self.url, self.body = url, dict[str, Any](body)
        return received(url=url)


def test_the_question_is_about_the_account_the_place_and_the_length_of_the_purpose() -> None:
    session = Listening()
    url = "https://esii-orion.com/orion-reservation/slots?account=EVMSPI&config=SEJOURREMISE&code=REN1"
    purpose = {"duration": "01:20:00", "businessId": "SEJ04"}
    options = {"config_id": "6321bfa7f3e9db3bed5fed0d", "purpose": json.dumps(purpose)}
    watched = Target(
        id="t", platform="orion", url=url, prefecture="", departement="35", demarche="", options=options
    )
    asyncio.run(Orion().walk(watched, session))
    assert session.url == f"https://esii-orion.com{ANSWER}"
    assert session.body["duration"] == 80
    assert session.body["purposes"] == [purpose]
    assert (session.body["accountId"], session.body["filterRequest"]["filterPlaceCode"]) == (
        "EVMSPI",
        ["REN1"],
    )


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        (
            "https://esii-orion.com/orion-reservation/slots?account=EVMSPI&config=SEJOURREMISE&usemode=app",
            True,
        ),
        (
            "https://esii-orion.com/orion-reservation/slots?account=EVMSPI&config=SEJOURREMISE&utm_source=x",
            False,
        ),
        ("https://esii-orion.com/orion-reservation/slots?account=EVMSPI", False),
        ("https://esii-orion.com/orion-reservation/slots?account=EVMSPI&usemode=app", False),
        ("https://esii-orion.com/orion-reservation/slots?config=SEJOURREMISE&usemode=app", False),
        ("https://esii-orion.com/orion-reservation/", False),
        (f"https://esii-orion.com{ANSWER}", False),
    ],
)
def test_it_accepts_the_page_that_names_account_and_configuration(url: str, accepted: bool) -> None:
    assert Orion().accepts(url) is accepted


PURPOSE = next(option for option in Orion.options if option.name == "purpose")
VALUES = st.text(max_size=6) | st.integers(-9, 999) | st.booleans() | st.none() | st.floats(0, 9)
PURPOSES = st.dictionaries(st.from_regex(r"\A\w{1,5}\Z"), VALUES, max_size=3)


@given(purpose=PURPOSES, duration=st.sampled_from(["00:20:00", "01:20:00"]), spaced=st.booleans())
def test_a_purpose_that_the_catalogue_takes_can_be_asked_for(
    purpose: dict[str, Any], duration: str, spaced: bool
) -> None:
    separators = (", ", ": ") if spaced else (",", ":")
    text = json.dumps({**purpose, "duration": duration}, ensure_ascii=spaced, separators=separators)
    if not PURPOSE.takes(text):
        return
    session, url = Listening(), "https://esii-orion.com/orion-reservation/slots?account=a&config=b"
    options = {"config_id": "6321bfa7f3e9db3bed5fed0d", "purpose": text}
    asyncio.run(Orion().walk(target("orion", url, options=options), session))
    StopLineGuard(Orion.stop_line).check_call(session.url, session.body)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        (PURPOSE.example, True),
        ('{"duration":"00:20:00"}', True),
        ('{ "name" : "S\\u00e9jour" , "duration" : "00:20:00" }', True),
        ('{"id": "1"}', False),
        ('{"duration": "20"}', False),
        ('[{"duration": "00:20:00"}]', False),
        ('{"duration": "00:20:00", "who": {"name": "x"}}', False),
        ('{"duration": "00:20:00"', False),
        ("renouvellement", False),
    ],
)
def test_a_purpose_is_one_flat_object_with_its_duration(text: str, taken: bool) -> None:
    assert PURPOSE.takes(text) is taken


def read(
    answer: Any, *, shell: str = "<app-root></app-root>", status: int = 200, final_url: str | None = None
) -> Reading:
    """What Orion makes of a JSON answer behind a page with this content."""
    step = received(json.dumps(answer), url=f"https://esii-orion.com{ANSWER}", method="POST", status=status)
    asked = "https://esii-orion.com/orion-reservation/slots?account=a&config=b&code=c"
    page = received(shell, url=asked, final_url=final_url or asked)
    options = {"config_id": "6321bfa7f3e9db3bed5fed0d", "purpose": json.dumps({"duration": "01:20:00"})}
    watched = Target(
        id="t", platform="orion", url=asked, prefecture="", departement="35", demarche="", options=options
    )
    return Orion().read(watched, Capture(transport=Transport.HTTP, steps=(page, replace(step, n=1))))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    answer=json_values
    | st.dictionaries(st.sampled_from(["daySlots", "error", "slots"]), json_values, max_size=3)
)
def test_only_an_empty_list_of_days_is_an_absence(answer: Any) -> None:
    reading = read(answer)
    if reading.outcome is Outcome.NO_SLOTS:
        assert answer == {"daySlots": []}
    if reading.outcome is Outcome.SLOTS_OFFERED:
        assert answer["daySlots"]


def test_a_day_that_holds_nothing_beside_one_that_does_is_no_offer() -> None:
    """The answer contradicts itself: a person must look at it."""
    full, empty = {"day": "2026-11-03", "slots": [{"start": "09:00"}]}, {"day": "2026-11-04", "slots": []}
    assert read({"daySlots": [full]}).outcome is Outcome.SLOTS_OFFERED
    assert read({"daySlots": [full, empty]}).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    "beside",
    [
        {"status": 500, "message": "Purpose not found"},
        {"success": False},
        {"code": "E_CONFIG"},
        {"nextAvailableDate": "2027-01-16"},
        {"totalPages": 3},
        {"hasMore": True},
        {"total": 0},
        {"count": 4},
        {"message": None},
        {"closed": True},
        {"daySlotsByPlace": [{"day": "2026-01-05"}]},
    ],
)
def test_an_empty_list_with_anything_beside_it_is_no_absence(beside: dict[str, Any]) -> None:
    assert read({"daySlots": []}).outcome is Outcome.NO_SLOTS
    assert read({"daySlots": [], **beside}).outcome is Outcome.UNRECOGNISED
    assert read({**beside, "daySlots": []}).outcome is Outcome.UNRECOGNISED


DAY = {"date": "2026-01-05", "slots": [{"start": "09:00", "available": True}]}


@pytest.mark.parametrize(
    "day",
    [
        {"date": "2026-01-05", "available": False},
        {"date": "2026-01-05", "available": "no"},
        {"date": "2026-01-05", "sites": [{"code": "REN1", "slots": []}]},
        {"date": "2026-01-05", "slots": {}},
        {"date": "2026-01-05", "slots": None},
        {"date": "2026-01-05", "slots": [None]},
        {"date": "2026-01-05", "count": 0},
        {"date": "2026-01-05", "remaining": "0"},
        {"date": "2026-01-05", "closed": True},
        {"date": "2026-01-05", "status": "CLOSED"},
        {"date": "2026-01-05", "state": "X"},
        {"date": "2026-01-05", "label": "Fermé"},
        {"date": "2026-01-05", "booked": 12},
        {"date": "2026-01-05", "slots": [{"start": "09:00", "status": "BOOKED"}]},
        {"date": "2026-01-05", "slots": [{"start": "09:00", "disabled": True}]},
        {"date": "2026-01-05", "slots": [{"start": "09:00", "mine": True}]},
        {"date": "2026-01-05", "slots": [{"start": "09:00", "shared": False}]},
        {"date": "2026-01-05", "purpose": "REMISE", "slots": ["09:00"]},
        {"date": "2026-01-05", "slots": [{"start": "09:00", "motif": {"name": "Permis"}}]},
        {"date": "2025-12-19", "slots": ["09:00"]},
        {"date": "2099-12-31", "slots": ["09:00"]},
        {"date": "2026-01-05", "slots": ["2020-01-05T09:00:00Z"]},
        {"date": "2026-02-30", "slots": ["09:00"]},
        {"date": 20260105, "slots": ["09:00"]},
        {"id": 4},
    ],
)
def test_a_day_that_may_be_closed_full_empty_or_false_is_no_slot(day: dict[str, Any]) -> None:
    assert read({"daySlots": [DAY]}).outcome is Outcome.SLOTS_OFFERED
    assert read({"daySlots": [day]}).outcome is Outcome.UNRECOGNISED
    assert read({"daySlots": [DAY, day]}).outcome is Outcome.UNRECOGNISED


def test_beside_a_day_without_a_date_no_date_is_the_earliest() -> None:
    undated = {"slots": [{"start": "09:00", "available": True}]}
    assert read({"daySlots": [DAY]}).earliest is not None
    reading = read({"daySlots": [undated, DAY]})
    assert (reading.outcome, reading.earliest) == (Outcome.SLOTS_OFFERED, None)


def offers(day: dict[str, Any]) -> bool:
    """Whether a list with this day alone is read as slots."""
    outcome = read({"daySlots": [{"date": "2026-01-05", "slots": ["09:00"], **day}]}).outcome
    assert outcome in (Outcome.SLOTS_OFFERED, Outcome.UNRECOGNISED)
    return outcome is Outcome.SLOTS_OFFERED


CLOSED = """
    closed fermé fermeture full complet complète busy taken booked réservé blocked disabled unavailable
    indisponible inactive no not non aucun aucune none holiday férié cancelled annulé expired error erreur 0
    """.split()
CLOSING_KEYS = """
    closed fermeture full complet busy taken booked reserved blocked locked disabled unavailable holiday ferie
    cancelled past expired
    """.split()


@pytest.mark.parametrize("said", CLOSED)
def test_a_text_that_speaks_of_no_slot_makes_a_day_doubtful(said: str) -> None:
    assert offers({"label": "Guichet du matin"})
    assert not offers({"label": said})
    assert offers({"label": f"x{said}x"}) is (
        said in ("full", "no", "not", "non", "aucun", "aucune", "none", "0")
    )


@pytest.mark.parametrize("key", CLOSING_KEYS)
def test_a_key_that_speaks_of_no_slot_makes_a_day_doubtful(key: str) -> None:
    assert not offers({key: True})
    assert not offers({key: 3})
    assert offers({key: False})


@pytest.mark.parametrize("key", ["error", "errors", "errorCode", "erreur", "failure", "warning"])
def test_a_day_that_tells_of_an_error_is_doubtful(key: str) -> None:
    assert not offers({key: "x"})
    assert not offers({key: 17})
    assert not offers({key: {"code": "x"}})
    assert offers({key: None})


@pytest.mark.parametrize("key", ["status", "state", "availability", "dispo"])
def test_a_state_is_open_in_a_known_word_or_doubtful(key: str) -> None:
    known = ["open", "OPENED", "available", "free", "bookable", "ok", "ouvert", "libre", "disponible"]
    assert all(offers({key: word}) for word in known)
    assert not any(offers({key: word}) for word in ("pending", "x", "4"))


@pytest.mark.parametrize("key", ["index", "offset", "order", "position", "dayOfWeek", "page"])
def test_a_number_that_counts_from_zero_may_be_zero(key: str) -> None:
    assert offers({key: 0})
    assert not offers({key: -1})
    assert not offers({"remaining": 0})


@pytest.mark.parametrize(
    "key", ["slot", "site", "créneau", "creneau", "horaire", "hour", "time", "start", "days"]
)
def test_where_slots_should_be_nothing_is_doubtful(key: str) -> None:
    assert not offers({key: None})
    assert not offers({key: " "})
    assert offers({"note": None})


@pytest.mark.parametrize("key", ["totalPages", "pageCount", "numberOfPages", "size", "count", "total"])
def test_a_count_beside_the_days_says_nothing(key: str) -> None:
    assert read({"daySlots": [DAY], key: 1}).outcome is Outcome.SLOTS_OFFERED
    for wrong in (0, -1, True, "1"):
        assert read({"daySlots": [DAY], key: wrong}).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize("beside", [{"hasMore": True}, {"totalPages": 2}, {"status": 500}, {"error": "x"}])
def test_days_beside_an_error_or_further_pages_are_no_whole_answer(beside: dict[str, Any]) -> None:
    assert read({"daySlots": [DAY], "accountId": "a", "total": 1}).outcome is Outcome.SLOTS_OFFERED
    assert read({"daySlots": [DAY], **beside}).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ({"accountId": "b", "daySlots": [DAY]}, "beside_the_list"),
        ({"duration": 80, "daySlots": [DAY]}, "days"),
        ({"duration": 20, "daySlots": [DAY]}, "beside_the_list"),
        ({"daySlots": [DAY | {"placeCode": "c"}]}, "days"),
        ({"daySlots": [DAY | {"placeCode": "d"}]}, "other_place"),
        ({"daySlots": [DAY | {"slots": [{"start": "09:00", "siteCode": "d"}]}]}, "other_place"),
        ({"daySlots": [DAY | {"waitingList": True}]}, "empty_day"),
        ({"daySlots": [DAY | {"capacity": 3, "occupied": 3}]}, "empty_day"),
        ({"daySlots": [DAY | {"capacity": 3}]}, "days"),
    ],
)
def test_the_answer_is_for_what_was_asked_and_a_waiting_list_is_no_slot(
    answer: dict[str, Any], rule: str
) -> None:
    assert read(answer).rule == rule


@pytest.mark.parametrize(
    "shell",
    [
        "<h1>Le service est en maintenance</h1>",
        "<app-root></app-root><p>Réservations suspendues jusqu'au 3 janvier</p>",
        "<app-root><p class='user-msg error'>Configuration inconnue</p></app-root>",
        "<app-root>Aucun rendez-vous disponible</app-root>",
        "<p>Chargement…</p>",
        "<app-root>Orion vous souhaite de bonnes vacances</app-root>",
        "<app-root></app-root><style>body::before{content:'Service hors ligne'}</style>",
        "<app-root></app-root><script>document.write('<p>Planning en panne</p>')</script>",
        '<meta http-equiv="refresh" content="0;url=https://autre.example/slots"><app-root></app-root>',
        "<script>location.replace('/orion-reservation/fermeture')</script><app-root></app-root>",
        "<app-root></app-root><header>Bienvenue</header><div role='alert'>Session expirée</div>",
        *(
            f"<app-root></app-root><{tag}>Nos plannings sont en panne.</{tag}>"
            for tag in ("header", "footer", "nav")
        ),
        "",
    ],
)
def test_behind_a_page_that_says_something_the_answer_is_not_believed(shell: str) -> None:
    assert not read({"daySlots": []}, shell=shell).outcome.conclusive
    assert not read({"daySlots": [DAY]}, shell=shell).outcome.conclusive


def test_the_page_must_be_the_one_that_was_asked_for() -> None:
    shown = "https://esii-orion.com/orion-reservation/slots?account=a&config=autre&code=c"
    assert read({"daySlots": []}, final_url=shown).rule == "other_shell"


@pytest.mark.parametrize(
    "shell", ["<app-root>Chargement…</app-root>", "<app-root></app-root>Veuillez patienter"]
)
def test_a_page_that_only_loads_says_nothing(shell: str) -> None:
    assert read({"daySlots": []}, shell=shell).outcome is Outcome.NO_SLOTS


@pytest.mark.parametrize("status", [201, 202, 203, 206])
def test_only_a_whole_answer_that_is_computed_counts(status: int) -> None:
    assert read({"daySlots": []}, status=200).outcome is Outcome.NO_SLOTS
    # « 206 »: a part of the answer.
    rule = "truncated" if status == 206 else "not_the_answer"
    assert read({"daySlots": []}, status=status).rule == rule
    assert read({"daySlots": [DAY]}, status=status).rule == rule


def test_its_words_are_the_bytes_received() -> None:
    assert read({"daySlots": []}).words == '{"daySlots": []}'
    assert read({"daySlots": [DAY]}).words == json.dumps({"daySlots": [DAY]})
