"""The tables, by subject. Importing this package puts all of them into `metadata`.

A test compares `metadata` with what the migrations build.
"""

from monitor.store.tables import alerts, events, journal, record, review

__all__ = ["alerts", "events", "journal", "record", "review"]
