"""What Prometheus is told of rows in a real store: nothing of what is unknown, the same after a restart."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.parser import text_string_to_metric_families
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from monitor.clock import SimulatedClock
from monitor.metrics.collector import StoreCollector
from monitor.metrics.server import STILL, Pulse, exporter
from monitor.model import GapReason, Origin
from monitor.store import Store, SwitchScope, open_store
from monitor.store.pacing import StoredHostStates
from monitor.store.record import switches, target_versions
from monitor.store.record.switches import Switch
from probes.model import Outcome, Slot
from probes.proof import PageOrigin
from probes.sessions.pace import HostState
from tests.cast.observations import gap, observation, reading, target
from tests.cast.transactions import ask, tell

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
VIENNE = {"target": "vienne-titre"}

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def known(store: Store) -> Store:
    """A store that knows one target."""
    store.record_targets([target()])
    return store


def collector(store: Store, now: datetime = NOW) -> StoreCollector:
    names = [version.target.id for version in ask(store, target_versions.recorded)]
    return StoreCollector(
        store, SimulatedClock(now), dict.fromkeys(names, HOUR), {"classic": PageOrigin.RECONSTRUCTED}
    )


def exposition(store: Store, now: datetime = NOW) -> str:
    registry = CollectorRegistry()
    registry.register(collector(store, now))
    return generate_latest(registry).decode()


def samples(store: Store, now: datetime = NOW) -> Samples:
    families = text_string_to_metric_families(exposition(store, now))
    every = (sample for family in families for sample in family.samples)
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in every}


def value(store: Store, name: str, labels: dict[str, str] = VIENNE, now: datetime = NOW) -> float | None:
    return samples(store, now).get((name, tuple(sorted(labels.items()))))


def see(store: Store, at: datetime, outcome: Outcome = Outcome.NO_SLOTS, **seen: Any) -> None:
    store.append_observation(observation(at, outcome, **seen))


def test_every_outcome_of_a_target_is_counted_from_zero(known: Store) -> None:
    see(known, NOW)
    counted = {o: value(known, "vigie_observations_total", VIENNE | {"outcome": o}) for o in Outcome}
    assert counted == {o: float(o is Outcome.NO_SLOTS) for o in Outcome}


def test_a_target_never_seen_has_counters_and_no_state(known: Store) -> None:
    names = {name for name, labels in samples(known) if dict(labels).get("target") == VIENNE["target"]}
    configured = {"vigie_target_info", "vigie_target_interval_seconds"}
    assert names == configured | {"vigie_observations_total", "vigie_scheduled_total"}


def test_exactly_one_outcome_holds(known: Store) -> None:
    see(known, NOW, Outcome.CAPTCHA)
    states = {o: value(known, "vigie_target_outcome", VIENNE | {"outcome": o}) for o in Outcome}
    assert states == {o: float(o is Outcome.CAPTCHA) for o in Outcome}


def test_a_zero_is_exported_as_zero_slots_and_no_date(known: Store) -> None:
    see(known, NOW)
    assert value(known, "vigie_slots_displayed") == 0
    assert value(known, "vigie_earliest_slot_timestamp_seconds") is None
    assert value(known, "vigie_earliest_slot_gap_seconds") is None


def test_slots_come_with_their_dates_and_the_gap_to_the_earliest(known: Store) -> None:
    first, second = NOW + timedelta(days=150), NOW + timedelta(days=151)
    seen = reading(
        Outcome.SLOTS_OFFERED, earliest=Slot(starts_at=first), second=Slot(starts_at=second), slots=3
    )
    see(known, NOW, reading=seen)
    assert value(known, "vigie_slots_displayed") == 3
    assert value(known, "vigie_earliest_slot_timestamp_seconds") == first.timestamp()
    assert value(known, "vigie_second_slot_timestamp_seconds") == second.timestamp()
    assert value(known, "vigie_earliest_slot_gap_seconds") == 150 * 86400


def test_the_gap_is_counted_from_the_answer_and_not_from_a_later_refusal(known: Store) -> None:
    first = NOW + timedelta(days=150)
    see(known, NOW, reading=reading(Outcome.SLOTS_OFFERED, earliest=Slot(starts_at=first), slots=1))
    see(known, NOW + timedelta(hours=1), Outcome.CAPTCHA)
    gap_seconds = value(known, "vigie_earliest_slot_gap_seconds", now=NOW + timedelta(hours=1))
    assert gap_seconds == 150 * 86400


def test_slots_that_cannot_be_counted_have_no_count(known: Store) -> None:
    see(known, NOW, reading=reading(Outcome.SLOTS_OFFERED, slots=None))
    assert value(known, "vigie_slots_displayed") is None
    assert value(known, "vigie_earliest_slot_timestamp_seconds") is not None


def test_the_last_conclusive_answer_stays_while_fresh_behind_a_captcha(known: Store) -> None:
    see(known, NOW - HOUR)
    see(known, NOW, Outcome.CAPTCHA)
    assert value(known, "vigie_slots_displayed") == 0
    assert value(known, "vigie_last_conclusive_timestamp_seconds") == (NOW - HOUR).timestamp()


def test_an_old_answer_is_not_shown_behind_fresh_captchas(known: Store) -> None:
    see(known, NOW - 4 * HOUR)
    see(known, NOW, Outcome.CAPTCHA)
    assert value(known, "vigie_target_outcome", VIENNE | {"outcome": "captcha"}) == 1
    assert value(known, "vigie_slots_displayed") is None


def test_an_answer_exactly_three_intervals_old_is_still_shown(known: Store) -> None:
    see(known, NOW)
    assert value(known, "vigie_target_outcome", VIENNE | {"outcome": "no_slots"}, NOW + 3 * HOUR) == 1
    assert value(known, "vigie_slots_displayed", now=NOW + 3 * HOUR) == 0
    assert value(known, "vigie_stale_targets", {}, NOW + 3 * HOUR) == 0


def test_a_stale_target_has_no_state_and_is_counted_as_stale(known: Store) -> None:
    see(known, NOW)
    later = NOW + 3 * HOUR + timedelta(seconds=1)
    assert value(known, "vigie_target_outcome", VIENNE | {"outcome": "no_slots"}, later) is None
    assert value(known, "vigie_slots_displayed", now=later) is None
    assert value(known, "vigie_stale_targets", {}, later) == 1
    assert value(known, "vigie_last_observation_timestamp_seconds", now=later) == NOW.timestamp()


def test_gaps_count_as_scheduled_and_by_reason(known: Store) -> None:
    see(known, NOW)
    known.append_gap(gap(NOW + HOUR, GapReason.BREAKER_OPEN))
    assert value(known, "vigie_scheduled_total") == 2
    assert value(known, "vigie_gaps_total", {"reason": "breaker_open"}) == 1
    assert value(known, "vigie_gaps_total", {"reason": "misfire"}) == 0


def test_gaps_of_one_reason_are_added_up_over_instants_and_targets(known: Store) -> None:
    known.record_targets([target("permis")])
    for hours in range(3):
        known.append_gap(gap(NOW + hours * HOUR, GapReason.DOWNTIME))
    known.append_gap(gap(NOW, GapReason.DOWNTIME, "permis"))
    known.append_gap(gap(NOW + HOUR, GapReason.MISFIRE, "permis"))
    gaps = [value(known, "vigie_gaps_total", {"reason": reason}) for reason in ("downtime", "misfire")]
    assert gaps == [4, 1]
    scheduled = [value(known, "vigie_scheduled_total", {"target": n}) for n in ("vienne-titre", "permis")]
    assert scheduled == [3, 2]


@pytest.mark.parametrize("origin", PageOrigin)
def test_a_reader_is_proven_by_recorded_pages_only(known: Store, origin: PageOrigin) -> None:
    made = StoreCollector(known, SimulatedClock(NOW), {"vienne-titre": HOUR}, {"classic": origin})
    (info,) = (family for family in made.collect() if family.name == "vigie_target_info")
    labels = info.samples[0].labels
    proven = origin is PageOrigin.RECORDED
    assert (labels["unproven"], labels["page_origin"]) == ("false" if proven else "true", origin)


def test_visits_at_other_than_drawn_instants_enter_no_series(known: Store) -> None:
    before = exposition(known)
    for origin in set(Origin) - {Origin.SCHEDULED}:
        see(known, NOW, Outcome.SLOTS_OFFERED, origin=origin)
    assert exposition(known) == before


def test_a_run_of_zeros_has_its_start_and_its_length(known: Store) -> None:
    see(known, NOW - 3 * HOUR, Outcome.SLOTS_OFFERED)
    for hours in (2, 1, 0):
        see(known, NOW - hours * HOUR)
    assert value(known, "vigie_zero_run_start_timestamp_seconds") == (NOW - 2 * HOUR).timestamp()
    assert value(known, "vigie_zero_run_observations") == 3
    assert value(known, "vigie_last_slots_timestamp_seconds") == (NOW - 3 * HOUR).timestamp()


def test_unproven_and_simulated_are_on_the_info_series(store: Store) -> None:
    store.record_targets([target()])
    see(store, NOW, simulated=True)
    (labels,) = (dict(labels) for name, labels in samples(store) if name == "vigie_target_info")
    assert labels["unproven"] == labels["simulated"] == "true"
    assert labels["page_origin"] == "reconstructed"
    assert labels["departement"] == "86"


def test_the_info_series_names_a_target_in_full(store: Store) -> None:
    told = {
        "prefecture": "Mayotte",
        "departement": "976",
        "demarche": "naturalisation",
        "platform": "orion",
        "zone": "Indian/Mayotte",
    }
    store.record_targets([target("mayotte", **told)])
    (labels,) = (dict(labels) for name, labels in samples(store) if name == "vigie_target_info")
    proof = {"unproven": "true", "page_origin": "reconstructed"}
    assert labels == {"target": "mayotte", "simulated": ""} | proof | told


def test_politeness_is_visible(known: Store) -> None:
    state = HostState(day=NOW.date(), pages=12, refusals=3, open_until=NOW + HOUR, last_page_at=NOW)
    asyncio.run(StoredHostStates(known).change("vienne.localhost", lambda _: state))
    off: dict[str, Any] = {"scope": SwitchScope.HOST, "value": "vienne.localhost"}
    tell(known, switches.turn, Switch(**off, off=True, reason="on request", author="an operator", at=NOW))
    host = {"host": "vienne.localhost"}
    assert value(known, "vigie_host_pages_today", host) == 12
    assert value(known, "vigie_host_breaker_open", host) == 1
    assert value(known, "vigie_host_breaker_open", host, NOW + HOUR) == 0
    assert value(known, "vigie_switched_off", off) == 1
    tell(known, switches.turn, Switch(**off, off=False, reason="settled", author="an operator", at=NOW))
    assert value(known, "vigie_switched_off", off) is None


def test_a_restart_changes_no_value(known: Store) -> None:
    see(known, NOW - HOUR, Outcome.SLOTS_OFFERED)
    see(known, NOW)
    assert exposition(known) == exposition(known)


def test_a_database_that_is_gone_leaves_only_up_zero(
    sqlite_url: str, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(sqlite_url, media=tmp_path)
    store.record_targets([target()])
    see(store, NOW)
    watching = collector(store)
    store.close()
    (tmp_path / "vigie.db").write_bytes(b"not a database any more" * 100)
    registry = CollectorRegistry()
    registry.register(watching)
    lines = [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]
    assert sorted(line.split("{")[0] for line in lines) == ["vigie_build_info", "vigie_up 0.0"]
    assert f'vigie_build_info{{version="{version("vigie")}"}} 1.0' in lines
    assert "the exporter cannot read the record: " in caplog.text


def test_a_fault_of_ours_is_not_told_as_a_record_that_cannot_be_read(
    known: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(known, "read", fail)
    with pytest.raises(RuntimeError, match="a fault of ours"):
        list(StoreCollector(known, SimulatedClock(NOW), {}, {}).collect())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(outcomes=st.lists(st.sampled_from([o for o in Outcome if not o.conclusive]), min_size=1, max_size=4))
@pytest.mark.slow
def test_what_is_unknown_is_never_zero(
    migrated_sqlite: Any, tmp_path_factory: pytest.TempPathFactory, outcomes: list[Outcome]
) -> None:
    for store in _fresh(migrated_sqlite, tmp_path_factory):
        store.record_targets([target()])
        for n, outcome in enumerate(outcomes):
            see(store, NOW - n * HOUR, outcome)
        said = {name for name, labels in samples(store) if dict(labels) == VIENNE}
        assert said.isdisjoint({"vigie_slots_displayed", "vigie_earliest_slot_timestamp_seconds"})


def _fresh(template: Any, folders: pytest.TempPathFactory) -> Iterator[Store]:
    folder = folders.mktemp("store")
    store = open_store(f"sqlite:///{shutil.copy(template, folder / 'vigie.db')}", media=folder)
    yield store
    store.close()


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with Debian's prometheus")
def test_promtool_finds_nothing_to_say(known: Store) -> None:
    see(known, NOW, Outcome.SLOTS_OFFERED)
    known.append_gap(gap(NOW + HOUR))
    text = exposition(known)
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_it_is_served_with_a_pulse(known: Store) -> None:
    see(known, NOW)
    clock = SimulatedClock(NOW)
    pulse = Pulse(clock)

    async def ask() -> list[int]:
        beside = [Route("/beside", lambda _: PlainTextResponse("beside"))]
        serving = exporter([collector(known)], pulse, beside, host="127.0.0.1", port=0)
        async with serving as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            before = await client.get("/healthz")
            pulse.beat(NOW)
            after = await client.get("/healthz")
            clock.advance_to(NOW + STILL * 2)
            stuck = await client.get("/healthz")
            metrics = await client.get("/metrics")
            assert b"vigie_up 1.0" in metrics.content
            assert metrics.headers["content-type"] == CONTENT_TYPE_LATEST
            assert "/metrics" in (await client.get("/")).text
            assert (await client.get("/beside")).text == "beside"
            return [answer.status_code for answer in (before, after, stuck, metrics)]

    assert asyncio.run(ask()) == [503, 200, 503, 200]


def test_a_service_is_stuck_after_more_than_two_minutes_without_a_sweep() -> None:
    clock = SimulatedClock(NOW)
    pulse = Pulse(clock, at=NOW)
    clock.advance_to(NOW + timedelta(minutes=2))
    assert pulse.alive
    clock.advance_to(NOW + timedelta(minutes=2, seconds=1))
    assert not pulse.alive


def test_the_pages_of_yesterday_are_none_of_today(store: Store) -> None:
    store.record_targets([target()])
    state = HostState(day=NOW.date(), pages=12, last_page_at=NOW)
    asyncio.run(StoredHostStates(store).change("vienne.localhost", lambda _: state))
    host = {"host": "vienne.localhost"}
    assert value(store, "vigie_host_pages_today", host) == 12
    assert value(store, "vigie_host_pages_today", host, NOW + 24 * HOUR) == 0


def test_intervals_are_in_seconds_and_each_target_is_as_old_as_its_own_allows(known: Store) -> None:
    known.record_targets([target("lente"), target("jamais")])
    see(known, NOW)
    see(known, NOW, name="lente")
    intervals = {"vienne-titre": HOUR, "lente": 30 * HOUR, "jamais": HOUR}
    registry = CollectorRegistry()
    registry.register(StoreCollector(known, SimulatedClock(NOW + 90 * HOUR), intervals, {}))
    for name, interval in intervals.items():
        seconds = registry.get_sample_value("vigie_target_interval_seconds", {"target": name})
        assert seconds == interval / timedelta(seconds=1)
    assert registry.get_sample_value("vigie_slots_displayed", {"target": "lente"}) == 0
    assert registry.get_sample_value("vigie_slots_displayed", {"target": "vienne-titre"}) is None
    assert registry.get_sample_value("vigie_stale_targets") == 2


def test_every_target_has_values_of_its_own(known: Store) -> None:
    other = {"target": "permis"}
    known.record_targets([target("permis")])
    see(known, NOW - HOUR)
    see(known, NOW)
    see(known, NOW - HOUR, Outcome.SLOTS_OFFERED, name="permis")
    known.append_gap(gap(NOW, name="permis"))
    for name, mine, its in [
        ("vigie_scheduled_total", 2, 2),
        ("vigie_slots_displayed", 0, 3),
        ("vigie_zero_run_observations", 2, 0),
        ("vigie_last_observation_timestamp_seconds", NOW.timestamp(), (NOW - HOUR).timestamp()),
        ("vigie_last_conclusive_timestamp_seconds", NOW.timestamp(), (NOW - HOUR).timestamp()),
        ("vigie_last_slots_timestamp_seconds", None, (NOW - HOUR).timestamp()),
        ("vigie_zero_run_start_timestamp_seconds", (NOW - HOUR).timestamp(), None),
    ]:
        assert (value(known, name), value(known, name, other)) == (mine, its), name
    counted = [
        value(known, "vigie_observations_total", of | {"outcome": outcome})
        for of in (VIENNE, other)
        for outcome in ("no_slots", "slots_offered")
    ]
    assert counted == [2, 0, 0, 1]


def test_of_a_target_never_seen_nobody_says_whether_it_is_simulated(known: Store) -> None:
    def simulated() -> set[str]:
        return {dict(labels)["simulated"] for name, labels in samples(known) if name == "vigie_target_info"}

    assert simulated() == {""}
    known.append_observation(observation(NOW))
    assert simulated() == {"false"}


def test_a_target_no_longer_watched_has_no_series(known: Store) -> None:
    known.record_targets([target("ancienne")])
    watched = StoreCollector(known, SimulatedClock(NOW), {"vienne-titre": HOUR}, {})
    labels = [sample.labels for family in watched.collect() for sample in family.samples]
    named = {one["target"] for one in labels if "target" in one}
    assert named == {"vienne-titre"}


def test_a_target_never_seen_is_stale(store: Store) -> None:
    store.record_targets([target()])
    assert value(store, "vigie_stale_targets", {}) == 1
