"""« Avant / après »: a named decision, the guichet it names and its controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from monitor.figures.controls import BeforeAfter, Window
from monitor.figures.period import Insufficient
from monitor.figures.plots.canvas import INK, PAPER, QUIET, SILENT, ZERO, calendar, place, sheet, wrapped
from monitor.figures.shares import IsoWeek, Share
from monitor.present.language import day, number, percent

_MARKERS = "s^Dv"


def before_after(
    found: BeforeAfter, *, decision: str, labels: Mapping[str, str], events: Sequence[tuple[date, str]] = ()
) -> Figure:
    """Weekly shares around `decision`. `labels`: target id → name shown.

    Of `events` (local day, name) those within the two windows are drawn.
    """
    length = timedelta(weeks=found.weeks)
    window = found.notified - length, found.complied + length
    events = [(when, name) for when, name in events if window[0] <= when < window[1]]
    note = (
        "Part des sondes sans aucun créneau, par semaine ISO, avec intervalle exact à 95 % ; le trait "
        "s'interrompt aux semaines dont les données sont insuffisantes ; celle d'une décision mêle l'avant "
        "et l'après. Évolution observée : le tracé ne dit pas ce qui l'a causée."
    ) + "".join(f" {i} : {day(when)}, {name}." for i, (when, name) in enumerate(events, start=1))
    complied = f", exécutée le {day(found.complied)}" if found.complied > found.notified else ""
    dates = f"notifiée le {day(found.notified)}{complied}, {found.weeks} semaines de chaque côté"
    subtitle = f"{labels[found.target.target]}. {decision}, {dates}."
    figure, (left, right) = sheet("Avant / après", subtitle, note, columns=(2.2, 1.0))
    for i, control in enumerate(found.controls):
        _line(left, control.weeks, QUIET, _MARKERS[i % 4], labels[control.target], bold=False)
    _line(left, found.target.weeks, ZERO, "o", labels[found.target.target], bold=True)
    _dates(left, found, [when for when, _ in events])
    _frame(left, window)
    _table(right, [found.target, *found.controls], labels)
    return figure


def _line(axes: Axes, weeks: Sequence[IsoWeek], colour: str, marker: str, label: str, *, bold: bool) -> None:
    at = [_middle(week.monday) for week in weeks]
    shares = [week.share if isinstance(week.share, Share) else None for week in weeks]
    values = [float("nan") if s is None else s.value for s in shares]
    width = 2.4 if bold else 1.2
    axes.plot(
        at,
        values,
        color=colour,
        linewidth=width,
        marker=marker,
        markersize=6 if bold else 4,
        label=wrapped(label, 46),
    )
    if bold:
        known = [(x, s) for x, s in zip(at, shares, strict=True) if s is not None]
        axes.vlines(
            [x for x, _ in known], [s.low for _, s in known], [s.high for _, s in known], color=colour
        )


def _middle(monday: date) -> float:
    return place(monday) + 3.5


def _dates(axes: Axes, found: BeforeAfter, events: Sequence[date]) -> None:
    start, end = place(found.notified), place(found.complied)
    if end > start:
        axes.axvspan(start, end, facecolor="none", edgecolor=SILENT, hatch="////", linewidth=0)
    axes.axvline(start, color=INK, linewidth=1.5)
    axes.text(start, 1.07, "décision", fontsize=9, weight="bold", va="bottom", ha="center")
    for i, when in enumerate(events, start=1):
        at = place(when)
        axes.axvline(at, color=QUIET, linewidth=0.8, linestyle=(0, (2, 3)))
        axes.text(at, 1.07, f"{i}", fontsize=8, ha="center", va="bottom", color=QUIET)


def _frame(axes: Axes, window: tuple[date, date]) -> None:
    calendar(axes)
    axes.set_xlim(*map(place, window))
    axes.set_ylim(-0.03, 1.06)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol="\N{NO-BREAK SPACE}%"))
    axes.set_ylabel("sondes sans créneau")
    axes.grid(axis="y", color="#ececec", linewidth=0.8)
    axes.legend(loc="best", facecolor=PAPER, edgecolor="none", framealpha=0.9, fontsize=8)


def _table(axes: Axes, windows: Sequence[Window], labels: Mapping[str, str]) -> None:
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    for x, name in ((0.62, "avant"), (1.0, "après")):
        axes.text(x, 1.0, name, weight="bold", ha="right")
    for i, window in enumerate(windows):
        _row(axes, 0.95 - 0.27 * i, window, labels[window.target], bold=i == 0)
    if len(windows) == 1:
        axes.text(0.0, 0.58, "aucun témoin :\nrien à quoi comparer", fontsize=9, color=QUIET)


def _row(axes: Axes, y: float, window: Window, label: str, *, bold: bool) -> None:
    name = wrapped(label, 38)
    below = y - 0.075 - 0.035 * len(name.splitlines())
    axes.text(0.0, y, name, fontsize=8.5, weight="bold" if bold else "normal", va="top")
    for x, value in ((0.62, window.before), (1.0, window.after)):
        known = isinstance(value, Share)
        size = (11 if bold else 9.5) if known else 8
        axes.text(x, below, _value(value), ha="right", va="bottom", fontsize=size)
        counts = value.counts
        told = f"n = {number(counts.conclusive)}"
        if counts.coverage is not None:
            told += f"\ncouverture {percent(counts.coverage)}"
        axes.text(x, below - 0.01, told, ha="right", va="top", fontsize=7.5, color=QUIET, linespacing=1.4)


def _value(value: Share | Insufficient) -> str:
    return percent(value.value) if isinstance(value, Share) else "données\ninsuffisantes"
