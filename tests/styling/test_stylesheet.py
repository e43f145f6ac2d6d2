"""What a page's own rules hide, or lay over the window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.pages.styling.styles import covers, declarations, hides
from probes.pages.styling.stylesheet import MAX_CHARS, NO_EFFECTS, Effects, effects


def test_no_rule_has_no_effect() -> None:
    assert effects(" \n") == NO_EFFECTS
    assert effects("p { color: red } @import url(x); @font-face { font-family: x }") == NO_EFFECTS


def test_what_a_sheet_imports_is_known_while_it_counts() -> None:
    first = '@charset "utf-8"; @import "a.css"; @import url(b.css) screen; @import "d.css" print;'
    found = effects(f'{first} p {{ }} @import "c.css";')
    assert found is not None
    assert found.imports == ("a.css", "b.css")


def test_a_rule_within_a_rule_is_one_of_both() -> None:
    found = effects(".a { .b { display: none } &.c { opacity: 0 } @media screen { visibility: hidden } }")
    assert found == Effects(hide=(".a .b", ".a.c", ".a"))


def test_a_moment_of_an_animation_hides_nothing() -> None:
    assert effects("@keyframes in { from { opacity: 0 } to { opacity: 1 } }") == NO_EFFECTS


def test_each_selector_of_a_list_is_taken_by_itself() -> None:
    sheet = "a, b > .c:not(.d, .e), f::before { display: none }"
    assert effects(sheet) == Effects(hide=("a", "b > .c:not(.d, .e)", "f::before"))


@pytest.mark.parametrize(
    ("said", "declaration"),
    [
        ("text-decoration: Line-Through red", "text-decoration:line-through"),
        ("text-decoration-line: underline line-through", "text-decoration:line-through"),
        ("pointer-events: NONE", "pointer-events:none"),
    ],
)
def test_what_a_sheet_strikes_out_or_shuts_off_is_known(said: str, declaration: str) -> None:
    assert effects(f"a.x {{ {said} }}") == Effects(disable=(("a.x", declaration),))
    assert effects("a.x { text-decoration: underline; pointer-events: auto }") == NO_EFFECTS


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
        ("opacity: .01", True),
        ("opacity: var(--faint)", True),
        ("font-size: 1px", True),
        ("font: 0/0 a", True),
        ("zoom: .01", True),
        ("transform: scale(0)", True),
        ("transform: scale3d(1, 0, 1)", True),
        ("transform: rotateY(90deg)", True),
        ("transform: translateX(-9999px)", True),
        ("translate: 4000px", True),
        ("scale: 0", True),
        ("color: transparent", True),
        ("color: rgba(0, 0, 0, 0)", True),
        ("color: rgb(0 0 0 / 1%)", True),
        ("color: #0000", True),
        ("-webkit-text-fill-color: transparent", True),
        ("color: #fff; background: white", True),
        ("filter: opacity(0)", True),
        ("filter: blur(30px)", True),
        ("mask: linear-gradient(transparent, transparent)", True),
        ("-webkit-mask-image: url(x.svg)", True),
        ("clip-path: circle(0)", True),
        ("position: absolute; left: 4000px", True),
        ("position: absolute; right: -4000px", True),
        ("position: fixed; top: 4000px", True),
        ("margin-left: -9999px", True),
        ("margin-top: -300em", True),
        ("max-height: 0; overflow-y: hidden", True),
        ("position: absolute; top: 4000px", False),
        ("transform: scale(0.9) rotate(90deg)", False),
        ("transform: scale(10)", False),
        ("transform: translate(-50%, -50%)", False),
        ("color: rgba(0, 0, 0, 0.8)", False),
        ("color: #333f", False),
        ("color: #fff; background: #003", False),
        ("filter: none; mask: none; clip-path: none", False),
        ("filter: blur(0)", False),
        ("font: 16px/1.5 Marianne", False),
        ("zoom: 1", False),
        ("margin: 0 auto", False),
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
        ("position: absolute; inset: 0; background: #fff", True),
        ("position: absolute; inset: 0; background: none", False),
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
