"""Pictures with words at a known place, and the frame that a copy of one has."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from probes.model import Ink

MARGIN = 12


def words_at(words: str, left: int = 100, top: int = 200) -> Ink:
    """Words of the size of a line."""
    return Ink(words=words, left=left, top=top, width=300, height=18)


def picture_with(ink: Ink, size: tuple[int, int] = (640, 480)) -> bytes:
    """A white picture with something grey where the words stand."""
    image = Image.new("RGB", size, "white")
    box = (ink.left, ink.top, ink.left + ink.width - 1, ink.top + ink.height - 1)
    ImageDraw.Draw(image).rectangle(box, fill=(128, 128, 128))
    made = io.BytesIO()
    image.save(made, "JPEG", quality=90)
    return made.getvalue()


def frame_in(copy: bytes, height: int = 480) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of what is violet, from the corner of the picture of that height."""
    image = Image.open(io.BytesIO(copy)).convert("RGB")
    violet = image.convert("L", (0.5, -1.0, 0.5, 0))
    found = violet.point(lambda level: 255 if level > 90 else 0).getbbox()
    if found is None:
        return None
    left, top, right, bottom = found
    begin = image.height - MARGIN - height
    return left - MARGIN, top - begin, right - MARGIN, bottom - begin


def frames(copy: bytes, ink: Ink, height: int = 480) -> bool:
    """Whether the copy has one frame, close around these words."""
    found = frame_in(copy, height)
    if found is None:
        return False
    wanted = (ink.left - 7, ink.top - 7, ink.left + ink.width + 7, ink.top + ink.height + 7)
    return all(abs(one - other) <= 2 for one, other in zip(found, wanted, strict=True))
