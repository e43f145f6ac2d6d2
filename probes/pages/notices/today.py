"""What a line says of the day of the visit, or of another one. No I/O.

« En maintenance le samedi 28 novembre » announces something, except on that day.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from probes.pages import dates
from probes.pages.notices.sentences import joined, sentences

_NOW = "actuellement"
_TODAY = re.compile(r"\b(?:aujourd'hui|ce jour|ce matin|cet après-midi|ce soir|cette nuit)\b")
_SINCE = re.compile(r"\bdepuis |\bjusqu'")
_DATED = re.compile(r"\d")
# What was made on a day, which can only be a day that is over; and what may have one, before or after.
_MADE = re.compile(
    r"\b(?:générée?|produite?|servie?|enregistrée?|calculée?|imprimée?|capturée?|sauvegardée?|extraite?"
    r"|interrogée?)s?\b"
    r"|\b(?:mise? en cache|snapshot|captures?|copies?|archives?|nous sommes le|base)\b"
    r"|\brésultats? de (?:la|votre|cette) recherche\b|\baujourd'hui ?:"
)
_DISPLAYED = re.compile(
    r"\b(?:résultats?|données|situation|état|plannings?|calendriers?|agendas?|semaine|campagne)\b"
)
# How old it is: « il y a 61 jours », « Cache : 41 jours ».
_AGED = re.compile(
    r"(?=.*\b(?:résultats?|données|page|cache|planning|calendrier|agenda|actualisée?s?|mise?s? à jour"
    r"|rafraîchie?s?|générée?s?|synchronis\w*|connexion)\b)"
    r".*\b(?:il y a|depuis|cache ?:) \d+ (?:heures?|jours?|semaines?|mois|ans?)\b"
)
_CLOCK = re.compile(r"\d{1,2} ?(?:h|:) ?\d{2}\b")
_AHEAD = re.compile(
    r"\b(?:ser(?:a|ont)|avant|jusqu|en ligne|depuis (?:le |la )?\d|délais?|loi|décret|arrêté|article"
    r"|règlement)\b"
)
_LONGEST_CLOCK = 60
# A day with its weekday and nothing else, as sites show today's.
_DAY = re.compile(rf"(?:{'|'.join(dates.WEEKDAYS)}) \d{{1,2}}(?:er)? \w{{3,9}} 20\d\d")
_YEAR = re.compile(r"\b(?:calendrier|planning|agenda|campagne|rendez-vous|créneaux) (?:de |pour )?(20\d\d)\b")


@lru_cache(maxsize=4096)
def as_now(plain: str, today: date) -> str:
    """The normalised line `plain` with « actuellement » in each sentence that speaks of the day `today`."""
    weekday = dates.WEEKDAYS[today.weekday()]
    if not (_DATED.search(plain) or _TODAY.search(plain) or f"ce {weekday}" in plain or _SINCE.search(plain)):
        return plain
    said = [f"{_NOW} {each}" if _is_of(each, today, weekday) else each for each in sentences(plain)]
    return joined(said, plain)


def _is_of(sentence: str, today: date, weekday: str) -> bool:
    if _TODAY.search(sentence) or re.search(rf"\bce {weekday}\b", sentence) or "depuis " in sentence:
        return True
    named = [each for each in dates.days(sentence, reference=today) if each]
    if "jusqu'" in sentence:
        return not named or max(named) >= today
    return bool(named) and min(named) <= today <= max(named)


@lru_cache(maxsize=4096)
def of_another_day(plain: str, today: date) -> bool:
    """Whether a normalised line says that what is shown was made before `today`, or is another day's clock.

    A day before is let pass: clocks and time zones differ.
    """
    year = _YEAR.search(plain)
    if year and int(year[1]) < today.year:
        return True
    if _AGED.match(plain):
        return True
    if not _DATED.search(plain) or _AHEAD.search(plain):
        return False
    named = [each for each in dates.days(plain, reference=today) if each]
    if not named:
        return False
    if _MADE.search(plain):
        return not today - timedelta(days=1) <= max(named) <= today
    # A day with a time is a clock, unless it is that of something that is to take place.
    clock = (_CLOCK.search(plain) and len(plain) <= _LONGEST_CLOCK) or _DAY.fullmatch(plain)
    last = max(named) + timedelta(days=6) if "semaine" in plain else max(named)
    return bool(clock or _DISPLAYED.search(plain)) and last < today - timedelta(days=1)
