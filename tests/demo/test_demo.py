"""`vigie demo`, as a newcomer runs it: real Chromium within a minute, metrics, a clean end, then history."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest

from monitor.demo import history
from monitor.demo.settings import demo_settings
from monitor.model import Origin
from monitor.store import Store, StoreError, open_store
from monitor.store.record import counts, projections
from monitor.watch.installation import catalogue, record
from probes.model import Outcome, Transport
from tests.cast.transactions import ask, tell
from tests.plugins.loop_guard import ON_THE_LOOP, guarded

PORT = 19808
FIRST_OBSERVATION = 60.0


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A demo in an empty folder, ended as Ctrl-C in a terminal does: SIGINT to the whole process group."""
    command, environment = guarded("from monitor.cli import main; main()")
    with (tmp_path / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            [*command, "demo"],
            cwd=tmp_path,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment | {"VIGIE_METRICS__PORT": str(PORT)},
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def store_in(folder: Path) -> Store:
    return open_store(f"sqlite:///{folder}/var/demo/vigie.sqlite3", media=folder / "var/demo/media")


def wait_for(condition: Callable[[], bool], seconds: float, process: subprocess.Popen[bytes]) -> float:
    """Seconds until `condition` held. Fails after `seconds`, or when the process ends."""
    start = time.monotonic()
    while not condition():
        assert process.poll() is None, "the demo ended by itself"
        assert time.monotonic() - start < seconds, "it took too long"
        time.sleep(0.2)
    return time.monotonic() - start


def seen_live(folder: Path) -> bool:
    try:
        store = store_in(folder)
    except StoreError:
        return False
    rows = [row for row in store.observations() if row.transport is Transport.BROWSER]
    store.close()
    return any(row.screenshot_sha256 and row.reading.outcome is not Outcome.PROBE_ERROR for row in rows)


def chromium_of(group: int) -> list[str]:
    """The command lines of Chromium processes in the demo's session."""
    listed = subprocess.run(["ps", "-eo", "sess=,args="], capture_output=True, text=True, check=True).stdout
    lines = (line.split(None, 1) for line in listed.splitlines())
    return [args for session, args in lines if int(session) == group and "chrom" in args]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_it_shows_real_browser_observations_within_a_minute_and_ends_clean(
    demo: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    wait_for(lambda: seen_live(tmp_path), FIRST_OBSERVATION * _slowness(), demo)
    said = httpx.get(f"http://127.0.0.1:{PORT}/metrics").text
    assert "vigie_up 1.0" in said
    assert 'simulated="true"' in said
    assert httpx.get(f"http://127.0.0.1:{PORT}/healthz").status_code == 200
    # A row of today is shown after its embargo, and any of the first ones may be of today.
    rows = [httpx.get(f"http://127.0.0.1:{PORT}/releves/{n}") for n in range(1, 6)]
    assert {row.status_code for row in rows} <= {200, 403, 404}
    assert all("préfecture simulée" in row.text for row in rows if row.status_code == 200)

    os.killpg(demo.pid, signal.SIGINT)
    assert demo.wait(timeout=60) in (0, 130), (tmp_path / "said.txt").read_text()
    assert ON_THE_LOOP not in (tmp_path / "said.txt").read_text()
    assert chromium_of(demo.pid) == []
    _whole(store_in(tmp_path))


def _slowness() -> float:
    """Tests share two cores with other tests: a minute of a quiet machine may be three here."""
    return max(1.0, os.getloadavg()[0])


def _whole(store: Store) -> None:
    """No half row: every observation has its capture, and counts equal the rows."""
    for row in store.observations():
        assert store.load_capture(row.id).steps
    before = ask(store, counts.totals)
    tell(store, projections.rebuild)
    assert ask(store, counts.totals) == before


@pytest.mark.slow
@pytest.mark.usefixtures("no_sql_on_the_loop")
def test_its_history_goes_on_where_it_was_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(history, "DAYS", 1)
    settings = demo_settings()
    store = record(settings)
    entries = catalogue(settings)[:3]
    store.record_targets(entry.target for entry in entries)

    class Cut(Exception):
        pass

    def cut(done: int, total: int) -> None:
        if done == 20:
            raise Cut

    until = date(2026, 3, 30)  # the day before has 23 hours in Paris
    with pytest.raises(Cut):
        history.fill(settings, entries, until, cut)
    history.fill(settings, entries, until, lambda done, total: None)

    rows = list(store.entries())
    assert sum(row.scheduled_at is not None for row in rows) == 3 * 8
    beside = [row for row in rows if row.scheduled_at is None]
    assert {(row.target, row.origin) for row in beside} == {("valmont-permis", Origin.CONTROL)}
    assert all(row.simulated for row in rows)
    assert {row.at.date() for row in rows} == {date(2026, 3, 29)}
    assert max(row.recorded_at for row in rows) < datetime(2026, 3, 30, 1, tzinfo=UTC)
