"""Sentences that stand around an answer on any page of a préfecture, and change nothing about it. No I/O.

The words that put an answer in doubt have no end. So around « none », where a mistake is gravest, it is the
other way round: a whole sentence must be one of those that pages always carry. On the other pages of a visit,
and around slots, that is asked only of sentences that speak of trouble or of another way to an appointment.
"""

from __future__ import annotations

import re
from functools import lru_cache

from probes.pages.dates import WEEKDAYS
from probes.pages.furniture import ANNOUNCEMENT, RELEASE
from probes.pages.notices.beside import speaks_of_slots
from probes.pages.notices.doubts import holding, other_time
from probes.pages.notices.statements import always_said, of_the_past
from probes.pages.notices.usual import usual
from probes.pages.page import without_accents

_DAYS = "|".join(WEEKDAYS)
_FEWEST_WORDS = 4
_IN_HAND = r"en cours(?! (?:de validite|d'(?:instruction|examen|annee)|de traitement))"
# What only a sentence has: a verb with its person, or a full stop.
_VERB = re.compile(
    r"\b(?:est|sont|etai(?:t|ent)|ont|avons|sommes|etes|va|vont|fait|font|peu(?:t|vent)|doi(?:t|vent)"
    r"|vien(?:t|nent)|a (?:ete|pu|du|eu)|(?:il|elle|qui|on|y|prefecture|prefet|service|site|ministere|module"
    r"|etat) a \w+|nous \w+ons|on (?!line)\w+|vous \w+ez|n'\w+|ne \w+"
    rf"|se \w+(?:e|ent|it)|s'\w+(?:e|ent|it)|{_IN_HAND}|voici|il y a)\b"
)
_FUTURE = re.compile(r"\b\w{2,}r(?:a|ont)\b")
_AGAIN = re.compile(r"\b(?:de nouveau|a nouveau|retabli\w*|resolu\w*|corrige\w*)\b")
_STOP = re.compile(r"(?:[^.…][.!]|…)$")

# With one of these, something is wrong with the service, or the answer is not that of now.
_TROUBLE = (
    r"pannes?|dysfonction\w*|incidents?|bugs?|bogues?|anomalies?|avaries?|perturb\w+|degrad\w*"
    r"|(?<!par )erreurs?|erron\w*|maintenances?|interventions?|operations? (?:technique|en cours)\w*"
    r"|coupures?|interrup\w*|interrom\w*|suspen\w*|desactiv\w*|bloqu\w*|satur\w*|surcharg\w*|ralenti\w*"
    r"|lenteurs?|piratages?|(?:cyber-?)?attaqu\w*|bascul\w*|retablissement|(?<!ne peut )etre retabli"
    r"|retour a la normale"
    r"|(?:problemes?|soucis?|difficultes?) (?:technique|informatique|d'affichage|avec|de connexion|momentane"
    r"|actuel)\w*"
    r"|nous (?:rencontr|sub|constat)\w+|pied d'oeuvre|patien\w*|la gene|queue|(?:la|d'|une) ?file|en attente"
    rf"|{_IN_HAND}|revenez(?! (?:plus tard|ulterieur|regulier))|rafraich\w*|reconnect\w*|compte d[ue]"
    r"|messages? (?:ci|qui|affiche|precedent|suivant)\w*"
    r"|fictif\w*|fictive\w*|archiv\w*|copie locale|obsolete\w*|perime\w*|serveurs?|javascript"
    r"|desormais|dorenavant|momentan\w*|temporair\w*|provisoir\w*"
    r"|plus (?:necessaire|besoin)|aucun rendez-vous n'est (?:necessaire|requis|demande|obligatoire)"
    r"|convoques? par"
)
# An appointment is had in another way, or was had already, or something else was chosen.
_ELSEWHERE = (
    r"^(?:prenez|reservez|prendre)\b.{0,40}\b(?:rendez-vous|rdv)\b.{0,30} sur\b"
    r"|\brendez-vous sur (?:www|rdv|le site)"
    r"|\b(?:titres?|remise|retrait|cette demarche|les rendez-vous)\b(?! pour les (?!demand|titre|remise))"
    r".{0,60}\b(?:se (?:prend|pren|fai|font)\w*|s'effectu\w*|envoye\w*)\b"
    r".{0,40}\b(?:courrier|sous-prefecture|sur (?!place|rendez-vous|presentation)\w+|anef|telephone)\b"
    r"|\bne (?:prenez|reservez) (?:pas|plus)(?: de)? (?:rendez-vous|rdv)(?! pour une autre)"
    r"|\bvous avez (?:deja un rendez-vous|choisi|selectionne)\b"
    r"|\b(?:se fai\w+|recue?s?|accueillis?|presentez-vous|venez)\b[^.]{0,40}\bsans (?:rendez-vous|rdv)\b"
)
# Words that may put an answer in doubt, and that pages also use otherwise.
_DOUBTFUL = (
    r"calendriers?|affich\w*|reponses?|resultats?|recherches?|ci-(?:dessus|dessous|apres|contre)|messages?"
    r"|textes?|exemples?|test\w*|demo\w*|versions?|exact\w*|inexact\w*|garanti\w*|migr\w*|operations?"
    r"|reprises?|excus\w*|attend\w*|reessa\w*|essay\w*|recommenc\w*|recharg\w*|actualis\w*"
    r"|logiciels?|modules?|teleservices?|systemes?|connexions?|connect\w+|sessions?|(?<!votre )navigateurs?"
    r"|robots?|dat(?:e|ent) (?:de|d'|du)|maintenant|pour (?:le moment|l'instant)|jusqu'a nouvel\w*"
    r"|(?<!les )(?<!nos )(?:service|site)(?: en ligne)? (?:est )?(?:accessible|ouvert|disponible|ferme)"
    r"(?! au public)"
    rf"|ferm\w+(?! a clef)(?!.*\b(?:{_DAYS}|jours feries|\d|travaux)\b)"
    r"|(?<!avant de )(?:prendre|prenez|obtenir|reserve[rz]|prise de)"
    r" (?:un |votre |vos |de )?(?:rendez-vous|rdv)(?! (?:est|sont|que si))"
    r"|(?<!demandes )(?<!demande )(?:par|au|aux|en|sur|a la) (?:courrier|courriel|telephone|mairie"
    r"|sous-prefecture|anef|rdv)"
)
_INSTEAD = re.compile(_ELSEWHERE)
_TROUBLED = re.compile(rf"\b(?:{_TROUBLE})\b|{_ELSEWHERE}")
_NEVER = re.compile(rf"\b(?:{_TROUBLE}|{_DOUBTFUL})\b")

# What stands before what is said.
_LEAD = (
    r"(?:actuellement )?(?:(?:attention|important|rappels?|infos?|informations?|nota(?: bene)?|nb|a noter"
    r"|avis|bon a savoir|pour rappel|nouveau)(?: aux? [\w ]{3,30})?\b[\s:!,*–—-]*)*(?:[^.:]{1,40} ?: ?)?"
    r"(?:(?:dans|selon|lors|pendant|apres|avant|afin|sous|a compter|depuis|en|compte tenu) [^,]{3,70}, )?"
)
# What a visitor is told to do, or may do.
_ADVICE = (
    r"(?:(?:merci|prieres?) (?:de |d')(?:bien vouloir |ne pas )?(?:vous |l'|le |la )?\w+r\b"
    r"|(?:pensez|veillez) a \w+|pensez-y|veuillez (?:vous |ne pas |bien )?\w+r\b|n'oubliez pas\b"
    r"|il (?:est|vous est|sera) (?:\w+ment )?(?:inutile|conseille|recommande|obligatoire|interdit|rappele"
    r"|demande|imperatif|indispensable|necessaire|important|preferable)\b"
    r"|(?:nous )?(?:vous )?(?:conseillons|invitons|rappelons|recommandons|remercions)\b"
    r"|vous (?:etes (?:prie|invite|tenu)\w*|devez|devrez|pouvez|pourrez|recevrez|serez|disposez)\b"
    r"|vous avez (?:deja une demande|ete destinataire)\b"
    r"|(?:ne )?(?:munissez|presentez|apportez|consultez|suivez|retrouvez|restez|soyez|mefiez|acceptez"
    r"|n'acceptez|ecrivez|appelez|contactez|inscrivez|telechargez|imprimez|conservez|limitez|respectez"
    r"|signalez|annulez|refusez|ayez|preparez|verifiez|communiquez|venez|evitez|prevoyez|lisez|completez"
    r"|joignez|scannez|informez|indiquez|achetez|arrivez|gardez|abonnez|decouvrez|partagez|donnez|participez"
    r"|rejoignez|accedez|adressez|rapprochez|deposez pas|prenez pas|videz|faites (?:attention|vos)"
    r"|(?:selectionnez|choisissez|cochez|saisissez|remplissez|renseignez)(?![^.]*\bautres?\b))\b)"
)
# Of the house, its hours and its public, of papers and prices, of other demands: whatever is said of them.
_OFFICE = (
    r"(?:(?:l[ae]s? |l'|nos |vos |cette |ce |notre |votre |d[eu]s? )?(?:guichets?|(?:sous-)?prefectures?"
    r"|accueils?|bureaux?|services?|standards?|mairies?|points? d'a\w+|maisons?|locaux|batiments?|parkings?"
    r"|stationnements?|entrees?|hall|acces|usagers?|publics?|personnes?|visiteurs?|agents?|permanences?|port"
    r"|horaires?|numeros?|adresses?|sites? internet|plans?|delais?|titulaires?|mineurs?|enfants?|conjoints?"
    r"|parents?|etudiants?|ressortissants?|etrangers?|demandeurs?|beneficiaires?|travailleurs?"
    r"|associations?|avocats?|recours|arretes?|recueils?|elections?|candidatures?|concours|enquetes?"
    r"|risques?|securite|vigilances?|travaux|circulation|droits?|taxes?|timbres?|paiements?|dossiers?"
    r"|documents?|pieces?|justificatifs?|photos?|photographies?|passeports?|originaux|copies|traductions?"
    r"|convocations?|attestations?|recepisses?|cartes?|permis|naturalisations?|informations?|donnees|cookies"
    r"|contenus?|videos?|retards?|absences?|presence|doublons|liste des \w+|depots? du dossier"
    r"|un(?: seul)? rendez-vous|votre (?:rendez-vous|demande)|chaque \w+"
    r"|rendez-vous (?:(?:est|sont) (?:\w+ment )?(?:personnel|gratuit|individuel|nominatif)\w*|non honore\w*"
    r"|annule\w*|en double|pris\b|manque\w*|ont lieu\b|d[eu] [^.]*\bmaintenu\w*))\b"
    r"|tou(?:te?s?|s) (?!est|sont|a )\w+)"
)
_OTHERS = (
    r"(?:toutes )?(?:les|vos|une?) (?:premieres? )?(?:demandes?|renouvellements?|depots?|envois?|visites?)\b"
    r"|(?:naturalisation|regroupement familial|asile|permis de conduire|carte grise)\b|perte ou vol\b"
    r"|les rendez-vous pour les (?!demand|titre|remise)\w+|des rendez-vous sont regulierement\b"
    r"|ce(?:ux|lles)-ci doivent\b|la demarche «[^»]+»|aucune? (?:autre )?(?:demande|document|renseignement"
    r"|dossier)\b"
)
_DATA = (
    r"(?:ce|notre) site (?:depose|utilise|respecte|est (?:edite|heberge|gere|conforme|compatible|optimise))\b"
    r"|le site \S+ devient \S+|sauf mention\b|tous droits reserves|les champs\b|\* ?champs?\b"
    r"|(?:votre|vos|les) (?:avis|donnees|informations)\b"
    r"|vous (?:rencontrez|avez) (?:une? |des )?(?:difficultes?|questions?|problemes?)\b"
    r"|(?:les |nos )?horaires\b|(?:du|le|les|ouverte?s? du) (?:lun|mar|mercre|jeu|vendre|same)dis?\b"
    r"|la prise de rendez-vous (?:est (?:ouverte|accessible) (?:24|7)|au guichet est uniquement reservee au)"
    r"|le nombre de rendez-vous est limite|j'ai deja un compte"
    r"|(?:cette|ce|ces) (?:demarche|page|application|service|teleservice|calendrier|rendez-vous)"
    r" (?:ne )?(?:vous )?(?:permet|a pour (?:objet|but)|concerne|s'adresse|est (?:gratuit|reserve)\w*)"
    r"|temps de \w+ estime\b|dur(?:ee|ee du rendez-vous) ?:|en cas (?:de|d')"
    r"|pour (?:les|toute|plus|nous|tout|vous aider|un)\b"
)
_FRAME = re.compile(rf"{_LEAD}(?:{_ADVICE}|{_OFFICE}|{_OTHERS}|{_DATA}).*")
# Warnings of those who sell what is free, the way to this page, and that there is no other way.
_USUAL = re.compile(
    rf"{_LEAD}(?:(?:soyez (?:tres )?vigilants|mefiez-vous|attention|n'acceptez|(?:toutes )?l[ae]s? |aucune?"
    r"|ne )[^.]*"
    r"\b(?:gratuite?s?|payante?s?|frauduleu\w+|fraudes?|delit|faux sites?|arnaques?|hameconnage"
    r"|escroquerie\w*|revente)\b[^.]*"
    r"|vous etes (?:ici ?: [^.]{3,80}|\S+@\S+.*)"
    r"|en cas d'absence de (?:creneaux?|plages?|disponibilites?|rendez-vous)[^.,]*, (?:il est inutile"
    r"|merci de)[^.]*"
    r"|ce(?:tte)? (?:calendrier|page|module) ne concerne que [^.]*"
    r"|aucune? rendez-vous (?:n'est|ne peut etre) (?:donne|pris|achete|vendu)\b[^.]*)"
)
# Whom to call when something does not work; that nobody is received without an appointment; where one's file
# is; when there are queues.
_HELP = re.compile(
    r"(?:pour|en cas d[e']) ?(?:toute? |un |une )?(?:pannes?|problemes?|difficultes?|incidents?|erreurs?"
    r"|bugs?|anomalies?|dysfonctionnements?)\b[^.]*\b(?:appelez|contactez|ecrivez|signalez|adressez|consultez"
    r"|joindre|joignez)\b[^.]*|.*\b(?:accueil|visites?|acces|personnes?)\b[^.]* sans rendez-vous\b[^.]*"
    r"\b(?:suspen|ferm|interdi|ne ser|pas recu|supprim)\w*[^.]*"
    r"|(?:actuellement )?votre dossier (?:est|sera)\b[^.]*|[^.]*\baux heures de pointe\b[^.]*"
)
# A label that is no name: it limits what stands beside it, or tells a state.
_LIMITS = re.compile(
    rf"\W*(?:hors|sauf|sans|seulement|uniquement|exclusivement|pour \d|ou|le (?:{_DAYS}))\b.*"
    r"|.*\b(?:mode|requis\w*|en cours(?! de validite)|seule|reservee?s?|matins?|apres-midi|autres?"
    r"|suivante?s?|precedente?s?|copies?|exemples?|apercus?|brouillons?|fin|\d+ resultats?|interpretes?|pmr"
    r"|mobilite reduite|entreprises|agents?|premieres? demandes?|traduction|cookies"
    r"|connexion|hors ligne|lecture|consultation|alerte\w*|garanti\w*|contractuel\w*|messages?|ok|ouverte?s?"
    r"|fermee?s?|complete?s?|libres?|disponibles?|nombre|duree)\b.*"
    r"|\W*(?:\d+ ?/ ?\d+|(?:guichets?|antenne|bureau|agence) (?:de|d'|du|des)\b.*)"
)
_PARTICIPLE = re.compile(r"\b[^\W\d]{3,}(?<!t)ée?s?\b")
_NAME = re.compile(
    r"(?:legende ?:? ?)?(?:(?:libre|occupe|complet|ferme|pris|reserve|(?:in)?disponible)e?s?\W*)+"
    r"|(?:mes|vos) .*|.*\bversion|site simule par vigie\b.*"
)


@lru_cache(maxsize=4096)
def unexpected(line: str) -> bool:
    """Whether a normalised line has a sentence that holds now and that pages do not always carry."""
    return not usual(line) and any(not _expected(each) for each in _said(line))


@lru_cache(maxsize=4096)
def troubled(line: str) -> bool:
    """Whether such a sentence speaks of trouble, of a queue, or of another way than this page."""
    return not usual(line) and any(_TROUBLED.search(each) and not _expected(each) for each in _said(line))


@lru_cache(maxsize=4096)
def limits(line: str) -> bool:
    """Whether a normalised line without a verb limits what stands beside it, or tells a state."""
    bare = without_accents(line)
    if _VERB.search(bare) or _FUTURE.search(bare) or _NAME.fullmatch(bare) or bare.endswith("?"):
        return False
    if _STOP.search(line) and bare.count(" ") + 1 >= _FEWEST_WORDS:
        return False
    return bool(_LIMITS.fullmatch(bare) or _PARTICIPLE.search(line))


def _said(line: str) -> list[str]:
    """The sentences of a normalised line that hold now. What has no verb is one only with a full stop."""
    if ANNOUNCEMENT.fullmatch(line) or RELEASE.fullmatch(line):
        return []
    stopped = bool(_STOP.search(line))
    return [
        each
        for each in holding(line)
        if _VERB.search(each) or (stopped and each.count(" ") + 1 >= _FEWEST_WORDS)
    ]


def _expected(said: str) -> bool:
    if of_the_past(said) or _HELP.fullmatch(said):
        return True
    if _INSTEAD.search(said):
        return False
    if other_time(said) or (_FUTURE.search(said) and not _AGAIN.search(said)):
        return True
    if _FRAME.fullmatch(said) and not _NEVER.search(said):
        return True
    known = _USUAL.fullmatch(said) or always_said(said) or speaks_of_slots(said)
    return bool(known) and not _TROUBLED.search(said)
