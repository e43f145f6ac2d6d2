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

_PAPERS = (
    r"(?:dossiers? incomplets?|originaux|originales?|photocopies?|photo(?:graphie)?s?|passeports?"
    r"|justificatifs?|pieces?|documents?|timbres?|convocations?|retards?|accompagn\w+|mineurs?|traducteurs?|interpretes?)"
)
# Each sentence must be one of these: what one is to do or bring, what will come of it, prices, and hours.
_USUAL = re.compile(
    rf"(?:attention ?:? |merci de |pensez a |veuillez |n'oubliez pas de )*"
    r"(?:vous )?(?:munir|munissez|presente[rz]|apporte[rz]|mefie[rz](?:-vous)?|arrive[rz]"
    r"|imprime[rz]|multiplie[rz]"
    r"|ne pas (?:multiplier|relancer|telephoner))\b.*"
    rf"|.*\b{_PAPERS}\b.*\b(?:(?:ne )?ser(?:a|ont)) .*|sans .*\b{_PAPERS}\b.*\bne ser(?:a|ont)\b.*"
    r"|aucune? (?:rendez-vous|document|demande) ne sera \w+ (?:par|au|sur) .*"
    r"|.*\b(?:tout retard|en cas de retard)\b.*\b(?:sera|entrainera)\b.*"
    r"|attention aux (?:arnaques?|fraudes?|escroqueries?|(?:faux )?sites? frauduleux|faux sites?"
    r"|tentatives d(?:e |')hameconnage)\b.*"
    r"|.*\b(?:vous devez|doivent|sont invite\w* a|vous invit\w+ a|il est inutile de"
    r"|nous vous conseillons de)\b.*"
    r"|(?:documents?|pieces?)(?: justificatives?)? a (?:apporter|fournir|presenter|joindre) ?:.*"
    r"|(?:la prise de rendez-vous|le service|cette demarche)(?: en ligne)? est (?:entierement )?gratuite?"
    r"|.*\b(?:un rendez-vous par personne|du lundi au (?:jeudi|vendredi|samedi))\b.*"
    r"|(?:un|une|des) (?:e-?mails?|courriels?|sms|confirmation|convocation)\b.*\bvous ser(?:a|ont) \w+"
    r"|.*\bvous recevrez\b.*\b(?:courriels?|e-?mails?|sms|convocation|confirmation)\b.*"
    r"|vous avez deja un compte \?|se connecter avec franceconnect"
    r"|les rendez-vous non honores ne sont pas reprogrammes|les rendez-vous sont gratuits"
    r"|la presence .{3,60} est obligatoire"
    r"|retrouvez toutes les informations (?:utiles )?sur \S+|rendez-vous de \d{1,3} minutes"
    r"|l'accueil (?:du public )?se fait (?:uniquement |exclusivement )?sur rendez-vous"
)
_RECENT = re.compile(r"\bde moins de (?:\d{1,2}|six|trois) mois\b")
# And none of these, whatever it says: they could be part of an answer, or of what one did wrong on this page.
_NEVER = re.compile(
    r"\b(?:creneaux?|plages?|disponib\w*|indisponib\w*|libres?|complet(?!er|ez)\w*|agendas?|plannings?"
    r"|calendriers?|places?|reste(?:nt)?|restante?s?|resultats?|recherche\w*|reserv\w+|ouver\w+|ouvr\w+"
    r"|ferm\w+|clos|suspen\w+|interrom\w+|maintenance|panne\w*|erreurs?|problemes?|prochain\w*|bientot"
    r"|semaines?|mois|avant(?! l'heure| votre)|apres|jusqu\w*|autres?|exemples?|si|sauf|desormais"
    r"|actuellement|tenir compte|textes?|messages?|ci-(?:dessous|dessus|apres)|suivante?s?|suit|possibles?"
    r"|guichets?|matin|encore|toujours|chang\w+|modifi\w+|profil|age|an(?:s|nees?)|serveurs?"
    r"|(?:ce|le) site|pages?"
    r"|d'abord|choisi\w*|indiqu\w+|selectionn\w+|rempli\w*|renseign\w+|accepter|connect\w+(?! avec)"
    r"|codes?|liens?|cliqu\w+|saisi\w*|poursuivre|continuer|valid\w+|recommenc\w+|reessay\w+|perime\w*"
    r"|vient|viennent|n'a|n'ont|vous avez(?! deja un compte)|a ete|ont ete|etes|relev\w+|ecran"
    r"|difficult\w+|depuis|robot\w*)\b"
    r"|\b(?:ne|n')(?! ?(?:ser(?:a|ont)|pas (?:multiplier|relancer|telephoner)|sont pas reprogrammes"
    r"|communiquez jamais))"
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
    return bool(_USUAL.fullmatch(sentence)) and not _NEVER.search(_RECENT.sub("", sentence))
