"""What is taken out of a recorded visit, and what is left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.recording.masking import Mask, personal_values
from probes.model import Capture, Transport
from tests.cast.saved_pages import received, target

SECRETS = [
    ('<a href="/p?authenticity_token=Zk3_x-9Q&date=2026-01-05">', "Zk3_x-9Q"),
    ('<a href="/p?sid=99887766&n=1">', "99887766"),
    ("/appointment.do;jsessionid=0A1B2C3D?sitekey=P941", "0A1B2C3D"),
    ('<meta name="csrf-token" content="q8Zy/w==">', "q8Zy/w=="),
    ("var csrfToken = 'abc-DEF-1';", "abc-DEF-1"),
    ('{"accessToken":"abc.def.1"}', "abc.def.1"),
    ("Authorization eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", "eyJzdWIiOiIx"),
    ("id 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "0305e82c3301"),
    ("visid_incap_9f8e7d6c5b4a39281706", "9f8e7d6c5b4a39281706"),
    ("écrivez à pref-sejour@vienne.gouv.fr", "pref-sejour"),
    ("?mail=jeanne.dupont%40example.org", "jeanne.dupont"),
    ("Téléphone : 05 49 55 70 00", "05 49 55 70 00"),
    ("Tél. +33 5.49.55.70.00", "5.49.55.70.00"),
    ("votre adresse 203.0.113.77 est", "203.0.113.77"),
    ("votre adresse 2001:db8:85a3:8d3:1319:8a2e", "8a2e"),
    ('<img src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==">', "iVBORw0KGgo"),
    ("<a href='tel:+33612345678'>x</a>", "+33612345678"),
    ("<p>IP 2a01:cb00:12:34:56:78:9a:bc</p>", "2a01:cb00:12:34:56:78:9a:bc"),
    ("<input value=Durand name=nom>", "Durand"),
    ('<input value="hunter2" type="password">', "hunter2"),
    ("<textarea name='message'>Mon récit\nsur <b>deux</b> lignes</textarea>", "deux"),
    ('<input type="hidden" name="_csrf_token" value="4217">', "4217"),
    ("<a href='/rdv?invitation_token=abcdef'>x</a>", "abcdef"),
    ("<p>Ray ID: 8c1f2d3e4a5b6c7d</p>", "8c1f2d3e4a5b6c7d"),
    ("<script>var t = 'kJ8dh2Ls9QpX4mZt'</script>", "kJ8dh2Ls9QpX4mZt"),
    ("<a href='/prendre_rdv?departement=86&amp;address=7+rue+X&amp;n=1'>x</a>", "7+rue+X"),
    ("<a href='/prendre_rdv?latitude=46.58&n=1'>x</a>", "46.58"),
    ("<a href='/prendre_rdv?n=1&first_name=Zoe'>x</a>", "Zoe"),
]
KEPT = [
    "Il n'existe plus de plage horaire libre pour votre demande de rendez-vous.",
    '<a href="/booking/create/12083/5/1767598200">libre</a>',
    "?motif_name_with_location_type=renouvellement_de_recepisse_2024-public_office&lieu_id=1",
    "/commencer/demande-de-rendez-vous-sejour-2024-prefecture-86",
    "mardi 13 janvier 2026 à 08h00",
    "2026-03-29T09:00:00+02:00",
    '<input type="radio" name="trhId" id="trhId_17635" value="17635">',
    "De 09:00 à 16:45",
    "version 2.4.1",
    "<form id='FormBookingCreate2' class='fr-col-12 fr-col-md-6-offset'></form>",
    '<input type="radio" name="planning" value="12083">',
    '<input type="hidden" name="ezxform" value="42">',
    "<p>20260105T090000Z</p>",
    "<script src='/jquery-3.6.0.min.js'></script>",
    "<a href='/ezjscore/call/bookingserver::planning::assign::12083::4::7'>x</a>",
    "<p>Ouvert de 08:30:00 à 12:00:00</p>",
    "<a href='/prendre_rdv?departement=86&service_name=titres&lieu_id=4'>x</a>",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS, ids=[secret for _, secret in SECRETS])
def test_it_takes_out_tokens_and_addresses(text: str, secret: str) -> None:
    mask = Mask()
    assert secret not in mask.page(text)
    assert sum(mask.counts.values()) >= 1


@pytest.mark.parametrize("text", KEPT)
def test_it_leaves_what_a_reader_needs(text: str) -> None:
    mask = Mask()
    assert mask.page(text) == text
    assert not mask.counts


@pytest.mark.parametrize(
    ("tag", "masked"),
    [
        ('<input type="hidden" name="t" value="7 rue X">', '<input type="hidden" name="t" value="masque1">'),
        ("<input type=hidden value=abc>", '<input type=hidden value="masque1">'),
        ('<input name="nom" value="Dupont">', '<input name="nom" value="masque1">'),
        ('<input type="text" value="">', '<input type="text" value="">'),
        ('<input type="submit" value="Etape suivante">', '<input type="submit" value="Etape suivante">'),
        ("<textarea name=m>Ma demande</textarea>", "<textarea name=m>masque1</textarea>"),
    ],
)
def test_it_empties_fields_that_are_hidden_or_typed_in(tag: str, masked: str) -> None:
    assert Mask().page(tag) == masked


def test_equal_secrets_have_one_mask() -> None:
    masked = Mask().page(
        '<label for="9f8e7d6c5b4a39281706"><b id="9f8e7d6c5b4a39281706"><i id="aa8e7d6c5b4a39281706">'
    )
    assert masked == '<label for="masque1"><b id="masque1"><i id="masque2">'


@pytest.mark.parametrize("form", ["a b&é", "a%20b%26%C3%A9", "a+b%26%C3%A9", "a b&amp;é", "a b&\\u00e9"])
def test_what_was_typed_is_found_however_it_is_written(form: str) -> None:
    assert Mask(typed=["a b&é"]).page(f"<p>{form}</p>") == "<p>saisi1</p>"


@pytest.mark.parametrize(
    "written",
    [
        "Zoë Lefèvre",
        "ZOË LEFÈVRE",
        "Zoe\u0308 Lefe\u0300vre",
        "Zo&euml;&nbsp;Lef&egrave;vre",
        "Zo&#235; Lef&#232;vre",
        "zo%C3%AB+lef%C3%A8vre",
        "Zo\\u00eb  Lef\\u00e8vre",
        "zoë.lefèvre",
    ],
)
def test_a_name_that_a_person_gives_is_found_however_it_is_written(written: str) -> None:
    mask = Mask(names=["Zoë Lefèvre"])
    assert (
        mask.page(f"<p>Dossier de {written}, né à Poitiers</p>") == "<p>Dossier de masque1, né à Poitiers</p>"
    )
    assert mask.counts == {"name": 1}


@pytest.mark.parametrize(
    ("said", "written"),
    [
        *(
            ("O'Brien", one)
            for one in ("O&#39;Brien", "O&#039;Brien", "O&apos;Brien", "O&#x27;brien", "O’BRIEN")
        ),
        *(("Hélène", one) for one in ("HELENE", "H&eacute;l&egrave;ne", "Helene", "H&#xe9;l&#232;ne")),
        ("Helene", "Hélène"),
        ("Dupont", "Du</b>pont"),
        ("Diallo", "D&shy;IAL\u00adLO"),
        ("N'Guyen", "N\\'Guyen"),
    ],
)
def test_a_name_is_found_in_spellings_that_a_person_does_not_think_of(said: str, written: str) -> None:
    mask = Mask(names=[said])
    assert mask.page(f"<p>Mme {written} !</p>") == "<p>Mme masque1 !</p>"


def test_a_name_is_found_as_a_whole_word_alone_and_may_be_short() -> None:
    assert Mask(names=["Li"]).page("<p>Li, libre, Lille</p>") == "<p>masque1, libre, Lille</p>"


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp1252"])
def test_a_name_is_found_in_the_page_s_own_charset(codec: str) -> None:
    body = "<meta charset=cp1252><p>Lætitia Œuvrard, jeanne.dupont@example.net</p>".encode(codec)
    step = replace(received(body), headers=(("content-type", f"text/html; charset={codec}"),))
    (masked,) = Mask(names=["Œuvrard"]).capture(Capture(transport=Transport.HTTP, steps=(step,))).steps
    shown = masked.body.decode(codec)
    assert "Lætitia masque1, adresse2@example.org" in shown


def test_what_a_person_searched_by_is_known_from_the_address() -> None:
    url = "https://rdv.anct.gouv.fr/prendre_rdv?departement=86&address=7+rue+X%2C+Poitiers&city_code=86194"
    assert personal_values(url) == {"7 rue X, Poitiers"}


def test_it_tells_what_it_took_out_and_how_often() -> None:
    mask = Mask(secrets=["s3cr3t-of-mine", "another-one"], names=["Dupont"])
    mask.page("<p>s3cr3t-of-mine, dupont, Dupont</p><p>jeanne@example.net</p>")
    assert {(one.kind, one.value): times for one, times in mask.found.items()} == {
        ("cookie", "s3cr3t-of-mine"): 1,
        ("name", "Dupont"): 2,
        ("e-mail", "jeanne@example.net"): 1,
    }
    assert all(one.mask not in one.value for one in mask.found)


def test_a_hundred_secrets_stay_apart() -> None:
    tokens = [f"{n:04x}9f8e7d6c5b4a39281706" for n in range(200)]
    assert len(set(Mask().page(" ".join(tokens)).split())) == 200


def test_cookies_are_found_anywhere() -> None:
    mask = Mask(secrets=["s3cr3t-of-mine"])
    assert mask.text("/x?p=s3cr3t-of-mine") == "/x?p=masque1"
    assert mask.counts == {"cookie": 1}


def test_a_value_of_a_few_letters_is_nobody_s_secret() -> None:
    assert Mask(secrets=["1", "fr"], typed=["on"]).page("<p>1 fr on</p>") == "<p>1 fr on</p>"


def test_a_capture_loses_headers_picture_and_server_address() -> None:
    step = replace(
        received("<p>05 49 55 70 00</p>", url="https://a.example/?sid=99887766"),
        headers=(("content-type", "text/html"), ("server", "nginx"), ("etag", "x")),
        rendered="<p>jeanne@example.org</p>",
        dialogs=("code 203.0.113.77",),
        redirects=("https://a.example/;jsessionid=AB12",),
        detail="sent to 203.0.113.77",
        server_address="203.0.113.77",
    )
    clean = Mask().capture(Capture(transport=Transport.BROWSER, steps=(step,), screenshot=b"jpeg"))
    (masked,) = clean.steps
    assert clean.screenshot is None
    assert masked.headers == (("content-type", "text/html"),)
    assert masked.server_address is None
    shown = f"{masked}{masked.body.decode()}"
    assert not [word for word in ("99887766", "05 49", "jeanne", "203.0.113", "AB12") if word in shown]


def test_a_body_keeps_its_encoding() -> None:
    step = replace(
        received("<p>Étape déjà, 203.0.113.77</p>".encode("latin-1")),
        headers=(("content-type", "text/html; charset=iso-8859-1"),),
    )
    (masked,) = Mask().capture(Capture(transport=Transport.HTTP, steps=(step,))).steps
    assert masked.body == "<p>Étape déjà, 192.0.2.1</p>".encode("latin-1")


@given(st.binary(max_size=300))
def test_bytes_of_any_charset_survive(page: bytes) -> None:
    clean = Mask().capture(Capture(transport=Transport.HTTP, steps=(received(page),))).steps[0].body
    assert clean == page or any(mask in clean for mask in (b"masque", b"adresse", b"192.0.2.", b"00 00"))


@pytest.mark.parametrize("codec", ["latin-1", "cp1252", "utf-8", "utf-16"])
def test_what_is_no_secret_keeps_its_bytes(codec: str) -> None:
    page = "<p>Préfecture fermée, 12 h</p>".encode(codec)
    assert Mask().capture(Capture(transport=Transport.HTTP, steps=(received(page),))).steps[0].body == page


def test_a_target_and_its_pages_keep_referring_to_each_other() -> None:
    url = "https://a.example/rdv?invitation_token=abcdef"
    options = {"postcode": "92345", "motive": "4101"}
    mask = Mask(typed=["92345"])
    shown, clean = mask.visit(
        target("classic", url, options=options),
        Capture(transport=Transport.HTTP, steps=(received("<p>92345</p>", url=url),)),
    )
    assert shown.url == clean.steps[0].url == "https://a.example/rdv?invitation_token=masque2"
    assert shown.options == {"postcode": "saisi1", "motive": "4101"}
    assert clean.steps[0].body == b"<p>saisi1</p>"


@given(st.text(max_size=200))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    mask = Mask(secrets=["s3cr3t-of-mine"])
    once = mask.page(text)
    assert mask.page(once) == once


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_known_secret_ever_remains(before: str, after: str) -> None:
    assert "s3cr3t-of-mine" not in Mask(secrets=["s3cr3t-of-mine"]).page(f"{before}s3cr3t-of-mine{after}")
