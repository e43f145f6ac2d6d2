"""A line anywhere on a page that says that its answer is not to be relied on; and lines that do not."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from probes.model import AcceptedLine, Outcome, Reading, Transport
from probes.pages.contract import held
from probes.pages.notices.doubts import doubt, doubtful
from probes.pages.page import Page, normalise, parse
from tests.cast.saved_pages import received
from tests.platforms.beside import (
    ANSWER,
    BOTH,
    HARMLESS,
    NONE,
    WATCHED,
    ZERO,
    rule,
    shown_page,
)

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


def test_a_line_that_is_furniture_is_no_doubt_but_a_name_may_be_one() -> None:
    line = "Le planning est vide à tort."
    said = shown_page(NONE, outside=f"<p>{line}</p>")
    assert rule(ZERO, said) == "contradiction"
    assert rule(ZERO, said, known=frozenset({normalise(line)})) == "contradiction"
    own = replace(ANSWER, furniture=(re.compile(re.escape(normalise(line))),))
    assert held(ZERO, WATCHED, [said], own, transport=Transport.HTTP).rule == "none"


OF_TODAY = [
    "Une maintenance du module de rendez-vous est prévue ce samedi 20 décembre de 0 h à 16 h.",
    "Le module de rendez-vous est en maintenance le samedi 20 décembre 2025 de 0 h à 16 h.",
    "Samedi 20 décembre 2025 : la prise de rendez-vous en ligne est suspendue.",
    "Ce samedi, le module est en panne.",
    "Maintenance ce samedi 20 décembre de 0h à 16h.",
    "Le service est en maintenance le samedi 20 décembre de 0h à 16h, les recherches ne donnent rien.",
    "Samedi 20 décembre : les services en ligne de la préfecture sont indisponibles.",
    "La maintenance du site est prévue aujourd'hui.",
    "Du 18 au 22 décembre 2025, la prise de rendez-vous est suspendue.",
]


@pytest.mark.parametrize("line", OF_TODAY)
def test_an_outage_of_the_visits_own_day_is_no_announcement(line: str) -> None:
    assert rule(ZERO, shown_page(NONE, outside=f"<p>{line}</p>")) == "contradiction"


@pytest.mark.parametrize("line", OF_TODAY[:3])
def test_an_outage_of_another_day_is_one(line: str) -> None:
    later = line.replace("20 décembre", "27 décembre")
    assert rule(ZERO, shown_page(NONE, outside=f"<p>{later.replace('ce samedi', 'le samedi')}</p>")) == "none"
