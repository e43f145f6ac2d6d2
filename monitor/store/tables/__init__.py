"""The tables, by subject. Importing one puts all into `metadata`, to which migrations are compared."""

from monitor.store.tables import alerts, events, journal, record, review

__all__ = ["alerts", "events", "journal", "record", "review"]
