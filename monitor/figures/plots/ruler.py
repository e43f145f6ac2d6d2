"""« La règle »: days to the earliest date against time, with « aucune date » as a band above them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from monitor.figures.delays import Ruler
from monitor.figures.delays import ruler as points
from monitor.figures.period import Period
from monitor.figures.plots.canvas import BAND, CONTROL, INK, QUIET, ZERO, calendar, place, sheet
from monitor.figures.sentences import basis, span
from monitor.present.language import number

_MONTHS = (30, 61, 91, 122, 152, 183, 274, 365)


def ruler(period: Period, *, label: str) -> Figure:
    """One mark for each attempt: days below, « aucune date » in the band, no answer in the strip above."""
    found = points(period)
    subtitle = f"{label}, {span(period)} : {basis(found.counts)}."
    note = (
        "Délai entre le jour de chaque sonde et la première date affichée ; plus le point est gros, plus "
        "il y en a. Les sondes sans aucune date sont dans la bande, jamais dans un vide ; celles sans "
        "réponse exploitable, dans la ligne du haut." + _aside(found)
    )
    figure, (axes,) = sheet("La règle : combien de temps avant la première date ?", subtitle, note)
    top = _top(found.dated)
    _bands(axes, top)
    _marks(axes, found.dated)
    _rug(axes, found.zeros, 1.14 * top, 0.09 * top, ZERO)
    _rug(axes, found.silent, 1.32 * top, 0.05 * top, QUIET)
    _frame(axes, period, top)
    return figure


def _aside(found: Ruler) -> str:
    """The end of the note: what the marks do not show."""
    told = ""
    if found.dated:
        several = f"{number(found.isolated)} sondes sur {number(len(found.dated))}"
        told += f" {several} n'affichaient qu'une seule date."
    if found.unread:
        told += (
            f" Hors du tracé : {number(found.unread)} sondes avec des créneaux dont la date ne se lit pas."
        )
    return told


def _top(dated: Sequence[tuple[date, int]]) -> float:
    longest = max((days for _, days in dated), default=90)
    return float(next((m for m in _MONTHS if m >= longest), longest))


def _bands(axes: Axes, top: float) -> None:
    axes.axhspan(1.04 * top, 1.24 * top, color=BAND, linewidth=0)
    axes.axhspan(1.26 * top, 1.38 * top, color="#f4f4f4", linewidth=0)


def _marks(axes: Axes, dated: Sequence[tuple[date, int]]) -> None:
    counted = Counter(dated)
    days = [place(day) for day, _ in counted]
    sizes = [10 + 3 * n for n in counted.values()]
    axes.scatter(days, [gap for _, gap in counted], s=sizes, color=CONTROL, alpha=0.6, linewidth=0)


def _rug(axes: Axes, days: Sequence[date], height: float, half: float, colour: str) -> None:
    """One tick for each day; its height is in proportion to the number of attempts of that day."""
    if not days:
        return
    counted = Counter(days)
    at, most = [place(d) for d in counted], max(counted.values())
    tall = [half * n / most for n in counted.values()]
    axes.vlines(at, [height - t for t in tall], [height + t for t in tall], color=colour, linewidth=1.6)


def _frame(axes: Axes, period: Period, top: float) -> None:
    calendar(axes)
    axes.set(xlim=(place(period.first) - 0.7, place(period.last) + 0.7), ylim=(0, 1.4 * top))
    ticks = [0, *(m for m in _MONTHS if m <= top)]
    names = ["0", *(f"{m} j" for m in ticks[1:])]
    axes.set_yticks([*ticks, 1.14 * top, 1.32 * top], [*names, "aucune\ndate", "sans\nréponse"])
    axes.grid(axis="y", color="#ececec", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_ylabel("délai jusqu'à la première date", color=INK)
