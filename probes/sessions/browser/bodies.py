"""The bodies that Chromium receives for us, without one filling the memory that all its visits share.

Chromium keeps a body whole, decompressed, until we have it. How large it will be is not known: a length is
declared for the compressed bytes, if at all, and two kilobytes may become two gigabytes. So the memory of
Chromium's main process is looked at while a body comes; no other process of it holds the body then.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from probes.failures import Failed, Failure

ROOM = 128 * 1024 * 1024
"""Bytes by which the main process may grow while bodies come; they are several times what a body may have."""

_LOOK = 0.05
_FREED = 1.0
_RESIDENT = "VmRSS:"


class Bodies:
    """The bodies under way in the browser whose main process is `pid`."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._coming = 0
        self._before = 0
        self._look_after = 0.0

    async def receive(self, asking: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
        """The answer to `asking`. Raises `Failed` when the main process grows by more than `ROOM` meanwhile.

        The caller must then refuse the document: only that makes Chromium forget the body.
        """
        if self._coming == 0:
            self._before = self._resident()
        self._coming += 1
        task = asyncio.ensure_future(asking)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=_LOOK)
                if not task.done() and self._filled():
                    raise self._too_large()
            return task.result()
        finally:
            task.cancel()
            self._coming -= 1

    def _filled(self) -> bool:
        return time.monotonic() >= self._look_after and self._resident() - self._before > ROOM

    def _too_large(self) -> Failed:
        if self._coming == 1:
            return Failed(Failure.BODY_TOO_LARGE, f"more than {ROOM} bytes in Chromium's memory")
        # One of several: which one cannot be told, so nothing is said about this page. If it was this one,
        # the memory is free again by the next look, and the others go on.
        self._look_after = time.monotonic() + _FREED
        return Failed(Failure.OUR_FAULT, "Chromium's memory was filled while this page and others came")

    def _resident(self) -> int:
        """Bytes; 0 where the system does not tell (it is not Linux, or the process has ended)."""
        try:
            lines = self._status.read_text(encoding="ascii").splitlines()
        except OSError:
            return 0
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(_RESIDENT)), 0)
