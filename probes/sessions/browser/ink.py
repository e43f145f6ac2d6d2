"""Which words have ink on the page: covering them changes pixels where they stand.

The page must stand still. A highlight covers the words, which changes no node and no layout; pictures with
and without it are compared. Each of the two is taken twice and must be the same again: else something moves
behind the words, or a busy Chromium gave a picture of another moment.

What has ink in the window must have it on the picture that is kept too. That one is lower than the page
sometimes, and shows a box with a scroll bar at one place only.
"""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from importlib.resources import files
from math import ceil

from PIL import Image, ImageChops

from probes.model import Ink
from probes.sessions.browser.channel import Channel

Box = tuple[float, float, float, float]
Part = tuple[int, int, int, int]
"""Left, top, right and bottom of a part of the window, in CSS pixels."""
Clip = Mapping[str, int]
Band = tuple[int, int]
"""Top and height of a part of the page, in CSS pixels."""
Photograph = Callable[[Band | None], Awaitable[bytes | None]]
"""Takes the picture of the page that is kept, or a part of the same; `None` when none is kept."""

_PAGE_WIDTH = "() => document.documentElement.clientWidth"
_INK = files("probes.sessions.browser").joinpath("ink.js").read_text(encoding="utf-8")
_MOST_VIEWS = 8
_MOST_TRIES = 3
# Of 255 levels of red, green or blue. Below the first nothing moved. Below the second nobody tells letters
# from what is behind them. The third lies at least between neighbouring pixels of letters that are sharp.
_MOVED, _SEEN, _SHARP = 16, 40, 24
_SHARE = 0.015
_LEAST = 3
# JPEG is made of squares of so many pixels: a part of a page that begins with one has the same squares.
_SQUARE = 16
# A pixel is compared with those beside it.
_MARGIN = 2
# JPEG spreads a letter over the eight pixels around it.
_NEAR = 8
# The most that two pictures of the same page differ elsewhere, as a share of all pixels: JPEG is not exact.
_STRAY = 0.0005
_CORNER = {"x": 0, "y": 0, "width": _SQUARE, "height": _SQUARE, "scale": 1}


@dataclass(frozen=True, slots=True)
class _View:
    """The window: where on the page it is, its size in CSS pixels, and the places of the words in it."""

    left: float
    top: float
    width: float
    height: float
    places: Sequence[Sequence[Box]]

    def part(self) -> Part | None:
        """The part of the window with all places that are in it, and a little more; `None` when none is."""
        edges = [
            (
                max(x - _MARGIN, 0),
                max(y - _MARGIN, 0),
                min(x + wide + _MARGIN, self.width),
                min(y + tall + _MARGIN, self.height),
            )
            for boxes in self.places
            for x, y, wide, tall in boxes
        ]
        inside = [each for each in edges if each[0] < each[2] and each[1] < each[3]]
        if not inside:
            return None
        left, top = (int(min(each[side] for each in inside)) for side in (0, 1))
        right, bottom = (ceil(max(each[side] for each in inside)) for side in (2, 3))
        return left, top, right, bottom

    def clip(self, part: Part) -> Clip:
        """`part` as Chromium wants it: on the page, in CSS pixels."""
        left, top, right, bottom = part
        at = {"x": round(self.left) + left, "y": round(self.top) + top}
        return {**at, "width": right - left, "height": bottom - top, "scale": 1}

    def places_in(self, part: Part) -> list[list[Box]]:
        """The places in a picture of `part`."""
        left, top = part[:2]
        return [[(x - left, y - top, wide, tall) for x, y, wide, tall in boxes] for boxes in self.places]


@dataclass(frozen=True, slots=True)
class _Search:
    """Words looked for: to which of them each place belongs, the place of each that was found, all places."""

    words: Sequence[str]
    owners: Sequence[int]
    found: Mapping[int, int]
    places: Sequence[Sequence[Box]]

    def within(self, places: Sequence[Sequence[Box]], kept: bytes) -> int:
        """How many of those found lie on the picture that is kept, which may be lower than the page."""
        height = Image.open(io.BytesIO(kept)).height
        return sum(
            all(top + tall <= height + 1 for _, top, _, tall in places[n]) for n in self.found.values()
        )

    def band(self, height: float) -> Band | None:
        """The part of the page, which is `height` high, with all words found; `None` when none is on it."""
        boxes = [box for place in self.found.values() for box in self.places[place]]
        tops = [box[1] for box in boxes if box[1] < height]
        if not tops:
            return None
        top = max(0, int(min(tops)) // _SQUARE - 1) * _SQUARE
        lowest = max(box[1] + box[3] for box in boxes)
        # A square that is cut off is packed otherwise, and looks otherwise.
        bottom = (ceil(lowest / _SQUARE) + 1) * _SQUARE
        return top, int(min(bottom, height)) - top

    def on_picture(
        self, kept: bytes, covered: bytes, top: int, places: Sequence[Sequence[Box]]
    ) -> tuple[Ink, ...]:
        """Those found that are on the picture that is kept, all of them; `places` are in its pixels.

        `covered` is a part of the same picture with the words covered, `top` pixels below its top.
        """
        without = _opened(covered)
        there = Image.open(io.BytesIO(kept)).crop((0, top, without.width, top + without.height))
        change = _more_than(_SEEN, _difference(there.convert("RGB"), without))
        near = [[(x, y - top, wide, tall) for x, y, wide, tall in boxes] for boxes in places]
        inked = (one for one in self.found.items() if all(_marked(change, box) for box in near[one[1]]))
        seen = self.entries(dict(inked), places)
        # Where the two differ beside the words too, they are not of the same page.
        for x, y, wide, tall in (box for boxes in near for box in boxes):
            edges = (int(x) - _NEAR, int(y) - _NEAR, ceil(x + wide) + _NEAR, ceil(y + tall) + _NEAR)
            change.paste(0, edges)
        return seen if change.histogram()[255] <= _STRAY * change.width * change.height else ()

    def entries(self, found: Mapping[int, int], places: Sequence[Sequence[Box]]) -> tuple[Ink, ...]:
        """What is told of the words in `found`, with their places from `places`."""
        return tuple(
            _entry(self.words[word], places[place], self.owners.count(word))
            for word, place in sorted(found.items())
        )


async def inked(
    channel: Channel, words: Sequence[str], photograph: Photograph
) -> tuple[tuple[Ink, ...], bytes | None]:
    """Those of `words` that have ink in the still page, each with the rectangle around it; and its picture.

    `words` are as the page writes them; white space does not count. The page is left as it was, at its top.
    """
    owners: list[int] = await channel.run(_INK, "find", list(words))
    found = await _found(channel, owners)
    places: list[list[Box]] = await channel.run(_INK, "settle", None)
    seen, kept = await _on_kept_picture(channel, _Search(words, owners, found, places), photograph)
    await channel.run(_INK, "leave", None)
    return seen, kept


async def _found(channel: Channel, owners: Sequence[int]) -> dict[int, int]:
    """The first place of each word that has ink wherever it stands, scrolled there where it must be.

    What stands twice, once unseen, is left out: nobody can tell which of the two is meant.
    """
    seen: set[int] = set()
    unseen: set[int] = set()
    place: int | None = None
    for _ in range(_MOST_VIEWS):
        view = _View(*await channel.run(_INK, "look", place))
        seen.update(await _with_ink_now(channel, view))
        tried = () if place is None else (place,)
        unseen |= {
            owners[n] for n, boxes in enumerate(view.places) if n not in seen and (n in tried or not boxes)
        }
        left = (n for n, word in enumerate(owners) if n not in seen and word not in unseen)
        if (place := next(left, None)) is None:
            break
    unseen |= {word for n, word in enumerate(owners) if n not in seen}
    return {word: owners.index(word) for word in owners if word not in unseen}


async def _on_kept_picture(
    channel: Channel, search: _Search, photograph: Photograph
) -> tuple[tuple[Ink, ...], bytes | None]:
    """The words found that are on the picture that is kept too, and that picture.

    Tried again where words are missing: a busy Chromium may give the picture of the moment before. From then
    on one more is taken and thrown away first, so that the next is of this moment.
    """
    kept, seen = None, tuple[Ink, ...]()
    for taking in (photograph, *[_second_of(channel, photograph)] * (_MOST_TRIES - 1)):
        kept = await taking(None)
        if not kept:
            # Nobody keeps a picture: what has ink in the window counts.
            return search.entries(search.found, search.places), None
        scale = Image.open(io.BytesIO(kept)).width / await channel.run(_PAGE_WIDTH)
        band = search.band(Image.open(io.BytesIO(kept)).height / scale)
        covered = await _covered(channel, taking, band) if band else None
        if not band or not covered:
            break
        places = _scaled(search.places, scale)
        seen = await asyncio.to_thread(search.on_picture, kept, covered, round(band[0] * scale), places)
        if len(seen) == search.within(places, kept):
            break
    return seen, kept


def _second_of(channel: Channel, photograph: Photograph) -> Photograph:
    async def second(band: Band | None) -> bytes | None:
        await _picture(channel, _CORNER)
        return await photograph(band)

    return second


async def _covered(channel: Channel, photograph: Photograph, band: Band) -> bytes | None:
    """A part of the picture that is kept, with the words covered."""
    await channel.run(_INK, "look", None)
    covered = await photograph(band)
    await channel.run(_INK, "settle", None)
    return covered


def _scaled(places: Sequence[Sequence[Box]], scale: float) -> list[list[Box]]:
    """The boxes in pixels of a picture, which are `scale` to one of CSS: more than 1 on a fine screen, or
    where the person who makes an attended visit has zoomed.
    """
    return [[(x * scale, y * scale, w * scale, h * scale) for x, y, w, h in boxes] for boxes in places]


async def _with_ink_now(channel: Channel, view: _View) -> set[int]:
    """The places that have ink in the window; the words are covered when this begins.

    A busy Chromium may give a picture of the moment before: where something moved, pictures are taken again.
    """
    seen: set[int] = set()
    part = view.part()
    for _ in range(_MOST_TRIES):
        if part is None:
            break
        covered, bare = await _pictures(channel, view.clip(part))
        scale = Image.open(io.BytesIO(bare[0])).width / (part[2] - part[0])
        places = _scaled(view.places_in(part), scale)
        found, moving = await asyncio.to_thread(_with_ink, covered, bare, places)
        seen |= found
        if not moving - seen:
            break
    await channel.run(_INK, "bare", None)
    return seen


async def _pictures(channel: Channel, clip: Clip) -> tuple[list[bytes], list[bytes]]:
    """Two pictures with the words covered and two with them bare, in turn; they are covered again after."""
    covered: list[bytes] = []
    bare: list[bytes] = []
    for _ in range(2):
        covered.append(await _picture(channel, clip))
        await channel.run(_INK, "bare", None)
        bare.append(await _picture(channel, clip))
        await channel.run(_INK, "cover", None)
    return covered, bare


async def _picture(channel: Channel, clip: Clip) -> bytes:
    how = {"format": "png", "optimizeForSpeed": True, "clip": clip}
    return base64.b64decode((await channel.call("Page.captureScreenshot", how))["data"])


def _with_ink(
    covered: Sequence[bytes], bare: Sequence[bytes], places: Sequence[Sequence[Box]]
) -> tuple[set[int], set[int]]:
    """The places that have ink, and those where something moved."""
    both, other = ([_opened(each) for each in pictures] for pictures in (covered, bare))
    change = _legible(_difference(both[0], other[0]))
    moved = _more_than(_MOVED, ImageChops.lighter(_difference(*both), _difference(*other)))
    moving = {n for n, boxes in enumerate(places) if any(_marked(moved, box) for box in boxes)}
    inked = {n for n, boxes in enumerate(places) if boxes and all(_marked(change, box) for box in boxes)}
    return inked - moving, moving


def _opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture)).convert("RGB")


def _difference(first: Image.Image, second: Image.Image) -> Image.Image:
    """By how many levels the two pictures differ at each pixel, in the colour that differs most."""
    bands = ImageChops.difference(first, second).split()
    return ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])


def _more_than(levels: int, difference: Image.Image) -> Image.Image:
    """White where the difference is greater, black elsewhere."""
    return difference.point(lambda level: 255 if level > levels else 0)


def _legible(difference: Image.Image) -> Image.Image:
    """White where letters differ from what is behind them and have a sharp edge, on any side."""
    shifts = ((1, 0), (-1, 0), (0, 1), (0, -1))
    steps = [ImageChops.difference(difference, ImageChops.offset(difference, *shift)) for shift in shifts]
    sharp = _more_than(_SHARP, reduce(ImageChops.lighter, steps))
    return ImageChops.multiply(sharp, _more_than(_SEEN, difference))


def _marked(difference: Image.Image, box: Box) -> bool:
    left, top, width, height = box
    # A box that lies partly outside is cut off there: half a word is not a word.
    if width < 1 or height < 1 or left < 0 or top < 0 or left + width > difference.width + 1:
        return False
    if top + height > difference.height + 1:
        return False
    part = difference.crop((int(left), int(top), round(left + width), round(top + height)))
    white = part.histogram()[255]
    return white >= max(_LEAST, _SHARE * part.width * part.height)


def _entry(words: str, boxes: Sequence[Box], places: int) -> Ink:
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return Ink(
        words=" ".join(words.split()),
        left=round(left),
        top=round(top),
        width=round(right - left),
        height=round(bottom - top),
        places=places,
    )
