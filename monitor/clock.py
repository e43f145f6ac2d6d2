"""The clocks. Only this module asks the machine for the time; all other code is given a clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from probes.model import utc


class SystemClock:
    """The machine's clock. For pauses use `monotonic`: they stay the same when the clock is set anew."""

    def now(self) -> datetime:
        """The present time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from an arbitrary origin, never going back."""
        return time.monotonic()

    @property
    def sleep(self) -> Callable[[float], Awaitable[None]]:
        """Wait that many seconds."""
        return asyncio.sleep


class SimulatedClock:
    """A clock for tests and the demo: it moves only by `advance_to` or when code calls its `sleep`."""

    def __init__(self, start: datetime) -> None:
        self._origin = self._now = utc(start, "start")

    def now(self) -> datetime:
        """The simulated instant, in UTC."""
        return self._now

    def monotonic(self) -> float:
        """Simulated seconds since the start."""
        return (self._now - self._origin).total_seconds()

    def advance_to(self, instant: datetime) -> None:
        """Move forward to `instant`; an earlier one leaves the clock where it is."""
        self._now = max(self._now, utc(instant))

    @property
    def sleep(self) -> Callable[[float], Awaitable[None]]:
        """Advance by that many simulated seconds, letting other tasks run."""
        return self._sleep

    async def _sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=max(0.0, seconds))
        await asyncio.sleep(0)
