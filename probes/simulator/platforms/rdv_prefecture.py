"""RDV-Préfecture: landing page, conditions with a CAPTCHA, and the slots for a session that passed it.

Only a person can pass the CAPTCHA: its code is drawn in the image and is not in the text of any page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from probes.simulator import french, supply
from probes.simulator.faults import Fault
from probes.simulator.platforms.captcha import draw
from probes.simulator.sites import Procedure
from probes.simulator.supply import Offer
from probes.simulator.world import Ask, asked

SESSION_LASTS = timedelta(minutes=20)


def _asked(request: Request) -> tuple[Ask, Procedure, str]:
    ask = asked(request)
    procedure = ask.procedure(request.path_params["demarche"])
    if ask.fault is Fault.CLOSED:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return ask, procedure, f"/rdvpref/reservation/demarche/{procedure.id}"


async def landing(request: Request) -> Response:
    """The landing page of a démarche, with the link to its conditions."""
    ask, procedure, base = _asked(request)
    return ask.page("rdv_prefecture/landing.html", procedure=procedure, base=base)


async def conditions(request: Request) -> Response:
    """The conditions, with a new CAPTCHA each time."""
    ask, procedure, base = _asked(request)
    ask.session.captcha = _fresh_code(ask)
    error = request.query_params.get("error")
    image = draw(ask.session.captcha)
    captcha_id = sha256(image.encode()).hexdigest()[:32]
    return ask.page(
        "rdv_prefecture/cgu.html",
        procedure=procedure,
        base=base,
        error=error,
        image=image,
        captcha_id=captcha_id,
    )


def _fresh_code(ask: Ask) -> str:
    drawn = sha256(f"{ask.site.seed}|{ask.session.id}|{ask.at.isoformat()}".encode()).digest()
    return "".join(str(byte % 10) for byte in drawn[:6])


async def validate(request: Request) -> Response:
    """Check the code that a person typed; redirect to the slots, or back to the conditions."""
    ask, _procedure, base = _asked(request)
    code, ask.session.captcha = ask.session.captcha, ""
    if not code or ask.fields.get("captchaUsercode", "").strip() != code:
        return RedirectResponse(f"{base}/cgu/?error=invalidCaptcha", HTTPStatus.FOUND)
    ask.session.validated_at = ask.at
    return RedirectResponse(f"{base}/creneau/", HTTPStatus.FOUND)


async def creneau(request: Request) -> Response:
    """The slots, if the session passed the CAPTCHA in the last 20 minutes; else back to the conditions."""
    ask, procedure, base = _asked(request)
    validated_at = ask.session.validated_at
    if ask.fault is Fault.SESSION_EXPIRED or (validated_at and ask.at - validated_at > SESSION_LASTS):
        ask.session.validated_at = None
        return RedirectResponse(f"{base}/cgu/?error=errorSessionInvalide", HTTPStatus.FOUND)
    if validated_at is None:
        return RedirectResponse(f"{base}/cgu/", HTTPStatus.FOUND)
    return _slots_page(ask, procedure, base, _date(request.query_params.get("premierJour")))


def _slots_page(ask: Ask, procedure: Procedure, base: str, first_day: date | None) -> Response:
    offer = ask.site.offer(procedure, procedure.desks, ask.at)
    slots = [slot.astimezone(procedure.tz) for slot in offer.slots]
    start = first_day or ask.at.astimezone(procedure.tz).date()
    days = [start + timedelta(days=n) for n in range(7)]
    return ask.page(
        "rdv_prefecture/creneau.html",
        procedure=procedure,
        base=base,
        published=offer.published,
        days=[(french.DAYS[day.weekday()], day, [s for s in slots if s.date() == day]) for day in days],
        this_week=any(slot.date() in days for slot in slots),
        later=next((slot for slot in slots if slot.date() > days[-1]), None),
        phone=ask.fault is Fault.PHONE,
        release=_next_release(procedure, ask.at),
        data=_data(offer, slots, days),
    )


def _next_release(procedure: Procedure, at: datetime) -> datetime | None:
    announced = (supply.next_release(d.scenario, zone=procedure.tz, at=at) for d in procedure.desks)
    first = min((instant for instant in announced if instant), default=None)
    return first.astimezone(procedure.tz) if first else None


def _data(offer: Offer, slots: Sequence[datetime], days: Sequence[date]) -> dict[str, object]:
    """The JSON data for the page's own script."""
    criteria = {
        "premierJour": days[0].isoformat(),
        "dateMin": days[0].isoformat(),
        "dateMax": (days[0] + timedelta(days=190)).isoformat() if offer.published else "",
        "datePremiereDispo": slots[0].date().isoformat() if slots else "",
    }
    return {"vueData": {"critere": criteria}}


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


_HOME = "/rdvpref/reservation/demarche/{demarche}"
ROUTES: list[BaseRoute] = [
    Route(f"{_HOME}/", landing),
    Route(f"{_HOME}/cgu/", conditions),
    Route(f"{_HOME}/cgu/_validerCaptcha", validate, methods=["POST"]),
    Route(f"{_HOME}/creneau/", creneau, methods=["GET", "POST"]),
]
