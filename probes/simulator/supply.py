"""What a simulated préfecture offers at an instant, computed from scenario, seed, zone and instant alone.

There is no state, so a history made for last month always agrees with a live page. Every instant taken or
returned is an aware UTC `datetime`; new slots come online at local hours of the préfecture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

SUNDAY, WEDNESDAY = 6, 2
SLOT_MINUTES = tuple(range(9 * 60, 16 * 60, 20))


class Scenario(StrEnum):
    """How slots come and go on a page that shows slots. See `_RELEASES` for each one."""

    DROUGHT = "drought"
    NO_CALENDAR = "no_calendar"
    SUNDAY_MIDNIGHT = "sunday_midnight"
    WEEKLY_RELEASE = "weekly_release"
    CANCELLATIONS = "cancellations"
    MONTHS_AWAY = "months_away"
    PLENTY = "plenty"


class TakesRequests(StrEnum):
    """When a form takes requests; see `closed_since` for the days of `MONTHLY`."""

    OPEN = "open"
    MONTHLY = "monthly"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Showing:
    """One slot: when it starts, and the period [`shown_from`, `gone_at`) in which the page shows it."""

    starts_at: datetime
    shown_from: datetime
    gone_at: datetime

    def visible(self, at: datetime) -> bool:
        """Whether the page shows this slot at `at`."""
        return self.shown_from <= at < self.gone_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """What a page shows at one instant: the starts of its slots in UTC, in order.

    `published` is false when the page says that no calendar is published.
    """

    slots: tuple[datetime, ...] = ()
    published: bool = True

    def __add__(self, other: Offer) -> Offer:
        slots = tuple(sorted({*self.slots, *other.slots}))
        return Offer(slots=slots, published=self.published or other.published)


def offered(scenario: Scenario, *, seed: str, zone: ZoneInfo, at: datetime) -> Offer:
    """The slots that `scenario` shows at `at`."""
    days, _ = _RELEASES[scenario]
    today = at.astimezone(zone).date()
    released = (_released(scenario, seed, zone, today - timedelta(days=n)) for n in range(days))
    shown = {showing.starts_at for day in released for showing in day if showing.visible(at)}
    return Offer(slots=tuple(sorted(shown)), published=scenario is not Scenario.NO_CALENDAR)


def openings(
    scenario: Scenario, *, seed: str, zone: ZoneInfo, since: datetime, until: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """The periods within [since, until) during which at least one slot is shown, in order, merged."""
    merged: list[tuple[datetime, datetime]] = []
    for showing in sorted(_overlapping(scenario, seed, zone, since, until), key=lambda s: s.shown_from):
        start, end = max(showing.shown_from, since), min(showing.gone_at, until)
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def next_release(scenario: Scenario, *, zone: ZoneInfo, at: datetime) -> datetime | None:
    """When new slots will next come online, after `at`; `None` for scenarios that do not announce it."""
    appointment = {Scenario.SUNDAY_MIDNIGHT: (SUNDAY, 0), Scenario.WEEKLY_RELEASE: (WEDNESDAY, 10)}.get(
        scenario
    )
    if appointment is None:
        return None
    weekday, hour = appointment
    today = at.astimezone(zone).date()
    days = (today + timedelta(days=n) for n in range(8))
    return next(
        instant for day in days if day.weekday() == weekday and (instant := _at(day, hour * 60, zone)) > at
    )


def closed_since(takes_requests: TakesRequests, *, zone: ZoneInfo, at: datetime) -> date | None:
    """The local day since which the form refuses requests; `None` while it takes them.

    `MONTHLY` opens on the first of each month at 09:00 and closes on the third at 18:00.
    """
    if takes_requests is TakesRequests.OPEN:
        return None
    if takes_requests is TakesRequests.CLOSED:
        return date(2024, 9, 2)
    first = at.astimezone(zone).date().replace(day=1)
    if at < _at(first, 9 * 60, zone):
        return (first - timedelta(days=1)).replace(day=3)
    third = first.replace(day=3)
    return None if at < _at(third, 18 * 60, zone) else third


def _overlapping(
    scenario: Scenario, seed: str, zone: ZoneInfo, since: datetime, until: datetime
) -> Iterator[Showing]:
    days, _ = _RELEASES[scenario]
    day = since.astimezone(zone).date() - timedelta(days=days)
    while day <= until.astimezone(zone).date():
        released = _released(scenario, seed, zone, day)
        yield from (s for s in released if s.shown_from < until and s.gone_at > since)
        day += timedelta(days=1)


@lru_cache(maxsize=8192)
def _released(scenario: Scenario, seed: str, zone: ZoneInfo, day: date) -> tuple[Showing, ...]:
    """What is first shown on the local `day`. Cached, because every visit asks for the same days."""
    _, release = _RELEASES[scenario]
    showings = release(Random(f"{seed}|{scenario}|{day}"), day, zone)
    return tuple(s for s in showings if s.shown_from < s.gone_at)


def _at(day: date, minutes: float, zone: ZoneInfo) -> datetime:
    """The UTC instant at so many minutes after midnight of the local day."""
    wall = datetime.combine(day, time(), zone) + timedelta(minutes=minutes)
    return wall.astimezone(UTC)


def _weekday_on_or_after(day: date) -> date:
    return day + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])


def _show(starts_at: datetime, shown_from: datetime, minutes: float) -> Showing:
    """A slot shown for so many minutes, but not after its own start."""
    gone_at = min(shown_from + timedelta(minutes=minutes), starts_at)
    return Showing(starts_at=starts_at, shown_from=shown_from, gone_at=gone_at)


def _never(_random: Random, _day: date, _zone: ZoneInfo) -> Iterator[Showing]:
    return iter(())


def _sunday_midnight(random: Random, day: date, zone: ZoneInfo) -> Iterator[Showing]:
    """Sunday at 00:00: thirty slots of the week that begins 22 days later, each gone within nine minutes."""
    if day.weekday() != SUNDAY:
        return
    monday = day + timedelta(days=22)
    for _ in range(30):
        slot = _at(monday + timedelta(days=random.randrange(5)), random.choice(SLOT_MINUTES), zone)
        yield _show(slot, _at(day, 0, zone), random.uniform(1, 9))


def _weekly_release(random: Random, day: date, zone: ZoneInfo) -> Iterator[Showing]:
    """Wednesday at 10:00: eighteen slots on three days, each shown for exactly ten minutes."""
    if day.weekday() != WEDNESDAY:
        return
    for days in (12, 13, 14):
        for minutes in random.sample(SLOT_MINUTES, 6):
            yield _show(_at(day + timedelta(days=days), minutes, zone), _at(day, 10 * 60, zone), 10)


def _cancellations(random: Random, day: date, zone: ZoneInfo) -> Iterator[Showing]:
    """At most two single slots a day, first shown between 08:00 and 21:00, for ten to seventy minutes."""
    for _ in range(random.choice((0, 1, 1, 2))):
        slot_day = _weekday_on_or_after(day + timedelta(days=random.randint(1, 20)))
        shown_from = _at(day, random.randint(8 * 60, 21 * 60), zone)
        yield _show(_at(slot_day, random.choice(SLOT_MINUTES), zone), shown_from, random.randint(10, 70))


def _months_away(random: Random, day: date, zone: ZoneInfo) -> Iterator[Showing]:
    """Each midnight three slots, 156 to 176 days ahead; the last one is gone 26 hours later."""
    for minutes in (random.randint(30, 1380), random.randint(30, 1380), 1560):
        slot_day = _weekday_on_or_after(day + timedelta(days=random.randint(156, 174)))
        yield _show(_at(slot_day, random.choice(SLOT_MINUTES), zone), _at(day, 0, zone), minutes)


def _plenty(random: Random, day: date, zone: ZoneInfo) -> Iterator[Showing]:
    """Eight slots of each working day, shown from three weeks before; the last two stay until they start."""
    slot_day = day + timedelta(days=21)
    if slot_day.weekday() > 4:
        return
    for n, minutes in enumerate(sorted(random.sample(SLOT_MINUTES, 8))):
        stay = 22 * 1440 if n >= 6 else random.randint(360, 20 * 1440)
        yield _show(_at(slot_day, minutes, zone), _at(day, 0, zone), stay)


Release = Callable[[Random, date, ZoneInfo], Iterator[Showing]]

# For each scenario: how many local days a slot can stay on display, and the slots first shown on one day.
_RELEASES: dict[Scenario, tuple[int, Release]] = {
    Scenario.DROUGHT: (1, _never),
    Scenario.NO_CALENDAR: (1, _never),
    Scenario.SUNDAY_MIDNIGHT: (1, _sunday_midnight),
    Scenario.WEEKLY_RELEASE: (1, _weekly_release),
    Scenario.CANCELLATIONS: (1, _cancellations),
    Scenario.MONTHS_AWAY: (2, _months_away),
    Scenario.PLENTY: (22, _plenty),
}
