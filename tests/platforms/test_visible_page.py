"""A page holds what a person could see, in the page's own words, whatever the bytes were."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.model import Step
from probes.pages.page import (
    collapse,
    dig,
    host_of,
    lines,
    normalise,
    origin_of,
    parse,
    parse_json,
    path_of,
    query_of,
    words,
)
from probes.pages.visible import MAX_DEPTH, MAX_TAG_CHARS, MAX_TAGS
from tests.cast.saved_pages import received

SENTENCE = "Il n'existe plus de place."


@pytest.mark.parametrize(
    "markup",
    [
        "<!-- {} -->",
        "<p hidden>{}</p>",
        "<p style='DISPLAY : None'>{}</p>",
        "<p style='visibility: hidden'>{}</p>",
        "<p style='opacity:0.0'>{}</p>",
        "<div style='display:none'><div><p>{}</p></div></div>",
        "<script>document.write('{}')</script>",
        "<style>p::after {{ content: '{}' }}</style>",
        "<template><p>{}</p></template>",
        "<noscript><p>{}</p></noscript>",
        "<dialog><p>{}</p></dialog>",
        "<details><summary>Plus</summary><p>{}</p></details>",
        "<object>{}</object>",
        "<iframe src='/x'>{}</iframe>",
        "<style>.x {{ display: none }}</style><p class=x>{}</p>",
        "<style>a, .x::before, .x {{ visibility: hidden }}</style><p class=x>{}</p>",
        "<style>@media (max-width: 30em) {{ .x {{ display: none }} }}</style><p class=x>{}</p>",
        "<style>@supports (display: grid) {{ @layer b {{ .x {{ opacity: 0% }} }} }}</style><p class=x>{}</p>",
        "<div id=cookies-banner>{}</div>",
        '<input type=hidden value="{}">',
        '<p title="{}"></p>',
    ],
)
def test_it_leaves_out_what_nobody_sees(step: Callable[..., Step], markup: str) -> None:
    page = parse(step(f"<body>{markup.format(SENTENCE)}<p>Bonjour</p></body>"))
    assert page.says(SENTENCE) == ""
    assert "existe plus" not in page.text
    assert page.says("Bonjour") == "Bonjour"


@pytest.mark.parametrize(
    "markup",
    [
        "<p>{}</p>",
        "<p aria-hidden=true>{}</p>",
        "{}",
        "<dialog open>{}</dialog>",
        "<details open><summary>Plus</summary>{}</details>",
        "<p style='opacity: 0.5; display: block'>{}</p>",
        "<style>@media print {{ p {{ display: none }} }}</style><p>{}</p>",
        "<style media=print>p {{ display: none }}</style><p>{}</p>",
        "<style>.x::before {{ display: none }}</style><p class=x>{}</p>",
        "<style>.y {{ display: none }}</style><p class=x>{}</p>",
    ],
)
def test_it_keeps_what_is_shown(step: Callable[..., Step], markup: str) -> None:
    assert parse(step(f"<body>{markup.format(SENTENCE)}</body>")).says(SENTENCE) == SENTENCE


@pytest.mark.parametrize("rule", ["body", "html", "*", "html > body"])
def test_a_page_hidden_as_a_whole_is_empty(step: Callable[..., Step], rule: str) -> None:
    assert parse(step(f"<style>{rule} {{ opacity: 0 }}</style><p>{SENTENCE}</p>")).text == ""


def test_what_chromium_rendered_is_read_instead_of_the_body_and_its_rules_are_settled(
    step: Callable[..., Step],
) -> None:
    rendered = f"<html><head><style>p {{ display: none }}</style></head><body><p>{SENTENCE}</p></body></html>"
    page = parse(step("<p>Chargement</p>", rendered=rendered))
    assert page.text == SENTENCE


@pytest.mark.parametrize(
    "said",
    [
        "il n’existe plus\u00a0de\u202fplace.",
        "IL N'EXISTE <b>plus</b> de place.",
        "Il n&rsquo;existe<br>plus de<br/>place.",
        "  Il n'existe\n\t plus de place.  ",
        "\u200eIl n'existe plus\u200f de\u2066 place\u2069.",
        "Il n\u2019exis\u00adte pl\u200bus de\u2060 place\ufe0f.",
    ],
)
def test_a_sentence_is_recognised_in_any_typography_and_quoted_as_written(
    step: Callable[..., Step], said: str
) -> None:
    found = parse(step(f"<p>Avis</p><p>{said}</p>")).says(SENTENCE)
    assert normalise(found) == normalise(SENTENCE)
    assert "\n" not in found


def test_hyphens_that_look_alike_are_alike(step: Callable[..., Step]) -> None:
    page = parse(step("<p>Pré\u2011demande, rendez\u2010vous</p>"))
    assert page.says("pré-demande, rendez-vous") == "Pré\u2011demande, rendez\u2010vous"


def test_a_text_turned_round_says_something_else(step: Callable[..., Step]) -> None:
    assert parse(step(f"<p>\u202e{SENTENCE}\u202c</p>")).says(SENTENCE) == ""


@pytest.mark.parametrize(
    "said",
    [
        f"Le message « {SENTENCE} » s'affichera.",
        f"{SENTENCE} Sauf le lundi.",
        "Il n'existe plus de place",
        "Il n'éxiste plus de place.",
        "Il n'existe plus<p></p><p>a</p><p>de place.</p>",
    ],
)
def test_a_sentence_that_is_not_a_whole_line_is_not_said(step: Callable[..., Step], said: str) -> None:
    assert parse(step(f"<p>{said}</p>")).says(SENTENCE) == ""


def test_a_sentence_counts_only_within_the_element_asked_for(step: Callable[..., Step]) -> None:
    page = parse(step(f"<form><b>non</b></form><p>{SENTENCE}</p>"))
    assert page.says(SENTENCE, "form") == ""
    assert page.says(SENTENCE, "p") == SENTENCE


def test_a_line_is_matched_whole_and_by_its_normalised_form(step: Callable[..., Step]) -> None:
    page = parse(
        step("<ul class=error><li>Erreur&nbsp;: RÉESSAYEZ</li></ul><p>Erreur : réessayez plus tard</p>")
    )
    assert page.line(re.compile(r"erreur : réessayez")) == "Erreur : RÉESSAYEZ"
    assert page.line(re.compile(r"erreur : .*"), "p") == "Erreur : réessayez plus tard"
    assert page.line(re.compile(r"réessayez")) == ""


def test_text_is_read_as_written_whatever_its_signs(step: Callable[..., Step]) -> None:
    page = parse(
        step('<p title=\'a > "b" <p>c</p>\'>1 &lt; 2 &amp;&amp; 3 &gt; 2 &amp;lt; <!-- > " --> fin</p>')
    )
    assert page.text == "1 < 2 && 3 > 2 &lt; fin"


def test_a_tag_that_cannot_be_told_from_text_leaves_no_text(step: Callable[..., Step]) -> None:
    assert parse(step(f"<p a\"b title='<p>{SENTENCE}<p>'>x</p>")).says(SENTENCE) == ""


def test_buttons_are_known_by_their_labels(step: Callable[..., Step]) -> None:
    page = parse(
        step(
            "<input type=submit value=' Etape  suivante '>"
            "<button><b>Suivant</b></button><button hidden>x</button>"
        )
    )
    assert page.buttons == ["Etape suivante", "Suivant"]


def typed(content_type: str) -> tuple[tuple[str, str], ...]:
    return (("Content-Type", content_type),)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("<p>été</p>".encode(), ()),
        ("\ufeff<p>été</p>".encode(), ()),
        ("<p>été</p>".encode("latin-1"), ()),
        ("<p>été</p>".encode("latin-1"), typed("text/html; charset=ISO-8859-1")),
        ('<meta charset="windows-1252"><p>été</p>'.encode("cp1252"), ()),
        ("<p>été</p>".encode(), typed('text/html; charset="utf-8"; x=y')),
        ("<p>été</p>".encode(), typed("text/html; charset=zlib")),
        ("\ufeff<p>été</p>".encode(), typed("text/html; charset=ISO-8859-1")),
        ("\ufeff<p>été</p>".encode("utf-16-le"), typed("text/html; charset=utf-8")),
        ("\ufeff<p>été</p>".encode("utf-16-be"), ()),
        ("<p>été</p>".encode("utf-16-le"), typed("text/html; charset=utf-16")),
        ("<p>été</p>".encode("utf-16-be"), typed("text/html; charset=UTF-16BE")),
        ("<p>été</p>".encode("utf-16-le"), ()),
        ("<p>été</p>".encode("utf-16-be"), ()),
        ("<p>été</p>".encode("mac-roman"), typed("text/html; charset=macintosh")),
        ('<meta charset="x-mac-roman"><p>été</p>'.encode("mac-roman"), ()),
        ('<!-- <meta charset="macintosh"> --><meta charset=utf-8><p>été</p>'.encode(), ()),
        ('<meta charset="utf-16"><p>été</p>'.encode(), ()),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><p>été</p>'.encode("latin-1"), ()),
    ],
)
def test_it_finds_the_encoding(
    step: Callable[..., Step], body: bytes, headers: tuple[tuple[str, str], ...]
) -> None:
    assert parse(step(body, headers=headers)).text == "été"


def test_the_euro_of_western_europe_is_no_currency_sign(step: Callable[..., Step]) -> None:
    page = parse(step("<p>20 €</p>".encode("iso8859-15"), headers=typed("text/html; charset=iso-8859-15")))
    assert page.text == "20 €"


def test_what_a_browser_shows_as_source_is_no_sentence(step: Callable[..., Step]) -> None:
    source = f"<html><body><p>{SENTENCE}</p></body></html>"
    assert parse(step(source, headers=typed("text/plain"))).says(SENTENCE) == ""
    assert parse(step(source, headers=typed("unknown/unknown"))).says(SENTENCE) == SENTENCE
    assert parse(step(source, headers=typed(""))).says(SENTENCE) == SENTENCE


def test_one_bad_byte_in_declared_utf_8_spoils_only_itself(step: Callable[..., Step]) -> None:
    page = parse(step('<meta charset="utf-8"><p>été</p>'.encode() + b"<p>\xe9</p>"))
    assert page.says("été") == "été"


def test_a_document_without_its_end_is_not_complete(step: Callable[..., Step]) -> None:
    whole = "<!DOCTYPE html><html><body><p>a</p></body></html>"
    assert parse(step(whole)).complete
    assert not parse(step(whole[:-8])).complete
    assert parse(step("<table></table>")).complete
    # Chromium closes what was cut off: only the bytes tell.
    assert not parse(step(whole[:-8], rendered=whole)).complete
    assert parse(step(b"", rendered=whole)).complete


@pytest.mark.parametrize(
    "tail",
    [
        "<!--" + "x" * 9_000 + "-->",
        "<script>" + "x" * 9_000 + "</script>\n",
        "<!-- cut in the comment",
        "<div>temps : 3 ms</div>",
    ],
)
def test_what_follows_the_end_of_a_document_cuts_nothing(step: Callable[..., Step], tail: str) -> None:
    assert parse(step(f"<html><body><p>a</p></body></html>{tail}")).complete


LONG = "<!-- " + "x" * 6_000 + " -->"


@pytest.mark.parametrize(
    "body",
    [
        "<html><body><p>a</p>",
        f"{LONG}<html><body><div>a</div>",
        "<!doctype html><title>a</title><p>b",
        "<html><body><script>document.write('</html>')</script><p>a</p>",
        "<html><body><p>a</p><!-- </body></html>",
        "<html><body><p>a</p></body></html><div><p>b</p>",
    ],
)
def test_a_document_that_may_be_cut_is_not_complete(step: Callable[..., Step], body: str) -> None:
    assert not parse(step(body)).complete


WHOLE = (("content-type", "text/html"), ("content-length", "60"))


@pytest.mark.parametrize(
    ("body", "complete"),
    [
        ("<!doctype html><title>a</title><main><p>b<p>c</main>", True),
        ("<html><body><ul><li>a<li>b</ul><form><input></form>", True),
        ("<html><body><svg><path d='M0'/></svg><div>a</div><script>1</script>", True),
        ("<html><body><main><div>a</div>", False),
        ("<html><body><div>a</div><p>b", False),
        ("<html><body><div>a</div><div class=", False),
        ("<html><body><div>a</div><script>if (1", False),
        ("<html><body><table><tr><td>a</td>", False),
    ],
)
def test_an_end_left_out_counts_only_when_the_transport_saw_one(
    step: Callable[..., Step], body: str, complete: bool
) -> None:
    assert parse(step(body, headers=WHOLE)).complete is complete
    assert not parse(step(body)).complete


@pytest.mark.parametrize(
    "wall",
    [
        "<div role=dialog aria-modal=true>Cookies</div>",
        "<div style='position:fixed; inset:0'></div>",
        "<style>#m { position: fixed; top: 0; left: 0; width: 100vw; height: 100% }</style><div id=m></div>",
        "<div style='position: fixed; top:0; right:0; bottom:0; left:0'></div>",
        "<main><div style='position: absolute; inset: 0; background: white'></div></main>",
        "<style>main { position: static } .m { position: absolute; inset: 0; background: #eee }</style>"
        "<main><section><div class=m></div></section></main>",
    ],
)
def test_it_knows_when_something_lies_over_the_whole_window(step: Callable[..., Step], wall: str) -> None:
    assert parse(step(f"<p>{SENTENCE}</p>{wall}")).covered


@pytest.mark.parametrize(
    "markup",
    [
        "<div hidden><div aria-modal=true></div></div>",
        "<div aria-modal=true style='display:none'></div>",
        "<div style='position: fixed; bottom: 0; left: 0; width: 100%; height: 20%'>Cookies</div>",
        "<div style='position: absolute; inset: 0'></div>",
        "<p style='position: relative'><b style='position: absolute; inset: 0; background: red'></b>",
        "<style>.card { position: sticky }</style>"
        "<div class=card><div style='position: absolute; inset: 0; background: white'></div></div>",
        "<div id=tarteaucitronRoot>Cookies</div>",
    ],
)
def test_what_is_hidden_or_partial_covers_nothing(step: Callable[..., Step], markup: str) -> None:
    assert not parse(step(f"<p>{SENTENCE}</p>{markup}")).covered


def test_json_of_a_script_is_reachable_by_its_identity_only(step: Callable[..., Step]) -> None:
    page = parse(
        step('<script id=a type="application/json">{"b": {"c": 1}}</script><script id=d>{}</script>')
    )
    assert dig(page.data("a"), "b", "c") == 1
    assert dig(page.data("a"), "b", "x", "y") is None
    assert page.data("d") is None
    assert page.data("e") is None


@pytest.mark.parametrize("raw", ["", "{", "[" * 100_000, "\x00", '{"a": NaN}x'])
def test_what_is_not_json_is_none(raw: str) -> None:
    assert parse_json(raw) is None


def test_an_address_that_cannot_be_read_has_no_parts(step: Callable[..., Step]) -> None:
    assert (host_of("http://[::1"), path_of("http://[::1"), query_of("http://[::1")) == ("", "", [])
    assert origin_of("javascript:alert(1)") == ""
    page = parse(step("", url="https://WWW.Ain.gouv.fr:8443/a%20b?x=1&x=2&y=%C3%A9"))
    assert (page.host, page.path, page.query("x"), page.query("y")) == ("www.ain.gouv.fr", "/a b", "1", "é")
    assert origin_of(page.url) == "https://WWW.Ain.gouv.fr:8443"


def test_quoted_words_are_one_short_line() -> None:
    assert words("a\n  b\u00a0c") == "a b c"
    assert len(words("x" * 1000)) == 300
    assert words("x" * 1000).endswith("…")


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * (MAX_TAGS + 1) + SENTENCE,
        "<p " + "a " * MAX_TAG_CHARS + f">{SENTENCE}",
        "<div>" * (MAX_DEPTH + 2) + f"<p hidden>x</p>{SENTENCE}",
        f"<style>{'(' * 50}</style><p>{SENTENCE}</p>",
        f"<style>{'a{display:none}' * 1001}</style><p>{SENTENCE}</p>",
    ],
    ids=["tags", "attributes", "depth", "rule depth", "rules"],
)
def test_a_page_too_large_to_be_read_surely_says_nothing(step: Callable[..., Step], body: str) -> None:
    assert SENTENCE not in parse(step(f"<body>{body}")).text


def test_a_large_picture_inside_the_page_does_not_make_it_unreadable(step: Callable[..., Step]) -> None:
    picture = "data:image/png;base64," + "A/b+" * 50_000
    assert parse(step(f'<img src="{picture}"><p>{SENTENCE}</p>')).says(SENTENCE)


@pytest.mark.parametrize(
    "markup",
    [
        "<progress>{}</progress>",
        "<meter>{}</meter>",
        "<svg><title>{}</title></svg>",
        "<svg><desc>{}</desc></svg>",
        "<div popover>{}</div>",
        "<textarea>{}</textarea>",
        "<select><option>Choisissez</option><option>{}</option></select>",
        "<select><option selected>Choisissez</option><option>{}</option></select>",
        "<select><div>{}</div><option>Choisissez</option></select>",
        "<select><option selected>Choisissez</option><hr><p>{}</p></select>",
        "<select><optgroup label=x><legend>{}</legend></optgroup></select>",
        "<div style='opacity: .001'>{}</div>",
        "<div style='transform: " + "scale(" * 3_000 + "'>{}</div>",
        "<div style='background: #003; color: rgb(0, 0, 60)'>{}</div>",
    ],
)
def test_what_a_browser_does_not_draw_is_not_said(step: Callable[..., Step], markup: str) -> None:
    assert parse(step(f"<body>{markup.format(SENTENCE)}<p>Bonjour</p></body>")).says(SENTENCE) == ""


@pytest.mark.parametrize(
    "markup",
    [
        "<select><option>Non</option><option selected>{}</option></select>",
        "<div style='background: #003'><p style='color: #fff'>{}</p></div>",
        "<div style='background: url(x.png)'><p style='color: #fff'>{}</p></div>",
        "<style>.y {{ background: linear-gradient(red, blue) }} p {{ color: #fff }}</style><p class=y>{}</p>",
        "<div style='background: var(--blue)'><p style='color: #fff'>{}</p></div>",
        "<table bgcolor=navy><tr><td style='color: #fff'>{}</td></tr></table>",
        "<div style='color: #333; background: white'>{}</div>",
    ],
)
def test_what_may_have_another_colour_behind_it_is_said(step: Callable[..., Step], markup: str) -> None:
    assert parse(step(f"<body>{markup.format(SENTENCE)}</body>")).says(SENTENCE) == SENTENCE


def test_an_entry_of_a_list_is_read_by_itself(step: Callable[..., Step]) -> None:
    page = parse(step("<select><option>9h<option>10h</select><textarea>abc</textarea>"))
    assert [lines(node) for node in page.nodes("option, textarea")] == [["9h"], ["10h"], ["abc"]]
    assert page.text == ""


def test_what_only_a_rule_hides_can_be_looked_at(step: Callable[..., Step]) -> None:
    page = parse(step(f"<style>.x {{ display: none }}</style><p class=x>{SENTENCE}</p><p hidden>b</p>"))
    assert (page.text, page.unconcealed.text) == ("", SENTENCE)


MATOMO = """
var _paq = window._paq = window._paq || []; _paq.push(['trackPageView']); _paq.push(['enableLinkTracking']);
(function() { var u = "//stats.example/"; _paq.push(['setTrackerUrl', u + 'matomo.php']);
var d = document, g = d.createElement('script'), s = d.getElementsByTagName('script')[0];
g.async = true; g.src = u + 'matomo.js'; s.parentNode.insertBefore(g, s); })();
"""


@pytest.mark.parametrize(
    ("script", "writes"),
    [
        ("setTimeout(() => { document.getElementById('r').innerHTML = '3 plages' }, 1200)", True),
        ("$('#r').hide()", True),
        ("$('.gone').hide()", False),
        ("document.write('x')", True),
        ("setTimeout(()=>d.showModal(),1000)", True),
        ("document.styleSheets[0].insertRule('p{display:none}')", True),
        ("const s=new CSSStyleSheet();s.replaceSync('p{color:#fff}');document.adoptedStyleSheets=[s]", True),
        ("let l=document.createElement('link');l.rel='stylesheet';document.head.append(l)", True),
        ("document.head.append(document.createElement('style'))", True),
        ("for (const n of nodes) n.style.display = 'none'", True),
        ("if (x.innerHTML == 'a') go()", False),
        ("document.documentElement.classList.add('js')", False),
        ("tarteaucitron.init({hashtag: '#tarteaucitron'})", False),
        ("var s = d.createElement('script'); d.head.appendChild(s)", False),
        (MATOMO, False),
        ("dataLayer.push({'event': 'x'}); window.a = b['c'] + d[0]", False),
        ("var n = document.createElement('p'); n.append('3 plages'); document.body.append(n)", True),
        ("r.before('3 plages')", True),
        ("document.getElementById('r')['inner' + 'HTML'] = '3 plages'", True),
        ("document.getElementById('r')['innerHTML'] = '3 plages'", True),
        ("Object.assign(r, {innerHTML: '3 plages'})", True),
        ("eval(atob('ci5oaWRkZW49MQ'))", True),
        ("setTimeout('go()', 9)", True),
        ("new Function('r.x()')()", True),
    ],
)
def test_a_script_that_writes_into_the_page_is_named_where_it_does_not_run(
    step: Callable[..., Step], script: str, writes: bool
) -> None:
    body = f"<div id=r>{SENTENCE}</div><script>{script}</script>"
    assert bool(parse(step(body)).unread) is writes
    assert parse(step(body.replace("<script>", "<script type='application/json'>"))).unread == ()
    assert parse(step(body, rendered=body)).unread == ()


@pytest.mark.parametrize(
    ("frame", "shown"),
    [
        ("<iframe src=/f></iframe>", True),
        ("<iframe src='https://www.ain.gouv.fr/f'></iframe>", True),
        ("<iframe srcdoc='<p>3 plages'></iframe>", True),
        ("<iframe src='data:text/html,3'></iframe>", True),
        ("<object data=/f type=text/html>x</object>", True),
        ("<embed src=/f>", True),
        ("<iframe></iframe>", False),
        ("<iframe src=about:blank></iframe>", False),
        ("<iframe src='https://captcha.example/f'></iframe>", True),
        ("<iframe src='https://newassets.hcaptcha.com/f'></iframe>", False),
        ("<iframe src=/f width=1 height=1></iframe>", False),
        ("<iframe src=/f hidden></iframe>", False),
        ("<div style='display:none'><iframe src=/f></iframe></div>", False),
        ("<noscript><iframe src=/f></iframe></noscript>", False),
        ("<object data=/logo.svg type=image/svg+xml></object>", False),
    ],
)
def test_a_frame_is_not_read_and_named(step: Callable[..., Step], frame: str, shown: bool) -> None:
    body = f"<p>{SENTENCE}</p>{frame}"
    assert bool(parse(step(body)).unread) is shown
    assert bool(parse(step(body, rendered=body)).unread) is shown


@pytest.mark.parametrize(
    ("attribute", "changes"),
    [
        ("link rel=stylesheet media=print href=/a.css onload=\"this.media='all'\"", True),
        ("link rel=preload as=style href=/a.css onload=\"this.rel='stylesheet'\"", True),
        ("img src=/a.png onload=\"location.href='/fermeture'\"", True),
        ("img src=/a.png onerror=\"this.parentNode.innerHTML='3 plages'\"", True),
        ('img src=/a.png onload="counted(this)"', False),
        ("a href=/b onclick=\"location.href='/c'\"", False),
    ],
)
def test_an_event_that_comes_by_itself_and_changes_the_page_is_named(
    step: Callable[..., Step], attribute: str, changes: bool
) -> None:
    assert bool(parse(step(f"<p>{SENTENCE}</p><{attribute}>")).unread) is changes


@pytest.mark.parametrize(
    ("rule", "writes"),
    [
        (".r::before { content: 'Exemple : ' }", True),
        ('body .r:after { content: " : complet" }', True),
        ("body > ::after { content: 'archive' }", True),
        ("p::after { content: attr(data-note) }", True),
        ("@media screen { .r::before { content: 'x' } }", True),
        (".r::before { content: '\\f101' }", False),
        (".r::before { content: '» ' }", False),
        (".r::before { content: '' }", False),
        (".x::before { content: 'Exemple' }", False),
        (".menu::before { content: 'Exemple' }", False),
        (".r::before { content: 'Exemple'; display: none }", False),
        ("@media print { .r::before { content: 'Exemple' } }", False),
    ],
)
def test_words_that_only_a_style_sheet_writes_are_named(
    step: Callable[..., Step], rule: str, writes: bool
) -> None:
    body = f"<style>{rule}</style><p class=r>{SENTENCE}</p><p class=menu hidden>x</p>"
    assert bool(parse(step(body)).unread) is writes
    assert parse(step(body, rendered=body)).unread == ()


OWN = "https://www.ain.gouv.fr/page"


@pytest.mark.parametrize(
    ("refresh", "leaves"),
    [
        ("2;url=/booking/create/1/3", True),
        ("0; URL='https://autre.example/'", True),
        ("1", True),
        ("abc", True),
        ("300;url=/autre", True),
        ("300;url=/page?a=1", True),
        ("300", False),
        (f"60; url={OWN}", False),
        ("600;url='/page'", False),
    ],
)
def test_a_page_that_goes_elsewhere_by_itself_is_named(
    step: Callable[..., Step], refresh: str, leaves: bool
) -> None:
    meta = f'<head><meta http-equiv="Refresh" content="{refresh}"></head><p>{SENTENCE}</p>'
    assert bool(parse(step(SENTENCE, headers=(("refresh", refresh),))).unread) is leaves
    assert bool(parse(step(meta)).unread) is leaves
    assert parse(step(meta, rendered=meta)).unread == ()
    assert parse(step(f"<noscript>{meta}</noscript>{SENTENCE}")).unread == ()


@pytest.mark.parametrize(
    ("script", "leaves"),
    [
        ("location.href='/fermeture'", True),
        ("window.location = '/fermeture'", True),
        ("location.replace('/fermeture')", True),
        ("setTimeout(()=>{history.pushState({},'','/3')},1000)", True),
        ("if (location.href == '/a') go()", False),
        ("if (top != self) top.location = self.location;", False),
        ("if (top != self) top.location = self.location + '/autre'", True),
        ("var asked = location.search", False),
    ],
)
def test_a_script_that_goes_elsewhere_is_named(step: Callable[..., Step], script: str, leaves: bool) -> None:
    assert bool(parse(step(f"<script>{script}</script><p>{SENTENCE}</p>")).unread) is leaves


@given(st.binary(max_size=2_000))
def test_any_bytes_make_a_page(raw: bytes) -> None:
    page = parse(received(raw))
    assert page.says(SENTENCE) == ""
    assert isinstance(page.text, str)


@given(
    st.lists(
        st.sampled_from(
            [
                "<div>",
                "</div>",
                "<p hidden>",
                "<table>",
                "<td>",
                "</p>",
                "<style>",
                "</style>",
                "p{display:none}",
                "<!--",
                "-->",
                "<svg>",
                "<template>",
                "</template>",
                "<select>",
                "<option>",
                "<body>",
                "<html>",
                "</html>",
                "&nbsp;",
                "a",
            ]
        ),
        max_size=60,
    )
)
def test_any_tag_soup_makes_a_page(soup: list[str]) -> None:
    page = parse(received("".join(soup)))
    assert page.nodes("*") is not None
    assert collapse(page.text) == page.text


@given(st.text(max_size=200))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
