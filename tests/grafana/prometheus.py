"""A real Prometheus on loopback: history put in before it starts, our rules evaluated every second."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

RULES = Path(__file__).parents[2] / "prometheus" / "rules" / "figures.yml"
RECORDED = re.findall(r"record: (\S+)", RULES.read_text(encoding="utf-8"))
"""The names that the rules record."""
Series = Mapping[str, Sequence[tuple[int, float]]]
"""`name{labels}` → (seconds since 1970, value), in order of time."""


def openmetrics(series: Series) -> str:
    """The series as promtool reads them; counters without their `_total` in the type line."""
    families: dict[str, list[str]] = {}
    for name, samples in sorted(series.items()):
        family = name.partition("{")[0]
        families.setdefault(family, []).extend(f"{name} {value} {at}" for at, value in samples)
    lines = []
    for family, told in families.items():
        kind = "counter" if family.endswith("_total") else "gauge"
        lines += [f"# TYPE {family.removesuffix('_total') if kind == 'counter' else family} {kind}", *told]
    return "\n".join([*lines, "# EOF", ""])


@contextmanager
def running(folder: Path, series: Series, wait_for: Sequence[str]) -> Iterator[httpx.Client]:
    """The server, once it answers and its rules have recorded all of `wait_for`."""
    if shutil.which("prometheus") is None:
        pytest.skip("Prometheus is not installed")
    data, port = folder / "data", _free_port()
    (folder / "seed.om").write_text(openmetrics(series))
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", folder / "seed.om", data],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    quick = re.sub(r"interval: \d+s", "interval: 1s", RULES.read_text(encoding="utf-8"))
    (folder / "rules.yml").write_text(quick)
    (folder / "prometheus.yml").write_text("rule_files: [rules.yml]\n")
    server = subprocess.Popen(
        [
            "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={data}",
            f"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
            "--storage.tsdb.retention.time=10y",
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30) as client:
            _until(lambda: all(instant(client, name) for name in wait_for))
            yield client
    finally:
        server.terminate()
        server.wait(timeout=20)


def instant(client: httpx.Client, expression: str, at: float | None = None) -> list[dict[str, Any]]:
    """The samples of an expression, now or at an instant; nothing while the server does not answer yet."""
    parameters = {"query": expression} | ({"time": str(at)} if at is not None else {})
    try:
        answer = client.get("/query", params=parameters)
    except httpx.TransportError:
        return []
    if answer.status_code == 503:
        return []
    body = answer.json()
    assert body["status"] == "success", body
    return list(body["data"]["result"])


def _until(ready: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "Prometheus did not come up in time"
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
