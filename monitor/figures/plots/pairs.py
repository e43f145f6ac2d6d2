"""« Deux portes »: a target and its control within ten minutes of each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from monitor.figures import controls, sentences
from monitor.figures.controls import Pair, PairTable
from monitor.figures.period import Insufficient, Period
from monitor.figures.plots.canvas import (
    BAND,
    INK,
    QUIET,
    SLOTS,
    ZERO,
    calendar,
    message,
    place,
    sheet,
    wrapped,
)
from monitor.figures.sentences import basis, sentence, span
from monitor.present.language import number, percent


def pairs(
    target: Period, control: Period, *, where: str, label: str, control_label: str, same: bool = True
) -> Figure:
    """Both targets over time, and beside it the table of their pairs.

    `where` names the place in the title; `same`: both are of one préfecture.
    """
    found = controls.pair_table(target, control)
    note = (
        "Seules comptent les sondes exploitables faites aux deux portes à dix minutes au plus d'intervalle. "
        f"{sentence(sentences.pairs(found))} Ici {basis(target.counts)}."
    )
    figure, (left, right) = sheet(
        f"Deux portes,{' la même préfecture,' if same else ''} les mêmes minutes",
        f"{where} : « {label} » et « {control_label} », {span(target)}.",
        note,
        columns=(2.1, 1.0),
    )
    if isinstance(found, Insufficient):
        right.set_axis_off()
        message(left, str(found))
    else:
        _strips(left, controls.pairs(target, control), (label, control_label))
        _table(right, found, (label, control_label))
    return figure


def _strips(axes: Axes, found: Sequence[Pair], labels: tuple[str, str]) -> None:
    for row, name in enumerate(("target_zero", "control_zero")):
        for zero in (True, False):
            instants = [place(p.at) for p in found if getattr(p, name) is zero]
            low, high, colour = (row - 0.32, row - 0.05, ZERO) if zero else (row + 0.05, row + 0.32, SLOTS)
            axes.vlines(instants, low, high, color=colour, linewidth=0.7)
        axes.text(
            0, row - 0.42, labels[row], transform=axes.get_yaxis_transform(), weight="bold", va="bottom"
        )
    axes.set_ylim(1.45, -0.62)
    axes.set_yticks([-0.18, 0.18, 0.82, 1.18], ["aucun\ncréneau", "créneaux\nproposés"] * 2, fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    calendar(axes)


def _table(axes: Axes, found: PairTable, labels: tuple[str, str]) -> None:
    axes.set_axis_off()
    axes.set(xlim=(-1.0, 2.05), ylim=(2.6, -0.75))
    bold: Any = {"ha": "center", "va": "center", "weight": "bold", "fontsize": 8.5}
    axes.text(1, -0.56, wrapped(labels[1], 34), **bold)
    axes.text(
        -0.92, 1, wrapped(labels[0], 34), rotation=90, rotation_mode="anchor", **bold | {"va": "center"}
    )
    for i, name in enumerate(("aucun\ncréneau", "créneaux\nproposés")):
        axes.text(i + 0.5, -0.1, name, ha="center", va="bottom", fontsize=8)
        axes.text(-0.08, i + 0.5, name, ha="right", va="center", fontsize=8)
    cells = (found.both_zero, found.target_alone_zero, found.control_alone_zero, found.both_slots)
    for i, n in enumerate(cells):
        _cell(axes, i % 2, i // 2, n, found.n, discordant=i in (1, 2))
    axes.text(1, 2.2, f"{number(found.n)} couples de sondes", ha="center", fontsize=9, color=QUIET)


def _cell(axes: Axes, x: int, y: int, n: int, total: int, *, discordant: bool) -> None:
    face = BAND if discordant else "#f4f4f4"
    axes.add_patch(
        Rectangle((x, y), 0.97, 0.94, facecolor=face, edgecolor=QUIET, linewidth=1.4 if discordant else 0.5)
    )
    axes.text(x + 0.485, y + 0.4, number(n), ha="center", va="center", fontsize=15, weight="bold", color=INK)
    axes.text(x + 0.485, y + 0.72, percent(n / total), ha="center", va="center", fontsize=8, color=QUIET)
