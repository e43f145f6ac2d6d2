"""What is remembered of each host's pace, so that a restart forgets neither a pause nor a budget."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, RowMapping, bindparam, select

from monitor.store.database.dialects import upsert
from monitor.store.tables.record import hosts
from probes.sessions.pace import HostState


def load(conn: Connection, host: str, *, locked: bool = False) -> HostState:
    """The state of `host`; a fresh one when it was never visited. `locked` until the transaction ends."""
    row = conn.execute(_LOCKED if locked else _ONE, {"host": host}).mappings().first()
    return HostState() if row is None else _state(row)


def every(conn: Connection) -> dict[str, HostState]:
    """The state of every host ever visited."""
    rows = conn.execute(select(hosts).order_by(hosts.c.host)).mappings()
    return {row["host"]: _state(row) for row in rows}


def save(conn: Connection, host: str, state: HostState) -> None:
    """Keep `state`."""
    conn.execute(upsert(conn, hosts), {"host": host, **asdict(state)})


_ONE = select(hosts).where(hosts.c.host == bindparam("host"))
_LOCKED = _ONE.with_for_update()


def _state(row: RowMapping) -> HostState:
    return HostState(**{name: value for name, value in row.items() if name != "host"})
