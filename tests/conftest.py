"""What every test may rely on: no network beyond loopback, and an environment without our own settings."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

# An assert in a cast, or in a helper of a folder, explains itself as one in a test does.
pytest.register_assert_rewrite(*(f"tests.{path.name}" for path in Path(__file__).parent.iterdir()))
pytest_plugins = [
    "tests.plugins.database",
    "tests.plugins.loop_guard",
    "tests.plugins.marks",
    "tests.plugins.postgresql",
]

# Machines are noisy: pytest-timeout ends what hangs, and no property is about how long one example takes.
settings.register_profile("vigie", deadline=None)
settings.register_profile("fast", deadline=None, max_examples=20, derandomize=True)
settings.load_profile("vigie")
# For `tests/mutants`: a fault is found or it is not, and nobody reads its smallest example.
settings.register_profile("mutants", deadline=None, phases=(Phase.explicit, Phase.generate))

_real_connect = socket.socket.connect
_real_connect_ex = socket.socket.connect_ex


def _refuse_beyond_loopback(sock: socket.socket, address: Any) -> None:
    if sock.family in (socket.AF_INET, socket.AF_INET6) and not ipaddress.ip_address(address[0]).is_loopback:
        raise RuntimeError(f"a test tried to reach {address[0]}: only loopback is allowed")


def _connect(self: socket.socket, address: Any) -> None:
    _refuse_beyond_loopback(self, address)
    return _real_connect(self, address)


def _connect_ex(self: socket.socket, address: Any) -> int:
    _refuse_beyond_loopback(self, address)
    return _real_connect_ex(self, address)


socket.socket.connect = _connect  # type: ignore[assignment, method-assign]
socket.socket.connect_ex = _connect_ex  # type: ignore[assignment, method-assign]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [key for key in os.environ if key.startswith("VIGIE_")]:
        monkeypatch.delenv(name)
