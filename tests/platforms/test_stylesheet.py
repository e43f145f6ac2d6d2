"""What a page's own rules hide, or lay over the window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.pages.styles import covers, declarations, hides
from probes.pages.stylesheet import MAX_CHARS, NO_EFFECTS, Effects, effects


def test_no_rule_has_no_effect() -> None:
    assert effects(" \n") == NO_EFFECTS
    assert effects("p { color: red } @import url(x); @font-face { font-family: x }") == NO_EFFECTS


def test_each_selector_of_a_list_is_taken_by_itself() -> None:
    sheet = "a, b > .c:not(.d, .e), f::before { display: none }"
    assert effects(sheet) == Effects(hide=("a", "b > .c:not(.d, .e)", "f::before"))


@pytest.mark.parametrize("medium", ["screen", "(max-width: 10em)", "screen, print", "not print"])
def test_a_rule_for_any_medium_but_print_counts(medium: str) -> None:
    assert effects(f"@media {medium} {{ .x {{ visibility: hidden }} }}") == Effects(hide=(".x",))
    assert effects("@media PRINT { .x { visibility: hidden } }") == NO_EFFECTS


@pytest.mark.parametrize("sheet", ["x" * (MAX_CHARS + 1), "{" * 20, "a{display:none}" * 1_001])
def test_a_sheet_too_large_or_too_deep_cannot_be_told(sheet: str) -> None:
    assert effects(sheet) is None


@pytest.mark.parametrize(
    ("style", "hidden"),
    [
        ("display: none !important", True),
        ("DISPLAY:NONE", True),
        ("visibility: collapse", True),
        ("content-visibility: hidden", True),
        ("opacity: .0", True),
        ("opacity: 0%", True),
        ("font-size: 0px", True),
        ("position: absolute; left: -9999px", True),
        ("text-indent: -999em", True),
        ("clip: rect(0, 0, 0, 0); position: absolute", True),
        ("clip: rect(1px 1px 1px 1px)", True),
        ("clip-path: inset(50%)", True),
        ("width: 1px; height: 1px; overflow: hidden", True),
        ("max-height: 0; overflow: hidden", True),
        ("max-height: 0", False),
        ("left: -50px", False),
        ("clip: rect(0, 100px, 100px, 0)", False),
        ("opacity: 0.05", True),
        ("opacity: 0.5", False),
        ("opacity: calc(1)", False),
        ("display: nonexistent", False),
        ("", False),
    ],
)
def test_it_knows_what_makes_an_element_invisible(style: str, hidden: bool) -> None:
    assert hides(declarations(style)) is hidden


@pytest.mark.parametrize(
    ("style", "over"),
    [
        ("position: fixed; inset: 0px", True),
        ("position: fixed; top: 0; left: 0; width: 100%; height: 100dvh", True),
        ("position: fixed; top: 0; left: 0; right: 0; height: 4em", False),
        ("position: sticky; inset: 0", False),
        ("inset: 0", False),
    ],
)
def test_it_knows_what_lies_over_the_window(style: str, over: bool) -> None:
    assert covers(declarations(style)) is over


@given(st.text(alphabet="{}()[]@;:,.#*a\"'\\/- \n!<>0%", max_size=120))
def test_no_sheet_is_ever_an_error(sheet: str) -> None:
    found = effects(sheet)
    assert found is None or isinstance(found.hide, tuple)
    assert isinstance(declarations(sheet), dict)
