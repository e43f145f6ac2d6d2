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

from PIL import Image, ImageChops

from probes.model import Ink
from probes.sessions.browser.channel import Channel

Box = tuple[float, float, float, float]
Photograph = Callable[[], Awaitable[bytes | None]]
"""Takes the picture of the page that is kept; `None` when there is none."""

_WINDOW_WIDTH, _PAGE_WIDTH = "() => innerWidth", "() => document.documentElement.clientWidth"
_INK = files("probes.sessions.browser").joinpath("ink.js").read_text(encoding="utf-8")
_MOST_VIEWS = 8
_MOST_TRIES = 3
# Of 255 levels of red, green or blue. Below the first nothing moved. Below the second nobody tells letters
# from what is behind them. The third lies at least between neighbouring pixels of letters that are sharp.
_MOVED, _SEEN, _SHARP = 16, 40, 24
_SHARE = 0.015
_LEAST = 3


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

    def on_picture(self, kept: bytes, covered: bytes, places: Sequence[Sequence[Box]]) -> tuple[Ink, ...]:
        """Those found that are on the picture that is kept, all of them; `places` are in its pixels."""
        change = _more_than(_SEEN, _difference(kept, covered))
        there = (one for one in self.found.items() if all(_marked(change, box) for box in places[one[1]]))
        return self.entries(dict(there), places)

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
    places: list[list[Box]] = await channel.run(_INK, "leave", None)
    return await _on_kept_picture(channel, _Search(words, owners, found, places), photograph)


async def _found(channel: Channel, owners: Sequence[int]) -> dict[int, int]:
    """The first place of each word that has ink wherever it stands, scrolled there where it must be.

    What stands twice, once unseen, is left out: nobody can tell which of the two is meant.
    """
    seen: set[int] = set()
    unseen: set[int] = set()
    place: int | None = None
    for _ in range(_MOST_VIEWS):
        places: list[list[Box]] = await channel.run(_INK, "look", place)
        seen.update(await _with_ink_now(channel, places))
        tried = () if place is None else (place,)
        unseen |= {owners[n] for n, boxes in enumerate(places) if n not in seen and (n in tried or not boxes)}
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
        kept = await taking()
        if not kept:
            # Nobody keeps a picture: what has ink in the window counts.
            return search.entries(search.found, search.places), None
        covered = await _covered(channel, taking) if search.found else None
        if not covered:
            break
        places = _scaled(search.places, kept, await channel.run(_PAGE_WIDTH))
        seen = await asyncio.to_thread(search.on_picture, kept, covered, places)
        if len(seen) == search.within(places, kept):
            break
    return seen, kept


def _second_of(channel: Channel, photograph: Photograph) -> Photograph:
    async def second() -> bytes | None:
        await _picture(channel)
        return await photograph()

    return second


async def _covered(channel: Channel, photograph: Photograph) -> bytes | None:
    """The picture that is kept, with the words covered."""
    await channel.run(_INK, "look", None)
    covered = await photograph()
    await channel.run(_INK, "bare", None)
    await channel.run(_INK, "leave", None)
    return covered


def _scaled(places: Sequence[Sequence[Box]], picture: bytes, width: float) -> list[list[Box]]:
    """The boxes in pixels of `picture`, which shows `width` pixels of CSS.

    They differ on a fine screen, and where the person who makes an attended visit has zoomed.
    """
    scale = Image.open(io.BytesIO(picture)).width / width
    return [[(x * scale, y * scale, w * scale, h * scale) for x, y, w, h in boxes] for boxes in places]


async def _with_ink_now(channel: Channel, places: Sequence[Sequence[Box]]) -> set[int]:
    """The places that have ink in the window; the words are covered when this begins.

    A busy Chromium may give a picture of the moment before: where something moved, pictures are taken again.
    """
    seen: set[int] = set()
    if any(places):
        for _ in range(_MOST_TRIES):
            covered, bare = await _pictures(channel)
            scaled = _scaled(places, bare[0], await channel.run(_WINDOW_WIDTH))
            found, moving = await asyncio.to_thread(_with_ink, covered, bare, scaled)
            seen |= found
            if not moving - seen:
                break
    await channel.run(_INK, "bare", None)
    return seen


async def _pictures(channel: Channel) -> tuple[list[bytes], list[bytes]]:
    """Two pictures with the words covered and two with them bare, in turn; they are covered again after."""
    covered: list[bytes] = []
    bare: list[bytes] = []
    for _ in range(2):
        covered.append(await _picture(channel))
        await channel.run(_INK, "bare", None)
        bare.append(await _picture(channel))
        await channel.run(_INK, "cover", None)
    return covered, bare


async def _picture(channel: Channel) -> bytes:
    shot = await channel.call("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
    return base64.b64decode(shot["data"])


def _with_ink(
    covered: Sequence[bytes], bare: Sequence[bytes], places: Sequence[Sequence[Box]]
) -> tuple[set[int], set[int]]:
    """The places that have ink, and those where something moved."""
    change = _legible(_difference(covered[0], bare[0]))
    motion = _more_than(_MOVED, ImageChops.lighter(_difference(*covered), _difference(*bare)))
    moving = {n for n, boxes in enumerate(places) if any(_marked(motion, box) for box in boxes)}
    inked = {n for n, boxes in enumerate(places) if boxes and all(_marked(change, box) for box in boxes)}
    return inked - moving, moving


def _difference(one: bytes, other: bytes) -> Image.Image:
    """By how many levels the two pictures differ at each pixel, in the colour that differs most."""
    first, second = (Image.open(io.BytesIO(each)).convert("RGB") for each in (one, other))
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
