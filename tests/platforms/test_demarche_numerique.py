"""demarche.numerique.gouv.fr: a form is open only if anybody may begin it, and closed only if it says so."""

from __future__ import annotations

import json

import pytest

from probes.model import AcceptedLine, Capture, Outcome, Reading, Step, Transport
from probes.platforms.demarche_numerique import DemarcheNumerique
from tests.cast.saved_pages import received, target

SITE = "https://demarche.numerique.gouv.fr"
URL = f"{SITE}/commencer/rdv-sejour"
IN = (
    '<a href="/commencer/x/sign_up">Créer un compte</a><a href="/commencer/x/sign_in">J’ai déjà un compte</a>'
)
CALLOUT = f'<div class="fr-callout"><h2>Commencer la démarche</h2>{IN}</div>'


def read(
    inside: str, *, path: str = "/commencer/rdv-sejour", status: int = 200, state: str = "publiee"
) -> Reading:
    """What the platform makes of a page with this content, and of the form's public description."""
    page = received(
        f"<main><h1>Rendez-vous</h1>{inside}</main>", url=URL, final_url=SITE + path, status=status
    )
    steps: tuple[Step, ...] = (page,)
    if state != "publiee":
        described = json.dumps({"state": state})
        steps += (received(described, url=f"{SITE}/preremplir/rdv-sejour/schema"),)
    capture = Capture(transport=Transport.HTTP, steps=steps)
    return DemarcheNumerique().read(target("demarche_numerique", URL), capture)


def test_a_form_that_anybody_may_begin_is_open() -> None:
    assert read(CALLOUT).outcome is Outcome.REQUESTS_OPEN


@pytest.mark.parametrize(
    "said",
    [
        "<h3>Attention : Démarche en test</h3>",
        "<p>Cette démarche est actuellement en test et réservée à l’administration.</p>",
        "<p>Cette page permet de tester une nouvelle version de la démarche</p>",
        "<p>et cette page est réservée à l’administration en charge de son déploiement.</p>",
        '<div class="fr-alert"><p>Ce formulaire est en phase de test.</p></div>',
        '<div class="fr-notice">Formulaire non publié</div>',
        '<div class="fr-alert">Votre dossier pourra être supprimé à tout moment.</div>',
        '<span class="fr-badge">Brouillon</span>',
        "<div role=alert>Formulaire en phase de test</div>",
        *(f"<{heading}>Version de test</{heading}>" for heading in ("h1", "h2", "h3")),
    ],
)
def test_a_form_in_test_is_not_open(said: str) -> None:
    assert read(said + CALLOUT).rule == "in_test"
    assert read(CALLOUT + said).rule == "in_test"


def test_a_form_that_its_description_calls_a_draft_is_not_open() -> None:
    assert read(CALLOUT, state="brouillon").rule == "in_test"


@pytest.mark.parametrize(
    "said",
    [
        "Cette démarche nécessite une authentification via ProConnect.",
        "Seuls les agents disposant d’un compte ProConnect peuvent y accéder.",
        "Formulaire réservé aux agents de l'État.",
        "L'accès se fait uniquement avec ProConnect.",
        "Un compte ProConnect est obligatoire.",
    ],
)
def test_a_form_for_agents_is_not_open(said: str) -> None:
    alert = f'<div class="fr-alert"><p>{said}</p></div>'
    assert read(alert + CALLOUT).rule == "for_agents"
    inside = f"<h2>Commencer la démarche</h2><p>{said}</p><button>ProConnect</button>"
    assert read(f'<div class="fr-callout">{inside}</div>').outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    "way",
    [
        "",
        "<button>S’identifier avec ProConnect</button>",
        '<a aria-disabled="true">Créer un compte</a>',
        "<del><a>Créer un compte</a></del>",
        "<p>Créer un compte</p>",
        "<a>Se connecter</a>",
        "</div><div><a>Créer un compte</a>",
    ],
)
def test_a_form_without_a_way_in_is_not_open(way: str) -> None:
    callout = f'<div class="fr-callout"><h2>Commencer la démarche</h2>{way}</div>'
    assert read(callout).rule == "no_way_in"


SENTENCES = (
    "La prise de rendez-vous s'effectue désormais sur le site de l'ANEF.",
    "Cette démarche n'accepte plus de nouveaux dossiers.",
    "Cette démarche est fermée.",
    "Cette démarche a été remplacée par une demande en ligne.",
    "Les demandes de rendez-vous se font désormais par courriel, à l'adresse indiquée en préfecture.",
)


@pytest.mark.parametrize("said", SENTENCES)
def test_a_page_without_a_start_says_in_a_whole_sentence_that_it_is_closed(said: str) -> None:
    assert (read(f"<p>{said}</p>").outcome, read(f"<p>{said}</p>").words) == (Outcome.CLOSED, said)
    assert read(f"<p>« {said} »</p>").outcome is Outcome.UNRECOGNISED
    assert read(f"<p>{said}</p>", path="/").outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize("said", SENTENCES)
def test_a_form_that_is_said_to_be_closed_and_offers_a_start_contradicts_itself(said: str) -> None:
    assert read(f'<div class="fr-alert">{said}</div>{CALLOUT}').rule == "contradiction"


@pytest.mark.parametrize(
    ("code", "heading", "outcome"),
    [
        (403, "L’action demandée a été rejetée", Outcome.BLOCKED),
        (404, "Page non trouvée", Outcome.UNRECOGNISED),
        (406, "Votre navigateur n’est plus supporté", Outcome.BLOCKED),
        (422, "Impossible de traiter votre demande", Outcome.UNRECOGNISED),
        (429, "Trop de requêtes", Outcome.RATE_LIMITED),
        (429, "Un peu de patience", Outcome.RATE_LIMITED),
        (500, "Erreur inattendue", Outcome.SITE_DOWN),
        (502, "Problème de connexion au serveur", Outcome.SITE_DOWN),
        (503, "Service temporairement indisponible", Outcome.SITE_DOWN),
        (504, "Délai de connexion dépassé", Outcome.SITE_DOWN),
    ],
)
def test_the_error_pages_of_its_servers_are_known_with_any_status(
    code: int, heading: str, outcome: Outcome
) -> None:
    page = f"<h2>{heading}</h2><p>Erreur {code}</p><p>Réessayez dans quelques minutes.</p>"
    assert read(page).outcome is outcome
    assert read(page, status=code).outcome is outcome


@pytest.mark.parametrize(
    "banner",
    [
        "Le site sera en maintenance le mardi 12 décembre.",
        "Le service est indisponible tous les dimanches de 2h à 4h.",
        "Notre service est indisponible pour l'envoi des courriels.",
        "Le site est surchargé le lundi matin.",
        "Le service sera interrompu du 3 au 5 janvier.",
    ],
)
def test_an_announcement_on_an_open_form_changes_nothing(banner: str) -> None:
    assert read(f"<p>{banner}</p>{CALLOUT}").outcome is Outcome.REQUESTS_OPEN


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        (URL, True),
        (f"{SITE}/commencer/rdv-sejour/", True),
        (f"{URL}?utm_source=x", False),
        (f"{URL}?test=1", False),
        (f"{SITE}/commencer/rdv-sejour/sign_up", False),
        (f"{SITE}/", False),
        (f"{SITE}/fermeture/rdv-sejour", False),
        (f"{SITE}/preremplir/rdv-sejour/schema", False),
    ],
)
def test_it_accepts_what_its_walk_may_open(url: str, *, accepted: bool) -> None:
    assert DemarcheNumerique().accepts(url) is accepted


def described(options: list[str], state: str = "publiee") -> Reading:
    """An open form whose description lists these options."""
    page = received(
        f"<title>Rendez-vous · Vienne</title><main><h1>Rendez-vous</h1>{CALLOUT}"
        "<p>Date limite : 31/12/2026</p></main>",
        url=URL,
    )
    fields = [{"label": "Date souhaitée", "options": options}, {"label": "Nom"}, "?"]
    schema = {"state": state, "revision": {"champDescriptors": fields}}
    steps = (page, received(json.dumps(schema), url=f"{SITE}/preremplir/rdv-sejour/schema"))
    capture = Capture(transport=Transport.HTTP, steps=steps)
    return DemarcheNumerique().read(target("demarche_numerique", URL), capture)


def test_the_title_the_deadline_and_the_dates_in_its_lists_are_notices() -> None:
    reading = described(["lundi 5 janvier 2026 à 9h", "autre", "06/01/2026"], state="close")
    assert reading.outcome is Outcome.REQUESTS_OPEN
    assert reading.notices == (
        "Rendez-vous · Vienne",
        "Date limite : 31/12/2026",
        "état : close",
        "Date souhaitée : lundi 5 janvier 2026 à 9h",
        "Date souhaitée : 06/01/2026",
    )


def test_a_form_with_a_thousand_dates_has_forty_notices_of_them() -> None:
    days = [f"{day:02}/{month:02}/2026" for month in range(1, 13) for day in range(1, 29)]
    assert len(described(days).notices) == 2 + 40


def test_why_a_form_is_closed_is_told_in_the_three_lines_below() -> None:
    said = "La démarche Rendez-vous est close depuis le 3 mars 2025"
    below = "".join(f"<p>Ligne {n}</p>" for n in range(5))
    page = received(
        f"<main><h1>{said}</h1>{below}</main>", url=URL, final_url=URL.replace("commencer", "fermeture")
    )
    reading = DemarcheNumerique().read(
        target("demarche_numerique", URL), Capture(transport=Transport.HTTP, steps=(page,))
    )
    assert (reading.outcome, reading.words) == (Outcome.CLOSED, said)
    assert reading.notices == ("Ligne 0", "Ligne 1", "Ligne 2")


@pytest.mark.parametrize(
    "said",
    [
        "DÉMARCHE SUSPENDUE : ne déposez pas de dossier.",
        "Les dépôts sont interrompus jusqu'au 4 janvier 2027.",
        "Nous n'acceptons plus de nouvelle demande.",
        "Le quota de demandes du mois de novembre est atteint, merci de revenir le 1er décembre.",
        "Cette démarche est remplacée par RDV-Préfecture. Les dossiers déposés ici ne seront pas traités.",
        "Démarche close aux nouveaux usagers.",
        "Cette version de la démarche est close. Utilisez la nouvelle version.",
        "Cette démarche n’est pas encore ouverte : elle ouvrira le 4 janvier 2027.",
        "Le nombre maximal de dossiers a été atteint. Le dépôt reprendra le 5 janvier 2027.",
    ],
)
@pytest.mark.parametrize("where", ["<p>{}</p>", '<div class="fr-alert">{}</div>', "<ul><li>{}</li></ul>"])
def test_what_takes_back_that_requests_are_taken_is_heard_anywhere(said: str, where: str) -> None:
    assert read(where.format(said) + CALLOUT).rule == "contradiction"
    assert read(CALLOUT + where.format(said)).rule == "contradiction"


@pytest.mark.parametrize(
    ("said", "opened"),
    [
        ("Cette démarche est réservée aux agents de l’administration.", False),
        ("Formulaire à l'usage exclusif des agents de la préfecture.", False),
        ("L'accès est ouvert uniquement aux agents.", False),
        ("Un agent vous proposera une date.", True),
        ("Les demandes sont traitées par les agents du service.", True),
        ("Cette démarche est traitée uniquement par des agents habilités.", True),
    ],
)
def test_that_a_form_is_for_agents_may_stand_in_its_description(said: str, *, opened: bool) -> None:
    found = read(f"<p>{said}</p>{CALLOUT}")
    assert (found.outcome is Outcome.REQUESTS_OPEN) is opened
    assert (found.rule == "for_agents") is not opened


SINCE = "La démarche « Titre de séjour » est close depuis le 3 mars 2025"


@pytest.mark.parametrize(
    ("heading", "closed"),
    [
        (SINCE, True),
        (f"{SINCE}.", True),
        (f"{SINCE} à 12 h 30", True),
        *(
            (SINCE.replace("3 mars 2026", day), True)
            for day in ("mardi 3 mars 2026", "1er mars 2026", "03/03/2026", "3-3-2026", "3.3.2026")
        ),
        (f"<s>{SINCE}</s>", False),
        (f'<span style="text-decoration: line-through">{SINCE}</span>', False),
        (f"{SINCE} pour les premières demandes", False),
        (f"{SINCE} pour le 92", False),
        (f"{SINCE}, sauf en ligne", False),
    ],
)
def test_a_form_is_closed_by_the_whole_heading_and_not_by_one_that_is_struck(
    heading: str, *, closed: bool
) -> None:
    page = received(f"<main><h1>{heading}</h1></main>", url=URL, final_url=f"{SITE}/fermeture/rdv-sejour")
    capture = Capture(transport=Transport.HTTP, steps=(page,))
    found = DemarcheNumerique().read(target("demarche_numerique", URL), capture)
    assert (found.outcome is Outcome.CLOSED) is closed


@pytest.mark.parametrize(
    ("form", "heading", "title", "rule"),
    [
        ("rdv-sejour", SINCE, "", "closed_since"),
        ("rdv-sejour", SINCE, "Titre de séjour", "closed_since"),
        ("rdv-sejour", SINCE.replace("3 mars", "20 décembre"), "", "closed_since"),
        ("rdv-sejour", SINCE.replace("3 mars", "21 décembre"), "", "out_of_time"),
        ("rdv-sejour", SINCE.replace("2025", "2027"), "", "out_of_time"),
        ("rdv-naturalisation", SINCE, "", "other_form"),
        ("rdv-sejour", SINCE, "Naturalisation", "other_form"),
    ],
)
def test_a_closure_is_that_of_the_form_and_of_a_day_that_has_come(
    form: str, heading: str, title: str, rule: str
) -> None:
    page = received(f"<main><h1>{heading}</h1></main>", url=URL, final_url=f"{SITE}/fermeture/{form}")
    asked = target("demarche_numerique", URL, options={"title": title} if title else {})
    capture = Capture(transport=Transport.HTTP, steps=(page,))
    assert DemarcheNumerique().read(asked, capture).rule == rule


@pytest.mark.parametrize(
    "way",
    [
        "<a>Créer un compte</a>",
        "<a>J’ai déjà un compte</a>",
        "<a>S’identifier avec FranceConnect</a>",
        "<button>Créer un compte demarche.numerique.gouv.fr</button>",
    ],
)
def test_each_way_in_is_one(way: str) -> None:
    found = read(f'<div class="fr-callout"><h2>Commencer la démarche</h2>{way}</div>')
    assert found.outcome is Outcome.REQUESTS_OPEN


HOSTS = ["demarche.numerique.gouv.fr", "www.demarche.numerique.gouv.fr", "demarches-simplifiees.fr"]


@pytest.mark.parametrize("asked", [*HOSTS, "www.demarches-simplifiees.fr"])
@pytest.mark.parametrize("answered", [*HOSTS, "www.demarches-simplifiees.fr", "www.example.org"])
def test_its_names_send_on_to_one_another(asked: str, answered: str) -> None:
    path = "/commencer/rdv-sejour"
    step = received(
        f"<main><h1>Rendez-vous</h1>{CALLOUT}</main>",
        url=f"https://{asked}{path}",
        final_url=f"https://{answered}{path}",
    )
    reading = DemarcheNumerique().read(
        target("demarche_numerique", step.url), Capture(transport=Transport.HTTP, steps=(step,))
    )
    assert reading.rule == ("other_host" if answered == "www.example.org" else "form_open")


@pytest.mark.parametrize("why", ["", "en raison de 3 incidents", "en raison du lancement d'une application"])
def test_an_outage_beside_the_start_is_one(why: str) -> None:
    found = read(f"<p>Le service est indisponible {why}</p>{CALLOUT}")
    assert found.outcome is Outcome.SITE_DOWN


@pytest.mark.parametrize(
    ("heading", "title", "outcome"),
    [
        ("Titre de séjour", "x", Outcome.REQUESTS_OPEN),
        ("x", "TITRE de séjour · Vienne", Outcome.REQUESTS_OPEN),
        ("Carte grise", "Carte grise", Outcome.UNRECOGNISED),
    ],
)
def test_a_form_that_sends_on_is_known_again_by_its_title(heading: str, title: str, outcome: Outcome) -> None:
    step = received(
        f"<title>{title}</title><main><h1>{heading}</h1>{CALLOUT}</main>",
        url=URL,
        final_url=f"{SITE}/commencer/autre",
    )
    capture = Capture(transport=Transport.HTTP, steps=(step,))
    named = target("demarche_numerique", URL, options={"title": "titre de séjour"})
    assert DemarcheNumerique().read(named, capture).outcome is outcome
    assert DemarcheNumerique().read(target("demarche_numerique", URL), capture).rule == "other_form"


def test_a_start_beside_the_sentence_of_a_closed_form_contradicts_itself() -> None:
    assert read(f"<p>{SINCE}</p>{CALLOUT}").rule == "contradiction"
    assert read(f"<h2>Erreur 502</h2>{CALLOUT}").outcome is not Outcome.SITE_DOWN


def test_the_sentence_of_a_closed_form_at_its_own_address_closes_nothing() -> None:
    for path in ("/commencer/rdv-sejour", "/"):
        assert read(f"<h1>{SINCE}</h1>", path=path).outcome is Outcome.UNRECOGNISED


def test_the_sentence_of_a_closed_form_on_another_site_closes_nothing() -> None:
    away = received(f"<h1>{SINCE}</h1>", url=URL, final_url="https://www.example.org/fermeture/rdv-sejour")
    capture = Capture(transport=Transport.HTTP, steps=(away,))
    assert DemarcheNumerique().read(target("demarche_numerique", URL), capture).rule == "other_host"


def test_an_error_page_is_quoted_by_its_heading() -> None:
    page = received("<title>x</title><h1>Page refusée</h1><p>Erreur 403</p>", url=URL)
    capture = Capture(transport=Transport.HTTP, steps=(page,))
    found = DemarcheNumerique().read(target("demarche_numerique", URL), capture)
    assert (found.outcome, found.words) == (Outcome.BLOCKED, "Page refusée")


def around(outside: str) -> Reading:
    """What a page says of itself with an open form in its `main` and `outside` before it."""
    html = f"<header>République</header>{outside}<main><h1>Rendez-vous</h1><p>Objet</p>{CALLOUT}</main>"
    capture = Capture(transport=Transport.HTTP, steps=(received(html, url=URL),))
    return DemarcheNumerique().read(target("demarche_numerique", URL), capture)


@pytest.mark.parametrize(
    ("outside", "rule"),
    [
        ("<nav><a href=/>Aide</a></nav>", "form_open"),
        ("<p>Aller au contenu principal</p>", "form_open"),
        (
            "<p>Une opération de maintenance est prévue sur demarche.numerique.gouv.fr à 23 h 00.</p>",
            "form_open",
        ),
        ("<p>Poste 4, salle du fond</p>", "unknown_line"),
        ("<div><div><p>Boîte de la semaine passée</p></div></div>", "unknown_line"),
    ],
)
def test_around_the_forms_own_text_a_banner_must_be_known(outside: str, rule: str) -> None:
    assert around(outside).rule == rule


@pytest.mark.parametrize(
    ("beside", "rule"),
    [
        ("<p>Les demandes se font désormais par courrier.</p>", "closed_since"),
        ("<p>La démarche rouvrira le lundi 4 janvier 2027.</p>", "closed_since"),
        ("<p>Fermeture limitée aux usagers de Montmorillon.</p>", "contradiction"),
        ("<p>Reste ouverte pour les conjoints de Français.</p>", "contradiction"),
        ("<p>C'est reparti depuis ce matin !</p>", "contradiction"),
        ("<p>Prévisualisation du message de fermeture</p>", "contradiction"),
        (
            "<script>setTimeout(function(){document.querySelector('main').innerHTML='x'},2000)</script>",
            "unread_parts",
        ),
        ("<style>h1::after{content:' pour les mineurs seulement'}</style>", "unread_parts"),
    ],
)
def test_that_a_form_is_closed_is_seen_whole_and_real(beside: str, rule: str) -> None:
    page = received(
        f"<main><h1>{SINCE}</h1>{beside}</main>", url=URL, final_url=f"{SITE}/fermeture/rdv-sejour"
    )
    capture = Capture(transport=Transport.HTTP, steps=(page,))
    assert DemarcheNumerique().read(target("demarche_numerique", URL), capture).rule == rule


def test_a_line_that_a_person_accepted_may_stand_beside_the_start() -> None:
    welcome = CALLOUT.replace("démarche</h2>", "démarche<br>Bienvenue sur le portail</h2>")
    page = received(f"<h1>Rendez-vous</h1>{welcome}", url=URL)
    capture = Capture(transport=Transport.HTTP, steps=(page,))
    line = AcceptedLine(line="bienvenue sur le portail", at=page.started_at, reason="x")
    watched = target("demarche_numerique", URL)
    assert DemarcheNumerique().read(watched, capture).rule == "unknown_line"
    assert DemarcheNumerique().read(watched, capture, (line,)).accepted == (line,)


def opened(beside: str, *, title: str = "Rendez-vous", options: dict[str, str] | None = None) -> Reading:
    """What the page of a form that offers its start reads as, with this beside it."""
    body = f"<title>{title}</title><main><h1>{title}</h1>{beside}{CALLOUT}</main>"
    capture = Capture(transport=Transport.HTTP, steps=(received(body, url=URL),))
    return DemarcheNumerique().read(target("demarche_numerique", URL, options=options or {}), capture)


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("Date limite : 31 décembre 2026 à 23 h 59", "form_open"),
        ("Date limite : 20 décembre 2025", "form_open"),
        ("Date limite : selon la notice", "form_open"),
        ("Date limite : 1er novembre 2025 à 23 h 59", "out_of_time"),
        ("Date limite : 19 décembre 2025", "out_of_time"),
        ("Date limite : 20 décembre 2025 à 0 h 30", "out_of_time"),
        ("Date limite : 31 février 2026", "out_of_time"),
        ("Date limite : 31 janvier 2027 à 23 h 59 (heure de Paris)", "form_open"),
        ("Date limite de dépôt des dossiers : 15 octobre 2025", "out_of_time"),
        ("Dernier jour de dépôt : 15/10/2025", "out_of_time"),
        ("Démarche ouverte du 1er septembre au 15 octobre 2025.", "out_of_time"),
        ("Démarche ouverte du 1er décembre 2025 au 15 janvier 2026.", "form_open"),
        ("Toute demande déposée après le 15 octobre 2025 sera classée sans suite.", "out_of_time"),
        ("Campagne terminée.", "contradiction"),
        ("Démarche en cours de construction.", "contradiction"),
    ],
)
def test_a_form_whose_deadline_is_past_takes_no_requests(said: str, rule: str) -> None:
    assert opened(f"<p>{said}</p>").rule == rule


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("Cette démarche ouvrira le 4 janvier 2027.", "contradiction"),
        ("Le formulaire sera ouvert à partir du 4 janvier.", "contradiction"),
        ("Les dépôts sont clos.", "contradiction"),
        ("Les dépôts reprendront le 4 janvier 2027.", "contradiction"),
        ("Réouverture de la démarche le 4 janvier 2027.", "contradiction"),
        ("La démarche rouvrira le 4 janvier.", "contradiction"),
        ("[FERMÉE] Demande de rendez-vous", "contradiction"),
        ("[ANNULÉE] Demande de rendez-vous", "contradiction"),
        ("ANCIENNE VERSION - Demande de rendez-vous", "contradiction"),
        ("(ARCHIVE) Demande de rendez-vous", "contradiction"),
        ("Merci de revenir le 4 janvier 2027 pour déposer votre demande.", "contradiction"),
        ("Reprise des dépôts : lundi 4 janvier 2027.", "contradiction"),
        ("Les demandes pourront être déposées à partir du 4 janvier 2027.", "contradiction"),
        ("Ouverture de la démarche le 4 janvier 2027 à 9h.", "contradiction"),
        ("NE PLUS UTILISER CE FORMULAIRE", "contradiction"),
        ("Aucune demande ne sera instruite par ce formulaire.", "contradiction"),
        ("Ne pas utiliser : ancienne démarche", "contradiction"),
        ("Aucun créneau disponible pour le moment.", "contradiction"),
        ("Fermeture des bureaux à 16 h", "form_open"),
        ("Ouverture des dépôts : 7 décembre 2026 à 9 h", "contradiction"),
        ("Retour le 4 janvier", "contradiction"),
        ("300 dossiers sur 300", "contradiction"),
        ("Les dossiers déposés ici sont refusés d'office.", "contradiction"),
        ("Passez désormais par le guichet ; ici, rien ne sera lu.", "contradiction"),
        ("Le service ne lit plus les dossiers.", "unknown_line"),
        ("Les inscriptions sont désormais closes.", "contradiction"),
        ("Ne remplissez pas ce formulaire : il n'est plus traité.", "contradiction"),
        ("Ces démarches ne sont plus instruites.", "contradiction"),
        ("Fermeture définitive le 1er novembre 2025 : demandes refusées", "contradiction"),
        ("La démarche sera fermée le 1er décembre 2026.", "form_open"),
        ("La demande sera ouverte par un agent, puis traitée.", "form_open"),
        ("Pour déposer un dossier, remplissez ce formulaire.", "form_open"),
    ],
)
def test_a_form_that_takes_no_requests_today_is_not_open(said: str, rule: str) -> None:
    assert opened(f"<p>{said}</p>").rule == rule


@pytest.mark.parametrize(
    ("title", "wanted", "rule"),
    [
        ("Rendez-vous", "", "form_open"),
        ("Rendez-vous - titre de séjour", "titre de séjour", "form_open"),
        ("Demande de subvention", "titre de séjour", "identity_changed"),
    ],
)
def test_the_form_has_the_title_that_the_target_names(title: str, wanted: str, rule: str) -> None:
    assert opened("", title=title, options={"title": wanted} if wanted else {}).rule == rule
