"""The record: the only SQL of Vigie. SQLite when embedded, PostgreSQL when shared; append-only either way."""

from monitor.store.database.errors import Damaged, InstantTaken, MediaError, StoreError
from monitor.store.database.schema import schema_is_current, upgrade
from monitor.store.journal.lines import Place
from monitor.store.pacing import StoredHostStates, StoredSwitches
from monitor.store.record.reading import Bounds
from monitor.store.record.rows import EntryRow, GapRow, ObservationRow, Rereading
from monitor.store.record.standings import Count, Standing
from monitor.store.record.store import Store, open_store
from monitor.store.record.switches import Switch
from monitor.store.record.target_versions import TargetVersion
from monitor.store.record.writing import Within, WithinGap
from monitor.store.review.controls import Judged
from monitor.store.review.quarantine import Group
from monitor.store.review.review import Review
from monitor.store.review.suspicions import Suspected
from monitor.store.review.verdicts import Judgement, Result
from monitor.store.tables.alerts import Status
from monitor.store.tables.events import replace_events
from monitor.store.tables.record import Kind, Scope

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
