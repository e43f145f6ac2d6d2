"""The five pictures: they say n, coverage and period, draw missing as missing, and need no colour."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from monitor.figures.controls import before_after as windows
from monitor.figures.period import Counts, Period
from monitor.figures.plots import canvas
from monitor.figures.plots.before_after import before_after
from monitor.figures.plots.chances import chances
from monitor.figures.plots.pairs import pairs
from monitor.figures.plots.ruler import ruler
from monitor.figures.plots.wall import wall
from monitor.figures.shares import week, weekly
from tests.cast.supply import look_back, simulate

pytestmark = pytest.mark.slow

FIRST = date(2026, 4, 6)


def texts(figure: Figure) -> str:
    found = " | ".join(t.get_text() for t in figure.findobj(Text))
    return (
        found.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ").replace("\n", " ")
    )


def series(pattern: str = "long_openings", days: int = 56, seed: int = 1) -> Period:
    return simulate(pattern, FIRST, days, seed)[1]


def pictures() -> dict[str, Figure]:
    target, control = series(), replace(series(seed=2), target="c")
    around = windows(target, [control], notified=FIRST + timedelta(days=28))
    labels = {"t": "Vienne (86), séjour", "c": "Vienne (86), permis"}
    return {
        "wall": wall(
            {"Vienne (86), séjour": weekly(target)},
            period="du 06/04/2026 au 31/05/2026",
            note="Source : essai.",
        ),
        "ruler": ruler(target, label=labels["t"]),
        "pairs": pairs(target, control, where="Vienne (86)", label="séjour", control_label="permis"),
        "chances": chances(target, label=labels["t"]),
        "before_after": before_after(around, decision="TA, n° 1", labels=labels, events=[(FIRST, "panne")]),
    }


PICTURES = pictures()


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_a_png_with_a_title_and_its_n(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.png"
    canvas.save(PICTURES[name], file)
    assert file.read_bytes().startswith(b"\x89PNG")
    assert "n = " in texts(PICTURES[name])


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_says_its_period_and_coverage(name: str) -> None:
    told = texts(PICTURES[name])
    around = "notifiée le 04/05/2026, 4 semaines de chaque côté"
    assert ("du 06/04/2026 au 31/05/2026" if name != "before_after" else around) in told
    assert "couverture 100 %" in told


def test_the_same_figure_gives_the_same_bytes(tmp_path: Path) -> None:
    for file in (tmp_path / "a.png", tmp_path / "b.png"):
        canvas.save(chances(series(), label="x"), file)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


LONG = {
    "t": "Préfecture des Pyrénées-Atlantiques (64), Renouvellement de titre de séjour, guichet des étudiants",
    "c": "Préfecture de la Haute-Garonne (31), Renouvellement de titre de séjour",
    "d": "Préfecture de la Gironde (33), Renouvellement de titre de séjour",
    "e": "Préfecture du Nord (59), Renouvellement de titre de séjour",
}


def crowded() -> dict[str, Figure]:
    """Long names, three controls, events: whatever takes place."""
    target, *controls = (replace(series("blocks", seed=n), target=name) for n, name in enumerate(LONG))
    notified = FIRST + timedelta(days=28)
    around = windows(target, controls, notified=notified, complied=notified + timedelta(days=9))
    events = [
        (FIRST + timedelta(days=n), "refonte du site de prise de rendez-vous en ligne") for n in (9, 900)
    ]
    parts: dict[str, Any] = {
        "label": LONG["t"][41:],
        "control_label": "Échange d'un permis de conduire étranger",
    }
    return {
        "before_after": before_after(around, decision="TA Pau, n° 1", labels=LONG, events=events),
        "pairs": pairs(target, controls[0], where="Pyrénées-Atlantiques (64)", **parts),
        "ruler": ruler(target, label=LONG["t"]),
        "chances": chances(series(), label=LONG["t"]),
    }


@pytest.mark.parametrize("name", ["before_after", "pairs", "ruler", "chances"])
def test_no_two_texts_of_a_picture_lie_on_each_other_or_off_the_sheet(name: str) -> None:
    figure = crowded()[name]
    drawn = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    figure.draw(drawn)
    outside = beyond(figure)
    shown = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in outside]
    boxes = [(t.get_text(), t.get_window_extent(drawn)) for t in shown]
    for text, box in boxes:
        assert 0 <= box.x0 < box.x1 <= figure.bbox.width, text
        assert 0 <= box.y0 < box.y1 <= figure.bbox.height, text
    for (one, a), (other, b) in combinations(boxes, 2):
        assert not a.overlaps(b), (one, other)


def beyond(figure: Figure) -> set[object]:
    """Labels of ticks outside what an axis shows: they are there, and never drawn."""
    found: set[object] = set()
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        ticks = (tick for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high)
        found.update(label for tick in ticks for label in (tick.label1, tick.label2))
    return found


def test_pairs_of_two_prefectures_are_not_said_to_be_of_one() -> None:
    names = {"where": "Vienne (86) et Cher (18)", "label": "séjour", "control_label": "permis"}
    assert "la même préfecture" not in texts(pairs(series(), series(), **names, same=False))


def test_a_ruler_without_any_date_counts_none() -> None:
    assert "0 sondes" not in texts(ruler(series("scarcity"), label="x"))


def test_without_any_slot_the_chances_are_a_bound_and_never_0() -> None:
    told = texts(chances(series("scarcity"), label="x"))
    assert "aucun créneau observé ; trois semaines d'essais : au plus 4,7 % (à 95 %)" in told


def cells(figure: Figure) -> list[str]:
    """The wall's cells as text, hatch or dot."""
    (axes,) = figure.findobj(Axes)
    hatched = ["////" for patch in axes.patches if patch.get_hatch()]
    return [t.get_text() for t in axes.texts] + hatched


def test_the_wall_tells_full_nearly_full_insufficient_and_unwatched_apart_without_colour() -> None:
    full = Counts(scheduled=168, executed=168, conclusive=168, zeros=168)
    line = [
        week(FIRST, full),
        week(FIRST, Counts(scheduled=10_000, executed=10_000, conclusive=10_000, zeros=9_999)),
        week(FIRST, Counts(scheduled=168, executed=100, conclusive=100, zeros=100)),
        week(FIRST, Counts()),
    ]
    assert cells(wall({"t": line}, period="", note="")) == ["100", "99", "·", "////"]


def test_a_wall_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="au moins un guichet"):
        wall({}, period="", note="")


def test_the_ruler_draws_zeros_in_a_band_above_the_axis_and_not_as_a_hole() -> None:
    (axes,) = ruler(series("scarcity"), label="x").findobj(Axes)
    names = [t.get_text() for t in axes.get_yticklabels()]
    assert names[-2:] == ["aucune\ndate", "sans\nréponse"]
    band = axes.get_yticks()[-2]
    zeros = [lines for lines in axes.collections[1:] if isinstance(lines, LineCollection)]
    assert len(zeros) == len(axes.collections[1:])
    drawn = [segment for lines in zeros for segment in lines.get_segments()]
    assert len(drawn) == 56
    assert all(segment[0][1] < band < segment[1][1] for segment in drawn)


@pytest.mark.parametrize("picture", ["pairs", "chances"])
def test_insufficient_data_make_a_picture_that_says_so(picture: str) -> None:
    none = look_back([], FIRST, 28)
    made = (
        pairs(none, none, where="", label="a", control_label="b")
        if picture == "pairs"
        else chances(none, label="a")
    )
    assert "données insuffisantes" in texts(made)


def test_the_pairs_show_the_four_counts() -> None:
    assert "créneaux proposés" in texts(PICTURES["pairs"])
    assert "test exact de McNemar" in texts(PICTURES["pairs"])


def test_the_chances_mark_three_weeks_of_tries() -> None:
    assert "trois semaines d'essais : " in texts(PICTURES["chances"])


def test_before_and_after_lists_what_else_happened() -> None:
    told = texts(PICTURES["before_after"])
    assert "1 : 06/04/2026, panne" in told
    assert "2 : " not in texts(crowded()["before_after"])
    assert "ne dit pas ce qui l'a causée" in told


def test_the_colours_of_states_differ_in_grey_too() -> None:
    greys = sorted(
        0.2126 * r + 0.7152 * g + 0.0722 * b
        for r, g, b in map(to_rgb, (canvas.SLOTS, canvas.ZERO, canvas.SILENT))
    )
    assert min(b - a for a, b in pairwise(greys)) > 0.1
