"""An answer, « none » or slots, beside which lines are put, and lines that change nothing about it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from probes.answer import Answer, InHtml
from probes.model import NoSlotsKind, Outcome, Reading, Slot, Transport
from probes.pages.contract import held
from probes.pages.page import Page, normalise, parse
from tests.cast.saved_pages import received, target

NONE = "Aucun créneau libre pour cette demande."
FREE = "lundi 5 janvier 2026 à 9h30"
LINK = f"<a class=creneau>{FREE}</a>"
ANSWER = Answer(
    in_html=InHtml(stands=True, reason="The server writes it."),
    place="#reponse",
    none=(re.compile(re.escape(normalise(NONE))),),
    some=(re.compile(r"il reste \d+ créneaux"),),
    offers="a.creneau",
)
WATCHED = target("example", "https://www.ain.gouv.fr/page")
ZERO = Reading(outcome=Outcome.NO_SLOTS, rule="none", words=NONE, kind=NoSlotsKind.UNSPECIFIED)
FIFTH = Slot(starts_at=datetime(2026, 1, 5, 8, 30, tzinfo=UTC))
SOME = Reading(outcome=Outcome.SLOTS_OFFERED, rule="some", words=FREE, earliest=FIFTH)

HARMLESS = [
    "Ce calendrier ne concerne que les remises de titre.",
    "Les rendez-vous pour les étudiants se prennent sur une autre page.",
    "Le site sera indisponible le samedi 12 décembre de 8h à 12h.",
    "Le service est surchargé le lundi matin.",
    "Si vous rencontrez un problème technique, contactez le support du site.",
    "En cas d'erreur dans votre demande, contactez le service.",
    "En cas de panne du site, réessayez dans une heure.",
    "Tout dossier incomplet sera refusé.",
    "Toute annulation de rendez-vous doit être signalée.",
    "Vous pouvez annuler votre rendez-vous.",
    "Votre rendez-vous est annulé si vous arrivez en retard.",
    "Veuillez recommencer ultérieurement.",
    "Veuillez réessayer ultérieurement.",
    "Une interruption de service est prévue le 5 décembre 2026 de 22h à 23h.",
    "Cette démarche sera close le 15 janvier 2027.",
    "La démarche « Renouvellement » est close depuis le 2 mars 2026.",
    "Une panne du formulaire ? Écrivez-nous.",
    "Signaler une anomalie du site",
    "Pour toute panne du module, appelez le standard.",
    "Le site est accessible 24 h sur 24, sauf maintenance le dimanche.",
    "Le service traite les demandes sous huit jours.",
    "Un seul rendez-vous par personne : les doublons seront annulés.",
    "Tout rendez-vous pris par erreur doit être annulé.",
    "Prendre, modifier ou annuler un rendez-vous",
    "Demande de mise à jour d'un titre de séjour en cours de validité",
    "Pensez à mettre à jour vos coordonnées.",
    "Les visites sans rendez-vous sont suspendues.",
    "Accessibilité du site : partiellement conforme",
    "Mes rendez-vous annulés",
    "Page mise à jour le 12 novembre 2026",
    "Dernière mise à jour du site : 3 mars 2026",
    "Les demandes par courrier ne sont plus acceptées.",
    "Les dossiers incomplets ne seront pas traités.",
    "De nouveaux rendez-vous sont mis en ligne chaque lundi à 9h.",
    "De nouveaux créneaux seront prochainement ouverts.",
    "Vous avez déjà une demande en cours d'instruction.",
    "Munissez-vous d'un titre en cours de validité le jour du rendez-vous.",
    "Les guichets seront fermés du 24 décembre 2026 au 2 janvier 2027.",
    "Dans la majorité des cas, le délai de traitement est inférieur à 3 mois.",
    "Il n'existe plus de plage horaire libre pour votre demande de rendez-vous.",
    "Aucun rendez-vous n'est disponible.",
    "Que faire si je lis « La démarche est close depuis le 3 mars 2026 » ? "
    "Videz le cache de votre navigateur.",
    "Ne déposez pas deux dossiers pour la même personne.",
    "Toute fausse déclaration dans le formulaire est punie par la loi.",
    "Présentez-vous à 14h avec votre dossier.",
    "Le service des étrangers est ouvert du lundi au vendredi de 9h à 12h.",
    "Vous devez revenir à la préfecture avec votre dossier complet.",
    "Les rendez-vous sont ouverts à la réservation tous les jours à 9h.",
    "Le planning est mis à jour chaque matin.",
    "De nouveaux créneaux sont ajoutés régulièrement, revenez plus tard.",
    "Ne prenez pas de rendez-vous pour une autre démarche.",
    "Toute demande incomplète ne sera pas traitée.",
    "Votre dossier sera traité dans l'ordre d'arrivée.",
    "Vous recevrez une réponse par courriel sous 48 heures.",
    "En cas d'empêchement, annulez votre rendez-vous.",
    "Les rendez-vous non honorés sont annulés.",
    "Les délais de traitement des demandes sont actuellement de 6 mois.",
    "Ce site utilise des cookies pour fonctionner.",
    "Tout faux document joint au dossier entraîne des poursuites.",
    "Les rendez-vous obtenus frauduleusement seront annulés.",
    "Attention aux faux sites de prise de rendez-vous.",
    "Les rendez-vous ne sont pas payants.",
    "Les personnes sans rendez-vous ne seront pas reçues.",
    "Sans rendez-vous, aucune demande ne sera acceptée au guichet.",
    "Chaque dossier doit être à jour.",
    "Vous n'êtes pas encore inscrit sur le site ?",
    "Le service est fermé au public les jours fériés.",
    "Si le calendrier ne s'affiche pas, videz le cache de votre navigateur.",
    "Le paiement par chèque n'est plus accepté pour cette démarche.",
    "Le dépôt du dossier papier est supprimé.",
    "Vos données sont conservées le temps du traitement de la demande.",
    "Fermer",
    "Prise de rendez-vous en ligne",
    "Modifier ou annuler un rendez-vous",
    "Annulation de rendez-vous",
    "Un rendez-vous annulé ne peut être rétabli.",
    "Cette démarche ne concerne que les renouvellements en cours d'année scolaire.",
    "Il est interdit de revendre un rendez-vous, tout rendez-vous acheté est annulé.",
]
BOTH = pytest.mark.parametrize(
    ("reading", "answer"), [(ZERO, f"<p>{NONE}</p>"), (SOME, LINK)], ids=["none", "some"]
)


def shown_page(inside: str, outside: str = "", **more: Any) -> Page:
    """A page whose answer's place shows `inside`."""
    return parse(received(f"<h1>Titre</h1>{outside}<div id=reponse>{inside}</div>", **more))


def rule(reading: Reading, *pages: Page, **more: Any) -> str:
    """The rule of what is left of `reading`: its own if it holds."""
    return held(reading, WATCHED, pages, ANSWER, transport=Transport.HTTP, **more).rule
