"""What all plots share: sheet, colours, titles, notes, calendar axis."""

from __future__ import annotations

import re
import textwrap
from datetime import date
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure

INK, QUIET, PAPER = "#1b1b1b", "#6b6b6b", "#ffffff"
SLOTS, ZERO, SILENT = "#009e73", "#b13a00", "#c9c9c9"  # after Okabe and Ito; distinct in grey as well
CONTROL, BAND = "#0072b2", "#f6e3d6"
WIDE = (11.0, 6.2)

_STYLE: Final[Any] = {  # matplotlib types every key as its own literal
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.6,
}


def sheet(
    title: str,
    subtitle: str,
    note: str,
    *,
    size: tuple[float, float] = WIDE,
    columns: tuple[float, ...] = (1.0,),
    left: float = 0.09,
) -> tuple[Figure, list[Axes]]:
    """A sheet with a title, a line under it and a note at the foot, and its axes, left to right."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=size, dpi=150, facecolor=PAPER)
        above, below = 1.05 / size[1], 1.15 / size[1]
        grid = figure.add_gridspec(
            1,
            len(columns),
            width_ratios=columns,
            left=left,
            right=0.97,
            top=1 - above,
            bottom=below,
            wspace=0.12,
        )
        axes = [figure.add_subplot(grid[0, i]) for i in range(len(columns))]
        across = int(size[0] * 13.5)
        figure.text(0.02, 1 - 0.16 / size[1], title, fontsize=14, weight="bold", va="top")
        figure.text(0.02, 1 - 0.46 / size[1], wrapped(subtitle, across), fontsize=9.5, va="top")
        foot = wrapped(note, int(1.2 * across))
        figure.text(0.02, 0.1 / size[1], foot, fontsize=8, color=QUIET, va="bottom")
    return figure, axes


def head(figure: Figure, text: str) -> None:
    """Write `text` on the line above the title: what is to be known of everything below."""
    figure.text(0.98, 1 - 0.03 / figure.get_figheight(), text, fontsize=7, color=QUIET, ha="right", va="top")


def message(axes: Axes, text: str) -> None:
    """Show `text` instead of a plot, such as the reason why there is none."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, fontsize=13, color=QUIET)


def wrapped(label: str, width: int) -> str:
    """`label` in lines of at most `width` characters, never broken where French forbids it."""
    return textwrap.fill(unparted(label), width)


def unparted(text: str) -> str:
    """`text` with no-break spaces where French allows no line break: before `:;?!»%` and after `«`."""
    return re.sub(r" (?=[:;?!»%])|(?<=«) ", "\N{NO-BREAK SPACE}", text)


def place(day: date) -> float:
    """The position of a local day, or of an instant, on a time axis of matplotlib."""
    return float(date2num(day))  # type: ignore[no-untyped-call]


def calendar(axes: Axes) -> None:
    """Write dates the French way under a time axis."""
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    formats = {"formats": _DATES, "zero_formats": ["", "%Y", "%d/%m", "", "", ""], "show_offset": False}
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, **formats))  # type: ignore[no-untyped-call]


_DATES = ["%Y", "%m/%Y", "%d/%m", "", "", ""]


def save(figure: Figure, path: Path) -> None:
    """Write a PNG; the same figure gives the same bytes."""
    with mpl.rc_context(_STYLE):
        figure.savefig(path, format="png", metadata={"Software": "Vigie"})
