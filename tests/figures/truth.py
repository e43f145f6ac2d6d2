"""What figures say of a watched supply, held against what was really offered."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.figures.period import HOLE, Period
from monitor.figures.runs import droughts, openings
from tests.cast.supply import HOUR, Span, Supply


def check_lifetimes(supply: Supply, series: Period) -> None:
    for opening in openings(series):
        truth = [span for span in supply.offered if seen_in(span, opening.first_seen, opening.last_seen)]
        assert opening.at_least <= truth[-1][1] - truth[0][0]
        if opening.at_most is not None:
            assert all(end - start <= opening.at_most for start, end in truth)


def check_droughts(supply: Supply, series: Period, start: datetime, end: datetime) -> None:
    """The certain part contains no opening long enough to be seen, and none of the time nobody watched."""
    dry = gaps_between([s for s in supply.offered if s[1] - s[0] > HOLE * HOUR], start, end)
    for drought in droughts(series):
        longest = max(overlap(spell, (drought.first, drought.last)) for spell in dry)
        assert drought.at_least <= longest
        assert drought.at_least + drought.holes <= drought.last - drought.first
        if drought.at_most is not None:
            assert drought.at_least <= drought.at_most


VISIBLE = timedelta(seconds=4)  # a visit lasts this long: slots are seen somewhere within it


def seen_in(span: Span, first: datetime, last: datetime) -> bool:
    return span[0] <= last and span[1] >= first - VISIBLE


def gaps_between(offered: list[Span], start: datetime, end: datetime) -> list[Span]:
    edges = [start, *(instant for span in offered for instant in span), end]
    return list(zip(edges[::2], edges[1::2], strict=True))


def overlap(a: Span, b: Span) -> timedelta:
    return min(a[1], b[1]) - max(a[0], b[0])
