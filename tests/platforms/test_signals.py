"""Shared signals: each fires on its own page, and on no page that merely mentions it."""

from __future__ import annotations

from typing import Any

import pytest

from probes.failures import Failure
from probes.model import Capture, Outcome, Reading, Transport
from probes.pages import signals
from probes.pages.page import parse
from tests.cast.saved_pages import received, target


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
