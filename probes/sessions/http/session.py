"""Visits over plain HTTP: httpx fetches the pages, forms are computed from their HTML, no script runs.

`Step.body` holds the bytes with chunking and compression undone, charset not converted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from functools import partial
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from ssl import SSLContext
from typing import Any
from urllib.request import Request

import httpcore
import httpx

from probes.failures import Failed, Failure
from probes.model import Capture, Clock, Step, Transport
from probes.pages.page import origin_of
from probes.pages.received.encoding import decode, form_encoding
from probes.sessions.guard import Allowance, Resolver, StopLineCrossed, as_json, system_resolver
from probes.sessions.http.documents import as_over_http
from probes.sessions.http.forms import Submission, submission
from probes.sessions.http.network import GuardedBackend, GuardedTransport, peer
from probes.sessions.http.sheets import SheetMemory, SheetReader
from probes.sessions.http.unpacking import OFFERED, Unpacker
from probes.sessions.visit import FRANCE, LANGUAGE, Deciding, Draft, Limits, PageTurn, Visit
from probes.stop_line import StopLine

ACCEPT = "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8"

_CUT_OFF = (httpx.NetworkError, httpx.ProtocolError, httpcore.NetworkError, httpcore.ProtocolError)

AsgiApp = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]],
    Awaitable[None],
]


class _Sendable(DefaultCookiePolicy):
    """Leaves out cookies that httpx could not send back: those with letters that are not ASCII."""

    def set_ok(self, cookie: Cookie, request: Request) -> bool:
        return f"{cookie.name}{cookie.value}".isascii() and super().set_ok(cookie, request)


class HttpVisit(Visit):
    """A `Session` over httpx."""

    transport = Transport.HTTP
    remote_errors = (
        *Visit.remote_errors,
        *_CUT_OFF,
        httpx.TransportError,
        httpx.DecodingError,
        httpx.InvalidURL,
        httpx.CookieConflict,
        httpcore.TimeoutException,
        httpcore.UnsupportedProtocol,
        OSError,
    )

    def __init__(self, client: httpx.AsyncClient, memory: SheetMemory, **rules: Any) -> None:
        super().__init__(**rules)
        self._client = client
        self._sheets = SheetReader(client, memory, self.allowance, self.clock)

    async def open(self, url: str) -> Step:
        """GET `url`."""
        self.line.check_page(url)
        draft = self.draft("open", "GET", url)
        return await self.take(draft, partial(self._fetch, lambda: self._client.build_request("GET", url)))

    async def submit(
        self,
        selector: str,
        values: Mapping[str, str],
        *,
        button: str | None = None,
    ) -> Step:
        """Send the form `selector` of the current page to the URL in its `action`."""
        self.line.check_submission(selector, values, button)
        page = self.last_page()
        draft = self.draft("submit", "POST", page.final_url)
        try:
            self.check_form(selector, page.final_url)
            form = submission(decode(page), page.final_url, selector, values, button)
            draft.method, draft.url = form.method, form.address(form_encoding(page))
            self.check_target(draft.url)
        except Failed as exc:
            return self.record(draft, exc)
        return await self.take(draft, partial(self._fetch, partial(self._request, form, page)))

    async def call(self, url: str, body: Mapping[str, object]) -> Step:
        """POST `body` as JSON, with the headers that the page's own scripts would send."""
        self.line.check_call(url, body)
        page = self.last_page().final_url
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Origin": origin_of(page),
            "Referer": page,
        }
        content = as_json(body).encode()
        build = partial(self._client.build_request, "POST", url, content=content, headers=headers)
        return await self.take(self.draft("call", "POST", url), partial(self._fetch, build))

    async def unfold(self, selector: str) -> Step:
        """Always raises `StopLineCrossed`: no script runs over HTTP, so no walk may try to unfold."""
        raise StopLineCrossed(f"the walk unfolds {selector!r} over plain HTTP, where no script runs")

    async def cookies(self) -> frozenset[str]:
        """The values of the visit's cookies. `vigie record` masks them in the pages it saves."""
        return frozenset(cookie.value or "" for cookie in self._client.cookies.jar)

    def _request(self, form: Submission, page: Step) -> httpx.Request:
        headers = {"Referer": page.final_url}
        if form.method == "GET":
            return self._client.build_request("GET", form.address(form_encoding(page)), headers=headers)
        if form.multipart:
            files = [(name, (None, value.encode(form_encoding(page)))) for name, value in form.pairs]
            return self._client.build_request("POST", form.url, files=files, headers=headers)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self._client.build_request(
            "POST", form.url, content=form.query(form_encoding(page)).encode("ascii"), headers=headers
        )

    async def _fetch(self, build: Callable[[], httpx.Request], draft: Draft) -> None:
        request: httpx.Request | None = build()
        while request is not None:
            response = await self._client.send(request, stream=True)
            try:
                draft.answered(str(request.url), response.status_code, response.headers.multi_items())
                draft.server_address, draft.tls_sha256 = peer(response)
                await self._read(response, draft)
            finally:
                await response.aclose()
            request = response.next_request
            if request is not None:
                self.follow(draft, str(request.url))
        if draft.status is not None and draft.status < 400 and draft.shows_page():
            page = draft.step(0, draft.started_at, None, "")
            draft.sheets = await self._sheets.of(decode(page), page.final_url)

    async def _read(self, response: httpx.Response, draft: Draft) -> None:
        body = bytearray()
        try:
            await self._unpack(response, body)
        except _CUT_OFF as exc:
            raise Failed(Failure.TRUNCATED, str(exc)) from exc
        except Failed as exc:
            if exc.failure is Failure.BODY_TOO_LARGE:
                body.clear()
            raise
        finally:
            draft.body = bytes(body)

    async def _unpack(self, response: httpx.Response, body: bytearray) -> None:
        unpacker = Unpacker(response.headers.get("content-encoding", ""), self.limits.body)
        async for chunk in response.aiter_raw():
            for piece in unpacker.feed(chunk):
                body += piece
                # Other visits share this loop.
                await asyncio.sleep(0)
        unpacker.end()


class HttpSessions:
    """Makes visits over plain HTTP. All share one TLS context and the style sheets that were read; each has
    its own client and cookie jar.

    With `app`, that ASGI application answers in this process and no socket is opened.
    """

    def __init__(
        self,
        *,
        allowance: Allowance,
        user_agent: str,
        clock: Clock,
        limits: Limits | None = None,
        app: AsgiApp | None = None,
        resolve: Resolver = system_resolver,
        tls: SSLContext | None = None,
    ) -> None:
        self._allowance = allowance
        self._headers = {
            "User-Agent": user_agent,
            "Accept-Language": LANGUAGE,
            "Accept": ACCEPT,
            "Accept-Encoding": OFFERED,
        }
        self._clock = clock
        self._limits = limits or Limits()
        self._app = app
        self._backend = GuardedBackend(allowance, resolve)
        self._memory = SheetMemory()
        self._tls = tls or httpx.create_ssl_context()

    async def start(self) -> None:
        """Does nothing; browser sessions need it."""

    async def close(self) -> None:
        """Does nothing: each visit closes its own client."""

    @asynccontextmanager
    async def visit(
        self, *, stop_line: StopLine, turn: PageTurn, deciding: Deciding | None = None, zone: str = FRANCE
    ) -> AsyncIterator[HttpVisit]:
        """One visit, with an empty cookie jar. Its `capture` can be read once the block has ended.

        `deciding` and `zone` are ignored: without a browser nothing has ink, and no script prints hours.
        """
        async with self._client() as client:
            visit = HttpVisit(
                client,
                self._memory,
                stop_line=stop_line,
                turn=turn,
                allowance=self._allowance,
                clock=self._clock,
                limits=self._limits,
            )
            try:
                yield visit
            finally:
                visit.end()

    async def as_over_http(self, capture: Capture) -> Capture:
        """What a browser received in one visit, as a visit over plain HTTP would have received it.

        The style sheets are asked for as in any visit; documents are not. Call it within the host's turn.
        """
        async with self._client() as client:
            sheets = SheetReader(client, self._memory, self._allowance, self._clock)
            return await as_over_http(capture, sheets)

    def _client(self) -> httpx.AsyncClient:
        timeout = httpx.Timeout(
            self._limits.read.total_seconds(), connect=self._limits.connect.total_seconds()
        )
        jar = CookieJar(_Sendable())
        return httpx.AsyncClient(
            transport=self._transport(), headers=self._headers, timeout=timeout, cookies=jar
        )

    def _transport(self) -> httpx.AsyncBaseTransport:
        if self._app is not None:
            return httpx.ASGITransport(app=self._app)
        return GuardedTransport(self._backend, self._tls)
