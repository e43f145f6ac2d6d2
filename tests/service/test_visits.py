"""One drawn instant becomes one entry: the visit as it was made, or the gap that says why there was none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from monitor.model import GapReason, Observation, Origin, Vantage
from monitor.rules.reading import our_fault
from monitor.store import Store, StoreError
from monitor.store.review import acceptances
from monitor.targets.catalogue import CatalogueEntry
from monitor.watch.observe import observed, retry_after
from monitor.watch.visits import RecordedVisits
from monitor.watch.wiring import accepted_in
from probes.failures import Failure
from probes.model import AcceptedLine, Capture, Outcome, Reading, Target, Transport
from probes.registry import platform
from probes.sessions.browser.chrome import BrowserUnavailable
from probes.sessions.pace import HostPolicy
from probes.stop_line import StopLine
from tests.cast.observations import HOUR, NOON, capture, reading, step, target
from tests.cast.transactions import tell
from tests.service.one_page import OnePage, Site, entry, service

SECOND = timedelta(seconds=1)
A, B = entry("a", HOUR), entry("b", HOUR)
SAYS_NONE = OnePage()


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def visits(store: Store, site: Site | None = None, **how: Any) -> RecordedVisits:
    return service(store, [A, B], site or Site(), **how).visits


def drawn(made: RecordedVisits, *due: tuple[CatalogueEntry, datetime]) -> None:
    """Visit at all these instants at once."""

    async def all_of_them() -> None:
        await asyncio.gather(*(made.drawn(one, at) for one, at in due))

    asyncio.run(all_of_them())


def test_a_visit_waits_for_its_host_and_is_then_made(store: Store) -> None:
    at = now()
    drawn(visits(store, Site(delay=0.1)), (A, at), (A, at - SECOND))
    assert [row.scheduled_at for row in store.observations()] == [at - SECOND, at]
    assert list(store.gaps()) == []


def test_a_gap_says_why_in_the_words_of_the_pace(store: Store) -> None:
    made = visits(store, policy=HostPolicy(spacing=timedelta(0), pages_per_day=1))
    at = now()
    drawn(made, (A, at - SECOND))
    drawn(made, (A, at))
    (missed,) = store.gaps()
    assert (missed.scheduled_at, missed.reason) == (at, GapReason.BUDGET_SPENT)
    assert missed.detail


class NoChromium:
    """Sessions that never start."""

    def visit(self, **_: object) -> Any:
        raise BrowserUnavailable("install Chromium")


def test_without_a_browser_the_instant_is_a_gap_that_says_how_to_mend_it(store: Store) -> None:
    made = visits(store)
    made.observer = replace(made.observer, sessions={Transport.HTTP: NoChromium()})
    drawn(made, (A, now()))
    assert [(gap.reason, gap.detail) for gap in store.gaps()] == [
        (GapReason.COULD_NOT_TRY, "install Chromium")
    ]


def test_a_control_without_a_browser_is_neither_a_row_nor_an_error(store: Store) -> None:
    made = visits(store)
    made.observer = replace(made.observer, sessions={Transport.HTTP: NoChromium()})
    asyncio.run(made.control(A))
    assert list(store.entries()) == []


def test_a_control_that_cannot_be_recorded_is_no_error(store: Store) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    asyncio.run(visits(store, within=[full]).control(A))
    assert list(store.entries()) == []


def test_a_visit_to_a_control_says_so_and_has_no_drawn_instant(store: Store) -> None:
    asyncio.run(visits(store).control(B))
    assert [(row.target, row.origin, row.scheduled_at) for row in store.observations()] == [
        ("b", Origin.CONTROL, None)
    ]


def test_an_instant_that_another_writer_answered_is_told_once(store: Store) -> None:
    told: list[Observation] = []
    made, at = visits(store, seen=told.append), now()
    drawn(made, (A, at))
    drawn(made, (A, at))
    assert len(told) == len(list(store.observations())) == 1


def test_a_place_is_free_again_after_each_visit_whatever_came_of_it(store: Store) -> None:
    made = visits(store, grace=SECOND, wait=timedelta(0))
    drawn(made, *((A, now() - n * SECOND / 10) for n in range(made.places)))
    made.observer = replace(made.observer, sessions={Transport.HTTP: NoChromium()})
    drawn(made, *((B, now() - n * SECOND / 10) for n in range(made.places)))
    assert GapReason.HOST_BUSY not in {gap.reason for gap in store.gaps() if gap.target == "b"}


class Crowded(Site):
    """Counts how many visits it has at once."""

    here = most = 0

    async def _answer(self, request: Request) -> Response:
        self.here += 1
        self.most = max(self.most, self.here)
        answer = await super()._answer(request)
        self.here -= 1
        return answer


def test_no_more_visits_are_made_at_once_than_there_are_places(store: Store) -> None:
    site = Crowded(delay=0.2)
    drawn(replace(visits(store, site), places=1), (A, now()), (B, now()))
    assert site.most == 1
    assert len(list(store.observations())) == 2


def seen(store: Store, how: OnePage = SAYS_NONE, **by: Any) -> Observation:
    """One visit of `a` by the observer alone."""
    watcher = replace(visits(store, platform=how).observer, **by)
    return asyncio.run(watcher.observe(A.target, how, Transport.HTTP))


def test_a_visit_that_was_not_drawn_is_manual(store: Store) -> None:
    made = seen(store)
    assert (made.origin, made.scheduled_at, made.simulated) == (Origin.MANUAL, None, True)
    assert made.started_at < made.finished_at


def test_a_row_says_how_far_the_clock_was_off_at_that_visit(store: Store) -> None:
    async def ahead() -> timedelta:
        return timedelta(milliseconds=7)

    assert seen(store, offset=ahead).vantage.clock_offset == timedelta(milliseconds=7)
    assert seen(store).vantage.clock_offset is None


class Noting:
    """The sessions of `visits`; notes what each visit is held to."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.held_to: list[tuple[StopLine, Any, str]] = []

    def visit(self, *, stop_line: StopLine, turn: Any, deciding: Any, zone: str) -> Any:
        self.held_to.append((stop_line, deciding, zone))
        return self.real.visit(stop_line=stop_line, turn=turn, deciding=deciding, zone=zone)


def test_a_visit_is_held_to_the_stop_line_and_knows_what_decides(store: Store) -> None:
    noting = Noting(visits(store).observer.sessions[Transport.HTTP])
    seen(store, sessions={Transport.HTTP: noting})
    ((line, decides, zone),) = noting.held_to
    assert (line, zone) == (SAYS_NONE.stop_line, "Europe/Paris")
    assert decides.args == (SAYS_NONE.answer,)


def test_an_unknown_page_has_the_fingerprint_of_its_structure(store: Store) -> None:
    assert seen(store, OnePage(told=b"something new")).structure
    assert seen(store).structure is None


class ReadsAnything(OnePage):
    """Would give an answer even to a walk that failed."""

    def read(self, *_: object) -> Any:
        return reading()


def test_what_a_failed_walk_received_is_never_read(store: Store) -> None:
    made = seen(store, ReadsAnything(broken=True))
    assert (made.reading.outcome, made.reading.failure) == (Outcome.PROBE_ERROR, Failure.OUR_FAULT)
    assert our_fault(KeyError("x")).rule == "walk_failed:KeyError"


class ReadsBadly(OnePage):
    """A reader with a bug."""

    def read(self, *_: object) -> Any:
        raise RecursionError("too deep")


def test_what_came_is_kept_when_the_reader_fails(store: Store) -> None:
    made = seen(store, ReadsBadly())
    assert (made.reading.outcome, made.reading.failure) == (Outcome.PROBE_ERROR, Failure.OUR_FAULT)
    assert made.reading.rule == "read_failed:RecursionError"
    assert made.capture.steps


def made_of(received: Capture, url: str, line: StopLine) -> Observation:
    return observed(
        target(url=url),
        platform("classic"),
        received,
        reading(),
        stop_line=line,
        origin=Origin.MANUAL,
        started_at=NOON,
        finished_at=NOON + SECOND,
        vantage=Vantage(name="here", software="0"),
    )


def test_words_of_the_declared_paths_stay_and_all_others_go() -> None:
    received = capture()
    asked = "https://a.fr/rdv?motif=9&token=abc"
    received = replace(received, steps=(replace(received.steps[0], final_url=asked),))
    (kept,) = made_of(received, "https://a.fr/rdv", StopLine(paths=(r"/rdv\?motif=\d+",))).capture.steps
    assert kept.final_url == "https://a.fr/rdv?motif=9&*=*"


def test_only_a_page_on_this_machine_is_simulated() -> None:
    line = StopLine(paths=("/rdv",))
    assert not made_of(capture(), "https://www.ain.gouv.fr/rdv", line).simulated
    assert made_of(capture(), "http://ain.localhost/rdv", line).simulated


@pytest.mark.parametrize(
    ("value", "wait"),
    [("120", timedelta(minutes=2)), ("Mon, 23 Nov 2026 12:05:00 GMT", timedelta(minutes=5)), (None, None)],
)
def test_a_site_is_left_alone_for_as_long_as_its_last_page_asked(
    value: str | None, wait: timedelta | None
) -> None:
    last = step(n=1, headers=(("retry-after", value),) if value else ())
    first = step(n=0, headers=(("retry-after", "9"),))
    assert retry_after(replace(capture(), steps=(first, last)), NOON) == wait


def test_a_visit_without_any_page_asks_for_nothing() -> None:
    assert retry_after(Capture(transport=Transport.HTTP, steps=()), NOON) is None


def test_an_instant_that_another_writer_answered_sends_nobody_to_the_control(store: Store) -> None:
    made, at = visits(store), now()
    paired = replace(A, control="b")
    made.controls.entries = made.timetable.entries = {"a": paired, "b": B}
    made.controls.__post_init__()
    assert asyncio.run(made.drawn(paired, at)) == B
    assert asyncio.run(made.drawn(paired, at)) is None


@dataclass(frozen=True)
class Says(OnePage):
    """Reads every page as this outcome."""

    outcome: Outcome = Outcome.UNRECOGNISED

    def read(self, *_: object) -> Reading:
        return reading(self.outcome)


@pytest.mark.parametrize(
    ("outcome", "goes_on"),
    [
        (Outcome.BLOCKED, False),
        (Outcome.RATE_LIMITED, False),
        (Outcome.OVERLOADED, False),
        (Outcome.SITE_DOWN, False),
        (Outcome.CAPTCHA, True),
        (Outcome.UNRECOGNISED, True),
    ],
)
def test_a_site_that_refuses_us_gets_no_visit_to_the_control(
    store: Store, outcome: Outcome, goes_on: bool
) -> None:
    made = visits(store, platform=Says(outcome=outcome))
    paired = replace(A, control="b")
    made.controls.entries = made.timetable.entries = {"a": paired, "b": B}
    made.controls.__post_init__()
    assert asyncio.run(made.drawn(paired, now())) == (B if goes_on else None)


def test_a_control_waits_for_its_host(store: Store) -> None:
    made = visits(store, Site(delay=0.1))
    same_host = replace(B, target=replace(B.target, url=A.target.url))

    async def both() -> None:
        await asyncio.gather(made.drawn(A, now()), made.control(same_host))

    asyncio.run(both())
    assert {row.target for row in store.observations()} == {"a", "b"}


@pytest.mark.slow
def test_an_instant_late_already_does_not_wait_as_long_again(store: Store) -> None:
    made, at = visits(store, Site(delay=1.0), grace=SECOND, wait=2 * SECOND), now()
    drawn(made, (A, at), (A, at - made.late - SECOND))
    assert [row.scheduled_at for row in store.observations()] == [at]
    assert [(gap.scheduled_at, gap.reason) for gap in store.gaps()] == [
        (at - timedelta(seconds=4), GapReason.HOST_BUSY)
    ]


LINE = AcceptedLine(line="bienvenue", at=NOON, reason="a greeting")


class NeedsALine(OnePage):
    """Reads its page as « none » if the line on it is accepted."""

    def read(self, target: Target, capture: Capture, accepted: Sequence[AcceptedLine] = ()) -> Reading:
        if LINE in accepted:
            return reading(accepted=(LINE,))
        return Reading(outcome=Outcome.UNRECOGNISED, rule="unknown_line", words="Bienvenue")


def test_a_visit_is_read_with_the_lines_that_are_accepted_on_such_a_page(store: Store) -> None:
    asked: list[str] = []

    def accepted(name: str, structure: str) -> dict[str, tuple[AcceptedLine, ...]]:
        asked.append(name)
        return {structure: (LINE,)}

    how = NeedsALine()
    before = seen(store, how)
    assert before.reading.outcome is Outcome.UNRECOGNISED
    assert before.structure
    after = seen(store, how, accepted=partial(accepted, structure=before.structure))
    assert (after.reading.accepted, after.structure) == ((LINE,), before.structure)
    elsewhere = seen(store, how, accepted=partial(accepted, structure="5e" * 8))
    assert elsewhere.reading.outcome is Outcome.UNRECOGNISED
    assert asked == ["one_page", "one_page"]


def test_the_record_is_asked_at_each_visit_what_is_accepted(store: Store) -> None:
    how = NeedsALine()
    unknown = seen(store, how)
    assert unknown.structure
    number = store.append_observation(unknown)
    ask_for = accepted_in(store)
    assert seen(store, how, accepted=ask_for).reading.outcome is Outcome.UNRECOGNISED
    made = {"platform": "one_page", "fingerprint": unknown.structure, "author": "ana"}
    tell(store, acceptances.accept, LINE, observation=number, **made)
    assert seen(store, how, accepted=ask_for).reading.accepted == (LINE,)
    tell(store, acceptances.withdraw, 1, reason="no", author="ana", at=NOON)
    assert seen(store, how, accepted=ask_for).reading.outcome is Outcome.UNRECOGNISED


def test_what_was_received_is_kept_when_the_record_cannot_say_what_is_accepted(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object) -> None:
        raise StoreError("the database is away")

    monkeypatch.setattr(acceptances, "in_force", away)
    made = seen(store, NeedsALine(), accepted=accepted_in(store))
    assert made.reading.outcome is Outcome.UNRECOGNISED
    assert "read without the lines accepted on pages of one_page: the database is away" in caplog.messages
