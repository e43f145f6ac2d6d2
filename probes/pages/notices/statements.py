"""Sentences that state something of the service, of its slots or of this page, in whatever words. No I/O.

`doubts` knows words for what may be wrong; there are always others. Here it is the other way round: what a
sentence says of such a thing must be one of the things that pages always say. In doubt a line is heard: the
page is then `unrecognised`, the right way to be wrong.
"""

from __future__ import annotations

import re
from functools import lru_cache

from probes.pages.dates import MONTHS, WEEKDAYS
from probes.pages.notices.doubts import ELSEWHERE, holding
from probes.pages.notices.sentences import sentences
from probes.pages.page import without_accents

_THING = (
    r"(?:(?:plannings?|calendriers?|agendas?|creneaux?|rendez-vous|rdv|(?:in)?disponibilites?|places?"
    r"|plages?"
    r"|horaires?|heures?|dates?|affichages?|resultats?|reponses?|listes?|messages?|informations? (?:affich"
    r"|ci-)\w*"
    r"|modules?|services? (?:en ligne|informatiques?|web|de (?:rendez-vous|rdv|prise|reservation))"
    r"|ce service"
    r"|teleservices?|sites?|plateformes?|portails?|applications?|outils?|systemes?|pages?|ecrans?"
    r"|demarches?|procedures?|teleprocedures?|formulaires?|serveurs?|logiciels?|liens?|boutons?"
    r"|fonctionnalites?|navigateurs?|profils?|sessions?|connexions?|acces|versions?|donnees|base"
    r"|recherches?|(?:les |nos |nouvelles |vos )demandes|reservations?|depots?|inscriptions?"
    r"|prises? de (?:rendez-vous|rdv)"
    r"|guichets?|prefecture)\b)"
)
# Who is spoken of, when a sentence goes on with what was said before.
_PRONOUN = (
    r"(?:ce(?:lui|lle|ux|lles)(?:-ci|-la)?|elles?"
    r"|ils?(?! est (?:inutile|possible|interdit|rappele|conseille|recommande|demande|precise|preferable"
    r"|important|strictement))|tous?|toutes?|rien|certaine?s|plusieurs|cela|ceci)"
)
# One's own appointment, and any, are not those that are offered here.
_OWN = "".join(
    rf"(?<!\b{each} )"
    for each in ["votre", "vos", "mon", "ma", "un", "une", "tout", "toute", "chaque", "sans"]
)
_DEVICE = r"\bvotre (?:navigateur|profil|compte|connexion|session|acces|adresse ip|reseau|poste)\b"
_SUBJECT = rf"(?:{_OWN}\b{_THING}|{_DEVICE}|(?:^|, (?:mais |car |et )?){_PRONOUN}\b)"
_BETWEEN = r"[^;:.?!«»]{0,70}?"
_IS = (
    r"\b(?:est|sont|etai(?:t|ent)|(?:a|ont|avai(?:t|ent)) (?:\w+ment )?(?:ete|du|pu|\w+(?:e|i|u|s|t)s?\b)"
    r"|restent?"
    r"|demeurent?|semblent?|parait|paraissent|(?:re)?devien(?:t|nent)|vien(?:t|nent) d|va|vont"
    r"|f(?:ai|on)t l'objet)\b"
)
_DOES = (
    r"\b(?:rencontr|affich|montr|indiqu|concern|plant|bogu|bug|ignor|souffr|tard|redemarr|ram|charg|fonctionn"
    r"|march|existent|dysfonctionn|bascul|migr|s'affich|s'ouvr|s'arret|tourn|patin)(?:e|ent|ait|aient)?\b"
    r"|\b(?:subi(?:t|ssent)|connai(?:t|ssent)|repond(?:ent)?|renvo(?:ie|ient)|sert|servent|omet(?:tent)?"
    r"|(?:re)?apparai(?:t|ssent)|repren(?:d|nent)|attend(?:ent)?)\b"
)
_NOT = r"\bn(?:e |')(?!ser(?:a|ont)\b)\w+"
_STATED = re.compile(rf"{_SUBJECT}{_BETWEEN}(?:{_IS}|{_DOES}|{_NOT})")
_STATE = (
    r"(?:ferme|clos|clotur|suspend|interromp|arret|annul|desactiv|inacti|coupe|gele|bloqu|satur|epuis"
    r"|indisponib|inaccessib|impossib|supprim|remplac|transfer|abandonn|archiv|retir|obsolet|invalid"
    r"|interdit|refuse|restrein|termine|hors |en (?:panne|pause|maintenance|derangement|travaux|attente"
    r"|erreur)"
    r"|desaffect|caduc|a l'arret|vide|masque|non (?:publi|valid|ouvert|actif|activ|disponib|access))\w*"
)
_HOW = r"(?:actuellement |momentanement |temporairement |definitivement |mise? |toujours )?"
# Without a verb, as in a heading: « Réservation fermée », « Guichet 3 (fermé) », « Cyberattaque ».
_HEADED = re.compile(
    rf"(?:^(?:actuellement )?|[-–—−:;,(>] ?){_THING}"
    rf"(?: (?:en ligne|n° ?\d+|\d+|de \w+|des \w+|d'\w+|du \w+)){{0,2}}\W{{1,3}}{_HOW}{_STATE}"
    r"|^\W*(?:actuellement )?(?:cyber-?attaque|panne|incident|dysfonctionnement|coupure|interruption"
    r"|perturbation|avarie|black-?out|indisponibilite|maintenance|suspension)s?\b"
    r"|\bfermeture (?:definitive|exceptionnelle|temporaire|provisoire)|\bplus d'accueil\b"
)
# What was done until now, whoever did it: « on ne prend plus personne ».
_NO_MORE = re.compile(
    r"\bn(?:e |')(?!ser(?:a|ont)\b)\w+ plus\b(?! (?:de|d'un)\b)"
    r"|^(?:\w+ ){1,3}plus (?:releve|lu|suivi|traite)e?s?\b"
)
# In another language, another alphabet, or letter by letter: nobody here can tell what it says.
_ENGLISH = re.compile(
    r"\b(?:is|are|was|were|has|have|will be|currently|unavailable|paused|closed|booked|offline|fully|cached"
    r"|please|available|appointments?|open slots?"
    r"|snapshot|always online|hay|fuera de|servicio)\b"
    r"|[^\W\d_a-z\u00c0-\u024f]{3,}|[\u202d\u202e]|\b(?:[a-z] ){4,}[a-z]\b"
)
# Another page, another public, or another state of this page than the one that answers now.
_SITES = (
    r"(?:sites?|modules?|services?|portails?|plateformes?|applications?|liens?|pages?|versions?"
    r"|formulaires?"
    r"|demarches?|teleservices?|systemes?|urls?|outils?)"
)
_INSIDERS = (
    r"(?:avocats?|professionnels?|agents?|administrateurs?|personnes? (?:convoquee?|munie)s?|habilitee?s?"
    r"|travailleurs? sociaux|associations?|partenaires?|formateurs?|mineurs? isoles?|services? internes?)"
)
_ANOTHER = re.compile(
    rf"\b(?:nouveau|nouvelle|ancien|ancienne|vieux|vieille) {_SITES}\b"
    r"|\b(?:depuis|desormais|dorenavant|a present|maintenant|a (?:compter|partir) d[ue])\b.*\b(?:prenez"
    r"|deposez|utilisez|effectuez|faites|connectez-vous|rendez-vous sur|adressez|passez par)\b"
    r"|\b(?:rendez-vous|demandes?|dossiers?)\b.{0,60}\b(?:delivre|pris|donne|attribue|depose|recu)e?s? "
    r"(?:uniquement|exclusivement|desormais) (?:par|au|aux|sur|en)\b"
    r"|\b(?:s'effectue|se fait|se font|se prend|se prennent)\w* (?:exclusivement|uniquement|desormais)\b"
    r"(?! sur (?:presentation|rendez-vous))"
    r"|\b(?:le|ce|notre) service (?:est|reste) (?:\w+ment )?"
    r"(?:a l'arret|interrompu|suspendu|coupe|en panne|hs)\b"
    r"|\bnouveau ?: (?:reservez|prenez|deposez)\b|^(?:\w[\w'-]* ){1,5}(?:uniquement|seulement|exclusivement)$"
    r"|\bfin des (?:reservations|inscriptions|rendez-vous|depots)\b"
    r"|\bpas d(?:e |')(?:affichage|planning|calendrier|publication)\b"
    r"|\b(?:hors connexion|brouillon|non publiee?|previsualisation|de secours|remplacee?s? par)\b"
    r"|\b(?:donnees|informations|etat) du \d"
    r"|\best le seul\b|\bvous etes (?:le )?(?:numero|n°|en position)\b|\bvous etes .{0,40}file d'attente\b"
    r"|^\W*(?:uniquement|seulement|exclusivement|reservee?s?) (?:pour|aux?|a la|a l')\b.{0,60}$"
    rf"|\bseuls? (?:les |l')?{_INSIDERS}|\b{_INSIDERS}\W{{1,2}}(?:\w+\W{{1,2}}){{0,2}}(?:uniquement|seulement"
    rf"|exclusivement)\b"
    rf"|\breservee?s? (?:aux?|exclusivement aux?) {_INSIDERS}|\bguichet interne\b"
    r"|\bne (?:sont|est|seront|sera) pas concerne\w* par (?:ces?|cette)\b"
    r"|\bne vous permet\w* (?:pas|plus)\b"
    # A queue, or less than what others are shown.
    r"|^\W*(?:file|liste)s? d'attente\b|\bvisiteurs? automatiques?\b|\bvous consultez trop\b"
    r"|\btrop de (?:consultations|requetes|visites|connexions)\b"
    r"|\b(?:reponse|affichage|version|information|page)s? (?:simplifie|allege|reduit|restreint|partiel)\w*"
    r"|\bvous devez (?:etre|vous) (?:connecte|identifie|authentifie|inscri)\w*"
    r"|\b(?:releve\w*|est|sont) (?:desormais|dorenavant|maintenant) (?:de|du|des|a|au)\b"
    # Booking at some hours only: at others the page says « none » whatever there is.
    r"|\b(?:en dehors|hors) des (?:heures|horaires)\b|\b(?:message|reponse|mention)\b.{0,60}\bpar defaut\b"
    r"|\b(?:prises? de (?:rendez-vous|rdv)|reservations?|inscriptions?|module)\b.{0,30}"
    r"\b(?:ouverte?s?|accessibles?|possibles?)\b.{0,30}"
    r"\b(?:uniquement|seulement|exclusivement|de \d{1,2} ?h|a partir de|du lundi)\b"
    r"|\b[1-9]\d* (?:rendez-vous|creneaux|places|rdv) (?:\w+ ){0,2}(?:libere|ajoute|remis|annule)e?s?\b"
    r"|\bvous n'etes (?:pas|plus) (?:autorise|eligible|habilite|admis|connecte|identifie)\w*"
    r"|\b(?:horaires?|dates?|creneaux|plages?|calendrier|planning|rendez-vous)\b.{0,40}"
    r"\b(?:pour information|a titre (?:d'information|indicatif|informatif))\b"
)
# What stays true whatever is shown: conditions, prices, papers, people, habits, other days, and data.
_USUAL = re.compile(
    r"\b(?:gratuit\w*|payant\w*|obligatoire\w*|necessaires?|indispensables?|personnel(?:le)?s?"
    r"|revente|delit|votre dossier"
    r"|nominati\w+|individuel(?:le)?s?|confidentiel\w*|conserve\w*|heberge\w*|cookies?|licence|rgpd"
    r"|par (?:courriel|courrier|mail|e-mail|sms|voie postale)|convocation|confirmation|recapitulatif"
    r"|munie?s?|presente[rz]?|presence|en personne|a l'heure|en avance|en retard|retards?|duree"
    r"|incomplets?|originaux|originales?|photocopies?|photographies?|photos?|passeports?|justificatifs?"
    r"|pieces?|documents?|timbres?|taxes?|mineurs?|enfants?|accompagn\w+|interprete|domicilie\w*"
    r"|residan?t\w*"
    r"|achete\w*|vend\w*|revend\w*|monnay\w*|frauduleu\w*|intermediaires?|honore\w*|recue?s?|absence"
    r"|delais? (?:de|d'|moyens?)|vous permet(?:tent)? de|permet(?:tent)? (?:de|aux)|un service de"
    r"|destinee?s? a\w*|dediee?s? a\w*|s'adresse\w*|consultez|pmr|accessibles? (?:aux|par)|parking|metro"
    r"|bus"
    r"|uniquement sur rendez-vous|punie?s?|passibles?|traitee?s?(?: uniquement)? par|concern\w+ que"
    r"|24 ?h|7j|protege\w*|optimise\w*|compatibles? avec|situee?s?|cessibles?|telecharge\w*|heure locale"
    r"|ordre (?:d'arrivee|de connexion|chronologique)|stationnement|proposee?s? par|inactivite"
    r"|(?:a|ont) lieu|d'urgence|automatiquement|delivre\w*|nos horaires|maintenus?"
    r"|ne donne\w* pas droit|demarche\w* (?:est|sont) en ligne|regulierement"
    r"|nombre de (?:rendez-vous|places) (?:est|sont) limite)\b"
    r"|\breservee?s? (?:aux? |a l[ae']? ?|exclusivement |uniquement |pour )"
)
_NOT_USUAL = re.compile(
    r"\b(?:pris(?:es?)?(?! de)|pannes?|maintenance|erreurs?|bug|suspendue?s?|interrompue?s?"
    r"|desactivee?s?|lenteurs?|ne menent?|(?:n'est|ne sont) plus)\b"
)
_DAYS = "|".join((*WEEKDAYS, *map(without_accents, MONTHS)))
_OTHER_DAY = re.compile(
    rf"(?!.*\bactuellement\b).*\b(?:{_DAYS}|chaque|tous les|toutes les|feries?|week-ends?|nuits?)s?\b"
)
_PAYING = re.compile(r"(?:\W|l[ae]s? |l'|une? )*\b(?:paiements?|cheques?|especes|photocopies?|timbres?)\b")
_PAST = re.compile(r"(?!.*\b(?:depuis|actuellement)\b).*\b(?:hier|(?:semaine|annee) derniere|mois dernier)\b")
# What comes after is said of itself: « gratuite, mais elle est suspendue ».
_BUT = re.compile(r"[,;:]? (?:mais|toutefois|cependant|pourtant|sauf que) ")
_CLAUSE = re.compile(r"[,;:]")
_OPENING = re.compile(
    r"(?:l[ae]s? |l'|vos |nos )?(?:guichets?|(?:sous-)?prefecture|accueil|bureaux?|services?)\b.*"
    r"\b(?:ouvert|ferme|accueill|recoi|recev)\w*"
)
_OUTAGE = re.compile(
    r".*\b(?:maintenance|indisponib|inaccessib|interrompu|suspendu|ferme|ralenti|surcharge|coupure)\w*"
)
# What every page may say of how slots come and go.
_OF_SLOTS = re.compile(
    r"^(?:attention )?(?:malheureusement )?(?:il n'(?:existe|y a) |(?:il )?ne reste |aucune? )(?!.*,).*"
    r"|^tous les (?:creneaux|rendez-vous|rdv)\b.{0,40}\b(?:pris|reserves|complets)$"
    r"|\bil est possible que vous ne trouviez|\bne plus etre (?:libre|disponible)|\ben temps reel\b"
    r"|\b(?:mis(?:es)? en ligne|mise?s? a jour|publiee?s|ajoutee?s|ouverte?s|proposee?s|liberee?s"
    r"|recharge\w*)\b.*"
    rf"\b(?:chaque|tous les|toutes les|regulierement|quotidiennement|progressivement|au fur|a l'avance"
    rf"|les? (?:{_DAYS})s?)\b"
)
# What was chosen before: it must be what the target asks for, which its platform knows. Or a period, a desk
# or a public, alone on a line: the answer may hold for that one only.
_DAY = rf"\d{{1,2}}(?:er)?(?:/\d{{1,2}}|(?: (?:{'|'.join(map(without_accents, MONTHS))})))?(?:[ /]\d{{4}})?"
_RECAP = re.compile(
    r"(?:votre |vos |le |la |les |l')?(?:demandes?|motifs?|services?|categories?|types?|prestations?|objet"
    r"|procedure|demarche|public|usagers?|commune|departement|profil|age|situation|nationalite|famille"
    r"|filtres?|criteres?|jours?|dates?|semaines?|mois|periodes?|creneaux?|plages?|recherches?|agences?"
    r"|lieux?"
    r"|guichets?|calendriers?|plannings?|bureaux?|structures?|antennes?)"
    r"(?: (?!d'ouverture|limites?\b)[\w'°-]+){0,4} ?: ?.{2,}"
    r"|(?:calendriers? |plannings? )?"
    r"(?:guichets?|bureaux?|agences?|salles?|box|postes?|calendriers?|plannings?) (?:n° ?)?"
    r"\d+(?:(?:,| et|, et|-| a)? ?\d+)*"
    r"|pour (?:les?|la|une?|des|tou\w+ les) (?!questions?|informations?|renseignements?|demandes?|problemes?"
    r"|difficultes?|premiere)[\w' -]{4,60}"
)
_CHOICE = re.compile(
    r"(?:votre|vos|vous avez) (?:demarche|motif|demande|choix|choisi|selection|selectionne"
    r"|procedure)s? ?: ?.+"
)
_PERIOD = re.compile(
    rf"(?:semaine |periode )?(?:du|de) {_DAY} (?:au|a) {_DAY}"
    rf"|(?:semaine|mois|journee|periode) (?:du|de|d') ?(?:{_DAY}|\w+ \d{{4}})"
)
_WILL_OPEN = re.compile(
    r"\bouverture (?:des?|du|de la) (?:inscriptions?|reservations?|rendez-vous|depots?|creneaux)\b.*\d|"
    r"\b(?:reservations?|prises? de rendez-vous|inscriptions?|module|service|calendrier|planning"
    r"|guichet)\b.{0,40}"
    r"\b(?:(?:re)?ouvrir(?:a|ont)|ser(?:a|ont) (?:possible|ouvert|accessible|disponible|active)\w*)"
)

_NOT_THESE = re.compile(
    r"\b(?:calendrier|planning|agenda|semaine|horaires|dates) (?:de l'|d'|du )\w*(?: ?\w+)? "
    r"(?:dernier|derniere|passe|passee|precedente?)\b"
    r"|\bapercu\b|\bsous reserve\b|\btout (?:est|y est) (?:complet|pris|reserve)\b"
    r"|\b(?:heures?|horaires?)\b.{0,40}\b(?:de (?:paris|(?:la )?metropole)|temps universel|utc|gmt)\b"
)


@lru_cache(maxsize=4096)
def states(line: str) -> bool:
    """Whether a normalised line states something that may put in doubt what the page answers."""
    return any(_states(part) for each in holding(line) for part in _BUT.split(each))


def recaps(line: str) -> bool:
    """Whether a normalised line names what was chosen before, as in « Motif : échange de permis », or alone a
    period, a desk or a public.
    """
    return _RECAP.fullmatch(without_accents(line)) is not None or is_period(line)


def choice(line: str) -> str:
    """What a normalised line says that the visitor chose: « Votre démarche : … »; empty for other lines."""
    found = _CHOICE.fullmatch(without_accents(line))
    return line.partition(":")[2].strip() if found else ""


def is_period(line: str) -> bool:
    """Whether a normalised line names a week, a month or days from one to another, and nothing else."""
    return _PERIOD.fullmatch(without_accents(line)) is not None


def states_or_opens(line: str) -> bool:
    """Whether it states so, or that the slots beside it are not open yet, all taken, or of another clock."""
    said = [*map(without_accents, sentences(line))]
    return states(line) or any(_WILL_OPEN.search(each) or _NOT_THESE.search(each) for each in said)


def of_the_past(sentence: str) -> bool:
    """Whether a sentence without accents tells of a time that is over."""
    return bool(_PAST.match(sentence))


def always_said(sentence: str) -> bool:
    """Whether a sentence without accents says how slots come and go, as any page may."""
    return bool(_OF_SLOTS.search(sentence))


def _states(sentence: str) -> bool:
    if _ANOTHER.search(sentence) or _ENGLISH.search(sentence):
        return True
    if of_the_past(sentence):
        return False
    if _OTHER_DAY.match(sentence) and (_OUTAGE.match(sentence) or _OPENING.match(sentence)):
        return False
    if _HEADED.search(sentence):
        return True
    said = _STATED.search(sentence) or _NO_MORE.search(sentence)
    return bool(said) and not _is_usual(sentence)


def _is_usual(sentence: str) -> bool:
    if any(map(ELSEWHERE.search, _CLAUSE.split(sentence)[:1])) or _PAYING.match(sentence):
        return True
    if _OF_SLOTS.search(sentence):
        return True
    if _NOT_USUAL.search(sentence):
        return False
    return bool(_USUAL.search(sentence))
