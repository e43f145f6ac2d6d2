"""Pages that say that their service was closed, suspended or moved elsewhere. No I/O."""

from __future__ import annotations

import re

from probes.model import Outcome, Reading
from probes.pages.notices.sentences import applies_on, leads_on, says_little_else, sentences, spoken
from probes.pages.page import Page, lines, normalise, words

_ENDS = "suspend|ferm|interromp|désactiv|arrêt|clôtur|supprim"
_BOOKING = (
    r"(?:(?:la|les?|toute|notre) |l')?(?:prises? de (?:rendez-vous|rdv)|demandes? de rendez-vous"
    r"|téléservices?|réservations?(?: de rendez-vous)?|dépôts? (?:de|des) .{2,60}?|inscriptions?)"
    r"(?: .{2,140}?)?"
)
_SERVICE = (
    r"(?:ce|cette|cet|le|la|notre) (?:service|site|téléservice|formulaire|module|page|démarche|application"
    r"|lien|adresse|plateforme)(?: (?:de|du|des|d'|en) ?.{2,80}?)?"
)
_STATE = (
    r"(?:(?:désormais|définitivement|actuellement|provisoirement|temporairement|momentanément|maintenant) )?"
)
_OVER = rf"(?:(?:{_ENDS})\w{{0,4}}|clos|closes?)"
_MORE = r"(?:,? .{1,200})?"
_FROM_NOW_ON = r"(?:désormais|dorénavant|maintenant|à présent)"
_MOVES = (
    r"(?:s'effectue(?:nt)?|se (?:fait|font|prend|prennent|(?:dépose|déroule|demande)(?:nt)?)|(?:a|ont) lieu"
    rf"|(?:est|sont) (?:{_FROM_NOW_ON} )?"
    r"(?:effectué|déposé|réalisé|accessible|géré|traité|pris|disponible|à )\w*"
    rf"|doi(?:t|vent) (?:{_FROM_NOW_ON} )?(?:être \w+|se faire|s'effectuer))"
)
_PLACE = (
    r"(?:anef|sites?|plateforme|téléservice|portail|adresse|application|démarches?[ -]numériques?"
    r"|www|https?|[\w-]+\.fr)"
)
_NO_MORE = (
    r"(?:n'existe(?:nt)? plus|(?:n'est|ne sont) plus (?:accessible|disponible|possible|proposé|assuré"
    r"|en service|acti|utilisé|ouvert)\w{0,3}|n'accepte(?:nt)? plus)"
)
_CLOSED = re.compile(
    rf"(?:.{{1,80}}, )?(?:{_BOOKING}|{_SERVICE}) "
    rf"(?:(?:a|ont|est|sont) {_STATE}(?:été )?{_STATE}{_OVER}|{_NO_MORE}){_MORE}"
)
_MOVED = re.compile(
    rf"(?:.{{1,80}}, )?(?:{_SERVICE} (?:a (?:déménagé|changé d'adresse|été (?:transféré|remplacé|déplacé)e?)"
    rf"|est {_FROM_NOW_ON} (?:transféré|remplacé|déplacé|accessible|disponible|hébergé)e?){_MORE}"
    rf"|(?=.*\b{_FROM_NOW_ON}\b)(?=.*\b{_PLACE}\b).{{3,160}}? {_MOVES}\b.{{3,240}}"
    rf"|(?=.*\b{_PLACE}\b)vous devez {_FROM_NOW_ON} .{{3,240}})"
)
_PERHAPS = re.compile(
    r"(?=.*(?:rendez-vous|rdv|démarche|service|demande|site|réservation|dossier|titre))"
    r".*\b(?:désormais|dorénavant|déménag\w+|transférée?s?|suspendue?s?|suspension|anef|n'existe plus"
    r"|(?:n'est|ne sont) plus (?:possibles?|proposée?s?|assurée?s?|en service)|définitivement)\b.*"
)

# What soon passes is an outage, and a test is none; what holds for some persons, demands or places is no end.
_PASSING = re.compile(
    r"\b(?:maintenance|mises? à jour|migration|pannes?|incidents?|dysfonctionnements?|problèmes?|techniques?"
    r"|informatiques?|connexions?|serveurs?|affluence|patient\w+|tests?)\b"
)
_PARTLY = re.compile(
    rf"\bpar (?:téléphone|courrier|courriel|fax)\b|\b(?:{_OVER})\b.*\b(?:"
    r"(?:pour|aux?) (?:les? |la |l'|des )?(?:personnes?|usagers?|étudiant\w*|demandes?|dossiers?|démarches?"
    r"|titres?"
    r"|renouvellements?|naturalisations?|permis|mineurs?|ressortissants?|seul\w*)"
    r"|(?:à|en) (?:la |l')?(?:sous-préfecture|antenne|annexe|mairie)|au guichet)\b"
)
# Something else is closed than the booking, some of it, in another year or by mistake; or it is only asked.
_OTHERS = (
    r"cartes? (?:grises?|d'identité|nationales?)|naturalisations?|passeports?|permis|plaintes?|associations?"
    r"|antenne"
    r"|primo-\w+|poids lourds"
)
_ANOTHER = re.compile(
    r"\b(?:inscriptions?|réservations?) (?:à|au|aux|sur|en (?!ligne)|de (?!rendez-vous)|d'(?!un rendez-vous)"
    r"|du|des|scol\w+)\b"
    r"|\bformulaire de contact\b|\bservices? (?:de (?!prise|rendez-vous|réservation|l'immigration)|du|d')\w*"
    rf"|\b(?:pour|aux?|des?|à|en) (?:les? |la |l'|un |une )?(?:dépôt de )?(?:{_OTHERS})\b"
    r"|\bprises? de (?:rendez-vous|rdv) (?:à|en) (?!ligne|préfecture|la préfecture|compter|partir)"
    r"|\b(?:uniquement|seulement|exclusivement|par erreur|vrai ou faux)\b|\brestent? (?:ouvert|possible"
    r"|accessible)\w*"
    r"|\bannée 20\d\d\b|\?"
)
_ELSE = re.compile(rf"\b(?:{_OTHERS})\b")
_RULES = (("moved", _MOVED), ("suspended", _CLOSED))
# What is quoted is not said.
_QUOTED = re.compile('[«»“”"]')


def told(page: Page, within: str) -> str:
    """The first line in `within` that says that a service is closed or moved, whatever else is shown."""
    found = (line for node in page.nodes(within) for line in lines(node))
    return next((line for line in found if any(map(_rule, sentences(normalise(line))))), "")


def _rule(sentence: str) -> str:
    """The rule of a normalised sentence that says so; empty for others."""
    if _QUOTED.search(sentence):
        return ""
    return next((rule for rule, pattern in _RULES if pattern.fullmatch(sentence)), "")


def _in_part(sentence: str) -> bool:
    """Whether a normalised sentence tells of an outage, or of an end of something else or for some alone."""
    return bool(_PASSING.search(sentence) or _PARTLY.search(sentence) or _ANOTHER.search(sentence))


def speaks_of_an_end(plain: str) -> bool:
    """Whether a normalised line, in whatever context, says or seems to say that a service ends or moves."""
    return any(_rule(each) or _PERHAPS.fullmatch(each) for each in sentences(plain))


def closed(page: Page) -> Reading | None:
    """`closed` when the page says little else than that its service is, and a visitor cannot go on from it.

    `unrecognised` with the rule `perhaps_closed` when it only seems to say so.
    """
    if leads_on(page):
        return None
    today = page.step.started_at.date()
    perhaps = ""
    for shown, sentence in spoken(page):
        found = _rule(sentence)
        if not (found or _PERHAPS.fullmatch(sentence)) or not says_little_else(page, shown):
            continue
        apart = _in_part(sentence) if found == "suspended" else _ELSE.search(sentence)
        if found and applies_on(sentence, today) and not apart:
            return Reading(outcome=Outcome.CLOSED, rule=found, words=words(shown))
        perhaps = perhaps or shown
    if not perhaps:
        return None
    return Reading(outcome=Outcome.UNRECOGNISED, rule="perhaps_closed", words=words(perhaps))
