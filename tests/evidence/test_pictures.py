"""Framed copies and the chart: the picture untouched, the words around it, nothing told by colour alone."""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, UnidentifiedImageError

from monitor.evidence.bundle.chart import KINDS, chart
from monitor.present.framed import framed
from tests.cast.installation import picture

DAY = date(2026, 11, 2)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_copy_shows_the_whole_picture_under_its_caption() -> None:
    raw = picture("Aucun créneau")
    copy = opened(framed(raw, ("Préfecture de la Vienne", "https://www.vienne.gouv.fr", "Ligne 7")))
    shown = opened(raw)
    assert copy.width > shown.width
    assert copy.height >= shown.height + 3 * 21
    inside = copy.crop((12, copy.height - 12 - shown.height, 12 + shown.width, copy.height - 12))
    differences = zip(inside.convert("L").tobytes(), shown.convert("L").tobytes(), strict=True)
    assert sum(abs(a - b) for a, b in differences) / (shown.width * shown.height) < 2


def test_a_long_address_is_wrapped_not_cut() -> None:
    raw = picture("x")
    short, long = (opened(framed(raw, ("https://a.fr/" + "b" * n,))) for n in (10, 400))
    assert long.height >= short.height + 4 * 21
    assert long.width == short.width


def test_the_same_copy_gives_the_same_bytes() -> None:
    assert framed(picture("x"), ("a",)) == framed(picture("x"), ("a",))


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(UnidentifiedImageError):
        framed(b"nonsense", ("a",))


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=300))
@example("\x1e")
def test_any_caption_can_be_written(words: str) -> None:
    assert framed(picture("x"), (words.replace("\n", " "),))


def days(count: int) -> dict[date, Counter[str]]:
    return {DAY + timedelta(days=n): Counter(zero=20, slots=2, other=1, gap=1) for n in range(count)}


def heights(svg: str, colour: str) -> list[float]:
    return [float(h) for h in re.findall(rf'height="([\d.]+)" fill="{colour}"', svg)]


def test_bars_are_as_high_as_counts_are_large() -> None:
    svg = chart(days(3))
    zero, slots = heights(svg, KINDS["zero"][1])[0], heights(svg, KINDS["slots"][1])[0]
    assert zero / slots == pytest.approx(10, rel=0.05)


def test_a_kind_is_told_by_more_than_its_colour() -> None:
    svg = chart(days(1))
    assert svg.count('fill="url(#dots)"') == svg.count('fill="url(#lines)"') == 2
    assert all(name in svg for name, _, _ in KINDS.values())


@pytest.mark.parametrize(("count", "labels"), [(0, 0), (5, 5), (60, 9)])
def test_dates_stay_legible_however_long_the_period(count: int, labels: int) -> None:
    assert len(re.findall(r'font-size="8">\d\d/\d\d<', chart(days(count)))) == labels
