"""Bytes of an answer: every name of a charset, where it may stand, and which tags a document may omit."""

from __future__ import annotations

import pytest

from probes.failures import Failure
from probes.model import Step
from probes.pages.received.encoding import decode, form_encoding
from probes.pages.received.ending import MAX_REST, is_whole
from tests.cast.saved_pages import received

NAMES = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8",
    "utf-16-le": "utf-16 utf-16le unicode ucs-2 iso-10646-ucs-2",
    "utf-16-be": "utf-16be unicodefffe",
    "cp1252": """iso-8859-1 iso8859-1 iso_8859-1 latin-1 latin1 l1 us-ascii ascii ansi_x3.4-1968 cp819
        x-cp1252 windows-1252 cp1252""",
    "mac-roman": "macintosh mac x-mac-roman csmacintosh",
    "iso8859-15": "latin-9 latin9 l9 iso8859-15 iso_8859-15 iso-8859-15",
    "iso8859-2": "iso-8859-2",
    "iso8859-16": "iso-8859-16",
    "cp1258": "windows-1258",
    "koi8-r": "koi8-r",
    "gbk": "gbk",
    "big5": "big5",
    "euc-jp": "euc-jp",
}
SIGNS = {
    "iso8859-2": "ř",
    "iso8859-16": "ș",
    "cp1258": "ơ",
    "koi8-r": "ж",
    "gbk": "中",
    "big5": "中",
    "euc-jp": "中",
}
EACH = [(codec, name) for codec, names in NAMES.items() for name in names.split()]


def typed(charset: str) -> tuple[tuple[str, str], ...]:
    return (("content-type", f"text/html; charset={charset}"),)


@pytest.mark.parametrize(("codec", "name"), EACH)
def test_a_charset_is_known_by_each_of_its_names(codec: str, name: str) -> None:
    said = f"a{SIGNS.get(codec, 'é€')}"
    step = received(said.encode(codec), headers=typed(name.upper()))
    assert decode(step) == said


@pytest.mark.parametrize("name", NAMES["cp1252"].split())
def test_a_charset_that_is_declared_counts_before_what_the_bytes_look_like(name: str) -> None:
    assert decode(received("é".encode(), headers=typed(name))) == "Ã©"


def test_a_form_is_never_sent_in_utf_16() -> None:
    assert form_encoding(received("é".encode("utf-16-le"), headers=typed("utf-16"))) == "utf-8"
    assert form_encoding(received("é".encode("latin-1"), headers=typed("latin1"))) == "cp1252"


@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        (b"\x80 \xe9", (), "€ é"),
        (b"<meta charset=latin1>\xc3\xa9", typed("utf-8"), "<meta charset=latin1>é"),
        (b"<p>" * 500 + b"<meta charset=macintosh>\x8e", (), "<p>" * 500 + "<meta charset=macintosh>é"),
        (b"<p>" * 800 + b"<meta charset=macintosh>\x8e", (), "<p>" * 800 + "<meta charset=macintosh>Ž"),
    ],
)
def test_a_charset_is_looked_for_in_the_header_and_then_near_the_beginning(
    body: bytes, headers: tuple[tuple[str, str], ...], said: str
) -> None:
    assert decode(received(body, headers=headers)) == said


START = "<!doctype html><html><head><title>x</title></head><body><div>"
VOID = "area base br col embed hr img input link meta param source track wbr".split()
OPTIONAL = "p li dt dd option optgroup rt rp tr td th thead tbody tfoot colgroup caption".split()
LENGTH = (("content-length", "9"),)


def whole(body: str, headers: tuple[tuple[str, str], ...] = LENGTH, failure: Failure | None = None) -> bool:
    step: Step = received(body, headers=headers, failure=failure)
    return is_whole(step, body)


@pytest.mark.parametrize("tag", [*VOID, *OPTIONAL])
def test_a_tag_that_needs_no_end_cuts_nothing(tag: str) -> None:
    assert whole(f"{START}</div><{tag}><b>a</b>")
    assert whole(f"{START}</div><{tag.upper()} class=x><b>a</b>")
    assert not whole(f"{START}</div><{tag}>a")
    assert not whole(f"{START}</div><span><b>a</b>")
    assert whole(f"{START}</div><span/><b>a</b>")


def test_an_end_left_out_needs_a_transport_that_saw_one() -> None:
    body = f"{START}a</div>"
    for seen in (LENGTH, (("transfer-encoding", "chunked"),)):
        assert whole(body, seen)
        assert not whole(body, seen, Failure.TRUNCATED)
    assert not whole(body, ())
    assert not whole(f"{body}<!-- a", LENGTH)
    assert not whole(f"{body}<script>", LENGTH)


def test_after_its_end_a_document_says_little_more() -> None:
    ended = f"{START}</div></body></html>"
    assert whole(ended + "<p>a</p>", ())
    assert not whole(ended + "<p>a", ())
    assert not whole(ended + "<div>a", ())
    assert not whole(ended + f"<p>{'a' * MAX_REST}</p>", ())
