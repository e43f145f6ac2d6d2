"""A préfecture's scripted supply of slots, and a monitor that looks at it at random instants.

The truth is known to the second, so that a figure can be held against it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

import numpy as np

from monitor.figures.period import Period, VisitAttempt, period_of
from monitor.model import GapReason
from probes.model import Outcome

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)
VISIT = timedelta(seconds=4)
Span = tuple[datetime, datetime]
Spans = list[Span]


@dataclass(frozen=True, kw_only=True)
class Supply:
    """When slots are offered, when the site refuses us, when we are down: spans of UTC instants, in order."""

    offered: Spans
    blocked: Spans
    down: Spans

    def outcome(self, at: datetime) -> Outcome | None:
        """What a visit finds; `None` when nobody looks."""
        if _inside(self.down, at):
            return None
        if _inside(self.blocked, at):
            return Outcome.BLOCKED
        return Outcome.SLOTS_OFFERED if _inside(self.offered, at) else Outcome.NO_SLOTS

    def share(self, start: datetime, end: datetime) -> float:
        """The true share of the time in which slots were offered, seen or not."""
        return sum((b - a for a, b in self.offered), timedelta()) / (end - start)


def instant(text: str, zone: ZoneInfo = PARIS) -> datetime:
    """A local wall time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def month(first: date, days: int = 28, zone: ZoneInfo = PARIS) -> tuple[datetime, datetime]:
    """From the start of a local day to the start of another, in UTC."""
    ends = (first, first + timedelta(days=days))
    start, end = (datetime(d.year, d.month, d.day, tzinfo=zone).astimezone(UTC) for d in ends)
    return start, end


def weekly_release(start: datetime, end: datetime, rng: np.random.Generator) -> Supply:
    """Ten minutes every Tuesday at 9:00 local."""
    return Supply(offered=list(_local(start, end, weekday=1, hour=9, minutes=10)), blocked=[], down=[])


def sunday_midnight(start: datetime, end: datetime, rng: np.random.Generator) -> Supply:
    """Half an hour every Monday at 0:00 local, the night of Sunday."""
    return Supply(offered=list(_local(start, end, weekday=0, hour=0, minutes=30)), blocked=[], down=[])


def scarcity(start: datetime, end: datetime, rng: np.random.Generator) -> Supply:
    """Nothing at all but one minute every two days."""
    spans = _every(start, end, timedelta(days=2), timedelta(minutes=1), rng)
    return Supply(offered=spans, blocked=[], down=[])


def drizzle(start: datetime, end: datetime, rng: np.random.Generator) -> Supply:
    """Sixteen and a half seconds of every hour: a little more than a month without a slot can exclude."""
    spans = _every(start, end, HOUR, timedelta(seconds=16.5), rng)
    return Supply(offered=spans, blocked=[], down=[])


def cancellations(start: datetime, end: datetime, rng: np.random.Generator) -> Supply:
    """A slot comes back about once a day and lasts from one to thirty minutes."""
    offered = _every(start, end, timedelta(days=1), timedelta(minutes=30), rng)
    return Supply(
        offered=[(a, a + (b - a) * rng.uniform(1 / 30, 1)) for a, b in offered], blocked=[], down=[]
    )


def long_openings(start: datetime, end: datetime, rng: np.random.Generator) -> Supply:
    """Every five days or so, slots for some hours."""
    offered = _every(start, end, timedelta(days=5), timedelta(hours=20), rng)
    return Supply(offered=offered, blocked=[], down=[])


def blocks(start: datetime, end: datetime, rng: np.random.Generator) -> Supply:
    """Long openings; the site blocks us for hours, and for a day and a half we are down."""
    blocked = _every(start, end, timedelta(days=4), timedelta(hours=9), rng)
    down = _every(start, end, timedelta(days=14), timedelta(hours=36), rng)
    return Supply(offered=long_openings(start, end, rng).offered, blocked=blocked, down=down)


def hidden(start: datetime, end: datetime, rng: np.random.Generator) -> Supply:
    """Six minutes of every hour, and exactly then the site refuses us: not one slot is ever seen."""
    offered = _every(start, end, HOUR, timedelta(minutes=6), rng)
    return Supply(offered=offered, blocked=offered, down=[])


PATTERNS: dict[str, Callable[[datetime, datetime, np.random.Generator], Supply]] = {
    pattern.__name__: pattern
    for pattern in (
        weekly_release,
        sunday_midnight,
        scarcity,
        drizzle,
        cancellations,
        long_openings,
        blocks,
        hidden,
    )
}


def watch(supply: Supply, start: datetime, end: datetime, rng: np.random.Generator) -> list[VisitAttempt]:
    """One look in each hour, at a random instant, as the schedule draws them."""
    hours = int((end - start) / HOUR)
    return [look(supply, start + (i + float(u)) * HOUR) for i, u in enumerate(rng.random(hours))]


def look_back(attempts: list[VisitAttempt], first: date, days: int, zone: str = "Europe/Paris") -> Period:
    """The record of `days` local days."""
    last = first + timedelta(days=days - 1)
    return period_of(attempts, target="t", zone=zone, interval=HOUR, first=first, last=last)


def simulate(pattern: str, first: date, days: int, seed: int) -> tuple[Supply, Period]:
    """A watched supply over local days in Paris."""
    rng = np.random.default_rng(seed)
    start, end = month(first, days)
    supply = PATTERNS[pattern](start, end, rng)
    return supply, look_back(watch(supply, start, end, rng), first, days)


def look(supply: Supply, at: datetime) -> VisitAttempt:
    """What a visit at this instant leaves."""
    outcome = supply.outcome(at)
    if outcome is None:
        return VisitAttempt(scheduled_at=at, gap=GapReason.DOWNTIME)
    earliest = at + timedelta(days=40) if outcome is Outcome.SLOTS_OFFERED else None
    return VisitAttempt(
        scheduled_at=at, began=at - VISIT / 2, ended=at + VISIT / 2, outcome=outcome, earliest=earliest
    )


def _inside(spans: Spans, at: datetime) -> bool:
    before = bisect_right(spans, at, key=itemgetter(0))
    return before > 0 and at < spans[before - 1][1]


def _local(
    start: datetime, end: datetime, *, weekday: int, hour: int, minutes: int
) -> Iterator[tuple[datetime, datetime]]:
    day = start.astimezone(PARIS).date()
    while (opens := datetime(day.year, day.month, day.day, hour, tzinfo=PARIS).astimezone(UTC)) < end:
        if day.weekday() == weekday and opens >= start:
            yield opens, opens + timedelta(minutes=minutes)
        day += timedelta(days=1)


def _every(
    start: datetime, end: datetime, apart: timedelta, lasting: timedelta, rng: np.random.Generator
) -> Spans:
    """One span at a random place in each period of length `apart`; they never touch."""
    count = int((end - start) / apart)
    places = [start + i * apart + rng.random() * (apart - lasting) for i in range(count)]
    return [(a, a + lasting) for a in places]
