"""Lines read back: every form that is written, nothing the schema does not list, and what is wrong, named."""

from __future__ import annotations

import json
from dataclasses import MISSING, Field, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from monitor.evidence.journal import facts, records
from monitor.evidence.journal.facts import (
    AcceptedLineFact,
    AnchorFact,
    DrawFact,
    GapFact,
    IncidentFact,
    JournalFact,
    LaterReadingFact,
    ObservationFact,
    ServiceFact,
    SlotFact,
    StepFact,
    TargetFact,
    UnreadableLine,
    VantageFact,
)
from monitor.model import GapReason, Origin
from probes.failures import Failure
from probes.model import Outcome, Precision, Transport
from tests.evidence.bodies import BODIES, LINK, NOON, SCHEMA, TARGET, rich_observation
from tests.evidence.vienne import MORNING, a_step, an_observation

FORMS = [GapFact, DrawFact, TargetFact, ServiceFact, LaterReadingFact, IncidentFact, AnchorFact]
WRITTEN = list(zip(BODIES, FORMS, strict=True))
DESCRIBED: list[tuple[type[Any], str]] = [
    (ObservationFact, "observation"),
    (GapFact, "gap"),
    (DrawFact, "draw"),
    (TargetFact, "target_config"),
    (ServiceFact, "service_config"),
    (LaterReadingFact, "reclassification"),
    (IncidentFact, "incident"),
    (AnchorFact, "anchor"),
    (StepFact, "step"),
    (SlotFact, "slot"),
    (AcceptedLineFact, "accepted_line"),
    (VantageFact, "vantage"),
]


def observed(**changes: Any) -> bytes:
    """A line about a visit of one step, with other words in it; `None` takes a field out."""
    body = json.loads(json.dumps(records.observation(an_observation()))) | changes
    kept = {name: value for name, value in body.items() if value is not None}
    return records.record(records.FactKind.OBSERVATION, kept, LINK)


def read(line: bytes) -> Any:
    return facts.read(line, where="Line 5 of 2026-11-02_vienne-titre.jsonl")


def listed(name: str) -> tuple[set[str], set[str]]:
    """What the published schema lets a form have, and what it asks for."""
    definitions = SCHEMA["$defs"]
    form = definitions["observation"]["properties"]["vantage"] if name == "vantage" else definitions[name]
    parts = [form, *(definitions[one["$ref"].rpartition("/")[2]] for one in form.get("allOf", ()))]
    required = {one for part in parts for one in part.get("required", ())}
    if "allOf" in form:
        required |= set(SCHEMA["required"])
    return {one for part in parts for one in part["properties"]} - {"type"}, required - {"type"}


def needed(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


@pytest.mark.parametrize(("form", "name"), DESCRIBED)
def test_each_class_has_the_fields_that_the_published_schema_lists(form: type[Any], name: str) -> None:
    found, required = listed(name)
    assert {one.name for one in fields(form)} == found
    assert {one.name for one in fields(form) if needed(one)} == required


@pytest.mark.parametrize(("written", "form"), WRITTEN)
def test_every_form_that_is_written_is_read_as_itself(
    written: tuple[records.FactKind, records.Body], form: type[JournalFact]
) -> None:
    fact = read(records.record(*written, LINK))
    assert type(fact) is form
    assert (fact.seq, fact.target, fact.target_seq, fact.prev) == (7, "vienne-titre", 3, "0" * 64)
    assert (fact.entry, fact.recorded_at) == (42, NOON)


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_nothing_written_is_lost_in_reading(kind: records.FactKind, body: records.Body) -> None:
    line = records.record(kind, body, LINK)
    assert shown(read(line)) | {"type": kind} == json.loads(line)


def test_nothing_written_of_a_visit_is_lost_in_reading() -> None:
    line = observed(**records.observation(rich_observation(a_step, an_observation)))
    assert shown(read(line)) | {"type": "observation"} == json.loads(line)


def shown(value: Any) -> Any:
    """A fact in the words of its line; what it has not is left out."""
    if isinstance(value, datetime):
        return records.instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [shown(one) for one in value]
    if not hasattr(value, "__dataclass_fields__"):
        return value
    said = {one.name: (getattr(value, one.name), one) for one in fields(value)}
    return {name: shown(has) for name, (has, one) in said.items() if needed(one) or has or has == 0}


def test_a_visit_is_read_in_types() -> None:
    fact = read(observed())
    (step,) = fact.steps
    assert (fact.outcome, fact.transport, fact.origin) == (
        Outcome.NO_SLOTS,
        Transport.HTTP,
        Origin.SCHEDULED,
    )
    assert (fact.moment, fact.took, fact.address) == (MORNING, timedelta(seconds=2), step.url)
    assert step.finished_at == MORNING + timedelta(milliseconds=430)
    assert step.headers == {"date": "Mon, 02 Nov 2026 08:15:00 GMT", "server": "nginx"}


def test_a_visit_that_nobody_drew_counts_when_it_began() -> None:
    fact = read(observed(scheduled_at=None, origin="manual", started_at="2026-11-02T09:00:00.000Z"))
    assert fact.moment == datetime(2026, 11, 2, 9, tzinfo=UTC)


def test_a_gap_counts_at_its_drawn_instant() -> None:
    fact = read(records.record(*BODIES[0], LINK))
    assert (fact.moment, fact.reason) == (NOON, GapReason.MISFIRE)


def test_a_slot_keeps_how_exactly_it_was_dated() -> None:
    slot = {"at": "2027-03-03T23:00:00.000Z", "precision": "day"}
    fact = read(observed(outcome="slots_offered", kind=None, earliest=slot))
    assert fact.earliest == SlotFact(at=datetime(2027, 3, 3, 23, tzinfo=UTC), precision=Precision.DAY)


def test_a_draw_describes_its_target_as_its_record_does() -> None:
    fact = read(records.record(*BODIES[1], LINK))
    assert fact.described == records.scrubbed(TARGET)
    assert fact.interval == timedelta(hours=1)


def test_a_step_ends_where_it_was_sent_on_to() -> None:
    body = records.observation(rich_observation(a_step, an_observation))
    first, second = read(observed(steps=body["steps"])).steps
    assert (first.address, second.address) == (first.final_url, second.url)
    assert second.failure is Failure.CONNECT_TIMEOUT


def test_older_lines_without_what_was_added_later_are_read() -> None:
    """Whatever the schema does not require may be missing, also all of it at once."""
    _, required = listed("observation")
    line = {name: value for name, value in json.loads(observed()).items() if name in {*required, "type"}}
    line["steps"] = [
        {name: step[name] for name in listed("step")[1]} for step in json.loads(observed())["steps"]
    ]
    fact = read(records.canonical(line))
    assert (fact.quote, fact.kind, fact.slots, fact.entry, fact.shot_sha256) == ("", None, None, None, None)
    assert (fact.steps[0].headers, fact.steps[0].status, fact.steps[0].redirects) == ({}, None, ())


def test_what_a_later_version_adds_is_passed_over() -> None:
    assert read(observed(mood="serene")) == read(observed())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (observed(finished_at=None), "finished_at: Field required"),
        (observed(finished_at="2026-11-02T08:15:02Z"), "finished_at: Input should be an instant in UTC"),
        (observed(finished_at="2026-11-02T09:15:02.000+01:00"), "finished_at: Input should be an instant"),
        (observed(finished_at="2026-13-02T08:15:02.000Z"), "finished_at: "),
        (observed(started_at=1793606400), "started_at: Input should be an instant"),
        (observed(outcome="impossible"), "outcome: Input should be 'slots_offered'"),
        (observed(simulated="no"), "simulated: Input should be a valid boolean"),
        (observed(slots="3"), "slots: Input should be a valid integer"),
        (observed(horizon="demain"), "horizon: Input should be a valid date"),
        (observed(steps=[{"n": "1"}]), "steps[0].n: Input should be a valid integer (and 7 more)"),
        (observed(vantage={"name": "p"}), "vantage.software: Field required"),
        (records.record(records.FactKind.GAP, {}, LINK), "scheduled_at: Field required (and 2 more)"),
        (observed().replace(b'"v":1', b'"v":2'), "v: Input should be 1"),
        (observed().replace(b'"observation"', b'"omen"'), "Its type is none that this version knows"),
        (b'{"v":1}\n', "Its type is none that this version knows"),
        (observed().replace(b'"v":1', b'"v":true'), "v: Input should be 1"),
        (observed().replace(b'"v":1', b'"v":1.0'), "v: Input should be 1"),
        (observed().replace(b'"seq":7', b'"seq":-7'), "seq: Input should be greater than or equal to 0"),
        (observed().replace(b'"seq":7', b'"seq":1' + b"0" * 18), "seq: Input should be less than"),
        (observed().replace(b'"seq":7', b'"seq":1' + b"0" * 5000), "Invalid JSON: number out of range"),
        (observed().replace(b'"target_seq":3', b'"target_seq":-3'), "target_seq: Input should be greater"),
        (observed().replace(b'"ms":430', b'"ms":1' + b"0" * 17), "steps[0].ms: Input should be less than"),
        (
            observed().replace(b'"ms":430', b'"ms":-1' + b"0" * 17),
            "steps[0].ms: Input should be greater than",
        ),
        (observed(slots=-1), "slots: Input should be greater than or equal to 0"),
        (
            observed(started_at="9999-12-31T23:59:59.999Z"),
            "started_at: Input should be an instant of the years",
        ),
        (
            observed(scheduled_at="0001-01-01T00:00:00.000Z"),
            "scheduled_at: Input should be an instant of the",
        ),
        (observed().replace(b'"v":1', b'"v":1,"v":1'), "It is not in the one form that is written"),
        (observed().replace(b'"seq":7', b'"seq":8,"seq":7'), "It is not in the one form that is written"),
        (observed().replace(b'"seq":7', b'"seq": 7'), "It is not in the one form that is written"),
        (observed().replace(b'"n":1', b'"n":2,"n":1'), "It is not in the one form that is written"),
        (observed().replace(b"no_slots", b"no\\u005fslots"), "It is not in the one form that is written"),
        (observed().rstrip(b"\n"), "It is not in the one form that is written"),
        (observed() + b"\n", "It is not in the one form that is written"),
        (observed(mood=1).replace(b'"mood":1', b'"mood":1.5'), "It is not in the one form that is written"),
        (b"[]\n", "Its type is none that this version knows"),
        (b'{"v":1', "Invalid JSON"),
        (b"\xff\n", "Invalid JSON"),
        (b"", "Invalid JSON"),
    ],
)
def test_what_is_wrong_with_a_line_is_one_sentence_that_says_where(line: bytes, words: str) -> None:
    with pytest.raises(UnreadableLine) as caught:
        read(line)
    said = str(caught.value)
    assert said.startswith(f"Line 5 of 2026-11-02_vienne-titre.jsonl cannot be read: {words}")
    assert "\n" not in said


def test_a_visit_during_which_the_clock_was_put_back_is_read() -> None:
    fact = read(observed().replace(b'"ms":430', b'"ms":-3600000'))
    assert fact.steps[0].finished_at == MORNING - timedelta(hours=1)


@pytest.mark.parametrize(
    "day", ["1772323200", "0", "-86400", "+1772323200", "2026-3-1", "2026-02-30", 20260301]
)
def test_a_day_is_read_in_the_form_it_is_written_in_alone(day: object) -> None:
    """Pydantic would read seconds since 1970 as a date: another day than the one that was sealed."""
    with pytest.raises(UnreadableLine, match="horizon: Input should be a valid date, as in 2026-03-01"):
        read(observed(horizon=day))
