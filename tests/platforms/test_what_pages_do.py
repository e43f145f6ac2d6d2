"""Each way of a page to write, to leave, to hide or to cover by itself; over HTTP nothing of it runs."""

from __future__ import annotations

import pytest

from probes.model import LinkedSheet
from probes.pages import marks
from probes.pages.page import Page, parse
from probes.pages.received.kind import Kind, kind_of, shows_page
from tests.cast.saved_pages import received

URL = "https://www.ain.gouv.fr/page"


def page(body: str, head: str = "") -> Page:
    return parse(received(f"<html><head>{head}</head><body><p id=a>dit</p>{body}</body></html>", url=URL))


WRITES = """
    .innerHTML= .outerHTML= .innerText= .textContent= .nodeValue= .hidden= .insertAdjacentHTML(
    .insertAdjacentText( .insertAdjacentElement( .replaceWith( .replaceChild( .replaceChildren( .removeChild(
    .setHTML( .setHTMLUnsafe( .style.display .style.visibility .style.opacity .html( .text( .load( .hide(
    .show( .toggle( .remove( .empty( .fadeIn( .fadeOut( .classList .setAttribute .attachShadow
    .adoptedStyleSheets .showModal( .showPopover( .togglePopover( .className= .className+= .innerHTML+=
    .dataset.x=1 .removeAttribute( .toggleAttribute( .style.cssText= .style.setProperty( .animate( .css(
    .addClass( .removeClass( .toggleClass( .attr( .slideUp( .deleteContents( .extractContents(
    .surroundContents( .insertNode( .deleteData( .requestFullscreen( .getContext( .open=
    """.split()
RESTYLES = [
    *("location.hash = 'a'", "document.styleSheets[0].disabled = true"),
    *(f"x.{way}" for way in ("insertRule(", "addRule(", "deleteRule(", "replaceSync(", "adoptedStyleSheets")),
    *(f"createElement({quote}style{quote})" for quote in "'\"`"),
    *("this.media = 'all'", "this.rel='stylesheet'", "l=createElement('link'); l.rel='stylesheet'"),
]


@pytest.mark.parametrize("way", WRITES)
def test_a_script_that_writes_into_the_body_is_named(way: str) -> None:
    assert page(f"<script>x{way}</script>").unread
    assert page(f"<script>document.getElementById('a'){way}</script>").unread
    assert not page("<script>x.innerHTML == 1; x.hidden === 2; f(x.texts)</script>").unread


@pytest.mark.parametrize("way", ["document.write('x')", "document.writeln('x')"])
def test_a_script_that_writes_the_document_is_named(way: str) -> None:
    assert page(f"<script>{way}</script>").unread


@pytest.mark.parametrize("way", RESTYLES)
def test_a_script_that_makes_a_sheet_is_named_whatever_it_names(way: str) -> None:
    assert page(f"<script>document.getElementById('nobody'); {way}</script>").unread
    assert not page("<script>document.getElementById('nobody').innerHTML = 1</script>").unread


@pytest.mark.parametrize(("names", "unread"), [(50, False), (51, True)])
def test_a_script_that_names_too_much_may_reach_anything(names: int, *, unread: bool) -> None:
    code = "".join(f"$('#x{n}');" for n in range(names))
    assert bool(page(f"<script>{code} x.innerHTML = 1</script>").unread) is unread


ROOT = "document.documentElement"


@pytest.mark.parametrize(
    ("way", "read"),
    [
        ("document.documentElement.classList.add('js', \"on\")", True),
        (
            "document.documentElement.className = document.documentElement.className.replace('no-js', 'js')",
            True,
        ),
        (
            "document.documentElement.className=document.documentElement.className.replace(/no-js/,'')+' js'",
            True,
        ),
        ("document.documentElement.className += ' js'", True),
        ("document.documentElement.className += names", False),
        ("document.documentElement.classList.add(name)", False),
        ("document.documentElement.dataset.theme = 'js'", False),
        ("document.documentElement.lang = 'js'", False),
        ("document.getElementById('nobody').className = document.body.className = 'js'", False),
    ],
)
def test_a_class_of_the_root_is_harmless_where_no_rule_names_it(way: str, *, read: bool) -> None:
    script = f"<script>{way}</script>"
    assert bool(page("", script).unread) is not read
    assert bool(page("", f"{script}<style>.other p {{ display: none }}</style>").unread) is not read
    for rule in (
        ".js p { display: none }",
        "html:not(.no-js) p { color: red }",
        ".js p::after { content: 'x' }",
    ):
        named = "no-js" not in rule or "no-js" in way
        assert bool(page("", f"{script}<style>{rule}</style>").unread) is (named or not read)


SPOKEN = [
    "alert('La vérification a échoué')",
    "if (!confirm('Session expirée')) x()",
    "window.alert('x')",
    "f(); function f() { alert('x') }",
    "(function () { prompt('x') })()",
    "addEventListener('load', function () { alert('x') })",
    "function f() { if (a) { alert('x') }",
    "document.getElementById('nobody').click()",
    "document.forms[0].submit()",
]
UNSPOKEN = [
    "function f() { if (a) { alert('}') } else { confirm('x') } }",
    "function f() { g() } function g() { alert('x') }",
    "b.addEventListener('click', function () { alert('x') })",
    "b.onclick = function () { alert('x') }; $('#b').on('click', () => { alert('x') })",
    "dialogs.alert('x'); alerts(1); x = alert",
]


@pytest.mark.parametrize("code", SPOKEN)
def test_a_script_that_speaks_by_itself_is_named(code: str) -> None:
    assert page(f"<script>{code}</script>").unread


@pytest.mark.parametrize("code", UNSPOKEN)
def test_a_script_that_speaks_to_who_presses_something_is_not(code: str) -> None:
    assert not page(f"<script>{code}</script>").unread


def test_a_function_that_another_script_calls_speaks() -> None:
    waits = "<script>function f() { alert('x') }</script>"
    assert not page(f"{waits}<button onclick='f()'>b</button>").unread
    assert page(f"{waits}<script>f()</script>").unread
    assert page(f"{waits}<img onload='f()'>").unread


EVENTS = """
    load error pageshow animationstart animationend transitionend focus scroll resize toggle hashchange
    readystatechange canplay message begin
    """.split()


@pytest.mark.parametrize("event", EVENTS)
def test_what_happens_without_a_person_is_looked_at(event: str) -> None:
    assert page(f"<p on{event}='this.innerHTML = 1'>b</p>").unread
    assert not page("<p onclick='this.innerHTML = 1'>b</p>").unread


LEAVES = [
    *(f"location.{part} = x" for part in "href pathname search host hostname port protocol".split()),
    *(f"location.{way}(x)" for way in ("assign", "replace", "reload")),
    *(f"history.{way}(x)" for way in ("back", "forward", "go", "pushState", "replaceState")),
    *("location = x", "navigation.navigate(x)"),
]


@pytest.mark.parametrize("way", LEAVES)
def test_a_script_that_leaves_is_named(way: str) -> None:
    assert page(f"<script>{way}</script>").leaving
    assert not page("<script>if (location.href == x) f(location.host)</script>").leaving
    assert not page("<script>top.location = self.location</script>").leaving


@pytest.mark.parametrize(
    ("order", "base", "leaves"),
    [
        ("60", "", False),
        ("60;url=", "", False),
        ("59", "", True),
        ("60;url=/page", "", False),
        ("60; url='page'", "/", False),
        ("60; url='page'", "/s/", True),
        ("60;url=/autre", "", True),
        ("0;url=/page", "", True),
        ("x", "", True),
    ],
)
def test_a_page_may_only_load_itself_again_after_a_minute(order: str, base: str, *, leaves: bool) -> None:
    head = f"<base href='{base}'>" if base else ""
    meta = f'<meta http-equiv=Refresh content="{order}">'
    assert bool(page("", head + meta).leaving) is leaves
    for inert in ("noscript", "template"):
        assert not page("", f"{head}<{inert}>{meta}</{inert}>").leaving


UNSEEN = """
    script style template noscript noembed noframes object datalist audio video canvas progress meter
    """.split()


BANNERS = """
    cookies-banner cookie-banner cookie-consent CybotCookiebotDialog tarteaucitronRoot tarteaucitron
    onetrust-consent-sdk didomi-host axeptio_overlay
    """.split()


@pytest.mark.parametrize(
    "markup",
    [
        *(f"<{tag}>caché</{tag}>" for tag in UNSEEN),
        *(f"<svg><{tag}>caché</{tag}></svg>" for tag in ("title", "desc", "metadata")),
        *(f"<p {how}>caché</p>" for how in ("hidden", "popover", "style='display:none'")),
        *("<dialog>caché</dialog>", "<details><summary></summary>caché<p>caché</p>caché</details>"),
        *(f"<div id={name}>caché</div>" for name in BANNERS),
        "<div class=fr-consent-banner>caché</div>",
    ],
)
def test_what_nobody_sees_is_not_said(markup: str) -> None:
    assert [line for line in page(markup).lines if "caché" in line] == []


@pytest.mark.parametrize("side", ["0", "1", "0px", "1px"])
def test_a_tiny_frame_shows_nothing(side: str) -> None:
    for how in (f"width={side}", f"height={side}", f"style='width:{side}'"):
        assert not page(f"<iframe src=/x {how}></iframe>").unread
    for frame in ("<iframe src=/x>", "<object data=/x>", "<embed src=/x>", "<iframe srcdoc=x>"):
        assert page(frame).unread
    assert not page("<object data=/x type=image/png></object>").unread


@pytest.mark.parametrize("rule", ["text-decoration: line-through", "pointer-events: none"])
def test_what_a_sheet_strikes_out_or_shuts_off_is_no_slot(rule: str) -> None:
    slot = "<a class=slot>9h30</a>"
    assert len(marks.free(page(slot), ".slot")) == 1
    assert marks.free(page(slot, f"<style>.slot {{ {rule} }}</style>"), ".slot") == []


@pytest.mark.parametrize(
    ("declared", "body", "kind"),
    [
        *((kind, b"x", Kind.PAGE) for kind in ("text/html; charset=x", "application/xhtml+xml", "text/xml")),
        *(
            (kind, b"x", Kind.PAGE)
            for kind in ("application/json", "a/ld+json", "text/javascript", "TEXT/HTML")
        ),
        *((kind, b"<p>", Kind.TEXT) for kind in ("text/plain", "text/css")),
        *((kind, b"<p>", Kind.FILE) for kind in ("application/pdf", "image/png")),
        *(
            (kind, body, found)
            for kind in ("", "*/*", "unknown/unknown", "application/unknown", "html")
            for body, found in ((b"<p>a", Kind.PAGE), (b"a <p>", Kind.TEXT), (b"a\x00", Kind.FILE))
        ),
        *(
            ("", f" <{tag}>".encode(), Kind.PAGE)
            for tag in "html head script iframe h1 div font table a style title b body br p".split()
        ),
        *(("", start, Kind.PAGE) for start in (b"<!DOCTYPE html>", b"<!-- a", b"<?xml", b"\xef\xbb\xbf<p>")),
        *(
            ("", start, Kind.TEXT)
            for start in (b"\xef\xbb\xbfa\x01", b"\xff\xfea\x00", b"\xfe\xff\x00a", b"<i>")
        ),
        ("", b"a" * 1_445 + b"\x00", Kind.TEXT),
        ("", b"a" * 1_444 + b"\x00", Kind.FILE),
    ],
)
def test_an_answer_is_what_a_browser_makes_of_it(declared: str, body: bytes, kind: Kind) -> None:
    assert kind_of(declared, body) is kind


def test_data_and_text_are_no_page() -> None:
    shown = [shows_page("text/html", body) for body in (b"<p>", b" {}", b"[1]")]
    assert shown == [True, False, False]
    assert not shows_page("text/plain", b"<p>")


@pytest.mark.parametrize(
    ("rule", "unread", "shown"),
    [
        ("#a:not(:focus-within) { display: none }", (), []),
        ("#a:lang(fr) { display: none }", ("#a:lang(fr)",), ["dit"]),
        ("#a:lang(fr) { pointer-events: none }", ("#a:lang(fr)",), ["dit"]),
        ("#a:before { content: 'non' }", ("content: #a",), ["dit"]),
        ("#a { color: #fff; } body { background: url(x.png) }", (), ["dit"]),
    ],
)
def test_a_rule_is_applied_or_named(rule: str, unread: tuple[str, ...], shown: list[str]) -> None:
    found = page("", f"<style>{rule}</style>")
    assert (found.unread, found.lines) == (unread, shown)


def test_a_sheet_that_xhtml_links_is_named() -> None:
    html = "<?xml-stylesheet href='/a.css'?><html><body><p>dit</p></body></html>"
    assert parse(received(html, url=URL)).unread == ("<?xml-stylesheet",)
    assert parse(received(html, url=URL, rendered=html)).unread == ()


def test_a_linked_sheet_that_cannot_be_read_is_named() -> None:
    sheets = (LinkedSheet(url="/a.css", text="{" * 50),)
    assert parse(received("<p>a</p>", sheets=sheets)).unread == ("a style sheet",)
