"""What linked style sheets hide is known over plain HTTP too; what was not read is named."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterable
from datetime import timedelta

import pytest

from probes.model import Session
from probes.pages.page import parse
from probes.sessions.http import sheets
from tests.sessions.visiting import NOON, FreeTurn, visit
from tests.sessions.web import HERE_URL, HIDE, SAID, Sheets, Web, css, page


def typed(charset: str) -> dict[str, str]:
    return {"content-type": f"text/css; charset={charset}"}


@pytest.mark.parametrize(
    ("html", "served"),
    [
        (page("/a.css"), css(("/a.css", HIDE))),
        (page(f"{HERE_URL}/a.css?v=1"), css(("/a.css", HIDE))),
        (page("/a.css"), css(("/a.css", "@import url(b.css);"), ("/b.css", HIDE))),
        (page("/s/a.css"), css(("/s/a.css", '@import "../b.css" screen;'), ("/b.css", HIDE))),
        (page("/s/a.css"), css(("/s/a.css", '@import "b.css";'), ("/s/b.css", HIDE))),
        (page("/a.css"), {"/a.css": (gzip.compress(HIDE.encode()), {"content-encoding": "gzip"})}),
        (page(style="@import '/a.css';"), css(("/a.css", HIDE))),
        (page("/a.css"), css(("/a.css", f"@layer u {{ @media screen {{ {HIDE} }} }}"))),
        (page("/a.css"), css(("/a.css", "p { &.x { opacity: .001 } }"))),
        (page("/a.css"), {"/a.css": (HIDE.encode("utf-16"), {})}),
        (page("/a.css"), {"/a.css": (b"\xfe\xff" + HIDE.encode("utf-16-be"), {})}),
        (page("/a.css"), {"/a.css": (b"\xef\xbb\xbf" + HIDE.encode(), {})}),
        (page("/a.css"), {"/a.css": (HIDE.encode("utf-16-le"), typed("UTF-16LE"))}),
        (page("/a.css"), {"/a.css": (b'@charset "utf-16";' + HIDE.encode(), {})}),
        (page("/a.css"), {"/a.css": (b'@charset "latin1";' + HIDE.encode(), {})}),
    ],
)
def test_what_a_linked_sheet_hides_is_not_read(html: str, served: Sheets) -> None:
    shown = Web(html, served).shown()
    assert shown.says(SAID) == ""
    assert shown.says("b") == "b"
    assert shown.unread == ()
    assert shown.unconcealed.says(SAID) == SAID


def test_a_page_whose_sheets_hide_nothing_is_read() -> None:
    shown = Web(page("/a.css", "/gone.css"), css(("/a.css", "p { margin: 0 }"))).shown()
    assert (shown.says(SAID), shown.unread) == (SAID, ())


@pytest.mark.parametrize(
    "link",
    [
        "https://cdn.example/a.css",
        "/style.php",
        "/booking/create/5/1767598200",
        "/a.css;jsessionid=1",
        "/%2e%2e/a.css",
        "data:text/css,.x{display:none}",
        "http://[",
    ],
)
def test_a_sheet_that_is_not_asked_for_is_named(link: str) -> None:
    web = Web(page(link))
    assert len(web.shown().unread) == 1
    assert web.asked == ["/page"]


@pytest.mark.parametrize(
    "html",
    [
        page().replace("<style>", "<link rel='alternate stylesheet' href=/a.css><style>"),
        page().replace("<style>", "<link rel=stylesheet media=print href=/a.css><style>"),
        page().replace("<style>", "<link rel=icon href=/a.css><style>"),
        page().replace("<style>", "<link rel=stylesheet disabled href=/a.css><style>"),
        *(
            page(f"https://{host}/a.css")
            for host in ("fonts.googleapis.com", "fonts.bunny.net", "use.typekit.net")
        ),
    ],
)
def test_a_sheet_that_hides_nothing_on_a_screen_is_left_alone(html: str) -> None:
    web = Web(html, css(("/a.css", HIDE)))
    assert (web.shown().says(SAID), web.shown().unread) == (SAID, ())
    assert set(web.asked) == {"/page"}


def test_a_sheet_of_a_step_beside_the_page_is_not_asked_for() -> None:
    web = Web(page("/booking/create/12/5/1767598200.css"))

    async def walk(session: Session) -> None:
        await session.open(f"{HERE_URL}/booking/create/12")

    capture = asyncio.run(visit(web.sessions, walk))
    assert len(parse(capture.steps[0]).unread) == 1
    assert web.asked == ["/booking/create/12"]


@pytest.mark.parametrize("status", [403, 500, 503])
def test_a_sheet_that_fails_is_named(status: int) -> None:
    web = Web(page("/a.css"), css(("/a.css", HIDE)))
    web.status = status
    assert web.shown().unread == (f"{HERE_URL}/a.css",)


def test_a_sheet_in_an_encoding_that_is_not_known_is_named() -> None:
    for body, headers in ((HIDE.encode(), typed("shift_jis")), (b'@charset "hz";' + HIDE.encode(), {})):
        assert Web(page("/a.css"), {"/a.css": (body, headers)}).shown().unread == (f"{HERE_URL}/a.css",)


@pytest.mark.parametrize(
    ("charset", "read"), [("utf-8", True), ("latin1", True), ("utf-16", False), ("x", False)]
)
def test_a_link_that_names_an_encoding_is_followed_where_it_changes_nothing(
    charset: str, *, read: bool
) -> None:
    html = page("/a.css").replace("<link ", f"<link charset={charset} ")
    assert (Web(html, css(("/a.css", HIDE))).shown().unread == ()) is read


def test_a_sheet_that_is_cut_short_is_named() -> None:
    cut = gzip.compress(HIDE.encode())[:-9]
    web = Web(page("/a.css"), {"/a.css": (cut, {"content-encoding": "gzip"})})
    assert web.shown().unread == (f"{HERE_URL}/a.css",)


@pytest.mark.parametrize("status", [404, 410])
def test_a_sheet_that_is_gone_hides_nothing(status: int) -> None:
    web = Web(page("/a.css"), css(("/a.css", HIDE)))
    web.status = status
    assert (web.shown().says(SAID), web.shown().unread) == (SAID, ())


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("{" * 50, "a style sheet"),
        ("p:lang(fr) { display: none }", "p:lang(fr)"),
        ("x" * 1_000_001, f"{HERE_URL}/a.css"),
    ],
)
def test_a_sheet_that_is_not_understood_is_named(text: str, unread: str) -> None:
    assert Web(page("/a.css"), css(("/a.css", text))).shown().unread == (unread,)


def test_a_rule_for_no_element_at_rest_is_no_mystery() -> None:
    text = "p::before, p:focus-within { opacity: 0 } a:-moz-focusring { display: none }"
    assert Web(page("/a.css"), css(("/a.css", text))).shown().unread == ()


def test_a_sheet_that_hangs_costs_itself_and_not_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_SECONDS", 0.2)
    web = Web(page("/slow.css", "/a.css"), css(("/a.css", HIDE), ("/slow.css", HIDE)))
    shown = web.shown()
    assert shown.unread == (f"{HERE_URL}/slow.css", f"{HERE_URL}/a.css")
    assert shown.says(SAID) == SAID


def test_endless_imports_and_redirects_end() -> None:
    chain = css(*((f"/{n}.css", f"@import url(/{n + 1}.css);") for n in range(60)))
    web = Web(page("/0.css"), chain)
    assert web.shown().unread
    assert len(web.asked) < 20
    loop = Web(page("/a.css"), {"/a.css": ("", {"location": "/a.css"})})
    assert loop.shown().unread == (f"{HERE_URL}/a.css",)
    assert len(loop.asked) < 6


def times(web: Web, waits: Iterable[timedelta]) -> list[str]:
    web.visit()
    for wait in waits:
        web.clock.advance_to(web.clock.now() + wait)
        web.visit()
    return [path for path in web.asked if path != "/page"]


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({}, ["/a.css", "/a.css"]),
        ({"cache-control": "max-age=86400"}, ["/a.css"]),
        ({"cache-control": "max-age=60", "etag": '"1"'}, ["/a.css", "/a.css again", "/a.css again"]),
        ({"cache-control": "no-cache", "etag": '"1"'}, ["/a.css", "/a.css again", "/a.css again"]),
    ],
)
def test_a_sheet_is_asked_for_when_it_may_have_changed(headers: dict[str, str], asked: list[str]) -> None:
    web = Web(page("/a.css"), {"/a.css": (HIDE, headers)})
    assert times(web, [timedelta(minutes=50), timedelta(minutes=50)]) == asked
    assert web.shown().says(SAID) == ""


def test_sheets_take_no_turn_of_their_own() -> None:
    turn = FreeTurn()
    Web(page("/a.css"), css(("/a.css", HIDE))).visit(turn)
    assert turn.pages == 1


@pytest.mark.parametrize(
    ("body", "status", "asked"),
    [
        (page("/a.css"), 200, True),
        (page("/a.css"), 404, False),
        (page("/a.css"), 503, False),
        ('{"html": "<link rel=stylesheet href=/a.css>"}', 200, False),
    ],
)
def test_only_a_page_that_is_shown_has_its_sheets_asked_for(body: str, status: int, *, asked: bool) -> None:
    web = Web(body, css(("/a.css", HIDE)))
    web.page_status = status
    step = web.visit().steps[0]
    assert ("/a.css" in web.asked, step.sheets is not None) == (asked, asked)


def redirected(hops: int) -> Web:
    """A site whose sheet is sent on `hops` times before it comes."""
    chain = [(f"/{n}.css", ("", {"location": f"/{n + 1}.css"})) for n in range(hops)]
    return Web(page("/0.css"), dict([*chain, (f"/{hops}.css", (HIDE, {}))]))


def test_a_sheet_may_be_sent_on_twice_within_its_site() -> None:
    assert [redirected(hops).shown().unread == () for hops in range(4)] == [True, True, True, False]
    for away in ("http://autre.localhost/b.css", "/booking/create/12", "https://www.ain.gouv.fr/b.css"):
        web = Web(page("/a.css"), {"/a.css": ("", {"location": away}), "/b.css": (HIDE, {})})
        assert web.shown().unread == (f"{HERE_URL}/a.css",)
        assert web.asked == ["/page", "/a.css"]


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({"cache-control": "max-age=9999999"}, [1, 0, 1]),
        ({"cache-control": "no-store"}, [1, 1, 1]),
        ({"cache-control": "max-age=100000", "last-modified": "Mon, 02 Mar 2026 10:00:00 GMT"}, [1, 0, 1]),
        ({"cache-control": "max-age=7200", "etag": '"1"'}, [1, 1, 1]),
    ],
)
def test_a_sheet_is_kept_for_a_day_at_most(headers: dict[str, str], asked: list[int]) -> None:
    web = Web(page("/a.css"), {"/a.css": (HIDE, headers)})
    counted = []
    for wait in (timedelta(), timedelta(hours=23), timedelta(hours=2)):
        web.clock.advance_to(web.clock.now() + wait)
        before = len(web.asked)
        assert web.shown().says(SAID) == ""
        counted.append(len(web.asked) - before - 1)
    assert counted == asked
    validated = {"etag", "last-modified"} & headers.keys()
    assert [each for each in web.asked if each.endswith("again")] == ["/a.css again"] * (
        sum(asked) - 1 if validated else 0
    )


def test_a_sheet_that_was_found_unchanged_is_fresh_again() -> None:
    web = Web(page("/a.css"), {"/a.css": (HIDE, {"cache-control": "max-age=60", "etag": "1"})})
    assert times(web, [timedelta(seconds=61), timedelta(seconds=30)]) == ["/a.css", "/a.css again"]


def test_no_more_sheets_are_asked_for_than_pages_need() -> None:
    links = [f"/{n}.css" for n in range(20)]
    web = Web(page(*links), css(*((link, "p { margin: 0 }") for link in links)))
    shown = web.shown()
    assert len(web.asked) == 1 + sheets.MOST_SHEETS == 17
    assert shown.unread == (f"{HERE_URL}/16.css",)


def test_all_sheets_of_a_page_together_are_bounded() -> None:
    links = ["/0.css", "/1.css", "/2.css"]
    shown = Web(page(*links), css(*((link, " " * 900_000) for link in links))).shown()
    assert shown.unread == (f"{HERE_URL}/2.css",)


@pytest.mark.parametrize(
    ("html", "asked"),
    [
        (page("a.css").replace("<head>", "<head><base href=/s/>"), "/s/a.css"),
        (page("a.css"), "/booking/create/a.css"),
        (page("/booking/static/a.css"), "/booking/static/a.css"),
        (page("/a.css#x"), "/a.css"),
    ],
)
def test_a_link_is_read_as_a_browser_reads_it(html: str, asked: str) -> None:
    web = Web(html, css((asked, "\ufeff" + HIDE)))

    async def walk(session: Session) -> None:
        await session.open(f"{HERE_URL}/booking/create/12")

    (step,) = asyncio.run(visit(web.sessions, walk)).steps
    beside = asked.startswith("/booking/create/")
    assert web.asked == ["/booking/create/12"] + ([] if beside else [asked])
    assert parse(step).says(SAID) == (SAID if beside else "")


def test_the_sheets_used_last_are_kept() -> None:
    memory = sheets.SheetMemory()
    kept = sheets.Kept(text="", fresh_until=NOON, validators={})
    for n in range(sheets.MOST_KEPT):
        memory.keep(str(n), kept)
    memory.find("0")
    memory.keep("1", kept)
    memory.keep("new", kept)
    assert [bool(memory.find(url)) for url in ("0", "1", "2", "new")] == [True, True, False, True]
    assert sheets.MOST_KEPT == 64
