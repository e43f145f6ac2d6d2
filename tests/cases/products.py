"""Pages of the products, as short as their answer allows: what is around a scene, and the visit that leads to it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from probes.described.description import Description
from probes.described.platform import Described
from probes.model import Outcome, Transport
from tests.cast.lie import Lie, Scene, Served

CLASSIC = "/booking/create/7011"
TAKEN = (
    "<p>Il n'existe plus de plage horaire libre pour votre demande de rendez-vous. "
    "Veuillez recommencer ultérieurement.</p>"
)
SEARCH = "/prendre_rdv"
NONE_FOUND = (
    "<p class='rdv-font-weight-700'>Malheureusement, aucun créneau correspondant à votre recherche n'a été "
    "trouvé. Veuillez réessayer ultérieurement.</p>"
)
TOWN = "/rdv/12"
NO_OFFER = "<p>Aucun rendez-vous n'est proposé.</p>"
ESIRIUS = "/eAppointmentcas"
ORION = "/orion-reservation/slots"

Pages = Mapping[tuple[str, str], Served]


def _lie(scene: Scene, pages: Pages, **more: Any) -> Lie:
    return Lie(pages={**pages, **{("GET", path): one for path, one in scene.more.items()}}, **more)


def classic_page(inner: str, *, step: int, head: str = "", above: str = "") -> str:
    """A page of the classic module at `step`, whose form holds `inner`; `above` stands outside its place."""
    return (
        f"<!DOCTYPE html><html lang='fr'><head><meta charset='utf-8'><title>Titres de séjour</title>{head}</head><body>"
        f"<header><p>Les services de l'État en Vaux</p></header>{above}<ul id='etapes'><li>Descriptif</li></ul>"
        f"<div id='contenu'><div id='inner_Booking'><form id='FormBookingCreate' name='create' method='post' "
        f"action='{CLASSIC}/{step}'>{inner}</form></div></div><footer><p>Du lundi au vendredi</p></footer></body></html>"
    )


def classic_visit(answers: Mapping[int, Served], first: int) -> dict[tuple[str, str], Served]:
    """Conditions, then step `first`, of `answers` by step; a step that is not there leads back to `first`."""
    start = classic_page(
        "<div id='condition_Booking'><input type='checkbox' id='condition' name='condition'><label for='condition'>"
        "J'accepte les conditions.</label></div><input type='submit' name='nextButton' value='Effectuer une demande de rendez-vous'>",
        step=0,
    )
    pages = {
        ("GET", CLASSIC): Served(body=start.encode()),
        ("POST", f"{CLASSIC}/0"): Served(sends=f"{CLASSIC}/{first}"),
        ("GET", f"{CLASSIC}/4"): Served(sends=f"{CLASSIC}/{first}"),
    }
    return pages | {("GET", f"{CLASSIC}/{step}"): answer for step, answer in answers.items()}


def button(name: str, label: str, more: str = "") -> str:
    """A button of the classic module."""
    return f"<div id='submit_Booking'><input type='submit' class='Bbutton' name='{name}' value='{label}' {more}></div>"


END = button("finishButton", "Terminer")
NEXT = button("nextButton", "Etape suivante")


def classic(
    name: str, accept: frozenset[Outcome], scene: Scene, *, step: int = 2, above: str = "", **more: Any
) -> Lie:
    """A visit whose step 2 says `scene`, or whose calendar (step 4) does."""
    inner = scene.html + (END if step == 2 else "")
    body = classic_page(inner, step=step, head=scene.head, above=above).encode()
    pages = classic_visit({step: Served(body=body)}, step)
    return _lie(scene, pages, name=name, platform="classic", accept=accept, start=CLASSIC, **more)


def hour(when: datetime, said: str = "libre", more: str = "") -> str:
    """A week of the calendar with one hour."""
    return (
        f"<table><tr><th colspan='7'>Semaine du {when:%d/%m/%Y}</th></tr><tr><td class='status-1 free' {more}>"
        f"<a {more} href='{CLASSIC}/5/{int(when.timestamp())}'>{said}</a></td>"
        "<td><span class='status-0'>complet</span></td></tr></table>"
    )


def search_page(inner: str, *, head: str = "", above: str = "", motif: bool = True) -> str:
    """A page of RDV Service Public whose card shows `inner`; `above` stands before its content."""
    recap = (
        "<div class='card'><ul class='list-group'><li class='list-group-item'><div>Motif :&nbsp; Renouvellement"
        "</div><a href='#'>modifier</a></li></ul></div>"
    )
    return (
        "<!doctype html><html lang='fr'><head><meta charset='utf-8'><title>RDV Service Public</title>"
        f"{head}</head><body><header><a href='/users/sign_in'>Se connecter</a></header>{above}<main>"
        f"<h1>Prenez rendez-vous avec<br>Préfecture de Vaux</h1>{recap if motif else ''}"
        f"<div class='card'><div class='card-body'>{inner}</div></div></main></body></html>"
    )


def search(name: str, accept: frozenset[Outcome], scene: Scene, *, above: str = "", **more: Any) -> Lie:
    """A search whose card shows `scene`."""
    body = search_page(scene.html, head=scene.head, above=above).encode()
    start = (
        f"{SEARCH}?departement=77&motif_name_with_location_type=renouvellement&public_link_organisation_id=7"
    )
    return _lie(
        scene,
        {("GET", SEARCH): Served(body=body)},
        name=name,
        platform="rdv_service_public",
        accept=accept,
        start=start,
        **more,
    )


def place(when: str, *, link: str = "", badge: str = "") -> str:
    """A place of RDV Service Public with its next availability."""
    return (
        f"<div class='card'><h4 class='card-title'>Sous-préfecture de Vaux</h4>{badge}<a {link} href='{SEARCH}?lieu_id=4'>"
        f"<div>Prochaine disponibilité le<br><strong>{when}</strong></div></a></div>"
    )


def week(starts_at: str, label: str = "08:30", more: str = "") -> str:
    """A week of RDV Service Public with one hour."""
    return (
        f"<div id='creneaux-lieu-4'><p>Mardi</p><a {more} aria-label='Choisir le créneau de {label}' "
        f"href='/users/rdv_wizard_step/new?starts_at={starts_at}'>{label}</a></div>"
    )


_TOWN = r"""
name = "mairie_des_cas"
version = "1"
about = "Une mairie qui n'existe que dans les essais"
addresses = ['/rdv/[0-9]+']
place = "#reponse"
in_html = { stands = true, reason = "The server writes the answer into its page." }
furniture = ["retour à l'accueil", "choisissez un créneau"]

[stop_line]
paths = ['/rdv/[0-9]+(?:/jours)?']
scripts = ['/rdv/[0-9]+/creneaux']

[[step]]
open = "{url}"

[[step]]
follow = "a.suite"

[[mark]]
outcome = "no_slots"
rule = "none_sentence"
path = '/rdv/[0-9]+(?:/jours)?'
sentence = "Aucun rendez-vous n'est proposé."

[[mark]]
outcome = "slots_offered"
rule = "list"
path = '/rdv/[0-9]+(?:/jours)?'
element = "#reponse li.creneau"
dates = {}
counted = true
"""
DESCRIBED = Described(Description.model_validate(tomllib.loads(_TOWN)))


def town_page(inner: str, *, head: str = "", above: str = "", after: str = "") -> str:
    """A page of the town hall that is described in TOML."""
    return (
        f"<!doctype html><html lang='fr'><head><meta charset='utf-8'><title>Mairie</title>{head}</head><body>"
        f"<h1>Mairie de Vaux</h1>{above}<div id='reponse'>{inner}</div>{after}</body></html>"
    )


def town(
    name: str, accept: frozenset[Outcome], scene: Scene, *, above: str = "", after: str = "", **more: Any
) -> Lie:
    """A visit to the town hall whose answer is `scene`."""
    body = town_page(scene.html, head=scene.head, above=above, after=after).encode()
    return _lie(
        scene,
        {("GET", TOWN): Served(body=body)},
        name=name,
        platform=DESCRIBED.name,
        accept=accept,
        start=TOWN,
        **more,
    )


def slot(said: str, more: str = "") -> str:
    """A slot of the town hall."""
    return f"<ul><li class='creneau' {more}>{said}</li></ul>"


def esirius(name: str, accept: frozenset[Outcome], *, alert: str = "", month: str = "", **more: Any) -> Lie:
    """A visit that ends with an alert, or with a calendar that shows `month`."""
    do = f"{ESIRIUS}/appointment.do"
    then = f"alert({json.dumps(alert)})" if alert else "document.forms.form2.submit()"
    motives = (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>Prise de rendez-vous</title></head><body><h2>2/4 : Motif</h2>"
        f"<form name='form2' method='post' action='{do}'><input type='checkbox' name='selectedMotiveKeyList' value='20'>"
        "Retrait de titres <input type='button' id='nextButtonId' value='Continuer' onclick='suite()'></form>"
        f"<script>function suite(){{{then}}}</script></body></html>"
    )
    calendar = (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>Prise de rendez-vous</title></head><body>"
        "<h2>3/4 : Lieu, date et heure</h2><form name='form3'><label>Choix de la date</label>"
        f"<input id='dayValueId' readonly><div class='ui-datepicker'>{month}</div></form></body></html>"
    )
    return Lie(
        name=name,
        platform="esirius",
        accept=accept,
        start=do,
        pages={
            ("GET", do): Served(body=motives.encode()),
            ("POST", do): Served(body=calendar.encode()),
        },
        options={"motive": "20"},
        transports=frozenset({Transport.BROWSER}),
        **more,
    )


def month(title: str, day: str, cell: str = "", link: str = "") -> str:
    """A month of eSirius with one day that can be chosen, unless `cell` or `link` say otherwise."""
    return (
        f"<div class='ui-datepicker-title'>{title}</div><table><tr><td {cell}>"
        f"<a class='ui-state-default' {link} href='#'>{day}</a></td></tr></table>"
    )


def orion(name: str, accept: frozenset[Outcome], answer: object, **more: Any) -> Lie:
    """A visit to Orion that is answered with `answer`."""
    shell = "<!doctype html><html><head><title>Orion</title></head><body><app-root>Chargement…</app-root></body></html>"
    purpose = (
        '{"id":"62ff72f5dce1255e27820037","businessId":"S","name":"S","duration":"00:20:00","quantity":1}'
    )
    return Lie(
        name=name,
        platform="orion",
        accept=accept,
        start=f"{ORION}?account=EVMSPI&config=S&usemode=app",
        pages={
            ("GET", ORION): Served(body=shell.encode()),
            ("POST", "/orion/api/1/rdv/bookings/availableSlotByDay"): Served(
                body=json.dumps(answer).encode(), kind="application/json"
            ),
        },
        options={"config_id": "6321bfa7f3e9db3bed5fed0d", "purpose": purpose},
        transports=frozenset({Transport.HTTP}),
        **more,
    )


def bare(html: str) -> str:
    """What the one element `html` says, without its tag."""
    return html.partition(">")[2].rpartition("<")[0]
