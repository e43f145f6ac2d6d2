"""One visit with a real Chromium: every document judged by the stop line before it is asked for.

`Step.body` is the document's entity, content encoding undone and charset untouched, as over plain HTTP;
`Step.rendered` what a person saw.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error

from probes.failures import Failed, Failure, of_exception
from probes.model import Step, Transport
from probes.sessions.browser.channel import WentAway
from probes.sessions.browser.chrome import CLOSING
from probes.sessions.browser.tab import Tab
from probes.sessions.guard import Resolver, StopLineCrossed
from probes.sessions.visit import Draft, Visit

_MOST_DIALOGS = 20


class BrowserVisit(Visit):
    """A `Session` over Chromium."""

    transport = Transport.BROWSER
    remote_errors = (*Visit.remote_errors, Error)
    tab: Tab

    def __init__(self, resolve: Resolver, **rules: Any) -> None:
        super().__init__(**rules)
        self._resolve = resolve
        self._vetted: set[str] = set()
        self._current: Draft | None = None
        self._asked = 0

    async def open(self, url: str, *, until: tuple[str, ...] = ()) -> Step:
        """Go to `url`; wait for one of `until`, or for the page to load, at most its settle time."""
        self.line.check_page(url)
        return await self.take(self.draft("open", "GET", url), partial(self._open, until))

    async def submit(
        self,
        selector: str,
        values: Mapping[str, str],
        *,
        button: str | None = None,
        until: tuple[str, ...] = (),
    ) -> Step:
        """Fill and submit the form `selector` as a person would, and wait for what follows as `open` does."""
        self.line.check_submission(selector, values, button)
        draft = self.draft("submit", "POST", self.last_page().final_url)
        try:
            self.check_form(selector, draft.url)
        except Failed as exc:
            return self.record(draft, exc)
        return await self.take(draft, partial(self._submit, selector, values, button, until))

    async def unfold(self, selector: str, *, until: tuple[str, ...] = ()) -> Step:
        """Click a control that shows more of the page, and wait for it as `open` does."""
        self.line.check_control(selector)
        draft = self.draft("unfold", "GET", self.last_page().final_url)
        return await self.take(draft, partial(self._unfold, selector, until))

    async def call(self, url: str, body: Mapping[str, object]) -> Step:
        """Raises `StopLineCrossed`: in a browser the page's own scripts make its calls."""
        raise StopLineCrossed(f"the walk calls {url} from a browser, where pages make their own calls")

    async def cookies(self) -> frozenset[str]:
        """The values of the visit's cookies, for whoever must keep them out of a page."""
        urls = sorted({url for step in self._steps for url in (step.url, step.final_url)})
        return await self.tab.cookies(urls)

    async def finish(self, quality: int | None) -> None:
        """Take the screenshot, if the visit ended on a page that could be seen."""
        if quality is None or not self._steps or self._steps[-1].rendered is None:
            return
        try:
            async with asyncio.timeout(CLOSING):
                self.screenshot = await self.tab.screenshot(quality)
        except (Failed, WentAway, Error, TimeoutError):
            # A picture is worth having, not worth losing the visit for.
            self.screenshot = None

    async def _open(self, until: tuple[str, ...], draft: Draft) -> None:
        self._watch(draft)
        try:
            await self.tab.navigate(draft.url)
            await self._read(draft, until)
        finally:
            self._current = None

    async def _submit(
        self,
        selector: str,
        values: Mapping[str, str],
        button: str | None,
        until: tuple[str, ...],
        draft: Draft,
    ) -> None:
        self._watch(draft)
        try:
            await self.tab.submit(selector, values, button)
            await self._read(draft, until)
        finally:
            self._current = None

    async def _unfold(self, selector: str, until: tuple[str, ...], draft: Draft) -> None:
        self._watch(draft)
        try:
            await self.tab.unfold(selector)
            await self._read(draft, until)
        finally:
            self._current = None

    def _watch(self, draft: Draft) -> None:
        self._current, self._asked = draft, 0

    async def _read(self, draft: Draft, until: tuple[str, ...]) -> None:
        failed = (draft.status or 200) >= 400
        # Chromium draws a page of its own over an error without a body: nobody should take it for the site's.
        if draft.body or not failed:
            draft.rendered = await self.tab.rendered(() if failed else until)
        draft.tls_sha256 = await self.tab.certificate()

    async def ask(self, url: str, method: str, *, main: bool, redirected: bool) -> None:
        """`Judge.ask`: hosts, addresses and the stop line, for the page and for the frames in it."""
        if main:
            self._judge_page(url, method, redirected)
        else:
            self.allowance.check(url)
            self.check_target(url)
        await self._vet(urlsplit(url).hostname or "")

    def _judge_page(self, url: str, method: str, redirected: bool) -> None:
        draft = self._current
        if draft is None:
            raise Failed(Failure.OFF_LIMITS, "the page moves on by itself between two steps")
        first, self._asked = self._asked == 0, self._asked + 1
        if method != "GET" and not (draft.action == "submit" and (first or redirected)):
            raise Failed(Failure.OFF_LIMITS, "the page sends a form by itself")
        if not first:
            self.follow(draft, url)
            return
        if draft.action == "submit":
            draft.url, draft.method = url, method
        self.allowance.check(url)
        self.check_target(url)

    async def _vet(self, host: str) -> None:
        if host in self._vetted:
            return
        try:
            await self.allowance.addresses(host, self._resolve)
        except OSError as exc:
            raise Failed(of_exception(exc), str(exc)) from exc
        self._vetted.add(host)

    def answered(self, url: str, status: int, headers: list[tuple[str, str]]) -> None:
        """`Judge.answered`."""
        if self._current is not None:
            self._current.answered(url, status, headers)

    def received(self, body: bytes) -> None:
        """`Judge.received`: a file would be downloaded instead of shown."""
        if self._current is not None:
            self._current.body = body
            self._current.check_kind()

    def peer(self, address: str) -> None:
        """`Judge.peer`: where the answer came from, which the resolver could not promise."""
        draft = self._current
        if draft is None or not address:
            return
        draft.server_address = address
        try:
            self.allowance.check_address(urlsplit(draft.final_url).hostname or "", address)
        except Failed:
            draft.body = b""
            raise

    def dialog(self, message: str) -> None:
        """`Judge.dialog`."""
        if self._current is not None and len(self._current.dialogs) < _MOST_DIALOGS:
            self._current.dialogs.append(message)
