"""Which declarations leave the words of their element in sight, for certain. No I/O.

A list of what is allowed, not of tricks: a property or a value that is not here may hide words. Over plain
HTTP, words that decide must stand in elements with nothing else (dd-008).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import tinycss2
from tinycss2 import ast

from probes.pages.styling.lengths import lengths, share, sizes, tokens

_GLOBAL = frozenset(("inherit", "initial", "unset", "revert", "revert-layer"))
_VENDOR = re.compile(r"-(?:webkit|moz|ms|o|khtml)-")
_OF_OTHER_BROWSERS = re.compile(r"-(?:moz|ms|o|khtml)-|mso-")

# Whatever their value, they hide no words.
_NAMES = """
accent-color align-content align-items align-self animation-delay animation-direction animation-duration
animation-fill-mode animation-iteration-count animation-play-state animation-timing-function appearance
backface-visibility background-attachment background-blend-mode background-origin background-position
background-position-x background-position-y border-bottom-color border-bottom-left-radius
border-bottom-right-radius border-bottom-style border-collapse border-color border-image-repeat
border-image-slice border-image-source border-left-color border-left-style border-radius border-right-color
border-right-style border-spacing border-style border-top-color border-top-left-radius
border-top-right-radius border-top-style box-align box-decoration-break box-direction box-flex box-orient
box-pack box-sizing break-after break-before break-inside caption-side caret-color clear color-adjust
color-scheme column-count column-fill column-gap column-rule-color column-rule-style columns
counter-increment counter-reset counter-set cursor empty-cells flex flex-align flex-basis flex-direction
flex-flow flex-grow flex-pack flex-shrink flex-wrap float font-display font-family font-feature-settings
font-kerning font-optical-sizing font-smoothing font-stretch font-style font-synthesis font-variant
font-variant-caps font-variant-ligatures font-variant-numeric font-variation-settings font-weight
forced-color-adjust gap grid-auto-flow grid-column-gap grid-gap
grid-row-gap grid-template-areas hyphens
image-rendering isolation justify-content justify-items justify-self line-break list-style-position
margin-trim min-block-size min-height min-inline-size min-width object-fit object-position order orphans
osx-font-smoothing overflow-anchor overflow-scrolling overflow-wrap overscroll-behavior
overscroll-behavior-y page-break-after page-break-before page-break-inside perspective-origin place-content
place-items place-self pointer-events print-color-adjust resize row-gap scroll-behavior scroll-margin
scroll-margin-top scroll-padding scroll-padding-top scrollbar-color scrollbar-gutter scrollbar-width
shape-margin speak tab-size table-layout tap-highlight-color text-align text-align-last text-anchor
text-decoration-color text-decoration-line text-decoration-skip text-decoration-skip-ink
text-decoration-style text-justify text-rendering text-size-adjust text-transform text-underline-position
text-wrap touch-action touch-callout transform-origin transform-style transition transition-behavior
transition-delay transition-duration transition-property transition-timing-function user-drag user-select
vertical-align white-space white-space-collapse widows will-change word-break word-wrap
"""
_HARMLESS = frozenset(_NAMES.split())


def within(least: float, most: float, *, whole: float = 1000.0) -> Callable[[str], bool]:
    """Whether every length of a value lies in these bounds, in pixels."""

    def holds(value: str) -> bool:
        found = lengths(value, whole=whole)
        return found is not None and all(least <= each <= most for each in found)

    return holds


def _one_of(*values: str) -> Callable[[str], bool]:
    return frozenset(values).__contains__


def _at_least(least: float) -> Callable[[str], bool]:
    return lambda value: (found := share(value)) is not None and found >= least


def _at_most(most: float) -> Callable[[str], bool]:
    """Whether no length among the parts of a value is larger than this, in pixels."""

    def holds(value: str) -> bool:
        found = sizes(value)
        return found is not None and all(abs(each) <= most for each in found)

    return holds


_readable = within(8, 120, whole=16)
_SIZES = frozenset(
    ("x-small", "small", "medium", "large", "x-large", "xx-large", "xxx-large", "smaller", "larger")
)


def _font_size(value: str) -> bool:
    return value in _SIZES or _readable(value)


def _font(value: str) -> bool:
    """A shorthand with its size and its line height: « italic 700 1rem/1.5 Marianne »."""
    found = re.search(r"(?:^|\s)([\d.]+(?:[a-z]+|%))(?:\s*/\s*(\S+))?", value)
    return found is not None and _font_size(found[1]) and (not found[2] or _line_height(found[2]))


def _line_height(value: str) -> bool:
    factor = share(value)
    return value == "normal" or (factor >= 0.8 if factor is not None else within(9, 200)(value))


def _moved(value: str) -> bool:
    """A `transform` that moves or grows a little."""
    near = within(-60, 60)
    for name, inside in re.findall(r"([a-z0-9]+)\(([^()]*)\)", value):
        parts = inside.replace(",", " ")
        usual = all((found := share(part)) is not None and 0.6 <= found <= _GROWN for part in parts.split())
        if not (near(parts) if name.startswith("translate") else name.startswith("scale") and usual):
            return False
    return value == "none" or re.fullmatch(r"(?:[a-z0-9]+\([^()]*\)\s*)+", value) is not None


def _layer(value: str) -> bool:
    found = share(value)
    return value == "auto" or (found is not None and found >= 0)


def _shadow(value: str) -> bool:
    """A shadow that is not laid over the words: thin inside, and none that spreads far."""
    return _at_most(4 if "inset" in value else 60)(value)


def _filter(value: str) -> bool:
    return value == "none" or value.startswith(("alpha(", "progid:"))


SIGNS = frozenset(
    (
        *("none", "disc", "circle", "square", "decimal", "decimal-leading-zero", "disclosure-open"),
        *("lower-alpha", "upper-alpha", "lower-latin", "upper-latin", "lower-roman", "upper-roman"),
        *("lower-greek", "disclosure-closed", "inside", "outside", "auto"),
    )
)
"""What sheets put before the entries of a list, and around quotations, that says nothing."""


def speechless(part: ast.Node) -> bool:
    """Whether a part of a value is a string without letters. Signs of icon fonts are no letters."""
    return isinstance(part, ast.StringToken) and not any(map(str.isalpha, part.value))


def _says_nothing(value: str) -> bool:
    return all(speechless(part) or (part.type == "ident" and part.value in SIGNS) for part in tokens(value))


_GROWN = 3.0
"""How many times its size an element may have."""
_THIN, _THICK = 20.0, 60.0
"""How many pixels a line at, and around, an element may be thick."""
# A track without room: what lies in it may be cut. The least size of a range is no size.
_NO_ROOM, _LEAST = re.compile(r"(?<![\d.#\w-])0(?:fr|px|%|r?em)?(?![\d.\w])"), re.compile(r"minmax\([^,()]*,")
_near, _aside, _around = within(-60, 60), within(-60, 600), within(0, 600)
_none = _one_of("none")
_VALUES: Mapping[str, Callable[[str], bool]] = {
    "animation": _none,
    "animation-name": _none,
    "backdrop-filter": _none,
    "background-clip": _one_of("border-box", "padding-box", "content-box"),
    "border": _at_most(_THICK),
    "border-image": lambda value: "fill" not in value and all(one.type != "literal" for one in tokens(value)),
    "border-image-outset": _at_most(4),
    "border-image-width": _at_most(4),
    "border-width": _at_most(_THICK),
    "bottom": _near,
    "box-shadow": lambda value: value == "none" or _shadow(value),
    "column-rule": _at_most(_THIN),
    "column-rule-width": _at_most(_THIN),
    "clip": _one_of("auto"),
    "clip-path": _none,
    "contain": _one_of("none", "layout", "style"),
    "content": _one_of("normal", "none"),
    "content-visibility": _one_of("visible", "auto"),
    "direction": _one_of("ltr"),
    "display": _one_of(
        *("block", "inline", "inline-block", "flex", "inline-flex", "grid", "inline-grid", "flow-root"),
        *("table", "table-row", "table-cell", "table-row-group", "table-header-group", "table-caption"),
        *("table-footer-group", "inline-table", "list-item", "contents", "box", "-webkit-box"),
        *("-webkit-flex", "-ms-flexbox", "-webkit-inline-box", "-ms-inline-flexbox", "-webkit-inline-flex"),
    ),
    "filter": _filter,
    "font": _font,
    "font-size": _font_size,
    "font-size-adjust": _none,
    "grid-area": lambda value: not re.search(r"\d", value),
    **dict.fromkeys(
        (
            "grid-template",
            "grid-template-rows",
            "grid-template-columns",
            "grid-auto-rows",
            "grid-auto-columns",
        ),
        lambda value: not _NO_ROOM.search(_LEAST.sub("", value)),
    ),
    "grid-column": lambda value: re.fullmatch(r"auto|span \d+|\d+ ?/ ?(?:span \d+|-?\d+)", value) is not None,
    "grid-row": lambda value: re.fullmatch(r"auto|span \d+", value) is not None,
    "inset": _near,
    "left": _near,
    "letter-spacing": within(-0.8, 8),
    "line-height": _line_height,
    "margin": _aside,
    "list-style": _says_nothing,
    "list-style-image": _none,
    "list-style-type": _says_nothing,
    "mask": _none,
    "mask-image": _none,
    "mix-blend-mode": _one_of("normal"),
    "opacity": _at_least(0.5),
    "outline": _at_most(_THIN),
    "outline-color": lambda value: True,
    "outline-offset": within(-10, 60),
    "outline-style": lambda value: True,
    "outline-width": _at_most(_THIN),
    "padding": _around,
    "perspective": _none,
    "position": _one_of("static", "relative", "sticky", "-webkit-sticky"),
    "quotes": _says_nothing,
    "right": _near,
    "rotate": _none,
    "scale": lambda value: value == "none" or _moved(f"scale({value})"),
    "text-decoration": _at_most(_THIN),
    "text-decoration-thickness": _at_most(_THIN),
    "text-indent": within(-5, 120),
    "text-overflow": _one_of("clip"),
    "text-shadow": lambda value: value == "none" or _shadow(value),
    "text-underline-offset": _at_most(_THIN),
    "text-stroke": _one_of("0", "0px"),
    "top": _near,
    "transform": _moved,
    "translate": lambda value: value == "none" or _near(value),
    "unicode-bidi": _one_of("normal", "embed", "isolate"),
    "visibility": _one_of("visible"),
    "word-spacing": within(-1, 12),
    "writing-mode": _one_of("horizontal-tb"),
    "z-index": _layer,
    "zoom": lambda value: value in ("normal", "1") or _at_least(0.6)(value),
}
_SIDES = re.compile(
    r"(margin|padding|inset|top|right|bottom|left)"
    r"-(?:top|right|bottom|left|block|inline|block-start|block-end|inline-start|inline-end)"
)
_BORDERS = re.compile(
    r"border-(?:top|right|bottom|left|block|inline|block-start|block-end|inline-start|inline-end)(?:-width)?"
)
MOVING = re.compile(
    r"transform$|translate$|scale$|rotate$|animation$|animation-name$|grid-area$|grid-row|margin|inset"
    r"|(?:top|right|bottom|left)$"
)
_AS_IS = ("transform", "scale", "rotate", "animation", "grid")
"""With an ordinary value, properties whose names begin so move an element hardly or not at all."""
_NEAR = 12.0
"""How many pixels an element may be away from its place: less than a line of text."""
# These are judged beside others of the same element, by `styling.sight`.
COLOURS = frozenset(("color", "text-fill-color", "background", "background-color", "background-image")) | {
    "background-size",
    "background-repeat",
}
CLIPPING = frozenset(("overflow", "overflow-x", "overflow-y", "overflow-block", "overflow-inline"))
LIMITS = frozenset(
    f"{most}{side}" for most in ("", "max-") for side in ("height", "width", "block-size", "inline-size")
) | {"aspect-ratio"}
TALL = frozenset(
    f"{room}{side}"
    for room in ("padding", "margin", "border")
    for side in ("", "-top", "-bottom", "-block", "-block-start", "-block-end")
) | frozenset(
    (
        *("height", "min-height", "block-size", "min-block-size", "aspect-ratio", "flex-basis", "flex"),
        *("gap", "row-gap", "grid-gap", "grid-row-gap", "grid-template-rows", "grid-auto-rows"),
        *("grid-template", "border-width", "border-top-width", "border-bottom-width"),
    )
)
LETTERS = frozenset(("font", "font-size", "line-height", "zoom"))
SHOWING = TALL | LETTERS | frozenset(("display", "visibility", "opacity", "top", "inset", "inset-block"))
"""What tells whether an element is drawn at all, how tall it is, and where."""
JUDGED_TOGETHER = COLOURS | CLIPPING | LIMITS
_OWN = """
backdrop-filter background-clip bottom clip clip-path contain content content-visibility direction display
fill font-size-adjust inset left letter-spacing line-clamp line-height margin mask mask-image mask-position
mask-repeat mask-size mix-blend-mode opacity padding perspective position right speak-as src stroke
stroke-width text-indent text-overflow text-security top translate unicode-bidi visibility word-spacing
writing-mode z-index zoom
"""
_INSIDE = JUDGED_TOGETHER | frozenset(_OWN.split())
"""Whatever their value, they change nothing outside the box of their element."""


def plain_name(name: str) -> str:
    """A property's name without the prefix of a browser."""
    return _VENDOR.sub("", name, count=1) if name.startswith("-") and not name.startswith("--") else name


@lru_cache(maxsize=10_000)
def is_ordinary(name: str, value: str) -> bool:
    """Whether the declaration leaves words in sight whatever else is declared. `value` is in lower case."""
    if name.startswith("--") or _OF_OTHER_BROWSERS.match(name) or not value:
        return True
    name = plain_name(name)
    if name in _HARMLESS or value in _GLOBAL:
        return name != "all"
    sides = _SIDES.fullmatch(name)
    holds = _VALUES.get(sides[1] if sides else "border" if _BORDERS.fullmatch(name) else name)
    return holds is not None and holds(value)


def stays(name: str, value: str) -> bool:
    """Whether a declaration leaves an element about where it would be without it."""
    if name.startswith(_AS_IS):
        return is_ordinary(name, value)
    found = lengths(value)
    farthest = max(map(abs, found), default=0.0) if found is not None else None
    if found is not None and name.startswith("margin"):
        farthest = max((-each for each in found), default=0.0)
    return value in _GLOBAL or value == "none" or (farthest is not None and farthest <= _NEAR)


@lru_cache(maxsize=10_000)
def spills(name: str, value: str) -> bool:
    """Whether the declaration may paint something large outside the element's own box."""
    sides = _SIDES.fullmatch(name)
    if is_ordinary(name, value) or MOVING.match(name) or (sides[1] if sides else name) in _INSIDE:
        return False
    if name == "font-size" or name == "font":
        return not _at_most(120)(value)
    if name in ("box-shadow", "text-shadow"):
        return any(not _shadow(each) for each in _layers(value) if "inset" not in each)
    if name == "filter":
        return not all(map(_stays_close, tokens(value)))
    return True


_COLOURING = frozenset(
    ("grayscale", "brightness", "contrast", "invert", "sepia", "saturate", "hue-rotate", "opacity")
)


def _stays_close(part: ast.Node) -> bool:
    """Whether a function of a `filter` paints nothing far from its element."""
    if not isinstance(part, ast.FunctionBlock):
        return False
    near = _at_most(60 if part.lower_name == "drop-shadow" else 20)(tinycss2.serialize(part.arguments))
    return part.lower_name in _COLOURING or (part.lower_name in ("drop-shadow", "blur") and near)


def _layers(value: str) -> list[str]:
    """The parts of a value between its commas."""
    layers: list[list[Any]] = [[]]
    for token in tinycss2.parse_component_value_list(value, skip_comments=True):
        if token == ",":
            layers.append([])
        else:
            layers[-1].append(token)
    return [str(tinycss2.serialize(layer)) for layer in layers]


def telling(style: Mapping[str, str]) -> dict[str, str]:
    """The declarations that matter: those that may hide words, those judged together, and custom ones."""
    return {
        plain_name(name): value
        for name, value in style.items()
        if name.startswith("--")
        or plain_name(name) in JUDGED_TOGETHER
        or (plain_name(name) in SHOWING and not _OF_OTHER_BROWSERS.match(name))
        or not is_ordinary(name, value)
        or (MOVING.match(plain_name(name)) and not stays(plain_name(name), value))
    }


def is_limit(name: str, value: str) -> bool:
    """Whether a length of an element is small enough that what does not fit in it matters."""
    if value in _GLOBAL | {"auto", "none", "max-content", "min-content", "fit-content", "100%", "100vw"}:
        return False
    if "width" in name or "inline" in name:
        found = lengths(value)
        return found is None or any(each < 200 for each in found)
    return True


def clips(name: str, value: str) -> bool:
    """Whether what does not fit into the element is not shown, or only after scrolling in it."""
    return any(part.serialize() not in ("visible", *_GLOBAL) for part in tokens(value))
