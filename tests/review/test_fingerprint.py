"""Pages of one structure share a fingerprint, whatever they say; pages of another do not."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.failures import Failure
from probes.model import Capture, Outcome, Transport
from probes.pages.fingerprint import fingerprint, kept_structure
from tests.cast.observations import reading, step

PAGE = """<html><body><main id="content" class="wide fr-container">
<h1>{title}</h1><form id="FormBookingCreate"><input name="a" value="{value}">{rows}</form>
</main></body></html>"""
ROW = '<label class="desk" for="planning{n}" id="desk{n}">{text}</label>'


def page(title: str = "Titre", value: str = "x", rows: int = 2, text: str = "Guichet") -> bytes:
    labels = "".join(ROW.format(n=n, text=text) for n in range(1, rows + 1))
    return PAGE.format(title=title, value=value, rows=labels).encode()


def of(*bodies: bytes, platform: str = "classic", **known: object) -> str:
    steps = tuple(step(body, n=n, **known) for n, body in enumerate(bodies))
    return fingerprint(platform, Capture(transport=Transport.HTTP, steps=steps))


letters = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="<>&\"'"))


@given(title=letters, text=letters, value=letters)
def test_what_a_page_says_changes_nothing(title: str, text: str, value: str) -> None:
    assert of(page(title=title, text=text, value=value)) == of(page())


def test_how_many_rows_a_page_lists_changes_nothing() -> None:
    assert of(page(rows=12)) == of(page(rows=1))


@pytest.mark.parametrize("token", ["x7f3a9c2e41", "8c1f2d3e-4a5b", "css-1q2w3e", "_9f_8a", ""])
def test_names_that_look_like_tokens_change_nothing(token: str) -> None:
    made = page().replace(b'class="wide', f'class="{token} wide'.encode())
    assert of(made) == of(page())


def test_the_order_of_classes_changes_nothing() -> None:
    assert of(page().replace(b"wide fr-container", b"fr-container wide")) == of(page())


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"<h1>", b"<h1 class='big'>"), (b"</form>", b"<p>x</p></form>"), (b'"content"', b'"contenu"')],
)
def test_another_structure_is_another_fingerprint(before: bytes, after: bytes) -> None:
    assert of(page().replace(before, after)) != of(page())


def test_what_nobody_sees_changes_nothing() -> None:
    hidden = b"<div hidden><p class='secret'>x</p></div><script>var a = 1</script></main>"
    assert of(page().replace(b"</main>", hidden)) == of(page())


def test_the_page_on_which_the_visit_ended_counts() -> None:
    assert of(b"<p>first</p>", page()) == of(page())


def test_the_same_structure_of_another_platform_is_another_group() -> None:
    assert of(page(), platform="esirius") != of(page())


def test_pages_of_json_are_told_apart_by_their_keys() -> None:
    one = {"data": [{"date": "2026-01-05", "free": True}]}
    more = {"data": [{"date": "2026-02-07", "free": False}, {"date": "2026-02-08", "free": True}]}
    other = {"data": [{"jour": "2026-01-05"}]}
    assert of(json.dumps(one).encode()) == of(json.dumps(more).encode())
    assert of(json.dumps(one).encode()) != of(json.dumps(other).encode())


def test_the_same_elements_nested_otherwise_are_another_structure() -> None:
    inside, beside = b"<main><div><p>x</p></div></main>", b"<main><div></div><p>x</p></main>"
    assert of(inside) != of(beside)


def test_a_class_written_twice_changes_nothing() -> None:
    assert of(b"<p class='libre libre'>x</p>") == of(b"<p class='libre'>x</p>")


def test_pages_of_json_are_told_apart_by_the_types_of_their_values() -> None:
    assert of(b'{"slots": []}') != of(b'{"slots": null}')
    assert of(b'{"slots": 3}') == of(b'{"slots": 4}')


def test_keys_of_json_that_look_like_tokens_change_nothing() -> None:
    assert of(b'{"days": {"8c1f2d3e": 1}}') == of(b'{"days": {"9a0b1c2d": 1}}')


@pytest.mark.parametrize("outcome", Outcome)
def test_only_pages_that_are_not_recognised_wait_for_a_reader(outcome: Outcome) -> None:
    made = Capture(transport=Transport.HTTP, steps=(step(page()),))
    waits = kept_structure("classic", reading(outcome), made) is not None
    assert waits == (outcome is Outcome.UNRECOGNISED)


def test_a_visit_without_a_page_is_named_by_its_failure() -> None:
    assert of(b"", failure=Failure.OFF_LIMITS) == of(b"", failure=Failure.OFF_LIMITS)
    assert of(b"", failure=Failure.OFF_LIMITS) != of(b"", failure=Failure.HOST_NOT_ALLOWED)
    assert of() != of(b"", failure=Failure.OFF_LIMITS)


@given(body=st.binary(max_size=400))
def test_any_bytes_have_one(body: bytes) -> None:
    assert re.fullmatch("[0-9a-f]{16}", of(body))


@pytest.mark.parametrize("deep", ["[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900, "<div>" * 5000])
def test_deep_nesting_has_one(deep: str) -> None:
    assert re.fullmatch("[0-9a-f]{16}", of(deep.encode()))


def test_a_page_that_only_the_browser_showed_counts() -> None:
    assert of(b"", rendered="<p class='libre'>x</p>") != of(b"", rendered="<p class='complet'>x</p>")
