"""The store as `probes.sessions.pace` wants it: what is remembered of hosts, and the kill switches."""

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
"""How old an answer about switches may be: with the pace's own slices, one is obeyed within ten seconds."""


class StoredHostStates:
    """`HostStates` kept in the store: shared by all processes, and remembered across restarts.

    Beside the event loop: a page to be counted waits for the row being recorded, other visits do not.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def load(self, host: str) -> HostState:
        """The state of `host`; a fresh one when it was never visited."""
        return await asyncio.to_thread(self._load, host)

    async def change(self, host: str, how: Callable[[HostState], HostState]) -> None:
        """`HostStates.change`."""
        await asyncio.to_thread(self._change, host, how)

    def _load(self, host: str) -> HostState:
        with self._store.read() as conn:
            return host_states.load(conn, host)

    def _change(self, host: str, how: Callable[[HostState], HostState]) -> None:
        with self._store.note() as conn:
            host_states.save(conn, host, how(host_states.load(conn, host, locked=True)))


class StoredSwitches:
    """`Switches` read from the store, at most once in `FRESH_SECONDS`.

    Beside the event loop, like the states; what was read, and when, belongs to the loop and no thread touches
    it. Who asks while the store is being read waits for that answer and starts no second reading.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._reading = asyncio.Lock()
        self._thrown: tuple[Switch, ...] = ()
        self._read_at: float | None = None

    async def off(self, host: str, platform: str) -> str | None:
        """Why visits to `host`, to `platform` or at all are switched off; `None` when they are not."""
        meant = {(SwitchScope.ALL, ""), (SwitchScope.HOST, host), (SwitchScope.PLATFORM, platform)}
        found = (switch for switch in await self._fresh() if (switch.scope, switch.value) in meant)
        return next(
            (f"{switch.reason} ({switch.author}, {switch.at:%Y-%m-%d %H:%M} UTC)" for switch in found), None
        )

    async def _fresh(self) -> tuple[Switch, ...]:
        async with self._reading:
            now = self._clock.monotonic()
            if self._read_at is None or not self._read_at <= now < self._read_at + FRESH_SECONDS:
                self._thrown, self._read_at = await asyncio.to_thread(self._read), now
            return self._thrown

    def _read(self) -> tuple[Switch, ...]:
        with self._store.read() as conn:
            return switches.thrown(conn)
