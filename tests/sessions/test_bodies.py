"""A body that unpacks to hundreds of megabytes costs the visit that asked for it, and no other."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from probes.failures import Failed, Failure
from probes.model import Session
from probes.sessions.browser.bodies import ROOM, Bodies
from tests.sessions.bombs import bomb
from tests.sessions.site import Site
from tests.sessions.visiting import Visitor, visit

MB = 1024 * 1024


class Grown(Bodies):
    """Bodies in a browser whose memory is what a test says."""

    def __init__(self) -> None:
        super().__init__(os.getpid())
        self.memory = 100 * MB
        self.freed = asyncio.Event()

    def _resident(self) -> int:
        return self.memory


async def small(bodies: Grown, *, after: float) -> dict[str, Any]:
    """A body that takes `after` bytes of memory while it comes."""
    await asyncio.sleep(0)
    bodies.memory += int(after)
    await asyncio.sleep(0)
    return {"body": "une page"}


async def endless(bodies: Grown) -> dict[str, Any]:
    """A body that has no end, until it is given up."""
    bodies.memory += ROOM + 1
    try:
        await asyncio.Event().wait()
    finally:
        bodies.memory -= ROOM + 1
        bodies.freed.set()
    return {}


def received(bodies: Grown, *work: Any) -> list[dict[str, Any] | BaseException]:
    async def all_of_them() -> list[dict[str, Any] | BaseException]:
        return await asyncio.gather(*(bodies.receive(one) for one in work), return_exceptions=True)

    return asyncio.run(all_of_them())


def failure(answer: dict[str, Any] | BaseException) -> Failure:
    assert isinstance(answer, Failed)
    return answer.failure


def test_a_body_that_takes_the_room_it_may_is_received() -> None:
    bodies = Grown()
    assert received(bodies, small(bodies, after=ROOM)) == [{"body": "une page"}]


def test_a_body_that_fills_the_memory_is_given_up() -> None:
    bodies = Grown()
    (answer,) = received(bodies, endless(bodies))
    assert failure(answer) is Failure.BODY_TOO_LARGE


async def slow(bodies: Grown) -> dict[str, Any]:
    """A body that comes when the memory has room again."""
    await bodies.freed.wait()
    return {"body": "une page"}


def test_of_two_bodies_that_come_at_once_none_is_accused_and_the_other_goes_on() -> None:
    bodies = Grown()
    filling, other = received(bodies, endless(bodies), slow(bodies))
    assert failure(filling) is Failure.OUR_FAULT
    assert other == {"body": "une page"}


def test_the_one_that_is_left_and_still_fills_the_memory_is_given_up_by_name() -> None:
    bodies = Grown()
    other, filling = received(bodies, slow(bodies), endless(bodies))
    assert [failure(other), failure(filling)] == [Failure.OUR_FAULT, Failure.BODY_TOO_LARGE]


def test_what_an_earlier_body_left_is_not_charged_to_the_next() -> None:
    bodies = Grown()
    received(bodies, endless(bodies))
    assert received(bodies, small(bodies, after=1)) == [{"body": "une page"}]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("layers", [1, 2])
def test_chromium_gives_up_a_bomb_and_the_visit_beside_it_goes_on(
    in_browser: Visitor, site: Site, layers: int
) -> None:
    bomb(layers)

    async def beside(session: Session) -> None:
        for _ in range(4):
            await session.open(site.url("/answer"))

    async def both() -> tuple[Failure | None, list[Failure | None]]:
        sessions = in_browser.sessions
        struck, calm = await asyncio.gather(
            visit(sessions, lambda session: session.open(site.url(f"/bomb?layers={layers}"))),
            visit(sessions, beside),
        )
        return struck.steps[0].failure, [step.failure for step in calm.steps]

    struck, calm = in_browser.runner.run(both())
    # A calm body that is under way just when the memory fills leaves open which of the two filled it.
    assert struck in (Failure.BODY_TOO_LARGE, Failure.OUR_FAULT)
    assert calm == [None] * 4
    assert in_browser.open(site.url(f"/bomb?layers={layers}")).failure is Failure.BODY_TOO_LARGE
    assert in_browser.open(site.url("/answer")).failure is None
