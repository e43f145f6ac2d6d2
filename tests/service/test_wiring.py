"""What the settings say is what visits obey: hosts, pace, places and lateness."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.clock import SimulatedClock, SystemClock
from monitor.model import GapReason
from monitor.places.hosts import NATIONAL_HOSTS
from monitor.settings.load import Settings, make_settings
from monitor.store import Store, StoreError, SwitchScope
from monitor.store.record import switches
from monitor.store.record.switches import Switch
from monitor.watch.installation import known_targets, record
from monitor.watch.timetable import Timetable
from monitor.watch.wiring import allowance, observing, pace, recorded_visits
from probes.model import Transport
from probes.sessions.browser.chrome import BrowserUnavailable
from probes.sessions.browser.session import BrowserSessions
from probes.sessions.pace import NotNow, Pace
from tests.cast.observations import NOON, target
from tests.service.one_page import entry

HERE = "http://a.localhost/page"
REAL = "https://www.ain.gouv.fr/booking/create/1"
MINUTE = timedelta(minutes=1)


def settings(**tables: Any) -> Settings:
    return make_settings(tables, "the test")


def test_visits_of_this_machine_reach_nothing_else() -> None:
    allowed = allowance([HERE])
    assert (allowed.hosts, allowed.local) == (frozenset(), True)


def test_visits_of_real_sites_never_reach_this_machine() -> None:
    allowed = allowance([REAL])
    assert allowed.hosts == {"www.ain.gouv.fr"} | NATIONAL_HOSTS.keys()
    assert not allowed.local


def test_both_may_be_reached_only_when_both_are_watched() -> None:
    allowed = allowance([REAL, HERE])
    assert (allowed.local, "a.localhost" in allowed.hosts) == (True, False)


def refuse(made: Pace, times: int) -> None:
    async def refused() -> None:
        for _ in range(times):
            async with made.visit(host="a.localhost", platform="one_page", wait=0) as turn:
                await turn.settle(refused=True)

    asyncio.run(refused())


def open_again(made: Pace) -> bool:
    async def asked() -> bool:
        try:
            async with made.visit(host="a.localhost", platform="one_page", wait=0) as turn:
                await turn.settle(refused=True)
        except NotNow as refusal:
            return refusal.reason != GapReason.BREAKER_OPEN
        return True

    return asyncio.run(asked())


def test_the_breaker_opens_and_pauses_as_the_settings_say() -> None:
    clock = SimulatedClock(NOON)
    says = {"breaker_after": 2, "breaker_pause": "40m", "breaker_max": "50m"}
    made = pace(settings(pace=says), clock, {"a.localhost"}, None)
    refuse(made, 1)
    assert open_again(made)  # the second refusal
    assert not open_again(made)
    clock.advance_to(clock.now() + 39 * MINUTE)
    assert not open_again(made)
    clock.advance_to(clock.now() + 2 * MINUTE)
    assert open_again(made)
    clock.advance_to(clock.now() + 49 * MINUTE)
    assert not open_again(made)
    clock.advance_to(clock.now() + 2 * MINUTE)
    assert open_again(made)


def test_a_pace_kept_in_the_record_outlives_the_process(store: Store) -> None:
    clock = SimulatedClock(NOON)
    says = settings(pace={"breaker_after": 1})
    refuse(pace(says, clock, {"a.localhost"}, store), 1)
    assert not open_again(pace(says, clock, {"a.localhost"}, store))


def test_a_switch_in_the_record_stops_visits(store: Store) -> None:
    clock = SimulatedClock(NOON)
    off = Switch(scope=SwitchScope.ALL, value="", off=True, reason="asked", author="duty", at=NOON)
    with store.write() as conn:
        switches.turn(conn, off)
    with pytest.raises(NotNow, match="switched_off"):
        refuse(pace(settings(), clock, {"a.localhost"}, store), 1)


def test_a_visit_may_be_late_by_the_grace_and_the_wait_and_places_are_the_workers(store: Store) -> None:
    says = settings(schedule={"workers": 3, "misfire_grace": "2m"}, pace={"wait": "7m"})
    made = asyncio.run(_visits(says, store))
    assert (made.late, made.places, made.doubles) == (9 * MINUTE, 3, True)


def test_a_history_without_double_readings_has_none(store: Store) -> None:
    assert asyncio.run(_visits(settings(), store, doubles=False)).doubles is False


async def _visits(says: Settings, store: Store, **more: Any) -> Any:
    async with observing(says, [HERE], {Transport.HTTP}, store=store) as observer:
        timetable = Timetable(store, [entry("a")], seed=b"s" * 32, clock=SystemClock())
        return recorded_visits(says, store, timetable, observer, **more)


def test_rows_name_the_vantage_of_the_settings_and_the_offset_of_the_clock() -> None:
    async def opened() -> tuple[str, bool]:
        async with observing(settings(vantage={"name": "paris-1"}), [HERE], {Transport.HTTP}) as observer:
            return observer.vantage.name, observer.offset is not None

    assert asyncio.run(opened()) == ("paris-1", True)


def _no_chromium(monkeypatch: pytest.MonkeyPatch) -> None:
    async def start(_: BrowserSessions) -> None:
        raise BrowserUnavailable("install Chromium")

    monkeypatch.setattr(BrowserSessions, "start", start)


def test_without_a_chromium_http_is_watched_and_the_log_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def opened() -> tuple[bool, set[Transport]]:
        async with observing(settings(), [HERE], {Transport.HTTP}, doubles=True) as observer:
            return observer.reads_twice, set(observer.sessions)

    _no_chromium(monkeypatch)
    assert asyncio.run(opened()) == (False, {Transport.HTTP})
    assert "one instant in 24 of what is read over HTTP will be a gap: install Chromium" in caplog.text


class Asked:
    """Takes the place of the browser's sessions and remembers how they were asked for."""

    software = "Chromium/1"

    def __init__(self, **how: Any) -> None:
        asked.append(how)

    async def start(self) -> None: ...

    async def close(self) -> None:
        asked[-1]["closed"] = True


asked: list[dict[str, Any]] = []


@pytest.mark.parametrize(("picture", "quality"), [("jpeg", 80), ("none", None)])
def test_the_browser_is_the_one_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, picture: str, quality: int | None
) -> None:
    says = {"executable": "/bin/chromium", "screenshot": picture, "recycle_after": 7, "sandbox": False}

    async def opened() -> str | None:
        async with observing(settings(browser=says), [HERE], {Transport.BROWSER}, headed=True) as observer:
            return observer.vantage.browser

    monkeypatch.setattr("monitor.watch.wiring.BrowserSessions", Asked)
    assert asyncio.run(opened()) == "Chromium/1"
    how = asked.pop()
    assert (how["executable"], how["screenshot_quality"]) == (Path("/bin/chromium"), quality)
    assert (how["recycle_after"], how["headed"], how["sandbox"]) == (7, True, False)
    assert (how["allowance"], how["closed"]) == (allowance([HERE]), True)


def test_a_browser_that_a_target_needs_must_start(monkeypatch: pytest.MonkeyPatch) -> None:
    async def opened() -> None:
        async with observing(settings(), [HERE], set(Transport), doubles=True):
            pass

    _no_chromium(monkeypatch)
    with pytest.raises(BrowserUnavailable, match="install Chromium"):
        asyncio.run(opened())


def test_the_folder_of_the_default_database_is_made_and_its_schema_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = record(settings(database={"url": "sqlite:///sub/vigie.db"}))
    store.record_targets([target()])
    store.close()
    assert (tmp_path / "sub" / "vigie.db").exists()


def test_a_target_is_known_by_the_catalogue_before_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    says = settings(database={"url": "sqlite:///vigie.db"})
    store = record(says)
    store.record_targets([target("old"), target("both", prefecture="Autrefois")])
    store.close()
    assert known_targets(says).keys() == {"old", "both"}  # without any catalogue too
    Path("targets.toml").write_text(
        '[[target]]\nid = "both"\nplatform = "classic"\nurl = "http://vienne.localhost/booking/create/1"\n'
        'prefecture = "Vienne"\ndepartement = "86"\ndemarche = "Titre"\nzone = "Europe/Paris"\n',
        encoding="utf-8",
    )
    known = known_targets(says)
    assert known.keys() == {"old", "both"}
    assert known["both"].prefecture == "Vienne"


def test_a_folder_elsewhere_must_be_there_already(tmp_path: Path) -> None:
    """As when the disk of the record is not mounted: a new, empty record would hide the old one."""
    elsewhere = tmp_path / "disk"
    with pytest.raises(StoreError):
        record(settings(database={"url": f"sqlite:///{elsewhere}/vigie.db"}))
    assert not elsewhere.exists()
