"""What the declarations of one element do to its text: hide it, or lay the element over the window. No I/O.

When it is not certain, they hide: too much is then hidden, and the page is not recognised. The other error
would be worse: to quote words that nobody saw.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import tinycss2
from tinycss2 import ast

from probes.pages.styling.lengths import Shade, shade, tokens
from probes.pages.styling.ordinary import SIGNS, speechless

Style = Mapping[str, str]

FAINT = 0.1
"""Opacity below which black on white has no ink that a person would notice."""
TINY = 2.0
"""Font size in pixels up to which nobody can read."""
MOST_BRACKETS = 100
ALIKE = 40
"""Two colours that differ by less in each of red, green and blue (0 to 255) are not told apart."""

_ZERO = frozenset(("0", "0px", "0%", "0vh", "0vw", "0em", "0rem"))
_SLIVER = _ZERO | {"1px"}
_FULL = frozenset(("100%", "100vw", "100vh", "100dvh"))
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_MEASURE = re.compile(rf"({_NUMBER})(%|[a-z]{{0,4}})")
_CLIPPED = re.compile(r"rect\((?:[01](?:px)?[, ]*){4}\)")
_PIXELS = {
    "px": 1.0,
    "": 1.0,
    "em": 16.0,
    "rem": 16.0,
    "pt": 1.33,
    "vw": 12.8,
    "vh": 9.0,
    "%": 12.8,
    "ex": 8.0,
}
_SIDEWAYS = ("left", "right", "margin-left", "margin-right", "text-indent", "inset-inline-start", "translate")
_UPWARDS = ("top", "margin-top", "bottom")
_FAR = 1_500.0
_SHRUNK = re.compile(r"\bscale(?:x|y|3d)?\(\s*(?:[^()]*,\s*)?0*\.?0\d*\s*[,)]|\bmatrix\(\s*0\s*,\s*0")
_TURNED = re.compile(r"\brotate[xy]\(\s*-?(?:90|270)deg")
_MOVED = re.compile(r"\btranslate(?:x|y|3d)?\(([^)]*)\)")
_FADED = re.compile(rf"\bopacity\(\s*({_NUMBER})(%?)")
_BLURRED = re.compile(rf"\bblur\(\s*({_NUMBER})")
_PLAIN = frozenset(("", "none", "initial", "unset", "inherit", "revert"))


def declarations(css: str) -> dict[str, str]:
    """The declarations of a `style` attribute: lower-case names and values.

    One with more brackets than anybody writes hides its element: tinycss2 is recursive.
    """
    if sum(map(css.count, "({[")) > MOST_BRACKETS:
        return {"display": "none"}
    return declared(tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True))


def declared(block: Iterable[ast.Node]) -> dict[str, str]:
    """The declarations among the parsed contents of a block."""
    return {
        node.lower_name: tinycss2.serialize(node.value).strip().lower()
        for node in block
        if isinstance(node, ast.Declaration)
    }


def important_in(block: Iterable[ast.Node]) -> frozenset[str]:
    """The names of the declarations that are marked as important."""
    return frozenset(
        node.lower_name for node in block if isinstance(node, ast.Declaration) and node.important
    )


def hides(style: Style) -> bool:
    """Whether these declarations make an element's text invisible."""
    return _switched_off(style) or _faint(style) or _shrunk(style) or _cut_off(style) or _away(style)


def covers(style: Style) -> bool:
    """Whether these declarations spread an element over the whole window."""
    if style.get("position") not in ("fixed", "absolute"):
        return False
    if style.get("position") == "absolute" and background(style) is None:
        return False
    anchored = style.get("inset") in _ZERO or all(style.get(side) in _ZERO for side in ("top", "left"))
    spread = style.get("inset") in _ZERO or all(style.get(side) in _ZERO for side in ("right", "bottom"))
    return anchored and (spread or all(style.get(side) in _FULL for side in ("width", "height")))


def disables(style: Style) -> str:
    """The declaration by which an element is struck out or cannot be clicked; empty when it can be used."""
    if any("line-through" in style.get(name, "") for name in ("text-decoration", "text-decoration-line")):
        return "text-decoration:line-through"
    return "pointer-events:none" if style.get("pointer-events") == "none" else ""


def writes(style: Style) -> bool:
    """Whether these declarations of a pseudo element write words. What a variable means is not known here."""
    content = style.get("content", "")
    return not hides(style) and "var(" not in content and not is_wordless(content)


_WORDLESS = frozenset(
    ("none", "normal", "open-quote", "close-quote", "no-open-quote", "no-close-quote", "initial", "unset")
) | frozenset(("inherit", "revert", "revert-layer"))
_NUMBERS = ("counter", "counters")


def is_wordless(content: str) -> bool:
    """Whether a value of `content` is made only of pictures, of numbers and of strings without letters."""
    return all(map(_is_wordless, tokens(content)))


def _is_wordless(part: ast.Node) -> bool:
    if isinstance(part, ast.FunctionBlock) and part.lower_name in _NUMBERS:
        # The first is the counter's name; others are strings, or say how it counts.
        said = [one for one in part.arguments if one.type not in ("whitespace", "literal")]
        return all(speechless(one) or (one.type == "ident" and one.value in SIGNS) for one in said[1:])
    if isinstance(part, ast.FunctionBlock):
        return part.lower_name in ("url", "image-set") or part.lower_name.endswith("-gradient")
    known = isinstance(part, ast.IdentToken) and part.lower_value in _WORDLESS
    return known or speechless(part) or isinstance(part, ast.URLToken) or part == "/"


def positions(style: Style) -> bool:
    """Whether boxes inside an element are placed by it, and not by what is around it."""
    return style.get("position", "static") in ("relative", "absolute", "fixed", "sticky")


def background(style: Style) -> Shade | str | None:
    """The colour behind the letters; the value itself if it cannot be told; `None` if it is not set."""
    value = style.get("background-color") or style.get("background") or style.get("background-image")
    if value is None or value in _PLAIN | {"transparent"}:
        return None
    return shade(value) or value


def alike(one: Shade, other: Shade) -> bool:
    """Whether nobody could tell letters of one colour from a ground of the other, whatever their opacity."""
    return all(abs(mine - others) < ALIKE for mine, others in zip(one[:3], other[:3], strict=True))


def _switched_off(style: Style) -> bool:
    return (
        style.get("display") == "none"
        or style.get("visibility") in ("hidden", "collapse")
        or style.get("content-visibility") == "hidden"
        or any(style.get(name, "").startswith("var(") for name in ("display", "visibility", "opacity"))
    )


def _faint(style: Style) -> bool:
    """Whether the letters are transparent, or of the colour that the same declarations put behind them."""
    if _share(style.get("opacity", "")) < FAINT or _is_transparent(style):
        return True
    faded = _FADED.search(style.get("filter", ""))
    blurred = _BLURRED.search(style.get("filter", ""))
    if (faded and _share(faded[1] + faded[2]) < FAINT) or (blurred and float(blurred[1]) >= 5):
        return True
    masked = any(style.get(name, "") not in _PLAIN for name in _MASKS)
    letters = shade(style.get("-webkit-text-fill-color") or style.get("color", ""))
    ground = background(style)
    return masked or (letters is not None and isinstance(ground, tuple) and alike(letters, ground))


_MASKS = ("mask", "mask-image", "-webkit-mask", "-webkit-mask-image")


def _is_transparent(style: Style) -> bool:
    values = (style.get(name, "") for name in ("color", "-webkit-text-fill-color"))
    return any((found := shade(value)) is not None and found[3] < FAINT for value in values)


def _shrunk(style: Style) -> bool:
    size = _pixels(style.get("font-size", ""))
    zoom = _share(style.get("zoom", ""))
    turned = f"{style.get('transform', '')} {style.get('-webkit-transform', '')}"
    return (
        (size is not None and size <= TINY)
        or zoom < FAINT
        or bool(re.match(r"(?:[a-z]+ )*0(?:px|em|%)?(?:/|\s)", style.get("font", "")))
        or bool(_SHRUNK.search(turned) or _TURNED.search(turned))
        or any(_share(part) < FAINT for part in style.get("scale", "").split())
    )


def _cut_off(style: Style) -> bool:
    """Whether an element is folded or clipped, as texts for screen readers are."""
    folded = any(style.get(side) in _SLIVER for side in ("width", "height", "max-height", "max-width"))
    if folded and any(
        style.get(name) in ("hidden", "clip") for name in ("overflow", "overflow-x", "overflow-y")
    ):
        return True
    clip = style.get("clip-path", style.get("-webkit-clip-path", ""))
    whole = clip in _PLAIN or re.match(r"inset\(\s*-?0", clip)
    return bool(_CLIPPED.match(style.get("clip", ""))) or not whole


def _away(style: Style) -> bool:
    """Whether an element is moved out of all that a person could scroll to."""
    moved = " ".join(found[1] for found in _MOVED.finditer(style.get("transform", ""))).replace(",", " ")
    sideways = (*_lengths(style, _SIDEWAYS), *filter(None, map(_pixels, moved.split())))
    upwards = list(_lengths(style, _UPWARDS))
    down = style.get("position") == "fixed" and any(abs(length) >= _FAR for length in upwards)
    return down or any(abs(length) >= _FAR for length in sideways) or any(-one >= _FAR for one in upwards)


def _lengths(style: Style, names: Iterable[str]) -> list[float]:
    parts = (part for name in names for part in style.get(name, "").split())
    return [length for part in parts if (length := _pixels(part)) is not None]


def _share(value: str) -> float:
    """An opacity, a zoom or a scale as a number; 1 when it is none."""
    found = _MEASURE.fullmatch(value)
    if found is None or found[2] not in ("", "%"):
        return 1.0
    return float(found[1]) / (100 if found[2] else 1)


def _pixels(value: str) -> float | None:
    """About how many pixels a length is, in a window of 1280 by 900."""
    found = _MEASURE.fullmatch(value)
    size = _PIXELS.get(found[2]) if found else None
    return None if size is None or found is None else float(found[1]) * size
