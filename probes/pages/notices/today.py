"""What a line says of the day of the visit, as if it said « now ». No I/O.

« En maintenance le samedi 28 novembre » announces something, except on that day.
"""

from __future__ import annotations

import re
from datetime import date

from probes.pages import dates
from probes.pages.notices.sentences import sentences

_NOW = "actuellement"
_TODAY = re.compile(r"\b(?:aujourd'hui|ce jour|ce matin|cet après-midi|ce soir|cette nuit)\b")
_SINCE = re.compile(r"\bdepuis |\bjusqu'")
_DATED = re.compile(r"\d")


def as_now(plain: str, today: date) -> str:
    """The normalised line `plain` with « actuellement » in each sentence that speaks of the day `today`."""
    weekday = dates.WEEKDAYS[today.weekday()]
    if not (_DATED.search(plain) or _TODAY.search(plain) or f"ce {weekday}" in plain or _SINCE.search(plain)):
        return plain
    return ". ".join(f"{_NOW} {each}" if _is_of(each, today, weekday) else each for each in sentences(plain))


def _is_of(sentence: str, today: date, weekday: str) -> bool:
    if _TODAY.search(sentence) or re.search(rf"\bce {weekday}\b", sentence) or "depuis " in sentence:
        return True
    named = [each for each in dates.days(sentence, reference=today) if each]
    if "jusqu'" in sentence:
        return not named or max(named) >= today
    return bool(named) and min(named) <= today <= max(named)
