"""The drawn instants under APScheduler.

What the service owes the record for each instant, since APScheduler 3 drops late runs silently:
- the job's function ran: it records the observation or the gap itself;
- `EVENT_JOB_MISSED` (the loop was late by more than `misfire_grace_time`): a `misfire` gap;
- `EVENT_JOB_MAX_INSTANCES` (the previous visit still runs): an `overlap` gap;
- `EVENT_JOB_ERROR` (the function itself raised): a `could_not_try` gap;
- no event at all for instants merged by `coalesce`, or gone by while paused or not running: look for instants
  without an entry, from time to time and at each start.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from apscheduler.triggers.base import BaseTrigger

from probes.model import utc


class DrawnTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler 3 has no types
    """Fires at the instants `following` names, beginning with the first one to come, and at no other time.

    `following(moment)` is the first drawn instant later than `moment`, or `None` when no more are drawn.
    """

    def __init__(self, following: Callable[[datetime], datetime | None]) -> None:
        self._following = following

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The instant after the previous one, even if it has gone by: a late one must be missed, not lost."""
        return self._following(utc(now if previous_fire_time is None else previous_fire_time))
