"""Every word by which a line puts an answer in doubt, in a sentence of its own; and those that do not."""

from __future__ import annotations

import pytest

from probes.pages.notices.doubts import doubtful
from probes.pages.page import normalise


def heard(line: str) -> bool:
    return doubtful(normalise(line))


def listed(words: str) -> list[str]:
    return [word.strip() for word in words.split(",")]


DISPLAY = listed(
    """planning, plannings, calendrier, agendas, créneau, créneaux, rendez-vous, RDV, disponibilités,
    indisponibilités, place, places, plage, plages, horaire, horaires, affichage, résultat, résultats,
    réponse, réponses, liste, listes, date, dates, texte ci-dessous, texte ci-dessus, texte ci-après"""
)
SERVICE = listed(
    """module, modules, service, services, téléservice, téléservices, site, sites, plateforme, portail,
    portails, application, outil, outils, système, systèmes, page, pages, démarche, démarches, formulaire,
    serveur, serveurs, logiciel, logiciels"""
)
REQUEST = listed(
    "demande, demandes, dossier, dossiers, réservation, réservations, dépôt, dépôts, inscriptions"
)


@pytest.mark.parametrize("thing", [*DISPLAY, *SERVICE, *REQUEST])
def test_a_breakdown_of_a_thing_is_heard(thing: str) -> None:
    assert heard(f"Une panne touche {thing}")
    assert not heard(f"Nouveauté : {thing}")


@pytest.mark.parametrize("thing", DISPLAY)
def test_what_is_displayed_may_be_wrong(thing: str) -> None:
    assert heard(f"Attention : {thing} erroné")
    assert not heard("Attention : numéro erroné")


WRONG = listed(
    """en panne, dysfonctionnement, incident, incidents, bug, bugs, bogue, anomalie, anomalies, avarie,
    perturbé, dégradé, hors service, hors ligne, hors d'usage, en maintenance, ne fonctionne pas,
    ne fonctionne plus, ne fonctionnent mal, bloqué, bloquées, est saturé, sont surchargés,
    peut être inaccessible, actuellement inopérant, momentanément saturé, temporairement inutilisable,
    provisoirement surchargé, est totalement saturé, pas encore ouvert, pas encore disponible,
    pas encore été publié, pas encore en ligne, pas encore mis, pas encore accessible, pas encore chargé,
    pas encore activé, pas encore à jour"""
)
TROUBLES = listed("problème, problèmes, souci, difficultés, erreur, erreurs, défaut, défaillance")
OF_WHAT = listed(
    """technique, techniques, informatique, d'affichage, de mise en ligne, de connexion, de serveur,
    de synchronisation"""
)


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_with_a_thing_is_heard(wrong: str) -> None:
    assert heard(f"le site {wrong}")


@pytest.mark.parametrize("what", OF_WHAT)
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_trouble_of_the_site_is_heard(trouble: str, what: str) -> None:
    assert heard(f"{trouble} {what} du site")
    assert not heard(f"{trouble} de santé, site de Lyon")


PROCESSES = listed(
    """publication, chargement, rechargement, ouverture, réouverture, mise, remise, maintenance,
    actualisation, synchronisation, migration, rétablissement, réparation, résolution, correction,
    paramétrage, mise à jour, alimentation, initialisation, préparation, travaux"""
)


@pytest.mark.parametrize("process", PROCESSES)
def test_what_is_still_being_done_is_heard(process: str) -> None:
    assert heard(f"planning en cours de {process}")
    assert heard(f"planning : {process} en cours")
    assert not heard(f"{process} du planning par un agent en cours")
    assert not heard(f"{process} d'un titre en cours de validité, planning")


@pytest.mark.parametrize("soon", ["bientôt", "prochainement", "sous peu", "incessamment"])
@pytest.mark.parametrize(
    "verb",
    listed("ouvert, ouvrira ouvrir, en ligne, publié, disponible, rétabli, accessible, affiché, remis"),
)
def test_what_comes_soon_is_not_there_yet(soon: str, verb: str) -> None:
    assert heard(f"Le planning est {soon} {verb}")
    for new in ("de nouveaux créneaux", "de nouvelles plages", "d'autres rendez-vous"):
        assert not heard(f"{new} {soon} {verb}")


FALSE = listed(
    """à tort, par erreur, pas à jour, plus à jour, non à jour, périmés, périmées, obsolète, erroné, faussés,
    est faux, sont fausse, est totalement faux, incorrect, inexact, pas fiable, pas fiables, pas exacts,
    pas exacte, est incomplet, sont partiels, peut être incomplet, ne reflète pas, ne correspond pas,
    ne correspondent plus, n'apparaissent pas correctement, ne sont pas visibles, ne peuvent être affichés,
    ne sont pas actuellement, ne sont plus pour le moment, ne sont pour l'instant,
    ne sont que partiellement affichés, ne s'affichent pas, ne s'affiche plus, apparaît vide,
    apparaissent vides, ne tient pas compte, ne pas tenir compte, mal affiché, défaillant, ne sont pas réels,
    ne sont pas valables, ne sont pas vrais, ne sont pas définitifs, n'apparaît pas, n'apparaissent plus,
    ne vous fiez pas, ne pas se fier, date d'hier, ne se chargent pas, ne se charge plus,
    impossible d'afficher, réapparaîtront, de nouveau affiché, de nouveau visible, de nouveau disponible,
    est vide en raison, sont masqués à cause, actuellement vide suite, momentanément vide du fait,
    temporairement masqué en raison"""
)


@pytest.mark.parametrize("false", FALSE)
def test_what_is_false_about_a_display_is_heard(false: str) -> None:
    assert heard(f"le créneau {false}")


@pytest.mark.parametrize(
    "said", listed("en panne, bloqué, saturé, erroné, obsolète, incorrect, périmés, à tort")
)
def test_what_is_wrong_with_something_else_is_no_doubt(said: str) -> None:
    assert not heard(f"le quartier {said}")


STOPPED = listed("suspendu, interrompu, annulé, gelé, désactivé, arrêté, neutralisé, retiré, inaccessible")


@pytest.mark.parametrize("stopped", STOPPED)
@pytest.mark.parametrize("thing", ["planning", "portail", "dossier", "rendez-vous"])
def test_what_is_stopped_is_heard(thing: str, stopped: str) -> None:
    assert heard(f"{thing} {stopped}")
    for own in ("votre", "vos", "mes", "tout", "toute", "chaque", "un", "une"):
        assert not heard(f"{own} {thing} {stopped}")
    for later in ("sera", "seront"):
        assert not heard(f"{thing} {later} {stopped}")


SUBJECTS = listed(
    "planning, calendrier, site, service, module, demande, dossier, rendez-vous, prise de rendez-vous"
)


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize(
    "line",
    listed(
        """{} : a été suspendu, {} est désormais suspendu, {} ont été complètement annulé,
        suspension du {}, interruption de {}, arrêt des {}, interruption momentanée de {},
        annulation de tous les {}, suspension de toutes nos {}"""
    ),
)
def test_that_a_thing_is_stopped_is_heard_in_any_form(subject: str, line: str) -> None:
    assert heard(line.format(subject).replace(" : ", " "))
    assert not heard(line.format("feuilleton").replace(" : ", " "))


@pytest.mark.parametrize("end", listed("clos, close, fermé, fermée, remplacé, remplacée, terminé, terminée"))
@pytest.mark.parametrize("form", listed("cette démarche {}, ce service est {}, site a été {}, démarche {}"))
def test_a_service_that_is_closed_is_heard(form: str, end: str) -> None:
    assert heard(form.format(end))
    assert not heard(f"la boutique est {end}")


@pytest.mark.parametrize(
    "line",
    [
        "prise de rendez-vous en ligne est fermée",
        "prises de rdv sont désormais closes",
        "demande en ligne est impossible",
        "dépôts sont toujours impossibles",
        "site indisponible",
        "plateforme désormais fermée",
        "Notre site est indisponible",
        "Nos services sont en pause",
        "toute demande n'est plus acceptée",
    ],
)
def test_other_ways_to_say_that_it_is_stopped_are_heard(line: str) -> None:
    assert heard(line)


TAKEN = listed(
    """acceptée, traitée, instruite, enregistrée, prise, examinée, honorée, reçue, assurée, possible,
    validée"""
)


@pytest.mark.parametrize("taken", TAKEN)
def test_what_is_not_taken_any_more_is_heard(taken: str) -> None:
    for negated in ("n'est plus", "ne sera plus", "ne peut plus être", "ne pourra plus être"):
        assert heard(f"la demande {negated} {taken}")
        assert not heard(f"la demande par courrier {negated} {taken}")
    for end in ("", ", merci", "; merci", " : merci", " jusqu'au 5", " pour le moment", " actuellement"):
        assert heard(f"Aucune demande ne sera {taken}{end}")
        assert heard(f"Aucune nouvelle demande n'est {taken}{end}")
        assert heard(f"Aucun nouveau dossier ne peut être {taken}{end}")
    assert not heard(f"Aucune demande ne sera {taken} au guichet")


@pytest.mark.parametrize(
    "verb", listed("acceptons, traitons, prenons, prend, recevons, reçoit, enregistrons")
)
@pytest.mark.parametrize("thing", ["demandes", "dossiers", "rendez-vous", "créneau"])
def test_who_takes_nothing_more_is_heard(verb: str, thing: str) -> None:
    assert heard(f"le guichet ne {verb} plus de {thing}")
    assert heard(f"le guichet n'{verb} aucune de {thing}")
    assert not heard(f"le guichet ne {verb} plus de chèques")


@pytest.mark.parametrize(
    "line",
    [
        *(
            f"les courriers {sent} ici ne seront pas lus"
            for sent in listed("déposés, envoyés, faits, pris, transmis")
        ),
        *(f"ce qui est pris sur {this} page ne sera pas lu" for this in ("ce", "cette", "la présente")),
        *(f"ne {verb} plus" for verb in listed("déposez, réservez, prenez, faites")),
        *(f"ne {verb} rien" for verb in listed("déposez, réservez, prenez, faites")),
        *(f"ne {verb} pas de nouveau dossier" for verb in listed("déposez, réservez, prenez, faites")),
        *(
            f"{bound} de novembre {reached}"
            for bound in listed("quota, capacité, contingents, nombre fixé maximal, plafond")
            for reached in listed("atteint, épuisé, dépassé, saturé")
        ),
        *(
            f"{thing} actuel saturé"
            for thing in listed("démarche, service, planning, agenda, calendrier, formulaire")
        ),
        "les nouvelles demandes sont refusées",
        "toutes les demandes sont désormais refusées",
        *(f"inutile de {verb} un dossier" for verb in listed("déposer, réserver, prendre")),
        *(f"nous cessons de {verb}" for verb in listed("recevoir, prendre, traiter, accepter")),
    ],
)
def test_what_is_refused_is_heard_unless_there_is_another_way(line: str) -> None:
    assert heard(line)
    assert not heard(f"{line} par courrier")


ELSEWHERE = listed(
    """par courrier, par courriel, par mail, par voie postale, par téléphone, par fax, au guichet, sur place,
    sans rendez-vous, papier, papiers, incomplète, hors délai, hors délais, en double, doublon, physique,
    directement, autres départements, autre département, tiers, envoi de sms, envois des messages,
    envoi de courriels, envoi d'e-mails, envoi de rappels, non honorée, frauduleuse, achetée, revendue"""
)


@pytest.mark.parametrize("way", ELSEWHERE)
def test_what_is_refused_of_another_way_is_no_doubt(way: str) -> None:
    assert heard("La demande n'est plus acceptée")
    assert not heard(f"La demande {way} n'est plus acceptée")
    assert not heard(f"Les demandes sont suspendues {way}")


@pytest.mark.parametrize(
    "line",
    [
        *(
            f"{verb} à 14h"
            for verb in listed("revenez, réessayez, recommencez, reconnectez-vous, rafraîchissez, actualisez")
        ),
        *(
            f"revenez {when}"
            for when in listed("à 14h, vers 14h30, après 9 heures, dès 14 h, à partir de 14h")
        ),
        *(
            f"revenez dans {when}"
            for when in listed("quelques minutes, une heure, un instant, 10 minutes, l'heure, la minute")
        ),
    ],
)
def test_to_come_back_today_is_a_doubt(line: str) -> None:
    assert heard(line)
    assert not heard(f"si besoin, {line}")
    assert not heard("revenez dans quelques jours")


@pytest.mark.parametrize(
    "line",
    [
        *(
            f"{it} ne concerne que ce {span}"
            for it in listed("message, réponse, résultat, calendrier, planning, agenda, page")
            for span in ("mois", "jour")
        ),
        *(f"ce message ne concerne que cette {span}" for span in listed("semaine, période, année")),
        *(
            f"{thing} {state} sur l'autre page"
            for thing in listed("rendez-vous, rdv, créneaux, plages, places, disponibilités")
            for state in listed("proposés, ouverts, disponibles, libres, publiés, affichés, offerts")
        ),
        *(
            f"créneaux libres {where}"
            for where in listed("sur un autre site, dans une autre page, dans l'autre onglet")
        ),
    ],
)
def test_what_is_not_all_is_a_doubt(line: str) -> None:
    assert heard(line)
    assert not heard(f"en cas de gel, {line}")


CONDITIONS = listed(
    """s'il y a une panne, s'ils ont, si l'écran affiche, en cas de panne, dans le cas d'une panne,
    lorsque la panne dure, lorsqu'il y a panne, quand une panne survient, dès que la panne cesse,
    à défaut d'une panne, sous peine de panne"""
)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_what_stands_under_a_condition_is_no_doubt(condition: str) -> None:
    assert heard("le site est en panne")
    assert not heard(f"{condition} du site en panne")
    assert heard(f"le site est en panne, {condition}")


@pytest.mark.parametrize("meant", ["que", "en raison", "à cause", "du fait", "un bug", "une panne", "parce"])
def test_a_condition_that_explains_is_a_doubt(meant: str) -> None:
    assert heard(f"si tout est complet, c'est {meant} le site est en panne")
    assert heard("si tout est complet, cela signifie une panne du site")
    assert heard("si tout est complet, cela vient d'une panne du site")
    assert not heard("si tout est complet, même en panne, le site répond")


OTHER_DAYS = listed(
    """lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche, tous les jours, tous les matins,
    tous les mois, toutes les nuits, toutes les semaines, tous les soirs, tous les 3 jours,
    tous les deux jours, chaque mois, parfois, souvent, la nuit, le soir, le matin"""
)


@pytest.mark.parametrize("day", OTHER_DAYS)
def test_what_is_wrong_on_another_day_is_no_doubt_unless_it_is_so_now(day: str) -> None:
    assert heard("maintenance en cours sur le site")
    assert not heard(f"le site est en maintenance {day}")
    for now in listed(
        """actuellement, momentanément, temporairement, provisoirement, en ce moment, pour le moment,
        pour l'instant"""
    ):
        assert heard(f"le portail est {now} en maintenance {day}")
    assert not heard(f"le site sera retiré {day}")


HELP = listed(
    """signaler, contactez, assistance, support, rencontrez, déclarer, pour tout, pour toute, toute panne,
    tout incident, tout erreur, toute anomalie, tout problème, toute difficulté, tout bug,
    tout dysfonctionnement, évitez, jamais"""
)


@pytest.mark.parametrize("help_", HELP)
def test_where_to_report_is_no_doubt_unless_something_is_wrong_now(help_: str) -> None:
    assert heard("panne du site")
    assert not heard(f"{help_} panne du site")
    for cause in listed("suite à, raison, cause, affecte, empêche, fait d'une, perturbe les, actuellement"):
        assert heard(f"{help_} panne du site {cause}")


def test_why_a_site_is_down_is_no_help() -> None:
    assert heard("Le site est en maintenance afin d'améliorer le service.")
    assert heard("Le site est actuellement en maintenance, chaque nuit.")


@pytest.mark.parametrize(
    "planned", listed("prévue, prévues, programmée, planifiée, aura lieu, auront lieu, sera faite mardi")
)
def test_what_is_planned_is_no_doubt(planned: str) -> None:
    assert heard("la maintenance du portail est en cours")
    assert not heard(f"la maintenance du portail est en cours, {planned}")


KEPT_OUT = [
    "Votre adresse IP a été temporairement bloquée.",
    "Votre session a expiré.",
    "Connectez-vous pour voir les plages disponibles.",
    "Les plages ne sont montrées qu'aux usagers connectés.",
    "Les créneaux sont visibles après identification.",
    "Sans votre accord, les créneaux ne peuvent pas s'afficher.",
    "Le calendrier ne s'affiche pas sans cookies.",
]
NOT_KEPT_OUT = [
    "Votre session expire après vingt minutes.",
    "Connectez-vous pour consulter vos rendez-vous.",
    "Vos rendez-vous sont visibles après connexion.",
    "Les horaires d'ouverture sont affichés à l'accueil.",
    "Les rendez-vous sont réservés aux résidents du département.",
]


@pytest.mark.parametrize("line", KEPT_OUT)
def test_a_visitor_who_is_shut_out_sees_no_answer(line: str) -> None:
    assert heard(line)


@pytest.mark.parametrize("line", NOT_KEPT_OUT)
def test_a_login_of_its_own_use_keeps_nobody_out(line: str) -> None:
    assert not heard(line)
