"""Over plain HTTP, words are believed only where every style that reaches them is known to show them."""

from __future__ import annotations

import re

import pytest

from probes.answer import Answer
from probes.pages.page import Page
from probes.pages.seen import veil
from tests.cast.saved_pages import received

SAID = "Aucun créneau n'est disponible."
ANSWER = Answer(none=(re.compile(re.escape(SAID.lower())),), place="main")
PAGE = (
    "<!DOCTYPE html><html><head><style>{rules}</style></head><body class='page'><main><div id='around'>"
    f"<p id='said' style='{{style}}'>{SAID}</p></div>{{beside}}</main></body></html>"
)


def doubt(style: str = "", rules: str = "", beside: str = "", body: str = "") -> str:
    """What puts the words in doubt; « gone » when they are not read at all."""
    html = body or PAGE.format(style=style, rules=rules, beside=beside)
    page = Page(received(html.encode()))
    return veil(SAID, page, ANSWER) if SAID in page.text else "gone"


HIDING = [
    "opacity: .3",
    "opacity: 20%",
    "font-size: 3px",
    "font-size: calc(1rem * .1)",
    "font: 2px serif",
    "font: 16px/0 serif",
    "line-height: 0",
    "letter-spacing: -1em",
    "word-spacing: -40px",
    "text-indent: -400px",
    "margin-left: -500px",
    "margin: 0 0 0 -200px",
    "translate: 90vw",
    "transform: skewX(89deg)",
    "transform: translate(-300px)",
    "transform: scaleX(.2)",
    "rotate: y 90deg",
    "scale: .1",
    "zoom: .2",
    "position: absolute; left: 4000px",
    "position: relative; top: -400px",
    "inset-inline-start: -900px",
    "z-index: -1",
    "filter: url(#x)",
    "filter: brightness(100)",
    "mix-blend-mode: screen",
    "mask: url(x.svg)",
    "clip-path: path('M0 0')",
    "contain: strict",
    "content-visibility: hidden",
    "animation: gone 1s forwards",
    "animation-name: gone",
    "-webkit-text-security: disc",
    "-webkit-text-stroke: 3px white",
    "-webkit-line-clamp: 1",
    "text-overflow: ellipsis",
    "display: grid; grid-template-rows: 0fr; overflow: hidden",
    "display: grid; grid-auto-rows: 0",
    "unicode-bidi: bidi-override; direction: rtl",
    "writing-mode: vertical-rl",
    "box-shadow: inset 0 0 0 900px #000",
    "outline-offset: -200px",
    "background-clip: text",
    "content: url(x.png)",
    "all: unset; unheard-of: 1",
    "height: 2px; overflow: auto",
    "max-height: 1em; overflow-y: clip",
    "width: 3em; overflow: hidden",
    "visibility: collapse",
    "display: ruby-text",
    "color: oklch(99% 0 0)",
    "color: hsl(0 0% 98%)",
    "color: rgb(100% 100% 100%)",
    "color: rgb(0 0 0 / 20%)",
    "color: snow",
    "color: color-mix(in srgb, red, blue)",
    "background: #000",
    "background: linear-gradient(#000, #111)",
    "background: linear-gradient(to right, #fff 1%, #000)",
    "background: url(x.png)",
    "background-image: image-set('x.png' 1x)",
    "color: #eee; background: linear-gradient(#fff, #ddd)",
]


@pytest.mark.parametrize("style", HIDING)
def test_words_under_a_style_that_may_hide_them_are_in_doubt(style: str) -> None:
    assert doubt(style)
    assert doubt(rules=f"#said {{ {style} }}")
    assert doubt(rules=f"main > div {{ {style} }}")
    assert doubt(rules=f"@media (min-width: 1px) {{ #around {{ {style} }} }}")


@pytest.mark.parametrize(
    "rules",
    [
        "#said { opacity: var(--low) } :root { --low: .1 }",
        "#said { color: var(--a) } main { --a: var(--b) } body { --b: #fff }",
        "#said { margin-left: calc(-1 * var(--far)) } main { --far: 30rem }",
        "#said:invalid { opacity: .1 }",
        "p:lang(fr) { opacity: .1 }",
        "#said::first-line { opacity: .1 }",
        "p:first-letter { font-size: 1px }",
        "p:not(:hover) { opacity: .1 }",
        "main { & p { font-size: 1px } }",
        "@layer low { p { zoom: .1 } }",
        "@supports (display: grid) { p { zoom: .1 } }",
        "@keyframes gone { to { opacity: 0 } } p { animation: gone 0s forwards }",
        "p { color: #fff !important } #said { color: #000 }",
        "body { color: #fefefe } p { background: #fff }",
        "body { background: #000 }",
        "#around { max-height: .9em } #said { overflow: hidden; height: 100% }",
        "main { height: 1em } #around { overflow-y: auto }",
        ".page { background: #000; color: #fff } #said { color: #111 }",
        "#around::after { content: ''; position: absolute; inset: 0; background: #fff }",
        "main > ::before { content: ''; position: absolute; top: 0; height: 300px; background: url(x) }",
    ],
)
def test_rules_that_may_hide_words_are_found_however_they_are_written(rules: str) -> None:
    assert doubt(rules=rules)


@pytest.mark.parametrize(
    "beside",
    [
        "<div style='position: absolute; top: 0; background: #fff; height: 300px'> </div>",
        "<div style='margin-top: -300px; background: #fff; height: 300px'> </div>",
        "<div style='transform: translateY(-300px); background: #fff; height: 300px'> </div>",
        "<img src='x.png' style='position: absolute; top: 0' alt=''>",
        "<div style='margin-top: -40px; background: #fff; height: 30px'> </div>",
        "<div style='position: relative; bottom: 30px; background: #fff; height: 30px'> </div>",
        "<div style='position: absolute; width: 20px; background: #fff'> </div>",
        "<div style='position: absolute; height: 20px; width: 90%; background: #fff'> </div>",
        "<div style='margin-top: -300px'><canvas width='900' height='300'></canvas></div>",
        "<div style='position: fixed; bottom: 0; background: rgb(255 255 255 / .9); height: 80vh'> </div>",
        "<p style='outline: 900px solid #fff'>Fin</p>",
        "<p style='outline: calc(1px * 900) solid #fff'>Fin</p>",
        "<p style='outline: 2px solid #fff; outline-offset: 900px'>Fin</p>",
        "<p style='box-shadow: 0 1px #000, 0 0 0 900px #fff'>Fin</p>",
        "<p style='box-shadow: 0 0 0 calc(900px) #fff'>Fin</p>",
        "<p style='--far: 900px; text-shadow: 0 var(--far) #fff'>Fin</p>",
        "<p style='filter: drop-shadow(900px 0 0 #fff)'>Fin</p>",
        "<p style='filter: url(#x)'>Fin</p>",
        "<p style='column-rule: 900px solid #fff'>Fin</p>",
        "<p style='-webkit-box-reflect: above 0'>Fin</p>",
        "<p style='unheard-of: 1'>Fin</p>",
        "<p style='border-image: linear-gradient(#fff, #fff) 1 / 1px / 900px'>Fin</p>",
        "<p style='border-image-outset: 900px'>Fin</p>",
        "<p style='font-size: 900px; line-height: 0; color: #fff'>Fin</p>",
        "<p style='text-decoration: underline #fff 900px'>Fin</p>",
        "<p style='text-underline-offset: -900px'>Fin</p>",
        "<ul><li style='list-style: url(x.png)'>Fin</li></ul>",
        "<img src='x.png' style='overflow: visible' alt=''>",
        "<p style='transform: scale(90); background: #fff'>Fin</p>",
        "<p style='rotate: 90deg; background: #fff'>Fin</p>",
        "<p style='animation: grow 1s; background: #fff'>Fin</p>",
        "<div style='position: sticky; margin-top: -1500px; height: 1500px; background: #fff'></div>",
        "<div style='position: absolute; left: -3000px; filter: drop-shadow(3000px 0 0 #fff)'></div>",
        "<div style='position: absolute; top: 0'><p style='background: #fff; height: 300px'>Fin</p></div>",
        "<video style='position: fixed; top: 0; width: 100vw; height: 100vh'></video>",
        "<canvas style='position: fixed; top: 0; width: 100vw; height: 100vh'></canvas>",
        "<progress style='position: fixed; top: 0; width: 100vw; height: 100vh'></progress>",
        "<div aria-hidden='true' style='position: fixed; top: 0; background: #fff'></div>",
        "<style>#f::after { content: ''; position: fixed; inset: 0; background: #fff }</style><i id=f></i>",
        "<style>#f::after { content: ''; margin-top: -900px; background: #fff }</style><i id=f></i>",
        "<style>#f::before { content: ''; outline: 900px solid #fff }</style><i id=f></i>",
        "<style>#f::marker { font-size: 900px }</style><li id=f></li>",
        "<style>#f { display: none; position: fixed; background: #fff }"
        " @media (width > 9px) { #f { display: block } }</style><i id=f></i>",
        "<ul><li style='list-style: \"Faux : \" inside'>x</li></ul>",
        "<ul><li style='list-style-type: wrong'>x</li></ul>",
        '<p style=\'quotes: "Exemple : " "»"\'>x</p>',
        "<style>#f::after { content: var(--a) } :root { --a: 'Exemple' }</style><i id=f></i>",
        "<style>#f::after { content: var(--a, 'Exemple') }</style><i id=f></i>",
        "<style>@property --a { initial-value: 'Oui' } #f::after { content: var(--a) }</style><i id=f></i>",
        "<style>#f::marker { content: 'Exemple' }</style><li id=f></li>",
        "<style>#f::after { content: counter(a, words) }</style><i id=f></i>",
        "<style>#f::after { content: if(style(--a: 1): 'a'; else: 'Exemple') }</style><i id=f></i>",
    ],
)
def test_what_is_laid_over_the_words_puts_them_in_doubt(beside: str) -> None:
    assert doubt(beside=beside)


@pytest.mark.parametrize(
    "beside",
    [
        "<a href='#main' style='position: absolute; width: 20px; height: 9px; background: #fff'>&gt;</a>",
        "<div style='position: absolute; top: 0'>Menu</div>",
        "<div style='position: absolute; top: 0; background: transparent'>Menu</div>",
        "<div style='display: none; position: fixed; inset: 0; background: #000'>Menu</div>",
        "<div style='margin-top: -10px; background: #fff'>Menu</div>",
        "<p style='outline: 2px solid #0a76f6; outline-offset: 2px; border: 1px solid #000'>Menu</p>",
        "<p style='outline: var(--none, thin dotted); box-shadow: inset 0 0 0 999px #eee'>Menu</p>",
        "<p style='filter: drop-shadow(0 1px 3px rgba(0, 0, 18, .16)); opacity: .2'>Menu</p>",
        "<h1 style='font-size: clamp(1rem, 4vw, 3rem); text-decoration: underline 2px'>Menu</h1>",
        "<style>#f::before { content: ''; background: #000091; height: 4px }</style><i id=f></i>",
        "<style>#f::before { content: var(--a) } :root { --a: counters(b, '. ') '» ' }</style><i id=f></i>",
        "<style>#f::before { content: var(--a); display: none } :root { --a: 'a' }</style><i id=f></i>",
        "<style>#f::before { content: open-quote url(x.svg) counter(b, decimal) }</style><i id=f></i>",
        '<ul style=\'list-style: none inside; quotes: "« " " »"\'><li>x</li></ul>',
        "<ul style='list-style-type: \"– \"'><li>x</li></ul>",
        "<style>#f { position: fixed; opacity: 0; background: #fff }</style><i id=f></i>",
        "<style>#f { position: fixed; visibility: hidden; background: #fff }</style><i id=f></i>",
        "<style>ul { --a: var(--b) } li { --b: calc(var(--a) * .9) } li::marker { font-size: var(--a) }"
        "</style><ul style='--b: 1rem'><li>a<ul><li>b</li></ul></li></ul>",
        "<div style='margin-right: 300px; position: relative; top: 9px; background: #fff'>Menu</div>",
    ],
)
def test_what_lies_beside_the_words_does_not(beside: str) -> None:
    assert not doubt(beside=beside)


@pytest.mark.parametrize(
    "rules",
    [
        "",
        "body { margin: 0; font: 1rem/1.5 Marianne, arial; color: #3a3a3a; background: #fff }",
        "main { display: flex; flex-wrap: wrap; gap: 1rem; max-width: 78rem; margin: 0 auto; padding: 9px }",
        "main { overflow: hidden; width: 100%; position: relative; z-index: 1 } body { overflow-x: hidden }",
        ".page { --ink: #161616; color: var(--ink) } [data-theme=dark] { --ink: #fff }",
        "main { --ink: #161616; --gap: 1.5rem } p { color: var(--ink); margin: calc(-.5 * var(--gap)) }",
        "p { color: #fff; background: #000091 }",
        ".page { background: #000 } p { color: white }",
        "p { color: #fff } p { color: #000 }",
        "p { color: #fff } #said { color: #000 }",
        "@media (prefers-color-scheme: dark) { body { background: #161616; color: #eee } }",
        "@media (forced-colors: active) { body { color: linktext; background: linktext } }",
        "@media print { p { color: #fff } }",
        "p { color: unknown(); color: #000 } p:hover { opacity: 0 } p::selection { color: #fff }",
        "p { box-shadow: 0 2px 2px 0 rgba(0,0,0,.14), 0 3px 1px -2px #333; filter: alpha(opacity=1) }",
        "p { transform: translate3d(0, 0, 0); transition: all .2s; -moz-opacity: 0; letter-spacing: .02em }",
        "p { background-image: linear-gradient(0deg, #000, #000); background-repeat: no-repeat;"
        " background-size: 100% 1px }",
        ".absent { opacity: 0 } #absent p { font-size: 0 } .page .absent ~ p { color: #fff }",
        "p::after { content: ''; position: absolute; inset: 0; background-color: rgba(0, 0, 0, 0) }",
        "p::before { content: ''; position: absolute; width: 1rem; height: 1rem; background: #000091 }",
    ],
)
def test_words_under_the_styles_of_usual_pages_are_believed(rules: str) -> None:
    assert doubt(rules=rules) == ""


def test_nothing_is_laid_over_what_it_holds_itself() -> None:
    assert not doubt(rules="main { margin-top: -40px; background: #fff }")
    assert doubt(rules=".beside { margin-top: -40px; background: #fff }", beside="<p class=beside>x</p>")


BAR = "<div id='cookies-banner' style='position: fixed; {}; background: #333'><p {}>Cookies</p>{}</div>"


@pytest.mark.parametrize(
    ("style", "inner", "more"),
    [
        ("bottom: 0; left: 0; right: 0; padding: .5em", "style='margin: 1rem; color: #fff'", ""),
        ("bottom: 0; height: 200px; width: 100%", "", "<a href='#' style='background: #fff'>Oui</a>"),
    ],
)
def test_a_bar_about_cookies_covers_nothing(style: str, inner: str, more: str) -> None:
    bar = BAR.format(style, inner, more)
    assert not doubt(beside=f"<div id=tarteaucitronRoot>{bar.replace('cookies-banner', 'x')}</div>")
    assert not doubt(beside=BAR.format(style, inner, more))
    assert doubt(beside=BAR.format(style, inner, more).replace("cookies-banner", "other"))


@pytest.mark.parametrize(
    ("style", "inner", "more"),
    [
        ("top: 0; bottom: 0; left: 1px", "", ""),
        ("inset: 0 1px", "", ""),
        ("bottom: 0; height: 99vh", "", ""),
        ("bottom: 0; height: 100%", "", ""),
        ("bottom: 0; line-height: 30", "", ""),
        ("bottom: 0; min-height: 99vh", "", ""),
        ("bottom: 0; padding-top: 500px", "", ""),
        ("bottom: 0; display: grid; gap: 500px", "", "<p>b</p>"),
        ("bottom: 0", "style='height: 900px'", ""),
        ("bottom: 0", "style='margin-top: 500px'", ""),
        ("bottom: 0", "style='position: absolute; top: -900px; background: #fff'", ""),
        ("bottom: 0", "style='outline: 900px solid #fff'", ""),
        ("bottom: 0", "style='font-size: 110px'", ""),
        ("bottom: 0", "", "<img src='x.png' alt=''>"),
        ("bottom: 0", "", "a " * 800),
        ("bottom: 0", "", "<p>b</p>" * 60),
        ("bottom: 0; position: absolute", "", ""),
        ("bottom: 0; transform: translateY(-500px)", "", ""),
    ],
)
def test_what_is_only_called_a_bar_may_cover(style: str, inner: str, more: str) -> None:
    assert doubt(beside=BAR.format(style, inner, more))


def test_variables_too_deep_to_follow_are_in_doubt() -> None:
    chain = "".join(f"--a{n}: var(--a{n + 1});" for n in range(3_000))
    assert doubt(rules=f":root {{ {chain} }} #said {{ zoom: var(--a0) }}")
    assert not doubt(rules=":root { --a: var(--b); --b: var(--a) } #said { zoom: var(--a) }")


def test_one_place_in_sight_is_enough() -> None:
    assert not doubt("font-size: 1px", beside=f"<p>{SAID}</p>")


def test_a_part_of_the_words_in_doubt_is_enough_to_doubt_them() -> None:
    said = SAID.replace("créneau", "<span style='font-size: 1px'>créneau</span>")
    assert doubt(body=f"<html><body><main><p>{said}</p></main></body></html>")


@pytest.mark.parametrize(
    "markup",
    [
        "<div style='color: #fff'>{}</div>",
        "<div style='color: #fefefe'><b>{}</b></div>",
        "<div style='background: #039'><p style='color: #0039a0'>{}</p></div>",
        "<table bgcolor='#eeeeee'><tr><td style='color: #eee'>{}</td></tr></table>",
        "<font color=white>{}</font>",
        "<bdo dir=rtl>{}</bdo>",
        "<marquee>{}</marquee>",
        "<svg><text>{}</text></svg>",
        "<div background='x.png'>{}</div>",
        "<style>.x {{ color: white }}</style><p class=x>{}</p>",
        "<style>.y {{ background: #123 }} .y p {{ color: #112233 }}</style><div class=y><p>{}</p></div>",
    ],
)
def test_letters_of_the_colour_of_what_is_behind_them_are_in_doubt(markup: str) -> None:
    assert doubt(body=f"<html><body><main>{markup.format(SAID)}</main></body></html>")


def test_letters_and_grounds_of_old_markup_are_compared_too() -> None:
    page = "<html><body bgcolor='{}'><main><font color='{}'>{}</font></main></body></html>"
    assert doubt(body=page.format("#000000", "#111111", SAID))
    assert doubt(body=page.format("white", "snow", SAID))
    assert not doubt(body=page.format("#ffffff", "#800000", SAID))
    assert doubt(body=f"<html><body text=white><main><p>{SAID}</p></main></body></html>")
    assert doubt(body=f"<html><body link=white><main><a href='/'>{SAID}</a></main></body></html>")
    assert not doubt(body=f"<html><body text=black><main><a href='/'>{SAID}</a></main></body></html>")


def test_what_a_shadow_shows_instead_is_not_read() -> None:
    shadow = "<template shadowrootmode=open><p>3 créneaux</p></template>"
    html = f"<html><body><main><div>{shadow}<p>{SAID}</p></div></main></body></html>"
    assert Page(received(html.encode())).unread == ("<template shadowrootmode>",)
    assert Page(received(html.encode(), rendered=html)).unread == ()
