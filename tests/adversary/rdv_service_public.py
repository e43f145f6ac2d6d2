"""RDV Service Public as the field guide describes it: a recap, then a sentence, places or a week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from probes.model import Outcome
from tests.adversary.hiding import HIDDEN, LATE, SAID_WITHOUT_MEANING, answered_late, replaced
from tests.cast.lie import NONE, NOTHING, SOME, Lie, Scene, Served

SENTENCE = (
    "<div class='rdv-font-weight-700'>Malheureusement, aucun créneau correspondant à votre recherche n'a été "
    "trouvé. Veuillez réessayer ultérieurement.</div>"
)
PATH = "/prendre_rdv"
QUERY = (
    "?departement=77&motif_name_with_location_type=renouvellement-public_office&public_link_organisation_id=7"
)
RECAP = (
    "<div class='card'><ul class='list-group'><li class='list-group-item'><div class='col'>Motif :&nbsp; "
    "Renouvellement de récépissé</div><a href='#'>modifier</a></li></ul></div>"
)
RECAP_2024 = "<h2>Renouvellement de récépissé (Sur place)</h2>"
PARIS = ZoneInfo("Europe/Paris")
FIRST = datetime(2027, 1, 12, 8, 0, tzinfo=PARIS)


def page(inner: str, head: str = "", recap: str = RECAP) -> bytes:
    """A page of the product around its cards."""
    return (
        "<!doctype html><html lang='fr'><head><meta charset='utf-8'><title>RDV Service Public</title>"
        f"{head}</head><body><header><a href='/users/sign_in'>Se connecter</a></header><main>"
        f"<h1>Prenez rendez-vous avec<br>Préfecture de Vaux</h1>{recap}"
        f"<div class='card'><div class='card-body'>{inner}</div></div></main>"
        "<footer><a>Accessibilité : non conforme</a></footer></body></html>"
    ).encode()


def place(when: str = "mardi 12 janvier 2027 à 08h00", name: str = "Préfecture de Melun") -> str:
    """A place with its next availability."""
    return (
        f"<div class='card'><h3 class='card-title'>{name}</h3><a href='{PATH}?lieu_id=3'>Prochaine disponibilité le "
        f"<strong>{when}</strong></a></div>"
    )


def lie(
    name: str, why: str, accept: frozenset[Outcome], scene: Scene, *, recap: str = RECAP, **more: Any
) -> Lie:
    """A case whose page shows `scene`."""
    answer = Served(body=page(scene.html, scene.head, recap))
    pages = {("GET", PATH): answer} | {("GET", path): served for path, served in scene.more.items()}
    return Lie(
        name=f"rdv_service_public: {name}",
        platform="rdv_service_public",
        why=why,
        accept=accept,
        start=PATH + QUERY,
        pages=pages,
        **more,
    )


def lies() -> Iterator[Lie]:
    """Every lie of the product."""
    yield lie("none", "the sentence below the chosen motif", NONE, Scene(html=SENTENCE))
    yield lie("none, recap of 2024", "the motif is a heading", NONE, Scene(html=SENTENCE), recap=RECAP_2024)
    yield lie("none, no recap", "an outdated link", NOTHING, Scene(html=SENTENCE), recap="")
    yield lie("a place", "a place names its next day", SOME, Scene(html=place()), earliest=FIRST)
    for when, why in (
        ("lundi 2 mars 2020 à 08h00", "long ago"),
        ("jeudi 31 décembre 2099 à 08h00", "too far"),
    ):
        yield lie(f"a place, {why}", why, NOTHING, Scene(html=place(when)))
    yield lie("both", "the page says both", NOTHING, Scene(html=SENTENCE + place()))
    for what, html in (("none", SENTENCE), ("a place", place())):
        for name, trick in HIDDEN.items():
            yield lie(f"{what}, {name}", "nobody sees it", NOTHING, trick(html))
    for name, trick in SAID_WITHOUT_MEANING.items():
        yield lie(f"none, {name}", "the sentence is no answer here", NOTHING, trick(SENTENCE))
    for ms in (50, 300, 1200, 3000):
        scene = replaced(ms, SENTENCE, place())
        yield lie(f"none, then a place after {ms} ms", "a placeholder", NOTHING | SOME, scene)
    for late in LATE:
        scene = answered_late(late, SENTENCE, place())
        yield lie(f"none, then a place by a request {late} s late", "a placeholder", NOTHING | SOME, scene)
