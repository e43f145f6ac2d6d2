"""Records: canonical, linked, described by the published schema, and free of anything personal."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from monitor.evidence.journal import records
from monitor.model import Draw, Gap, GapReason, Observation, Vantage
from monitor.store.journal.lines import FIRST_LINK
from probes.failures import Failure
from probes.model import Capture, Outcome, Part, Precision, Reading, Slot, Step, Target, Transport

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/record-v1.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
LINK = records.Link(seq=7, target="vienne-titre", target_seq=3, prev=FIRST_LINK, entry=42, recorded_at=NOON)
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


def an_offer() -> Reading:
    return Reading(
        outcome=Outcome.SLOTS_OFFERED,
        rule="classic.calendar",
        words="lundi 30 novembre",
        earliest=Slot(starts_at=NOON + timedelta(days=28)),
        second=Slot(starts_at=NOON + timedelta(days=30), precision=Precision.DAY),
        slots=0,
        horizon=date(2026, 12, 31),
        parts=(
            Part(label="Guichet 1", outcome=Outcome.NO_SLOTS),
            Part(label="2", outcome=Outcome.SLOTS_OFFERED),
        ),
    )


def rich_observation(make_step: Any, make_observation: Any) -> Observation:
    step = make_step(
        final_url="https://www.vienne.gouv.fr/booking/create/1234/2",
        redirects=("https://www.vienne.gouv.fr/booking",),
        rendered="<p>vu</p>",
        dialogs=("Aucun créneau",),
        server_address="192.0.2.7",
        tls_sha256="ab" * 32,
    )
    failed = make_step(n=2, status=None, failure=Failure.CONNECT_TIMEOUT, headers=(), body=b"")
    seen = make_observation(
        reading=an_offer(),
        capture=Capture(transport=Transport.BROWSER, steps=(step, failed), screenshot=b"\xff\xd8"),
        vantage=Vantage(
            name="paris-1",
            software="vigie 0.1.0",
            browser="Chromium 156",
            user_agent="Vigie/0.1 (+https://vigie.example)",
            clock_offset=timedelta(milliseconds=-12),
        ),
    )
    assert isinstance(seen, Observation)
    return seen


TARGET = Target(
    id="vienne-titre",
    platform="classic",
    url="https://www.vienne.gouv.fr/booking/create/1234567",
    prefecture="Préfecture de la Vienne",
    departement="86",
    demarche="Premier titre de séjour",
    desk="Guichet 1",
)
BODIES: list[tuple[records.FactKind, records.Body]] = [
    (
        records.FactKind.GAP,
        records.gap(Gap(target="t", scheduled_at=NOON, reason=GapReason.MISFIRE, detail="x")),
    ),
    (
        records.FactKind.DRAW,
        records.draw(
            Draw(
                target="t",
                day=date(2026, 11, 3),
                interval=timedelta(hours=1),
                instants=(NOON,),
                seed_sha256="cd" * 32,
                drawn_at=NOON,
            ),
            TARGET,
        ),
    ),
    (records.FactKind.CONFIG, records.target_config(TARGET)),
    (
        records.FactKind.CONFIG,
        records.service_config(
            software="vigie 0.1.0",
            python="3.11.7",
            system="Linux",
            browser="Chromium 156",
            egress="192.0.2.1",
        ),
    ),
    (
        records.FactKind.RECLASSIFICATION,
        records.reclassification(3, an_offer(), platform="p", reader_version="2"),
    ),
    (
        records.FactKind.INCIDENT,
        records.incident(records.JournalIncidentKind.AUTHORITY_LATE, about="tsa1", day=NOON.date()),
    ),
    (
        records.FactKind.ANCHOR,
        records.anchor(
            records.Anchor(
                seal_day=date(2026, 11, 1),
                seal_sha256="ab" * 32,
                authority="tsa1",
                token_sha256="cd" * 32,
                stamped_at=NOON,
                policy="1.2.3.4.1",
                checkers_agree=False,
            )
        ),
    ),
]


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
