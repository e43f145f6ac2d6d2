"""A framed copy has room for its caption, and no more than it needs; frames stand around their words."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from monitor.model import Language
from monitor.present.framed import NOTES, PARTS, TALLEST, framed
from probes.model import Ink

LINE = 21
MARGIN = 12
WORDS = Ink(words="Aucun créneau", left=200, top=300, width=120, height=16)


def picture(width: int = 40, height: int = 30) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (width, height), (200, 0, 0)).save(made, "PNG")
    return made.getvalue()


def copy(*lines: str, **size: int) -> Image.Image:
    return Image.open(io.BytesIO(framed(picture(**size), lines)))


def test_a_narrow_picture_still_has_a_caption_that_can_be_read() -> None:
    assert copy("Préfecture").width >= 480
    assert copy("Préfecture", width=900).width >= 900


def test_a_caption_is_wrapped_at_spaces_into_as_few_lines_as_it_needs() -> None:
    one, words = copy("mot").height, copy("mot " * 60).height
    assert one + 2 * LINE <= words <= one + 5 * LINE


def test_the_copy_keeps_the_colours_of_the_page() -> None:
    made = copy("Préfecture")
    red, green, blue = made.convert("RGB").getpixel((32, made.height - 12 - 15))  # type: ignore[misc]
    assert red > 150 > 60 > max(green, blue)


def page(background: str = "white", size: tuple[int, int] = (640, 480), words: Ink = WORDS) -> Image.Image:
    """A page on which something grey stands where `words` do."""
    image = Image.new("RGB", size, background)
    box = (words.left, words.top, words.left + words.width - 1, words.top + words.height - 1)
    ImageDraw.Draw(image).rectangle(box, fill=(128, 128, 128))
    return image


def on_page(
    shown: Image.Image, *decided: Ink, lines: tuple[str, ...] = ("a",), **known: Language
) -> Image.Image:
    """The framed copy in colour."""
    made = io.BytesIO()
    shown.save(made, "PNG")
    return Image.open(io.BytesIO(framed(made.getvalue(), lines, decided, **known))).convert("RGB")


def pixel(copy: Image.Image, x: int, y: int, height: int = 480) -> tuple[int, int, int]:
    """The colour of the copy where the picture of that height has (x, y)."""
    found = copy.getpixel((x + MARGIN, y + copy.height - MARGIN - height))
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


def grey(colour: tuple[int, int, int]) -> float:
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def sides(ink: Ink, room: int) -> list[tuple[int, int]]:
    """The middle of each side of a rectangle at `room` pixels around the words."""
    x, y = ink.left + ink.width // 2, ink.top + ink.height // 2
    right, bottom = ink.left + ink.width - 1, ink.top + ink.height - 1
    return [(ink.left - room, y), (right + room, y), (x, ink.top - room), (x, bottom + room)]


@pytest.mark.parametrize("background", ["white", "black", "navy", "#f2dede", "#800080"])
def test_a_frame_stands_out_on_any_background_in_colour_and_in_grey(background: str) -> None:
    copy = on_page(page(background), WORDS)
    for line, beside in zip(sides(WORDS, 6), sides(WORDS, 9), strict=True):
        drawn, light = pixel(copy, *line), pixel(copy, *beside)
        assert drawn[0] > 130
        assert drawn[2] > 110
        assert drawn[1] < 60
        assert grey(light) - grey(drawn) > 120


def test_the_words_inside_a_frame_and_the_page_outside_are_left_alone() -> None:
    plain, copy = on_page(page()), on_page(page(), WORDS)
    middle = (WORDS.left + 60, WORDS.top + 8)
    for x, y in (middle, (WORDS.left + 2, WORDS.top + 2), (5, 5), (WORDS.left - 40, WORDS.top)):
        assert max(abs(a - b) for a, b in zip(pixel(plain, x, y), pixel(copy, x, y), strict=True)) < 30


@pytest.mark.parametrize(("left", "top"), [(0, 0), (520, 464), (3, 200)])
def test_words_at_the_edge_are_framed_and_not_covered(left: int, top: int) -> None:
    words = Ink(words="x", left=left, top=top, width=120, height=16)
    copy = on_page(page(words=words), words)
    for x, y in ((left + 1, top + 1), (left + 118, top + 14)):
        assert abs(grey(pixel(copy, x, y)) - 128) < 50
    for x, y in sides(words, 6):
        assert pixel(copy, x, y)[1] < 60


def test_the_caption_says_that_frames_were_added_in_the_language_of_its_reader() -> None:
    far = Ink(words="x", left=9, top=400, width=9, height=9)
    for language in Language:
        for decided, note in (((WORDS,), NOTES[language][0]), ((WORDS, far), NOTES[language][1])):
            copy = on_page(page(), *decided, language=language)
            said = on_page(page(), lines=("a", note))
            assert copy.size == said.size
            head = (0, 0, copy.width, copy.height - 480 - MARGIN)
            assert copy.crop(head).tobytes() == said.crop(head).tobytes()


def test_without_known_words_nothing_is_drawn_and_nothing_is_said_of_frames() -> None:
    outside = [
        Ink(words="x", left=left, top=top, width=9, height=9)
        for left, top in ((640, 0), (0, 480), (-9, 5), (5, -9), (0, 9000))
    ]
    assert on_page(page(), *outside).tobytes() == on_page(page()).tobytes()


def test_the_same_place_is_one_frame() -> None:
    assert on_page(page(), WORDS, WORDS).tobytes() == on_page(page(), WORDS).tobytes()


@pytest.mark.parametrize(("top", "first"), [(100, 0), (5_000, 4_008), (8_900, 7_000)])
def test_a_copy_of_a_tall_picture_shows_the_part_with_the_words_and_says_so(top: int, first: int) -> None:
    words = Ink(words="x", left=200, top=top, width=120, height=16)
    copy = on_page(page(size=(640, 9_000), words=words), words)
    said = on_page(
        page(),
        lines=("a", NOTES[Language.FRENCH][0], PARTS[Language.FRENCH].format(9_000, first, first + TALLEST)),
    )
    head = copy.height - TALLEST - MARGIN
    assert head == said.height - 480 - MARGIN
    assert copy.crop((0, 0, copy.width, head)).tobytes() == said.crop((0, 0, said.width, head)).tobytes()
    assert abs(grey(pixel(copy, 260, top - first + 8, TALLEST)) - 128) < 20
    for x, y in sides(Ink(words="x", left=200, top=top - first, width=120, height=16), 6):
        assert pixel(copy, x, y, TALLEST)[1] < 60


def test_a_copy_of_a_tall_picture_without_known_words_shows_its_top() -> None:
    words = Ink(words="x", left=0, top=0, width=120, height=16)
    copy = on_page(page(size=(640, 9_000), words=words))
    assert abs(grey(pixel(copy, 60, 8, TALLEST)) - 128) < 20
