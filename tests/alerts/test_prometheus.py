"""The rules and the example of Alertmanager: promtool's unit tests, then the real programs to a mailbox."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.alerts.metrics import AlertCollector
from monitor.alerts.write import alertmanager
from monitor.clock import SystemClock
from monitor.demo import history
from monitor.demo.settings import demo_settings
from monitor.evidence.journal.keeper import Keeper, Round
from monitor.evidence.journal.rounds import Rounds
from monitor.metrics.collector import StoreCollector
from monitor.metrics.server import Pulse, exporter
from monitor.model import Incident, IncidentKind
from monitor.store import Store
from monitor.store.record import target_versions
from monitor.watch.installation import catalogue, record
from probes.model import Outcome
from probes.serving import serving
from tests.cast.observations import observation, target
from tests.cast.transactions import ask

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "prometheus/rules/vigie-alerts.yml"
EXAMPLE = ROOT / "prometheus/alertmanager.yml"
HOUR = timedelta(hours=1)
DROUGHT = "valmont-titre-sejour"


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [name for name in programs if shutil.which(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


def check(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs("promtool")
def test_the_rules_are_sound() -> None:
    check("promtool", "check", "rules", RULES)


@needs("promtool")
@pytest.mark.slow
def test_every_rule_fires_when_it_should_and_only_then() -> None:
    check("promtool", "test", "rules", ROOT / "tests/alerts/prometheus/vigie-alerts.test.yml")


@needs("amtool")
def test_the_example_of_alertmanager_is_accepted() -> None:
    check("amtool", "check-config", EXAMPLE)


def test_every_alert_has_a_test() -> None:
    named = set(re.findall(r"- alert: (\w+)", RULES.read_text(encoding="utf-8")))
    tests = (ROOT / "tests/alerts/prometheus/vigie-alerts.test.yml").read_text(encoding="utf-8")
    assert [name for name in sorted(named) if name not in tests] == []


def test_every_metric_of_the_rules_is_one_we_export(store: Store) -> None:
    used = set(re.findall(r"vigie_\w+", RULES.read_text(encoding="utf-8")))
    exported = set(re.findall(r"\bvigie_\w+", text_of_metrics(store)))
    conditional = {"vigie_outbox_oldest_timestamp_seconds"}
    assert used - exported - conditional == set()


def text_of_metrics(store: Store) -> str:
    """Everything exported of a target in a drought."""
    drought(store)
    registry = CollectorRegistry()
    for collector in collectors(store):
        registry.register(collector)
    return generate_latest(registry).decode()


def collectors(store: Store) -> list[Any]:
    known = {version.target.id: HOUR for version in ask(store, target_versions.recorded)}
    rounds = Rounds(SystemClock())
    rounds.one(cast("Keeper", Kept()))
    return [StoreCollector(store, SystemClock(), known, {}), AlertCollector(store), rounds]


class Kept:
    """Stands in for a keeper whose rounds are good."""

    def keep(self) -> Round:
        return Round(recorded=0, sealed=[], attempts=[])


def drought(store: Store) -> None:
    """Twenty-six hours without a slot, after one, up to now."""
    now = datetime.now(UTC)
    store.record_targets([target()])
    store.append_observation(observation(now - 27 * HOUR, Outcome.SLOTS_OFFERED))
    for hour in range(26, -1, -1):
        store.append_observation(observation(now - hour * HOUR))
    store.media.folder.mkdir(exist_ok=True)


def demo_drought() -> Store:
    """Three days of the demo's drought, visited by the real pipeline, and a site that refuses the robot."""
    settings = demo_settings()
    entries = [entry for entry in catalogue(settings) if entry.target.id == DROUGHT]
    store = record(settings)
    store.record_targets([entries[0].target, target("valmont-refus")])
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    history.fill(settings, entries, tomorrow, lambda done, of: None)
    for hour in (2, 1, 0):
        refused = observation(
            datetime.now(UTC) - hour * HOUR, Outcome.BLOCKED, "valmont-refus", simulated=True
        )
        store.append_observation(refused)
    return store


@contextmanager
def background(*servers: Callable[[], Any]) -> Iterator[list[int]]:
    """Servers of ours in a thread of their own; their ports."""
    ports: list[int] = []
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        async with AsyncExitStack() as stack:
            for server in servers:
                ports.append(await stack.enter_async_context(server()))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    ready.wait(30)
    yield ports
    loop.call_soon_threadsafe(stop.set)
    thread.join(30)
    loop.close()


@contextmanager
def running(*command: str | Path, log: Path) -> Iterator[None]:
    """A program of somebody else's, ended with the block."""
    with log.open("wb") as written, subprocess.Popen(command, stdout=written, stderr=written) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)


def alertmanager_settings(postman: Any, hook: int, folder: Path) -> Path:
    """The shipped example, but for addresses, secrets and patience."""
    (folder / "password").write_text("s3cret-é", encoding="utf-8")
    text = EXAMPLE.read_text(encoding="utf-8")
    changes = {
        "smtp.example.org:587": f"localhost:{postman.port}",
        "/run/secrets/smtp": str(folder / "password"),
        "https://hc-ping.example.org/your-own-check": f"http://127.0.0.1:{hook}/ping",
        "group_wait: 10m": "group_wait: 1s",
        "group_wait: 15m": "group_wait: 1s",
        '        html: ""': f'        html: ""\n        tls_config: {{ ca_file: {postman.certificate} }}',
    }
    for shipped, ours in changes.items():
        assert shipped in text
        text = text.replace(shipped, ours)
    path = folder / "alertmanager.yml"
    path.write_text(text, encoding="utf-8")
    return path


def prometheus_settings(metrics: int, alertmanager: int, folder: Path) -> Path:
    """Everything every second; trouble is told at once instead of after an hour."""
    rules = RULES.read_text(encoding="utf-8").replace("for: 1h", "for: 1s")
    (folder / "rules.yml").write_text(rules, encoding="utf-8")
    path = folder / "prometheus.yml"
    path.write_text(
        f"""
global: {{ scrape_interval: 1s, evaluation_interval: 1s }}
rule_files: [{folder / "rules.yml"}]
scrape_configs: [{{ job_name: vigie, static_configs: [{{ targets: ["127.0.0.1:{metrics}"] }}] }}]
alerting: {{ alertmanagers: [{{ static_configs: [{{ targets: ["127.0.0.1:{alertmanager}"] }}] }}] }}
""",
        encoding="utf-8",
    )
    return path


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not condition():
        threading.Event().wait(0.2)
    return condition()


@needs("prometheus", "prometheus-alertmanager")
@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_demo_s_drought_reaches_the_mailbox_through_prometheus_and_alertmanager(
    postman: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(history, "DAYS", 3)
    store = demo_drought()
    pings: list[dict[str, Any]] = []

    async def ping(request: Request) -> Response:
        pings.append(await request.json())
        return Response()

    hook = Starlette(routes=[Route("/ping", ping, methods=["POST"])])
    pulse, here = Pulse(SystemClock()), "127.0.0.1"
    with background(
        lambda: exporter(collectors(store), pulse, host=here, port=0),
        lambda: serving(hook, host=here, port=0),
    ) as (metrics, hooked):
        own, prometheus = free_port(), free_port()
        manager = alertmanager_settings(postman, hooked, tmp_path)
        server = prometheus_settings(metrics, own, tmp_path)
        with (
            running(
                "prometheus-alertmanager",
                f"--config.file={manager}",
                f"--storage.path={tmp_path / 'am'}",
                f"--web.listen-address={here}:{own}",
                "--cluster.listen-address=",
                "--data.retention=8760h",
                log=tmp_path / "alertmanager.log",
            ),
            running(
                "prometheus",
                f"--config.file={server}",
                f"--storage.tsdb.path={tmp_path / 'tsdb'}",
                f"--web.listen-address={here}:{prometheus}",
                log=tmp_path / "prometheus.log",
            ),
        ):
            arrived = wait_for(lambda: len(postman.received) >= 2 and bool(pings), 90)
    store.close()
    logs = (tmp_path / "alertmanager.log").read_text() + (tmp_path / "prometheus.log").read_text()
    assert arrived, logs[-3000:]
    mails = {received.recipients[0]: received.message for received in postman.received}
    public = mails["permanence@example.org"].get_body(("plain",)).get_content()
    assert f"Zéro créneau observé : {DROUGHT}" in public
    assert "relevés concluants consécutifs" in public
    operator = [r.message["Subject"] for r in postman.received if r.recipients == ["astreinte@example.org"]]
    assert "[Vigie] 1 à examiner : VigieBlocked" in operator
    assert {message["commonLabels"]["alertname"] for message in pings} == {"Watchdog"}
    ours = alertmanager.payload(
        [alertmanager.of_incident(an_incident())], "vigie", "https://vigie.example.org"
    )
    assert shape(ours) == shape(pings[0])
    again = alertmanager.payload([alertmanager.of_incident(an_incident(ended=True))], "vigie", "")
    assert shape(again) == shape(pings[0])


def an_incident(*, ended: bool = False) -> Incident:
    since = datetime(2026, 3, 2, 8, tzinfo=UTC)
    until = since + HOUR if ended else None
    return Incident(kind=IncidentKind.DISK, key="/var", since=since, until=until, detail="4% free")


def shape(message: Any) -> Any:
    """The fields of a message of Alertmanager's, each with what kind of thing it holds."""
    maps = ("labels", "annotations", "groupLabels", "commonLabels", "commonAnnotations")
    if isinstance(message, dict):
        return {
            name: "words by name" if name in maps and words_by_name(value) else shape(value)
            for name, value in message.items()
        }
    if isinstance(message, list):
        return [shape(one) for one in message]
    if isinstance(message, str):
        return next((kind for kind, pattern in KINDS.items() if re.fullmatch(pattern, message)), "words")
    return type(message).__name__


def words_by_name(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(word, str) for pair in value.items() for word in pair)


KINDS = {
    "instant": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
    "fingerprint": r"[0-9a-f]{16}",
    "version": "4",
    "status": "firing|resolved",
    "group key": r"\{.*\}:\{.*\}",
}
