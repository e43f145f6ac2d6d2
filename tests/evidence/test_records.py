"""Records: canonical, linked, described by the published schema, and free of anything personal."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from monitor.evidence.journal import facts, records
from monitor.model import Gap, GapReason, Vantage
from probes.model import Capture, Ink, LinkedSheet, NoSlotsKind, Outcome, Part, Reading, Step, Transport
from tests.evidence.bodies import BODIES, LINK, NOON, SCHEMA, TARGET, rich_observation

VALIDATOR = Draft202012Validator(SCHEMA)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), json_values))
def test_it_writes_one_line_that_reads_back_the_same(value: dict[str, Any]) -> None:
    try:
        line = records.canonical(value)
    except UnicodeEncodeError:
        return
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert json.loads(line) == value
    assert records.canonical(dict(reversed(value.items()))) == line


@pytest.mark.parametrize("value", [1.5, [1, 2.0], {"deep": [{"er": float("nan")}]}])
def test_it_refuses_floats_wherever_they_hide(value: Any) -> None:
    with pytest.raises(TypeError, match="use an integer of a smaller unit"):
        records.canonical({"value": value})


def test_it_writes_instants_in_utc_with_milliseconds() -> None:
    paris = timezone(timedelta(hours=1))
    assert records.instant(datetime(2026, 11, 2, 9, 0, 0, 123999, paris)) == "2026-11-02T08:00:00.123Z"


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_it_writes_only_what_the_published_schema_lists(kind: records.FactKind, body: records.Body) -> None:
    VALIDATOR.validate(json.loads(records.record(kind, body, LINK)))


def test_it_writes_observations_the_published_schema_lists(make_step: Any, make_observation: Any) -> None:
    seen = rich_observation(make_step, make_observation)
    line = records.record(records.FactKind.OBSERVATION, records.observation(seen), LINK)
    fact = json.loads(line)
    VALIDATOR.validate(fact)
    assert fact["desks"] == ["no_slots", "slots_offered"]
    assert fact["slots"] == 0
    assert fact["vantage"]["clock_offset_ms"] == -12
    assert fact["steps"][0]["ms"] == 430
    assert fact["steps"][0]["body_sha256"] == seen.capture.steps[0].body_sha256
    assert len(line) < 16_384


def test_it_writes_what_the_reading_stands_on(make_step: Any, make_observation: Any) -> None:
    seen = rich_observation(make_step, make_observation)
    fact = records.observation(seen)
    first, failed = json.loads(records.canonical(fact))["steps"]
    assert (first["settled"], "settled" in failed) == (False, False)
    assert first["refused"] == ["POST https://www.vienne.gouv.fr/*/*?*=*"]
    assert records.sheets(seen.capture.steps[0]) == (
        b'{"sheets":[{"text":"p {}","url":"https://www.vienne.gouv.fr/a.css"},{"url":"b.css"}]}\n'
    )
    assert first["sheets_sha256"] == records.digest(records.sheets(seen.capture.steps[0]))
    assert fact["seen"] == [{"step": 1, "left": 4, "top": 900, "width": 80, "height": 17, "places": 2}]
    assert fact["shot_step"] == 1


def test_it_says_of_older_pages_what_it_always_said(make_step: Any, make_observation: Any) -> None:
    fact = records.observation(
        make_observation(capture=Capture(transport=Transport.HTTP, steps=(make_step(),)))
    )
    new = {"settled", "refused", "sheets_sha256", "seen", "shot_step"}
    assert new.isdisjoint(fact)
    assert new.isdisjoint(json.loads(records.canonical(fact))["steps"][0])


def test_it_keeps_the_configured_address_whole_and_a_gap_without_its_sentence() -> None:
    assert records.target_config(TARGET)["url"] == TARGET.url
    assert "detail" not in records.gap(
        Gap(target="t", scheduled_at=NOON, reason=GapReason.OVERLAP, detail="x")
    )


@pytest.mark.parametrize("name", ["detail", "cookie", "outcome "])
def test_the_schema_refuses_what_is_not_listed(name: str) -> None:
    fact = json.loads(records.record(*BODIES[0], LINK)) | {name: "x"}
    assert not VALIDATOR.is_valid(fact)


def test_it_links_records_by_the_digest_of_the_whole_line() -> None:
    first = records.record(*BODIES[0], LINK)
    second = json.loads(records.record(*BODIES[0], replace(LINK, prev=records.digest(first), target_seq=4)))
    assert second["prev"] == records.digest(first) != records.digest(first.rstrip(b"\n"))


NAMES = ("Zbyszek", "Quatremère", "Oyelaran", "Wickramasinghe", "Nguyễn")


def secrets_of(rng: random.Random) -> list[str]:
    name = rng.choice(NAMES)
    token = "".join(rng.choices("abcdef0123456789", k=26))
    return [
        name,
        f"{name.lower()}.{rng.randrange(10**6)}@courriel.example",
        f"x{token}",
        f"06{rng.randrange(10**8):08}",
    ]


HEADERS = (
    "Set-Cookie",
    "Cookie",
    "Authorization",
    "X-User",
    "Server",
    "Content-Type",
    "Retry-After",
    "Date",
    "Age",
)


def hostile_step(rng: random.Random, secrets: list[str], make_step: Callable[..., Step]) -> Step:
    def pick() -> str:
        return rng.choice(secrets)

    addresses = (
        f"https://{pick()}:{pick()}@rdv.example.fr/booking?nom={pick()}#{pick()}",
        f"https://rdv.example.fr/{pick()}/booking;jsessionid={pick()}",
        f"https://rdv.example.fr/booking?{pick()}&session={pick()}",
        f"data:text/html,{pick()}",
    )
    return make_step(
        url=rng.choice(addresses),
        final_url=rng.choice(addresses),
        redirects=(rng.choice(addresses), rng.choice(addresses)),
        headers=tuple(
            (rng.choice((*HEADERS, pick())), rng.choice(("sid=", "nginx ", "")) + pick()) for _ in range(6)
        ),
        body=f"<p>Aucun créneau pour {pick()}</p>".encode(),
        rendered=f"<p>{pick()}</p>",
        dialogs=(pick(),),
        detail=f"échec sur {pick()}",
        server_address=pick(),
        tls_sha256=pick(),
        refused=(f"GET {rng.choice(addresses)}", pick()),
        settled=rng.choice((None, True, False)),
        ink=(Ink(words=pick(), left=1, top=2, width=3, height=4),),
        sheets=(LinkedSheet(url=rng.choice(addresses), text=pick()),),
    )


def hostile_reading(rng: random.Random, secrets: list[str]) -> Reading:
    words = rng.choice(("Écrivez à {}", "sid={}", "appelez le {}")).format(rng.choice(secrets[1:]))
    return Reading(
        outcome=rng.choice((Outcome.UNRECOGNISED, Outcome.CAPTCHA, Outcome.CLOSED)),
        rule="none",
        words=words,
        notices=(rng.choice(secrets),),
        parts=(Part(label=rng.choice(secrets), outcome=Outcome.CAPTCHA, words=rng.choice(secrets)),),
    )


@pytest.mark.slow
def test_it_stores_nothing_personal_from_ten_thousand_hostile_inputs(
    make_step: Any, make_observation: Any
) -> None:
    rng = random.Random(20261102)
    for _ in range(10_000):
        secrets = secrets_of(rng)
        seen = make_observation(
            reading=hostile_reading(rng, secrets),
            capture=Capture(
                transport=Transport.HTTP, steps=tuple(hostile_step(rng, secrets, make_step) for _ in range(2))
            ),
            vantage=Vantage(name="paris-1", software="vigie", user_agent=f"Vigie (+{secrets[1]})"),
        )
        line = records.record(records.FactKind.OBSERVATION, records.observation(seen), LINK).decode()
        assert not [secret for secret in secrets if secret.lower() in line.lower()], line


def test_a_double_reading_is_in_the_record_of_its_visit(make_step: Any, make_observation: Any) -> None:
    seen = rich_observation(make_step, make_observation)
    second = Reading(outcome=Outcome.NO_SLOTS, rule="all_taken", words="Complet", kind=NoSlotsKind.ALL_TAKEN)
    body = records.observation(replace(seen, over_http=second))
    assert body["over_http"] == {"outcome": "no_slots", "rule": "all_taken", "kind": "all_taken"}
    line = records.record(records.FactKind.OBSERVATION, body, LINK)
    VALIDATOR.validate(json.loads(line))
    fact = facts.read(line, where="A line")
    assert isinstance(fact, facts.ObservationFact)
    assert fact.over_http == facts.SecondReadingFact(
        outcome=Outcome.NO_SLOTS, rule="all_taken", kind=NoSlotsKind.ALL_TAKEN
    )
    assert "over_http" not in records.observation(seen)
