"""What the pace remembers of hosts, and the kill switches."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.clock import SimulatedClock
from monitor.store import Scope, Store, StoredHostStates, StoredSwitches, Switch
from probes.sessions.pace import HostState
from tests.store.builders import HOUR, NOON

BUSY = HostState(day=NOON.date(), pages=41, refusals=2, open_until=NOON + HOUR, last_page_at=NOON)


def switch(scope: Scope = Scope.ALL, value: str = "", off: bool = True, reason: str = "préfet") -> Switch:
    return Switch(scope=scope, value=value, off=off, reason=reason, author="ana", at=NOON)


def test_a_host_never_visited_is_fresh(store: Store) -> None:
    assert StoredHostStates(store).load("vienne.localhost") == HostState()


def test_a_host_is_remembered(store: Store) -> None:
    states = StoredHostStates(store)
    states.save("vienne.localhost", HostState())
    states.save("vienne.localhost", BUSY)
    states.save("rhone.localhost", HostState())
    assert states.load("vienne.localhost") == BUSY
    assert store.host_states() == {"rhone.localhost": HostState(), "vienne.localhost": BUSY}


@pytest.mark.parametrize(
    ("thrown", "stopped"),
    [
        (switch(), True),
        (switch(Scope.HOST, "vienne.localhost"), True),
        (switch(Scope.HOST, "rhone.localhost"), False),
        (switch(Scope.PLATFORM, "classic"), True),
        (switch(Scope.PLATFORM, "rdvsp"), False),
    ],
)
def test_a_switch_stops_what_it_names(store: Store, thrown: Switch, stopped: bool) -> None:
    store.turn(thrown)
    off = StoredSwitches(store, SimulatedClock(NOON)).off("vienne.localhost", "classic")
    assert off == ("préfet (ana, 2026-11-23 12:00 UTC)" if stopped else None)


def test_the_last_turn_counts(store: Store) -> None:
    store.turn(switch())
    store.turn(switch(Scope.HOST, "rhone.localhost"))
    store.turn(switch(off=False, reason="accord trouvé"))
    assert [thrown.scope for thrown in store.thrown()] == [Scope.HOST]
    assert [turn.reason for turn in store.turned()] == ["préfet", "préfet", "accord trouvé"]


def test_a_switch_is_obeyed_within_seconds(store: Store) -> None:
    clock = SimulatedClock(NOON)
    switches = StoredSwitches(store, clock)
    assert switches.off("vienne.localhost", "classic") is None
    store.turn(switch())
    clock.advance_to(NOON + timedelta(seconds=2))
    assert switches.off("vienne.localhost", "classic")


def test_asking_often_does_not_read_often(store: Store) -> None:
    switches = StoredSwitches(store, SimulatedClock(NOON))
    switches.off("vienne.localhost", "classic")
    store.close()
    store.turn(switch())
    assert switches.off("vienne.localhost", "classic") is None


@pytest.mark.parametrize(("scope", "value"), [(Scope.ALL, "vienne.localhost"), (Scope.HOST, "")])
def test_a_switch_names_exactly_what_it_stops(scope: Scope, value: str) -> None:
    with pytest.raises(ValueError, match="names its host or platform"):
        switch(scope, value)
