"""From facts to mails in a real mailbox, on both databases: what is told, when, and to whom."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import insert

from monitor.alerts.wiring import checkpoint_line, disk
from monitor.model import GapReason, Incident, IncidentKind, Phase, Suspicion
from monitor.rules.transitions import State
from monitor.store import Status, Store
from monitor.store.alerts import deliveries, outbox, subscriptions, transitions
from monitor.store.alerts import incidents as stored_incidents
from monitor.store.review import suspicions
from monitor.store.review.suspicions import SuspectedObservation
from monitor.store.tables.journal import log
from probes.model import Outcome
from tests.alerts.folding import fold
from tests.alerts.office import HOUR, MINUTE, ONE_LIST, START, Office, open_office, subjects, text_of
from tests.cast.observations import gap, observation, target

pytestmark = pytest.mark.slow

ZERO, SLOTS, BLOCKED, DOWN = Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED, Outcome.BLOCKED, Outcome.SITE_DOWN
DAY = timedelta(days=1)
LONG = pytest.mark.timeout(900)
"""Thousands of transactions: on a busy machine with PostgreSQL they outlast the usual limit."""


@pytest.fixture
def office(store: Store, postman: Any) -> Office:
    return open_office(store, postman)


def test_a_confirmed_zero_is_mailed_once(office: Office) -> None:
    office.see_hourly(ZERO, 26)
    office.tick_through(3 * HOUR)
    assert subjects(office.mails) == ["Zéro créneau observé : Vienne (86), titre de séjour"]
    (mail,) = office.mails
    assert mail["To"] == "permanence@example.org"
    assert "Il n'existe plus de plage horaire libre" in text_of(mail)
    assert mail["List-Unsubscribe"].startswith("<https://vigie.example.org/alertes/desabonnement/")


def test_an_unconfirmed_zero_is_mailed_to_nobody(office: Office) -> None:
    office.see_hourly(ZERO, 24)
    office.tick_through(3 * HOUR)
    assert office.mails == []


@pytest.mark.parametrize(
    "outcome", [BLOCKED, DOWN, Outcome.UNRECOGNISED, Outcome.CAPTCHA, Outcome.PROBE_ERROR]
)
def test_trouble_is_one_mail_to_the_operator_and_none_to_the_public(office: Office, outcome: Outcome) -> None:
    for _ in range(30):
        office.see(outcome)
        office.tick_through(HOUR, 30 * MINUTE)
    (mail,) = office.to_operator
    assert office.mails == []
    assert mail["Subject"].startswith("[Vigie] ")
    assert "Aucun message public" in text_of(mail)


def test_the_operator_hears_of_a_blocked_robot_within_two_intervals(office: Office) -> None:
    office.see(BLOCKED)
    office.tick(HOUR)
    office.see(BLOCKED)
    office.tick(MINUTE)
    office.tick(11 * MINUTE)
    assert subjects(office.to_operator) == ["[Vigie] Robot refusé : vienne.localhost"]


def test_trouble_that_passes_by_itself_is_not_mailed(office: Office) -> None:
    office.see(DOWN)
    office.tick(5 * MINUTE)
    office.see(DOWN)
    office.tick(5 * MINUTE)
    office.see(ZERO)
    office.tick_through(HOUR)
    assert office.all_mails == []


def test_slots_are_told_only_after_the_embargo(office: Office) -> None:
    office.see_hourly(ZERO, 26)
    office.tick(HOUR)
    office.see(SLOTS)
    seen = office.clock.now()
    office.tick_through(23 * HOUR, HOUR)
    assert len(office.mails) == 1
    office.tick(2 * HOUR)
    assert len(office.mails) == 2
    assert office.clock.now() - seen >= DAY
    assert (
        subjects(office.mails)[1] == "Des créneaux ont de nouveau été proposés : Vienne (86), titre de séjour"
    )
    assert "ne sert pas à réserver" in text_of(office.mails[1])


def slots_mail(office: Office, *hours: Outcome) -> str:
    """The text about slots that ended a zero, after which the page showed `hours`."""
    office.see_hourly(ZERO, 26)
    office.tick(HOUR)
    office.see_hourly(SLOTS, 1)
    for outcome in hours:
        office.see_hourly(outcome, 1)
    office.tick_through(max(26 - len(hours), 1) * HOUR, HOUR)
    return text_of(office.mails[1])


def test_slots_that_are_still_there_are_told_without_the_latest_sightings(office: Office) -> None:
    text = slots_mail(office, *[SLOTS] * 30)
    assert "Créneaux vus pour la première fois : mercredi 4 mars 2026 à 12 h 00" in text
    (still,) = re.findall(r"Vus encore : mercredi 4 mars 2026 à (\d+)", text)
    assert 12 < int(still) < 24  # told on Thursday at about eight in the evening
    assert "jeudi 5 mars" not in text


def test_slots_that_are_gone_are_told_with_the_bounds_of_their_life(office: Office) -> None:
    text = slots_mail(office, SLOTS, SLOTS, ZERO)
    assert "Vus encore : mercredi 4 mars 2026 à 14 h 00" in text
    assert "De nouveau aucun créneau observé : mercredi 4 mars 2026 à 15 h 00" in text


def test_who_asked_for_zeros_alone_and_is_patient_is_not_passed_over_at_a_milestone(
    store: Store, postman: Any
) -> None:
    office = open_office(store, postman, lists=[ONE_LIST | {"topics": ["zero"], "patience": "240h"}])
    office.see_hourly(ZERO, 11 * 24)
    office.tick_through(2 * HOUR, HOUR)
    assert subjects(office.mails) == ["Zéro créneau observé : Vienne (86), titre de séjour"]


def test_who_is_patient_hears_of_no_milestone_before_and_of_no_end_of_a_short_drought(
    store: Store, postman: Any
) -> None:
    office = open_office(store, postman, lists=[ONE_LIST | {"patience": "240h"}])
    office.see_hourly(ZERO, 8 * 24)
    office.tick_through(2 * HOUR, HOUR)
    office.see(SLOTS)
    office.tick_through(30 * HOUR, HOUR)
    assert office.mails == []


def test_who_asked_for_slots_alone_hears_of_them_although_a_zero_came_after(
    store: Store, postman: Any
) -> None:
    office = open_office(store, postman, lists=[ONE_LIST | {"topics": ["slots"]}], embargo="36h")
    office.see_hourly(ZERO, 26)
    office.see_hourly(SLOTS, 1)
    office.see_hourly(ZERO, 30)
    office.tick_through(12 * HOUR, HOUR)
    assert subjects(office.mails) == [
        "Des créneaux ont de nouveau été proposés : Vienne (86), titre de séjour"
    ]


def test_an_organisation_s_own_list_hears_of_slots_at_once(store: Store, postman: Any) -> None:
    office = open_office(store, postman, lists=[ONE_LIST | {"public": False}], pause="1m")
    office.see_hourly(ZERO, 26)
    office.tick()
    office.see(SLOTS)
    office.tick(20 * MINUTE)
    assert len(office.mails) == 2


def test_a_zero_that_ended_before_it_was_told_is_never_told(office: Office) -> None:
    office.see_hourly(ZERO, 25)
    office.see(SLOTS)
    office.tick_through(20 * HOUR, HOUR)
    assert office.mails == []


def test_a_zero_that_ended_while_the_server_was_away_is_never_told(office: Office) -> None:
    office.postman.answers["RCPT"] = lambda _: "451 later"
    office.see_hourly(ZERO, 26)
    office.tick()
    office.see(SLOTS)
    office.postman.answers.clear()
    office.tick_through(10 * HOUR, HOUR)
    assert office.mails == []
    with office.store.read() as conn:
        assert deliveries.backlog(conn).by_status[Status.DROPPED] == 1


@LONG
def test_many_changes_at_once_are_one_mail(store: Store, postman: Any) -> None:
    names = [f"86-{n:03}" for n in range(60)]
    office = open_office(store, postman, [target(name) for name in names])
    for _ in range(26):
        for name in names:
            office.see(ZERO, name)
        office.tick(HOUR)
    office.tick_through(5 * HOUR, HOUR)
    assert subjects(office.mails) == ["60 changements dans les guichets suivis"]


def test_no_more_than_one_mail_a_day_to_one_subscription(store: Store, postman: Any) -> None:
    office = open_office(store, postman, [target("a"), target("b")])
    office.see_hourly(ZERO, 26, "a")
    office.see_hourly(ZERO, 14, "b")
    office.tick()
    for _ in range(12):
        office.see(ZERO, "b")
        office.tick(HOUR)
    office.tick_through(11 * HOUR, HOUR)
    assert len(office.mails) == 1
    office.tick_through(4 * HOUR, HOUR)
    assert len(office.mails) == 2


def test_a_mail_counts_the_gaps_that_were_recorded_after_the_zero(office: Office) -> None:
    office.see_hourly(ZERO, 5)
    office.wait(3 * DAY)
    office.see(ZERO)  # the service is back, and looks before it has accounted for its absence
    for hour in range(60):
        missed = gap(office.clock.now() - 70 * HOUR + hour * HOUR)
        office.store.append_gap(missed, within=[office.fold.missed])
    office.tick(HOUR)
    text = text_of(office.mails[0])
    assert "Couverture : 9 % des visites prévues" in text
    assert "Données insuffisantes" in text


def test_a_milestone_is_mailed_with_its_reason(office: Office) -> None:
    office.see_hourly(ZERO, 7 * 24 + 1)
    office.tick(HOUR)
    assert subjects(office.mails) == ["7 jours sans créneau observé : Vienne (86), titre de séjour"]
    assert "435594" in text_of(office.mails[0])


def test_what_became_known_late_is_recorded_and_told_to_nobody(office: Office) -> None:
    for hour in range(30):
        office.store.append_observation(observation(START - 40 * DAY + hour * HOUR))
    office.tick_through(3 * HOUR, HOUR)
    assert office.mails == []
    with office.store.read() as conn:
        assert [one.transition.after for one in transitions.told(conn)] == [Phase.ZERO]


def test_entries_recorded_by_others_are_folded_at_the_next_tick(office: Office) -> None:
    for _ in range(26):
        office.store.append_observation(observation(office.clock.now()))
        office.wait(HOUR)
    office.tick()
    assert len(office.mails) == 1


def test_entries_recorded_by_others_are_folded_before_our_next_one(office: Office) -> None:
    office.see(ZERO)
    for _ in range(24):
        office.wait(HOUR)
        office.store.append_observation(observation(office.clock.now()))
    office.wait(HOUR)
    office.see(ZERO)
    with office.store.read() as conn:
        (only,) = transitions.told(conn)
    assert only.transition.drought
    assert only.transition.drought.zeros == 25


def test_the_transition_stands_or_falls_with_its_observation(office: Office) -> None:
    office.see_hourly(ZERO, 24)

    def power_cut(*_: object) -> None:
        raise RuntimeError("power cut")

    seen = observation(office.clock.now())
    with pytest.raises(RuntimeError, match="power cut"):
        office.store.append_observation(seen, within=[office.fold.observed, power_cut])
    with office.store.read() as conn:
        assert transitions.told(conn) == []
        assert outbox.recipients(conn, datetime.max.replace(tzinfo=UTC)) == []


def test_replay_gives_the_recorded_transitions_bit_for_bit(office: Office) -> None:
    script = [ZERO] * 26 + [SLOTS, BLOCKED, BLOCKED, ZERO, SLOTS] + [ZERO] * 30 + [DOWN] * 3 + [ZERO] * 200
    for n, outcome in enumerate(script):
        office.see(outcome)
        if n % 10 == 0:
            office.wait(HOUR / 2)
            office.miss(GapReason.HOST_BUSY)
        office.wait(HOUR)
    with office.store.read() as conn:
        state = State(target="vienne-titre", zone="Europe/Paris")
        facts = [fact for _, _, fact in transitions.facts(conn, target="vienne-titre")]
        recorded = [one.transition for one in transitions.told(conn)]
        assert transitions.state_of(conn, "vienne-titre", "Europe/Paris")[0] == fold(state, facts)[0]
    assert list(fold(state, facts)[1]) == recorded
    assert len(recorded) > 5


def test_the_database_refuses_to_change_a_transition(office: Office) -> None:
    office.see_hourly(ZERO, 26)
    for statement in ("UPDATE transitions SET news = news", "DELETE FROM transitions"):
        with pytest.raises(Exception, match="append-only"), office.store.write() as conn:
            conn.exec_driver_sql(statement)


def test_the_digest_arrives_on_monday_at_eight(store: Store, postman: Any) -> None:
    office = open_office(store, postman, lists=[ONE_LIST | {"topics": ["digest"]}])
    office.clock.advance_to(datetime(2026, 3, 23, 8, tzinfo=UTC))
    while office.clock.now() < datetime(2026, 3, 31, tzinfo=UTC):
        office.see(ZERO)
        office.tick(HOUR)
    (mail,) = office.mails
    assert mail["Date"].datetime == datetime(2026, 3, 30, 6, tzinfo=UTC)  # 08:00 on the Monday of summer time
    assert mail["Subject"].startswith("Vigie, semaine du lundi 23 mars 2026")
    assert "Nouvelles périodes sans créneau" in text_of(mail)


def test_back_after_two_days_there_is_at_most_one_digest(store: Store, postman: Any) -> None:
    everything = ONE_LIST | {"topics": ["zero", "slots", "milestone", "digest"]}
    office = open_office(store, postman, lists=[everything])
    office.clock.advance_to(datetime(2026, 3, 20, 8, tzinfo=UTC))
    office.see_hourly(ZERO, 30)
    office.tick()
    before = len(office.mails)
    office.clock.advance_to(datetime(2026, 3, 24, 5, tzinfo=UTC))  # Tuesday: Monday's digest is due
    for hour in range(48):
        missed = gap(office.clock.now() - hour * HOUR)
        office.store.append_gap(missed, within=[office.fold.missed])
    office.tick_through(20 * HOUR, HOUR)
    assert len(office.mails) - before == 1
    assert subjects(office.mails)[-1].startswith("Vigie, semaine du")


@LONG
def test_a_cut_network_is_one_mail_to_the_operator(store: Store, postman: Any) -> None:
    names = [f"86-{n:03}" for n in range(300)]
    targets = [
        target(name, url=f"http://pref{n % 40}.localhost/booking/create/1") for n, name in enumerate(names)
    ]
    everyone = [ONE_LIST, {"name": "tous", "to": ["a@example.org", "b@example.org"]}]
    office = open_office(store, postman, targets, lists=everyone)
    for outcome, hours in ((ZERO, 2), (DOWN, 6), (ZERO, 3)):
        for _ in range(hours):
            for n, name in enumerate(names):
                office.see(outcome, name)
                if n % 25 == 24:
                    office.tick(HOUR / 12)
    (mail,) = office.to_operator
    assert office.mails == []
    assert mail["Subject"] == "[Vigie] Le moniteur ne voit plus rien : monitor"


@LONG
def test_back_after_two_days_many_targets_are_one_mail_for_each_subscriber(
    store: Store, postman: Any
) -> None:
    names = [f"86-{n:03}" for n in range(60)]
    everything = {"topics": ["zero", "slots", "milestone", "digest"]}
    lists = [ONE_LIST | everything, {"name": "tous", "to": ["a@example.org"]} | everything]
    office = open_office(store, postman, [target(name) for name in names], lists=lists)
    office.clock.advance_to(datetime(2026, 3, 22, 8, tzinfo=UTC))
    for name in names:
        for hours in (0, 2, 4, 6, 8):
            seen = observation(office.clock.now() + hours * HOUR, ZERO, name)
            store.append_observation(seen, within=[office.fold.observed])
    office.wait(9 * HOUR)
    office.tick()
    office.clock.advance_to(office.clock.now() + 48 * HOUR)  # on a Tuesday: Monday's digest is late
    for n, name in enumerate(names):
        for hours in (50, 26, 2):
            missed = gap(office.clock.now() - hours * HOUR, GapReason.DOWNTIME, name)
            store.append_gap(missed, within=[office.fold.missed])
        office.see(ZERO if n % 3 else SLOTS, name)
    office.tick_through(20 * HOUR, HOUR)
    assert sorted(mail["To"] for mail in office.mails) == ["a@example.org", "permanence@example.org"]
    assert all(mail["Subject"].startswith("Vigie, semaine du") for mail in office.mails)


def test_mails_beyond_the_cap_are_held_until_released(store: Store, postman: Any) -> None:
    many = ONE_LIST | {"to": [f"u{n}@example.org" for n in range(8)]}
    office = open_office(store, postman, lists=[many], recipient_cap=5)
    office.see_hourly(ZERO, 26)
    office.tick_through(3 * HOUR)
    assert sum(mail["To"].startswith("u") for mail in office.mails) == 5
    assert "[Vigie] Messages retenus, à relire : alerts" in subjects(office.to_operator)
    with office.store.write() as conn:
        assert deliveries.release(conn, (Status.HELD,), office.clock.now()) == 3
    office.tick()
    assert sum(mail["To"].startswith("u") for mail in office.mails) == 8


def test_a_mail_refused_for_good_is_set_aside_and_reported(office: Office) -> None:
    office.postman.answers["RCPT"] = lambda to: "550 no such user" if to.startswith("permanence") else None
    office.see_hourly(ZERO, 26)
    office.tick_through(2 * HOUR)
    assert subjects(office.to_operator)[0] == "[Vigie] Courriel mis de côté après un refus : alerts"
    assert "550 no such user" in text_of(office.to_operator[0])


def test_the_address_a_server_quotes_is_kept_nowhere(office: Office) -> None:
    office.postman.answers["RCPT"] = lambda to: (
        f"550 5.1.1 <{to}>: {to.partition('@')[0]} unknown" if to.startswith("permanence") else None
    )
    office.see_hourly(ZERO, 26)
    office.tick_through(2 * HOUR)
    text = text_of(office.to_operator[0])
    assert "550 5.1.1 <…>: … unknown" in text
    assert "permanence" not in text
    with office.store.read() as conn:
        (refused,) = deliveries.with_status(conn, Status.PARKED)
        incidents = stored_incidents.open_now(conn)
    assert "550" in str(refused.error)
    assert "permanence" not in f"{refused} {incidents}"


def test_a_mail_set_aside_weeks_later_is_told_anew(office: Office) -> None:
    office.postman.answers["RCPT"] = lambda to: "550 no such user" if to.startswith("permanence") else None
    for _ in range(23 * 4):  # zero after a day, marks after 7 and 21: the first two are one incident
        office.see(ZERO)
        office.tick()
        office.wait(6 * HOUR)
    assert subjects(office.to_operator) == ["[Vigie] Courriel mis de côté après un refus : alerts"] * 2


def test_a_mail_refused_for_now_is_tried_again_and_set_aside_after_eight_attempts(office: Office) -> None:
    tries: list[str] = []

    def later(to: str) -> str | None:
        if "perm" not in to:
            return None
        tries.append(to)
        return "451 later"

    office.postman.answers["RCPT"] = later
    office.see_hourly(ZERO, 26)
    office.tick_through(3 * DAY, HOUR / 2)
    assert len(tries) == 8
    assert "[Vigie] Courriel mis de côté après un refus : alerts" in subjects(office.to_operator)


def test_a_server_that_refuses_us_costs_no_attempt(office: Office) -> None:
    server = office.mailer.server
    object.__setattr__(office.mailer, "server", office.postman.settings(password="wrong"))
    office.see_hourly(ZERO, 26)
    office.tick_through(6 * HOUR, HOUR)
    object.__setattr__(office.mailer, "server", server)
    office.tick(HOUR)
    assert len(office.mails) == 1


def test_a_lost_connection_doubles_the_mail_under_the_same_message_id(office: Office) -> None:
    dropped: list[Any] = []

    def drop_once(server: Any) -> None:
        if not dropped:
            dropped.append(server.transport.abort())

    office.postman.after_data = drop_once
    office.see_hourly(ZERO, 26)
    office.tick_through(HOUR)
    first, second = office.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_one_bad_mail_does_not_keep_the_others(store: Store, postman: Any) -> None:
    office = open_office(store, postman, lists=[ONE_LIST | {"to": ["a@example.org", "b@example.org"]}])
    office.postman.answers["DATA"] = lambda to: "554 no" if to.startswith("a@") else None
    office.see_hourly(ZERO, 26)
    office.tick()
    assert [mail["To"] for mail in office.mails] == ["b@example.org"]


def test_who_opted_out_of_a_list_gets_nothing(office: Office) -> None:
    (listed,) = office.mailer.planner.listed
    with office.store.write() as conn:
        subscriptions.opt_out(conn, listed.id, START)
    office.see_hourly(ZERO, 26)
    office.tick_through(HOUR)
    assert office.mails == []


def test_other_sources_tell_the_operator_too(office: Office) -> None:
    office.sources.append(
        lambda now: [Incident(kind=IncidentKind.DISK, key="/var", since=now, detail="4% free")]
    )
    office.tick_through(2 * HOUR)
    assert subjects(office.to_operator) == ["[Vigie] Disque presque plein : /var"]


def test_the_control_is_quoted_beside_the_zero(store: Store, postman: Any) -> None:
    office = open_office(store, postman, [target(), target("temoin", demarche="Duplicata")])
    object.__setattr__(office.mailer.messages.gatherer, "controls", {"vienne-titre": "temoin"})
    for _ in range(26):
        office.see(SLOTS, "temoin")
        office.wait(4 * MINUTE)
        office.see(ZERO)
        office.wait(56 * MINUTE)
    office.tick()
    assert "zéro corroboré, « Duplicata » proposait des créneaux" in text_of(office.mails[0])


def test_a_suspected_zero_waits_for_the_operator(office: Office) -> None:
    office.see_hourly(ZERO, 10)
    with office.store.write() as conn:
        flagged = SuspectedObservation(observation=5, host="vienne.localhost", reason=Suspicion.ALL_AT_ONCE)
        suspicions.flag(conn, [flagged], office.clock.now())
    office.see_hourly(ZERO, 16)
    office.tick_through(HOUR)
    assert office.mails == []
    assert "[Vigie] Zéro peut-être réservé au robot : vienne.localhost" in subjects(office.to_operator)
    with office.store.write() as conn:
        deliveries.release(conn, (Status.HELD,), office.clock.now())
    office.tick()
    assert "une réponse faite aux seuls robots n'est pas exclue" in text_of(office.mails[0])


def test_an_authority_that_is_late_is_one_mail_however_many_days(office: Office) -> None:
    references = [
        "incident authority_late une autorité 2026-03-01",
        "incident authority_late une autorité 2026-03-02",
        "incident authority_late autre 2026-03-01",
        "anchor 2026-03-01 autre",
    ]
    with office.store.write() as conn:
        rows = [
            {"seq": n, "target": "", "reference": reference, "data": b""}
            for n, reference in enumerate(references)
        ]
        conn.execute(insert(log), rows)
    office.tick_through(HOUR)
    assert subjects(office.to_operator) == ["[Vigie] Autorité d'horodatage en retard : une autorité"]
    assert "2026-03-01, 2026-03-02" in text_of(office.to_operator[0])


def test_the_checkpoint_of_the_log_stands_in_one_line(tmp_path: Path) -> None:
    published = tmp_path / "checkpoint"
    assert checkpoint_line(published) is None
    published.write_text("vigie.example/log\n42\nroot=\n\n— vigie.example/log sig\n", encoding="utf-8")
    assert checkpoint_line(published) == "vigie.example/log 42 root="


def test_a_disk_that_fills_up_is_noticed(tmp_path: Path) -> None:
    (full,) = disk([tmp_path / "not-there-yet"], least_free=1.1)(START)
    assert (full.kind, full.key) == (IncidentKind.DISK, str(tmp_path / "not-there-yet"))
    assert list(disk([tmp_path], least_free=0)(START)) == []


def test_how_much_of_a_disk_is_free_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=100, used=96, free=4))
    (full,) = disk([tmp_path], least_free=0.05)(START)
    assert full.detail == "4% free"
    assert list(disk([tmp_path], least_free=0.04)(START)) == []
