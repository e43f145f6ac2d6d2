"""What the store keeps of incidents, and when the operator is due to hear of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from monitor.model import Incident, IncidentKind
from monitor.store import Store
from monitor.store.alerts import deliveries, incidents, outbox, subscriptions
from monitor.store.alerts.outbox import DueRow
from monitor.store.tables import alerts as tables

NOW = datetime(2026, 3, 3, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def reconcile(store: Store, hour: float, *found: Incident, **more: Any) -> list[DueRow]:
    """What the operator is due to hear once `found` was found."""
    usual: dict[str, Any] = {"operators": ["duty"], "settle": timedelta(0), "quiet": 6 * HOUR}
    now = NOW + hour * HOUR
    with store.write() as conn:
        incidents.reconcile(conn, found, now=now, **usual | more)
        return outbox.due(conn, "duty", now)


def send(store: Store, rows: list[DueRow], key: str) -> None:
    with store.write() as conn:
        sent = deliveries.create(conn, key=key, recipient="duty", form="operator", now=NOW)
        assert sent
        outbox.carry(conn, [row.id for row in rows], sent)


DOWN = Incident(kind=IncidentKind.DOWN, key="vienne.localhost", since=NOW - HOUR, targets=("a",))


def test_an_incident_that_ended_before_its_mail_left_is_told_when_it_comes_back(store: Store) -> None:
    assert reconcile(store, 0, DOWN, settle=HOUR) == []
    assert reconcile(store, 0.5, settle=HOUR) == []
    assert reconcile(store, 2) == []
    assert len(reconcile(store, 3, DOWN)) == 1


@pytest.mark.parametrize(("hours", "mails"), [(7, 0), (7.01, 1)])
def test_an_incident_is_told_again_after_a_pause_longer_than_the_quiet(
    store: Store, hours: float, mails: int
) -> None:
    send(store, reconcile(store, 0, DOWN), "first")
    assert reconcile(store, 1) == []
    assert len(reconcile(store, hours, DOWN)) == mails


def test_what_was_sent_is_not_dropped_when_its_incident_ends(store: Store) -> None:
    send(store, reconcile(store, 0, DOWN), "first")
    reconcile(store, 1)
    reconcile(store, 8, DOWN, settle=HOUR)
    reconcile(store, 8.5)
    with store.read() as conn:
        kept = conn.execute(select(tables.outbox.c.dropped).order_by(tables.outbox.c.id)).scalars().all()
        dated = conn.execute(select(tables.incidents.c.opened_at, tables.incidents.c.closed_at)).all()
    assert kept == [None, "passed"]
    assert dated == [(NOW, NOW + HOUR), (NOW + 8 * HOUR, NOW + 8.5 * HOUR)]


def test_one_host_that_is_down_does_not_silence_another(store: Store) -> None:
    send(store, reconcile(store, 0, DOWN), "first")
    reconcile(store, 1)
    assert len(reconcile(store, 2, replace(DOWN, key="cher.localhost"))) == 1


def test_an_open_incident_keeps_its_start_and_says_what_it_holds_now(store: Store) -> None:
    reconcile(store, 0, DOWN)
    reconcile(store, 1, replace(DOWN, since=NOW, targets=("a", "b"), detail="2/2"))
    with store.read() as conn:
        (lasting,) = incidents.open_now(conn)
    assert lasting == replace(DOWN, targets=("a", "b"), detail="2/2")


def test_what_is_due_names_its_incident(store: Store) -> None:
    reconcile(store, 0, replace(DOWN, key="cher.localhost"))
    (_, due) = reconcile(store, 1, replace(DOWN, key="cher.localhost"), DOWN)
    with store.read() as conn:
        assert incidents.by_number(conn, [due.incident or 0]) == [DOWN]


def test_news_is_due_to_its_own_recipient_from_its_instant_on(store: Store) -> None:
    reconcile(store, 0, DOWN, operators=["duty", "other"], settle=HOUR)
    with store.write() as conn:
        assert outbox.recipients(conn, NOW + HOUR / 2) == []
        assert outbox.due(conn, "duty", NOW + HOUR / 2) == []
        assert outbox.recipients(conn, NOW + HOUR) == ["duty", "other"]
        (mine,) = outbox.due(conn, "duty", NOW + HOUR)
        assert deliveries.backlog(conn).waiting == 2
        outbox.drop(conn, [mine.id], "overtaken")
        assert outbox.recipients(conn, NOW + HOUR) == ["other"]
        assert outbox.due(conn, "duty", NOW + HOUR) == []
        assert deliveries.backlog(conn).waiting == 1


def test_an_erased_address_leaves_nothing_in_the_outbox(store: Store) -> None:
    reconcile(store, 0, DOWN, operators=["gone", "stays"])
    with store.write() as conn:
        subscriptions.erase(conn, ["gone"])
        assert outbox.recipients(conn, NOW) == ["stays"]
