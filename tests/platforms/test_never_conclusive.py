"""Whatever happens to a page, it concludes only what it still says: mutations of saved pages, and noise."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probes.model import Capture, Outcome, Reading, Step, Transport
from probes.page import decode
from probes.platforms.example import Example
from probes.registry import PLATFORMS
from tests.platforms.cases import PAGES, Case, folders, load, received, target

READERS = {platform.name: platform for platform in (*PLATFORMS, Example())}
CASES = [load(folder) for folder in folders()]
CONCLUSIVE = [case for case in CASES if case.folder.name.startswith(("no_slots-", "slots_offered-"))]
OVER_HTTP = [case for case in CONCLUSIVE if case.capture.transport is Transport.HTTP]
thorough = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(case: Case, steps: tuple[Step, ...] | None = None, **changes: object) -> Reading:
    capture = case.capture if steps is None else replace(case.capture, steps=steps)
    return READERS[case.platform].read(replace(case.target, **changes), capture)


def mutated(case: Case, change: Callable[[str], str]) -> tuple[Step, ...]:
    """The steps of `case` with `change` made to every page, as received and as rendered."""
    return tuple(
        replace(
            step,
            body=change(decode(step)).encode("utf-8", "replace"),
            headers=(("content-type", "text/html; charset=utf-8"),),
            rendered=step.rendered if step.rendered is None else change(step.rendered),
            dialogs=tuple(map(change, step.dialogs)),
        )
        for step in case.capture.steps
    )


@cache
def product(platform: str) -> dict[str, Any]:
    """What the mutations need to know of a product: `tests/pages/<platform>/platform.toml`."""
    return tomllib.loads((PAGES / platform / "platform.toml").read_text(encoding="utf-8"))


@cache
def addresses(platform: str) -> list[str]:
    """The addresses of a product that its saved pages know."""
    steps = [step for case in CASES if case.platform == platform for step in case.capture.steps]
    return sorted({step.final_url for step in steps})


def within_body(before: str, after: str) -> Callable[[str], str]:
    """A mutation that puts the visible part of a page between `before` and `after`."""

    def change(page: str) -> str:
        if "<body>" not in page:
            return f"<body>{before}{page}{after}"
        return page.replace("<body>", f"<body>{before}").replace("</body>", f"{after}</body>")

    return change


def believed(cases: Iterable[Case], change: Callable[[Case], Reading]) -> list[str]:
    """The cases that still conclude something after `change`: there should be none."""
    return [case.name for case in cases if change(case).outcome.conclusive]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<div hidden>", "</div>"),
        ("<div aria-hidden='true'>", "</div>"),
        ("<div style='display:none'>", "</div>"),
        ("<div style='opacity: 0'>", "</div>"),
        ("<div style='position: absolute; left: -9999px'>", "</div>"),
        ("<template>", "</template>"),
        ("<noscript>", "</noscript>"),
        ("<script type='text/plain'>", "</script>"),
        ("<dialog>", "</dialog>"),
        ("<details><summary>+</summary><div>", "</div></details>"),
        ("<!--", "-->"),
        ("<div aria-modal='true'>Cookies</div>", ""),
        ("<div style='position:fixed;inset:0'>Cookies</div>", ""),
    ],
)
def test_a_hidden_or_covered_answer_is_no_answer(before, after):
    hide = within_body(before, after)
    assert believed(CONCLUSIVE, lambda case: read(case, mutated(case, hide))) == []


@pytest.mark.parametrize("rule", ["visibility: hidden", "display:none!important", "opacity:0"])
def test_an_answer_that_a_rule_hides_is_no_answer(rule):
    hide = within_body(f"<style>@media screen {{ body > .w {{ {rule} }} }}</style><div class=w>", "</div>")
    assert believed(OVER_HTTP, lambda case: read(case, mutated(case, hide))) == []


@pytest.mark.parametrize("platform", READERS)
def test_without_the_words_that_decide_every_page_is_none_we_know(platform):
    marks = re.compile(product(platform)["marks"], re.IGNORECASE)
    for case in (case for case in CASES if case.platform == platform):
        reading = read(case, mutated(case, lambda page: marks.sub("…", page)))
        decided = case in CONCLUSIVE or case.folder.name.startswith("requests_open-")
        assert not reading.outcome.conclusive, case.name
        assert reading.outcome is Outcome.UNRECOGNISED or not decided, case.name


def test_the_right_words_on_the_wrong_step_are_no_answer():
    def moved(case: Case) -> Reading:
        wrong = product(case.platform).get("wrong_step", case.target.url)
        return read(case, tuple(replace(step, final_url=wrong) for step in case.capture.steps))

    assert believed(CONCLUSIVE, moved) == []


def test_another_host_s_page_is_no_answer():
    def elsewhere(case: Case) -> Reading:
        steps = case.capture.steps
        return read(case, tuple(replace(step, final_url="https://www.example.org/x") for step in steps))

    assert believed(CONCLUSIVE, elsewhere) == []


def test_another_desk_s_answer_is_no_answer():
    of_a_desk = [
        c for c in CONCLUSIVE if c.folder.name.split("-")[0] in product(c.platform).get("of_a_desk", ())
    ]
    assert of_a_desk
    assert believed(of_a_desk, lambda case: read(case, desk="Guichet des cartes grises")) == []


def test_another_procedure_s_answer_is_no_answer():
    assert believed(CONCLUSIVE, lambda case: read(case, options={"title": "Permis de chasse"})) == []


@pytest.mark.parametrize(
    "variant",
    [
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: text.replace(" ", "\u202f"),
        lambda text: text.replace(" ", " \n\t"),
        lambda text: text.replace("'", "\u2019"),
        str.upper,
    ],
    ids=["no-break", "narrow no-break", "layout", "apostrophe", "capitals"],
)
def test_typography_changes_no_reading(variant):
    def change(page: str) -> str:
        return re.sub(r">[^<>&{}]+<", lambda text: variant(text[0]), page)

    for case in CONCLUSIVE:
        before, after = read(case), read(case, mutated(case, change))
        assert essence(after) == essence(before), case.name


def essence(reading: Reading) -> tuple[object, ...]:
    """What a reading says apart from its words."""
    instants = [slot and slot.starts_at for slot in (reading.earliest, reading.second)]
    return reading.outcome, reading.kind, *instants, reading.slots, reading.horizon


@pytest.mark.parametrize("platform", READERS)
@given(data=st.data())
@thorough
def test_a_page_cut_anywhere_never_says_the_contrary(platform, data):
    case = data.draw(
        st.sampled_from([case for case in CASES if case.platform == platform and case.capture.steps])
    )
    step = data.draw(st.sampled_from(case.capture.steps))
    cut = data.draw(st.integers(0, len(step.body)))
    shorter = replace(step, body=step.body[:cut], rendered=step.rendered and step.rendered[:cut])
    steps = tuple(shorter if each is step else each for each in case.capture.steps)
    reading = read(case, steps)
    assert not reading.outcome.conclusive or reading.outcome is read(case).outcome


def test_a_visit_that_ended_early_never_says_the_contrary():
    for case in OVER_HTTP:
        for end in range(len(case.capture.steps)):
            outcome = read(case, case.capture.steps[:end]).outcome
            assert not outcome.conclusive or outcome is Outcome.SLOTS_OFFERED is read(case).outcome, case.name


@pytest.mark.parametrize("platform", READERS)
@given(data=st.data())
@thorough
def test_noise_is_never_conclusive_and_never_an_error(platform, data):
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
    pages = [
        step.body.decode("utf-8", "replace")
        for c in CASES
        if c.platform == platform
        for step in c.capture.steps
    ]
    return sorted({piece for page in pages for piece in re.findall(r"<[^>]+>|[^<>\s][^<>]*", page)})


@pytest.mark.parametrize("platform", READERS)
@given(data=st.data())
@thorough
def test_its_own_pieces_in_any_order_are_never_an_error(platform, data):
    soup = "".join(data.draw(st.lists(st.sampled_from(pieces(platform)), max_size=40)))
    url = data.draw(st.sampled_from(addresses(platform)))
    reading = READERS[platform].read(
        target(platform, data.draw(st.sampled_from(addresses(platform)))),
        Capture(
            transport=Transport.HTTP, steps=(received(soup, url=url), received(soup, url=url, method="POST"))
        ),
    )
    assert isinstance(reading, Reading)
    assert reading.words or not reading.outcome.conclusive
