"""What stands around « none » must be known; around slots, and before, what speaks of trouble."""

from __future__ import annotations

import pytest

from probes.model import Reading
from probes.pages.notices.expected import limits, troubled, unexpected
from probes.pages.page import normalise
from tests.platforms.beside import FREE, HARMLESS, NONE, SOME, ZERO, rule, shown_page

# Lines that strangers wrote beside an answer, and that a person takes for a reason not to believe it.
IN_TROUBLE = [
    "Une maintenance est en cours.",
    "Une maintenance est actuellement en cours.",
    "Une maintenance est en cours, merci de votre patience.",
    "Une panne est en cours.",
    "Une intervention technique est en cours.",
    "Une opération technique est en cours.",
    "Une opération est en cours sur le calendrier.",
    "Intervention en cours sur les serveurs",
    "Des perturbations sont en cours.",
    "Des travaux informatiques sont en cours.",
    "Nous rencontrons un dysfonctionnement.",
    "Nous rencontrons un incident.",
    "Nous rencontrons des difficultés.",
    "Nous rencontrons des problèmes de connexion.",
    "Nous rencontrons un problème avec le calendrier.",
    "Nous rencontrons un problème d'affichage des rendez-vous.",
    "Nous avons un souci avec le calendrier.",
    "Un dysfonctionnement est constaté.",
    "Nos services sont touchés par une cyberattaque.",
    "Une panne du réseau touche la préfecture.",
    "Nos équipes travaillent au rétablissement du service.",
    "Nos équipes sont à pied d'œuvre.",
    "Rétablissement prévu à 14 h.",
    "Retour à la normale prévu à 14 h.",
    "Veuillez nous excuser pour la gêne occasionnée.",
    "Vous êtes le 312e dans la file.",
    "Vous êtes en attente.",
    "Votre demande a été interrompue par inactivité : recommencez.",
    "Depuis le 1er septembre 2026, les rendez-vous se prennent sur RDV-Préfecture.",
    "Depuis le 1er septembre 2026, cette démarche se fait sur le site de l'ANEF.",
    "Prenez votre rendez-vous sur RDV-Préfecture.",
    "Rendez-vous sur www.rdv-prefecture.interieur.gouv.fr pour cette démarche.",
    "Les rendez-vous pour la remise des titres se prennent à la sous-préfecture.",
    "Depuis le 1er octobre 2026, la remise des titres se fait sans rendez-vous.",
    "Depuis le 1er octobre 2026, vous êtes convoqué par SMS pour la remise de votre titre.",
    "Aucun rendez-vous n'est nécessaire pour cette démarche.",
    "La remise des titres se fait par courrier.",
    "Les titres sont désormais envoyés par courrier.",
    "Votre titre vous sera envoyé par courrier, ne prenez pas de rendez-vous.",
    "Vous avez choisi : Naturalisation",
    "Vous avez déjà un rendez-vous pour cette démarche.",
]
# Around « none » alone: other sentences that nobody can know beforehand, and labels that limit.
UNKNOWN = [
    "Choisissez un autre guichet.",
    "Les données de cette page datent de 2025.",
    "Les informations de cette page peuvent être inexactes.",
    "Le service des étrangers est fermé jusqu'à nouvel ordre.",
    "Sans garantie d'exactitude.",
    "Un lutin a mangé le planning.",
]
LABELS = [
    *("Hors renouvellement", "Sauf pour les étudiants", "Guichet de Romilly", "Consultation seule", "1/12"),
    *("Accès réservé", "Traduction automatique", "Personnes à mobilité réduite", "(premières demandes)"),
]
STATES = [
    *("Connexion requise", "Cookies désactivés", "Mode hors ligne", "Actualisation en cours"),
    *("Page conservée à titre d'archive", "Page mise en cache"),
]
# What honest pages of strangers had around their answers.
USUAL = [
    "Sélectionnez le motif de votre rendez-vous.",
    "* Aucune autre demande (renseignements, état d'avancement d'un dossier…) ne sera traitée au guichet.",
    "A26 : travaux de nuit du 30 novembre au 4 décembre.",
    "Attention aux fraudes : la revente de rendez-vous est un délit.",
    "Attention aux sites frauduleux proposant des rendez-vous payants.",
    "Avant de prendre rendez-vous, vérifiez que votre dossier est complet.",
    "Du lundi au vendredi de 8h45 à 15h45, sauf le mercredi.",
    "En cas d'absence de créneaux, il est inutile d'envoyer un courriel : aucun rendez-vous n'est donné"
    " par un autre moyen.",
    "En cas de retard de plus de 15 minutes, votre rendez-vous sera annulé.",
    "L'accueil sans rendez-vous est fermé.",
    "L'entrée des usagers se fait par la rue Georges-Clemenceau.",
    "La préfecture recrute un agent d'accueil.",
    "La préfecture sera fermée au public le jeudi 24 décembre 2026.",
    "Le délai moyen de traitement est de 4 mois.",
    "Le port du masque est recommandé dans les locaux de la préfecture.",
    "Le standard téléphonique est fermé le mercredi.",
    "Les demandes de renouvellement se font en ligne sur le site de l'ANEF.",
    "Points d'accueil numérique : une aide est proposée sur rendez-vous au 03 25 42 35 00.",
    "Restez informé : suivez la préfecture sur les réseaux sociaux.",
    "Tout dossier incomplet sera refusé.",
    "Un seul rendez-vous par personne. Les doublons seront annulés.",
    "Une file d'attente peut s'afficher aux heures de pointe.",
    "Vigipirate : merci de limiter le nombre d'accompagnants.",
    "Votre attestation de prolongation reste valable pendant l'instruction.",
    "Vous rencontrez des difficultés ? Consultez le point d'accueil numérique.",
    "Vous êtes ici : Accueil > Prise de rendez-vous",
]
NAMES = [
    *("Légende : libre complet fermé", "Mes rendez-vous annulés", "English version", "Service des étrangers"),
    *(
        "Vigilance orange neige-verglas",
        "Numéro d'urgence : 112",
        "Contrôle de sécurité",
        "Horaires d'ouverture",
    ),
    "Demande de mise à jour d'un titre de séjour en cours de validité",
]


def read_beside(reading: Reading, line: str, around: str = "<p>{}</p>") -> str:
    """The rule of `reading` when `line` stands outside the answer's place."""
    inside = f"<p>{NONE}</p>" if reading is ZERO else f"<p><a class=creneau href='/x'>{FREE}</a></p>"
    return rule(reading, shown_page(inside, around.format(line)))


@pytest.mark.parametrize("line", [*IN_TROUBLE, *STATES])
def test_a_line_of_trouble_takes_back_none_and_slots(line: str) -> None:
    assert read_beside(ZERO, line) in ("unknown_line", "contradiction")
    assert read_beside(SOME, line) in ("unknown_line", "contradiction")


@pytest.mark.parametrize("line", [*UNKNOWN, *LABELS])
def test_what_nobody_knows_takes_back_none(line: str) -> None:
    assert read_beside(ZERO, line) == "unknown_line"


@pytest.mark.parametrize("line", [*USUAL, *NAMES])
def test_beside_what_pages_always_carry_none_stays(line: str) -> None:
    assert read_beside(ZERO, line) == ZERO.rule
    assert read_beside(SOME, line) == SOME.rule


@pytest.mark.parametrize("line", LABELS)
def test_a_label_of_the_sites_own_header_or_link_says_nothing(line: str) -> None:
    for around in ("<header><p>{}</p></header>", "<a href='/x'>{}</a>", "<footer>{}</footer>"):
        assert read_beside(ZERO, line, around=around) == ZERO.rule


@pytest.mark.parametrize("line", HARMLESS)
def test_a_harmless_line_is_neither_trouble_nor_limit(line: str) -> None:
    plain = normalise(line)
    assert not troubled(plain)
    assert not unexpected(plain)
    assert not limits(plain)


def test_a_sentence_is_known_by_its_verb_or_its_full_stop() -> None:
    assert unexpected("les lutins dansent sur la table.")
    assert not unexpected("lutins et tables")
    assert unexpected("un lutin est là")
