"""The log beside the service: rounds while it runs, nothing left when it stops."""

from __future__ import annotations

import asyncio
import errno
import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from monitor.clock import SimulatedClock
from monitor.evidence.journal import records
from monitor.evidence.journal.keeper import Keeper, Round
from monitor.evidence.journal.rounds import EVERY, Rounds, logging_evidence, tell
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


def rounds_of(keeper: object) -> None:
    """One round of a stand-in."""
    Rounds(SimulatedClock(NOON)).one(cast("Keeper", keeper))


def exported(rounds: Rounds) -> list[float]:
    """The times of the last good round, as scraped: none before the first."""
    return [sample.value for metric in rounds.collect() for sample in metric.samples]


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

    rounds_of(Busy())
    assert "waits for the database: the database is locked" in caplog.text


def test_a_full_disk_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    class Full:
        def keep(self) -> Round:
            raise OSError(errno.ENOSPC, "No space left on device", "var/evidence/x")

    rounds_of(Full())
    assert "cannot be written, make room or mend the folder: " in caplog.text
    assert "No space left on device: 'var/evidence/x'" in caplog.text


def test_a_fault_of_ours_is_said_stops_no_visit_and_the_next_round_tries_again(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = Keeper.keep
    failed: list[Keeper] = []

    def fail_twice(keeper: Keeper) -> Round:
        if len(failed) < 2:
            failed.append(keeper)
            raise RuntimeError("a fault of ours")
        return keep(keeper)

    monkeypatch.setattr(Keeper, "keep", fail_twice)
    store.record_targets([target()])

    async def live() -> list[float]:
        clock = Telling(NOON, tell_at=datetime(2026, 11, 24, 0, 30, tzinfo=UTC))
        rounds = Rounds(clock)
        async with logging_evidence(settings_of(tmp_path), store, clock, rounds) as log:
            await asyncio.to_thread(store.append_observation, observation(), within=[log.observed])
            await asyncio.wait_for(clock.told.wait(), timeout=60)
            return exported(rounds)

    (good_at,) = asyncio.run(live())
    assert caplog.text.count("this round of the evidence log failed; the next one tries again") == 2
    assert "RuntimeError: a fault of ours" in caplog.text
    assert Seals(tmp_path / "published").days() == [NOON.date()]
    assert good_at >= NOON.timestamp() + 2 * EVERY


def test_a_stray_file_is_told_once_and_stops_no_sealing(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store.record_targets([target()])
    folder = tmp_path / "published"
    folder.mkdir()
    (folder / "SEAL-2026-11-26 (copie).sha256").write_bytes(b"")

    async def live() -> None:
        clock = Telling(NOON, tell_at=datetime(2026, 11, 24, 0, 30, tzinfo=UTC))
        async with logging_evidence(settings_of(tmp_path), store, clock) as log:
            await asyncio.to_thread(store.append_observation, observation(), within=[log.observed])
            await asyncio.wait_for(clock.told.wait(), timeout=60)

    asyncio.run(live())
    assert Seals(folder).days() == [NOON.date()]
    assert caplog.text.count("SEAL-2026-11-26 (copie).sha256: is no seal or stamp of ours") == 1


def test_the_time_of_the_last_good_round_is_exported() -> None:
    clock = SimulatedClock(NOON)
    rounds, broken = Rounds(clock), True

    class Sometimes:
        def keep(self) -> Round:
            if broken:
                raise ValueError("Invalid isoformat string")
            return Round(recorded=0, sealed=[], attempts=[])

    rounds.one(cast("Keeper", Sometimes()))
    assert exported(rounds) == []
    broken = False
    rounds.one(cast("Keeper", Sometimes()))
    clock.advance_to(NOON + timedelta(hours=1))
    broken = True
    rounds.one(cast("Keeper", Sometimes()))
    assert exported(rounds) == [NOON.timestamp()]


def test_settings_that_are_mended_are_enough(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_of(tmp_path)
    settings.evidence.key_path.write_text("nonsense")

    async def live() -> None:
        clock = Telling(NOON, tell_at=NOON + timedelta(hours=1))
        rounds = Rounds(clock)
        async with logging_evidence(settings, store, clock, rounds):
            await asyncio.wait_for(clock.told.wait(), timeout=60)
            assert exported(rounds) == []
            settings.evidence.key_path.unlink()
            while True:
                if exported(rounds):
                    return
                await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(live(), timeout=60))
    assert "nothing is sealed" in caplog.text


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
