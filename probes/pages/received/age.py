"""How old a page was when it came, by its own headers. No I/O."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

from probes.model import Step


def age(step: Step) -> timedelta:
    """By the headers `Age` and `Date`, the older of the two; zero without them."""
    said = step.header("age") or ""
    stored = timedelta(seconds=int(said)) if re.fullmatch("[0-9]{1,9}", said) else timedelta()
    try:
        made = parsedate_to_datetime(step.header("date") or "")
    except ValueError:
        return stored
    return max(stored, step.started_at - (made if made.tzinfo else made.replace(tzinfo=UTC)))
