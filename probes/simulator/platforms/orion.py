"""ESII Orion: a page whose script sends one JSON request and shows the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from http import HTTPStatus
from itertools import groupby
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from probes.simulator.faults import Fault
from probes.simulator.sites import Procedure
from probes.simulator.world import Ask, asked

ACCOUNT = "SIMULE"


def config_id(configuration: str) -> str:
    """The id of a configuration in the page's JSON request: 24 hexadecimal digits."""
    return sha256(configuration.encode()).hexdigest()[:24]


def purpose(procedure: Procedure) -> dict[str, object]:
    """The purpose of an appointment, as in the page's JSON request."""
    return {"id": config_id(f"{procedure.id}/purpose"), "name": procedure.title, "duration": "00:20:00"}


async def shell(request: Request) -> Response:
    """The page a person opens."""
    ask = asked(request)
    procedure = ask.procedure(request.query_params.get("config", ""))
    if ask.fault is Fault.CLOSED:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return ask.page("orion/shell.html", procedure=procedure)


async def script(request: Request) -> Response:
    """The script of that page, which sends the request and draws the answer."""
    ask = asked(request)
    procedure = ask.procedure(request.query_params.get("config", ""))
    question = {"accountId": ACCOUNT, "configId": config_id(procedure.id), "purposes": [purpose(procedure)]}
    drawn = ask.page("orion/main.js", procedure=procedure, question=question)
    return Response(drawn.body, media_type="text/javascript")


async def available_slots(request: Request) -> Response:
    """The days with slots, in JSON; an error 400 for an unknown configuration or purpose."""
    ask = asked(request)
    procedure = _meant(ask, await _question(request))
    if procedure is None:
        return JSONResponse({"error": "configuration inconnue"}, HTTPStatus.BAD_REQUEST)
    slots = ask.site.offer(procedure, procedure.desks, ask.at).slots
    local = [slot.astimezone(procedure.tz) for slot in slots]
    days = groupby(local, key=lambda slot: slot.date())
    return JSONResponse({"daySlots": [_day(day, list(hours)) for day, hours in days]})


def _day(day: date, hours: Sequence[datetime]) -> dict[str, object]:
    return {"date": day.isoformat(), "slots": [hour.isoformat() for hour in hours]}


async def _question(request: Request) -> Mapping[str, Any]:
    try:
        question = await request.json()
    except ValueError:
        return {}
    return question if isinstance(question, dict) else {}


def _meant(ask: Ask, question: Mapping[str, Any]) -> Procedure | None:
    if ask.fault is Fault.RENUMBERED:
        return None
    asked_for = (question.get("configId"), question.get("purposes"))
    found = (each for each in ask.site.procedures if asked_for == (config_id(each.id), [purpose(each)]))
    return next(found, None)


ROUTES: list[BaseRoute] = [
    Route("/orion-reservation/slots", shell),
    Route("/orion-reservation/main.js", script),
    Route("/orion/api/1/rdv/bookings/availableSlotByDay", available_slots, methods=["POST"]),
]
