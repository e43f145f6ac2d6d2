"""Simulated préfectures on a socket, and `vigie` run as a person does: another process, an empty folder."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from probes.simulator.app import build
from probes.simulator.listener import serve
from tests.cast.vigie import Vigie, typed

TARGETS = """
[[target]]
id = "valmont-titre-sejour"
platform = "classic"
url = "http://valmont.localhost:{port}/booking/create/1201"
prefecture = "Préfecture simulée de Valmont"
departement = "92"
demarche = "Première demande de titre de séjour"
zone = "Europe/Paris"
interval = "15m"
transport = "http"
"""


@pytest.fixture(scope="session")
def simulator_port() -> Iterator[int]:
    """Where the simulated préfectures of the demo answer."""
    ports: list[int] = []
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        async with serve(build(SystemClock())) as port:
            ports.append(port)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    ready.wait(30)
    yield ports[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(30)
    loop.close()


@pytest.fixture
def folder(tmp_path: Path, simulator_port: int) -> Path:
    """A working directory with settings and one simulated target."""
    (tmp_path / "vigie.toml").write_text('[pace.hosts.localhost]\nspacing = "0s"\n', encoding="utf-8")
    (tmp_path / "targets.toml").write_text(TARGETS.format(port=simulator_port), encoding="utf-8")
    return tmp_path


@pytest.fixture
def vigie(folder: Path) -> Vigie:
    """Run `vigie …` in that folder."""
    return partial(typed, folder)
