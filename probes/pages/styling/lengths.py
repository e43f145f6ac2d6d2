"""Lengths, shares and colours of CSS values, as far as they can be told without a browser. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import tinycss2
from tinycss2 import ast, color4

WINDOW = (1280.0, 900.0)
"""Width and height in pixels of the window that relative lengths are measured in."""
_NESTED = 12
_UNITS = {
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "cm": 37.8,
    "mm": 3.78,
    "in": 96.0,
    "em": 16.0,
    "rem": 16.0,
    "ex": 8.0,
    "ch": 8.0,
    "vw": WINDOW[0] / 100,
    "vh": WINDOW[1] / 100,
    "dvh": WINDOW[1] / 100,
    "svh": WINDOW[1] / 100,
    "lvh": WINDOW[1] / 100,
    "deg": 1.0,
    "s": 1.0,
}
_CHOICES: Mapping[str, Callable[[list[float]], float]] = {
    "min": min,
    "max": max,
    # The largest value comes last, and the smallest wins over it.
    "clamp": lambda parts: max(parts[0], min(parts[1:])),
}
_SUMS = ("calc", "-webkit-calc")
Tokens = list[ast.Node]


def tokens(value: str) -> Tokens:
    """The parts of a value, without blanks."""
    parsed = tinycss2.parse_component_value_list(value, skip_comments=True)
    return [token for token in parsed if token.type != "whitespace"]


def lengths(value: str, *, whole: float = 1000.0) -> list[float] | None:
    """The lengths in a value, in pixels; `None` when one of its parts is none. `auto` and the like are 0.

    `whole` is what 100 % is taken for.
    """
    found = [_measure(token, whole, 0) for token in tokens(value)]
    return None if None in found else [each for each in found if each is not None]


def _measure(token: ast.Node, whole: float, depth: int) -> float | None:
    if isinstance(token, ast.DimensionToken):
        unit = _UNITS.get(token.lower_unit)
        return None if unit is None else float(token.value) * unit
    if isinstance(token, ast.PercentageToken):
        return float(token.value) * whole / 100
    if isinstance(token, ast.NumberToken):
        return float(token.value)
    if isinstance(token, ast.IdentToken):
        return 0.0 if token.lower_value in ("auto", "none", "normal") else None
    if isinstance(token, ast.FunctionBlock) and token.lower_name in _SUMS and depth < _NESTED:
        return _sum([one for one in token.arguments if one.type != "whitespace"], whole, depth + 1)
    if isinstance(token, ast.FunctionBlock) and token.lower_name in _CHOICES and depth < _NESTED:
        return _chosen(token, whole, depth + 1)
    if isinstance(token, ast.ParenthesesBlock) and depth < _NESTED:
        return _sum([one for one in token.content if one.type != "whitespace"], whole, depth + 1)
    return None


def _chosen(function: ast.FunctionBlock, whole: float, depth: int) -> float | None:
    """The value of « min(a, b) », « max(a, b) » or « clamp(a, b, c) »."""
    parts: list[Tokens] = [[]]
    for one in function.arguments:
        if one == ",":
            parts.append([])
        elif one.type != "whitespace":
            parts[-1].append(one)
    found = [_sum(part, whole, depth) for part in parts]
    known = [each for each in found if each is not None]
    needed = 3 if function.lower_name == "clamp" else 1
    return _CHOICES[function.lower_name](known) if len(known) == len(found) >= needed else None


def _sum(parts: Tokens, whole: float, depth: int) -> float | None:
    """The value of « a + b * c / d - e »; `None` for anything else."""
    total, term, sign, operator = 0.0, None, 1.0, ""
    for part in parts:
        if isinstance(part, ast.LiteralToken) and part.value in "+-*/":
            if part.value in "+-":
                total, sign, term = total + sign * (term or 0.0), 1.0 if part.value == "+" else -1.0, None
            operator = part.value
            continue
        found = _measure(part, whole, depth)
        if found is None or (term is not None and operator not in ("*", "/")):
            return None
        if term is None:
            term = found
        elif operator == "*":
            term *= found
        elif found:
            term /= found
        else:
            return None
    return None if term is None else total + sign * term


_DRAWN = re.compile(
    r"(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix|light-dark|url)|[a-z-]*-gradient|image(?:-set)?"
)


def sizes(value: str) -> list[float] | None:
    """The lengths among the parts of a value, beside names, colours and pictures; `None` when one of them
    cannot be told.
    """
    parts = [token for token in tokens(value) if not _is_no_size(token)]
    found = [_measure(part, 1000.0, 0) for part in parts]
    return None if None in found else [each for each in found if each is not None]


def _is_no_size(token: ast.Node) -> bool:
    if isinstance(token, ast.FunctionBlock):
        return _DRAWN.fullmatch(token.lower_name) is not None
    return token.type in ("ident", "hash", "url", "literal", "string")


def share(value: str) -> float | None:
    """A number or a percentage as a share of 1; `None` for anything else."""
    parts = tokens(value)
    if len(parts) == 1 and isinstance(parts[0], ast.NumberToken):
        return float(parts[0].value)
    if len(parts) == 1 and isinstance(parts[0], ast.PercentageToken):
        return float(parts[0].value) / 100
    return None


Shade = tuple[float, float, float, float]
"""Red, green, blue (0 to 255) and opacity (0 to 1)."""


def shade(token: str | ast.Node) -> Shade | None:
    """The colour that a value writes; `None` for one that cannot be told, such as `currentcolor`."""
    found = color4.parse_color(token)
    if found is None or isinstance(found, str):
        return None
    try:
        red, green, blue = found.to("srgb").coordinates
    except NotImplementedError:  # tinycss2 knows such a colour and cannot convert it, `oklch()` for one
        return None
    return (255 * (red or 0.0), 255 * (green or 0.0), 255 * (blue or 0.0), float(found.alpha or 0.0))


def shades(value: str) -> list[Shade] | None:
    """The colours of a `background`: its own and those of its gradients; `None` when one cannot be told."""
    found = list(_shades(tokens(value), 0))
    return None if None in found else [each for each in found if each is not None]


_GRADIENTS = re.compile(r"(?:-webkit-)?(?:repeating-)?(?:linear|radial|conic)-gradient")


def _shades(parts: Tokens, depth: int) -> Iterator[Shade | None]:
    for part in parts:
        if isinstance(part, ast.FunctionBlock) and _GRADIENTS.fullmatch(part.lower_name):
            yield from _shades(part.arguments, depth + 1) if depth < 2 else iter((None,))
        elif (found := shade(part)) is not None:
            yield found
        elif (isinstance(part, ast.FunctionBlock | ast.URLToken) and not _is_sum(part)) or (
            isinstance(part, ast.IdentToken) and part.lower_value == "currentcolor"
        ):
            yield None


def _is_sum(part: ast.Node) -> bool:
    return isinstance(part, ast.FunctionBlock) and part.lower_name in _SUMS
