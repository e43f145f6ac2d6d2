"""What a mail says is read from the record: the control beside a zero, the life of slots, a week's counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.alerts.decide.planner import CHANGES, CONFIRM, DIGEST, OPERATOR
from monitor.alerts.subscribe.requests import SubscriptionRequests
from monitor.alerts.write.links import LinkSigner, Purpose
from monitor.alerts.write.mails import Mail
from monitor.alerts.write.messages import message_id
from monitor.alerts.write.stories import ControlAnswer, Story
from monitor.model import Change, GapReason, Incident, IncidentKind, Language, Suspicion
from monitor.store import Status, Store
from monitor.store.alerts import deliveries, subscriptions, transitions
from monitor.store.alerts.subscriptions import Subscriber
from monitor.store.review import suspicions
from monitor.store.review.suspicions import SuspectedObservation
from probes.model import Outcome
from tests.alerts.office import HOUR, MINUTE, ONE_LIST, START, Office, open_office
from tests.cast.installation import picture
from tests.cast.observations import WORDS, capture, gap, target
from tests.cast.transactions import ask, tell

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


def test_a_milestone_is_told_with_its_words_and_its_control(office: Office) -> None:
    for _ in range(29):
        office.see(ZERO)
        office.wait(9 * MINUTE)
        office.see(SLOTS, "temoin")
        office.wait(6 * HOUR - 9 * MINUTE)
    story = told(office, Change.MILESTONE)
    assert story.words == WORDS
    assert story.control
    assert story.control.corroborates
    assert story.opening is None


@pytest.mark.parametrize(("number", "suspected"), [(1, True), (12, True), (25, True), (26, False)])
def test_a_zero_is_suspected_when_any_of_its_visits_is(store: Store, number: int, suspected: bool) -> None:
    office = open_office(store, None)
    office.see_hourly(ZERO, 27)
    flagged = SuspectedObservation(observation=number, host="x", reason=Suspicion.ALL_AT_ONCE)
    tell(store, suspicions.flag, [flagged], office.clock.now())
    office.wait(HOUR)
    assert told(office, Change.ZERO).suspected is suspected


def test_the_period_of_a_story_is_of_days_where_the_guichet_is(store: Store) -> None:
    there = target(departement="974", zone="Indian/Reunion")
    office = open_office(store, None, [there], pages_url="https://x.example.org")
    office.wait(13 * HOUR)  # 21:00 UTC: there the next day has begun
    office.see_hourly(ZERO, 26)
    assert str(told(office, Change.ZERO).links.period).endswith("?du=2026-03-04&au=2026-03-05")


@pytest.mark.parametrize(("control", "said"), [("temoin", "Duplicata"), ("gone", None)])
def test_a_control_that_was_not_seen_is_named_all_the_same(
    office: Office, control: str, said: str | None
) -> None:
    object.__setattr__(office.mailer.messages.gatherer, "controls", {"vienne-titre": control})
    office.see_hourly(ZERO, 26)
    answer = told(office, Change.ZERO).control
    assert answer == (ControlAnswer(demarche=said) if said else None)


def test_of_two_answers_of_the_control_the_nearer_counts(office: Office) -> None:
    for _ in range(25):
        office.see(SLOTS, "temoin")
        office.wait(9 * MINUTE)
        office.see(ZERO)
        office.wait(2 * MINUTE)
        office.see(ZERO, "temoin")
        office.wait(49 * MINUTE)
    story = told(office, Change.ZERO)
    assert story.control
    assert (story.control.outcome, story.control.at) == (ZERO, story.transition.at + 2 * MINUTE)


@pytest.mark.parametrize(("earlier", "seen"), [(timedelta(0), 2 * HOUR), (timedelta(seconds=1), HOUR)])
def test_slots_that_last_are_told_up_to_the_embargo(
    office: Office, earlier: timedelta, seen: timedelta
) -> None:
    office.see_hourly(ZERO, 26)
    office.see_hourly(SLOTS, 6)
    (made,) = [one for one in ask(office.store, transitions.told) if one.transition.change is Change.SLOTS]
    office.clock.advance_to(made.transition.at + 26 * HOUR - earlier)
    opening = told(office, Change.SLOTS).opening
    assert opening
    assert (opening.last - opening.first, opening.gone) == (seen, None)


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


def test_the_week_of_each_target_is_its_own(store: Store) -> None:
    office = open_office(store, None, [target("a"), target("b")])
    office.see_hourly(SLOTS, 2, "b")
    office.see_hourly(ZERO, 26, "a")
    weeks = office.mailer.messages.gatherer._week(datetime(2026, 3, 9, 7, tzinfo=UTC))
    assert [(one.week.made, one.week.zeros) for one in weeks] == [(26, 26), (2, 0)]
    changes = [[made.change for made in one.transitions] for one in weeks]
    assert changes == [[Change.ZERO], [Change.SLOTS]]


def test_a_gap_recorded_since_the_news_is_told_with_it(store: Store) -> None:
    office = open_office(store, None)
    office.see_hourly(ZERO, 26)
    store.append_gap(gap(START + HOUR / 2, GapReason.DOWNTIME))
    drought = told(office, Change.ZERO).transition.drought
    assert drought
    assert drought.gaps == 1


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


def written(office: Office, form: str) -> list[tuple[Mail, str]]:
    """The mails of this form that are planned now, and their plain text with ordinary spaces."""
    office.mailer.planner.plan(office.clock.now())
    with office.store.read() as conn:
        planned = [one for one in deliveries.with_status(conn, Status.PENDING) if one.form == form]
    made = [office.mailer.messages.write(one, office.clock.now()) for one in reversed(planned)]
    return [(one.mail, " ".join(one.mail.text.split())) for one in made if one]


def of_list(**more: Any) -> list[dict[str, Any]]:
    return [ONE_LIST | {"public": False} | more]


def test_a_digest_has_the_days_and_the_language_of_its_list(store: Store, postman: Any) -> None:
    lists = of_list(topics=["digest"], zone="Pacific/Auckland", language="en")
    office = open_office(store, postman, lists=lists)
    office.see_hourly(ZERO, 30)
    office.clock.advance_to(datetime(2026, 3, 8, 19, tzinfo=UTC))  # in Paris it is Sunday still
    ((_, text),) = written(office, DIGEST)
    assert "Week from Monday 2 March 2026 to Monday 9 March 2026" in text


@pytest.mark.parametrize(("public", "named"), [(False, True), (True, False)])
def test_a_list_of_our_own_reads_of_yesterday_s_slots(
    store: Store, postman: Any, public: bool, named: bool
) -> None:
    office = open_office(store, postman, lists=of_list(topics=["digest"], public=public))
    office.see_hourly(ZERO, 5 * 24)
    office.see_hourly(SLOTS, 1)
    office.clock.advance_to(datetime(2026, 3, 9, 7, tzinfo=UTC))
    assert ("guichet a proposé des créneaux" in written(office, DIGEST)[0][1]) is not named


def test_a_digest_that_leaves_late_is_about_the_week_that_ended_on_monday(store: Store, postman: Any) -> None:
    office = open_office(store, postman, lists=of_list(topics=["digest"]))
    office.see_hourly(ZERO, 30)
    office.clock.advance_to(datetime(2026, 3, 11, 12, tzinfo=UTC))
    ((mail, text),) = written(office, DIGEST)
    assert "du lundi 2 mars 2026" in mail.subject.replace("\xa0", " ")
    assert "30 sans créneau, 0 avec, sur 30 visites" in text


def test_the_operator_reads_the_language_and_the_hours_of_the_settings(store: Store, postman: Any) -> None:
    office = open_office(store, postman, language="en", zone="America/Guadeloupe")
    office.sources.append(lambda _: [Incident(kind=IncidentKind.DISK, key="/a", since=START)])
    written(office, OPERATOR)
    office.wait(10 * MINUTE)
    ((mail, text),) = written(office, OPERATOR)
    assert mail.subject == "[Vigie] Disk almost full: /a"
    assert "4:00" in text
    assert "America/Guadeloupe" in text


def test_a_list_of_our_own_reads_of_the_latest_sighting(store: Store, postman: Any) -> None:
    office = open_office(store, postman, lists=of_list(topics=["slots"]))
    office.see_hourly(ZERO, 26)
    office.see_hourly(SLOTS, 2)
    ((_, text),) = written(office, CHANGES)
    assert "Vus encore" in text


@pytest.mark.parametrize(("changes", "pictures"), [(5, 5), (6, 0)])
def test_up_to_five_changes_have_their_pictures(
    store: Store, postman: Any, changes: int, pictures: int
) -> None:
    names = "abcdef"[:changes]
    office = open_office(store, postman, [target(name) for name in names], lists=of_list(language="en"))
    shown = capture(screenshot=picture("No slot"))
    for _ in range(6):
        for name in names:
            office.see(ZERO, name, capture=shown)
        office.wait(5 * HOUR)
    ((mail, _),) = written(office, CHANGES)
    assert len(mail.pictures) == pictures
    assert all(one.name.startswith("check-") for one in mail.pictures)


def test_news_overtaken_between_the_decision_and_the_mail_is_left_out(store: Store, postman: Any) -> None:
    office = open_office(store, postman, lists=of_list(topics=["zero"]))
    office.see_hourly(ZERO, 26)
    office.mailer.planner.plan(office.clock.now())
    office.see(SLOTS)
    assert written(office, CHANGES) == []


def test_a_mail_to_a_list_can_be_left_by_one_click_in_its_language(store: Store, postman: Any) -> None:
    office = open_office(store, postman, lists=of_list(language="en"))
    office.see_hourly(ZERO, 26)
    office.mailer.planner.plan(office.clock.now())
    with store.read() as conn:
        (planned,) = deliveries.with_status(conn, Status.PENDING)
    server = office.mailer.server.model_copy(update={"reply_to": "contact@example.org"})
    made = replace(office.mailer.messages, server=server).write(planned, office.clock.now())
    assert made
    assert made.message["From"] == f"Vigie <{server.sender}>"
    assert (made.message["To"], made.message["Reply-To"]) == (made.address, "contact@example.org")
    assert made.address == "permanence@example.org"
    assert made.message["Message-ID"] == message_id(planned.key, server.sender)
    signer = office.mailer.messages.signer
    assert signer
    leave = signer.url(Purpose.UNSUBSCRIBE, planned.recipient, Language.ENGLISH)
    assert leave.endswith("?lang=en")
    assert made.message["List-Unsubscribe"] == f"<{leave}>"
    assert leave in made.mail.text


def test_a_request_is_confirmed_by_a_link_in_its_language_and_cannot_be_left(
    store: Store, postman: Any
) -> None:
    office = open_office(store, postman, lists=())
    wants = {
        "scope": {"departements": ["86"]},
        "topics": ["zero"],
        "language": "en",
        "zone": "Europe/Paris",
    }
    asked = Subscriber(id="x", address="a@example.org", wants=wants, created_at=START)
    tell(store, subscriptions.subscribe, asked)
    number = tell(store, deliveries.create, key="k", recipient="x", form=CONFIRM, now=START)
    made = office.mailer.messages.write(ask(store, deliveries.one, number or 0), START)
    signer = office.mailer.messages.signer
    assert made
    assert signer
    assert signer.url(Purpose.CONFIRM, "x", Language.ENGLISH) in made.mail.text
    assert "86 Vienne" in " ".join(made.mail.text.split())
    assert made.message["List-Unsubscribe"] is None


def test_the_mail_to_one_operator_goes_to_no_other(store: Store, postman: Any) -> None:
    both = ["astreinte@example.org", "seconde@example.org"]
    office = open_office(store, postman, operators=both)
    office.sources.append(lambda _: [Incident(kind=IncidentKind.DISK, key="/a", since=START)])
    for _ in range(2):
        office.mailer.planner.plan(office.clock.now())
        office.wait(10 * MINUTE)
    with store.read() as conn:
        planned = deliveries.with_status(conn, Status.PENDING)
    made = [office.mailer.messages.write(one, office.clock.now()) for one in planned]
    assert sorted(one.address for one in made if one) == both
    assert all(one.message["List-Unsubscribe"] is None for one in made if one)
