"""Handles every request to a simulated host: session cookie, fault, label, entry in the request log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Message, Receive, Scope, Send

from probes.simulator import fault_pages
from probes.simulator.assets import asset, is_asset
from probes.simulator.faults import Fault
from probes.simulator.platforms import (
    classic,
    demarche_numerique,
    esirius,
    orion,
    rdv_prefecture,
    rdv_service_public,
)
from probes.simulator.request_log import Entry
from probes.simulator.sites import Product, Site
from probes.simulator.world import Ask, Simulator, VisitorSession

LABEL_HEADER = "X-Vigie-Simulateur"

_COOKIES = {
    Product.CLASSIC: ("eZSESSID", "/"),
    Product.RDV_PREFECTURE: ("JSESSIONID", "/rdvpref"),
    Product.RDV_SERVICE_PUBLIC: ("session_simulee", "/"),
    Product.DEMARCHE_NUMERIQUE: ("session_simulee", "/"),
    Product.ESIRIUS: ("JSESSIONID", "/"),
    Product.ORION: ("session_simulee", "/"),
}
_ROUTES = {
    Product.CLASSIC: classic.ROUTES,
    Product.RDV_SERVICE_PUBLIC: rdv_service_public.ROUTES,
    Product.DEMARCHE_NUMERIQUE: demarche_numerique.ROUTES,
    Product.RDV_PREFECTURE: rdv_prefecture.ROUTES,
    Product.ESIRIUS: esirius.ROUTES,
    Product.ORION: orion.ROUTES,
}


async def not_found(request: Request, _error: Exception | None = None) -> Response:
    """The 404 page of every host."""
    return fault_pages.error_page(404, "404 Not Found", "La page demandée n'existe pas.")


class Front:
    """The ASGI application that serves every site of `world`, by host name."""

    def __init__(self, world: Simulator) -> None:
        self._world = world
        self._under_way: Counter[str] = Counter()
        self._routers = {
            product: Router([*routes, Route("/{path:path}", not_found, methods=None)])
            for product, routes in _ROUTES.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        site = self._world.sites.get(request.url.hostname or "")
        if site is None:
            await (await not_found(request))(scope, receive, send)
        elif is_asset(request.url.path):
            await self._asset(site, request, send)
        else:
            await self._page(site, request, send)

    async def _asset(self, site: Site, request: Request, send: Send) -> None:
        response = asset(request.url.path, self._world.weight_kb)
        entry = _entry(request, site, self._world.clock.now(), visit="", status=response.status_code)
        self._world.request_log.record(entry)
        await response(request.scope, request.receive, send)

    async def _page(self, site: Site, request: Request, send: Send) -> None:
        ask = await self._ask(site, request)
        answering = _Answering(ask, send, self._under_way[site.host])
        self._under_way[site.host] += 1
        try:
            await self._answer(ask, answering)
        finally:
            self._under_way[site.host] -= 1

    async def _ask(self, site: Site, request: Request) -> Ask:
        at = self._world.clock.now()
        fields = await _fields(request) if request.method == "POST" else {}
        fault = self._world.fault(site, at)
        session = self._session(site, request, fault)
        return Ask(
            world=self._world, site=site, at=at, session=session, fields=fields, fault=fault, request=request
        )

    def _session(self, site: Site, request: Request, fault: Fault | None) -> VisitorSession:
        name, _path = _COOKIES[site.product]
        session = self._world.sessions.get(request.cookies.get(name))
        if session is None:
            return self._world.sessions.start()
        if fault is Fault.SESSION_EXPIRED:
            session.forget()
        return session

    async def _answer(self, ask: Ask, send: _Answering) -> None:
        request = ask.request
        replaced = fault_pages.answer(ask.fault, request, self._world.clock)
        if replaced is not None:
            await replaced(request.scope, request.receive, send)
            return
        request.scope["ask"] = ask
        await self._routers[ask.site.product](request.scope, request.receive, send)


class _Answering:
    """An ASGI `send` for one page: logs the request, adds label and cookie, cuts the body if so set."""

    def __init__(self, ask: Ask, send: Send, under_way: int) -> None:
        self._ask = ask
        self._send = send
        self._under_way = under_way
        self._hostile = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start(message)
        elif self._ask.fault is Fault.TRUNCATED:
            message["body"] = message["body"][: len(message["body"]) // 2]
        elif self._hostile:
            message["body"] += fault_pages.hostile()
        await self._send(message)

    def _start(self, message: Message) -> None:
        ask, headers = self._ask, MutableHeaders(scope=message)
        headers[LABEL_HEADER] = "1"
        self._hostile = ask.fault is Fault.HOSTILE and headers.get("content-type", "").startswith("text/html")
        if self._hostile:
            headers.update(fault_pages.HOSTILE_HEADERS)
            headers["Content-Length"] = str(int(headers["Content-Length"]) + len(fault_pages.hostile()))
        headers["Date"] = format_datetime(ask.at, usegmt=True)
        name, path = _COOKIES[ask.site.product]
        if ask.request.cookies.get(name) != ask.session.id:
            headers.append("Set-Cookie", f"{name}={ask.session.id}; Path={path}; HttpOnly")
        entry = _entry(
            ask.request,
            ask.site,
            ask.at,
            visit=ask.session.id,
            status=message["status"],
            fields=tuple(ask.fields.items()),
            under_way=self._under_way,
            location=_local_path(headers.get("location", ""), ask.site),
            retry_after=float(headers.get("retry-after", 0)),
        )
        ask.world.request_log.record(entry)


async def _fields(request: Request) -> Mapping[str, str]:
    async with request.form() as form:
        return {name: str(value) for name, value in form.items()}


def _entry(
    request: Request,
    site: Site,
    at: datetime,
    *,
    visit: str,
    status: int,
    fields: tuple[tuple[str, str], ...] = (),
    under_way: int = 0,
    location: str = "",
    retry_after: float = 0.0,
) -> Entry:
    query = f"?{request.url.query}" if request.url.query else ""
    return Entry(
        at=at,
        host=site.host,
        method=request.method,
        path=request.url.path + query,
        status=status,
        visit=visit,
        fields=fields,
        cookies=frozenset(request.cookies),
        user_agent=request.headers.get("user-agent", ""),
        # A request made by a page's own script in a browser is part of that page, like its pictures.
        asset=not visit or request.headers.get("sec-fetch-dest") == "empty",
        under_way=under_way,
        location=location,
        retry_after=retry_after,
    )


def _local_path(location: str, site: Site) -> str:
    """Path and query of a redirect; empty without a redirect, or for one to another site."""
    parts = urlsplit(location)
    if parts.hostname not in (None, site.host):
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
