"""« Le mur »: guichets × weeks, each cell the share of attempts without a slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from monitor.figures.period import Counts
from monitor.figures.plots.canvas import INK, PAPER, QUIET, SILENT, sheet, wrapped
from monitor.figures.sentences import basis
from monitor.figures.shares import IsoWeek, Share
from monitor.present.language import day

_SHADES = mpl.colormaps["cividis_r"]
_LIGHT = 0.6  # from this share on the shade is dark and its text white


def wall(rows: Mapping[str, Sequence[IsoWeek]], *, period: str, note: str) -> Figure:
    """One row for each guichet. `rows`: label → its weeks, the same weeks for all.

    Raises `ValueError` (in French) without any guichet or week.
    """
    weeks = next(iter(rows.values()), ())
    if not weeks:
        raise ValueError("le mur demande au moins un guichet et une semaine")
    height = 3.1 + 0.42 * len(rows)
    figure, (axes,) = sheet("Le mur", _subtitle(rows, period), note, size=(11.0, height), left=0.3)
    for y, line in enumerate(rows.values()):
        for x, week in enumerate(line):
            _cell(axes, x, y, week)
    _frame(axes, list(rows), weeks)
    return figure


def _subtitle(rows: Mapping[str, Sequence[IsoWeek]], period: str) -> str:
    total = sum((week.counts for line in rows.values() for week in line), Counts())
    return (
        "Part des sondes sans aucun créneau, en %, par guichet et par semaine ISO de la date locale, "
        f"{period} ; {basis(total)}."
    )


def _cell(axes: Axes, x: int, y: int, week: IsoWeek) -> None:
    if isinstance(week.share, Share):
        dark = week.share.value >= _LIGHT
        _box(axes, x, y, facecolor=_SHADES(week.share.value))
        _text(axes, x, y, _percent(week.share.value), PAPER if dark else INK, bold=week.share.value == 1)
    elif week.counts.scheduled:
        _box(axes, x, y, facecolor=PAPER, edgecolor=SILENT, hatch="////")
    else:
        _text(axes, x, y, "·", QUIET, bold=False)


def _percent(value: float) -> str:
    """`value` in whole per cent; 0 and 100 are written only when they are exact."""
    return f"{min(99, max(1, round(100 * value))) if 0 < value < 1 else round(100 * value)}"


def _box(axes: Axes, x: int, y: int, **style: object) -> None:
    axes.add_patch(Rectangle((x - 0.47, y - 0.44), 0.94, 0.88, linewidth=0.5, **style))  # type: ignore[arg-type]


def _text(axes: Axes, x: int, y: int, text: str, colour: str, *, bold: bool) -> None:
    axes.text(
        x, y, text, ha="center", va="center", color=colour, fontsize=8, weight="bold" if bold else "normal"
    )


def _frame(axes: Axes, labels: list[str], weeks: Sequence[IsoWeek]) -> None:
    axes.set(xlim=(-0.6, len(weeks) - 0.4), ylim=(len(labels) - 0.4, -0.6))
    axes.set_yticks(range(len(labels)), [wrapped(label, 42) for label in labels], fontsize=8.5)
    step = 1 + len(weeks) // 27
    ticks = range(0, len(weeks), step)
    axes.set_xticks(ticks, [f"S{weeks[i].number:02d}\n{day(weeks[i].monday)[:5]}" for i in ticks], fontsize=7)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    keys = [
        Patch(facecolor=_SHADES(1.0), label="100 : aucun créneau à aucune sonde"),
        Patch(facecolor=_SHADES(0.0), label="0 : des créneaux à chaque sonde"),
        Patch(facecolor=PAPER, edgecolor=SILENT, hatch="////", label="données insuffisantes"),
        Patch(facecolor=PAPER, edgecolor=PAPER, label="·  non surveillé"),
    ]
    axes.legend(
        handles=keys,
        loc="upper left",
        bbox_to_anchor=(-0.25, -0.4 / _inches(axes)),
        ncol=4,
        frameon=False,
        fontsize=8,
    )


def _inches(axes: Axes) -> float:
    figure = axes.figure
    return float(axes.get_position().height * figure.get_figheight())  # type: ignore[union-attr]
