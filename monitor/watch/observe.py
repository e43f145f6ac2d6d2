"""One observation from start to end: wait for the host to be free, walk, capture, read.

A failure of the site is an outcome, not an exception. `observe` raises only when *we* could not try: `NotNow`
when pace, page budget, breaker or a switch refuses the visit, `BrowserUnavailable` when no browser starts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from monitor.model import Observation, Origin, Vantage
from monitor.places.hosts import host_of, is_local
from monitor.rules import scrub
from monitor.rules.reading import MISTAKES, our_fault, read
from probes.model import (
    AcceptedLine,
    Capture,
    Clock,
    Outcome,
    Platform,
    Reading,
    Session,
    Target,
    Transport,
    VisitOver,
)
from probes.pages.fingerprint import accepted_lines, kept_structure
from probes.pages.seen import deciding, shown_by
from probes.sessions.guard import StopLineCrossed
from probes.sessions.pace import Pace, Turn, parse_retry_after
from probes.sessions.visit import FRANCE, Deciding
from probes.stop_line import StopLine

log = logging.getLogger(__name__)

REFUSALS = frozenset({Outcome.BLOCKED, Outcome.RATE_LIMITED, Outcome.OVERLOADED, Outcome.SITE_DOWN})
"""The outcomes that count towards a host's breaker: the site is refusing us, or should be left alone."""


OUR_MISTAKES = (StopLineCrossed, *MISTAKES)
"""What a faulty walk of ours raises: the outcome is then `probe_error`. All other errors are passed on."""


class Recording(Session, Protocol):
    """A session that keeps all that it received, for the record. `pictures` are those of steps, by number."""

    pictures: dict[int, bytes]

    def capture(self) -> Capture: ...

    async def cookies(self) -> frozenset[str]: ...


class TransportSessions(Protocol):
    """The sessions of one transport. Each visit gets a new one, without cookies."""

    def visit(
        self, *, stop_line: StopLine, turn: Turn, deciding: Deciding | None = None, zone: str = FRANCE
    ) -> AbstractAsyncContextManager[Recording]: ...


@dataclass(frozen=True, kw_only=True)
class Observer:
    """Makes visits. Holds what all visits of this process share.

    `offset` asks how far our clock is ahead. `accepted` gives, by structure, the lines that are accepted on
    pages of a platform; it may block. Without it nothing is accepted. `as_over_http` gives what a browser
    received as plain HTTP would have received it, for double readings.
    """

    clock: Clock
    pace: Pace
    sessions: Mapping[Transport, TransportSessions]
    vantage: Vantage
    offset: Callable[[], Awaitable[timedelta | None]] | None = None
    accepted: Callable[[str], Mapping[str, Sequence[AcceptedLine]]] = lambda _: {}
    as_over_http: Callable[[Capture], Awaitable[Capture]] | None = None

    @property
    def reads_twice(self) -> bool:
        """Whether this observer can make double readings: it has a browser, and can read as plain HTTP."""
        return self.as_over_http is not None and Transport.BROWSER in self.sessions

    async def observe(
        self,
        target: Target,
        platform: Platform,
        transport: Transport,
        *,
        scheduled_at: datetime | None = None,
        wait: float = 0.0,
        twice: bool = False,
    ) -> Observation:
        """Visit `target` once, waiting at most `wait` seconds for its host to be free. Never tries again.

        With `scheduled_at`, its drawn instant (UTC), the visit is `scheduled`; without, it is `manual`. With
        `twice`, what a browser received is also read as plain HTTP would have received it. Raises `NotNow`
        and `BrowserUnavailable`.
        """
        host = host_of(target.url)
        async with self.pace.visit(host=host, platform=platform.name, wait=wait) as turn:
            started_at = self.clock.now()
            capture, fault, pictures = await self._walk(target, platform, transport, turn)
            accepted = await asyncio.to_thread(self.accepted, platform.name)
            lines = accepted_lines(platform.name, capture, accepted)
            reading = fault or read(platform, target, capture, lines)
            capture = shown_by(reading, capture, pictures)
            over_http = (
                await self._read_again(target, platform, capture, accepted) if twice and not fault else None
            )
            await turn.settle(
                refused=reading.outcome in REFUSALS, retry_after=retry_after(capture, self.clock.now())
            )
        finished_at = self.clock.now()
        vantage = replace(self.vantage, clock_offset=await self.offset() if self.offset else None)
        return await asyncio.to_thread(
            observed,
            target,
            platform,
            capture,
            reading,
            stop_line=platform.stop_line,
            origin=Origin.SCHEDULED if scheduled_at else Origin.MANUAL,
            scheduled_at=scheduled_at,
            started_at=started_at,
            finished_at=finished_at,
            vantage=vantage,
            over_http=over_http,
        )

    async def _read_again(
        self,
        target: Target,
        platform: Platform,
        capture: Capture,
        accepted: Mapping[str, Sequence[AcceptedLine]],
    ) -> Reading | None:
        """The second reading, of the same documents; `None` when it cannot be made here."""
        if self.as_over_http is None or capture.transport is not Transport.BROWSER:
            return None
        plain = await self.as_over_http(capture)
        return read(platform, target, plain, accepted_lines(platform.name, plain, accepted))

    async def _walk(
        self, target: Target, platform: Platform, transport: Transport, turn: Turn
    ) -> tuple[Capture, Reading | None, dict[int, bytes]]:
        """The capture, a `probe_error` reading or `None`, and the pictures of the steps.

        The reading is there when our own code failed during the visit.
        """
        fault = None
        async with self.sessions[transport].visit(
            stop_line=platform.stop_line,
            turn=turn,
            deciding=partial(deciding, platform.answer),
            zone=target.tz.key,
        ) as session:
            try:
                await platform.walk(target, session)
            except VisitOver:
                pass
            except OUR_MISTAKES as bug:
                log.exception("the %s walk failed on %s", platform.name, target.id)
                fault = our_fault(bug)
        return session.capture(), fault, session.pictures


def observed(
    target: Target,
    platform: Platform,
    capture: Capture,
    reading: Reading,
    *,
    stop_line: StopLine,
    origin: Origin,
    started_at: datetime,
    finished_at: datetime,
    vantage: Vantage,
    scheduled_at: datetime | None = None,
    over_http: Reading | None = None,
) -> Observation:
    """The `Observation` of a visit just made.

    Secrets are taken out of the addresses kept beside its pages; the pages stay as they came. The words of
    the target's address and of the paths in `stop_line`, the one the visit was held to, are public and stay.
    A visit to this machine is marked `simulated`.
    """
    kept = scrub.capture(capture, scrub.vocabulary(target.url, *stop_line.paths))
    return Observation(
        target=target.id,
        platform=platform.name,
        reader_version=platform.version,
        transport=capture.transport,
        origin=origin,
        scheduled_at=scheduled_at,
        started_at=started_at,
        finished_at=finished_at,
        reading=reading,
        capture=kept,
        vantage=vantage,
        simulated=is_local(host_of(target.url)),
        structure=kept_structure(platform.name, reading, kept),
        over_http=over_http,
    )


def retry_after(capture: Capture, now: datetime) -> timedelta | None:
    """How long the site asked us to wait, in the `Retry-After` header of the last step; `None` if it did not.

    The header may be a number of seconds or an HTTP date; a date is counted from `now` (UTC).
    """
    step = capture.last
    value = step.header("retry-after") if step else None
    return parse_retry_after(value, now) if value else None
