"""A line anywhere on a page that says that its answer is not to be relied on; and lines that do not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from probes.answer import Answer, InHtml
from probes.model import AcceptedLine, NoSlotsKind, Outcome, Reading, Slot, Transport
from probes.pages.contract import held
from probes.pages.notices.doubts import doubt, doubtful
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

DOUBTS = [
    "Ce message ne concerne que les rendez-vous du mois de décembre.",
    "De nouveaux rendez-vous sont proposés sur l'autre calendrier.",
    "Des créneaux restent ouverts dans un autre planning.",
    "Ce calendrier ne concerne que les trois prochaines semaines.",
    "Mise à jour des plannings en cours : aucun rendez-vous ne s'affiche pour le moment. "
    "Veuillez revenir à 14h.",
    "Suite à une panne, tous les plannings apparaissent vides à tort.",
    "Les disponibilités affichées ci-dessous ne sont pas à jour.",
    "Le calendrier est en cours de publication, revenez dans quelques minutes.",
    "En raison d'un dysfonctionnement, ce service répond actuellement « aucun rendez-vous » "
    "quelle que soit la situation réelle.",
    "Service dégradé : les résultats peuvent être incomplets.",
    "Les rendez-vous sont suspendus : toute réservation sera annulée.",
    "Le nombre maximal de dossiers a été atteint. Le dépôt reprendra le 5 janvier 2027.",
    "Les demandes sont suspendues jusqu’au 4 janvier 2027.",
    "Cette démarche n’est pas encore ouverte : elle ouvrira le 4 janvier 2027.",
    "Cette version de la démarche est close. Utilisez la nouvelle version.",
    "DÉMARCHE SUSPENDUE jusqu’à nouvel ordre : aucun dossier ne sera traité, ne déposez rien.",
    "DÉMARCHE SUSPENDUE : ne déposez pas de dossier.",
    "Les dépôts sont interrompus jusqu'au 4 janvier 2027.",
    "Nous n'acceptons plus de nouvelle demande.",
    "Le quota de demandes du mois de novembre est atteint, merci de revenir le 1er décembre.",
    "Cette démarche est remplacée par RDV-Préfecture. Les dossiers déposés ici ne seront pas traités.",
    "Les dossiers déposés ici ne seront pas traités",
    "Démarche close aux nouveaux usagers.",
    "Cette démarche n’accepte plus de nouveaux dossiers.",
    "Actualisation de l'agenda en cours, merci de repasser à 15 heures.",
    "Les créneaux ne sont pas visibles pour l'instant, réessayez vers 14 h.",
    "À la suite d'un incident informatique, les agendas sont tous affichés comme complets.",
    "Un bug vide actuellement les calendriers de toutes les préfectures.",
    "Attention, les créneaux ci-dessous sont faux.",
    "Les horaires présentés sur cette page ne correspondent plus à la réalité.",
    "Le planning sera bientôt remis en ligne.",
    "Les plages horaires sont en cours de chargement.",
    "Le module de réservation connaît une anomalie : il indique à tort qu'il n'y a plus de place.",
    "Notre plateforme ne fonctionne pas correctement en ce moment.",
    "Toutes les prises de rendez-vous ont été annulées.",
    "La prise de rendez-vous est interrompue, les réservations faites ici seront supprimées.",
    "Le formulaire est désactivé jusqu'à nouvel ordre.",
    "Les demandes ne sont plus instruites.",
    "La capacité de traitement du service est dépassée.",
    "Nous ne prenons plus de dossiers.",
    "Aucune nouvelle demande ne sera enregistrée.",
    "Le service est saturé, ne déposez plus de demande.",
    "Les demandes envoyées sur cette page ne sont pas traitées.",
    "Si aucun créneau n'apparaît, c'est que le planning est en cours de mise à jour.",
    "Les agendas affichés datent d'hier et ne sont plus à jour.",
    "Ne tenez pas compte des créneaux affichés ici.",
    "L'outil de réservation est actuellement hors service.",
    "Le plafond mensuel de dossiers est dépassé.",
    "Mise en ligne des créneaux en cours.",
    "Nos calendriers sont actuellement vides en raison d'un problème de serveur.",
    "Les créneaux affichés ne sont pas réels.",
    "Les plannings n'ont pas encore été publiés.",
    "Les agendas de janvier ne sont pas encore ouverts.",
    "L'affichage des disponibilités est défaillant.",
    "L'affichage est perturbé, veuillez ne pas en tenir compte.",
    "Ne vous fiez pas au calendrier ci-dessous.",
    "La prise de rendez-vous en ligne est fermée jusqu'à nouvel ordre.",
    "La réservation est momentanément impossible.",
    "Nous rencontrons actuellement des difficultés techniques sur notre site de rendez-vous.",
    "Le téléservice connaît des ralentissements, certains créneaux n'apparaissent pas.",
    "Les disponibilités seront de nouveau affichées à partir de 14h.",
    "Les rendez-vous pris ici ne sont pas valables.",
    "Dépôt de dossiers arrêté.",
    "La plateforme est en cours de maintenance.",
    "Maintenance en cours sur le module de rendez-vous.",
    "Le nombre de demandes maximal est atteint.",
    "Les nouvelles demandes sont refusées jusqu'au 5 janvier.",
    "Inutile de déposer un dossier, il ne sera pas instruit.",
    "Nous avons cessé de recevoir les demandes.",
    "Le service des étrangers ne traite plus les demandes déposées ici.",
    "Suite à un bug, le système indique aucun créneau alors que des places existent.",
    "Cette page affiche des données obsolètes.",
    "Les données du planning datent d'hier.",
    "Problème d'affichage du calendrier : revenez plus tard.",
    "La réponse ci-dessous peut être inexacte.",
    "Le calendrier ne se charge pas correctement.",
    "Veuillez rafraîchir la page dans 5 minutes.",
    "Les créneaux réapparaîtront à midi.",
    "Démarche temporairement fermée.",
]
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
    "Votre demande a été interrompue par inactivité : recommencez.",
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


@pytest.mark.parametrize("line", DOUBTS)
def test_a_line_that_doubts_the_display_or_the_service_is_heard(line: str) -> None:
    assert doubtful(normalise(line))
    assert doubtful(normalise(line.upper()))


@pytest.mark.parametrize("line", HARMLESS)
def test_what_pages_always_carry_is_no_doubt(line: str) -> None:
    assert not doubtful(normalise(line))


@pytest.mark.parametrize("line", DOUBTS)
@BOTH
def test_it_takes_back_an_answer_from_any_place_of_the_page(line: str, reading: Reading, answer: str) -> None:
    found = held(
        reading, WATCHED, [shown_page(answer, outside=f"<aside>{line}</aside>")], ANSWER, transport=None
    )
    assert (found.outcome, found.rule) == (Outcome.UNRECOGNISED, "contradiction")
    assert normalise(line)[:80] in normalise(found.words)


@pytest.mark.parametrize("line", HARMLESS)
@BOTH
def test_beside_a_harmless_line_an_answer_stays(line: str, reading: Reading, answer: str) -> None:
    beside = shown_page(answer, outside=f"<aside>{line}</aside>")
    assert rule(reading, beside) == reading.rule


@BOTH
def test_a_test_or_an_example_takes_back_an_answer_from_any_place(reading: Reading, answer: str) -> None:
    for line in ("Ceci est une page de démonstration.", "Les dates ci-dessus sont fictives."):
        assert rule(reading, shown_page(answer, outside=f"<aside>{line}</aside>")) == "contradiction"


def test_it_takes_back_the_answer_of_a_later_page_too() -> None:
    before = parse(received("<p>Le planning est vide à tort.</p>", url="https://www.ain.gouv.fr/avant"))
    assert rule(ZERO, before, shown_page(NONE)) == "contradiction"
    assert rule(ZERO, shown_page(NONE)) == "none"


def test_an_alert_that_doubts_the_answer_is_heard() -> None:
    assert (
        rule(ZERO, shown_page(NONE, dialogs=("Le planning est en cours de chargement.",))) == "contradiction"
    )
    assert rule(ZERO, shown_page(NONE, dialogs=("Bienvenue",))) == "unknown_line"


def test_that_requests_are_taken_is_taken_back_too() -> None:
    requests = Reading(outcome=Outcome.REQUESTS_OPEN, rule="open", words="Il reste 3 créneaux")
    said = "<p>Il reste 3 créneaux</p>"
    assert rule(requests, shown_page(said)) == "open"
    assert (
        rule(requests, shown_page(said, outside="<p>Nous ne prenons plus de dossiers.</p>"))
        == "contradiction"
    )


@pytest.mark.parametrize(
    ("lines", "heard"),
    [
        (["En raison d'un incident informatique,", "les agendas sont vides"], True),
        (["Le calendrier des rendez-vous", "est en cours de publication"], True),
        (["Calendrier", "Incident réglé"], False),
        (["Bienvenue sur le site.", "Quelques incidents de travail"], False),
    ],
)
def test_a_sentence_may_go_on_in_the_next_line(lines: list[str], *, heard: bool) -> None:
    assert (doubt([normalise(line) for line in lines]) is not None) is heard


def test_no_accepted_line_mends_it() -> None:
    line = "Le planning est vide à tort."
    said: Page = shown_page(f"<p>{NONE}</p><p>{line}</p>")
    accepted = AcceptedLine(line=normalise(line), at=said.step.started_at, reason="x")
    assert rule(ZERO, said, accepted=(accepted,)) == "contradiction"


def test_the_sentence_of_the_answer_itself_is_no_doubt() -> None:
    own = "Le planning est en cours de publication."
    answer = ANSWER.__class__(
        place="#reponse", none=(re.compile(re.escape(normalise(own))),), in_html=ANSWER.in_html
    )
    reading = replace(ZERO, words=own)
    assert held(reading, WATCHED, [shown_page(own)], answer, transport=None) == reading


def test_a_line_that_the_platform_knows_is_no_doubt() -> None:
    line = "Le planning est vide à tort."
    said = shown_page(NONE, outside=f"<p>{line}</p>")
    assert rule(ZERO, said) == "contradiction"
    assert rule(ZERO, said, known=frozenset({normalise(line)})) == "none"
