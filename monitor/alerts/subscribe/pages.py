"""The pages where people subscribe, confirm and leave, under `/alertes`. No cookie, no script.

Confirming and leaving take a POST. Mail scanners open links with GET, which must change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from urllib.parse import parse_qsl

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from monitor.alerts.subscribe.requests import SubscriptionRequests, TooManyRequests, UnclearRequest, choices
from monitor.alerts.write.links import Purpose
from monitor.model import Language

LARGEST_FORM = 65_536
MOST_FIELDS = 1000
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",  # the address of a page holds a secret token
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
_PAGES = Environment(
    loader=PackageLoader("monitor.alerts.subscribe"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STYLE = files("monitor.alerts.subscribe").joinpath("templates/style.css").read_text(encoding="utf-8")


def app(requests: SubscriptionRequests) -> Starlette:
    """The web application with all pages under `/alertes`."""
    pages = SubscriptionPages(requests)
    routes = [
        Route("/alertes", pages.form, methods=["GET"]),
        Route("/alertes", pages.ask, methods=["POST"]),
        Route("/alertes/style.css", style, methods=["GET"]),
    ]
    for purpose in Purpose:
        one = f"/alertes/{purpose}/{{token}}"
        routes += [Route(one, pages.button, methods=["GET"]), Route(one, pages.press, methods=["POST"])]
    return Starlette(routes=routes)


@dataclass(frozen=True)
class SubscriptionPages:
    """The handlers of the addresses under `/alertes`."""

    requests: SubscriptionRequests

    async def form(self, request: Request) -> Response:
        """GET `/alertes`: the form to subscribe."""
        return await self._form(request)

    async def ask(self, request: Request) -> Response:
        """POST `/alertes`: take a request to subscribe. Answers 202, 400 or 429.

        The answer is the same whether the mail address is known or not, so that nobody can find out.
        """
        machine = request.client.host if request.client else ""
        try:
            await run_in_threadpool(self.requests.request, await _fields(request), machine)
        except TooManyRequests:
            return _page(request, "said", 429, said="many")
        except UnclearRequest as error:
            return await self._form(request, 400, str(error))
        return _page(request, "said", 202, said="asked")

    async def button(self, request: Request) -> Response:
        """GET of a link in a mail: shows a button and changes nothing. 404 for a token we did not sign."""
        purpose, token = _act(request)
        if self.requests.signer.subscription(purpose, token) is None:
            return _page(request, "said", 404, said="unknown")
        return _page(request, "button", purpose=purpose)

    async def press(self, request: Request) -> Response:
        """POST of a link in a mail, by the button or by the one click of RFC 8058: confirm or leave."""
        purpose, token = _act(request)
        confirming = purpose is Purpose.CONFIRM
        act = self.requests.confirm if confirming else self.requests.leave
        if not await run_in_threadpool(act, token):
            return _page(request, "said", 404, said="unknown")
        return _page(request, "said", said="confirmed" if confirming else "left")

    async def _form(self, request: Request, status: int = 200, problem: str = "") -> Response:
        offered = choices(await run_in_threadpool(self.requests.targets))
        return _page(request, "form", status, offered=offered, problem=problem)


async def style(_: Request) -> Response:
    """GET of the style sheet. It is a file so that the content policy can forbid inline styles."""
    return Response(_STYLE, media_type="text/css", headers={**HEADERS, "Cache-Control": "max-age=3600"})


def _act(request: Request) -> tuple[Purpose, str]:
    return Purpose(request.url.path.split("/")[2]), request.path_params["token"]


async def _fields(request: Request) -> dict[str, list[str]]:
    """The values of each field of the form sent. Raises `UnclearRequest` when the form is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise UnclearRequest("form")
    fields: dict[str, list[str]] = {}
    try:
        given = parse_qsl(body.decode(errors="replace"), max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise UnclearRequest("form") from error
    for name, value in given:
        fields.setdefault(name, []).append(value)
    return fields


def _page(request: Request, name: str, status: int = 200, **context: object) -> HTMLResponse:
    language = Language.ENGLISH if request.query_params.get("lang") == "en" else Language.FRENCH
    html = _PAGES.get_template(f"{language}-{name}.j2").render(language=language, **context)
    return HTMLResponse(html, status_code=status, headers=HEADERS)
