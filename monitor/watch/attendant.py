"""Attended visits: a person goes through the booking pages in our browser window, and we record the pages.

They are recorded with origin `attended`. They have no drawn instant and enter no share of time. The name of
the person is never asked for or stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib.metadata import version

from monitor.clock import SystemClock
from monitor.model import Observation, Origin, Vantage
from monitor.places.hosts import host_of
from monitor.rules.reading import read
from monitor.settings.load import Settings
from monitor.store import Store
from monitor.watch.clock_offset import Offset
from monitor.watch.observe import observed
from monitor.watch.wiring import JPEG_QUALITY, accepted_in, allowance, pace
from probes.attendance import Attendance
from probes.model import AcceptedLine, Clock, Platform, Target
from probes.pages.fingerprint import accepted_lines
from probes.pages.seen import deciding
from probes.sessions.browser.attended_visit import AttendedVisit
from probes.sessions.browser.session import BrowserSessions
from probes.sessions.guard import Allowance
from probes.sessions.pace import Pace


@dataclass(frozen=True, kw_only=True)
class Attendant:
    """Opens one browser window at a time for a person, and makes an `Observation` of the visit."""

    clock: Clock
    pace: Pace
    sessions: BrowserSessions
    vantage: Vantage
    accepted: Callable[[str], Mapping[str, Sequence[AcceptedLine]]] = lambda _: {}

    async def attend(
        self, target: Target, platform: Platform, attendance: Attendance, *, patience: timedelta
    ) -> Observation:
        """Open the target's page and wait, `patience` at most, until the person is on the page that answers.

        Raises `NotReached` when the person did not get there, `NotNow` when pace or a switch refuses the
        visit, `BrowserUnavailable` when no window can be opened.
        """
        host = host_of(target.url)
        line = attendance.stop_line(target)
        async with self.pace.visit(host=host, platform=platform.name, wait=0) as turn:
            started_at = self.clock.now()
            words, zone = partial(deciding, platform.answer), target.tz.key
            async with self.sessions.lend(
                AttendedVisit, stop_line=line, turn=turn, deciding=words, zone=zone
            ) as visit:
                await visit.witness(
                    attendance.opened(target),
                    attendance.answered(target),
                    patience=patience,
                )
            await turn.settle(refused=False)
        finished_at, capture = self.clock.now(), visit.capture()
        accepted = await asyncio.to_thread(self.accepted, platform.name)
        return observed(
            target,
            platform,
            capture,
            read(platform, target, capture, accepted_lines(platform.name, capture, accepted)),
            stop_line=line,
            origin=Origin.ATTENDED,
            started_at=started_at,
            finished_at=finished_at,
            vantage=self.vantage,
        )


@asynccontextmanager
async def attending(
    settings: Settings,
    target: Target,
    attendance: Attendance,
    store: Store,
    *,
    arguments: tuple[str, ...] = (),
) -> AsyncIterator[Attendant]:
    """An attendant with a started browser, closed when the block ends. `arguments` are passed to Chromium.

    Raises `BadInput` for a real site without a contact, `BrowserUnavailable` without a Chromium.
    """
    clock = SystemClock()
    allowed = allowance([target.url])
    user_agent = settings.user_agent(local=not allowed.hosts)
    sessions = BrowserSessions(
        allowance=Allowance(allowed.hosts | attendance.hosts, allowed.local),
        user_agent=user_agent,
        clock=clock,
        executable=settings.browser.executable,
        screenshot_quality=JPEG_QUALITY if settings.browser.screenshot == "jpeg" else None,
        arguments=("--window-size=1320,1040", *arguments),
        headed=True,
    )
    await sessions.start()
    try:
        yield Attendant(
            clock=clock,
            pace=pace(settings, clock, {host_of(target.url)}, store),
            sessions=sessions,
            vantage=Vantage(
                name=settings.vantage.name,
                software=version("vigie"),
                browser=sessions.software,
                user_agent=user_agent,
                clock_offset=await Offset(clock)(),
            ),
            accepted=accepted_in(store),
        )
    finally:
        await sessions.close()
