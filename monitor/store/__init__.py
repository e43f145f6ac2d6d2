"""The record: the only SQL of Vigie. SQLite when embedded, PostgreSQL when shared. Rows are only added.

This module exports how a record is opened, and the classes that it gives back. The queries are functions that
take a connection, in the modules of `record`, `review`, `alerts` and `journal`.
"""

from monitor.store.database.engine import Transaction
from monitor.store.database.errors import Damaged, InstantTaken, MediaError, StoreError
from monitor.store.database.schema import upgrade
from monitor.store.record.rows import EntryRow, GapRow, LaterReading, ObservationRow
from monitor.store.record.store import Store, open_store
from monitor.store.record.writing import Within, WithinGap
from monitor.store.tables.alerts import Status
from monitor.store.tables.record import EntryKind, SwitchScope

__all__ = [
    "Damaged",
    "EntryKind",
    "EntryRow",
    "GapRow",
    "InstantTaken",
    "LaterReading",
    "MediaError",
    "ObservationRow",
    "Status",
    "Store",
    "StoreError",
    "SwitchScope",
    "Transaction",
    "Within",
    "WithinGap",
    "open_store",
    "upgrade",
]
