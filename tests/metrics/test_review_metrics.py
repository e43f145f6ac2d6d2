"""Quarantine, audit, controls and suspicions as Prometheus sees them: nothing of what is unknown or old."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from monitor.clock import SimulatedClock
from monitor.metrics.collector import StoreCollector
from monitor.model import Corroboration, Suspicion, Verdict
from monitor.rules.controls import PAIRED_WITHIN
from monitor.store import Store
from monitor.store.review import controls, double_readings, quarantine, suspicions, verdicts
from monitor.store.review.double_readings import Resumption
from monitor.store.review.suspicions import SuspectedObservation
from monitor.store.review.verdicts import Result
from probes.model import Outcome, Transport
from tests.cast.observations import HOUR, NOON, observation, reading, target
from tests.cast.transactions import ask, tell

SAMPLES = "vigie_audit_samples_total"
WORDS = "vigie_target_corroboration"
SUSPECTED = "vigie_soft_block_suspected_timestamp_seconds"


@pytest.fixture
def known(store: Store) -> Store:
    """A store that knows a target and its control."""
    store.record_targets([target("titre"), target("permis")])
    return store


def value(store: Store, name: str, now: datetime = NOON, **labels: str) -> float | None:
    registry = CollectorRegistry()
    intervals = dict.fromkeys(("titre", "permis"), HOUR)
    registry.register(StoreCollector(store, SimulatedClock(now), intervals, {}))
    return registry.get_sample_value(name, labels)


def test_pages_in_quarantine_are_counted_until_they_have_a_case(known: Store) -> None:
    assert value(known, "vigie_quarantine_pages") == 0
    number = known.append_observation(observation(outcome=Outcome.UNRECOGNISED, name="titre"))
    assert value(known, "vigie_quarantine_pages") == 1
    (group,) = ask(known, quarantine.groups)
    tell(known, quarantine.decide, group.fingerprint, number, "classic/unrecognised-x", NOON)
    assert value(known, "vigie_quarantine_pages") == 0


def test_every_result_of_the_audit_starts_from_zero(known: Store) -> None:
    assert [value(known, SAMPLES, result=result) for result in Result] == [0] * len(Result)
    judged = known.append_observation(observation(name="titre"))
    tell(known, verdicts.give, [(judged, Verdict.SLOTS)], NOON)
    assert value(known, SAMPLES, result="false_zero") == 1
    assert value(known, SAMPLES, result="agreed") == 0


@pytest.fixture
def compared(known: Store) -> Store:
    """A zero of `titre`, corroborated by `permis`."""
    known.append_observation(observation(NOON, name="titre"))
    known.append_observation(observation(NOON, Outcome.SLOTS_OFFERED, name="permis"))
    tell(known, controls.judge, {"titre": "permis"}, NOON - PAIRED_WITHIN, NOON + PAIRED_WITHIN, NOON)
    return known


def test_the_last_word_of_a_control_is_the_only_one_that_is_1(compared: Store) -> None:
    shown = {word: value(compared, WORDS, target="titre", corroboration=word) for word in Corroboration}
    assert shown == {word: float(word is Corroboration.CORROBORATED) for word in Corroboration}


def test_a_target_without_control_has_no_word(compared: Store) -> None:
    assert value(compared, WORDS, target="permis", corroboration="corroborated") is None


def test_a_word_is_absent_when_it_is_more_than_three_intervals_old(compared: Store) -> None:
    said = {"target": "titre", "corroboration": "corroborated"}
    assert value(compared, WORDS, NOON + 3 * HOUR, **said) == 1
    assert value(compared, WORDS, NOON + 3 * HOUR + timedelta(seconds=1), **said) is None


def test_a_target_no_longer_watched_has_no_word(compared: Store) -> None:
    (words,) = (
        family
        for family in StoreCollector(compared, SimulatedClock(NOON), {"permis": HOUR}, {}).collect()
        if family.name == WORDS
    )
    assert words.samples == []


def test_the_last_suspicion_of_a_host_has_its_time(compared: Store) -> None:
    assert value(compared, SUSPECTED, host="one.localhost") is None
    (row,) = compared.observations("titre")
    flag = SuspectedObservation(observation=row.id, host="one.localhost", reason=Suspicion.ALL_AT_ONCE)
    tell(compared, suspicions.flag, [flag], NOON)
    assert value(compared, SUSPECTED, host="one.localhost") == NOON.timestamp()


def test_judgements_of_all_outcomes_are_added_up(store: Store) -> None:
    store.record_targets([target()])
    zero = store.append_observation(observation())
    more = store.append_observation(observation(NOON + HOUR))
    slots = store.append_observation(observation(NOON + 2 * HOUR, Outcome.SLOTS_OFFERED))
    given = [(zero, Verdict.NONE), (more, Verdict.NONE), (slots, Verdict.SLOTS)]
    tell(store, verdicts.give, given, NOON)
    assert value(store, "vigie_audit_samples_total", result="agreed") == 3


def test_double_readings_are_counted_and_a_doubt_shows_until_somebody_resumes(known: Store) -> None:
    doubt, made = "vigie_http_in_doubt", "vigie_double_readings_total"
    assert value(known, doubt, platform="classic") is None
    assert value(known, made, platform="classic", agreement="read_alike") is None
    alike = observation(name="titre", transport=Transport.BROWSER, over_http=reading())
    known.append_observation(alike)
    assert value(known, doubt, platform="classic") == 0
    assert value(known, made, platform="classic", agreement="read_alike") == 1
    assert value(known, made, platform="classic", agreement="read_otherwise") == 0
    contrary = replace(alike, scheduled_at=NOON + HOUR, over_http=reading(Outcome.SLOTS_OFFERED))
    number = known.append_observation(contrary)
    assert value(known, doubt, platform="classic") == 1
    assert value(known, made, platform="classic", agreement="read_otherwise") == 1
    looked = Resumption(platform="classic", observation=number, reason="x", author="Ada", at=NOON)
    tell(known, double_readings.resume, looked)
    assert value(known, doubt, platform="classic") == 0
