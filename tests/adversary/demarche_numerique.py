"""demarche.numerique.gouv.fr as the field guide describes it: a form is open, closed, in test, or for agents; never a slot."""

from __future__ import annotations

import json
from collections.abc import Iterator

from probes.model import Outcome
from tests.adversary.hiding import HIDDEN, SAID_WITHOUT_MEANING
from tests.cast.lie import Lie, Scene, Served

FORM = "/commencer/rdv-titre"
SCHEMA = "/preremplir/rdv-titre/schema"
NEVER_OPEN = frozenset(outcome for outcome in Outcome if not outcome.conclusive) - {Outcome.REQUESTS_OPEN}
OPEN = frozenset({Outcome.REQUESTS_OPEN})
START = (
    "<div class='fr-callout'><h2 class='fr-callout__title'>Commencer la démarche</h2>"
    "<a class='fr-btn' href='/commencer/rdv-titre/sign_up'>Créer un compte</a>"
    "<a href='/commencer/rdv-titre/sign_in'>J’ai déjà un compte</a></div>"
)
ALERT = "<div class='fr-alert fr-alert--warning'><h3>{0}</h3><p>{1}</p></div>"


def _page(scene: Scene, before: str = "") -> Served:
    html = (
        f"<!DOCTYPE html><html lang='fr'><head><meta charset='utf-8'><title>Demande de rendez-vous</title>{scene.head}"
        f"</head><body><header><a href='/users/sign_in'>Se connecter</a></header><main><h1>Demande de rendez-vous</h1>"
        f"{before}{scene.html}</main><footer>Une question ?</footer></body></html>"
    )
    return Served(body=html.encode())


def _lie(
    name: str, why: str, accept: frozenset[Outcome], scene: Scene, before: str = "", dates: object = ()
) -> Lie:
    schema = {
        "number": 1,
        "state": "publiee",
        "revision": {"champDescriptors": [{"label": "Date", "options": dates}]},
    }
    pages = {
        ("GET", FORM): _page(scene, before),
        ("GET", SCHEMA): Served(body=json.dumps(schema).encode(), kind="application/json"),
    }
    return Lie(
        name=f"demarche_numerique: {name}",
        platform="demarche_numerique",
        why=why,
        accept=accept,
        start=FORM,
        pages=pages | {("GET", path): served for path, served in scene.more.items()},
    )


def lies() -> Iterator[Lie]:
    """Every lie of the platform."""
    yield _lie("open", "the way in is there", OPEN, Scene(html=START))
    yield _lie(
        "open, with dates",
        "dates are listed, not free",
        OPEN,
        Scene(html=START),
        dates=["mardi 12 janvier 2027 9h"],
    )
    yield _lie(
        "in test",
        "reserved to the administration",
        NEVER_OPEN,
        Scene(html=START),
        ALERT.format("Attention : Démarche en test", "Cette page est réservée à l'administration."),
    )
    for name, trick in HIDDEN.items():
        yield _lie(f"open, {name}", "nobody sees the way in", NEVER_OPEN, trick(START))
    for name, trick in SAID_WITHOUT_MEANING.items():
        # Nothing here may ever be taken for slots, or for none.
        yield _lie(f"open, {name}", "never slots, never none", OPEN | NEVER_OPEN, trick(START))
