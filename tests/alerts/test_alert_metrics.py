"""What Prometheus is told of the alerts."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from monitor.alerts.metrics import AlertCollector, disk
from monitor.model import Incident, IncidentKind
from monitor.store import Store
from probes.model import Outcome
from tests.alerts.office import HOUR, Office, open_office


@pytest.fixture
def office(store: Store, postman: Any) -> Office:
    return open_office(store, postman)


def scraped(office: Office) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(AlertCollector(office.store))
    lines = generate_latest(registry).decode().splitlines()
    return {name: float(value) for name, value in (x.rsplit(" ", 1) for x in lines if not x.startswith("#"))}


def test_exactly_one_phase_holds(office: Office) -> None:
    office.see_hourly(Outcome.NO_SLOTS, 26)
    phases = {name: value for name, value in scraped(office).items() if name.startswith("vigie_target_phase")}
    assert phases.pop('vigie_target_phase{phase="zero",target="vienne-titre"}') == 1
    assert set(phases.values()) == {0}


def test_a_target_never_seen_has_no_phase(office: Office) -> None:
    assert not any(name.startswith("vigie_target_phase") for name in scraped(office))


def test_the_age_of_the_outbox_is_absent_when_nothing_waits(office: Office) -> None:
    assert "vigie_outbox_oldest_timestamp_seconds" not in scraped(office)
    assert scraped(office)["vigie_outbox_pending"] == 0


def test_what_waits_and_what_is_stuck_shows(office: Office) -> None:
    office.postman.answers["RCPT"] = lambda _: "451 later"
    office.see_hourly(Outcome.NO_SLOTS, 26)
    office.tick()
    shown = scraped(office)
    assert shown["vigie_outbox_pending"] == 1
    assert shown['vigie_mails{status="pending"}'] == 1
    assert shown["vigie_outbox_oldest_timestamp_seconds"] > office.clock.now().timestamp()
    office.postman.answers["RCPT"] = lambda _: "550 never"
    office.tick(HOUR)
    assert scraped(office)['vigie_mails{status="parked"}'] == 1


def test_every_kind_of_incident_is_there_from_zero(office: Office) -> None:
    office.see(Outcome.BLOCKED)
    office.wait(HOUR)
    office.see(Outcome.BLOCKED)
    office.tick()
    shown = {name: value for name, value in scraped(office).items() if name.startswith("vigie_incidents")}
    assert shown.pop('vigie_incidents{kind="blocked"}') == 1
    assert set(shown.values()) == {0}


def test_an_unreadable_record_shows_nothing_rather_than_zero(office: Office) -> None:
    office.see(Outcome.NO_SLOTS)
    with office.store.write() as conn:
        conn.exec_driver_sql("DROP TABLE outbox")
    assert scraped(office) == {}


def test_what_is_free_of_the_disk_of_the_pictures(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=100, used=93, free=7))
    office.store.media.folder.mkdir(exist_ok=True)
    assert scraped(office)["vigie_media_disk_size_bytes"] == 100
    assert scraped(office)["vigie_media_disk_free_bytes"] == 7
    assert list(disk(tmp_path / "not-there-yet")) == []


def test_incidents_are_counted(office: Office) -> None:
    for folder in ("/a", "/b"):
        full = Incident(kind=IncidentKind.DISK, key=folder, since=office.clock.now())
        office.sources.append(lambda _, full=full: [full])
    office.tick()
    assert scraped(office)['vigie_incidents{kind="disk"}'] == 2
