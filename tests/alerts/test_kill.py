"""Kill −9 at every step of the mailer, before a real server with TLS and login: none lost, one double."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from monitor.alerts.send.mailer import LEASE
from monitor.store import Status, open_store
from monitor.store.alerts import deliveries
from tests.alerts.mailer_child import Life, live_until
from tests.alerts.office import HOUR, MINUTE, ONE_LIST, OPERATOR, PUBLIC, START
from tests.cast.forked import forked
from tests.cast.observations import observation, target
from tests.plugins.postgresql import fresh_database

ADDRESSES = ["a@example.org", "b@example.org", "c@example.org"]
ALERTS = {"operators": [OPERATOR], "lists": [ONE_LIST | {"to": ADDRESSES}], **PUBLIC}
DAY_LATER = START + 24 * HOUR

KILLS = int(os.environ.get("CRASH_KILLS", "40"))
"""Spread over all the steps of a life; `make soak` asks for two hundred, whatever the server does."""
FEW = KILLS if "CRASH_KILLS" in os.environ else 8

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def processes() -> Any:
    """Forks children from a server that has loaded everything beforehand."""
    return forked


Arrived = Counter[tuple[str, str]]
"""How often each recipient got each `Message-ID`."""


def eve_in(url: str, tmp_path: Path, postman: Any) -> Life:
    """The moment before the observation that confirms a zero."""
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


@dataclass(frozen=True)
class Deathbed:
    """Lives that start at the same eve, each in a database of its own, and the server they speak to."""

    processes: Any
    eve: Life
    postman: Any
    another: Callable[[], AbstractContextManager[Life]]
    arrived: list[Arrived] = field(default_factory=list)

    def try_kills(
        self,
        kills: int,
        misbehave: Callable[[], None],
        *,
        lives: int = 4,
        mended: bool = True,
        check: Callable[[Life], None] = lambda life: None,
        **smtp: str,
    ) -> None:
        """`kills` trials, spread over all the steps of one life that has the server `misbehave`.

        Each is followed by up to `lives` whole ones, before a `mended` server, and then by `check`.
        """
        misbehave()
        steps = self._measure(smtp)
        assert steps > 100
        for n in range(kills):
            with self.another() as life:
                misbehave()
                self._die(_with(life, smtp), 1 + n * steps // kills if kills < steps else 1 + n % steps)
                if mended:
                    self.postman.behave()
                self._recover(life, lives)
                self.arrived.append(self._copies())
                check(life)

    def _measure(self, smtp: dict[str, str]) -> int:
        with self.another() as life:
            steps = self._die(_with(life, smtp), 0)
        self._copies()
        return steps

    def _die(self, life: Life, at: int) -> int:
        """Live until killed; the number of steps when it outlived them."""
        count = self.processes.Value("i", 0)
        child = self.processes.Process(target=live_until, args=(life, at, count))
        child.start()
        child.join(60)
        assert child.exitcode in (0, -signal.SIGKILL)
        return int(count.value)

    def _recover(self, life: Life, lives: int) -> None:
        """What the next processes do once the lease has run out, until everybody has their mail."""
        for n in range(lives):
            replace(life, now=life.now + LEASE + n * HOUR + MINUTE).live()
            if {received.recipients[0] for received in self.postman.received} >= set(ADDRESSES):
                return

    def _copies(self) -> Arrived:
        counted = Counter((received.recipients[0], received.id) for received in self.postman.received)
        self.postman.received.clear()
        return counted


def _with(life: Life, smtp: dict[str, str]) -> Life:
    return replace(life, smtp=life.smtp | smtp)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def deathbed(request: pytest.FixtureRequest, processes: Any, postman: Any, tmp_path: Path) -> Deathbed:
    """On either database."""
    make = _on_sqlite if request.param == "sqlite" else _on_postgresql
    eve, another = make(request, tmp_path, postman)
    return Deathbed(processes, eve, postman, another)


def _on_sqlite(request: pytest.FixtureRequest, tmp_path: Path, postman: Any) -> Any:
    eve = eve_in(request.getfixturevalue("sqlite_url"), tmp_path, postman)

    @contextmanager
    def another() -> Iterator[Life]:
        place = tmp_path / "life"
        place.mkdir()
        shutil.copy(eve.url.removeprefix("sqlite:///"), place / "vigie.db")
        yield replace(eve, url=f"sqlite:///{place / 'vigie.db'}")
        shutil.rmtree(place)

    return eve, another


def _on_postgresql(request: pytest.FixtureRequest, tmp_path: Path, postman: Any) -> Any:
    eve = eve_in(request.getfixturevalue("migrated_postgresql_url"), tmp_path, postman)
    server, template = request.getfixturevalue("postgresql_server"), eve.url.rpartition("/")[2]

    @contextmanager
    def another() -> Iterator[Life]:
        with fresh_database(server, template=template) as url:
            yield replace(eve, url=url)

    return eve, another


def none_lost(trials: list[Arrived], *, faults: int = 1) -> int:
    """Everybody has their mail, under one Message-ID; each fault doubled one at most. How many it did."""
    for arrived in trials:
        public = {key: n for key, n in arrived.items() if key[0] in ADDRESSES}
        assert sorted(address for address, _ in public) == ADDRESSES
        assert max(public.values()) <= 1 + faults
        assert sum(public.values()) <= len(ADDRESSES) + faults
    doubled = sum(max(arrived.values()) > 1 for arrived in trials)
    print(f"{len(trials)} kills, {doubled} times a mail came more than once")
    return doubled


def test_killed_anywhere_it_loses_no_mail_and_doubles_at_most_one(deathbed: Deathbed) -> None:
    deathbed.try_kills(KILLS, lambda: None, lives=1)
    doubled = none_lost(deathbed.arrived)
    assert doubled < KILLS / 5  # only the steps between the server's 250 and our commit


@pytest.mark.parametrize("verb", ["RCPT", "DATA"])
def test_killed_while_the_server_says_later_it_loses_no_mail(deathbed: Deathbed, verb: str) -> None:
    def misbehave() -> None:
        deathbed.postman.answers[verb] = lambda to: "451 come back later" if to.startswith("b") else None

    deathbed.try_kills(FEW, misbehave)
    none_lost(deathbed.arrived)


def test_killed_while_the_server_hangs_it_loses_no_mail(deathbed: Deathbed) -> None:
    def misbehave() -> None:
        deathbed.postman.hang = lambda to: to.startswith("b")

    deathbed.try_kills(FEW, misbehave, timeout="1s")
    none_lost(deathbed.arrived)


def test_killed_while_the_server_drops_after_the_data_it_loses_no_mail(deathbed: Deathbed) -> None:
    def misbehave() -> None:
        dropped: list[object] = []
        deathbed.postman.after_data = lambda server: (
            None if dropped else dropped.append(server.transport.abort())
        )

    deathbed.try_kills(FEW, misbehave)
    none_lost(deathbed.arrived, faults=2)  # the drop and the kill


def test_killed_while_the_server_refuses_one_for_good_it_sets_that_one_aside(deathbed: Deathbed) -> None:
    def misbehave() -> None:
        deathbed.postman.answers["RCPT"] = lambda to: "550 no such user" if to.startswith("b") else None

    deathbed.try_kills(FEW, misbehave, mended=False, check=one_is_set_aside)
    for arrived in deathbed.arrived:
        assert {address for address, _ in arrived} == {"a@example.org", "c@example.org", OPERATOR}
        assert max(arrived.values()) <= 2


def one_is_set_aside(life: Life) -> None:
    store = open_store(life.url, media=life.media)
    with store.read() as conn:
        (parked,) = deliveries.with_status(conn, Status.PARKED)
    store.close()
    assert parked.error
    assert "550" in parked.error
