"""How far this machine's clock is off, as its own time service (chrony or systemd-timesyncd) measured it.

Nothing is measured over the network here: the time service already compares the clock all day long. No
other module asks the time service.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
from contextlib import suppress
from datetime import timedelta

from probes.model import Clock

FRESH = 300.0
"""Seconds for which an answer is reused: a time service measures once a minute at most."""
_PATIENCE = 5.0
_LOCAL = "7F7F0101"
"""The source that chrony names when it follows no time server, only the machine's own clock."""
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


class Offset:
    """Asks the time service at most once in `FRESH` seconds and remembers its answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: timedelta | None = None
        self._asked: float | None = None

    async def __call__(self) -> timedelta | None:
        """The offset as last measured: positive when our clock is ahead.

        `None` when no time service is there, answers, or is synchronised; this never raises.
        """
        now = self._clock.monotonic()
        if self._asked is None or now - self._asked >= FRESH:
            self._asked = now
            self._known = await asyncio.to_thread(measured)
        return self._known


def measured() -> timedelta | None:
    """The offset by chrony, else by systemd-timesyncd; positive when our clock is ahead.

    `None` when neither can tell. Blocks while their commands run, at most `_PATIENCE` seconds each.
    """
    by_chrony = _by_chrony(_said("chronyc", "-c", "tracking"))
    return by_chrony if by_chrony is not None else _by_systemd(_said("timedatectl", "timesync-status"))


def synchronised() -> bool | None:
    """Whether systemd says that the clock is kept right; `None` when it does not say."""
    said = _said("timedatectl", "show", "--property=NTPSynchronized", "--value").strip()
    return {"yes": True, "no": False}.get(said)


def _by_chrony(said: str) -> timedelta | None:
    """From a line such as `7F7F0101,,10,1795643885.0,0.000000000,…,Normal`.

    The fifth field is in seconds, positive when our clock is behind: hence the change of sign.
    """
    fields = said.strip().split(",")
    if len(fields) < 14 or fields[0] == _LOCAL or fields[-1] == "Not synchronised":
        return None
    with suppress(ValueError, OverflowError):
        return timedelta(seconds=-float(fields[4]))
    return None


def _by_systemd(said: str) -> timedelta | None:
    """From a line such as `Offset: +1.037ms`: the correction added to our clock, hence the change of sign."""
    found = re.search(r"^\s*Offset: ([+-]?[0-9.]+)(us|ms|s)$", said, re.MULTILINE)
    return timedelta(seconds=-float(found[1]) * _UNITS[found[2]]) if found else None


def _said(*command: str) -> str:
    with suppress(OSError, subprocess.SubprocessError):
        asked = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_PATIENCE, check=False
        )
        return asked.stdout if asked.returncode == 0 else ""
    return ""
