"""Counts, guards and which rows a record keeps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from monitor.figures.period import Counts, Insufficient, Period, VisitAttempt, guard, period_of
from monitor.model import GapReason, Origin
from probes.model import Outcome

NOON = datetime(2026, 3, 3, 11, tzinfo=UTC)


def make(*attempts: VisitAttempt, zone: str = "Europe/Paris", **more: Any) -> Period:
    day = date(2026, 3, 3)
    days: dict[str, Any] = {"first": day, "last": day, **more}
    return period_of(attempts, target="t", zone=zone, interval=timedelta(hours=1), **days)


def counts(scheduled: int, executed: int, conclusive: int, zeros: int = 0) -> Counts:
    return Counts(scheduled=scheduled, executed=executed, conclusive=conclusive, zeros=zeros)


def test_it_counts_scheduled_executed_conclusive_and_zeros() -> None:
    rows = make(
        VisitAttempt(scheduled_at=NOON, outcome=Outcome.NO_SLOTS),
        VisitAttempt(scheduled_at=NOON, outcome=Outcome.SLOTS_OFFERED),
        VisitAttempt(scheduled_at=NOON, outcome=Outcome.CAPTCHA),
        VisitAttempt(scheduled_at=NOON, gap=GapReason.DOWNTIME),
    )
    assert rows.counts == counts(4, 3, 2, 1)
    assert (rows.counts.coverage, rows.counts.usable) == (3 / 4, 2 / 3)


def test_an_attempt_is_an_outcome_or_a_gap_and_never_both_or_neither() -> None:
    with pytest.raises(ValueError, match="an outcome or a gap"):
        VisitAttempt(scheduled_at=NOON)
    with pytest.raises(ValueError, match="not both"):
        VisitAttempt(scheduled_at=NOON, outcome=Outcome.NO_SLOTS, gap=GapReason.MISFIRE)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        VisitAttempt(scheduled_at=datetime(2026, 3, 3), outcome=Outcome.NO_SLOTS)  # noqa: DTZ001


def test_attended_and_simulated_rows_stay_apart() -> None:
    rows = [
        VisitAttempt(scheduled_at=NOON, outcome=Outcome.NO_SLOTS),
        VisitAttempt(scheduled_at=NOON, outcome=Outcome.SLOTS_OFFERED, origin=Origin.ATTENDED),
        VisitAttempt(scheduled_at=NOON, outcome=Outcome.SLOTS_OFFERED, simulated=True),
    ]
    assert make(*rows).counts == counts(1, 1, 1, 1)
    assert make(*rows, origins=frozenset({Origin.ATTENDED})).counts == counts(1, 1, 1, 0)
    assert make(*rows, simulated=True).counts == counts(1, 1, 1, 0)


def test_a_day_is_the_targets_own_day() -> None:
    late = VisitAttempt(scheduled_at=datetime(2026, 3, 3, 22, 30, tzinfo=UTC), outcome=Outcome.NO_SLOTS)
    assert make(late).counts.scheduled == 1
    assert make(late, zone="Indian/Reunion").counts.scheduled == 0
    assert (
        make(late, zone="Indian/Reunion", first=date(2026, 3, 4), last=date(2026, 3, 4)).counts.scheduled == 1
    )


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (counts(0, 0, 0), "aucune sonde programmée"),
        (counts(100, 79, 79), "couverture inférieure à 80 %"),
        (counts(100, 0, 0), "couverture inférieure à 80 %"),
        (counts(100, 100, 59), "moins de 60 % de sondes exploitables"),
        (counts(49, 49, 49), "moins de 50 sondes exploitables"),
    ],
)
def test_a_figure_is_refused_with_its_reason(given: Counts, reason: str) -> None:
    refused = guard(given, least=50)
    assert isinstance(refused, Insufficient)
    assert refused.reason == reason
    assert str(refused) == f"données insuffisantes ({reason})"


def test_a_figure_is_allowed_from_80_and_60_percent_on() -> None:
    assert guard(counts(100, 80, 48)) is None


@pytest.mark.parametrize(("watched", "refused"), [(16, False), (15, True), (14, True)])
def test_a_figure_needs_four_days_of_five_whatever_their_coverage(watched: int, refused: bool) -> None:
    days = [*range(watched - 1), 19]  # of twenty
    rows = [VisitAttempt(scheduled_at=NOON + timedelta(days=day), outcome=Outcome.NO_SLOTS) for day in days]
    said = make(*rows, last=date(2026, 3, 22)).refused()
    assert (said is not None and said.reason == "moins de 80 % des jours sondés") == refused


def test_nothing_scheduled_has_no_coverage_rather_than_zero() -> None:
    assert counts(0, 0, 0).coverage is None
    assert counts(5, 0, 0).coverage == 0
    assert counts(5, 0, 0).usable is None


def test_counts_add_up() -> None:
    assert sum([counts(4, 3, 2, 1), counts(1, 1, 1, 1)], Counts()) == counts(5, 4, 3, 2)


def test_an_empty_period_counts_nothing() -> None:
    assert make().counts == counts(0, 0, 0)


def test_a_part_of_a_period_keeps_what_the_whole_is() -> None:
    visit = VisitAttempt(scheduled_at=NOON, outcome=Outcome.NO_SLOTS, origin=Origin.ATTENDED, simulated=True)
    told: dict[str, Any] = {"interval": timedelta(hours=6), "origins": frozenset({Origin.ATTENDED})}
    days: dict[str, Any] = {"first": date(2026, 3, 2), "last": date(2026, 3, 4)}
    whole = period_of([visit], target="t", zone="Indian/Reunion", simulated=True, **told, **days)
    part = whole.between(date(2026, 3, 3), date(2026, 3, 3))
    for period, first, last in ((whole, 2, 4), (part, 3, 3)):
        assert (period.target, period.zone, period.simulated) == ("t", "Indian/Reunion", True)
        assert (period.interval, period.origins) == (told["interval"], told["origins"])
        assert (period.first, period.last) == (date(2026, 3, first), date(2026, 3, last))
        assert period.counts == counts(1, 1, 1, 1)
    assert whole.between(date(2026, 3, 4), date(2026, 3, 4)).counts == counts(0, 0, 0)


def test_the_day_and_the_times_of_the_record_stand() -> None:
    """A visit of which only the start is known ended then; the recorded day is not reckoned anew."""
    began = NOON + timedelta(minutes=3)
    told: dict[str, Any] = {"scheduled_at": NOON, "outcome": Outcome.NO_SLOTS, "began": began}
    (row,) = make(VisitAttempt(**told, day=date(2026, 3, 4)), last=date(2026, 3, 4)).rows.to_dicts()
    assert (row["at"], row["began"], row["ended"], row["day"]) == (NOON, began, began, date(2026, 3, 4))


@pytest.mark.parametrize("name", ["scheduled_at", "began", "ended", "earliest", "second"])
def test_a_time_without_a_zone_is_refused(name: str) -> None:
    told: dict[str, Any] = {"scheduled_at": NOON, "outcome": Outcome.NO_SLOTS}
    with pytest.raises(ValueError, match=f"{name} has no time zone"):
        VisitAttempt(**told | {name: NOON.replace(tzinfo=None)})


def test_enough_days_and_too_few_answers_of_many_are_told_as_such() -> None:
    rows = make(*[VisitAttempt(scheduled_at=NOON, outcome=Outcome.NO_SLOTS)] * 50)
    assert rows.refused(least=50) is None
    few = rows.refused(least=51)
    assert few is not None
    assert (few.reason, few.counts) == ("moins de 51 sondes exploitables", rows.counts)
