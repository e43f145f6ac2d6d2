"""eSirius eAppointment: postcode, motive, then an alert or a calendar of days, all shown by scripts.

Once an hour is chosen, a real site asks for a name. That page exists here only to count visits to it: Vigie
must make none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from itertools import pairwise

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from probes.simulator.faults import Fault
from probes.simulator.french import MONTHS
from probes.simulator.sites import Procedure, SimulatedDesk
from probes.simulator.world import Ask, asked

# The misspellings are those of the real site.
NONE = "Aucun rendez-vous n'est possible pour les motifs selectionnnés ou le créneau horaire séléctionné."
MONTHS_SHOWN = 3


def _asked(request: Request) -> tuple[Ask, Procedure, str]:
    ask = asked(request)
    procedure = ask.procedure(request.path_params["application"])
    if ask.fault is Fault.CLOSED:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return ask, procedure, f"/eAppointment{request.path_params['application']}"


async def postcode(request: Request) -> Response:
    """The first page, which asks for the postcode."""
    ask, procedure, base = _asked(request)
    return ask.page("esirius/postcode.html", procedure=procedure, base=base)


async def appointment(request: Request) -> Response:
    """Begin an appointment: forget what was chosen, and lead to its first step, the motives."""
    ask, procedure, base = _asked(request)
    if "dayValueId" in ask.fields:
        return ask.page("private.html")
    ask.session.desks.pop(procedure.id, None)
    return _to_step(ask, base)


async def choose(request: Request) -> Response:
    """Take the motive that the form of the motives sends, and lead to the next step."""
    ask, procedure, base = _asked(request)
    if desk := _motive(procedure, ask.fields.get("selectedMotiveKeyList", "")):
        ask.session.desks[procedure.id] = desk.number
    return _to_step(ask, base)


async def step(request: Request) -> Response:
    """The step that the session has reached: the motives, or the calendar once a motive is chosen."""
    ask, procedure, base = _asked(request)
    desk = procedure.desk(ask.session.desks.get(procedure.id, 0))
    if desk is None or not (days := _days(ask, procedure, desk)):
        return ask.page("esirius/motives.html", procedure=procedure, base=base)
    return ask.page(
        "esirius/calendar.html", procedure=procedure, base=base, desk=desk, days=days, months=_months(days[0])
    )


def _to_step(ask: Ask, base: str) -> Response:
    # All steps have one address, into which a Java server writes the session.
    address = f"{base}/element/jsp/appointment.jsp;jsessionid={ask.session.id}"
    return RedirectResponse(address, HTTPStatus.FOUND)


async def availabilities(request: Request) -> Response:
    """The answer, in JSON, to the script of the motives: whether there is a slot, else the alert's text."""
    ask, procedure, _base = _asked(request)
    desk = _motive(procedure, (await request.body()).decode("ascii", "replace").partition("motive=")[2])
    found = desk is not None and bool(_days(ask, procedure, desk))
    return JSONResponse({"foundAvailabilities": found, "msg": "" if found else NONE})


def _motive(procedure: Procedure, number: str) -> SimulatedDesk | None:
    return procedure.desk(int(number)) if number.isdecimal() else None


def _days(ask: Ask, procedure: Procedure, desk: SimulatedDesk) -> Sequence[date]:
    """The days with at least one slot."""
    slots = ask.site.offer(procedure, [desk], ask.at).slots
    return sorted({slot.astimezone(procedure.tz).date() for slot in slots})


def _months(first: date) -> list[dict[str, int | str]]:
    """The months shown, from that of the first open day on: title, first day, and length in days."""
    firsts = [_month(first, n) for n in range(MONTHS_SHOWN + 1)]
    return [
        {
            "title": f"{MONTHS[start.month - 1].capitalize()} {start.year}",
            "start": start.isoformat(),
            "length": (end - start).days,
        }
        for start, end in pairwise(firsts)
    ]


def _month(day: date, ahead: int) -> date:
    years, month = divmod(day.month - 1 + ahead, 12)
    return date(day.year + years, month + 1, 1)


_HOME = "/eAppointment{application}"
ROUTES: list[BaseRoute] = [
    Route(f"{_HOME}/element/jsp/specific/prefecture.jsp", postcode),
    Route(f"{_HOME}/appointment.do", appointment, methods=["GET", "POST"]),
    Route(f"{_HOME}/step1ScenarioTwo.do", choose, methods=["POST"]),
    Route(f"{_HOME}/element/jsp/appointment.jsp", step),
    Route(f"{_HOME}/element/jsp/appointment.jsp;jsessionid={{session}}", step),
    Route(
        f"{_HOME}/dwr/call/plaincall/AjaxMotive.motiveMultiSiteSubmit.dwr", availabilities, methods=["POST"]
    ),
]
