"""Whether words stand in elements whose styles leave them in sight, for certain. No I/O, bounded time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from probes.pages.styling.cascade import BASE, Cascade, Declarations, Declared, lineage
from probes.pages.styling.lengths import Shade, lengths, shade, shades, share, sizes
from probes.pages.styling.ordinary import (
    CLIPPING,
    JUDGED_TOGETHER,
    LETTERS,
    LIMITS,
    MOVING,
    TALL,
    clips,
    is_limit,
    is_ordinary,
    spills,
    stays,
)
from probes.pages.styling.styles import alike, is_wordless

FAINT = 0.5
"""Opacity below which letters are not certainly seen, and a ground is not taken to hide what is behind it."""
_VEIL = 0.1
"""Opacity from which something laid over words may make them hard to read."""
WHITE: Shade = (255.0, 255.0, 255.0, 1.0)
BLACK: Shade = (0.0, 0.0, 0.0, 1.0)
LINK: Shade = (0.0, 0.0, 238.0, 1.0)
# The attributes of old markup that colour letters.
_LETTERS_OF = {"font": "color", "body": "text"}
# Elements whose words are drawn in reverse, in motion, small, or by rules of their own.
_DRAWN_OTHERWISE = frozenset(("svg", "math", "bdo", "marquee", "ruby", "rt", "rp"))
_GROUND = ("background", "background-color", "background-image")
_NOTHING = ("", "none", "transparent", "inherit", "initial", "unset", "revert", "0 0", "0")
_PICTURES = (
    *("img", "canvas", "video", "audio", "svg", "picture", "iframe", "object", "embed"),
    *("progress", "meter", "textarea", "select", "hr", "dialog", "mark"),
)
"""Elements with a ground that no sheet gave them."""
# The colours of a browser that nobody set up otherwise.
_SYSTEM: Mapping[str, Shade] = {
    **dict.fromkeys(("initial", "revert", "canvastext", "windowtext", "buttontext", "fieldtext"), BLACK),
    **dict.fromkeys(("canvas", "window", "field"), WHITE),
    **dict.fromkeys(("buttonface", "buttonborder"), (239.0, 239.0, 239.0, 1.0)),
    **dict.fromkeys(("linktext", "visitedtext", "-webkit-link"), LINK),
}
_BAR_TEXT, _BAR_PARTS, _BAR, _BAR_LETTERS = 1_500, 60, 400.0, 40.0
"""The longest text, the most elements, and the greatest heights in pixels of a bar that is no cover: of all
its paddings and the like together, and of its letters.
"""
_TOP = re.compile(r"top$|inset$|inset-block")
_AS_TALL = frozenset(
    (
        *("auto", "none", "normal", "initial", "unset", "inherit", "revert"),
        *("fit-content", "min-content", "max-content"),
    )
)
_AS_LARGE = _AS_TALL | {"100%", "1em"}
_LETTER = 16.0
_LARGE = "img, canvas, video, audio, picture, iframe, object, embed, textarea, br + br"
_LINE = 8.0
"""Thickness in pixels up to which a picture behind an element is a border or an underline of it."""
_SMALL = 48.0
"""Width and height in pixels up to which an element covers no more than a few letters."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What may keep the words of a page from being seen, as far as style sheets say.

    `moved` are the elements in sight that are away from their place and hide what they may be laid over, or
    that paint far outside their box, each with the declaration that says so and with whether it is for
    something that a rule puts before or after the element.
    """

    cascade: Cascade
    moved: tuple[tuple[LexborNode, str, bool], ...] = ()

    def doubt(self, node: LexborNode) -> str:
        """The declaration that may hide the words of `node`, or change their colour; empty when none does."""
        around = list(lineage(node))
        if drawn := next((f"<{each.tag}>" for each in around if each.tag in _DRAWN_OTHERWISE), ""):
            return drawn
        worlds = self.cascade.worlds(around)
        found = (self._hiding(each, world) for each in around for world in worlds)
        return (
            next(filter(None, found), "")
            or next(filter(None, (self._clipped(around, world) for world in worlds)), "")
            or next(filter(None, (self._pale(around, world) for world in worlds)), "")
            or self._laid_over(around)
        )

    def _laid_over(self, around: list[LexborNode]) -> str:
        # An element is not laid over what it holds itself; what a rule puts beside something may be.
        own = {node.mem_id for node in around}
        return next((said for node, said, beside in self.moved if beside or node.mem_id not in own), "")

    def _hiding(self, node: LexborNode, world: str) -> str:
        """The first declaration on `node` whose value is not known to leave words visible."""
        for name, declared in self.cascade.of.get(node.mem_id, {}).items():
            if name in JUDGED_TOGETHER or name.startswith("--"):
                continue
            for one in declared:
                if one.world in (BASE, world):
                    value = self.cascade.filled(node, one.value, world)
                    if not is_ordinary(name, value):
                        return f"{name}: {value}"
        return ""

    def _values(self, node: LexborNode, names: Iterable[str], world: str) -> Iterator[tuple[str, str]]:
        declared = self.cascade.of.get(node.mem_id, {})
        for name in names:
            for one in declared.get(name, ()):
                if one.world in (BASE, world):
                    yield name, self.cascade.filled(node, one.value, world)

    def _clipped(self, around: list[LexborNode], world: str) -> str:
        """What does not fit is cut off by an element that is limited itself, or by one around it."""
        limited = False
        for node in reversed(around):
            limited |= any(is_limit(*pair) for pair in self._values(node, LIMITS, world))
            cut = next((pair for pair in self._values(node, CLIPPING, world) if clips(*pair)), None)
            if limited and cut:
                return f"{cut[0]}: {cut[1]}"
        return ""

    def _pale(self, around: list[LexborNode], world: str) -> str:
        """The colour of the letters where it is that of what is behind them, or cannot be told."""
        letters, said = self._letters(around, world)
        grounds, behind = self._grounds(around, world)
        if letters is None or letters[3] < FAINT:
            return f"color: {said}"
        if grounds is None:
            return f"background: {behind}"
        lost = any(alike(letters, ground) for ground in grounds)
        return f"color: {said or 'initial'}; background: {behind or 'initial'}" if lost else ""

    def _letters(self, around: list[LexborNode], world: str) -> tuple[Shade | None, str]:
        for node in around:
            fill = self.cascade.winner(node, "text-fill-color", world)
            value = fill if fill not in ("", "currentcolor") else self.cascade.winner(node, "color", world)
            if value in ("inherit", "unset", "currentcolor"):
                continue
            if value:
                return _SYSTEM.get(value) or shade(value), value
            attribute = _LETTERS_OF.get(node.tag or "", "")
            if value := (node.attributes.get(attribute) or "").lower():
                return shade(value), value
            if node.tag == "a":
                value = (around[-1].css_first("body[link]") or node).attributes.get("link") or ""
                return shade(value.lower()) if value else LINK, value
            if node.tag in ("button", "input", "select"):
                return BLACK, ""
        return BLACK, ""

    def _grounds(self, around: list[LexborNode], world: str) -> tuple[list[Shade] | None, str]:
        for node in around:
            value = self.cascade.strongest(node, _GROUND, world)
            if self._is_line(node, value, world):
                value = self.cascade.winner(node, "background-color", world)
            if not value and node.attributes.get("bgcolor"):
                value = (node.attributes.get("bgcolor") or "").lower()
            if not value and node.attributes.get("background"):
                value = "url()"
            if value in _NOTHING:
                continue
            found = [_SYSTEM[value]] if value in _SYSTEM else shades(value)
            if found is None:
                return None, value
            if opaque := [each for each in found if each[3] >= FAINT]:
                return opaque, value
        return [WHITE], ""

    def _is_line(self, node: LexborNode, value: str, world: str) -> bool:
        """Whether what is drawn behind `node` is no more than lines, as some sheets draw borders."""
        sizes = self.cascade.winner(node, "background-size", world).split(",")
        repeat = self.cascade.winner(node, "background-repeat", world).split(",")
        once = all(each.strip() == "no-repeat" for each in repeat)
        thin = [any(each <= _LINE for each in lengths(size) or (_LINE + 1,)) for size in sizes]
        return once and "gradient(" in value and all(thin)

    def covering(self) -> Iterator[tuple[LexborNode, str, bool]]:
        """What may be laid over words: see `moved`. What markup alone hides is not left out."""
        for identity, node in self.cascade.nodes.items():
            for beside, all_declared in ((False, self.cascade.of), (True, self.cascade.beside)):
                declared = all_declared.get(identity, {})
                said = self._spilt(node, declared) or self._laid(node, declared, beside)
                if said and not self._is_off(node, declared if beside else {}):
                    yield node, said, beside
        yield from self._carried()

    def writing(self) -> Iterator[tuple[LexborNode, str]]:
        """The elements beside which a rule writes words that only a variable holds."""
        for identity, declared in self.cascade.beside.items():
            node = self.cascade.nodes[identity]
            for one in declared.get("content", ()):
                said = self.cascade.filled(node, one.value, one.world)
                if not is_wordless(said) and not self._is_off(node, declared):
                    yield node, f"content: {said}"

    def is_bar(self, node: LexborNode) -> bool:
        """Whether an element is no more than a low bar at the bottom of the window: a person scrolls past it.

        All that it holds must lie in it, too.
        """
        declared = self.cascade.of.get(node.mem_id, {})
        if {one.value for one in declared.get("position", ())} != {"fixed"} or len(node.text()) > _BAR_TEXT:
            return False
        if _declares(declared, _TOP) or node.css_first(_LARGE) is not None:
            return False
        held = [node, *node.css("*")]
        heights = [self._height(each, each.mem_id == node.mem_id) for each in held[:_BAR_PARTS]]
        tall = sum(each or 0.0 for each in heights)
        return None not in heights and len(held) <= _BAR_PARTS and tall <= _BAR

    def _height(self, node: LexborNode, outermost: bool) -> float | None:
        """What sheets add to the height of a part of a bar; `None` when it may not lie in the bar."""
        tall = 0.0
        for all_declared in (self.cascade.of, self.cascade.beside):
            declared = all_declared.get(node.mem_id, {})
            # What is moved away, or grows, does not stay in the bar.
            moved = any(MOVING.match(name) and not self._near(node, declared, name) for name in declared)
            if self._spilt(node, declared) or moved or (_placed(declared) and not outermost):
                return None
            for name in (TALL | LETTERS) & declared.keys():
                usual = _AS_TALL if name in TALL else _AS_LARGE
                found = [self._pixels(node, name, one) for one in declared[name] if one.value not in usual]
                most = max((each for each in found if each is not None), default=0.0)
                if None in found or (name in LETTERS and most > _BAR_LETTERS):
                    return None
                tall += most if name in TALL else 0.0
        return tall

    def _pixels(self, node: LexborNode, name: str, one: Declared) -> float | None:
        value = self.cascade.filled(node, one.value, one.world)
        factor = share(value) if name in ("line-height", "zoom") else None
        found = sizes(value) if factor is None else [factor * _LETTER]
        return None if found is None else max(found, default=0.0)

    def _near(self, node: LexborNode, declared: Declarations, name: str) -> bool:
        return all(
            is_ordinary(name, self.cascade.filled(node, one.value, one.world)) for one in declared[name]
        )

    def _carried(self) -> Iterator[tuple[LexborNode, str, bool]]:
        """Elements that are far away from their place and hold one with a ground."""
        far = {
            identity: said
            for identity, declared in self.cascade.of.items()
            if not _small(declared)
            and (said := self._moved(self.cascade.nodes[identity], declared))
            and (_placed(declared) or not is_ordinary(*said.split(": ", 1)))
        }
        carrying: set[int] = set()
        for identity, declared in self.cascade.of.items() if far else ():
            node = self.cascade.nodes[identity]
            if self._has_ground(node, declared) and not _small(declared) and not self._is_off(node, {}):
                for each in lineage(node):
                    if each.mem_id in far and each.mem_id not in carrying:
                        carrying.add(each.mem_id)
                        yield each, far[each.mem_id], False

    def _spilt(self, node: LexborNode, declared: Declarations) -> str:
        """The declaration that may paint something large outside the box of its element."""
        for name in declared:
            for one in declared[name]:
                value = self.cascade.filled(node, one.value, one.world)
                if spills(name, value) or (node.tag in _PICTURES and name in CLIPPING and "visible" in value):
                    return f"{name}: {value}"
        return ""

    def _laid(self, node: LexborNode, declared: Declarations, beside: bool) -> str:
        moved = self._moved(node, declared)
        if not moved or _small(declared):
            return ""
        picture = "url(" in str(declared.get("content", "")) if beside else _shows_picture(node)
        return moved if picture or self._has_ground(node, declared) else ""

    def _is_off(self, node: LexborNode, beside: Declarations) -> bool:
        """Whether, in every world, rules keep `node`, or what is put beside it, from being drawn at all."""
        around = list(lineage(node))
        worlds = self.cascade.worlds(around)
        declared = [beside, *(self.cascade.of.get(each.mem_id, {}) for each in around)]
        return all(self._is_off_in(declared, world) for world in worlds)

    def _is_off_in(self, declared: list[Declarations], world: str) -> bool:
        shown = [_strongest(each, "display", world) for each in declared]
        seen = next(filter(None, (_strongest(each, "visibility", world) for each in declared)), "")
        faint = (share(_strongest(each, "opacity", world)) for each in declared)
        return (
            "none" in shown
            or seen in ("hidden", "collapse")
            or any(each is not None and each < _VEIL for each in faint)
        )

    def _moved(self, node: LexborNode, declared: Declarations) -> str:
        if _placed(declared):
            return "position: absolute"
        for name in declared:
            for one in declared[name] if MOVING.match(name) else ():
                value = self.cascade.filled(node, one.value, one.world)
                if not stays(name, value):
                    return f"{name}: {value}"
        return ""

    def _has_ground(self, node: LexborNode, declared: Declarations) -> bool:
        """Whether the element paints over what is behind it, or changes how that looks."""
        behind = declared.get("backdrop-filter", ())
        if any(self.cascade.filled(node, one.value, one.world) != "none" for one in behind):
            return True
        grounds = (
            self.cascade.filled(node, one.value, one.world)
            for name in _GROUND
            for one in declared.get(name, ())
        )
        return any(_hides_what_is_behind(each) for each in grounds if each not in _NOTHING)


def _declares(declared: Declarations, names: re.Pattern[str]) -> bool:
    return any(names.match(name) for name in declared)


def _strongest(declared: Declarations, name: str, world: str) -> str:
    found = [one for one in declared.get(name, ()) if one.world in (BASE, world)]
    return max(found, key=lambda one: one.weight).value if found else ""


def _hides_what_is_behind(ground: str) -> bool:
    found = shades(ground)
    return found is None or any(each[3] >= _VEIL for each in found)


def _shows_picture(node: LexborNode) -> bool:
    return node.tag in _PICTURES or node.css_first(", ".join(_PICTURES)) is not None


def _placed(declared: Declarations) -> bool:
    return any(one.value in ("absolute", "fixed") for one in declared.get("position", ()))


def _small(declared: Declarations) -> bool:
    """Whether both its sides are certainly small."""
    for name in ("width", "height"):
        found = [lengths(one.value) for one in declared.get(name, ())]
        if not found or any(each is None or max(each, default=0) > _SMALL for each in found):
            return False
    return True
