"""Every word by which a page says that its service is closed, moved, out of order or in the way."""

from __future__ import annotations

import pytest

from probes.model import Outcome
from probes.pages import signals
from probes.pages.notices.closures import closed
from probes.pages.notices.sentences import leads_on, main_lines
from probes.pages.page import Page, parse
from tests.cast.saved_pages import received


def page(body: str, *, title: str = "Titre") -> Page:
    return parse(received(f"<html><head><title>{title}</title></head><body>{body}</body></html>"))


def rule(line: str) -> str:
    """The rule by which a page that says this alone is closed, or may be; empty when it is not."""
    found = closed(page(f"<main><p>{line}</p></main>"))
    return found.rule if found else ""


def listed(words: str) -> list[str]:
    return [word.strip() for word in words.split(",")]


BOOKING = listed(
    """La prise de rendez-vous, Les prises de rdv, Toute demande de rendez-vous,
    Les demandes de rendez-vous, Notre téléservice, La réservation, Les réservations de rendez-vous,
    Le dépôt de dossiers, Les dépôts des demandes, L'inscription, La prise de rendez-vous pour un titre"""
)
SERVICE = listed(
    """Ce service, Cette démarche, Cet téléservice, Le site, La page, Notre formulaire, Ce module,
    Cette application, Ce lien, Cette adresse, Cette plateforme, Le service des étrangers,
    Le site d'inscription"""
)
OVER = listed("suspendu, fermée, interrompus, désactivé, arrêté, clôturé, supprimé, clos, close, closes")
NO_MORE = listed(
    """n'existe plus, n'est plus accessible, n'est plus disponible, n'est plus possible, n'est plus proposée,
    n'est plus assuré, n'est plus en service, n'est plus active, n'est plus utilisé, ne sont plus ouvertes,
    n'accepte plus de dossiers"""
)


@pytest.mark.parametrize("what", [*BOOKING, *SERVICE])
def test_whatever_is_closed_is_told_by_its_name(what: str) -> None:
    assert rule(f"{what} est suspendue.") == "suspended"
    assert rule(f"Madame, {what.lower()} est suspendue.") == "suspended"
    assert rule("La boutique est suspendue.") in ("", "perhaps_closed")


@pytest.mark.parametrize("over", OVER)
def test_each_word_for_a_closure_is_one(over: str) -> None:
    for verb in (
        "est",
        "sont",
        "a été",
        "ont été",
        "est désormais",
        "a été définitivement",
        "est actuellement",
    ):
        assert rule(f"La prise de rendez-vous {verb} {over}.") == "suspended"
    for now in ("provisoirement", "temporairement", "momentanément", "maintenant"):
        assert rule(f"Ce service est {now} {over}, merci.") == "suspended"


@pytest.mark.parametrize("no_more", NO_MORE)
def test_what_is_no_more_is_closed(no_more: str) -> None:
    assert rule(f"Ce service {no_more}") == "suspended"
    assert rule(f"La prise de rendez-vous {no_more}") == "suspended"


FROM_NOW_ON = ["désormais", "dorénavant", "maintenant", "à présent"]
PLACES = listed(
    """l'anef, le site, la plateforme, le téléservice, le portail, l'adresse, l'application,
    démarches numériques, démarche-numérique, www.a.fr, https://a.fr, rdv-a.fr"""
)
MOVES = listed(
    """s'effectue, s'effectuent, se fait, se font, se prend, se prennent, se dépose, se déposent,
    se déroule, se demande, a lieu, ont lieu, est effectuée, sont déposées, est réalisée,
    est accessible, est gérée, sont traités, sont pris, est disponible, est à faire, doit être faite,
    doivent se faire, doit s'effectuer"""
)


@pytest.mark.parametrize("now", FROM_NOW_ON)
@pytest.mark.parametrize("place", PLACES)
def test_where_a_service_moved_is_told(now: str, place: str) -> None:
    assert rule(f"La demande {now} s'effectue sur {place}") == "moved"
    assert rule(f"Vous devez {now} passer par {place}") == "moved"
    assert rule(f"La demande s'effectue sur {place}") != "moved"


@pytest.mark.parametrize("moves", MOVES)
def test_how_it_is_done_elsewhere_is_told(moves: str) -> None:
    assert rule(f"Désormais la demande {moves} sur la plateforme") == "moved"


@pytest.mark.parametrize(
    "line",
    [
        *(
            f"Ce service a {moved}"
            for moved in ("déménagé", "changé d'adresse", "été transféré", "été remplacé", "été déplacé")
        ),
        *(
            f"Cette page est {now} {state}"
            for now in FROM_NOW_ON
            for state in ("transférée", "remplacée", "déplacée", "accessible", "disponible", "hébergée")
        ),
    ],
)
def test_a_service_that_moved_says_so(line: str) -> None:
    assert rule(f"{line}.") == rule(f"{line} ailleurs.") == "moved"
    assert rule(f"« {line} »") != "moved"


PERHAPS = listed(
    """désormais, dorénavant, déménageons, transféré, transférées, suspendu, suspendues, suspension, anef,
    n'existe plus, n'est plus possible, ne sont plus possibles, n'est plus proposée, n'est plus assuré,
    définitivement"""
)


@pytest.mark.parametrize("word", PERHAPS)
@pytest.mark.parametrize(
    "of", listed("rendez-vous, rdv, démarche, service, demande, site, réservation, dossier, titre")
)
def test_what_may_mean_an_end_waits_for_a_person(word: str, of: str) -> None:
    assert rule(f"Information {of} : {word} !") == "perhaps_closed"
    assert rule(f"Information : {word} !") == ""


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Ce service est fermé à compter du 20 décembre 2025", "suspended"),
        ("Ce service est fermé à compter du 21 décembre 2025", ""),
        ("Ce service est fermé à partir du 1er janvier 2020", "suspended"),
        ("Ce service est fermé dès le 1er janvier 2020", "suspended"),
        ("Ce service est fermé dès le 1er janvier 2030", ""),
        ("Ce service est fermé depuis le 3 mars", "suspended"),
        ("Ce service est fermé jusqu'au 20 décembre 2025", "suspended"),
        ("Ce service est fermé jusqu'au 19 décembre 2025", ""),
        ("Ce service est fermé jusqu'au 5 janvier", ""),
        ("Ce service est fermé jusqu'à nouvel ordre", "suspended"),
        ("Ce service est fermé jusqu'à nouvel avis", "suspended"),
        ("Ce service est fermé jusqu'à demain", ""),
    ],
)
def test_a_closure_holds_from_its_first_day_to_its_last(line: str, found: str) -> None:
    assert rule(line) == (found or "perhaps_closed") or (not found and rule(line) == "")
    assert (rule(line) == "suspended") is bool(found)


WHEN = listed(
    """le lundi, en janvier, le matin, les matins, la matinée, le soir, la soirée, la nuit, à midi,
    à minuit, l'après-midi, le week-end, demain, tous les jours, toutes les heures, chaque jour,
    programmée, prévue, planifiée, le 5, du 5, à 14h, à 14h30, de 9 heures, le 5/12, le 5.12,
    aujourd'hui, entre deux, pendant les fêtes, durant l'été, lors de pics, lorsque tout va,
    depuis hier, la semaine prochaine, en cas de pic, dans le cas inverse, pour l'envoi de sms,
    pour la réception, pour les sms, pour les notifications, pour les courriels, aux heures pleines,
    si besoin, quand il pleut, parfois, souvent, régulièrement, jusqu'ici, lorsqu'il pleut, s'il pleut,
    à partir de 8, à compter de 8, dès lundi, pourra durer, peut durer, risque de durer, était saturé"""
)


@pytest.mark.parametrize("when", WHEN)
def test_an_outage_with_a_time_or_a_condition_is_no_report(when: str) -> None:
    assert signals.recognise(page("<p>Le service est surchargé, merci.</p>")) is not None
    assert signals.recognise(page(f"<p>Le service est surchargé, et {when}.</p>")) is None


@pytest.mark.parametrize("now", listed("actuellement, momentanément, temporairement, provisoirement"))
def test_a_date_beside_a_report_makes_it_an_announcement_unless_it_says_now(now: str) -> None:
    dated = "<p>Le service est {}surchargé.</p><p>Lundi 5</p>"
    assert signals.recognise(page(dated.format(""))) is None
    assert signals.recognise(page(dated.format(f"{now} "))) is not None


@pytest.mark.parametrize(
    "label",
    listed(
        """Prendre rendez-vous, Prenez date, Demander, Réserver, Choisir, Effectuer, Commencer, Continuer,
        Poursuivre, Suivant, Étape suivante, etape suivante, Valider, Accepter, Voir,
        Rechercher un créneau"""
    ),
)
def test_a_button_or_link_of_the_site_leads_on(label: str) -> None:
    ways = (
        f"<button>{label}</button>",
        f"<input type=submit value='{label}'>",
        f"<input type=button value='{label}'>",
        f"<p><a href=/x>{label}</a></p>",
        f"<a href=/x>{label}</a>",
        f"<form><div><a href='https://www.ain.gouv.fr/x'>{label}</a></div></form>",
        f"<main><div><a href=/x>{label}</a></div></main>",
        f"<div role=main><div><a href=/x>{label}</a></div></div>",
    )
    assert all(leads_on(page(way)) for way in ways)
    assert not leads_on(page(f"<p><a href='https://www.example.org/'>{label}</a></p>"))
    assert not leads_on(page(f"<p>{label}</p><button>Fermer</button>"))


@pytest.mark.parametrize(
    "field", ["<select></select>", "<textarea></textarea>", "<input>", "<input type=radio>"]
)
def test_a_field_to_fill_in_leads_on(field: str) -> None:
    assert leads_on(page(field))
    assert leads_on(page("<div contenteditable>x</div>"))
    for kind in ("hidden", "submit", "BUTTON", "image", "reset", "search"):
        assert not leads_on(page(f"<input type={kind}>"))


@pytest.mark.parametrize(
    "around",
    [
        *(f"<{tag}>autour</{tag}>" for tag in ("header", "nav", "footer", "aside")),
        *(f"<div id={name}>autour</div>" for name in ("header", "footer", "menu")),
        *(
            f"<div role={role}>autour</div>"
            for role in ("banner", "navigation", "contentinfo", "complementary")
        ),
    ],
)
def test_what_stands_around_every_page_is_not_its_main_place(around: str) -> None:
    assert main_lines(page(f"{around}<p>dit</p>")) == ("dit",)
    assert main_lines(page(f"<div role=main>dit</div>{around}")) == ("dit",)


SAID = {
    Outcome.BLOCKED: [
        *("Error 1006", "Error 1007", "Error 1008", "Error 1009", "Error 1020: denied", "error code: 1009"),
        *("Verify you are human by clicking", "Vérifiez que vous êtes humain en cliquant"),
        *("Checking your browser before accessing a.fr", "Enable JavaScript and cookies to continue"),
        *("Request forbidden by administrative rules", "The requested URL was rejected"),
        "Request unsuccessful. Incapsula incident ID: 1",
    ],
    Outcome.RATE_LIMITED: [
        *(
            "Too many requests",
            "Error 429: Too Many Requests",
            "Erreur 429 Too Many Requests",
            "429 too many requests",
        ),
        *(
            "Calme toi, cowboy",
            "Limite d'appels API atteinte",
            "Trop de requêtes",
            "Error 1015",
            "error code: 1015",
        ),
    ],
    Outcome.OVERLOADED: [
        *(
            "Le site est surchargé",
            "Notre service de réservation est momentanément surchargé",
            "Ce serveur surchargé",
        ),
        *(
            "You are now in line",
            "Vous êtes dans la file d'attente",
            "Vous êtes bien placés en salle d'attente",
        ),
        *("Vous êtes actuellement placée dans une file d'attente virtuelle, merci de patienter",),
    ],
    Outcome.SITE_DOWN: [
        *(
            "Le site est en maintenance",
            "Service en ligne en cours de maintenance",
            "Le site web est indisponible",
        ),
        *(
            "Le site internet est provisoirement indisponible",
            "Le service de prise de rendez-vous est indisponible",
        ),
        *("500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"),
        *("The server returned an invalid or incomplete response", "Erreur inattendue (500)"),
        *(
            f"Le service est indisponible {why} x"
            for why in (
                "pour",
                "en raison",
                "suite",
                "car",
                "du fait",
                "à cause",
                "par",
                "veuillez",
                "merci",
                "nous",
                "et",
            )
        ),
    ],
}
TITLES = {
    Outcome.BLOCKED: [
        "Just a moment",
        "Just a moment…",
        "Un instant...",
        "Access denied",
        "Request rejected",
    ],
    Outcome.RATE_LIMITED: ["Too Many Requests"],
    Outcome.OVERLOADED: [
        "Site surchargé",
        "Service temporairement surchargé",
        "Salle d'attente virtuelle",
        "Queue-it",
    ],
    Outcome.SITE_DOWN: [
        *(
            "Site en maintenance",
            "En maintenance",
            "Service temporairement indisponible",
            "Site indisponible - x",
        ),
        *("500 Error", "502: Bad", "504 x", "Erreur inattendue (500) - x"),
    ],
}


@pytest.mark.parametrize(("outcome", "line"), [(o, line) for o, lines in SAID.items() for line in lines])
def test_each_line_of_a_page_in_the_way_is_known(outcome: Outcome, line: str) -> None:
    found = signals.recognise(page(f"<p>{line}</p>"))
    assert found is not None
    assert (found.outcome, found.words) == (outcome, line)


@pytest.mark.parametrize(
    ("outcome", "title"), [(o, title) for o, titles in TITLES.items() for title in titles]
)
def test_each_title_of_a_page_in_the_way_is_known(outcome: Outcome, title: str) -> None:
    found = signals.recognise(page("<p>x</p>", title=title))
    assert found is not None
    assert found.outcome is outcome
    assert signals.recognise(page("<p>x</p>", title=f"Titre {title}")) is None


@pytest.mark.parametrize(
    "heading", listed("robot, captcha, Sécurité, Vérification, humain, human, security, challenge")
)
@pytest.mark.parametrize("box", ["g-recaptcha", "h-captcha"])
def test_a_captcha_below_its_heading_is_one(heading: str, box: str) -> None:
    found = signals.recognise(page(f"<h1>{heading}</h1><div class={box}></div>"))
    assert found is not None
    assert found.outcome is Outcome.CAPTCHA
    assert signals.recognise(page(f"<h1>{heading}</h1><div class={box} data-size=invisible></div>")) is None
    assert signals.recognise(page(f"<h1>Remise</h1><div class={box}></div>")) is None


@pytest.mark.parametrize(
    "said",
    listed(
        """Se connecter, S'identifier, Connexion, Identification, Authentification, Connectez-vous,
        Connexion à tout"""
    ),
)
def test_a_password_below_the_heading_of_a_login_asks_for_one(said: str) -> None:
    for shown in (page(f"<h1>{said}</h1><input type=password>"), page("<input type=PASSWORD>", title=said)):
        found = signals.recognise(shown)
        assert found is not None
        assert found.outcome is Outcome.LOGIN_REQUIRED
    assert signals.recognise(page(f"<h1>{said}</h1>")) is None


@pytest.mark.parametrize(
    "url",
    [
        *("https://agentconnect.gouv.fr/", "https://a.agentconnect.gouv.fr/x", "https://proconnect.gouv.fr/"),
        *(
            "https://franceconnect.gouv.fr/",
            "https://www.ain.gouv.fr/login",
            "https://www.ain.gouv.fr/connexion/",
        ),
        *("https://www.ain.gouv.fr/usagers/login", "https://www.ain.gouv.fr/users/sign_in/"),
    ],
)
def test_each_address_of_a_login_is_known(url: str) -> None:
    found = signals.recognise(parse(received("<p>x</p>", final_url=url)))
    assert found is not None
    assert found.outcome is Outcome.LOGIN_REQUIRED
    assert (
        signals.recognise(parse(received("<p>x</p>", final_url="https://www.ain.gouv.fr/connexions"))) is None
    )


@pytest.mark.parametrize(
    "said",
    [
        "La prise de rendez-vous est fermée pour maintenance.",
        "La prise de rendez-vous est momentanément suspendue en raison d'un incident technique.",
        "La prise de rendez-vous est suspendue suite à une panne informatique.",
        "Ce téléservice est fermé pour mise à jour.",
        "La prise de rendez-vous est fermée : trop de connexions, veuillez patienter.",
        "La prise de rendez-vous est désactivée pour cause de migration du serveur.",
        "La prise de rendez-vous est interrompue pour cause d'opération technique.",
        "La prise de rendez-vous est suspendue (message de test).",
        "La prise de rendez-vous par téléphone est suspendue.",
        "La prise de rendez-vous est suspendue pour les demandes de naturalisation.",
        "La prise de rendez-vous est fermée aux personnes sans convocation.",
        "La prise de rendez-vous est suspendue à la sous-préfecture de Romilly.",
        "Les inscriptions aux cours de français sont closes.",
        "Les inscriptions sur liste d'attente sont closes pour ce motif.",
        "Les réservations de la salle des fêtes sont closes.",
        "Le formulaire de contact n'est plus disponible.",
        "Le service de navette est fermé.",
        "Le service des permis de conduire est fermé.",
        "La prise de rendez-vous pour les cartes grises est suspendue.",
        "La prise de rendez-vous à Nogent-sur-Seine est suspendue.",
        "La prise de rendez-vous pour les primo-demandeurs est suspendue ; les autres restent possibles.",
        "Les inscriptions sont closes pour l'année 2024.",
        "La prise de rendez-vous a été fermée par erreur.",
        "Les rendez-vous pour les cartes grises se prennent désormais sur le site de l'ANTS.",
    ],
)
def test_an_outage_and_an_end_for_some_alone_are_no_closure(said: str) -> None:
    assert rule(said) == "perhaps_closed"
