"""Lines outside the answer's place that speak of slots, and may say more of them than the answer. No I/O.

Anybody may write anything around an answer. What does not speak of slots, of the search or of the visitor's
session is not looked at here; what does must be one of the things that pages always carry.
"""

from __future__ import annotations

import re
from functools import lru_cache

from probes.pages.dates import MONTHS
from probes.pages.notices.doubts import holding
from probes.pages.page import without_accents

_MONTHS = "|".join(map(without_accents, MONTHS))
_OF_SLOTS = re.compile(
    r"\b(?:creneaux?|plages?(?! horaires? d'ouverture)|agendas?|plannings?"
    r"|disponibilites?(?! de (?:votre|vos|leur|son) (?:titre|carte|document|passeport|recepisse|dossier))"
    r"|places? (?:restante|libre|disponible|a prendre|a pourvoir)s?"
    r"|rendez-vous (?:restant|encore|a prendre)s?"
    r"|(?:places?|plages?|creneaux?|(?<!motif du )rendez-vous|compteur)\b[^.]{0,30}: ?[1-9]\d{0,3}$"
    r"|(?:votre|la|cette) session|synchronis\w+"
    r"|recherches? (?:(?:sur|dans)\b.{0,20}\d|(?:limit|effectu|restrein|port|demand)\w+)"
    r"|date recherchee|code de securite"
    r"|rendez-vous (?:disponible|ouvert|publie|propose|libre)s?"
    rf"|rendez-vous (?:de |du |d')(?:{_MONTHS}|mois|semaine)"
    r"|(?:horaires?|dates?|heures?|rendez-vous) ci-(?:dessous|dessus|apres))\b"
)
_COUNT = re.compile(
    r"\b[1-9]\d{0,3} (?:(?:places?|plages?|creneaux?|rendez-vous) )?(?:disponible|libre|restant|ouvert)e?s?\b"
)
_NEW = re.compile(r"\b(?:nouveaux|nouvelles|prochaine?s|d'autres)\b")
_LATER = re.compile(
    r"\b(?:sera|seront|chaque|tous les|toutes les|regulierement|prochainement|bientot|quotidien\w*"
    r"|ulterieurement|au fur et a mesure)\b"
)
_HABIT = re.compile(
    r"\b(?:(?:re)?mis|publie|ouvert|propose|ajoute|libere|attribue|recharge|alimente)e?s?\b"
    r".*\b(?:chaque|tous les|toutes les|(?:jours?|semaines?|mois) a l'avance)\b"
)
_NONE = re.compile(r"\b(?:aucune?s?|plus (?:de|d'|aucune?)|pas (?:de|d')|ni)\b")
# A step, a title, or what a visitor is told to do.
_TO_DO = re.compile(
    r"\W*(?:\d\W*)?(?:prendre|prise|choi(?:x|sir|sissez)|selection(?:ner|nez)?"
    r"|recherche(?:[rz]| d(?:e|'une?|u|es)\b)|trouve[rz]"
    r"|reserve[rz]|voir|consulte[rz]|modifie[rz]|annule[rz]|verifi(?:er|ez|cation)|demande[rz]?|obtenir"
    r"|disponibilites?$|agendas?$|plannings?$|creneaux?$|plages?(?: horaires?)?$)\b(?!.*\b(?:sont|est|a ete"
    r"|ont ete|reste\w*)\b)"
)
_IDLE = re.compile(r"(?!.*\b(?:a|est) expire\w*).*\bsession\b.*\b(?:\d+ minutes|inactivite)\b")
# What one who cannot come is asked to do.
_GIVE_BACK = re.compile(
    r".*\bafin de (?:liberer|laisser)\b|.*\bpour (?:liberer|laisser) \w+ (?:plage|creneau|place)\b"
)
_MAY_GO = re.compile(r"\bpeu(?:t|vent) ne plus etre\b")
_PARTS = re.compile(r"[,;:] ")
_OWN = re.compile(r"\b(?:votre|son|leur|mon|ce) (?:creneau|plage(?: horaire)?)\b")
_NEWS = re.compile(
    r"\bvien(?:t|nent) d'etre\b|\bdes (?:maintenant|a present|aujourd'hui)\b|\b(?:aujourd'hui|desormais)\b"
    r"|\b(?:est|sont) (?:encore |toujours |de nouveau )?(?:disponible|libre|nombreu)\w*"
)


@lru_cache(maxsize=4096)
def tells_more(line: str) -> bool:
    """Whether a normalised line may say something about the slots of now that is no common remark."""
    # « Des créneaux sont libres, d'autres seront ajoutés lundi »: each part for itself.
    said = [*holding(line), *(each for part in _PARTS.split(line) for each in holding(part))]
    if any(map(_COUNT.search, said)):
        return True
    return any(_OF_SLOTS.search(each) and (not _common(each) or _tells_news(each)) for each in said)


def speaks_of_slots(sentence: str) -> bool:
    """Whether a sentence without accents speaks of slots, so that `tells_more` judges it."""
    return bool(_OF_SLOTS.search(sentence))


def _tells_news(sentence: str) -> bool:
    return bool(_NEWS.search(sentence)) and not _NONE.search(sentence)


def _common(sentence: str) -> bool:
    """Whether a sentence says when more slots come, that there is none, or what to do with one's own slot."""
    return bool(
        (_NEW.search(sentence) and _LATER.search(sentence))
        or _HABIT.search(sentence)
        or _NONE.search(sentence)
        or _TO_DO.match(sentence)
        or _OWN.search(sentence)
        or _MAY_GO.search(sentence)
        or _GIVE_BACK.match(sentence)
        or _IDLE.match(sentence)
    )
