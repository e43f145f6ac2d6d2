"""Whatever happens to a page, it concludes only what it still says: mutations of saved pages, and noise."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import replace

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


def product(platform: str) -> dict[str, str]:
    """What the mutations need to know of a product: `tests/pages/<platform>/platform.toml`."""
    return tomllib.loads((PAGES / platform / "platform.toml").read_text(encoding="utf-8"))


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


def named(cases: list[Case]) -> dict[str, object]:
    return {"argvalues": cases, "ids": [case.name for case in cases]}


@pytest.mark.parametrize("case", **named(CONCLUSIVE))
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<div hidden>", "</div>"),
        ("<div aria-hidden='true'>", "</div>"),
        ("<div style='display:none'>", "</div>"),
        ("<div style='opacity: 0'>", "</div>"),
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
def test_a_hidden_or_covered_answer_is_no_answer(case, before, after):
    assert not read(case, mutated(case, within_body(before, after))).outcome.conclusive


@pytest.mark.parametrize(
    "case", **named([case for case in CONCLUSIVE if case.capture.transport is Transport.HTTP])
)
@pytest.mark.parametrize("rule", ["visibility: hidden", "display:none!important", "opacity:0"])
def test_an_answer_that_a_rule_hides_is_no_answer(case, rule):
    style = f"<style>@media screen {{ body > .w {{ {rule} }} }}</style><div class=w>"
    assert not read(case, mutated(case, within_body(style, "</div>"))).outcome.conclusive


@pytest.mark.parametrize("case", **named(CASES))
def test_without_the_words_that_decide_nothing_is_conclusive(case):
    marks = re.compile(product(case.platform)["marks"], re.IGNORECASE)
    reading = read(case, mutated(case, lambda page: marks.sub("…", page)))
    assert not reading.outcome.conclusive
    assert reading.outcome is not Outcome.REQUESTS_OPEN


@pytest.mark.parametrize("case", **named(CONCLUSIVE))
def test_the_right_words_on_the_wrong_step_are_no_answer(case):
    wrong = product(case.platform).get("wrong_step", case.target.url)
    steps = tuple(replace(step, final_url=wrong) for step in case.capture.steps)
    assert not read(case, steps).outcome.conclusive


@pytest.mark.parametrize("case", **named(CONCLUSIVE))
def test_another_host_s_page_is_no_answer(case):
    steps = tuple(replace(step, final_url="https://www.example.org/x") for step in case.capture.steps)
    assert not read(case, steps).outcome.conclusive


@pytest.mark.parametrize(
    "case",
    **named([c for c in CONCLUSIVE if c.platform == "classic" or "rdv_service_public/slots" in c.name]),
)
def test_another_desk_s_answer_is_no_answer(case):
    assert not read(case, desk="Guichet des cartes grises").outcome.conclusive


@pytest.mark.parametrize("case", **named(CONCLUSIVE))
def test_another_procedure_s_answer_is_no_answer(case):
    assert not read(case, options={"title": "Permis de chasse"}).outcome.conclusive


@pytest.mark.parametrize("case", **named(CONCLUSIVE))
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
def test_typography_changes_no_reading(case, variant):
    def change(page: str) -> str:
        return re.sub(r">[^<>&{}]+<", lambda text: variant(text[0]), page)

    steps = mutated(case, change)
    whole = replace(case.target, options={})
    before, after = read(case), READERS[case.platform].read(whole, replace(case.capture, steps=steps))
    assert (after.outcome, after.kind, after.earliest and after.earliest.starts_at, after.slots) == (
        before.outcome,
        before.kind,
        before.earliest and before.earliest.starts_at,
        before.slots,
    )


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


@pytest.mark.parametrize(
    "case", **named([case for case in CONCLUSIVE if case.capture.transport is Transport.HTTP])
)
def test_a_visit_that_ended_early_never_says_the_contrary(case):
    for end in range(len(case.capture.steps)):
        reading = read(case, case.capture.steps[:end])
        assert (
            not reading.outcome.conclusive or reading.outcome is Outcome.SLOTS_OFFERED is read(case).outcome
        )


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
