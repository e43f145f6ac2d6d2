"""The record: the only SQL of Vigie. SQLite when embedded, PostgreSQL when shared; append-only either way.

Here is what opens a record and what comes out of it; what to ask of it stands in the modules of `record`,
`review`, `alerts` and `journal`, as functions that take a connection.
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
