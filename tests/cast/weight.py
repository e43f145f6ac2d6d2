"""What a database weighs."""

from __future__ import annotations

from sqlalchemy import text

from monitor.store import Store

_OF_OUR_TABLES = """
SELECT sum(pg_total_relation_size(oid)) FROM pg_class
WHERE relkind IN ('r', 'm') AND relnamespace = current_schema()::regnamespace
"""


def weight(store: Store) -> int:
    """Bytes of the database's own files, indices included."""
    with store.read() as conn:
        if conn.dialect.name == "sqlite":
            return int(
                conn.scalar(text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
            )
        # The server tidies up when it likes, which takes room of its own: here it does so first.
        with conn.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tidying:
            tidying.execute(text("VACUUM ANALYZE"))
        return int(conn.scalar(text(_OF_OUR_TABLES)))
