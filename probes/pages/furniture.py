"""Lines that may stand beside an answer on many products' pages, as regexes of normalised lines. No I/O."""

from __future__ import annotations

import re

from probes.pages.dates import WEEKDAYS

_MONTH = r"(?:janv?|f[ée]v|mars?|avr|mai|juin|juil|ao[uû]t|sept|oct|nov|d[ée]c)[a-zéè]{0,6}\b"
_WEEKDAY = f"(?:{'|'.join(WEEKDAYS)})"
WHEN = rf"(?:(?:{_WEEKDAY}|{_MONTH}|er|à|heures?|h|t|z|utc|[0-9]|[/:+.,-]) ?){{3,40}}"
"""A date, and perhaps a time, and nothing else."""

_DAY = rf"(?:{_WEEKDAY} )?[0-9]{{1,2}}(?:er)? {_MONTH}\.?(?: [0-9]{{4}})?|{_WEEKDAY}"
_HOURS = r"(?:[0-9]{1,2} ?[:h] ?[0-9]{2} ?){1,100}"
COLUMNS = tuple(map(re.compile, (_DAY, _HOURS, "[–—-]")))
"""The columns of a week: the heading of a day, hours whose links stand side by side, and a dash for none."""

OFFICE = re.compile(r"(?:sous-)?préfecture (?:de |du |des |d')[a-zà-ÿœ' -]{1,60}")
"""Whose page it is."""

TELLS = re.compile(
    r"\b(?:créneaux?|(?:in)?disponib\w+|plages?|calendriers?|prochain\w*|erreurs?|messages?|échec|impossible"
    r"|(?:n'a|n'ont|ne) \w+|char(?:gé|ge)\w*|suspen[ds]\w*|annul\w*|exemples?|épuisée?s?|reste(?:nt)?"
    r"|travaux|report\w+|complets?|complètes?|fermée?s?|avant le|après le|jusqu'au|à partir du)\b"
    r"|[?«»\"]|[0-9] ?h ?[0-9]"
)
"""What a name never says: a line with it is not taken for one."""

RELEASE = re.compile(
    rf"prochaine mise en ligne (?:de|des) (?:nouve\w+ )?(?:plages(?: horaires)?|créneaux|rendez-vous) ?:? "
    rf"(?:le )?{WHEN}\.?|"
    rf"(?:ouverture|mise en ligne|publication) de nouve\w+ (?:plages(?: horaires)?|créneaux|rendez-vous) ?:? "
    rf"(?:le )?{WHEN}\.?|"
    r"(?:les )?(?:créneaux|rendez-vous) (?:annulés|libérés)(?: par les usagers)? sont (?:automatiquement )?"
    r"remis en ligne(?: automatiquement| au fur et à mesure| en temps réel)?\.?|"
    r"(?:de |les )?(?:nouveaux|prochains|nouvelles|prochaines) (?:créneaux|rendez-vous|plages(?: horaires)?) "
    r"(?:sont|(?P<later>seront)) (?:mis(?:es)? en ligne|ouverte?s|publiée?s|proposée?s|ajoutée?s)"
    r"(?: à la réservation)?"
    r" (?:chaque|tous les|toutes les|(?(later)(?:le|les|à partir du|dès le|début|fin|en)|\0))"
    rf"(?: (?:{_WEEKDAY}s?|{_MONTH}|[0-9]{{1,4}}(?:er)?|[0-9]{{1,2}} ?(?:h|:) ?(?:[0-9]{{2}})?"
    r"|à|et|de|du|au|vers|matins?|soirs?|midi|semaines?|mois|jours?|ouvrés|heures?|partir),?)+\.?"
)
"""When more slots come: nothing about those of now."""

_ASIDE = "(?:(?!créneau|rendez-vous|rdv|calendrier|plage|agenda|disponibilité|réessay).)"
_OTHER_TIMES = (
    rf"(?:le (?:[0-9]|{_WEEKDAY})|tous les|chaque|du (?:[0-9]|{_WEEKDAY})|entre "
    r"|de [0-9]{1,2} ?(?:h|:)|la nuit|ce soir|prévue?"
    r"|pour (?:l'envoi|la réception|les (?:sms|notifications|courriels)))"
)
_THEN = (
    r"(?:(?:le|ce) (?:service|site)|la plateforme) (?:pourra|pourrait|sera)\b[^.]{1,60} "
    r"(?:pendant|durant) (?:cette|ces|la) \w+"
)
ANNOUNCEMENT = re.compile(
    r"(?!.*\b(?:actuellement|maintenant|en ce moment|depuis|retour|rétablissement)\b)"
    r"(?:"
    rf"(?:\W|attention|information|le|la|ce|cette|notre)*\b(?:service|site|plateforme)\b{_ASIDE}{{0,60}}"
    r"\b(?:indisponible|maintenance|interrompue?|fermée?|surchargée?|ralentie?)\b"
    rf"{_ASIDE}{{0,60}}\b{_OTHER_TIMES}{_ASIDE}{{0,200}}"
    r"|(?:attention|information|\W)*(?:une )?(?:opération de )?maintenance\b[^.]{0,40} "
    r"(?:est|aura|sera) (?:prévue|programmée|planifiée|lieu)\b"
    rf"[^.]{{0,20}}\ble (?:{_WEEKDAY} )?[0-9][^.]{{0,60}}(?:\. {_THEN})?\.?"
    r")"
)
"""An outage that is announced for other days, or that is of messages alone: nothing about slots now."""
