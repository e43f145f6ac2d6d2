"""A framed copy has room for its caption, and takes no more than it needs."""

from __future__ import annotations

import io

from PIL import Image

from monitor.present.framed import framed

LINE = 21


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
