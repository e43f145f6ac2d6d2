"""What a mail says is read from the record: the control beside a zero, the life of slots, a week's counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.alerts.decide.planner import CONFIRM
from monitor.alerts.subscribe.requests import SubscriptionRequests
from monitor.alerts.write.links import LinkSigner, Purpose
from monitor.alerts.write.stories import Story
from monitor.model import Change
from monitor.store import Status, Store
from monitor.store.alerts import deliveries, transitions
from probes.model import Outcome
from tests.alerts.office import HOUR, MINUTE, ONE_LIST, START, Office, open_office
from tests.cast.observations import target
from tests.cast.transactions import ask

ZERO, SLOTS, BLOCKED = Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED, Outcome.BLOCKED


@pytest.fixture
def office(store: Store) -> Office:
    made = open_office(store, None, [target(), target("temoin", demarche="Duplicata")])
    object.__setattr__(made.mailer.messages.gatherer, "controls", {"vienne-titre": "temoin"})
    return made


def told(office: Office, change: Change) -> Story:
    """The story of the only transition of that kind, as it would be told now."""
    (made,) = [one for one in ask(office.store, transitions.told) if one.transition.change is change]
    gatherer = office.mailer.messages.gatherer
    return gatherer.story(made, gatherer.targets(), office.clock.now(), 24 * HOUR)


def test_an_answer_of_the_control_counts_more_than_a_nearer_refusal(office: Office) -> None:
    for _ in range(26):
        office.see(SLOTS, "temoin")
        office.wait(8 * MINUTE)
        office.see(BLOCKED, "temoin")
        office.wait(MINUTE)
        office.see(ZERO)
        office.wait(51 * MINUTE)
    control = told(office, Change.ZERO).control
    assert control
    assert (control.demarche, control.outcome, control.corroborates) == ("Duplicata", SLOTS, True)


def test_a_refusal_neither_prolongs_nor_ends_the_slots_that_were_seen(office: Office) -> None:
    office.see_hourly(ZERO, 26)
    for outcome in (SLOTS, SLOTS, BLOCKED, ZERO):
        office.see_hourly(outcome, 1)
    opening = told(office, Change.SLOTS).opening
    assert opening
    assert opening.last - opening.first == HOUR
    assert opening.gone == opening.first + 3 * HOUR


def week(office: Office) -> Any:
    """The digest of the only subscriber, as data."""
    gatherer = office.mailer.messages.gatherer
    return [one.week for one in gatherer._week(datetime(2026, 3, 9, 7, tzinfo=UTC))]


def test_a_gap_was_scheduled_and_not_made(store: Store) -> None:
    office = open_office(store, None)
    for outcome in (ZERO, ZERO, BLOCKED, SLOTS):
        office.see_hourly(outcome, 1)
    office.miss()
    (one,) = week(office)
    assert (one.scheduled, one.made, one.zeros, one.slots) == (5, 4, 2, 1)


def test_a_week_is_the_seven_days_before_its_end(store: Store) -> None:
    office = open_office(store, None)
    office.see_hourly(ZERO, 26)
    (made,) = ask(store, transitions.told)
    at, second = made.transition.at, timedelta(seconds=1)

    def told(end: datetime) -> tuple[int, int]:
        (one,) = office.mailer.messages.gatherer._week(end)
        return len(one.transitions), one.week.scheduled

    assert told(START + 2 * HOUR) == (0, 2)
    assert [told(end)[0] for end in (at, at + second)] == [0, 1]
    assert told(at + 7 * 24 * HOUR)[0] == 1
    assert told(at + 7 * 24 * HOUR + second) == (0, 1)


def test_a_digest_is_about_the_targets_in_the_scope_alone(store: Store, postman: Any) -> None:
    places = [target(), target("reunion", departement="974")]
    office = open_office(
        store, postman, places, lists=[ONE_LIST | {"topics": ["digest"], "departements": ["86"]}]
    )
    for name in ("vienne-titre", "reunion"):
        office.see(ZERO, name)
    office.clock.advance_to(datetime(2026, 3, 10, tzinfo=UTC))
    office.see(ZERO)  # a visit since Monday does not make the record any younger
    office.mailer.planner.plan(office.clock.now())
    with store.read() as conn:
        (made,) = deliveries.with_status(conn, Status.PENDING)
    written = office.mailer.messages.write(made, office.clock.now())
    assert written
    assert "1 guichet suivi" in " ".join(written.mail.text.split())


def test_who_has_confirmed_is_not_asked_again(store: Store, postman: Any) -> None:
    office = open_office(store, postman, lists=())
    signer = LinkSigner("https://vigie.example.org", "s" * 32)
    requests = SubscriptionRequests(store=store, signer=signer, targets=list, clock=office.clock)
    requests.request({"adresse": ["a@example.org"]}, "127.0.0.1")
    with store.read() as conn:
        (asked,) = deliveries.with_status(conn, Status.PENDING)
    assert asked.form == CONFIRM
    assert office.mailer.messages.write(asked, office.clock.now())
    assert requests.confirm(signer.token(Purpose.CONFIRM, asked.recipient))
    assert office.mailer.messages.write(asked, office.clock.now()) is None
    office.tick()
    with store.read() as conn:
        assert deliveries.one(conn, asked.id).status is Status.DROPPED
