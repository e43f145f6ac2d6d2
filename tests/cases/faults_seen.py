"""Faults A and B: read before the page had finished speaking, and hidden in a way that no list knew.

Of each kind, one case as it was reported, and others of our own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from probes.model import Transport
from tests.cases.products import (
    NO_OFFER,
    NONE_FOUND,
    TAKEN,
    TOWN,
    bare,
    classic,
    esirius,
    hour,
    month,
    place,
    search,
    slot,
    town,
    week,
)
from tests.cast.lie import NONE, NOTHING, SOME, Lie, Scene, Served

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2027, 1, 12, 8, 30, tzinfo=PARIS)
BROWSER, HTTP = frozenset({Transport.BROWSER}), frozenset({Transport.HTTP})
IN_TIME = place("mardi 12 janvier 2027 à 08h30")


def faults() -> Iterator[Lie]:
    """Every case of A and B."""
    yield from _plain()
    yield from _placeholders()
    yield from _placeholders_otherwise()
    yield from _late_sheets()
    yield from _classes()
    yield from _classes_otherwise()
    yield from _inline()
    yield from _inline_otherwise()
    yield from _twice()


def _plain() -> Iterator[Lie]:
    """What the cases below change: if these were not read, the others would prove nothing."""
    yield classic("plain: none, classic", NONE, Scene(html=TAKEN), why="the sentence alone")
    free = Scene(html=hour(TUESDAY))
    yield classic(
        "plain: an hour, classic", SOME, free, step=4, earliest=TUESDAY, slots=1, why="one free hour"
    )
    yield search("plain: none, search", NONE, Scene(html=NONE_FOUND), why="the sentence alone")
    yield search("plain: a place, search", SOME, Scene(html=IN_TIME), earliest=TUESDAY, why="one date")
    one = Scene(html=week("2027-01-12T08:30:00%2B01:00"))
    yield search("plain: an hour, search", SOME, one, earliest=TUESDAY, slots=1, why="one hour")
    yield town("plain: none, described", NONE, Scene(html=NO_OFFER), why="the sentence alone")
    day = Scene(html=slot("mardi 12 janvier 2027 à 8h30"))
    yield town("plain: a slot, described", SOME, day, earliest=TUESDAY, slots=1, why="one slot")
    midnight = TUESDAY.replace(hour=0, minute=0)
    chosen = month("Janvier 2027", "12")
    yield esirius("plain: a day, eSirius", SOME, month=chosen, earliest=midnight, why="one day")
    alert = (
        "Aucun rendez-vous n'est possible pour les motifs selectionnnés ou le créneau horaire séléctionné."
    )
    yield esirius("plain: none, eSirius", NONE, alert=alert, why="the site's own alert")


def _asked_for(path: str, html: str, by: str, late: float) -> Scene:
    """`html`, replaced by what the page's own request brings `late` seconds later."""
    script = (
        f"fetch('{path}').then(a=>a.text()).then(t=>{{document.getElementById('suite').innerHTML=t}})"
        if late
        else ""
    )
    return Scene(
        html=f"<div id='suite'>{html}</div><script>{script}</script>",
        more={path: Served(body=by.encode(), kind="text/plain; charset=utf-8", late=late)},
    )


def _placeholders() -> Iterator[Lie]:
    for late in (0.3, 1.0, 3.0):
        why = "« none » is a placeholder, slots come by the page's own request"
        scene = _asked_for("/ajax/creneaux", NONE_FOUND, IN_TIME, late)
        yield search(f"A1 search, {late} s", NOTHING | SOME, scene, why=why)
        scene = _asked_for("/ajax/plages", TAKEN, hour(TUESDAY), late)
        yield classic(f"A1 classic, {late} s", NOTHING | SOME, scene, why=why)


def _placeholders_otherwise() -> Iterator[Lie]:
    path = f"{TOWN}/creneaux"
    found = slot("mardi 12 janvier 2027 à 8h30")
    script = (
        f"var r=new XMLHttpRequest();r.open('GET','{path}');r.onload=function(){{document.getElementById('reponse')"
        ".innerHTML=r.responseText};r.send()"
    )
    for late in (0.3, 2.0):
        more = {path: Served(body=found.encode(), kind="text/plain; charset=utf-8", late=late)}
        scene = Scene(html=f"{NO_OFFER}<script>{script}</script>", more=more)
        why = "a request that the description lists brings the answer"
        name = f"A1 otherwise: described, {late} s"
        exact: dict[str, Any] = {"earliest": TUESDAY, "slots": 1, "why": why}
        yield town(f"{name}, Chromium", SOME, scene, transports=BROWSER, **exact)
        yield town(f"{name}, HTTP", NOTHING, scene, transports=HTTP, **exact)
    timer = "setTimeout(function(){{document.querySelector('.card-body {0}').outerHTML=`{1}`}},{2})"
    for ms in (40, 700, 2600):
        script = timer.format(".rdv-font-weight-700", IN_TIME, ms)
        scene = Scene(html=f"{NONE_FOUND}<script>{script}</script>")
        name, why = f"A1 otherwise: search, a timer of {ms} ms", "a timer puts a place where « none » stood"
        yield search(f"{name}, Chromium", SOME, scene, transports=BROWSER, earliest=TUESDAY, why=why)
        yield search(f"{name}, HTTP", NOTHING, scene, transports=HTTP, why=why)
    late_script = Served(
        body=f"document.getElementById('attente').outerHTML={hour(TUESDAY)!r}".encode(),
        kind="text/javascript",
        late=0.8,
    )
    scene = Scene(
        html=f"<div id='attente'>{TAKEN}</div>",
        head="<script async src='/static/plages.js'></script>",
        more={"/static/plages.js": late_script},
    )
    yield classic(
        "A1 otherwise: classic, a script that comes late",
        NOTHING | SOME,
        scene,
        transports=BROWSER,
        why="the script replaces « none » by a free hour",
    )


def _sheet(rules: str, late: float) -> Served:
    return Served(body=rules.encode(), kind="text/css", late=late)


def _late_sheets() -> Iterator[Lie]:
    link = "<link rel='stylesheet' href='/static/portail.css'>"
    for late in (0.05, 0.3, 0.5, 1.5, 2.0):
        more = {"/static/portail.css": _sheet(".corps{display:none}", late)}
        for what, html, step in (("none", TAKEN, 2), ("an hour", hour(TUESDAY), 4)):
            scene = Scene(html=f"<div class='corps'>{html}</div>", head=link, more=more)
            why = "a sheet hides the answer when it has come"
            yield classic(f"A2 {what}, a sheet {late} s late", NOTHING, scene, step=step, why=why)
    for late in (0.2, 1.2):
        more = {
            "/static/a.css": _sheet("@import '/static/b.css';", 0),
            "/static/b.css": _sheet(".volet{height:0;overflow:hidden}", late),
        }
        head = "<style>@import '/static/a.css';</style>"
        scene = Scene(html=f"<div class='volet'>{NONE_FOUND}</div>", head=head, more=more)
        why = "a sheet that another one imports folds the answer away"
        yield search(f"A2 otherwise: imported, {late} s late", NOTHING, scene, why=why)
        script = "var l=document.createElement('link');l.rel='stylesheet';l.href='/static/b.css';document.head.append(l)"
        more = {"/static/b.css": _sheet("#reponse ul{opacity:0}", late)}
        html = f"{slot('mardi 12 janvier 2027 à 8h30')}<script>{script}</script>"
        yield town(
            f"A2 otherwise: a script adds a sheet, {late} s late",
            NOTHING,
            Scene(html=html, more=more),
            transports=BROWSER,
            why="a script adds the sheet that hides the slots",
        )


_FRAMEWORKS = {
    "d-none": "display:none!important",
    "fr-hidden": "display:none!important",
    "hidden": "display:none",
    "sr-only": "position:absolute;width:1px;height:1px;padding:0;margin:-1px;overflow:hidden;clip:rect(0,0,0,0);border:0",
    "visually-hidden": "position:absolute!important;width:1px!important;height:1px!important;overflow:hidden!important",
}


def _classes() -> Iterator[Lie]:
    link = "<link rel='stylesheet' href='/static/cadre.css'>"
    for name, rules in _FRAMEWORKS.items():
        more = {"/static/cadre.css": _sheet(f".{name}{{{rules}}}", 0)}
        scene = Scene(html=f"<div class='{name}'>{TAKEN}</div>", head=link, more=more)
        yield classic(f"B1 .{name}", NOTHING, scene, why="a class of a framework hides the sentence")


_OWN_RULES = {
    "folded": "[data-etat='ferme']{max-height:0;overflow:hidden}",
    "child": "#reponse>.corps,.card-body>.corps{display:none}",
    "unless open": ".corps:not(.ouvert){visibility:hidden}",
    "media": "@media (min-width:1px){.corps{display:none}}",
    "layer": "@layer base{.corps{display:none}}",
    "supports": "@supports (display:grid){.corps{display:none}}",
    "nested": ".corps{&[data-etat]{display:none}}",
    "where": ":where(.corps){display:none}",
    "sibling": "h2+.corps{position:absolute;left:-200vw}",
}


def _classes_otherwise() -> Iterator[Lie]:
    link = "<link rel='stylesheet' href='/theme/site.css'>"
    frame = "<h2></h2><div class='corps' data-etat='ferme'>{}</div>"
    for name, rules in _OWN_RULES.items():
        more = {"/theme/site.css": _sheet(rules, 0)}
        why = "a rule of the site's own hides the answer"
        scene = Scene(html=frame.format(NONE_FOUND), head=link, more=more)
        yield search(f"B1 otherwise: search, {name}", NOTHING, scene, why=why)
        scene = Scene(html=frame.format(slot("mardi 12 janvier 2027 à 8h30")), head=link, more=more)
        yield town(f"B1 otherwise: described, {name}", NOTHING, scene, why=why)


_STYLES = {
    "white on white": "color:#fff;background:#fff",
    "opacity .001": "opacity:.001",
    "4,000 px to the right": "position:absolute;left:4000px",
    "zoom .01": "zoom:.01",
    "transparent letters": "color:transparent",
    "filter": "filter:opacity(0)",
    "mask": "mask:linear-gradient(transparent,transparent);-webkit-mask:linear-gradient(transparent,transparent)",
    "scale(0)": "transform:scale(0)",
}
_OTHER_STYLES = {
    "pushed left": "text-indent:-9999px;white-space:nowrap;overflow:hidden",
    "polygon": "clip-path:polygon(0 0,0 0,0 0)",
    "on edge": "transform:rotateX(90deg)",
    "pale": "color:rgb(255 255 255 / 2%)",
    "small": "font-size:.1px",
    "translated": "translate:-300vw",
    "narrow": "width:0;overflow:hidden;white-space:nowrap",
    "moved up": "position:relative;top:-6000px",
    "no fill": "-webkit-text-fill-color:rgba(0,0,0,0)",
    "brightness": "filter:brightness(100) invert(0);color:#fff",
    "closed grid": "display:grid;grid-template-rows:0fr;height:0;overflow:clip",
    "not rendered": "content-visibility:hidden",
}


def _inline() -> Iterator[Lie]:
    for name, css in _STYLES.items():
        scene = Scene(html=f"<div style='{css}'>{TAKEN}</div>")
        yield classic(f"B2 {name}", NOTHING, scene, why="the sentence is there and has no ink")


def _inline_otherwise() -> Iterator[Lie]:
    for name, css in _OTHER_STYLES.items():
        scene = Scene(html=f"<div style='{css}'>{NONE_FOUND}</div>")
        yield search(f"B2 otherwise: {name}, attribute", NOTHING, scene, why="nobody sees the sentence")
        scene = Scene(html=f"<div class='x'>{NO_OFFER}</div>", head=f"<style>.x{{{css}}}</style>")
        yield town(f"B2 otherwise: {name}, rule", NOTHING, scene, why="nobody sees the sentence")
    over = "<div style='position:relative;margin-top:-90px;height:120px;background:#fff'></div>"
    covered = search(
        "B2 otherwise: covered", NOTHING, Scene(html=NONE_FOUND + over), why="a box lies over it"
    )
    yield replace(covered, transports=BROWSER)


def _twice() -> Iterator[Lie]:
    """Words that nobody sees where they would decide, and that everybody sees where they mean nothing."""
    why = "what is seen is another place of the same words"
    faint = "<div style='opacity:.004'>{}</div>"
    for name, aside in {
        "in a notice": "<p>{}</p>",
        "in a question": "<p>Que signifie « {} » ?</p>",
        "in a field": "<textarea cols='90' rows='3'>{}</textarea>",
        "typed": '<input size="120" value="{}">',
    }.items():
        said = aside.format(bare(TAKEN))
        scene = Scene(html=faint.format(TAKEN))
        yield classic(f"B2 otherwise: again {name}, classic", NOTHING, scene, above=said, why=why)
        said = aside.format(bare(NONE_FOUND))
        scene = Scene(html=faint.format(NONE_FOUND))
        yield search(f"B2 otherwise: again {name}, search", NOTHING, scene, above=said, why=why)
        said = aside.format(bare(NO_OFFER))
        scene = Scene(html=faint.format(NO_OFFER))
        yield town(f"B2 otherwise: again {name}, described", NOTHING, scene, above=said, why=why)
    legend = "<p>Légende : <span>libre</span> - <span>complet</span></p>"
    scene = Scene(html=faint.format(hour(TUESDAY)).replace("<a ", "<a style='color:inherit' ") + legend)
    yield classic("B2 otherwise: an hour beside its legend", NOTHING, scene, step=4, why=why)
