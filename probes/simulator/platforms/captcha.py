"""A picture of digits for people, drawn with lines, so that no page contains the code as text."""

from __future__ import annotations

from base64 import b64encode
from random import Random

# The seven segments of a digit: top, upper right, lower right, bottom, lower left, upper left, middle.
_STROKES = ("M0 0H20", "M20 0V20", "M20 20V40", "M0 40H20", "M0 20V40", "M0 0V20", "M0 20H20")
_LIT = ("012345", "12", "01346", "01236", "1256", "02356", "023456", "012", "0123456", "012356")


def draw(code: str) -> str:
    """A `data:` URL of an SVG image with the digits of `code`, tilted, over a few random lines."""
    random = Random(code)
    digits = "".join(_digit(int(char), 18 + 34 * n, random) for n, char in enumerate(code))
    noise = "".join(
        f'<path d="M0 {random.randint(5, 75)}L220 {random.randint(5, 75)}" stroke="#b9c4d6"/>'
        for _ in range(5)
    )
    image = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{34 * len(code) + 16}" height="80" fill="none" '
        f'stroke-linecap="round"><rect width="100%" height="100%" fill="#f2f5fa"/>{noise}'
        f'<g stroke="#1f2f4f" stroke-width="4">{digits}</g></svg>'
    )
    return "data:image/svg+xml;base64," + b64encode(image.encode()).decode()


def _digit(digit: int, x: int, random: Random) -> str:
    strokes = "".join(_STROKES[int(segment)] for segment in _LIT[digit])
    turn, y = random.randint(-12, 12), random.randint(14, 26)
    return f'<path transform="translate({x} {y}) rotate({turn})" d="{strokes}"/>'
