"""What préfectures write beside their answers in whole sentences: of papers, prices, persons, hours. No I/O.

Such a sentence changes nothing about an answer, if it says nothing of slots, of the service or of the search.
"""

from __future__ import annotations

import re
from functools import lru_cache

from probes.pages.furniture import RELEASE
from probes.pages.notices.beside import tells_more
from probes.pages.notices.doubts import doubtful
from probes.pages.notices.sentences import sentences
from probes.pages.notices.statements import recaps, states
from probes.pages.notices.unreal import none_left, unreal
from probes.pages.page import without_accents

_FEWEST_WORDS = 4
# Each sentence must speak of one of these.
_USUAL = re.compile(
    r"\b(?:gratuit\w*|payant\w*|mefiez\w*|frauduleu\w*|incomplets?|originaux|originals?|originales?"
    r"|photocopies?|photo(?:graphie)?s?|passeports?|justificatifs?|pieces|documents?|timbres?|taxes?"
    r"|munir|munissez|munie?s?|presente[rz]\w*|apporte[rz]|convocations?|retards?|annule[rz]|deplace[rz]"
    r"|honore\w*|courriels?|e-?mails?|sms|telephon\w*|appele[rz]|34 ?30|numero|du lundi au|jours feries"
    r"|accueille\w*|accueil (?:du public|telephonique|physique)|parking|bus|metro|tramway"
    r"|accompagn\w*|mineurs?|enfants?|conjoints?|ressortissants?"
    r"|resid\w+|domicil\w+|identite|agdref|(?:un|votre|mon) compte|franceconnect|informatique et libertes"
    r"|donnees personnelles|rgpd|confidential\w*|cookies?|point d'accueil|assistance|questions?"
    r"|renseignements?|recepisse|inutile de|heure de paris|reconnecter|multiplier|difficultes"
    r"|conformement|par personne|vous invite\w*|nous vous conseillons)\b"
)
# And none of these, whatever it says: they could be part of an answer.
_NEVER = re.compile(
    r"\b(?:creneaux?|plages?|disponib\w*|indisponib\w*|libres?|complet(?!er|ez)\w*|agendas?|plannings?"
    r"|calendriers?|places?|reste(?:nt)?|restante?s?|resultats?|recherche\w*|reserv\w+|ouver\w+|ouvr\w+"
    r"|ferm\w+|clos|suspen\w+|interrom\w+|maintenance|panne\w*|erreurs?|problemes?|prochain\w*|bientot"
    r"|semaines?|mois|avant(?! l'heure| votre)|apres|jusqu\w*|autres? (?:lieux?|guichets?|motifs?|sites?)"
    r"|tenir compte|textes?|messages?|ci-(?:dessous|dessus|apres)|suivante?s?|suit|possibles?|guichets?|matin"
    r"|encore|toujours|chang\w+|modifi\w+|profil|age|an(?:s|nees?)"
    r"|exemples?|si|sauf|desormais|actuellement|aucune? (?:rendez-vous|rdv) (?:n'est|disponible|possible))\b"
    r"|[«»\"]"
)


@lru_cache(maxsize=2048)
def usual(line: str) -> bool:
    """Whether each sentence of a normalised line is one that changes nothing about an answer beside it."""
    said = [each for each in sentences(line) if not RELEASE.fullmatch(each)]
    rest = ". ".join(said)
    if any(heard(rest) for heard in (states, doubtful, unreal, none_left, tells_more, recaps)):
        return False
    return bool(line) and all(_is_usual(without_accents(each)) for each in said)


def _is_usual(sentence: str) -> bool:
    long_enough = len(sentence.split()) >= _FEWEST_WORDS
    return long_enough and bool(_USUAL.search(sentence)) and not _NEVER.search(sentence)
