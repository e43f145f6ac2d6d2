"""Visits every lie over each transport it names, and says what was read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from monitor.clock import SystemClock
from probes.model import AcceptedLine, Capture, Outcome, Reading, Target, Transport, VisitOver
from probes.pages import contract
from probes.pages.page import parse
from probes.registry import platform
from probes.serving import serving
from probes.sessions.browser.session import BrowserSessions
from probes.sessions.guard import Allowance
from probes.sessions.http.session import HttpSessions
from probes.sessions.visit import Limits
from tests.adversary import site
from tests.adversary.lie import Lie

AT_ONCE = 4
LIMITS = Limits(read=timedelta(seconds=10), visit=timedelta(seconds=60))


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What one visit was read as, beside its label.

    `lenient` is what it would be read as if somebody accepted every line that may be accepted.
    """

    lie: Lie
    transport: Transport
    reading: Reading
    lenient: Reading

    @property
    def false(self) -> bool:
        """Whether a reading concludes what a person would not have seen."""
        return self._believed or replace(self, reading=self.lenient)._believed

    @property
    def _believed(self) -> bool:
        outcome = self.reading.outcome
        return outcome.conclusive and (outcome not in self.lie.accept or self._misdated)

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
        return f"{self.transport}: {self.lie.name}: {said}; {self.lie.why}"


class _NoWait:
    async def page(self) -> None:
        return


def told(lies: Sequence[Lie]) -> list[Told]:
    """Visit them all; in no order, a few at once."""
    return asyncio.run(_told(lies))


async def _told(lies: Sequence[Lie]) -> list[Told]:
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(serving(site.build(lies), host="127.0.0.1", port=0))
        rules: dict[str, Any] = {
            "allowance": Allowance(hosts=frozenset(), local=True),
            "user_agent": "Vigie/tests (+mailto:essais@example.org)",
            "clock": SystemClock(),
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
                reading, lenient = await _read(sessions[transport], target)
                return Told(lie=lie, transport=transport, reading=reading, lenient=lenient)

        return list(await asyncio.gather(*(one(*visit) for visit in _visits(lies, port))))


def _visits(lies: Sequence[Lie], port: int) -> Iterator[tuple[Lie, Target, Transport]]:
    for n, lie in enumerate(lies):
        target = Target(
            id=f"k{n}",
            platform=lie.platform,
            url=f"http://{site.host(n)}:{port}{lie.start}",
            prefecture="Préfecture de Vaux",
            departement="77",
            demarche="Titre de séjour",
            desk=lie.desk,
            options=dict(lie.options),
        )
        for transport in sorted(lie.transports & platform(lie.platform).transports):
            yield lie, replace(target), transport


async def _read(sessions: BrowserSessions | HttpSessions, target: Target) -> tuple[Reading, Reading]:
    product = platform(target.platform)
    deciding = partial(contract.deciding, product.answer)
    async with sessions.visit(stop_line=product.stop_line, turn=_NoWait(), deciding=deciding) as session:
        with suppress(VisitOver):
            await product.walk(target, session)
    capture = session.capture()
    return product.read(target, capture), product.read(target, capture, every_line(capture))


def every_line(capture: Capture) -> list[AcceptedLine]:
    """All lines of a visit's pages, accepted by somebody who accepts everything."""
    lines = {plain for step in capture.steps for plain in parse(step).plain}
    return [
        AcceptedLine(line=line, at=datetime(2026, 1, 1, tzinfo=UTC), reason="all of it") for line in lines
    ]
