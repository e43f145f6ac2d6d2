"""Which mails are decided on, without sending any: who is told, when, and what waits for a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from monitor.alerts.decide.audience import WEBHOOK
from monitor.alerts.decide.planner import CHANGES, DIGEST, OPERATOR
from monitor.alerts.decide.subscribers import everyone
from monitor.model import Incident, IncidentKind, Origin, Suspicion
from monitor.store import Status, Store
from monitor.store.alerts import deliveries, incidents, outbox, subscriptions, transitions
from monitor.store.alerts.subscriptions import Subscriber
from monitor.store.record import target_versions
from monitor.store.review import double_readings, suspicions
from monitor.store.review.double_readings import Resumption
from monitor.store.review.suspicions import SuspectedObservation
from monitor.store.tables.journal import log
from probes.model import Outcome, Transport
from tests.alerts.office import HOUR, MINUTE, ONE_LIST, START, Office, open_office
from tests.cast.observations import observation, reading
from tests.cast.transactions import tell

SECOND = timedelta(seconds=1)
ZERO, SLOTS = Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED


@pytest.fixture
def office(store: Store) -> Office:
    return open_office(store, None)


def see_zeros(office: Office) -> None:
    """As few as confirm a zero."""
    for _ in range(6):
        office.see(ZERO)
        office.wait(5 * HOUR)


def plan(office: Office, wait: timedelta = timedelta(0)) -> None:
    office.wait(wait)
    office.mailer.planner.plan(office.clock.now())


def planned(office: Office, form: str) -> list[tuple[Status, int]]:
    """The mails of that form, oldest first: where each stands, and how much it tells of."""
    with office.store.read() as conn:
        made = [one for one in deliveries.with_status(conn, *Status) if one.form == form]
        return [(one.status, len(outbox.of_delivery(conn, one.id))) for one in reversed(made)]


def test_the_operator_gets_one_mail_an_hour_however_much_goes_wrong(office: Office) -> None:
    full = [Incident(kind=IncidentKind.DISK, key=folder, since=START) for folder in ("/a", "/b", "/c")]
    office.sources.append(lambda now: full[: 1 + (now - START) // (15 * MINUTE)])
    for _ in range(13):
        plan(office, 5 * MINUTE)
    assert planned(office, OPERATOR) == [(Status.PENDING, 1)]
    plan(office, 30 * MINUTE)
    assert planned(office, OPERATOR) == [(Status.PENDING, 1), (Status.PENDING, 2)]
    assert planned(office, WEBHOOK) == []  # nobody set one


def test_a_confirmed_zero_is_one_mail(office: Office) -> None:
    see_zeros(office)
    for _ in range(3):
        plan(office)
    assert planned(office, CHANGES) == [(Status.PENDING, 1)]


@pytest.mark.parametrize(("late", "told"), [(24 * HOUR, 1), (24 * HOUR + SECOND, 0), (40 * 24 * HOUR, 0)])
def test_what_became_known_more_than_a_day_late_is_told_to_nobody(
    office: Office, late: timedelta, told: int
) -> None:
    for hours in range(25, -1, -5):
        seen = observation(START - late - hours * HOUR - 4 * SECOND)  # a visit lasts four seconds
        office.store.append_observation(seen, within=[office.fold.observed])
    plan(office)
    assert len(planned(office, CHANGES)) == told


@pytest.mark.parametrize("topics", [["zero"], ["zero", "slots"]])
def test_a_drought_that_has_ended_is_no_news(store: Store, topics: list[str]) -> None:
    office = open_office(store, None, lists=[ONE_LIST | {"topics": topics}])
    see_zeros(office)
    office.see(SLOTS)
    plan(office, HOUR)
    assert planned(office, CHANGES) == []


def test_a_zero_that_may_be_for_robots_alone_waits_for_a_person(office: Office) -> None:
    see_zeros(office)
    flagged = SuspectedObservation(observation=3, host="vienne.localhost", reason=Suspicion.ALL_AT_ONCE)
    with office.store.write() as conn:
        suspicions.flag(conn, [flagged], office.clock.now())
    plan(office)
    assert planned(office, CHANGES) == [(Status.HELD, 1)]


def test_what_goes_beyond_the_cap_waits_for_a_person(store: Store) -> None:
    many = ONE_LIST | {"to": [f"u{n}@example.org" for n in range(7)]}
    office = open_office(store, None, lists=[many], recipient_cap=5)
    see_zeros(office)
    plan(office)
    assert [status for status, _ in planned(office, CHANGES)] == [Status.PENDING] * 5 + [Status.HELD] * 2


def test_an_address_that_nobody_confirmed_leaves_the_files_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[str] = []
    monkeypatch.setattr(office.store, "forget", lambda: forgotten.append("files"))
    asked = Subscriber(id="x", address="a@example.org", wants={}, created_at=office.clock.now())
    with office.store.write() as conn:
        subscriptions.subscribe(conn, asked)
    plan(office, 47 * HOUR)
    assert forgotten == []
    plan(office, 2 * HOUR)
    assert forgotten == ["files"]


def test_a_milestone_of_a_suspected_zero_waits_for_a_person_too(store: Store) -> None:
    office = open_office(store, None, lists=[ONE_LIST | {"topics": ["milestone"]}])
    office.see_hourly(ZERO, 7 * 24 + 1)
    flagged = SuspectedObservation(observation=3, host="vienne.localhost", reason=Suspicion.ALL_AT_ONCE)
    with store.write() as conn:
        suspicions.flag(conn, [flagged], office.clock.now())
    plan(office)
    assert planned(office, CHANGES) == [(Status.HELD, 1)]


def test_slots_after_a_suspected_zero_wait_for_nobody(store: Store) -> None:
    office = open_office(store, None, lists=[ONE_LIST | {"topics": ["slots"]}])
    office.see_hourly(ZERO, 25)
    office.see(ZERO)
    flagged = SuspectedObservation(observation=26, host="vienne.localhost", reason=Suspicion.ALL_AT_ONCE)
    tell(store, suspicions.flag, [flagged], office.clock.now())
    office.wait(30 * MINUTE)
    office.see(SLOTS)
    plan(office, 24 * HOUR + MINUTE)
    assert planned(office, CHANGES) == [(Status.PENDING, 1)]


def test_a_mail_set_aside_is_an_incident_with_its_reason(office: Office) -> None:
    for key, reason in (("one", "refused for good"), ("two", "refused too")):
        with office.store.write() as conn:
            deliveries.create(conn, key=key, recipient=key, form=CHANGES, now=office.clock.now())
            taken = deliveries.claim(conn, [CHANGES], office.clock.now(), HOUR)
            assert taken
            deliveries.settle(conn, taken, Status.PARKED, office.clock.now(), reason)
        office.wait(HOUR)
    plan(office)
    with office.store.read() as conn:
        (one,) = incidents.open_now(conn)
    assert (one.kind, one.since, one.detail) == (IncidentKind.MAIL, START, "refused for good")


def test_mails_held_back_are_an_incident_since_the_first_of_them(office: Office) -> None:
    for key in ("one", "two"):
        with office.store.write() as conn:
            deliveries.create(conn, key=key, recipient=key, form=CHANGES, now=office.clock.now(), held=True)
        office.wait(HOUR)
    plan(office)
    with office.store.read() as conn:
        since = {one.kind: one.since for one in incidents.open_now(conn)}
    assert since[IncidentKind.HELD] == START


@pytest.mark.parametrize(("late", "made"), [(72 * HOUR, 1), (72 * HOUR + MINUTE, 0)])
def test_a_digest_that_could_not_be_made_by_thursday_is_left_out(
    store: Store, late: timedelta, made: int
) -> None:
    office = open_office(store, None, lists=[ONE_LIST | {"topics": ["digest"]}])
    office.see(SLOTS)
    office.clock.advance_to(datetime(2026, 3, 9, 7, tzinfo=UTC) + late)  # Monday the ninth, eight in Paris
    plan(office)
    assert len(planned(office, DIGEST)) == made


def test_a_suspicion_is_an_incident_for_a_day_after_it_was_last_raised(office: Office) -> None:
    office.see(ZERO)
    flagged = SuspectedObservation(observation=1, host="vienne.localhost", reason=Suspicion.ALL_AT_ONCE)
    with office.store.write() as conn:
        suspicions.flag(conn, [flagged], office.clock.now())

    def suspected(wait: timedelta) -> list[str]:
        plan(office, wait)
        with office.store.read() as conn:
            return [one.key for one in incidents.open_now(conn) if one.kind is IncidentKind.SUSPECTED]

    assert suspected(24 * HOUR - MINUTE) == ["vienne.localhost"]
    assert suspected(MINUTE) == []


def test_a_digest_concludes_nothing_from_a_zero_that_may_be_for_robots_alone(
    store: Store, postman: Any
) -> None:
    office = open_office(store, postman, lists=[ONE_LIST | {"topics": ["digest"]}])
    office.see_hourly(ZERO, 30)
    flagged = SuspectedObservation(observation=3, host="vienne.localhost", reason=Suspicion.ALL_AT_ONCE)
    with store.write() as conn:
        suspicions.flag(conn, [flagged], office.clock.now())
    assert "zéro peut-être réservé aux robots" in digest_text(office)


def test_the_capture_a_digest_links_to_is_that_of_a_drawn_visit(store: Store, postman: Any) -> None:
    office = open_office(
        store, postman, lists=[ONE_LIST | {"topics": ["digest"]}], pages_url="https://x.example.org"
    )
    office.see_hourly(ZERO, 30)
    office.see(ZERO, origin=Origin.MANUAL)
    assert "/releves/30/capture" in digest_text(office)


def test_a_visit_by_hand_is_no_capture_of_a_digest(store: Store, postman: Any) -> None:
    lists = [ONE_LIST | {"topics": ["digest"]}]
    office = open_office(store, postman, lists=lists, pages_url="https://x.example.org")
    office.see(ZERO, origin=Origin.MANUAL)
    text = digest_text(office)
    assert "/guichets/vienne-titre" in text
    assert "/releves/" not in text


def digest_text(office: Office) -> str:
    """The Monday mail to the only subscriber, once it is due."""
    office.clock.advance_to(datetime(2026, 3, 9, 12, tzinfo=UTC))
    plan(office)
    with office.store.read() as conn:
        (made,) = [one for one in deliveries.with_status(conn, *Status) if one.form == DIGEST]
    written = office.mailer.messages.write(made, office.clock.now())
    assert written
    return " ".join(written.mail.text.split())


def test_a_mail_is_dated_when_it_was_decided_whenever_it_leaves(store: Store, postman: Any) -> None:
    office = open_office(store, postman)
    see_zeros(office)
    plan(office)
    decided = office.clock.now()
    with office.store.read() as conn:
        (made,) = [one for one in deliveries.with_status(conn, *Status) if one.form == CHANGES]
    written = office.mailer.messages.write(made, decided + 5 * HOUR)
    assert written
    assert written.message["Date"].datetime == decided.replace(microsecond=0)


def test_without_a_public_address_no_link_is_signed(store: Store) -> None:
    assert open_office(store, None, public_url="").mailer.messages.signer is None


def test_the_pause_between_two_mails_to_the_operator_ends_after_an_hour_sharp(office: Office) -> None:
    full = [Incident(kind=IncidentKind.DISK, key=folder, since=START) for folder in ("/a", "/b")]
    office.sources.append(lambda now: full[: 1 + (now > START)])
    plan(office)
    plan(office, 10 * MINUTE)
    plan(office, 59 * MINUTE)
    assert len(planned(office, OPERATOR)) == 1
    plan(office, MINUTE)
    assert len(planned(office, OPERATOR)) == 2


def test_news_for_someone_who_left_meanwhile_is_never_made_into_a_mail(office: Office) -> None:
    see_zeros(office)
    (listed,) = office.mailer.planner.listed
    with office.store.write() as conn:
        for _ in range(2):  # people press a button twice
            subscriptions.opt_out(conn, listed.id, office.clock.now())
    plan(office)
    assert planned(office, CHANGES) == []
    with office.store.read() as conn:
        assert outbox.due(conn, listed.id, office.clock.now()) == []


def test_a_subscriber_of_the_pages_hears_of_slots_after_the_embargo(store: Store) -> None:
    office = open_office(store, None, lists=(), embargo="30h")
    asked = {"scope": {}, "topics": ["slots"], "language": "fr", "zone": "Europe/Paris"}
    own = Subscriber(id="x", address="a@example.org", wants=asked, created_at=START, confirmed_at=START)
    with store.write() as conn:
        subscriptions.subscribe(conn, own)
        (only,) = everyone(conn, (), HOUR)
    assert (only.id, only.address, only.since, only.embargo) == ("x", "a@example.org", START, HOUR)
    see_zeros(office)
    office.see(SLOTS)
    with store.read() as conn:
        assert outbox.due(conn, "x", office.clock.now() + 30 * HOUR - MINUTE) == []
        assert len(outbox.due(conn, "x", office.clock.now() + 30 * HOUR + MINUTE)) == 1


def test_news_waits_a_quarter_of_an_hour_for_more_news(office: Office) -> None:
    office.see_hourly(ZERO, 26)
    (listed,) = office.mailer.planner.listed
    with office.store.read() as conn:
        (told,) = transitions.told(conn)
        at = told.transition.at + 15 * MINUTE
        assert outbox.recipients(conn, at - MINUTE) == []
        assert outbox.recipients(conn, at) == [listed.id]
        (row,) = outbox.due(conn, listed.id, at)
    with office.store.write() as conn:
        outbox.drop(conn, [row.id], "gone")
        assert deliveries.backlog(conn).waiting == 0
        assert outbox.recipients(conn, at) == []


def test_a_week_of_which_nothing_was_recorded_has_no_digest(store: Store) -> None:
    office = open_office(store, None, lists=[ONE_LIST | {"topics": ["digest"]}])
    office.clock.advance_to(datetime(2026, 3, 9, 7, tzinfo=UTC))
    office.see(SLOTS)
    plan(office, HOUR)
    assert planned(office, DIGEST) == []


def test_the_first_weeks_of_two_years_are_two_digests(store: Store) -> None:
    office = open_office(store, None, lists=[ONE_LIST | {"topics": ["digest"]}])
    office.see(SLOTS)
    for month, day in ((1, 1), (12, 31)):  # 31 December 2029, a Monday, lies in the first week of 2030
        office.clock.advance_to(datetime(2029, month, day, 12, tzinfo=UTC))
        plan(office)
    assert len(planned(office, DIGEST)) == 2


def test_a_digest_made_late_is_about_the_week_that_ended_on_monday(store: Store) -> None:
    office = open_office(store, None, lists=[ONE_LIST | {"topics": ["digest"]}])
    office.see(SLOTS)
    office.clock.advance_to(datetime(2026, 3, 11, 12, tzinfo=UTC))
    plan(office)
    with store.read() as conn:
        ends = [one.end_at for one in deliveries.with_status(conn, *Status) if one.form == DIGEST]
    assert ends == [datetime(2026, 3, 9, 7, tzinfo=UTC)]


@pytest.mark.parametrize(("hours", "mails"), [(5, 1), (7, 2)])
def test_trouble_that_comes_back_within_six_hours_is_not_mailed_again(
    office: Office, hours: int, mails: int
) -> None:
    full: list[Incident] = []
    office.sources.append(lambda _: full)
    for found, wait in ((True, MINUTE), (True, 10 * MINUTE), (False, MINUTE), (True, hours * HOUR)):
        full[:] = [Incident(kind=IncidentKind.DISK, key="/a", since=START)] if found else []
        plan(office, wait)
    plan(office, 10 * MINUTE)
    assert len(planned(office, OPERATOR)) == mails


def test_an_incident_that_lasts_tells_its_latest_targets(office: Office) -> None:
    lasting = Incident(kind=IncidentKind.DISK, key="/a", since=START, detail="4% free")
    worse = replace(lasting, detail="1% free", targets=("vienne-titre",))
    office.sources.append(lambda now: [lasting if now == START else worse])
    for _ in range(2):
        plan(office)
        office.wait(MINUTE)
    with office.store.read() as conn:
        assert incidents.open_now(conn) == [worse]


@pytest.mark.parametrize(("days", "kinds"), [(6, [IncidentKind.HELD]), (8, [])])
def test_mails_held_back_are_an_incident_for_a_week(
    office: Office, days: int, kinds: list[IncidentKind]
) -> None:
    with office.store.write() as conn:
        deliveries.create(conn, key="k", recipient="r", form=CHANGES, now=START, held=True)
    plan(office, days * 24 * HOUR)
    with office.store.read() as conn:
        assert [one.kind for one in incidents.open_now(conn)] == kinds


def test_digests_count_towards_the_cap(store: Store) -> None:
    lists = [{"name": name, "to": [f"{name}@example.org"], "topics": ["digest"]} for name in "abc"]
    lists.append(ONE_LIST | {"topics": ["zero"]})
    office = open_office(store, None, lists=lists, recipient_cap=2)
    office.clock.advance_to(datetime(2026, 3, 8, 2, tzinfo=UTC))
    see_zeros(office)  # until Monday at eight
    plan(office)
    assert sorted(status for status, _ in planned(office, DIGEST)) == [Status.HELD] + [Status.PENDING] * 2
    assert planned(office, CHANGES) == [(Status.HELD, 1)]


def test_the_cap_holds_back_neither_the_operator_nor_the_room(store: Store) -> None:
    office = open_office(store, None, recipient_cap=1, webhook="http://127.0.0.1:9/hook")
    office.sources.append(lambda _: [Incident(kind=IncidentKind.DISK, key="/a", since=START)])
    with store.write() as conn:
        deliveries.create(conn, key="k", recipient="r", form=DIGEST, now=START + 10 * MINUTE)
    plan(office)
    plan(office, 10 * MINUTE)
    assert planned(office, OPERATOR) == planned(office, WEBHOOK) == [(Status.PENDING, 1)]


@pytest.mark.parametrize(("minutes", "stands"), [(60, Status.HELD), (61, Status.PENDING)])
def test_the_cap_is_of_one_hour(store: Store, minutes: int, stands: Status) -> None:
    office = open_office(store, None, recipient_cap=1)
    see_zeros(office)
    with store.write() as conn:
        at = office.clock.now() - minutes * MINUTE
        deliveries.create(conn, key="k", recipient="r", form=DIGEST, now=at)
    plan(office)
    assert planned(office, CHANGES) == [(stands, 1)]


def test_a_digest_is_a_mail_too_for_the_pause_between_two(store: Store) -> None:
    office = open_office(store, None, lists=[ONE_LIST | {"topics": ["zero", "digest"]}])
    office.clock.advance_to(datetime(2026, 3, 8, 8, tzinfo=UTC))
    see_zeros(office)  # until Monday at two in the afternoon
    monday = datetime(2026, 3, 9, 7, tzinfo=UTC)
    office.mailer.planner._digests(office.mailer.planner.listed, START, monday)
    plan(office)
    assert planned(office, CHANGES) == []
    office.clock.advance_to(monday + 24 * HOUR)
    plan(office)
    assert planned(office, CHANGES) == [(Status.PENDING, 1)]


def test_a_disagreement_of_two_readings_is_one_incident_until_somebody_has_looked(office: Office) -> None:
    with office.store.read() as conn:
        watched = next(iter(target_versions.current(conn)))
    contrary = observation(
        office.clock.now(), SLOTS, watched, transport=Transport.BROWSER, over_http=reading(ZERO)
    )
    number = office.store.append_observation(contrary)
    plan(office)
    plan(office, MINUTE)
    with office.store.read() as conn:
        (one,) = incidents.open_now(conn)
    assert (one.kind, one.key) == (IncidentKind.DISAGREEMENT, "classic")
    assert one.detail == f"n° {number} ({watched})"
    plan(office, HOUR)
    assert planned(office, OPERATOR) == [(Status.PENDING, 1)]
    looked = Resumption(
        platform="classic", observation=number, reason="x", author="Ada", at=office.clock.now()
    )
    tell(office.store, double_readings.resume, looked)
    plan(office, MINUTE)
    with office.store.read() as conn:
        assert [left.kind for left in incidents.open_now(conn)] == []


def test_many_disagreements_are_one_incident_since_the_first_that_names_ten(office: Office) -> None:
    numbers = []
    for _ in range(11):
        contrary = observation(
            office.clock.now(), SLOTS, transport=Transport.BROWSER, over_http=reading(ZERO)
        )
        numbers.append(office.store.append_observation(contrary))
        office.wait(MINUTE)
    plan(office)
    with office.store.read() as conn:
        (one,) = incidents.open_now(conn)
    assert one.since == START
    assert one.detail == ", ".join(f"n° {number} (vienne-titre)" for number in numbers[:10])


def test_late_stamps_are_one_incident_for_each_authority_since_the_first_day(office: Office) -> None:
    late = ("autre 2026-03-03", "une autorité 2026-03-01", "une autorité 2026-03-02")
    rows = [
        {"seq": n, "target": "", "reference": f"incident authority_late {about}", "data": b""}
        for n, about in enumerate(late)
    ]
    with office.store.write() as conn:
        conn.execute(insert(log), rows)
    plan(office)
    with office.store.read() as conn:
        assert [(one.kind, one.key, one.since, one.detail) for one in incidents.open_now(conn)] == [
            (IncidentKind.AUTHORITY, "autre", datetime(2026, 3, 3, tzinfo=UTC), "2026-03-03"),
            (
                IncidentKind.AUTHORITY,
                "une autorité",
                datetime(2026, 3, 1, tzinfo=UTC),
                "2026-03-01, 2026-03-02",
            ),
        ]
