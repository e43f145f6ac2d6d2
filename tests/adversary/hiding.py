"""Ways in which words are on a page and nobody sees them, and ways in which they are seen but say nothing.

Each takes the HTML of an answer and gives a scene.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from tests.cast.lie import Scene, Served

Trick = Callable[[str], Scene]

STYLES = {
    "no display": "display:none",
    "no visibility": "visibility:hidden",
    "collapsed": "visibility:collapse",
    "opacity 0": "opacity:0",
    "opacity near 0": "opacity:.004",
    "filtered away": "filter:opacity(0)",
    "white on white": "color:#fff;background:#fff",
    "nearly white on white": "color:#fefefe;background:#fff",
    "transparent": "color:transparent",
    "no fill": "-webkit-text-fill-color:transparent",
    "clipped to nothing": "clip-path:circle(0)",
    "clipped inset": "clip-path:inset(50%)",
    "clipped box": "position:absolute;clip:rect(0 0 0 0)",
    "scaled to nothing": "transform:scale(0)",
    "turned edge on": "transform:rotateY(90deg)",
    "off to the left": "position:absolute;left:-9000px",
    "off to the top": "position:absolute;top:-9000px",
    "far right in a box": "position:fixed;left:4000px;top:0",
    "no size": "font-size:0",
    "tiny": "zoom:.01",
    "no height": "height:0;overflow:hidden",
    "one pixel": "position:absolute;width:1px;height:1px;overflow:hidden",
    "masked": "-webkit-mask:linear-gradient(transparent,transparent);mask:linear-gradient(transparent,transparent)",
    "blurred": "filter:blur(40px)",
    "not rendered": "content-visibility:hidden",
    "letters on a like gradient": "color:#111;background:linear-gradient(#000,#111)",
    "modern white": "color:oklch(100% 0 0);background:white",
    "letters on each other": "letter-spacing:-2em;width:1px;overflow:hidden",
    "moved by translate": "translate:-9000px",
    "moved by an offset": "position:relative;left:-9000px",
    "moved by a logical offset": "position:relative;inset-inline-start:-9000px",
    "under a shadow of its own": "box-shadow:inset 0 0 0 900px #000;color:#000",
    "under its own outline": "outline:900px solid #fff;outline-offset:-900px",
    "scrolled away": "height:1px;overflow:auto",
    "blended away": "mix-blend-mode:multiply;color:#fff;background:#fff",
}

OVER = "position:{how};inset:0;background:#fff;z-index:9"

TAGS = {
    "option not chosen": "<select><option selected>Choisissez</option><option>{0}</option></select>",
    "tooltip of an icon": "<svg width='20' height='20'><title>{0}</title><circle r='9' cx='10' cy='10'/></svg>",
    "fallback of a bar": "<progress value='1' max='2'>{0}</progress>",
    "fallback of a meter": "<meter value='.5'>{0}</meter>",
    "fallback of a video": "<video>{0}</video>",
    "closed details": "<details><summary>Aide</summary><div>{0}</div></details>",
    "closed dialog": "<dialog>{0}</dialog>",
    "popover": "<div popover>{0}</div>",
    "template": "<template>{0}</template>",
    "noscript": "<noscript>{0}</noscript>",
    "comment": "<!-- {0} -->",
    "hidden attribute": "<div hidden>{0}</div>",
    "until found": "<div hidden='until-found'>{0}</div>",
    "data list": "<datalist><option>{0}</option></datalist>",
    "empty slot": "<div id='h'>{0}</div><script>document.getElementById('h').attachShadow({{mode:'open'}})</script>",
}

SAYING_NOTHING = {
    "quotation": "<blockquote>{0}</blockquote><p>Ce message s'affichait à tort la semaine dernière.</p>",
    "quoted in a line": "<p>Le message « </p>{0}<p> » s'affichait à tort.</p>",
    "struck": "<del>{0}</del><p>De nouvelles dates seront annoncées.</p>",
    "struck by style": "<div style='text-decoration:line-through'>{0}</div><p>Corrigé depuis.</p>",
    "help question": "<h3>Que faire si ce message s'affiche ?</h3>{0}<p>Revenez plus tard.</p>",
    "list of messages": "<table><tr><th>Message</th><th>Sens</th></tr><tr><td>{0}</td><td>Complet</td></tr></table>",
    "field of text": "<textarea>{0}</textarea>",
    "archived": "<h3>Archives : message du 3 mars 2025</h3>{0}",
    "beside an error": "{0}<p class='error'>Une erreur est survenue : le calendrier n'a pas pu être chargé.</p>",
    "beside another office": "{0}<p>Des rendez-vous sont disponibles à Nogent.</p>",
    "with a condition": "{0}<p>(avant le 15 janvier 2027)</p>",
    "example": "<p>Exemple de réponse :</p>{0}",
}

LATE = (0.0, 0.05, 0.3, 1.5)


LINKS = ".zq a{color:inherit;-webkit-text-fill-color:inherit}"
"""Else a link keeps its own blue where its surroundings are transparent, and a person sees it."""


def by_style(css: str, html: str) -> Scene:
    """Hidden by a style attribute, which links and headings take on."""
    taken_on = "color:inherit;-webkit-text-fill-color:inherit"
    html = html.replace("<a ", f'<a style="{taken_on}" ').replace("<h3 ", f'<h3 style="{taken_on}" ')
    return Scene(html=f'<div style="{css}">{html}</div>')


def by_rule(css: str, html: str) -> Scene:
    """Hidden by a rule in the page."""
    return Scene(html=f'<div class="zq">{html}</div>', head=f"<style>.zq{{{css}}} {LINKS}</style>")


def by_sheet(css: str, late: float, html: str) -> Scene:
    """Hidden by a linked sheet that comes `late` seconds late."""
    sheet = Served(body=f".zq{{{css}}} {LINKS}".encode(), kind="text/css", late=late)
    return Scene(
        html=f'<div class="zq">{html}</div>',
        head='<link rel="stylesheet" href="/static/z.css">',
        more={"/static/z.css": sheet},
    )


def by_import(css: str, late: float, html: str) -> Scene:
    """Hidden by a sheet that a linked sheet imports, late."""
    return Scene(
        html=f'<div class="zq">{html}</div>',
        head='<link rel="stylesheet" href="/static/a.css">',
        more={
            "/static/a.css": Served(body=b"@import url(/static/b.css);", kind="text/css"),
            "/static/b.css": Served(body=f".zq{{{css}}}".encode(), kind="text/css", late=late),
        },
    )


def under(how: str, html: str) -> Scene:
    """Under a layer over the whole window."""
    return Scene(html=f"{html}<div style='{OVER.format(how=how)}'>Chargement</div>")


def in_tag(frame: str, html: str) -> Scene:
    """In an element that shows it to nobody, or that takes its meaning away."""
    return Scene(html=frame.format(html))


HIDDEN: Mapping[str, Trick] = {
    **{f"{name}, by attribute": partial(by_style, css) for name, css in STYLES.items()},
    **{f"{name}, by rule": partial(by_rule, css) for name, css in STYLES.items()},
    **{
        f"{name}, by sheet {late} s late": partial(by_sheet, STYLES[name], late)
        for name in ("no display", "opacity near 0", "white on white", "off to the top")
        for late in LATE
    },
    **{f"by imported sheet {late} s late": partial(by_import, "display:none", late) for late in LATE},
    **{f"under a {how} layer": partial(under, how) for how in ("fixed", "absolute")},
    **{name: partial(in_tag, frame) for name, frame in TAGS.items()},
}

SAID_WITHOUT_MEANING: Mapping[str, Trick] = {
    name: partial(in_tag, frame) for name, frame in SAYING_NOTHING.items()
}


def replaced(ms: int, html: str, by: str) -> Scene:
    """What stands first is replaced by a timer."""
    script = f"setTimeout(()=>{{document.getElementById('zr').innerHTML={by!r}}},{ms})"
    return Scene(html=f"<div id='zr'>{html}</div><script>{script}</script>")


def answered_late(late: float, html: str, by: str) -> Scene:
    """What stands first is replaced by the answer to the page's own request."""
    script = "fetch('/static/z.json').then(a=>a.text()).then(t=>{document.getElementById('zr').innerHTML=t})"
    return Scene(
        html=f"<div id='zr'>{html}</div><script>{script}</script>",
        more={"/static/z.json": Served(body=by.encode(), kind="text/plain; charset=utf-8", late=late)},
    )
