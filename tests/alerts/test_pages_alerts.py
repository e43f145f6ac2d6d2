"""Subscribing, confirming, leaving: over HTTP, with what a stranger could try."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from monitor.alerts.decide.subscribers import everyone
from monitor.alerts.subscribe.pages import app
from monitor.alerts.subscribe.requests import (
    REQUESTS_OF_ALL,
    REQUESTS_OF_ONE,
    SubscriptionRequests,
    TooManyRequests,
)
from monitor.alerts.write.links import LinkSigner, Purpose
from monitor.store import Store
from monitor.store.alerts import subscriptions
from monitor.store.alerts.subscriptions import Subscriber
from probes.model import Outcome
from tests.alerts.office import HOUR, Office, open_office, subjects, text_of
from tests.cast.observations import target

SIGNER = LinkSigner("https://vigie.example.org", "s" * 32)
ASKED = {"adresse": "alice@example.org", "departement": "86", "sujet": ["zero", "digest"], "langue": "fr"}


@pytest.fixture
def office(store: Store, postman: Any) -> Office:
    return open_office(store, postman, [target(), target("reunion", departement="974")], lists=())


@dataclass
class Browser:
    """Asks the application as a browser would, without following redirects or keeping cookies."""

    pages: Starlette

    def get(self, path: str) -> httpx.Response:
        return self._ask("GET", path)

    def head(self, path: str) -> httpx.Response:
        return self._ask("HEAD", path)

    def post(self, path: str, data: dict[str, Any] | None = None) -> httpx.Response:
        return self._ask("POST", path, data=data)

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.pages)
            async with httpx.AsyncClient(transport=transport, base_url="https://vigie.example.org") as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())


def browser(office: Office) -> Browser:
    targets = list(office.watched.targets)
    requests = SubscriptionRequests(
        store=office.store, signer=SIGNER, targets=lambda: targets, clock=office.clock
    )
    return Browser(app(requests))


@pytest.fixture
def client(office: Office) -> Browser:
    return browser(office)


def link(text: str, purpose: Purpose) -> str:
    found = re.search(rf"https://vigie\.example\.org(/alertes/{purpose}/\S+)", text)
    assert found
    return found[1]


def confirmed(office: Office, client: Browser) -> str:
    """A confirmed subscription; the path that ends it."""
    client.post("/alertes", data=ASKED)
    office.tick()
    client.post(link(text_of(office.mails[-1]), Purpose.CONFIRM))
    with office.store.read() as conn:
        row = next(one for one in subscriptions.confirmed(conn) if one.address == ASKED["adresse"])
    return urlsplit(SIGNER.url(Purpose.UNSUBSCRIBE, row.id)).path


def test_a_request_is_mailed_a_link_and_nothing_more(office: Office, client: Browser) -> None:
    assert client.post("/alertes", data=ASKED).status_code == 202
    for _ in range(26):
        office.see(Outcome.NO_SLOTS)
        office.tick(HOUR)
    assert subjects(office.mails) == ["Vigie : confirmez votre abonnement"]
    assert "86" in text_of(office.mails[0])


def test_who_has_not_agreed_yet_is_offered_no_way_to_leave(office: Office, client: Browser) -> None:
    client.post("/alertes", data=ASKED)
    office.tick()
    (mail,) = office.mails
    assert mail["List-Unsubscribe"] is None
    assert "desabonnement" not in text_of(mail)


def test_spaces_around_an_address_are_no_mistake(office: Office, client: Browser) -> None:
    assert client.post("/alertes", data=ASKED | {"adresse": " alice@example.org\t"}).status_code == 202
    office.tick()
    assert [mail["To"] for mail in office.mails] == ["alice@example.org"]


def test_the_embargo_of_the_settings_is_that_of_whoever_subscribes(office: Office, client: Browser) -> None:
    confirmed(office, client)
    with office.store.read() as conn:
        (one,) = everyone(conn, [], timedelta(hours=36))
    assert one.embargo == timedelta(hours=36)
    assert one.since == office.clock.now()


def test_a_scanner_that_opens_the_link_confirms_nothing(office: Office, client: Browser) -> None:
    client.post("/alertes", data=ASKED)
    office.tick()
    path = link(text_of(office.mails[0]), Purpose.CONFIRM)
    for _ in range(3):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    with office.store.read() as conn:
        assert subscriptions.confirmed(conn) == []


def test_a_confirmed_subscriber_gets_what_was_asked_for(office: Office, client: Browser) -> None:
    confirmed(office, client)
    office.see_hourly(Outcome.NO_SLOTS, 26)
    office.see_hourly(Outcome.NO_SLOTS, 26, "reunion")
    office.tick(HOUR)
    assert subjects(office.mails)[1:] == ["Zéro créneau observé : Vienne (86), titre de séjour"]
    assert office.mails[1]["To"] == "alice@example.org"


@pytest.mark.parametrize(
    ("choice", "heard"),
    [
        ({"region": "la-reunion"}, ["reunion"]),
        ({"departement": "86"}, ["vienne-titre"]),
        ({"prefecture": "Vienne"}, ["reunion", "vienne-titre"]),
        ({"demarche": "titre de séjour", "departement": "974"}, ["reunion"]),
        ({"guichet": "reunion"}, ["reunion"]),
    ],
)
def test_one_may_choose_anything_from_a_region_down_to_one_target(
    office: Office, client: Browser, choice: dict[str, str], heard: list[str]
) -> None:
    assert client.post("/alertes", data={"adresse": "alice@example.org"} | choice).status_code == 202
    office.tick()
    client.post(link(text_of(office.mails[-1]), Purpose.CONFIRM))
    with office.store.read() as conn:
        (subscription,) = everyone(conn, (), HOUR)
    targets = office.watched.targets
    assert sorted(one.id for one in targets if subscription.scope.covers(one)) == heard


def test_who_asked_in_english_gets_links_to_pages_in_english(office: Office, client: Browser) -> None:
    client.post("/alertes", data=ASKED | {"langue": "en"})
    office.tick()
    path = link(text_of(office.mails[-1]), Purpose.CONFIRM)
    assert "I confirm" in client.get(path).text
    assert "You will receive" in client.post(path).text
    office.see_hourly(Outcome.NO_SLOTS, 26)
    office.tick()
    one_click = office.mails[-1]["List-Unsubscribe"].strip("<>").removeprefix("https://vigie.example.org")
    assert "You have left" in client.post(one_click, data={"List-Unsubscribe": "One-Click"}).text


def test_one_click_ends_it_as_rfc_8058_says(office: Office, client: Browser) -> None:
    confirmed(office, client)
    office.see_hourly(Outcome.NO_SLOTS, 26)
    office.tick()
    header = office.mails[-1]["List-Unsubscribe"].strip("<>")
    answer = client.post(urlsplit(header).path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    with office.store.read() as conn:
        assert subscriptions.confirmed(conn) == []


def test_opening_the_unsubscribe_link_ends_nothing(office: Office, client: Browser) -> None:
    path = confirmed(office, client)
    assert client.get(path).status_code == 200
    with office.store.read() as conn:
        assert len(subscriptions.confirmed(conn)) == 1


def test_leaving_twice_does_no_harm(office: Office, client: Browser) -> None:
    path = confirmed(office, client)
    assert [client.post(path).status_code for _ in range(2)] == [200, 200]


def subscribe(office: Office, addresses: list[str]) -> list[str]:
    """Requests and confirmations in any order, as over the years; the numbers of the subscriptions."""
    numbers: list[str] = []
    for address in addresses:
        wants = {"scope": {"departements": ["86"] * (len(numbers) % 9)}, "topics": ["slots"]}
        row = Subscriber(id=token_hex(16), address=address, wants=wants, created_at=office.clock.now())
        with office.store.write() as conn:
            subscriptions.subscribe(conn, row)
        if len(numbers) % 3:
            with office.store.write() as conn:
                subscriptions.confirm(conn, row.id, office.clock.now())
        numbers.append(row.id)
    return numbers


def files_of(office: Office, tmp_path: Path) -> list[Path]:
    """The files in which the database may keep an address, while it is open."""
    if office.store.url.get_backend_name() == "sqlite":
        return list(tmp_path.glob("vigie.db*"))
    with office.store.read() as conn:
        conn.exec_driver_sql("CHECKPOINT")
        folder = conn.exec_driver_sql("SHOW data_directory").scalar_one()
        named = "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relname ~ %s"
        kept = conn.exec_driver_sql(named, ("subscriptions|outbox|deliveries|incidents",)).scalars().all()
    return [Path(folder) / name for name in kept if name]


def left_of(address: str, files: list[Path]) -> list[str]:
    return [file.name for file in files if address.encode() in file.read_bytes()]


@pytest.mark.slow
def test_after_leaving_the_address_is_nowhere_in_the_files_of_the_database(
    office: Office, client: Browser, tmp_path: Path
) -> None:
    others = [f"personne-{token_hex(4)}@example.org" for _ in range(300)]
    numbers = subscribe(office, others[:150])
    office.wait(2 * HOUR)
    path = confirmed(office, client)
    numbers += subscribe(office, others[150:])
    office.postman.answers["RCPT"] = lambda to: f"550 5.1.1 <{to}>: alice is unknown"
    office.see_hourly(Outcome.NO_SLOTS, 26)
    office.tick_through(HOUR)
    assert left_of("alice@example.org", files_of(office, tmp_path))
    client.post(path)
    assert left_of("alice@example.org", files_of(office, tmp_path)) == []
    for number in numbers[::2]:
        client.post(urlsplit(SIGNER.url(Purpose.UNSUBSCRIBE, number)).path)
    files = files_of(office, tmp_path)
    assert [address for address in others[::2] if left_of(address, files)] == []
    assert all(left_of(address, files) for address in others[1::2])


def test_a_request_nobody_confirms_is_erased_after_two_days(office: Office, client: Browser) -> None:
    client.post("/alertes", data=ASKED)
    office.tick()
    office.tick(timedelta(hours=49))
    with office.store.read() as conn:
        assert conn.exec_driver_sql("SELECT * FROM subscriptions").all() == []
    assert client.post(link(text_of(office.mails[0]), Purpose.CONFIRM)).status_code == 404


def test_the_same_address_is_mailed_once_however_often_it_is_asked_for(
    office: Office, client: Browser
) -> None:
    for _ in range(REQUESTS_OF_ONE):
        assert client.post("/alertes", data=ASKED).status_code == 202
        office.tick(HOUR)
    assert len(office.mails) == 1


@pytest.mark.parametrize("variant", ["Alice@Example.org", "alice+1@example.org", "ALICE+x@example.org"])
def test_one_mailbox_is_mailed_once_however_its_address_is_written(
    office: Office, client: Browser, variant: str
) -> None:
    for address in (ASKED["adresse"], variant):
        assert client.post("/alertes", data=ASKED | {"adresse": address}).status_code == 202
    office.tick()
    assert len(office.mails) == 1


def test_one_machine_may_ask_only_so_often(office: Office, client: Browser) -> None:
    answers = [
        client.post("/alertes", data=ASKED | {"adresse": f"u{n}@example.org"}).status_code
        for n in range(REQUESTS_OF_ONE + 1)
    ]
    assert answers == [202] * REQUESTS_OF_ONE + [429]
    office.wait(HOUR)
    assert client.post("/alertes", data=ASKED).status_code == 202


def test_one_machine_is_counted_once_whatever_addresses_of_its_network_it_uses(store: Store) -> None:
    office = open_office(store, None)
    requests = SubscriptionRequests(store=store, signer=SIGNER, targets=list, clock=office.clock)
    for n in range(REQUESTS_OF_ONE):
        requests.request({"adresse": [f"a{n}@example.org"]}, f"2001:db8::{n + 1}")
    with pytest.raises(TooManyRequests):
        requests.request({"adresse": ["b@example.org"]}, "2001:db8::ffff")
    requests.request({"adresse": ["c@example.org"]}, "2001:db8:0:1::1")


def test_all_machines_together_may_ask_only_so_often(office: Office) -> None:
    answers = [
        browser(office).post("/alertes", data={"adresse": f"u{n}@example.org"}).status_code
        for n in range(REQUESTS_OF_ALL + 1)
    ]
    assert answers == [202] * REQUESTS_OF_ALL + [429]
    office.wait(HOUR + timedelta(seconds=1))
    assert browser(office).post("/alertes", data={"adresse": "late@example.org"}).status_code == 202


def test_the_answer_does_not_tell_a_known_address_from_an_unknown_one(
    office: Office, client: Browser
) -> None:
    confirmed(office, client)
    known = client.post("/alertes", data=ASKED)
    unknown = client.post("/alertes", data=ASKED | {"adresse": "bob@example.org"})
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)


@pytest.mark.parametrize(
    "bad",
    [
        {"adresse": "nobody"},
        {"adresse": "a@example.org\r\nBcc: b@example.org"},
        {"departement": "<script>"},
        {"demarche": "x" * 9000},
        {"sujet": "everything"},
        {"langue": "de"},
        {"guichet": "unknown"},
        {"x": "y" * 70_000},
        {f"x{n}": "y" for n in range(1001)},
    ],
)
def test_a_request_that_makes_no_sense_is_refused_and_escaped(client: Browser, bad: dict[str, str]) -> None:
    answer = client.post("/alertes", data=ASKED | bad)
    assert answer.status_code == 400
    assert "Rien n'a été enregistré." in answer.text
    assert "<script>" not in answer.text
    assert len(answer.text) < 5000


@pytest.mark.parametrize("token", ["x", "x.y", "0" * 32 + "." + "0" * 32, "%00", "é.é"])
def test_a_token_that_is_not_ours_opens_nothing(client: Browser, token: str) -> None:
    for purpose in Purpose:
        assert client.get(f"/alertes/{purpose}/{token}").status_code == 404
        assert client.post(f"/alertes/{purpose}/{token}").status_code == 404


def test_a_token_serves_one_purpose_only() -> None:
    token = SIGNER.token(Purpose.CONFIRM, "abc")
    assert SIGNER.subscription(Purpose.CONFIRM, token) == "abc"
    assert SIGNER.subscription(Purpose.UNSUBSCRIBE, token) is None
    assert LinkSigner("https://vigie.example.org", "t" * 32).subscription(Purpose.CONFIRM, token) is None


@pytest.mark.parametrize("path", ["/alertes", "/alertes?lang=en", "/alertes/style.css"])
def test_every_page_forbids_scripts_frames_and_caches(client: Browser, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text
    assert "set-cookie" not in answer.headers
    assert not re.search(r"style=|onclick", answer.text)


def test_an_organisation_s_own_list_can_be_left_too(store: Store, postman: Any) -> None:
    office = open_office(store, postman)
    (listed,) = office.mailer.planner.listed
    browser(office).post(urlsplit(SIGNER.url(Purpose.UNSUBSCRIBE, listed.id)).path)
    office.see_hourly(Outcome.NO_SLOTS, 26)
    office.tick(HOUR)
    assert office.mails == []


def test_a_new_subscriber_waits_for_the_next_monday(office: Office, client: Browser) -> None:
    office.see(Outcome.NO_SLOTS)
    office.clock.advance_to(datetime(2026, 3, 10, 9, tzinfo=UTC))  # a Tuesday
    confirmed(office, client)
    office.tick(HOUR)
    assert len(office.mails) == 1
    office.clock.advance_to(datetime(2026, 3, 16, 7, tzinfo=UTC))
    office.tick()
    assert subjects(office.mails)[-1].startswith("Vigie, semaine du lundi 9 mars")
