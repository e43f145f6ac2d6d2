"""The classic booking module: `/booking/create/<id>/<step>` and the calendar fragment.

Steps: 0 conditions, 1 desks when there are several, 2 « no slot », 3 description, 4 calendar. From step 5 on
a real site takes up a slot and asks for a name. Those pages exist here only to count visits to them: Vigie
must make none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from probes.simulator import french
from probes.simulator.faults import Fault
from probes.simulator.render import render
from probes.simulator.sites import Procedure, SimulatedDesk
from probes.simulator.supply import Offer
from probes.simulator.world import Ask, asked

ACCEPT = "Effectuer une demande de rendez-vous"
NEXT = "Etape suivante"


@dataclass(frozen=True, slots=True)
class _Visit:
    """One request for one step of one procedure. `base` is the path up to the procedure's number."""

    ask: Ask
    procedure: Procedure
    base: str

    def go(self, step: int | str) -> Response:
        return RedirectResponse(f"{self.base}/{step}", HTTPStatus.FOUND)

    def page(self, template: str, step: int, **values: object) -> HTMLResponse:
        here = f"{self.base}/{step}"
        return self.ask.page(
            f"classic/{template}.html",
            procedure=self.procedure,
            base=self.base,
            here=here,
            step=step,
            **values,
        )

    @property
    def pressed(self) -> bool:
        """Whether the form of a step was sent with its button."""
        return self.ask.request.method == "POST" and bool(self.ask.fields.get("nextButton"))

    @property
    def desk(self) -> SimulatedDesk | None:
        """The desk this session has reached: the chosen one, or the only one once conditions are accepted."""
        if self.procedure.id not in self.ask.session.accepted:
            return None
        if len(self.procedure.desks) == 1:
            return self.procedure.desks[0]
        return self.procedure.desk(self.ask.session.desks.get(self.procedure.id, 0))

    def offer(self, desk: SimulatedDesk) -> Offer:
        return self.ask.site.offer(self.procedure, [desk], self.ask.at)


async def step(request: Request) -> Response:
    """The page of any step of a procedure, or the redirect to the step that the session has reached."""
    ask = asked(request)
    procedure = ask.procedure(request.path_params["procedure"])
    number = request.path_params.get("step", 0)
    prefix, _, _ = request.url.path.partition("/booking/create/")
    base = f"{prefix}/booking/create/{procedure.id}"
    if ask.fault is Fault.CLOSED:
        return ask.page("classic/withdrawn.html", procedure=procedure)
    answer = _STEPS.get(number)
    if answer is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return answer(_Visit(ask, procedure, base))


def _conditions(visit: _Visit) -> Response:
    if visit.pressed and visit.ask.fields.get("condition") == "on":
        visit.ask.session.accepted.add(visit.procedure.id)
        return visit.go(1) if len(visit.procedure.desks) > 1 else _to_answer(visit)
    return visit.page("conditions", 0, unticked=visit.pressed, accept=ACCEPT)


def _desks(visit: _Visit) -> Response:
    if len(visit.procedure.desks) < 2:
        return visit.go(0)
    chosen = visit.ask.fields.get("planning", "")
    if visit.pressed and chosen.isdecimal() and visit.procedure.desk(int(chosen)):
        visit.ask.session.accepted.add(visit.procedure.id)
        visit.ask.session.desks[visit.procedure.id] = int(chosen)
        return _to_answer(visit)
    return visit.page("desks", 1, unticked=visit.pressed, next=NEXT)


def _to_answer(visit: _Visit) -> Response:
    desk = visit.desk
    if desk is None:
        return visit.go(0)
    return visit.go(3 if visit.offer(desk).slots else 2)


def _none(visit: _Visit) -> Response:
    desk = visit.desk
    if desk is None or (offer := visit.offer(desk)).slots:
        return _to_answer(visit)
    return visit.page("none", 2, published=offer.published)


def _description(visit: _Visit) -> Response:
    desk = visit.desk
    if desk is None or not visit.offer(desk).slots:
        return _to_answer(visit)
    return visit.go(4) if visit.pressed else visit.page("description", 3, desk=desk, next=NEXT)


def _calendar(visit: _Visit) -> Response:
    desk = visit.desk
    if desk is None or not (slots := visit.offer(desk).slots):
        return _to_answer(visit)
    today = visit.ask.at.astimezone(visit.procedure.tz).date()
    first = slots[0].astimezone(visit.procedure.tz).date()
    offset = (first - today).days // 7 * 7
    week = _week(visit.procedure, slots, today + timedelta(days=offset))
    return visit.page("calendar", 4, desk=desk, offset=offset, week=week)


def _beyond(visit: _Visit) -> Response:
    return visit.page("beyond", 5)


_STEPS: dict[int, Callable[[_Visit], Response]] = {
    0: _conditions,
    1: _desks,
    2: _none,
    3: _description,
    4: _calendar,
    **dict.fromkeys((5, 6, 7, 8), _beyond),
}


async def fragment(request: Request) -> Response:
    """One week of a desk's calendar, `offset` days after today. As on real sites, it needs no session."""
    ask = asked(request)
    procedure = ask.procedure(request.path_params["procedure"])
    desk = procedure.desk(request.path_params["planning"])
    if desk is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    slots = ask.site.offer(procedure, [desk], ask.at).slots
    start = ask.at.astimezone(procedure.tz).date() + timedelta(days=request.path_params["offset"])
    week = _week(procedure, slots, start)
    return HTMLResponse(render("classic/fragment.html", base=f"/booking/create/{procedure.id}", week=week))


@dataclass(frozen=True, slots=True)
class _Week:
    """Seven days of a calendar: a title, day names, and rows of (hour, one cell a day: Unix time or None)."""

    title: str
    days: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]


def _week(procedure: Procedure, slots: Sequence[datetime], start: date) -> _Week:
    days = [start + timedelta(days=n) for n in range(7)]
    local = {slot.astimezone(procedure.tz): slot for slot in slots}
    free = {(s.date(), s.time()): int(slot.timestamp()) for s, slot in local.items() if s.date() in days}
    hours = sorted({hour for _day, hour in free})
    return _Week(
        title=f"Semaine du {french.long_day(days[0])} au {french.long_day(days[6])}",
        days=tuple(f"{french.DAYS[day.weekday()]} {day:%d/%m}" for day in days),
        rows=tuple((f"{hour:%H:%M}", tuple(free.get((day, hour)) for day in days)) for hour in hours),
    )


_BOOKING = [
    Route("/booking/create/{procedure}", step, methods=["GET", "POST"]),
    Route("/booking/create/{procedure}/{step:int}", step, methods=["GET", "POST"]),
    Route("/booking/create/{procedure}/{step:int}/{rest:path}", step, methods=["GET", "POST"]),
]
ROUTES: list[BaseRoute] = [
    *_BOOKING,
    Mount("/index.php", routes=_BOOKING),
    Route(
        "/ezjscore/call/bookingserver::planning::assign::{procedure}::{planning:int}::{offset:int}",
        fragment,
        methods=["GET", "POST"],
    ),
]
