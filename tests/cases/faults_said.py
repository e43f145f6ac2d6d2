"""Faults C to G: words that are no answer here, dates that cannot be true, slots that are none, steps that disagree,
and a page that goes further by itself.

Of each kind, one case as it was reported, and others of our own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.cases.products import (
    CLASSIC,
    NEXT,
    NO_OFFER,
    NONE_FOUND,
    SEARCH,
    TAKEN,
    TOWN,
    bare,
    button,
    classic,
    classic_page,
    classic_visit,
    esirius,
    hour,
    month,
    orion,
    place,
    search,
    search_page,
    slot,
    town,
    town_page,
    week,
)
from tests.cast.lie import NONE, NOTHING, SOME, Lie, Scene, Served

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2027, 1, 12, 8, 30, tzinfo=PARIS)


def faults() -> Iterator[Lie]:
    """Every case of C to G."""
    yield from _sentences()
    yield from _sentences_otherwise()
    yield from _dates()
    yield from _dates_otherwise()
    yield from _states()
    yield from _states_otherwise()
    yield from _disagreeing()
    yield from _disagreeing_otherwise()
    yield from _by_itself()


_BESIDE = {
    "quotation": "<blockquote>{0}</blockquote><p>Ce message s'affichait à tort.</p>",
    "textarea": "<textarea rows='4' cols='60'>{1}</textarea>",
    "table of messages": "<table><tr><th>Message</th><th>Signification</th></tr><tr><td>{0}</td><td>Tout est pris.</td></tr></table>",
    "help question": "<h2>Que faire quand ce message s'affiche ?</h2>{0}<p>Revenez le lendemain.</p>",
    "struck and corrected": "<del>{0}</del><p>Correction : de nouveaux créneaux sont en ligne.</p>",
    "a next slot": "{0}<p>Prochain créneau : lundi 1er mars 2027</p>",
    "an agenda that failed": "{0}<p>Le calendrier n'a pas pu être chargé.</p>",
}
_BESIDE_OTHERWISE = {
    "caption of a picture": "<figure><img alt='' src='/static/x.png'><figcaption>{0}</figcaption></figure><p>Capture d'écran du 3 mars 2025</p>",
    "list of terms": "<dl><dt>{0}</dt><dd>Tous les créneaux sont pris.</dd></dl>",
    "open details": "<details open><summary>Messages possibles</summary>{0}</details>",
    "rectified": "{0}<p>Rectificatif : le message ci-dessus est erroné.</p>",
    "first place": "{0}<p>Première place disponible : le jeudi 4 février 2027.</p>",
    "agenda silent": "{0}<p>Nos agendas ne répondent pas pour l'instant.</p>",
    "code": "<pre>{1}</pre>",
    "struck by style": "<div style='text-decoration:line-through'>{0}</div>",
    "struck by rule": "<style>.vieux{{text-decoration:line-through}}</style><div class='vieux'>{0}</div>",
    "of another day": "<p>Au 3 mars 2025 :</p>{0}",
    "another place's": "<h3>Sous-préfecture de Provins</h3>{0}<h3>Préfecture de Melun</h3><p>Voir le calendrier</p>",
    "if it comes": "<p>Si aucun créneau ne convient, le message suivant s'affiche :</p>{0}",
    "typed": "<input size='120' value=\"{1}\">",
    "still asking": "{0}<p>Recherche en cours…</p>",
    "some left": "{0}<p>Il reste 2 rendez-vous le samedi.</p>",
    "english": "{0}<p>Appointments are available in Melun.</p>",
}


def _sentences() -> Iterator[Lie]:
    for name, frame in _BESIDE.items():
        scene = Scene(html=frame.format(NONE_FOUND, bare(NONE_FOUND)))
        yield search(f"C1 {name}", NOTHING, scene, why="the sentence is no answer here")


def _sentences_otherwise() -> Iterator[Lie]:
    for name, frame in _BESIDE_OTHERWISE.items():
        why = "the sentence is no answer here"
        scene = Scene(html=frame.format(TAKEN, bare(TAKEN)))
        yield classic(f"C1 otherwise: classic, {name}", NOTHING, scene, why=why)
        scene = Scene(html=frame.format(NO_OFFER, bare(NO_OFFER)))
        yield town(f"C1 otherwise: described, {name}", NOTHING, scene, why=why)
        scene = Scene(html=frame.format(NONE_FOUND, bare(NONE_FOUND)))
        yield search(f"C1 otherwise: search, {name}", NOTHING, scene, why=why)
    own = "Aucun rendez-vous n'est possible pour les motifs sélectionnés"
    for said in (
        f"Le message « {own} » s'affiche à tort.",
        f"{own} à Créteil.",
        f"{own} ce matin.",
        f"Erreur 12 : {own}.",
        f"{own}. Le prochain rendez-vous est le 14 janvier 2027.",
    ):
        yield esirius(
            f"C1 otherwise: alert {said[-40:]}", NOTHING, alert=said, why="it says more than « none »"
        )


def _when(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=8, minute=30, tzinfo=PARIS)


_IMPOSSIBLE = {
    "yesterday": ("jeudi 26 novembre 2026", "2026-11-26"),
    "in 2020": ("lundi 2 mars 2020", "2020-03-02"),
    "in 2099": ("jeudi 31 décembre 2099", "2099-12-31"),
}


def _dates() -> Iterator[Lie]:
    for name, (said, day) in _IMPOSSIBLE.items():
        why = "nobody can book on that day"
        yield search(f"D1 a place, {name}", NOTHING, Scene(html=place(f"{said} à 08h30")), why=why)
        yield classic(f"D1 an hour, {name}", NOTHING, Scene(html=hour(_when(day))), step=4, why=why)


def _dates_otherwise() -> Iterator[Lie]:
    why = "one date cannot be true, so none is believed"
    for name, (said, day) in _IMPOSSIBLE.items():
        yield town(f"D1 otherwise: described, {name}", NOTHING, Scene(html=slot(said)), why=why)
        good = slot("mardi 12 janvier 2027 à 8h30")
        both = Scene(html=good + slot(said))
        yield town(f"D1 otherwise: described, a good one and one {name}", NOTHING, both, why=why)
        shown = Scene(html=week(f"{day}T08:30:00%2B01:00"))
        yield search(f"D1 otherwise: a week, {name}", NOTHING, shown, why=why)
        answer = {"daySlots": [{"date": day, "slots": [{"start": "08:30"}]}]}
        yield orion(f"D1 otherwise: Orion, {name}", NOTHING, answer, why=why)
        number, title = said.split()[1], " ".join(said.split()[2:]).capitalize()
        yield esirius(f"D1 otherwise: eSirius, {name}", NOTHING, month=month(title, number), why=why)
    yield town(
        "D1 otherwise: described, a day that is none",
        NOTHING,
        Scene(html=slot("mardi 30 février 2027")),
        why="there is no such day",
    )


def _states() -> Iterator[Lie]:
    why = "what cannot be chosen is no slot"
    full = {
        "(complet)": place("lundi 01 mars 2027 à 08h30 (complet)"),
        "badge": place("lundi 01 mars 2027 à 08h30", badge="<span class='fr-badge'>Complet</span>"),
        "aria-disabled": place("lundi 01 mars 2027 à 08h30", link="aria-disabled='true'"),
        "struck": place("<s>lundi 01 mars 2027 à 08h30</s>"),
        "a badge deep in the link": place("lundi 01 mars 2027 à 08h30").replace(
            "</a>", "<div><p><small>Complet</small></p></div></a>"
        ),
    }
    for name, html in full.items():
        yield search(f"E1 search, {name}", NOTHING, Scene(html=html), why=why)
    for name, html in {
        "(complet)": slot("lundi 1er mars 2027 (complet)"),
        "badge": slot("lundi 1er mars 2027 <span class='badge'>Complet</span>"),
        "aria-disabled": slot("lundi 1er mars 2027", "aria-disabled='true'"),
        "struck": slot("<s>lundi 1er mars 2027</s>"),
    }.items():
        yield town(f"E1 described, {name}", NOTHING, Scene(html=html), why=why)


_TAKEN = {
    "occupied": ("occupé", ""),
    "already taken": ("déjà pris", ""),
    "sold out": ("épuisé", ""),
    "not available": ("non disponible", ""),
    "inert": ("libre", "inert"),
    "no pointer": ("libre", "style='pointer-events:none'"),
    "struck": ("libre", "style='text-decoration:line-through'"),
    "deleted": ("<del>libre</del>", ""),
    "aria-disabled": ("libre", "aria-disabled='TRUE'"),
}


def _states_otherwise() -> Iterator[Lie]:
    why = "that hour cannot be chosen"
    for name, (said, more) in _TAKEN.items():
        scene = Scene(html=hour(TUESDAY, said, more))
        yield classic(f"E1 otherwise: classic, {name}", NOTHING, scene, step=4, why=why)
        scene = Scene(html=week("2027-01-12T08:30:00%2B01:00", said.replace("libre", "08:30"), more))
        yield search(f"E1 otherwise: search, {name}", NOTHING, scene, why=why)
        scene = Scene(html=slot(f"mardi 12 janvier 2027 à 8h30 {said.replace('libre', '')}", more))
        accept = NOTHING
        if "del" not in said:
            yield town(f"E1 otherwise: described, {name}", accept, scene, why=why)
        chosen = month("Janvier 2027", f"12 {said.replace('libre', '')}", link=more)
        if "del" not in said:
            yield esirius(f"E1 otherwise: eSirius, {name}", NOTHING, month=chosen, why=why)
    head = "<style>.barre{text-decoration:line-through}</style>"
    for name, html in (
        ("search", week("2027-01-12T08:30:00%2B01:00", more="class='barre'")),
        ("search, its place", place("mardi 12 janvier 2027 à 08h30", link="class='barre'")),
    ):
        struck = Scene(html=html, head=head)
        yield search(f"E1 otherwise: {name}, struck by a rule", NOTHING, struck, why=why)
    struck = Scene(html=hour(TUESDAY, more="class='barre'"), head=head)
    yield classic("E1 otherwise: classic, struck by a rule", NOTHING, struck, step=4, why=why)
    struck = Scene(html=f"<div class='barre'>{slot('mardi 12 janvier 2027')}</div>", head=head)
    yield town("E1 otherwise: described, struck by a rule", NOTHING, struck, why=why)
    one_left = Scene(
        html=slot("mardi 12 janvier 2027 à 8h30") + slot("lundi 11 janvier 2027 à 8h30 (complet)")
    )
    yield town(
        "E1 otherwise: described, the first is full",
        SOME,
        one_left,
        earliest=TUESDAY,
        slots=1,
        why="the second can be chosen",
    )
    days = month("Janvier 2027", "11", "title='Complet'") + month("Janvier 2027", "12")
    yield esirius("E1 otherwise: eSirius, a cell with a title", NOTHING | SOME, month=days, why="one is free")


def _steps(name: str, answers: dict[int, str], first: int, why: str) -> Lie:
    served = {step: Served(body=classic_page(html, step=step).encode()) for step, html in answers.items()}
    one = classic(name, NOTHING, Scene(html=""), why=why)
    return replace(one, pages=classic_visit(served, first))


_FULL_WEEK = (
    "<table><tr><th colspan='7'>Semaine du 11/01/2027</th></tr><tr><td><span class='status-0'>complet</span></td>"
    "<td><span class='status-0'>complet</span></td></tr></table>"
)
_FIRST = button("firstButton", "Première plage horaire libre")


def _disagreeing() -> Iterator[Lie]:
    why = "step 3 leads to slots, step 4 has none"
    yield _steps("F1 then « none »", {3: NEXT, 4: TAKEN}, 3, why)
    yield _steps("F1 then a full calendar", {3: NEXT, 4: _FULL_WEEK + _FIRST}, 3, why)


def _disagreeing_otherwise() -> Iterator[Lie]:
    no_calendar = (
        "<ul class='error'><li>Il n'y a pas calendrier disponible pour effectuer une demande de rendez-vous. "
        "Veuillez réessayer ultérieurement.</li></ul>"
    )
    why = "the button alone, beside words that take it back"
    for name, html in {
        "no calendar": no_calendar + NEXT,
        "an error": f"<ul class='error'><li>Votre demande n'a pas abouti.</li></ul>{NEXT}",
        "a button that cannot be pressed": button("nextButton", "Etape suivante", "disabled"),
        "a fieldset that cannot be used": f"<fieldset disabled>{NEXT}</fieldset>",
        "an hour that is gone": f"<p>La plage horaire choisie n'est plus disponible.</p>{NEXT}",
        "nothing published": f"<p>Les prochaines plages seront publiées lundi.</p>{NEXT}",
        "a wait": f"<p>Vérification en cours, merci de patienter.</p>{NEXT}",
    }.items():
        yield _steps(f"F1 otherwise: step 3 with {name}", {3: html}, 3, why)
    outside = classic_page("", step=3).replace("</form>", f"</form>{NEXT}")
    beside = _steps("F1 otherwise: step 3 with a button outside the form", {3: ""}, 3, why)
    pages = {**beside.pages, ("GET", f"{CLASSIC}/3"): Served(body=outside.encode())}
    yield replace(beside, pages=pages)
    above = classic_page(NEXT, step=3, above="<div class='message-erreur'><p>Session expirée.</p></div>")
    beside = _steps("F1 otherwise: step 3 below an error of the site", {3: ""}, 3, why)
    pages = {**beside.pages, ("GET", f"{CLASSIC}/3"): Served(body=above.encode())}
    yield replace(beside, accept=NOTHING | SOME, pages=pages)
    why = "one page names a date, the next one says none"
    dated = town_page(
        f"{slot('mardi 12 janvier 2027')}<a class='suite' href='{TOWN}/jours'>Retour à l'accueil</a>"
    )
    for name, html in (("none", NO_OFFER), ("a full day", slot("mardi 12 janvier 2027 (complet)"))):
        one = town(f"F1 otherwise: described, a date, then {name}", NOTHING, Scene(html=""), why=why)
        pages = {
            ("GET", TOWN): Served(body=dated.encode()),
            ("GET", f"{TOWN}/jours"): Served(body=town_page(html).encode()),
        }
        accept = NOTHING if name == "none" else NOTHING | SOME
        yield replace(one, pages=pages, accept=accept)
    both = search_page(place("mardi 12 janvier 2027 à 08h30") + NONE_FOUND)
    one = search("F1 otherwise: search, a place beside « none »", NOTHING, Scene(html=""), why=why)
    yield replace(one, pages={("GET", SEARCH): Served(body=both.encode())})


BEYOND = f"{CLASSIC}/5/1799740800"
"""Where a slot is taken up: a page that names it must not bring us there."""


def _by_itself() -> Iterator[Lie]:
    why = "the page asks for the next step by itself"
    rules = '{"prerender":[{"source":"document","where":{"href_matches":"/*"},"eagerness":"immediate"}]}'
    post = "fetch('{0}',{{method:'POST',body:'a=1'}})"
    for name, head in {
        "speculation rules": f"<script type='speculationrules'>{rules}</script>",
        "preload": f"<link rel='preload' as='fetch' href='{BEYOND}' crossorigin>",
        "a POST to step 5": f"<script>{post.format(BEYOND)}</script>",
        "a POST to step 6": f"<script>{post.format(f'{CLASSIC}/6')}</script>",
        "a beacon": f"<script>navigator.sendBeacon('{BEYOND}','a=1')</script>",
        "prefetch": f"<link rel='prefetch' href='{BEYOND}'>",
        "a picture": f"<script>new Image().src='{BEYOND}'</script>",
        "a frame": f"<script>addEventListener('load',()=>{{var f=document.createElement('iframe');f.src='{BEYOND}';document.body.append(f)}})</script>",
        "a form": f"<script>addEventListener('load',()=>{{var f=document.createElement('form');f.method='post';f.action='{BEYOND}';f.target='x';document.body.append(f);f.submit()}})</script>",
    }.items():
        free = Scene(html=hour(TUESDAY), head=head)
        yield classic(f"G1 {name}", NOTHING | SOME, free, step=4, why=why, earliest=TUESDAY)
    none = Scene(html=NONE_FOUND, head="<script>fetch('/users/rdv_wizard_step/new',{method:'POST'})</script>")
    yield search("G1 otherwise: search, a POST to the wizard", NOTHING | NONE, none, why=why)
