"""Kill switches: an append-only list of turns (off or on). The last turn for a scope and value counts."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, insert, select

from monitor.store.tables.record import SwitchScope, switches
from probes.model import utc


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch:
    """One turn of a switch: visits turned off, or on again, for one host, one platform or everything.

    `value` is the name of the host or of the platform; empty for `SwitchScope.ALL`, else `ValueError` is
    raised. `at` is UTC.
    """

    scope: SwitchScope
    value: str = ""
    off: bool
    reason: str
    author: str
    at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", utc(self.at, "at"))
        if (self.scope is SwitchScope.ALL) != (self.value == ""):
            raise ValueError("a switch names its host or platform; only the one for everything names nothing")


def turn(conn: Connection, switch: Switch) -> None:
    """Append one turn of a switch."""
    conn.execute(insert(switches).values(asdict(switch)))


def turned(conn: Connection) -> tuple[Switch, ...]:
    """All turns, oldest first."""
    return tuple(_switch(row) for row in conn.execute(select(switches).order_by(switches.c.id)).mappings())


def thrown(conn: Connection) -> tuple[Switch, ...]:
    """The switches that are off now."""
    last = select(func.max(switches.c.id)).group_by(switches.c.scope, switches.c.value)
    rows = select(switches).where(switches.c.id.in_(last), switches.c.off).order_by(switches.c.id)
    return tuple(_switch(row) for row in conn.execute(rows).mappings())


def _switch(row: RowMapping) -> Switch:
    return Switch(**{name: row[name] for name in _NAMES})


_NAMES = [field.name for field in fields(Switch)]
