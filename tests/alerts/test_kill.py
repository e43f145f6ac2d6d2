"""Kill −9 at every step of the mailer, before a real server with TLS and login: none lost, one double."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.alerts.mailer import LEASE
from monitor.store import Status, mailing, open_store
from tests.alerts.mailer_child import Life, live_until
from tests.alerts.office import HOUR, MINUTE, ONE_LIST, OPERATOR, PUBLIC, START
from tests.plugins.postgresql import fresh_database
from tests.store.builders import observation, target

ADDRESSES = ["a@example.org", "b@example.org", "c@example.org"]
ALERTS = {"operators": [OPERATOR], "lists": [ONE_LIST | {"to": ADDRESSES}], **PUBLIC}
DAY_LATER = START + 24 * HOUR

KILLS = int(os.environ.get("CRASH_KILLS", "40"))
"""Spread over all the steps of a life; `make soak` asks for two hundred."""
FEW = max(8, KILLS // 8)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def processes() -> Any:
    """Forks children from a server that has loaded everything beforehand."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.alerts.mailer_child"])
    return context


@pytest.fixture
def eve(sqlite_url: str, tmp_path: Path, postman: Any) -> Life:
    """The moment before the observation that confirms a zero."""
    return eve_in(sqlite_url, tmp_path, postman)


def eve_in(url: str, tmp_path: Path, postman: Any) -> Life:
    store = open_store(url, media=tmp_path / "media")
    store.record_targets([target()])
    for hour in range(24):
        store.append_observation(observation(START + hour * HOUR))
    store.close()
    settings = postman.settings().model_dump(mode="json") | {"password": "s3cret-é", "timeout": "30s"}
    return Life(
        url=url,
        media=tmp_path / "media",
        alerts=ALERTS,
        smtp=settings,
        confirming=DAY_LATER,
        now=DAY_LATER + 20 * MINUTE,
    )


def copy_of(eve: Life, place: Path) -> Life:
    place.mkdir()
    shutil.copy(eve.url.removeprefix("sqlite:///"), place / "vigie.db")
    return replace(eve, url=f"sqlite:///{place / 'vigie.db'}")


def die(processes: Any, life: Life, at: int) -> int:
    """Live until killed; the number of steps when it outlived them."""
    count = processes.Value("i", 0)
    child = processes.Process(target=live_until, args=(life, at, count))
    child.start()
    child.join(60)
    assert child.exitcode in (0, -signal.SIGKILL)
    return int(count.value)


def recover(life: Life, postman: Any) -> None:
    """What the next process does once the dead one's lease has run out, until everybody has their mail."""
    patient = replace(life, smtp=life.smtp | {"timeout": "30s"})
    for n in range(4):
        replace(patient, now=life.now + LEASE + n * HOUR + MINUTE).live()
        if {received.recipients[0] for received in postman.received} >= set(ADDRESSES):
            return


def copies(postman: Any) -> Counter[tuple[str, str]]:
    counted = Counter((received.recipients[0], received.id) for received in postman.received)
    postman.received.clear()
    return counted


def kill_everywhere(
    processes: Any,
    eve: Life,
    postman: Any,
    tmp_path: Path,
    kills: int,
    misbehave: Callable[[], None],
) -> list[Counter[tuple[str, str]]]:
    """`kills` trials, spread over all the steps of one life; what arrived in each."""
    misbehave()
    steps = die(processes, copy_of(eve, tmp_path / "whole"), 0)
    assert steps > 100
    postman.received.clear()
    trials = []
    for n in range(kills):
        life = copy_of(eve, tmp_path / str(n))
        misbehave()
        die(processes, life, 1 + n * steps // kills if kills < steps else 1 + n % steps)
        postman.answers.clear()
        postman.hang = lambda to: False
        recover(life, postman)
        trials.append(copies(postman))
        shutil.rmtree(tmp_path / str(n))
    return trials


def none_lost_one_doubled(trials: list[Counter[tuple[str, str]]]) -> int:
    """Check every trial; how many doubled a mail."""
    for arrived in trials:
        public = {key: n for key, n in arrived.items() if key[0] in ADDRESSES}
        assert sorted(address for address, _ in public) == ADDRESSES  # one Message-ID each, none missing
        assert max(public.values()) <= 2
        assert sum(public.values()) <= len(ADDRESSES) + 1
    return sum(max(arrived.values()) == 2 for arrived in trials)


def test_killed_anywhere_it_loses_no_mail_and_doubles_at_most_one(
    processes: Any, eve: Life, postman: Any, tmp_path: Path
) -> None:
    trials = kill_everywhere(processes, eve, postman, tmp_path, KILLS, lambda: None, rounds=1)
    doubled = none_lost_one_doubled(trials)
    print(f"{len(trials)} kills, {doubled} mails doubled")
    assert doubled < KILLS / 5  # only the steps between the server's 250 and our commit


@pytest.mark.parametrize("verb", ["RCPT", "DATA"])
def test_killed_while_the_server_says_later_it_loses_no_mail(
    processes: Any, eve: Life, postman: Any, tmp_path: Path, verb: str
) -> None:
    def misbehave() -> None:
        postman.answers[verb] = lambda to: "451 come back later" if to.startswith("b") else None

    none_lost_one_doubled(kill_everywhere(processes, eve, postman, tmp_path, FEW, misbehave))


def test_killed_while_the_server_hangs_it_loses_no_mail(
    processes: Any, eve: Life, postman: Any, tmp_path: Path
) -> None:
    def misbehave() -> None:
        postman.hang = lambda to: to.startswith("b")

    hasty = replace(eve, smtp=eve.smtp | {"timeout": "1s"})
    none_lost_one_doubled(kill_everywhere(processes, hasty, postman, tmp_path, 25, misbehave))


def test_killed_while_the_server_drops_after_the_data_it_loses_no_mail(
    processes: Any, eve: Life, postman: Any, tmp_path: Path
) -> None:
    def misbehave() -> None:
        dropped: list[object] = []
        postman.after_data = lambda server: None if dropped else dropped.append(server.transport.abort())

    for arrived in kill_everywhere(processes, eve, postman, tmp_path, FEW, misbehave):
        assert sorted(address for address, _ in arrived) == ADDRESSES
        assert max(arrived.values()) <= 2


@pytest.mark.postgresql
def test_killed_on_postgresql_it_loses_no_mail_either(
    processes: Any, migrated_postgresql_url: str, postgresql_server: str, tmp_path: Path, postman: Any
) -> None:
    eve = eve_in(migrated_postgresql_url, tmp_path, postman)
    template = eve.url.rpartition("/")[2]
    with fresh_database(postgresql_server, template=template) as url:
        steps = die(processes, replace(eve, url=url), 0)
    postman.received.clear()
    trials = []
    for n in range(FEW):
        with fresh_database(postgresql_server, template=template) as url:
            life = replace(eve, url=url)
            die(processes, life, 1 + n * steps // FEW)
            recover(life, postman)
        trials.append(copies(postman))
    none_lost_one_doubled(trials)


def test_killed_while_the_server_refuses_one_for_good_it_sets_that_one_aside(
    processes: Any, eve: Life, postman: Any, tmp_path: Path
) -> None:
    def misbehave() -> None:
        postman.answers["RCPT"] = lambda to: "550 no such user" if to.startswith("b") else None

    misbehave()
    steps = die(processes, copy_of(eve, tmp_path / "whole"), 0)
    postman.received.clear()
    for n in range(FEW):
        life = copy_of(eve, tmp_path / str(n))
        die(processes, life, 1 + n * steps // FEW)
        recover(life, postman)
        arrived = copies(postman)
        assert {address for address, _ in arrived} == {"a@example.org", "c@example.org", OPERATOR}
        assert max(arrived.values()) <= 2
        store = open_store(life.url, media=life.media)
        with store.read() as conn:
            (parked,) = mailing.with_status(conn, Status.PARKED)
        store.close()
        assert parked.error
        assert "550" in parked.error
