"""When the Monday mail is due. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR = time(8)
WEEK = timedelta(days=7)


def latest_due(now: datetime, tz: ZoneInfo) -> datetime:
    """The last Monday 08:00 local time in `tz`, summer or winter, that is not after `now`; in UTC."""
    local = now.astimezone(tz)
    monday = local.date() - timedelta(days=local.weekday())
    due = datetime.combine(monday, HOUR, tz)
    return (due if due <= now else datetime.combine(monday - WEEK, HOUR, tz)).astimezone(UTC)
