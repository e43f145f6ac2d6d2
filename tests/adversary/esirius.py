"""eSirius eAppointment as the field guide describes it: a postcode, motives, then an alert or a calendar."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from probes.model import Outcome, Transport
from tests.cast.lie import NONE, NOTHING, SOME, Lie, Served

BASE = "/eAppointmentpref94"
START = f"{BASE}/element/jsp/specific/pref94.jsp"
DO = f"{BASE}/appointment.do"
DWR = f"{BASE}/dwr/call/plaincall/AjaxMotive.motiveMultiSiteSubmit.dwr"
NEXT_STEP = f"{BASE}/step1ScenarioTwo.do"
FIRST = datetime(2026, 12, 10, tzinfo=ZoneInfo("Europe/Paris"))

ALERTS = {
    "the site's own": (
        "Aucun rendez-vous n'est possible pour les motifs selectionnnés ou le créneau horaire séléctionné.",
        NONE,
    ),
    "the other one": ("Il n'y a pas de rendez-vous disponible pour ce service.", NONE | NOTHING),
    "before a date": (
        "Aucun rendez-vous n'est possible pour les motifs sélectionnés avant le 15 janvier 2027.",
        NOTHING,
    ),
    "elsewhere": (
        "Aucun rendez-vous n'est possible pour les motifs sélectionnés à Créteil. Des rendez-vous sont disponibles à Nogent.",
        NOTHING,
    ),
    "on Saturdays": ("Aucun rendez-vous n'est possible le samedi.", NOTHING),
    "an error": ("Une erreur est survenue : aucun rendez-vous n'est possible.", NOTHING),
    "a postcode": ("Veuillez saisir un code postal valide.", NOTHING),
    "quoted": ("Le message « Aucun rendez-vous n'est possible » s'affiche à tort.", NOTHING),
    "for this hour alone": ("Il n'y a pas de rendez-vous disponible à 9 h. Essayez 10 h.", NOTHING),
}


def page(inner: str, title: str = "Prise de rendez-vous") -> Served:
    """A page of the product."""
    html = f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title></head><body>{inner}</body></html>"
    return Served(body=html.encode())


def postcode(then: str) -> Served:
    """The first page, whose button leads to `then`."""
    go = f"location.href='{then}'"
    return page(
        f"<form name='cp' action='{then}'><input id='CPId' name='CP'><input type='button' value='Continuer' onclick=\"{go}\"></form>"
    )


def motives(script: str) -> Served:
    """The page of motives; `script` runs when its button is pressed."""
    return page(
        f"<h2>2/4 : Motif</h2><form name='form2' method='post' action='{DO}'><input type='checkbox' "
        "name='selectedMotiveKeyList' value='20'> Retrait de titres "
        f"<input type='button' id='nextButtonId' value='Continuer' onclick='{script}'></form>"
    )


def lies() -> Iterator[Lie]:
    """Every alert, at once and after the site's own request."""
    for name, (said, accept) in ALERTS.items():
        yield alerting(f"{name}, at once", said, accept)
        yield alerting(f"{name}, after a request", said, accept, asking=True)


def alerting(name: str, said: str, accept: frozenset[Outcome], *, asking: bool = False) -> Lie:
    """A case whose motives are answered by an alert; `asking`: after a request of the page's own."""
    shown = json.dumps(said).replace("'", "\\u0027")
    script = f"alert({shown})"
    if asking:
        script = f'fetch("{DWR}",{{method:"POST",body:"callCount=1"}}).then(()=>{script})'
    return _lie(name, motives(script), accept)


def _lie(name: str, second: Served, accept: frozenset[Outcome]) -> Lie:
    return Lie(
        name=f"esirius: {name}",
        platform="esirius",
        why="an alert is read whole",
        accept=accept,
        start=START,
        pages={
            ("GET", START): postcode(f"{DO}?sitekey=P941"),
            ("GET", DO): second,
            ("POST", DWR): Served(body=b"//#DWR-REPLY", kind="text/javascript"),
            ("POST", DO): second,
        },
        earliest=FIRST if accept is SOME else None,
        options={"postcode": "94000", "motive": "20"},
        transports=frozenset({Transport.BROWSER}),
    )
