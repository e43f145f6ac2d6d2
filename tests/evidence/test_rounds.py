"""The log beside the service: rounds while it runs, nothing left when it stops."""

from __future__ import annotations

import asyncio
import errno
import logging
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

import pytest

from monitor.clock import SimulatedClock
from monitor.evidence.journal import records
from monitor.evidence.journal.keeper import Keeper, Round
from monitor.evidence.journal.rounds import _round, logging_evidence, tell
from monitor.evidence.journal.seals import Seals
from monitor.evidence.journal.stamps import StampAttempt
from monitor.settings.evidence import Evidence, Stamper
from monitor.settings.load import Settings
from monitor.store import Store, StoreError
from tests.cast.observations import NOON, observation, target

DAY = date(2026, 11, 22)


def settings_of(folder: Path, **known: object) -> Settings:
    evidence = Evidence(folder=folder / "published", key_path=folder / "log.key", **known)  # type: ignore[arg-type]
    return Settings(evidence=evidence)


class Telling(SimulatedClock):
    """A simulated clock that tells when it has come to an instant."""

    def __init__(self, start: datetime, *, tell_at: datetime) -> None:
        super().__init__(start)
        self._tell_at = tell_at
        self.told = asyncio.Event()

    async def _sleep(self, seconds: float) -> None:
        await super()._sleep(seconds)
        if self.now() >= self._tell_at:
            self.told.set()


def test_a_round_comes_while_the_service_runs(store: Store, tmp_path: Path) -> None:
    store.record_targets([target()])

    async def live() -> None:
        clock = Telling(NOON, tell_at=datetime(2026, 11, 24, 0, 30, tzinfo=UTC))
        async with logging_evidence(settings_of(tmp_path), store, clock) as log:
            await asyncio.to_thread(store.append_observation, observation(), within=[log.observed])
            await asyncio.wait_for(clock.told.wait(), timeout=60)

    asyncio.run(live())
    assert Seals(tmp_path / "published").days() == [NOON.date()]


def test_wrong_settings_are_said_and_stop_no_visit(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stamper = Stamper(name="tsa1", url="http://tsa.example/", root=tmp_path / "none.pem")
    settings = settings_of(tmp_path, authorities=(stamper,))
    store.record_targets([target()])

    async def live() -> None:
        async with logging_evidence(settings, store, SimulatedClock(NOON)) as log:
            await asyncio.sleep(0.2)
            store.append_observation(observation(), within=[log.observed])

    asyncio.run(live())
    assert "nothing is sealed" in caplog.text


def test_a_busy_database_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    class Busy:
        def keep(self) -> Round:
            raise StoreError("the database is locked")

    _round(cast("Keeper", Busy()))
    assert "waits for the database: the database is locked" in caplog.text


def test_a_full_disk_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    class Full:
        def keep(self) -> Round:
            raise OSError(errno.ENOSPC, "No space left on device", "var/evidence/x")

    _round(cast("Keeper", Full()))
    assert "cannot be written, make room or mend the folder: " in caplog.text
    assert "No space left on device: 'var/evidence/x'" in caplog.text


def test_a_fault_of_ours_is_said_and_stops_no_visit(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Keeper) -> Round:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Keeper, "keep", fail)
    store.record_targets([target()])

    async def live() -> None:
        async with logging_evidence(settings_of(tmp_path), store, SimulatedClock(NOON)) as log:
            await asyncio.sleep(0.2)
            store.append_observation(observation(), within=[log.observed])

    asyncio.run(live())
    assert "the evidence log is no longer sealed" in caplog.text
    assert "a fault of ours" in caplog.text


def test_the_operator_hears_of_stamps_that_do_not_come(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    disputed = records.Anchor(
        seal_day=DAY,
        seal_sha256="ab" * 32,
        authority="tsa2",
        token_sha256="cd" * 32,
        stamped_at=NOON,
        policy="1.2",
        checkers_agree=False,
    )
    attempts = [
        StampAttempt(day=DAY, authority="tsa1", reason="tsa1 answered HTTP 503"),
        StampAttempt(day=DAY, authority="tsa2", anchor=disputed),
    ]
    tell(Round(recorded=0, sealed=[DAY], attempts=attempts))
    assert "sealed 2026-11-22" in caplog.text
    assert "no stamp for the seal of 2026-11-22: tsa1 answered HTTP 503" in caplog.text
    assert "only openssl accepts the stamp of tsa2" in caplog.text
