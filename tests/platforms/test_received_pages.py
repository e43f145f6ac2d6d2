"""One saved « none », sent in every way a server may send it: read as it is, or not at all when it is cut."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace

import pytest

from probes.model import Outcome
from probes.pages.page import parse
from probes.pages.received.encoding import decode
from probes.pages.received.kind import Kind, kind_of
from tests.cast.saved_pages import PAGES, READERS, load, received

CASE = load(PAGES / "classic/no_slots-chosen_desk")
LAST = CASE.capture.steps[-1]
HTML = decode(LAST)
BARE = re.sub(r"<meta[^>]*charset[^>]*>", "", HTML)
OMITTED = HTML.replace("</html>", "").replace("</body>", "").strip()
SENT = ("transfer-encoding", "chunked")


def read(body: bytes, *headers: tuple[str, str]) -> Outcome:
    steps = (*CASE.capture.steps[:-1], replace(LAST, body=body, headers=headers))
    return READERS["classic"].read(CASE.target, replace(CASE.capture, steps=steps)).outcome


def typed(content_type: str) -> tuple[str, str]:
    return ("content-type", content_type)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (codecs.BOM_UTF8 + HTML.encode(), (typed("text/html; charset=iso-8859-1"),)),
        (codecs.BOM_UTF16_LE + BARE.encode("utf-16-le"), (typed("text/html; charset=utf-8"),)),
        (codecs.BOM_UTF16_BE + BARE.encode("utf-16-be"), ()),
        (BARE.encode("utf-16-le"), (typed("text/html; charset=utf-16"),)),
        (BARE.encode("utf-16-be"), ()),
        (BARE.encode("mac-roman", "xmlcharrefreplace"), (typed("text/html; charset=macintosh"),)),
        (BARE.encode("iso8859-15", "xmlcharrefreplace"), (typed("text/html; charset=iso-8859-15"),)),
        (f"{HTML}<!--{'x' * 6_000}-->".encode(), ()),
        (f"{HTML}<script>{'x' * 6_000}</script>".encode(), ()),
        (HTML.replace("rendez-vous", "rendez\u2011vous").replace("libre", "\u200elibre").encode(), ()),
        (OMITTED.encode(), (("content-length", str(len(OMITTED.encode()))),)),
        (OMITTED.encode(), (SENT,)),
        *((HTML.encode(), (typed(kind),)) for kind in ("", "html", "*/*", "unknown/unknown")),
    ],
)
def test_it_is_read_however_it_was_sent(body: bytes, headers: tuple[tuple[str, str], ...]) -> None:
    assert read(body, *headers) is Outcome.NO_SLOTS


@pytest.mark.parametrize(
    "kind",
    [
        *("application/xhtml+xml", "text/xml"),
        *("text/html; charset=iso-2022-kr", "text/html; charset=hz-gb-2312"),
    ],
)
def test_what_browsers_read_by_other_rules_concludes_nothing(kind: str) -> None:
    assert read(HTML.encode(), typed(kind)) is not Outcome.NO_SLOTS


@pytest.mark.parametrize(
    "before",
    [
        "<meta name=description content='charset=utf-16'><meta charset=utf-8>",
        "<meta data-charset=gbk><meta charset=utf-8>",
        "<meta http-equiv=Content-Type content='text/html; charset=utf-8'>",
        '<meta content="text/html; charset=utf-8" http-equiv="content-type">',
    ],
)
def test_an_encoding_is_declared_by_its_own_attributes_alone(before: str) -> None:
    assert "<head>" in BARE
    assert read(BARE.replace("<head>", f"<head>{before}").encode()) is Outcome.NO_SLOTS


def test_a_browser_does_not_tell_whether_a_packing_had_its_end() -> None:
    sent = (SENT, typed("text/html; charset=utf-8"))
    packed = (*sent, ("content-encoding", "gzip"))
    for html, headers, complete in ((OMITTED, sent, True), (OMITTED, packed, False), (HTML, packed, True)):
        step = replace(LAST, body=html.encode(), headers=headers, rendered=HTML)
        assert parse(step).complete is complete


def test_it_is_read_as_source_by_nobody() -> None:
    assert read(HTML.encode(), typed("text/plain")) is Outcome.UNRECOGNISED


@pytest.mark.parametrize("html", [HTML, OMITTED], ids=["whole", "omitted"])
def test_wherever_the_answer_is_cut_it_concludes_nothing(html: str) -> None:
    answered = html.index("</form>") + len("</form>")
    cuts = range(1, answered)
    assert {read(html[:cut].encode(), SENT) for cut in cuts} == {Outcome.UNRECOGNISED}
    # Without an end that the transport saw, nor do the bytes after it.
    assert {read(html[:cut].encode()) for cut in range(answered, len(html.rstrip()))} == {
        Outcome.UNRECOGNISED
    }


def test_a_charset_or_a_name_beside_the_type_changes_no_kind() -> None:
    assert kind_of("application/json; charset=utf-8", b"{}") is Kind.PAGE
    assert kind_of("application/pdf; name=rdv.json", b"%PDF") is Kind.FILE


@pytest.mark.parametrize(
    ("policy", "refused"),
    [
        ("style-src 'none'", True),
        ("default-src 'self'; img-src *", True),
        ("style-src 'self' 'unsafe-inline'", False),
        ("style-src 'nonce-abc'", False),
        ("img-src 'none'", False),
        ("default-src 'none'; style-src 'unsafe-inline'", False),
        ("", False),
    ],
)
@pytest.mark.parametrize(
    "hidden", ["<style>.a{display:none}</style><p class=a>x</p>", "<p style='color:red'>x</p>"]
)
def test_what_the_servers_policy_refuses_is_not_believed(policy: str, hidden: str, *, refused: bool) -> None:
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    sent = (("Content-Security-Policy", policy),)
    assert bool(parse(received(f"{meta}{hidden}")).unread) is refused
    assert bool(parse(received(hidden, headers=sent)).unread) is refused
    assert not parse(received(f"{meta}<p>x</p>", headers=sent)).unread
