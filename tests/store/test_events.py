"""The events that dashboards draw: each load replaces all of them."""

from __future__ import annotations

from datetime import date

from monitor.store import Store
from monitor.store.record import events
from monitor.store.tables.events import events as table
from tests.cast.observations import rows_of
from tests.cast.transactions import tell

EVENT = {"id": "435594", "kind": "decision", "day": date(2020, 11, 27), "title": "a", "source": "CE"}


def test_a_load_replaces_what_was_there(store: Store) -> None:
    assert tell(store, events.replace, [EVENT, EVENT | {"id": "452798"}]) == 2
    assert tell(store, events.replace, [EVENT | {"title": "b"}]) == 1
    ((kept,),) = rows_of(store, table)
    assert "'b'" in str(kept)
    assert tell(store, events.replace, []) == 0
    assert rows_of(store, table) == [[]]
