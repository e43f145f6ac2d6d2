"""One life of the mailer in a process of its own, ended by kill −9 at a step of our choosing.

A step is every SQL statement, every commit, every command to the mail server, each before and after.
"""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aiosmtplib.protocol import SMTPProtocol
from sqlalchemy import Engine, event

from monitor.alerts.wiring import AlertTargets, entry_fold, mailer
from monitor.clock import SimulatedClock
from monitor.settings.alerts import Alerts, Smtp
from monitor.store import InstantTaken, open_store
from tests.cast.observations import observation, target


@dataclass
class Life:
    """What one process does: records the observation that confirms the zero, then one round of the mailer."""

    url: str
    media: Path
    alerts: dict[str, Any]
    smtp: dict[str, Any]
    confirming: datetime
    now: datetime

    def live(self) -> None:
        """From opening the store to the end of one round."""
        clock = SimulatedClock(self.now)
        store = open_store(self.url, media=self.media, clock=clock)
        alerts = Alerts.model_validate(self.alerts)
        try:
            seen = observation(self.confirming)
            store.append_observation(seen, within=[entry_fold(alerts, clock).observed])
        except InstantTaken:
            pass
        watched = AlertTargets(targets=[target()])
        asyncio.run(mailer(store, alerts, Smtp.model_validate(self.smtp), watched, clock).tick())
        store.close()


def live_until(life: Life, last_step: int, count: Any = None) -> None:
    """Live, dying at step `last_step` by SIGKILL; with `count`, write there how many steps there were."""
    steps = 0

    def step(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == last_step:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, name, step)
    for name in ("execute_command", "execute_data_command"):
        setattr(SMTPProtocol, name, _stepping(getattr(SMTPProtocol, name), step))
    life.live()
    if count is not None:
        count.value = steps


def _stepping(command: Any, step: Any) -> Any:
    async def stepping(*args: Any, **kwargs: Any) -> Any:
        step()
        answer = await command(*args, **kwargs)
        step()
        return answer

    return stepping
