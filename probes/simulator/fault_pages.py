"""The answers of a host whose present fault replaces every page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from probes.model import Clock
from probes.simulator.faults import Fault
from probes.simulator.render import render

RETRY_AFTER = timedelta(seconds=120)
HANG = timedelta(minutes=10)
PRIVATE_ADDRESS = "http://10.0.0.1/"
TAKING = "/booking/create/1201/5"
"""Under this a hostile page asks for pages that take up a slot. No product of ours declares it."""


@dataclass(frozen=True, slots=True)
class _ErrorPage:
    status: int
    title: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


_ERROR_PAGES = {
    Fault.BAD_GATEWAY: _ErrorPage(
        502, "502 Bad Gateway", "The server returned an invalid or incomplete response."
    ),
    Fault.FORBIDDEN: _ErrorPage(403, "403 Forbidden", "Request forbidden by administrative rules."),
    Fault.TOO_MANY_REQUESTS: _ErrorPage(
        429,
        "429 Too Many Requests",
        "Trop de requêtes ont été reçues depuis votre adresse.",
        {"Retry-After": f"{RETRY_AFTER.total_seconds():.0f}"},
    ),
    Fault.OVERLOADED: _ErrorPage(
        503, "Service surchargé", "Le service est temporairement surchargé. Merci de revenir plus tard."
    ),
    Fault.MAINTENANCE: _ErrorPage(
        503,
        "Maintenance",
        "Le site est actuellement en maintenance. Il sera à nouveau disponible dans un court instant.",
    ),
}


def error_page(status: int, title: str, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """A plain error page, as servers and gateways write them; like all pages it says that it is simulated."""
    return HTMLResponse(render("error.html", title=title, text=text), status, headers)


def answer(fault: Fault | None, request: Request, clock: Clock) -> Response | None:
    """The answer under `fault`; `None` when the site should serve its own page."""
    if fault in _ERROR_PAGES:
        page = _ERROR_PAGES[fault]
        return error_page(page.status, page.title, page.text, page.headers)
    if fault is Fault.HANG:
        return _Hang(clock)
    respond = _RESPONSES.get(fault) if fault else None
    return respond(request) if respond else None


HOSTILE_HEADERS = {
    "Speculation-Rules": f'"{TAKING}/rules"',
    "Link": f"<{TAKING}/header-prefetch>; rel=prefetch, <{TAKING}/header-preload>; rel=preload; as=fetch",
}


def hostile() -> bytes:
    """What `HOSTILE` adds to every page: it tries to make a browser ask for pages under `TAKING`."""
    return render("hostile.html", off=TAKING).encode()


class _Hang(Response):
    """Sends nothing until the visitor disconnects, or answers 504 after `HANG`, as a gateway would."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        waiting = [
            asyncio.ensure_future(self._clock.sleep(HANG.total_seconds())),
            asyncio.ensure_future(_until_gone(receive)),
        ]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waiting:
                wait.cancel()
        page = error_page(504, "504 Gateway Time-out", "The server didn't respond in time.")
        await page(scope, receive, send)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _captcha(request: Request) -> Response:
    return HTMLResponse(render("captcha.html", path=request.url.path))


def _redesign(request: Request) -> Response:
    return HTMLResponse(render("redesign.html"))


def _login(request: Request) -> Response:
    if request.url.path == "/login/":
        return HTMLResponse(render("login.html"))
    return RedirectResponse("/login/", 302)


def _redirect_loop(request: Request) -> Response:
    return RedirectResponse(str(request.url), 302)


def _private_redirect(request: Request) -> Response:
    return RedirectResponse(PRIVATE_ADDRESS, 302)


def _empty(request: Request) -> Response:
    return HTMLResponse(b"")


_RESPONSES: dict[Fault, Callable[[Request], Response]] = {
    Fault.CAPTCHA: _captcha,
    Fault.REDESIGN: _redesign,
    Fault.LOGIN: _login,
    Fault.REDIRECT_LOOP: _redirect_loop,
    Fault.PRIVATE_REDIRECT: _private_redirect,
    Fault.EMPTY: _empty,
}
