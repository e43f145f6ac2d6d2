"""The service visits the control of a target beside it, politely, and never in a share of time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from starlette.requests import Request
from starlette.responses import Response

from monitor.model import GapReason, Origin
from monitor.rules.schedule import instants
from monitor.store import Store
from monitor.targets.catalogue import CatalogueEntry
from probes.model import AcceptedLine, Capture, Outcome, Reading, Target
from probes.sessions.pace import HostPolicy, NotNow
from tests.service.one_page import OnePage, Site, entry, run, service

HOUR = timedelta(hours=1)
SEED = b"s" * 32


def pair() -> list[CatalogueEntry]:
    """A target due in seconds, and its control, which nobody will draw for an hour and nobody drew."""
    now = datetime.now(UTC)
    intervals = [HOUR * hours for hours in (24, 12, 8, 6, 4, 3)]
    quiet = next(i for i in intervals if not list(instants(SEED, "b", i, now - HOUR, now + HOUR)))
    return [replace(entry("a"), control="b"), entry("b", quiet)]


def on_one_host() -> list[CatalogueEntry]:
    """The same, on one host."""
    first, second = pair()
    return [first, replace(second, target=replace(second.target, url=first.target.url))]


def of_origin(store: Store, origin: Origin) -> list[str]:
    return [row.target for row in store.observations() if row.origin is origin]


class SlowControl(Site):
    """Answers for `b` only after a minute."""

    async def _answer(self, request: Request) -> Response:
        self.delay = 60 if request.url.hostname == "b.localhost" else 0
        return await super()._answer(request)


class Refusing(OnePage):
    """Reads every page as a refusal."""

    def read(self, target: Target, capture: Capture, accepted: Sequence[AcceptedLine] = ()) -> Reading:
        return Reading(outcome=Outcome.RATE_LIMITED, rule="slow_down", words="slow down")


@pytest.mark.slow
def test_it_visits_a_control_that_nobody_saw_in_time(store: Store) -> None:
    run(lambda: bool(of_origin(store, Origin.CONTROL)), service(store, pair(), Site()))
    assert set(of_origin(store, Origin.CONTROL)) == {"b"}
    assert all(row.scheduled_at is None for row in store.observations("b"))


@pytest.mark.slow
def test_one_visit_serves_for_ten_minutes(store: Store) -> None:
    run(lambda: len(of_origin(store, Origin.SCHEDULED)) >= 3, service(store, pair(), Site()))
    assert len(of_origin(store, Origin.CONTROL)) == 1


@pytest.mark.slow
def test_the_control_takes_its_turn_on_a_shared_host(store: Store) -> None:
    watched = service(store, on_one_host(), Site(delay=1))
    run(lambda: bool(of_origin(store, Origin.CONTROL)), watched)
    visits = sorted(store.observations(), key=lambda row: row.started_at)
    assert all(one.finished_at <= two.started_at for one, two in itertools.pairwise(visits))


@pytest.mark.slow
def test_a_host_that_refuses_us_gets_no_further_visit(store: Store) -> None:
    refusing = service(store, pair(), Site(), platform=Refusing())
    run(lambda: len(of_origin(store, Origin.SCHEDULED)) >= 2, refusing)
    assert of_origin(store, Origin.CONTROL) == []


@pytest.mark.slow
def test_a_control_that_cannot_be_visited_leaves_no_gap(store: Store) -> None:
    one_page = HostPolicy(spacing=timedelta(0), pages_per_day=1)
    run(lambda: bool(list(store.gaps("a"))), service(store, on_one_host(), Site(), policy=one_page))
    assert {gap.reason for gap in store.gaps("a")} == {GapReason.BUDGET_SPENT}
    assert list(store.entries("b")) == []


@pytest.mark.slow
def test_stopping_ends_a_visit_to_a_control_without_a_trace(store: Store) -> None:
    site = SlowControl()
    run(lambda: site.asked >= 2, service(store, pair(), site))
    assert of_origin(store, Origin.SCHEDULED)[0] == "a"
    assert list(store.entries("b")) == []


def test_a_reading_that_is_a_refusal_counts_towards_the_breaker(store: Store) -> None:
    known, strict = entry("a"), HostPolicy(spacing=timedelta(0), refusals=1)
    observer = service(store, [known], Site(), policy=strict).visits.observer

    async def twice() -> None:
        for _ in range(2):
            await observer.observe(known.target, Refusing(), known.transport)

    with pytest.raises(NotNow, match="breaker_open"):
        asyncio.run(twice())


class AsksToWait(Site):
    """Answers every request with « come back in an hour »."""

    async def _answer(self, request: Request) -> Response:
        return Response("slow down", 429, {"retry-after": "3600"})


def test_a_host_is_left_alone_for_as_long_as_it_asked(store: Store) -> None:
    known, patient = entry("a"), HostPolicy(spacing=timedelta(0), refusals=5)
    observer = service(store, [known], AsksToWait(), policy=patient).visits.observer

    async def twice() -> None:
        for _ in range(2):
            await observer.observe(known.target, Refusing(), known.transport)

    with pytest.raises(NotNow, match="breaker_open"):
        asyncio.run(twice())


def test_a_control_under_way_is_not_visited_a_second_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, control = pair()
    watched = service(store, [target, control], Site())
    asked: list[str] = []

    async def due(*_: object) -> CatalogueEntry:
        return control

    async def slow(one: CatalogueEntry) -> None:
        asked.append(one.target.id)
        await asyncio.sleep(0.05)

    async def three_times() -> None:
        for pause in (0.01, 0.2, 0.01):  # the second begins during the first, the third after it
            await watched._look(target, datetime.now(UTC))
            await asyncio.sleep(pause)

    monkeypatch.setattr(watched.visits, "drawn", due)
    monkeypatch.setattr(watched.visits, "control", slow)
    asyncio.run(three_times())
    assert asked == ["b", "b"]
