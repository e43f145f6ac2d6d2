"""Which days of the open data may be published."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from monitor.figures import opendata


def test_a_day_is_published_once_its_last_hour_is_out_of_embargo() -> None:
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    free = datetime(2026, 3, 4, tzinfo=UTC)  # a day after the end of 2 March
    assert opendata.published_days(first, free) == [first, second]
    assert opendata.published_days(first, free - timedelta(seconds=1)) == [first]
