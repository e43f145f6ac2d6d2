"""Lines that say that an answer is a test, an example or another search's, or that its slots are gone."""

from __future__ import annotations

import pytest

from probes.pages.notices.unreal import none_left, unreal
from probes.pages.page import normalise

UNREAL = [
    "URL de recette : recette.rdv.interieur.gouv.fr",
    "Recette fonctionnelle v2.3",
    "Instance de formation",
    "Simulateur de prise de rendez-vous",
    "dev.rdv.interieur.gouv.fr",
    "rct2 - www-recette.aube.gouv.fr",
    "Travaux pratiques",
    "Fausse page",
    "Page d'exemple",
    "Page périmée",
    "Page reconstituée par une association",
    "Image de la page du 12 octobre",
    "Copie du site au 1er octobre 2026",
    "Vous consultez une copie enregistrée de cette page.",
    "Sauvegarde du 5 octobre 2026",
    "Cet écran est présenté dans la documentation utilisateur.",
    "Ceci est un message type.",
    "Ceci n'est pas le site officiel.",
    "Réponse incomplète",
    "Résultat provisoire",
    "Calendrier figé",
    "Affichage de secours",
    "Disponibilités non vérifiées",
    "Données de l'année 2024.",
    "Mode maintenance (lecture seule)",
    "Robot détecté",
    "Cette réponse est générée automatiquement en cas de panne.",
    "Cette page s'affiche par erreur : la démarche est ouverte.",
    "Par suite d'un incident, toutes les démarches apparaissent closes.",
    "Cette page est un exemple.",
    "Ceci est un exemple.",
    "Archive du 3 février 2025, page non tenue à jour",
    "[DEMO] Préfecture de test",
    "Jeu d'essai",
    "Maquette",
    "Prototype, aucune donnée réelle",
    "Site d'entraînement des agents d'accueil",
    "Version bêta destinée aux agents testeurs",
    "Bienvenue sur la démo",
    "Simulation",
    "Spécimen",
    "Site factice",
    "Plateforme école",
    "Environnement INT",
    "UAT",
    "v2.3.1-rc1",
    "Page en construction",
    "Lorem ipsum dolor sit amet",
    "Canular",
    "Poisson d'avril",
    "Copie locale",
    "Site miroir non officiel",
    "Reproduction",
    "Page conservée à titre de mémoire",
    "Version imprimable du 3 février 2025",
    "Connexion perdue, nouvelle tentative…",
    "Perte de connexion",
    "Reconnexion…",
    "Réseau indisponible",
    "Données non rafraîchies",
    "Actualisation impossible",
    "Oups !",
    "Trop de visiteurs",
    "Hors ligne",
    "Mise à jour en cours",
    "Message d'erreur connu : ignorez la phrase ci-dessous et rechargez.",
    "FAUX",
    "Résultats filtrés : matin",
    "Rayon : 5 km",
    "Hors Algériens",
    "Ces informations ne valent que pour l'arrondissement de Troyes",
    "Ceci est une page de démonstration.",
    "Page de test : disponibilités fictives",
    "Environnement de test : les rendez-vous ne sont pas honorés.",
    "Environnement de formation : les rendez-vous ne sont pas enregistrés.",
    "Les dates ci-dessus sont fictives.",
    "Les disponibilités ci-dessus sont données à titre d'exemple.",
    "Exemple d'affichage",
    "Page de démonstration : aucune demande n'est transmise.",
    "Ce site est en mode démo.",
    "Plateforme de pré-production",
    "Recherche effectuée le 3 mars 2024",
    "Résultat de la recherche pour le motif Naturalisation",
    "Résultats d'un autre département",
    "Copie en cache de la page",
    "Les services de l'État — PREPROD",
    "Prendre rendez-vous (démo)",
    "Lieu fictif pour la formation des agents",
    "Version archivée du site",
    "La page telle qu'elle était le 3 mars 2021",
    "Page enregistrée le 3 mars 2021",
    "Copie du site en cache du 3 mars 2025",
    "Copie du 3 mars",
    "Version hors ligne enregistrée par votre navigateur",
    "Prévisualisation du message",
    "Ceci est un essai de message.",
    "Agenda HS",
    "Vue instructeur",
    "Poste école",
    "Bac à sable",
    "🔒 Planning",
    "RDV Service Public — Formation",
    "Formation",
    "Lieu de test",
    "Ne pas choisir",
    "Slots shown may be outdated; service is down.",
]
GONE = [
    "Tous les rendez-vous sont pris.",
    "Les rendez-vous ci-dessous sont tous pris",
    "Tout est complet.",
    "Aucun de ces créneaux n'est réservable",
    "Aucun créneau n'est disponible",
    "Aucun créneau disponible pour le moment",
    "Plus aucune place",
    "Il n'y a plus de rendez-vous.",
    "Les créneaux affichés ne sont plus disponibles.",
    "Inscription sur liste d'attente seulement",
]
NOT_GONE = [
    "Aucun rendez-vous n'est possible par téléphone.",
    "Aucun rendez-vous n'est disponible le samedi.",
    "Si aucun créneau n'est disponible, revenez plus tard.",
    "Lorsqu'il n'y a plus de place, attendez la prochaine mise en ligne.",
    "Vous trouverez ci-dessous tous les créneaux disponibles.",
    "Veuillez sélectionner la date puis l'heure souhaitée.",
]
TAUGHT = [
    "Attention aux faux sites de prise de rendez-vous.",
    "Simulateur d'aides sociales",
    "Budget primitif : recettes et dépenses",
    "Modèles de lettres",
    "Attestation de réussite à un test de langue",
    "Apportez, par exemple, une facture.",
    "Toute déclaration fictive est punie par la loi.",
    "Vous suivez une formation en France.",
    "Ne pas utiliser ce formulaire pour une première demande.",
    "Formation linguistique",
    "Les délais sont donnés à titre indicatif.",
]


@pytest.mark.parametrize("line", UNREAL)
def test_a_test_an_example_or_another_search_is_heard(line: str) -> None:
    assert unreal(normalise(line))


@pytest.mark.parametrize("line", [*NOT_GONE, *TAUGHT])
def test_what_pages_always_carry_is_none(line: str) -> None:
    assert not unreal(normalise(line))


@pytest.mark.parametrize("line", GONE)
def test_slots_that_are_gone_are_heard(line: str) -> None:
    assert none_left(normalise(line))


@pytest.mark.parametrize("line", [*NOT_GONE, *TAUGHT])
def test_other_ways_and_cases_that_may_come_are_not(line: str) -> None:
    assert not none_left(normalise(line))
