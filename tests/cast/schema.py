"""Is a database of the schema that this version writes?"""

from __future__ import annotations

from monitor.store.database.engine import connect, exists, parse
from monitor.store.database.errors import plainly
from monitor.store.database.schema import is_current


def schema_is_current(url: str) -> bool:
    """Whether `upgrade` would change nothing. Raises `StoreError` for a schema newer than this version."""
    parsed = parse(url)
    if not exists(parsed):
        return False
    engine = connect(parsed)
    try:
        with plainly(parsed), engine.connect() as conn:
            return is_current(conn)
    finally:
        engine.dispose()
