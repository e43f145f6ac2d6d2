"""Alerts beside the watch: started, served and ended with it."""

from __future__ import annotations

import asyncio
import logging
import socket
from datetime import timedelta
from typing import Any

import httpx
import pytest

from monitor.alerts.send import mailer as sending
from monitor.alerts.wiring import AlertTargets, alerting
from monitor.clock import SystemClock
from monitor.problems import BadInput
from monitor.settings.alerts import Alerts, Smtp
from monitor.store import Status, Store, StoreError
from monitor.store.alerts import deliveries
from probes.model import Outcome
from tests.alerts.office import HOUR, ONE_LIST, PUBLIC, Office, open_office, subjects
from tests.cast.observations import target

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WATCHED = AlertTargets(targets=[target()])


def alerts(**more: Any) -> Alerts:
    return Alerts.model_validate({"lists": [ONE_LIST], **PUBLIC, "port": 0} | more)


def test_mails_leave_and_pages_answer_for_as_long_as_the_watch_lasts(office: Office) -> None:
    office.see_hourly(Outcome.NO_SLOTS, 26)

    async def watch() -> int:
        settings = alerts(port=free_port())
        server = office.postman.settings()
        arrived, loop = asyncio.Event(), asyncio.get_running_loop()
        office.postman.after_data = lambda _: loop.call_soon_threadsafe(arrived.set)
        async with alerting(office.store, settings, server, WATCHED, office.clock):
            async with httpx.AsyncClient() as client:
                answer = await client.get(f"http://127.0.0.1:{settings.port}/alertes")
            await arrived.wait()
            return answer.status_code

    assert asyncio.run(asyncio.wait_for(watch(), 30)) == 200
    assert subjects(office.mails) == ["Zéro créneau observé : Vienne (86), titre de séjour"]


def test_a_mail_under_way_is_finished_before_the_end(office: Office) -> None:
    office.see_hourly(Outcome.NO_SLOTS, 26)

    async def watch() -> None:
        async with alerting(office.store, alerts(), office.postman.settings(), WATCHED, office.clock):
            await asyncio.sleep(0)

    asyncio.run(watch())
    office.tick(HOUR)
    assert len(office.mails) == 1


def test_without_a_public_address_no_page_is_served(store: Store) -> None:
    store.record_targets([target()])

    async def watch() -> None:
        settings = alerts(public_url="", port=1)
        async with alerting(store, settings, Smtp(), WATCHED, SystemClock()):
            await asyncio.sleep(0)

    asyncio.run(watch())


def test_a_port_that_is_taken_is_told_in_one_sentence(store: Store) -> None:
    async def watch(port: int) -> None:
        async with alerting(store, alerts(port=port), Smtp(), WATCHED, SystemClock()):
            pass

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            BadInput, match=rf"\[alerts\] port: cannot listen on 127.0.0.1:{port} .*another port"
        ):
            asyncio.run(watch(port))


def test_a_lease_outlasts_the_slowest_server_we_wait_for(office: Office) -> None:
    for timeout in ("2s", "30s", "5m"):
        server = office.postman.settings(timeout=timeout)
        object.__setattr__(office.mailer, "server", server)
        assert office.mailer.lease >= 12 * server.timeout  # from the greeting to the end of one message


@pytest.mark.parametrize("fault", [StoreError("The database is locked."), ZeroDivisionError("a bug")])
def test_a_fault_is_logged_and_the_next_round_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: Exception
) -> None:
    rounds: list[int] = []

    async def tick(self: Any) -> None:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise fault
        stop.set()

    stop = asyncio.Event()
    monkeypatch.setattr(sending.Mailer, "tick", tick)
    with caplog.at_level(logging.ERROR):
        asyncio.run(asyncio.wait_for(office.mailer.run(stop), 10))
    assert len(rounds) == 2
    assert "no alerts for now" in caplog.text
    assert ("Traceback" in caplog.text) is isinstance(fault, ZeroDivisionError)


def test_a_mail_we_cannot_write_is_set_aside_and_the_others_leave(
    store: Store, postman: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = open_office(store, postman, lists=[ONE_LIST | {"to": ["a@example.org", "b@example.org"]}])
    write = office.mailer.messages.write

    def sometimes(delivery: Any, now: Any) -> Any:
        letter = write(delivery, now)
        if letter and letter.address.startswith("a@"):
            raise LookupError("a fault of ours")
        return letter

    object.__setattr__(office.mailer, "messages", Spoiled(office.mailer.messages, sometimes))
    office.see_hourly(Outcome.NO_SLOTS, 26)
    office.tick_through(timedelta(hours=30), HOUR)
    assert [mail["To"] for mail in office.mails] == ["b@example.org"]


def test_a_lost_connection_costs_the_other_mails_nothing(store: Store, postman: Any) -> None:
    office = open_office(store, postman, lists=[ONE_LIST | {"to": ["a@example.org", "b@example.org"]}])
    dropped: list[Any] = []

    def drop_once(server: Any) -> None:
        if not dropped:
            dropped.append(server.transport.abort())

    postman.after_data = drop_once
    office.see_hourly(Outcome.NO_SLOTS, 26)
    office.tick()
    assert sorted(mail["To"] for mail in office.mails) == ["a@example.org", "b@example.org"]


def test_a_server_that_takes_nothing_is_asked_again_after_five_minutes(office: Office) -> None:
    object.__setattr__(office.mailer, "server", office.postman.settings(password="wrong"))
    office.see_hourly(Outcome.NO_SLOTS, 26)
    office.tick()
    with office.store.read() as conn:
        (waits,) = deliveries.with_status(conn, Status.PENDING)
    assert (waits.due_at - office.clock.now(), waits.attempts) == (timedelta(minutes=5), 0)
    assert "refuses the login" in str(waits.error)


class Spoiled:
    """Letters whose `write` is another one."""

    def __init__(self, messages: Any, write: Any) -> None:
        self.messages, self.write = messages, write

    def __getattr__(self, name: str) -> Any:
        return getattr(self.messages, name)


@pytest.fixture
def office(store: Store, postman: Any) -> Office:
    return open_office(store, postman)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
