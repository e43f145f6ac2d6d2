"""The drawn instants as a trigger of APScheduler.

Every drawn instant must get an entry in the record, but APScheduler 3 may drop late runs without a word. So:
- the job's function ran: it records the observation or the gap itself;
- `EVENT_JOB_MISSED` (the loop was late by more than `misfire_grace_time`): a `misfire` gap;
- `EVENT_JOB_MAX_INSTANCES` (the previous visit still runs): an `overlap` gap;
- `EVENT_JOB_ERROR` (the function itself raised): a `could_not_try` gap;
- no event at all, for instants merged by `coalesce` or gone by while paused or not running: the service looks
  for instants without an entry every 30 seconds and at each start.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from apscheduler.triggers.base import BaseTrigger

from probes.model import utc


class DrawnTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler 3 has no types
    """Fires at the drawn instants only, from the next one on.

    `following(moment)` gives the first drawn instant later than `moment`, or `None` when no more are drawn;
    both are in UTC.
    """

    def __init__(self, following: Callable[[datetime], datetime | None]) -> None:
        self._following = following

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The drawn instant after the previous one, even when it is already past.

        A past instant must be given too: only then does APScheduler report it as missed.
        """
        return self._following(utc(now if previous_fire_time is None else previous_fire_time))
