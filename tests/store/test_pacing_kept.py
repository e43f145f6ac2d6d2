"""What the pace remembers of hosts, and the kill switches."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from monitor.clock import SimulatedClock
from monitor.store import Store, SwitchScope
from monitor.store.pacing import StoredHostStates, StoredSwitches
from monitor.store.record import host_states, switches
from monitor.store.record.switches import Switch
from probes.sessions.pace import HostState, NotNow
from tests.cast.observations import HOUR, NOON
from tests.cast.transactions import ask, tell

pytestmark = pytest.mark.usefixtures("no_sql_on_the_loop")

BUSY = HostState(day=NOON.date(), pages=41, refusals=2, open_until=NOON + HOUR, last_page_at=NOON)


def switch(
    scope: SwitchScope = SwitchScope.ALL, value: str = "", off: bool = True, reason: str = "préfet"
) -> Switch:
    return Switch(scope=scope, value=value, off=off, reason=reason, author="ana", at=NOON)


def keep(store: Store, host: str, state: HostState) -> None:
    asyncio.run(StoredHostStates(store).change(host, lambda _: state))


def load(store: Store, host: str) -> HostState:
    return asyncio.run(StoredHostStates(store).load(host))


def off(switches: StoredSwitches) -> str | None:
    return asyncio.run(switches.off("vienne.localhost", "classic"))


def test_a_host_never_visited_is_fresh(store: Store) -> None:
    assert load(store, "vienne.localhost") == HostState()


def test_a_host_is_remembered(store: Store) -> None:
    keep(store, "vienne.localhost", HostState())
    keep(store, "vienne.localhost", BUSY)
    keep(store, "rhone.localhost", HostState())
    assert load(store, "vienne.localhost") == BUSY
    assert ask(store, host_states.every) == {"rhone.localhost": HostState(), "vienne.localhost": BUSY}


def test_no_page_is_lost_when_several_count_at_once(store: Store) -> None:
    keep(store, "vienne.localhost", HostState())

    async def count() -> None:
        one_more = [
            StoredHostStates(store).change(
                "vienne.localhost", lambda state: replace(state, pages=state.pages + 1)
            )
            for _ in range(12)
        ]
        await asyncio.gather(*one_more)

    asyncio.run(count())
    assert load(store, "vienne.localhost").pages == 12


def test_a_change_that_is_refused_changes_nothing(store: Store) -> None:
    keep(store, "vienne.localhost", BUSY)

    def refuse(_: HostState) -> HostState:
        raise NotNow("budget_spent", "today's budget is spent")

    with pytest.raises(NotNow):
        asyncio.run(StoredHostStates(store).change("vienne.localhost", refuse))
    assert load(store, "vienne.localhost") == BUSY


@pytest.mark.parametrize(
    ("thrown", "stopped"),
    [
        (switch(), True),
        (switch(SwitchScope.HOST, "vienne.localhost"), True),
        (switch(SwitchScope.HOST, "rhone.localhost"), False),
        (switch(SwitchScope.PLATFORM, "classic"), True),
        (switch(SwitchScope.PLATFORM, "rdvsp"), False),
    ],
)
def test_a_switch_stops_what_it_names(store: Store, thrown: Switch, stopped: bool) -> None:
    tell(store, switches.turn, thrown)
    said = off(StoredSwitches(store, SimulatedClock(NOON)))
    assert said == ("préfet (ana, 2026-11-23 12:00 UTC)" if stopped else None)


def test_the_last_turn_counts(store: Store) -> None:
    tell(store, switches.turn, switch())
    tell(store, switches.turn, switch(SwitchScope.HOST, "rhone.localhost"))
    tell(store, switches.turn, switch(off=False, reason="accord trouvé"))
    assert [thrown.scope for thrown in ask(store, switches.thrown)] == [SwitchScope.HOST]
    assert [turn.reason for turn in ask(store, switches.turned)] == ["préfet", "préfet", "accord trouvé"]


def test_a_switch_is_obeyed_within_seconds(store: Store) -> None:
    clock = SimulatedClock(NOON)
    kept = StoredSwitches(store, clock)
    assert off(kept) is None
    tell(store, switches.turn, switch())
    clock.advance_to(NOON + timedelta(seconds=2))
    assert off(kept)


def test_asking_often_does_not_read_often(store: Store) -> None:
    kept = StoredSwitches(store, SimulatedClock(NOON))
    off(kept)
    store.close()
    tell(store, switches.turn, switch())
    assert off(kept) is None


def test_visits_that_ask_at_once_share_one_reading_of_the_switches(store: Store) -> None:
    tell(store, switches.turn, switch(SwitchScope.HOST, "vienne.localhost"))
    kept = StoredSwitches(store, SimulatedClock(NOON))
    asked: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    async def together() -> list[str | None]:
        hosts = ("vienne.localhost", "rhone.localhost", "vienne.localhost")
        return await asyncio.gather(*(kept.off(host, "classic") for host in hosts))

    first, second, third = asyncio.run(together())
    assert first == third
    assert first
    assert second is None
    assert sum("FROM switches" in statement for statement in asked) == 1


@pytest.mark.parametrize(("scope", "value"), [(SwitchScope.ALL, "vienne.localhost"), (SwitchScope.HOST, "")])
def test_a_switch_names_exactly_what_it_stops(scope: SwitchScope, value: str) -> None:
    with pytest.raises(ValueError, match="names its host or platform"):
        switch(scope, value)


def test_switches_of_one_scope_are_apart(store: Store) -> None:
    for host in ("a.localhost", "b.localhost"):
        tell(store, switches.turn, switch(SwitchScope.HOST, host))
    tell(store, switches.turn, switch(SwitchScope.HOST, "c.localhost", off=False))
    assert [one.value for one in ask(store, switches.thrown)] == ["a.localhost", "b.localhost"]
