"""What a page states of its service, its slots or itself in any words; and what pages usually state."""

from __future__ import annotations

import pytest

from probes.model import Outcome, Reading, Transport
from probes.pages.contract import held
from probes.pages.notices.doubts import doubtful
from probes.pages.notices.statements import recaps, states_or_opens
from probes.pages.page import normalise
from tests.platforms.beside import ANSWER, BOTH, FREE, LINK, NONE, SOME, WATCHED, ZERO, rule, shown_page

STATED = [
    "Ces horaires ont été attribués.",
    "Cette page n'est plus la bonne adresse pour prendre rendez-vous.",
    "Cette procédure a été supprimée et remplacée par une demande en ligne.",
    "Cyberattaque : les téléservices de la préfecture sont coupés.",
    "Des places restent à pourvoir cette semaine.",
    "Plusieurs horaires sont libres mardi matin.",
    "Les rendez-vous sont mis en ligne chaque lundi à 9h. Ceux de janvier sont ouverts et disponibles.",
    "La prise de rendez-vous en ligne est suspendue : contactez-nous par téléphone.",
    "Le module de rendez-vous est en panne : pour toute question, contactez le 34 00.",
    "Le lien que vous avez suivi est ancien.",
    "Utilisez le nouveau lien.",
    "Le service de prise de rendez-vous rencontre des lenteurs.",
    "Le message ci-dessous s'affiche par défaut.",
    "Les inscriptions sont closes.",
    "La préfecture est fermée, le système de rendez-vous est mis en pause.",
    "Les usagers particuliers ne sont pas concernés par ces horaires.",
    "Ce calendrier concerne les professionnels habilités exclusivement.",
    "Seuls les avocats peuvent réserver.",
    "Plages réservées aux personnes munies d'une convocation nominative.",
    "Navigateur non compatible : certaines fonctionnalités sont désactivées, dont le calendrier.",
    "Nos services informatiques sont à l'arrêt.",
    "Prévisualisation - brouillon non publié",
    "Réservation fermée.",
    "Réservation impossible pour le moment.",
    "Guichet 3 (désaffecté)",
    "Formulaire inactif",
    "Antenne de Brenne - plus d'accueil du public",
    "Annexe des Halles - fermeture définitive",
    "Site de secours : données du 25 novembre",
    "Certains usagers voient ce message alors que des rendez-vous existent.",
    "Suite à une erreur de paramétrage, le système répond systématiquement par la négative.",
    "Votre profil ne vous permet pas d'accéder à l'étape suivante.",
    "Vous n'êtes pas autorisé à poursuivre cette démarche.",
    "Avant 9 h, le module répond toujours qu'il n'existe plus de plage horaire libre.",
    "Depuis le 1er octobre 2025, prenez votre rendez-vous sur www.rdv-prefecture.interieur.gouv.fr.",
    "Horaires donnés à titre indicatif",
    "On ne prend plus personne avant janvier.",
    "Le service ne lit plus les dossiers déposés depuis le 12 novembre.",
    "Boîte plus relevée depuis le 3 novembre",
    "Submissions are paused",
    "Fully booked",
    "Les rendez-vous sont délivrés uniquement par téléphone.",
    "Les demandes s'effectuent exclusivement en ligne sur www.service-public.fr.",
    "Nouveau : réservez sur www.rdv-prefecture.interieur.gouv.fr",
    "Ressortissants algériens uniquement",
    "Fin des réservations : 20 novembre",
    "Jour férié : pas d'affichage des places.",
    "Aperçu avant publication",
    "Page non maintenue.",
    *("Request timeout", "Délai d'attente dépassé", "Aucune réponse du serveur"),
    *("Serveur de rendez-vous injoignable", "Réplique de lecture – données différées"),
    "Vous avez été placé en salle d'attente virtuelle. Votre tour : dans environ 18 minutes.",
    *("Trop de tentatives.", "Captcha incorrect.", "Contrôle anti-robot non validé.", "Session expirée."),
    "Jeton de sécurité invalide, merci de recharger la page.",
    "Vous n'avez pas accepté les conditions.",
    "Vous êtes connecté en tant que : guichet12",
]
USUAL = [
    "La prise de rendez-vous est ouverte 24h/24 et 7j/7.",
    "Le nombre de rendez-vous est limité.",
    "Cette démarche est réservée aux personnes domiciliées dans l'Essonne.",
    "La liste des pièces à fournir est disponible ici.",
    "Les rendez-vous ont lieu à la préfecture, 2 place de la République.",
    "Le site demarches-simplifiees.fr devient demarche.numerique.gouv.fr.",
    "Nos horaires ont changé : guichets ouverts de 8h30 à 12h.",
    "Les demandes sont instruites dans l'ordre d'arrivée.",
    "Prise de rendez-vous – Direction des migrations et de l'intégration",
    "La préfecture sera fermée le vendredi 4 septembre 2026. Les rendez-vous du matin sont maintenus.",
    "L'accès à la préfecture se fait uniquement sur présentation de la convocation.",
    "L'accès au guichet est interdit aux personnes sans rendez-vous.",
    "Des rendez-vous sont régulièrement remis en ligne suite à des annulations.",
    "La préfecture sera fermée au public le vendredi 25 décembre 2026.",
    "Hier, le site était indisponible ; merci de votre patience.",
    "Aucun document ne sera accepté par courriel.",
    "La plateforme sera inaccessible pendant une vingtaine de minutes.",
    "Toute personne se présentant sans rendez-vous ne sera pas reçue.",
    "Les paiements par chèque ne sont plus acceptés.",
    "Les récépissés ne sont plus délivrés au guichet.",
]
OF_ANOTHER_DAY = [
    "Page générée le 12/03/2025 à 08:00",
    "Mardi 14 octobre 2025, 10:32",
    "Résultat de votre recherche du 2 mars",
    "Semaine du 30/11/2020",
    "Samedi 12 juillet 2025",
    "Aujourd'hui : vendredi 11 juillet 2025",
    "Page mise en cache le 12/09/2025",
    "Calendrier 2019",
    "Nous sommes le samedi 13 septembre 2025, 08:14",
    "Réponse produite le 03/09/2025 à 04:12:07",
    "Imprimé depuis le poste de M. Durand le 03/10/2025",
    "Résultats actualisés il y a 61 jours",
    "Base anonymisée du 12/08/2025",
]
OF_ANY_DAY = [
    "Page mise à jour le 12 novembre 2025",
    "Dernière mise à jour du site : 3 mars 2025",
    "Samedi 20 décembre 2025, 12:00",
    "Vendredi 19 décembre 2025 à 23:50",
    "Vos données sont conservées depuis le 3 mars 2020",
    "Conformément à la loi du 6 janvier 1978",
]
LIMITS = [
    "<nav><a>1</a> <a>2</a> <a>Page suivante</a></nav>",
    "<p>Page 1 sur 3</p>",
    "<p>‹ Août 2026 ›</p>",
    "<p><a>Voir les 4 rendez-vous suivants</a></p>",
    "<input type=button value='Chercher sur toute la période'>",
    "<label><input type=checkbox checked name=jour>samedi</label>",
    "<input placeholder='Recherche limitée à la journée'>",
    "<p>Mardi 13 janvier 2026 : 9 h 00, 9 h 20, 9 h 40</p>",
    "<p>Places en ligne : 12</p>",
    "<p>Limité à la journée du lundi 22 décembre.</p>",
    "<a>Choix d'une plage (9 disponibles)</a>",
    "<a>Créneaux 3</a>",
    "<a>Rendez-vous libres en janvier</a>",
]
UNLIMITED = [
    "<nav><a>Aide</a> <a>Mentions légales</a></nav>",
    "<a>Prendre un rendez-vous</a>",
    "<a>Créneaux (0)</a>",
    "<p>décembre 2025</p>",
    "<label><input type=checkbox name=jour>samedi</label>",
    "<p>La préfecture sera fermée le vendredi 2 janvier 2026 à partir de 12 h 00</p>",
]
RECAPS = ["Motif : échange de permis de conduire", "Service : cartes grises", "Catégorie : véhicules"]
OPENS_LATER = "La réservation ouvrira le 5 janvier."
UNREAD = ("unknown_line", "contradiction")


@pytest.mark.parametrize("line", STATED)
@BOTH
def test_it_leaves_no_answer_wherever_it_stands(line: str, reading: Reading, answer: str) -> None:
    page = shown_page(answer, outside=f"<aside>{line}</aside>")
    assert held(reading, WATCHED, [page], ANSWER, transport=None).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize("line", USUAL)
@BOTH
def test_beside_what_pages_usually_state_an_answer_stays(line: str, reading: Reading, answer: str) -> None:
    assert rule(reading, shown_page(answer, outside=f"<aside>{line}</aside>")) == reading.rule


def test_that_booking_opens_later_takes_back_slots_and_not_that_there_are_none() -> None:
    said = f"<p>{OPENS_LATER}</p>"
    assert states_or_opens(normalise(OPENS_LATER))
    assert rule(SOME, shown_page(LINK, outside=said)) == "unknown_line"
    assert rule(ZERO, shown_page(NONE, outside=said)) == "none"


def test_a_sentence_of_the_answer_beside_a_usual_one_is_no_statement() -> None:
    both = f"<p>Il est possible que vous ne trouviez pas de place. {NONE}</p>"
    assert rule(ZERO, shown_page(NONE, outside=both)) == "none"


def test_the_words_that_decide_are_none() -> None:
    offered = Reading(
        outcome=Outcome.SLOTS_OFFERED,
        rule="soonest",
        words=f"Le premier rendez-vous est le {FREE}",
        earliest=SOME.earliest,
    )
    page = shown_page(f"{LINK}<p>Le premier rendez-vous est le {FREE}</p>")
    found = held(
        offered,
        WATCHED,
        [page],
        ANSWER,
        transport=Transport.HTTP,
        known=frozenset([normalise(offered.words)]),
    )
    assert found.rule == "soonest"


@pytest.mark.parametrize("line", OF_ANOTHER_DAY)
@BOTH
def test_what_was_made_on_another_day_answers_nothing(line: str, reading: Reading, answer: str) -> None:
    assert rule(reading, shown_page(answer, outside=f"<footer>{line}</footer>")) in UNREAD


@pytest.mark.parametrize("line", OF_ANY_DAY)
@BOTH
def test_a_clock_of_today_and_the_age_of_a_text_say_nothing(line: str, reading: Reading, answer: str) -> None:
    assert rule(reading, shown_page(answer, outside=f"<footer>{line}</footer>")) == reading.rule


@pytest.mark.parametrize("beside", LIMITS)
def test_none_of_a_part_is_not_none(beside: str) -> None:
    assert rule(ZERO, shown_page(NONE, outside=f"<aside>{beside}</aside>")) in UNREAD


@pytest.mark.parametrize("beside", UNLIMITED)
def test_what_limits_nothing_changes_nothing(beside: str) -> None:
    assert rule(ZERO, shown_page(NONE, outside=f"<aside>{beside}</aside>")) == "none"


@pytest.mark.parametrize("line", RECAPS)
@BOTH
def test_what_was_chosen_must_be_known(line: str, reading: Reading, answer: str) -> None:
    page = shown_page(answer, outside=f"<aside>{line}</aside>")
    assert rule(reading, page) == "unknown_line"
    assert rule(reading, page, known=frozenset([normalise(line)])) == reading.rule


@BOTH
def test_a_name_may_put_the_answer_in_doubt_like_any_line(reading: Reading, answer: str) -> None:
    said = "Préfecture de Cergy - recherche désactivée"
    page = shown_page(answer, outside=f"<h3>{said}</h3>")
    assert rule(reading, page, known=frozenset([normalise(said)])) in UNREAD


# Lines without a verb, or without a known subject, that limit or withdraw an answer; and those that do not.

BARE = (
    "Filtre actif : matin",
    "Critères : lundi, matin",
    "Jours choisis : lundi",
    "Date souhaitée : 30/11/2026",
    "Semaine du 30 novembre au 4 décembre 2026",
    "Période : décembre 2026",
    "Du 30/11/2026 au 04/12/2026",
    "Recherche pour le motif : duplicata",
    "Pour les familles de plus de 4 personnes",
    "Guichet n° 2",
    "Calendrier guichets 5, 6, 7 et 8",
    "Agence : Troyes centre",
    "12 rendez-vous libérés ce matin",
    "Please try the English page for open slots",
    "File d'attente : votre position est 12",
    "Liste d'attente : 340 personnes",
    "Visiteur automatique",
    "Vous consultez trop souvent cette page",
    "Réponse simplifiée en raison du nombre de visites",
    "Trop de consultations, réponse simplifiée",
    "Affichage allégé",
    "Forte affluence : informations partielles",
    "Vous devez être connecté pour voir les places",
    "Cette démarche relève désormais de la préfecture de région",
    "Hors des heures d'ouverture, le message « plus de plage » est affiché par défaut",
    "Prise de rendez-vous ouverte uniquement le lundi de 9h à 10h",
    "Prise de rendez-vous accessible à partir de 14h",
    "La prise de rendez-vous en ligne est ouverte du lundi au vendredi.",
    "Les réservations ouvriront le 4 janvier",
    "Calendrier de l'an dernier",
    "Aperçu du calendrier",
    "Sous réserve de confirmation",
    "Guichet 7",
    "Tout est complet",
    "Ces horaires correspondent à l'heure de Paris",
    "Heures indiquées en temps universel (UTC)",
)
ALWAYS = (
    "Horaires d'ouverture : 8h45-11h45",
    "Pour toute question, contactez-nous",
    "Adresse : 1 place Aristide Briand",
    "Les rendez-vous sont gratuits. La revente de rendez-vous est un délit.",
    "Soyez très vigilants, n'acceptez aucune prise de rendez-vous en ligne payante.",
    "L'accueil du public se fait uniquement sur rendez-vous.",
    "Date limite : 31 décembre 2026",
    "Mise à jour : 12/03/2024",
    "Préfecture de l'Aube",
    "Pour les demandes de naturalisation, consultez la page dédiée.",
    "Toutes les prises de rendez-vous proposées sur ce site internet sont gratuites.",
    "English version",
    "Nous contacter : 03 25 42 35 00",
    "Accueil du lundi au vendredi de 9h à 12h",
    "Avant de prendre rendez-vous, vérifiez que votre dossier est complet.",
)


@pytest.mark.parametrize("line", BARE)
def test_a_bare_line_beside_an_answer_is_heard(line: str) -> None:
    assert states_or_opens(normalise(line)) or recaps(normalise(line))


@pytest.mark.parametrize("line", ALWAYS)
def test_what_pages_always_carry_is_not_heard(line: str) -> None:
    plain = normalise(line)
    assert not any((states_or_opens(plain), recaps(plain), doubtful(plain)))
