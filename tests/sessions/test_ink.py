"""Words count as seen only when covering them changes the picture of the still page."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from PIL import Image

from probes.model import Capture, Session, Step
from tests.sessions.site import Site
from tests.sessions.visiting import Visitor

pytestmark = pytest.mark.browser

SAID = "Aucun créneau disponible"
LAYER = "left:0; top:0; width:100%; background:white; z-index:9"


def visited(visitor: Visitor, site: Site, *pages: str, words: Sequence[str] = (SAID,)) -> Capture:
    """The capture of a visit to each page in turn, where `words` could decide."""

    async def walk(session: Session) -> None:
        for n, page in enumerate(pages):
            await session.open(site.put(f"/page{n}", f"<!doctype html><body>{page}"))

    return visitor.visit(walk, lambda step: words)


def seen(visitor: Visitor, site: Site, page: str, *, words: Sequence[str] = (SAID,)) -> list[str]:
    (step,) = visited(visitor, site, page, words=words).steps
    assert step.failure is None, step.detail
    assert step.ink is not None
    return [ink.words for ink in step.ink]


def styled(style: str, around: str = "") -> str:
    return f'<div style="{around}"><p style="{style}">{SAID}</p></div>'


HIDDEN = {
    "display": styled("display:none"),
    "visibility": styled("visibility:hidden"),
    "opacity 0": styled("opacity:0"),
    "opacity .001": styled("opacity:.001"),
    "opacity .01": styled("opacity:.01"),
    "opacity around": styled("", "opacity:.02"),
    "white": styled("color:white"),
    "nearly white": styled("color:#fefefe"),
    "same colour": styled("color:rgb(40,60,80)", "background:rgb(40,60,80)"),
    "transparent": styled("color:transparent"),
    "alpha": styled("color:rgba(0,0,0,.03)"),
    "fill": styled("-webkit-text-fill-color:transparent"),
    "circle": styled("clip-path:circle(0)"),
    "inset": styled("clip-path:inset(49% 49%)"),
    "rect": styled("position:absolute; clip:rect(0,0,0,0)"),
    "scale": styled("transform:scale(0)"),
    "turned": styled("transform:rotateY(90deg)"),
    "left": styled("position:absolute; left:-4000px"),
    "right": styled("position:absolute; left:4000px"),
    "far right": styled("position:absolute; left:9999px"),
    "up": styled("position:absolute; top:-4000px"),
    "moved": styled("transform:translateX(-200vw)"),
    "margin": styled("margin-left:-4000px"),
    "indent": styled("text-indent:-4000px; overflow:hidden"),
    "indent right": styled("text-indent:100%; white-space:nowrap; overflow:hidden"),
    "size": styled("font-size:0"),
    "zoom": styled("zoom:.01"),
    "filter": styled("filter:opacity(0)"),
    "mask": styled("-webkit-mask:linear-gradient(transparent,transparent); mask:linear-gradient(#0000,#0000)"),
    "blur": styled("filter:blur(30px)"),
    "fixed layer": f'<p>{SAID}</p><div style="position:fixed; inset:0; {LAYER}"></div>',
    "fixed layer by edges": f'<p>{SAID}</p><div style="position:fixed; height:100vh; {LAYER}"></div>',
    "absolute layer": f'<p>{SAID}</p><div style="position:absolute; height:4000px; {LAYER}"></div>',
    "sticky layer": f'<div style="position:sticky; height:100vh; {LAYER}">x</div><p style="margin-top:-90vh">{SAID}</p>',
    "top layer": f"<p>{SAID}</p><dialog style='inset:0; width:100vw; height:100vh; max-width:none; max-height:none'>x"
    "</dialog><script>document.querySelector('dialog').showModal()</script>",
    "sibling": f'<p>{SAID}</p><div style="margin-top:-60px; height:80px; position:relative; {LAYER}"></div>',
    "picture": f"<p>{SAID}</p><img style='position:absolute; left:0; top:0' width=900 height=300 src=\"data:image/svg+xml,"
    "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='3'><rect width='9' height='9'/></svg>\">",
    "layer below the fold": f'<p style="margin-top:3000px">{SAID}</p>'
    f'<div style="position:fixed; inset:0; {LAYER}"></div>',
    "height": styled("", "height:0; overflow:hidden"),
    "cut below": styled("margin-top:80px", "height:40px; overflow:hidden"),
    "cut in half": styled("white-space:nowrap; width:90px; overflow:hidden"),
    "ellipsis": styled("white-space:nowrap; width:120px; overflow:hidden; text-overflow:ellipsis"),
    "details": f"<details><summary>+</summary>{SAID}</details>",
    "option": f"<select><option>Choisir</option><option>{SAID}</option></select>",
    "svg title": f"<svg width=90 height=90><title>{SAID}</title><circle r=9 /></svg>",
    "progress": f"<progress max=9 value=3>{SAID}</progress>",
    "meter": f"<meter>{SAID}</meter>",
    "video": f"<video>{SAID}</video>",
    "canvas": f"<canvas>{SAID}</canvas>",
    "object": f"<iframe>{SAID}</iframe>",
    "popover": f"<div popover>{SAID}</div>",
    "dialog": f"<dialog>{SAID}</dialog>",
    "noscript": f"<noscript>{SAID}</noscript>",
    "hidden input": f"<input type=hidden value='{SAID}'>",
    "content visibility": styled("", "content-visibility:hidden"),
    "blend": styled("color:#fff; mix-blend-mode:multiply"),
    "half hidden": "<p>Aucun créneau <span style='color:white'>disponible</span></p>",
    "button of its colour": f"<button style='color:#efefef; background:#efefef; border:0'>{SAID}</button>",
    "input of its colour": f"<input type=submit style='color:#efefef; background:#efefef' value='{SAID}'>",
}  # fmt: skip


@pytest.mark.parametrize("page", HIDDEN.values(), ids=HIDDEN.keys())
def test_words_that_nobody_could_see_have_no_ink(in_browser: Visitor, site: Site, page: str) -> None:
    assert seen(in_browser, site, page) == []


SHOWN = {
    "plain": f"<p>{SAID}</p>",
    "bold": f"<p><b>{SAID}</b></p>",
    "small": styled("font-size:9px"),
    "grey": styled("color:#767676"),
    "on colour": styled("color:white", "background:navy"),
    "important": f"<style>p {{ color:#900 !important }}</style><p>{SAID}</p>",
    "below the fold": f'<p style="margin-top:3000px">{SAID}</p>',
    "at the very end": f'<div style="height:9000px"></div><p>{SAID}</p>',
    "under a banner": f'<p style="margin-top:800px">{SAID}</p><div style="height:900px"></div>'
    f'<div style="position:fixed; bottom:0; height:200px; {LAYER}">cookies</div>',
    "button": f"<button>{SAID}</button>",
    "submit": f"<input type=submit value='{SAID}'>",
    "important button": f"<style>input {{ color:#900 !important; transition:color 2s }}</style><input type=submit value='{SAID}'>",
    "input": f"<input size=40 value='{SAID}'>",
    "chosen": f"<select><option>Choisir</option><option selected>{SAID}</option></select>",
    "label": f"<button aria-label='{SAID}' style='width:20px; height:20px; background:navy'></button>",
    "cell": f"<table><tr><td>Lundi</td><td>{SAID}</td></tr></table>",
    "columns": f'<div style="columns:2; width:300px">{SAID}<br>autre chose<br>encore</div>',
    "several elements": "<p>Aucun <b>créneau</b>\n <i>dispo</i>nible</p>",
    "several lines": f'<p style="width:60px">{SAID}</p>',
    "two blocks": "<div>Aucun créneau</div><div>disponible</div>",
    "around what is hidden": "<p>Aucun <span style='display:none'>petit</span> créneau&nbsp;dispo&shy;nible</p>",
    "shadow": f"<div id=host></div><script>host.attachShadow({{mode:'open'}}).innerHTML = '<p>{SAID}</p>'</script>",
    "slotted": f"<div id=host><p>{SAID}</p></div><script>host.attachShadow({{mode:'open'}}).innerHTML = '<slot></slot>'</script>",
    "scrolled": f'<div style="height:100px; overflow:auto"><div style="height:900px"></div><p>{SAID}</p></div>',
    "scrolled sideways": f'<div style="width:300px; overflow-x:auto"><p style="margin-left:900px; width:400px">{SAID}</p></div>',
    "a second place": f"<p hidden>{SAID}</p><p style='opacity:0'>{SAID}</p><p>{SAID}</p>",
    "open": f"<details open><summary>+</summary>{SAID}</details>",
    "open dialog": f"<dialog open>{SAID}</dialog>",
    "after animation": "<style>@keyframes in { from { opacity:0 } } p { animation:in 2s 1s backwards }</style>"
    f"<p>{SAID}</p>",
    "frozen counter": f"<p>{SAID}</p><p id=n></p><script>let i = 0; setInterval(() => (n.textContent = i++), 50)</script>",
}  # fmt: skip


@pytest.mark.parametrize("page", SHOWN.values(), ids=SHOWN.keys())
def test_words_that_a_person_could_see_have_ink(in_browser: Visitor, site: Site, page: str) -> None:
    assert seen(in_browser, site, page) == [SAID]


def test_each_text_has_its_own_rectangle_on_the_page(in_browser: Visitor, site: Site) -> None:
    page = "<body style='margin:0'><p style='margin:0;height:50px'>un mot</p><p style='margin:2000px 0 0 100px'>un autre"
    (step,) = visited(in_browser, site, page, words=("un mot", "absent", "un autre")).steps
    first, second = step.ink or ()
    assert (first.words, first.left, first.top) == ("un mot", 0, 0)
    assert (second.words, second.left, second.top) == ("un autre", 100, 2050)
    assert 30 < second.width < 120
    assert 10 < second.height < 30


def test_a_part_of_another_word_is_no_place(in_browser: Visitor, site: Site) -> None:
    assert seen(in_browser, site, "<p>19 mars, 2012, Créneaux</p>", words=("9", "12", "Créneau", "mars")) == [
        "mars"
    ]


def test_the_test_leaves_the_page_as_it_was(in_browser: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(
            site.put(
                "/page", f"<!doctype html><input value='{SAID}'><p>{SAID}</p><div style='height:3000px'>"
            )
        )
        state = "() => [document.body.outerHTML, document.adoptedStyleSheets.length, CSS.highlights.size, scrollY]"
        html, *rest = await session.tab.run(state)  # type: ignore[attr-defined]
        assert 'style=""' not in html and rest == [0, 0, 0]

    in_browser.visit(walk, lambda step: (SAID,))


def test_without_words_that_decide_no_ink_is_measured(in_browser: Visitor, site: Site) -> None:
    assert in_browser.open(site.url("/conditions")).ink is None
    assert seen(in_browser, site, f"<p>{SAID}</p>", words=()) == []


def test_the_words_are_asked_of_the_page_as_it_is_copied(in_browser: Visitor, site: Site) -> None:
    asked: list[Step] = []

    def deciding(step: Step) -> Sequence[str]:
        asked.append(step)
        return ()

    in_browser.visit(lambda session: session.open(site.put("/page", f"<p>{SAID}</p>")), deciding)
    assert [step.settled for step in asked] == [True]
    assert SAID in (asked[0].rendered or "")


RED = "<body style='background:red'>"


def colour(picture: bytes | None, at: tuple[int, int] = (5, 5)) -> tuple[int, ...]:
    assert picture is not None
    found = Image.open(io.BytesIO(picture)).convert("RGB").getpixel(at)
    assert isinstance(found, tuple)
    return found


def test_the_picture_is_of_the_last_page_that_had_words(in_browser: Visitor, site: Site) -> None:
    words: dict[str, Sequence[str]] = {site.url("/page1"): (SAID,)}

    async def walk(session: Session) -> None:
        for n, page in enumerate(("<p>a", f"{RED}<p>{SAID}", "<p>c")):
            await session.open(site.put(f"/page{n}", f"<!doctype html>{page}"))

    capture = in_browser.visit(walk, lambda step: words.get(step.final_url, ()))
    red, green, blue = colour(capture.screenshot)
    assert red > 200 > 100 > max(green, blue)


def test_the_picture_shows_the_words_below_the_fold(in_browser: Visitor, site: Site) -> None:
    page = f"<body style='margin:0'><div style='height:3000px'></div><p style='background:red; margin:0'>{SAID}</p>"
    capture = visited(in_browser, site, page)
    (ink,) = capture.steps[0].ink or ()
    red, green, _ = colour(capture.screenshot, (600, ink.top + 2))
    assert red > 200 > 100 > green


def test_the_picture_is_not_endless(in_browser: Visitor, site: Site) -> None:
    capture = visited(in_browser, site, "<div style='height:90000px'>")
    assert capture.screenshot is not None
    assert Image.open(io.BytesIO(capture.screenshot)).height == 8000


def test_the_stop_line_is_kept_while_the_page_is_looked_at(in_browser: Visitor, site: Site) -> None:
    page = f"<p>{SAID}</p><div style='height:4000px'></div><img loading=lazy src=/off/book><p>Fin</p>"
    visited(in_browser, site, page, words=(SAID, "Fin"))
    assert not any("/off/" in asked for asked in site.asked)
