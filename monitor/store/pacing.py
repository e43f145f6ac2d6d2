"""Adapters between the store and `probes.sessions.pace`: the state of each host, and the kill switches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from monitor.store.record import host_states, switches
from monitor.store.record.store import Store
from monitor.store.record.switches import Switch
from monitor.store.tables.record import SwitchScope
from probes.model import Clock
from probes.sessions.pace import HostState

FRESH_SECONDS = 2.0
"""Seconds for which the switches read from the database are used again.

`probes.sessions.pace` waits in short slices and asks again after each, so that a visit that is waiting obeys
a new switch within ten seconds.
"""


class StoredHostStates:
    """`HostStates` kept in the store: shared by all processes, and remembered across restarts.

    The database is used in a thread. Only the page that is to be counted waits for the write lock; the event
    loop goes on, so other visits are not held up.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def load(self, host: str) -> HostState:
        """The state of `host`; a new `HostState()` when the host was never visited."""
        return await asyncio.to_thread(self._load, host)

    async def change(self, host: str, how: Callable[[HostState], HostState]) -> None:
        """Replace the state of `host` by `how(state)`, in one transaction that locks the host's row."""
        await asyncio.to_thread(self._change, host, how)

    def _load(self, host: str) -> HostState:
        with self._store.read() as conn:
            return host_states.load(conn, host)

    def _change(self, host: str, how: Callable[[HostState], HostState]) -> None:
        with self._store.note() as conn:
            host_states.save(conn, host, how(host_states.load(conn, host, locked=True)))


class StoredSwitches:
    """`Switches` read from the store, at most once in `FRESH_SECONDS`.

    The database is read in a thread. Only the event loop writes `_thrown` and `_read_at`; no thread touches
    them. A caller that comes during a read waits for its result and does not start a second read.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._reading = asyncio.Lock()
        self._thrown: tuple[Switch, ...] = ()
        self._read_at: float | None = None

    async def off(self, host: str, platform: str) -> str | None:
        """Why visits to `host`, to `platform` or all visits are switched off: one sentence with reason,
        author and time in UTC. `None` when they are not switched off.
        """
        meant = {(SwitchScope.ALL, ""), (SwitchScope.HOST, host), (SwitchScope.PLATFORM, platform)}
        found = (switch for switch in await self._fresh() if (switch.scope, switch.value) in meant)
        return next(
            (f"{switch.reason} ({switch.author}, {switch.at:%Y-%m-%d %H:%M} UTC)" for switch in found), None
        )

    async def _fresh(self) -> tuple[Switch, ...]:
        async with self._reading:
            now = self._clock.monotonic()
            if self._read_at is None or now >= self._read_at + FRESH_SECONDS:
                self._thrown, self._read_at = await asyncio.to_thread(self._read), now
            return self._thrown

    def _read(self) -> tuple[Switch, ...]:
        with self._store.read() as conn:
            return switches.thrown(conn)
