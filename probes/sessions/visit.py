"""What both transports share: limits, the step being received, and the rules every step goes through."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Protocol
from urllib.parse import urlsplit

from probes.failures import Failed, Failure, of_exception, of_status
from probes.model import Capture, Clock, Ink, LinkedSheet, Step, Transport, VisitOver
from probes.pages.received.kind import Kind, is_download, kind_of, shows_page
from probes.sessions.guard import Allowance, StopLineGuard
from probes.stop_line import StopLine

LANGUAGE = "fr-FR"
FRANCE = "Europe/Paris"

KEPT_HEADERS = frozenset(
    (
        "date",
        "age",
        "server",
        "content-type",
        "content-length",
        "content-encoding",
        "transfer-encoding",
        "retry-after",
        "refresh",
        "location",
        "cache-control",
        "last-modified",
        "etag",
        "via",
        "x-cache",
    )
)
_DETAIL_LIMIT = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The most that one visit may take.

    `connect` and `read` are for one request. `visit` is the sum over all pages, without the pauses between
    them. `body` is in bytes. `redirects` is for one step.
    """

    connect: timedelta = timedelta(seconds=15)
    read: timedelta = timedelta(seconds=30)
    visit: timedelta = timedelta(seconds=180)
    body: int = 5_000_000
    redirects: int = 8


Deciding = Callable[[Step], Sequence[str]]
"""Takes a step, returns the words of its page that a reading may stand on, as the page writes them."""


class PageTurn(Protocol):
    """The host's turn, as far as a session needs it. The service uses `probes.sessions.pace.Turn`."""

    async def page(self) -> None:
        """Wait until one more page may be asked for; raises `NotNow` when it may not."""


@dataclass(kw_only=True)
class Draft:
    """A step while it is being received.

    `redirects` lists every URL we were redirected to, also those that we refused to ask for.
    """

    action: str
    method: str
    url: str
    final_url: str = ""
    started_at: datetime
    status: int | None = None
    redirects: list[str] = field(default_factory=list)
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    rendered: str | None = None
    dialogs: list[str] = field(default_factory=list)
    server_address: str | None = None
    tls_sha256: str | None = None
    content_type: str = "text/html"
    is_download: bool = False
    sheets: tuple[LinkedSheet, ...] | None = None
    settled: bool | None = None
    ink: tuple[Ink, ...] | None = None
    refused: list[str] = field(default_factory=list)

    def answered(self, url: str, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Keep the URL, the status and the allowed headers of an answer; the last answer replaces others."""
        received = [(name.lower(), value) for name, value in headers]
        self.final_url, self.status, self.headers = url, status, kept(received)
        self.content_type = dict(received).get("content-type", "text/html")
        self.is_download = is_download(value for name, value in received if name == "content-disposition")

    def check(self) -> None:
        """Raise `Failed` when the answer is a file to download or has an empty body."""
        if self.status is None:
            return
        self.check_kind()
        if not self.body.strip():
            raise Failed(Failure.EMPTY_BODY)

    def check_kind(self) -> None:
        """Raise `Failed` when a browser would save the answer instead of showing it."""
        if self.is_download or kind_of(self.content_type, self.body) is Kind.FILE:
            raise Failed(Failure.INVALID_RESPONSE, "the answer is a file to download, not a page")

    def shows_page(self) -> bool:
        """Whether a browser would make a page of the answer."""
        return shows_page(self.content_type, self.body)

    def step(self, n: int, finished_at: datetime, failure: Failure | None, detail: str) -> Step:
        """The finished step: number `n` in the visit, from 0; `failure` is `None` for a usable page."""
        return Step(
            n=n,
            action=self.action,
            method=self.method,
            url=self.url,
            final_url=self.final_url or self.url,
            started_at=self.started_at,
            finished_at=finished_at,
            status=self.status,
            redirects=tuple(self.redirects),
            headers=self.headers,
            body=self.body,
            rendered=self.rendered,
            dialogs=tuple(self.dialogs),
            server_address=self.server_address,
            tls_sha256=self.tls_sha256,
            failure=failure,
            detail=detail[:_DETAIL_LIMIT],
            sheets=self.sheets,
            settled=self.settled,
            ink=self.ink,
            refused=tuple(self.refused),
        )


def declared_length(headers: Iterable[tuple[str, str]]) -> int:
    """The bytes that an answer announces; 0 when it does not say."""
    value = dict(headers).get("content-length", "")
    return int(value) if re.fullmatch(r"\d{1,15}", value) else 0


def kept(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Only the headers in `KEPT_HEADERS`, names in lower case.

    No cookie and no token is kept; `location` and `refresh` lose their query, which may hold one.
    """
    chosen = [(name.lower(), value) for name, value in headers if name.lower() in KEPT_HEADERS]
    return tuple((name, _SHORTENED.get(name, str)(value)) for name, value in chosen)


def _bare(url: str) -> str:
    try:
        return urlsplit(url)._replace(query="", fragment="").geturl()
    except ValueError:
        return ""


def _without_query(refresh: str) -> str:
    # The mark stays: with a query it is another address.
    before, mark, _ = refresh.partition("?")
    return f"{before}?*" if mark else before


_SHORTENED: dict[str, Callable[[str], str]] = {"location": _bare, "refresh": _without_query}


class Visit:
    """One visit under way: enforces the stop line, the pace and the deadline, and records every step.

    Base class of the visits over plain HTTP and with a browser.
    """

    transport: ClassVar[Transport]
    remote_errors: ClassVar[tuple[type[Exception], ...]] = (Failed, TimeoutError)

    def __init__(
        self, *, stop_line: StopLine, turn: PageTurn, allowance: Allowance, clock: Clock, limits: Limits
    ) -> None:
        self.line = StopLineGuard(stop_line)
        self.allowance = allowance
        self.limits = limits
        self.clock = clock
        self._turn = turn
        self._left = limits.visit.total_seconds()
        self._steps: list[Step] = []
        self._over: str | None = None
        self.ended = False
        self.screenshot: bytes | None = None
        self.pictured: int | None = None
        self.pictures: dict[int, bytes] = {}

    def last_page(self) -> Step:
        """The step last recorded. Raises `RuntimeError`, a bug of the walk, when no page was opened yet."""
        if not self._steps:
            raise RuntimeError("a walk submits forms only on a page it opened")
        return self._steps[-1]

    def capture(self) -> Capture:
        """All that was received. Raises `RuntimeError` until the visit's `async with` block has ended."""
        if not self.ended:
            raise RuntimeError("a visit's capture is complete only after its `async with` block")
        return Capture(
            transport=self.transport,
            steps=tuple(self._steps),
            screenshot=self.screenshot,
            pictured=None if self.screenshot is None else self.pictured,
        )

    def draft(self, action: str, method: str, url: str) -> Draft:
        """A new step that starts now. Raises `VisitOver` when the visit is over."""
        if self._over is not None:
            raise VisitOver(self._over)
        return Draft(action=action, method=method, url=url, started_at=self.clock.now())

    async def take(self, draft: Draft, fetch: Callable[[Draft], Awaitable[None]]) -> Step:
        """Wait for the host's turn, fetch within the time left, and record the step.

        Raises `VisitOver` when the step failed, and `NotNow` when the host may not be asked now. A mistake of
        ours is passed on; what had come until then is kept as a step.
        """
        try:
            self.allowance.check(draft.url)
        except Failed as exc:
            return self.record(draft, exc)
        await self._turn.page()
        draft.started_at = self.clock.now()
        try:
            await self._within_deadline(draft, fetch)
        except self.remote_errors as exc:
            return self.record(draft, exc)
        except Exception as bug:
            self._add(draft, Failure.OUR_FAULT, f"{type(bug).__name__}: {bug}")
            raise
        return self.record(draft)

    async def _within_deadline(self, draft: Draft, fetch: Callable[[Draft], Awaitable[None]]) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        try:
            async with asyncio.timeout(max(0.0, self._left)):
                await fetch(draft)
        finally:
            self._left -= loop.time() - start
        draft.check()

    def record(self, draft: Draft, exc: Exception | None = None) -> Step:
        """Add `draft` to the steps. Raises `VisitOver` when its status or `exc` makes it a failure.

        An HTTP error status counts more than `exc`.
        """
        failure = of_status(draft.status or 0)
        detail = ""
        if exc is not None and failure is None:
            failure, detail = of_exception(exc), str(exc)
        step = self._add(draft, failure, detail)
        if failure is not None:
            raise VisitOver(self._over) from exc
        return step

    def _add(self, draft: Draft, failure: Failure | None, detail: str) -> Step:
        """Add `draft` to the steps; with a `failure` the visit is over."""
        step = draft.step(len(self._steps), self.clock.now(), failure, " ".join(detail.split()))
        self._steps.append(step)
        if failure is not None:
            self._over = f"{failure}: {step.detail}"
        return step

    def follow(self, draft: Draft, url: str) -> None:
        """Record a redirect to `url`. Raises `Failed`, before `url` is asked for, if it is not allowed."""
        draft.redirects.append(url)
        if len(draft.redirects) > self.limits.redirects:
            raise Failed(Failure.TOO_MANY_REDIRECTS, f"more than {self.limits.redirects} redirects")
        self.allowance.check(url)
        self.check_target(url)

    def check_target(self, url: str) -> None:
        """Raise `Failed(OFF_LIMITS)` unless the stop line lists `url`, to which the site sends us."""
        if not self.line.allows(url):
            raise Failed(Failure.OFF_LIMITS, f"sent to {_bare(url)}, which the stop line does not list")

    def present(self, draft: Draft) -> Step:
        """`draft` as the step it would be if it ended now."""
        return draft.step(len(self._steps), self.clock.now(), None, "")

    def check_form(self, selector: str, page: str) -> None:
        """Raise `Failed(OFF_LIMITS)` unless the form `selector` may be submitted on the URL `page`."""
        if not self.line.allows_form(selector, page):
            raise Failed(Failure.OFF_LIMITS, f"the stop line does not list {selector} on {_bare(page)}")

    def end(self) -> None:
        """Allow no more steps; from now on `capture` works."""
        self.ended = True
        self._over = self._over or "the visit has ended"
