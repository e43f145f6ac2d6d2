"""The record: the only SQL of Vigie. SQLite when embedded, PostgreSQL when shared; append-only either way."""

from monitor.store.alert_tables import Status
from monitor.store.errors import Damaged, InstantTaken, MediaError, StoreError
from monitor.store.events import replace_events
from monitor.store.facade import Store, open_store
from monitor.store.ledger import Place
from monitor.store.pacing import StoredHostStates, StoredSwitches
from monitor.store.pairs import Judged
from monitor.store.quarantine import Group
from monitor.store.reading import Bounds
from monitor.store.review import Review
from monitor.store.rows import EntryRow, GapRow, ObservationRow, Rereading
from monitor.store.schema import schema_is_current, upgrade
from monitor.store.standing import Count, Standing
from monitor.store.suspicions import Suspected
from monitor.store.switches import Switch
from monitor.store.tables import Kind, Scope
from monitor.store.verdicts import Judgement, Result
from monitor.store.versions import TargetVersion
from monitor.store.writing import Within, WithinGap

__all__ = [
    "Bounds",
    "Count",
    "Damaged",
    "EntryRow",
    "GapRow",
    "Group",
    "InstantTaken",
    "Judged",
    "Judgement",
    "Kind",
    "MediaError",
    "ObservationRow",
    "Place",
    "Rereading",
    "Result",
    "Review",
    "Scope",
    "Standing",
    "Status",
    "Store",
    "StoreError",
    "StoredHostStates",
    "StoredSwitches",
    "Suspected",
    "Switch",
    "TargetVersion",
    "Within",
    "WithinGap",
    "open_store",
    "replace_events",
    "schema_is_current",
    "upgrade",
]
