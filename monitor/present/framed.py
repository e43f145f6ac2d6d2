"""A framed copy of a screenshot, with a caption above the picture. Nothing is written on the picture."""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import files

from PIL import Image, ImageDraw, ImageFont

_MARGIN = 12
_SIZE = 15
_LEADING = 21
_INK, _PAPER, _RULE = (20, 20, 20), (255, 255, 255), (120, 120, 120)
_QUALITY = 60


def framed(picture: bytes, lines: tuple[str, ...]) -> bytes:
    """A JPEG of the picture under `lines` of caption, inside a border; the same input gives the same bytes.

    Raises `OSError` for bytes that are no picture.
    """
    shown = Image.open(io.BytesIO(picture)).convert("RGB")
    font, width = _font(), max(shown.width, 480)
    wrapped = [part for line in lines for part in _wrapped(line, font, width)]
    top = _MARGIN * 2 + _LEADING * len(wrapped)
    copy = Image.new("RGB", (width + 2 * _MARGIN, top + shown.height + _MARGIN), _PAPER)
    pen = ImageDraw.Draw(copy)
    for place, line in enumerate(wrapped):
        pen.text((_MARGIN, _MARGIN + place * _LEADING), line, fill=_INK, font=font)
    copy.paste(shown, (_MARGIN, top))
    pen.rectangle((_MARGIN - 1, top - 1, _MARGIN + shown.width, top + shown.height), outline=_RULE)
    pen.rectangle((0, 0, copy.width - 1, copy.height - 1), outline=_INK, width=2)
    made = io.BytesIO()
    copy.save(made, "JPEG", quality=_QUALITY)
    return made.getvalue()


@cache
def _font() -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which comes with matplotlib. Uses the basic layout engine: machines may lack the other."""
    data = (files("matplotlib") / "mpl-data/fonts/ttf/DejaVuSans.ttf").read_bytes()
    return ImageFont.truetype(io.BytesIO(data), _SIZE, layout_engine=ImageFont.Layout.BASIC)


def _wrapped(line: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """The line cut to parts that fit `width` (pixels): at a space, or inside a long address without one."""
    parts, rest = [], line
    while rest and font.getlength(rest) > width:
        fitting = next(n for n in range(len(rest), 0, -1) if font.getlength(rest[:n]) <= width)
        cut = rest.rfind(" ", 1, fitting) if " " in rest[1:fitting] else fitting
        parts.append(rest[:cut])
        rest = rest[cut:].lstrip()
    return [*parts, rest]
