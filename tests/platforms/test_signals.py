"""Shared signals: each fires on its own page, and on no page that merely mentions it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from probes.answer import Answer
from probes.failures import Failure
from probes.model import Capture, Outcome, Reading, Transport
from probes.pages import signals
from probes.pages.page import parse
from tests.cast.saved_pages import READERS, received, target


def recognised(body: str = "<p>Bonjour</p>", **step: Any) -> Reading | None:
    return signals.recognise(parse(received(body, **step)))


def seen(body: str = "<p>Bonjour</p>", **step: Any) -> Reading:
    reading = recognised(body, **step)
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("Request forbidden by administrative rules.", Outcome.BLOCKED),
        ("The requested URL was rejected. Please consult with your administrator.", Outcome.BLOCKED),
        ("Request unsuccessful. Incapsula incident ID: 123-456", Outcome.BLOCKED),
        ("Sorry, you have been blocked", Outcome.BLOCKED),
        ("Error 1020", Outcome.BLOCKED),
        ("Error code: 1020", Outcome.BLOCKED),
        ("Checking your browser before accessing rdv.example.", Outcome.BLOCKED),
        ("Verify you are human by completing the action below.", Outcome.BLOCKED),
        ("Enable JavaScript and cookies to continue", Outcome.BLOCKED),
        ("429 Too Many Requests", Outcome.RATE_LIMITED),
        ("Calme toi, cowboy ! Tu vas trop vite.", Outcome.RATE_LIMITED),
        ("Limite d’appels API atteinte", Outcome.RATE_LIMITED),
        ("Service surchargé", Outcome.OVERLOADED),
        ("Le service est temporairement surchargé. Merci de revenir plus tard.", Outcome.OVERLOADED),
        ("Vous êtes maintenant dans la file d'attente", Outcome.OVERLOADED),
        ("Le site est actuellement en maintenance. Il sera à nouveau disponible.", Outcome.SITE_DOWN),
        ("Site en maintenance", Outcome.SITE_DOWN),
        ("Service temporairement indisponible", Outcome.SITE_DOWN),
        ("502 Bad Gateway", Outcome.SITE_DOWN),
        ("504 Gateway Time-out", Outcome.SITE_DOWN),
        ("The server returned an invalid or incomplete response.", Outcome.SITE_DOWN),
    ],
)
def test_a_line_that_says_it_is_recognised_and_quoted(line: str, outcome: Outcome) -> None:
    reading = seen(f"<html><body><p>Préfecture</p><p>{line}</p></body></html>")
    assert (reading.outcome, reading.words) == (outcome, line)


@pytest.mark.parametrize(
    ("title", "outcome"),
    [
        ("Just a moment...", Outcome.BLOCKED),
        ("Un instant…", Outcome.BLOCKED),
        ("Attention Required! | Cloudflare", Outcome.BLOCKED),
        ("Request Rejected", Outcome.BLOCKED),
        ("429 Too Many Requests", Outcome.RATE_LIMITED),
        ("Service surchargé", Outcome.OVERLOADED),
        ("File d’attente", Outcome.OVERLOADED),
        ("Maintenance", Outcome.SITE_DOWN),
        ("Service Indisponible - RDV Service Public", Outcome.SITE_DOWN),
        ("503 Service Unavailable", Outcome.SITE_DOWN),
    ],
)
def test_a_title_that_says_it_is_recognised(title: str, outcome: Outcome) -> None:
    reading = seen(f"<html><head><title>{title}</title></head><body><p>x</p></body></html>")
    assert (reading.outcome, reading.words) == (outcome, title)


@pytest.mark.parametrize(
    ("element", "outcome"),
    [
        ("<div class='cf-turnstile'></div>", Outcome.BLOCKED),
        ("<form id='challenge-form'></form>", Outcome.BLOCKED),
        ("<iframe src='/_Incapsula_Resource?x=1'></iframe>", Outcome.BLOCKED),
        ("<h1>Contrôle de sécurité</h1><div class='g-recaptcha'></div>", Outcome.CAPTCHA),
        ("<h1>Êtes-vous un robot ?</h1><div class='h-captcha'></div>", Outcome.CAPTCHA),
        ("<div class='captcha'><img src='data:image/png;base64,x'></div>", Outcome.CAPTCHA),
        ("<rdv-captchetat></rdv-captchetat>", Outcome.CAPTCHA),
        ("<div id='BDC_CaptchaComponent'></div>", Outcome.CAPTCHA),
        ("<img id='captchaFR_CaptchaImage'>", Outcome.CAPTCHA),
        ("<input name='captchaUsercode'>", Outcome.CAPTCHA),
    ],
)
def test_an_element_that_shows_it_is_recognised_unless_hidden(element: str, outcome: Outcome) -> None:
    assert seen(f"<p>x</p>{element}").outcome is outcome
    assert recognised(f"<p>x</p><div hidden>{element}</div>") is None


@pytest.mark.parametrize(
    "body",
    [
        "<ul><li>Descriptif</li><li>Contrôle de sécurité</li></ul>",
        "<p>Les sites surchargés répondent parfois « Service surchargé ».</p>",
        "<p>En cas de maintenance du site, revenez plus tard.</p>",
        "<p>L'erreur 502 Bad Gateway signifie qu'un serveur ne répond pas.</p>",
        "<p>Notre service est ouvert de 9h à 12h ; la file d'attente est à gauche.</p>",
        "<p>Le service des étrangers est indisponible le jeudi.</p>",
        "<a href='/franceconnect'>S’identifier avec FranceConnect</a> <a href='/login'>Se connecter</a>",
        "<h1>Prendre rendez-vous</h1><form><input type=password name=p></form>",
        "<h1>Sécurité</h1><div class='g-recaptcha' data-size='invisible'></div><p>Contact</p>",
        "<h1>Remise de titre</h1><form action='/lettre'>Abonnez-vous <div class='g-recaptcha'></div></form>",
        "<p>Un captcha vous sera demandé.</p>",
        "<h1>Connexion au service des cartes grises</h1><p>Sur rendez-vous.</p>",
    ],
)
def test_a_page_that_only_mentions_it_passes(body: str) -> None:
    assert (
        recognised(f"<html><head><title>Prendre rendez-vous</title></head><body>{body}</body></html>") is None
    )


NONE = "Aucun créneau n'est disponible."
ANSWER = Answer(place="main", none=(re.compile(r"aucun créneau n'est disponible\."),), offers=".free a")
BOOKING = (
    "<html><head><title>Prendre rendez-vous</title></head><body><main><h1>Titre</h1>{}</main></body></html>"
)


@pytest.mark.parametrize(
    "notice",
    [
        "Le service est indisponible le samedi 12 décembre de 8h à 12h.",
        "Le site est en maintenance tous les mardis.",
        "Le service est surchargé le lundi matin.",
        "Service surchargé aux heures de pointe",
        "Le site est en maintenance pour une mise à jour, tous les mardis.",
        "Le service est indisponible en raison de travaux le samedi 12 décembre.",
        "Le site est en maintenance à partir de 20h.",
        "Vous êtes dans la file d'attente depuis le dépôt de votre dossier.",
        "Notre site sera indisponible demain.",
        "Site en maintenance<br>Samedi 12 décembre",
        "Le service est indisponible. Cette interruption est prévue le 12/12.",
        "« Service surchargé »",
    ],
)
def test_an_outage_that_is_announced_is_none(notice: str) -> None:
    assert recognised(BOOKING.format(f"<p>{notice}</p>")) is None
    assert recognised(BOOKING.format(f"<p>{notice}</p><p>{NONE}</p>")) is None
    page = parse(received(BOOKING.format(f"<p>{notice}</p><p>{NONE}</p>")))
    assert signals.recognise(page, answer=ANSWER) is None


@pytest.mark.parametrize(
    "line",
    [
        "Le service est actuellement indisponible. Revenez dans les prochaines heures.",
        "Le site est en maintenance. Si le problème persiste, écrivez-nous.",
        "Le service de prise de rendez-vous est momentanément indisponible, veuillez réessayer.",
        "Vous êtes dans une salle d'attente virtuelle.",
    ],
)
def test_an_outage_that_is_reported_is_one(line: str) -> None:
    assert not seen(BOOKING.format(f"<p>{line}</p>")).outcome.conclusive
    assert seen(BOOKING.format(f"<p>{line}</p>")).outcome in (Outcome.SITE_DOWN, Outcome.OVERLOADED)


@pytest.mark.parametrize(
    "beside",
    [
        "<form><label><input type=radio name=desk> Guichet 1</label></form>",
        "<p>" + "Pièces à fournir : un justificatif de domicile. " * 60 + "</p>",
        "<ul>" + "<li>Une démarche</li>" * 30 + "</ul>",
    ],
)
def test_a_notice_on_a_page_that_says_more_is_no_outage(beside: str) -> None:
    for line in ("Le service est indisponible.", "Service surchargé", "429 Too Many Requests"):
        assert recognised(BOOKING.format(f"<p>{line}</p>{beside}")) is None
    assert (
        recognised(BOOKING.format("<p>x</p>").replace("<main>", "<aside>Service surchargé</aside><main>"))
        is None
    )


@pytest.mark.parametrize(
    "widget",
    [
        "<div class='cf-turnstile'></div>",
        "<h2>Vérification de sécurité</h2><div class='g-recaptcha'></div>",
        "<div id='captchaFR_CaptchaImage'></div>",
    ],
)
@pytest.mark.parametrize("said", [f"<p>{NONE}</p>", "<td class=free><a href=/5/1>libre</a></td>"])
def test_a_captcha_beside_an_answer_hides_nothing(widget: str, said: str) -> None:
    page = parse(received(f"<h1>Contrôle de sécurité</h1><table><tr>{said}</table>{widget}"))
    assert signals.recognise(page, answer=ANSWER) is None
    assert signals.first_unsound([page], answer=ANSWER) is None


def test_an_alert_of_the_product_is_an_answer_too() -> None:
    page = parse(received("<div class='cf-turnstile'></div>", dialogs=("Aucun rendez-vous !",)))
    by_alert = Answer(place="body", dialogs=(re.compile("aucun rendez-vous !"),))
    assert signals.recognise(page, answer=by_alert) is None
    assert signals.recognise(page, answer=ANSWER) is not None


def test_an_answer_of_a_page_that_reports_an_outage_is_not_believed() -> None:
    page = parse(received(BOOKING.format(f"<p>{NONE}</p><p>Le service est actuellement indisponible.</p>")))
    reading = signals.recognise(page, answer=ANSWER)
    assert reading is not None
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "outage_beside_answer")


def test_a_failed_step_has_no_answer() -> None:
    page = parse(received(BOOKING.format(f"<p>{NONE}</p>"), status=503))
    reading = signals.recognise(page, answer=ANSWER)
    assert reading is not None
    assert reading.outcome is Outcome.SITE_DOWN


STEPS = {
    "classic": "https://www.ain.gouv.fr/booking/create/12",
    "rdv_prefecture": "https://www.rdv-prefecture.interieur.gouv.fr/rdvpref/reservation/demarche/12/",
    "rdv_service_public": "https://rdv.anct.gouv.fr/prendre_rdv?departement=01",
    "esirius": "https://rdv.ain.gouv.fr/eAppointment/appointment.do",
    "orion": "https://esii-orion.com/orion-reservation/slots?account=A&config=B",
}


def read(platform: str, body: str) -> Reading:
    url = STEPS[platform]
    step = received(BOOKING.format(body), url=url)
    return READERS[platform].read(target(platform, url), Capture(transport=Transport.HTTP, steps=(step,)))


@pytest.mark.parametrize("platform", STEPS)
@pytest.mark.parametrize(
    "line",
    [
        "La demande de titre de séjour s'effectue désormais sur le site de l'ANEF.",
        "Depuis le 1er mars 2025, les demandes se font désormais sur la plateforme de l'ANEF.",
        "Les rendez-vous sont désormais pris sur le site www.example.fr.",
        "Ce service a déménagé.",
        "Madame, Monsieur. La prise de rendez-vous en ligne est suspendue.",
        "La prise de rendez-vous en ligne est suspendue jusqu'à nouvel ordre.",
        "La prise de rendez-vous est suspendue jusqu'au 4 janvier 2026.",
        "La prise de rendez-vous est suspendue jusqu'au 20 décembre 2025.",
        "À compter du 20 décembre 2025, la demande s'effectue désormais sur le site de l'ANEF.",
        "Ce téléservice n'est plus accessible à cette adresse.",
        "Vous devez désormais déposer votre demande sur la plateforme de l'ANEF.",
    ],
)
def test_a_first_step_that_says_it_is_closed_is(platform: str, line: str) -> None:
    reading = read(platform, f"<p>{line}</p>")
    assert (reading.outcome, reading.words) == (Outcome.CLOSED, line)


@pytest.mark.parametrize("platform", STEPS)
@pytest.mark.parametrize(
    "line",
    [
        "La prise de rendez-vous est suspendue le lundi.",
        "La prise de rendez-vous est suspendue jusqu'au 4 décembre 2025.",
        "À compter du 21 décembre 2025, la demande s'effectue désormais sur le site de l'ANEF.",
        "À compter du 1er mars 2026, la demande s'effectue désormais sur le site de l'ANEF.",
        "Votre demande est suspendue dans l'attente de pièces.",
    ],
)
def test_a_first_step_that_may_be_closed_waits_for_a_person(platform: str, line: str) -> None:
    reading = read(platform, f"<p>{line}</p>")
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "perhaps_closed")


@pytest.mark.parametrize("platform", STEPS)
@pytest.mark.parametrize(
    "onward",
    [
        "<form><input type=checkbox name=condition></form>",
        "<button>Prendre rendez-vous</button>",
        "<a href='/suite'>Choisir un créneau</a>",
    ],
)
def test_a_step_that_leads_on_is_not_closed(platform: str, onward: str) -> None:
    reading = read(platform, f"<p>La prise de rendez-vous en ligne est suspendue.</p>{onward}")
    assert reading.outcome is Outcome.UNRECOGNISED
    assert reading.rule != "perhaps_closed"


def test_the_way_to_another_site_leads_nowhere_on_this_one() -> None:
    away = "<a href='https://administration-etrangers-en-france.interieur.gouv.fr/'>Effectuer ma démarche</a>"
    line = "Cette démarche s'effectue désormais sur le site de l'ANEF."
    assert read("classic", f"<p>{line}</p><p>{away}</p>").outcome is Outcome.CLOSED


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_has_an_outcome_that_concludes_nothing(failure: Failure) -> None:
    reading = seen("", status=None, failure=failure)
    assert reading.failure is failure
    assert not reading.outcome.conclusive


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (Failure.DNS_ERROR, Outcome.SITE_DOWN),
        (Failure.TRUNCATED, Outcome.SITE_DOWN),
        (Failure.TOO_MANY_REDIRECTS, Outcome.SITE_DOWN),
        (Failure.HTTP_503, Outcome.SITE_DOWN),
        (Failure.HTTP_403, Outcome.BLOCKED),
        (Failure.HTTP_406, Outcome.BLOCKED),
        (Failure.HTTP_418, Outcome.BLOCKED),
        (Failure.HTTP_429, Outcome.RATE_LIMITED),
        (Failure.HTTP_401, Outcome.LOGIN_REQUIRED),
        (Failure.HTTP_404, Outcome.UNRECOGNISED),
        (Failure.HTTP_410, Outcome.UNRECOGNISED),
        (Failure.OFF_LIMITS, Outcome.UNRECOGNISED),
        (Failure.ADDRESS_REFUSED, Outcome.UNRECOGNISED),
        (Failure.BROWSER_CRASHED, Outcome.PROBE_ERROR),
        (Failure.OUR_FAULT, Outcome.PROBE_ERROR),
    ],
)
def test_a_failure_without_words_is_told_by_its_kind(failure: Failure, outcome: Outcome) -> None:
    assert seen("<p>x</p>", status=None, failure=failure, detail="why").outcome is outcome


def test_a_status_counts_even_when_no_failure_was_noted() -> None:
    reading = seen("<p>x</p>", status=502)
    assert (reading.outcome, reading.failure) == (Outcome.SITE_DOWN, Failure.HTTP_502)


@pytest.mark.parametrize(
    ("where", "outcome"),
    [
        ("https://app.franceconnect.gouv.fr/api", Outcome.LOGIN_REQUIRED),
        ("https://auth.proconnect.gouv.fr/", Outcome.LOGIN_REQUIRED),
        ("https://administration-etrangers-en-france.interieur.gouv.fr/", Outcome.CLOSED),
        ("https://www.ain.gouv.fr/users/sign_in", Outcome.LOGIN_REQUIRED),
        ("https://www.ain.gouv.fr/rdvpref/login/", Outcome.LOGIN_REQUIRED),
        ("https://www.example.org/", Outcome.UNRECOGNISED),
        ("https://www.ain.gouv.fr.example.org/", Outcome.UNRECOGNISED),
        ("https://faux-franceconnect.gouv.fr/", Outcome.UNRECOGNISED),
    ],
)
def test_a_redirect_is_told_by_where_it_led(where: str, outcome: Outcome) -> None:
    assert seen(final_url=where).outcome is outcome
    assert seen("", redirects=(where,), status=302, failure=Failure.OFF_LIMITS).outcome is outcome


@pytest.mark.parametrize(
    "where", ["https://ain.gouv.fr/x", "http://www.ain.gouv.fr/x", "https://www.ain.gouv.fr:443/"]
)
def test_a_redirect_within_the_site_is_none(where: str) -> None:
    assert recognised(final_url=where) is None


def test_a_redirect_between_names_of_one_product_is_normal() -> None:
    page = parse(received("<p>x</p>", url="https://a.fr/", final_url="https://b.fr/"))
    assert signals.recognise(page, hosts=frozenset(("a.fr", "b.fr"))) is None
    elsewhere = signals.recognise(page, hosts=frozenset(("b.fr",)))
    assert elsewhere is not None
    assert elsewhere.rule == "other_host"


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("", "empty_body"),
        (" \n", "empty_body"),
        ("<html><body><p>x</p>", "incomplete_page"),
        ("<p>x</p><div aria-modal='true'></div>", "covered_page"),
    ],
)
def test_a_page_that_cannot_be_read_whole_is_none_of_the_platform_s(body: str, rule: str) -> None:
    assert seen(body).rule == rule


def test_a_form_that_was_missing_leaves_the_page_before_it() -> None:
    steps = (received("<p>x</p>"), received(status=None, failure=Failure.FORM_MISSING))
    pages = signals.pages(Capture(transport=Transport.HTTP, steps=steps))
    assert [page.text for page in pages] == ["x"]


@pytest.mark.parametrize(
    ("title", "rule"), [("remise de TITRE", "r"), ("Naturalisation", "identity_changed"), ("", "r")]
)
def test_a_conclusive_reading_stands_only_under_the_expected_title(title: str, rule: str) -> None:
    page = parse(received("<h1>Remise de titre de séjour</h1>"))
    reading = Reading(outcome=Outcome.SLOTS_OFFERED, rule="r", words="libre")
    watched = target("classic", page.url, options={"title": title})
    assert signals.confirmed(reading, watched, page).rule == rule
