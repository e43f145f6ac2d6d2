"""What both transports share: limits, the step being received, and the rules every step goes through."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Protocol
from urllib.parse import urlsplit

from probes.failures import Failed, Failure, of_exception, of_status
from probes.model import Capture, Clock, Step, Transport, VisitOver
from probes.sessions.guard import Allowance, StopLineGuard
from probes.stop_line import StopLine

LANGUAGE = "fr-FR"

KEPT_HEADERS = frozenset(
    (
        "date",
        "server",
        "content-type",
        "content-length",
        "content-encoding",
        "retry-after",
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
    """What one visit may cost. `visit` counts the time spent on pages, not the pauses between them."""

    connect: timedelta = timedelta(seconds=15)
    read: timedelta = timedelta(seconds=30)
    visit: timedelta = timedelta(seconds=180)
    body: int = 5_000_000
    redirects: int = 8


class PageTurn(Protocol):
    """The host's turn, as a session needs it; `probes.sessions.pace` has the real one."""

    async def page(self) -> None:
        """Wait until one more page may be asked for; raises `NotNow` when it may not."""


@dataclass(kw_only=True)
class Draft:
    """A step while it is being received. `redirects` lists every URL we were sent on to, asked for or not."""

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
    is_file: bool = False

    def answered(self, url: str, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Note the head of an answer."""
        received = [(name.lower(), value) for name, value in headers]
        self.final_url, self.status, self.headers = url, status, kept(received)
        self.is_file = _is_file(dict(received))

    def check(self) -> None:
        """Raise `Failed` when what was received is not a page to go on from."""
        if self.status is None:
            return
        self.check_kind()
        if not self.body.strip():
            raise Failed(Failure.EMPTY_BODY)

    def check_kind(self) -> None:
        """Raise `Failed` when a browser would save the answer instead of showing it."""
        if self.is_file:
            raise Failed(Failure.INVALID_RESPONSE, "the answer is a file to download, not a page")

    def step(self, n: int, finished_at: datetime, failure: Failure | None, detail: str) -> Step:
        """The finished step."""
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
        )


def _is_file(headers: Mapping[str, str]) -> bool:
    kind = headers.get("content-type", "text/html").split(";")[0].strip().lower()
    shown = kind.startswith("text/") or kind.endswith(("/xml", "+xml", "/json", "+json", "/javascript"))
    return not shown or "attachment" in headers.get("content-disposition", "").lower()


def declared_length(headers: Iterable[tuple[str, str]]) -> int:
    """The bytes that an answer announces; 0 when it does not say."""
    value = dict(headers).get("content-length", "")
    return int(value) if re.fullmatch(r"\d{1,15}", value) else 0


def kept(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The headers worth a record, by allow-list: no cookie, no token, and `location` without its query."""
    chosen = [(name.lower(), value) for name, value in headers if name.lower() in KEPT_HEADERS]
    return tuple((name, _bare(value) if name == "location" else value) for name, value in chosen)


def _bare(url: str) -> str:
    try:
        return urlsplit(url)._replace(query="", fragment="").geturl()
    except ValueError:
        return ""


class Visit:
    """One visit under way: keeps the stop line, the pace and the deadline, and writes down every step."""

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

    def last_page(self) -> Step:
        """The current page. Raises `RuntimeError` when the walk opened none yet: a fault of ours."""
        if not self._steps:
            raise RuntimeError("a walk submits forms only on a page it opened")
        return self._steps[-1]

    def capture(self) -> Capture:
        """Everything received, complete once the visit's `async with` has ended; `RuntimeError` before."""
        if not self.ended:
            raise RuntimeError("a visit's capture is complete only after its `async with` block")
        return Capture(transport=self.transport, steps=tuple(self._steps), screenshot=self.screenshot)

    def draft(self, action: str, method: str, url: str) -> Draft:
        """A step to fill, starting now."""
        if self._over is not None:
            raise VisitOver(self._over)
        return Draft(action=action, method=method, url=url, started_at=self.clock.now())

    async def take(self, draft: Draft, fetch: Callable[[Draft], Awaitable[None]]) -> Step:
        """Wait for the turn, fetch within the time left, write the step down; `VisitOver` if it failed."""
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
        """Write `draft` down as a step; raises `VisitOver` when `exc` says why there is no page."""
        failure = of_status(draft.status or 0)
        detail = ""
        if exc is not None and failure is None:
            failure, detail = of_exception(exc), " ".join(str(exc).split())
        step = draft.step(len(self._steps), self.clock.now(), failure, detail)
        self._steps.append(step)
        if failure is not None:
            self._over = f"{failure}: {step.detail}"
            raise VisitOver(self._over) from exc
        return step

    def follow(self, draft: Draft, url: str) -> None:
        """Note that we are sent on to `url`; raises `Failed` before anything is asked for there."""
        draft.redirects.append(url)
        if len(draft.redirects) > self.limits.redirects:
            raise Failed(Failure.TOO_MANY_REDIRECTS, f"more than {self.limits.redirects} redirects")
        self.allowance.check(url)
        self.check_target(url)

    def check_target(self, url: str) -> None:
        """Raise `Failed(OFF_LIMITS)` when a redirect or a form's action leads beyond the line."""
        if not self.line.allows(url):
            raise Failed(Failure.OFF_LIMITS, f"sent to {_bare(url)}, which the stop line does not list")

    def check_form(self, selector: str, page: str) -> None:
        """Raise `Failed(OFF_LIMITS)` when a form stands on a page where it may not be submitted."""
        if not self.line.allows_form(selector, page):
            raise Failed(Failure.OFF_LIMITS, f"the stop line does not list {selector} on {_bare(page)}")

    def end(self) -> None:
        """No more steps; the capture is complete."""
        self.ended = True
        self._over = self._over or "the visit has ended"
