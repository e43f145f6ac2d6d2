"""RDV Service Public: `/prendre_rdv`, whose step (motif, lieu, créneau) follows from its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from probes.simulator import french
from probes.simulator.faults import Fault
from probes.simulator.sites import MOTIF, ORGANISATION, Procedure, SimulatedDesk, motif_query
from probes.simulator.world import Ask, asked


async def prendre_rdv(request: Request) -> Response:
    """The page of the step that follows from the parameters: motifs, places, or slots of one place."""
    ask, params = asked(request), request.query_params
    motif = next((p for p in _motifs(ask, params) if f"{p.id}-public_office" == params.get(MOTIF)), None)
    if motif is None:
        return _motif_step(ask, params)
    if ask.fault is Fault.CLOSED:
        return ask.page("rdv_service_public/withdrawn.html", motif=motif)
    lieu = motif.desk(int(params["lieu_id"])) if params.get("lieu_id", "").isdecimal() else None
    return _creneau_step(ask, motif, lieu, params) if lieu else _lieu_step(ask, motif)


def _motifs(ask: Ask, params: Mapping[str, str]) -> list[Procedure]:
    """The motifs of the organisation. Under the fault `renumbered` their slugs are different."""
    motifs = [motif for motif in ask.site.procedures if str(motif.organisation) == params.get(ORGANISATION)]
    return [replace(m, id=f"{m.id}-2") for m in motifs] if ask.fault is Fault.RENUMBERED else motifs


def _link(motif: Procedure, **more: object) -> str:
    return f"/prendre_rdv?{motif_query(motif, **more)}"


def _motif_step(ask: Ask, params: Mapping[str, str]) -> Response:
    """The list of motifs; empty when the parameters name a motif that does not exist (any more)."""
    motifs = [] if MOTIF in params else _motifs(ask, params)
    return ask.page("rdv_service_public/motif.html", motifs=[(_link(m), m.title) for m in motifs])


@dataclass(frozen=True, slots=True)
class _Lieu:
    label: str
    link: str
    first: datetime


def _lieu_step(ask: Ask, motif: Procedure) -> Response:
    """The places that have slots, each with its first one."""
    lieux = [
        _Lieu(lieu.label, _link(motif, lieu_id=lieu.number), slots[0].astimezone(motif.tz))
        for lieu in motif.desks
        if (slots := ask.site.offer(motif, [lieu], ask.at).slots)
    ]
    return ask.page("rdv_service_public/lieu.html", motif=motif, lieux=lieux)


def _creneau_step(ask: Ask, motif: Procedure, lieu: SimulatedDesk, params: Mapping[str, str]) -> Response:
    """One week of one place, from `date` or today on, with a link to the next slot after that week."""
    slots = [slot.astimezone(motif.tz) for slot in ask.site.offer(motif, [lieu], ask.at).slots]
    start = _date(params.get("date")) or ask.at.astimezone(motif.tz).date()
    days = [start + timedelta(days=n) for n in range(7)]
    later = next((slot for slot in slots if slot.date() > days[-1]), None)
    return ask.page(
        "rdv_service_public/creneau.html",
        motif=motif,
        lieu=lieu,
        days=[(french.long_day(day), _choices(motif, lieu, slots, day)) for day in days],
        any_slot=bool(slots),
        later=later,
        later_link=_link(motif, lieu_id=lieu.number, date=later.date()) if later else "",
    )


def _choices(
    motif: Procedure, lieu: SimulatedDesk, slots: Sequence[datetime], day: date
) -> list[tuple[str, str, str]]:
    """For each slot of `day`: its hour, its label for screen readers, and the link that would take it up."""
    return [
        (f"{slot:%H:%M}", f"Choisir le créneau de {slot:%H:%M}", _wizard(motif, lieu, slot))
        for slot in slots
        if slot.date() == day
    ]


def _wizard(motif: Procedure, lieu: SimulatedDesk, slot: datetime) -> str:
    query = motif_query(motif, lieu_id=lieu.number, starts_at=slot.isoformat())
    return f"/users/rdv_wizard_step/new?{query}"


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


async def organisation(request: Request) -> Response:
    """Redirect an organisation's public link to its list of motifs."""
    ask, number = asked(request), request.path_params["organisation"]
    found = next((p for p in ask.site.procedures if p.organisation == number), None)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    query = urlencode({"departement": found.departement, ORGANISATION: number})
    return RedirectResponse(f"/prendre_rdv?{query}", HTTPStatus.FOUND)


async def private(request: Request) -> Response:
    """The page behind a slot's link. Vigie must never go there: tests look for it in the request log."""
    return asked(request).page("private.html")


ROUTES: list[BaseRoute] = [
    Route("/prendre_rdv", prendre_rdv),
    Route("/org/{organisation:int}", organisation),
    Route("/org/{organisation:int}/{slug}", organisation),
    Route("/org/ext/{territory}/{organisation:int}", organisation),
    Route("/users/{rest:path}", private, methods=["GET", "POST"]),
]
