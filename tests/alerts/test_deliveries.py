"""What the store keeps of mails: leased to one mailer, tried a few times, gone with their address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from monitor.model import Change, Incident, IncidentKind, Phase, Transition
from monitor.store import Status, Store
from monitor.store.alerts import deliveries, incidents, outbox, subscriptions, transitions
from monitor.store.alerts.deliveries import Delivery
from monitor.store.alerts.subscriptions import Subscriber
from monitor.store.tables import alerts as tables
from tests.cast.observations import observation, target
from tests.cast.transactions import ask, tell

NOW = datetime(2026, 3, 3, 8, tzinfo=UTC)
LEASE = timedelta(minutes=10)
HOUR = timedelta(hours=1)


def make(store: Store, recipient: str = "one") -> None:
    """A delivery to `recipient`, due now."""
    with store.write() as conn:
        deliveries.create(conn, key=f"changes-{recipient}", recipient=recipient, form="changes", now=NOW)


def claim(store: Store, now: datetime = NOW) -> Delivery | None:
    with store.write() as conn:
        return deliveries.claim(conn, ["changes"], now, LEASE)


def claimed(store: Store, now: datetime = NOW) -> Delivery:
    """The delivery that is due at `now`."""
    taken = claim(store, now)
    assert taken
    return taken


def test_a_leased_delivery_is_nobody_else_s(store: Store) -> None:
    make(store)
    claimed(store)
    assert claim(store, NOW + LEASE / 2) is None


def test_what_a_mailer_died_with_is_taken_up_by_another(store: Store) -> None:
    make(store)
    first, second = claimed(store), claimed(store, NOW + LEASE)
    assert (second.id, second.attempts) == (first.id, 2)
    assert second.lease != first.lease


def test_who_lost_the_lease_settles_nothing(store: Store) -> None:
    make(store)
    late, holder = claimed(store), claimed(store, NOW + LEASE)
    with store.write() as conn:
        deliveries.settle(conn, late, Status.SENT, NOW + LEASE)
        assert deliveries.one(conn, holder.id) == holder


def test_a_server_that_takes_nothing_costs_a_mail_no_attempt(store: Store) -> None:
    make(store)
    taken = claimed(store)
    with store.write() as conn:
        deliveries.postpone(conn, taken, NOW + HOUR, "the server takes nothing")
        assert deliveries.one(conn, taken.id).attempts == 0
    assert claim(store, NOW + HOUR - LEASE) is None
    assert claimed(store, NOW + HOUR).attempts == 1


def test_a_mail_is_tried_eight_times_and_set_aside(store: Store) -> None:
    make(store)
    decided = []
    for day in range(8):
        with store.write() as conn:
            taken = deliveries.claim(conn, ["changes"], NOW + day * 24 * HOUR, LEASE)
            assert taken
            decided.append(deliveries.retry(conn, taken, NOW + day * 24 * HOUR, "451 later"))
    assert decided == [Status.PENDING] * 7 + [Status.PARKED]
    assert claim(store, NOW + 30 * 24 * HOUR) is None


def test_an_erased_address_leaves_no_delivery_behind(store: Store) -> None:
    for who in ("gone", "stays"):
        make(store, who)
    with store.write() as conn:
        subscriptions.subscribe(conn, Subscriber(id="gone", address="g@x.org", wants={}, created_at=NOW))
        subscriptions.erase(conn, ["gone"])
        assert [one.recipient for one in deliveries.with_status(conn, *Status)] == ["stays"]


def test_trouble_that_comes_back_soon_is_recorded_without_another_mail(store: Store) -> None:
    trouble = Incident(kind=IncidentKind.DOWN, key="vienne.localhost", since=NOW)

    def mails(hour: int, *found: Incident) -> int:
        """What the operator is to hear after `found` was found; it leaves at once."""
        now = NOW + hour * HOUR
        with store.write() as conn:
            incidents.reconcile(conn, found, operators=["duty"], now=now, settle=timedelta(0), quiet=6 * HOUR)
            rows = outbox.due(conn, "duty", now)
            sent = deliveries.create(conn, key=f"mail-{hour}", recipient="duty", form="operator", now=now)
            outbox.carry(conn, [row.id for row in rows], sent or 0)
        return len(rows)

    assert [mails(0, trouble), mails(1), mails(2, trouble), mails(3), mails(10, trouble)] == [1, 0, 0, 0, 1]
    assert [mails(18), mails(19, trouble)] == [0, 0]  # it is its end that counts, not its beginning


def test_a_mail_that_was_left_out_makes_no_pause(store: Store) -> None:
    make(store)
    taken = claimed(store)
    with store.write() as conn:
        assert deliveries.last_created(conn, "one", ["changes"]) == NOW
        deliveries.settle(conn, taken, Status.DROPPED, NOW)
        assert deliveries.last_created(conn, "one", ["changes"]) is None


def test_a_mail_held_back_does_not_count_against_the_cap(store: Store) -> None:
    make(store)
    with store.write() as conn:
        deliveries.create(conn, key="held", recipient="two", form="changes", now=NOW, held=True)
        assert deliveries.created_since(conn, NOW, ["changes"]) == 1


def test_a_released_mail_has_all_its_attempts_again(store: Store) -> None:
    make(store)
    taken = claimed(store)
    with store.write() as conn:
        deliveries.settle(conn, taken, Status.PARKED, NOW, "550 no")
        deliveries.release(conn, (Status.PARKED,), NOW + LEASE)
    assert claimed(store, NOW + LEASE).attempts == 1


def test_only_a_mail_that_still_waits_is_the_oldest_that_waits(store: Store) -> None:
    make(store)
    taken = claimed(store)
    with store.write() as conn:
        deliveries.settle(conn, taken, Status.SENT, NOW)
        assert deliveries.backlog(conn).oldest_due_at is None
        deliveries.create(conn, key="later", recipient="two", form="changes", now=NOW + HOUR)
        assert deliveries.backlog(conn).oldest_due_at == NOW + HOUR


def test_each_attempt_waits_longer_than_the_one_before(store: Store) -> None:
    make(store)
    waits, now = [], NOW
    for _ in range(7):
        taken = claimed(store, now)
        with store.write() as conn:
            deliveries.retry(conn, taken, now, "451 later")
            due = deliveries.one(conn, taken.id).due_at
        waits.append((due - now) / timedelta(minutes=1))
        now = due
    assert waits == [1, 5, 15, 60, 180, 360, 720]


def test_the_last_mail_is_the_latest_and_of_the_forms_asked_for(store: Store) -> None:
    with store.write() as conn:
        for hours, form in ((2, "changes"), (1, "digest"), (3, "operator")):
            at = NOW + hours * HOUR
            deliveries.create(conn, key=f"{hours}", recipient="one", form=form, now=at)
        assert deliveries.last_created(conn, "one", ["digest", "changes"]) == NOW + 2 * HOUR
        assert deliveries.last_created(conn, "two", ["digest", "changes"]) is None


def test_what_waits_longest_leaves_first(store: Store) -> None:
    with store.write() as conn:
        for key, hours in (("second", 1), ("first", 0), ("third", 2)):
            at = NOW + hours * HOUR
            deliveries.create(conn, key=key, recipient="one", form="changes", now=at)
    assert [claimed(store, NOW + 3 * HOUR).key for _ in range(3)] == ["first", "second", "third"]


def test_the_end_of_an_incident_is_that_of_the_last_one_of_its_kind(store: Store) -> None:
    blind = Incident(kind=IncidentKind.BLIND, key="monitor", since=NOW)
    for hour, found in enumerate(([blind], [], [blind], [])):
        now = NOW + hour * HOUR
        with store.write() as conn:
            incidents.reconcile(conn, found, operators=(), now=now, settle=HOUR, quiet=HOUR)
    with store.read() as conn:
        assert incidents.last_closed(conn, IncidentKind.BLIND) == NOW + 3 * HOUR
        assert incidents.last_closed(conn, IncidentKind.DISK) is None


def test_only_a_recent_request_without_an_answer_is_waiting_for_one(store: Store) -> None:
    asked = Subscriber(id="a", address="a@example.org", wants={}, created_at=NOW)
    with store.write() as conn:
        subscriptions.subscribe(conn, asked)
        assert subscriptions.unanswered(conn, NOW - LEASE) == ["a@example.org"]
        assert subscriptions.unanswered(conn, NOW) == []
        assert subscriptions.confirm(conn, "a", NOW)
        assert subscriptions.confirm(conn, "a", NOW + HOUR)
        assert not subscriptions.confirm(conn, "b", NOW)
        assert subscriptions.unanswered(conn, NOW - LEASE) == []
        assert [one.confirmed_at for one in subscriptions.confirmed(conn)] == [NOW]


def test_one_trouble_of_a_host_does_not_silence_another(store: Store) -> None:
    heard = []
    for hour, kind in enumerate((IncidentKind.DOWN, None, IncidentKind.BLOCKED)):
        now = NOW + hour * HOUR
        found = [Incident(kind=kind, key="vienne.localhost", since=now)] if kind else []
        with store.write() as conn:
            incidents.reconcile(conn, found, operators=["duty"], now=now, settle=timedelta(0), quiet=6 * HOUR)
            rows = outbox.due(conn, "duty", now)
            sent = deliveries.create(conn, key=f"mail-{hour}", recipient="duty", form="operator", now=now)
            outbox.carry(conn, [row.id for row in rows], sent or 0)
        heard.append(len(rows))
    assert heard == [1, 0, 1]


TOLD = Transition(
    target="vienne-titre",
    change=Change.ZERO,
    at=NOW,
    since=NOW,
    before=Phase.UNKNOWN,
    after=Phase.ZERO,
)
ENDED = replace(TOLD, change=Change.SLOTS, before=Phase.ZERO, after=Phase.OFFERED)


def news(store: Store, *told: tuple[Transition, Sequence[str]]) -> list[int]:
    """Record transitions, each with those who are to hear of it; their numbers."""
    numbers = []
    store.record_targets([target(), target("autre")])
    for entry, (made, recipients) in enumerate(told, 1):
        store.append_observation(observation(NOW + entry * HOUR, name=made.target))
        with store.write() as conn:
            number = transitions.append_transition(conn, made, entry, simulated=False, recorded_at=NOW)
            due = NOW - entry * timedelta(minutes=1)  # so that the order of instants is not that of numbers
            outbox.queue(conn, number, [(who, due) for who in recipients])
        numbers.append(number)
    return numbers


@pytest.mark.parametrize(
    ("later", "heard_by", "over"),
    [
        (ENDED, [], True),  # a drought that ended is no news, whoever hears of its end
        (replace(ENDED, target="autre"), ["one"], False),
        (replace(ENDED, before=Phase.UNKNOWN), ["one"], False),  # no news itself
        (replace(TOLD, change=Change.MILESTONE, before=Phase.ZERO, milestone=7), ["two"], False),
        (replace(TOLD, change=Change.MILESTONE, before=Phase.ZERO, milestone=7), ["one"], True),
    ],
)
def test_news_is_overtaken_by_later_news_of_the_same_target_alone(
    store: Store, later: Transition, heard_by: list[str], over: bool
) -> None:
    first, second = news(store, (TOLD, ["one"]), (later, heard_by))
    assert ask(store, outbox.overtaken, "one", [first, second]) == ({first} if over else set())


def test_each_recipient_has_its_own_news_in_the_order_in_which_it_came(store: Store) -> None:
    first, second = news(store, (TOLD, ["two", "one"]), (replace(TOLD, target="autre"), ["one"]))
    due = ask(store, outbox.due, "one", NOW)
    assert [(row.recipient, row.told.id if row.told else 0) for row in due] == [
        ("one", first),
        ("one", second),
    ]
    assert ask(store, outbox.recipients, NOW) == ["one", "two"]
    assert ask(store, outbox.due, "one", NOW - HOUR) == []


def test_the_end_of_an_incident_drops_its_mail_unless_it_is_on_its_way(store: Store) -> None:
    trouble = Incident(kind=IncidentKind.DOWN, key="vienne.localhost", since=NOW)
    how: dict[str, Any] = {"operators": ["told", "untold"], "now": NOW, "settle": HOUR, "quiet": HOUR}
    tell(store, incidents.reconcile, [trouble], **how)
    (row,) = ask(store, outbox.due, "told", NOW + HOUR)
    number = tell(store, deliveries.create, key="k", recipient="told", form="operator", now=NOW)
    tell(store, outbox.carry, [row.id], number or 0)
    tell(store, incidents.reconcile, [], **how)
    assert ask(store, outbox.recipients, NOW + HOUR) == []
    with store.read() as conn:
        rows = conn.execute(select(tables.outbox.c.recipient, tables.outbox.c.dropped)).all()
    assert sorted(map(tuple, rows)) == [("told", None), ("untold", "passed")]


def test_a_settled_mail_keeps_when_and_why(store: Store) -> None:
    make(store)
    tell(store, deliveries.settle, claimed(store), Status.PARKED, NOW + HOUR, "550 no")
    with store.read() as conn:
        (row,) = conn.execute(select(tables.deliveries)).mappings()
    assert (row["status"], row["settled_at"], row["error"]) == (Status.PARKED, NOW + HOUR, "550 no")
    assert (row["lease"], row["leased_until"]) == (None, None)


def test_what_is_tried_again_is_free_again(store: Store) -> None:
    """Whoever tried it has given it back: its lease, longer than the pause, does not hold it."""
    make(store)
    tell(store, deliveries.retry, claimed(store), NOW, "451 later")
    assert claimed(store, NOW + timedelta(minutes=1)).attempts == 2


def test_a_mailer_takes_the_mails_of_its_own_forms_alone(store: Store) -> None:
    make(store)
    with store.write() as conn:
        assert deliveries.claim(conn, ["operator"], NOW, LEASE) is None
        assert deliveries.created_since(conn, NOW, ["operator"]) == 0
        assert deliveries.claim(conn, ["operator", "changes"], NOW, LEASE)


def test_the_newest_deliveries_are_listed_first_and_no_more_than_asked_for(store: Store) -> None:
    with store.write() as conn:
        for n in range(4):
            at, held = NOW + n * HOUR, n == 1
            deliveries.create(conn, key=f"{n}", recipient="one", form="changes", now=at, held=held)
        assert [one.key for one in deliveries.with_status(conn, Status.PENDING)] == ["3", "2", "0"]
        assert [one.key for one in deliveries.with_status(conn, Status.PENDING, limit=2)] == ["3", "2"]
        recent = deliveries.with_status(conn, Status.PENDING, Status.HELD, since=NOW + HOUR)
        assert [one.key for one in recent] == ["3", "2", "1"]


def test_a_released_mail_has_left_its_error_behind(store: Store) -> None:
    make(store)
    taken = claimed(store)
    with store.write() as conn:
        deliveries.settle(conn, taken, Status.PARKED, NOW, "550 no")
        assert deliveries.one(conn, taken.id).error == "550 no"
        assert deliveries.release(conn, (Status.PARKED, Status.HELD), NOW + HOUR) == 1
        freed = deliveries.one(conn, taken.id)
    assert (freed.status, freed.due_at, freed.error, freed.lease) == (Status.PENDING, NOW + HOUR, None, None)


def test_requests_are_counted_and_erased_by_their_age_unless_they_were_confirmed(store: Store) -> None:
    with store.write() as conn:
        for n, name in enumerate(("old", "agreed", "edge", "new")):
            at = NOW + max(n - 1, 0) * HOUR
            asked = Subscriber(id=name, address=f"{name}@example.org", wants={"n": n}, created_at=at)
            subscriptions.subscribe(conn, asked)
        subscriptions.confirm(conn, "agreed", NOW)
        assert subscriptions.requested_since(conn, NOW + HOUR) == 2
        assert subscriptions.erase_unconfirmed(conn, NOW + HOUR) == 1
        left = [subscriptions.subscriber(conn, name) for name in ("old", "agreed", "edge", "new")]
        assert [one and (one.id, one.wants["n"]) for one in left] == [
            None,
            ("agreed", 1),
            ("edge", 2),
            ("new", 3),
        ]
