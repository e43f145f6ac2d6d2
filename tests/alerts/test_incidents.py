"""One incident per cause; a blind monitor is one incident, whatever it fails to see."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.alerts.decide.incidents import MONITOR, TargetPlace, lasting, redesigned
from monitor.model import Incident, IncidentKind, Trouble
from monitor.rules.transitions import RepeatedTrouble, State
from probes.model import Outcome

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OUTCOMES = {
    Trouble.DOWN: Outcome.SITE_DOWN,
    Trouble.BLOCKED: Outcome.BLOCKED,
    Trouble.CAPTCHA: Outcome.CAPTCHA,
    Trouble.REDESIGNED: Outcome.UNRECOGNISED,
    Trouble.MOVED: Outcome.CLOSED,
    Trouble.OURS: Outcome.PROBE_ERROR,
}


def well(name: str, minutes: int = 5) -> State:
    return State(target=name, zone="Europe/Paris", last=Outcome.NO_SLOTS, last_at=NOW - minutes * MINUTE)


def ill(name: str, trouble: Trouble, minutes: int = 5, *, confirmed: bool = True) -> State:
    repeated = RepeatedTrouble(trouble=trouble, since=NOW - 60 * MINUTE, confirmed=confirmed)
    return State(
        target=name,
        zone="Europe/Paris",
        last=OUTCOMES[trouble],
        last_at=NOW - minutes * MINUTE,
        repeated=repeated,
    )


def found(*states: State, **more: Any) -> list[Incident]:
    """Targets `a1`, `a2` stand on host `a`, `b1` on `b`…; all on one platform."""
    places = {state.target: TargetPlace(host=state.target[0], platform="booking") for state in states}
    return list(lasting(states, places, **({"now": NOW, "started": NOW - timedelta(days=1)} | more)))


def test_it_finds_nothing_where_all_is_well() -> None:
    assert found(well("a1"), well("b1"), well("c1")) == []


def test_it_gathers_the_targets_of_one_host() -> None:
    (only,) = found(ill("a1", Trouble.BLOCKED), ill("a2", Trouble.BLOCKED), well("b1"), well("c1"))
    assert (only.kind, only.key, only.targets) == (IncidentKind.BLOCKED, "a", ("a1", "a2"))
    assert only.since == NOW - 60 * MINUTE


def test_it_gathers_a_redesign_by_the_structure_of_its_pages() -> None:
    redesigned = [ill(name, Trouble.REDESIGNED) for name in ("a1", "b1", "c1")]
    structures = {"a1": "9f3a", "b1": "9f3a", "c1": "07bc"}
    one, other = found(*redesigned, well("d1"), structures=structures)
    assert (one.key, one.targets) == ("booking 07bc", ("c1",))
    assert (other.key, other.targets) == ("booking 9f3a", ("a1", "b1"))


def test_it_gathers_a_redesign_by_platform() -> None:
    names = ["a1", "b1", "c1"]
    (only,) = found(*(ill(name, Trouble.REDESIGNED) for name in names), well("d1"))
    assert (only.kind, only.key, len(only.targets)) == (IncidentKind.REDESIGNED, "booking", 3)


def test_every_trouble_is_an_incident_of_its_own_kind() -> None:
    for trouble in Trouble:
        (only,) = found(ill("a1", trouble), well("b1"), well("c1"))
        assert only.kind == IncidentKind(trouble)


def test_it_says_nothing_of_a_trouble_not_yet_confirmed() -> None:
    assert found(ill("a1", Trouble.BLOCKED, confirmed=False), well("b1")) == []


def test_it_is_blind_when_unrelated_hosts_fail_together() -> None:
    states = [ill(f"{host}1", Trouble.DOWN, confirmed=False) for host in "abcdef"]
    (only,) = found(*states)
    assert (only.kind, only.key) == (IncidentKind.BLIND, MONITOR)


def test_being_blind_hides_every_failure_it_explains_and_no_other() -> None:
    states = [ill(f"{host}1", Trouble.DOWN) for host in "abcdef"]
    kinds = [incident.kind for incident in found(*states, ill("g1", Trouble.BLOCKED, minutes=50))]
    assert kinds == [IncidentKind.BLIND, IncidentKind.BLOCKED]


def test_one_success_among_the_latest_ends_blindness() -> None:
    states = [ill(f"{host}1", Trouble.DOWN, confirmed=False) for host in "abcdef"]
    assert found(*states, well("g1", minutes=1)) == []


def test_it_is_not_blind_when_one_host_fails() -> None:
    states = [ill(f"a{n}", Trouble.DOWN) for n in range(8)]
    assert [incident.kind for incident in found(*states)] == [IncidentKind.DOWN]


def test_failures_seen_only_while_blind_stay_untold_afterwards() -> None:
    states = [ill(f"{host}1", Trouble.DOWN, minutes=20) for host in "abcdef"]
    again = ill("a2", Trouble.DOWN, minutes=2)
    incidents = found(*states, again, well("g1", 1), blind_until=NOW - 10 * MINUTE)
    assert [(incident.kind, incident.targets) for incident in incidents] == [(IncidentKind.DOWN, ("a2",))]


def test_silence_is_blindness_too() -> None:
    (only,) = found(well("a1", 121), well("b1", 150))
    assert (only.kind, only.since) == (IncidentKind.BLIND, NOW - 121 * MINUTE)


def test_silence_before_we_started_is_nobody_s_fault() -> None:
    assert found(well("a1", 3000), started=NOW - 30 * MINUTE) == []


def test_it_forgets_targets_no_longer_watched() -> None:
    assert list(lasting([ill("a1", Trouble.BLOCKED)], {}, now=NOW, started=NOW)) == []


def test_three_hosts_that_fail_together_are_enough_to_be_blind() -> None:
    states = [ill(name, Trouble.OURS, confirmed=False) for name in ("a1", "a2", "b1", "b2", "c1")]
    (only,) = found(*states)
    assert (only.kind, only.detail) == (IncidentKind.BLIND, "5/5, 3 hosts")


def test_blindness_began_with_the_first_of_the_failures() -> None:
    states = [ill(f"{host}1", Trouble.DOWN, minutes=n) for n, host in enumerate("abcde", 1)]
    (only,) = found(*states)
    assert only.since == NOW - 5 * MINUTE


def test_among_many_targets_a_tenth_must_fail_before_it_is_blind() -> None:
    """Nine that fail in a row among a hundred are no proof that we see nothing."""
    fine = [well(f"{host}{n}", 90) for n in range(10) for host in "abcdefghij"]
    failing = [ill(f"{host}x", Trouble.DOWN, confirmed=False) for host in "abcdefghijklm"]
    assert found(*fine, *failing[:9]) == []
    (only,) = found(*fine, *failing)
    assert only.kind is IncidentKind.BLIND


def test_a_failure_of_the_very_moment_blindness_ended_is_taken_for_ours() -> None:
    end = NOW - 10 * MINUTE
    assert found(ill("a1", Trouble.DOWN, minutes=10), well("b1", 1), blind_until=end) == []
    (only,) = found(ill("a1", Trouble.DOWN, minutes=9), well("b1", 1), blind_until=end)
    assert only.kind is IncidentKind.DOWN


def test_an_incident_began_with_its_first_target() -> None:
    early = ill("a1", Trouble.BLOCKED)
    assert early.repeated
    late = replace(ill("a2", Trouble.BLOCKED), repeated=replace(early.repeated, since=NOW - 30 * MINUTE))
    (only,) = found(early, late, well("b1"))
    assert only.since == NOW - 60 * MINUTE


def test_before_the_first_visit_ever_there_is_no_silence() -> None:
    assert found(State(target="a1", zone="Europe/Paris")) == []


def test_only_pages_not_recognised_are_a_redesign() -> None:
    states = [ill("a1", Trouble.REDESIGNED), ill("b1", Trouble.DOWN), well("c1")]
    assert redesigned(states) == ["a1"]


def test_two_hosts_that_fail_together_are_not_enough_to_be_blind() -> None:
    assert found(*(ill(name, Trouble.DOWN, confirmed=False) for name in ("a1", "a2", "a3", "b1", "b2"))) == []


def test_one_success_among_the_five_latest_visits_is_enough_to_see() -> None:
    failing = [ill(f"{host}1", Trouble.DOWN, minutes=n, confirmed=False) for n, host in enumerate("abcd", 1)]
    assert found(*failing, well("e1", 5)) == []
    (only,) = found(*failing, ill("f1", Trouble.DOWN, minutes=5, confirmed=False), well("e1", 6))
    assert only.kind is IncidentKind.BLIND


def test_silence_begins_after_two_hours_sharp() -> None:
    assert found(well("a1", 119)) == []
    (only,) = found(well("a1", 120))
    assert (only.kind, only.detail) == (IncidentKind.BLIND, "0 visits")


def test_a_target_that_was_never_visited_neither_sees_nor_fails() -> None:
    never = State(target="z1", zone="Europe/Paris")
    failing = [ill(f"{host}1", Trouble.DOWN, confirmed=False) for host in "abcde"]
    (only,) = found(never, *failing)
    assert (only.kind, only.detail) == (IncidentKind.BLIND, "5/5, 5 hosts")


def test_mistakes_of_ours_are_one_incident_whatever_their_hosts() -> None:
    (only,) = found(ill("a1", Trouble.OURS), ill("b1", Trouble.OURS), well("c1"), well("d1"))
    assert (only.key, only.targets) == (MONITOR, ("a1", "b1"))
