"""Whatever happens to a page, it concludes only what it still says: random edits of saved pages, and noise.

`READINGS` says how many examples to draw in all (`make soak-readers`: 100,000). `test_corpus.py` has the
edits one by one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, reduce
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from probes.model import Capture, Outcome, Reading, Step, Transport
from probes.pages.starts import JUST_BEGUN
from probes.platforms.example import Example
from probes.registry import PLATFORMS
from tests.cast.saved_pages import PAGES, Case, received, target
from tests.corpus import edits
from tests.corpus.build import origins
from tests.corpus.dated import ZONES, spelled
from tests.corpus.edits import on_pages
from tests.corpus.made import REQUESTS, Origin

READERS = {platform.name: platform for platform in (*PLATFORMS, Example())}
ORIGINS = list(origins(PAGES, READERS))
CASES = [origin.case for origin in ORIGINS]
CONCLUSIVE = [case for case in CASES if case.folder.name.startswith(("no_slots-", "slots_offered-"))]
OVER_HTTP = [case for case in CONCLUSIVE if case.capture.transport is Transport.HTTP]
ANSWERED = {name: [o for o in ORIGINS if o.case.platform == name and o.by_its_pages] for name in READERS}
EDITED = [name for name, found in ANSWERED.items() if found]
DATED = [
    (origin, spec)
    for origin in ORIGINS
    for spec in origin.product.get("dates", ())
    if spec["case"] == origin.case.folder.name
]
PROPERTIES = 3 * len(READERS) + len(EDITED) + len(DATED)
READINGS = int(os.environ.get("READINGS", 6_000))
thorough = settings(
    max_examples=ceil(READINGS / PROPERTIES),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
pytestmark = pytest.mark.timeout(120 + READINGS // 10)


def read(case: Case, steps: Iterable[Step] | None = None) -> Reading:
    capture = case.capture if steps is None else replace(case.capture, steps=tuple(steps))
    return READERS[case.platform].read(case.target, capture)


@cache
def addresses(platform: str) -> list[str]:
    """The addresses of a product that its saved pages know."""
    steps = [step for case in CASES if case.platform == platform for step in case.capture.steps]
    return sorted({step.final_url for step in steps})


@pytest.mark.parametrize("platform", READERS)
def test_without_the_words_that_decide_every_page_is_none_we_know(platform: str) -> None:
    for origin in (origin for origin in ORIGINS if origin.case.platform == platform):
        steps = edits.unmarked(origin.case.capture, origin.marks).steps
        outcome = read(origin.case, steps).outcome
        assert not outcome.conclusive, origin.case.name
        assert outcome is Outcome.UNRECOGNISED or not origin.decides, origin.case.name


def test_a_visit_that_ended_early_never_says_the_contrary() -> None:
    for case in OVER_HTTP:
        for end in range(len(case.capture.steps)):
            outcome = read(case, case.capture.steps[:end]).outcome
            assert not outcome.conclusive or outcome is Outcome.SLOTS_OFFERED is read(case).outcome, case.name


def essence(reading: Reading) -> tuple[object, ...]:
    """What a reading says apart from its words."""
    instants = [slot and slot.starts_at for slot in (reading.earliest, reading.second)]
    return reading.outcome, reading.kind, *instants, reading.slots, reading.horizon


def beside(origin: Origin) -> list[edits.Edit]:
    """Edits that change nothing about an answer: what stands beside it, seen or not."""
    said = [origin.product.get(what, "") for what in ("none", "some")]
    unseen = ["".join((before, what, after)) for before, after in edits.HIDDEN.values() for what in said]
    own = [one["html"] for one in origin.product.get("beside", ()) if origin.label.truth in one["of"]]
    return [edits.around(snippet, "") for snippet in (*edits.HARMLESS.values(), *unseen, *own)]


# A comment cannot stand within the comment that hides a page: it would end it.
SPELLINGS = [edits.texts(edit) for name, edit in edits.TYPOGRAPHY.items() if "comment" not in name]
UNSEEN = [edits.around(*pair) for pair in (*edits.HIDDEN.values(), *edits.COVERED.values())]


@pytest.mark.parametrize("platform", EDITED)
@given(data=st.data())
@thorough
def test_edits_on_edits_change_no_answer_and_bring_none_back(platform: str, data: st.DataObject) -> None:
    origin = data.draw(st.sampled_from(ANSWERED[platform]))
    spelling = data.draw(st.sampled_from(SPELLINGS))
    chain = [spelling, *data.draw(st.lists(st.sampled_from(beside(origin)), max_size=3))]
    edited = reduce(on_pages, chain, origin.case.capture)
    assert essence(read(origin.case, edited.steps)) == essence(read(origin.case))
    hide = data.draw(st.sampled_from([None, *UNSEEN]))
    capture = origin.case.capture
    taken = on_pages(capture, hide) if hide else edits.unmarked(capture, origin.marks)
    assert read(origin.case, reduce(on_pages, chain, taken).steps).outcome not in REQUESTS


@pytest.mark.parametrize(("origin", "spec"), DATED, ids=[origin.case.platform for origin, _spec in DATED])
@given(data=st.data())
@thorough
def test_whatever_date_is_written_is_the_one_that_is_read(
    origin: Origin, spec: dict[str, Any], data: st.DataObject
) -> None:
    tz = ZoneInfo(data.draw(st.sampled_from(ZONES)))
    seen = data.draw(st.dates(date(2019, 1, 1), date(2034, 12, 31)))
    ahead = timedelta(days=data.draw(st.integers(0, 364)), minutes=data.draw(st.integers(0, 24 * 60 - 1)))
    local = datetime.combine(seen, time()) + ahead
    # A wall time that a spring night skips is no instant: `test_french_dates.py` has those.
    assume(local.replace(tzinfo=tz).astimezone(ZoneInfo("UTC")).astimezone(tz).replace(tzinfo=None) == local)
    # The pages of a visit come some seconds one after the other: this minute is over for the later ones.
    assume(local.replace(tzinfo=tz) != datetime.combine(seen, time(10), UTC) - JUST_BEGUN)
    one = data.draw(st.sampled_from(list(spelled(origin, spec, tz.key, seen, local))))
    reading = READERS[one.platform].read(one.target, one.capture)
    assert (reading.outcome, reading.earliest and reading.earliest.starts_at) == (one.truth, one.earliest)


@pytest.mark.parametrize("platform", READERS)
@given(data=st.data())
@thorough
def test_a_page_cut_anywhere_never_says_the_contrary(platform: str, data: st.DataObject) -> None:
    case = data.draw(
        st.sampled_from([case for case in CASES if case.platform == platform and case.capture.steps])
    )
    step = data.draw(st.sampled_from(case.capture.steps))
    cut = data.draw(st.integers(0, len(step.body)))
    shorter = replace(step, body=step.body[:cut], rendered=step.rendered and step.rendered[:cut])
    reading = read(case, (shorter if each is step else each for each in case.capture.steps))
    assert not reading.outcome.conclusive or reading.outcome is read(case).outcome


@pytest.mark.parametrize("platform", READERS)
@given(data=st.data())
@thorough
def test_noise_is_never_conclusive_and_never_an_error(platform: str, data: st.DataObject) -> None:
    urls = st.sampled_from([*addresses(platform), "", "http://[::1", "x"])
    bodies = st.one_of(st.binary(max_size=300), st.text(max_size=300))
    steps = data.draw(
        st.lists(
            st.builds(
                lambda body, url, final, method: received(body, url=url, final_url=final, method=method),
                bodies,
                urls,
                urls,
                st.sampled_from(["GET", "POST"]),
            ),
            max_size=4,
        )
    )
    watched = target(platform, data.draw(st.sampled_from(addresses(platform))))
    reading = READERS[platform].read(watched, Capture(transport=Transport.HTTP, steps=tuple(steps)))
    assert not reading.outcome.conclusive


@cache
def pieces(platform: str) -> list[str]:
    """Tags, attributes and lines of a platform's own pages, to be put together wrongly."""
    steps = [step for case in CASES if case.platform == platform for step in case.capture.steps]
    pages = [step.body.decode("utf-8", "replace") for step in steps]
    return sorted({piece for page in pages for piece in re.findall(r"<[^>]+>|[^<>\s][^<>]*", page)})


@pytest.mark.parametrize("platform", READERS)
@given(data=st.data())
@thorough
def test_its_own_pieces_in_any_order_are_never_an_error(platform: str, data: st.DataObject) -> None:
    soup = "".join(data.draw(st.lists(st.sampled_from(pieces(platform)), max_size=40)))
    url = data.draw(st.sampled_from(addresses(platform)))
    steps = (received(soup, url=url), received(soup, url=url, method="POST"))
    watched = target(platform, data.draw(st.sampled_from(addresses(platform))))
    reading = READERS[platform].read(watched, Capture(transport=Transport.HTTP, steps=steps))
    assert isinstance(reading, Reading)
    assert reading.words or not reading.outcome.conclusive
