"""The stored state of each host, so that its pauses and its page budget survive a restart."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, RowMapping, bindparam, select

from monitor.store.database.dialects import upsert
from monitor.store.tables.record import hosts
from probes.sessions.pace import HostState


def load(conn: Connection, host: str, *, locked: bool = False) -> HostState:
    """The state of `host`; a new `HostState()` when the host was never visited.

    `locked` locks the row until the transaction ends. A host without a row cannot be locked.
    """
    row = conn.execute(_LOCKED if locked else _ONE, {"host": host}).mappings().first()
    return HostState() if row is None else _state(row)


def every(conn: Connection) -> dict[str, HostState]:
    """By host: the state of every host ever visited."""
    rows = conn.execute(select(hosts).order_by(hosts.c.host)).mappings()
    return {row["host"]: _state(row) for row in rows}


def save(conn: Connection, host: str, state: HostState) -> None:
    """Store the state of `host` in place of the stored one."""
    conn.execute(upsert(conn, hosts), {"host": host, **asdict(state)})


_ONE = select(hosts).where(hosts.c.host == bindparam("host"))
_LOCKED = _ONE.with_for_update()


def _state(row: RowMapping) -> HostState:
    return HostState(**{name: value for name, value in row.items() if name != "host"})
