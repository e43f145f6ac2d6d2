"""What may leave a raw page: known words, short numbers, listed headers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.rules import scrub
from probes.model import Capture, LinkedSheet, Transport
from probes.registry import PLATFORMS, platform
from probes.sessions.visit import kept as kept_headers
from tests.corpus.build import origins
from tests.corpus.made import Origin
from tests.evidence.vienne import a_step

KNOWN = scrub.vocabulary(
    "https://www.vienne.gouv.fr/booking/create/1234567", r"/booking/create/\d+/confirmation"
)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        (
            "https://www.vienne.gouv.fr/booking/create/1234567/1",
            "https://www.vienne.gouv.fr/booking/create/1234567/1",
        ),
        ("https://a.fr/booking/create/12/confirmation", "https://a.fr/booking/create/12/confirmation"),
        ("https://jean:secret@a.fr/booking", "https://a.fr/booking"),
        ("https://a.fr/booking#access_token=abc", "https://a.fr/booking"),
        ("https://a.fr/booking?nom=Dupont&token=ab12", "https://a.fr/booking?*=*&*=*"),
        ("https://a.fr/booking;jsessionid=0A1B2C", "https://a.fr/booking;*=*"),
        ("https://a.fr/create/jean.dupont%40mail.fr", "https://a.fr/create/*.*.fr"),
        ("https://a.fr/booking/0612345678", "https://a.fr/booking/*"),
        ("https://a.fr/booking?tel=06-12-34-56-78&a=+33.6.12.34.56.78", "https://a.fr/booking?*=*&*=*"),
        ("https://a.fr/booking/1234567/2026-11-02", "https://a.fr/booking/1234567/2026-11-02"),
        ("http://demo.localhost:8080/booking", "http://demo.localhost:8080/booking"),
        ("https://a.fr:port/booking", "*"),
        ("javascript:alert(1)", "*"),
        ("ftp://a.fr/booking", "*"),
        ("https://a.fr/BOOKING/Create", "https://a.fr/BOOKING/Create"),
        ("https://[::1/booking", "*"),
    ],
)
def test_it_keeps_only_known_words_of_a_url(address: str, kept: str) -> None:
    assert scrub.url(address, KNOWN) == kept


def test_it_keeps_the_words_of_pages_on_which_any_site_may_end() -> None:
    ends = (
        "accueil api blocked captcha cgu connexion creneau erreur error fr html htm index indisponible login "
        "maintenance php www"
    )
    address = "https://a.fr/" + ends.replace(" ", "/")
    assert scrub.url(address) == scrub.address_to_read(address) == address
    assert scrub.address_to_read(f"https://a.fr/?{ends.replace(' ', '&')}").count("*") == 0


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/123456/1234567", "/123456/*"),
        ("/06.12.34.56.78", "/*"),
        ("/06~12~34~56~78", "/*"),
        ("/06*12*34*56*78", "/*"),
        ("/+33+6+12+34+56", "/*"),
        ("/12.34.56.78", "/12.34.56.78"),
        ("/été/a b", "/*/***"),
    ],
)
def test_it_keeps_short_numbers_that_are_no_telephone(path: str, kept: str) -> None:
    assert scrub.url(f"https://A.fr{path}") == f"https://a.fr{kept}"


def test_it_keeps_a_long_number_of_the_configured_address() -> None:
    address = "https://a.fr/booking/create/1234567890/2"
    assert scrub.url(address, scrub.vocabulary(address)) == address


def test_it_knows_a_configured_word_however_it_is_written() -> None:
    known = scrub.vocabulary("https://a.fr/Reservation")
    assert scrub.url("https://a.fr/reservation/RESERVATION", known) == "https://a.fr/reservation/RESERVATION"


@pytest.mark.slow
@given(st.text())
def test_it_scrubs_any_text_as_a_url_without_failing(address: str) -> None:
    assert scrub.url(address).isascii()
    assert scrub.url("https://a.fr/" + address).isascii()


def test_it_keeps_listed_headers_in_their_listed_form() -> None:
    pairs = [
        ("Date", "Mon, 02 Nov 2026 08:15:00 GMT"),
        ("SERVER", "Apache/2.4.57 (Debian)"),
        ("server", "nginx"),
        ("Content-Type", "text/html; charset=UTF-8"),
        ("Set-Cookie", "PHPSESSID=0a1b2c"),
        ("X-User", "Dupont"),
        ("Retry-After", "bientôt"),
        ("Last-Modified", "Dupont, 02 Nov 2026 08:15:00 GMT"),
    ]
    assert scrub.headers(pairs) == {
        "date": "Mon, 02 Nov 2026 08:15:00 GMT",
        "server": "Apache/2.4.57 (Debian)",
        "content-type": "text/html; charset=UTF-8",
    }


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("text/html;charset=windows-1252", True),
        ('text/html; charset="utf-8"', True),
        ("Text/HTML; Charset=ISO-8859-15", True),
        ("text/html; charset=us-ascii", True),
        ("text/html; charset=dupont", False),
        ("text/html; charset=utf-8; nom=dupont", False),
        ("application/x-dupont", False),
    ],
)
def test_it_keeps_a_content_type_with_any_charset_that_pages_have(value: str, kept: bool) -> None:
    assert scrub.headers([("Content-Type", value)]) == ({"content-type": value} if kept else {})


PRODUCTS = (
    "AkamaiGHost AmazonS3 Apache Apache-Coyote BigIP Caddy CloudFront Cowboy HAProxy Jetty LiteSpeed "
    "Microsoft-IIS Varnish awselb cloudflare envoy gunicorn hypercorn istio-envoy lighttpd nginx openresty "
    "tengine uvicorn"
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("Server", product) for product in PRODUCTS.split()),
        *(
            ("Server", f"Apache/2.4 ({system})")
            for system in ("Debian", "Ubuntu", "Unix", "Win64", "Red Hat", "CentOS")
        ),
        ("Age", "3600"),
        ("Content-Language", "fr"),
        ("Content-Language", "fr-FR"),
        ("Last-Modified", "Mon, 02 Nov 2026 08:15:00 GMT"),
        ("Retry-After", "120"),
        ("Retry-After", "Mon, 02 Nov 2026 08:15:00 GMT"),
        ("X-Request-Id", "3f2b8c1d-9E7A-4f60"),
        *(("Content-Type", f"text/{kind}") for kind in ("html", "plain", "xml")),
        *(("Content-Type", f"application/{kind}") for kind in ("json", "xhtml+xml", "xml")),
    ],
)
def test_it_keeps_what_servers_say_of_themselves(name: str, value: str) -> None:
    assert scrub.headers([(name, value)]) == {name.lower(): value}
    assert scrub.headers([(name, f"{value} Dupont")]) == {}


@pytest.mark.parametrize("secret", [
    "jean.dupont@example.fr",
    "06 12 34 56 78",
    "+33612345678",
    "06.12.34.56.78",
    "06-12-34-56-78",
    "abcdefgh01234567.-~+/",
    "PHPSESSID=0a1b2c3d4e",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6",
    "https://a.fr/reset?jeton=abc",
])  # fmt: skip
def test_it_masks_addresses_numbers_and_tokens_in_quotations(secret: str) -> None:
    quote = scrub.quotation(f"Aucun créneau. Écrivez à {secret} svp")
    assert secret not in quote
    assert quote.startswith("Aucun créneau. Écrivez à ")


def test_it_quotes_ordinary_sentences_exactly() -> None:
    sentence = (
        "Il n'existe plus de plage horaire libre pour votre demande de rendez-vous (lundi 05/01/2027, 9h30)."
    )
    assert scrub.quotation(sentence) == sentence


@pytest.mark.parametrize("words", ["n° 12 34 56 78", "code=1234567", "a1b2c3d4e5f6g7h8i9j", "a" * 30])
def test_it_quotes_what_is_too_short_for_a_number_or_a_token(words: str) -> None:
    assert scrub.quotation(words) == words


def test_it_limits_quotations_and_stays_encodable() -> None:
    assert len(scrub.quotation("x" * 10**6)) == 300
    assert scrub.quotation("zéro \ud800\0 créneau") == "zéro \ufffd\ufffd créneau"


def test_a_token_that_the_limit_cuts_leaves_no_half_of_itself() -> None:
    quote = scrub.quotation("x " * 145 + "eyJhbGciOiJIUzI1NiIsInR5cCI6")
    assert "eyJ" not in quote
    assert len(quote) <= 300


def test_it_limits_our_own_words_too() -> None:
    assert len(scrub.own_words("x" * 400)) == 300
    assert scrub.own_words("Vigie\ud800\0") == "Vigie\ufffd\ufffd"


def test_it_keeps_the_contact_page_of_our_own_agent_but_no_mailbox() -> None:
    kept = scrub.own_words("Vigie/0.1 (+https://vigie.example/robot; robot@vigie.example)")
    assert "https://vigie.example/robot" in kept
    assert "robot@vigie.example" not in kept


@pytest.mark.parametrize(("raw", "kept"), [
    ("192.0.2.7", "192.0.2.7"),
    ("192.0.2.7:443", "192.0.2.7"),
    ("[2001:db8::1]:443", "2001:db8::1"),
    ("2001:db8::1", "2001:db8::1"),
    ("[2001:db8::1]", "2001:db8::1"),
    ("rdv.example.fr", None),
    (None, None),
])  # fmt: skip
def test_it_keeps_a_server_address_without_its_port(raw: str | None, kept: str | None) -> None:
    assert scrub.address(raw) == kept


def test_it_replaces_a_name_that_does_not_look_like_ours() -> None:
    assert scrub.slug("classic.no_slots") == "classic.no_slots"
    assert scrub.slug("jean@example.fr") == "other"
    assert scrub.sha256("A" * 64) is None
    assert scrub.sha256("a" * 65) is None
    assert scrub.sha256("a" * 64) == "a" * 64
    assert scrub.slug("a name of someone") == "other"
    assert [scrub.slug("a" * length) for length in (80, 81)] == ["a" * 80, "other"]


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://a.fr/booking/create/1234567/1", "https://a.fr/booking/create/1234567/1"),
        ("https://jean:secret@a.fr/auth/realms/x#access_token=abc", "https://a.fr/auth/realms/x"),
        ("https://a.fr/creneau/?token=9f2c4e&error=1&nom=Dupont", "https://a.fr/creneau/?*=*&error=1&*=*"),
        ("https://a.fr/rdv;jsessionid=0A1B2C/x", "https://a.fr/rdv;*/x"),
        ("https://a.fr/s/3f2b8c1d9e7a4f60b5c2/creneau", "https://a.fr/s/*/creneau"),
        ("/relative;x=1?token=abc", "/relative;*?*=*"),
        ("https://a.fr/s/3f2b8c1d-9e7a-4f60-b5c2-0a1b2c3d4e5f", "https://a.fr/s/*"),
        ("https://a.fr/demande-de-titre-de-sejour-2026", "https://a.fr/demande-de-titre-de-sejour-2026"),
        ("https://a.fr/motsansaucunchiffredutout", "https://a.fr/motsansaucunchiffredutout"),
        ("https://a.fr/3f2b8c1d9e7a4f60b5c", "https://a.fr/3f2b8c1d9e7a4f60b5c"),
        ("https://[::1/booking", "*"),
        ("", ""),
    ],
)
def test_what_is_stored_keeps_paths_and_no_token(address: str, kept: str) -> None:
    assert scrub.address_to_read(address, KNOWN) == kept


def test_what_is_stored_keeps_the_configured_address_as_it_is() -> None:
    address = "https://a.fr/s/3f2b8c1d9e7a4f60b5c2"
    assert scrub.address_to_read(address, scrub.vocabulary(address)) == address


def test_a_capture_keeps_its_pages_and_loses_tokens_beside_them() -> None:
    secret = "https://a.fr/creneau/?token=9f2c4e"
    step = a_step(
        url=secret,
        final_url=secret,
        redirects=(secret,),
        headers=(("Location", secret), ("date", "Mon, 02 Nov 2026 08:15:00 GMT")),
        detail=f"we are sent to {secret}",
        body=b"token=9f2c4e",
        sheets=(LinkedSheet(url=secret, text="p { }"),),
    )
    kept = scrub.capture(Capture(transport=Transport.HTTP, steps=(step,), screenshot=b"jpeg"))
    (after,) = kept.steps
    assert (after.body, after.headers[1], kept.screenshot) == (step.body, step.headers[1], b"jpeg")
    assert "9f2c4e" not in repr(replace(after, body=b""))
    assert after.sheets is not None
    assert after.sheets[0].text == "p { }"


def test_a_location_header_loses_its_token_as_sessions_keep_it() -> None:
    """Sessions keep the names of headers in lower case."""
    step = a_step(headers=kept_headers([("Location", "https://a.fr/rdv;jsessionid=0A1B2C/x")]))
    (after,) = scrub.capture(Capture(transport=Transport.HTTP, steps=(step,))).steps
    assert after.headers == (("location", "https://a.fr/rdv;*/x"),)


SAVED = list(origins(Path(__file__).parents[1] / "pages", {one.name for one in PLATFORMS}))


@pytest.mark.parametrize("origin", SAVED, ids=lambda one: one.label.name)
def test_every_saved_page_reads_the_same_once_stored(origin: Origin) -> None:
    """Else a later reader would see another page than the first one did."""
    target, received = origin.label.target, origin.case.capture
    reader = platform(target.platform)
    known = scrub.vocabulary(target.url, *reader.stop_line.paths)
    assert reader.read(target, scrub.capture(received, known)) == reader.read(target, received)


def test_what_was_refused_is_kept_without_its_tokens() -> None:
    asked = "POST https://www.ain.gouv.fr/slots;jsessionid=A1B2?token=secret"
    step = replace(a_step(), refused=(asked,))
    kept = scrub.capture(Capture(transport=Transport.BROWSER, steps=(step,)))
    assert kept.steps[0].refused == ("POST https://www.ain.gouv.fr/slots;*?*=*",)
