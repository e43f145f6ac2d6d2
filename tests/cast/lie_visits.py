"""Visits every lie over each transport it names, and says what was read."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from monitor.clock import SimulatedClock
from probes.model import AcceptedLine, Capture, Outcome, Reading, Target, Transport, VisitOver
from probes.pages import seen
from probes.pages.page import host_of, parse, path_of
from probes.registry import platform
from probes.serving import serving
from probes.sessions.browser.session import BrowserSessions
from probes.sessions.guard import Allowance
from probes.sessions.http.session import HttpSessions
from probes.sessions.visit import Limits
from tests.cast import lie_site
from tests.cast.lie import Lie

AT_ONCE = 4
TODAY = datetime(2026, 11, 27, 10, tzinfo=UTC)
"""The day of every visit: the dates on the pages are written for it."""
LIMITS = Limits(read=timedelta(seconds=10), visit=timedelta(seconds=60))


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What one visit was read as, beside its label.

    `lenient` is what it would be read as if somebody accepted every line that may be accepted. `reached` are
    the paths of its pages, `asked` all that the site was asked for on any visit so far, as `METHOD path`,
    `refused` what the pages asked for in vain.
    """

    lie: Lie
    transport: Transport
    reading: Reading
    lenient: Reading
    reached: frozenset[str]
    asked: frozenset[str]
    refused: tuple[str, ...]

    @property
    def false(self) -> bool:
        """Whether a reading claims what a person would not have seen."""
        return self._believed or replace(self, reading=self.lenient)._believed

    @property
    def _believed(self) -> bool:
        outcome = self.reading.outcome
        return outcome.claims and (outcome not in self.lie.accept or self._misdated)

    @property
    def blind(self) -> bool:
        """Whether an answer that a person sees was not read."""
        return all(one.conclusive for one in self.lie.accept) and not self.reading.outcome.conclusive

    @property
    def said(self) -> str:
        """What a person sees, and what was read."""
        plainly = all(one.conclusive for one in self.lie.accept)
        truth = " or ".join(sorted(self.lie.accept)) if plainly else "nothing certain"
        return f"{truth}, read as {self.reading.outcome}"

    @property
    def wrong(self) -> bool:
        """Whether it is not just what the label says, with the first date and the count that it names."""
        if self.reading.outcome not in self.lie.accept:
            return True
        if self.reading.outcome is not Outcome.SLOTS_OFFERED:
            return False
        undated = self.lie.earliest is not None and self.reading.earliest is None
        return self._misdated or undated or self.lie.slots not in (None, self.reading.slots)

    @property
    def _misdated(self) -> bool:
        wanted, found = self.lie.earliest, self.reading.earliest
        if wanted is None or found is None or self.reading.outcome is not Outcome.SLOTS_OFFERED:
            return False
        if isinstance(wanted, datetime):
            return found.starts_at != wanted.astimezone(UTC)
        return isinstance(wanted, date) and found.starts_at.date() != wanted

    def __str__(self) -> str:
        reading = self.reading if self._believed or not self.false else self.lenient
        accepted = [each.line for each in reading.accepted]
        said = f"{reading.outcome} ({reading.rule}: {reading.words[:60]!r}, accepted {accepted})"
        first = f", first {reading.earliest.starts_at}" if reading.earliest else ""
        return f"{self.transport}: {self.lie.name}: {said}{first}; {self.lie.why}"


class _NoWait:
    async def page(self) -> None:
        return


def told(lies: Sequence[Lie], over: Collection[Transport] = frozenset(Transport)) -> list[Told]:
    """Visit them all over these transports; in no order, a few at once."""
    return asyncio.run(_told(lies, over))


async def _told(lies: Sequence[Lie], over: Collection[Transport]) -> list[Told]:
    async with AsyncExitStack() as stack:
        app = lie_site.build(lies)
        port = await stack.enter_async_context(serving(app, host="127.0.0.1", port=0))
        rules: dict[str, Any] = {
            "allowance": Allowance(hosts=frozenset(), local=True),
            "user_agent": "Vigie/tests (+mailto:essais@example.org)",
            "clock": SimulatedClock(TODAY),
            "limits": LIMITS,
        }
        browser = BrowserSessions(screenshot_quality=None, **rules)
        stack.push_async_callback(browser.close)
        sessions: dict[Transport, BrowserSessions | HttpSessions] = {
            Transport.BROWSER: browser,
            Transport.HTTP: HttpSessions(**rules),
        }
        places = asyncio.Semaphore(AT_ONCE)

        async def one(lie: Lie, target: Target, transport: Transport) -> Told:
            async with places:
                product = platform(target.platform)
                reading, capture = await _read(sessions[transport], target)
                asked = (
                    f"{how} {path}" for host, how, path in app.state.asked if host == host_of(target.url)
                )
                return Told(
                    lie=lie,
                    transport=transport,
                    reading=reading,
                    lenient=product.read(target, capture, every_line(capture)),
                    reached=frozenset(
                        path_of(url) for step in capture.steps for url in (step.url, step.final_url)
                    ),
                    asked=frozenset(asked),
                    refused=tuple(line for step in capture.steps for line in step.refused),
                )

        visits = [visit for visit in _visits(lies, port) if visit[2] in over]
        return list(await asyncio.gather(*(one(*visit) for visit in visits)))


def _visits(lies: Sequence[Lie], port: int) -> Iterator[tuple[Lie, Target, Transport]]:
    for n, lie in enumerate(lies):
        target = Target(
            id=f"k{n}",
            platform=lie.platform,
            url=f"http://{lie_site.host(n)}:{port}{lie.start}",
            prefecture="Préfecture de Vaux",
            departement="77",
            demarche="Titre de séjour",
            desk=lie.desk,
            options=dict(lie.options),
        )
        for transport in sorted(lie.transports & platform(lie.platform).transports):
            yield lie, replace(target), transport


async def _read(sessions: BrowserSessions | HttpSessions, target: Target) -> tuple[Reading, Capture]:
    product = platform(target.platform)
    deciding = partial(seen.deciding, product.answer)
    async with sessions.visit(stop_line=product.stop_line, turn=_NoWait(), deciding=deciding) as session:
        with suppress(VisitOver):
            await product.walk(target, session)
    capture = session.capture()
    return product.read(target, capture), capture


def every_line(capture: Capture) -> list[AcceptedLine]:
    """All lines of a visit's pages, accepted by somebody who accepts everything."""
    lines = {plain for step in capture.steps for plain in parse(step).plain}
    return [
        AcceptedLine(line=line, at=datetime(2026, 1, 1, tzinfo=UTC), reason="all of it") for line in lines
    ]
