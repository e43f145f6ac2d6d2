"""Which words have ink on the page: covering them changes pixels where they stand.

The page must stand still. A highlight covers the words, which changes no node and no layout; pictures with
and without it are compared. A picture taken again must be the same, else something moves behind the words.
"""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Sequence
from importlib.resources import files

from PIL import Image, ImageChops

from probes.model import Ink
from probes.sessions.browser.channel import Channel

Box = tuple[float, float, float, float]

_INK = files("probes.sessions.browser").joinpath("ink.js").read_text(encoding="utf-8")
_MOST_VIEWS = 8
_LEVELS = 16
_SHARE = 0.015
_LEAST = 3


async def inked(channel: Channel, words: Sequence[str]) -> tuple[Ink, ...]:
    """Those of `words` that have ink wherever they stand in the still page, each with its first rectangle.

    What stands twice, once unseen, is no ink: nobody can tell which of the two is meant. `words` are as the
    page writes them; white space does not count. The page is left as it was, at its top.
    """
    if not words:
        return ()
    owners: list[int] = await channel.run(_INK, "find", list(words))
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
    rectangles = await channel.run(_INK, "leave", None)
    first: dict[int, int] = {}
    for n, word in enumerate(owners):
        if n in seen:
            first.setdefault(word, n)
        else:
            unseen.add(word)
    return tuple(_entry(words[word], rectangles[n]) for word, n in first.items() if word not in unseen)


async def _with_ink_now(channel: Channel, places: Sequence[Sequence[Box]]) -> list[int]:
    """The places that have ink in the window; the words are covered when this begins."""
    covered = await _picture(channel) if any(places) else b""
    await channel.run(_INK, "bare", None)
    if not covered:
        return []
    bare = await _picture(channel)
    again = await _picture(channel)
    return await asyncio.to_thread(_with_ink, covered, bare, again, places)


async def _picture(channel: Channel) -> bytes:
    shot = await channel.call("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
    return base64.b64decode(shot["data"])


def _with_ink(covered: bytes, bare: bytes, again: bytes, places: Sequence[Sequence[Box]]) -> list[int]:
    change, motion = _difference(covered, bare), _difference(bare, again)
    return [
        n
        for n, boxes in enumerate(places)
        if boxes and all(_marked(change, box) and not _marked(motion, box) for box in boxes)
    ]


def _difference(one: bytes, other: bytes) -> Image.Image:
    """A picture in black and white: white where the two differ by more than a person overlooks."""
    first, second = (Image.open(io.BytesIO(each)).convert("RGB") for each in (one, other))
    bands = ImageChops.difference(first, second).split()
    most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    return most.point(lambda level: 255 if level > _LEVELS else 0)


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


def _entry(words: str, boxes: Sequence[Box]) -> Ink:
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return Ink(
        words=" ".join(words.split()),
        left=round(left),
        top=round(top),
        width=round(right - left),
        height=round(bottom - top),
    )
