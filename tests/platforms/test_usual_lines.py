"""Sentences about papers, prices, persons and hours may stand in the answer's own place; others may not."""

from __future__ import annotations

import pytest

from probes.model import Reading
from probes.pages.notices.usual import usual
from probes.pages.page import normalise
from tests.platforms.beside import BOTH, rule, shown_page

USUAL = [
    "Attention aux arnaques : la prise de rendez-vous est gratuite.",
    "Attention aux tentatives de hameçonnage : ne communiquez jamais votre mot de passe.",
    "La prise de rendez-vous est gratuite. Méfiez-vous des sites qui en vendent.",
    "Aucun dossier incomplet ne sera accepté. Aucun rendez-vous ne sera donné par téléphone.",
    "Préfecture du Val-d’Oise – 01 34 20 95 95 – du lundi au vendredi de 9h à 12h",
    "Aucun retard ne sera accepté. Sans les originaux, le rendez-vous ne sera pas honoré.",
    "Merci de ne pas multiplier les demandes. Les rendez-vous non honorés ne sont pas reprogrammés.",
    "Vous avez déjà un compte ? Se connecter avec FranceConnect",
    "Attention : un rendez-vous par personne. Les conjoints doivent prendre deux rendez-vous.",
    "Vous devez résider dans le département du Val-d'Oise.",
    "Les ressortissants algériens sont invités à se munir d'un acte de naissance traduit.",
    "Un e-mail et un SMS de confirmation vous seront envoyés.",
    "Documents à apporter : passeport, justificatif de domicile, 3 photos d'identité.",
    "Munissez-vous de votre passeport et de quatre photographies.",
    "Présentez-vous 10 minutes avant l'heure du rendez-vous, muni de votre convocation.",
    "De nouvelles plages horaires sont mises en ligne chaque lundi à partir de 9h00. "
    "Il est inutile de vous déplacer en préfecture.",
    "Munissez-vous d'un justificatif de domicile de moins de 6 mois. Tout dossier incomplet sera refusé.",
    "En cas de retard de plus de 10 minutes, votre rendez-vous sera annulé. "
    "La présence de la personne concernée est obligatoire.",
    "Prochaine mise en ligne de plages horaires : lundi 5 janvier 2026 à 9h00.",
    "Les créneaux annulés par les usagers sont remis en ligne automatiquement.",
]
NOT_USUAL = [
    "Passeport",
    "Bienvenue sur le portail de la préfecture.",
    "Munissez-vous de votre passeport. Des places restent à Nogent.",
    "Avant le 15 janvier, présentez-vous avec votre passeport.",
    "Les rendez-vous restants sont gratuits et sans retard.",
    "Présentez-vous sans rendez-vous, le calendrier et ses documents sont en panne.",
    "La prise de rendez-vous est gratuite, mais elle est coupée en ce moment.",
    "Une question ? Appelez le 34 30 : les rendez-vous libres y sont donnés.",
    "Si vous avez un passeport, voyez l'autre guichet et ses documents.",
    "Un exemple de page pour les documents à apporter.",
    "Annulez votre rendez-vous pour libérer des places avec vos documents.",
    "Motif : remise de passeport aux enfants mineurs",
    "Le numéro AGDREF saisi est invalide.",
    "Votre numéro étranger ne figure pas dans AGDREF.",
    "Votre domicile ne relève pas de cette préfecture.",
    "Un SMS vient de vous être envoyé, saisissez le code reçu.",
    "Les cookies ne sont pas acceptés par votre poste.",
    "Difficultés d'accès au serveur AGDREF depuis ce matin.",
    "Vous avez indiqué un passeport périmé.",
    "Le questionnaire relatif aux enfants mineurs n'a pas été rempli.",
    "Un courriel vous a été envoyé : cliquez sur le lien reçu pour poursuivre.",
    "Vous devez vous présenter dans 3 mois.",
    "Vous devez d'abord choisir le bénéficiaire.",
    "Vous devez accepter les documents pour voir la suite du texte.",
    "Merci de ne pas tenir compte du texte qui suit.",
    "Profil : mineur de moins de 12 ans",
    "La prise de rendez-vous est gratuite et, ce matin encore, possible au guichet 4.",
]


@pytest.mark.parametrize("line", USUAL)
@BOTH
def test_a_usual_sentence_may_stand_in_the_place(line: str, reading: Reading, answer: str) -> None:
    assert rule(reading, shown_page(f"{answer}<p>{line}</p>")) == reading.rule


@pytest.mark.parametrize("line", NOT_USUAL)
@BOTH
def test_another_line_may_not(line: str, reading: Reading, answer: str) -> None:
    assert not usual(normalise(line))
    assert rule(reading, shown_page(f"{answer}<p>{line}</p>")) in ("unknown_line", "contradiction")
