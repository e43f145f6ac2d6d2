"""Lines beside an answer that say that the display or the service is not to be relied on now. No I/O.

Words are looked for without accents, by their roots, so that other words for the same are heard too. In doubt
a line is heard: the page is then `unrecognised`, the right way to be wrong. Left out is what pages always
carry: other days, conditions, advice, and where to report a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from probes.pages.furniture import ANNOUNCEMENT
from probes.pages.notices.sentences import sentences
from probes.pages.page import without_accents

_DISPLAY = (
    r"\b(?:plannings?|calendriers?|agendas?|creneaux?|rendez-vous|rdv|(?:in)?disponibilites?|places?|plages?"
    r"|horaires?|affich\w+|resultats?|reponses?|listes?|dates?|ci-dessous|ci-dessus|ci-apres)\b"
)
_SERVICE = (
    r"\b(?:modules?|services?|teleservices?|sites?|plateformes?|portails?|applications?|outils?"
    r"|systemes?|pages?"
    r"|demarches?|formulaires?|serveurs?|logiciels?|prises? de (?:rendez-vous|rdv))\b"
)
_REQUEST = r"\b(?:demandes?|dossiers?|reservations?|depots?|inscriptions?|prises? de (?:rendez-vous|rdv))\b"
_THING = re.compile(f"{_DISPLAY}|{_SERVICE}|{_REQUEST}")
_SHOWN = re.compile(_DISPLAY)

_PROCESS = (
    r"(?:publication|chargement|rechargement|ouverture|re?ouverture|mises?|remise|maintenance|actualisation"
    r"|synchronisation|migration|retablissement|reparation|resolution|correction|parametrage|mise a jour"
    r"|alimentation|initialisation|preparation|travaux)"
)
# With a thing, these say that something is wrong with it.
_WRONG = re.compile(
    r"\b(?:pannes?|dysfonction\w+|incidents?|bugs?|bogues?|anomalies?|avaries?|perturb\w+|degrade\w*)\b"
    r"|\b(?:problemes?|soucis?|difficultes?|erreurs?|defauts?|defaillances?)"
    r" (?:techniques?|informatiques?|d'affichage|de (?:mise|connexion|serveur|synchronisation))"
    r"|\bhors (?:service|ligne|d'usage)\b|\ben maintenance\b|\bne (?:fonctionne|repond)\w* (?:pas|plus|mal)\b"
    r"|\bbloque[es]*\b"
    r"|\b(?:est|sont|etre|actuellement|momentanement|temporairement|provisoirement) "
    r"(?:\w+ment )?(?:satur|surcharg|inaccessib|inoperan|inutilisab)\w+"
    rf"|\ben cours (?:de |d'){_PROCESS}\b|\b{_PROCESS}\b(?:(?!\bpar ).){{0,60}}\ben cours\b(?! (?:de |d'))"
    r"|\bpas encore (?:ete )?(?:ouvert|disponible|publie|en ligne|mis|accessible|charge|active|a jour)\w*"
)
# New slots that come soon do not take back that there is none today.
_SOON = re.compile(
    r"(?!.*\b(?:de nouveaux|de nouvelles|d'autres)\b)(?=.*\b(?:bientot|prochainement|sous peu"
    r"|incessamment)\b)"
    r".*\b(?:ouvert|ouvrir|en ligne|publie|disponible|retabli|accessible|affich|remis)\w*"
)
# With a thing that is displayed, these say that the display is wrong.
_FALSE = re.compile(
    r"\ba tort\b"
    r"|(?<!pris )\bpar erreur\b|\b(?:pas|plus|non) a jour\b|\bperimee?s\b|\bobsoletes?\b|\berrone\w*"
    r"|\bfauss\w+"
    r"|\bc'est une erreur\b|\b(?:est|sont) (?:celui|celle|ceux|celles) (?:de|du|des|d')"
    r"|\b(?:est|sont) (?:\w+ment )?fau(?:x|sse)\b|\bincorrect\w*|\binexact\w*|\bpas (?:fiables?|exacte?s?)\b"
    r"|\b(?:est|sont|etre) (?:\w+ment )?(?:incomplet|partiel)\w*|\bne refle\w+ pas\b"
    r"|\bne correspond\w* (?:pas|plus)\b"
    r"|\b(?:ne s'affich\w+|n'apparai\w+|ne sont|ne peu\w+ etre) (?:pas|plus|que partiellement )?\W*"
    r"(?:correctement|visibles?|affiche\w*|pour le moment|pour l'instant|actuellement)"
    r"|\bne s'affich\w+ (?:pas|plus)\b|\bapparai\w+ vides?\b|\bne (?:pas )?ti?en\w+ (?:pas )?compte\b"
    r"|\bmal affich\w+|\bdefaillan\w+|\bne sont pas (?:reel|valable|vrai|definitif)\w*"
    r"|\bn'apparai\w+ (?:pas|plus)\b"
    r"|\bne (?:pas )?(?:vous|se) fi(?:ez|er)\b|\bdat\w+ d'hier\b|\bne se charg\w+ (?:pas|plus)\b"
    r"|\bimpossible d'affich\w+|\breapparai\w+|\bde nouveau (?:affich|visib|disponib)\w+"
    r"|\b(?:est|sont|actuellement|momentanement|temporairement) (?:\w+ment )?(?:vides?|masque\w*) "
    r"(?:en raison|a cause|suite|du fait)"
)
_SUBJECT = rf"(?:{_DISPLAY}|{_SERVICE}|{_REQUEST})"
_ADVERB = r"(?:(?:\w+ment|desormais|toujours|pour (?:le moment|l'instant)) )?"
# What was stopped, said of the thing itself.
_STOPPED = re.compile(
    rf"(?<!votre )(?<!vos )(?<!mes )(?<!tout )(?<!toute )(?<!chaque )(?<!un )(?<!une )"
    rf"{_SUBJECT}(?: (?:(?!\b(?:sera"
    rf"|seront|peu|doi|etre))[^,;:.]){{1,60}}?)?,? "
    rf"(?:(?:a|ont|est|sont) {_ADVERB}(?:ete )?{_ADVERB})?"
    r"(?:suspendu|interrompu|annule|gele|desactive|arrete|neutralise|retire|inaccessible)e?s?\b"
    r"|(?<!toute )\b(?:(?:suspension|interruption|arret)s?(?: \w+)? (?:de |des |du |d')|annulation de tou)"
    rf"(?:l[ae]s? |toute?s? |s |tes |nos |ce |cette )*{_SUBJECT}"
    rf"|(?:\b(?:cette|ce)(?: version de la)?|^) ?(?:{_SERVICE})(?: de (?:rendez-vous|rdv))? "
    rf"(?:(?:a|est) {_ADVERB}(?:ete )?)?(?:clos|close|ferme|fermee|remplace|remplacee|terminee?)\b"
    rf"|\bprises? de (?:rendez-vous|rdv)(?: en ligne)? (?:est|sont) {_ADVERB}(?:fermee?|close)s?\b"
    rf"|{_REQUEST}(?: en ligne)? (?:est|sont) {_ADVERB}impossibles?\b"
    rf"|^{_SERVICE} {_ADVERB}(?:fermee?|close?|indisponible)\b"
    rf"|{_SERVICE} (?:est|sont) {_ADVERB}(?:indisponible|en pause)s?\b"
)
# What is not taken any more.
_TAKEN = (
    r"(?:accept|trait|instrui|enregistr|pri[st]|prend|pren|examin|honor|recev|recoi|recu|assur|possible"
    r"|valid)\w*"
)
_REFUSED = re.compile(
    rf"\bn[e'] ?(?:(?:sont|est|seront|sera|peu\w+|pourr\w+) )?(?!acceptez\b)(?:accept|trait|prend|pren"
    rf"|recev|recoi|enregistr)\w* (?:{_ADVERB})?(?:plus|aucune?)\b.{{0,60}}(?:{_REQUEST}|{_DISPLAY})"
    rf"|(?:{_REQUEST}|rendez-vous|creneaux)[^,;:.]{{0,60}} n(?:e |')(?:sont|est|seront|sera|peu\w+|pourr\w+)"
    rf" {_ADVERB}plus (?:etre )?{_TAKEN}"
    rf"|\baucune?(?: nouvel\w*| nouveau\w*)? (?:{_REQUEST}|rendez-vous) (?:ne |n')"
    rf"(?:est|sera|peut|pourra) {_ADVERB}(?:plus )?(?:etre )?(?!ce jour|affich){_TAKEN}"
    r" ?(?:$|[,;:]|jusqu|pour (?:le moment|l'instant)|actuellement)"
    r"|\b(?:deposee?s?|envoyee?s?|faite?s?|prise?s?|transmise?s?) (?:ici|sur (?:ce|cette|la presente)\b)"
    r".{0,60}\bne (?:sont|seront|sera|est) (?:pas|plus)\b"
    r"|\bne (?:deposez|reservez|prenez|faites) (?:(?:plus|rien)\b|pas de (?:nouve\w+ )?\w[\w-]+ ?(?:$|[,;:]))"
    r"|\b(?:quotas?|capacites?|contingents?|nombre .{0,30}maxim\w+|plafond)\b.{0,80}\b(?:atteint|epuis|depass"
    r"|satur)\w*"
    r"|\b(?:demarche|service|planning|agenda|calendrier|formulaire)\b.{0,40}\bsature\w*"
)
_REFUSED_ALL = re.compile(
    rf"\b(?:nouvelles|toutes les) demandes sont {_ADVERB}refusees\b"
    r"|\binutile de (?:deposer|reserver|prendre) (?:un|de|votre)\b|\bcess\w+ de (?:recev|prend|trait"
    r"|accept)\w*"
)
# What is shown is not all: other days or another calendar have their own answer.
_LIMITED = re.compile(
    r"\b(?:recherche|reponse|resultat|affichage)s? (?:ne )?portent? "
    r"(?:uniquement|seulement|exclusivement|que)\b"
    r"|\b(?:message|reponse|resultat|calendrier|planning|agenda"
    r"|page)s? ne concerne\w* que\b.{0,60}\b(?:mois|semaines?|jours?|periodes?|annees?)\b"
    r"|\b(?:rendez-vous|rdv|creneaux|plages?|places?|disponibilites)\b.{0,40}"
    r"\b(?:propos|ouvert|disponib|libre|publie|affich|offert)\w*.{0,20} (?:sur|dans) (?:l'autre|une? autre)\b"
)
# The visitor is kept out, or sees less than others do.
_KEPT_OUT = re.compile(
    r"\b(?:votre|cette) (?:adresse|ip|connexion|requete|navigateur|session|compte|reseau)\b.{0,40}"
    r"\b(?:est|sont|a|ont|a ete|ont ete) (?:\w+ment )?"
    r"(?:bloque|refuse|suspend|limite|expire|rejete|interdit|banni)\w*"
    rf"|\b(?:connectez|identifiez|authentifiez)-vous\b.{{0,30}}\b(?:voir|afficher|consulter)\b.{{0,20}}"
    rf"(?<!vos )(?<!votre )(?<!mes )(?<!mon ){_DISPLAY}"
    rf"|(?<!vos )(?<!votre ){_DISPLAY}.{{0,60}}\b(?:montre|affiche|visible)\w*.{{0,20}}"
    r"\b(?:apres (?:connexion|identification)|sans (?:votre )?(?:consentement|accord|cookies?)"
    r"|(?:usager|utilisateur|personne|compte)s? (?:connecte|identifie|inscrit))"
    rf"|\bsans (?:votre )?(?:consentement|accord|cookies?)\b.{{0,60}}{_DISPLAY}"
    r"|\bactive[rz] (?:le |les )?(?:javascript|cookies?)\b"
    r"|\bvous (?:avez (?:ete (?:deconnecte|bloque|limite|exclu|redirige)|atteint|depasse)"
    r"|etes (?:hors ligne|deconnecte|bloque|limite|exclu|redirige|en mode))\w*"
    r"|\bvous consultez (?:actuellement )?(?:une?|la|l')(?: \w+)? ?(?:version|copie|archive|apercu)\b"
    r"|\b(?:votre|l'|cet) ?acces (?:est|a ete) (?:\w+ment )?(?:limite|restreint|bloque|suspend|refuse)\w*"
    r"|\bne (?:voi(?:en)?t|verr\w+) (?:pas|plus|aucune?)\b"
    r"|\b(?:affichage|resultats?|liste|consultation)s? (?:\w+ )?(?:limite|restreint|partiel)\w*"
    r"|\bseule?s? .{1,60}\b(?:est|sont) (?:interroge|affiche|consulte|propose|pris en compte)\w*"
    r"|\bvous ne (?:remplissez|pouvez|etes) (?:pas|plus) .{0,40}"
    r"\b(?:reserver|prendre|autorise\w*|eligible\w*)\b"
    r"|\b(?:prises? de (?:rendez-vous|rdv)|rendez-vous|demarche|demandes?) (?:en ligne )?"
    r"(?:se (?:fait|font|prennent?)|s'effectue\w*|(?:est|sont) (?:assuree?s?|realisee?s?)) "
    r"(?:desormais|maintenant|dorenavant)\b"
)
# The system says that it is not what it should be, in a few words, or that nobody keeps it any more.
_STATE = re.compile(
    r"^(?:mode|delai|temps|acces|connexion|requete|limite|quota|service)s? (?:\w+ )?"
    r"(?:degrade|depasse|expire|ecoule|refuse|limite|interrompu|perdu|atteint)\w*$"
    r"|^erreur \d{3,4}$|\bpage non maintenue\b|^(?:connexion|identification|authentification) requise$"
    r"|^(?:cookies|javascript|scripts?) (?:desactive|bloque|refuse|requis)\w*$|^mode hors[ -]ligne$"
    r"|^(?:actualisation|chargement|synchronisation|mise a jour) en cours$"
    r"|\bpages? (?:conservee|mise en cache|gardee|figee)s?\b"
    r"|\b(?:n'est|ne sont) plus (?:gere|maintenu|mise?s? a jour|actualise|alimente|utilise|en service)\w*"
    r"|\b(?:page|site|module|demarche|formulaire)s? (?:a ete|est|sont|ont ete) archive\w*"
)
# Of the day of the visit (see `notices.today`), an outage is no announcement.
_OUT_TODAY = re.compile(
    r"^actuellement\b.*\b(?:maintenances?|indisponib\w*|interrup\w*|interromp\w*|suspendu\w*|coupures?|pannes?"
    r"|inaccessib\w*|a l'arret|ne fonctionne\w* (?:pas|plus)|hors (?:service|ligne))\b"
)
# To come back today says that what is shown will change today.
_BACK = re.compile(
    r"\b(?:reven|reessay|recommenc|reconnect|rafraich|actualis)\w*\b.{0,40}?"
    r"\b(?:(?:a|vers|apres|des) (?:partir de )?\d{1,2} ?(?:h\b|h\d\d|heures?)"
    r"|dans (?:quelques|une|un|\d+|l'|la) ?(?:minutes?|heures?|instants?))"
)

_CONDITION = re.compile(
    r"(?<!meme )\b(?:s'ils?\b|si\b(?! bien)|en cas\b|dans le cas\b|lorsqu|quand\b|des qu|a defaut\b"
    r"|sous peine\b)"
)
_THEREFORE = re.compile(r"\bc'est (?:que|en raison|a cause|du|un|une|parce)\b|\bcela (?:signifie|vient)\b")
_PLANNED = r"\b(?:aura lieu|auront lieu|prevue?s?|programmee?s?|planifiee?s?)\b"
_FUTURE = re.compile(rf"\b(?:sera|seront)\b|{_PLANNED}")
_OTHER_DAY = re.compile(
    rf"{_PLANNED}|"
    r"\b(?:(?:lun|mar|mercre|jeu|vendre)di|samedi|dimanche|tou(?:te)?s les (?:jour|matin|soir|nuit"
    r"|semaine|mois|\d+|deux)|chaque|parfois|souvent|la nuit|le soir"
    r"|le matin)s?\b"
)
_NOW = re.compile(
    r"\b(?:actuel\w+|momentan\w+|temporair\w+|provisoir\w+|en ce moment|pour (?:le moment|l'instant))\b"
    r"|\b(?:retour(?: a la normale)?|retablissement|reprise) prevue?\b"
)
_HELP = re.compile(
    r"\b(?:signal\w+|contact\w+|assistance|support|rencontr\w+|declar\w+|pour tou\w+|toute? (?:panne"
    r"|incident|erreur"
    r"|anomalie|probleme|difficulte|bug|dysfonction)\w*|evit\w+|jamais)\b"
)
_CAUSE = re.compile(r"\b(?:suite|raison|cause|affect\w+|empech\w+|fait d'un\w*|perturb\w+ (?:le|la|les))\b")
# Another way than this page.
ELSEWHERE = re.compile(
    r"\b(?:par (?:courri|cour|mail|voie|telephone|fax)\w*|au guichet|sur place|sans rendez-vous|papiers?"
    r"|incomple\w+|hors delais?|en double|doublons?|physiques?|directement|autres? departements?|tiers"
    r"|envois? (?:de |des |d')(?:sms|messages?|courriels?|e-mails?|rappels?)"
    r"|remis(?:es)? en ligne|reprogramm\w*|non honore\w*|frauduleu\w+|achete\w*|revend\w*)\b"
)


def doubt(plain: Sequence[str]) -> int | None:
    """The first of the normalised lines `plain` that puts the display or the service in doubt."""
    found = (n for n, line in enumerate(plain) if doubtful(line) or _across(plain, n))
    return next(found, None)


@lru_cache(maxsize=4096)
def doubtful(line: str) -> bool:
    """Whether a normalised line says that the display is wrong, or that the service does not serve now."""
    return not ANNOUNCEMENT.fullmatch(line) and any(map(_doubts, holding(line)))


def _across(plain: Sequence[str], n: int) -> bool:
    """Whether a sentence that goes on in the next line says so."""
    broken = not plain[n].endswith((".", "!", "?", "…")) and " " in plain[n]
    goes_on = broken and n + 1 < len(plain) and " " in plain[n + 1]
    return goes_on and not doubtful(plain[n + 1]) and doubtful(f"{plain[n]} {plain[n + 1]}")


def holding(line: str) -> Iterator[str]:
    """The sentences of a line that hold now, without accents and without what stands under a condition."""
    for sentence in map(without_accents, sentences(line)):
        condition = _CONDITION.search(sentence)
        ahead = _FUTURE.search(sentence) and _OTHER_DAY.search(sentence) and not _NOW.search(sentence)
        if sentence.endswith("?") or ahead:
            continue
        if condition is None or _THEREFORE.search(sentence):
            yield sentence
        elif before := sentence[: condition.start()].strip():
            yield before if before.endswith((",", ";", ":")) else f"{before} ("


def _doubts(sentence: str) -> bool:
    conditional = sentence.endswith(" (")
    if (_KEPT_OUT.search(sentence) or _STATE.search(sentence)) and not conditional:
        return True
    if _OUT_TODAY.search(sentence) and not (conditional or ELSEWHERE.search(sentence)):
        return True
    refused = (_REFUSED.search(sentence) or _REFUSED_ALL.search(sentence)) and not ELSEWHERE.search(sentence)
    if refused or _BACK.search(sentence) or _LIMITED.search(sentence):
        return not conditional
    other_day = _OTHER_DAY.search(sentence) and not _NOW.search(sentence)
    if _STOPPED.search(sentence) and not conditional and not other_day:
        return not ELSEWHERE.search(sentence)
    return _is_wrong(sentence)


def _is_wrong(sentence: str) -> bool:
    if _HELP.search(sentence) and not (_CAUSE.search(sentence) or _NOW.search(sentence)):
        return False
    if _SHOWN.search(sentence) and _FALSE.search(sentence):
        return True
    if not _THING.search(sentence):
        return False
    return bool(_SOON.match(sentence) or (_WRONG.search(sentence) and not other_time(sentence)))


def other_time(sentence: str) -> bool:
    """Whether the sentence speaks of another day than the visit's, or of a habit."""
    return bool(_FUTURE.search(sentence) or _OTHER_DAY.search(sentence)) and not _NOW.search(sentence)
