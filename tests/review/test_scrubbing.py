"""What could name a person or open a session leaves a page; what a reader needs stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.review.scrubbing import scrub, scrub_text


@pytest.mark.parametrize(
    ("secret", "page"),
    [
        ("marie.durand@example.fr", "<p>Écrivez à marie.durand@example.fr.</p>"),
        ("06 12 34 56 78", "<p>Tél. 06 12 34 56 78</p>"),
        ("+33612345678", "<a href='tel:+33612345678'>x</a>"),
        ("203.0.113.9", "<p>Your IP: 203.0.113.9</p>"),
        ("2a01:cb00:12:34:56:78:9a:bc", "<p>IP 2a01:cb00:12:34:56:78:9a:bc</p>"),
        ("Durand", "<input type='text' name='nom' value='Durand'>"),
        ("Durand", '<input name="nom" value="Durand">'),
        ("Durand", "<input value=Durand name=nom>"),
        ("hunter2", '<input value="hunter2" type="password">'),
        ("Mon récit", "<textarea name='message'>Mon récit\nsur deux lignes</textarea>"),
        ("abc", '<input type="hidden" name="_csrf_token" value="abc">'),
        ("abc", '<meta name="csrf-token" content="abc">'),
        ("abcdef", "<a href='/rdv?invitation_token=abcdef'>x</a>"),
        ("ABCDEF12", "<a href='/page;jsessionid=ABCDEF12'>x</a>"),
        ("0f8fad5b-d9cb-469f-a165-70867728950e", "<a id='0f8fad5b-d9cb-469f-a165-70867728950e'>x</a>"),
        ("8c1f2d3e4a5b6c7d", "<p>Ray ID: 8c1f2d3e4a5b6c7d</p>"),
        ("kJ8dh2Ls9QpX4mZt", "<script>var t = 'kJ8dh2Ls9QpX4mZt'</script>"),
    ],
)
def test_it_takes_out_what_could_name_a_person_or_open_a_session(secret: str, page: str) -> None:
    assert secret not in scrub_text(page)


@pytest.mark.parametrize(
    "page",
    [
        "<p>Il n'existe plus de plage horaire libre pour votre demande de rendez-vous.</p>",
        "<a href='/booking/create/12083/5/1766142000'>09:30</a>",
        "<form id='FormBookingCreate2' class='fr-col-12 fr-col-md-6-offset'></form>",
        '<input type="radio" name="planning" value="12083">',
        '<input type="hidden" name="ezxform" value="42">',
        "<time datetime='2026-01-05T09:00:00+01:00'>lundi 05 janvier</time>",
        "<p>20260105T090000Z</p>",
        "<script src='/jquery-3.6.0.min.js'></script>",
        "<a href='/ezjscore/call/bookingserver::planning::assign::12083::4::7'>x</a>",
        "<p>Ouvert de 08:30:00 à 12:00:00</p>",
    ],
)
def test_it_leaves_what_a_reader_needs(page: str) -> None:
    assert scrub_text(page) == page


def test_equal_tokens_stay_equal_and_others_do_not() -> None:
    one, other = "8c1f2d3e4a5b6c7d", "9d2e3f4a5b6c7d8e"
    first, again, third = scrub_text(f"{one} {one} {other}").split()
    assert first == again != third


@given(page=st.binary(max_size=300))
def test_scrubbing_twice_takes_out_no_more(page: bytes) -> None:
    once = scrub(page)
    assert scrub(once) == once


def test_bytes_of_any_charset_survive() -> None:
    page = "<p>Préfecture fermée</p>".encode("latin-1")
    assert scrub(page) == page
