"""The lines of calendars: days, weeks, hours, states of an hour, ways to other months. No I/O.

They are regexes of whole normalised lines, for a platform's `Answer.furniture`.
"""

from __future__ import annotations

import re

from probes.answer import Lines
from probes.pages.dates import MONTHS, WEEKDAYS

_DAY = "|".join((*WEEKDAYS, *(f"{day[:3]}\\.?" for day in WEEKDAYS), *(day[:2] for day in WEEKDAYS)))
_DATE = rf"(?:(?:{_DAY}) )?\d{{1,2}}(?:er)?(?:/\d{{2}}| \w{{3,9}})?(?:[ /]\d{{4}})?"
_STATE = r"(?:libre|complet|occupée?|fermée?|indisponible|réservée?)s?"

# Beside a free hour only: a day, a week or an hour beside « none » would limit it.
LINES: Lines = (
    re.compile(rf"(?:{_DAY}|[lmjvsd])?(?: ?\d{{1,2}}(?:er)?(?:/\d{{2}}| \w{{3,9}})?)?(?:[ /]\d{{4}})?"),
    re.compile(rf"(?:{'|'.join(MONTHS)})(?: \d{{4}})?|\d{{4}}|sem\.?"),
    re.compile(r"\d{1,2} ?[h:] ?\d{2}|heures?|horaires?"),
    re.compile(
        r"semaine du .{4,60}|(?:\W{0,4}semaine (?:suivante|précédente)\W{0,4}){1,2}|voir plus de créneaux"
    ),
    re.compile(rf"du {_DATE} au {_DATE}"),
    re.compile(
        r"(?:veuillez )?(?:choisi(?:r|ssez)|sélectionne[rz]) (?:une? |votre |la |le )"
        r"(?:plage|créneau|jour|date|heure)(?: horaire)?(?: (?:libre|disponible))?"
        r"(?: (?:dans|sur) le calendrier)?(?: ci-dessous)?(?:\.| ?:)?"
    ),
    re.compile(r"sem(?:aine|\.)? \d{1,2}(?: \(\d{4}\))?"),
    re.compile(r"\W{0,2}(?:préc|suiv|précédent|suivant|aujourd'hui|fermer)\.?\W{0,2}|[<>«»‹›]{1,2}"),
    re.compile(rf"légende ?:?(?:[\s,;/–-]*{_STATE})*|(?:{_STATE}[\s,;/–-]*){{1,5}}"),
)
