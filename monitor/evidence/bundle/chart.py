"""The chart on a report's first page: one bar for each local day, as SVG readable without colour. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from html import escape

WIDTH, HEIGHT = 700, 190
_LEFT, _BOTTOM, _TOP = 34, 34, 10
KINDS = {
    "zero": ("sans aucun créneau", "#30507a", ""),
    "slots": ("avec créneau", "#f0b400", "dots"),
    "other": ("non exploitable", "#c9ced6", "lines"),
    "gap": ("non exécutée", "#ffffff", ""),
}
"""By kind: French name, colour, pattern. The kinds must differ in print without colour too."""


def chart(days: Mapping[date, Counter[str]]) -> str:
    """The SVG: one stacked bar for each local day. The counters have the keys of `KINDS`."""
    most = max((sum(counts.values()) for counts in days.values()), default=0) or 1
    step = (WIDTH - _LEFT) / max(1, len(days))
    bars = "".join(
        _bar(counts, _LEFT + place * step, step, most) for place, counts in enumerate(days.values())
    )
    labels = "".join(_label(day, _LEFT + place * step, len(days)) for place, day in enumerate(days))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="Vigie Sans" '
        f'aria-label="Résultat des sondes, jour par jour">'
        f"{_PATTERNS}{_axis(most)}{bars}{labels}{_legend()}</svg>"
    )


def _bar(counts: Counter[str], left: float, step: float, most: int) -> str:
    room, base, drawn = HEIGHT - _BOTTOM - _TOP, float(HEIGHT - _BOTTOM), ""
    for kind, (_, colour, pattern) in KINDS.items():
        height = room * counts[kind] / most
        if height:
            base -= height
            drawn += _box(left + step * 0.1, base, step * 0.8, height, colour, pattern)
    return drawn


def _box(left: float, top: float, width: float, height: float, colour: str, pattern: str) -> str:
    place = f'x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"'
    box = f'<rect {place} fill="{colour}" stroke="#555" stroke-width="0.4"/>'
    return box + (f'<rect {place} fill="url(#{pattern})"/>' if pattern else "")


def _axis(most: int) -> str:
    base = HEIGHT - _BOTTOM
    ticks = ((most, _TOP), (0, base))
    texts = "".join(
        f'<text x="{_LEFT - 5}" y="{y + 3}" text-anchor="end" font-size="9">{value}</text>'
        for value, y in ticks
    )
    return (
        f'<line x1="{_LEFT}" y1="{base}" x2="{WIDTH}" y2="{base}" stroke="#333" stroke-width="0.6"/>{texts}'
    )


def _label(day: date, left: float, days: int) -> str:
    """A date under every Monday, or under each day of a short period."""
    if days > 10 and day.weekday():
        return ""
    return f'<text x="{left + 1:.1f}" y="{HEIGHT - _BOTTOM + 11}" font-size="8">{day:%d/%m}</text>'


def _legend() -> str:
    drawn, left = "", _LEFT
    for name, colour, pattern in KINDS.values():
        drawn += _box(left, HEIGHT - 12, 9, 9, colour, pattern)
        drawn += f'<text x="{left + 13}" y="{HEIGHT - 4}" font-size="9">{escape(name)}</text>'
        left += 40 + 6 * len(name)
    return drawn


_PATTERNS = (
    '<defs><pattern id="dots" width="4" height="4" patternUnits="userSpaceOnUse">'
    '<circle cx="2" cy="2" r="0.9" fill="#333"/></pattern>'
    '<pattern id="lines" width="4" height="4" patternUnits="userSpaceOnUse">'
    '<path d="M0 4 L4 0" stroke="#555" stroke-width="0.7"/></pattern></defs>'
)
