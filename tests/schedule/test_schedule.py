"""The draw: one instant per interval, uniform, the same everywhere, indifferent to summer time."""

from __future__ import annotations

import hashlib
import itertools
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from monitor.rules.schedule import DAY, draw, instant, instants, interval_number, seed_sha256
from tests.schedule.drawing import next_instant

SEED = b"a seed of thirty-two characters!"
HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

ZONES = (
    "Europe/Paris",
    "Indian/Reunion",
    "Indian/Mayotte",
    "America/Cayenne",
    "America/Martinique",
    "America/Guadeloupe",
    "America/Miquelon",
    "Pacific/Noumea",
    "Pacific/Tahiti",
)

intervals = st.sampled_from([timedelta(seconds=s) for s in (1, 2, 60, 900, 1800, 3600, 7200, 43200, 86400)])
moments = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001 (Hypothesis wants naive bounds)
    datetime(2032, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
days = st.dates(min_value=date(2024, 1, 1), max_value=date(2032, 12, 31))
targets = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


@given(targets, intervals, moments)
def test_it_draws_inside_the_interval(target: str, interval: timedelta, moment: datetime) -> None:
    number = interval_number(moment, interval)
    assert interval_number(instant(SEED, target, interval, number), interval) == number


@given(targets, intervals, moments)
def test_it_draws_exactly_one_instant_per_interval(
    target: str, interval: timedelta, moment: datetime
) -> None:
    drawn = list(instants(SEED, target, interval, moment, moment + 5 * interval))
    first, last = interval_number(drawn[0], interval), interval_number(drawn[-1], interval)
    assert [interval_number(i, interval) for i in drawn] == list(range(first, last + 1))
    assert 4 <= len(drawn) <= 6


@given(targets, intervals, moments)
def test_the_next_instant_is_the_first_of_those_to_come(
    target: str, interval: timedelta, moment: datetime
) -> None:
    later = instants(SEED, target, interval, moment + timedelta(microseconds=1), moment + 3 * interval)
    assert next_instant(SEED, target, interval, moment) == next(later)


def test_an_instant_is_not_its_own_next() -> None:
    drawn = next_instant(SEED, "poitiers", HOUR, NOON)
    assert next_instant(SEED, "poitiers", HOUR, drawn) > drawn


def test_instants_are_whole_seconds_in_utc() -> None:
    drawn = instant(SEED, "poitiers", HOUR, 500_000)
    assert (drawn.microsecond, drawn.tzinfo) == (0, UTC)


def test_it_can_be_recomputed_by_hand() -> None:
    message = b"poitiers\n3600\n500000"
    block = hashlib.sha256
    inner = block(bytes(b ^ 0x36 for b in SEED.ljust(64, b"\0")) + message).digest()
    mac = block(bytes(b ^ 0x5C for b in SEED.ljust(64, b"\0")) + inner).digest()
    seconds = int.from_bytes(mac[:16], "big") * 3600 // 2**128
    assert instant(SEED, "poitiers", HOUR, 500_000).timestamp() == 500_000 * 3600 + seconds


def test_another_process_draws_the_same() -> None:
    code = (
        "from datetime import timedelta; from monitor.rules.schedule import instant;"
        f"print(instant({SEED!r}, 'poitiers', timedelta(hours=1), 500000).isoformat())"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == instant(SEED, "poitiers", HOUR, 500_000).isoformat()


@pytest.mark.parametrize("change", [{"seed": SEED + b"2"}, {"target": "niort"}, {"interval": HOUR / 2}])
def test_seed_target_and_interval_each_change_the_draw(change: dict[str, Any]) -> None:
    plain: dict[str, Any] = {"seed": SEED, "target": "poitiers", "interval": HOUR}
    assert _offsets(**plain) != _offsets(**plain | change)


def _offsets(seed: bytes, target: str, interval: timedelta, n: int = 50) -> list[float]:
    """Where in its interval each of n instants lies, from 0 to 1."""
    return [
        (instant(seed, target, interval, k) - datetime.fromtimestamp(0, UTC)) / interval - k for k in range(n)
    ]


@pytest.mark.parametrize("seconds", [1.5, 0, -3600])
def test_an_interval_is_at_least_one_second_and_whole(seconds: float) -> None:
    with pytest.raises(ValueError, match="whole number of seconds"):
        instant(SEED, "poitiers", timedelta(seconds=seconds), 1)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        interval_number(datetime(2026, 1, 1), HOUR)  # noqa: DTZ001 (a naive moment is the point)


# --- chance -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("interval", [timedelta(minutes=15), HOUR, DAY])
def test_instants_are_uniform_over_the_interval(interval: timedelta) -> None:
    places = _offsets(SEED, "poitiers", interval, 20_000)
    assert stats.kstest(places, "uniform").pvalue > 0.01


def test_each_minute_of_the_hour_is_as_likely() -> None:
    minutes = [int(place * 60) for place in _offsets(SEED, "poitiers", HOUR, 60_000)]
    assert stats.chisquare(np.bincount(minutes, minlength=60)).pvalue > 0.01


def test_targets_are_uncorrelated() -> None:
    places = np.array([_offsets(SEED, f"target-{k}", HOUR, 4_000) for k in range(20)])
    correlations = np.corrcoef(places)[np.triu_indices(20, 1)]
    assert np.abs(correlations).max() < 4.5 / np.sqrt(4_000)
    assert stats.kstest(correlations * np.sqrt(4_000), "norm").pvalue > 0.01


def test_an_hour_says_nothing_about_the_next() -> None:
    places = _offsets(SEED, "poitiers", HOUR, 20_000)
    assert abs(stats.pearsonr(places[:-1], places[1:]).statistic) < 4 / np.sqrt(20_000)


# --- days -------------------------------------------------------------------------------------------------


@given(days, intervals.filter(lambda i: i >= timedelta(minutes=15)))
def test_a_day_is_drawn_whole(day: date, interval: timedelta) -> None:
    drawn = draw(SEED, "poitiers", day=day, interval=interval, drawn_at=NOON).instants
    assert len(drawn) == DAY // interval
    assert {i.date() for i in drawn} == {day}
    assert list(drawn) == sorted(drawn)


def test_days_follow_each_other_without_hole_or_double() -> None:
    two = [draw(SEED, "p", day=date(2026, 12, d), interval=HOUR, drawn_at=NOON).instants for d in (30, 31)]
    whole = instants(SEED, "p", HOUR, datetime(2026, 12, 30, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert list(itertools.chain(*two)) == list(whole)


def test_an_instant_at_midnight_belongs_to_the_day_that_begins() -> None:
    second = timedelta(seconds=1)  # so that every instant is the start of its interval
    midnight = datetime(2026, 12, 31, tzinfo=UTC)
    assert list(instants(SEED, "p", second, midnight, midnight + 2 * second)) == [midnight, midnight + second]
    assert list(instants(SEED, "p", second, midnight - second, midnight)) == [midnight - second]


def test_a_draw_made_during_the_day_leaves_out_what_has_gone_by() -> None:
    whole = draw(SEED, "p", day=NOON.date(), interval=HOUR, drawn_at=NOON)
    rest = draw(SEED, "p", day=NOON.date(), interval=HOUR, drawn_at=NOON, since=NOON)
    assert rest.instants == tuple(i for i in whole.instants if i >= NOON)
    assert len(rest.instants) == 12
    ahead = draw(SEED, "p", day=NOON.date(), interval=HOUR, drawn_at=NOON, since=NOON - DAY)
    assert ahead.instants == whole.instants


def test_a_draw_names_its_seed_without_telling_it() -> None:
    drawn = draw(SEED, "p", day=NOON.date(), interval=HOUR, drawn_at=NOON)
    assert drawn.seed_sha256 == seed_sha256(SEED) == hashlib.sha256(SEED).hexdigest()
    assert SEED.decode() not in repr(drawn)


def test_an_interval_that_does_not_divide_the_day_is_refused() -> None:
    with pytest.raises(ValueError, match="does not divide a day"):
        draw(SEED, "p", day=NOON.date(), interval=timedelta(hours=5), drawn_at=NOON)


# --- summer time ------------------------------------------------------------------------------------------


def _long_and_short_days() -> list[tuple[str, date, int]]:
    """Every local day of 2024–2032 in the zones of France that has not 24 hours, with its hours."""
    found = []
    for zone in ZONES:
        day = date(2024, 1, 1)
        while day < date(2033, 1, 1):
            start, end = _local_day(zone, day)
            if end - start != DAY:
                found.append((zone, day, (end - start) // HOUR))
            day += DAY
    return found


def _local_day(zone: str, day: date) -> tuple[datetime, datetime]:
    midnights = (datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(zone)) for d in (day, day + DAY))
    start, end = (midnight.astimezone(UTC) for midnight in midnights)
    return start, end


CHANGES = _long_and_short_days()


def test_only_paris_and_miquelon_change_their_clocks_and_not_on_the_same_days() -> None:
    paris, miquelon = ({day for z, day, _ in CHANGES if z == zone} for zone in (ZONES[0], ZONES[6]))
    assert {zone for zone, _, _ in CHANGES} == {"Europe/Paris", "America/Miquelon"}
    assert len(paris) == len(miquelon) == 18
    assert not paris & miquelon


@pytest.mark.parametrize(("zone", "day", "hours"), CHANGES)
def test_a_day_of_23_or_25_hours_has_one_instant_per_real_hour(zone: str, day: date, hours: int) -> None:
    start, end = _local_day(zone, day)
    drawn = list(instants(SEED, zone, HOUR, start, end))
    assert len(drawn) == hours
    assert hours in (23, 25)


@pytest.mark.parametrize("year", range(2024, 2033))
def test_the_ambiguous_hour_is_visited_once_per_real_hour(year: int) -> None:
    days = [
        day for zone, day, hours in CHANGES if zone == "Europe/Paris" and hours == 25 and day.year == year
    ]
    drawn = instants(SEED, "poitiers", HOUR, *_local_day("Europe/Paris", days[0]))
    local = [i.astimezone(ZoneInfo("Europe/Paris")) for i in drawn]
    assert [(i.hour, i.fold) for i in local if i.hour == 2] == [(2, 0), (2, 1)]


@given(st.sampled_from(ZONES), days)
def test_every_local_day_of_every_zone_is_covered_hour_by_hour(zone: str, day: date) -> None:
    start, end = _local_day(zone, day)
    assert len(list(instants(SEED, zone, HOUR, start, end))) == (end - start) // HOUR


def test_the_instants_of_a_part_of_an_interval_are_those_of_the_whole_one_that_lie_in_it() -> None:
    whole = list(instants(SEED, "a", HOUR, NOON, NOON + 24 * HOUR))
    for at in whole:
        assert list(instants(SEED, "a", HOUR, NOON, at + HOUR / 60))[-1] == at
