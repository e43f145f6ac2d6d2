"""What a visit is on any transport, without one: its time, its steps, what it keeps."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from monitor.clock import SimulatedClock, SystemClock
from probes.failures import Failed, Failure
from probes.model import Transport, VisitOver
from probes.sessions.visit import Draft, Limits, Visit, kept
from tests.sessions.visiting import HERE, NOON, STOP_LINE, FreeTurn


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


def test_a_mistake_of_ours_leaves_what_had_come() -> None:
    async def fetch(draft: Draft) -> None:
        draft.answered(draft.url, 302, [("Location", "/x")])
        draft.body = b"<p>x</p>"
        raise ValueError("a header\nthat we cannot write")

    visit = visit_of()
    with pytest.raises(ValueError, match="a header"):
        asyncio.run(visit.take(visit.draft("open", "GET", "http://site.localhost/rdv"), fetch))
    with pytest.raises(VisitOver, match="our_fault"):
        visit.draft("open", "GET", "http://site.localhost/rdv")
    visit.end()
    (step,) = visit.capture().steps
    assert (step.failure, step.status, step.body) == (Failure.OUR_FAULT, 302, b"<p>x</p>")
    assert step.detail == "ValueError: a header that we cannot write"


@pytest.mark.parametrize(
    ("said", "download"),
    [
        ([], False),
        ([""], False),
        (["inline"], False),
        (['inline; filename="attachment.html"'], False),
        (['INLINE ; filename="a, attachment"'], False),
        (["inline", "inline"], False),
        (["filename=attachment.html"], False),
        (["; attachment"], False),
        (["=attachment"], False),
        (['"attachment"'], False),
        (["attachment filename=x"], False),
        (["attachment"], True),
        ([" ATTACHMENT ;filename=x"], True),
        (["foo; filename=x"], True),
        (["form-data; name=x"], True),
        (["inline, attachment"], True),
        (["inline", "attachment"], True),
        (["attachment", "inline"], True),
    ],
)
def test_only_the_type_of_a_disposition_makes_a_file_of_an_answer(said: list[str], *, download: bool) -> None:
    draft = visit_of().draft("open", "GET", "http://site.localhost/")
    draft.answered(draft.url, 200, [("Content-Disposition", each) for each in said])
    assert draft.is_download is download


def test_a_step_begins_when_its_turn_has_come_and_each_page_takes_one() -> None:
    clock = SimulatedClock(NOON)

    class Waiting(FreeTurn):
        async def page(self) -> None:
            await super().page()
            await clock.sleep(10)

    turn = Waiting()
    visit = Visit(stop_line=STOP_LINE, turn=turn, allowance=HERE, clock=clock, limits=Limits())
    visit.transport = Transport.HTTP  # type: ignore[misc]

    async def fetch(draft: Draft) -> None:
        draft.answered(draft.url, 200, [("Content-Type", "text/html"), ("Set-Cookie", "a=b"), ("ETag", "x")])
        draft.body = b"<p>x</p>"

    async def walk() -> None:
        for _ in range(2):
            await visit.take(visit.draft("open", "GET", "http://site.localhost/"), fetch)

    asyncio.run(walk())
    visit.end()
    steps = visit.capture().steps
    assert turn.pages == 2
    assert [(step.started_at - NOON).total_seconds() for step in steps] == [10, 20]
    assert [step.n for step in steps] == [0, 1]
    assert steps[0].headers == (("content-type", "text/html"), ("etag", "x"))
    with pytest.raises(VisitOver, match="the visit has ended"):
        visit.draft("open", "GET", "http://site.localhost/")


def test_every_header_that_dates_or_limits_an_answer_is_kept() -> None:
    wanted = """
        date server content-type content-length content-encoding transfer-encoding retry-after refresh
        cache-control last-modified etag via x-cache
        """.split()
    sent = [*wanted, "set-cookie", "authorization", "x-request-id"]
    assert kept([(name.upper(), "1") for name in sent]) == tuple((name, "1") for name in wanted)
    assert kept([("Location", "https://a.fr/b?token=1#c")]) == (("location", "https://a.fr/b"),)
    assert kept([("Refresh", "0;url=/b?token=1")]) == (("refresh", "0;url=/b?*"),)


@pytest.mark.parametrize(
    ("url", "failure"),
    [
        ("http://site.localhost/off/limits", Failure.OFF_LIMITS),
        ("https://elsewhere.example/", Failure.HOST_NOT_ALLOWED),
    ],
)
def test_a_redirect_that_is_refused_is_recorded(url: str, failure: Failure) -> None:
    visit = visit_of(Limits(redirects=2))
    draft = visit.draft("open", "GET", "http://site.localhost/")
    visit.follow(draft, "http://site.localhost/a")
    with pytest.raises(Failed) as refused:
        visit.follow(draft, url)
    assert (refused.value.failure, draft.redirects) == (failure, ["http://site.localhost/a", url])
    with pytest.raises(Failed, match="more than 2 redirects"):
        visit.follow(draft, "http://site.localhost/b")
