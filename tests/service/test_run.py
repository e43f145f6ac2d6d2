"""An installation as `vigie run` runs it, in this process: every part beside the others on one event loop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from monitor.model import GapReason, Observation
from monitor.problems import BadInput
from monitor.settings.load import Settings, make_settings
from monitor.store import Store
from monitor.store.alerts import transitions
from monitor.store.journal import lines
from monitor.store.record import draws
from monitor.targets.catalogue import CatalogueEntry
from monitor.watch.run import watch
from probes.model import Outcome, Target, Transport
from probes.simulator.app import build
from probes.simulator.listener import serve
from probes.simulator.sites import Product, Site
from probes.simulator.supply import Scenario
from tests.cast.observations import draw, target
from tests.cast.simulated import simple
from tests.cast.transactions import ask, tell

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)

Make = Callable[..., Settings]


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Make:
    """`settings(spacing)`: of an installation in a folder of its own."""
    return lambda spacing="0s": _settings(database_url, tmp_path, spacing)


def _settings(database_url: str, tmp_path: Path, spacing: str) -> Settings:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    evidence = {"folder": tmp_path / "evidence", "key_path": tmp_path / "log.key"}
    return make_settings(
        {
            "database": {"url": database_url},
            "storage": {"media": tmp_path / "media"},
            "schedule": {"seed_path": tmp_path / "seed"},
            "evidence": evidence | {"origin": "test.vigie.invalid/journal"},
            "metrics": {"port": port},
            "pace": {"hosts": {"localhost": {"spacing": spacing, "pages_per_day": 100_000}}},
        },
        "the test",
    )


def entry(site: Site, port: int) -> CatalogueEntry:
    """A démarche of `site`, drawn every two seconds."""
    procedure = site.procedures[0]
    target = Target(
        id=site.name,
        platform="classic",
        url=site.url(procedure, port),
        prefecture=procedure.prefecture,
        departement="92",
        demarche=procedure.title,
    )
    return CatalogueEntry(target=target, interval=timedelta(seconds=2), transport=Transport.HTTP)


def assert_folded_and_in_the_journal(store: Store, name: str) -> None:
    """Every entry was folded and put into the journal in its own transaction: the last one too."""
    assert ask(store, transitions.folded) == {name: max(row.id for row in store.entries())}
    assert ask(store, lines.unlogged_entries, 100) == []


def test_it_watches_until_a_signal_and_no_part_waits_for_sql(settings: Make, store: Store) -> None:
    site = simple("valmont", Product.CLASSIC, Scenario.DROUGHT)
    seen: list[Observation] = []

    def told(observation: Observation) -> None:
        seen.append(observation)
        if len(seen) == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    async def watching() -> None:
        async with serve(build(SystemClock(), (site,))) as port:
            watched = entry(site, port)
            off = replace(watched, target=replace(watched.target, id="off"), enabled=False)
            await watch(settings(), [watched, off], store, origin=now + DAY, seen=told)

    now = SystemClock().now()
    store.record_targets([target("gone")])
    tell(store, draws.commit, [draw("gone", now - DAY)])  # before the origin: somebody else's to account for
    asyncio.run(watching())
    assert {row.reading.outcome for row in store.observations()} == {Outcome.NO_SLOTS}
    assert len(list(store.observations())) >= 2
    assert list(store.entries("gone")) == []
    busy = GapReason.OVERLAP  # on a machine so busy that a visit outlasts two seconds
    doubled = GapReason.COULD_NOT_TRY  # one instant in 24 wants a Chromium, which this test does not have
    assert {row.reason for row in store.gaps()} <= {GapReason.SHUTDOWN, busy, doubled}
    assert_folded_and_in_the_journal(store, site.name)


def test_without_an_enabled_target_nothing_is_watched(settings: Make, store: Store) -> None:
    off = replace(entry(simple("valmont", Product.CLASSIC, Scenario.DROUGHT), 1), enabled=False)
    with pytest.raises(BadInput, match="enables no target"):
        asyncio.run(watch(settings(), [off], store))


def test_a_signal_during_a_visit_leaves_its_gap(settings: Make, store: Store) -> None:
    site = simple("valmont", Product.CLASSIC, Scenario.DROUGHT)
    app = build(SystemClock(), (site,))

    async def kill_between_two_pages() -> None:
        while not app.state.simulator.request_log.pages():  # noqa: ASYNC110 - the site has no event to wait for
            await asyncio.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

    async def watching() -> None:
        async with serve(app) as port, asyncio.timeout(60):
            killing = asyncio.create_task(kill_between_two_pages())
            await watch(settings(spacing="10m"), [entry(site, port)], store)
            await killing

    asyncio.run(watching())
    reasons = [row.reason for row in store.gaps()]
    assert reasons.count(GapReason.SHUTDOWN) == 1
    assert set(reasons) <= {GapReason.SHUTDOWN, GapReason.OVERLAP}
    assert list(store.observations()) == []
    assert_folded_and_in_the_journal(store, site.name)
