"""At an instant drawn for it, a target read over HTTP is visited in a browser and read twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.model import Agreement, GapReason, Observation
from monitor.rules.agreement import IN_DOUBT
from monitor.store import Store, StoreError
from monitor.store.review import double_readings, quarantine
from monitor.store.review.double_readings import Resumption
from monitor.watch.observe import Recording
from monitor.watch.visits import NO_CHROMIUM, RecordedVisits
from probes.model import AcceptedLine, Capture, NoSlotsKind, Outcome, Reading, Step, Target, Transport
from tests.cast.observations import HOUR, NOON
from tests.cast.sessions import Unable
from tests.cast.transactions import ask, tell
from tests.service.one_page import OnePage, Site, entry, service

WATCHED = entry("a", HOUR)
BOTH = frozenset(Transport)


@dataclass(frozen=True)
class TwoDoors(OnePage):
    """Reads what a browser showed where there is a browser, and the body otherwise."""

    transports: frozenset[Transport] = BOTH

    def read(self, target: Target, capture: Capture, accepted: Sequence[AcceptedLine] = ()) -> Reading:
        step = capture.last
        shown = "" if step is None else step.rendered if step.rendered is not None else step.body.decode()
        if shown == "none":
            return Reading(outcome=Outcome.NO_SLOTS, rule="none", words="none", kind=NoSlotsKind.ALL_TAKEN)
        if shown == "some":
            return Reading(outcome=Outcome.SLOTS_OFFERED, rule="some", words="some")
        return Reading(outcome=Outcome.UNRECOGNISED, rule="unknown")


class Shown(Unable):
    """A browser's session: the server sends `sent`, and a person sees `seen`."""

    def __init__(self, sent: bytes, seen: str) -> None:
        self.sent, self.seen = sent, seen
        self.steps: list[Step] = []
        self.pictures: dict[int, bytes] = {}

    async def open(self, url: str, *, until: tuple[str, ...] = ()) -> Step:
        step = Step(
            n=len(self.steps),
            action="open",
            method="GET",
            url=url,
            final_url=url,
            started_at=NOON,
            finished_at=NOON,
            status=200,
            headers=(("content-type", "text/plain"),),
            body=self.sent,
            rendered=self.seen,
            settled=True,
        )
        self.steps.append(step)
        return step

    async def cookies(self) -> frozenset[str]:
        return frozenset()

    def capture(self) -> Capture:
        return Capture(transport=Transport.BROWSER, steps=tuple(self.steps))


class Browser:
    """Sessions in a browser; counts its visits."""

    def __init__(self, sent: bytes = b"none", seen: str = "none") -> None:
        self.sent, self.seen, self.visits = sent, seen, 0

    @asynccontextmanager
    async def visit(self, **_: Any) -> AsyncIterator[Recording]:
        self.visits += 1
        yield Shown(self.sent, self.seen)


Make = Callable[..., RecordedVisits]


@pytest.fixture
def made(store: Store) -> Make:
    """Visits of a target read over HTTP, with this browser, at instants that are all doubled, or none."""

    def make(
        browser: Browser | None = None, *, doubled: bool = True, site: Site | None = None
    ) -> RecordedVisits:
        site = site or Site()
        visits = service(store, [WATCHED], site, platform=TwoDoors()).visits
        visits.timetable.doubled = lambda *_: doubled  # type: ignore[method-assign]
        over_http = visits.observer.sessions[Transport.HTTP]
        visits.observer = replace(
            visits.observer,
            sessions={Transport.HTTP: over_http, **({Transport.BROWSER: browser} if browser else {})},
            as_over_http=over_http.as_over_http,  # type: ignore[attr-defined]
        )
        return visits

    return make


def visit(visits: RecordedVisits, later: int = 0) -> None:
    """Visit at an instant so many seconds from now: a target has one entry per instant."""
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=later)
    asyncio.run(visits.drawn(WATCHED, at))


def test_the_same_answer_of_the_server_is_read_two_ways(store: Store, made: Make) -> None:
    browser, site = Browser(), Site()
    visit(made(browser, site=site))
    (row,) = store.observations()
    assert (row.transport, row.reading.outcome) == (Transport.BROWSER, Outcome.NO_SLOTS)
    assert (browser.visits, site.asked) == (1, 0)
    assert ask(store, double_readings.counts) == {"one_page": {Agreement.ALIKE: 1}}


def test_at_every_other_instant_the_visit_is_made_over_http(store: Store, made: Make) -> None:
    browser, site = Browser(), Site()
    visit(made(browser, site=site, doubled=False))
    (row,) = store.observations()
    assert (row.transport, browser.visits, site.asked) == (Transport.HTTP, 0, 1)
    assert ask(store, double_readings.counts) == {}


def test_without_a_browser_the_instant_is_a_hole_and_never_a_visit_over_http(
    store: Store, made: Make
) -> None:
    site = Site()
    visit(made(None, site=site))
    assert [(gap.reason, gap.detail) for gap in store.gaps()] == [(GapReason.COULD_NOT_TRY, NO_CHROMIUM)]
    assert (list(store.observations()), site.asked) == ([], 0)


def test_a_platform_that_no_browser_can_read_is_visited_over_http(store: Store, made: Make) -> None:
    visits = made(None)
    visits.platforms = lambda _: TwoDoors(transports=frozenset({Transport.HTTP}))
    visit(visits)
    assert [row.transport for row in store.observations()] == [Transport.HTTP]


def test_a_target_watched_in_a_browser_is_not_read_twice(store: Store, made: Make) -> None:
    visits = made(Browser())
    in_browser = replace(WATCHED, transport=Transport.BROWSER)
    asyncio.run(visits.drawn(in_browser, datetime.now(UTC).replace(microsecond=0)))
    assert [row.transport for row in store.observations()] == [Transport.BROWSER]
    assert ask(store, double_readings.counts) == {}


def test_history_that_has_no_browser_has_no_double_readings_either(store: Store, made: Make) -> None:
    visits = made(None)
    visits.doubles = False
    visit(visits)
    assert [row.transport for row in store.observations()] == [Transport.HTTP]


def disagreed(store: Store, made: Make) -> int:
    """A script showed « some » where the document says « none »: the row that disagrees."""
    visit(made(Browser(b"none", "some")))
    (row,) = store.observations()
    assert row.reading.outcome is Outcome.SLOTS_OFFERED, "what a person saw stands"
    return row.id


def newest(store: Store) -> Reading:
    *_, row = store.observations(newest_first=False)
    return row.reading


def test_after_a_disagreement_nothing_is_concluded_over_http_until_somebody_has_looked(
    store: Store, made: Make
) -> None:
    number = disagreed(store, made)
    assert ask(store, double_readings.in_doubt) == {"one_page"}
    visit(made(Browser(), doubled=False), 1)
    withheld = newest(store)
    assert (withheld.outcome, withheld.rule, withheld.words) == (Outcome.UNRECOGNISED, IN_DOUBT, "none")
    assert [group.rules for group in ask(store, quarantine.groups)] == [(IN_DOUBT,)]
    looked = Resumption(platform="one_page", observation=number, reason="mended", author="Ada", at=NOON)
    tell(store, double_readings.resume, looked)
    visit(made(Browser(), doubled=False), 2)
    assert newest(store).outcome is Outcome.NO_SLOTS


def test_a_browser_s_own_conclusions_are_not_in_doubt(store: Store, made: Make) -> None:
    disagreed(store, made)
    visit(made(Browser()), 1)
    assert newest(store).outcome is Outcome.NO_SLOTS


def test_while_the_database_does_not_say_nothing_is_concluded_and_the_page_is_kept(
    store: Store, made: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: object) -> frozenset[str]:
        raise StoreError("the database is away")

    monkeypatch.setattr(double_readings, "in_doubt", away)
    visit(made(Browser(), doubled=False))
    assert newest(store).rule == IN_DOUBT


def test_a_control_over_http_is_in_doubt_too(store: Store, made: Make) -> None:
    disagreed(store, made)
    asyncio.run(made(Browser(), doubled=False).control(WATCHED))
    assert newest(store).rule == IN_DOUBT


def test_the_doubt_of_one_platform_is_none_of_another(store: Store, made: Make) -> None:
    disagreed(store, made)
    visits = made(Browser(), doubled=False)
    visits.platforms = lambda _: TwoDoors(name="other")
    visit(visits, 1)
    assert newest(store).outcome is Outcome.NO_SLOTS


def test_a_visit_whose_own_walk_failed_is_not_read_twice(store: Store, made: Make) -> None:
    told: list[Observation] = []
    visits = made(Browser())
    visits.platforms, visits.seen = lambda _: TwoDoors(broken=True), told.append
    visit(visits)
    assert [one.over_http for one in told] == [None]
    assert ask(store, double_readings.counts) == {}
