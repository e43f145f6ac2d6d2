"""demarche.numerique.gouv.fr: forms that take requests or are closed, and never show a slot."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from probes.simulator.faults import Fault
from probes.simulator.sites import Procedure
from probes.simulator.world import Ask, asked


async def home(request: Request) -> Response:
    """The home page. After a redirect it shows, once, the notice that explains it."""
    ask = asked(request)
    notice, ask.session.notice = ask.session.notice, ""
    return ask.page("demarche_numerique/home.html", notice=notice)


async def commencer(request: Request) -> Response:
    """The public page of a démarche, or a redirect if it is renamed, closed or unknown."""
    ask, path = asked(request), request.path_params["path"]
    renamed = next((p for p in ask.site.procedures if p.formerly == path), None)
    if renamed:
        return RedirectResponse(f"/commencer/{renamed.id}", HTTPStatus.MOVED_PERMANENTLY)
    procedure = ask.site.procedure(path)
    if procedure is None:
        return _unknown(ask)
    if not _closed(ask, procedure):
        return ask.page("demarche_numerique/commencer.html", procedure=ask.procedure(path))
    where = f"/commencer/{procedure.replaced_by}" if procedure.replaced_by else f"/fermeture/{path}"
    return RedirectResponse(where, HTTPStatus.FOUND)


async def fermeture(request: Request) -> Response:
    """The page that says since when a démarche is closed, and why."""
    ask = asked(request)
    procedure = ask.site.procedure(request.path_params["path"])
    if procedure is None or not _closed(ask, procedure):
        return _unknown(ask)
    since = procedure.closed_since(ask.at) or ask.at.astimezone(procedure.tz).date()
    return ask.page("demarche_numerique/fermeture.html", procedure=procedure, since=since)


async def schema(request: Request) -> Response:
    """The form's public description in JSON, while it is open. Only here are its dates listed."""
    ask = asked(request)
    procedure = ask.site.procedure(request.path_params["path"])
    if procedure is None or not procedure.open_data or _closed(ask, procedure):
        return JSONResponse({"error": "not found"}, HTTPStatus.NOT_FOUND)
    return JSONResponse(_described(procedure))


async def private(request: Request) -> Response:
    """The pages behind an account. Vigie must never go there: tests look for them in the request log."""
    return asked(request).page("private.html")


def _closed(ask: Ask, procedure: Procedure) -> bool:
    return ask.fault is Fault.CLOSED or procedure.closed_since(ask.at) is not None


def _unknown(ask: Ask) -> Response:
    ask.session.notice = "La démarche n'existe pas"
    return RedirectResponse("/", HTTPStatus.FOUND)


def _described(procedure: Procedure) -> dict[str, object]:
    dates = {
        "id": "Q2hhbXAtMQ==",
        "label": "Choisissez une date de rendez-vous",
        "required": True,
        "type": "drop_down_list",
        "options": list(procedure.listed_dates),
    }
    return {
        "number": 4001,
        "title": procedure.title,
        "state": "publiee",
        "dateFermeture": None,
        "datePublication": "2024-01-15T09:00:00+01:00",
        "revision": {"champDescriptors": [dates] if procedure.listed_dates else []},
    }


ROUTES: list[BaseRoute] = [
    Route("/", home),
    Route("/commencer/{path}", commencer),
    Route("/fermeture/{path}", fermeture),
    Route("/preremplir/{path}/schema", schema),
    Route("/users/{rest:path}", private, methods=["GET", "POST"]),
]
