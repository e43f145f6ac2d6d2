"""A copy of a screenshot with a caption above it, and frames around the words that decided.

Frames are drawn on the copy, so that its reader sees at once which words decided; the caption then says that
they were added afterwards. Of a picture too tall to be read on a page of paper, or to be mailed, the copy
shows the part with these words, and says so. The screenshot itself is never changed: it is kept as it was.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from PIL import Image, ImageDraw, ImageFont

from monitor.model import Language
from probes.model import Ink

Rectangle = tuple[int, int, int, int]

_MARGIN = 12
_SIZE = 15
_LEADING = 21
_INK, _PAPER, _RULE = (20, 20, 20), (255, 255, 255), (120, 120, 120)
_QUALITY = 60

# Few pages use this violet; in grey print it is dark. White lines beside it show it on any background.
_FRAME = (176, 0, 148)
_THICK, _AIR, _ROOM = 3, 2, 7

NOTES = {
    Language.FRENCH: (
        "Le cadre épais marque les mots de la page qui ont décidé ; il a été ajouté après coup, "
        "sur cette copie seulement.",
        "Les cadres épais marquent les mots de la page qui ont décidé ; ils ont été ajoutés après coup, "
        "sur cette copie seulement.",
    ),
    Language.ENGLISH: (
        "The thick frame marks the words of the page that decided; it was added afterwards, "
        "to this copy only.",
        "The thick frames mark the words of the page that decided; they were added afterwards, "
        "to this copy only.",
    ),
}
"""What a caption says of one frame, and of several."""

TALLEST = 2_000
"""Pixels of a picture's height in a copy."""

PARTS = {
    Language.FRENCH: "L'image d'origine a {} lignes de pixels ; cette copie en montre celles de {} à {}.",
    Language.ENGLISH: "The original picture has {} lines of pixels; this copy shows those from {} to {}.",
}
"""What a caption says when the copy shows a part of the picture: its height, first and last line."""


def framed(
    picture: bytes,
    lines: tuple[str, ...],
    decided: Iterable[Ink] = (),
    *,
    language: Language = Language.FRENCH,
) -> bytes:
    """A JPEG of the picture under `lines` of caption, inside a border; the same input gives the same bytes.

    `decided` are the words to frame; those that lie outside what is shown are left out. Raises `OSError` for
    bytes that are no picture.
    """
    words, whole = list(decided), Image.open(io.BytesIO(picture)).convert("RGB")
    first = _first_line(words, whole.height)
    shown = whole.crop((0, first, whole.width, min(whole.height, first + TALLEST)))
    places = sorted({place for ink in words if (place := _place(ink, first, shown.size))})
    part = PARTS[language].format(whole.height, first, first + shown.height)
    notes = (
        *((NOTES[language][len(places) > 1],) if places else ()),
        *((part,) if shown.height < whole.height else ()),
    )
    copy = _captioned(shown, (*lines, *notes))
    for place in places:
        _draw(copy, place, copy.height - _MARGIN - shown.height)
    made = io.BytesIO()
    copy.save(made, "JPEG", quality=_QUALITY)
    return made.getvalue()


def _first_line(words: Sequence[Ink], height: int) -> int:
    """Where a copy begins on a picture of that height: at its top, or so that the first words are inside."""
    top = min((ink.top + ink.height // 2 for ink in words), default=0)
    return max(0, min(top - TALLEST // 2, height - TALLEST))


def _place(ink: Ink, first: int, size: tuple[int, int]) -> Rectangle | None:
    """Left, top, right and bottom of the words, as far as they lie in a part of the picture.

    The part has that size and begins at the line `first`.
    """
    left, top = max(0, ink.left), max(0, ink.top - first)
    right, bottom = min(size[0], ink.left + ink.width), min(size[1], ink.top - first + ink.height)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _draw(copy: Image.Image, place: Rectangle, begin: int) -> None:
    """Draw a frame around the words at `place` of the picture, which begins `begin` pixels down the copy.

    Around words at the picture's edge it stands in the margin of the copy: it must not cover them.
    """
    pen = ImageDraw.Draw(copy)
    left, top, right, bottom = place[0] + _MARGIN, place[1] + begin, place[2] + _MARGIN, place[3] + begin
    for room, width, colour in ((_ROOM + _AIR, _THICK + 2 * _AIR, _PAPER), (_ROOM, _THICK, _FRAME)):
        box = (left - room, top - room, right - 1 + room, bottom - 1 + room)
        pen.rectangle(box, outline=colour, width=width)


def _captioned(shown: Image.Image, lines: Sequence[str]) -> Image.Image:
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
    return copy


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
