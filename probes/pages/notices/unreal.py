"""Lines beside an answer that say that it is a test, an example or another's, or its slots gone. No I/O.

In doubt a line is heard: the page is then `unrecognised`, the right way to be wrong.
"""

from __future__ import annotations

import re
from functools import lru_cache

from probes.pages.notices.doubts import holding

_SLOTS = (
    r"\b(?:creneaux?|rendez-vous|rdv|(?:in)?disponibilites?|places?|plages?|horaires?|heures?|dates?"
    r"|jours?)\b"
)
_SYSTEM = (
    r"\b(?:pages?|sites?|environnements?|versions?|plateformes?|modes?|serveurs?|instances?|bases?|modules?"
    r"|applications?|portails?|formulaires?|demarches?|calendriers?|plannings?|agendas?|donnees)\b"
)
_UNREAL = re.compile(
    rf"{_SYSTEM}(?: \w+)? (?:(?:de|d'|en|pour) ?)?(?:(?:phase|cours) (?:de |d'))?"
    r"(?:demonstration|demo|tests?|essais?|recette|pre-?production|integration|qualification)\b"
    r"|\bne (?:pas|plus) (?:utiliser|reserver)\b(?!.*\bpour\b)"
    r"|^\W*(?:zz\W*)?test\W+(?:webm|ne )\w*|^\W*zz\W*test\b"
    r"|\b(?:environnement|site|version|plateforme|base|mode) de formation\b"
    rf"|(?:{_SLOTS}|{_SYSTEM}|\b(?:demandes?|lieux?|guichets?|services?)\b).{{0,60}}\bficti(?:f|ve)s?\b"
    rf"|(?:{_SLOTS}|{_SYSTEM}|\baffichages?\b).{{0,60}}\ba titre"
    r" (?:d'exemples?|d'illustration|de demonstration)\b"
    r"|\b(?:exemple|specimen|apercu) (?:d'affichage|de (?:calendrier|planning|page|resultat"
    r"|disponibilite)s?)\b"
    r"|\b(?:copie|version)(?: d[ue](?: la)? (?:site|page))? (?:en cache|archivee|de sauvegarde|hors ligne)\b"
    r"|\bcopie du \d|\bprevisualisation\b|\bapercu avant\b"
    r"|\bcaptures? d'ecran\b|\bmodele (?:de|d') ?(?:calendrier|planning|page|semaine|agenda)\b"
    r"|\bceci est un (?:essai|brouillon)\b|\bhs$"
    r"|\bvue (?:agent|instructeur|administrateur|gestionnaire)\b|\b(?:poste|base|site|salle) ecole\b"
    r"|\b(?:reponse|donnee|resultat|rendez-vous)s? simule\w*|\bsimulateur a l'usage\b"
    r"|\b(?:reponse|valeur|resultat)s? par defaut\b|\banonymisee?s?\b"
    r"|\b(?:lecture|consultation|chargement) partiel\w*|\ben tant qu'agent\b|\bcontenu allege\b"
    r"|\b(?:ecran|affichage|page) fige\w*|\brecette\W?\d|\b(?:organisation|guichet|lieu|bureau)s? (?:de |d')"
    r"(?:test|essai)s?\b|\((?:essai|test|demo)s?\)|\binternet archive\b|\bwayback\b"
    r"|\bbac a sable\b|[\U0001f512\u26d4\U0001f6ab\U0001f534\U0001f6a7\U0001f6d1\u23f8\u274c]"
    r"|\bmode (?:de )?(?:previsualisation|apercu)\b"
    r"|\bpages?\b.{0,40}\btelles? qu'elles? (?:etai|apparaissai)(?:en)?t\b"
    r"|\bpages? (?:enregistree|archivee|sauvegardee)s? (?:le|en|depuis)\b"
    r"|\b(?:ceci|cela|cette page|cet ecran|cet affichage|ce site|ce formulaire) (?:est|n'est qu'|sert d')"
    r" ?(?:une? )?(?:test|demonstration|maquette|exemple|archive|copie|extrait|modele|illustration"
    r"|simulation)\b"
    r"|^\W*archives? d[ue]\b|\bpages? archivees?\b|\bnon (?:tenu|mis)e?s? a jour\b"
    r"|\baucune? (?:demande|rendez-vous|reservation) n'est (?:transmise?|enregistree?)\b"
    r"|(?:^|[—–|:(\[-])\W*(?:site |environnement |mode |version )?(?:de )?"
    r"(?:demo(?:nstration)?|recette|pre-?prod(?:uction)?|bac a sable|sandbox|staging|integration|tests?)\W*$"
    r"|\bbase de formation\b|\bpages? de formation\b|^\W*formation\W*$"
    r"|\b(?:rdv service public|rdv-prefecture|esirius|orion|demarche numerique)\W+(?:de )?"
    r"(?:formation|recette|tests?|demo)\b"
    r"|^\W*(?:lieu|guichet|bureau|agence|antenne|place) (?:de |d')?(?:tests?|essais?|demo)\b"
    r"|\bne pas (?:choisir|selectionner|prendre|cliquer)\b|(?<!d'une )\bformation (?:des )?agents\b"
    r"|\brendez-vous\b.{0,60}\bne (?:sont|seront|peuvent) pas (?:etre )?"
    r"(?:enregistre|honore|pris en compte|reel|valable)\w*"
)
# In a few words: that this is no page of now for everybody. It is a test or a copy, has lost its server, or
# is filtered. A name may say so too.
_LABELLED = re.compile(
    r"[\[(](?:demo|test|essai|recette|dev|uat|int|preprod|beta)s?[\])]|\bjeux? d'essai\b|\bmaquettes?\b"
    r"|\bprototypes?\b|\bd'entrainement\b|\bversion (?:beta|alpha)\b|\bagents? testeurs?\b"
    r"|\b(?:sur|dans) (?:la|notre) demo\b|^\W*simulations?\W*$|\bspecimens?\b|\bfactices?\b"
    r"|\bplateforme ecole\b|\benvironnement (?:int|uat|dev|rec)\b|^\W*(?:uat|dev|int|rec)\W*$|-rc ?\d+\b"
    r"|\ben construction\b|\blorem ipsum\b|\bcanular\b|\bpoisson d'avril\b|\bcopie locale\b|\bmiroir\b"
    r"|^\W*reproduction\W*$|\ba titre de memoire\b|\bversion imprimable\b"
    r"|\b(?:connexion|reseau) (?:perdue?|indisponible|interrompue?|coupee?)\b|\bperte de (?:la )?connexion\b"
    r"|\breconnexion\b|\bnon rafraichie?s?\b|\bactualisation impossible\b|^\W*oups\b|\btrop de visiteurs\b"
    r"|^\W*hors ligne\W*$|^\W*mise a jour en cours\W*$|\bignore[rz] (?:la |cette |ce )?"
    r"(?:phrase|message|ligne|reponse)\b|^\W*faux\W*$|\bresultats? filtres?\b|^\W*rayon ?:"
    r"|^\W*hors (?:algeriens?|europeens?|britanniques?|etudiants?|ue)\b"
    r"|\bne (?:valent|vaut) que\b"
)
# That the site, the page or its answer is not the one for the public, or not of now, by what it is called.
_PUBLIC = (
    r"(?:pages?|ecrans?|messages?|reponses?|affichages?|calendriers?|plannings?|agendas?|resultats?|images?"
    r"|demarches?|donnees|disponibilites?|fonctionnement|sites?)"
)
_STAND_IN = re.compile(
    r"\b(?:instances?|serveurs?|environnements?|plateformes?|postes?|bases?|versions?|sites?|modules?"
    r"|sessions?|domaines?|urls?|adresses?|phases?|campagnes?) (?:de |d'|pour (?:la |les )?)"
    r"(?:formation|tests?|essais?|demo\w*|recette|developpement|integration|qualification|secours"
    r"|entrainement|preproduction|pre-production)\b"
    r"|\brecette (?:fonctionnelle|technique|usine|metier|utilisateurs?|v ?\d)|^\W*recette\W*$"
    r"|\b(?:www-?)?(?:dev|tests?|demo|recette|rct\d*|pre-?prod|pprod|qualif|uat|staging|sandbox|formation)\d*"
    r"[.-](?:[\w-]+\.)+[a-z]{2,}\b|\b[\w-]+-(?:dev|tests?|demo|recette|rct\d*|preprod|pprod|uat"
    r"|staging)\.[\w-]+\."
    r"|\bsimulateurs? (?:de )?(?:prise|rendez-vous|reservation)|^\W*simulateur\W*$|\btravaux pratiques\b"
    r"|\ben lecture seule\b|\breponses?\b.{0,20}\bgeneree?s? automatiquement\b|^\W*(?:exemple|specimen"
    r"|fausse page|faux site|copie|modele)\W*$|\bn'est pas le (?:vrai )?site\b"
    rf"|\b(?<!aux )fau(?:x|sse) (?:page|ecran|message|reponse|affichage|calendrier|planning|site)\b"
    rf"|\b{_PUBLIC} (?:d'exemple|d'illustration|type|factice|fau(?:x|sse)"
    rf"|fictif|fictive"
    r"|perime|fige|provisoire|incomplet|incomplete|errone|reconstitue|de secours|perturbe|degrade"
    r"|non (?:verifie|actualise|rafraichi|fiable|definiti))\w*\b(?! d'inscription)"
    r"|\bsauvegarde (?:du \d|de la page|automatique du)|\bimages? (?:de la|d'une|de cette) (?:page|ecran)\b"
    r"|\bcopie (?:enregistree|conservee|imprimee|de (?:la|cette) (?:page|demarche)|du site)\b"
    r"|\bdocumentation utilisateur\b|\bgeneree?s? automatiquement en cas de\b|\brobots? detectee?s?\b"
    r"|\bmode maintenance\b|\bdonnees (?:de l'annee|arretees au)\b|\blogiciel\b.*\bexpiree?\b"
    r"|\b(?:apparaiss\w+|s'affich\w+)\b.{0,20}\b(?:closes?|fermees?|par erreur)\b|\bmessage (?:est )?errone\b"
)
# Whose answer it is, or of which day, when it is not the one that was asked for now.
_OTHER = re.compile(
    r"(?:recherches? effectuees?|resultats?(?: de la recherche)?) (?:le|du|pour|d'une? autre)\b"
    r"|.*\b(?:is|are|may be|not) (?:down|unavailable|outdated|out of date|up to date|available)\b"
)
_GONE = r"(?:pris|complet|reserve|occupe|attribue|epuise|ferme|indisponible|perdu)\w*"
_FREE = r"(?:reservable|disponible|libre|ouvert|accessible|possible|propose|offert)\w*"
_NONE_LEFT = re.compile(
    rf"\btou(?:s|te|tes)?\b.{{0,30}}{_SLOTS}.{{0,60}}\b(?:est|sont|ont ete|etaient)\b.{{0,20}}\b{_GONE}\b"
    rf"|{_SLOTS}.{{0,60}}\b(?:est|sont|ont)\b.{{0,12}}\btou(?:s|te|tes)\b.{{0,20}}\b{_GONE}\b"
    r"|\btout est (?:complet|pris|reserve)\b"
    rf"|\baucune?s? (?:de (?:ces|nos)|des) {_SLOTS}.{{0,60}}"
    rf"|\baucune? {_SLOTS} (?:\w+ )?{_FREE}"
    rf"|\baucune? {_SLOTS}.{{0,20}}\b(?:n'est|ne reste)\b(?: \w+)? {_FREE}"
    rf"|\bplus (?:aucune?|de|d'une?) {_SLOTS}"
    rf"|{_SLOTS}.{{0,40}}\b(?:n'est|ne sont|n'etaient) (?:pas|plus) {_FREE}"
    r"|\blistes? d'attente\b"
)
# Another way than this page, or what is asked of a visitor.
_ELSEWHERE = re.compile(
    r"\b(?:par (?:courri|cour|mail|voie|telephone|fax)\w*|au guichet|sur place|sans (?:rendez-vous|rdv|avoir)"
    r"|supplementaires?|en gris|grisee?s?|barree?s?|week-ends?|samedi|dimanche|feries?)\b"
)


@lru_cache(maxsize=4096)
def unreal(line: str) -> bool:
    """Whether a normalised line says that the page is a test or an example, or answers another search."""
    said = [*holding(line)]
    called = (_UNREAL, _LABELLED, _STAND_IN)
    return any(_OTHER.match(each) or any(words.search(each) for words in called) for each in said)


@lru_cache(maxsize=4096)
def none_left(line: str) -> bool:
    """Whether a normalised line says that no slot is left, or that one may only wait for one."""
    return any(_NONE_LEFT.search(each) and not _ELSEWHERE.search(each) for each in holding(line))
