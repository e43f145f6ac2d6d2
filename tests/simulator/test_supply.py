"""Supply is a pure function of scenario, seed, zone and instant, and each scenario keeps its word."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.simulator import supply
from probes.simulator.supply import (
    Offer,
    Scenario,
    TakesRequests,
    closed_since,
    next_release,
    offered,
    openings,
)

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)
DST_NIGHTS = [SPRING, AUTUMN]

instants = st.timedeltas(timedelta(0), timedelta(days=1461)).map(
    lambda t: datetime(2025, 1, 1, tzinfo=UTC) + t
)
zones = st.sampled_from([PARIS, REUNION, ZoneInfo("America/Miquelon"), ZoneInfo("Pacific/Noumea")])
scenarios = st.sampled_from(Scenario)
seeds = st.sampled_from(["a", "b", "c"])


def shown(scenario: Scenario, at: datetime, seed: str = "a", zone: ZoneInfo = PARIS) -> tuple[datetime, ...]:
    return offered(scenario, seed=seed, zone=zone, at=at).slots


def paris(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=PARIS).astimezone(UTC)


@given(scenarios, seeds, zones, instants)
def test_the_same_question_always_has_the_same_answer(
    scenario: Scenario, seed: str, zone: ZoneInfo, at: datetime
) -> None:
    before = offered(scenario, seed=seed, zone=zone, at=at)
    supply._released.cache_clear()
    assert offered(scenario, seed=seed, zone=zone, at=at) == before


@given(scenarios, seeds, zones, instants)
def test_slots_are_in_order_in_the_future_and_in_opening_hours(
    scenario: Scenario, seed: str, zone: ZoneInfo, at: datetime
) -> None:
    slots = shown(scenario, at, seed, zone)
    assert list(slots) == sorted(set(slots))
    assert all(slot > at and slot.tzinfo is UTC for slot in slots)
    assert all(9 <= slot.astimezone(zone).hour < 16 and slot.astimezone(zone).weekday() < 5 for slot in slots)


@given(scenarios, seeds, zones, instants)
def test_an_instant_has_slots_exactly_when_it_lies_in_an_opening(
    scenario: Scenario, seed: str, zone: ZoneInfo, at: datetime
) -> None:
    around = {"since": at - timedelta(days=1), "until": at + timedelta(days=1)}
    periods = openings(scenario, seed=seed, zone=zone, **around)
    assert any(start <= at < end for start, end in periods) == bool(shown(scenario, at, seed, zone))


@given(scenarios, seeds, zones, instants)
def test_openings_are_apart_in_order_and_within_the_period(
    scenario: Scenario, seed: str, zone: ZoneInfo, at: datetime
) -> None:
    until = at + timedelta(days=20)
    flat = [t for period in openings(scenario, seed=seed, zone=zone, since=at, until=until) for t in period]
    assert flat == sorted(set(flat))
    assert all(at <= t <= until for t in flat)


@given(instants)
def test_a_drought_never_ends(at: datetime) -> None:
    assert offered(Scenario.DROUGHT, seed="a", zone=PARIS, at=at) == Offer(slots=(), published=True)


@given(instants)
def test_without_calendar_there_is_nothing_and_nothing_is_published(at: datetime) -> None:
    assert offered(Scenario.NO_CALENDAR, seed="a", zone=PARIS, at=at) == Offer(slots=(), published=False)


@given(instants, seeds, zones)
def test_plenty_always_offers_within_days(at: datetime, seed: str, zone: ZoneInfo) -> None:
    assert shown(Scenario.PLENTY, at, seed, zone)[0] - at < timedelta(days=5)


@given(instants, seeds, zones)
def test_months_away_always_offers_and_only_in_five_to_six_months(
    at: datetime, seed: str, zone: ZoneInfo
) -> None:
    slots = shown(Scenario.MONTHS_AWAY, at, seed, zone)
    assert slots
    assert all(timedelta(days=152) < slot - at < timedelta(days=183) for slot in slots)


@given(instants)
def test_months_away_slides(at: datetime) -> None:
    later = at + timedelta(days=28)
    assert shown(Scenario.MONTHS_AWAY, later)[0] > shown(Scenario.MONTHS_AWAY, at)[0]


@pytest.mark.parametrize("sunday", [*DST_NIGHTS, date(2026, 11, 8)])
def test_sunday_midnight_opens_at_local_midnight_and_is_over_in_nine_minutes(sunday: date) -> None:
    midnight = paris(sunday.year, sunday.month, sunday.day)
    assert not shown(Scenario.SUNDAY_MIDNIGHT, midnight - timedelta(seconds=1))
    assert len(shown(Scenario.SUNDAY_MIDNIGHT, midnight)) > 10
    assert not shown(Scenario.SUNDAY_MIDNIGHT, midnight + timedelta(minutes=9))


def test_sunday_midnight_opens_once_a_week() -> None:
    since = paris(2026, 11, 2)
    for zone in (PARIS, REUNION):
        found = openings(
            Scenario.SUNDAY_MIDNIGHT, seed="a", zone=zone, since=since, until=since + timedelta(weeks=6)
        )
        assert [start.astimezone(zone).strftime("%a %H:%M") for start, _ in found] == ["Sun 00:00"] * 6


def test_weekly_release_lasts_ten_minutes_at_a_fixed_local_hour_across_the_change_of_hour() -> None:
    since, until = paris(2026, 10, 19), paris(2026, 11, 2)
    found = openings(Scenario.WEEKLY_RELEASE, seed="a", zone=PARIS, since=since, until=until)
    assert found == (
        (paris(2026, 10, 21, 10), paris(2026, 10, 21, 10, 10)),
        (paris(2026, 10, 28, 10), paris(2026, 10, 28, 10, 10)),
    )


def test_cancellations_are_rare_short_and_alone() -> None:
    since, until = paris(2026, 9, 1), paris(2026, 12, 1)
    found = openings(Scenario.CANCELLATIONS, seed="a", zone=PARIS, since=since, until=until)
    open_for = sum((end - start for start, end in found), timedelta())
    assert 40 < len(found) < 150
    assert 0.01 < open_for / (until - since) < 0.08
    assert max(len(shown(Scenario.CANCELLATIONS, start)) for start, _ in found) <= 2


def test_seeds_have_different_luck() -> None:
    at = paris(2026, 11, 2, 12)
    assert shown(Scenario.PLENTY, at, "a") != shown(Scenario.PLENTY, at, "b")


def test_desks_together_offer_the_union_and_are_published_when_one_is() -> None:
    early, late = paris(2026, 11, 3, 9), paris(2026, 11, 4, 9)
    assert Offer(slots=(late,)) + Offer(slots=(early, late), published=False) == Offer(slots=(early, late))
    assert (Offer(published=False) + Offer(published=False)).published is False


@pytest.mark.parametrize(
    ("scenario", "at", "expected"),
    [
        (Scenario.SUNDAY_MIDNIGHT, paris(2026, 11, 2, 9), paris(2026, 11, 8)),
        (Scenario.SUNDAY_MIDNIGHT, paris(2026, 11, 8), paris(2026, 11, 15)),
        (Scenario.WEEKLY_RELEASE, paris(2026, 11, 4, 9, 59), paris(2026, 11, 4, 10)),
        (Scenario.WEEKLY_RELEASE, paris(2026, 11, 4, 10), paris(2026, 11, 11, 10)),
        (Scenario.DROUGHT, paris(2026, 11, 2), None),
    ],
)
def test_the_next_release_is_announced_by_those_that_have_one(
    scenario: Scenario, at: datetime, expected: datetime | None
) -> None:
    assert next_release(scenario, zone=PARIS, at=at) == expected


@pytest.mark.parametrize(
    ("at", "since"),
    [
        (paris(2026, 11, 1, 8, 59), date(2026, 10, 3)),
        (paris(2026, 11, 1, 9), None),
        (paris(2026, 11, 3, 17, 59), None),
        (paris(2026, 11, 3, 18), date(2026, 11, 3)),
        (paris(2027, 1, 1, 8), date(2026, 12, 3)),
    ],
)
def test_a_monthly_form_takes_requests_from_the_first_to_the_third(at: datetime, since: date | None) -> None:
    assert closed_since(TakesRequests.MONTHLY, zone=PARIS, at=at) == since


@given(instants)
def test_an_open_form_stays_open_and_a_closed_one_closed(at: datetime) -> None:
    assert closed_since(TakesRequests.OPEN, zone=PARIS, at=at) is None
    assert closed_since(TakesRequests.CLOSED, zone=PARIS, at=at) == date(2024, 9, 2)
