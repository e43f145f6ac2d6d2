"""What a visit is on any transport, without one: its time, its steps, what it keeps."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from monitor.clock import SystemClock
from probes.failures import Failed, Failure
from probes.model import Transport, VisitOver
from probes.sessions.visit import Draft, Limits, Visit
from tests.sessions.visiting import HERE, STOP_LINE, FreeTurn


def visit_of(limits: Limits = Limits()) -> Visit:  # noqa: B008  frozen
    visit = Visit(stop_line=STOP_LINE, turn=FreeTurn(), allowance=HERE, clock=SystemClock(), limits=limits)
    visit.transport = Transport.HTTP  # type: ignore[misc]
    return visit


class Hurried(asyncio.SelectorEventLoop):
    """A loop on which pages take long and tests do not."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


def test_the_deadline_is_over_all_pages_of_a_visit() -> None:
    """Each page alone is quick enough; together they are not."""
    visit = visit_of(Limits(visit=timedelta(hours=1)))

    async def fetch(_: Draft) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Hurried)
        loop.ahead += 25 * 60
        for _turn in range(3):
            await asyncio.sleep(0)

    async def walk() -> None:
        for _ in range(4):
            await visit.take(visit.draft("open", "GET", "http://site.localhost/"), fetch)

    with asyncio.Runner(loop_factory=Hurried) as runner, pytest.raises(VisitOver):
        runner.run(walk())
    visit.end()
    assert [step.failure for step in visit.capture().steps][2:] == [Failure.DEADLINE_EXCEEDED]


def test_a_page_that_never_came_stands_under_the_address_that_was_asked_for() -> None:
    async def fetch(_: Draft) -> None:
        raise Failed(Failure.INVALID_RESPONSE, "x" * 10_000)

    visit = visit_of()
    with pytest.raises(VisitOver):
        asyncio.run(visit.take(visit.draft("open", "GET", "http://site.localhost/rdv"), fetch))
    visit.end()
    (step,) = visit.capture().steps
    assert step.final_url == "http://site.localhost/rdv"
    assert len(step.detail) == 300
