"""Faults K, L and N: working pages that were called down, dates in words, and pages that were called incomplete.

Of each kind, one case as it was reported, and others of our own. All of them have an answer that a person sees.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.cases.products import (
    CLASSIC,
    NO_OFFER,
    NONE_FOUND,
    SEARCH,
    TAKEN,
    TOWN,
    classic,
    hour,
    place,
    search,
    slot,
    town,
)
from tests.cast.lie import NONE, NOTHING, SOME, Lie, Scene, Served

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2027, 1, 12, 8, 30, tzinfo=PARIS)
Bodies = Callable[[str], Iterator[tuple[str, bytes, str]]]
"""Gives the ways to send a page: name, body, content type."""
DATED = place("mardi 12 janvier 2027 à 08h30")


def faults() -> Iterator[Lie]:
    """Every case of K, L and N."""
    yield from _notices()
    yield from _notices_otherwise()
    yield from _content_types()
    yield from _dates()
    yield from _dates_otherwise()
    yield from _encodings()
    yield from _encodings_otherwise()


_NOTICES = {
    "a Saturday": "<p>Le service est indisponible le samedi 12 décembre de 8 h à 12 h.</p>",
    "Tuesdays": "<p>Le site est en maintenance tous les mardis de 7 h à 8 h.</p>",
    "Monday mornings": "<p>Le service est surchargé le lundi matin.</p>",
    "a queue of files": "<p>Votre dossier est dans la file d'attente depuis le dépôt.</p>",
    "Turnstile": "<div class='cf-turnstile' data-sitekey='x'></div>",
}
_OTHER_NOTICES = {
    "the night": "<div class='alert'>Notre plateforme sera en maintenance la nuit du 3 au 4 décembre.</div>",
    "messages alone": "<aside>Le service est momentanément indisponible pour l'envoi des SMS.</aside>",
    "a past outage": "<p>Hier, le site était indisponible ; merci de votre patience.</p>",
    "a rule of queues": "<p>Une file d'attente peut s'afficher aux heures de pointe.</p>",
    "the word": "<a href='/maintenance'>Calendrier des maintenances</a>",
    "hCaptcha, unseen": "<div class='h-captcha' data-size='invisible'></div>",
}


def _beside(name: str, notice: str) -> Iterator[Lie]:
    why = "a notice of other days, or a box, beside an answer"
    yield search(f"{name}, none", NONE, Scene(html=NONE_FOUND), above=notice, why=why)
    yield search(f"{name}, a place", SOME, Scene(html=DATED), above=notice, why=why, earliest=TUESDAY)
    yield classic(f"{name}, classic", NONE, Scene(html=TAKEN), above=notice, why=why)
    free = Scene(html=hour(TUESDAY))
    yield classic(f"{name}, an hour", SOME, free, above=notice, step=4, why=why, earliest=TUESDAY, slots=1)


def _notices() -> Iterator[Lie]:
    for name, notice in _NOTICES.items():
        yield from _beside(f"K1 {name}", notice)


def _notices_otherwise() -> Iterator[Lie]:
    for name, notice in _OTHER_NOTICES.items():
        yield from _beside(f"K1 otherwise: {name}", notice)
        why = "a notice of other days beside an answer"
        yield town(f"K1 otherwise: {name}, described", NONE, Scene(html=NO_OFFER), above=notice, why=why)
    why = "the outage is now, and takes the answer back or not; but nobody may read slots here"
    down = "<h1>Le service est indisponible</h1><p>Veuillez réessayer plus tard.</p>"
    yield search("K1 otherwise: a real outage", NOTHING, Scene(html=down), why=why)


def _typed(one: Lie, path: str, kind: str) -> Lie:
    served = replace(one.pages["GET", path], kind="", headers={"content-type": kind})
    return replace(one, pages={**one.pages, ("GET", path): served})


def _content_types() -> Iterator[Lie]:
    why = "Chromium shows the page"
    for kind in ("", "html", "*/*", "unknown/unknown", "application/unknown"):
        none = search(f"K2 search, {kind!r}", NONE, Scene(html=NONE_FOUND), why=why)
        yield _typed(none, SEARCH, kind)
        full = classic(f"K2 classic, {kind!r}", NONE, Scene(html=TAKEN), why=why)
        yield _typed(full, f"{CLASSIC}/2", kind)
    for kind in ("text", 'TEXT/HTML ; charset="utf-8"', "text/html;charset=", "application/xhtml+xml-like"):
        day = Scene(html=slot("mardi 12 janvier 2027 à 8h30"))
        accept = NOTHING if "like" in kind else SOME
        one = town(f"K2 otherwise: described, {kind!r}", accept, day, why=why, earliest=TUESDAY)
        yield _typed(one, TOWN, kind)


def _at(day: str, at: str = "00:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=PARIS)


_WORDS = {
    "lundi 1er mars 2027 à 9 heures 30": _at("2027-03-01", "09:30"),
    "lundi 1er mars 2027 à 14 heures 45": _at("2027-03-01", "14:45"),
    "du 3 au 7 mars 2027": _at("2027-03-03"),
    "lundi 15 fév. 2027 à 9h": _at("2027-02-15", "09:00"),
    "jeudi 1 juill. 2027 à 9h00": _at("2027-07-01", "09:00"),
    "lundi 1 er mars 2027 à 9h": _at("2027-03-01", "09:00"),
}
_OTHER_WORDS = {
    "les 3 et 7 mars 2027": _at("2027-03-03"),
    "du mercredi 3 au dimanche 7 mars 2027": _at("2027-03-03"),
    "du 30 novembre au 4 décembre 2026": _at("2026-11-30"),
    "Mer. 3 mars 2027, 9 h 05": _at("2027-03-03", "09:05"),
    "03/03/2027 - 14h": _at("2027-03-03", "14:00"),
    "2027-03-03T09:30:00+01:00": _at("2027-03-03", "09:30"),
    "mardi 1ᵉʳ juin 2027 à 16 heures": _at("2027-06-01", "16:00"),
    "lundi 4 janvier à 9h": _at("2027-01-04", "09:00"),
    "jeudi 31 déc. à 9h": _at("2026-12-31", "09:00"),
    "vendredi 12 fevrier 2027 à 9 heures": _at("2027-02-12", "09:00"),
}
_NOT_DATES = (
    "lundi 2 mars 2027",
    "32 mars 2027",
    "3 mars 2027 à 25h00",
    "3 mars 27",
    "demain",
    "dès que possible",
)


def _dates() -> Iterator[Lie]:
    for said, when in _WORDS.items():
        why = f"that is {when:%d/%m/%Y %H:%M}"
        yield town(f"L1 {said}", SOME, Scene(html=slot(said)), why=why, earliest=when, slots=1)
        if "au" not in said:
            yield search(f"L1 search, {said}", SOME, Scene(html=place(said)), why=why, earliest=when)


def _dates_otherwise() -> Iterator[Lie]:
    for said, when in _OTHER_WORDS.items():
        why = f"that is {when:%d/%m/%Y %H:%M}"
        yield town(f"L1 otherwise: {said}", SOME, Scene(html=slot(said)), why=why, earliest=when, slots=1)
    for said in _NOT_DATES:
        yield town(f"L1 otherwise: {said}", NOTHING, Scene(html=slot(said)), why="that is no date for sure")


def _sent(one: Lie, path: str, body: bytes, kind: str) -> Lie:
    served = Served(body=body, kind=kind)
    return replace(one, pages={**one.pages, ("GET", path): served})


def _undeclared(html: str) -> str:
    return html.replace("<meta charset='utf-8'>", "")


def _bodies(html: str) -> Iterator[tuple[str, bytes, str]]:
    yield "BOM against the header", codecs.BOM_UTF8 + html.encode(), "text/html; charset=iso-8859-1"
    yield "UTF-16", _undeclared(html).encode("utf-16"), "text/html"
    mac = _undeclared(html).encode("mac-roman", "xmlcharrefreplace")
    yield "Mac Roman", mac, "text/html; charset=macintosh"
    yield "a long comment", f"{html}<!--{'x' * 6_000}-->".encode(), "text/html; charset=utf-8"
    marked = html.replace("rendez-vous", "rendez\u2011vous").replace("aucun créneau", "aucun \u200ecréneau")
    yield "signs that nobody sees", marked.encode(), "text/html; charset=utf-8"


def _other_bodies(html: str) -> Iterator[tuple[str, bytes, str]]:
    plain = _undeclared(html)
    yield "UTF-16BE, declared", codecs.BOM_UTF16_BE + plain.encode("utf-16-be"), "text/html; charset=utf-16"
    latin = plain.encode("iso8859-15", "xmlcharrefreplace")
    yield "ISO 8859-15", latin, "text/html; charset=iso-8859-15"
    yield "Windows-1252", plain.encode("cp1252", "xmlcharrefreplace"), "text/html; charset=windows-1252"
    yield "a script at the end", f"{html}<script>/*{'x' * 6_000}*/</script>".encode(), "text/html"
    yield "white space at the end", html.encode() + b"\r\n" * 4_000, "text/html; charset=utf-8"
    soft = html.replace("correspondant", "corres\u00adpondant").replace("horaire libre", "horaire\u202flibre")
    yield "soft hyphens", soft.encode(), "text/html; charset=utf-8"
    entities = html.replace("é", "&eacute;").replace("'a", "&rsquo;a").replace("'e", "&#x2019;e")
    yield "entities", entities.encode(), "text/html; charset=utf-8"


def _encodings() -> Iterator[Lie]:
    yield from _in_all(_bodies, "N1")


def _encodings_otherwise() -> Iterator[Lie]:
    yield from _in_all(_other_bodies, "N1 otherwise:")


def _in_all(bodies: Bodies, label: str) -> Iterator[Lie]:
    why = "browsers show the sentence"
    for path, one in (
        (SEARCH, search("search", NONE, Scene(html=NONE_FOUND), why=why)),
        (f"{CLASSIC}/2", classic("classic", NONE, Scene(html=TAKEN), why=why)),
    ):
        html = one.pages["GET", path].body.decode()
        for name, body, kind in bodies(html):
            yield _sent(replace(one, name=f"{label} {one.name}, {name}"), path, body, kind)
