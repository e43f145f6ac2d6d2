"""What a database weighs."""

from __future__ import annotations

from sqlalchemy import text

from monitor.store import Store


def weight(store: Store) -> int:
    """Bytes of the database's own files, indices included."""
    with store.read() as conn:
        if conn.dialect.name == "sqlite":
            return int(
                conn.scalar(text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
            )
        return int(conn.scalar(text("SELECT pg_database_size(current_database())")))
