"""« Et si j'essaie chaque jour ? »: cumulative chance of seeing a slot, with the judge's three weeks."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from monitor.figures.chances import Chances
from monitor.figures.chances import chances as curve
from monitor.figures.period import Insufficient, Period
from monitor.figures.plots.canvas import CONTROL, INK, QUIET, message, sheet
from monitor.figures.sentences import basis, span
from monitor.present.language import ceiling, percent

_THREE_WEEKS = 21


def chances(period: Period, *, label: str) -> Figure:
    """The curve for one guichet, or the reason why there is none. `label` is the guichet's name shown."""
    found = curve(period)
    subtitle = f"{label}, {span(period)} : {basis(period.counts)}."
    note = (
        "Chance d'avoir vu au moins une fois un créneau proposé en regardant une fois par jour, à une heure "
        "quelconque, des jours qui se suivent. Voir n'est pas obtenir : d'autres regardent aussi. "
        "Bande à 95 % : rééchantillonnage par blocs de sept jours ; sans aucun créneau observé, la borne "
        "d'une période vide."
    )
    figure, (axes,) = sheet("Et si j'essaie chaque jour ?", subtitle, note)
    if isinstance(found, Insufficient):
        message(axes, str(found))
    else:
        _draw(axes, found)
    return figure


def _draw(axes: Axes, found: Chances) -> None:
    days = range(1, len(found.values) + 1)
    axes.fill_between(days, found.low, found.high, color=CONTROL, alpha=0.18, linewidth=0)
    axes.plot(days, found.values, color=CONTROL, linewidth=2.2, marker="o", markersize=4)
    for level, name in ((0.5, "une chance sur deux"), (0.9, "neuf chances sur dix")):
        axes.axhline(level, color=QUIET, linewidth=0.8, linestyle=(0, (4, 4)))
        axes.text(0.6, level + 0.012, name, fontsize=8, color=QUIET)
    if len(found.values) >= _THREE_WEEKS:
        _criterion(axes, found)
    axes.set(
        xlim=(0.5, len(found.values) + 0.6), ylim=(0, 1.02), xlabel="nombre de jours où l'on regarde une fois"
    )
    axes.set_xticks([k for k in days if k == 1 or k % 7 == 0])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol="\N{NO-BREAK SPACE}%"))
    axes.set_ylabel("chances d'avoir vu un créneau")


def _criterion(axes: Axes, found: Chances) -> None:
    """Mark three weeks of attempts on the curve: judges ask for several attempts in different weeks."""
    value, low, high = (curve[_THREE_WEEKS - 1] for curve in (found.values, found.low, found.high))
    axes.axvline(_THREE_WEEKS, color=INK, linewidth=1)
    axes.plot([_THREE_WEEKS], [value], marker="D", color=INK, markersize=8, clip_on=False)
    text = f"trois semaines\nd'essais : {percent(value)}\n(à 95 % : {percent(low)} à {percent(high)})"
    if not any(found.values):
        text = f"aucun créneau observé ;\ntrois semaines d'essais :\nau plus {ceiling(high, 1)} (à 95 %)"
    above = high < 0.75
    place = (_THREE_WEEKS - 0.3, high + 0.04 if above else min(low, 0.9) - 0.06)
    axes.text(*place, text, ha="right", va="bottom" if above else "top", fontsize=10)
